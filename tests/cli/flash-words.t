#!/bin/sh
# SPDX-License-Identifier: MIT
#
# mpflash flash: the options and messages that flash-options.t and flash-messages.t have not: what an option changes on the line to an ESP,
# at a tool, in what is asked of the site; rights, formats and files that are in the way.
# shellcheck disable=SC2016 # scripts, as they are
. "$(dirname "$0")/lib.sh"
# shellcheck source=../emu/emu.sh
. "$TESTS_DIR/emu/emu.sh"
# shellcheck source=../net/lib.sh
. "$TESTS_DIR/net/lib.sh"
# shellcheck source=flash.sh
. "$TESTS_DIR/cli/flash.sh"

need python3 umockdev-wrapper setpriv git make arm-none-eabi-gcc
cd "$T" || exit
MPFLASH_FIRMWARE=$T/fw
export MPFLASH_FIRMWARE
mkdir fw bin
site_start "$@"
releases
run "$MPFLASH" download -b PYBV11 -b RPI_PICO -v stable
[ "$status" = 0 ] || bail "$err"
emu_start

fails() { # NAME STATUS ERROR HINT OPTIONS...
	fails_name=$1 fails_status=$2 fails_error=$3 fails_hint=$4
	shift 4
	flash "$@"
	is "$fails_name: exit status" "$status" "$fails_status" || diag "$err"
	like "$fails_name: said" "$err" "^error: $fails_error"
	[ -z "$fails_hint" ] || like "$fails_name: what to do" "$err" "^hint: $fails_hint"
}

# --- -n: with what is here
pyboard 1
wc -l <"$site_log" >asked
for version in stable preview; do
	flash -n -s ttyACM1 -v $version
done
is '-n: no site is asked' "$(wc -l <"$site_log")" "$(cat asked)"
fails '-n: a board that is named' 1 'Firmware not found for PYBV11 on an attached board, skipping$' 'without -n it is fetched' -n -b PYBV11 -v preview

# --- files
printf 'no firmware\n' >notes.txt
head -c 300 /dev/urandom >cut.dfu
fails 'a file that is not there' 1 'No boards were flashed: File none\.dfu does not exist, skipping PYBV11 on /dev/ttyACM1$' '' \
	-s ttyACM1 --image none.dfu
fails 'a file of no format' 1 "No boards were flashed: Backend 'dfu' cannot flash PYBV11 on /dev/ttyACM1: \[format\] notes\.txt: neither the content" \
	'`mpflash convert --from FORMAT notes\.txt notes\.dfu` makes one of it; FORMAT is one of bin, .*uf2' -s ttyACM1 --image notes.txt
fails 'a file that is cut off' 1 "No boards were flashed: Backend 'dfu' cannot flash PYBV11 on /dev/ttyACM1: \[format\] cut\.dfu .*suffix$" \
	'the file is cut off' -s ttyACM1 --image cut.dfu --method dfu
unlike 'nothing was done to the board' "$(emu_log)" '^bootloader ttyACM1'

# --- words that do not go together
fails '--variant ?' 2 'Invalid flash option combination\. --variant cannot ask\.$' '--board \? asks for board and variant' -b PYBV11 --variant '?'
pico 5
fails '--erase of a UF2 drive' 1 'No boards were flashed: Invalid flash option combination\. --erase: uf2 writes what the image has, and erases nothing else$' \
	'leave --erase out' -s ttyACM5 --method uf2 --erase
emu remove 1-5

# --- ports that are not looked at
flash -n -i '*ACM1'
is '-i: exit status' "$status" 1
like '-i: nobody is left' "$err" '^error: No boards were flashed: no board is attached that runs MicroPython$'
MPFLASH_IGNORE='*ttyUSB* *ttyACM1' && export MPFLASH_IGNORE
flash -n
is 'MPFLASH_IGNORE: exit status' "$status" 1
flash -n -s ttyACM1
is 'MPFLASH_IGNORE: but one that is named' "$status" 0 || diag "$err"
unset MPFLASH_IGNORE

# --- Bluetooth
emu tty rfcomm0
emu board rfcomm0 raw "$T/old-pico"
flash -n -v stable
unlike 'a Bluetooth port' "$err" 'rfcomm0'
flash -n --bluetooth
like '--bluetooth' "$err" '^note: would be updating RPI_PICO on /dev/rfcomm0 to v1\.26\.0: '
flash -n --bt -s ttyACM1
unlike '--bt: and --serial' "$err" 'rfcomm0'
emu remove rfcomm0

