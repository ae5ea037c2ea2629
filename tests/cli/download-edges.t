#!/bin/sh
# SPDX-License-Identifier: MIT
#
# mpflash download where things do not go by the book: without a network, beside other programs, with a library or a site that
# says what cannot be true.
# Runs sanitized: it takes its time.
. "$(dirname "$0")/lib.sh"
# shellcheck source=../net/lib.sh
. "$TESTS_DIR/net/lib.sh"

need python3 sqlite3
MPFLASH_FIRMWARE=$T/fw
export MPFLASH_FIRMWARE
mkdir "$T/fw"
# shellcheck disable=SC2119 # without a certificate
site_start

get() {
	run "$MPFLASH" download "$@"
}

rows() {
	sqlite3 -separator '|' "$T/fw/mpflash.db" "$1"
}

same() {
	cmp "$T/site/resources/firmware/$1" "$T/fw/$2"
}

# --- a library that was made by others
port_page rp2 RPI_PICO ODD
odd=ODD-20250809-v1.26.0.uf2
firmware "$odd" 5000
printf '<html><a href="/resources/firmware/%s">x</a></html>\n' "$odd" >"$T/site/download/ODD"
"$MPFLASH" add --list >/dev/null 2>&1
get -b RPI_NOTHING # makes the database
sqlite3 "$T/fw/mpflash.db" "INSERT INTO boards VALUES('ODD','v1.26.0','ODD','','','../out','','','micropython',0);
	INSERT INTO firmwares VALUES('ODD','v1.0','x.uf2','../out','','',0,0,NULL)"
get -b ODD
is 'a port in the database that leads elsewhere: exit status' "$status" 0 || diag "$err"
is 'a port in the database that leads elsewhere: it does not' "$(find "$T" -name 'ODD*.uf2' ! -path '*/site/*')" \
	"$T/fw/ODD-v1.26.0.uf2"

sqlite3 "$T/fw/mpflash.db" "INSERT INTO firmwares VALUES
	('W1','v1.26.0','C:\\Users\\me\\firmware\\W1.uf2','rp2','','',0,0,NULL),
	('W2','v1.26.0','\\\\server\\share\\W2.uf2','rp2','','',0,0,NULL),
	('W3','v1.26.0','rp2\\W3.uf2','rp2','','',0,0,NULL)"
get -b ODD
is 'rows of files that only another system can see are kept, others go' \
	"$(rows "SELECT board_id FROM firmwares WHERE board_id GLOB 'W?' ORDER BY 1" | tr '\n' ' ')" 'W1 W2 '
rows "DELETE FROM firmwares WHERE board_id GLOB 'W?'"

# --- a login page of the network in place of the site's
pico=RPI_PICO-20250809-v1.26.0.uf2
firmware "$pico" 20000
page RPI_PICO rp2 "$pico"
get -b RPI_PICO
cp "$T/site/download/RPI_PICO" "$T/page"
printf '<!DOCTYPE html><html><title>Hotel</title><body><a href="/login">Sign in</a></body></html>' >"$T/site/download/RPI_PICO"
get -b RPI_PICO
is 'a login page in place of a page: exit status' "$status" 1
like 'a login page in place of a page: what is said' "$err" '/download/RPI_PICO: .*no page of a download site'
get -b RPI_PICO --offline
is 'a login page in place of a page: the page of before is kept' "$status:$(printf '%s\n' "$out" | tail -n 1)" \
	'0:Downloaded 0 firmware images. 1 was there already.' || diag "$err"
get -b RPI_PICO -v '?'
like 'a login page in place of a page: no question about nothing' "$status $err" '^1 error: .*no page of a download site'
cp "$T/page" "$T/site/download/RPI_PICO"

