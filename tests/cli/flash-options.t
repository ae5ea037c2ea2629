#!/bin/sh
# SPDX-License-Identifier: MIT
#
# mpflash flash: each option does something that can be seen, on emulated boards. (Which boards: flash-choose.t; formats, --build,
# --method, --probe, --target: flash-seed.t; what goes wrong: flash-messages.t.)
. "$(dirname "$0")/lib.sh"
# shellcheck source=../emu/emu.sh
. "$TESTS_DIR/emu/emu.sh"
# shellcheck source=../net/lib.sh
. "$TESTS_DIR/net/lib.sh"
# shellcheck source=../peers/lib.sh
. "$TESTS_DIR/peers/lib.sh"
# shellcheck source=flash.sh
. "$TESTS_DIR/cli/flash.sh"

need python3 umockdev-wrapper
cd "$T" || exit
MPFLASH_FIRMWARE=$T/fw
export MPFLASH_FIRMWARE
mkdir fw
site_start "$@"
releases
emu_start

# --- versions
pyboard 1
enters 1
flash -s ttyACM1 --version 1.25.0
is '--version X.Y.Z: exit status' "$status" 0 || diag "$err"
ok '--version X.Y.Z: that one' holds_split 25 1
enters 1
flash -s ttyACM1 -v preview
is '-v preview: exit status' "$status" 0 || diag "$err"
ok '-v preview: the newest' holds_split 27 1
like 'what was missing was fetched' "$err" '^fetched stm32/PYBV11-v1\.27\.0-preview\.97\.dfu, '
enters 1
flash -s ttyACM1
is "without --version: exit status" "$status" 0 || diag "$err"
ok 'without --version: stable' holds_split 26 1
like 'the boards as they are now' "$out" '^/dev/ttyACM1 +micropython +stm32 +PYBV11 .* v1\.26\.0$'
flash -s ttyACM1 --explain
is 'again: exit status' "$status" 0 || diag "$err"
like 'again: nothing to do' "$err" '^flash    stm32/PYBV11 on ttyACM1: nothing to do: the board has this image'
flash -s ttyACM1 -n --json
is '--json: events' "$(printf '%s\n' "$out" | python3 -c 'import json, sys
print([json.loads(line)["event"] for line in sys.stdin][-1])')" summary
cp "$T/site/resources/firmware/PYBV11-20250415-v1.25.0.dfu" "$T/site/resources/firmware/PYBV11-20250809-v1.26.0.dfu"
enters 1
flash -s ttyACM1 --force
is '--force: exit status' "$status" 0 || diag "$err"
like '--force: fetched again' "$err" '^fetched stm32/PYBV11-v1\.26\.0\.dfu, '
ok '--force: and flashed' holds_split 25 1

# --- which board, in other words
split custom 77
run "$MPFLASH" boards update --help
python3 - fw/mpflash.db <<'END'
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("INSERT INTO boards VALUES ('PYBV11', 'v1.26.0', 'PYBV11', 'stm32f4', '', 'stm32', 'ports/stm32/boards/PYBV11', 'PYBv1.1 with STM32F405RG', 'micropython', 0)")
db.commit()
END
flash -n --board 'PYBv1.1 with STM32F405RG'
like '--board by its description' "$err" '^note: would be updating PYBV11 on /dev/ttyACM1 '
flash -n --board 'A board of nobody'
is '--board by no description: exit status' "$status" 1
run "$MPFLASH" add --board PYBV11-DP --port stm32 --version v1.26.0 custom.dfu
[ "$status" = 0 ] || diag "$err"
flash -n --board PYBV11 --variant DP --offline
like '--variant' "$err" '^note: would be updating PYBV11-DP on /dev/ttyACM1 .*PYBV11-DP'
flash -n --board PYBV11-DP --var - --offline
like '--var -: none' "$err" '^note: would be updating PYBV11 on /dev/ttyACM1 '
flash -n -s ttyACM1 --image custom.hex
like '--image' "$err" '^note: would be updating PYBV11 on /dev/ttyACM1 to custom\.hex: '
emu remove 1-1

# --- the way into the bootloader
pyboard 4
enters 4
flash -s ttyACM4 --bootloader mpy -v 1.25.0
is '--bootloader mpy: exit status' "$status" 0 || diag "$err"
unlike '--bootloader mpy: no touch' "$(emu_log)" '^touch1200 ttyACM4'
pico 5
emu on 'touch1200 ttyACM5' '=>' 20 remove 1-5
emu on 'touch1200 ttyACM5' '=>' 80 model 1-5 picoboot chip=rp2040 "flash=$T/flash5.bin" size=2048
emu on 'left 1-5' '=>' 30 usb 1-5 2e8a:0005 serial=e6614c311b8a5f25 cdc=ttyACM5
emu on 'left 1-5' '=>' 40 board ttyACM5 raw "$T/new-pico"
flash -s ttyACM5 --bl touch1200
is '--bl touch1200: exit status' "$status" 0 || diag "$err"
ok '--bl touch1200: flashed' holds_boot2 26 5
unlike '--bl touch1200: not asked over its REPL' "$(emu_log)" '^bootloader ttyACM5'

# --- --erase: what the image leaves is gone
head -c 1048576 /dev/zero | tr '\0' x >flash4.bin
enters 4
flash -s ttyACM4 --erase -v 1.26.0 --force --board PYBV11
is '--erase: exit status' "$status" 0 || diag "$err"
like '--erase: it is said' "$err" '^warning: --erase: all files on the boards are lost, too$'
ok '--erase: nothing else is left' python3 - <<'END'
import sys
flash = open("flash4.bin", "rb").read()
sys.exit(b"x" * 64 in flash or set(flash[4096:0x20000]) != {255} or set(flash[0x20000 + 8192:]) != {255} or set(flash[:4096]) == {255})
END
head -c 1048576 /dev/zero | tr '\0' x >flash4.bin
enters 4
flash -s ttyACM4 -v 1.26.0 --force
ok 'without it the files are there' python3 - <<'END'
import sys
flash = open("flash4.bin", "rb").read()
sys.exit(set(flash[0x4000:0x20000]) != {ord("x")})
END

