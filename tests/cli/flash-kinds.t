#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Boards of several kinds at one machine: which of them --serial, --device and --all-devices mean, and which are never written. And boards
# without a tree: what a given image goes to is known from rules, the firmware library, or the board itself.
. "$(dirname "$0")/lib.sh"
# shellcheck source=../emu/emu.sh
. "$TESTS_DIR/emu/emu.sh"

need python3 umockdev-wrapper sqlite3
cd "$T" || exit
emu_start
cat >boards.rules <<'EOR'
port stm32
  board PYBV11
    chip = stm32f4
    fs =
    protect =
    flash = dfu
    flash.base = 0x08000000
    flash.size = 0x100000
  board PYBLITEV10
    chip = stm32f4
    fs =
    protect =
    flash = dfu
    flash.base = 0x08000000
    flash.size = 0x100000
  board PYBD_SF2
    chip = stm32f7
    fs =
    protect =
    flash = dfu
    flash.base = 0x08000000
    flash.size = 0x100000
EOR
python3 -c 'import struct, sys
sys.stdout.buffer.write(struct.pack("<2I", 0x20001000, 0x08000201) + bytes([17]) * (20 * 1024 - 8))' >one.bin
"$MPFLASH" convert --base 0x08000000 one.bin one.hex || bail 'convert'

# runs N BOARD MACHINE: it runs at 1-N, goes to its bootloader when it is told to, and comes back as the same board
runs() {
	printf "(name='micropython', version=(1, 28, 0, ''), _machine='%s', _mpy=4358, _build='%s')\r\n3.4.0; MicroPython v1.28.0 on 2026-01-01\r\npyboard\r\n" \
		"$3" "$2" >"says$1"
	head -c 1048576 /dev/zero >"flash$1.bin"
	emu usb "1-$1" f055:9800 "serial=0000000$1" product=Pyboard "cdc=ttyACM$1"
	emu board "ttyACM$1" raw "$T/says$1"
}
enters() {
	emu on "bootloader ttyACM$1" '=>' 20 remove "1-$1"
	emu on "bootloader ttyACM$1" '=>' 80 model "1-$1" dfu "flash=$T/flash$1.bin" chip=f405 "serial=A1B2C3D4000$1"
	emu on "left 1-$1" '=>' 30 usb "1-$1" f055:9800 "serial=0000000$1" product=Pyboard "cdc=ttyACM$1"
	emu on "left 1-$1" '=>' 40 board "ttyACM$1" raw "$T/${2:-says$1}"
}
make() {
	run emu_run "$MPFLASH" make --rules boards.rules "$@" --image one.hex
}
# who: the devices that would be, or were, written
who() {
	printf '%s\n' "$err" | sed -n 's/^flash .* on \(ttyACM[0-9]*\): .*/\1/p' | sort | paste -sd' ' -
}
untouched() {
	for n; do
		ok "nothing was written to $n" cmp -s -n 1048576 "flash$n.bin" /dev/zero
	done
}

runs 1 PYBV11 'PYBv1.1 with STM32F405RG'
runs 2 PYBV11 'PYBv1.1 with STM32F405RG'
runs 3 PYBLITEV10 'PYBLITEv1.0 with STM32F411RE'
runs 4 PYBD_SF2 'PYBD-SF2W with STM32F722IEK'

# --- what is meant ---
make -n --all-devices flash-PYBV11
is '--all-devices: those that are the board' "$(who)" 'ttyACM1 ttyACM2'
make -n --all-devices --serial '/dev/ttyACM*' flash-PYBV11
is 'a pattern of ports takes in all kinds: only those that are the board' "$(who)" 'ttyACM1 ttyACM2'
is 'a pattern of ports: exit status' "$status" 0
make -n --serial '/dev/ttyACM[34]' flash-PYBV11
is 'a pattern of ports of other kinds: exit status' "$status" 1
like 'a pattern of ports of other kinds: none is taken' "$err" '^error: .*no PYBV11 is attached: '
make -n --serial '/dev/ttyACM[13]' flash-PYBV11
is 'a pattern with one of them: that one' "$(who)" ttyACM1
make -n --all-devices --serial ttyACM1 --serial ttyACM3 flash-PYBV11
is 'named one by one: the board that is no such board is left alone' "$(who)" ttyACM1
like 'named one by one: and that is told' "$err" '^note: /dev/ttyACM3 is PYBLITEV10 \(running\): it is no PYBV11, and is left alone$'
make -n --device usb-00000003 flash-PYBV11
is 'one that is named may become another board' "$(who)" ttyACM3
like 'and that is told' "$err" '^note: /dev/ttyACM3 is PYBLITEV10 \(running\): it is made PYBV11$'
make -n --all-devices --serial ttyACM3 --serial ttyACM4 flash-PYBV11
is 'one of another chip never does' "$(who)" ttyACM3
make -n --device usb-00000004 flash-PYBV11
is 'another chip, named: exit status' "$status" 1
like 'another chip, named: no such board' "$err" '^error: .*no PYBV11 is attached: /dev/ttyACM4 is PYBD_SF2 \(running\)$'

