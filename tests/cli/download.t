#!/bin/sh
# SPDX-License-Identifier: MIT
#
# mpflash download, against a web server on this machine with pages and files in micropython.org's grammar: what is fetched
# for which words, what is recorded, and what is done with servers that misbehave. Nothing bad is ever stored.
. "$(dirname "$0")/lib.sh"
# shellcheck source=../net/lib.sh
. "$TESTS_DIR/net/lib.sh"

need python3 openssl srec_cat
MPFLASH_FIRMWARE=$T/fw
export MPFLASH_FIRMWARE
mkdir "$T/fw"
site_start

pico=RPI_PICO-20250415-v1.25.0.uf2
pico26=RPI_PICO-20250809-v1.26.0.uf2
preview=RPI_PICO-20251001-v1.27.0-preview.97.gabcdef0123.uf2
older=RPI_PICO-20250901-v1.27.0-preview.8.g0123456789.uf2
page RPI_PICO rp2 "$preview" "$older" "$pico26" "$pico"
for f in "$preview" "$older" "$pico26" "$pico"; do
	firmware "$f" 20000
done
port_page rp2 RPI_PICO RPI_PICO2 RPI_PICO_W
port_page esp32 ESP32_GENERIC

# rows of the library
rows() {
	python3 - "$T/fw/mpflash.db" <<'END'
import sqlite3, sys
for row in sqlite3.connect(sys.argv[1]).execute(
        "SELECT board_id, version, firmware_file, port, build, custom FROM firmwares ORDER BY firmware_file"):
    print(*row)
END
}

# the same bytes as on the site
same() {
	cmp "$T/site/resources/firmware/$1" "$T/fw/$2"
}

# what lies in the firmware folder, but for the database
files() {
	(cd "$T/fw" && find . -type f ! -name 'mpflash.db*' | sort | tr '\n' ' ')
}

get() {
	run "$MPFLASH" download "$@"
}

# --- what is fetched ---
get -b RPI_PICO
is 'stable is what comes without a version' "$status" 0 || diag "$err"
like 'how many were found' "$err" '^Found 1 potentially relevant firmwares$'
like 'how many were fetched' "$out" '^Downloaded 1 firmware images\.$'
ok 'the newest release' same "$pico26" rp2/RPI_PICO-v1.26.0.uf2
is 'its row' "$(rows)" 'RPI_PICO v1.26.0 rp2/RPI_PICO-v1.26.0.uf2 rp2 0 0'
is 'nothing else is left' "$(files)" './rp2/RPI_PICO-v1.26.0.uf2 '
like 'the server is told who asks' "$(cat "$site_log")" 'User-Agent=mpflash/[0-9]'

get -b RPI_PICO
is 'a second time: what is there is not fetched' "$status $(asked "/firmware/$pico26")" '0 1' || diag "$err"
like 'and that is said' "$out" '^Downloaded 0 firmware images\. 1 was there already\.$'
is 'a page that did not change is not sent again' "$(asked '/download/RPI_PICO 304')" 1
get -b RPI_PICO --force
is '--force fetches it' "$status $(asked "/firmware/$pico26")" '0 2' || diag "$err"

get -b RPI_PICO -v preview -v 1.25.0
is 'several versions' "$status" 0 || diag "$err"
ok 'the newest preview, by number' same "$preview" rp2/RPI_PICO-v1.27.0-preview.97.uf2
ok 'a version by its number' same "$pico" rp2/RPI_PICO-v1.25.0.uf2
like 'the row of a preview' "$(rows)" '^RPI_PICO v1\.27\.0-preview rp2/RPI_PICO-v1\.27\.0-preview\.97\.uf2 rp2 97 0$'
get -b RPI_PICO -v preview --no-clean
ok '--no-clean keeps date and hash' same "$preview" "rp2/$preview"

