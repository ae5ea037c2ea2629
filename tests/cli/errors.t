#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Bad input and bad surroundings: one `error:` and one `hint:` on standard error, exit status 1 (2: wrong use), nothing on
# standard output, and nothing half written anywhere.
. "$(dirname "$0")/lib.sh"

need git arm-none-eabi-gcc make
small_tree "$T/tree"
cd "$T/tree" || exit

# Files that only exist while something is being written.
half_written() {
	find "$T" \( -path "$T/tree/.git" -o -path '*/cache*/work' -o -path '*/cache*/log' \) -prune -o -type f \
		! -name .gitignore ! -path "$T/tree/*.md" ! -name .err \
		\( -name '.*' -o -name '*.tmp*' -o -path '*/blobs/*' -size 0 -o -path '*/build-mpflash/*' -size 0 \) -print
}

# refused NAME STATUS ERROR HINT CMD...: CMD fails with these (EREs after "error: " and "hint: ").
refused() {
	refused_name=$1
	refused_status=$2
	refused_error=$3
	refused_hint=$4
	shift 4
	run "$@"
	is "$refused_name: exit status and stdout" "$status$out" "$refused_status"
	like "$refused_name: error" "$err" "^error: $refused_error"
	like "$refused_name: hint" "$err" "^hint: $refused_hint"
	is "$refused_name: one of each, and nothing half written" \
		"$(printf '%s\n' "$err" | grep -c '^error: ') $(printf '%s\n' "$err" | grep -c '^hint: ') $(half_written)" '1 1 '
}

# from DIR WORD...: mpflash in that folder
from() (
	cd "$1" || exit
	shift
	exec "$MPFLASH" "$@"
)

# --- targets ---
refused 'an unknown board' 1 "no board 'REDD' in this tree\$" "did you mean 'RED'\?\$" "$MPFLASH" make REDD
refused 'a board in small letters' 1 "no board 'blue' in this tree\$" "did you mean 'BLUE'\?\$" "$MPFLASH" make flash-blue
refused 'nothing near' 1 "no board 'ESP32_GENERIC' in this tree\$" '.mpflash boards. lists the boards$' \
	"$MPFLASH" make ESP32_GENERIC
refused 'an unknown variant' 1 "board 'RED' has no variant 'DARKER'; it has DARK\$" "did you mean 'RED-DARK'\?\$" \
	"$MPFLASH" make RED-DARKER
refused 'an unknown port' 1 "no port 'mimi' in this tree\$" "did you mean 'mini'\?\$" "$MPFLASH" make mimi/RED
refused 'a port for a board' 1 "no board 'mini' in this tree\$" "'mini' is a port: 'mini/all' stands for all" \
	"$MPFLASH" make mini
refused 'a board that the port does not have' 1 "port 'mini' has no board 'X'\$" '.mpflash boards' "$MPFLASH" make mini/X
for port in zephyr minimal bare-arm embed pic16bit; do
	refused "the uncovered port $port" 1 "the port '$port' is not covered: it .*" 'docs/ADD-A-PORT.md' \
		"$MPFLASH" make "$port/X"
done
refused 'a version that nobody knows' 1 "there is no version 'v1\.22'" '.' \
	"$MPFLASH" make RED@v1.22
refused 'a device that is read into no file' 2 'mini/RED read: it wants a file to write$' '-o backup\.bin' \
	"$MPFLASH" make read-RED
refused 'one bad target among good ones' 1 "no board 'REDD'" 'did you mean' "$MPFLASH" make BLUE REDD
not_ok 'then nothing was begun' test -e build-mpflash

