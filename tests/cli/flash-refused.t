#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Each check that comes before the first erase, on devices that tell what is done to them: nothing is, and the flash is as it was. What a
# single method adds to these (chips of an ESP or an RP2, drives and SoftDevices) is in its own test.
. "$(dirname "$0")/lib.sh"
# shellcheck source=../emu/emu.sh
. "$TESTS_DIR/emu/emu.sh"

need python3 umockdev-wrapper
cd "$T" || exit
emu_start
cat >boards.rules <<'END'
port stm32
  board SAFE_F4
    chip = stm32f4
    flash = dfu
    flash.base = 0x08000000
    flash.size = 0x100000
    fs = 0x08004000+0x1c000
    protect = settings=0x080e0000+0x20000
  board ABOVE_LOADER
    chip = stm32f4
    flash = dfu
    flash.base = 0x08008000
    flash.size = 0xf8000
    protect = bootloader=0x08000000+0x8000
  board LOOSE_F4
    chip = stm32f4
    flash = dfu
  board PLAIN
    flash = dfu
    flash.base = 0x08000000
    dfu.vid = 0x2341
    dfu.pid = 0x0368
port nrf
  board SAFE_NRF
    chip = nrf52840
    flash = dfu
    flash.base = 0x26000
    flash.size = 0xc0000
    protect = softdevice=0x1000+0x25000
END
# image NAME ADDRESS [TEXT]: NAME.hex, 64 bytes that can be started there, and a text
image() {
	python3 - "$@" <<'END'
import struct, sys
name, base, text = sys.argv[1], int(sys.argv[2], 0), sys.argv[3] if len(sys.argv) > 3 else ""
open(name + ".bin", "wb").write(struct.pack("<2I56x", 0x20001000, base + 0x21) + text.encode() + b"\0")
END
	"$MPFLASH" convert --base "$2" "$1.bin" "$1.hex" || bail "convert $1"
}
head -c 1048576 /dev/urandom >before.bin
cp before.bin flash.bin

# flash BOARD IMAGE [OPTION...]
flash() {
	flash_board=$1 flash_image=$2
	shift 2
	run emu_run "$MPFLASH" make --rules boards.rules -B --no-probe "flash-$flash_board" --image "$flash_image" "$@"
}
# refused NAME ERROR HINT (or nothing): and the device was left alone since `here`
here() {
	since=$(emu_log | wc -l)
}
refused() {
	is "$1: exit status" "$status" 1
	like "$1: why" "$err" "^error: .*$2"
	[ -z "$3" ] || like "$1: what now" "$err" "^hint: .*$3"
	is "$1: nothing was done to a device" "$(emu_log | tail -n "+$((since + 1))" | grep -c ' \(erase\|write\|leave\|unprotect\)\|^bootloader\|^touch')" 0
	ok "$1: the flash is as it was" cmp before.bin flash.bin
}

emu model 1-2 dfu "flash=$T/flash.bin" chip=f405
here
dfu='--device usb-315D35723037'
image good 0x08000000
image upper 0x08010000
image high 0x080dfff0
image last 0x080fffd0
image beyond 0x08100000
image ram 0x20000000