rm -rf "$T/fw/rp2"
get -b RPI_PICO --json
is '--json: done and summary' "$(printf '%s\n' "$out" | sed -n 's/^{"event":"\([a-z]*\)".*/\1/p' | tr '\n' ' ')" 'done summary '
like '--json: the digest' "$out" "\"sha256\":\"$(sha256sum <"$T/site/resources/firmware/$pico26" | cut -d' ' -f1)\""
is 'rows of files that are gone are dropped' "$(rows)" 'RPI_PICO v1.26.0 rp2/RPI_PICO-v1.26.0.uf2 rp2 0 0'
get -b RPI_PICO -d "$T/other"
is '-d: another folder' "$status $(cd "$T/other" && echo rp2/*)" '0 rp2/RPI_PICO-v1.26.0.uf2' || diag "$err"

# --- boards ---
page RPI_PICO2 rp2 RPI_PICO2-20250809-v1.26.0.uf2 RPI_PICO2-RISCV-20250809-v1.26.0.uf2
firmware RPI_PICO2-20250809-v1.26.0.uf2 5000
firmware RPI_PICO2-RISCV-20250809-v1.26.0.uf2 6000
get -b RPI_PICO2
like 'all variants of a board' "$out" '^Downloaded 2 firmware images\.$'
rm -rf "$T/fw/rp2"
get -b RPI_PICO2-RISCV
is 'one variant alone' "$status $(files)" '0 ./rp2/RPI_PICO2-RISCV-v1.26.0.uf2 ' || diag "$err"
rm -rf "$T/fw/rp2"
get -b PICO
is 'a board by its old name' "$status $(files)" '0 ./rp2/RPI_PICO-v1.26.0.uf2 ' || diag "$err"
page PYBV11 stm32 PYBV11-20250809-v1.26.0.dfu PYBV11-20250809-v1.26.0.hex PYBV11-20250809-v1.26.0.bin
firmware PYBV11-20250809-v1.26.0.bin 5000
srec_cat "$T/site/resources/firmware/PYBV11-20250809-v1.26.0.bin" -binary -offset 0x08000000 -o "$T/x.hex" -intel
cp "$T/x.hex" "$T/site/resources/firmware/PYBV11-20250809-v1.26.0.hex"
"$MPFLASH" convert "$T/x.hex" "$T/x.dfu" >/dev/null 2>&1 || bail "no DFU file"
cp "$T/x.dfu" "$T/site/resources/firmware/PYBV11-20250809-v1.26.0.dfu"
rm -rf "$T/fw/rp2"
get PYBV11
is 'only formats that the port can use' "$status $(files)" \
	'0 ./stm32/PYBV11-v1.26.0.bin ./stm32/PYBV11-v1.26.0.dfu ' || diag "$err"

get -b RPI_PICP
is 'a board that there is not: exit status' "$status" 1
like 'a board that there is not: what is said' "$err" '^error: No relevant firmwares could be found on http.*/download: .* has no board RPI_PICP$'
like 'a board that there is not: the nearest' "$err" "^hint: did you mean 'RPI_PICO'"
get -b RPI_PICO -v 1.24.1
is 'a version that there is not: exit status' "$status" 1
like 'a version that there is not: the nearest' "$err" '^hint: there is v1\.27\.0-preview, v1\.26\.0, v1\.25\.0$'
get -b RPI_PICO -b NOBODY
is 'one of two boards: exit status' "$status" 1
like 'one of two boards: the other is fetched' "$out" '^Downloaded 1 firmware images\.$'
get -b RPI_PICO -v 1.x
is 'a version that is none' "$status" 2
get -b '?'
is 'a question in a pipe: exit status' "$status" 2
like 'a question in a pipe: the choices' "$err" '^hint: there is ESP32_GENERIC, RPI_PICO, RPI_PICO2, RPI_PICO_W$'
rm "$T"/site/download/port=*
get -b '?'
like 'a site without pages of ports' "$status $err" '^1 error: http.*/download has no pages of ports$'
get -b RPI_PICO -v '?'
like 'versions to choose from' "$err" '^hint: there is v1\.27\.0-preview, v1\.26\.0, v1\.25\.0$'
get -s /dev/no-such-port
is 'no board named, none attached' "$status" 1
like 'and that is said' "$err" '^error: No boards found$'