# --- rights
as_user() { # a root that feels them
	run emu_run setpriv --bounding-set=-dac_override,-dac_read_search "$MPFLASH" flash "$@"
}
denied() { # NAME ERROR HINT
	is "$1: exit status" "$status" 1
	like "$1: said" "$err" "^error: .*$2"
	like "$1: what to do" "$err" "^hint: $3"
}
emu mode /dev/ttyACM1 0000
as_user
denied 'a port that is not ours' 'Insufficient permissions to access /dev/ttyACM1: no permission to open /dev/ttyACM1$' \
	'`sudo usermod -a -G dialout \$USER`'
as_user -b PYBV11
denied 'a port that is not ours, its board named' 'Insufficient permissions to access /dev/ttyACM1: no permission to open /dev/ttyACM1$' \
	'`sudo usermod -a -G dialout \$USER`'
emu remove 1-1
node() {
	printf '/dev/bus/usb/001/%03d' "$(emu_other cat "/sys/bus/usb/devices/$1/devnum")"
}
emu model 1-3 dfu "flash=$T/flash1.bin" chip=f405 serial=A1B2C3D40001
emu mode "$(node 1-3)" 0000
as_user
denied 'a bootloader that is not ours' 'Insufficient permissions to access usb-[^ ]*: no permission to open /dev/bus/usb/' \
	'`mpflash doctor --install-udev` gives your user the rights$'
device=$(printf '%s\n' "$err" | sed -n 's/^error: .* access \(usb-[^ ]*\): .*/\1/p')
as_user -b PYBV11 --device "$device"
denied 'a bootloader that is not ours, named' "Insufficient permissions to access $device: no permission to open /dev/bus/usb/[0-9/]*\. Install the udev rule$" \
	'`mpflash doctor --install-udev` gives your user the rights$'
unlike 'a bootloader that is not ours: nothing was done' "$(emu_log)" '^dfu 1-3 (erase|write)'
emu remove 1-3
# it is ours while it runs, and its bootloader is not
pyboard 1
next=$(printf '/dev/bus/usb/001/%03d' "$(($(emu_other cat /sys/bus/usb/devices/1-1/devnum) + 1))")
emu on 'bootloader ttyACM1' '=>' 20 remove 1-1
emu on 'bootloader ttyACM1' '=>' 80 model 1-1 dfu "flash=$T/flash1.bin" chip=f405 serial=A1B2C3D40001
emu on 'bootloader ttyACM1' '=>' 80 mode "$next" 0000
as_user -s ttyACM1
denied 'a bootloader that is not ours, once it is there' 'Insufficient permissions to access /dev/ttyACM1: no permission to open USB device 0483:df11 at 1-1\. Install the udev rule$' \
	'`mpflash doctor --install-udev` gives your user the rights$'
emu remove 1-1

# --- what is there already: its bootloader
emu model 1-1 dfu "flash=$T/flash1.bin" chip=f405 serial=A1B2C3D40001
emu on 'left 1-1' '=>' 30 usb 1-1 f055:9800 serial=00000001 product=Pyboard cdc=ttyACM1
emu on 'left 1-1' '=>' 40 board ttyACM1 raw "$T/new-pyboard"
flash -b PYBV11 --bootloader none --method dfu
is '--bootloader none: exit status' "$status" 0 || diag "$err"
ok '--bootloader none: a board that waits is flashed' holds_split 26 1
emu remove 1-1

# --- pyOCD's packs
cat >bin/pyocd <<END
#!/bin/sh
printf '%s\n' "\$*" >>"$T/pyocd.words"
case " \$* " in
*' pack '*) touch "$T/pack" ;;
*) [ -e "$T/pack" ] || { echo "Target type stm32f405rgtx not recognized."; exit 1; } ;;
esac
echo 'All 64 bytes match.'
END
chmod +x bin/pyocd
PATH=$T/bin:$PATH
emu usb 1-2 0d28:0204 serial=0240000011112222 product=CMSIS-DAP if=ff/00/00:CMSIS-DAP
printf 'port stm32\n  board PYBV11\n    pyocd.target = STM32F405RGTx\n' >packs.rules
fails '--no-auto-install-packs' 1 'No boards were flashed: Failed to flash PYBV11 on usb-0240000011112222: pyOCD has no support for STM32F405RGTx as it is installed$' \
	'--auto-install-packs fetches it' -b PYBV11 --method pyocd --rules packs.rules --no-auto-install-packs
