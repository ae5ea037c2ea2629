#!/bin/sh
# SPDX-License-Identifier: MIT
#
# What mpflash make flash-BOARD finds wrong with an image before the board is touched: errors that stop it, warnings that are
# told, --allow. The boards are rules only; nothing is started.
. "$(dirname "$0")/lib.sh"

need python3 qemu-system-arm
cd "$T" || exit

cat >boards.rules <<'END'
port stm32
  board FAKE_F4
    chip = stm32f4
    flash = qemu
    qemu.machine = netduino2
    flash.base = 0x08000000
    flash.size = 0x100000
    fs = 0x08004000+0x10000 0x08080000+0x1000
  board FAKE_H7
    chip = stm32h7
    flash = qemu
    qemu.machine = netduino2
    flash.base = 0x08040000
    flash.size = 0xc0000
    protect = bootloader=0x08000000+0x40000
  board WRONG_CHIP
    chip = stm32q9
    flash = qemu
    qemu.machine = netduino2
    flash.size = 0x1000
  board WRONG_FS
    flash = qemu
    qemu.machine = netduino2
    flash.size = 0x1000
    fs = 0x08004000-0x1000
  board WRONG_PROTECT
    flash = qemu
    qemu.machine = netduino2
    flash.size = 0x1000
    protect = 0x08004000+0x1000
END

# image NAME ADDRESS SP RESET [TEXT]: NAME.hex, 64 bytes and a text
image() {
	python3 -c 'import struct, sys
sys.stdout.buffer.write(struct.pack("<2I56x", int(sys.argv[1], 0), int(sys.argv[2], 0)) + sys.argv[3].encode() + b"\0")' \
		"$3" "$4" "${5-}" >"$1.bin"
	"$MPFLASH" convert --base "$2" "$1.bin" "$1.hex" || bail "convert $1"
}

flash() {
	run "$MPFLASH" make -n --rules boards.rules "$@"
}

# stopped NAME ERROR FINDING
stopped() {
	is "$1: stopped" "$status" 1
	like "$1: why" "$err" "^error: stm32/FAKE_.. flash: .*$2"
	like "$1: the way out" "$err" "^hint: .* all the same:.* --allow $3( |\$)"
}

image good 0x08000000 0x20020000 0x08000021
flash flash-FAKE_F4 --image good.hex
is 'a sane image passes' "$status" 0
unlike 'without a word' "$err" 'note:|vector|0x08'

image stack 0x08000000 0x30000000 0x08000021
flash flash-FAKE_F4 --image stack.hex
stopped 'a stack where no RAM is' 'stack at 0x30000000' vectors
flash flash-FAKE_F4 --image stack.hex --allow vectors
is 'allowed: goes on' "$status" 0
like 'allowed: told all the same' "$err" 'note: .*FAKE_F4 flash: the vector table at 0x08000000 has its stack at 0x30000000'

image files 0x08004000 0x20020000 0x08004021
flash flash-FAKE_F4 --image files.hex
stopped 'bytes over the files' "would overwrite the user's files at 0x08004000-0x08013fff" filesystem
image more 0x08080ff0 0x20020000 0x08080ff9
flash flash-FAKE_F4 --image more.hex
stopped 'over the second range' "0x08080ff0-0x08080fff \\(16 bytes\\) would overwrite the user's files" filesystem

image outside 0x080fffc0 0x20020000 0x080fffe1
flash flash-FAKE_F4 --image outside.hex
stopped 'bytes behind the flash' '0x08100000-0x08100000 \(1 bytes\) is outside of the flash' address

flash flash-FAKE_H7 --image good.hex
stopped 'an image over the bootloader' 'is outside of the flash; .* would overwrite the bootloader' address
flash flash-FAKE_H7 --image good.hex --allow address
stopped 'allowed outside, still protected' 'would overwrite the bootloader at 0x08000000-0x0803ffff' protected

image f4 0x08040000 0x24001000 0x08040021 'PYBv1.1 with STM32F405RG'
flash flash-FAKE_H7 --image f4.hex
is 'a banner of another chip: goes on' "$status" 0
like 'a banner of another chip: told' "$err" 'note: .*probably for the STM32F4, FAKE_H7 has the STM32H7'
"$MPFLASH" convert f4.hex f4.uf2 --family rp2040 || bail 'convert to uf2'
flash flash-FAKE_H7 --image f4.uf2
stopped 'a UF2 family of another chip' "'rp2040' is that of the RP2040, FAKE_H7 has the STM32H7" family

flash flash-FAKE_F4 --image good.hex --allow everything
is 'an unknown finding: usage' "$status" 2
like 'an unknown finding: those that are known' "$err" '^hint: one of address, boot2-crc, .*vectors$'

# wrong BOARD ERROR
wrong() {
	flash "flash-WRONG_$1" --image good.hex
	is "a rule that is wrong: $1" "$status" 1
	like "it is named: $1" "$err" "^error: .*the rules of stm32/WRONG_$1: $2"
}
wrong CHIP "chip: 'stm32q9' is not known"
wrong FS "fs: '0x08004000-0x1000' is not ADDRESS\\+SIZE"
wrong PROTECT "protect: '0x08004000\\+0x1000' is not NAME=ADDRESS\\+SIZE"

done_testing
