#!/bin/sh
# SPDX-License-Identifier: MIT
#
# An ESP32 with 1.5 MB of firmware, against esptool with its stub, on a model whose line is paced at 460800 baud and whose adapter adds
# 1 ms (then 16 ms) to each answer. Whole commands, resets included. The flash chip itself costs no time here: both wait for the line.

set -u
here=$(cd -- "$(dirname -- "$0")" && pwd -P)
TESTS_DIR=${here%/*}
T=$TMPDIR
bail() {
	printf 'error: %s\n' "$*" >&2
	exit 1
}
# shellcheck source=lib.sh
. "$here/lib.sh"
# shellcheck source=../emu/emu.sh
. "$TESTS_DIR/emu/emu.sh"
# shellcheck source=../peers/lib.sh
. "$TESTS_DIR/peers/lib.sh"
cd "$T" || exit
peer_python || bail "$why"
emu_start
trap emu_stop EXIT

# $firmware and $flash_file are compared; both programs write the same file
python3 "$TESTS_DIR/emu/esp_image.py" esp32 1500000 >fw.bin
python3 "$TESTS_DIR/emu/esp_image.py" esp32 1500000 1 change=700000 >fw2.bin
cat >bench.rules <<'END'
port esp32
  board BENCH
    chip = esp32
    flash = esp
    flash.base = 0x1000
    esp.baud = 460800
END
emu usb 1-6 10c4:ea60 serial=0001 product=CP2102 uart=ttyUSB0

# board TURNAROUND: with what the flash held before
board() {
	: >log
	emu board ttyUSB0 esp chip=esp32 flash="$T/flash" log="$T/log" pace turnaround="$1"
}

fresh() {
	python3 -c 'import random; open("flash", "wb").write(random.Random(2).randbytes(1 << 22))'
}

# timed CMD...: $ms
timed() {
	start=$(date +%s%N)
	"$@" >out.txt 2>&1 || bail "$(cat out.txt)"
	ms=$((($(date +%s%N) - start) / 1000000))
}

with_esptool() {
	PYTHONPATH=$PEER_PYTHON emu_other python3 -m esptool --port /dev/ttyUSB0 --baud 460800 write-flash 0x1000 "$1"
}

with_mpflash() {
	emu_run "$MPFLASH" make flash-BENCH --rules bench.rules --image "$1" --serial /dev/ttyUSB0 --no-probe --recheck
}

ops() {
	awk '{ n[$1]++ } END { for (op in n) printf " %s %d", op, n[op] }' log
}

for turnaround in 1 16; do
	fresh
	board "$turnaround"
	timed with_esptool fw.bin
	theirs=$ms
	fresh
	board "$turnaround"
	timed with_mpflash fw.bin
	ours=$ms
	awk -v a="$ours" -v b="$theirs" -v t="$turnaround" \
		'BEGIN { printf "1.5 MB, %d ms turnaround: %.1f s, esptool %.1f s: %.2fx\n", t, a / 1000, b / 1000, a / b }'
	board "$turnaround"
	timed with_mpflash fw.bin
	printf 'the same again: %d ms;%s\n' "$ms" "$(ops)"
	board "$turnaround"
	timed with_mpflash fw2.bin
	printf 'one byte changed: %d ms;%s\n' "$ms" "$(ops)"
done
