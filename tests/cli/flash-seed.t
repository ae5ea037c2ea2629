#!/bin/sh
# SPDX-License-Identifier: MIT
#
# mpflash flash, from the tree to the board and from the library to the board, by four methods that want four formats: pyOCD gets .hex, DFU
# .dfu, an ESP .bin, a UF2 drive .uf2. First run and second run. A script stands in for pyOCD; all else are emulated boards.
# A mount namespace of its own, where that is allowed: drives are mounted.
if [ -z "${UF2_MOUNTS-}" ] && unshare -m true 2>/dev/null; then
	UF2_MOUNTS=1 exec unshare -m sh "$0"
fi
. "$(dirname "$0")/lib.sh"
# shellcheck source=../emu/emu.sh
. "$TESTS_DIR/emu/emu.sh"
# shellcheck source=../net/lib.sh
. "$TESTS_DIR/net/lib.sh"
# shellcheck source=flash.sh
. "$TESTS_DIR/cli/flash.sh"

need python3 umockdev-wrapper arm-none-eabi-gcc
cd "$T" || exit
MPFLASH_FIRMWARE=$T/fw
export MPFLASH_FIRMWARE
mkdir fw bin
site_start "$@"
releases
sample_tree tree
MICROPY_DIR=$T/tree
export MICROPY_DIR
emu_start

# --- pyOCD: built, .hex, imported, and again without building
emu usb 1-1 0d28:0204 serial=0240000011112222 product=CMSIS-DAP if=ff/00/00:CMSIS-DAP
flash --build --method pyocd --board NUCLEO_H563ZI
is 'pyOCD is not installed: exit status' "$status" 1
like 'pyOCD is not installed: said' "$err" "^error: .*Backend 'pyocd' cannot flash NUCLEO_H563ZI on usb-0240000011112222: \[dependency\] .*pyOCD is not installed"
like 'pyOCD is not installed: what to do' "$err" '^hint: .*pyocd'
unlike 'and nothing was built for that' "$err" '^compile '
cat >bin/pyocd <<END
#!/bin/sh
printf '%s\n' "\$*" >>"$T/pyocd.words"
for word; do
	case \$word in firmware.*) cp "\$word" "$T/pyocd.\$word" ;; esac
