#!/bin/sh
# SPDX-License-Identifier: MIT
#
# mpflash build, clean and rebuild: mpbuild's words for targets of make.
. "$(dirname "$0")/lib.sh"

need git script arm-none-eabi-gcc arm-none-eabi-objcopy make
small_tree "$T/tree"
cd "$T/tree" || exit
files=build-mpflash

# steps: the steps that ran, "compile mini/RED" each, as --json tells them
steps() {
	printf '%s\n' "$out" | sed -n 's/.*"event":"done","target":"\([^"]*\)","step":"\([^"]*\)".*/\2 \1/p' | sort | paste -sd, -
}

run "$MPFLASH" build RED --json
is 'build BOARD: exit status' "$status" 0
is 'build BOARD: the steps of make BOARD' "$(steps)" 'compile mini/RED,hex mini/RED'
run "$MPFLASH" make RED --json
is 'build BOARD: make BOARD has nothing to do then' "$(steps)" ''

run "$MPFLASH" build RED DARK --json
is 'build BOARD VARIANT: BOARD-VARIANT' "$(steps)" 'compile mini/RED-DARK,hex mini/RED-DARK'
run "$MPFLASH" build RED-DARK --json
is 'build BOARD-VARIANT: the same' "$status$(steps)" 0
ok 'its files are there' test -s $files/RED-DARK/firmware.bin

