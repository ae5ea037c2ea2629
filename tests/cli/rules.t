#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Rule files on the command line: steps of your own, where they come from, and what their mistakes look like.
. "$(dirname "$0")/lib.sh"

need git arm-none-eabi-gcc make
small_tree "$T/tree"
cd "$T/tree" || exit
files=build-mpflash

# Sets mpflash.rules to the port's own statements, and standard input.
rules() {
	git show HEAD:mpflash.rules >mpflash.rules
	cat >>mpflash.rules
}

# mistake NAME LINE:COLUMN TEXT HINT: make RED fails there with a caret at that column (TEXT and HINT are EREs).
mistake() {
	run "$MPFLASH" make RED
	is "$1: exit status and stdout" "$status$out" 1
	like "$1: file, line, column and what is wrong" "$err" "^error: $T/tree/mpflash\.rules:$2: $3"
	like "$1: hint" "$err" "^hint: $4"
	mistake_line=$(sed -n "${2%:*}p" mpflash.rules)
	is "$1: the line and a caret" "$(printf '%s\n' "$err" | sed -n 2,3p)" "  $mistake_line
  $(printf "%$((${2#*:} - 1))s")^"
}

# --- the example of docs/RULES.md, for this tree's port ---
mkdir tools keys
cat >tools/sign.py <<'EOF'
#!/bin/sh
[ "$1" = --key ] && cat "$2" "$3" >"$4"
EOF
chmod +x tools/sign.py
echo 'the test key' >keys/test.pem
echo 'the release key' >keys/release.pem
sed -n '/^## A step of your own/,/^`mpflash make/s/^    //p' "$TESTS_DIR/../docs/RULES.md" |
	sed 's/^port rp2/port mini/; s/RPI_PICO2/BLUE/' >"$T/example"
like 'the example is the one of the manual' "$(cat "$T/example")" '^build firmware\.signed\.bin: sign firmware\.bin \| tools/sign\.py .key$'
rules <"$T/example"
run "$MPFLASH" make RED BLUE
is 'a step of your own: exit status' "$status" 0
like 'it runs for each board of the port' "$err" '^sign .*mini/RED: done in .*: never done before$'
like 'its file is told' "$out" "^$T/tree/$files/RED/firmware\.signed\.bin  [0-9]+ bytes\$"
cat keys/test.pem $files/RED/firmware.bin >"$T/want"
ok 'its file is right' cmp "$T/want" $files/RED/firmware.signed.bin
cat keys/release.pem $files/BLUE/firmware.bin >"$T/want"
ok 'a board has its own key' cmp "$T/want" $files/BLUE/firmware.signed.bin
run "$MPFLASH" make RED BLUE
like 'the second time there is nothing to do' "$err" '^nothing to do: 6 steps up to date'
echo 'another test key' >keys/test.pem
run "$MPFLASH" make RED BLUE
like 'its key changed: that step runs' "$err" '^sign .*mini/RED: done in .*: keys/test\.pem changed$'
like 'and no other' "$err" ' \(1 step run, 5 up to date'
touch keys/test.pem tools/sign.py
run "$MPFLASH" make RED
like 'a touch is no change' "$err" '^nothing to do: 3 steps up to date'
echo '# a remark' >>tools/sign.py
run "$MPFLASH" make RED
like 'its program changed' "$err" '^sign .*mini/RED: done in .*tools/sign\.py changed'
rm $files/RED/firmware.signed.bin
run "$MPFLASH" make signed.bin-RED
like 'a target of its own; a lost file comes back' "$err" '^sign .*mini/RED: .*, firmware\.signed\.bin from the store$'
run "$MPFLASH" make RED --set CFLAGS_EXTRA=-DMINI_DARK
like 'a changed input' "$err" '^sign .*mini/RED: done in .*: firmware\.bin changed$'
run "$MPFLASH" make -n -B signed.bin-RED
like '-n tells it' "$err" '^sign .*mini/RED: would run'

# --- when the command fails ---
cat >tools/sign.py <<'EOF'
#!/bin/sh
echo "no such key: $2"
exit 3
EOF
run "$MPFLASH" make RED
is 'a failing command: exit status' "$status" 1
like 'a failing command: the error' "$err" '^error: mini/RED firmware\.signed\.bin: the command ended with exit status 3$'
like 'a failing command: its words' "$err" '^    no such key: keys/test\.pem$'
like 'a failing command: where its rule is' "$err" "^hint: the rule 'sign' stands at $T/tree/mpflash\.rules:[0-9]+\$"
ok 'a failing command: the other files are there' test -s $files/RED/firmware.hex
printf '#!/bin/sh\n: nothing\n' >tools/sign.py
run "$MPFLASH" make RED
like 'a command that makes nothing' "$err" 'mini/RED firmware\.signed\.bin: the command ended well but made no firmware\.signed\.bin$'
cat >tools/sign.py <<'EOF'
#!/bin/sh
env >"$4"
EOF
MY_SECRET=1 "$MPFLASH" make RED >"$T/out" 2>&1
unlike "a command does not see your environment" "$(cat $files/RED/firmware.signed.bin)" '^MY_SECRET='
chmod -x tools/sign.py
run "$MPFLASH" make RED
like 'a program that cannot run' "$err" '^error: .*mpflash\.rules:[0-9]+:[0-9]+: there is no program .*tools/sign\.py$'
rm tools/sign.py

# --- other places for rules ---
git show HEAD:mpflash.rules >mpflash.rules
cat >"$T/more.rules" <<'EOF'
rule twice
  command = sh -c 'cat "$$1" "$$1" >"$$2"' sh $in $out

port mini
  build firmware.twice: twice firmware.hex
