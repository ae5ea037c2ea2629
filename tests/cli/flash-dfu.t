#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Flashing over DFU: real dfu-util and mpflash on the same emulated bootloaders, whose flash is a file. First dfu-util, so that a
# misreading of the protocol in the model shows up. tests/unit/dfu_test.c fails every single transfer.
# Runs sanitized: it takes its time.
. "$(dirname "$0")/lib.sh"
# shellcheck source=../emu/emu.sh
. "$TESTS_DIR/emu/emu.sh"

need python3 umockdev-wrapper dfu-util
cd "$T" || exit
sample_tree tree
emu_start

# image SIZE SEED [BANNER]: bytes that pass for firmware at 0x08000000
image() {
	python3 - "$@" <<'END'
import random, struct, sys

random.seed(int(sys.argv[2]))
data = bytearray(random.randbytes(int(sys.argv[1])))
data[0:64] = struct.pack('<16I', 0x20020000, *[0x08000201] * 15)
sys.stdout.buffer.write(data)
END
}
image 150000 1 >img.bin
image 14000 2 >little.bin
head -c 2097152 /dev/urandom >h563.before
head -c 1048576 /dev/urandom >f405.before
head -c 49152 /dev/urandom >small.before

# dfu WORDS: the bootloader is at 1-2, whatever was there before
dfu() {
	unplug
	emu model 1-2 dfu "flash=$T/flash.bin" "$@"
}
unplug() {
	emu forget
	grep -qs . "$emu_root/sys/bus/usb/devices/1-2/idVendor" && emu remove 1-2
	emu_since=$(emu_log | wc -l)
}
# what the device told since it was plugged in
told() {
	emu_log | tail -n "+$((emu_since + 1))"
}
many() {
	told | grep -c "^dfu 1-2 $1"
}
# Once it has left, the firmware runs.
then_runs() {
	emu on 'left 1-2' '=>' 0 usb 1-2 f055:9800 serial=315D35723037 cdc=ttyACM0
}
flash() {
	run emu_run "$MPFLASH" make -C tree -B --no-probe --device usb-315D35723037 "flash-${board:-NUCLEO_H563ZI}" --image "$@"
}
dfu_util() {
	run emu_other dfu-util -a 0 "$@"
}
# The file has the image from the beginning, and behind it what was there before.
holds() {
	python3 - "$@" <<'END'
import sys

image, before, now = (open(name, 'rb').read() for name in sys.argv[1:4])
wanted = image + before[len(image):]
sys.exit(0 if now == wanted else 'flash differs at 0x%x' % next(i for i in range(len(wanted)) if now[i:i + 1] != wanted[i:i + 1]))
END
}

# --- dfu-util first
cp h563.before flash.bin
dfu chip=h563
dfu_util -s 0x08000000:leave -D img.bin
is 'dfu-util writes the model: exit status' "$status" 0 || diag "$out$err"
ok 'dfu-util: the flash is the image' cmp -n 150000 img.bin flash.bin
ok 'dfu-util: it left' emu_saw 'left 1-2'
# A whole number of blocks: dfu-util counts them up to a short last one, which chips that count by the request's length (AN3156) read
# from somewhere else. mpflash sets the pointer again.
dfu chip=h563
rm -f up.bin
dfu_util -s 0x08000000:149504 -U up.bin
ok 'dfu-util reads it back' cmp up.bin flash.bin -n 149504
dfu chip=h563 protect=read
dfu_util -s 0x08000000 -D img.bin
like 'dfu-util: read protection is an error' "$out$err" 'ERASE_PAGE not correctly executed'
cp small.before flash.bin
dfu kind=plain id=2341:0368 transfer=64 attributes=1 layout=firmware
dfu_util -d 2341:0368 -D little.bin
ok 'dfu-util: plain DFU' cmp -n 14000 little.bin flash.bin

# --- the same by mpflash
cp h563.before flash.bin
dfu chip=h563
then_runs
flash img.bin
is 'mpflash: exit status' "$status" 0 || diag "$err"
# the last sector has bytes that are not the image's, and are written again
like 'mpflash: what it did' "$err" 'erase 19 of 19 sectors, write 155,648 bytes'
like 'mpflash: verified' "$err" '155648 bytes written and verified$'
ok 'mpflash: image and all around it' holds img.bin h563.before flash.bin
is 'mpflash: sectors' "$(many erase)" 19
is 'mpflash: no block at the wrong time, none twice' "$(many early)$(many second)" 00
dfu chip=h563
then_runs
flash img.bin
is 'again: exit status' "$status" 0
is 'again: nothing is erased or written' "$(many erase) $(many write)" '0 0'
{
	head -c 20000 img.bin
	printf 'changed'
	tail -c +20008 img.bin
} >changed.bin
dfu chip=h563
then_runs
flash changed.bin
is 'seven bytes: one sector' "$(told | grep 'dfu 1-2 erase')" 'dfu 1-2 erase 08004000'
ok 'seven bytes: the flash' holds changed.bin h563.before flash.bin
dfu chip=h563
run emu_run "$MPFLASH" make -C tree --no-probe --device usb-315 verify-NUCLEO_H563ZI --image changed.bin
is 'verify: exit status' "$status" 0 || diag "$err"
run emu_run "$MPFLASH" make -C tree --no-probe --device usb-315 verify-NUCLEO_H563ZI --image img.bin
is 'verify of another: exit status' "$status" 1
like 'verify of another: where' "$err" '0x08004e20 holds 63, the image has '
run emu_run "$MPFLASH" make -C tree --no-probe --device usb-315 read-NUCLEO_H563ZI -o back.bin
is 'read: exit status' "$status" 0 || diag "$err"
ok 'read: all of the flash' cmp back.bin flash.bin
is 'verify and read leave it where it was' "$(many leave)" 0

