#!/bin/sh
# SPDX-License-Identifier: MIT
#
# mpflash doctor: one finding and one fix for each thing that is wrong, and none when nothing is.
. "$(dirname "$0")/lib.sh"
# shellcheck source=../emu/emu.sh
. "$TESTS_DIR/emu/emu.sh"

need python3 umockdev-wrapper setpriv unshare cc
unset MPFLASH_PEERS MPFLASH_TEST_CACHE MPFLASH_TEST_VARIANT # the tests' own: to the program they are mistakes
cd "$T" || exit
emu_start
found() {
	printf '%s' "$out" | python3 -c 'import json, sys; print(",".join(f["check"] for f in json.load(sys.stdin)["findings"] if f["check"] != "modem-manager"))'
}
run emu_run "$MPFLASH" doctor --json
is 'nothing is wrong' "$(found)" ''

emu usb 1-1 2e8a:0005 serial=e6614c311b8a5f2b cdc=ttyACM0
emu usb 1-2 0483:df11 serial=315D35723037 if=fe/01/02
emu mode /dev/ttyACM0 0000
# shellcheck disable=SC2016 # awk expands it
emu mode "/dev/bus/usb/001/$(emu_other awk '{ printf "%03d", $1 }' /sys/bus/usb/devices/1-2/devnum)" 0000
run emu_run setpriv --bounding-set=-dac_override,-dac_read_search "$MPFLASH" doctor
is 'rights: exit status' "$status" 1
like 'rights: a port' "$out" '^rights: your user may not open /dev/ttyACM0$'
like 'rights: the fix of a port' "$out" '^  fix: sudo usermod -a -G dialout'
like 'rights: a DFU device' "$out" '^rights: your user may not open /dev/bus/usb/001/[0-9]+ \(DFU bootloader\)$'
like 'rights: how many' "$err" '^error: [0-9]+ things are wrong$'
emu mode /dev/ttyACM0 0660
emu remove 1-2

emu_other python3 -c 'import os, sys, time
fd = os.open("/dev/ttyACM0", os.O_RDWR | os.O_NOCTTY)
open(sys.argv[1], "w").close()
while os.path.exists(sys.argv[1]): time.sleep(0.02)' "$T/opened" &
holder=$!
until [ -e "$T/opened" ]; do sleep 0.02; done
run emu_run "$MPFLASH" doctor
like 'a port that is held, and by whom' "$out" '^ports: /dev/ttyACM0 is held by python3 \(pid [0-9]+\)$'
rm "$T/opened"
wait "$holder"

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

# Every variable that the program reads is known.
grep -rhoE 'getenv\("MPFLASH_[A-Z_]+"\)|[ {]"MPFLASH_[A-Z_]+",? [{}a-z]' "$TESTS_DIR/../src" "$TESTS_DIR/../cache" |
	grep -oE 'MPFLASH_[A-Z_]+' | sort -u >variables
ok 'variables are found in the sources' grep -qx MPFLASH_BUILDER variables
# shellcheck disable=SC2046 # words
run emu_run env $(sed '/^MPFLASH_\(CACHE\|RULES\|BUILDER\)$/d; s/$/=/' variables) MPFLASH_BUILDER=auto "$MPFLASH" doctor
unlike 'what the program reads is known' "$out" 'nothing reads the variable'
MICROPY_DIR=$T run emu_run "$MPFLASH" doctor
like 'MICROPY_DIR that is no tree' "$out" "^toolchain: .*$T"

# --- a transfer that was broken off
emu usb 1-3 0483:df11 serial=315D35723038 if=fe/01/02
dfu() {
	emu answer 1-3 "$@"
	run emu_run "$MPFLASH" doctor
}
dfu a1:05 0a
is 'dfuERROR: exit status' "$status" 1
like 'dfuERROR' "$out" '^dfu: the DFU bootloader usb-315D35723038 is in its error state'
like 'dfuERROR: the fix' "$out" '^  fix: unplug the board'
dfu a1:05 05
like 'dfuDNLOAD-IDLE' "$out" '^dfu: the DFU bootloader usb-315D35723038 waits for the rest of a transfer'
dfu a1:05 02
is 'dfuIDLE is as it should be' "$status" 0
is 'it was asked for its state alone' "$(emu_log | grep '^control ' | sort -u)" 'control 1-3 a1:05 0000'
dfu busy
is 'one that another program has is that one'"'"'s affair' "$status" 0
emu remove 1-3

# --- groups, as a user who is not root
nobody() {
	# shellcheck disable=SC2016 # as it is
	unshare -m sh -c 'mount --bind "$0" /etc/group && mount --bind "$1" /etc/passwd && shift && exec "$@"' "$T/group" "$T/passwd" \
		setpriv --reuid 4321 --regid 4321 "$@"
}
if unshare -m true 2>/dev/null; then
	chmod 0755 "$T"
	mkdir -m 0777 "$T/theirs"
	printf 'root:x:0:0::/root:/bin/sh\nann:x:4321:4321::%s:/bin/sh\n' "$T/theirs" >passwd
	printf 'root:x:0:\nann:x:4321:\ndialout:x:20:%s\nuucp:x:10:\nplugdev:x:46:\n' '' >group
	ann() {
		run nobody "$@" env HOME="$T/theirs" MPFLASH_CACHE="$T/theirs/cache" "$MPFLASH" doctor
	}
	ann --clear-groups
	like 'a user outside of dialout' "$out" '^note: groups: your user is not in the group dialout, .* serial adapters$'
	# shellcheck disable=SC2016 # as it is
	like 'dialout: the fix' "$out" '^  fix: sudo usermod -a -G dialout \$USER, then log in again$'
	like 'a user outside of plugdev' "$out" '^note: groups: your user is not in the group plugdev'
	unlike 'uucp is not for ports where dialout is' "$out" uucp
	sed -i 's/^dialout.*/&ann/' group
	ann --clear-groups
	is 'a member since after the login: exit status' "$status" 1
	like 'a member since after the login' "$out" '^groups: your user is in the group dialout, but not in this session$'
	ann --groups 20,46
	unlike 'a member' "$out" 'groups:'
