#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Boards are asked what they run: all at once, each known by its state, whatever it does, and left as it was.
. "$(dirname "$0")/lib.sh"
# shellcheck source=../emu/emu.sh
. "$TESTS_DIR/emu/emu.sh"
# shellcheck source=../peers/lib.sh
. "$TESTS_DIR/peers/lib.sh"

need python3 umockdev-wrapper setpriv qemu-system-arm
cd "$T" || exit
emu_start

# of PORT EXPRESSION: of the device at that port, in the list in $out
of() {
	printf '%s' "$out" | python3 -c 'import json, sys
d = [d for d in json.load(sys.stdin) if d["serialport"] == "/dev/tty" + sys.argv[1]][0]
print(eval(sys.argv[2]))' "$1" "$2"
}

# known DEVICE EXPRESSION: of the device of that id
known() {
	printf '%s' "$out" | python3 -c 'import json, sys
d = [d for d in json.load(sys.stdin) if d["device"] == sys.argv[1]]
print(eval(sys.argv[2], {"d": d[0]}) if d else "not there: " + sys.argv[1])' "$1" "$2"
}

list() {
	run emu_run "$MPFLASH" list --json "$@"
}

# plug PORT PLACE BOARD USB...: one of boards.py
plug() {
	plug_port=$1 plug_place=$2 plug_board=$3
	shift 3
	emu usb "$plug_place" "$@" "cdc=tty$plug_port"
	emu link "tty$plug_port" "$(readlink "$T/$plug_board")"
}

emu_boards pico=pico-info pyboard=pyboard noid=pyboard-no-id pycopy=pycopy circuit=circuitpython printing=printing \
	quiet=quiet boot=slow-boot restarts=restarts once=restarts-once vanish=vanish-later stuck=stuck stuck2=stuck \
	stuck3=stuck stubborn=stubborn catches=catches garbage=garbage printer=printer hostile=pico-hostile \
	ignored=pico-ignored deaf=quiet-deaf left=quiet hard=pico pico2=pico gone=vanish

plug ACM0 1-1 pico 2e8a:0005 serial=e6614c311b8a5f2b
plug ACM1 1-2 pyboard f055:9800 serial=315D35723037
plug ACM2 1-3 pycopy 1a86:7523
plug ACM3 1-4 circuit 239a:80f4 serial=DF6050A04B1F4B2D
plug ACM4 1-5 printing 2e8a:0005 serial=a1
plug ACM5 1-6 quiet 2e8a:0005 serial=a2
plug ACM6 1-7 boot 10c4:ea60
plug ACM7 1-8 restarts 10c4:ea60
plug ACM8 1-9 once 10c4:ea60
plug ACM9 1-10 vanish 2e8a:0005 serial=a3
plug ACM10 1-11 stuck 2e8a:0005 serial=a4
plug ACM11 1-12 stuck2 2e8a:0005 serial=a5
plug ACM12 1-13 stuck3 2e8a:0005 serial=a6
plug ACM13 1-14 stubborn 2e8a:0005 serial=a7
plug ACM14 2-1 catches 2e8a:0005 serial=a8
plug ACM15 2-2 garbage 10c4:ea60
plug ACM16 2-3 printer 1d50:614e serial=a9
plug ACM17 2-4 hostile 2e8a:0005 serial=b1
plug ACM18 2-5 ignored 2e8a:0005 serial=b2
plug ACM22 2-9 gone 2e8a:0005 serial=b3
emu_microbit
emu usb 2-6 0d28:0204 serial=9904360254194e45
emu usb 2-7 0d28:0205 serial=c1 cdc=ttyACM19
emu link ttyACM19 "$emu_pty"
wasm=
if emu_wasm_words; then
	wasm=yes
	emu usb 2-8 f055:9801 serial=c2 cdc=ttyACM20
	# shellcheck disable=SC2086
	emu board ttyACM20 exec $emu_wasm
fi

# --- asking nothing ---
list --no-probe
is '--no-probe: nobody is asked' "$(printf '%s' "$out" | python3 -c 'import json, sys
print({d["state"] for d in json.load(sys.stdin)} - {"probe"})')" "{'not asked'}"
is '--no-probe: no port was opened' "$(emu_log | grep -c '^open')" 0

# --- all at once ---
list
is 'all: exit status' "$status" 0
is 'a board at its prompt' "$(of ACM0 'd["state"], d["family"], d["version"], d["port"], d["cpu"], d["arch"], d["mpy"]')" \
	"('running', 'micropython', '1.29.0', 'rp2', 'RP2040', 'armv6m', 'v6.1')"
is 'board_info.toml: the board id in it counts' "$(of ACM0 'd["board_id"], d["toml"]["mpflash"]["custom_id"], d["toml"]["description"]')" \
	"('RPI_PICO_MINE', 'blinky@main', 'the one on the shelf')"
