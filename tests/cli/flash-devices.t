#!/bin/sh
# SPDX-License-Identifier: MIT
#
# mpflash make flash-, verify- and read-BOARD on attached devices: which one is meant, what would be done, one and many, records, and what an
# interrupt and a killed mpflash leave. Emulated pyboards, whose boot loader speaks DFU.
. "$(dirname "$0")/lib.sh"
# shellcheck source=../emu/emu.sh
. "$TESTS_DIR/emu/emu.sh"

need python3 umockdev-wrapper
cd "$T" || exit
emu_start
cat >boards.rules <<'EOF'
port stm32
  board PYBV11
    chip = stm32f4
    fs =
    flash = dfu
    flash.base = 0x08000000
    flash.size = 0x100000
  board PYBD_SF2
    chip = stm32f7
    fs =
    flash = dfu
    flash.base = 0x08000000
    flash.size = 0x100000
EOF

# answer FILE VERSION: what a board says
answer() {
	printf "(name='micropython', version=(1, 29, 0, ''), _machine='PYBv1.1 with STM32F405RG', _mpy=4358, _build='PYBV11')\r\n" >"$1"
	printf '3.4.0; MicroPython %s on 2026-01-01\r\npyboard\r\n' "$2" >>"$1"
}
answer old v1.28.0
answer new v1.29.0
# firmware NAME FILL: 100 KiB, in five sectors
firmware() {
	python3 -c 'import struct, sys
sys.stdout.buffer.write(struct.pack("<2I", 0x20001000, 0x08000201) + bytes([int(sys.argv[1])]) * (100 * 1024 - 8))' "$2" >"$1.bin"
	"$MPFLASH" convert --base 0x08000000 "$1.bin" "$1.hex" || bail "convert $1"
}
firmware one 17
firmware two 34

pyboard() { # N: it runs at 1-N
	emu usb "1-$1" f055:9800 "serial=0000000$1" product=Pyboard "cdc=ttyACM$1"
	emu board "ttyACM$1" raw "$T/old"
	[ -e "flash$1.bin" ] || head -c 1048576 /dev/zero >"flash$1.bin"
}
boot() { # N [WORDS]: it is in its boot loader
	boot_n=$1
	shift
	emu model "1-$boot_n" dfu "flash=$T/flash$boot_n.bin" chip=f405 "serial=A1B2C3D4000$boot_n" "$@"
}
back() { # N: when it leaves that, it runs
	emu on "left 1-$1" '=>' 30 usb "1-$1" f055:9800 "serial=0000000$1" product=Pyboard "cdc=ttyACM$1"
	emu on "left 1-$1" '=>' 40 board "ttyACM$1" raw "$T/new"
}
enters() { # N [WORDS]: when it is told to, it goes there, and comes back
	n=$1
	shift
	emu on "bootloader ttyACM$n" '=>' 20 remove "1-$n"
	emu on "bootloader ttyACM$n" '=>' 80 model "1-$n" dfu "flash=$T/flash$n.bin" chip=f405 "serial=A1B2C3D4000$n" "$@"
	back "$n"
}
make() {
	run emu_run "$MPFLASH" make --rules boards.rules "$@"
}
events() { # PYTHON: an expression over `events`
	printf '%s\n' "$out" | python3 -c 'import json, sys
events = [json.loads(line) for line in sys.stdin]
print(eval(sys.argv[1]))' "$1"
}

# --- nobody, somebody else ---
make flash-PYBV11 --image one.hex
is 'nothing is attached: exit status' "$status" 1
like 'nothing is attached: says so' "$err" '^error: .*no PYBV11 is attached, nor any other board$'
pyboard 1
make flash-PYBD_SF2 --image one.hex
is 'another board: exit status' "$status" 1
like 'another board: what is there' "$err" '^error: .*no PYBD_SF2 is attached: /dev/ttyACM1 is PYBV11 \(running\)$'
make -n --method qemu flash-PYBV11 --image one.hex
is 'a method of other boards: exit status' "$status" 1
make -n --method picoboot flash-PYBV11 --image one.hex
like 'a method that the device does not offer' "$err" '^error: .*/dev/ttyACM1 is PYBV11 \(running\) does not offer picoboot as it is now \(dfu\)$'
like 'the one that it offers' "$err" '^hint: --method dfu'

