#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The firmware library: adding files, folders and archives, what is refused, and the firmware folder.
. "$(dirname "$0")/lib.sh"
need git sqlite3 python3

unset MPFLASH_FIRMWARE GITHUB_ACTIONS GITHUB_WORKSPACE XDG_DOWNLOAD_DIR
fw=$HOME/Downloads/firmware
db=$fw/mpflash.db

# firmware FILE BANNER BYTE: a .bin that names its version, padded with a byte of its own
firmware() {
	mkdir -p "$(dirname "$1")"
	{
		printf 'MicroPython %s on 2026-11-22; %s\0' "$2" "$4"
		head -c 300 /dev/zero | tr '\0' "$3"
	} >"$1"
}

# uf2 FILE BIN: the same as UF2 for RP2040
uf2() {
	mkdir -p "$(dirname "$1")"
	"$MPFLASH" convert --base 0x10000000 --family rp2040 "$2" "$1" >/dev/null || bail "no UF2"
}

rows() {
	sqlite3 -separator '|' "$db" "$1"
}

firmware "$T/a.bin" v1.26.0 a 'Raspberry Pi Pico with RP2040'
uf2 "$T/in/RPI_PICO-20250809-v1.26.0.uf2" "$T/a.bin"

# --- one released file

run "$MPFLASH" add "$T/in/RPI_PICO-20250809-v1.26.0.uf2"
is 'a released file is added' "$status" 0
is 'what was added is told' "$out" 'Added firmware: RPI_PICO for rp2/RPI_PICO-v1.26.0.uf2'
ok 'its bytes are in the library' cmp "$T/in/RPI_PICO-20250809-v1.26.0.uf2" "$fw/rp2/RPI_PICO-v1.26.0.uf2"
is 'its row has every column' "$(rows 'SELECT * FROM firmwares')" \
	"RPI_PICO|v1.26.0|rp2/RPI_PICO-v1.26.0.uf2|rp2||file://$T/in/RPI_PICO-20250809-v1.26.0.uf2|0|0|"
is 'its SHA-256 is recorded' "$(rows 'SELECT sha256 FROM firmware_digests')" \
	"$(sha256sum "$fw/rp2/RPI_PICO-v1.26.0.uf2" | cut -d ' ' -f 1)"
is 'the folder holds nothing else' "$(find "$fw" -type f | sort | sed "s|$fw/||" | tr '\n' ' ')" \
	'mpflash.db rp2/RPI_PICO-v1.26.0.uf2 '
run "$MPFLASH" add "$T/in/RPI_PICO-20250809-v1.26.0.uf2"
is 'the same again is no error' "$status:$out" \
	'0:Added firmware: RPI_PICO for rp2/RPI_PICO-v1.26.0.uf2 (was there already)'

# --- other content under the same name

firmware "$T/b.bin" v1.26.0 b 'Raspberry Pi Pico with RP2040'
uf2 "$T/other/RPI_PICO-20250809-v1.26.0.uf2" "$T/b.bin"
run "$MPFLASH" add "$T/other/RPI_PICO-20250809-v1.26.0.uf2"
is 'other content is not overwritten' "$status" 1
like 'and the way to do it is named' "$err" '^hint: use --force to overwrite it'
ok 'the old file is there' cmp "$T/in/RPI_PICO-20250809-v1.26.0.uf2" "$fw/rp2/RPI_PICO-v1.26.0.uf2"
ok '--force overwrites it' "$MPFLASH" add -f --description 'my own' "$T/other/RPI_PICO-20250809-v1.26.0.uf2"
ok 'the new file is there' cmp "$T/other/RPI_PICO-20250809-v1.26.0.uf2" "$fw/rp2/RPI_PICO-v1.26.0.uf2"
is 'with its description, in one row' "$(rows 'SELECT description FROM firmwares')" 'my own'

# --- a build folder in a tree

