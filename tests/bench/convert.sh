#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Conversions of an ELF like a NUCLEO_H563ZI's: half a megabyte of firmware, six of debug information. In process
# (tests/bench/images.c), and the whole command against objcopy (promised: 3 times as fast) and Python's IntelHex (10 times).
here=$(cd -- "$(dirname -- "$0")" && pwd -P)
set -eu
. "$here/lib.sh"
. "$here/../peers/lib.sh"
cd "$TMPDIR"
head -c 545000 /dev/urandom >blob
head -c 6350000 /dev/urandom >debug
printf '.syntax unified\n.section .text\n.incbin "blob"\n.section .debug_bench,"",%%progbits\n.incbin "debug"\n' >a.s
arm-none-eabi-gcc -c -o a.o a.s
arm-none-eabi-ld -Ttext=0x08000000 -e 0x08000000 -o a.elf a.o
"$BENCH_PROGRAMS/images" a.elf
for format in bin hex srec; do
	case $format in
	bin) target=binary ;;
	hex) target=ihex ;;
	srec) target=srec ;;
	esac
	"$MPFLASH" convert a.elf "ours.$format" 2>/dev/null || continue
	peers 21 "mpflash: elf to $format" "'$MPFLASH' convert a.elf ours.$format" \
		"objcopy: elf to $format" "arm-none-eabi-objcopy -O $target a.elf theirs.$format"
done
cmp ours.bin theirs.bin
for format in dfu uf2; do
	peers 21 "mpflash: elf to $format" "'$MPFLASH' convert a.elf ours.$format"
done
if peer_python; then
	PYTHONPATH=$PEER_PYTHON PYTHONDONTWRITEBYTECODE=1
	export PYTHONPATH PYTHONDONTWRITEBYTECODE
	peers 9 "mpflash: bin to hex" "'$MPFLASH' convert --base 0x08000000 ours.bin ours.hex" \
		"intelhex: bin to hex" "python3 '$PEER_PYTHON/bin/bin2hex.py' --offset=0x08000000 ours.bin python.hex"
	peers 9 "mpflash: hex to bin" "'$MPFLASH' convert ours.hex ours.bin" \
		"intelhex: hex to bin" "python3 '$PEER_PYTHON/bin/hex2bin.py' ours.hex python.bin"
	cmp python.bin blob
	# An ESP32-C3's boot loader (20 KiB) and app (1.5 MiB) as one file. esptool fills up to 4 MB only when asked to.
	python3 - <<'END'
import os, struct

for name, load, size in (('boot', 0x40380000, 20000), ('app', 0x42000020, 1500000)):
    data = os.urandom(size)
    out = struct.pack('<4BIBBBBHBHHBBBBB', 0xe9, 1, 2, 0x20, 0x40380000, 0xee, 0, 0, 0, 5, 0, 0, 0xffff, 0, 0, 0, 0, 0)
    out += struct.pack('<2I', load, size) + data
    total = 0xef
    for b in data:
        total ^= b
    with open(name + '.bin', 'wb') as f:
        f.write(out + bytes(15 - len(out) % 16) + bytes([total]))
END
	peers 9 "mpflash: esp merge" "'$MPFLASH' convert boot.bin@0 app.bin@0x10000 --to esp merged.bin" \
		"esptool: merge-bin" "python3 -m esptool --chip esp32c3 merge-bin -o esptool.bin 0x0 boot.bin 0x10000 app.bin"
	cmp merged.bin esptool.bin
else
	printf 'no IntelHex to compare with: %s\n' "$why"
fi
