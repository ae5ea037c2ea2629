#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Conversions of an ELF with half a megabyte of firmware and a few of debug text: mpflash against objcopy.
here=$(cd -- "$(dirname -- "$0")" && pwd -P)
set -eu
cd "$TMPDIR"
head -c 524288 /dev/urandom >blob
head -c 6000000 /dev/urandom >debug
printf '.syntax unified\n.section .text\n.incbin "blob"\n.section .debug_bench,"",%%progbits\n.incbin "debug"\n' >a.s
arm-none-eabi-gcc -c -o a.o a.s
arm-none-eabi-ld -Ttext=0x08000000 -e 0x08000000 -o a.elf a.o
for format in bin hex; do
	target=binary
	[ $format = bin ] || target=ihex
	python3 "$here/peers.py" 21 \
		"mpflash: elf to $format" "'$MPFLASH' convert a.elf ours.$format" \
		"objcopy: elf to $format" "arm-none-eabi-objcopy -O $target a.elf theirs.$format"
done
cmp ours.bin theirs.bin
