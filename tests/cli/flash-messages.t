#!/bin/sh
# SPDX-License-Identifier: MIT
#
# mpflash flash: what it says when it cannot, in the words that scripts look for, and the exit status of each.
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

said() { # NAME STATUS ERROR HINT OPTIONS...
	said_name=$1 said_status=$2 said_error=$3 said_hint=$4
	shift 4
	flash "$@"
	is "$said_name: exit status" "$status" "$said_status" || diag "$err"
	like "$said_name: said" "$err" "$said_error"
	[ -z "$said_hint" ] || like "$said_name: what to do" "$err" "^hint: .*$said_hint"
}

# --- words that do not go together
said '--erase --format' 2 '^error: --erase and --format cannot be used together; specify only one\.$' '' --erase --format
said 'two versions' 2 '^error: Only one version can be flashed at a time, not 1\.25\.0 and 1\.26\.0$' 'one command for each' -v 1.25.0 -v 1.26.0
said 'two boards' 2 '^error: Invalid flash option combination\. --board ' 'one command for each' -b PYBV11 -b RPI_PICO
said '--build and --image' 2 '^error: Invalid flash option combination\. --build ' 'one of the two' --build --image x.dfu
said '--version and --image' 2 '^error: Invalid flash option combination\. --version ' 'one of the two' --image x.dfu -v 1.26.0
said '--volume and --serial' 2 '^error: Invalid flash option combination\. --volume ' 'one of the two' -b RPI_PICO --volume /x -s ttyACM0
said 'a method that there is not' 2 "^error: .*'pyokd'" "pyocd" --method pyokd
said 'a way that there is not' 2 "^error: --bootloader wants one of: auto manual mpy touch1200 none, not 'warp'$" '' --bootloader warp
said 'a mode that there is not' 2 "^error: --flash_mode wants one of: qio qout dio dout, not 'fast'$" '' --fm fast
said 'a version that is none' 2 '^error: ' '' -v 1.x
said 'a word' 2 "^error: flash takes no words, and got 'PYBV11'$" '--board PYBV11' PYBV11
said 'a question that nobody is asked' 2 '^error: --version \? cannot ask here; name what you want$' 'stable, preview' -v '?' -b PYBV11
said 'a path for a board' 2 "^error: --board wants a board's id, not '../../x'$" '' -b ../../x
said 'a board that nobody is asked for' 2 '^error: --board \? cannot ask here; name what you want$' 'there is .*PYBV11' -b '?'

# --- nobody is there
said 'no board' 1 '^error: No boards were flashed: no board is attached that runs MicroPython$' '--board ID --serial PORT'
said '--build without a tree' 1 '^error: ' 'MICROPY_DIR|-C DIR' --build -b PYBV11

# --- no firmware
printf "(name='micropython', version=(1, 20, 0, ''), _machine='Somebodys board with STM32F405RG', _mpy=4358)\r\n3.4.0; MicroPython v1.20.0 on 2023-01-01\r\npyboard\r\n" >nobody
pyboard 1 "$T/nobody"
said 'a board that does not say what it is' 1 '^error: .*Firmware not found for UNKNOWN_BOARD on /dev/ttyACM1, skipping' '' -s ttyACM1
emu remove 1-1
pyboard 1
said 'a version that there is not' 1 '^error: .*Firmware not found for PYBV11 on /dev/ttyACM1, skipping: .*' 'there is v1\.27\.0-preview, v1\.26\.0, v1\.25\.0' -v 1.24.1
said '-n fetches nothing' 1 '^error: .*Firmware not found for PYBV11 on /dev/ttyACM1, skipping' 'without -n' -n
ok '-n: nothing is there' test ! -e fw/stm32
said 'custom firmware that was never added' 1 '^error: .*Firmware not found for PYBV11 on /dev/ttyACM1, skipping' 'mpflash add' --custom

# --- no way to it
said 'a method of another port' 1 "^error: .*Backend 'picoboot' cannot flash PYBV11 on /dev/ttyACM1: \[port\] " '' -s ttyACM1 --method picoboot
printf 'port stm32\n  flash = uf2\n' >only.rules
said 'no method at all' 1 '^error: .*No flash backend can handle PYBV11 on /dev/ttyACM1: ' '' -s ttyACM1 --rules only.rules
said 'it does not enter its bootloader' 1 '^error: .*Failed to enter bootloader for PYBV11 on /dev/ttyACM1: ' 'BOOT0' -s ttyACM1 --bootloader mpy
emu remove 1-1
pyboard 2
said 'it is not in its bootloader' 1 '^error: .*Board is not in bootloader mode: PYBV11 on /dev/ttyACM2: ' '' -s ttyACM2 --bootloader none
emu remove 1-2

# --- not all of them, as the plan knows
pyboard 4
pyboard 2 "$T/nobody"
flash -v 1.26.0 # fetches it
emu remove 1-4
pyboard 4
said 'the plan of one that can be done and one that cannot' 1 \
	'^error: 1 of 2 boards cannot be flashed: Firmware not found for UNKNOWN_BOARD on /dev/ttyACM2, skipping' '' -n -v 1.26.0
unlike 'the one that can be done has not failed' "$err" 'Failed to flash'
emu remove 1-2

# --- it fails on the way; another board is done
pico 5
cp "$(find fw -name 'PYBV11*.dfu' | head -n 1)" some.dfu
said 'one file for two kinds of boards' 2 '^error: --image some\.dfu is firmware of one board, and /dev/ttyACM4 is PYBV11, /dev/ttyACM5 is RPI_PICO$' \
	'--board ID or --serial PORT' --image some.dfu
enters 4
enters 5
emu on 'dfu 1-4 erase 08000000' '=>' 1 remove 1-4
flash
is 'one of two is pulled: exit status' "$status" 1
like 'one of two is pulled: which' "$err" '^error: 1 of 2 boards were not flashed: Failed to flash PYBV11 on /dev/ttyACM4: '
ok 'one of two is pulled: the other is done' holds_boot2 26 5
like 'one of two is pulled: the other is shown' "$out" '^/dev/ttyACM5 +micropython +rp2 +RPI_PICO '
run emu_run "$MPFLASH" flash --clean -n -s ttyACM5
like '--clean alone' "$err" '^warning: --clean only applies when --build is enabled; ignoring --clean$'

emu_stop
done_testing
