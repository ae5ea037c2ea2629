#!/bin/sh
# SPDX-License-Identifier: MIT
#
# mpflash make flash-BOARD --image FILE: a real MicroPython, as Debian ships it for the micro:bit, into a board under QEMU,
# without any source tree; and files that must not be written.
. "$(dirname "$0")/lib.sh"

need python3 qemu-system-arm
hex=/usr/share/firmware-microbit-micropython/firmware.hex
[ -r "$hex" ] || bail "$hex is not here; ./configure --deps test installs it"
cd "$T" || exit

machines() {
	(cd / && processes_of "$T" qemu-system-)
}

run "$MPFLASH" make flash-qemu/MICROBIT --image "$hex"
is 'no tree needed: exit status' "$status" 0
like 'the real MicroPython answers' "$out" '^qemu/MICROBIT on /dev/.*: MicroPython v1\.[0-9.]+.* with nRF51822$'
like 'its bytes are verified' "$err" '^flash    qemu/MICROBIT: done in .*: the board is not running; 2438[0-9][0-9] bytes written and verified$'
machine=$(machines)
run "$MPFLASH" make flash-qemu/MICROBIT --image "$hex"
like 'again: nothing to do, and why' "$err" '^flash    qemu/MICROBIT: nothing to do: the board has this image and answers '
like 'again: says so' "$err" '^nothing to do: 1 step up to date'
run "$MPFLASH" make verify-qemu/MICROBIT --image "$hex"
is 'verify: exit status' "$status" 0
for to in dfu uf2; do
	"$MPFLASH" convert "$hex" "copy.$to"
	run "$MPFLASH" make flash-qemu/MICROBIT --image "copy.$to"
	like "the same firmware as $to: nothing to do" "$err" '^nothing to do: 1 step up to date'
done
run "$MPFLASH" make flash-MICROBIT --image "$hex"
like 'without the port, where only one has it' "$err" '^nothing to do: 1 step up to date'
is 'all the time the same machine' "$(machines)" "$machine"

# --- what must not be written; the board runs on ---
# refused NAME ERROR FILE
refused() {
	run "$MPFLASH" make flash-qemu/MICROBIT --image "$3"
	is "$1: exit status and stdout" "$status$out" 1
	like "$1: why" "$err" "^error: .*$2"
	is "$1: one error and one hint" "$(printf '%s\n' "$err" | grep -c '^error: ') $(printf '%s\n' "$err" | grep -c '^hint: ')" '1 1'
	is "$1: the board runs on" "$(machines)" "$machine"
}

printf 'bytes of nothing' >some.bin
"$MPFLASH" convert --base 0x08000000 some.bin elsewhere.hex
refused 'an image for another address' '0x08000000' elsewhere.hex
head -c 1100000 /dev/zero >big.bin
"$MPFLASH" convert --base 0 big.bin big.hex
refused 'an image that does not fit' '.' big.hex
"$MPFLASH" convert --base 0 some.bin nothing.hex
refused 'an image without a start' '.' nothing.hex
sed '100s/^:10......../:1000000000/' "$hex" >bad.hex
refused 'a damaged file' 'bad\.hex .*line 100' bad.hex
head -c 4000 copy.uf2 >short.uf2
refused 'half a file' 'short\.uf2' short.uf2
refused 'a file that is not there' 'nowhere\.hex' nowhere.hex
printf 'hello' >hello.txt
refused 'a file that is no firmware' 'hello\.txt' hello.txt
run "$MPFLASH" make flash-qemu/MICROBIT --image "$hex"
like 'after all that the board still answers' "$err" '^nothing to do: 1 step up to date'

# --- boards and methods ---
run "$MPFLASH" make flash-qemu/MICROBYTE --image "$hex"
is 'a board that no rules know' "$status" 1
like 'it is named' "$err" '^error: .*MICROBYTE'
run "$MPFLASH" make flash-NUCLEO_H563ZI --image "$hex"
is 'a board without a method here' "$status" 1
run "$MPFLASH" make flash-qemu/MICROBIT --image "$hex" --method smoke-signals
is 'a method that is not there' "$status" 1
like 'it is named, with those that are' "$err" '^hint: this version flashes by: .*qemu'
run "$MPFLASH" make hex-qemu/MICROBIT --image "$hex"
is 'a target that needs sources' "$status" 1
like 'asks for a tree' "$err" '^error: no MicroPython source tree'
run env PATH=/nowhere "$MPFLASH" make -B flash-qemu/MICROBIT --image "$hex"
is 'no QEMU: exit status' "$status" 1
like 'no QEMU: the package' "$err" '^hint: .*apt-get install qemu-system-arm'

run "$MPFLASH" make halt-qemu/MICROBIT
is 'halt: nothing runs' "$status$(machines)" 0

done_testing