# --- kinds together ---
for n in 1 2 3; do enters "$n"; done
make -k --all-devices flash-PYBV11 flash-PYBLITEV10
is 'two kinds in one run: exit status' "$status" 0 || diag "$err"
is 'two kinds in one run: each' "$(who)" 'ttyACM1 ttyACM2 ttyACM3'
like 'two kinds in one run: a result each' "$err" '^3 boards: 3 done$'
untouched 4
for n in 1 2 3; do ok "it holds the image: $n" cmp -n 20480 one.bin "flash$n.bin"; done
make --explain --all-devices flash-PYBV11 flash-PYBLITEV10
like 'again: nothing to do' "$err" '^nothing to do: 3 steps up to date'

# --- one at a time ---
for n in 1 2; do enters "$n"; done
make -j 1 -B --all-devices flash-PYBV11
is '-j 1: exit status' "$status" 0 || diag "$err"
is '-j 1: both' "$(who)" 'ttyACM1 ttyACM2'
like 'what all are told of' "$err" '^2 boards: 2 done$'

# --- without a tree: boards that no rule names ---
# library BOARD MCU PORT
mkdir library
sqlite3 library/mpflash.db "CREATE TABLE metadata (name VARCHAR(255) NOT NULL PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE boards (board_id VARCHAR(40) NOT NULL, version VARCHAR(12) NOT NULL, board_name TEXT NOT NULL, mcu TEXT NOT NULL,
	variant TEXT NOT NULL, port VARCHAR(30) NOT NULL, path TEXT NOT NULL, description TEXT NOT NULL, family TEXT NOT NULL,
	custom INTEGER NOT NULL, PRIMARY KEY(board_id, version));
CREATE TABLE firmwares (board_id VARCHAR(40) NOT NULL, version VARCHAR(12) NOT NULL, firmware_file TEXT NOT NULL, port VARCHAR(20) NOT NULL,
	description TEXT NOT NULL, source TEXT NOT NULL, build INTEGER NOT NULL, custom INTEGER NOT NULL, custom_id VARCHAR(40),
	PRIMARY KEY(board_id, version, firmware_file));
INSERT INTO metadata VALUES ('schema_version', '1');" || bail 'library'
library() {
	sqlite3 library/mpflash.db "INSERT INTO boards VALUES ('$1', 'v1.28.0', '${1%%-*}', '$2', '', '$3', 'ports/$3/boards/${1%%-*}', 'x', 'micropython', 0)" ||
		bail "library $1"
}
library LIB_F4 stm32f4 stm32
library LIB_TWO stm32f4 stm32
sqlite3 library/mpflash.db "INSERT INTO boards VALUES ('LIB_TWO', 'v1.29.0', 'LIB_TWO', 'nrf52', '', 'nrf', 'x', 'x', 'micropython', 0)"
alone() {
	run emu_run env MPFLASH_FIRMWARE="$T/library" "$MPFLASH" make "$@" --image one.hex
}
for n in 1 2 3 4; do emu remove "1-$n"; done
alone -n flash-NOBODY_KNOWS
is 'a board that nobody knows: exit status' "$status" 1
like 'a board that nobody knows: who was asked' "$err" "^error: neither rules nor the firmware library nor a device that is attached know a board 'NOBODY_KNOWS'$"
like 'a board that nobody knows: what to do' "$err" '^hint: name its port \(as in flash-stm32/NOBODY_KNOWS\), or the tree that has it: -C DIR; '
alone -n flash-LIB_TWO
like 'a board of two ports: which' "$err" "^error: 'LIB_TWO' is a board of "
like 'a board of two ports: what to do' "$err" '^hint: name the port, as in flash-(stm32|nrf)/LIB_TWO$'
alone -n flash-nosuchport/LIB_F4
is 'a port that there is not: exit status' "$status" 1
runs 5 LIB_F4 'Something with STM32F405RG'
alone -n flash-LIB_F4
is 'the library knows its port: exit status' "$status" 0 || diag "$err"
like 'the library knows its port' "$err" '^flash    stm32/LIB_F4 on ttyACM5: would run'
emu remove 1-5
runs 6 NEW_ONE 'New One with STM32F405RG'
alone -n flash-NEW_ONE
is 'the board itself knows: exit status' "$status" 0 || diag "$err"
like 'the board itself knows' "$err" '^flash    stm32/NEW_ONE on ttyACM6: would run'
alone -n flash-stm32/OLD_ONE
is 'a port that is named is enough, but it is no such board: exit status' "$status" 1
like 'it is no such board' "$err" '^error: .*no OLD_ONE is attached: /dev/ttyACM6 is NEW_ONE '
alone -n flash-stm32/OLD_ONE --device usb-00000006
like 'unless it is named' "$err" '^flash    stm32/OLD_ONE on ttyACM6: would run'
alone -n flash-OLD_ONE --device usb-00000006
like 'who names the device need not name the port' "$err" '^flash    stm32/OLD_ONE on ttyACM6: would run'
enters 6
alone flash-NEW_ONE
is 'flashed without a tree: exit status' "$status" 0 || diag "$err"
ok 'flashed without a tree: the flash' cmp -n 20480 one.bin flash6.bin
alone flash-NEW_ONE
like 'and up to date' "$err" '^nothing to do: 1 step up to date'

emu_stop
done_testing
