#!/bin/sh
# SPDX-License-Identifier: MIT
#
# mpflash flash: which boards it is for. Three boards of two kinds, one that runs CircuitPython and a debug probe are attached; each way to
# choose picks exactly those that it says, and what it does not pick keeps its flash.
. "$(dirname "$0")/lib.sh"
# shellcheck source=../emu/emu.sh
. "$TESTS_DIR/emu/emu.sh"
# shellcheck source=../net/lib.sh
. "$TESTS_DIR/net/lib.sh"
# shellcheck source=flash.sh
. "$TESTS_DIR/cli/flash.sh"

need python3 umockdev-wrapper
cd "$T" || exit
MPFLASH_FIRMWARE=$T/fw
export MPFLASH_FIRMWARE
mkdir fw
site_start "$@"
releases
emu_start
emu usb 1-9 0d28:0204 serial=0240000011112222 product=CMSIS-DAP if=ff/00/00:CMSIS-DAP
printf "(name='circuitpython', version=(9, 2, 1, ''), _machine='Adafruit Feather M4 with SAMD51', _mpy=517)\r\n3.4.0; Adafruit CircuitPython 9.2.1\r\nMicrochip SAMD51\r\n" >circuit
emu usb 1-8 239a:8022 serial=DF6050A04B1F4B2D product=Feather cdc=ttyACM8
emu board ttyACM8 raw "$T/circuit"
pyboard 1
pyboard 2
pico 3

# picks: who the plan is for, "PYBV11@ttyACM1 ..."
picks() {
	printf '%s\n' "$err" | sed -n 's/^note: would be updating \([^ ]*\) on \([^ ]*\) to .*/\1@\2/p' | sed 's,/dev/,,' | sort | paste -sd' ' -
}
chosen() { # NAME WANT OPTIONS...
	chosen_name=$1 chosen_want=$2
	shift 2
	flash -n "$@"
	is "$chosen_name: exit status" "$status" 0 || diag "$err"
	is "$chosen_name: exactly those" "$(picks)" "$chosen_want"
}
refused() { # NAME STATUS ERROR OPTIONS...
	refused_name=$1 refused_status=$2 refused_error=$3
	shift 3
	flash -n "$@"
	is "$refused_name: exit status" "$status" "$refused_status" || diag "$err"
	like "$refused_name: said" "$err" "^error: $refused_error"
	is "$refused_name: nobody" "$(picks)" ''
}
# --- nobody but the board itself knows it
split custom 77
chosen 'a board that no tree and no library know' 'PYBV11@ttyACM1 PYBV11@ttyACM2' --board PYBV11 --image custom.hex
refused 'one that nobody knows' 1 "the MicroPython port of the board 'NOBODYS' is not known" --board NOBODYS --image custom.hex
run "$MPFLASH" download -b PYBV11 -b RPI_PICO -v stable
is 'the library is filled' "$status" 0