# --- servers that misbehave ---
bad=BAD_BOARD-20250809-v1.26.0.uf2
page BAD_BOARD rp2 "$bad"
firmware "$bad" 300000
rm -rf "$T/fw/rp2" "$T/fw/stm32"

# bad NAME ERE: the download fails and says so, and nothing is stored
bad() {
	get -b BAD_BOARD --timeout 2
	is "$1: exit status" "$status" 1
	like "$1: why" "$err" "$2"
	not_ok "$1: nothing is stored" test -e "$T/fw/rp2/BAD_BOARD-v1.26.0.uf2"
	unlike "$1: nothing is recorded" "$(rows)" BAD_BOARD
}

# good NAME: it comes in the end, whole
good() {
	get -b BAD_BOARD --timeout 2
	is "$1: exit status" "$status" 0 || diag "$err"
	ok "$1: all bytes" same "$bad" rp2/BAD_BOARD-v1.26.0.uf2
	is "$1: no parts are left" "$(find "$T/fw" -name '*.part*')" ''
	rm -f "$T/fw/rp2/BAD_BOARD-v1.26.0.uf2"
	: >"$site_log"
}

how "$bad" 'status 404'
bad '404' 'there is no such file on the server \(HTTP status 404\)'
is '404: no second attempt' "$(asked "$bad 404")" 1
how "$bad" 'status 403'
bad '403' 'HTTP status 403'
: >"$site_log"
how "$bad" 'status 500 2'
get -b BAD_BOARD
is '500 twice, then well' "$status $(asked "$bad 500") $(asked "$bad 200")" '0 2 1' || diag "$err"
rm -f "$T/fw/rp2/BAD_BOARD-v1.26.0.uf2"
how "$bad" 'status 429 1' 'retry-after 1'
begin=$(date +%s%N)
good '429 with Retry-After'
ok 'it is waited that long' test $((($(date +%s%N) - begin) / 1000000)) -ge 1000
how "$bad" 'status 503' 'retry-after 3600'
bad 'come back in an hour' 'the server wants to be asked again in 3600 s'

how "$bad" 'cut 100000 1'
get -b BAD_BOARD
is 'a cut connection: it goes on' "$status" 0 || diag "$err"
like 'a cut connection: where it ended' "$(cat "$site_log")" "$bad 206 Range=bytes=100000- If-Range=\""
like 'a cut connection: that is said' "$out" 'of which were there 100'
good 'a cut connection'
how "$bad" 'cut 50000'
good 'a connection that is cut again and again'
how "$bad" 'cut 100000 1' 'no-range'
good 'a server that knows no parts'
how "$bad" 'cut 100000 1' 'no-proof'
good 'a server that says nothing of the file'
how "$bad" 'cut 0'
bad 'a server that sends nothing' 'the connection was cut'
is 'a server that sends nothing: attempts' "$(asked "$bad 200")" 4
how "$bad" 'stall 100000 1'
good 'a server that falls silent'
how "$bad" 'slow 20000'
good 'a slow server'

