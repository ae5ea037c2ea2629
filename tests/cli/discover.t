#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Boards, bootloaders, probes and drives of all kinds are found as what they are, without being asked.
#
# A mount namespace of its own, where that is allowed: drives are mounted.
if [ -z "${DISCOVER_MOUNTS-}" ] && unshare -m true 2>/dev/null; then
	DISCOVER_MOUNTS=1 exec unshare -m sh "$0"
fi
. "$(dirname "$0")/lib.sh"
# shellcheck source=../emu/emu.sh
. "$TESTS_DIR/emu/emu.sh"

need python3 umockdev-wrapper setpriv
cd "$T" || exit
emu_start

# table: the list in $out, a line each: device state port vid:pid location methods kind
table() {
	printf '%s' "$out" | python3 -c '
import json, sys
for d in json.load(sys.stdin):
    print(d["device"], d["state"].replace(" ", "-"), d["serialport"] or "-", "%04x:%04x" % (d["vid"], d["pid"]) if d["vid"] else "-",
          d["location"] or "-", ",".join(d["methods"]) or "-", d["description"] or "-")'
}

# find [COMMAND...]: lists into $out
find_all() {
	run emu_run "$@" "$MPFLASH" list --no-probe --json
}

find_all
is 'nothing plugged in: an empty list' "$status$out$err" '0[]'

# --- all kinds at once ---
emu usb 1-4.2 2e8a:0005 serial=e6614c311b8a5f2b manufacturer=MicroPython product=Pico cdc=ttyACM0:Board%20CDC if=ff/00/01:Reset
emu usb 1-4.1 2e8a:0003 serial=E0C9125B0D9B product=RP2%20Boot block=sdb1:RPI-RP2 if=ff/00/00
emu usb 1-4.3 2e8a:000f serial=5D3A9C7B11E2F480 block=sdc1:RP2350 if=ff/00/00
emu usb 1-1 0483:df11 serial=3157334B3032 if=fe/01/02:@Internal%20Flash
emu usb 1-2 f055:9800 serial=335A36633038 cdc=ttyACM1 block=sdd1:PYBFLASH
emu usb 1-3 303a:1001 serial=34:85:18:AA:BB:CC cdc=ttyACM2
emu usb 1-5 303a:0002 serial=0 cdc=ttyACM3 if=ff/00/01
emu usb 1-6 10c4:ea60 serial=0001 product=CP2102 uart=ttyUSB0
emu usb 1-7 1a86:7523 product=USB%20Serial uart=ttyUSB1
emu usb 2-1 0483:374b serial=066DFF525750877267123456 product=STM32%20STLink if=ff/ff/ff:ST-Link%20Debug block=sde:NODE_F446RE cdc=ttyACM4
emu usb 2-2 2e8a:000c serial=E6633861A355B838 product=Debugprobe if=ff/00/00:CMSIS-DAP%20v2%20Interface cdc=ttyACM5
emu usb 2-3 1366:0101 serial=000050123456 product=J-Link if=ff/ff/ff
emu usb 2-4 1d50:6018 serial=7BB180B4 cdc=ttyACM6:Black%20Magic%20GDB%20Server cdc=ttyACM7:Black%20Magic%20UART%20Port if=fe/01/01:DFU
emu usb 2-5 239a:80f4 serial=DF6050A04B1F4B2D cdc=ttyACM9:CircuitPython%20CDC%20control cdc=ttyACM8:CircuitPython%20CDC2%20control
emu usb 2-6.1.4 239a:0015 product=Feather%20M0 block=sdf:FEATHERBOOT if=02/02/00
emu usb 2-7 16c0:0478 if=03/00/00
emu usb 2-8 0d28:0204 serial=9904360254194e45 product=BBC%20micro:bit%20CMSIS-DAP block=sdg:MICROBIT cdc=ttyACM10
# what is none of ours
emu usb 3-1 046d:c31c product=Keyboard if=03/01/01
emu usb 3-2 0781:5567 serial=4C530001 product=Stick block=sdh1:PHOTOS
emu tty ttyS0

find_all
is 'all kinds: exit status, nothing on stderr' "$status$err" 0
is 'all kinds: each is what it is' "$(table)" \
	"usb-e6614c311b8a5f2b not-asked /dev/ttyACM0 2e8a:0005 pci-0000:00:14.0-usb-0:4.2:1.0 picoboot,uf2 -