# --- nothing is named: all that say what they are
chosen 'nothing named' 'PYBV11@ttyACM1 PYBV11@ttyACM2 RPI_PICO@ttyACM3'
like 'CircuitPython is passed over' "$err" '^warning: Skipping flashing circuitpython .* on /dev/ttyACM8 as it is not a MicroPython firmware$'
chosen '--serial *' 'PYBV11@ttyACM1 PYBV11@ttyACM2 RPI_PICO@ttyACM3' --serial '*'
chosen '--ignore' 'PYBV11@ttyACM2 RPI_PICO@ttyACM3' --ignore /dev/ttyACM1
chosen '--port' RPI_PICO@ttyACM3 --port rp2
chosen '--cpu, as boards call it' RPI_PICO@ttyACM3 --cpu RP2040
chosen '--chip, by its family' 'PYBV11@ttyACM1 PYBV11@ttyACM2' --chip stm32f4
refused 'an empty --bootloader' 2 '--bootloader wants one of: ' --bootloader ''
refused 'an empty --flash_mode' 2 '--flash_mode wants one of: ' --flash_mode ''
chosen '--ignore, by its short name' 'PYBV11@ttyACM2 RPI_PICO@ttyACM3' --ignore ttyACM1
chosen '--ignore, by a glob of short names' 'RPI_PICO@ttyACM3' --ignore 'ttyACM[12]'
MPFLASH_IGNORE='ttyUSB* ttyACM2' && export MPFLASH_IGNORE
chosen 'MPFLASH_IGNORE, by its short name' 'PYBV11@ttyACM1 RPI_PICO@ttyACM3'
unset MPFLASH_IGNORE
# --- a board
chosen 'a board' RPI_PICO@ttyACM3 --board RPI_PICO
chosen 'a board that is there twice' 'PYBV11@ttyACM1 PYBV11@ttyACM2' --board PYBV11 --serial '*'
refused 'a board that is not there' 1 'no RPI_PICO2 is attached: ' --board RPI_PICO2 --port rp2 --image none.uf2
# --- ports
chosen 'a port' RPI_PICO@ttyACM3 --serial /dev/ttyACM3
chosen 'two ports' 'PYBV11@ttyACM1 RPI_PICO@ttyACM3' -s ttyACM1 -s ttyACM3
chosen 'a glob' 'PYBV11@ttyACM1 PYBV11@ttyACM2' -s '/dev/ttyACM[12]'
chosen 'a glob of short names' 'PYBV11@ttyACM1 PYBV11@ttyACM2' -s 'ttyACM[12]'
chosen 'a port, and CircuitPython behind another' PYBV11@ttyACM2 -s ttyACM2 -s ttyACM8
refused 'a port that is not there' 2 'No serial ports matched: /dev/ttyUSB7$' --serial /dev/ttyUSB7
chosen '--device' PYBV11@ttyACM2 --device usb-00000002
# --- both
chosen 'a board and a port' PYBV11@ttyACM2 --board PYBV11 --serial ttyACM2
chosen 'a board and a glob: those that are it' 'PYBV11@ttyACM1 PYBV11@ttyACM2' --board PYBV11 --serial '*ACM*'
refused 'another chip' 1 '.*RPI_PICO is attached: .*ttyACM1 is PYBV11' --board RPI_PICO --serial ttyACM1
refused 'a board and a port that is not there' 1 'No serial ports matched: /dev/ttyUSB7$' --board PYBV11 --serial /dev/ttyUSB7
chosen 'a board and its chip' 'PYBV11@ttyACM1 PYBV11@ttyACM2' --board PYBV11 --cpu stm32f4
refused 'a board and another chip' 2 '--cpu rp2040: /dev/ttyACM1 is PYBV11 \(running\) has another chip$' --board PYBV11 --cpu rp2040
# --- volumes, and probes
refused '--volume alone' 2 '--volume requires --board so firmware can be selected$' --volume /media/x
refused '--volume of a port without drives' 2 '--volume is only supported for UF2-capable ports \(nrf, rp2, samd\)' --volume /media/x --board PYBV11
refused '--volume that is no drive' 1 'there is no UF2 drive at /media/x$' --volume /media/x --board RPI_PICO
refused '--probe alone' 2 'Invalid flash option combination\. --probe wants --board' --probe 0240
refused 'a method through a probe, alone' 2 'Invalid flash option combination\. ' --method pyocd

# --- and it is done: two of four, the others as they were
enters 2
enters 3
flash -s ttyACM2 -s ttyACM3
is 'two boards: exit status' "$status" 0 || diag "$err"
ok 'two boards: the pyboard' holds_split 26 2
ok 'two boards: the Pico' holds_boot2 26 3
ok 'the third is as it was' cmp -n 1048576 flash1.bin /dev/zero
unlike 'the third is not told to enter its bootloader' "$(emu_log)" '^bootloader ttyACM[18]'
is 'both begin before one ends' "$(printf '%s\n' "$err" | sed -n 's/^flash .* on ttyACM[23]\( \.\.\.\|: done\).*/\1/p' | head -n 2 | paste -sd, -)" \
	' ..., ...'

emu_stop
done_testing
