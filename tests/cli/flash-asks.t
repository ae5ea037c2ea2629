#!/bin/sh
# SPDX-License-Identifier: MIT
#
# mpflash flash on a terminal: what it asks (a board, a version, which device and what it is, a hand at the buttons), and that exactly the answer
# is what gets something.
. "$(dirname "$0")/lib.sh"
# shellcheck source=../emu/emu.sh
. "$TESTS_DIR/emu/emu.sh"
# shellcheck source=../net/lib.sh
. "$TESTS_DIR/net/lib.sh"
# shellcheck source=flash.sh
. "$TESTS_DIR/cli/flash.sh"

need python3 umockdev-wrapper
unset CI GITHUB_ACTIONS
cd "$T" || exit
MPFLASH_FIRMWARE=$T/fw
export MPFLASH_FIRMWARE
mkdir fw
site_start "$@"
releases
run "$MPFLASH" download -b PYBV11 -b RPI_PICO -v stable -v 1.25.0
[ "$status" = 0 ] || bail "$err"
emu_start

# press STEPS OPTIONS...: $out is what the terminal showed and how it ended
press() {
	steps=$1
	shift
	run emu_run python3 "$TESTS_DIR/emu/keys.py" -s 200x40 "$steps" "$MPFLASH" flash "$@"
	out=$(printf '%s\n' "$out" | sed 's/\x1b\[[0-9;?]*[A-Za-z]//g')
}
ended() {
	printf '%s\n' "$out" | tail -n 2 | paste -sd' ' -
}

# --- which board
pyboard 1
pico 2
press '+board? +of_2 PICO +1_of_2 \r' -n -b '?'
is '-b ?: exit status' "$(ended)" 'status 0 restored' || diag "$out"
like '-b ?: what was chosen is told' "$out" '^which board\? RPI_PICO$'
like '-b ?: it is the one' "$out" '^note: would be updating RPI_PICO on /dev/ttyACM2 to v1\.26\.0: '
unlike '-b ?: and no other' "$out" 'updating PYBV11'
press '+board? \e' -b '?'
is '-b ?, cancelled' "$(ended)" 'status 2 restored'
press '' -x -b '?'
is '-b ? with --no-interactive: exit status' "$(ended)" 'status 2 restored'
like '-b ? with --no-interactive: the choices' "$out" '^hint: there is PYBV11, RPI_PICO$'

# --- which version, and it is flashed
enters 1
press '+version? 1.25 +1_of_ \r' -v '?' -b PYBV11
is '-v ?: exit status' "$(ended)" 'status 0 restored' || diag "$out"
like '-v ?: what was chosen is told' "$out" '^which version\? v1\.25\.0$'
ok '-v ?: that version is flashed' holds_split 25 1
unlike '-v ?: no other board' "$(emu_log)" '^bootloader ttyACM2'
emu remove 1-1
emu remove 1-2

# --- nobody says what he is: which device, and what it is
emu usb 1-7 0403:6001 serial=A10K product=Adapter uart=ttyUSB7
emu board ttyUSB7 silent
emu usb 1-4 2e8a:0005 serial=e6614c311b8a5f99 product=Pico cdc=ttyACM4
emu board ttyACM4 silent
run emu_run "$MPFLASH" flash --no-interactive
is 'nobody says what he is, nobody is asked: exit status' "$status" 1
like 'nobody says what he is, nobody is asked: what to do' "$err" '^hint: connect one, or name what is there: --board ID --serial PORT; '
press '+device? ACM4 +1_of_2 \r +board? PICO +1_of_2 \r' -n --no-probing
is 'nobody says what he is: exit status' "$(ended)" 'status 0 restored' || diag "$out"
like 'nobody says what he is: which device' "$out" '^which device\? /dev/ttyACM4$'
like 'nobody says what he is: which board' "$out" '^which board\? RPI_PICO$'
like 'nobody says what he is: that firmware for that device' "$out" '^note: would be updating RPI_PICO on /dev/ttyACM4 to v1\.26\.0: rp2/RPI_PICO-v1\.26\.0\.uf2, '
emu remove 1-4
emu usb 1-4 2e8a:0003 serial=E0C9125B0D9B product=RP2 if=08/06/50 if=ff/00/00
press '+device? RP2 +1_of_2 \r +board? PYB +1_of_2 \r' -n --no-probing
is 'a board that it cannot be: exit status' "$(ended)" 'status 1 restored'
like 'a board that it cannot be: said' "$out" '^error: usb-.* is PICOBOOT bootloader of RP2040 .* cannot be PYBV11$'
press '+device? \x03' --no-probing
is 'nobody says what he is, cancelled' "$(ended)" 'status 2 restored'
emu remove 1-7
emu remove 1-4

# --- a hand at the buttons
pico 5
(
	until [ -e "$T/asked" ]; do sleep 0.05; done
	emu remove 1-5
	emu model 1-5 picoboot chip=rp2040 "flash=$T/flash5.bin" size=2048
	emu on 'left 1-5' '=>' 30 usb 1-5 2e8a:0005 serial=e6614c311b8a5f25 cdc=ttyACM5
	emu on 'left 1-5' '=>' 40 board ttyACM5 raw "$T/new-pico"
	touch "$T/asked.done"
) &
press "+BOOTSEL @$T/asked" -s ttyACM5 --bootloader manual
wait $!
is '--bootloader manual: exit status' "$(ended)" 'status 0 restored' || diag "$out"
ok '--bootloader manual: flashed' holds_boot2 26 5
unlike '--bootloader manual: nothing else was tried' "$(emu_log)" '^(bootloader|touch1200) ttyACM5'

emu_stop
done_testing