# --- words ---
refused 'no target' 2 'make wants a target$' 'for example' "$MPFLASH" make
refused 'an unknown option' 2 'there is no option --exlain$' 'did you mean --explain\?$' "$MPFLASH" make --exlain RED
refused 'an option without its word' 2 '-o wants a value: -o DIR$' '.mpflash make --help' "$MPFLASH" make RED -o
refused 'no job at all' 2 "--jobs wants 1 or more, not '0'" '.mpflash make --help' "$MPFLASH" make -j0 RED
refused 'less than no job' 2 "--jobs wants a whole number, not '-1'" '.mpflash make --help' "$MPFLASH" make -j-1 RED
refused 'jobs without a number' 2 "--jobs wants a whole number, not 'RED'" '.mpflash make --help' "$MPFLASH" make -j RED
refused 'a number that is none' 2 "--jobs wants a whole number, not 'x'" '.mpflash make --help' "$MPFLASH" make -j x RED
refused '--set without a value' 2 "--set wants VAR=VALUE, not 'DEBUG'\$" 'for example --set' "$MPFLASH" make --set DEBUG RED
refused '--set of a variant' 2 'BOARD_VARIANT cannot be set: mpflash sets it$' 'name the board as a target, its variant' "$MPFLASH" make --set BOARD_VARIANT=DARK RED
refused '--set of what is ours' 2 'BUILD cannot be set: mpflash sets it$' 'name the board as a target' "$MPFLASH" make --set BUILD=x RED
refused 'no rule file' 1 'cannot read /nowhere/x\.rules: ' '--rules wants' "$MPFLASH" make --rules /nowhere/x.rules RED
refused 'no board folder' 1 "board folder '/nowhere': no such folder\$" '--board-dir wants' \
	"$MPFLASH" make --board-dir /nowhere RED
refused 'an unknown command' 2 "there is no command 'mak'\$" "did you mean 'mpflash make'\?\$" "$MPFLASH" mak RED
refused 'an option before the command' 2 'there is no option -j$' '.mpflash --help' "$MPFLASH" -j make

# --- the tree ---
mkdir "$T/no tree"
refused 'no tree' 1 'no MicroPython source tree at \. or above it' 'run inside a checkout, or name one: -C DIR' \
	from "$T/no tree" make RED
refused 'no tree there' 1 'no MicroPython source tree at /nowhere' 'run inside' "$MPFLASH" make -C /nowhere RED
refused 'no tree in MICROPY_DIR' 1 'MICROPY_DIR: no MicroPython source tree at /nowhere' 'run inside' \
	env MICROPY_DIR=/nowhere "$MPFLASH" make RED

# --- tools ---
mkdir "$T/bin"
ln -s "$(command -v make)" "$T/bin/make"
refused 'no toolchain' 1 "'mini/RED' needs programs that are not on the PATH: arm-none-eabi-gcc, arm-none-eabi-objcopy\$" \
	'sudo apt-get install gcc-arm-none-eabi .*binutils-arm-none-eabi' env PATH="$T/bin" "$MPFLASH" make RED
not_ok 'no toolchain: nothing was placed' test -e build-mpflash

# --- the build ---
printf 'int broken(void)\n{\n\treturn undeclared_name;\n}\n' >ports/mini/boards/BLUE/board.c
refused 'a compile error' 1 'mini/BLUE .*make ended with exit status 2$' 'mend the first error' "$MPFLASH" make BLUE
like "a compile error: the compiler's first error" "$err" '^    boards/BLUE/board\.c:3:16: error: .*undeclared_name'
like 'a compile error: the last lines' "$err" '^    make: \*\*\* \[.*\] Error 1$'
log=$(printf '%s\n' "$err" | sed -n 's/^  the whole log: //p')
like "a compile error: the log's path" "$(cat "$log")" 'undeclared_name'
not_ok 'a compile error: no files' test -e build-mpflash/BLUE
git checkout -q ports
sed -i 's/^LDFLAGS = /LDFLAGS = -lnothing /' ports/mini/Makefile
refused 'a linker error' 1 'mini/RED .*make ended with exit status 2$' 'mend' "$MPFLASH" make RED
like 'a linker error: what the linker says' "$err" '^    .*ld: cannot find -lnothing'
git checkout -q ports
sed -i '/^all:/s/ .*//' ports/mini/Makefile
refused 'a make that makes nothing' 1 'mini/RED .*: make ended well but left no firmware\.elf$' "the port's rules name" \
	"$MPFLASH" make RED
git checkout -q ports
run "$MPFLASH" make RED BLUE
is 'mended: it builds' "$status" 0