done
echo 'All 64 bytes match.'
END
chmod +x bin/pyocd
PATH=$T/bin:$PATH
flash -n --build --method pyocd --board NUCLEO_H563ZI
is 'the plan: exit status' "$status" 0 || diag "$err"
like 'the plan: the format that pyOCD gets' "$err" '^note: would be updating NUCLEO_H563ZI on usb-0240000011112222 to what is built: firmware\.dfu as \.hex of .*/tree, by pyocd$'
ok 'the plan changes nothing' test ! -e tree/build-mpflash -a ! -e pyocd.words
flash --build --method pyocd --board NUCLEO_H563ZI
is 'built and flashed: exit status' "$status" 0 || diag "$err"
like 'it is built' "$err" '^compile  stm32/NUCLEO_H563ZI: done in '
like 'pyOCD is told of a .hex' "$(cat pyocd.words)" '^load .* --format hex firmware\.hex$'
"$MPFLASH" convert tree/build-mpflash/NUCLEO_H563ZI/firmware.dfu want.bin >/dev/null 2>&1
"$MPFLASH" convert pyocd.firmware.hex got.bin >/dev/null 2>&1
ok 'which is the firmware' cmp want.bin got.bin
like 'how to do it again' "$out" '^To flash this built firmware again without rebuilding:$'
like 'the command for that' "$out" '^  mpflash flash --board NUCLEO_H563ZI --version v1\.29\.0-preview$'
is 'the library has both formats' "$(cd fw/builds/* && echo *)" 'NUCLEO_H563ZI-v1.29.0-preview.dfu NUCLEO_H563ZI-v1.29.0-preview.hex'
flash --build --method pyocd --board NUCLEO_H563ZI
is 'the second run: exit status' "$status" 0 || diag "$err"
unlike 'the second run builds nothing' "$err" '^compile .* done in '
rm -f pyocd.words
flash --board NUCLEO_H563ZI --version v1.29.0-preview --method pyocd
is 'from the library: exit status' "$status" 0 || diag "$err"
like 'from the library: the .hex of the build' "$err" 'to v1\.29\.0-preview: builds/.*/NUCLEO_H563ZI-v1\.29\.0-preview\.hex, by pyocd$'
like 'from the library: it is compared, and equal' "$(cat pyocd.words)" '^commander .* compare 0x8000000 '
rm -f pyocd.words
flash --force --board NUCLEO_H563ZI --version v1.29.0-preview --method pyocd
is 'from the library, --force: exit status' "$status" 0 || diag "$err"
like 'from the library, --force: pyOCD gets it' "$(cat pyocd.words)" '^load .* --format hex firmware\.hex$'
rm -f fw/builds/*/*.hex pyocd.words
flash --board NUCLEO_H563ZI --version v1.29.0-preview --method pyocd --target stm32h563zitx
is 'a file in another format: exit status' "$status" 0 || diag "$err"
like 'a file in another format is converted' "$err" '\.dfu as \.hex, by pyocd$'
like '--target' "$(cat pyocd.words)" ' -t stm32h563zitx '
emu usb 1-2 0d28:0204 serial=0240000033334444 product=CMSIS-DAP if=ff/00/00:CMSIS-DAP
flash --board NUCLEO_H563ZI --version v1.29.0-preview --method pyocd
is 'two probes: exit status' "$status" 1
like 'two probes: which' "$err" "^error: Backend 'pyocd' cannot flash NUCLEO_H563ZI: \[probe\] 2 devices can be meant by NUCLEO_H563ZI: usb-0240000011112222 .*; usb-0240000033334444 "
rm -f pyocd.words
flash --board NUCLEO_H563ZI --version v1.29.0-preview --method pyocd --probe 33334444
is '--probe: exit status' "$status" 0 || diag "$err"
like '--probe: that one' "$(cat pyocd.words)" ' -u 0240000033334444 '
emu remove 1-1
emu remove 1-2

# --- DFU: built, .dfu
stamp=v1.29.0-preview
says new-pyboard PYBV11 'PYBv1.1 with STM32F405RG' "$stamp"
pyboard 1
enters 1
flash --build --board PYBV11
is 'DFU: exit status' "$status" 0 || diag "$err"
like 'DFU: gets the .dfu' "$err" '^note: Updating PYBV11 on /dev/ttyACM1 to what is built: firmware\.dfu of .*/tree, by dfu$'
like 'DFU: verified' "$err" '^flash    stm32/PYBV11 on ttyACM1: done in .* written and verified'
like 'the board as it is now' "$out" '^Updated boards after flashing$'
like 'the board as it is now: its line' "$out" '^/dev/ttyACM1 +micropython .*PYBV11 .*v1\.29\.0-preview'
# A log of what was told: nothing is written a second time.
emu_log | grep -c '^dfu 1-1 write' >before
flash --build --board PYBV11
is 'DFU again: exit status' "$status" 0 || diag "$err"
is 'DFU again: nothing is written' "$(emu_log | grep -c '^dfu 1-1 write')" "$(cat before)"
like 'DFU again: nothing to do' "$err" 'nothing to do|up to date'
enters 1
flash --build --force --board PYBV11
is '--force: exit status' "$status" 0 || diag "$err"
like '--force: built' "$err" '^compile  stm32/PYBV11: done in .*: forced'
like '--force: flashed' "$err" '^flash    stm32/PYBV11 on ttyACM1: done in .*: forced'
flash --build --clean -n --board PYBV11
like '--clean: the folder goes first' "$err" '^clean    stm32/PYBV11: would run'
emu remove 1-1