unlike '--no-auto-install-packs: nothing is fetched' "$(cat pyocd.words)" '^pack '
flash -b PYBV11 --method pyocd --rules packs.rules --auto-install-packs
is '--auto-install-packs: exit status' "$status" 0 || diag "$err"
like '--auto-install-packs: pyOCD is told to' "$(cat pyocd.words)" '^pack install STM32F405RGTx$'

# --- a build of a ref: what the tree has now is not looked at
small_tree tree
printf 'port mini\n  flash = pyocd\n  pyocd.target = cortex_m\n' >mini.rules
printf 'int broken(void)\n{\n\treturn undeclared_name;\n}\n' >tree/ports/mini/boards/BLUE/board.c
flash --build -C tree --rules mini.rules --board BLUE --method pyocd
is '--build: the tree as it is: exit status' "$status" 1
like "--build: the tree as it is: the compiler's words" "$err" 'undeclared_name'
# (git, which checks it out, is no program for a sanitizer that comes with the rig's library)
run "$MPFLASH" make -C tree --rules mini.rules BLUE@v1.29.0-preview
[ "$status" = 0 ] || bail "$err"
flash --build --version 1.29.0-preview -C tree --rules mini.rules --board BLUE --method pyocd
is '--build --version: exit status' "$status" 0 || diag "$err"
like '--build --version: that ref' "$err" '^note: Updating BLUE on usb-0240000011112222 to what is built: .* of v1\.29\.0-preview, by pyocd$'
like '--build --version: what to say the next time' "$out" '^  mpflash flash --board BLUE --version v1\.29\.0-preview$'
emu remove 1-2

# --- ESP: the second attempt
python3 "$TESTS_DIR/emu/esp_image.py" esp32 60000 >"$T/site/resources/firmware/ESP32_GENERIC-20250809-v1.26.0.bin"
page ESP32_GENERIC esp32 ESP32_GENERIC-20250809-v1.26.0.bin
port_page esp32 ESP32_GENERIC
says esp-reply ESP32_GENERIC 'Generic ESP32 module with ESP32' v1.26.0
emu usb 1-6 10c4:ea60 serial=0001 product=CP2102 uart=ttyUSB0
esp() {
	: >esp-log
	head -c 4194304 /dev/zero >esp-flash
	emu board ttyUSB0 esp chip=esp32 "flash=$T/esp-flash" "log=$T/esp-log" "reply=$T/esp-reply" fault=error@2
	flash --board ESP32_GENERIC --serial /dev/ttyUSB0 --force "$@"
}
mode() { # of the boot image: byte 2
	od -An -tu1 -j4098 -N1 esp-flash | tr -d ' '
}
esp
is 'the line fails: exit status' "$status" 0 || diag "$err"
like 'the line fails: once more, slower' "$err" 'trying once more with 115200 baud, flash mode dio$'
is 'the line fails: in that mode' "$(mode)" 2
esp --retry-baud 57600 --rfm dout --fm keep
is '--retry-baud, --rfm: exit status' "$status" 0 || diag "$err"
like '--retry-baud: said' "$err" 'trying once more with 57600 baud, flash mode dout$'
like '--retry-baud: the speed of the second attempt' "$(cat esp-log)" '^baud 576'
is '--rfm: in the boot image' "$(mode)" 3
esp --no-retry
is '--no-retry: exit status' "$status" 1
like '--no-retry: said' "$err" '^error: No boards were flashed: Failed to flash ESP32_GENERIC on /dev/ttyUSB0: .*refused to write'
unlike '--no-retry: no second attempt' "$err" 'once more'
is '--no-retry: one attempt' "$(grep -c '^defl_begin' esp-log)" 1
emu board ttyUSB0 esp chip=esp32 "flash=$T/esp-flash" "log=$T/esp-log" "reply=$T/esp-reply"
fails '--retry-flash-mode that there is not' 2 "--retry-flash-mode wants one of: qio qout dio dout, not 'fast'$" '' --rfm fast
fails '--retry-baud that is none' 2 "--retry-baud wants a whole number, not 'fast'" '' --retry-baud fast

emu_stop
done_testing