EOF
run "$MPFLASH" make --rules "$T/more.rules" twice-RED
is '--rules: exit status' "$status" 0
cat $files/RED/firmware.hex $files/RED/firmware.hex >"$T/want"
ok '--rules: its file' cmp "$T/want" $files/RED/firmware.twice
run "$MPFLASH" make twice-RED
is 'without --rules there is no such target' "$status" 1
mkdir "$T/lib"
printf 'suffix = once more\n' >"$T/lib/words.rules"
cat >"$T/lib/all.rules" <<'EOF'
include words.rules
rule say
  command = sh -c 'echo "$$2" >"$$1"' sh $out "$suffix"
port mini
  build said.txt: say
EOF
printf 'include ../lib/all.rules\n' | rules
run "$MPFLASH" make RED
is 'include, from the folder of each file' "$(cat $files/RED/said.txt)" 'once more'
printf 'suffix = in the other words\n' >"$T/lib/words.rules"
run "$MPFLASH" make RED
is 'a change of an included file' "$(cat $files/RED/said.txt)" 'in the other words'

# --- statements of the tree ---
rules <<'EOF'
EOF
{
	cat <<'EOF'
rule join
  command = sh -c 'cat "$$@" >"$$0"' $out $in
build docs/both.txt: join docs/one.txt docs/two.txt
EOF
	cat mpflash.rules
} >"$T/rules" && cp "$T/rules" mpflash.rules
mkdir docs
echo one >docs/one.txt
echo two >docs/two.txt
run "$MPFLASH" make docs/both.txt
is 'a file of the tree: exit status' "$status" 0
is 'a file of the tree: made in its place' "$(cat docs/both.txt)" "$(printf 'one\ntwo')"
run "$MPFLASH" make docs/both.txt
like 'a file of the tree: nothing to do' "$err" '^nothing to do: 1 step up to date'
echo three >docs/two.txt
run "$MPFLASH" make docs/both.txt
like 'a file of the tree: its input changed' "$err" 'docs/two\.txt changed$'
run "$MPFLASH" make RED
unlike 'a board does not need it' "$err" '^join '
rm docs/one.txt
run "$MPFLASH" make docs/both.txt
like 'an input that is not there' "$err" '^error: .*mpflash\.rules:3:1: .*needs docs/one\.txt, which does not exist$'

# --- what cannot be ---
rules <<'EOF'
rule copy
  command = cp $in $out
port mini
  build a.txt: copy b.txt
  build b.txt: copy c.txt
  build c.txt: copy a.txt
EOF
run "$MPFLASH" make RED
is 'steps in a circle: exit status' "$status" 1
like 'steps in a circle: named' "$err" "^error: steps wait for each other: 'mini/RED [abc]\.txt' needs 'mini/RED [abc]\.txt'"
is 'steps in a circle: one error' "$(printf '%s\n' "$err" | grep -Ec '^(error|hint): ')" 2
rules <<'EOF'
rule copy
  command = cp $in $out
port mini
  build a.txt: copy firmware.bin
  build a.txt: copy firmware.hex
EOF
first=$(grep -n 'build a.txt: copy firmware.bin' mpflash.rules | cut -d: -f1)
mistake 'two steps for one file' "$((first + 1)):3" "two steps make a\.txt for mini/RED: $T/tree/mpflash\.rules:$first does too" \
	'remove one, or put one into a narrower block'
rules <<'EOF'
rule copy
  command = cp $in $out
port mini
  build a.txt: copy firmware.bin
  board RED
    build a.txt: copy firmware.hex
EOF
run "$MPFLASH" make RED
ok 'the narrower one of two wins' cmp $files/RED/a.txt $files/RED/firmware.hex

# --- mistakes ---
lines=$(git show HEAD:mpflash.rules | wc -l)
next() { # N: the number of the Nth line after the port's own
	echo $((lines + $1))
}
printf 'port mini\n  build a.bin: sing firmware.bin\nrule sign\n  command = true\n' | rules
mistake 'an unknown rule' "$(next 2):16" "unknown rule 'sing'\$" "did you mean 'sign'\?"
printf 'port mini\n   inputs = a\n  inputs = b\n' | rules
mistake 'uneven indentation' "$(next 3):3" 'indented by 2, but its block by 3$' 'all lines of a block start in the same column'
printf 'rule sign\n  description = x\n' | rules
mistake 'a rule without a command' "$(next 1):6" "rule 'sign' has no command\$" 'write below it, indented: command = '
printf 'include nowhere.rules\n' | rules
mistake 'an include that is not there' "$(next 1):9" 'cannot include: cannot read .*/nowhere\.rules: ' 'the path is taken from'
printf 'port mini\n  build : copy x\n' | rules
mistake 'no output' "$(next 2):9" "expected an output after 'build'\$" 'write: build OUT'
rules <<'EOF'
port mini
  flash.base = ${unknown
EOF
mistake 'a variable without an end' "$(next 2):25" "expected '}' after the name\$" "write '..' for a dollar sign"
printf 'some words\n' | rules
mistake 'a line that is nothing' "$(next 1):1" "unknown statement 'some'\$" "a line is 'name = value' or"
printf 'port mini\n  build a.txt: flash firmware.bin\n' | rules
mistake 'a rule that cannot be a build' "$(next 2):16" "this version cannot run the rule 'flash' in a build" 'use compile, merge, bin'
printf 'port mini\n  flash.base = 0xzz\n' | rules
run "$MPFLASH" make dfu-RED
is 'a value that is no number: exit status' "$status" 1
like 'a value that is no number: error' "$err" '^error: .*flash\.base.*0xzz'

done_testing
