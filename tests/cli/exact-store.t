#!/bin/sh
# SPDX-License-Identifier: MIT
#
# A store that is damaged, full or of another version never leads to a wrong image: it heals, or one error and one hint
# say what to do, and doing it helps.
# shellcheck disable=SC2016,SC2086 # makefiles and words
. "$(dirname "$0")/lib.sh"
# shellcheck source=exact.sh
. "$TESTS_DIR/cli/exact.sh"

need git arm-none-eabi-gcc make python3
sources tree
files=build-mpflash/RED

builds 'the first time' RED
# The map names the work folder, which is in the store's folder.
images="$files/firmware.bin $files/firmware.elf $files/firmware.hex"
cksum $images >"$T/good"

# heals NAME: the next run gives the right files and status 0; or one error, and a hint that names a file to delete or says
# that the next run puts it right, and so it is. The run after that has nothing to do.
heals() {
	heals_name=$1
	run "$MPFLASH" make RED
	if [ "$status" != 0 ]; then
		is "$heals_name: one error and one hint, exit status 1" \
			"$(printf '%s\n' "$err" | grep -c '^error: ') $(printf '%s\n' "$err" | grep -c '^hint: ') $status" '1 1 1'
		like "$heals_name: the hint says what to do" "$err" \
			"^hint: (delete .*$MPFLASH_CACHE/|run the same command again: the damaged index is put aside)"
		# Only this file, as the hint says.
		named=$(printf '%s\n' "$err" | sed -n "s|^hint: delete [^/]*\(/[^ ,;]*\).*|\1|p")
		[ -z "$named" ] || rm -f "$named"
		run "$MPFLASH" make RED
	fi
	is "$heals_name: it ends well" "$status" 0 || diag "$err"
	is "$heals_name: the files are right" "$(cksum $images)" "$(cat "$T/good")"
	image_is_right "$heals_name"
	rests "$heals_name: and then" RED
}

# --- blobs ---
for damage in 'one byte changed' 'cut' 'emptied' 'deleted' 'not readable'; do
	find "$MPFLASH_CACHE/blobs" -type f >"$T/blobs"
	while read -r blob; do
		chmod u+w "$blob"
		case $damage in
		'one byte changed') printf 'X' | dd of="$blob" bs=1 seek=9 conv=notrunc 2>/dev/null ;;
		cut) truncate -s 10 "$blob" ;;
		emptied) : >"$blob" ;;
		deleted) rm -f "$blob" ;;
		'not readable') chmod 0 "$blob" ;;
		esac
	done <"$T/blobs"
	rm -r build-mpflash
	heals "every blob: $damage"
	find "$MPFLASH_CACHE/blobs" -type f -exec chmod u+r {} +
	sed -i 's/16/17/' py/mini.h
	run "$MPFLASH" make RED
	image_is_right "every blob: $damage, then an edit"
	git checkout -q py
	heals "every blob: $damage, the edit undone"
done

# --- the index ---
size=$(wc -c <"$MPFLASH_CACHE/index.db")
cp "$MPFLASH_CACHE/index.db" "$T/index.db"
for length in 0 1 50 100 512 1024 4096 4097 8192 $((size / 2)) $((size - 4096)) $((size - 1)); do
	cp "$T/index.db" "$MPFLASH_CACHE/index.db"
	truncate -s "$length" "$MPFLASH_CACHE/index.db"
	heals "index.db cut to $length bytes"
	rm -f "$MPFLASH_CACHE/index.db" "$MPFLASH_CACHE"/index.db-*
	cp "$T/index.db" "$MPFLASH_CACHE/index.db"
done
for page in 0 1 2 3 $((size / 8192)); do
	python3 -c 'import sys
with open(sys.argv[1], "r+b") as f:
    f.seek(int(sys.argv[2]) * 4096 + 20)
    f.write(b"\xa5" * 3000)' "$MPFLASH_CACHE/index.db" "$page"
	heals "page $page of index.db overwritten"
	rm -f "$MPFLASH_CACHE/index.db" "$MPFLASH_CACHE"/index.db-*
	cp "$T/index.db" "$MPFLASH_CACHE/index.db"
done
rm "$MPFLASH_CACHE/index.db"
heals 'index.db deleted'

