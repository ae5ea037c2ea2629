#!/bin/sh
# SPDX-License-Identifier: MIT
#
# mpflash add URL: firmware from any web server into the library; of what is no firmware, or did not come whole, nothing is
# stored.
. "$(dirname "$0")/lib.sh"
# shellcheck source=../net/lib.sh
. "$TESTS_DIR/net/lib.sh"

need python3 sqlite3
MPFLASH_FIRMWARE=$T/fw
MPFLASH_CACHE=$T/cache
export MPFLASH_FIRMWARE MPFLASH_CACHE
mkdir "$T/fw"
# shellcheck disable=SC2119 # without a certificate
site_start
there=$site/resources/firmware

rows() {
	sqlite3 -separator '|' "$T/fw/mpflash.db" "$1"
}

# all that is in the library
content() {
	find "$T/fw" -type f | sort | xargs sha256sum
	rows 'SELECT * FROM firmwares ORDER BY firmware_file'
}

left() {
	find "$T/cache/fetched" -type f | wc -l
}

pico=RPI_PICO-20250809-v1.26.0.uf2
firmware "$pico" 20000

# --- a good one

run "$MPFLASH" add "$there/$pico"
is 'firmware from an address: exit status' "$status:$err" 0:
is 'and what was added is told' "$out" 'Added firmware: RPI_PICO for rp2/RPI_PICO-v1.26.0.uf2'
ok 'with its bytes' cmp "$T/site/resources/firmware/$pico" "$T/fw/rp2/RPI_PICO-v1.26.0.uf2"
is 'its source is the address' "$(rows 'SELECT source FROM firmwares')" "$there/$pico"
is 'its SHA-256 is recorded' "$(rows 'SELECT sha256 FROM firmware_digests')" \
	"$(sha256sum "$T/fw/rp2/RPI_PICO-v1.26.0.uf2" | cut -d ' ' -f 1)"
is 'nothing is left of the fetching' "$(left)" 0
cp "$T/site/resources/firmware/$pico" "$T/site/resources/firmware/${pico}token=1" # so the server finds it
run "$MPFLASH" add --json "$there/$pico?token=1#top"
like 'what follows a ? is no part of the name' "$out" '"firmware_file":"rp2/RPI_PICO-v1.26.0.uf2".*"was_there":true'
run "$MPFLASH" add "http://user:secret@${there#http://}/$pico"
is 'a password in the address' "$status" 0
is 'is not recorded' "$(rows 'SELECT source FROM firmwares')" "$there/$pico"
run "$MPFLASH" add --board MY_BOARD --version 1.5 -p "$there/$pico"
is 'what the user says counts more' "$out" 'Added custom firmware: MY_BOARD for rp2/MY_BOARD-v1.5.uf2'

# --- archives, several

mkdir "$T/zip"
cp "$T/site/resources/firmware/$pico" "$T/zip/RPI_PICO_W-20250809-v1.26.0.uf2"
(cd "$T/zip" && python3 -m zipfile -c "$T/site/resources/firmware/all.zip" .) || bail 'no archive'
firmware RPI_PICO2-20250809-v1.26.0.uf2 9000
run "$MPFLASH" add "$there/all.zip" "$there/RPI_PICO2-20250809-v1.26.0.uf2" "$T/zip"
is 'an archive, a file and a folder' "$status:$(printf '%s\n' "$out" | sort)" \
	'0:Added firmware: RPI_PICO2 for rp2/RPI_PICO2-v1.26.0.uf2
Added firmware: RPI_PICO_W for rp2/RPI_PICO_W-v1.26.0.uf2
Added firmware: RPI_PICO_W for rp2/RPI_PICO_W-v1.26.0.uf2 (was there already)'

# --- nothing bad is stored

before=$(content)
other=OTHER-20250809-v1.26.0.uf2
run "$MPFLASH" add "$there/$other"
is 'an address that is not there: exit status' "$status" 1
like 'and the address is told' "$err" "^error: $there/$other: .*404"
firmware "$other" 4000
how "$other" 'type text/html'
printf '<!DOCTYPE html><html>Log in</html>' >"$T/site/resources/firmware/$other"
run "$MPFLASH" add "$there/$other"
is 'a page instead of firmware: exit status' "$status" 1
like 'and it is told' "$err" "^error: $there/$other: .*page"
how "$other" 'type application/octet-stream'
run "$MPFLASH" add "$there/$other"
is 'a page that pretends to be a file: exit status' "$status" 1
like 'is told, too' "$err" "^error: $there/$other: .*HTML page"
printf 'just a text\n' >"$T/site/resources/firmware/notes-v1.26.0.uf2"
run "$MPFLASH" add "$there/notes-v1.26.0.uf2"
is 'a text' "$status" 1
firmware "$other" 40000
how "$other" 'say-length 50000'
run "$MPFLASH" add "$there/$other" "$there/notes-v1.26.0.uf2" http://127.0.0.1:1/x.uf2
is 'one that never comes whole, a text, no server: exit status' "$status" 1
like 'of several each is told' "$err" '^error: 3 firmwares were not added:'
like 'one that never comes whole' "$err" "$there/$other: the connection was cut after [0-9]+ of 50000 bytes"
like 'a text' "$err" "$there/notes-v1.26.0.uf2: "
like 'no server' "$err" 'http://127\.0\.0\.1:1/x\.uf2: '
is 'nothing of all this is in the library' "$(content)" "$before"

# --- cut, and gone on with

cut=CUT-20250809-v1.26.0.uf2
firmware "$cut" 40000
how "$cut" 'cut 30000 1'
run "$MPFLASH" add "$there/$cut"
is 'a transfer that was cut goes on' "$status:$out" '0:Added firmware: CUT for rp2/CUT-v1.26.0.uf2'
ok 'where it ended' [ "$(asked "$cut 206 Range=bytes=[1-9]")" = 1 ]
ok 'and is the whole file' cmp "$T/site/resources/firmware/$cut" "$T/fw/rp2/CUT-v1.26.0.uf2"

# --- other content under a name that is there

firmware "$other" 40000
how "$other"
ok 'one that is there' "$MPFLASH" add "$there/$other"
firmware "$other" 50000
before=$(content)
run "$MPFLASH" add "$there/$other"
is 'other content is not overwritten' "$status" 1
like 'and the way to do it is named' "$err" '^hint: use --force to overwrite it'
is 'the library is as before' "$(content)" "$before"
run "$MPFLASH" add --force "$there/$other"
ok '--force overwrites it' cmp "$T/site/resources/firmware/$other" "$T/fw/rp2/OTHER-v1.26.0.uf2"

# --- two at once

firmware BOTH-20250809-v1.26.0.uf2 60000
how BOTH-20250809-v1.26.0.uf2 'slow 4000'
"$MPFLASH" add "$there/BOTH-20250809-v1.26.0.uf2" >"$T/first" 2>&1 &
first=$!
run "$MPFLASH" add "$there/BOTH-20250809-v1.26.0.uf2"
wait "$first"
is 'two that add the same both succeed' "$?:$status" 0:0
ok 'and it is whole' cmp "$T/site/resources/firmware/BOTH-20250809-v1.26.0.uf2" "$T/fw/rp2/BOTH-v1.26.0.uf2"
is 'and one row' "$(rows "SELECT count(*) FROM firmwares WHERE board_id = 'BOTH'")" 1

site_stop
done_testing
