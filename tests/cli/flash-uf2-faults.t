#!/bin/sh
# SPDX-License-Identifier: MIT
#
# What goes wrong with a UF2 bootloader's drive: it goes too early, refuses, is another one by now, or is written by two. No run says that
# it succeeded when it did not, and the next one does.
# Runs sanitized: it takes its time.
# shellcheck disable=SC2119 # comes_back takes lines for the rig, or none

# shellcheck source=uf2.sh
. "$(dirname "$0")/uf2.sh"

image samd 0x4000 60 1 samd51
image other 0x4000 60 2 samd51
m4

# whole IMAGE.bin: now.uf2 is what a drive shows of 256 KiB of flash that have it: bootloader, firmware, and bytes behind it
whole() {
	python3 - "$1.bin" <<'END'
import random, sys
flash = bytearray(random.Random(9).randbytes(0x40000))
firmware = open(sys.argv[1], "rb").read()
flash[0x4000:0x4000 + len(firmware)] = firmware
open("now.bin", "wb").write(flash)
END
	"$MPFLASH" convert --base 0 --family samd51 now.bin now.uf2 || bail 'convert now'
}
# says LINE: waits until the drive's log has it
says() {
	tries=0
	until grep -q "^$1" drive.log 2>/dev/null; do
		tries=$((tries + 1))
		[ "$tries" -lt 1000 ] || bail "the drive does not say $1"
		sleep 0.01
	done
}
# pull: the cable of the drive that tells drive.log; what is held of it, is dead
pull() {
	kill "$(sed -n 's/^pid //p' drive.log)"
	tries=0
	while mountpoint -q drive && [ "$tries" -lt 500 ]; do
		tries=$((tries + 1))
		sleep 0.01
	done
}
# finished NAME: a run on a board that is plugged in again brings the image there
finished() {
	plug
	comes_back
	flash flash-samd/FEATHER_M4 --image samd.uf2
	wait "$back"
	is "$1: the next run" "$status" 0 || diag "$err"
	ok "$1: then every block is there" cmp taken samd.bin
}

# --- pulled at every 5 %
claimed=0 wrong=0
for percent in 5 10 15 20 25 30 35 40 45 50 55 60 65 70 75 80 85 90 95; do
	plug -s $((240 * percent / 100))
	flash flash-samd/FEATHER_M4 --image samd.uf2
	printf '%s\n' "$err" | grep -q '^error: .* went away after [0-9]* of 240 blocks' || diag "$percent %: $err"
	if [ "$status" != 1 ] || cmp -s taken samd.bin; then
		claimed=$((claimed + 1))
	fi
	plug
	comes_back
	flash flash-samd/FEATHER_M4 --image samd.uf2
	wait "$back"
	if [ "$status" != 0 ] || ! cmp -s taken samd.bin; then
		wrong=$((wrong + 1))
		diag "after $percent %: $err"
	fi
done
is 'pulled at every 5 %: no run says that it succeeded' "$claimed" 0
is 'pulled at every 5 %: the next run ends it' "$wrong" 0

# --- calls that fail: fails NAME WORDS ERROR
fails() {
	# shellcheck disable=SC2086 # words
	plug $2
	flash flash-samd/FEATHER_M4 --image samd.uf2
	is "$1: exit status" "$status" 1
	like "$1: what is said" "$err" "^error: .*$3"
	like "$1: what to do" "$err" '^hint: '
	not_ok "$1: it has not got it" cmp taken samd.bin
}
fails 'no file can be made' '-e open:30:0' 'cannot write .*/drive/FIRMWARE.UF2: Read-only file system'
fails 'full, whatever it said' '-e write:28:100' 'cannot write to .*/drive: No space left on device'
fails 'an I/O error' '-e write:5:100' 'went away after [0-9]* of 240 blocks'
fails 'an I/O error at fsync' '-e fsync:5:100' 'went away after [0-9]* of 240 blocks'
fails 'an I/O error of the last block, and it stays' '-e write:5:239' 'has got all 240 blocks, and did nothing with them'
finished 'an I/O error'
plug -e close:5:0
comes_back
flash flash-samd/FEATHER_M4 --image samd.uf2
wait "$back"
is 'an error of close, when it has all: exit status' "$status" 0 || diag "$err"
ok 'an error of close, when it has all: every block' cmp taken samd.bin

