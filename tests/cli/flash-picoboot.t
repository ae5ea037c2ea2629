#!/bin/sh
# SPDX-License-Identifier: MIT
#
# mpflash make flash-, verify-, read-BOARD over PICOBOOT: an RP2040 and an RP2350 in their boot ROM, their flash in a file. Another
# PICOBOOT client writes the same models first.
. "$(dirname "$0")/lib.sh"
# shellcheck source=../emu/emu.sh
. "$TESTS_DIR/emu/emu.sh"
# shellcheck source=../peers/lib.sh
. "$TESTS_DIR/peers/lib.sh"

need python3 umockdev-wrapper
cd "$T" || exit
emu_start
printf 'x' >reply

# image FILE CHIP KIB SEED: what a boot ROM would start (boot2 with its CRC; an image block), then bytes of a random kind
image() {
	python3 - "$@" <<'END'
import random, struct, sys
name, chip, kib, seed = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
body = bytearray(random.Random(seed).randbytes(kib * 1024))
body[0x200:0x240] = b"a program of the test, %02d " % seed + bytes(38)
if chip == "rp2040":
    crc = 0xFFFFFFFF
    for byte in body[:252]:
        crc ^= byte << 24
        for _ in range(8):
            crc = (crc << 1 ^ 0x04C11DB7 if crc & 0x80000000 else crc << 1) & 0xFFFFFFFF
    struct.pack_into("<I", body, 252, crc)
    struct.pack_into("<2I", body, 256, 0x20042000, 0x10000301)
else:
    struct.pack_into("<2I", body, 0, 0x20082000, 0x10000201)
    struct.pack_into("<5I", body, 0x100, 0xFFFFDED3, 0x10210142, 0x000001FF, 0, 0xAB123579)
open(name, "wb").write(body)
END
	"$MPFLASH" convert --base 0x10000000 "$1" "${1%.bin}.uf2" || bail "convert $1"
}

# boot CHIP [WORDS]: a board at 1-2 in its boot ROM; its flash is $chip.flash
boot() {
	unplug
	chip=$1
	shift
	emu model 1-2 picoboot chip="$chip" flash="$T/$chip.flash" size=512 "$@"
}
unplug() {
	emu forget
	! grep -qs . "$emu_root/sys/bus/usb/devices/1-2/idVendor" || emu remove 1-2
	emu_since=$(emu_log | wc -l)
}
# When it has left, its firmware runs.
then_runs() {
	emu on left 1-2 '=>' "${1:-50}" usb 1-2 2e8a:0005 serial=e6614c311b8a5f2b cdc=ttyACM0
}
# what the chip told since it was plugged in: many "erase"
many() {
	emu_log | tail -n "+$((emu_since + 1))" | grep -c "^picoboot 1-2 $1"
}
was_written() {
	[ "$(many erase)$(many write)" != 00 ]
}

# old CHIP: 512 KiB of anything
old() {
	python3 -c 'import random, sys; open(sys.argv[1], "wb").write(random.Random(99).randbytes(512 << 10))' "$1.old"
	cp "$1.old" "$1.flash"
}
# holds IMAGE.bin CHIP [OFFSET]: the flash is the image, and all else of it as it was
holds() {
	python3 - "$@" <<'END'
import sys

image, old, now = (open(name, "rb").read() for name in (sys.argv[1], sys.argv[2] + ".old", sys.argv[2] + ".flash"))
at = int(sys.argv[3], 0) if len(sys.argv) > 3 else 0
wanted = old[:at] + image + old[at + len(image):]
sys.exit(0 if now == wanted else "differs at 0x%x" % next(i for i in range(len(wanted)) if now[i:i + 1] != wanted[i:i + 1]))
END
}

cat >boards.rules <<'END'
port rp2
  board RPI_PICO
    chip = rp2040
    flash = picoboot
  board RPI_PICO2
    chip = rp2350
    flash = picoboot
    uf2.family = rp2350-arm-s
END

# make TARGET OPTIONS
make() {
	run emu_run "$MPFLASH" make --rules boards.rules --device usb-1-2 --no-probe "$@"
}
flash() {
	make -B flash-rp2/RPI_PICO --image "$@"
}
flash2() {
	run emu_run "$MPFLASH" make --rules boards.rules --no-probe --device usb-0F1E2D3C4B5A6978 flash-rp2/RPI_PICO2 --image "$@"
}

image a.bin rp2040 120 1
image b.bin rp2350 60 2
image small.bin rp2040 20 3
cp a.bin c.bin
printf x | dd of=c.bin bs=1 seek=70000 conv=notrunc 2>/dev/null
"$MPFLASH" convert --base 0x10000000 c.bin c.uf2

# --- somebody else's client first
cat >client.py <<'END'
import sys
from picoboot import PicoBoot