# A write-ahead log that another index left behind.
cp "$MPFLASH_CACHE/index.db" "$T/index.db"
python3 -c 'import os, sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("PRAGMA journal_mode=WAL")
db.execute("CREATE TABLE other (x)")
db.execute("INSERT INTO other VALUES (randomblob(50000))")
os._exit(0)' "$T/other.db"
cp "$T/other.db-wal" "$MPFLASH_CACHE/index.db-wal"
heals 'the log of another index'
rm -f "$MPFLASH_CACHE"/index.db*
cp "$T/index.db" "$MPFLASH_CACHE"

# --- a newer version ---
python3 -c 'import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("PRAGMA user_version = 9999")
db.commit()
db.execute("PRAGMA wal_checkpoint(TRUNCATE)")' "$MPFLASH_CACHE/index.db"
sum=$(cksum "$MPFLASH_CACHE/index.db")
echo garbage >$files/firmware.bin
cksum $files/* >"$T/before"
run "$MPFLASH" make RED
is 'a store of a newer version: exit status, stdout' "$status$out" 1
like 'a store of a newer version: the error says so' "$err" '^error: .*newer'
is 'a store of a newer version: one error, one hint' \
	"$(printf '%s\n' "$err" | grep -c '^error: ') $(printf '%s\n' "$err" | grep -c '^hint: ')" '1 1'
is 'a store of a newer version: it is not touched' "$(cksum "$MPFLASH_CACHE/index.db")" "$sum"
is 'a store of a newer version: nor are files' "$(cksum $files/*)" "$(cat "$T/before")"
run env MPFLASH_CACHE="$T/other" "$MPFLASH" make RED
is 'another store: well' "$status" 0
image_is_right 'another store'
rm -rf "$T/other" "$MPFLASH_CACHE"/index.db*

# --- the cache folder's parts deleted one by one ---
heals 'a new index, the old blobs'
for part in blobs log work lock index.db; do
	[ -e "$MPFLASH_CACHE/$part" ] || continue
	rm -r "${MPFLASH_CACHE:?}/$part"
	heals "$part deleted from the cache"
done
rm -r "$MPFLASH_CACHE"
heals 'the whole cache deleted'

# --- a full disk ---
# full BYTES: a run with a store on a file system of that size, then one with room: never a wrong image.
cat >"$T/full" <<'EOS'
mount -t tmpfs -o size="$1" none "$2" || exit 77
MPFLASH_CACHE=$2/cache
export MPFLASH_CACHE
"$MPFLASH" make RED >"$T_OUT" 2>"$T_OUT.err"
echo $? >"$T_OUT.status"
cksum $T_IMAGES >"$T_OUT.files" 2>/dev/null
mount -o remount,size=64m "$2" || exit 77
"$MPFLASH" make RED >"$T_OUT" 2>"$T_OUT.err2"
echo $? >>"$T_OUT.status"
EOS
T_OUT=$T/out
T_IMAGES=$images
export T_OUT T_IMAGES
mkdir "$T/mount"
if ! unshare -rm sh -c 'mount -t tmpfs none "$1"' sh "$T/mount" 2>"$T/why"; then
	skip 'a store on a full disk' "no mounts for tests here: $(head -n 1 "$T/why")"
else
	refused=0
	for size in 4k 32k 64k 80k 96k 112k 128k 144k 160k 176k 192k 208k 224k 240k 256k 288k 320k 384k 448k 512k 768k 1m; do
		rm -rf build-mpflash
		unshare -rm sh "$T/full" $size "$T/mount"
		{ read -r first && read -r second; } <"$T_OUT.status"
		[ "$first" = 0 ] || refused=$((refused + 1))
		case $first in
		0) is "a disk of $size: room enough, the files are right" "$(cat "$T_OUT.files")" "$(cat "$T/good")" ;;
		*)
			is "a disk of $size: one error, one hint, exit status 1" \
				"$(grep -c '^error: ' "$T_OUT.err") $(grep -c '^hint: ' "$T_OUT.err") $first" '1 1 1'
			;;
		esac
		is "a disk of $size, then with room: well" "$second" 0 || diag "$(cat "$T_OUT.err2")"
		is "a disk of $size, then with room: the files are right" "$(cksum $images)" "$(cat "$T/good")"
	done
	ok 'some of these disks were too small' test $refused -ge 5
	ok 'the largest was not' test "$first" = 0
fi

done_testing
