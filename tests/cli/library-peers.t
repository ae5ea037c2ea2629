#!/bin/sh
# SPDX-License-Identifier: MIT
#
# One library, two tools: the Python mpflash finds what we put into it, and we find what it put there.
. "$(dirname "$0")/lib.sh"
# shellcheck source=../peers/lib.sh
. "$TESTS_DIR/peers/lib.sh"
need sqlite3 python3
peer_mpflash || skip_all "$why"

unset MPFLASH_FIRMWARE GITHUB_ACTIONS GITHUB_WORKSPACE XDG_DOWNLOAD_DIR MICROPY_DIR
fw=$T/fw
mkdir "$fw"

# peer DIR WORDS...: the Python tool with that firmware folder
peer() {
	peer_dir=$1
	shift
	MPFLASH_FIRMWARE=$peer_dir PYTHONPATH=$PEER_MPFLASH PYTHONDONTWRITEBYTECODE=1 python3 -m mpflash.cli_main "$@"
}

# peer_finds DIR BOARD VERSION PORT: the file that its `flash` would take
cat >"$T/finds.py" <<'END'
import sys
from types import SimpleNamespace
from loguru import logger
logger.remove()
from mpflash.db.core import migrate_database
from mpflash.flash.worklist import _find_firmware_for_board
migrate_database(boards=False, firmwares=False)
board, _, variant = sys.argv[1].partition("-")
fw = _find_firmware_for_board(SimpleNamespace(board=board, variant=variant, port=sys.argv[3], serialport="x"), sys.argv[2])
print(fw.firmware_file, fw.source, fw.build, int(fw.custom)) if fw else print("none")
END
peer_finds() {
	MPFLASH_FIRMWARE=$1 PYTHONPATH=$PEER_MPFLASH PYTHONDONTWRITEBYTECODE=1 python3 "$T/finds.py" "$2" "$3" "$4" 2>&1
}

firmware() { # FILE VERSION BYTE
	mkdir -p "$(dirname "$1")"
	{
		printf 'MicroPython %s on 2026-11-22; Raspberry Pi Pico with RP2040\0' "$2"
		head -c 300 /dev/zero | tr '\0' "$3"
	} >"$T/firmware.bin"
	"$MPFLASH" convert --base 0x10000000 --family rp2040 "$T/firmware.bin" "$1" >/dev/null || bail 'no UF2'
}

# --- ours first: the Python tool finds it

firmware "$T/in/RPI_PICO-20250809-v1.26.0.uf2" v1.26.0 a
firmware "$T/in/RPI_PICO-20260101-v1.28.0-preview.55.g0123456789.uf2" v1.28.0-preview.55.g0123456789 b
MPFLASH_FIRMWARE=$fw "$MPFLASH" add "$T/in" >/dev/null || bail 'nothing was added'
is 'it finds a release that we added' "$(peer_finds "$fw" RPI_PICO v1.26.0 rp2)" \
	"rp2/RPI_PICO-v1.26.0.uf2 file://$T/in/RPI_PICO-20250809-v1.26.0.uf2 0 0"
is 'and a preview' "$(peer_finds "$fw" RPI_PICO v1.28.0-preview rp2 | cut -d ' ' -f 1,3)" \
	'rp2/RPI_PICO-v1.28.0-preview.55.uf2 55'
ok 'it starts on our database, and loads its boards' peer "$fw" plugins
is 'its boards are there' "$(sqlite3 "$fw/mpflash.db" "SELECT count(*) > 3000 FROM boards")" 1
is 'our rows too' "$(sqlite3 "$fw/mpflash.db" 'SELECT count(*) FROM firmwares')" 2
is 'and our digests' "$(sqlite3 "$fw/mpflash.db" 'SELECT count(*) FROM firmware_digests')" 2
is 'the schema is that of a database that it made' \
	"$(sqlite3 "$fw/mpflash.db" "SELECT name, sql FROM sqlite_master WHERE name <> 'firmware_digests'
		AND name NOT LIKE 'sqlite_%' ORDER BY 1")" \
	"$(mkdir "$T/theirs" && peer "$T/theirs" plugins >/dev/null 2>&1
	sqlite3 "$T/theirs/mpflash.db" "SELECT name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY 1")"

# --- theirs: we find it, and write beside it

mkdir -p "$T/tree/ports/rp2/build-RPI_PICO_W"
firmware "$T/tree/ports/rp2/build-RPI_PICO_W/firmware.uf2" v1.27.0 c
ok 'it adds a build' peer "$T/theirs" add --path "$T/tree/ports/rp2/build-RPI_PICO_W/firmware.uf2" --description 'by Python'
run env MPFLASH_FIRMWARE="$T/theirs" "$MPFLASH" add --list --json
is 'we list it' "$(printf '%s' "$out" | python3 -c 'import json, sys
for x in json.load(sys.stdin): print(x["board_id"], x["custom"], x["exists"], x["description"])')" \
	'RPI_PICO_W True True by Python'
ok 'we add to its database' env MPFLASH_FIRMWARE="$T/theirs" "$MPFLASH" add "$T/in"
is 'it finds what we added' "$(peer_finds "$T/theirs" RPI_PICO v1.26.0 rp2 | cut -d ' ' -f 1)" rp2/RPI_PICO-v1.26.0.uf2
is 'its own row is as it was' \
	"$(sqlite3 "$T/theirs/mpflash.db" "SELECT description FROM firmwares WHERE board_id = 'RPI_PICO_W'")" 'by Python'

# --- boards: its list is known to be loaded

zip=$PEER_MPFLASH/mpflash/db/micropython_boards.zip
mkdir "$T/list"
MPFLASH_FIRMWARE=$T/list "$MPFLASH" boards update "$zip" >/dev/null || bail 'no boards'
is 'the hash of its list is the one that it ships' \
	"$(sqlite3 "$T/list/mpflash.db" "SELECT value FROM metadata WHERE name = 'boards_hash'")" \
	"$(cat "$PEER_MPFLASH/mpflash/db/boards_hash.txt")"
is 'the rows are those that it loads' "$(sqlite3 "$T/list/mpflash.db" 'SELECT * FROM boards ORDER BY 1, 2' | sha256sum)" \
	"$(sqlite3 "$T/theirs/mpflash.db" 'SELECT * FROM boards ORDER BY 1, 2' | sha256sum)"

# --- what is built here

small_tree "$T/small"
run env MPFLASH_FIRMWARE="$fw" "$MPFLASH" make -C "$T/small" --import RED
is 'make --import' "$status" 0
like 'tells what it imported' "$err" 'imported builds/[0-9a-f]{12}/'
built=RED
port=$(sqlite3 "$fw/mpflash.db" "SELECT port FROM firmwares WHERE source = 'mpbuild' LIMIT 1")
key=$(printf '%s_v1.29.0-preview' "$built" | md5sum | cut -c 1-12)
run env MPFLASH_FIRMWARE="$fw" "$MPFLASH" make -C "$T/small" --import RED
unlike 'the same again is not written again' "$err" imported
like 'the Python tool takes it' "$(peer_finds "$fw" "$built" v1.29.0-preview "$port")" \
	"^builds/$key/$built-v1.29.0-preview\.[a-z0-9]* mpbuild 0 1\$"
done_testing