run "$MPFLASH" build mini/RED DARK BLUE -n --json
is 'boards and variants, one after the other, with the port' \
	"$(printf '%s\n' "$out" | sed -n 's/.*"event":"plan","target":"\([^"]*\)".*/\1/p' | sort -u | paste -sd, -)" mini/BLUE
run "$MPFLASH" build RED BLUE -n
is 'a board that is no variant of the one before is a board' "$status" 0
run "$MPFLASH" build RED LIGHT
is 'an unknown variant: exit status' "$status" 1
like 'an unknown variant: those that there are' "$err" "^error: board 'RED' has no variant 'LIGHT'; it has DARK\$"
run "$MPFLASH" build GREEN
is 'an unknown board: exit status' "$status" 1
like 'an unknown board' "$err" "^error: no board 'GREEN' in this tree"
run "$MPFLASH" build
is 'no board: a usage error' "$status" 2
like 'no board: what to do' "$err" '^hint: for example .mpflash build PYBV11 DP.; .mpflash boards. lists them'
run "$MPFLASH" build V=1
is 'only arguments of make: a usage error' "$status" 2
like 'only arguments of make: what is missing' "$err" '^error: a board is missing$'
for word in flash-RED verify-RED halt-RED clean-RED; do
	run "$MPFLASH" build "$word"
	is "build $word touches no device: a usage error" "$status" 2
done
run "$MPFLASH" build BOARD=BLUE RED
is 'BOARD cannot be set' "$status" 2

# Arguments of make are part of what is built, as after `--`.
run "$MPFLASH" build RED CFLAGS_EXTRA=-DX --json
is 'build BOARD NAME=VALUE: builds' "$(steps)" 'compile mini/RED,hex mini/RED'
like 'build BOARD NAME=VALUE: make gets it' "$("$MPFLASH" log RED -- CFLAGS_EXTRA=-DX)" 'gcc.* -DX'
run "$MPFLASH" make RED --json -- CFLAGS_EXTRA=-DX
is 'build BOARD NAME=VALUE: the same as after --' "$(steps)" ''
run "$MPFLASH" build RED DARK CFLAGS_EXTRA=-DX -n --json
like 'build BOARD VARIANT NAME=VALUE' "$out" '"event":"plan","target":"mini/RED-DARK","step":"compile"'
run "$MPFLASH" build --set CFLAGS_EXTRA=-DX -j 1 -k -C "$T/tree" RED -n
is 'options of make' "$status" 0

# --- clean

run "$MPFLASH" make RED RED-DARK BLUE
run "$MPFLASH" clean RED DARK
is 'clean BOARD VARIANT: exit status' "$status" 0
not_ok 'clean BOARD VARIANT: its files are gone' test -e $files/RED-DARK
ok 'clean BOARD VARIANT: those of the board are not' test -s $files/RED/firmware.bin
run "$MPFLASH" clean RED BLUE --json
is 'clean BOARD BOARD' "$(steps)" 'clean mini/BLUE,clean mini/RED'
is 'clean BOARD BOARD: both are gone' "$(find $files -name 'firmware.*')" ''
run "$MPFLASH" clean RED
is 'clean again: nothing to do' "$status" 0
run "$MPFLASH" clean GREEN
is 'clean of an unknown board: exit status' "$status" 1
run "$MPFLASH" clean
is 'clean of nothing: a usage error' "$status" 2

# --- rebuild

run "$MPFLASH" make RED --json
is 'after clean, make takes the files from the store' "$(printf '%s\n' "$out" | grep -c 'from the store')" 2
run "$MPFLASH" rebuild RED --json
is 'rebuild: exit status' "$status" 0
is 'rebuild: cleans, and really builds again' "$(steps)" 'clean mini/RED,compile mini/RED,hex mini/RED'
unlike 'rebuild: nothing is from the store' "$out" 'from the store'
is 'rebuild: clean comes first' "$(printf '%s\n' "$out" | sed -n 's/.*"event":"done".*"step":"\([^"]*\)".*/\1/p' | head -n 1)" clean
ok 'rebuild: the files are there' test -s $files/RED/firmware.hex
run "$MPFLASH" rebuild RED DARK -n --json
like 'rebuild BOARD VARIANT' "$out" '"event":"plan","target":"mini/RED-DARK","step":"compile"'
ok 'rebuild -n changes nothing' test -s $files/RED/firmware.hex
run "$MPFLASH" rebuild GREEN
is 'rebuild of an unknown board: exit status' "$status" 1

# A folder with a name of a file in it cannot be cleaned: what is in the way stops the build.
if [ "$(id -u)" = 0 ]; then
	chattr +i $files/RED/firmware.hex 2>/dev/null && locked=1 || locked=
	unlock='chattr -i'
else
	chmod a-w $files/RED && locked=1
	unlock='chmod u+w'
fi
if [ "$locked" ]; then
	run "$MPFLASH" rebuild -k RED --json
	# shellcheck disable=SC2086
	$unlock $files/RED/firmware.hex $files/RED 2>/dev/null
	is 'rebuild stops when clean fails' "$status" 1
	is 'rebuild stops when clean fails: nothing is built' "$(steps)" ''
else
	skip 'rebuild stops when clean fails' 'this file system has no immutable files'
fi

# --- deploy notes after a first build

notes='mini/RED: notes about its deployment'
sed -i 's/"deploy": \[\]/"deploy": ["..\/deploy.md"]/' ports/mini/boards/RED/board.json ports/mini/boards/BLUE/board.json
printf '### Red boards\n\nHold **BOOT**.\n' >ports/mini/boards/deploy.md
again() { # COMMAND...: with an empty store
	rm -rf "$MPFLASH_CACHE" $files
	run "$@"
}
again "$MPFLASH" build RED
unlike 'notes: not when nobody looks' "$out$err" 'notes about'
again "$MPFLASH" build RED --notes
like '--notes: shown after a first build' "$err" "^$notes\$"
like '--notes: as plain text' "$err" '^Hold BOOT\.$'
unlike '--notes: not on standard output' "$out" 'notes about|BOOT'
run "$MPFLASH" build RED --notes -B
unlike '--notes: once' "$err" 'notes about'
again "$MPFLASH" build RED --notes --json
unlike '--notes: never with --json' "$out$err" 'notes about'
again "$MPFLASH" build RED --notes -n
unlike '--notes: not with -n' "$out$err" 'notes about'
again script -qec "'$MPFLASH' build RED DARK" /dev/null
like 'notes: shown on a terminal' "$out" "^$notes"
again script -qec "'$MPFLASH' build RED --no-notes" /dev/null
unlike '--no-notes: not on a terminal' "$out" 'notes about'
again "$MPFLASH" build RED BLUE --notes
like '--notes: of two boards, where they are to be had' "$err" '^note: .*: mpflash boards --notes RED BLUE$'
again "$MPFLASH" make all --notes
unlike '--notes: not for all' "$err" 'notes'
echo broken >ports/mini/main.c
again "$MPFLASH" build RED --notes
is 'a first build that fails' "$status" 1
unlike 'a first build that fails: no notes' "$err" 'notes about'
git checkout -q ports/mini/main.c
run "$MPFLASH" build RED --notes
like 'a first build after one that failed: notes' "$err" "^$notes\$"

# --- the help

for word in build clean rebuild; do
	run "$MPFLASH" $word --help
	is "$word --help" "$status" 0
	like "$word --help: usage" "$out" "^usage: mpflash $word \[options\] BOARD \[VARIANT\]"
	like "$word --help: make's options" "$out" '^ *-j, --jobs N'
done

done_testing
