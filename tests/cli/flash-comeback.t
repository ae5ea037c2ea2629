#!/bin/sh
# SPDX-License-Identifier: MIT
#
# After the flash the board has to be there again: at its place, or at another one with its number, and says who it is. Firmware that
# names itself MicroPython and stays away is an error; other firmware may have no port.
. "$(dirname "$0")/lib.sh"
# shellcheck source=../emu/emu.sh
. "$TESTS_DIR/emu/emu.sh"

need python3 umockdev-wrapper
cd "$T" || exit
sample_tree tree
emu_start
emu_boards board=pyboard

# image BANNER: bytes that pass for firmware at 0x08000000
image() {
	python3 - "$1" <<'END'
import random, struct, sys

data = bytearray(random.Random(7).randbytes(9000))
data[0:64] = struct.pack('<16I', 0x20020000, *[0x08000201] * 15)
data[5000:5000 + len(sys.argv[1])] = sys.argv[1].encode()
sys.stdout.buffer.write(data)
END
}
image 'MicroPython v1.24.1 on 2024-11-29; ' >python.bin
image 'blinky' >other.bin

# The bootloader is at 1-2 with an empty flash; what follows is for when it has left.
bootloader() {
	head -c 49152 /dev/zero | tr '\0' '\377' >flash.bin
	emu model 1-2 dfu "flash=$T/flash.bin" chip=small
}
flash() {
	run emu_run "$MPFLASH" make -C tree -B --device usb-315D35723037 flash-NUCLEO_H563ZI --image "$@"
}

# --- at its place
bootloader
emu on 'left 1-2' '=>' 0 usb 1-2 f055:9800 serial=315D35723037 cdc=ttyACM0
emu on 'left 1-2' '=>' 5 link ttyACM0 "$(readlink "$T/board")"
flash python.bin --no-probe
is 'not asked: exit status' "$status" 0 || diag "$err"
ok 'not asked: the flash' cmp -n 9000 python.bin flash.bin
ok 'not asked: no question reached the board' test ! -s board.log
emu remove 1-2

# --- it says who it is, which here is another board than the target
bootloader
emu on 'left 1-2' '=>' 0 usb 1-2 f055:9800 serial=315D35723037 cdc=ttyACM0
emu on 'left 1-2' '=>' 5 link ttyACM0 "$(readlink "$T/board")"
flash python.bin
is 'asked: exit status' "$status" 1
like 'asked: what it says' "$err" "the board says that it is 'PYBV11-DP'"
ok 'asked: the flash' cmp -n 9000 python.bin flash.bin
emu remove 1-2
emu model 1-2 dfu "flash=$T/flash.bin" chip=small
flash python.bin -n
is 'asked before: it has another chip, by its number' "$status" 1
like 'asked before: what it is' "$err" 'no NUCLEO_H563ZI is attached: usb-315D35723037 is PYBV11-DP'
emu remove 1-2
MPFLASH_CACHE=$T/cache.2 # where nobody has seen it

# --- another place, with its number
bootloader
emu on 'left 1-2' '=>' 100 usb 3-1.2 f055:9800 serial=315D35723037 cdc=ttyACM3
flash python.bin --no-probe
is 'another place: exit status' "$status" 0 || diag "$err"
emu remove 3-1.2

# --- nowhere
bootloader
flash python.bin --no-probe
is 'it stays away: exit status' "$status" 1
like 'it stays away: the error says so' "$err" 'usb-315D35723037 did not come back within 10 s, though its flash holds the image'
ok 'it stays away: the flash' cmp -n 9000 python.bin flash.bin

# --- nowhere, while another board starts its firmware at a place of its own
bootloader
emu model 1-4 dfu "flash=$T/flash4.bin" chip=small serial=204E33895654
emu on 'left 1-2' '=>' 200 remove 1-4
emu on 'left 1-2' '=>' 400 usb 1-4 f055:9800 serial=AB0012003456 cdc=ttyACM4
flash python.bin --no-probe
is 'another one starts: exit status' "$status" 1 || diag "$out"
like 'another one starts: it is not taken for this one' "$err" 'usb-315D35723037 did not come back within 10 s'
emu remove 1-4

# --- firmware that need not come
bootloader
flash other.bin --no-probe
is 'no Python: exit status' "$status" 0 || diag "$err"
like 'no Python: told' "$err" 'the board is not seen; its firmware may have no port'
ok 'no Python: the flash' cmp -n 9000 other.bin flash.bin
done_testing
