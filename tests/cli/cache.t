#!/bin/sh
# SPDX-License-Identifier: MIT
#
# mpflash cache: what the store holds, its limits, its health, and taking boards to another store.
. "$(dirname "$0")/lib.sh"

need git arm-none-eabi-gcc make tar zstd
small_tree "$T/tree"
cp -R "$T/tree" "$T/elsewhere"
cd "$T/tree" || exit

# number NAME: from the last `cache ... --json`
number() {
	printf '%s\n' "$out" | sed -n "s/.*\"$1\":\([0-9]*\).*/\1/p"
}

# How many indexes were put aside.
put_aside() {
	find "$MPFLASH_CACHE" -name 'index.db.bad-*' ! -name '*-wal' ! -name '*-shm' | wc -l
}

# --- nothing yet
run "$MPFLASH" cache stats
is 'stats of no store' "$status" 0
like 'stats of no store: no blobs' "$out" '^blobs +0, 0 bytes \(limit 5\.0 GB\)$'
is 'stats makes no store' "$(ls "$MPFLASH_CACHE")" ''
run "$MPFLASH" cache export
is 'nothing to export' "$status" 1
like 'nothing to export: why' "$err" '^error: there is nothing to export'

# --- words
for word in '' frobnicate 'stats x' 'gc x' 'verify x' 'import' 'import a b' 'gc --max-size lots'; do
	# shellcheck disable=SC2086 # words
	run "$MPFLASH" cache $word
	is "cache $word: a usage error" "$status" 2
	like "cache $word: with a hint" "$err" '^hint: '
done
run "$MPFLASH" cache statz
like 'a near name' "$err" "^hint: did you mean 'mpflash cache stats'\?"
for word in '' stats gc verify export import; do
	# shellcheck disable=SC2086 # words
	run "$MPFLASH" cache $word --help
	is "cache $word --help" "$status" 0
	like "cache $word --help: usage" "$out" "^usage: mpflash cache $word"
done

# --- stats
run "$MPFLASH" make RED BLUE
is 'built' "$status" 0
run "$MPFLASH" cache stats --json
is 'stats: actions' "$(number actions)" 4
is 'stats: outputs' "$(number outputs)" 8
is 'stats: last runs' "$(number last_runs)" 4
isnt 'stats: blobs' "$(number blob_bytes)" 0
isnt 'stats: newest use' "$(number newest_use_ns)" 0

# --- verify
run "$MPFLASH" cache verify
is 'a sound store' "$status" 0
like 'a sound store: said so' "$out" '4 actions, .* all is well$'
elf=$(cd "$MPFLASH_CACHE" && find blobs -type f -size +4 -exec grep -l '^.ELF' {} + | sort | head -n 1)
chmod 644 "$MPFLASH_CACHE/$elf"
printf x | dd of="$MPFLASH_CACHE/$elf" bs=1 seek=64 conv=notrunc 2>/dev/null
before=$(cksum "$MPFLASH_CACHE/$elf")
run "$MPFLASH" cache verify -n
is 'a damaged blob, -n: exit status' "$status" 1
like 'a damaged blob, -n: named' "$out" "/$elf: its bytes are not those"
is 'a damaged blob, -n: left alone' "$(cksum "$MPFLASH_CACHE/$elf")" "$before"
run "$MPFLASH" cache verify
is 'a damaged blob: exit status' "$status" 1
like 'a damaged blob: what depends on it' "$out" '^mini/(RED|BLUE) firmware\.elf: its firmware\.elf is not in the store$'
not_ok 'a damaged blob: removed' test -e "$MPFLASH_CACHE/$elf"
run "$MPFLASH" cache verify --json
is 'then all is well' "$status$(printf '%s\n' "$out" | grep -o '"faults":\[\]')" '0"faults":[]'
run "$MPFLASH" make RED BLUE
like 'what was lost is built again' "$err" ' \((1 step run, 3|2 steps run, 2) up to date\)$'
run "$MPFLASH" make RED BLUE
like 'and then there is nothing to do' "$err" '^nothing to do: 4 steps up to date'

# --- a damaged index in every way
for how in cut garbage foreign middle; do
	cp "$MPFLASH_CACHE/index.db" "$T/good.db"
	case $how in
	cut) head -c 9000 "$T/good.db" >"$MPFLASH_CACHE/index.db" ;;
	garbage) head -c 9000 /dev/urandom >"$MPFLASH_CACHE/index.db" ;;
	foreign) printf 'a text, not a database, and long enough to tell' >"$MPFLASH_CACHE/index.db" ;;
	middle) dd if=/dev/zero of="$MPFLASH_CACHE/index.db" bs=4096 seek=1 count=5 conv=notrunc 2>/dev/null ;;
	esac
	run "$MPFLASH" make -n RED
	is "index, $how: -n changes nothing" "$(put_aside)" 0
	if [ $how = middle ]; then
		# Found on the way, not at the door: this run fails, the next is right.
		run "$MPFLASH" cache verify
		is "index, $how: verify" "$status" 1
	fi
	run "$MPFLASH" make RED
	is "index, $how: the build goes on" "$status" 0
	is "index, $how: it was put aside" "$(put_aside)" 1
	rm "$MPFLASH_CACHE"/index.db.bad-*
	run "$MPFLASH" cache verify
	is "index, $how: then all is well" "$status" 0
