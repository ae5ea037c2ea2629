#!/bin/sh
# SPDX-License-Identifier: MIT
#
# In the virtual machine of tests/cli/kernel.t: dfu-util and mpflash on emulated bootloaders behind vhci-hcd. /files has images
# (img.bin, pico.uf2, ...) and what the flashes held before.
. /tests/cli/lib.sh
. /tests/emu/guest_lib.sh
cd "$T" || exit
cp /files/* .

uptime_s() {
	cut -d' ' -f1 /proc/uptime
}
# plug PLACE MODEL WORDS: is there, instead of what was
plug() {
	emu_is_gone "$1" || { emu remove "$1" && emu_gone "$1"; }
	emu_since=$(emu_log | wc -l)
	emu model "$@"
	emu_here "$1"
}
many() {
	emu_log | tail -n "+$((emu_since + 1))" | grep -c "^[a-z]* 1-[0-9] $1"
}
# holds IMAGE BEFORE NOW: the image, and behind it what was there before
holds() {
	holds_size=$(wc -c <"$1")
	{
		cat "$1"
		tail -c "+$((holds_size + 1))" "$2"
	} | cmp - "$3"
}
# flash DEVICE BOARD IMAGE
flash() {
	run mpflash make --rules boards.rules --no-probe --device "$1" -B "flash-$2" --image "$3"
}
dfu() {
	plug 1-1 dfu "flash=$T/flash.bin" chip=h563
}
pico() {
	plug "$1" picoboot "flash=$T/$2.bin" chip="$2" size=512
}

# --- somebody else's program first
cp h563.before flash.bin
dfu
run dfu-util -l
is 'dfu-util lists: exit status' "$status" 0
like 'dfu-util lists it' "$out" 'Found DFU: \[0483:df11\].*path="1-1", alt=0'
run dfu-util -a 0 -s 0x08000000:leave -D img.bin
is 'dfu-util writes: exit status' "$status" 0 || diag "$out$err"
ok 'dfu-util writes: the flash is the image' cmp -n 50000 img.bin flash.bin
ok 'dfu-util writes: it left' emu_saw 'left 1-1'
emu_gone 1-1
dfu
run dfu-util -a 0 -s 0x08000000:49152 -U up.bin
is 'dfu-util reads: exit status' "$status" 0 || diag "$out$err"
ok 'dfu-util reads: what is there' cmp -n 49152 up.bin flash.bin

diag "$(uptime_s) dfu-util is done"

# --- mpflash
cp h563.before flash.bin
dfu
pico 1-2 rp2040
pico 1-3 rp2350
run mpflash list --no-probe
like 'list: the DFU bootloader' "$out" '0483:df11|315D35723037'
like 'list: the RP2040' "$out" 'RP2040|2e8a:0003|1-2'
like 'list: the RP2350' "$out" 'RP2350|2e8a:000f|1-3'
emu on dfu 1-1 leave 08000000 '=>' 0 count 1-1
emu_since=$(emu_log | wc -l)
flash usb-315D35723037 stm32/NUCLEO_H563ZI img.bin
is 'dfu: exit status' "$status" 0 || diag "$err"
like 'dfu: verified' "$err" 'bytes written and verified'
ok 'dfu: image and all around it' holds img.bin h563.before flash.bin
is 'dfu: sectors' "$(many erase)" 7
dfu
flash usb-315D35723037 stm32/NUCLEO_H563ZI img.bin
is 'dfu, again: exit status' "$status" 0 || diag "$err"
is 'dfu, again: nothing is erased or written' "$(many erase) $(many write)" '0 0'

# chip DEVICE BOARD CHIP PLACE: a bootloader of an RP2350 is known by its number, that of an RP2040 has none
chip() {
	emu_since=$(emu_log | wc -l)
	flash "usb-$1" "rp2/$2" "$3.uf2"
	is "$3: exit status" "$status" 0 || diag "$err"
	ok "$3: image and all around it" holds "$3.img" "$3.before" "$3.bin"
	isnt "$3: sectors" "$(many erase)" 0
	pico "$4" "$3"
	flash "usb-$1" "rp2/$2" "$3.uf2"
	is "$3, again: exit status" "$status" 0 || diag "$err"
	is "$3, again: nothing is erased or written" "$(many erase) $(many write)" '0 0'
}
emu on picoboot 1-2 reboot 0 00000000 '=>' 0 count 1-2
chip 1-2 RPI_PICO rp2040 1-2
chip 0F1E2D3C4B5A6978 RPI_PICO2 rp2350 1-3

diag "$(uptime_s) whole flashes are done"

# --- unplugged on the way
# part PLACE PERCENT: of the transfers of the flash that was counted
part() {
	emu_log | sed -n "s/^count $1 control=\([0-9]*\) in=\([0-9]*\) out=\([0-9]*\) .*/\1 \2 \3/p" |
		awk -v percent="$2" '{ print int(($1 + $2 + $3) * percent / 100) }'
}
cp h563.before flash.bin
dfu
emu fault 1-1 after="$(part 1-1 60)" gone
flash usb-315D35723037 stm32/NUCLEO_H563ZI img.bin
is 'dfu, unplugged: exit status' "$status" 1
isnt 'dfu, unplugged: something was written' "$(many write)" 0
not_ok 'dfu, unplugged: not all was' holds img.bin h563.before flash.bin
emu_gone 1-1
dfu
flash usb-315D35723037 stm32/NUCLEO_H563ZI img.bin
is 'dfu, unplugged and run again: exit status' "$status" 0 || diag "$err"
ok 'dfu, unplugged and run again: the flash' holds img.bin h563.before flash.bin

cp rp2040.before rp2040.bin
pico 1-2 rp2040
emu fault 1-2 after="$(part 1-2 75)" gone
flash usb-1-2 rp2/RPI_PICO rp2040.uf2
is 'rp2040, unplugged: exit status' "$status" 1
isnt 'rp2040, unplugged: something was written' "$(many write)" 0
not_ok 'rp2040, unplugged: not all was written' holds rp2040.img rp2040.before rp2040.bin
emu_gone 1-2
pico 1-2 rp2040
flash usb-1-2 rp2/RPI_PICO rp2040.uf2
is 'rp2040, unplugged and run again: exit status' "$status" 0 || diag "$err"
ok 'rp2040, unplugged and run again: the flash' holds rp2040.img rp2040.before rp2040.bin

diag "$(uptime_s) unplugging is done"

# --- what a kernel makes of a device's answers
# The kernel takes a transfer back when mpflash waited long enough for it.
for fault in stall nak; do
	cp h563.before flash.bin
	dfu
	emu fault 1-1 after=6 "$fault" 21:01
	flash usb-315D35723037 stm32/NUCLEO_H563ZI img.bin
	is "dfu, $fault: exit status" "$status" 1
	case $fault in
	stall) like 'dfu, stall: what is said' "$err" 'LIBUSB_ERROR_PIPE' ;;
	nak) like 'dfu, nak: what is said' "$err" 'LIBUSB_ERROR_TIMEOUT' ;;
	esac
	flash usb-315D35723037 stm32/NUCLEO_H563ZI img.bin
	is "dfu, $fault: again, on the same device" "$status" 0 || diag "$err"
	ok "dfu, $fault: the flash" holds img.bin h563.before flash.bin
done
diag "$(uptime_s) faults are done"
done_testing
