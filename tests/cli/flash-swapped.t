#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Another board is at the place of the one that was chosen, by the time that it is its turn: it is not written, with every method that can
# tell. (Drives: flash-uf2-faults.t. A GDB server does not say which chip is behind it.)
# Runs sanitized: it takes its time.
. "$(dirname "$0")/lib.sh"
# shellcheck source=../emu/emu.sh
. "$TESTS_DIR/emu/emu.sh"
# shellcheck source=../peers/lib.sh
. "$TESTS_DIR/peers/lib.sh"

need python3 umockdev-wrapper
cd "$T" || exit
emu_start
cat >boards.rules <<'END'
port stm32
  board PYBV11
    chip = stm32f4
    fs =
    flash = dfu
    flash.base = 0x08000000
    flash.size = 0x100000
port esp32
END
for chip in esp32:0x1000 esp32s2:0x1000 esp32s3:0x0 esp32c3:0x0 esp32c2:0x0; do
	name=$(printf '%s' "${chip%:*}" | tr '[:lower:]' '[:upper:]')
	printf '  board EMU_%s\n    flash = esp\n    chip = %s\n    flash.base = %s\n' "$name" "${chip%:*}" "${chip#*:}" >>boards.rules
done

# --- pyboards: changed between their answer and the write, while another port is still waited for that says nothing
python3 -c 'import struct, sys
sys.stdout.buffer.write(struct.pack("<2I", 0x20001000, 0x08000201) + bytes(range(256)) * 64)' >pyb.bin
"$MPFLASH" convert --base 0x08000000 pyb.bin pyb.hex || bail 'convert'
# says FILE [CHIP]: what a board answers, and the number of its chip
says() {
	printf "(name='micropython', version=(1, 29, 0, ''), _machine='PYBv1.1 with STM32F405RG', _mpy=4358, _build='PYBV11')\r\n" >"$1"
	printf '3.4.0; MicroPython v1.28.0 on 2026-01-01\r\npyboard\r\n%s\n' "${2-}" >>"$1"
}
says pyboard
head -c 1048576 /dev/zero >before.bin
cp before.bin flash2.bin
running() { # N VID:PID SERIAL
	emu usb "1-$1" "$2" "serial=$3" product=Pyboard "cdc=ttyACM$1"
	emu board "ttyACM$1" raw "$T/pyboard"
}
enters() { # N WORDS: told to, it goes to its boot loader, and comes back
	n=$1
	shift
	emu on "bootloader ttyACM$n" '=>' 20 remove "1-$n"
	emu on "bootloader ttyACM$n" '=>' 80 model "1-$n" dfu "flash=$T/flash$n.bin" chip=f405 "$@"
	emu on "left 1-$n" '=>' 30 usb "1-$n" f055:9800 "serial=0000000$n" product=Pyboard "cdc=ttyACM$n"
	emu on "left 1-$n" '=>' 40 board "ttyACM$n" raw "$T/pyboard"
}
# changed NAME VID:PID ERROR: it is not what it was, and nobody speaks to what came
changed() {
	running 2 f055:9800 00000002
	emu board ttyACM5 silent
	emu on 'open ttyACM2' '=>' 900 remove 1-2
	emu on 'open ttyACM2' '=>' 920 usb 1-2 "$2" serial=00000009 product=Pyboard cdc=ttyACM2
	emu on 'open ttyACM2' '=>' 940 board ttyACM2 raw "$T/pyboard"
	changed_from=$(emu_log | wc -l)
	run emu_run "$MPFLASH" make --rules boards.rules -B flash-PYBV11 --image pyb.hex
	is "$1: exit status" "$status" 1
	like "$1: said" "$err" "^error: stm32/PYBV11 flash: $3"
	like "$1: it was there before" "$err" '^flash    stm32/PYBV11 on ttyACM2'
	ok "$1: it was not written" cmp before.bin flash2.bin
	is "$1: it was not told anything" "$(emu_log | tail -n "+$((changed_from + 1))" | grep -c '^open ttyACM2$')" 1
	emu remove 1-2
}
emu usb 1-5 16d0:0001 serial=77 cdc=ttyACM5
changed 'another one of its kind' f055:9800 '/dev/ttyACM2 is not in its bootloader: .*it is not there any more'
changed 'one of another kind' f055:9801 'another board is at the place of /dev/ttyACM2 now: usb-00000009$'
emu remove 1-5