usb-335A36633038 not-asked /dev/ttyACM1 f055:9800 pci-0000:00:14.0-usb-0:2:1.0 - -
usb-34:85:18:AA:BB:CC not-asked /dev/ttyACM2 303a:1001 pci-0000:00:14.0-usb-0:3:1.0 esp,esptool -
usb-1-5 bootloader /dev/ttyACM3 303a:0002 pci-0000:00:14.0-usb-0:5:1.0 esp,esptool ESP ROM loader of ESP32-S2
usb-066DFF525750877267123456 not-asked /dev/ttyACM4 0483:374b pci-0000:00:14.0-usb-1:1:1.2 pyocd,openocd,probe-rs,stlink ST-Link probe
usb-E6633861A355B838 not-asked /dev/ttyACM5 2e8a:000c pci-0000:00:14.0-usb-1:2:1.1 pyocd,openocd,probe-rs CMSIS-DAP probe
usb-7BB180B4 not-asked /dev/ttyACM7 1d50:6018 pci-0000:00:14.0-usb-1:4:1.2 gdb Black Magic probe
usb-DF6050A04B1F4B2D not-asked /dev/ttyACM9 239a:80f4 pci-0000:00:14.0-usb-1:5:1.0 - -
usb-9904360254194e45 not-asked /dev/ttyACM10 0d28:0204 pci-0000:00:14.0-usb-1:8:1.1 pyocd,openocd,probe-rs CMSIS-DAP probe
usb-1-6 not-asked /dev/ttyUSB0 10c4:ea60 pci-0000:00:14.0-usb-0:6:1.0 esp,esptool -
usb-1-7 not-asked /dev/ttyUSB1 1a86:7523 pci-0000:00:14.0-usb-0:7:1.0 esp,esptool -
usb-000050123456 probe - 1366:0101 2-3 jlink,pyocd,openocd,probe-rs J-Link probe
usb-1-4.1 bootloader - 2e8a:0003 1-4.1 picoboot,uf2 PICOBOOT bootloader of RP2040
usb-2-6.1.4 bootloader - 239a:0015 2-6.1.4 uf2 UF2 bootloader
usb-2-7 bootloader - 16c0:0478 2-7 teensy Teensy bootloader
usb-3157334B3032 bootloader - 0483:df11 1-1 dfu DFU bootloader
usb-5D3A9C7B11E2F480 bootloader - 2e8a:000f 1-4.3 picoboot,uf2 PICOBOOT bootloader of RP2350"
is 'nothing was opened for it' "$(emu_log)" ''

# --- two with one serial number ---
emu usb 4-1 2e8a:000b serial=1122334455667788 cdc=ttyACM20
emu usb 4-2 2e8a:000b serial=1122334455667788 cdc=ttyACM21
find_all
is 'two with one number: the places tell them apart' "$(table | grep '^usb-4-' | cut -d' ' -f1 | paste -sd' ' -)" 'usb-4-1 usb-4-2'
run emu_run "$MPFLASH" list --no-probe --json -s /dev/ttyACM20
is 'two with one number: the same id when one alone is asked for' "$(table | cut -d' ' -f1)" usb-4-1
emu remove 4-1
emu remove 4-2

# --- rights ---
emu mode /dev/ttyACM0 0000
emu mode "/dev/bus/usb/001/$(printf '%03d' "$(emu_other cat /sys/bus/usb/devices/1-1/devnum)")" 0000
find_all setpriv --bounding-set=-dac_override,-dac_read_search
like 'a port that is not ours to open' "$(table)" '^usb-e6614c311b8a5f2b denied /dev/ttyACM0 '
like 'a DFU device that is not ours to open' "$(table)" '^usb-3157334B3032 denied - 0483:df11 '
run emu_run setpriv --bounding-set=-dac_override,-dac_read_search "$MPFLASH" list --no-probe
like 'rights: why' "$out" '^/dev/ttyACM0 .* no permission to open /dev/ttyACM0 '

# --- somebody else's ---
UMOCKDEV_DIR=$emu_root LD_PRELOAD=libumockdev-preload.so.0 python3 -c 'import os, sys, time
fd = os.open("/dev/ttyACM1", os.O_RDWR | os.O_NOCTTY)
open(sys.argv[1], "w").close()
time.sleep(60)' "$T/opened" &
holder=$!
tries=0
until [ -e "$T/opened" ]; do
	tries=$((tries + 1))
	[ "$tries" -lt 500 ] || bail 'nobody opens the port'
	sleep 0.02
done
find_all
like 'a port that another program has open' "$(table)" '^usb-335A36633038 held /dev/ttyACM1 '
run emu_run "$MPFLASH" list --no-probe
like 'held by whom' "$out" "^/dev/ttyACM1 .* held by python3 \\(pid $holder\\) "
kill "$holder"
wait "$holder" 2>/dev/null

# A container has a /dev/pts of its own: its 7 is not ours. It is seen in /proc all the same.
pts=$(readlink "$emu_root/dev/ttyACM1")
if [ -n "${DISCOVER_MOUNTS-}" ]; then
	rm -f "$T/opened"
	unshare -m sh -c 'mount -t devpts -o newinstance,ptmxmode=0666 devpts /dev/pts && exec python3 -c "