# --- files that are not what they seem
page PYBV11 stm32 PYBV11-20250809-v1.26.0.bin
printf 'Too many requests. Try again later.\n' >"$T/site/resources/firmware/PYBV11-20250809-v1.26.0.bin"
get -b PYBV11
is 'a text with a .bin name: exit status' "$status" 1
like 'a text with a .bin name: why' "$err" 'what came is damaged or no firmware'
firmware PYBV11-20250809-v1.26.0.bin 9000
get -b PYBV11
is 'a .bin with a vector table' "$status" 0 || diag "$err"
rm -rf "$T/fw/stm32"
how PYBV11-20250809-v1.26.0.bin 'packed'
get -b PYBV11
is 'a file that is sent packed, though nobody asked: exit status' "$status" 1
like 'a file that is sent packed, though nobody asked: why' "$err" 'packed \(gzip\)'
not_ok 'a file that is sent packed: nothing is stored' test -e "$T/fw/stm32/PYBV11-v1.26.0.bin"

# --- another build of the same version
page RPI_PICO rp2 RPI_PICO-20250810-v1.26.0.uf2
firmware RPI_PICO-20250810-v1.26.0.uf2 7000
rm "$T/fw/rp2/RPI_PICO-v1.26.0.uf2"
how RPI_PICO-20250810-v1.26.0.uf2 'status 404'
get -b RPI_PICO # the page is kept
cp "$T/site/resources/firmware/$pico" "$T/fw/rp2/RPI_PICO-v1.26.0.uf2"
rows "INSERT INTO firmwares VALUES('RPI_PICO','v1.26.0','rp2/RPI_PICO-v1.26.0.uf2','rp2','mine','$site/$pico',0,0,NULL)"
get --offline -b RPI_PICO
is '--offline: a file of another build is taken' "$status" 0 || diag "$err"
is '--offline: where it came from stays' "$(rows "SELECT source, description FROM firmwares WHERE board_id = 'RPI_PICO'")" \
	"$site/$pico|mine"
how RPI_PICO-20250810-v1.26.0.uf2
get -b RPI_PICO
ok 'with a network the other build comes' same RPI_PICO-20250810-v1.26.0.uf2 rp2/RPI_PICO-v1.26.0.uf2
is 'and where it came from' "$(rows "SELECT source FROM firmwares WHERE board_id = 'RPI_PICO'")" \
	"$site/resources/firmware/RPI_PICO-20250810-v1.26.0.uf2"

# --- nightly builds before v1.22
page OLD rp2 OLD-20220817-unstable-v1.19.1-397-g6d2e4b9a1.uf2 OLD-20220618-v1.19.1.uf2
firmware OLD-20220817-unstable-v1.19.1-397-g6d2e4b9a1.uf2 5000
firmware OLD-20220618-v1.19.1.uf2 6000
get -b OLD
like 'a nightly build is no release' "$(rows "SELECT firmware_file, build FROM firmwares WHERE board_id = 'OLD'")" \
	'^rp2/OLD-v1\.19\.1\.uf2\|0$' || diag "$err"

# --- parts
cut=CUT-20250809-v1.26.0.uf2
page CUT rp2 "$cut"
firmware "$cut" 300000
how "$cut" 'stall 100000'
"$MPFLASH" download -b CUT >"$T/killed" 2>&1 &
killed=$!
waited=0
while [ "$(wc -c 2>/dev/null <"$T/fw/rp2/CUT-v1.26.0.uf2.part")" != 100000 ] && [ $waited -lt 200 ]; do
	sleep 0.05
	waited=$((waited + 1))
done
kill -KILL $killed
wait $killed 2>/dev/null
# as long as before, and another one
python3 - "$T/site/resources/firmware/$cut" <<'END'
import sys
data = bytearray(open(sys.argv[1], "rb").read())
for at in range(32, len(data), 512):
    for i in range(256):
        data[at + i] ^= 0x55
open(sys.argv[1], "wb").write(data)
END
how "$cut" 'any-range' 'bare-range'
get -b CUT
is 'a part of a file that nobody says is the same: exit status' "$status" 0 || diag "$err"
ok 'a part of a file that nobody says is the same: from the first byte' same "$cut" rp2/CUT-v1.26.0.uf2

