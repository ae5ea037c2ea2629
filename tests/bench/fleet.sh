#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Eight ESP32 at once against one alone: whole commands, resets included, on models whose lines are paced at 460800 baud with 1 ms
# turnaround. At most 1.2 times as long, where the machine is not the limit: what the processor was busy for is told, too.

set -u
here=$(cd -- "$(dirname -- "$0")" && pwd -P)
TESTS_DIR=${here%/*}
T=$TMPDIR
bail() {
	printf 'error: %s\n' "$*" >&2
	exit 1
}
# shellcheck source=../emu/emu.sh
. "$TESTS_DIR/emu/emu.sh"
cd "$T" || exit
emu_start
trap emu_stop EXIT

python3 "$TESTS_DIR/emu/esp_image.py" esp32 500000 >fw.bin
cat >bench.rules <<'END'
port esp32
  board BENCH
    chip = esp32
    flash = esp
    flash.base = 0x1000
    esp.baud = 460800
END

# boards: each with a flash that holds something else
boards() {
	for i in 0 1 2 3 4 5 6 7; do
		python3 -c 'import random, sys
open(sys.argv[1], "wb").write(random.Random(2).randbytes(1 << 22))' "flash$i"
		[ -e "log$i" ] || emu usb "1-$((i + 1))" 10c4:ea60 "serial=000$i" product=CP2102 "uart=ttyUSB$i"
		: >"log$i"
		emu board "ttyUSB$i" esp chip=esp32 flash="$T/flash$i" log="$T/log$i" pace turnaround=1
	done
}

# busy: how many hundredths of a second the processors worked so far
busy() {
	awk '/^cpu / { print $2 + $3 + $4 + $7 + $8 }' /proc/stat
}

# timed CMD...: $ms, and $load, how many percent of the machine were busy
timed() {
	start=$(date +%s%N)
	before=$(busy)
	"$@" >out.txt 2>&1 || bail "$(cat out.txt)"
	ms=$((($(date +%s%N) - start) / 1000000))
	load=$((($(busy) - before) * 1000 / (ms * $(nproc))))
}

# flash WHICH...
flash() {
	emu_run "$MPFLASH" make flash-BENCH --rules bench.rules --image fw.bin --no-probe --recheck "$@"
}

boards
timed flash --serial /dev/ttyUSB0
one=$ms
one_load=$load
boards
timed flash --serial '/dev/ttyUSB*' --all-devices
# what is 0xff between the parts of the file is the flash's to keep
for i in 0 1 2 3 4 5 6 7; do
	wrong=$(cmp -l -n "$(wc -c <fw.bin)" -i 0:4096 fw.bin "flash$i" | awk '$2 != 377' | wc -l)
	[ "$wrong" -eq 0 ] || bail "board $i: $wrong bytes are not the image's: $(cat out.txt)"
done
awk -v eight="$ms" -v one="$one" -v l8="$load" -v l1="$one_load" \
	'BEGIN { printf "eight boards, 500 KB each: %.1f s (machine %d %% busy), one %.1f s (%d %%): %.2fx\n", eight / 1000, l8, one / 1000, l1, eight / one }'