is 'USB ids are numbers' "$(of ACM0 'd["vid"], d["pid"]')" '(11914, 5)'
is 'boardname.py, a version of two numbers' "$(of ACM1 'd["board_id"], d["board"], d["variant"], d["version"], d["port"]')" \
	"('PYBV11-DP', 'PYBV11', 'DP', '1.12', 'stm32')"
is 'a relative of MicroPython' "$(of ACM2 'd["family"], d["state"], d["board_id"]')" "('pycopy', 'other firmware', 'UNKNOWN_BOARD')"
is 'CircuitPython' "$(of ACM3 'd["family"], d["state"], d["version"], d["board_id"], d["cpu"]')" \
	"('circuitpython', 'other firmware', '9.2.1', 'feather_m4_express', 'samd51j19')"
is 'one that prints continuously' "$(of ACM4 'd["state"], d["board_id"]')" "('running', 'RPI_PICO')"
is 'one with a silent program' "$(of ACM5 'd["state"], d["board_id"]')" "('running', 'RPI_PICO')"
is 'one that was reset by being opened' "$(of ACM6 'd["state"], d["board_id"]')" "('running', 'RPI_PICO')"
is 'one that resets in mid-answer, again and again' "$(of ACM7 'd["state"], d["family"]')" "('resetting', 'unknown')"
is 'one that reset once' "$(of ACM8 'd["state"], d["board_id"]')" "('running', 'RPI_PICO')"
is 'one that vanishes in mid-answer' "$(of ACM9 'd["state"]')" gone
is 'one that vanishes at once' "$(of ACM22 'd["state"]')" gone
is 'one in a loop that says nothing' "$(of ACM10 'd["state"]')" silent
is 'one in a loop that prints' "$(of ACM13 'd["state"]')" busy
is 'one that catches Ctrl-C' "$(of ACM14 'd["state"]')" busy
is 'garbage' "$(of ACM15 'd["state"]')" garbage
is 'no MicroPython' "$(of ACM16 'd["state"], d["family"]')" "('other firmware', 'unknown')"
is 'hostile words about itself' "$(of ACM17 'all(d[k].isprintable() for k in ("description", "board_id", "cpu"))')" True
is 'a hostile board_info.toml' "$(of ACM17 'd["state"], d["toml"]["description"].isprintable()')" "('running', True)"
is 'MicroPython 1.0.1 on a micro:bit' "$(of ACM19 'd["state"], d["board_id"], d["cpu"], d["build"]')" "('running', 'UNKNOWN_BOARD', 'nRF51822', '34')"
if [ "$wasm" ]; then
	is 'MicroPython 1.27 in WebAssembly' "$(of ACM20 'd["state"], d["family"], d["version"], d["port"]')" \
		"('running', 'micropython', '1.27.0', 'webassembly')"
else
	skip 'MicroPython 1.27 in WebAssembly' "$why"
fi
unlike 'ignore in board_info.toml: not in the list' "$out" '/dev/ttyACM18'
like 'ignore in board_info.toml: told' "$err" '^/dev/ttyACM18: left out, its board_info.toml says ignore$'

emu remove 1-10
emu remove 2-9

# --- what was done to them ---
like 'a program that was stopped: told' "$err" '^/dev/ttyACM4: its program was stopped to ask, and started again$'
unlike 'a board at its prompt was not interrupted' "$err" '^/dev/ttyACM0:'
is 'the program was started again' "$(grep -c -e '^program$' "$T/quiet.log")" 2
is 'by a soft reset' "$(grep -c -e '^soft reset$' "$T/quiet.log")" 1
is 'a board at its prompt was not reset' "$(grep -c reset "$T/pico.log")" 0
unlike 'nobody was reset hard' "$(cat "$T"/*.log)" 'hard reset'

# --- in the time of one ---
# took ARGS: milliseconds of a list of these ports
took() {
	emu_run python3 -c 'import subprocess, sys, time
start = time.monotonic()
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
print(int((time.monotonic() - start) * 1000))' "$MPFLASH" list "$@"
}
fast_enough() {
	for _ in 1 2 3; do
		one=$(took -s /dev/ttyACM10)
		all=$(took)
		printf 'one silent port: %d ms; all: %d ms\n' "$one" "$all" >"$T/took"
		[ "${one:-0}" -ge 1000 ] || return 1
		[ "$all" -gt 2500 ] || [ $((all * 10)) -gt $((one * 12)) ] || return 0
	done
	return 1
}
ok 'twenty devices, three of them silent: 2.5 s, and 1.2 times the slowest one' fast_enough
diag "$(cat "$T/took")"