plug -m ro
flash flash-samd/FEATHER_M4 --image samd.uf2
is 'read-only: exit status' "$status" 1
like 'read-only: said' "$err" '^error: .*/drive is mounted read-only$'
like 'read-only: what to do' "$err" '^hint: unmount it'
plug -m denied
flash flash-samd/FEATHER_M4 --image samd.uf2
is 'not ours: exit status' "$status" 1
like 'not ours: said' "$err" '^error: .*no permission to write to .*/drive$'
not_ok 'not ours: nothing was copied' ls drive/FIRMWARE.UF2

# --- CURRENT.UF2
whole samd
plug -c now.uf2 -l "$T/drive.log"
comes_back
rm -f drive.log
flash flash-samd/FEATHER_M4 --image samd.uf2
wait "$back"
is 'it shows the image: exit status' "$status" 0 || diag "$err"
like 'it shows the image: verified, without a write' "$err" '; 0 bytes written and verified, 61440 were there already$'
is 'it shows the image: one block, which it has, so that it starts' "$(wc -c <taken)" 256
ok 'it shows the image: that block' cmp -n 256 taken samd.bin
whole other
plug -c now.uf2
comes_back
flash flash-samd/FEATHER_M4 --image samd.uf2
wait "$back"
is 'it shows another: exit status' "$status" 0 || diag "$err"
ok 'it shows another: every block is copied' cmp taken samd.bin
unlike 'it shows another: what was copied cannot be read back' "$err" 'verified'
head -c 70000 now.uf2 >cut.uf2
plug -c cut.uf2
comes_back
flash flash-samd/FEATHER_M4 --image samd.uf2
wait "$back"
ok 'it shows nonsense: every block is copied' cmp taken samd.bin

plug -c now.uf2
flash verify-samd/FEATHER_M4 --image other.uf2
is 'verify: exit status' "$status" 0 || diag "$err"
flash verify-samd/FEATHER_M4 --image samd.uf2
is 'verify of another: exit status' "$status" 1
like 'verify of another: where' "$err" '^error: .*0x00004008 holds [0-9a-f]*, the image has '
plug -c samd.uf2
image more 0x4000 64 1 samd51
flash verify-samd/FEATHER_M4 --image more.uf2
is 'verify of more than it shows: exit status' "$status" 1
like 'verify of more than it shows: where' "$err" '^error: .*0x00013000 is not shown by the drive'
not_ok 'verify copies nothing' ls drive/FIRMWARE.UF2
plug
flash verify-samd/FEATHER_M4 --image samd.uf2
is 'verify of one that shows nothing: exit status' "$status" 1
like 'verify of one that shows nothing: said' "$err" '^error: .*does not show what the flash holds$'

# --- a drive that nobody mounts, where the rules ask for it
mkdir bin
# udisksctl STATUS: mounts with the words of emu_uf2 in the file `mount`, or says why not
cat >bin/udisksctl <<END
#!/bin/sh
unset LD_PRELOAD UMOCKDEV_DIR
printf '%s\n' "\$*" >>"$T/udisksctl.words"
cd "$T" || exit
[ -f refuse ] && cat refuse && exit 1
"$emu_programs/emu_uf2" -d /dev/sdc -i info.txt -o "$T/taken" drive
END
chmod +x bin/udisksctl
printf 'port samd\n  board FEATHER_M4\n    uf2.mount = yes\n' >mount.rules
unmounted() {
	unplug
	emu usb 1-3 239a:0022 product=Feather block=sdc:FEATHERBOOT
	rm -f taken udisksctl.words
}
mounts() {
	(
		PATH=$T/bin:$PATH
		flash flash-samd/FEATHER_M4 --image samd.uf2 --rules mount.rules
		printf '%s\n%s\n' "$status" "$err" >mounted
	)
}
unmounted
# The drive is seen to come, and then to go.
(
	tries=0
	while [ ! -s udisksctl.words ] && [ "$tries" -lt 500 ]; do
		tries=$((tries + 1))
		sleep 0.02
	done
	until mountpoint -q drive || [ "$tries" -ge 600 ]; do
		tries=$((tries + 1))
		sleep 0.02
	done
	comes_back
	wait "$back"
) &
back=$!
mounts
wait "$back"
is 'uf2.mount: exit status' "$(sed -n 1p mounted)" 0 || diag "$(cat mounted)"
is 'uf2.mount: how' "$(cat udisksctl.words)" 'mount --no-user-interaction -b /dev/sdc'
ok 'uf2.mount: every block' cmp taken samd.bin
unmounted
printf 'Error mounting /dev/sdc: not authorized\n' >refuse
mounts
is 'uf2.mount, refused: exit status' "$(sed -n 1p mounted)" 1
like 'uf2.mount, refused: why' "$(cat mounted)" '^error: .*udisksctl cannot mount /dev/sdc: Error mounting /dev/sdc: not authorized$'

