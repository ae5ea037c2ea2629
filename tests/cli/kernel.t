#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Runs once. Flashing over a real kernel's USB: the models of tests/emu behind vhci-hcd in a virtual machine, real dfu-util and
# mpflash in it (tests/emu/guest_flash.sh). What umockdev emulates of usbfs is there the kernel's.
. "$(dirname "$0")/lib.sh"
# shellcheck source=../peers/lib.sh
. "$TESTS_DIR/peers/lib.sh"
# shellcheck source=../emu/kernel.sh
. "$TESTS_DIR/emu/kernel.sh"

need python3 dfu-util
for program in qemu-system-x86_64 busybox; do
	command -v $program >/dev/null || skip_all "$program is not here"
done
cd "$T" || exit
began=$(date +%s)
peer_kernel || skip_all "$why"
diag "kernel: $(cat "$PEER_KERNEL/release"), here after $(($(date +%s) - began)) s"

python3 - <<'END' || bail 'no images'
import random, struct

random.seed(7)

def write(name, data):
    open(name, "wb").write(data)

image = bytearray(random.randbytes(50000))
image[0:64] = struct.pack("<16I", 0x20020000, *[0x08000201] * 15)
write("img.bin", image)
write("h563.before", random.randbytes(2 << 20))
for chip in "rp2040", "rp2350":
    write(chip + ".before", random.randbytes(512 << 10))
    body = bytearray(random.randbytes(24 << 10))
    if chip == "rp2040":
        # boot2 with its CRC, or the ROM does not start what is behind it
        crc = 0xFFFFFFFF
        for byte in body[:252]:
            crc ^= byte << 24
            for _ in range(8):
                crc = (crc << 1 ^ 0x04C11DB7 if crc & 0x80000000 else crc << 1) & 0xFFFFFFFF
        struct.pack_into("<I", body, 252, crc)
        struct.pack_into("<2I", body, 256, 0x20042000, 0x10000301)
    else:
        # vectors and an image block
        struct.pack_into("<2I", body, 0, 0x20082000, 0x10000201)
        struct.pack_into("<5I", body, 0x100, 0xFFFFDED3, 0x10210142, 0x000001FF, 0, 0xAB123579)
    write(chip + ".img", body)
END
cat >boards.rules <<'END'
port rp2
  board RPI_PICO
    chip = rp2040
    flash = picoboot
  board RPI_PICO2
    chip = rp2350
    flash = picoboot
    uf2.family = rp2350-arm-s
port stm32
  board NUCLEO_H563ZI
    flash = dfu
END
for chip in rp2040 rp2350; do
	"$MPFLASH" convert --from bin --base 0x10000000 "$chip.img" "$chip.uf2" || bail "convert $chip"
	cp "$chip.before" "$chip.bin"
done
kernel_add img.bin h563.before rp2040.before rp2350.before rp2040.bin rp2350.bin rp2040.img rp2350.img rp2040.uf2 \
	rp2350.uf2 boards.rules
kernel_run "$TESTS_DIR/emu/guest_flash.sh" 540
# On a machine that does nothing else it takes little more than that.
times >times.txt # here: a subshell has had no children
cpu=$(awk 'NR == 2 { for (i = 1; i <= 2; i++) { split($i, t, "[ms]"); s += 60 * t[1] + t[2] } printf "%d", s }' times.txt)
ok 'all of it takes at most 90 s of a processor' test "${cpu:-999}" -le 90
diag "$(($(date +%s) - began)) s, of a processor $cpu s"
done_testing