# --- two that want the same
how "$cut" 'slow 8000'
rm "$T/fw/rp2/CUT-v1.26.0.uf2"
: >"$site_log"
"$MPFLASH" download -b CUT >"$T/one" 2>&1 &
one=$!
get -b CUT
wait $one
is 'two processes: both succeed' "$?:$status" 0:0 || diag "$err $(cat "$T/one")"
is 'two processes: it is sent once' "$(asked "/firmware/$cut 20")" 1
ok 'two processes: it is whole' same "$cut" rp2/CUT-v1.26.0.uf2
how "$cut"

# --- a database that is in use
cat >"$T/hold.py" <<'END'
import sqlite3, sys, time
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("BEGIN IMMEDIATE")
print("held", flush=True)
time.sleep(float(sys.argv[2]))
db.execute("COMMIT")
END
# hold SECONDS: another program writes into the database
hold() {
	rm -f "$T/held"
	python3 "$T/hold.py" "$T/fw/mpflash.db" "$1" >"$T/held" &
	holder=$!
	while ! [ -s "$T/held" ]; do
		sleep 0.02
	done
}
rm "$T/fw/rp2/CUT-v1.26.0.uf2"
hold 1.5
get -b CUT
is 'another program writes into the database: it is waited for' "$status" 0 || diag "$err"
wait $holder
is 'its journal mode is as it was' "$(rows 'PRAGMA journal_mode')" delete
hold 60
get -b CUT --force
kill $holder
wait $holder 2>/dev/null
is 'it goes on and on: exit status' "$status" 1
like 'it goes on and on: why' "$err" '^error: .*database is locked'
like 'it goes on and on: what to do' "$err" '^hint: another program has it open'
get -b CUT
is 'and the next run has nothing to fetch' "$status:$(printf '%s\n' "$out" | tail -n 1)" \
	'0:Downloaded 0 firmware images. 1 was there already.'

# --- what is told while it runs
for i in 1 2 3; do
	firmware "MANY-V$i-20250809-v1.26.0.uf2" 20000
done
page MANY rp2 MANY-V1-20250809-v1.26.0.uf2 MANY-V2-20250809-v1.26.0.uf2 MANY-V3-20250809-v1.26.0.uf2
how MANY-V3-20250809-v1.26.0.uf2 'stall 8000'
: >"$T/events"
"$MPFLASH" download -b MANY --json >"$T/events" 2>"$T/events.err" &
events=$!
waited=0
while [ "$(grep -c '"event":"done"' "$T/events")" != 2 ] && [ $waited -lt 200 ]; do
	sleep 0.05
	waited=$((waited + 1))
done
is 'each file is told when it is there' "$(grep -c '"event":"done"' "$T/events")" 2
is 'and it is in the library then' "$(rows "SELECT count(*) FROM firmwares WHERE board_id GLOB 'MANY*'")" 2
kill -TERM $events # a shell starts it with SIGINT ignored
wait $events
is 'Ctrl-C: exit status' "$?" 130
is 'Ctrl-C: no file is told twice' "$(grep -c '"event":"done"' "$T/events")" 2

# --- without a network
how MANY-V3-20250809-v1.26.0.uf2
site_stop
rm -rf "$T/cache/pages"
get --offline -b MANY
is '--offline without the page: what the library has' "$status:$(printf '%s\n' "$out" | tail -n 1)" \
	'0:Downloaded 0 firmware images. 2 were there already.' || diag "$err"
get --offline -b MANY-V1 -v stable --json
like '--offline without the page: one variant' "$out" '"event":"skip","board_id":"MANY-V1","version":"v1.26.0"'
get --offline -b RPI_PICO -b MANY -v 1.26.0 -v preview
is '--offline: a version that is not there: exit status' "$status" 1
like '--offline: a version that is not there: what is missing' "$err" 'no firmware of a preview for MANY'
like '--offline: the rest is told' "$out" '^Downloaded 0 firmware images\. 3 were there already\.$'
get --offline -b PICO
is '--offline: a board by its old name' "$status" 0 || diag "$err"
rm "$T/fw/rp2/MANY-V1-v1.26.0.uf2"
get --offline -b MANY-V1
is '--offline: a file that is gone: exit status' "$status" 1
like '--offline: a file that is gone: why' "$err" 'was never fetched, and the library has no firmware of it'
done_testing
