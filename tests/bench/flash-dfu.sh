#!/bin/sh
# SPDX-License-Identifier: MIT
#
# 512 KiB over DfuSe into the same emulated F405 (all sectors hold something else), by mpflash and by dfu-util: transfers and time.
# mpflash compares first and reads all of it back; dfu-util writes, and is counted once more with an upload that makes it the same
# work. A block costs dfu-util six requests, mpflash three, and one to read it back: the protocol has no fewer.
here=$(cd -- "$(dirname -- "$0")" && pwd -P)
set -eu
. "$here/lib.sh"
cd "$TMPDIR"
T=$TMPDIR
TESTS_DIR=$here/..
bail() {
	printf 'error: %s\n' "$*" >&2
	exit 1
}
# shellcheck source=../emu/emu.sh
. "$TESTS_DIR/emu/emu.sh"
sample tree
emu_start
trap 'kill "$emu_pid"' EXIT
python3 - <<'END'
import os, struct

head = struct.pack('<16I', 0x20020000, *[0x08000201] * 15)
open('img.bin', 'wb').write(head + os.urandom(524288 - len(head)))
open('before.bin', 'wb').write(os.urandom(1048576))
END

# device [WORDS]: the bootloader, and firmware once it has left
device() {
	if [ -e "$emu_root/sys/bus/usb/devices/1-2" ]; then emu remove 1-2; fi
	emu model 1-2 dfu "flash=$T/flash.bin" chip=f405 "$@"
	emu on 'left 1-2' '=>' 0 usb 1-2 f055:9800 serial=315D35723037 cdc=ttyACM0
}
now() {
	date +%s%N
}
# measure CMD...: sets $transfers and $ms
measure() {
	begin=$(now)
	"$@" >out.txt 2>&1 || bail "$*: $(cat out.txt)"
	ms=$((($(now) - begin) / 1000000))
}
counted() {
	transfers=$(emu_log | sed -n 's/^count 1-2 control=\([0-9]*\) .*/\1/p' | tail -1)
}
by_dfu_util() {
	cp before.bin flash.bin
	device "$@"
	measure emu_other dfu-util -a 0 -s 0x08000000 -D img.bin
	emu count 1-2
	counted
	write_ms=$ms write_transfers=$transfers
	rm -f up.bin
	measure emu_other dfu-util -a 0 -s 0x08000000:524288 -U up.bin
	emu count 1-2
	counted
	cmp up.bin img.bin
	all_ms=$((write_ms + ms)) all_transfers=$((write_transfers + transfers))
}
mpflash_make() {
	emu_run "$MPFLASH" make -C tree -B --no-probe --allow filesystem --device usb-315 flash-PYBV11 --image img.bin
}
by_mpflash() {
	device "$@"
	emu on 'dfu 1-2 leave 08000000' '=>' 0 count 1-2
	measure mpflash_make
	counted
}
ratio() {
	awk "BEGIN { printf \"%.2f\", $1 / $2 }"
}
# compare NAME WORDS: medians would hide nothing here, transfers are exact; of three runs the quickest of each is taken
compare() {
	name=$1
	shift
	best=999999999 best_write=999999999 best_all=999999999
	for _ in 1 2 3; do
		by_dfu_util "$@"
		if [ "$write_ms" -lt "$best_write" ]; then best_write=$write_ms; fi
		if [ "$all_ms" -lt "$best_all" ]; then best_all=$all_ms; fi
		cp before.bin flash.bin
		by_mpflash "$@"
		cmp -n 524288 img.bin flash.bin
		if [ "$ms" -lt "$best" ]; then best=$ms; fi
	done
	printf '%s: mpflash %d transfers, %d ms; dfu-util %d, %d ms; with read-back %d, %d ms\n' "$name" "$transfers" "$best" \
		"$write_transfers" "$best_write" "$all_transfers" "$best_all"
	printf '%s: against dfu-util: transfers %s, time %s; with read-back: transfers %s, time %s\n' "$name" \
		"$(ratio "$transfers" "$write_transfers")" "$(ratio "$best" "$best_write")" \
		"$(ratio "$transfers" "$all_transfers")" "$(ratio "$best" "$best_all")"
}
compare 'no delays'
compare 'erase 100 ms, write 5 ms' erase_ms=100 write_ms=5
by_mpflash
printf 'the same again: %d transfers, %d ms\n' "$transfers" "$ms"
