#!/bin/sh
# SPDX-License-Identifier: MIT
#
# mpflash why: every cause, with the old and the new value, of each step that would run; and why the others would not.
. "$(dirname "$0")/lib.sh"

need git arm-none-eabi-gcc make python3
small_tree "$T/tree"
cd "$T/tree" || exit

# The value of a Python expression over the JSON of the last command: d, and of the compile step c.
json() {
	printf '%s' "$out" | python3 -c '
import json, sys
d = json.load(sys.stdin)
c = next(s for s in d if s["label"] == "compile")
print(eval(sys.argv[1]))' "$1"
}

# Runs why, which never fails because of what it finds; then make -n for the same.
why() { # [WORD...]
	run "$MPFLASH" make -n --explain RED "$@"
	plan=$err
	run "$MPFLASH" why RED "$@"
	[ "$status$err" = 0 ] || diag "why: exit status $status: $err"
}
hex16='[0-9a-f]{16}'

why
like 'never run' "$out" '^mini/RED compile: would run: never done before$'
like 'never run: there is no success' "$out" '^  last success: none in this tree$'
like 'never run: what follows is not known' "$out" "^mini/RED hex: not known before 'mini/RED compile' has run\$"
is 'nothing was written' "$(ls -A "$MPFLASH_CACHE"; git status --porcelain --ignored)" ''

run "$MPFLASH" make RED
why
like 'nothing to do' "$out" '^mini/RED compile: nothing to do: none of its [0-9]+ files, flags and tools changed$'
like 'when it was made, and the stamp' "$out" \
	'^  last success: made 20[0-9-]{8} [0-9:]{8} in [0-9.]+ s, with v1\.29\.0-preview built in$'
like 'what was compared' "$out" \
	'^  compared: [1-9][0-9]* files read, [1-9][0-9]* looked for in vain, [1-9][0-9]* folders, [1-9][0-9]* flags and variables$'
like 'nothing changed' "$out" '^  since then nothing of that changed$'
like 'the conversion too' "$out" '^mini/RED hex: nothing to do: what it is made from did not change$'
run "$MPFLASH" why --json RED
is 'JSON: verdicts' "$(json "[s['verdict'] for s in d]")" "['fresh', 'fresh']"
is 'JSON: the last success' "$(json "(c['last']['in_store'], c['last']['stamp'], len(c['last']['key']), c['record'])")" \
	"(True, 'v1.29.0-preview', 32, True)"
is 'JSON: no causes' "$(json "[s['causes'] for s in d]")" '[[], []]'

# --- files ---
printf '/* more */\n' >>py/mini.h
why
like 'a file changed' "$out" '^mini/RED compile: would run: py/mini\.h changed$'
like 'the old and the new digest' "$out" "^    py/mini\\.h changed: $hex16 -> $hex16\$"
like 'the plan gives the same cause' "$plan" '^compile .*: py/mini\.h changed'
like 'what follows is not known' "$out" "^mini/RED hex: not known before 'mini/RED compile' has run\$"
run "$MPFLASH" why --json RED
is 'JSON: the file' "$(json "[(x['kind'], x['name'], x['change'], len(x['old']), len(x['new']), x['old'] == x['new'])
	for x in c['causes']]")" "[('file', 'py/mini.h', 'changed', 32, 32, False)]"
is 'JSON: what waits for it' "$(json "(d[1]['verdict'], d[1]['after'])")" "('after', 'mini/RED firmware.elf')"
: >ports/mini/boards/RED/new.c
rm ports/mini/boards/RED/mpconfigvariant_DARK.mk
why
like 'several: the changed one' "$out" '^    py/mini\.h changed: '
like 'several: the new one' "$out" '^    ports/mini/boards/RED/new\.c is new, in a folder that it listed$'
like 'several: the removed one' "$out" '^    ports/mini/boards/RED/mpconfigvariant_DARK\.mk is gone, in a folder that it listed$'
for i in $(seq 1 60); do
	: >"ports/mini/boards/RED/many$i.c"
done
why
is 'a long list is cut' "$(printf '%s\n' "$out" | grep -c '^    ')" 51
like 'and the rest is counted' "$out" '^    and 13 more$'
like 'the plan names three' "$plan" '^compile .*, .*, .* and 60 more'
run "$MPFLASH" why --json RED
is 'JSON: all of it' "$(json "len(c['causes'])")" 63
git clean -qfdx ports && git checkout -q .
why
like 'all undone' "$out" '^mini/RED compile: nothing to do: '

