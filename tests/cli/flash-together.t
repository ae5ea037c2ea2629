#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Two mpflash at one board: the second one is refused and changes nothing, the first one ends well. And one that is killed: the next run
# finishes. Each method that mpflash speaks itself. (Drives: flash-uf2-faults.t. Killed over DFU, PICOBOOT, ESP: their own tests.)
# Runs sanitized: it takes its time.
. "$(dirname "$0")/lib.sh"
# shellcheck source=../emu/emu.sh
. "$TESTS_DIR/emu/emu.sh"

need python3 umockdev-wrapper pgrep
cd "$T" || exit
emu_start
cat >boards.rules <<'END'
port stm32
  board NUCLEO_H563ZI
    flash = dfu
  board BEHIND_GDB
    flash = gdb
port rp2
  board RPI_PICO
    chip = rp2040
    flash = picoboot
port esp32
  board EMU_ESP32S3
    flash = esp
    chip = esp32s3
    flash.base = 0x0
END
# image FILE BASE SEED: 30,000 bytes
image() {
	python3 - "$@" <<'END'
import random, struct, sys
name, base, seed = sys.argv[1], int(sys.argv[2], 0), int(sys.argv[3])
body = bytearray(random.Random(seed).randbytes(30000))
crc = 0xFFFFFFFF
if base == 0x10000000:  # boot2 with its CRC
    for byte in body[:252]:
        crc ^= byte << 24
        for _ in range(8):
            crc = (crc << 1 ^ 0x04C11DB7 if crc & 0x80000000 else crc << 1) & 0xFFFFFFFF
    struct.pack_into("<I", body, 252, crc)
    struct.pack_into("<2I", body, 256, 0x20042000, 0x10000301)
else:
    struct.pack_into("<2I", body, 0, 0x20001000, base + 0x201)
open(name + ".bin", "wb").write(body)
END
	"$MPFLASH" convert --base "$2" "$1.bin" "$1.hex" || bail "convert $1"
}

# flash IMAGE: with $words; the result in $out, $err, $status
flash() {
	# shellcheck disable=SC2086 # words
	run emu_run "$MPFLASH" make --rules boards.rules -B --no-probe $words --image "$1"
}
# signal NAME: to the first one, and to what it started
signal() {
	# shellcheck disable=SC2046 # pids
	kill "-$1" $(cat pid) $(pgrep -P "$(cat pid)")
}
# begin IMAGE CMD...: a flash in the background ($first), which stands still when CMD is true
begin() {
	begun=$1
	shift
	# shellcheck disable=SC2016,SC2086 # the inner shell's; words
	emu_run sh -c 'echo $$ >pid; exec "$@"' sh "$MPFLASH" make --rules boards.rules -B --no-probe $words --image "$begun" >first.out 2>&1 &
	first=$!
	tries=0
	until "$@"; do
		tries=$((tries + 1))
		[ "$tries" -lt 2000 ] || bail "it does not begin: $(cat first.out)"
		sleep 0.01
	done
	signal STOP
}
# two NAME IMAGE OTHER ERROR CHECK...: another one comes with another image; CHECK: the board has the first
two() {
	two_name=$1 two_other=$3 two_error=$4
	shift 4
	flash "$two_other"
	is "$two_name: the second: exit status" "$status" 1
	like "$two_name: the second: why" "$err" "^error: .*$two_error"
	unlike "$two_name: the second: no success is claimed" "$out$err" '[0-9] bytes written'
	signal CONT
	wait "$first"
	is "$two_name: the first: exit status" "$?" 0 || diag "$(cat first.out)"
	ok "$two_name: the board has its image" "$@"
}
event() {
	emu_log | grep -q "^$1"
}
logged() {
	grep -Eq "$1" "$2" 2>/dev/null
}
# has BEFORE IMAGE NOW: the image at the beginning, and all else as before
has() {
	python3 - "$@" <<'END'
import sys
before, image, now = (open(name, "rb").read() for name in sys.argv[1:4])
sys.exit(now != image + before[len(image):])
END
}