# shellcheck disable=SC2086 # words
{
	"$MPFLASH" convert --family rp2040 good.hex chip.uf2 || bail 'convert chip'
	flash SAFE_F4 chip.uf2 $dfu
	refused 'an image for another chip' "is that of the RP2040, SAFE_F4 has the STM32F4" '--allow family'
	flash SAFE_F4 upper.hex $dfu
	refused "over the user's files" "would overwrite the user's files at 0x08004000-0x0801ffff" '--allow filesystem'
	flash SAFE_F4 high.hex $dfu
	refused 'into what is protected' '0x080e0000-0x080e0030 .49 bytes. would overwrite the settings' '--allow protected'
	flash ABOVE_LOADER good.hex $dfu
	refused 'over the boot loader' 'would overwrite the bootloader at 0x08000000-0x08007fff' '--allow .*protected'
	flash SAFE_F4 last.hex $dfu
	refused 'behind the flash of the rules' '0x08100000-0x08100010 .17 bytes. is outside of the flash' '--allow address'
	flash LOOSE_F4 beyond.hex $dfu
	refused 'outside of what the device has' '0x08100000' '.'
	flash LOOSE_F4 ram.hex $dfu
	refused 'into RAM, which it has none for' '0x20000000' '.'

	# option bytes are a memory of the bootloader's, and no place for firmware
	python3 -c 'import sys
data = bytes([0x10, 0xff, 0, 0, 0xff, 0x1f])
def record(kind, at, body):
    line = bytes([len(body), at >> 8, at & 255, kind]) + body
    return ":%s%02X\n" % (line.hex().upper(), -sum(line) & 255)
good = [l for l in open("good.hex") if not l.startswith(":00000001")]
open("options.hex", "w").write("".join(good) + record(4, 0, b"\x1f\xff") + record(0, 0xc000, data) + ":00000001FF\n")'
	flash LOOSE_F4 options.hex $dfu
	refused 'option bytes' '0x1fffc000' '.'

	flash nrf/SAFE_NRF good.hex $dfu
	refused 'a board of another port' 'no SAFE_NRF is attached' '.'
}

# --- the board's own word
printf "(name='micropython', version=(1, 29, 0, ''), _machine='PYBD-SF2W with STM32F722IEK', _mpy=4358, _build='PYBD_SF2')\r\n" >sf2
printf '3.4.0; MicroPython v1.28.0 on 2026-01-01\r\npyboard\r\n' >>sf2
emu remove 1-2
emu usb 1-4 f055:9800 serial=00000004 product=Pyboard cdc=ttyACM4
emu board ttyACM4 raw "$T/sf2"
here
run emu_run "$MPFLASH" make --rules boards.rules -B flash-SAFE_F4 --image good.hex
refused 'a board that says that it is another one' 'no SAFE_F4 is attached: /dev/ttyACM4 is PYBD_SF2' '.'
run emu_run "$MPFLASH" make --rules boards.rules -B flash-nrf/SAFE_NRF --image good.hex --serial /dev/ttyACM4
refused 'one that is named, of another port' 'no SAFE_NRF is attached' '.'
emu remove 1-4

# --- two that fit
sed 's/PYBD_SF2/SAFE_F4/' sf2 >safe
for n in 6 7; do
	emu usb 1-$n f055:9800 serial=0000000$n product=Pyboard cdc=ttyACM$n
	emu board ttyACM$n raw "$T/safe"
done
here
run emu_run "$MPFLASH" make --rules boards.rules -B flash-SAFE_F4 --image good.hex
refused 'two that can be meant' '2 devices can be meant by SAFE_F4' '--device usb-00000006, --device usb-00000007'
emu remove 1-6
emu remove 1-7

# --- read-out protection; a bootloader that takes one piece
emu model 1-2 dfu "flash=$T/flash.bin" chip=f405 protect=read
here
# shellcheck disable=SC2086 # words
flash LOOSE_F4 good.hex $dfu
refused 'read-out protection' 'the flash of this chip is read-protected' '--unlock'
emu remove 1-2
head -c 100 /dev/zero >second.bin
"$MPFLASH" convert good.bin@0x08000000 second.bin@0x08020000 split.hex || bail 'no split image'
emu model 1-2 dfu "flash=$T/flash.bin" kind=plain id=2341:0368 transfer=64 attributes=1 layout=firmware
here
# shellcheck disable=SC2086 # words
flash PLAIN split.hex $dfu
refused 'a split image' 'takes one piece from 0x08000000 on; the image has 2' ''
emu remove 1-2

# --- and none of this is why it would not work at all
emu model 1-2 dfu "flash=$T/flash.bin" chip=f405
emu on 'left 1-2' '=>' 0 usb 1-2 f055:9800 serial=315D35723037 cdc=ttyACM0
# shellcheck disable=SC2086 # words
flash SAFE_F4 good.hex $dfu
is 'a good image: exit status' "$status" 0 || diag "$err"
not_ok 'a good image: is written' cmp -s before.bin flash.bin
done_testing
