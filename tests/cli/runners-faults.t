#!/bin/sh
# SPDX-License-Identifier: MIT
#
# External tools that are killed, boards that vanish under them, and an mpflash that is killed while one runs: nothing of it is called a
# success, nothing goes on behind it, and the next run ends well. A script stands in for the tool.
# Runs sanitized: it takes its time.
. "$(dirname "$0")/lib.sh"
# shellcheck source=../emu/emu.sh
. "$TESTS_DIR/emu/emu.sh"

need python3 umockdev-wrapper pgrep
cd "$T" || exit
emu_start
mkdir bin
PATH=$T/bin:$PATH
cat >boards.rules <<'END'
port stm32
  board BEHIND_PROBE
    chip = stm32f4
    flash = openocd
    openocd.target = target/stm32f4x.cfg
port samd
  board EMU_SAMD
    flash = bossac
    flash.base = 0x2000
    bossac.offset = ${flash.base}
END
# image NAME BASE: it has a banner, so that a board with it has to come back
image() {
	python3 -c 'import struct, sys
open(sys.argv[1] + ".bin", "wb").write(struct.pack("<16I", 0x20001000, *[int(sys.argv[2], 0) + 0x101] * 15)
    + b"MicroPython v1.24.1 on 2024-11-29; " + bytes(range(256)) * 8)' "$1" "$2"
	"$MPFLASH" convert --base "$2" "$1.bin" "$1.hex" || bail "convert $1"
}
image stm 0x08000000
image samd 0x2000
# tool NAME: stands in for it with the commands on standard input
tool() {
	{
		printf '#!/bin/sh\n'
		cat
	} >"bin/$1"
	chmod +x "bin/$1"
}
behind_probe() {
	run emu_run "$MPFLASH" make --rules boards.rules -B --no-probe --probe 0240 flash-BEHIND_PROBE --image stm.hex
}
samd() {
	run emu_run "$MPFLASH" make --rules boards.rules -B --no-probe --serial /dev/ttyACM0 flash-EMU_SAMD --image samd.hex
}
good_openocd() {
	tool openocd <<'END'
echo 'verified 2147 bytes in 0.013s (9.6 KiB/s)'
END
}
# failed NAME ERROR: and then it is done by a tool that works
failed() {
	is "$1: exit status" "$status" 1
	like "$1: said" "$err" "^error: .*$2"
	unlike "$1: no success is claimed" "$out$err" '[0-9] bytes written'
}
emu usb 1-1 0d28:0204 serial=0240000011112222 product=CMSIS-DAP if=ff/00/00:CMSIS-DAP

# --- the tool is killed
tool openocd <<'END'
echo 'Info : erasing bank 0'
kill -9 $$
END
behind_probe
failed 'a tool that is killed' 'OpenOCD failed .*(signal|killed|SIGKILL)'
tool openocd <<'END'
echo 'verified 2147 bytes in 0.013s (9.6 KiB/s)'
kill -9 $$
END
behind_probe
failed 'one that is killed behind its last word' 'OpenOCD failed'
good_openocd
behind_probe
is 'the next run: exit status' "$status" 0 || diag "$err"
like 'the next run: verified' "$err" 'written and verified'

# --- the probe vanishes
tool openocd <<END
echo 'Info : erasing bank 0'
printf 'remove 1-1\n' >"$emu_dir/in" && read -r answer <"$emu_dir/out"
echo 'Error: CMSIS-DAP command CMD_DAP_TFER failed.'
exit 1
END
behind_probe
failed 'a probe that vanishes' 'OpenOCD'
good_openocd
behind_probe
is 'and is not there: exit status' "$status" 1
emu usb 1-1 0d28:0204 serial=0240000011112222 product=CMSIS-DAP if=ff/00/00:CMSIS-DAP
behind_probe
is 'and is plugged in again: exit status' "$status" 0 || diag "$err"

# --- mpflash is killed
tool openocd <<'END'
echo 'Info : erasing bank 0'
touch began
sleep 87.25 &
wait
END
sed -i "s|touch began|touch $T/began|" bin/openocd
# shellcheck disable=SC2016 # the inner shell's
emu_run sh -c 'echo $$ >pid; exec "$@"' sh "$MPFLASH" make --rules boards.rules -B --no-probe --probe 0240 flash-BEHIND_PROBE \
	--image stm.hex >killed.out 2>&1 &
killed=$!
tries=0
until [ -e began ]; do
	tries=$((tries + 1))
	[ "$tries" -lt 1000 ] || bail "it does not begin: $(cat killed.out)"
	sleep 0.02
done
kill -9 "$(cat pid)"
wait "$killed" 2>/dev/null
tries=0
while pgrep -f "$T/bin/openocd" >/dev/null && [ "$tries" -lt 250 ]; do
	tries=$((tries + 1))
	sleep 0.02
done
not_ok 'a killed mpflash: the tool goes with it' pgrep -f "$T/bin/openocd"
for pid in $(pgrep -f 'sleep 87.25'); do
	kill "$pid" # the stand-in's own
done
good_openocd
behind_probe
is 'a killed mpflash: the next run' "$status" 0 || diag "$err"

# --- the board vanishes, and the tool does not mind
# bossac: it says that all is well; then the commands on standard input
bossac() {
	{
		printf 'echo "Verify successful"\n'
		cat
	} | tool bossac
}
# rig LINE...: for a tool: plugs and unplugs
rig() {
	for rig_line; do
		printf 'printf "%%s\\n" "%s" >"%s" && read -r answer <"%s"\n' "$rig_line" "$emu_dir/in" "$emu_dir/out"
	done
}
emu usb 2-2 03eb:6124 cdc=ttyACM0
rig 'remove 2-2' | bossac
samd
failed 'a board that does not come back' 'did not come back within'
emu usb 2-2 03eb:6124 cdc=ttyACM0
rig 'remove 2-2' 'usb 2-2 03eb:6124 cdc=ttyACM0' | bossac
samd
failed 'a board that is in its bootloader again' 'did not come back within'
rig 'remove 2-2' 'usb 2-2 239a:800b serial=AA01 product=Feather%20M0 cdc=ttyACM0' | bossac
samd
is 'and one that comes back: exit status' "$status" 0 || diag "$err"

is 'nothing is left in their folder' "$(find cache/attached -type f 2>/dev/null)" ''
done_testing
