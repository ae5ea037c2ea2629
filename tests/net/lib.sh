# shellcheck shell=sh
# SPDX-License-Identifier: MIT
#
# A download site for command-line tests (tests/net/server.py), for tests that have read tests/cli/lib.sh.
#
#	site_start [CERTIFICATE.pem]   serves $T/site; sets $site (its address) and $site_log; MPFLASH_DOWNLOAD_URL is that address
#	site_stop                      ends it; called at exit too
#	page BOARD PORT FILE...        the page of a board that links to these files, in that order
#	port_page PORT BOARD...        the page of a port
#	firmware FILE BYTES            a file of the site, random but for its beginning; a .uf2 is a whole one of so many bytes or
#	                               more
#	how FILE WORDS...              how it is served: one argument a line of FILE.how; none: as it should be
#	asked PATTERN                  how many requests in the log match

site_pid=''

site_start() {
	rm -f "$T/site.in" "$T/site.port"
	mkdir -p "$T/site/download" "$T/site/resources/firmware"
	mkfifo "$T/site.in" || bail 'no pipe'
	site_log=$T/site.log
	: >"$site_log"
	python3 "$TESTS_DIR/net/server.py" "$T/site" "$site_log" "$@" <"$T/site.in" >"$T/site.port" 2>"$T/site.err" &
	site_pid=$!
	# The server ends when nobody holds this any more: also when the test is killed.
	exec 9>"$T/site.in"
	site_waited=0
	while [ ! -s "$T/site.port" ]; do
		site_waited=$((site_waited + 1))
		[ "$site_waited" -lt 400 ] || bail "no server: $(cat "$T/site.err")"
		sleep 0.05
	done
	site_scheme=http
	[ $# = 0 ] || site_scheme=https
	site=$site_scheme://127.0.0.1:$(cat "$T/site.port")
	MPFLASH_DOWNLOAD_URL=$site
	export MPFLASH_DOWNLOAD_URL
	unset http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY no_proxy NO_PROXY
	[ -n "${site_cleared-}" ] || unset CURL_CA_BUNDLE SSL_CERT_FILE SSL_CERT_DIR
	site_cleared=1
}

site_stop() {
	exec 9>&-
	wait "$site_pid" 2>/dev/null
	site_pid=''
}

# Links in the words of micropython.org's pages, among others.
page() {
	page_board=$1 page_port=$2
	shift 2
	{
		printf '<!DOCTYPE html>\n<html><head><meta charset="utf-8"><title>%s - MicroPython</title></head><body>\n' "$page_board"
		printf '<nav><a href="/">MicroPython</a> <a href="/download/">Download</a></nav>\n<h2>%s</h2>\n' "$page_board"
		printf '<p>Source on GitHub: <a href="https://github.com/micropython/micropython/tree/master/ports/%s/boards/%s">%s/%s</a>\n' \
			"$page_port" "$page_board" "$page_port" "$page_board"
		printf '<h3>Releases</h3>\n'
		for page_file; do
			printf '<strong><a href="/resources/firmware/%s">%s</a></strong> <a href="https://github.com/x">[Release notes]</a><br>\n' \
				"$page_file" "$page_file"
		done
		printf '</body></html>\n'
	} >"$T/site/download/$page_board"
}

port_page() {
	port_page_port=$1
	shift
	{
		printf '<html><body><div class="boards">\n'
		for port_page_board; do
			printf '<a class="board-card" href="%s"><div class="board-product">%s</div></a>\n' "$port_page_board" \
				"$port_page_board"
		done
		printf '</div></body></html>\n'
	} >"$T/site/download/port=$port_page_port"
}

firmware() {
	python3 - "$T/site/resources/firmware/$1" "$2" <<'END' || bail "no $1"
import random, struct, sys
path, size = sys.argv[1], int(sys.argv[2])
r = random.Random(path.rsplit("/", 1)[1] + str(size))
if path.endswith(".uf2"):
    n = (size + 511) // 512
    data = b"".join(
        struct.pack("<8I", 0x0A324655, 0x9E5D5157, 0x2000, 0x10000000 + 256 * i, 256, i, n, 0xE48BFF56)
        + r.randbytes(256) + bytes(220) + struct.pack("<I", 0x0AB16F30) for i in range(n))
else:
    data = b"\x00\x00\x02\x20" + r.randbytes(size - 4)
open(path, "wb").write(data)
END
}

how() {
	how_file=$T/site/$1.how
	case $1 in
	download/*) ;;
	*) how_file=$T/site/resources/firmware/$1.how ;;
	esac
	shift
	rm -f "$how_file"
	for how_line; do
		printf '%s\n' "$how_line" >>"$how_file"
	done
}

asked() {
	grep -Ec -e "$1" "$site_log"
}