else
	skip 'groups' 'no mount namespaces'
fi

# --- this machine
cat >clock.c <<'END'
#include <time.h>
int clock_gettime(clockid_t id, struct timespec *t);
int clock_gettime(clockid_t id, struct timespec *t)
{
	static long ticks;

	*t = (struct timespec){ id == CLOCK_REALTIME ? 0 : 1000 + ticks / 1000, ticks % 1000 * 1000000 };
	ticks++;
	return 0;
}
END
cc -shared -fPIC -o clock.so clock.c || bail 'clock.so'
run env LD_PRELOAD="${emu_preload%libumockdev*}$T/clock.so" "$MPFLASH" doctor
like 'a clock that began in 1970' "$out" '^clock: the clock is years behind'
if unshare -m true 2>/dev/null; then
	mkdir small
	# shellcheck disable=SC2016 # as it is
	run unshare -m sh -c 'mount -t tmpfs -o size=9m none "$0" && MPFLASH_CACHE=$0/cache exec "$@"' "$T/small" "$MPFLASH" doctor
	is 'a full disk: exit status' "$status" 1
	like 'a full disk' "$out" "^cache: the disk of the cache folder $T/small/cache has [0-9] MB left\$"
	like 'a full disk: the fix' "$out" '^  fix: mpflash cache gc'
else
	skip 'a full disk' 'no mount namespaces'
fi

# --- what a tree needs
small_tree "$T/tree"
cd "$T/tree" || exit
mkdir "$T/engines" "$T/tools"
printf '#!/bin/sh\n' >"$T/tools/make"
chmod +x "$T/tools/make"
engine() {
	printf '#!/bin/sh\necho "%s" >&2\nexit 1\n' "$2" >"$T/engines/$1"
	chmod +x "$T/engines/$1"
}
tree() {
	run emu_run env PATH="$T/engines:$T/tools" "$@" "$MPFLASH" doctor
}
tree
is 'no toolchain: exit status' "$status" 1
like 'no toolchain: which ports, which programs' "$out" '^toolchain: cannot be built here: mini; not on the PATH: arm-none-eabi-gcc, arm-none-eabi-objcopy$'
like 'no toolchain: the packages' "$out" '^  fix: sudo apt-get install gcc-arm-none-eabi libnewlib-arm-none-eabi binutils-arm-none-eabi$'
unlike 'without an image in the rules no engine is missed' "$out" 'engine:'
printf 'port mini\n  container = some/image:1\n' >>mpflash.rules
tree
like 'no engine either: only a note beside it' "$out" '^note: engine: no container engine is installed'
engine docker 'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?'
tree
like 'an engine that does not run' "$out" '^engine: docker is installed, but its engine does not run'
like 'an engine that does not run: the fix' "$out" '^  fix: sudo systemctl start docker$'
engine docker 'Error: No such image: some/image:1'
tree
is 'an engine stands in for tools' "$status $out" '0 nothing is wrong'
tree MPFLASH_BUILDER=podman
like 'the engine that was asked for' "$out" '^engine: podman is not on the PATH$'
tree MPFLASH_BUILDER=lxc
like 'a builder that there is not' "$out" "^toolchain: MPFLASH_BUILDER wants auto, docker, host or podman, not 'lxc'"
rm "$T/engines/docker"
printf 'port mini\n  board RED\n    toolchain = make\n' >>mpflash.rules
tree
is 'some boards can be built: exit status' "$status" 0
like 'some boards can be built: a note for the others' "$out" '^note: toolchain: cannot be built here: 1 of 2 boards of mini; not on the PATH: arm-none-eabi-gcc'
engine podman 'Error: permission denied somewhere'
cd "$T" || exit
tree
is 'an engine that nobody needs here: exit status' "$status" 0
like 'an engine that nobody needs here: a note' "$out" '^note: engine: podman: permission denied somewhere$'
cd "$T" || exit

DESTDIR=$T/root run "$MPFLASH" doctor --install-udev -n
is '--install-udev -n: exit status' "$status" 0
like '--install-udev -n: where' "$out" "^would write $T/root/etc/udev/rules.d/70-mpflash.rules:\$"
not_ok '--install-udev -n: nothing is written' test -e "$T/root"
DESTDIR=$T/root run "$MPFLASH" doctor --install-udev
is '--install-udev: exit status' "$status$err" 0
ok '--install-udev: written as it is shipped' cmp "$T/root/etc/udev/rules.d/70-mpflash.rules" "$TESTS_DIR/../rules/udev/70-mpflash.rules"
emu_stop
done_testing