# --- names with a space ---
sed 's/a blue board/a blue box/' -i ports/mini/boards/BLUE/board.c
run env MPFLASH_CACHE="$T/cache folder" "$MPFLASH" make BLUE
is 'a cache folder with a space: exit status' "$status" 0
like 'a cache folder with a space: built' "$(cat build-mpflash/BLUE/firmware.bin)" 'a blue box'
# make cannot work below it: the work folder is elsewhere, as the log shows
work=$(grep -oh '/tmp/mpflash-work-[0-9a-f]*' "$T/cache folder"/log/*/mini-BLUE/compile.log | head -n 1)
like 'a cache folder with a space: the work is done elsewhere' "$work" '^/tmp/mpflash-work-[0-9a-f]{16}$'
rm -rf "$work"
git checkout -q ports
cp -R "$T/tree" "$T/the tree"
run "$MPFLASH" make -C "$T/the tree" RED -B
is 'a tree with a space: exit status' "$status" 0
ok 'a tree with a space: its files' cmp "$T/the tree/build-mpflash/RED/firmware.bin" build-mpflash/RED/firmware.bin

# --- things in the way ---
"$MPFLASH" make RED >/dev/null 2>&1
rm build-mpflash/RED/firmware.hex
mkdir build-mpflash/RED/firmware.hex
refused 'a folder in the place of an output' 1 'cannot write .*/RED/firmware\.hex: a folder has that name$' 'move it away' "$MPFLASH" make RED
rmdir build-mpflash/RED/firmware.hex
run "$MPFLASH" make RED
is 'out of the way' "$status" 0
echo file >"$T/a-file"
refused 'a file for the output folder' 1 "cannot make the folder $T/a-file/RED: " 'name a folder' "$MPFLASH" make -o "$T/a-file" RED
refused 'a file for the cache' 1 "cannot make the folder $T/a-file/" 'make the cache folder writable' \
	env MPFLASH_CACHE="$T/a-file" "$MPFLASH" make RED
mkdir "$T/cache2"
echo 'this is no database, but long enough to be looked at' >"$T/cache2/index.db"
run env MPFLASH_CACHE="$T/cache2" "$MPFLASH" make RED
is 'a broken index: exit status' "$status" 0
like 'a broken index: it is put aside' "$err" "^note: the store's index was damaged .*put aside as $T/cache2/index\.db\.bad-"

# --- full disks and folders that cannot be written: with a mount of our own ---
full=$T/full
mkdir "$full"
# small BYTES CMD...: CMD in a mount name space where $full has that size.
cat >"$T/small" <<'EOF'
size=$1
shift
mount -t tmpfs -o size="$size" none "$T_FULL" || exit 77
"$@"
status=$?
find "$T_FULL" -path '*/work' -prune -o -path '*/log' -prune -o -type f \( -name '.*' -o -name '*.tmp*' -o -size 0 -path '*/blobs/*' \) -print >"$T_LEFT"
exit $status
EOF
# fixed DIR CMD...: CMD in a mount name space where DIR is read-only.
cat >"$T/fixed" <<'EOF'
mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" || exit 77
shift
"$@"
EOF
T_FULL=$full
T_LEFT=$T/left
export T_FULL T_LEFT
no_mounts=
if ! command -v unshare >/dev/null; then
	no_mounts='there is no unshare here'
elif ! unshare -rm sh "$T/small" 4k true 2>"$T/why" || ! unshare -rm sh "$T/fixed" "$T/full" true 2>>"$T/why"; then
	no_mounts="no mounts for tests here: $(head -n 1 "$T/why")"
fi
rm -f "$T/why"

# mounted NAME STATUS ERROR HINT CMD...: like refused, or skipped.
mounted() {
	if [ -n "$no_mounts" ]; then
		skip "$1" "$no_mounts"
		return
	fi
	: >"$T_LEFT"
	refused "$@"
	is "$1: nothing half written there either" "$(cat "$T_LEFT")" ''
}

room_text='free some disk space, then run the same command again'
room="$room_text\$"
# Whatever is being written when the room ends: an error with its hint and nothing half written, until there is enough.
# What needs how much changes with the program, so all sizes are tried, and each kind of failure has to come.
kinds=
size=4
status=1
while [ -z "$no_mounts" ] && [ "$status" != 0 ] && [ "$size" -lt 400 ]; do
	: >"$T_LEFT"
	run env MPFLASH_CACHE="$full/c" unshare -rm sh "$T/small" ${size}k "$MPFLASH" make RED
	case $err in
	*"error: cannot open $full/c/index.db: the store's index: "*"hint: $room_text"*) kind=index ;;
	*"error: "*"the store's index: "*"hint: $room_text"*) kind=record ;;
	*"error: cannot write $full/c/blobs/"*": No space left on device"*"hint: $room_text"*) kind=blobs ;;
	*'make ended with exit status'*'hint: the disk is full: make room in '*) kind=compile ;;
	*'error: '*'No space left on device'*"hint: $room_text"*) kind=other ;;
	*) kind="unclear ($err)" ;;
	esac
	if [ "$status" = 0 ]; then
		like 'a disk that is large enough: builds' "$err" '^compile +mini/RED: done'
	else
		unlike "a full disk of $size k: what is told" "$kind" unclear
		is "a full disk of $size k: the status, one error, one hint, nothing half written" \
			"$status $(printf '%s\n' "$err" | grep -c '^error: ') $(printf '%s\n' "$err" | grep -c '^hint: ') $(cat "$T_LEFT")" '1 1 1 '
	fi
	kinds="$kinds $kind"
	size=$((size + 4))
