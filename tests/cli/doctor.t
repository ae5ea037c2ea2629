#!/bin/sh
# SPDX-License-Identifier: MIT
#
# mpflash doctor: one finding and one fix for each thing that is wrong, and none when nothing is.
. "$(dirname "$0")/lib.sh"
# shellcheck source=../emu/emu.sh
. "$TESTS_DIR/emu/emu.sh"

need python3 umockdev-wrapper setpriv
cd "$T" || exit
emu_start
found() {
	printf '%s' "$out" | python3 -c 'import json, sys; print(",".join(f["check"] for f in json.load(sys.stdin)["findings"] if f["check"] != "modem-manager"))'
}
unset MPFLASH_PEERS
run emu_run "$MPFLASH" doctor --json
is 'nothing is wrong' "$(found)" ''

emu usb 1-1 2e8a:0005 serial=e6614c311b8a5f2b cdc=ttyACM0
emu usb 1-2 0483:df11 serial=315D35723037 if=fe/01/02
emu mode /dev/ttyACM0 0000
# shellcheck disable=SC2016 # awk expands it
emu mode "/dev/bus/usb/001/$(emu_run awk '{ printf "%03d", $1 }' /sys/bus/usb/devices/1-2/devnum)" 0000
run emu_run setpriv --bounding-set=-dac_override,-dac_read_search "$MPFLASH" doctor
is 'rights: exit status' "$status" 1
like 'rights: a port' "$out" '^rights: your user may not open /dev/ttyACM0$'
like 'rights: the fix of a port' "$out" '^  fix: sudo usermod -a -G dialout'
like 'rights: a DFU device' "$out" '^rights: your user may not open /dev/bus/usb/001/[0-9]+ \(DFU bootloader\)$'
like 'rights: how many' "$err" '^error: [0-9]+ things are wrong$'
emu mode /dev/ttyACM0 0660
emu remove 1-2

emu_run python3 -c 'import os, sys, time
fd = os.open("/dev/ttyACM0", os.O_RDWR | os.O_NOCTTY)
open(sys.argv[1], "w").close()
time.sleep(60)' "$T/opened" &
holder=$!
until [ -e "$T/opened" ]; do sleep 0.02; done
run emu_run "$MPFLASH" doctor
like 'a port that is held, and by whom' "$out" '^ports: /dev/ttyACM0 is held by python3 \(pid [0-9]+\)$'
kill "$holder"
wait "$holder" 2>/dev/null

cp "$(command -v sleep)" "$T/ModemManager"
"$T/ModemManager" 60 &
manager=$!
run emu_run "$MPFLASH" doctor
like 'ModemManager' "$out" '^modem-manager: ModemManager runs \(pid [0-9]+\)'
kill "$manager"
wait "$manager" 2>/dev/null

MPFLASH_IGNROE=x MPFLASH_FIRMWARE=$T/none MPFLASH_IGNORE=a,b SNAP=/snap/x run emu_run "$MPFLASH" doctor
like 'a variable that nothing reads' "$out" '^environment: nothing reads the variable MPFLASH_IGNROE$'
like 'a variable that nothing reads: the near one' "$out" '^  fix: is MPFLASH_IGNORE meant\?$'
like 'MPFLASH_FIRMWARE' "$out" "^environment: MPFLASH_FIRMWARE names $T/none, which is no folder\$"
like 'MPFLASH_IGNORE' "$out" '^environment: MPFLASH_IGNORE has commas'
like 'confined' "$out" '^confined: mpflash runs inside a snap'
mkdir "$T/closed"
chmod 0500 "$T/closed"
MPFLASH_CACHE=$T/closed/cache run emu_run setpriv --bounding-set=-dac_override,-dac_read_search "$MPFLASH" doctor
like 'a cache that cannot be written' "$out" "^cache: the cache folder $T/closed/cache cannot be written\$"

DESTDIR=$T/root run "$MPFLASH" doctor --install-udev -n
is '--install-udev -n: exit status' "$status" 0
like '--install-udev -n: where' "$out" "^would write $T/root/etc/udev/rules.d/70-mpflash.rules:\$"
not_ok '--install-udev -n: nothing is written' test -e "$T/root"
DESTDIR=$T/root run "$MPFLASH" doctor --install-udev
is '--install-udev: exit status' "$status$err" 0
ok '--install-udev: written as it is shipped' cmp "$T/root/etc/udev/rules.d/70-mpflash.rules" "$TESTS_DIR/../rules/udev/70-mpflash.rules"
emu_stop
done_testing