# --- ESP
python3 "$TESTS_DIR/emu/esp_image.py" esp32 150000 >"$T/site/resources/firmware/ESP32_GENERIC-20250809-v1.26.0.bin"
page ESP32_GENERIC esp32 ESP32_GENERIC-20250809-v1.26.0.bin
port_page esp32 ESP32_GENERIC
says esp-reply ESP32_GENERIC 'Generic ESP32 module with ESP32' v1.26.0
emu usb 1-6 10c4:ea60 serial=0001 product=CP2102 uart=ttyUSB0
esp() { # WORDS of the board, --, options
	: >esp-log
	head -c 4194304 /dev/zero >esp-flash
	esp_words=
	while [ "$1" != -- ]; do
		esp_words="$esp_words $1"
		shift
	done
	shift
	# shellcheck disable=SC2086 # words
	emu board ttyUSB0 esp chip=esp32 "flash=$T/esp-flash" "log=$T/esp-log" "reply=$T/esp-reply" $esp_words
	flash --board ESP32_GENERIC --serial /dev/ttyUSB0 --force "$@"
}
mode() { # of the boot image: byte 2
	od -An -tu1 -j4098 -N1 esp-flash | tr -d ' '
}
esp -- --flash_mode qio
is '--flash_mode qio: exit status' "$status" 0 || diag "$err"
is '--flash_mode qio: in the boot image' "$(mode)" 0
esp -- --fm dout
is '--fm dout: in the boot image' "$(mode)" 3
esp -- --method esptool
is '--method esptool: exit status' "$status" 0 || diag "$err"
like '--method esptool: where the tool is not installed, what it does' "$err" ', by esp(tool)?$'
esp -- --retry-baud 57600 --retry-flash-mode dio -n
is '--retry-baud, --retry-flash-mode: exit status' "$status" 0 || diag "$err"
emu remove 1-6

# --- a user's own firmware, and a new file system, on a board that has one
peer_unix || diag "$why"
if emu_unix; then
	says old-board BOARD 'A board of rp2' v1.24.0
	boot2 own 88
	own() { # it comes back with MicroPython's Unix port in it, whose flash stays
		emu usb 1-3 2e8a:0005 serial=e6614c311b8a5f23 product=Pico cdc=ttyACM3
		emu board ttyACM3 raw "$T/old-board"
		head -c 2097152 /dev/zero >flash3.bin
		emu on 'bootloader ttyACM3' '=>' 20 remove 1-3
		emu on 'bootloader ttyACM3' '=>' 80 model 1-3 picoboot chip=rp2040 "flash=$T/flash3.bin" size=2048
		emu on 'left 1-3' '=>' 30 usb 1-3 2e8a:0005 serial=e6614c311b8a5f23 product=Pico cdc=ttyACM3
		emu on 'left 1-3' '=>' 40 board ttyACM3 exec "$emu_unix" rp2 VfsLfs2 "$T/unix.log"
	}
	on_board() { # its own words
		run emu_run "$MPFLASH" list --json --serial ttyACM3
		printf '%s\n' "$out" | python3 -c 'import json, sys
print(json.load(sys.stdin)[0]["toml"])'
	}
	run "$MPFLASH" add --board BOARD --port rp2 --version v1.29.0 --description 'Built by hand' own.uf2
	is 'a custom firmware is added' "$status" 0 || diag "$err"
	own
	flash --board BOARD --port rp2 --cpu rp2040 --serial ttyACM3 --custom -v 1.29.0
	is '--custom: exit status' "$status" 0 || diag "$err"
	ok '--custom: that firmware' holds_boot2 88 3
	is '--custom: the board knows what it has' "$(on_board)" \
		"{'description': 'Built by hand', 'mpflash': {'board_id': 'BOARD', 'custom_id': 'BOARD'}}"
	emu remove 1-3
	own
	flash --board BOARD --port rp2 --cpu rp2040 --serial ttyACM3 --image own.uf2 --format
	is '--format: exit status' "$status" 0 || diag "$err"
	like '--format: said' "$out" '^/dev/ttyACM3: formatted: VfsLfs2 at /, '
	is '--format: no file is left' "$(on_board)" '{}'
	emu remove 1-3
else
	for name in '--custom: that firmware' '--custom: the board knows what it has' '--format: no file is left'; do
		skip "$name" "$why"
	done
fi

# --- no network, no site
cp -r fw kept
flash -s ttyACM4 -n --offline
is '--offline: exit status' "$status" 0 || diag "$err"
MPFLASH_DOWNLOAD_URL=http://127.0.0.1:1 && export MPFLASH_DOWNLOAD_URL
enters 4
flash -s ttyACM4 -v stable --recheck
is 'no site: exit status' "$status" 0 || diag "$err"
like 'no site: said, and the newest of the library is taken' "$err" '^warning: .*127\.0\.0\.1'
rm -rf fw/stm32
flash -s ttyACM4 -v stable --offline
is '--offline, nothing there: exit status' "$status" 1
like '--offline, nothing there: said' "$err" '^error: .*File .*/fw/stm32/PYBV11-v1\.26\.0\.dfu does not exist, skipping PYBV11 on /dev/ttyACM4'

emu_stop
done_testing