# --- reset and not ---
plug ACM30 3-1 left 2e8a:0005 serial=d1
list --no-reset -s /dev/ttyACM30
is '--no-reset: the program stays stopped' "$(of ACM30 'd["state"]') $(grep -c -e '^program$' "$T/left.log")" 'running 1'
like '--no-reset: told' "$err" '^/dev/ttyACM30: its program was stopped to ask$'
plug ACM31 3-2 hard 2e8a:0005 serial=d2
list --reset -s /dev/ttyACM31
is '--reset: listed' "$(of ACM31 'd["state"]')" running
tries=0
until grep -qx 'hard reset' "$T/hard.log" || [ "$tries" = 50 ]; do
	sleep 0.02
	tries=$((tries + 1))
done
is '--reset: reset' "$(grep -c -e '^hard reset$' "$T/hard.log")" 1
run emu_run "$MPFLASH" list --reset --no-reset
is 'both: usage' "$status" 2

# --- a board without an id is looked up ---
mkdir "$T/firmware"
python3 - "$T/firmware/mpflash.db" <<'EOF'
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.executescript("""
CREATE TABLE metadata(name VARCHAR(255) NOT NULL PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE boards(board_id VARCHAR(40) NOT NULL, version VARCHAR(12) NOT NULL, board_name TEXT NOT NULL, mcu TEXT NOT NULL,
  variant TEXT NOT NULL, port VARCHAR(30) NOT NULL, path TEXT NOT NULL, description TEXT NOT NULL, family TEXT NOT NULL,
  custom INTEGER NOT NULL, PRIMARY KEY(board_id, version));
CREATE TABLE firmwares(board_id VARCHAR(40) NOT NULL, version VARCHAR(12) NOT NULL, firmware_file TEXT NOT NULL,
  port VARCHAR(20) NOT NULL, description TEXT NOT NULL, source TEXT NOT NULL, build INTEGER NOT NULL, custom INTEGER NOT NULL,
  custom_id VARCHAR(40), PRIMARY KEY(board_id, version, firmware_file));
INSERT INTO metadata VALUES('schema_version', '1');
""")
rows = [("PYBV10", "v1.12", "PYBv1.0 with STM32F405RG", ""), ("PYBV11_OLD", "v1.11", "PYBv1.1 with STM32F405RG", ""),
        ("PYBV11-THREAD", "v1.12", "PYBv1.1 with STM32F405RG", "THREAD"), ("PYBV11", "v1.12", "PYBv1.1 with STM32F405RG", "")]
for board, version, description, variant in rows:
    db.execute("INSERT INTO boards VALUES(?, ?, ?, '', ?, 'stm32', '', ?, 'micropython', 0)",
               (board, version, board.split("-")[0], variant, description))
db.commit()
EOF
plug ACM32 3-3 noid f055:9800
MPFLASH_FIRMWARE=$T/firmware
export MPFLASH_FIRMWARE
list -s /dev/ttyACM32
is 'a description that the library knows, of that version' "$(of ACM32 'd["board_id"], d["board"]')" "('PYBV11', 'PYBV11')"
unset MPFLASH_FIRMWARE

# --- the same board in its bootloader ---
emu remove 1-2
emu usb 4-4 0483:df11 serial=315D35723037 'if=fe/01/02:@Internal%20Flash'
list --no-probe
is 'STM32: the number tells, wherever it is plugged in' \
	"$(known usb-315D35723037 'd["state"], d["board_id"], d["methods"]')" "('bootloader', 'PYBV11-DP', ['dfu'])"
emu remove 1-1
emu usb 1-1 2e8a:0003 serial=E0C9125B0D9B if=08/06/50 if=ff/00/00
list --no-probe
is 'RP2040: the place tells' "$(known usb-e6614c311b8a5f2b 'd["state"], d["board_id"], d["port"]')" \
	"('bootloader', 'RPI_PICO_MINE', 'rp2')"
list --no-probe --device e6614c311b8a5f2b
is '--device: by the id that it has when it runs' "$(known usb-e6614c311b8a5f2b 'd["state"]')" bootloader
run emu_run "$MPFLASH" list --no-probe
like 'the evidence is told' "$out" '^usb-e6614c311b8a5f2b .*RPI_PICO_MINE  PICOBOOT bootloader of RP2040.*; was last seen at this place'

emu remove 1-1
emu usb 1-1 2e8a:0005 serial=e6614c311b8a0002 cdc=ttyACM0
emu link ttyACM0 "$(readlink "$T/pico2")"
list -s /dev/ttyACM0
is 'another board at that place is another device' "$(known usb-e6614c311b8a0002 'd["board_id"]')" RPI_PICO
emu remove 1-1
emu usb 5-1 2e8a:0003 serial=E0C9125B0D9B if=08/06/50 if=ff/00/00
list --no-probe
is 'RP2040 at a new place: nothing is guessed' "$(known usb-5-1 'd["state"], d["board_id"]')" "('bootloader', '')"
run emu_run "$MPFLASH" list --no-probe
like 'RP2040 at a new place: who it may be' "$out" 'one of .*RPI_PICO_MINE \(usb-e6614c311b8a5f2b\)'
like 'RP2040 at a new place: and who else' "$out" 'one of .*RPI_PICO \(usb-e6614c311b8a0002\)'

