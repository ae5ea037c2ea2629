#!/bin/sh
# SPDX-License-Identifier: MIT
#
# mpflash list: the boards that are there and what they run, for people and for programs.
. "$(dirname "$0")/lib.sh"

need python3 qemu-system-arm
hex=/usr/share/firmware-microbit-micropython/firmware.hex
[ -r "$hex" ] || bail "$hex is not here; ./configure --deps test installs it"
cd "$T" || exit

# value EXPRESSION: of the list d in $out
value() {
	printf '%s' "$out" | python3 -c 'import json, sys; d = json.load(sys.stdin); print(eval(sys.argv[1]))' "$1"
}

run "$MPFLASH" list
is 'no boards: exit status and stdout' "$status$out" 1
like 'no boards: says so' "$err" '^error: no boards found$'
run "$MPFLASH" list --json
is 'no boards: an empty array' "$status$(value 'd')$err" '0[]'

run "$MPFLASH" make flash-qemu/MICROBIT --image "$hex"
is 'a board is started' "$status" 0
run "$MPFLASH" list
is 'list: exit status, nothing on stderr' "$status$err" 0
like 'list: a head line' "$out" '^Serial +Family +Port +Board +CPU +Version +Build$'
like 'list: the board and what it says' "$out" '^/dev/[^ ]+ +micropython +[a-z]+ +MICROBIT  micro:bit with nRF51822 +nRF51822 +v1\.'
is 'list: one line a board' "$(printf '%s\n' "$out" | wc -l)" 2
run "$MPFLASH" devs
like 'devs is the same' "$out" '^/dev/[^ ]+ +micropython '

run "$MPFLASH" list --json
is '--json: exit status, nothing on stderr' "$status$err" 0
is '--json: one object' "$(value 'len(d)')" 1
is "--json: the keys of mpflash's list, and ours" "$(value '" ".join(d[0])')" \
	'serialport family description version port sys_platform cpu arch mpy build location toml vid pid board board_id variant device state methods'
is '--json: what the board is' "$(value 'd[0]["family"], d[0]["board_id"], d[0]["cpu"]')" "('micropython', 'MICROBIT', 'nRF51822')"
is '--json: what the device is' "$(value 'd[0]["device"], d[0]["state"], d[0]["methods"]')" \
	"('qemu:qemu/MICROBIT', 'running', ['qemu'])"
like '--json: its version' "$(value 'd[0]["version"]')" '^1\.[0-9]+'
ok '--json: the port is there' test -c "$(value 'd[0]["serialport"]')"
is '--json: toml is an object, build a text' "$(value 'd[0]["toml"], type(d[0]["build"]).__name__')" "({}, 'str')"

run "$MPFLASH" list --no-probe --json
is '--no-probe: not asked' "$(value 'd[0]["state"], d[0]["family"], d[0]["board_id"]')" "('not asked', 'unknown', 'MICROBIT')"

pid=$(cd / && processes_of "$T" qemu-system-)
kill -STOP "$pid"
run "$MPFLASH" list --json
is 'a board that hangs: exit status' "$status" 0
is 'a board that hangs is listed as silent' "$(value 'd[0]["state"], d[0]["board_id"]')" "('silent', 'MICROBIT')"
kill -CONT "$pid"
kill -KILL "$pid"
run "$MPFLASH" list --json
is 'a board that died is not listed' "$(value 'd')" '[]'

run "$MPFLASH" list COM5
is 'a word too many' "$status" 2
like 'a word too many: error' "$err" "^error: list takes no words, and got 'COM5'\$"
run "$MPFLASH" list --help
is '--help' "$status" 0
like '--help: on stdout' "$out" '^usage: mpflash list'

done_testing