# --- flags, variables, tools ---
why --set CFLAGS_EXTRA=-DMINI_DARK
like 'a new flag' "$out" '^    argument CFLAGS_EXTRA is new: CFLAGS_EXTRA=-DMINI_DARK$'
run "$MPFLASH" make RED --set CFLAGS_EXTRA=-DMINI_DARK
why --set CFLAGS_EXTRA=-DOTHER
like 'another value' "$out" \
	'^    argument CFLAGS_EXTRA changed: CFLAGS_EXTRA=-DMINI_DARK -> CFLAGS_EXTRA=-DOTHER$'
like 'the plan names the flag' "$plan" '^compile .*: argument CFLAGS_EXTRA changed'
why
like 'made once before: nothing to do' "$out" '^mini/RED compile: nothing to do: the store has what it makes now$'
like 'but the files are not in place' "$out" '^  not in place, but in the store: firmware\.elf, '
like 'and what differs from the last success is told' "$out" \
	'^    argument CFLAGS_EXTRA is gone: it was CFLAGS_EXTRA=-DMINI_DARK$'
run "$MPFLASH" make RED
cat >"$T/env.rules" <<'RULES'
port mini
  env = MINI_MODE=fast
RULES
why --rules "$T/env.rules"
like 'a variable of the environment' "$out" '^    environment MINI_MODE is new: fast$'
mkdir "$T/bin"
printf '#!/bin/sh\nexec %s "$@"\n' "$(command -v arm-none-eabi-gcc)" >"$T/bin/arm-none-eabi-gcc"
chmod +x "$T/bin/arm-none-eabi-gcc"
old_path=$PATH
PATH=$T/bin:$PATH
why
like 'a compiler earlier on the PATH' "$out" "^    environment PATH changed: /.* -> $T/bin:/"
run "$MPFLASH" make RED
printf '# a new version\n' >>"$T/bin/arm-none-eabi-gcc"
why
like 'a new version of the compiler' "$out" "^    $T/bin/arm-none-eabi-gcc changed: $hex16 -> $hex16\$"
PATH=$old_path
run "$MPFLASH" make RED

# --- look-ups, links, and names of which the record is lost ---
printf '/* for nobody */\n' >ports/mini/mini.h
why
like 'what was looked for in vain' "$out" "^    ports/mini/mini.h is new: absent -> $hex16\$"
run "$MPFLASH" why --json RED
is 'JSON: it was absent' "$(json "[(x['kind'], x['old']) for x in c['causes']]")" "[('file', 'absent')]"
rm ports/mini/mini.h
cp py/mini.h py/one.h
sed 's/16/17/' py/mini.h >py/two.h
ln -sf one.h py/mini.h
run "$MPFLASH" make RED
ln -sf two.h py/mini.h
why
like 'a link: its old and its new text' "$out" '^    py/mini\.h changed: one\.h -> two\.h$'
run "$MPFLASH" why --json RED
is 'JSON: a link' "$(json "[(x['kind'], x['old'], x['new']) for x in c['causes']]")" "[('link', 'one.h', 'two.h')]"
ln -sf one.h py/mini.h
why
like 'the link as before' "$out" '^mini/RED compile: nothing to do: '
: >ports/mini/boards/RED/new.c
find "$MPFLASH_CACHE/blobs" -type f -exec touch -d '1 day ago' {} +
run "$MPFLASH" cache gc
why
like 'names are kept by a collection' "$out" '^    ports/mini/boards/RED/new\.c is new, in a folder that it listed$'
for blob in "$MPFLASH_CACHE"/blobs/*/*; do
	! grep -q 'mpconfigvariant_DARK\.mk' "$blob" || rm -f "$blob"
done
why
like 'names of which the record is lost' "$out" "^    the names in ports/mini/boards/RED changed: $hex16 -> $hex16\$"
rm ports/mini/boards/RED/new.c py/one.h py/two.h
git checkout -q .

# --- without tracing: declared inputs ---
tracer=${MPFLASH_TRACE-} # the runner may have set it
MPFLASH_TRACE=/nowhere
export MPFLASH_TRACE
why
like 'a closure holds without tracing' "$out" '^mini/RED compile: nothing to do: '
why --set CFLAGS_EXTRA=-DUNSEEN
like 'traced before, declared now' "$out" '^    the build cannot be traced now$'
unlike 'tools that were in the closure are not new' "$out" '^    (tool|inputs) '
run "$MPFLASH" make RED --set CFLAGS_EXTRA=-DUNSEEN
printf '/* more */\n' >>ports/mini/boards/BLUE/board.c
why --set CFLAGS_EXTRA=-DUNSEEN
like 'declared inputs: a file changed' "$out" "^    ports/mini/boards/BLUE/board\\.c changed: $hex16 -> $hex16\$"
like 'declared inputs: what was compared' "$out" \
	'^  compared: [1-9][0-9]* declared files, and [1-9][0-9]* flags, variables and tools$'