how "$bad" 'type text/html'
bad 'HTML by its type' 'an HTML page came instead of a file'
how "$bad"
cp "$T/site/resources/firmware/$bad" "$T/bad.uf2"
printf '\n<!DOCTYPE html>\n<html>Sign in to the hotel network</html>\n' >"$T/site/resources/firmware/$bad"
bad 'HTML by its content' 'an HTML page came instead of a file'
head -c 4000 /dev/urandom >"$T/site/resources/firmware/$bad"
bad 'a file that is no UF2' 'what came is damaged or no firmware'
: >"$T/site/resources/firmware/$bad"
bad 'an empty file' 'the file is empty'
cp "$T/bad.uf2" "$T/site/resources/firmware/$bad"
how "$bad" 'say-length 51200'
bad 'a length that is too short' 'what came is damaged or no firmware'
how "$bad" 'say-length 400000'
: >"$site_log"
bad 'a length that is too long' 'the connection was cut after 300032 of 400000 bytes'
is 'a length that is too long: the same bytes again are no progress' "$(asked "$bad 200")" 4
rm -f "$T"/fw/rp2/*.part*
how "$bad" 'no-length'
bad 'no length' 'the server does not say how long the file is'
how "$bad" "redirect $site/resources/firmware/$bad"
bad 'redirects in circles' 'the server redirects in circles'
how "$bad" 'redirect file:///etc/passwd'
bad 'a redirect to a file of this machine' 'is not http:// or https://'
how "$bad" "redirect $site/resources/firmware/moved.uf2"
cp "$T/bad.uf2" "$T/site/resources/firmware/moved.uf2"
good 'a redirect'

how "$bad"
run env "http_proxy=$site" \
	MPFLASH_DOWNLOAD_URL=http://micropython.invalid "$MPFLASH" download -b BAD_BOARD
is 'through a proxy' "$status $(asked "GET http://micropython.invalid/.*$bad 200")" '0 1' || diag "$err"
rm -f "$T/fw/rp2/BAD_BOARD-v1.26.0.uf2"

# --- parts that are left from before ---
# What a killed process leaves: the server falls silent, and mpflash is ended.
interrupt() {
	"$MPFLASH" download -b BAD_BOARD >"$T/killed" 2>&1 &
	killed=$!
	waited=0
	while [ "$(wc -c 2>/dev/null <"$T/fw/rp2/BAD_BOARD-v1.26.0.uf2.part")" != 100000 ] && [ $waited -lt 200 ]; do
		sleep 0.05
		waited=$((waited + 1))
	done
	kill "-$1" $killed
	wait $killed 2>/dev/null
}
how "$bad" 'stall 100000 1'
interrupt KILL
interrupt_left=$(find "$T/fw" -name 'BAD*' ! -name '*.part*')
is 'killed: no file' "$interrupt_left" ''
: >"$site_log"
how "$bad"
get -b BAD_BOARD
is 'killed: the next run goes on' "$status $(asked "$bad 206 Range=bytes=100000-")" '0 1' || diag "$err"
ok 'killed: all bytes' same "$bad" rp2/BAD_BOARD-v1.26.0.uf2
for way in '' any-range; do
	rm -f "$T/fw/rp2/BAD_BOARD-v1.26.0.uf2"
	firmware "$bad" 300000
	# shellcheck disable=SC2086
	how "$bad" 'stall 100000' $way
	interrupt TERM
	is "Ctrl-C: exit status${way:+ ($way)}" "$?" 130
	firmware "$bad" 310000
	# shellcheck disable=SC2086
	how "$bad" $way
	good "a file that was changed between its parts${way:+, and a server that does not mind}"
done

# --- no room ---
how "$bad"
get_limited() {
	# In blocks of 512 bytes. The signal is ignored, so that the write fails as on a full disk.
	out=$(trap '' XFSZ; ulimit -f 400; "$MPFLASH" download -b BAD_BOARD 2>&1)
	status=$?
}
get_limited
is 'a disk that takes no more: exit status' "$status" 1
like 'a disk that takes no more: why' "$out" 'cannot write .*BAD_BOARD-v1\.26\.0\.uf2\.part: File too large'
not_ok 'a disk that takes no more: nothing is stored' test -e "$T/fw/rp2/BAD_BOARD-v1.26.0.uf2"
good 'then it goes on'
if unshare -m true 2>/dev/null; then
	mkdir "$T/small"
	# shellcheck disable=SC2016 # the inner shell's
	full=$(unshare -m sh -c 'mount -t tmpfs -o size=256k none "$1" && cd / && "$2" download -b BAD_BOARD -d "$1" 2>&1
		echo "status $?"; find "$1" -name "BAD*" ! -name "*.part*"' sh "$T/small" "$MPFLASH")
	like 'a full disk: known before it is written' "$full" 'no room for .*: [0-9]+ bytes are to come, [0-9]+ are free'
	like 'a full disk: exit status, and nothing stored' "$(printf '%s\n' "$full" | tail -n 1)" '^status 1$'
else
	skip 'a full disk' 'no mount namespaces here'
fi

# --- what is seen ---
firmware "$pico26" 60000
how "$pico26" 'slow 900'
run env SCREEN_SEEN="$T/seen" python3 "$TESTS_DIR/emu/screen.py" 110x24 "$MPFLASH" download -b RPI_PICO --force
like 'on a terminal: exit status' "$out" '^status 0$' || diag "$out"
like 'on a terminal: a bar, how much, its rate' "$(cat "$T/seen")" \
	'^download .*26.*uf2[^ ]*  \[#*\.+\] [0-9]+ %, [0-9.]+ kB of [0-9.]+ kB, [0-9.]+ kB/s$'
like 'on a terminal: the time left' "$(cat "$T/seen")" '^\[0/1\] 0:0[0-9] left$'
unlike 'on a terminal: nothing of it stays' "$out" '^(\[0|download )'
run env MPFLASH_PROGRESS=1 "$MPFLASH" download -b RPI_PICO --force
like 'in a log: a line now and then' "$err" '^download: 0 of 1 files, [0-9.]+ kB, 0:0[0-9] left$'
unlike 'in a log: no escape' "$err$out" "$(printf '\033')"
run env MPFLASH_PROGRESS=1 "$MPFLASH" download -b RPI_PICO --force --json
like '--json: an event now and then' "$out" '^\{"event":"progress","files":0,"of":1,"done":[1-9][0-9]*,"total":[1-9][0-9]*\}$'
how "$pico26"

# --- many at once ---
set -- -b MANY
many=
for i in $(seq 20); do
	many="$many MANY-V$i-20250809-v1.26.0.uf2"
	firmware "MANY-V$i-20250809-v1.26.0.uf2" 20000
	how "MANY-V$i-20250809-v1.26.0.uf2" 'slow 5000'
done
# shellcheck disable=SC2086
page MANY rp2 $many
rm -f "$site_log.most"
get "$@" -j 5
is 'twenty at once' "$status" 0 || diag "$err"
like 'twenty at once: all' "$out" '^Downloaded 20 firmware images\.$'
is 'no more connections than asked for' "$(cat "$site_log.most")" 5
wrong=0
for i in $(seq 20); do
	same "MANY-V$i-20250809-v1.26.0.uf2" "rp2/MANY-V$i-v1.26.0.uf2" >/dev/null || wrong=$((wrong + 1))
done
is 'twenty at once: each is itself' "$wrong" 0
rm -f "$T"/fw/rp2/MANY*
"$MPFLASH" download -b MANY >"$T/one" 2>&1 &
one=$!
"$MPFLASH" download -b MANY >"$T/two" 2>&1
two=$?
wait $one
is 'two processes want the same files' "$? $two $(find "$T/fw/rp2" -name 'MANY*' | wc -l)" '0 0 20' || cat "$T/one" "$T/two"

# --- without a network ---
site_stop
get -b RPI_PICO -v 1.26.0
is 'no server: exit status' "$status" 1
like 'no server: why' "$err" '^error: Could not connect to 127\.0\.0\.1:[0-9]+: '
get -b MANY --offline
is '--offline: what is here' "$status $(printf '%s\n' "$out" | tail -n 1)" '0 Downloaded 0 firmware images. 20 were there already.' ||
	diag "$err"
rm -f "$T/fw/rp2/MANY-V3-v1.26.0.uf2"
get -b MANY --offline
is '--offline: what is not here: exit status' "$status" 1
like '--offline: what is not here' "$err" '^error: rp2/MANY-V3-v1\.26\.0\.uf2 is not here$'
get -b NEVER --offline
like '--offline: a page that was never fetched' "$err" 'was never fetched'
MPFLASH_DOWNLOAD_URL=http://no-such-host.invalid get -b RPI_PICO
like 'a host that there is not' "$err" '^error: Could not connect to no-such-host\.invalid: '

# --- a server of others ---
nginx_start() {
	mkdir -p "$T/nginx"
	port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
	cat >"$T/nginx/conf" <<END
daemon off;
master_process off;
pid $T/nginx/pid;
error_log $T/nginx/error.log;
events { }
http {
	access_log $T/nginx/access.log;
	client_body_temp_path $T/nginx/body;
	proxy_temp_path $T/nginx/proxy;
	fastcgi_temp_path $T/nginx/fastcgi;
	uwsgi_temp_path $T/nginx/uwsgi;
	scgi_temp_path $T/nginx/scgi;
	server {
		listen 127.0.0.1:$port;
		root $T/site;
		location /download/ { default_type text/html; gzip on; gzip_min_length 1; }
		location /resources/ { default_type application/octet-stream; limit_rate 400k; limit_rate_after 1; }
	}
}
END
	nginx -p "$T/nginx" -e "$T/nginx/error.log" -c "$T/nginx/conf" 2>"$T/nginx/err" &
	nginx_pid=$!
	waited=0
	while ! [ -s "$T/nginx/pid" ] && [ $waited -lt 100 ]; do
		sleep 0.05
		waited=$((waited + 1))
	done
	MPFLASH_DOWNLOAD_URL=http://127.0.0.1:$port
}
if command -v nginx >/dev/null; then
	firmware "$bad" 900000
	nginx_start
	rm -f "$T"/fw/rp2/BAD*
	"$MPFLASH" download -b BAD_BOARD >"$T/killed" 2>&1 &
	killed=$!
	waited=0
	while ! [ -s "$T/fw/rp2/BAD_BOARD-v1.26.0.uf2.part" ] && [ $waited -lt 100 ]; do
		sleep 0.05
		waited=$((waited + 1))
	done
	kill -KILL $killed
	wait $killed 2>/dev/null
	get -b BAD_BOARD
	is 'nginx: a killed download goes on' "$status" 0 || diag "$err $(cat "$T/killed" "$T/nginx/err")"
	like 'nginx: from where it was' "$(cat "$T/nginx/access.log")" "$bad HTTP/1\\.1\" 206"
	ok 'nginx: all bytes' same "$bad" rp2/BAD_BOARD-v1.26.0.uf2
	like 'nginx: a page that did not change' "$(cat "$T/nginx/access.log")" '/download/BAD_BOARD HTTP/1\.1" 304'
	kill $nginx_pid
	wait $nginx_pid 2>/dev/null
else
	skip 'nginx: a killed download goes on' 'nginx is not here; ./configure --deps test installs it'
fi

# --- TLS ---
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$T/key.pem" -out "$T/cert.pem" -days 2 -subj /CN=localhost \
	-addext subjectAltName=IP:127.0.0.1 2>/dev/null || bail 'no certificate'
cat "$T/key.pem" "$T/cert.pem" >"$T/both.pem"
site_start "$T/both.pem"
get -b RPI_PICO --force
is 'a certificate that nobody signed: exit status' "$status" 1
like 'a certificate that nobody signed: why' "$err" 'signed by nobody that this machine trusts'
like 'a certificate that nobody signed: what to do' "$err" '^hint: .*SSL_CERT_FILE'
SSL_CERT_FILE=$T/cert.pem
export SSL_CERT_FILE
get -b RPI_PICO --force
is 'a certificate that is named' "$status" 0 || diag "$err"
how "$pico26" "redirect http://127.0.0.1:9/x.uf2"
get -b RPI_PICO --force
like 'nothing leads from https to http' "$err" 'is not http:// or https://'
site_stop
done_testing
