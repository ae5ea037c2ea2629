#!/bin/sh
# SPDX-License-Identifier: MIT
#
# mpflash boards: the boards of a tree and beside it.
. "$(dirname "$0")/lib.sh"

need git python3
sample_tree "$T/tree"
cd "$T/tree" || exit

# value EXPRESSION: of the list d in $out
value() {
	printf '%s' "$out" | python3 -c 'import json, sys; d = json.load(sys.stdin); print(eval(sys.argv[1]))' "$1"
}

run "$MPFLASH" boards
is 'boards: exit status, nothing on stderr' "$status$err" 0
like 'a board' "$out" '^stm32 +NUCLEO_H563ZI '
like 'a board with variants' "$out" '^stm32 +PYBV11 .*variants: DP DP_THREAD THREAD$'
like 'a board without a board.json' "$out" '^qemu +MPS2_AN385 *$'
is 'sorted by port, then by board' "$(printf '%s\n' "$out" | sort -c 2>&1)" ''
not_ok 'nothing is written' test -e build-mpflash

run "$MPFLASH" boards --json
is '--json: exit status, nothing on stderr' "$status$err" 0
is '--json: all of them' "$(value '" ".join(b["port"] + "/" + b["board"] for b in d)')" "$(
	{
		for dir in ports/*/boards/*/; do
			if [ -e "$dir/board.json" ] || [ -e "$dir/mpconfigboard.mk" ]; then
				echo "$dir" | cut -d/ -f2,4
			fi
		done
		echo unix/unix
	} | tr '\n' ' ' | sed 's/ $//'
)"
is '--json: one board' "$(value '[b for b in d if b["board"] == "PYBV11"][0]["variants"]')" "['DP', 'DP_THREAD', 'THREAD']"
is '--json: its keys' "$(value '" ".join(d[0])')" 'port board variants mcu product vendor url path'
is '--json: its folder' "$(value '[b for b in d if b["board"] == "PYBV11"][0]["path"]')" "$T/tree/ports/stm32/boards/PYBV11"

run "$MPFLASH" boards rp2 --json
is 'a port' "$(value '[b["board"] for b in d]')" "['RPI_PICO', 'RPI_PICO2']"
run "$MPFLASH" boards 'RPI_*2' 'NUC*' --json
is 'patterns' "$(value '[b["board"] for b in d]')" "['RPI_PICO2', 'NUCLEO_H563ZI']"
run "$MPFLASH" boards 'qemu/M*' --json
is 'a pattern with the port' "$(value '[b["board"] for b in d]')" "['MICROBIT', 'MPS2_AN385']"
run "$MPFLASH" boards NOTHING
is 'nothing matches: exit status and stdout' "$status$out" 1
is 'nothing matches: error and hint' "$err" "error: no board or port matches 'NOTHING'
hint: \`mpflash boards\` lists all; patterns have * and ?"

mkdir -p "$T/mine/MY_BOARD"
printf '{"mcu": "rp2040", "product": "Mine", "vendor": "Me"}\n' >"$T/mine/MY_BOARD/board.json"
run "$MPFLASH" boards --board-dir "$T/mine" MY_BOARD --json
is 'a board beside the tree' "$(value '[(b["board"], b["path"]) for b in d]')" "[('MY_BOARD', '$T/mine/MY_BOARD')]"
printf '{"mcu": \n' >"$T/mine/MY_BOARD/board.json"
run "$MPFLASH" boards --board-dir "$T/mine" MY_BOARD
is 'a broken board.json: exit status' "$status" 1
like 'a broken board.json: which, and where' "$err" "^error: .*MY_BOARD/board\.json"

cd "$T/tree/ports/stm32" || exit
run "$MPFLASH" boards NUCLEO_H563ZI
is 'from a folder of the tree' "$status" 0
cd / || exit
run "$MPFLASH" boards
is 'no tree: exit status' "$status" 1
like 'no tree: says what to do' "$err" '^hint: run inside a checkout, or name one: -C DIR'
run "$MPFLASH" boards -C "$T/tree" NUCLEO_H563ZI
is '-C' "$status" 0
run "$MPFLASH" boards --mpy "$T/tree" NUCLEO_H563ZI
is '--mpy is the same' "$status" 0
run env MICROPY_DIR="$T/tree" "$MPFLASH" boards NUCLEO_H563ZI
is 'MICROPY_DIR too' "$status" 0

done_testing