git checkout -q .
MPFLASH_TRACE=$tracer
[ -n "$tracer" ] || unset MPFLASH_TRACE
why --set CFLAGS_EXTRA=-DOTHER
like 'declared before, traced now' "$out" '^    the build can be traced now$'
unlike 'tools that were declared are not gone' "$out" '^    (tool|inputs) '

# --- steps of rules ---
mkdir tools
cat >tools/sign <<'SH'
#!/bin/sh
cat "$1" "$2" >"$3"
SH
chmod +x tools/sign
echo one >tools/key
cat >"$T/sign.rules" <<'RULES'
rule sign
  command = tools/sign $in $out
port mini
  build firmware.signed.bin: sign firmware.bin tools/key
RULES
run "$MPFLASH" make RED --rules "$T/sign.rules"
is 'a signed build' "$status" 0
echo two >tools/key
why --rules "$T/sign.rules"
like 'a command: the input that changed' "$out" "^mini/RED sign signed\\.bin: would run: tools/key changed\$"
like 'a command: its digests' "$out" "^    tools/key changed: $hex16 -> $hex16\$"
mv tools/sign tools/sing
run "$MPFLASH" why RED --rules "$T/sign.rules"
is 'a step that cannot be judged is an error' "$status" 1
like 'it is told in its place' "$out" '^mini/RED sign signed\.bin: cannot be judged: '
like 'and at the end' "$err" '^error: .*there is no program '
like 'the others are judged' "$out" '^mini/RED hex: nothing to do: '
run "$MPFLASH" why --json RED --rules "$T/sign.rules"
is 'JSON: an error is a verdict' "$status $(json "[s['verdict'] for s in d if s['label'] == 'sign signed.bin']")" "1 ['error']"
rm -r tools

# --- mpy-cross: what depends on it is judged as far as it can be ---
sample_tree "$T/sample"
run "$MPFLASH" make -C "$T/sample" MPS2_AN385
is 'a board with an mpy-cross' "$status" 0
run "$MPFLASH" why -C "$T/sample" MPS2_AN385
is 'nothing to do, twice' "$(printf '%s\n' "$out" | grep -c '^[^ ].*: nothing to do: none of its ')" 2
printf '/* more */\n' >>"$T/sample/mpy-cross/main.c"
run "$MPFLASH" why -C "$T/sample" MPS2_AN385
like 'mpy-cross would run' "$out" '^mpy-cross compile: would run: mpy-cross/main\.c changed$'
like 'the board: not known yet' "$out" "^qemu/MPS2_AN385 compile: not known before 'mpy-cross compile' has run\$"
like 'nothing else changed' "$out" '^  since then nothing of that changed$'
printf '/* more */\n' >>"$T/sample/ports/qemu/main.c"
run "$MPFLASH" why -C "$T/sample" MPS2_AN385
like 'what is known of it is told' "$out" '^    ports/qemu/main\.c changed: '
unlike 'what is not known is no cause' "$out" '^    mpy-cross '

# --- what the store lost ---
run "$MPFLASH" make RED
rm -r "$MPFLASH_CACHE"/blobs
why
like 'lost outputs' "$out" '^mini/RED compile: would run: the store lost firmware\.elf \(missing or corrupt\)$'
like 'a lost record' "$out" '^  what it was made of then is not in the store any more$'
run "$MPFLASH" why --json RED
is 'JSON: a lost record' "$(json "c['record']")" False

# --- errors ---
run "$MPFLASH" why
is 'no target: usage' "$status" 2
run "$MPFLASH" why RDE
is 'an unknown board' "$status$out" 1

done_testing