done
for kind in index blobs compile; do
	if [ -n "$no_mounts" ]; then
		skip "a full disk: $kind" "$no_mounts"
	else
		like "a full disk: $kind" "$kinds" " $kind"
	fi
done
mounted 'a full disk for the files' 1 "cannot write $full/RED/firmware\.elf: No space left on device\$" "$room" \
	unshare -rm sh "$T/small" 4k "$MPFLASH" make -o "$full" RED
mounted 'a full disk after some files' 1 "cannot write $full/RED/firmware\.map: No space left on device\$" "$room" \
	unshare -rm sh "$T/small" 12k "$MPFLASH" make -o "$full" RED

mkdir "$T/out"
mounted 'a read-only output folder' 1 "cannot make the folder $T/out/RED: Read-only file system\$" \
	'name a folder for the files that you can write: -o DIR$' \
	unshare -rm sh "$T/fixed" "$T/out" "$MPFLASH" make -o "$T/out" RED
rm -r build-mpflash
mounted 'a read-only tree' 1 "cannot make the folder $T/tree/build-mpflash: Read-only file system\$" \
	'name a folder for the files that you can write: -o DIR$' \
	unshare -rm sh "$T/fixed" "$T/tree" "$MPFLASH" make RED
mounted 'a read-only cache' 1 "cannot open $MPFLASH_CACHE/index\.db: " 'make the cache folder writable, or set MPFLASH_CACHE=' \
	unshare -rm sh "$T/fixed" "$MPFLASH_CACHE" "$MPFLASH" make RED
if [ -n "$no_mounts" ]; then
	skip 'a read-only cache with -n: plans' "$no_mounts"
else
	ok 'a read-only cache with -n: plans' \
		unshare -rm sh "$T/fixed" "$MPFLASH_CACHE" "$MPFLASH" make -n RED BLUE
	ok 'a read-only cache: its numbers' unshare -rm sh "$T/fixed" "$MPFLASH_CACHE" "$MPFLASH" cache stats
	ok 'a read-only cache: is verified' unshare -rm sh "$T/fixed" "$MPFLASH_CACHE" "$MPFLASH" cache verify -n
fi
if [ -n "$no_mounts" ]; then
	skip 'a read-only tree with -o: builds' "$no_mounts"
else
	ok 'a read-only tree with -o: builds' \
		unshare -rm sh "$T/fixed" "$T/tree" "$MPFLASH" make -B -o "$T/out" RED BLUE
fi
run "$MPFLASH" make RED
is 'after all that' "$status" 0

done_testing