done

# --- export and import
"$MPFLASH" make RED BLUE 2>/dev/null >/dev/null
run "$MPFLASH" cache export -o "$T/red.tar.zst" RED
is 'export' "$status" 0
like 'export: told' "$out" "^$T/red\.tar\.zst: 2 actions, 4 files, "
run "$MPFLASH" cache export -o "$T/again.tar.zst" mini/RED
ok 'the same content, the same bytes' cmp "$T/red.tar.zst" "$T/again.tar.zst"
run "$MPFLASH" cache export -o "$T/all.tar.zst" --json
is 'export of all' "$(number actions)" 4
is 'only files, no dates, no owners' "$(tar --zstd --numeric-owner -tvf "$T/all.tar.zst" | sed 's/ .* / /' | cut -d' ' -f1 | sort -u)" '-r--r--r--'
run "$MPFLASH" cache export -o "$T/x.tar.zst" RED-DARK
is 'a board that was not built' "$status" 1
like 'a board that was not built: why' "$err" '^error: mini/RED-DARK was not built in this tree$'
run "$MPFLASH" cache export -o "$T/x.tar.zst" clean-RED
is 'no board' "$status" 2
run "$MPFLASH" cache export -o "$T/nowhere/x.tar.zst" RED
is 'no such folder' "$status" 1
not_ok 'then there is no file' test -e "$T/x.tar.zst"

MPFLASH_CACHE=$T/cache2
run "$MPFLASH" cache import "$T/all.tar.zst"
is 'import' "$status" 0
like 'import: told' "$out" '4 actions and 8 files are new here$'
run "$MPFLASH" cache import "$T/all.tar.zst" --json
is 'again: a no-op' "$status $(number new_actions) $(number new_blobs)" '0 0 0'
run "$MPFLASH" cache verify
is 'it is sound' "$status" 0
cd "$T/elsewhere" || exit
run "$MPFLASH" make RED BLUE
is 'another store, another checkout' "$status" 0
unlike 'nothing is compiled' "$err" '^compile .*\.\.\.$'
like 'the files come from the store' "$err" '^compile +mini/RED: .*from the store$'
ok 'they are the same' cmp build-mpflash/RED/firmware.bin "$T/tree/build-mpflash/RED/firmware.bin"
run "$MPFLASH" make RED BLUE
like 'then there is nothing to do' "$err" '^nothing to do: 4 steps up to date'
run "$MPFLASH" cache export -o "$T/back.tar.zst" RED
ok 'exported from there: the same bytes' cmp "$T/red.tar.zst" "$T/back.tar.zst"

# --- archives that are not ours: refused as a whole
MPFLASH_CACHE=$T/cache3
mkdir "$T/parts" "$T/bad"
tar --zstd -C "$T/parts" -xf "$T/red.tar.zst"
chmod -R u+w "$T/parts"
blob=$(cd "$T/parts" && find blobs -type f | sort | head -n 1)
# pack NAME MEMBER...: an archive of these, in this order
pack() {
	pack_name=$1
	shift
	tar --zstd -P -C "$T/parts" -cf "$T/bad/$pack_name" "$@"
}
# refused NAME ERE
refused() {
	run "$MPFLASH" cache import "$T/bad/$1"
	is "$1: refused" "$status" 1
	like "$1: why" "$err" "^error: .*$2"
	is "$1: nothing is kept" "$(find "$T/cache3" -type f ! -name 'index.*') $(find "$T/cache3" -name 'import*')" ' '
}
rest=$(cd "$T/parts" && find blobs -type f | sort | tail -n +2)
# shellcheck disable=SC2086 # names without spaces
{
	pack no-index $blob $rest index
	refused no-index "'$blob': the first entry has to be the index"
	pack missing index $rest
	refused missing "'$blob': it is missing"
	pack twice index $blob $blob $rest
	refused twice "'$blob': it is (there twice|no regular file)"
	echo secret >"$T/secret"
	pack climbs index $blob ../secret $rest
	refused climbs "'\.\./secret': the index does not name it"
	pack absolute index "$T/secret" $blob $rest
	refused absolute "'$T/secret': the index does not name it"
	ln -s "$T/secret" "$T/parts/link"
	pack link index link $blob $rest
	refused link "'link': it is no regular file"
	mkfifo "$T/parts/pipe"
	pack pipe index pipe $blob $rest
	refused pipe "'pipe': it is no regular file"
	pack folder index blobs
	refused folder "'blobs/': it is no regular file"
	cp "$T/parts/$blob" "$T/kept"
	printf x >>"$T/parts/$blob"
	pack longer index $blob $rest
	refused longer "'$blob': its size is not what the index says"
	tr '\000-\377' '\001-\377\000' <"$T/kept" >"$T/parts/$blob"
	pack other index $blob $rest
	refused other "'$blob': its bytes are not those"
	cp "$T/kept" "$T/parts/$blob"
	cp "$T/parts/index" "$T/kept"
	sed 's/firmware\.bin$/..\/..\/firmware.bin/' "$T/kept" >"$T/parts/index"
	pack climbing-output index $blob $rest
	refused climbing-output "index, line [0-9]+: a name that is no plain file name"
	sed 's/^end$//' "$T/kept" >"$T/parts/index"
	pack no-end index $blob $rest
	refused no-end 'index, line [0-9]+: '
	cp "$T/kept" "$T/parts/index"
}
size=$(wc -c <"$T/red.tar.zst")
for part in 0 1 10 50 90; do
	head -c $((size * part / 100)) "$T/red.tar.zst" >"$T/bad/cut-$part"
	refused cut-$part .
