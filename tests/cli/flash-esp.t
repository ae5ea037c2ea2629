#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The method esp on emulated chips with their ROM loaders: esptool writes each first, then mpflash. What is in the flash afterwards, what was
# sent for it, what is refused before anything is erased, and what becomes of a flash that something goes wrong with.
# Runs sanitized: it takes its time.
. "$(dirname "$0")/lib.sh"
# shellcheck source=../emu/emu.sh
. "$TESTS_DIR/emu/emu.sh"
# shellcheck source=../peers/lib.sh
. "$TESTS_DIR/peers/lib.sh"

need python3 umockdev-wrapper flock
cd "$T" || exit
emu_start

{
	for chip in esp8266:0x0 esp32:0x1000 esp32s2:0x1000 esp32s3:0x0 esp32c3:0x0 esp32c2:0x0; do
		[ "${chip%:*}" = esp8266 ] && port=esp8266 || port=esp32
		printf 'port %s\n  board EMU_%s\n    flash = esp\n    chip = %s\n    flash.base = %s\n' "$port" \
			"$(printf '%s' "${chip%:*}" | tr '[:lower:]' '[:upper:]')" "${chip%:*}" "${chip#*:}"
	done
	printf 'port esp32\n  board EMU_SLOW\n    flash = esp\n    chip = esp32s3\n    flash.base = 0x0\n'
	printf '    esp.baud = 115200\n    esp.mode = qio\n    esp.size = keep\n'
} >boards.rules

# image NAME CHIP BYTES [SEED [WORD...]]: NAME.bin
image() {
	image_name=$1
	shift
	python3 "$TESTS_DIR/emu/esp_image.py" "$@" >"$image_name.bin" || bail "no image $image_name"
}

# old FILE: 4 MiB of flash with something in it
old() {
	python3 -c 'import random, sys; open(sys.argv[1], "wb").write(random.Random(2).randbytes(1 << 22))' "$1"
}

# board CHIP [WORD...]: a fresh one with the file `flash`; nothing in `log`
board() {
	: >log
	board_chip=$1
	shift
	emu board ttyUSB0 esp chip="$board_chip" flash="$T/flash" log="$T/log" reply="$T/reply" "$@"
}

# flash BOARD IMAGE [OPTION...]
flash() {
	flash_board=$1 flash_image=$2
	shift 2
	run emu_run "$MPFLASH" make "flash-EMU_$flash_board" --rules boards.rules --image "$flash_image.bin" \
		--serial /dev/ttyUSB0 --no-probe --recheck "$@"
}

# holds IMAGE OFFSET [FLASH]: the image, with 0xff of it wherever it likes, and outside of it what was there before
holds() {
	python3 - "$1.bin" "$2" "${3-flash}" before <<'END'
import sys
image, flash, before = (open(sys.argv[i], "rb").read() for i in (1, 3, 4))
base, size = int(sys.argv[2], 0), len(image)
if flash[:base] != before[:base] or flash[base + size:] != before[base + size:]:
    sys.exit("bytes outside of the image are not as before")
for at in range(0, size, 4096):
    want, got, old = image[at:at + 4096], flash[base + at:base + min(at + 4096, size)], before[base + at:base + min(at + 4096, size)]
    if got != want and any(g != w and not (w == 0xff and g == o) for g, w, o in zip(got, want, old)):
        sys.exit("sector %#x differs" % (base + at))
END
}

# ops: "2 md5 1 erase", what was asked for, by number, without registers and syncs
ops() {
	awk '$1 ~ /^(md5|erase|begin|defl_begin|read|end)$/ { n[$1]++ }
		END { for (op in n) printf "%s %d\n", op, n[op] }' log | LC_ALL=C sort | paste -sd, -
}

untouched() {
	cmp flash before && ! grep -Eq '^(erase|begin|defl_begin)' log
}

cat >reply <<'END'
(name='micropython', version=(1, 29, 0, ''), _machine='Generic ESP32S3 module with ESP32S3', _mpy=11014, _build='EMU_ESP32S3', _thread='GIL')
END
emu usb 1-6 10c4:ea60 serial=0001 product=CP2102 uart=ttyUSB0
old before