import os, sys, time
last = int(sys.argv[1].split(\"/\")[-1])
for i in range(last + 1):
    master = os.open(\"/dev/pts/ptmx\", os.O_RDWR | os.O_NOCTTY)
    import fcntl, struct, termios
    fcntl.ioctl(master, 0x40045431, struct.pack(\"i\", 0))
kept = os.open(sys.argv[1], os.O_RDWR | os.O_NOCTTY)
open(sys.argv[2], \"w\").close()
time.sleep(60)" "$@"' sh "$pts" "$T/opened" &
	holder=$!
	tries=0
	until [ -e "$T/opened" ]; do
		tries=$((tries + 1))
		[ "$tries" -lt 500 ] || bail 'no pty in a namespace of its own'
		sleep 0.02
	done
	find_all
	like 'a pty of the same name in a container holds nothing' "$(table)" '^usb-335A36633038 not-asked /dev/ttyACM1 '
	kill "$holder"
	wait "$holder" 2>/dev/null
else
	skip 'a pty of the same name in a container holds nothing' 'needs unshare -m'
fi

# --- going away ---
emu remove 1-4.2
emu remove ttyACM10
find_all
unlike 'unplugged: gone' "$(table)" '1b8a5f2b'
like 'a probe whose port is gone is still a probe' "$(table)" '^usb-9904360254194e45 probe - 0d28:0204'
like 'the others stay' "$(table)" '^usb-335A36633038 not-asked '

# Devices that come and go as long as lists are made: every list is one of what was there, and none fails.
(
	while ! [ -e "$T/enough" ]; do
		printf 'usb 1-4.2 2e8a:0005 serial=e6614c311b8a5f2b cdc=ttyACM0\nremove 1-4.2\n' >"$emu_dir/in"
		read -r _ <"$emu_dir/out"
		read -r _ <"$emu_dir/out"
		printf . >>"$T/churned"
	done
) &
churn=$!
lists=0 failed=''
churned() {
	wc -c 2>/dev/null <"$T/churned" || echo 0
}
while [ "$lists" -lt 12 ] || { [ "$(churned)" -lt 60 ] && [ "$lists" -lt 500 ]; }; do
	find_all
	lists=$((lists + 1))
	[ "$status$err" = 0 ] && table >/dev/null || failed="$failed $status $err"
done
touch "$T/enough"
wait "$churn"
is 'devices that come and go while they are listed' "$failed" ''
ok 'and they came and went often meanwhile' test "$(churned)" -ge 60

# --- hostile texts ---
emu usb 5-1 2e8a:0005 serial=%1b%5b2J%07evil product=%ff%fe%80 manufacturer=a%00b 'cdc=ttyACM20:%1b%5d0;x%07'
emu usb 5-2 2e8a:0005 serial=../../../etc/passwd product=%25s%25n cdc=ttyACM21
emu usb 5-3 2e8a:0003 "serial=$(printf '%0300d' 7)" block=sdk1:%1b%5b31mBOOT if=ff/00/00
find_all
is 'hostile descriptors: exit status, nothing on stderr' "$status$err" 0
printf '%s' "$out" >hostile.json
ok 'hostile descriptors: the JSON is one' python3 -m json.tool hostile.json
like 'hostile descriptors: no control characters' "$(table)" '^usb-\?\[2J\?evil not-asked /dev/ttyACM20 '
like 'hostile descriptors: a path is a text' "$(table)" '^usb-../../../etc/passwd not-asked /dev/ttyACM21 '
like 'hostile descriptors: a long number, a label with colours' "$(table)" '^usb-5-3 bootloader - 2e8a:0003 '
run emu_run "$MPFLASH" list --no-probe
is 'hostile descriptors: nothing for the terminal in the table' "$(printf '%s' "$out" | LC_ALL=C tr -d '\n\40-\176' | wc -c)" 0

# --- two that say the same number ---
emu usb 6-1 2e8a:0005 serial=SAMESAME cdc=ttyACM30
emu usb 6-2 2e8a:0005 serial=SAMESAME cdc=ttyACM31
find_all
like 'a number that two have is no identity' "$(table)" '^usb-6-1 not-asked /dev/ttyACM30 '
like 'a number that two have: the other one' "$(table)" '^usb-6-2 not-asked /dev/ttyACM31 '

# --- a drive that is mounted ---
if [ -n "${DISCOVER_MOUNTS-}" ] && [ -c /dev/fuse ]; then
	mkdir drive
	{
		printf 'UF2 Bootloader 0.6.1\r\nModel: Feather\033[2J\r\n'
		printf 'Board-ID: nRF52840-Feather-revD\r\nSoftDevice: S140 6.1.1\r\n'
	} >info.txt
	emu usb 7-1 239a:0029 serial=7C2C1DE8C4A1F0B3 block=sdm:FTHR840BOOT if=02/02/00
	ok 'a mounted drive' emu_uf2 -d /dev/sdm -i "$T/info.txt" "$T/drive"
	find_all
	like 'a mounted drive is joined with its USB device' "$(table)" \
		'^usb-7C2C1DE8C4A1F0B3 bootloader - 239a:0029 7-1 uf2 UF2 bootloader of nRF52840$'
	umount drive
else
	skip 'a mounted drive' 'needs /dev/fuse and unshare -m'
	skip 'a mounted drive is joined with its USB device' 'needs /dev/fuse and unshare -m'
fi

emu_stop
done_testing
