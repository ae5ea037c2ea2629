#!/bin/sh
# SPDX-License-Identifier: MIT
#
# compile_commands.json and the linker's map lie beside the firmware, for make and for CMake: each source once, with the words that its
# compiler had, which make the same object again. What was not compiled this time stays in it, and what is gone goes.
# Runs once: it compiles a real port.
. "$(dirname "$0")/lib.sh"

need git arm-none-eabi-gcc make cmake python3
cd "$T" || exit
small_tree small
sample_tree sample

cat >check.py <<'END'
"""check.py FILE: one line a source; each command, run again, makes the object that the build has."""
import json, os, subprocess, sys

for c in json.load(open(sys.argv[1])):
    assert set(c) == {"directory", "file", "output", "arguments"}, c
    words, out = list(c["arguments"]), os.path.join(c["directory"], c["output"])
    words[words.index("-o") + 1] = os.environ["T"] + "/again.o"
    drop = [i for i, w in enumerate(words) if w in ("-MF", "-MT", "-MQ")]
    for i in reversed(drop):  # the build's own dependency file stays as it is
        del words[i : i + 2]
    words = [w for w in words if w not in ("-MD", "-MMD", "-MP")]
    subprocess.run(words, cwd=c["directory"], check=True)
    same = open(out, "rb").read() == open(os.environ["T"] + "/again.o", "rb").read()
    print(os.path.relpath(os.path.join(c["directory"], c["file"]), sys.argv[2]), "same" if same else "DIFFERS")
END
export T
# commands TREE BOARD
commands() {
	python3 check.py "$1/build-mpflash/$2/compile_commands.json" "$T/$1" 2>&1
}

# --- make ---
run "$MPFLASH" make -C small --builder host --set 'CFLAGS_EXTRA=-DTEXT="a b"' BLUE
is 'make: exit status' "$status" 0 || diag "$err"
is 'make: its sources, and the same objects' "$(commands small BLUE)" 'ports/mini/boards/BLUE/board.c same
ports/mini/main.c same'
ok 'make: the map' test -s small/build-mpflash/BLUE/firmware.map
is 'a word with a blank is one word' "$(python3 -c 'import json
print(sum("-DTEXT=a b" in c["arguments"] for c in json.load(open("small/build-mpflash/BLUE/compile_commands.json"))))')" 2
run "$MPFLASH" make -C small --builder host --set 'CFLAGS_EXTRA=-DTEXT="a b"' BLUE
like 'nothing to do' "$err" '^nothing to do'

run "$MPFLASH" make -C small --builder host BLUE
is 'other flags: exit status' "$status" 0 || diag "$err"
echo 'int more(void); int more(void) { return 2; }' >small/ports/mini/boards/BLUE/more.c
run "$MPFLASH" make -C small --builder host BLUE
is 'a source came' "$(commands small BLUE | wc -l)" 3
rm small/ports/mini/boards/BLUE/more.c
echo '/* edited */' >>small/ports/mini/main.c
run "$MPFLASH" make -C small --builder host BLUE
is 'and went' "$(commands small BLUE | wc -l)" 2
run "$MPFLASH" make -C small clean-BLUE
not_ok 'clean removes it' test -e small/build-mpflash/BLUE/compile_commands.json

# A build that cannot be followed has none, and says nothing wrong.
MPFLASH_TRACE=/nowhere run "$MPFLASH" make -C small --builder host RED
is 'not traced: exit status' "$status" 0 || diag "$err"
not_ok 'not traced: there is none' test -e small/build-mpflash/RED/compile_commands.json

# --- CMake, and a real port of make ---
run "$MPFLASH" make -C sample --builder host RPI_PICO PYBV11
is 'real ports: exit status' "$status" 0 || diag "$err"
ok 'CMake: the map' test -s sample/build-mpflash/RPI_PICO/firmware.elf.map
ok 'stm32: the map' test -s sample/build-mpflash/PYBV11/firmware.map
for board in RPI_PICO:rp2 PYBV11:stm32; do
	commands sample "${board%:*}" >list
	isnt "$board: many sources" "$(($(wc -l <list) / 10))" 0
	is "$board: the same objects" "$(grep -v ' same$' list)" ''
	ok "$board: its main.c" grep -q "^ports/${board#*:}/main.c same$" list
	ok "$board: the core's" grep -q '^py/.*\.c same$' list
	is "$board: each once" "$(sort list | uniq -d)" ''
done

commands sample PYBV11 >before
echo '/* edited */' >>sample/py/lexer.c
run "$MPFLASH" make -C sample --builder host --explain PYBV11
like 'one source changed: the folder is gone on with' "$err" 'the work folder is gone on with'
like 'one source changed: few are compiled' "$("$MPFLASH" log -C sample PYBV11)" 'CC .*lexer\.c'
unlike 'one source changed: the others are not' "$("$MPFLASH" log -C sample PYBV11)" 'CC .*main\.c'
is 'one source changed: all are there' "$(commands sample PYBV11)" "$(cat before)"

# --- log: what the last build said ---
run "$MPFLASH" log -C sample RPI_PICO
like 'log: what make said' "$out" 'Building C object|\[100%\]'
run "$MPFLASH" log -C sample PYBV11
is 'log: exit status' "$status" 0
like 'log: what make said of stm32' "$out" '^(CC|LINK|GEN) '
done_testing