# --- four chips: esptool first
peer_python || diag "esptool: $why"
for chip in esp8266:0x0 esp32:0x1000 esp32s3:0x0 esp32c3:0x0; do
	offset=${chip#*:} chip=${chip%:*}
	name=$(printf '%s' "$chip" | tr '[:lower:]' '[:upper:]')
	image fw "$chip" 150000
	if [ -n "${PEER_PYTHON-}" ]; then
		cp before flash
		board "$chip"
		ok "$chip: esptool writes it" env PYTHONPATH="$PEER_PYTHON" UMOCKDEV_DIR="$emu_root" LD_PRELOAD=libumockdev-preload.so.0 \
			python3 -m esptool --port /dev/ttyUSB0 --baud 460800 write-flash "$offset" fw.bin
		ok "$chip: and the model holds it" python3 -c 'import sys
i = open("fw.bin", "rb").read(); at = int(sys.argv[1], 0)
sys.exit(open("flash", "rb").read()[at:at + len(i)] != i)' "$offset"
	else
		skip "$chip: esptool writes it" "$why"
		skip "$chip: and the model holds it" "$why"
	fi
	cp before flash
	board "$chip"
	flash "$name" fw
	is "$chip: exit status" "$status" 0 || diag "$err"
	ok "$chip: flash is the image, the rest as before" holds fw "$offset"
	unlike "$chip: no END, at which a ROM leaves its loader" "$(cat log)" '^end'
	ok "$chip: the firmware runs" emu_saw 'boot ttyUSB0'
	board "$chip"
	flash "$name" fw
	is "$chip: again: exit status" "$status" 0
	ok "$chip: again: as it was" holds fw "$offset"
	[ "$chip" = esp8266 ] || like "$chip: again: MD5 requests only" "$(ops)" '^md5 [0-9]+$'
	image fw2 "$chip" 150000 1 change=100000
	board "$chip"
	flash "$name" fw2
	is "$chip: one byte: exit status" "$status" 0
	ok "$chip: one byte: it is there" holds fw2 "$offset"
	# the second one holds checksum and SHA-256 of the app
	[ "$chip" = esp8266 ] || is "$chip: one byte: two sectors" "$(grep -c '^erase .* 00001000$' log) $(grep -c '^erase' log)" '2 2'
done
like 'an MD5 is no proof for an ESP8266, which has none' "$(cat log)" '^md5'
image fw esp8266 150000
cp before flash
board esp8266
flash ESP8266 fw
like 'ESP8266: not called verified' "$out$err" '[0-9] bytes written$|not verified' || diag "$out $err"
is 'ESP8266: its speed is that of the first SYNC' "$(sed -n 's/^sync //p' log | tail -n 1)" 460800

# --- settings of the boot image
image fw esp32s3 60000
cp before flash
board esp32s3 params=0x1000000
flash ESP32S3 fw
is 'a larger flash chip: exit status' "$status" 0 || diag "$err"
is 'its size is in the boot image' "$(od -An -tx1 -j3 -N1 flash | tr -d ' ')" 40
head -c 20480 flash >there.bin
like 'with a new SHA-256' "$("$MPFLASH" info --base 0 there.bin 2>&1)" 'SHA-256 of the image at 0x0 is right'
cp before flash
board esp32s3
flash SLOW fw
is 'esp.mode, esp.size: exit status' "$status" 0 || diag "$err"
is 'esp.mode: qio' "$(od -An -tx1 -j2 -N2 flash | tr -d ' ')" 0020
unlike 'esp.baud: 115200 is not changed' "$(cat log)" '^baud'

# --- speed
image fw esp32s3 60000
cp before flash
board esp32s3 max_baud=400000
flash ESP32S3 fw
is 'a line that carries no 921600: exit status' "$status" 0 || diag "$err"
like 'told' "$err" 'does not carry 921600 baud: going on with 115200'
ok 'and flashed' holds fw 0
image fw esp32 60000
cp before flash
board esp32 crystal=38
flash ESP32 fw
is 'an oscillator that drifts: exit status' "$status" 0 || diag "$err"
like 'the ROM is told what it misunderstands' "$(cat log)" '^baud 8[0-9]{5}$'
unlike 'so that the line has the speed' "$err" 'does not carry'
image fw esp32c2 60000
cp before flash
board esp32c2 crystal=26
flash ESP32C2 fw
is 'an ESP32-C2 with 26 MHz: exit status' "$status" 0 || diag "$err"
is 'its ROM believes in 40' "$(sed -n 's/^baud //p' log)" 1417846
unlike 'so that the line has the speed there too' "$err" 'does not carry'

# --- refused before anything is erased
# refused NAME PATTERN
refused() {
	is "$1: exit status" "$status" 1
	like "$1: why" "$err" "^error: .*$2" || diag "$err"
	ok "$1: nothing was erased" untouched
}
image fw esp32c3 60000
cp before flash
board esp32s3
flash ESP32C3 fw
refused 'another chip' 'the image is for the ESP32-C3, but the board has an ESP32-S3'
image fw esp32s3 60000 1 min=200
board esp32s3
flash ESP32S3 fw
refused 'an old revision' 'wants an ESP32-S3 of revision 2.0 or later, this one is 0.0'
image fw esp32 60000 1 max=199
board esp32 revision=300
flash ESP32 fw
refused 'a new revision' 'up to revision 1.99, this one is 3.0'
image fw esp32s3 60000
for case in boot:'secure boot' encrypt:'encrypts its flash' download:'secure downloads only'; do
	board esp32s3 secure="${case%%:*}"
	flash ESP32S3 fw
	refused "secure=${case%%:*}" "${case#*:}"
done
board esp32 secure=encrypt
image fw32 esp32 60000
flash ESP32 fw32
refused 'eFuses of an ESP32' 'encrypts its flash'
board esp32s3 params=0x100000
flash ESP32S3 fw
refused 'a flash chip that is too small' "the partition 'factory' ends at 0x200000, but the board's flash has 1024 KiB"

image fw esp32s3 60000
tail -c +65537 fw.bin >app.bin
cp before flash
board esp32s3
flash ESP32S3 app
refused 'an application alone' 'an application alone is at 0x0, where the ESP32-S3.s boot image belongs'
# the ROM's own commands have 24 bits of address: what lies behind would come to lie over the beginning
truncate -s 33554432 flash
cp flash before
"$MPFLASH" convert --base 0 fw.bin fw.hex && head -c 4096 /dev/urandom >far.raw && "$MPFLASH" convert --base 0x1000000 far.raw far.hex --from bin
grep -v '^:00000001FF' fw.hex | cat - far.hex >both.hex
board esp32s3
flash ESP32S3 fw
is 'a flash chip of 32 MiB: exit status' "$status" 0 || diag "$err"
ok 'a flash chip of 32 MiB: flashed, but for its size in the boot image' cmp -i 65536 -n 60000 flash fw.bin
cp before flash
board esp32s3
run emu_run "$MPFLASH" make flash-EMU_ESP32S3 --rules boards.rules --image both.hex --serial /dev/ttyUSB0 --no-probe --recheck
refused 'beyond 16 MiB' 'the image ends at 0x1000fff, but the loader in the ROM of the ESP32-S3 reaches 16 MiB of its 32 MiB of flash'
old before

# --- otadata
image ota esp32s3 60000 1 ota
cp before flash
board esp32s3
flash ESP32S3 ota
is 'two apps: exit status' "$status" 0 || diag "$err"
ok 'two apps: the choice between them is erased' python3 -c 'import sys
f, b = (open(n, "rb").read() for n in ("flash", "before"))
sys.exit(f[0xd000:0xf000] != b"\xff" * 0x2000 or f[0x9000:0xd000] != b[0x9000:0xd000])'

# --- what an answer can be
image fw esp32s3 60000 1 dense
for fault in other twice; do
	cp before flash
	board esp32s3 fault=$fault@20
	flash ESP32S3 fw
	is "$fault: exit status" "$status" 0 || diag "$err"
	unlike "$fault: not even slower" "$err" 'once more'
	ok "$fault: flashed" holds fw 0
done
cp before flash
board esp32s3 fault=error@20
flash ESP32S3 fw
is 'error: exit status' "$status" 0 || diag "$err"
like 'error: why once more' "$err" 'refused to write: the flash was not written .*once more with 115200 baud'
unlike 'error: at the slow speed' "$(sed -n '/^baud/,$p' log | sed 1d)" '^baud'

# --- killed: the next run goes on
cp before flash
board esp32s3 tell=30000
emu_run "$MPFLASH" make flash-EMU_ESP32S3 --rules boards.rules --image fw.bin --serial /dev/ttyUSB0 --no-probe --recheck >killed.out 2>&1 &
killed=$!
emu_saw 'reached ttyUSB0' || bail "$(cat killed.out)"
# kill_below PID: the children of a process, and theirs
kill_below() {
	for pid in $(ps -o pid= --ppid "$1"); do
		kill_below "$pid"
		kill -KILL "$pid" 2>/dev/null
	done
}
kill_below "$killed"
kill -KILL "$killed" 2>/dev/null
wait "$killed" 2>/dev/null
emu board ttyUSB0 esp chip=esp32s3 flash="$T/flash" log="$T/log" reply="$T/reply"
flash ESP32S3 fw
is 'after a killed mpflash: exit status' "$status" 0 || diag "$err"
ok 'after a killed mpflash: whole' holds fw 0

# --- asked who it is
cp before flash
board esp32s3
run emu_run "$MPFLASH" make flash-EMU_ESP32S3 --rules boards.rules --image fw.bin --serial /dev/ttyUSB0
is 'asked: exit status' "$status" 0 || diag "$err"

# --- verify, read
board esp32s3
run emu_run "$MPFLASH" make verify-EMU_ESP32S3 --rules boards.rules --image fw.bin --serial /dev/ttyUSB0 --no-probe
is 'verify: exit status' "$status" 0 || diag "$err"
unlike 'verify: nothing was written' "$(cat log)" '^(erase|begin|defl_begin)'
image fw2 esp32s3 60000 1 dense change=0x400
run emu_run "$MPFLASH" make verify-EMU_ESP32S3 --rules boards.rules --image fw2.bin --serial /dev/ttyUSB0 --no-probe
is 'verify: another image: exit status' "$status" 1
like 'verify: where' "$err" '^error: .*0x00010[0-9a-f]{3}'

# --- it comes back on another path
emu remove 1-6
emu usb 1-7 303a:1001 serial=34:85:18:AA:BB:CC product=USB%20JTAG/serial cdc=ttyACM0
cp before flash
: >log
emu board ttyACM0 esp chip=esp32s3 line=jtag flash="$T/flash" log="$T/log"
emu on 'boot ttyACM0' '=>' 50 remove 1-7
emu on 'boot ttyACM0' '=>' 400 usb 1-9 303a:1001 serial=34:85:18:AA:BB:CC product=USB%20JTAG/serial cdc=ttyACM1
emu on 'boot ttyACM0' '=>' 450 board ttyACM1 esp chip=esp32s3 line=jtag "flash=$T/flash" "reply=$T/reply"
run emu_run "$MPFLASH" make flash-EMU_ESP32S3 --rules boards.rules --image fw.bin --serial /dev/ttyACM0
is 'another path: exit status' "$status" 0 || diag "$err"
like 'another path: it was asked there' "$(emu_log)" '^open ttyACM1$'
like 'another path: and answered' "$out" 'MicroPython v1.29.0; Generic ESP32S3'
ok 'USB-JTAG: flashed' holds fw 0
like 'USB-JTAG: the watchdog is off' "$(cat log)" '^write_reg 60008098 00000000'
like 'USB-JTAG: the super watchdog feeds itself' "$(cat log)" '^write_reg 600080b4 80000000'
unlike 'USB-JTAG: there is no speed to change' "$(cat log)" '^baud'
emu remove 1-9

# --- unplugged at every 5 %, on four ports at once; then the rest
image cut esp32s3 30000 1 dense
# Several ports at once: one talks to the rig at a time.
rig() {
	# shellcheck disable=SC2016 # for the inner shell
	flock rig.lock sh -c 'printf "%s\n" "$1" >"$2/in" && read -r answer <"$2/out" && [ "$answer" = ok ]' sh "$*" "$emu_dir"
}
# on_port TTY: flashes cut.bin there
on_port() {
	emu_run "$MPFLASH" make flash-EMU_ESP32S3 --rules boards.rules --image cut.bin --serial "/dev/$1" --no-probe --recheck
}
# failing KIND N: the 10th block of data goes wrong, and no answer comes; prints what is wrong
failing() {
	kind=$1 n=$2 tty=ttyUSB$((n + 6))
	cp before "flash-$kind"
	rig usb "3-$n" 10c4:ea60 "serial=20$n" product=CP2102 "uart=$tty"
	rig board "$tty" esp chip=esp32s3 "flash=$T/flash-$kind" "log=$T/log-$kind" "reply=$T/reply" "fault=$kind@10"
	on_port "$tty" >"out-$kind" 2>&1 || { printf '%s: ' "$kind" && cat "out-$kind"; }
	grep -q 'the chip did not answer within .*once more with 115200 baud' "out-$kind" || { printf '%s: ' "$kind" && cat "out-$kind"; }
	[ "$(grep -c '^baud' "log-$kind")" = 1 ] || printf '%s: another speed\n' "$kind"
	# the second time with another flash mode, as it was told
	python3 -c 'import sys
i, f = (open(n, "rb").read() for n in ("cut.bin", sys.argv[1]))
sys.exit(f[0x8000:0x8c00] != i[0x8000:0x8c00] or f[0x10000:len(i)] != i[0x10000:])' "flash-$kind" ||
		printf '%s: wrong bytes\n' "$kind"
}
# port N: cuts at N*5+5 % ... of what is written; prints a line for what is wrong
port() {
	n=$1 tty=ttyUSB$((n + 2))
	old "flash$n"
	for percent in $2; do
		cp before "flash$n"
		rig usb "2-$((n + 1))" 10c4:ea60 "serial=10$n" product=CP2102 "uart=$tty"
		rig board "$tty" esp chip=esp32s3 "flash=$T/flash$n" "reply=$T/reply" "tell=$((66000 * percent / 100))"
		rig on "reached $tty" '=>' 0 remove "2-$((n + 1))"
		on_port "$tty" >"out$n" 2>&1 && printf '%s %%: claimed success\n' "$percent"
		grep -q 'went away' "out$n" || { printf '%s %%: ' "$percent" && cat "out$n"; }
		rig usb "2-$((n + 1))" 10c4:ea60 "serial=10$n" product=CP2102 "uart=$tty"
		rig board "$tty" esp chip=esp32s3 "flash=$T/flash$n" "reply=$T/reply"
		on_port "$tty" >"out$n" 2>&1 || { printf '%s %%: again: ' "$percent" && cat "out$n"; }
		holds cut 0 "flash$n" 2>&1 || printf '%s %%: wrong bytes\n' "$percent"
		rig remove "2-$((n + 1))"
	done
}
jobs=
for kind in silent:1 garbage:2 cut:3 lost:4; do
	failing "${kind%:*}" "${kind#*:}" >"wrong-${kind%:*}" &
	jobs="$jobs $!"
done
n=0
for percents in '5 25 45 65 85' '10 30 50 70 90' '15 35 55 75 95' '20 40 60 80'; do
	port "$n" "$percents" >"wrong$n" &
	jobs="$jobs $!"
	n=$((n + 1))
done
# shellcheck disable=SC2086
wait $jobs
is 'no answer, rubbish, half a frame, a lost block: told, and the second time is whole' "$(cat wrong-*)" ''
is 'unplugged at 5 % ... 95 %: told, and the next run makes it whole' "$(cat wrong?)" ''

done_testing