# --- an image with a hole, where the user's files are
head -c 14000 img.bin >first.bin
head -c 70003 /dev/urandom >second.bin
"$MPFLASH" convert first.bin@0x08000000 second.bin@0x08020000 split.dfu || bail 'no split image'
split() {
	python3 - "$1" <<'END'
import sys

before, now = (open(name, 'rb').read() for name in ('f405.before', 'flash.bin'))
wanted = bytearray(before)
if sys.argv[1] == 'erased':
    wanted[0:0x4000] = b'\xff' * 0x4000
    wanted[0x20000:0x40000] = b'\xff' * 0x20000
for name, at in (('first.bin', 0), ('second.bin', 0x20000)):
    data = open(name, 'rb').read()
    data += bytes(-len(data) % 8)
    wanted[at:at + len(data)] = data
sys.exit(now != wanted)
END
}
cp f405.before flash.bin
dfu chip=f405
dfu_util -D split.dfu
# Different on purpose: of the sectors that the image ends in, dfu-util erases the rest, and writes the file's padding.
ok 'a split image: dfu-util leaves the hole, and erases around the parts' split erased || diag "$out$err"
cp f405.before flash.bin
dfu chip=f405
then_runs
board=PYBV11 flash split.dfu
is 'a split image: exit status' "$status" 0 || diag "$err"
ok 'a split image: every other byte is as before' split kept

# --- faults
cp small.before flash.bin
dfu chip=small
emu on 'dfu 1-2 leave 08000000' '=>' 0 count 1-2
flash little.bin
ok 'a small one' holds little.bin small.before flash.bin
total=$(told | sed -n 's/^count 1-2 control=\([0-9]*\) .*/\1/p')
ok 'a small one takes many transfers' test "$total" -gt 100
wrong=0 claimed=0
for percent in 5 10 15 20 25 30 35 40 45 50 55 60 65 70 75 80 85 90 95; do
	cp small.before flash.bin
	dfu chip=small
	emu fault 1-2 "after=$((total * percent / 100))" gone
	flash little.bin
	if [ "$status" = 0 ]; then
		claimed=$((claimed + 1))
		diag "unplugged at $percent %: $err"
	fi
	dfu chip=small
	then_runs
	flash little.bin
	if [ "$status" != 0 ] || ! holds little.bin small.before flash.bin; then
		wrong=$((wrong + 1))
		diag "after $percent %: $err"
	fi
done
is 'unplugged at every 5 %: no run says that it succeeded' "$claimed" 0
is 'unplugged at every 5 %: the next run ends it, with all that was there' "$wrong" 0

# fault NAME ERROR WORDS: the run fails so, and the next one, on the same bootloader, ends well
fault() {
	name=$1 text=$2
	shift 2
	cp small.before flash.bin
	dfu chip=small
	emu fault 1-2 "$@"
	flash little.bin
	is "$name: exit status" "$status" 1
	like "$name: what is said" "$err" "$text"
	like "$name: what to do" "$err" '^hint: .*run the same command again'
	then_runs
	flash little.bin
	is "$name: again" "$status" 0 || diag "$err"
	ok "$name: the flash" holds little.bin small.before flash.bin
}
fault 'a stall' 'write 0x08001000: .*LIBUSB_ERROR_PIPE|write 0x0800' after=12 stall 21:01
fault 'a NAK for ever' 'LIBUSB_ERROR_TIMEOUT' after=10 nak 21:01
fault 'babble' 'LIBUSB_ERROR_OVERFLOW' after=40 babble a1:03
fault 'a broken answer' 'LIBUSB_ERROR_IO' after=25 lost a1:03

for poll in 'poll=0' 'poll=16777215 busy=answers'; do
	cp small.before flash.bin
	# shellcheck disable=SC2086 # words
	dfu chip=small erase_ms=20 write_ms=2 $poll
	then_runs
	flash little.bin
	is "wrong poll times ($poll): exit status" "$status" 0 || diag "$err"
	ok "wrong poll times ($poll): the flash" holds little.bin small.before flash.bin