# --- an ESP: a released .bin
python3 "$TESTS_DIR/emu/esp_image.py" esp32 150000 >"$T/site/resources/firmware/ESP32_GENERIC-20250809-v1.26.0.bin"
cp "$T/site/resources/firmware/ESP32_GENERIC-20250809-v1.26.0.bin" esp.bin
page ESP32_GENERIC esp32 ESP32_GENERIC-20250809-v1.26.0.bin
port_page esp32 ESP32_GENERIC
says esp-reply ESP32_GENERIC 'Generic ESP32 module with ESP32' v1.26.0
head -c 4194304 /dev/zero >esp-flash
emu usb 1-6 10c4:ea60 serial=0001 product=CP2102 uart=ttyUSB0
unset MICROPY_DIR
esp() {
	: >esp-log
	emu board ttyUSB0 esp chip=esp32 "flash=$T/esp-flash" "log=$T/esp-log" "reply=$T/esp-reply"
	flash --board ESP32_GENERIC --serial /dev/ttyUSB0 "$@"
}
esp --verbose
is 'ESP: exit status' "$status" 0 || diag "$err"
like 'ESP: gets the .bin' "$err" '^note: Updating ESP32_GENERIC on /dev/ttyUSB0 to v1\.26\.0: esp32/ESP32_GENERIC-v1\.26\.0\.bin, by esp$'
ok 'ESP: its flash holds it, behind the first 4 KiB' python3 -c 'import sys
image, flash = open("esp.bin", "rb").read(), open("esp-flash", "rb").read()
sys.exit(flash[4096 + 65536:4096 + len(image)] != image[65536:])'
esp --verbose
is 'ESP again: exit status' "$status" 0 || diag "$err"
unlike 'ESP again: nothing is sent' "$(cat esp-log)" '^(begin|defl_begin|erase)'
emu remove 1-6

# --- a UF2 drive: a released .uf2
if [ -z "${UF2_MOUNTS-}" ] || [ ! -e /dev/fuse ]; then
	skip 'UF2: a drive' 'needs /dev/fuse and unshare -m'
	emu_stop
	done_testing
fi
need fusermount3
mkdir drive
printf 'UF2 Bootloader v3.0\r\nModel: Raspberry Pi RP2\r\nBoard-ID: RPI-RP2\r\n' >info.txt
drive() {
	emu usb 1-3 2e8a:0003 serial=E0C9125B0D9B product=RP2 block=sdc:RPI-RP2
	rm -f taken
	emu_uf2 -d /dev/sdc -i info.txt -f e48bff56 -o "$T/taken" drive || bail 'no drive'
	(
		tries=0
		while mountpoint -q drive && [ $tries -lt 200 ]; do
			tries=$((tries + 1))
			sleep 0.05
		done
		printf 'remove 1-3\n' >"$emu_dir/in" && read -r _ <"$emu_dir/out"
		sleep 0.1
		printf 'usb 1-3 2e8a:0005 serial=e6614c311b8a5f23 cdc=ttyACM3\n' >"$emu_dir/in" && read -r _ <"$emu_dir/out"
		printf 'board ttyACM3 raw %s/new-pico\n' "$T" >"$emu_dir/in" && read -r _ <"$emu_dir/out"
	) &
	back=$!
}
drive
flash --board RPI_PICO --volume "$T/drive"
wait "$back"
is 'UF2: exit status' "$status" 0 || diag "$err"
like 'UF2: gets the .uf2' "$err" '^note: Updating RPI_PICO on .* to v1\.26\.0: rp2/RPI_PICO-v1\.26\.0\.uf2, by uf2$'
boot2 want26 26
ok 'UF2: the drive took it' cmp -n 16384 want26.bin taken
flash -n --board RPI_PICO
is 'UF2 again: exit status' "$status" 0 || diag "$err"
like 'UF2 again: it is up to date' "$err" 'nothing to do'

emu_stop
done_testing