sample_tree "$T/tree"
git -C "$T/tree" checkout -q -b work/my_branch
git -C "$T/tree" -c user.name=x -c user.email=x@example.org commit -q --allow-empty -m 'One more'
build=$T/tree/ports/rp2/build-RPI_PICO2-RISCV
firmware "$T/c.bin" '' c ''
mkdir -p "$build"
"$MPFLASH" convert --base 0x10000000 --family rp2350-riscv "$T/c.bin" "$build/firmware.uf2" >/dev/null || bail 'no UF2'
cp "$T/c.bin" "$build/firmware.bin"
cp "$T/c.bin" "$build/bootloader.bin"
run "$MPFLASH" add "$build/firmware.uf2"
is 'a build is named by its folder, branch and git' "$out" \
	'Added custom firmware: RPI_PICO2-RISCV@my_branch for rp2/RPI_PICO2-RISCV@my_branch-v1.29.0-preview.1.uf2'
is 'its row is custom' \
	"$(rows "SELECT board_id, version, port, build, custom, custom_id FROM firmwares WHERE custom")" \
	'RPI_PICO2-RISCV|v1.29.0-preview|rp2|1|1|RPI_PICO2-RISCV@my_branch'
run "$MPFLASH" add --json "$build"
is 'of a build folder firmware.* is taken' \
	"$(printf '%s\n' "$out" | sed 's/.*"firmware_file":"\([^"]*\)".*"was_there":\([a-z]*\).*/\1 \2/')" \
	'rp2/RPI_PICO2-RISCV@my_branch-v1.29.0-preview.1.bin false
rp2/RPI_PICO2-RISCV@my_branch-v1.29.0-preview.1.uf2 true'

# --- what the firmware says itself, and what the user says

firmware "$T/d.bin" v1.27.0-preview.55.g0123456789 d 'Raspberry Pi Pico W with RP2040'
uf2 "$T/loose/download.uf2" "$T/d.bin"
sqlite3 "$db" "INSERT INTO boards VALUES('RPI_PICO_W','v1.26.0','RPI_PICO_W','rp2040','','rp2',
	'ports/rp2/boards/RPI_PICO_W','Raspberry Pi Pico W with RP2040','micropython',0)"
run "$MPFLASH" add -p "$T/loose/download.uf2"
is 'the board and version in the image count' "$out" \
	'Added custom firmware: RPI_PICO_W for rp2/RPI_PICO_W-v1.27.0-preview.55.uf2'
run "$MPFLASH" add --board MY_BOARD --port esp32 --version 1.5 "$T/loose/download.uf2"
is 'what the user says counts more' "$out" 'Added custom firmware: MY_BOARD for esp32/MY_BOARD-v1.5.uf2'
cp "$T/c.bin" "$T/loose/firmware.bin"
run "$MPFLASH" add "$T/loose/firmware.bin"
is 'a file that says nothing is not guessed' "$status" 1
like 'and the option is named' "$err" '^hint: name it: --board BOARD'
cp "$T/c.bin" "$T/loose/lvgl_micropy_ESP32-8MB.bin"
run "$MPFLASH" add "$T/loose/lvgl_micropy_ESP32-8MB.bin"
is 'a port may stand in the name' "$out" \
	'Added custom firmware: lvgl_micropy_ESP32-8MB for esp32/lvgl_micropy_ESP32-8MB-unknown.bin'

# --- archives and folders

mkdir -p "$T/zip/deep"
cp "$T/in/RPI_PICO-20250809-v1.26.0.uf2" "$T/zip/RPI_PICO-20250415-v1.25.0.uf2"
uf2 "$T/zip/deep/RPI_PICO_W-20260101-v1.27.0-preview.55.g0123456789.uf2" "$T/d.bin"
printf 'read me\n' >"$T/zip/README.txt"
(cd "$T/zip" && python3 -m zipfile -c "$T/all.zip" .)
run "$MPFLASH" add --dir "$T/second" "$T/all.zip"
is 'an archive: each firmware in it' "$status:$(printf '%s\n' "$out" | sort)" \
	'0:Added custom firmware: RPI_PICO for rp2/RPI_PICO-v1.26.0.uf2
Added firmware: RPI_PICO_W for rp2/RPI_PICO_W-v1.27.0-preview.55.uf2'
run "$MPFLASH" add --dir "$T/third" "$T/zip"
is 'a folder: the same' "$status:$(printf '%s\n' "$out" | sort)" \
	'0:Added custom firmware: RPI_PICO for rp2/RPI_PICO-v1.26.0.uf2
Added firmware: RPI_PICO_W for rp2/RPI_PICO_W-v1.27.0-preview.55.uf2'
mkdir "$T/empty"
run "$MPFLASH" add --dir "$T/third" "$T/empty"
is 'a folder without firmware is an error' "$status" 1
like 'that says so' "$err" '^error: .*/empty holds no firmware'

mkdir "$T/bad"
printf '<html>404</html>' >"$T/bad/A-v1.26.0.bin"
printf '<html>404</html>' >"$T/bad/B-v1.26.0.bin"
run "$MPFLASH" add --dir "$T/third" "$T/bad"
is 'each of several bad files in a folder is told' "$status:$(printf '%s\n' "$err" | grep -c 'is a web page')" 1:2

# --- what is no firmware

printf '<!DOCTYPE html><html>404</html>' >"$T/RPI_PICO-20250809-v1.26.0.bin"
: >"$T/PYBV11-20250809-v1.26.0.dfu"
printf 'plain text\n' >"$T/notes.txt"
before=$(find "$fw" -type f | sort; rows 'SELECT * FROM firmwares')
run "$MPFLASH" add "$T/RPI_PICO-20250809-v1.26.0.bin" "$T/PYBV11-20250809-v1.26.0.dfu" "$T/notes.txt" "$T/nothing"
is 'web pages, empty files, texts and nothing are refused' "$status" 1
like 'the web page is named' "$err" 'RPI_PICO-20250809-v1.26.0.bin is a web page'
like 'the empty file is named' "$err" 'PYBV11-20250809-v1.26.0.dfu is empty'
like 'the text is named' "$err" 'notes.txt is no firmware'
like 'what is not there is named' "$err" 'nothing does not exist'
is 'and nothing came into the library' "$(find "$fw" -type f | sort; rows 'SELECT * FROM firmwares')" "$before"
run "$MPFLASH" add
is 'no word is a usage error' "$status" 2

# --- the firmware folder

mkdir "$T/mine" "$T/ws"
run env MPFLASH_FIRMWARE="$T/mine" "$MPFLASH" add "$T/in/RPI_PICO-20250809-v1.26.0.uf2"
ok 'MPFLASH_FIRMWARE is the folder' [ -f "$T/mine/rp2/RPI_PICO-v1.26.0.uf2" ]
run env MPFLASH_FIRMWARE="$T/nowhere" "$MPFLASH" add --list
like 'one that is not there is warned of' "$err" '^warning: MPFLASH_FIRMWARE=.*/nowhere is no folder'
like 'and the default is used' "$out" 'RPI_PICO2-RISCV@my_branch'
run env GITHUB_ACTIONS=true GITHUB_WORKSPACE="$T/ws" "$MPFLASH" add "$T/in/RPI_PICO-20250809-v1.26.0.uf2"
ok 'GITHUB_WORKSPACE/firmware under GitHub Actions' [ -f "$T/ws/firmware/rp2/RPI_PICO-v1.26.0.uf2" ]
mkdir -p "$XDG_CONFIG_HOME"
# shellcheck disable=SC2016
printf '# made by xdg-user-dirs\nXDG_DOWNLOAD_DIR="$HOME/Geladen \\"x\\""\n' >"$XDG_CONFIG_HOME/user-dirs.dirs"
ok 'downloads by user-dirs.dirs' "$MPFLASH" add "$T/in/RPI_PICO-20250809-v1.26.0.uf2"
ok 'they are there' [ -f "$HOME/Geladen \"x\"/firmware/rp2/RPI_PICO-v1.26.0.uf2" ]
rm "$XDG_CONFIG_HOME/user-dirs.dirs"

# --- listing

run "$MPFLASH" add --list 'RPI_PICO2*'
is 'the list tells board, version, port and file' "$(printf '%s\n' "$out" | tr -s ' ')" \
	'Board Version Port File
RPI_PICO2-RISCV@my_branch v1.29.0-preview.1 rp2 rp2/RPI_PICO2-RISCV@my_branch-v1.29.0-preview.1.bin
RPI_PICO2-RISCV@my_branch v1.29.0-preview.1 rp2 rp2/RPI_PICO2-RISCV@my_branch-v1.29.0-preview.1.uf2'
rm "$fw/rp2/RPI_PICO-v1.26.0.uf2"
run "$MPFLASH" add --list --json RPI_PICO
is 'as JSON, with what is missing' "$(printf '%s' "$out" | python3 -c 'import json, sys
for x in json.load(sys.stdin): print(x["firmware_file"], x["exists"], x["sha256"])')" \
	'rp2/RPI_PICO-v1.26.0.uf2 False None'

# --- an old tool's list

cat >"$fw/firmware.jsonl" <<'END'
{"port": "stm32", "board": "PYBV11", "filename": "stm32\\PYBV11-v1.23.0.dfu", "firmware": "https://example.org/p.dfu", "variant": "PYBV11-DP", "preview": false, "version": "1.23.0", "build": "0", "ext": ".dfu"}

{"port": "rp2", "board_id": "RPI_PICO", "filename": "rp2/RPI_PICO-v1.24.0-preview.7.uf2", "source": "x", "preview": true, "version": "v1.24.0", "build": 7, "custom": true}
END
run "$MPFLASH" add "$T/in/RPI_PICO-20250809-v1.26.0.uf2"
like 'firmware.jsonl is taken over' "$err" 'took 2 firmwares over from firmware.jsonl'
is 'its rows' "$(rows "SELECT board_id, version, firmware_file, port, source, build, custom FROM firmwares
	WHERE version IN ('v1.23.0', 'v1.24.0-preview') ORDER BY 1")" \
	'PYBV11-DP|v1.23.0|stm32/PYBV11-v1.23.0.dfu|stm32|https://example.org/p.dfu|0|0
RPI_PICO|v1.24.0-preview|rp2/RPI_PICO-v1.24.0-preview.7.uf2|rp2|x|7|1'
ok 'and it is put away' [ -f "$fw/firmware.jsonl.bak" ]
printf '{"board_id": "X", "filename": "a"}\nbroken\n' >"$fw/firmware.jsonl"
before=$(rows 'SELECT count(*) FROM firmwares')
run "$MPFLASH" add "$T/in/RPI_PICO-20250809-v1.26.0.uf2"
is 'a damaged one is an error' "$status" 1
like 'that names the line' "$err" 'firmware.jsonl: line 2: not valid JSON'
is 'nothing of it is taken' "$(rows 'SELECT count(*) FROM firmwares')" "$before"
ok 'and it stays' [ -f "$fw/firmware.jsonl" ]
rm "$fw/firmware.jsonl"

# --- two at once, and a database that is in use

for i in 1 2 3 4 5 6; do
	mkdir "$T/par$i"
	cp "$T/in/RPI_PICO-20250809-v1.26.0.uf2" "$T/par$i/BOARD$i-20250809-v1.26.0.uf2"
	"$MPFLASH" add --dir "$T/par" "$T/par$i" >"$T/par$i.out" 2>&1 &
done
wait
is 'six at once all come in' "$(sqlite3 "$T/par/mpflash.db" 'SELECT count(*) FROM firmwares')" 6

old=$TESTS_DIR/../../shared/data/mpflash-2025.db
if [ -f "$old" ]; then
	mkdir "$T/old"
	cp "$old" "$T/old/mpflash.db"
	run "$MPFLASH" add --dir "$T/old" --list --json
	is 'an old database is read' "$status:$(printf '%s' "$out" | python3 -c 'import json, sys
print(len(json.load(sys.stdin)))')" 0:110
	ok 'and not a byte of it changes' cmp "$old" "$T/old/mpflash.db"
	is 'nothing is left beside it' "$(ls "$T/old")" mpflash.db
else
	skip 'an old database is read' 'its sample is not here'
fi
done_testing