done

# --- protections
cp small.before flash.bin
dfu chip=small protect=read
flash little.bin
is 'read protection: exit status' "$status" 1
like 'read protection: named' "$err" '^error: .*: the flash of this chip is read-protected$'
like 'read protection: the way out' "$err" '^hint: --unlock lifts the protection; the chip erases all'
is 'read protection: nothing was done to it' "$(many erase)$(many unprotect)$(many write)" 000
ok 'read protection: the flash is as it was' cmp small.before flash.bin
emu on 'left 1-2' '=>' 50 model 1-2 dfu "flash=$T/flash.bin" chip=small
flash little.bin --unlock
like '--unlock: is said' "$err" 'lift the read protection; the chip erases all of its flash'
is '--unlock: is told to the chip' "$(many unprotect)" 1
ok '--unlock: the flash' cmp -n 14000 little.bin flash.bin
cp small.before flash.bin
dfu chip=small locked=08001000+1000
flash little.bin
is 'a write-protected sector, which reports no error: exit status' "$status" 1
like 'a write-protected sector: which' "$err" '^error: .*the sector 0x08001000-0x08001fff is write-protected'
dfu chip=small error=10
then_runs
cp small.before flash.bin
flash little.bin
is 'an error state of another program is cleared' "$status" 0 || diag "$err"

# --- plain DFU, by the rules' ids
cat >plain.rules <<'END'
port stm32
  dfu.vid = 0x2341
  dfu.pid = 0x0368
END
cp small.before flash.bin
dfu kind=plain id=2341:0368 transfer=64 attributes=1 layout=firmware
then_runs
flash little.bin --rules plain.rules
is 'plain DFU: exit status' "$status" 0 || diag "$err"
ok 'plain DFU: the flash' cmp -n 14000 little.bin flash.bin
unlike 'plain DFU: nobody can read it, so it is not called verified' "$err" 'verified'

# --- interrupted while it is looked at
# transfers: how many there were since the device was plugged in, as far as they were counted
transfers() {
	emu_log | tail -n "+$((emu_since + 1))" | awk '$1 == "count" { sub("control=", "", $3); n += $3 } END { print n + 0 }'
}
# interrupted WORDS: mpflash make WORDS on a device with very small blocks, and an interrupt when it has begun
interrupted() {
	dfu chip=h563 transfer=64
	emu_run "$MPFLASH" make -C tree --no-probe --device usb-315 "$@" >cut.out 2>&1 &
	interrupted=$!
	while kill -0 "$interrupted" 2>/dev/null && emu count 1-2 && [ "$(transfers)" -lt 300 ]; do
		sleep 0.05
	done
	for pid in $(processes_of "$T" "$MPFLASH"); do
		kill -TERM "$pid"
	done
	wait "$interrupted"
	status=$?
}
cp h563.before flash.bin
interrupted read-NUCLEO_H563ZI -o cut.bin
is 'interrupted in reading: exit status' "$status" 130 || diag "$(cat cut.out)"
not_ok 'interrupted in reading: half a memory is no backup' test -e cut.bin
head -c 2000000 h563.before >same.bin
interrupted -B flash-NUCLEO_H563ZI --allow vectors --allow filesystem --image same.bin
is 'interrupted in comparing: exit status' "$status" 130 || diag "$(cat cut.out)"
ok 'interrupted in comparing: nothing was written' cmp h563.before flash.bin

# --- killed
cp small.before flash.bin
dfu chip=small erase_ms=60 write_ms=5
emu_run "$MPFLASH" make -C tree --no-probe --device usb-315 flash-NUCLEO_H563ZI --image little.bin >/dev/null 2>&1 &
killed=$!
emu_saw 'dfu 1-2 write 08001000 1024' || emu_saw 'dfu 1-2 erase 08002000'
kill -9 "$killed"
wait "$killed" 2>/dev/null
sleep 0.3
then_runs
flash little.bin
is 'killed: the next run ends it' "$status" 0 || diag "$err"
ok 'killed: the flash' holds little.bin small.before flash.bin

# --- another place
cp small.before flash.bin
dfu chip=small
emu on 'left 1-2' '=>' 100 usb 3-1.2 f055:9800 serial=315D35723037 cdc=ttyACM3
flash little.bin
is 'it comes back at another place: exit status' "$status" 0 || diag "$err"
emu remove 3-1.2
dfu chip=small
emu model 1-3 dfu "flash=$T/other.bin" chip=small serial=206A36973456
run emu_run "$MPFLASH" make -C tree --no-probe flash-NUCLEO_H563ZI --image little.bin
is 'two bootloaders: exit status' "$status" 1
like 'two bootloaders: both are named' "$err" 'usb-315D35723037.*usb-206A36973456|usb-206A36973456.*usb-315D35723037'
ok 'two bootloaders: none was written' test "$(many erase)" = 0
done_testing
