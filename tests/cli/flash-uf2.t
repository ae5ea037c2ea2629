#!/bin/sh
# SPDX-License-Identifier: MIT
#
# mpflash make flash-, verify-BOARD by copying to a UF2 bootloader's drive, which goes away when it has all. cp is first.
# Runs sanitized: it takes its time.

# shellcheck source=uf2.sh
. "$(dirname "$0")/uf2.sh"

image samd 0x4000 60 1 samd51
image samd21 0x2000 20 2 samd21
image sd6 0x26000 30 3 nrf52840
image sd7 0x27000 30 4 nrf52840

# --- cp, so that a misreading in the drive shows up
m4
plug
cp samd.uf2 drive/new.uf2 2>/dev/null
ok 'cp: the drive takes it and goes' cmp taken samd.bin

# --- copied
m4
plug
comes_back
flash flash-samd/FEATHER_M4 --image samd.uf2
wait "$back"
is 'copied: exit status' "$status" 0 || diag "$err"
ok 'copied: every block' cmp taken samd.bin
like 'copied: how many' "$err" 'copy 240 blocks to .*/drive'
like 'copied: not verified, and not said to be' "$err" '61440 bytes written'
unlike 'copied: not verified' "$err" 'verified'

m4
plug -r 100
flash flash-samd/FEATHER_M4 --image samd.uf2
is 'no room: exit status' "$status" 1
like 'no room: said before the first block' "$err" '^error: .*drive has 100 KiB free, the file needs 120 KiB'
plug -s 100
flash flash-samd/FEATHER_M4 --image samd.uf2
is 'pulled on the way: exit status' "$status" 1
like 'pulled on the way: how far' "$err" '^error: .* went away after [0-9]* of 240 blocks'
plug
comes_back
flash flash-samd/FEATHER_M4 --image samd.uf2
wait "$back"
is 'pulled on the way: the next run' "$status" 0
ok 'pulled on the way: every block at last' cmp taken samd.bin

plug
flash flash-samd/FEATHER_M4 --image samd.uf2
is 'it does not come back: exit status' "$status" 1
like 'it does not come back: said' "$err" '^error: .*took all blocks and went away, but the board did not come back'

# --- what is refused before the first block
refused() {
	is "$1: exit status" "$status" 1
	like "$1: why" "$err" "^error: .*$2"
	not_ok "$1: nothing was copied" ls drive/FIRMWARE.UF2
}
m4
plug
flash flash-samd/FEATHER_M4 --image samd21.uf2
refused 'an image for another chip' 'SAMD21'
plug -f 68ed2b88
flash flash-samd/FEATHER_M4 --image samd.uf2
is 'blocks that the drive ignores: exit status' "$status" 1
like 'blocks that the drive ignores: said' "$err" '^error: .*has got all 240 blocks, and did nothing with them'

info 0.6.1 'Feather nRF52840' nRF52840-Feather-revD "$(printf 'SoftDevice: S140 6.1.1\r\n')"
plug
flash flash-nrf/FEATHER_52840 --image sd7.uf2
refused 'another SoftDevice' 'starts at 0x27000, but the board has SoftDevice S140 6.1.1, behind which firmware starts at 0x26000'
plug
comes_back
flash flash-nrf/FEATHER_52840 --image sd6.uf2
wait "$back"
is 'the SoftDevice that it is for: exit status' "$status" 0 || diag "$err"
ok 'the SoftDevice that it is for: every block' cmp taken sd6.bin

unplug
emu usb 1-3 239a:0022 product=Feather block=sdc:FEATHERBOOT
flash flash-nrf/FEATHER_52840 --image sd6.uf2
is 'not mounted: exit status' "$status" 1
like 'not mounted: how' "$err" '^hint: .*udisksctl mount -b /dev/sdc'

# --- a board that runs is led there; from here on its place is known to be its own
m4
# runs: the board runs, and goes to its bootloader when its port is touched; its drive is mounted already
runs() {
	unplug
	rm -f taken
	emu_uf2 -d /dev/sdc -i info.txt -o "$T/taken" "$@" drive || bail 'no drive'
	emu usb 1-3 239a:8022 serial=DF6050A04B1F4B2D cdc=ttyACM0
	emu board ttyACM0 raw "$T/says"
	emu on touch1200 ttyACM0 '=>' 30 remove 1-3
	emu on touch1200 ttyACM0 '=>' 100 usb 1-3 239a:0022 product=Feather block=sdc:FEATHERBOOT
}
running() {
	run emu_run "$MPFLASH" make -B --rules boards.rules --serial /dev/ttyACM0 "$@"
}
printf "(name='micropython', version=(1, 29, 0, ''), _machine='Feather M4 Express with SAMD51J19A', _mpy=4358, _build='FEATHER_M4')\r\n" >says
printf '3.4.0; MicroPython v1.29.0 on 2026-01-01\r\nsamd\r\n' >>says
runs
comes_back "board ttyACM0 raw $T/says"
running flash-samd/FEATHER_M4 --image samd.uf2
wait "$back"
is 'it runs: exit status' "$status" 0 || diag "$err"
like 'it runs: it answers' "$out" '^samd/FEATHER_M4 on /dev/ttyACM0: MicroPython v1.29.0 '
ok 'it runs: every block' cmp taken samd.bin
runs -c samd.uf2
running verify-samd/FEATHER_M4 --image samd.uf2
is 'it runs, verify: exit status' "$status" 0 || diag "$err"
like 'it runs, verify: where it is then' "$err" 'waits in its bootloader: reset it to start it again'
not_ok 'it runs, verify: nothing was copied' ls drive/FIRMWARE.UF2

unplug
done_testing