# --- one board ---
enters 1
make -n flash-PYBV11 --image one.hex
is '-n: exit status' "$status" 0
like '-n: what would be done, and to whom' "$err" '^flash    stm32/PYBV11 on ttyACM1: would run: nothing is known of what it has; its plan is not known: '
unlike '-n leaves the board alone' "$(emu_log)" '^bootloader'
make flash-PYBV11 --image one.hex
is 'flash: exit status' "$status" 0 || diag "$err"
like 'flash: who and how much' "$err" '^flash    stm32/PYBV11 on ttyACM1: done in .*: nothing is known of what it has; 131072 bytes written and verified$'
like 'flash: it answers' "$out" '^stm32/PYBV11 on /dev/ttyACM1: MicroPython v1\.29\.0 on 2026-01-01; PYBv1\.1 with STM32F405RG$'
ok 'the flash holds the image' cmp -n 102400 one.bin flash1.bin
make flash-PYBV11 --image one.hex
like 'again: nothing to do' "$err" '^nothing to do: 1 step up to date'
make --no-probe --explain flash-PYBV11 --image one.hex
like '--no-probe trusts the record' "$err" '^flash    stm32/PYBV11 on ttyACM1: nothing to do: the record says that it has this image; not asked$'
make -n flash-PYBV11 --image two.hex
like 'another image' "$err" 'on ttyACM1: would run: the board has another image;'
emu board ttyACM1 raw "$T/old"
make -n flash-PYBV11 --image one.hex
like 'flashed by others since: its answer tells' "$err" "on ttyACM1: would run: the board says 'MicroPython v1\.28\.0 .*', not 'MicroPython v1\.29\.0 "
emu board ttyACM1 raw "$T/new"
enters 1
make --recheck --json flash-PYBV11 --image one.hex
is '--recheck: exit status' "$status" 0
is '--recheck writes nothing' "$(events '[e["reason"] for e in events if e["event"] == "done"]')" \
	"['its bytes are to be compared; 0 bytes written and verified, 102400 were there already']"
is 'events name the device' "$(events '{e.get("device") for e in events if e.get("step") == "flash"}')" "{'usb-00000001'}"
enters 1
make verify-PYBV11 --image one.hex
like 'verify: every byte' "$err" '^verify   stm32/PYBV11 on ttyACM1: done in .*: 102400 bytes are the same$'
enters 1
make verify-PYBV11 --image two.hex
is 'verify of another image: exit status' "$status" 1
like 'verify: where' "$err" '^error: .*0x08000008 holds 11, the image has 22$'
ok 'verify of another image: the board is there again' emu_other ls /dev/ttyACM1
enters 1
make read-PYBV11 -o back.bin --range 0x08000000+102400
is 'read: exit status' "$status" 0 || diag "$err"
ok 'read: what the device has' cmp one.bin back.bin
make read-PYBV11 -o back.bin
like 'read does not overwrite' "$err" "^error: 'back\.bin' is there already$"
make read-PYBV11 -o back.xyz
is 'read: a file of no format is a usage error' "$status" 2