# --- DFU
image dfu 0x08000000 1
image dfu2 0x08000000 2
head -c 49152 /dev/urandom >before.bin
cp before.bin dfu.flash
emu model 1-2 dfu "flash=$T/dfu.flash" chip=small erase_ms=60 write_ms=5
emu on 'left 1-2' '=>' 0 usb 1-2 f055:9800 serial=315D35723037 cdc=ttyACM0
words='--device usb-315D35723037 flash-NUCLEO_H563ZI'
begin dfu.hex event 'dfu 1-2 erase'
two DFU dfu.hex dfu2.hex 'another program uses USB device 0483:df11 at 1-2' has before.bin dfu.bin dfu.flash
emu remove 1-2

# --- PICOBOOT
image pico 0x10000000 3
image pico2 0x10000000 4
head -c 524288 /dev/urandom >before.bin
cp before.bin pico.flash
emu model 1-3 picoboot chip=rp2040 flash="$T/pico.flash" size=512 write_us=4000
emu on 'left 1-3' '=>' 0 usb 1-3 2e8a:0005 serial=e6614c311b8a5f2b cdc=ttyACM1
words='--device usb-1-3 flash-rp2/RPI_PICO'
begin pico.hex event 'picoboot 1-3 write'
two PICOBOOT pico.hex pico2.hex 'another program uses USB device 2e8a:0003 at 1-3' has before.bin pico.bin pico.flash
emu remove 1-3

# --- ESP
python3 "$TESTS_DIR/emu/esp_image.py" esp32s3 30000 1 dense >esp.bin || bail 'no image'
python3 "$TESTS_DIR/emu/esp_image.py" esp32s3 30000 2 dense >esp2.bin || bail 'no image'
python3 -c 'import random, sys; open(sys.argv[1], "wb").write(random.Random(2).randbytes(1 << 22))' esp.flash
cp esp.flash before.bin
emu usb 1-6 10c4:ea60 serial=0001 product=CP2102 uart=ttyUSB0
printf 'x' >reply
emu board ttyUSB0 esp chip=esp32s3 flash="$T/esp.flash" log="$T/esp.log" reply="$T/reply" erase=20000 write=5000
words='--serial /dev/ttyUSB0 flash-EMU_ESP32S3'
begin esp.bin logged '^(erase|begin|defl_begin)' esp.log
esp_has() {
	python3 - <<'END'
before, image, now = (open(name, "rb").read() for name in ("before.bin", "esp.bin", "esp.flash"))
end = -(-len(image) // 4096) * 4096
bad = [i for i in range(len(image)) if now[i] != image[i] and not (image[i] == 0xFF and now[i] == before[i])]
raise SystemExit(bool(bad) or now[end:] != before[end:])
END
}
two ESP esp.bin esp2.bin '/dev/ttyUSB0.*(held|in use|another program|has it)' esp_has

# --- a GDB server, which serves one at a time
image gdb 0 5
image gdb2 0 6
# serve WORDS: 64 KiB of flash in gdb.flash, full of a5
serve() {
	rm -f port server.txt
	python3 "$TESTS_DIR/emu/gdb_server.py" flash="$T/gdb.flash" log="$T/server.txt" fill=a5 kind=plain "$@" >server.log 2>&1 </dev/null &
	server=$!
	tries=0
	until [ -s port ]; do
		tries=$((tries + 1))
		[ "$tries" -lt 500 ] || bail "no server: $(cat server.log)"
		sleep 0.02
	done
	words="--probe 127.0.0.1:$(cat port) flash-BEHIND_GDB"
}
gdb_has() {
	python3 - <<'END'
image, now = (open(name, "rb").read() for name in ("gdb.bin", "gdb.flash"))
raise SystemExit(now[:len(image)] != image or any(byte != 0xA5 for byte in now[-(-len(image) // 1024) * 1024:]))
END
}
serve slow=40
begin gdb.hex logged '^erase' server.txt
signal KILL
wait "$first" 2>/dev/null
not_ok 'GDB, killed: the image is not there' gdb_has
kill "$server"
wait "$server" 2>/dev/null
serve
flash gdb.hex
is 'GDB, killed: the next run' "$status" 0 || diag "$err"
ok 'GDB, killed: the image' gdb_has
kill "$server"
wait "$server" 2>/dev/null
rm -f gdb.flash
serve slow=40
begin gdb.hex logged '^erase' server.txt
two GDB gdb.hex gdb2.hex '(does not answer|did not answer|silent)' gdb_has
kill "$server"
wait "$server" 2>/dev/null

done_testing