# --- another one at the same place, between what was looked at and the copy
# swap FUNCTION: it is called while the drive's CURRENT.UF2 is read; then the run's end is waited for
swap() {
	whole other
	rm -f drive.log
	plug -c now.uf2 -w 150 -l "$T/drive.log"
	emu_run "$MPFLASH" make -B --rules boards.rules --no-probe --device usb-1-3 flash-samd/FEATHER_M4 --image samd.uf2 >swap.out 2>&1 &
	swapped=$!
	says current
	"$@"
	wait "$swapped"
	status=$? err=$(cat swap.out)
}
another_board() {
	pull
	emu remove 1-3
	emu usb 1-3 239a:0022 product=Feather serial=0123456789ABCDEF block=sdc:FEATHERBOOT
	rm -f taken
	emu_uf2 -d /dev/sdc -i info.txt -o "$T/taken" drive
}
swap another_board
is 'another board came: exit status' "$status" 1
like 'another board came: said' "$err" '^error: .*(went away|is that of usb-0123456789ABCDEF now)'
not_ok 'another board came: nothing is on its drive' ls drive/FIRMWARE.UF2
# it was restarted: nothing is mounted there any more, the old firmware runs
restarted() {
	pull
	emu remove 1-3
	emu usb 1-3 239a:8022 serial=DF6050A04B1F4B2D cdc=ttyACM0
}
swap restarted
is 'it runs again: exit status' "$status" 1
unlike 'it runs again: it is not said to be flashed' "$err" '[0-9] bytes written'
not_ok 'it runs again: no file is in the folder' ls drive/FIRMWARE.UF2
unplug

# --- killed; two at once
# begin: a flash of samd.uf2 in the background ($first), which stands still when it has begun to write
begin() {
	rm -f drive.log
	plug -w 500 -l "$T/drive.log"
	emu_run "$MPFLASH" make -B --rules boards.rules --no-probe --device usb-1-3 flash-samd/FEATHER_M4 --image samd.uf2 >first.out 2>&1 &
	first=$!
	says blocks
	signal STOP
}
# signal NAME: to each mpflash of this test
signal() {
	for pid in $(processes_of "$T" "$MPFLASH"); do
		kill "-$1" "$pid" 2>/dev/null
	done
}
begin
signal KILL
wait "$first" 2>/dev/null
not_ok 'killed: it has not got it' cmp taken samd.bin
comes_back
flash flash-samd/FEATHER_M4 --image samd.uf2
wait "$back"
is 'killed: the next run on the same drive' "$status" 0 || diag "$err"
ok 'killed: every block' cmp taken samd.bin

begin
flash flash-samd/FEATHER_M4 --image other.uf2
is 'two at once: the second: exit status' "$status" 1
like 'two at once: the second: why' "$err" '^error: .*another mpflash uses the drive .*/drive$'
comes_back
signal CONT
wait "$first"
is 'two at once: the first: exit status' "$?" 0 || diag "$(cat first.out)"
wait "$back"
ok 'two at once: the drive has got the one file' cmp taken samd.bin

unplug
done_testing