done
head -c 5000 /dev/urandom >"$T/bad/noise"
refused noise .
run "$MPFLASH" cache import "$T/nowhere"
is 'no such file' "$status" 1
run "$MPFLASH" cache import "$T/red.tar.zst"
is 'the good one still goes in' "$status" 0

# --- gc
MPFLASH_CACHE=$T/cache
cd "$T/tree" || exit
run "$MPFLASH" cache gc
is 'gc within the limit' "$status" 0
run "$MPFLASH" cache stats --json
is 'keeps all actions' "$(number actions)" 4
run "$MPFLASH" cache gc -n --max-size 1 --json
is 'gc -n tells' "$(number actions)" 4
run "$MPFLASH" cache stats --json
is 'and leaves all' "$(number actions)" 4
run "$MPFLASH" cache gc --max-size 1
is 'gc --max-size' "$status" 0
run "$MPFLASH" cache stats --json
is 'everything went' "$(number actions) $(number blobs) $(number blob_bytes) $(number last_runs)" '0 0 0 0'
run "$MPFLASH" make RED
like 'then it is built again' "$err" ' \(2 steps run'

# By itself: what was made long ago goes, what was just made stays.
run env MPFLASH_CACHE_SIZE=1k "$MPFLASH" make BLUE
is 'a limit that is too small for one board' "$status" 0
run env MPFLASH_CACHE_SIZE=1k "$MPFLASH" make RED BLUE
like 'a limit that is too small for one board: built once' "$err" '^nothing to do: 4 steps up to date'
run env MPFLASH_CACHE_SIZE=many "$MPFLASH" make -B RED
is 'a limit that is none does not stop a build' "$status" 0
like 'but is told' "$err" "^note: .*MPFLASH_CACHE_SIZE wants a size, not 'many'"
run "$MPFLASH" make --keep-work -B RED BLUE
run "$MPFLASH" cache stats --json
isnt 'kept work folders are counted' "$(number work_bytes)" 0
run env MPFLASH_WORK_SIZE=1 "$MPFLASH" make --keep-work -B RED
like 'work folders over their limit go by themselves' "$err" '^note: the store was over its limit: '
run "$MPFLASH" cache stats --json
is 'and are gone' "$(number work_folders)" 0
run "$MPFLASH" make RED BLUE
like 'firmware stays' "$err" '^nothing to do: 4 steps up to date'

# A board that is being built is not disturbed.
work=$(find "$MPFLASH_CACHE/work" -name 'mini-RED.lock' | head -n 1)
[ -n "$work" ] || work=$(find "$MPFLASH_CACHE/work" -mindepth 1 -maxdepth 1 -type d | head -n 1)/mini-RED.lock
mkdir -p "${work%.lock}"
echo object >"${work%.lock}/main.o"
(
	flock 9
	"$MPFLASH" cache gc --max-size 1 --json >"$T/gc.json"
	env MPFLASH_WORK_SIZE=1 "$MPFLASH" cache gc --json >>"$T/gc.json"
) 9>"$work"
like 'a locked work folder: its actions stay' "$(head -n 1 "$T/gc.json")" '"actions":0,'
like 'a locked work folder: named' "$(tail -n 1 "$T/gc.json")" "${work%.lock}: .* works in it"
ok 'a locked work folder: is spared' test -f "${work%.lock}/main.o"

# --- a cache whose path make cannot take: the work is done below /tmp, by its owner alone
MPFLASH_CACHE="$T/my cache"
run "$MPFLASH" make --keep-work RED
is 'a cache with a space' "$status" 0
away=$(grep -oh '/tmp/mpflash-work-[0-9a-f]*' "$MPFLASH_CACHE"/log/*/mini-RED/compile.log | head -n 1)
is 'its work folder is private' "$(stat -c '%a %F' "$away")" '700 directory'
run "$MPFLASH" cache stats --json
is 'and counted' "$(number work_folders)" 1
run env MPFLASH_WORK_SIZE=1 "$MPFLASH" cache gc --json
is 'and collected' "$(number work_folders) $(find "$away" -name '*.elf')" '1 '
rm -rf "$away"
ln -s "$T/secret" "$away"
run "$MPFLASH" make -B RED
is 'something of that name' "$status" 1
like 'something of that name is refused' "$err" "^error: the work folder $away was made by somebody else"
rm -f "$away"

done_testing
