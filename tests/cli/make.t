#!/bin/sh
# SPDX-License-Identifier: MIT
#
# mpflash make: work is done when content asks for it, and only then. Each case is a change that a comparison of
# dates, names or flags gets wrong.
. "$(dirname "$0")/lib.sh"

need git arm-none-eabi-gcc make
small_tree "$T/tree"
cd "$T/tree" || exit
files=build-mpflash/RED

# Runs make RED: one compile, for a reason that matches ERE.
builds() { # NAME ERE [WORD...]
	builds_name=$1
	builds_why=$2
	shift 2
	run "$MPFLASH" make RED "$@"
	like "$builds_name: built, and it says why" "$err" "^compile  mini/RED: done in .*: $builds_why\$"
	is "$builds_name: exit status" "$status" 0
}

# Runs make RED: nothing is compiled, nothing is placed.
rests() { # NAME [WORD...]
	rests_name=$1
	shift
	run "$MPFLASH" make RED "$@"
	like "$rests_name: nothing to do" "$err" '^nothing to do: 2 steps up to date \([0-9]+ ms\)$'
	is "$rests_name: exit status and output" "$status$out" 0
}

# Runs make RED: the files come back without a compile.
restores() { # NAME FILES
	run "$MPFLASH" make RED
	unlike "$1: no compile" "$err" '^compile .*\.\.\.$'
	like "$1: told" "$err" ", $2 from the store\$"
	is "$1: exit status" "$status" 0
}

builds 'the first time' 'never done before'
for ext in elf bin map hex; do
	like "firmware.$ext is told on stdout" "$out" "^$T/tree/$files/firmware\.$ext  [1-9][0-9]* bytes\$"
done
unlike 'stdout holds results alone' "$out" '^(compile|hex) '
is 'git sees none of it' "$(git status --porcelain)" ''
like 'the stamp is in the image' "$(cat $files/firmware.bin)" 'MicroPython v1\.29\.0-preview for RED'
cksum $files/firmware.* >"$T/first"

rests 'the second time'
run "$MPFLASH" make --explain RED
like '--explain: of the compile step' "$err" \
	'^compile  mini/RED: nothing to do: none of its [1-9][0-9]* files, flags and tools changed$'
like '--explain: of the conversion' "$err" '^hex      mini/RED: nothing to do: what it is made from did not change$'

# --- content, not dates ---
touch py/mini.h ports/mini/Makefile ports/mini/main.c
rests 'after a touch'
touch -d '2001-01-01' py/mini.h
rests 'with an older date'
touch -d 'tomorrow' py/mini.h
rests 'with a date of tomorrow'

sed -i 's/16/17/' py/mini.h
builds 'one byte changed' 'py/mini\.h changed'
like 'the conversion follows' "$err" '^hex      mini/RED: done in .*: firmware\.elf changed$'
like 'a changed tree shows in the stamp' "$(cat $files/firmware.bin)" \
	'v1\.29\.0-preview\.dirty\.[0-9a-f]{8} for RED'
sed -i 's/17/16/' py/mini.h
restores 'and changed back' 'firmware\.elf, firmware\.bin, firmware\.map'
is 'the files are the first ones' "$(cksum $files/firmware.*)" "$(cat "$T/first")"
rests 'and once more'

touch -r py/mini.h "$T/date"
sed -i 's/16/18/' py/mini.h
touch -r "$T/date" py/mini.h
builds 'same size, date set back' 'py/mini\.h changed'
sed 's/18/19/' py/mini.h >"$T/old.h"
touch -d '2001-01-01' "$T/old.h"
mv "$T/old.h" py/mini.h
builds 'replaced by an older file' 'py/mini\.h changed'
sed -i 's/19/20/' py/mini.h
touch -d 'tomorrow' py/mini.h
builds 'changed, and dated tomorrow' 'py/mini\.h changed'
rests 'dated tomorrow, once more'
git checkout -q py/mini.h
restores 'checked out again' 'firmware\.elf, firmware\.bin, firmware\.map'

# --- which files count ---
for name in .main.c.swp main.c~ '#main.c#' '.#main.c' 4913.ignored main.c.swp main.c.orig; do
	printf 'int scratch;\n' >"ports/mini/$name"
done
mkdir ports/mini/build-RED ports/mini/__pycache__
printf 'int scratch;\n' >ports/mini/build-RED/scratch.c
rests 'editor swap files, ignored files and build folders beside the sources'
git clean -qfdx ports

printf 'const char extra[] __attribute__((used)) = "an extra file";\n' >ports/mini/boards/RED/extra.c
builds 'a new file that git does not know' 'ports/mini/boards/RED/extra\.c is new'
like 'it is in the image' "$(cat $files/firmware.bin)" 'an extra file'
git add ports/mini/boards/RED/extra.c
rests 'the same file, known to git'
git rm -qf ports/mini/boards/RED/extra.c
restores 'the file removed' 'firmware\.elf, firmware\.bin, firmware\.map'
unlike 'it is not in the image' "$(cat $files/firmware.bin)" 'an extra file'
printf 'notes\n' >NOTES.txt
git add NOTES.txt
git -c user.name=x -c user.email=x@example.org commit -qm 'A commit that no board reads'
rests 'after a commit that touches nothing of it'
git reset -q --hard v1.29.0-preview
printf 'int broken\n' >ports/mini/boards/BLUE/board.c
rests 'after a change in a file of another board'
git checkout -q ports