# --- a program that could not be started again ---
plug ACM33 3-4 deaf 2e8a:0005 serial=b9
list -s /dev/ttyACM33
like 'a program that does not start again: told' "$err" '^/dev/ttyACM33: its program was stopped, and may not have been started again$'
unlike 'a program that does not start again: no promise' "$err" 'and started again$'
emu remove 3-4

# --- a board that its owner wants left alone ---
list --device ttyACM18
is '--device names a board that is to be ignored' "$(of ACM18 'd["state"]')" running

# --- two at once ---
emu_run "$MPFLASH" list --json -s /dev/ttyACM5 -s /dev/ttyACM10 >"$T/first" 2>/dev/null &
first=$!
list -s /dev/ttyACM5 -s /dev/ttyACM10
is 'two at once: one waits for the other' "$(of ACM5 'd["state"]') $(of ACM10 'd["state"]')" 'running silent'
wait "$first"
out=$(cat "$T/first")
is 'two at once: the other one too' "$(of ACM5 'd["state"]') $(of ACM10 'd["state"]')" 'running silent'

# --- ports that are not ours ---
emu mode /dev/ttyACM5 0000
run emu_run setpriv --bounding-set=-dac_override,-dac_read_search "$MPFLASH" list -s /dev/ttyACM5
is 'denied: exit status' "$status" 0
like 'denied: why' "$out" '^/dev/ttyACM5 .*denied: no permission to open /dev/ttyACM5'
like 'denied: the fix' "$err" '^hint: /dev/ttyACM5: .*usermod -a -G dialout'
emu mode /dev/ttyACM5 0660
python3 -c 'import fcntl, os, sys, time
fd = os.open(os.path.realpath(sys.argv[1]), os.O_RDWR | os.O_NOCTTY)
fcntl.flock(fd, fcntl.LOCK_EX)
open(sys.argv[2], "w").close()
time.sleep(60)' "$T/quiet" "$T/held" &
holder=$!
until [ -e "$T/held" ]; do sleep 0.02; done
run emu_run "$MPFLASH" list -s /dev/ttyACM5
like 'held: by whom' "$out" "^/dev/ttyACM5 .*held by python3 \\(pid $holder\\)"
like 'held: the fix' "$err" '^hint: /dev/ttyACM5: close that program'
kill "$holder"
wait "$holder" 2>/dev/null

# --- the table ---
run emu_run "$MPFLASH" list -u
is 'the table: exit status' "$status" 0
like 'the table: its head' "$out" '^Serial +Family +Port +Board +CPU +Version +Build +vid:pid +Location$'
like 'the table: a hint once for all that have it' "$err" '^hint: /dev/ttyACM10, /dev/ttyACM11, /dev/ttyACM12: reset the board'
is 'the table: printable' "$(printf '%s' "$out" | LC_ALL=C tr -d '\n\40-\176' | wc -c)" 0
cat >"$T/narrow.py" <<'EOF'
import fcntl, os, pty, struct, sys, termios
pid, fd = pty.fork()
if pid == 0:
    fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    os.execvp(sys.argv[1], sys.argv[1:])
data = b""
try:
    while more := os.read(fd, 4096):
        data += more
except OSError:
    pass
os.waitpid(pid, 0)
lines = [l.rstrip("\r") for l in data.decode().split("\n") if l.startswith(("Ser", "ttyACM"))]
print(lines[0])
print("widest", max(len(l) for l in lines) <= 80, len(lines) > 10)
EOF
run emu_run python3 "$T/narrow.py" "$MPFLASH" list --no-probe
is 'the table on a narrow terminal' "$(printf '%s' "$out" | tr -s ' ')" 'Ser. Fam. Board Version
widest True True'
run emu_run python3 "$T/narrow.py" "$MPFLASH" list -u -s /dev/ttyACM17 -s /dev/ttyACM0
is 'long words and USB ids on a narrow terminal' "$(printf '%s' "$out" | tr -s ' ')" 'Ser. Fam. Board Version vid:pid Location
widest True False'
run emu_run "$MPFLASH" list --no-progress -s /dev/ttyACM17
is '--no-progress: no table' "$status$out" 0
run emu_run "$MPFLASH" list -s /dev/ttyACM99
is 'no such port: exit status' "$status" 1
run emu_run "$MPFLASH" list -s /dev/ttyACM99 --json
is 'no such port, JSON: an empty list' "$status$out" '0[]'

exec 8>&-
kill "$(processes_of "$T" qemu-system-)" 2>/dev/null
emu_stop
done_testing