p = PicoBoot.open()
print(p._memory // 1024)
data = open("small.bin", "rb").read()
p.exit_xip()
p.flash_erase(0x10000000, len(data))
p.flash_write(0x10000000, data)
assert bytes(p.flash_read(0x10000000, len(data))) == data
p.close()
END
if peer_picoboot; then
	for chip in rp2040 rp2350; do
		old $chip
		boot $chip
		run emu_other python3 client.py
		is "another client writes the $chip: exit status" "$status" 0 || diag "$err"
		like "another client finds the size of the $chip's flash" "$out" '^512$'
		ok "another client writes the $chip: its flash" holds small.bin "$chip"
	done
else
	skip 'another client' "$why"
fi
if command -v picotool >/dev/null && picotool help load >/dev/null 2>&1; then
	old rp2040
	boot rp2040
	run emu_other picotool load -v -x a.bin -o 0x10000000
	is 'picotool writes the rp2040: exit status' "$status" 0
	ok 'picotool writes the rp2040: its flash' holds a.bin rp2040
else
	skip 'picotool' 'picotool (with libusb) is not here'
fi

# --- RP2040
old rp2040
boot rp2040
then_runs
flash a.uf2
is 'rp2040: exit status' "$status" 0 || diag "$err"
like 'rp2040: how much' "$err" 'erase 30 of 30 sectors, write 122,880 bytes'
like 'rp2040: verified' "$err" '122880 bytes written and verified$'
ok 'rp2040: the flash is the image, and as before behind it' holds a.bin rp2040
ok 'rp2040: it was started' emu_saw 'left 1-2'
like 'rp2040: its drive stayed' "$(emu_log)" 'picoboot 1-2 exclusive 00000001'

boot rp2040
then_runs
flash a.uf2 --recheck
is 'again: exit status' "$status" 0
not_ok 'again: nothing is erased or written' was_written

boot rp2040
then_runs
flash c.uf2
is 'one changed byte: exit status' "$status" 0
is 'one changed byte: one sector' "$(many erase) $(many write)" '1 1'
ok 'one changed byte: the flash' holds c.bin rp2040

boot rp2040
make verify-rp2/RPI_PICO --image c.uf2
is 'verify: exit status' "$status" 0
make verify-rp2/RPI_PICO --image a.uf2
is 'verify, another image: exit status' "$status" 1
like 'verify, another image: where' "$err" '0x10011170'
not_ok 'verify writes nothing' was_written

boot rp2040
make read-rp2/RPI_PICO -o read.bin
is 'read: exit status' "$status" 0 || diag "$err"
ok 'read: all of the flash' cmp read.bin rp2040.flash

boot rp2040
flash b.uf2
is 'an image for the other chip: exit status' "$status" 1
like 'an image for the other chip: why' "$err" '^error: .*RP2350'
not_ok 'an image for the other chip: nothing was written' was_written

# --- RP2350
old rp2350
boot rp2350
then_runs
flash2 b.uf2
is 'rp2350: exit status' "$status" 0 || diag "$err"
ok 'rp2350: the flash' holds b.bin rp2350
like 'rp2350: it starts what was written' "$(emu_log)" 'picoboot 1-2 reboot 4 10000000'

cp rp2350.old rp2350.flash
boot rp2350 partition=2000+10000:e48bff59
then_runs
flash2 b.uf2
is 'a partition: exit status' "$status" 0 || diag "$err"
ok 'a partition: the image is in it' holds b.bin rp2350 0x2000
like 'a partition: it starts what was written' "$(emu_log)" 'picoboot 1-2 reboot 4 10002000'

cp rp2350.old rp2350.flash
boot rp2350 partition=2000+10000:e48bff5a
flash2 b.uf2
is 'no partition for it: exit status' "$status" 1
like 'no partition for it: why' "$err" "^error: .*none of the board's partitions takes an image of family rp2350-arm-s"
ok 'no partition for it: nothing was written' cmp rp2350.old rp2350.flash

# --- what goes wrong on the way; then again
image small2.bin rp2040 20 4
old rp2040
boot rp2040
then_runs
emu on picoboot 1-2 reboot 0 00000000 '=>' 0 count 1-2
flash small.uf2
transfers=$(emu_log | sed -n 's/^count 1-2 control=\([0-9]*\) in=\([0-9]*\) out=\([0-9]*\) .*/\1 \2 \3/p' | tail -n 1 | awk '{ print $1 + $2 + $3 }')
ok 'the number of transfers is known' test "${transfers:-0}" -gt 20 || diag "$(emu_log | tail -n 4)"
percent=5
while [ "$percent" -le 95 ]; do
	cp rp2040.old rp2040.flash
	boot rp2040
	emu fault 1-2 after=$((transfers * percent / 100)) gone
	flash small.uf2
	is "unplugged at $percent %: exit status" "$status" 1
	boot rp2040
	then_runs 0
	flash small.uf2
	ok "unplugged at $percent %: the next run ends well" holds small.bin rp2040
	[ "$status" = 0 ] || is "unplugged at $percent %: the next run's exit status" "$status" 0
	percent=$((percent + 5))
done

for fault in 'after=9 stall' 'after=14 babble' 'after=17 error' 'after=20 lost'; do
	cp rp2040.old rp2040.flash
	boot rp2040
	then_runs
	emu fault 1-2 "$fault"
	flash small.uf2
	is "$fault: exit status" "$status" 0 || diag "$err"
	ok "$fault: the flash" holds small.bin rp2040
done

# killed in the middle of a slow write; the chip waits for bytes that do not come
cp rp2040.old rp2040.flash
boot rp2040 write_us=30000
emu_run "$MPFLASH" make -B --rules boards.rules --device usb-1-2 --no-probe flash-rp2/RPI_PICO --image small.uf2 >/dev/null 2>&1 &
killed=$!
until emu_log | tail -n "+$((emu_since + 1))" | grep -q '^picoboot 1-2 write'; do
	sleep 0.05
done
for pid in $(processes_of "$T" "$MPFLASH"); do
	kill -9 "$pid"
done
wait "$killed"
not_ok 'killed: the image is not there' holds small.bin rp2040
emu on left 1-2 '=>' 50 usb 1-2 2e8a:0005 serial=e6614c311b8a5f2b cdc=ttyACM0
flash small.uf2
is 'killed: the next run' "$status" 0 || diag "$err"
ok 'killed: the flash after it' holds small.bin rp2040

# it comes back at another place: its chip's number is not known in RP2040's ROM, but nobody else came
cp rp2040.old rp2040.flash
boot rp2040
emu on left 1-2 '=>' 50 usb 2-1 2e8a:0005 serial=e6614c311b8a5f2b cdc=ttyACM0
flash small.uf2
is 'back at another place: exit status' "$status" 0 || diag "$err"
ok 'back at another place: the flash' holds small.bin rp2040

# --- a board that runs is led there
emu_boards pico=pico
emu remove 2-1
unplug
emu usb 1-2 2e8a:0005 serial=e6614c311b8a5f2b cdc=ttyACM0 if=ff/00/01
emu on control 1-2 21:01 0000 '=>' 30 remove 1-2
emu on control 1-2 21:01 0000 '=>' 200 model 1-2 picoboot chip=rp2040 flash="$T/rp2040.flash" size=512
emu on left 1-2 '=>' 50 usb 1-2 2e8a:0005 serial=e6614c311b8a5f2b cdc=ttyACM0
emu on left 1-2 '=>' 60 link ttyACM0 "$(readlink pico)"
emu link ttyACM0 "$(readlink pico)"
run emu_run "$MPFLASH" make --rules boards.rules --device usb-e6614c311b8a5f2b --bootloader picoboot flash-rp2/RPI_PICO --image a.uf2
is 'a board that runs: exit status' "$status" 0 || diag "$err $(emu_log | tail -n 20)"
like 'a board that runs: who it is afterwards' "$out" '^rp2/RPI_PICO on /dev/ttyACM0: MicroPython v1.29.0'
ok 'a board that runs: the flash' holds a.bin rp2040

# what cannot be done there is told, and the board runs on as before
# led_there CHIP PID_OF_BOOTLOADER WORDS: the board at 1-2 runs, and can be led into its bootloader
led_there() {
	emu remove 1-2
	emu usb 1-2 2e8a:0005 serial=e6614c311b8a5f2b cdc=ttyACM0 if=ff/00/01
	emu_since=$(emu_log | wc -l)
	emu on control 1-2 21:01 0000 '=>' 30 remove 1-2
	emu on control 1-2 21:01 0000 '=>' 200 model 1-2 picoboot "$@"
	emu on left 1-2 '=>' 50 usb 1-2 2e8a:0005 serial=e6614c311b8a5f2b cdc=ttyACM0
}
# left_again: it has left its bootloader since then
left_again() {
	emu_log | tail -n "+$((emu_since + 1))" | grep -qx 'left 1-2'
}
led_there chip=rp2040 flash="$T/rp2040.flash" size=512
run emu_run "$MPFLASH" make --rules boards.rules --no-probe --device usb-e6614c311b8a5f2b --bootloader picoboot read-rp2/RPI_PICO \
	--range 0x20000000+16 -o ram.bin
is 'read what is not there: exit status' "$status" 1
like 'read what is not there: why' "$err" 'no memory at 0x20000000'
ok 'read what is not there: the board runs again' left_again
old rp2350
MPFLASH_CACHE=$T/cache.2 # this number was a Pico's until now
led_there chip=rp2350 flash="$T/rp2350.flash" size=512 serial=0F1E2D3C4B5A6978 partition=2000+1000:e48bff59
run emu_run "$MPFLASH" make -B --rules boards.rules --no-probe --device usb-e6614c311b8a5f2b --bootloader picoboot flash-rp2/RPI_PICO2 \
	--image b.uf2
is 'too large for its partition: exit status' "$status" 1
like 'too large for its partition: why' "$err" 'does not fit into partition 0 of the board, 4 KiB' || diag "$err"
ok 'too large for its partition: the board runs again' left_again

done_testing