# --- it comes back as another port, and again as another: one thing after the other, to the same board ---
leads() { # FROM TO: the board at 1-FROM goes into its boot loader there, and comes back at 1-TO
	emu on "bootloader ttyACM$1" '=>' 20 remove "1-$1"
	emu on "bootloader ttyACM$1" '=>' 80 model "1-$1" dfu "flash=$T/flash1.bin" chip=f405 serial=A1B2C3D40001
	emu on "left 1-$1" '=>' 30 usb "1-$2" f055:9800 serial=00000001 product=Pyboard "cdc=ttyACM$2"
	emu on "left 1-$1" '=>' 40 board "ttyACM$2" raw "$T/new"
}
leads 1 5
leads 5 1
rm -f back.bin
make -B flash-PYBV11 verify-PYBV11 --image one.hex
is 'flash and verify: exit status' "$status" 0 || diag "$err"
like 'flash and verify: the first' "$err" '^flash    stm32/PYBV11 on ttyACM1: done in '
like 'flash and verify: where it is then' "$out" '^stm32/PYBV11 on /dev/ttyACM5: MicroPython v1\.29\.0 '
like 'flash and verify: the second follows it' "$err" '^verify   stm32/PYBV11 on ttyACM5: done in .*: 102400 bytes are the same$'
emu on 'bootloader ttyACM1' '=>' 20 remove 1-1
emu on 'bootloader ttyACM1' '=>' 80 model 1-1 dfu "flash=$T/flash1.bin" chip=f405 serial=A1B2C3D40001
emu on 'left 1-1' '=>' 30 usb 1-1 f055:9800 serial=00000001 product=Pyboard cdc=ttyACM1
emu on 'left 1-1' '=>' 40 board ttyACM1 vanish
emu on 'vanish ttyACM1' '=>' 10 remove 1-1
emu on 'vanish ttyACM1' '=>' 400 usb 1-1 f055:9800 serial=00000001 product=Pyboard cdc=ttyACM7
emu on 'vanish ttyACM1' '=>' 410 board ttyACM7 raw "$T/new"
make -B flash-PYBV11 --image one.hex
is 'it restarts while it is asked: exit status' "$status" 0 || diag "$err"
like 'it restarts while it is asked: where it answers' "$out" '^stm32/PYBV11 on /dev/ttyACM7: MicroPython v1\.29\.0 '
emu remove 1-1

# --- in its boot loader ---
boot 1
cp flash1.bin before.bin
make -n --json flash-PYBV11 --image two.hex
is 'a plan: exit status' "$status" 0 || diag "$out"
is 'a plan: each sector' "$(events '[(hex(s["address"]), s["size"], s["state"], s["erase"]) for e in events if e["event"] == "plan" for s in e["plan"]["sectors"]][:2]')" \
	"[('0x8000000', 16384, 'differs', True), ('0x8004000', 16384, 'differs', True)]"
is 'a plan: sums' "$(events '[(p["erases"], p["bytes"], p["equal"], p["seconds"] > 0) for e in events if e["event"] == "plan" for p in [e["plan"]]]')" \
	"[(5, 131072, 0, True)]"
ok 'a plan changes nothing' cmp before.bin flash1.bin
make -n flash-PYBV11 --image two.hex
like 'a plan for people' "$err" '^note: usb-00000001 \(bootloader\) is taken for PYBV11, which was seen at its place last$'
like 'a plan for people: figures' "$err" 'would run \(about .*\): .*; erase 5 of 5 sectors, write 131,072 bytes'
emu remove 1-1

# --- two, and more ---
rm -rf "$MPFLASH_CACHE"
pyboard 1
pyboard 2
pyboard 3
make flash-PYBV11 --image two.hex
is 'three boards: exit status' "$status" 1
like 'three boards: who' "$err" '^error: .*3 devices can be meant by PYBV11: /dev/ttyACM1 is PYBV11 \(running\); /dev/ttyACM2 '
like 'three boards: how to choose' "$err" '^hint: one of: --device usb-00000001, --device usb-00000002, --device usb-00000003; or --all-devices$'
make -n flash-PYBV11 --image two.hex --device usb-00000002
like '--device' "$err" '^flash    stm32/PYBV11 on ttyACM2: would run'
make -n flash-PYBV11 --image two.hex --serial ttyACM3
like '--serial' "$err" '^flash    stm32/PYBV11 on ttyACM3: would run'
make -n flash-PYBV11 flash-PYBD_SF2 --image two.hex --device usb-00000002
is 'two targets, one device: exit status' "$status" 1
for i in 1 2 3; do
	enters $i
