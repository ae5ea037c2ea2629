#!/bin/sh
# SPDX-License-Identifier: MIT
#
# mpflash make flash-BOARD, verify-BOARD, halt-BOARD: from source to a board under QEMU that answers, with the sample tree.
. "$(dirname "$0")/lib.sh"

need git arm-none-eabi-gcc make gcc python3 qemu-system-arm
sample_tree "$T/tree"
cd "$T/tree" || exit
board=MPS2_AN385
source=ports/qemu/main.c

# The processes of the boards that run.
machines() {
	(cd / && processes_of "$T" qemu-system-)
}

# field NAME: of the first board in `list --json`.
field() {
	"$MPFLASH" list --json | python3 -c 'import json, sys; print(json.load(sys.stdin)[0][sys.argv[1]])' "$1"
}

# --- the first time, and the second ---
run "$MPFLASH" make -n flash-$board
is '-n starts nothing' "$status$(machines)" 0
like '-n tells the whole way' "$err" "^flash    qemu/$board: would run: after qemu/$board firmware\.elf\$"
run "$MPFLASH" make flash-$board
is 'flash: exit status' "$status" 0
like 'mpy-cross is built' "$err" '^compile  mpy-cross: done in .*: never done before$'
like 'then the board' "$err" "^compile  qemu/$board: done in .*: never done before\$"
like 'then it is flashed' "$err" "^flash    qemu/$board: done in .*: the board is not running; [1-9][0-9]* bytes written and verified\$"
like 'it answers, on stdout' "$out" \
	"^qemu/$board on /dev/.*: MicroPython v1\.29\.0-preview on 2026-01-01; mps2-an385 with Cortex-M3\$"
like 'its file is told' "$out" "^$T/tree/build-mpflash/$board/firmware\.elf  [1-9][0-9]* bytes\$"
like 'the sum counts it' "$err" '^1 built, 1 flashed in .* \(3 steps run, 0 up to date\)$'
machine=$(machines)
ok 'one machine runs' kill -0 "$machine"
cp build-mpflash/$board/firmware.elf "$T/first.elf"

run "$MPFLASH" make --explain flash-$board
is 'the second time: exit status, no output' "$status$out" 0
like 'the second time: no mpy-cross, and why' "$err" '^compile  mpy-cross: nothing to do: none of its [0-9]+ files, flags and tools changed$'
like 'no compile, and why' "$err" "^compile  qemu/$board: nothing to do: none of its [0-9]+ files, flags and tools changed\$"
like 'no flash, and why' "$err" \
	"^flash    qemu/$board: nothing to do: the board has this image and answers 'MicroPython v1\.29\.0-preview on 2026-01-01; mps2-an385 with Cortex-M3' on /dev/"
like 'and says so' "$err" '^nothing to do: 3 steps up to date'
is 'the same machine' "$(machines)" "$machine"
run "$MPFLASH" make --no-probe flash-$board
like '--no-probe does not ask' "$err" "^flash    qemu/$board: nothing to do: the record says that it has this image; not asked\$"
touch $source py/*.h
run "$MPFLASH" make flash-$board
like 'after a touch' "$err" '^nothing to do: 3 steps up to date'

# --- verify ---
run "$MPFLASH" make verify-$board
is 'verify: exit status' "$status" 0
like 'verify: every byte' "$err" "^verify   qemu/$board: done in .*: [1-9][0-9]* bytes are the same\$"

# --- other content ---
printf 'const char extra_byte[] __attribute__((used)) = "x";\n' >>$source
run "$MPFLASH" make --json flash-$board
is 'one line more: exit status' "$status" 0
summary=$(printf '%s\n' "$out" | python3 -c '
import json, sys
events = [json.loads(line) for line in sys.stdin]
print([e["description"] for e in events if e["event"] == "device"])
print([events[-1][k] for k in ("run", "skipped", "failed", "flashed")])')
like 'one line more: the board says that it runs the change' "$summary" 'v1\.29\.0-preview\.dirty\.[0-9a-f]{8}'
like 'one line more: compiled and flashed, mpy-cross not' "$summary" '^\[2, 1, 0, 1\]$'
isnt 'a new machine' "$(machines)" "$machine"
cp build-mpflash/$board/firmware.elf "$T/second.elf"
run "$MPFLASH" make verify-$board --image "$T/first.elf"
is 'verify against other firmware: exit status' "$status" 1
like 'verify names the first address' "$err" '^error: qemu/MPS2_AN385 verify: .*0x[0-9a-f]+'
git checkout -q $source
run "$MPFLASH" make flash-$board
unlike 'changed back: no compile' "$err" '^compile .*\.\.\.$'
like 'changed back: flashed, and why' "$err" \
	"^flash    qemu/$board: done in .*: the board has v1\.29\.0-preview\.dirty\.[0-9a-f]{8}, the image is v1\.29\.0-preview;"

# --- behind its back ---
run "$MPFLASH" make flash-$board --image "$T/second.elf"
like 'another file by hand' "$out" 'MicroPython v1\.29\.0-preview\.dirty\.'
run "$MPFLASH" make verify-$board
is 'verify sees that it is not the build' "$status" 1
run "$MPFLASH" make flash-$board
like 'flash puts the build back' "$err" "^flash    qemu/$board: done in .*: the board has another image;"
kill -KILL "$(machines)"
run "$MPFLASH" make flash-$board
like 'a dead board is started again' "$err" "^flash    qemu/$board: done in .*: the board is not running;"
is 'a dead board is started again: exit status' "$status" 0
run "$MPFLASH" make --no-probe flash-$board
like 'and known again' "$err" 'not asked$'
run "$MPFLASH" make -B flash-$board -o "$T/out"
like '-B flashes' "$err" "^flash    qemu/$board: done in .*: forced \(-B\);"

# --- halt ---
run "$MPFLASH" make halt-$board
like 'halt' "$err" "^halt     qemu/$board: done in .*: it was running\$"
is 'nothing runs' "$(machines)" ''
run "$MPFLASH" make halt-$board
like 'halt again' "$err" "^halt     qemu/$board: done in .*: it was not running\$"
run "$MPFLASH" make verify-$board
is 'verify of what is not there: exit status' "$status" 1
like 'verify of what is not there: how to start it' "$err" "^hint: .mpflash make flash-$board. starts it\$"

done_testing
