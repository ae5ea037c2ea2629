#!/bin/sh
# SPDX-License-Identifier: MIT
#
# mpflash boards: the boards of a tree and beside it.
. "$(dirname "$0")/lib.sh"

need git python3 script
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
is '--json: its keys' "$(value '" ".join(d[0])')" 'port board variants variant_texts mcu product vendor url images deploy features mboot path'
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

# --- ways to show them

run "$MPFLASH" boards --format names stm32
is '--format names: a name a line' "$out" "$(cd ports/stm32/boards && for dir in */; do echo "${dir%/}"; done)"
run env LC_ALL=C.UTF-8 "$MPFLASH" boards --format tree stm32 rp2
is '--format tree' "$out" 'MicroPython boards  6, 4 variants
├── rp2  2
│   ├── RPI_PICO
│   └── RPI_PICO2  RISCV
└── stm32  4
    ├── BROKEN_BOARD
    ├── NUCLEO_H563ZI
    ├── PYBV11  DP, DP_THREAD, THREAD
    └── TOO_BIG_BOARD'
run env LC_ALL=C "$MPFLASH" boards --format tree rp2
is '--format tree without UTF-8' "$out" 'MicroPython boards  2, 1 variant
`-- rp2  2
    |-- RPI_PICO
    `-- RPI_PICO2  RISCV'
run env LC_ALL=C script -qec "'$MPFLASH' boards rp2" /dev/null
like 'a terminal gets the tree' "$out" '^.-- rp2  2'
run "$MPFLASH" boards --format rich
is 'an unknown format: a usage error' "$status" 2
run "$MPFLASH" boards --mcu 'STM32F4*' --format names
is '--mcu' "$out" "$(grep -l '"mcu": "stm32f4' ports/*/boards/*/board.json | cut -d/ -f4)"
run "$MPFLASH" boards --mcu 'stm32f4*' --format names rp2
is '--mcu and a port without it: exit status' "$status" 1
like '--mcu and a port without it' "$err" "^error: no board or port matches 'rp2' with the mcu 'stm32f4\*'\$"
run "$MPFLASH" boards PYBV11 --json
is '--json: variants with their texts' "$(value 'd[0]["variant_texts"]["DP"]')" 'Double-precision float'

# --- deploy notes

mkdir -p "$T/own/ports/stm32/boards/MINE" "$T/own/py" "$T/own/mpy-cross"
board=$T/own/ports/stm32/boards/MINE
good='"mcu": "stm32f4", "product": "P", "vendor": "V", "url": "", "features": ["USB"]'
printf '{%s, "images": ["a.jpg"], "deploy": ["../deploy.md"]}\n' "$good" >"$board/board.json"
printf '### How\n\n- hold \033[31mUSR\n  and plug in\n\nSee [this](http://e.org).\n' >"$T/own/ports/stm32/boards/deploy.md"
run "$MPFLASH" boards -C "$T/own" --notes MINE
is '--notes: plain text, without control characters' "$out" 'stm32/MINE: notes about its deployment

How

- hold [31mUSR and plug in

See this (http://e.org).'
run "$MPFLASH" boards -C "$T/own" --check
is '--check: nothing wrong' "$status$out/$err" '0/1 board checked: no error, 0 warnings'
printf '{%s, "images": ["a.jpg"], "deploy": ["../../../../../secret.md", "none.md"]}\n' "$good" >"$board/board.json"
echo secret >"$T/secret.md"
run "$MPFLASH" boards -C "$T/own" --notes MINE
is '--notes: never a file outside of the tree' "$out" 'MINE: there are no notes about its deployment'
run "$MPFLASH" boards --notes
is '--notes without a board: a usage error' "$status" 2

# --- --check

run "$MPFLASH" boards -C "$T/own" --check
is '--check: deploy files: exit status' "$status" 1
is '--check: deploy files' "$out" "ports/stm32/boards/MINE/board.json: error: \"deploy\": '../../../../../secret.md' lies outside of the tree
ports/stm32/boards/MINE/board.json: error: \"deploy\": 'none.md' is not there"
like '--check: counts on standard error' "$err" '^error: 1 board checked: 2 errors, 0 warnings$'

# check JSON: the findings for a board.json, without the file's name
check() {
	printf '%s\n' "$1" >"$board/board.json"
	run "$MPFLASH" boards -C "$T/own" --check
	printf '%s\n' "$out" | sed 's/^[^:]*: //'
}
is '--check: missing members' "$(check '{}')" 'error: "mcu" is missing
error: "product" is missing
error: "vendor" is missing
error: "url" is missing
error: "images" is missing
error: "deploy" is missing
error: "features" is missing'
is '--check: empty, of the wrong type, twice' \
	"$(check '{"mcu": "", "product": 3, "vendor": "V", "vendor": "W", "url": "", "images": "a.jpg", "deploy": [], "features": [1]}')" \
	'error: "mcu" is empty
error: "product" is not a string
error: "vendor" is there twice
error: "images" is not a list
error: "features": item 0 is no text'
is '--check: pictures' "$(check "{$good, \"images\": [\"a.JPG\", \"b/c.jpg\", \"d.txt\", \"a.JPG\"], \"deploy\": []}")" \
	"error: \"images\": 'b/c.jpg' is no name of a picture
error: \"images\": 'd.txt' is no name of a picture
warning: \"images\": 'a.JPG' is there twice"
touch "$board/mpconfigvariant_FILE.mk"
is '--check: variants' "$(check "{$good, \"images\": [], \"deploy\": [], \"variants\": {\"FILE\": \"x\", \"NONE\": \"y\", \"a b\": \"z\"}}")" \
	"warning: \"images\" names no picture
error: variant 'NONE' has no mpconfigvariant_NONE.mk or .cmake
error: variant 'a b' is no name"
is '--check: a variant that is not named' "$(check "{$good, \"images\": [\"a.jpg\"], \"deploy\": []}")" \
	"warning: \"variants\" does not name 'FILE'"
run "$MPFLASH" boards -C "$T/own" --check
is '--check: warnings alone are no failure' "$status$err" '01 board checked: no error, 1 warning'
is '--check: no JSON' "$(check '{')" 'error: not valid JSON'
rm "$board/board.json" "$board/mpconfigvariant_FILE.mk"
touch "$board/mpconfigboard.mk"
run "$MPFLASH" boards -C "$T/own" --check
is '--check: no board.json' "$out" 'ports/stm32/boards/MINE: warning: there is no board.json'
run "$MPFLASH" boards -C "$T/own" --check --json
is '--check --json' "$(value '[sorted(f.items()) for f in d]')" \
	"[[('board', 'MINE'), ('file', '$board'), ('message', 'there is no board.json'), ('port', 'stm32'), ('severity', 'warning')]]"

# --- where the user stands

cd "$T/tree/ports/stm32/boards" || exit
run "$MPFLASH" boards --format names
is 'in a port'"'"'s folder: that port' "$out" "$(for dir in */; do echo "${dir%/}"; done)"
run "$MPFLASH" boards --format names rp2
is 'another port by its name' "$out" "$(printf 'RPI_PICO\nRPI_PICO2')"
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