done
emu on 'dfu 1-2 erase 08000000' '=>' 1 remove 1-2
make -k --all-devices --junit results.xml flash-PYBV11 --image two.hex
is 'one of three is pulled: exit status' "$status" 1
is 'one of three is pulled: the others are done' "$(printf '%s\n' "$err" | grep -c '^flash .* done in .*written and verified')" 2
like 'one of three is pulled: which' "$err" '^flash    stm32/PYBV11 on ttyACM2: FAILED'
like 'a result each: what went well' "$err" '^stm32/PYBV11 on ttyACM1  done  '
like 'a result each: what did not' "$err" '^stm32/PYBV11 on ttyACM2  failed  .* stm32/PYBV11 flash on /dev/ttyACM2: .* is gone$'
like 'a result each: counted' "$err" '^3 boards: 2 done, 1 failed$'
is 'a test case each' "$(python3 -c 'import sys, xml.etree.ElementTree as tree
print([(case.get("classname"), case.get("name"), case.find("failure") is not None) for case in tree.parse(sys.argv[1]).iter("testcase")])' results.xml)" \
	"[('stm32', 'PYBV11 on ttyACM1', False), ('stm32', 'PYBV11 on ttyACM2', True), ('stm32', 'PYBV11 on ttyACM3', False)]"
boot 2
back 2
make --all-devices --explain flash-PYBV11 --image two.hex
is 'again: exit status' "$status" 0 || diag "$err"
is 'again: those that are done are not written' "$(printf '%s\n' "$err" | grep -c '^flash .*nothing to do: the board has this image')" 2
is 'again: the other one is' "$(printf '%s\n' "$err" | grep -c '^flash .* done in ')" 1
like 'again: counted' "$err" '^1 flashed, 2 skipped in .* \(1 step run, 2 up to date\)$'
for i in 1 2 3; do
	ok "all are the same: $i" cmp -n 102400 two.bin "flash$i.bin"
done

# --- an interrupt, and a kill ---
emu remove 1-2
emu remove 1-3
# begin: flashes one.hex in the background and waits until it erases; $pid
begin() {
	enters 1 erase_ms=300
	rm -f pid
	before=$(emu_log | grep -c '^dfu 1-1 erase')
	(emu_run sh -c 'echo $$ >pid; exec "$@"' sh "$MPFLASH" make --rules boards.rules -B flash-PYBV11 --image "$1" >out.txt 2>err.txt </dev/null
		echo $? >status.txt) &
	shell=$!
	tries=0
	until [ "$(emu_log | grep -c '^dfu 1-1 erase')" -gt "$before" ]; do
		tries=$((tries + 1))
		[ "$tries" -lt 500 ] || bail "it does not erase: $(cat err.txt)"
		sleep 0.02
	done
	pid=$(cat pid)
}
begin one.hex
kill -TERM "$pid"
wait "$shell"
is 'interrupted: exit status' "$(cat status.txt)" 130
like 'interrupted: it stops at a safe place' "$(cat err.txt)" '^note: stm32/PYBV11 flash: it stops where that is safe; '
like 'interrupted: how far, and how to finish' "$(cat err.txt)" \
	'^note: stm32/PYBV11 flash: interrupted between two sectors, with [0-9]+ of [0-9]+ bytes written; run the same command again: it goes on from there$'
back 1
make flash-PYBV11 --image one.hex
is 'then finished: exit status' "$status" 0 || diag "$err"
like 'then finished: the rest' "$err" '^flash    stm32/PYBV11 on .*: done in '
ok 'then finished: the flash' cmp -n 102400 one.bin flash1.bin
begin two.hex
kill -KILL "$pid"
wait "$shell"
tries=0
# children have the command line of their parent, and groups of their own
left() {
	pgrep -fa -- "$MPFLASH make --rules boards.rules -B flash-PYBV11"
}
while [ -n "$(left)" ] && [ "$tries" -lt 100 ]; do
	tries=$((tries + 1))
	sleep 0.05
done
is 'killed: no child is left' "$(left)" ''
back 1
make flash-PYBV11 --image two.hex
is 'killed: the next run ends well' "$status" 0 || diag "$err"
ok 'killed: the flash' cmp -n 102400 two.bin flash1.bin

emu_stop
done_testing