# --- outputs ---
cksum $files/firmware.* >"$T/first"
echo garbage >$files/firmware.elf
restores 'garbage in an output' 'firmware\.elf'
head -c 20 $files/firmware.hex >"$T/short" && cat "$T/short" >$files/firmware.hex
restores 'a truncated output' 'firmware\.hex'
rm $files/firmware.bin
restores 'a deleted output' 'firmware\.bin'
touch -r $files/firmware.bin "$T/date"
printf 'X' | dd of=$files/firmware.bin bs=1 seek=3 conv=notrunc 2>/dev/null
touch -r "$T/date" $files/firmware.bin
restores 'one byte changed in an output, its date set back' 'firmware\.bin'
rm -r build-mpflash
restores 'all outputs deleted' 'firmware\.elf, firmware\.bin, firmware\.map'
is 'all are right again' "$(cksum $files/firmware.*)" "$(cat "$T/first")"
touch -d tomorrow $files/*
rests 'a touch of outputs'

# Changes a byte of firmware.elf where the store keeps it.
spoil_elf() {
	for blob in "$MPFLASH_CACHE"/blobs/*/*; do
		cmp -s "$blob" $files/firmware.elf && chmod u+w "$blob" &&
			printf 'X' | dd of="$blob" bs=1 seek=99 conv=notrunc 2>/dev/null
	done
}

spoil_elf
rests 'a corrupt blob that nobody needs'
rm $files/firmware.elf
builds 'a corrupt blob that is needed' 'the store lost firmware\.elf \(missing or corrupt\)'
is 'it healed' "$(cksum $files/firmware.*)" "$(cat "$T/first")"
spoil_elf
run "$MPFLASH" make uf2-RED
is 'nothing is made from a corrupt blob' "$status$(ls $files/firmware.uf2 2>/dev/null)" 1
like 'it is named' "$err" '^error: mini/RED firmware\.uf2: the store has lost the content of firmware\.elf$'
run "$MPFLASH" make uf2-RED
is 'the same command heals it' "$status" 0
rm $files/firmware.uf2
rm -r "$MPFLASH_CACHE"
builds 'the whole store deleted' 'never done before'
is 'the same bytes again' "$(cksum $files/firmware.*)" "$(cat "$T/first")"

# --- flags, tools, environment ---
builds 'a make variable' 'argument CFLAGS_EXTRA is new' --set CFLAGS_EXTRA=-DMINI_DARK
like 'make saw it' "$(cat $files/firmware.bin)" 'dark'
restores 'without it again' 'firmware\.elf, firmware\.bin, firmware\.map'
unlike 'it left no trace' "$(cat $files/firmware.bin)" 'dark'
run "$MPFLASH" make RED --set CFLAGS_EXTRA=-DMINI_DARK
unlike 'with it once more: no compile' "$err" '^compile .*\.\.\.$'
like 'its files are back' "$(cat $files/firmware.bin)" 'dark'
builds 'words after --' 'argument CFLAGS_EXTRA changed' -- CFLAGS_EXTRA=-DMINI_DARK=1
restores 'and gone' 'firmware\.elf, firmware\.bin, firmware\.map'

run env CFLAGS_EXTRA=-DMINI_DARK CROSS_COMPILE=none- BUILD=/nowhere BOARD=BLUE MAKEFLAGS=-n MFLAGS=-n GCC_EXEC_PREFIX=/x \
	"$MPFLASH" make RED -B
is "the caller's variables: a build in spite of them" "$status" 0
is 'they change nothing' "$(cksum $files/firmware.*)" "$(cat "$T/first")"
is 'one note' "$(printf '%s\n' "$err" | grep -c '^note: ')" 1
for set in CFLAGS_EXTRA=-DMINI_DARK CROSS_COMPILE=none- BUILD=/nowhere; do
	like "it shows how to pass $set" "$err" "^note: .* --set $set"
done
builds 'forced by -B' 'forced \(-B\)' -B

mkdir "$T/bin"
printf '#!/bin/sh\nexec %s "$@"\n' "$(command -v arm-none-eabi-gcc)" >"$T/bin/arm-none-eabi-gcc"
chmod +x "$T/bin/arm-none-eabi-gcc"
old_path=$PATH
PATH=$T/bin:$PATH
builds 'another compiler on the PATH' 'environment PATH changed'
rests 'the same compiler'
printf '# a new version\n' >>"$T/bin/arm-none-eabi-gcc"
builds 'a new version of the compiler' "$T/bin/arm-none-eabi-gcc changed"
touch "$T/bin/arm-none-eabi-gcc"
rests 'the compiler touched'
PATH=$old_path
run "$MPFLASH" make RED
unlike 'the first compiler again: no compile' "$err" '^compile .*\.\.\.$'

# --- what comes out the same goes no further ---
mkdir "$T/nothing"
run env PATH="$T/nothing:$PATH" "$MPFLASH" make RED
like 'a PATH that changes no byte: compiled' "$err" '^compile  mini/RED: done in .*: environment PATH changed$'
like 'and not converted again' "$err" '^hex      mini/RED: nothing to do: what it is made from did not change$'

# --- another folder with the same content ---
git worktree add -q "$T/second" HEAD
run "$MPFLASH" make RED -C "$T/second"
unlike 'another worktree of the same content: no compile' "$err" '^compile .*\.\.\.$'
run "$MPFLASH" make RED
cmp -s "$files/firmware.bin" "$T/second/$files/firmware.bin"
is 'the same bytes there' "$?" 0
sed -i 's/16/21/' "$T/second/py/mini.h"
run "$MPFLASH" make RED -C "$T/second"
like 'a change there is told as one' "$err" '^compile  mini/RED: done in .*: py/mini\.h changed$'
rests 'and changes nothing here'

done_testing