# The boot ROM of an STM32 has a number made of the chip's, which the board has told.
says pyboard '[62, 0, 45, 0, 15, 71, 55, 48, 52, 53, 48, 49]'
running 2 f055:9800 00000002
enters 2 serial=206A36973456
run emu_run "$MPFLASH" make --rules boards.rules -B flash-PYBV11 --image pyb.hex
is 'a boot loader of another chip: exit status' "$status" 1
like 'a boot loader of another chip: said' "$err" '^error: .* is not in its bootloader: .*it came back as something else'
ok 'a boot loader of another chip: it was not written' cmp before.bin flash2.bin
emu remove 1-2
running 2 f055:9800 00000002
enters 2 serial=315D35723037
run emu_run "$MPFLASH" make --rules boards.rules -B flash-PYBV11 --image pyb.hex
is 'that of its own chip: exit status' "$status" 0 || diag "$err"
ok 'that of its own chip: it was written' cmp -n 16392 pyb.bin flash2.bin
emu remove 1-2

# --- ESPs behind one adapter: the chip's number is its MAC address
emu usb 1-6 10c4:ea60 serial=0001 product=CP2102 uart=ttyUSB0
# esp NAME CHIP MAC: its firmware runs
esp() {
	printf "(name='micropython', version=(1, 29, 0, ''), _machine='Generic module with %s', _mpy=11014, _build='EMU_%s')\n" "$1" "$1" >reply
	printf '3.4.0; MicroPython v1.28.0 on 2026-01-01\nesp32\n[52, 133, 24, 170, 187, 204]\n' >>reply
	: >log
	emu board ttyUSB0 esp chip="$2" flash="$T/flash" log="$T/log" reply="$T/reply" mac="$3"
}
peer_python || diag "esptool: $why"
for chip in esp32:0x1000 esp32s2:0x1000 esp32s3:0x0 esp32c3:0x0 esp32c2:0x0; do
	offset=${chip#*:} chip=${chip%:*}
	name=$(printf '%s' "$chip" | tr '[:lower:]' '[:upper:]')
	python3 "$TESTS_DIR/emu/esp_image.py" "$chip" 20000 >old.bin || bail 'no image'
	python3 "$TESTS_DIR/emu/esp_image.py" "$chip" 20000 7 >new.bin || bail 'no image'
	python3 -c 'import sys
flash = bytearray(b"\xff" * (4 << 20)); image = open("old.bin", "rb").read(); at = int(sys.argv[1], 0)
flash[at:at + len(image)] = image
open("flash", "wb").write(flash)' "$offset"
	cp flash before
	esp "$name" "$chip" 348518aabbcc
	if [ -n "${PEER_PYTHON-}" ]; then
		like "$chip: esptool reads the number there" "$(PYTHONPATH=$PEER_PYTHON UMOCKDEV_DIR=$emu_root LD_PRELOAD=libumockdev-preload.so.0 \
			python3 -m esptool --no-stub --port /dev/ttyUSB0 read-mac 2>&1)" 'MAC: *34:85:18:aa:bb:cc'
	else
		skip "$chip: esptool reads the number there" "$why"
	fi
	esp "$name" "$chip" 348518aabbdd
	run emu_run "$MPFLASH" make --rules boards.rules -B "flash-EMU_$name" --image new.bin --serial /dev/ttyUSB0
	is "$chip, another one: exit status" "$status" 1
	like "$chip, another one: said" "$err" \
		'^error: .*another board is at the place of /dev/ttyUSB0: its chip is 348518aabbdd, not 348518aabbcc$' || diag "$err"
	ok "$chip, another one: it was not written" cmp before flash
	unlike "$chip, another one: nor erased" "$(cat log)" '^(erase|begin|defl_begin)'
	esp "$name" "$chip" 348518aabbcc
	run emu_run "$MPFLASH" make --rules boards.rules -B "flash-EMU_$name" --image new.bin --serial /dev/ttyUSB0
	is "$chip, the same one: exit status" "$status" 0 || diag "$err"
	not_ok "$chip, the same one: it was written" cmp -s before flash
done

done_testing
