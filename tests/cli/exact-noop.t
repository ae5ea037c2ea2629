#!/bin/sh
# SPDX-License-Identifier: MIT
#
# A board that is up to date stays so whatever happens beside its sources: scratch files, editors, a make typed by
# hand, other boards, our own outputs, and variables of the caller that no build is to see.
. "$(dirname "$0")/lib.sh"
# shellcheck source=exact.sh
. "$TESTS_DIR/cli/exact.sh"

need git arm-none-eabi-gcc make python3
sample_tree "$T/sample"
cd "$T/sample" || exit
hand=-
board=MPS2_AN385

run "$MPFLASH" make $board
is 'the first build, of mpy-cross and a board' "$(compiles) $status" '2 0'
ok 'build-mpflash has appeared' test -d build-mpflash
rests 'the second run' $board

for file in scratch.txt notes x.log .main.c.swp main.c~ '#main.c#' .#main.c main.c.orig 4913 .DS_Store; do
	printf 'int scratch;\n' >"ports/qemu/$file"
	rests "a file ports/qemu/$file" $board
done
for file in boards/notes boards/$board/.mpconfigboard.mk.swp boards/$board/mpconfigboard.mk~ mcu/arm/x.log modules/.hello.py.swp modules/hello.py~; do
	printf 'scratch\n' >"ports/qemu/$file"
	rests "a file ports/qemu/$file" $board
done
for file in scratch.txt notes py/.runtime.c.swp py/runtime.c~ py/notes extmod/x.log .git/scratch; do
	printf 'scratch\n' >"$file"
	rests "a file $file" $board
done
rm .git/scratch
git stash -q -u 2>/dev/null || git clean -qfd
rests 'all of them gone' $board

# --- a make by hand: its own build folder, mpy-cross/build, __pycache__ ---
make -C mpy-cross >"$T/log" 2>&1 && make -C ports/qemu BOARD=$board >>"$T/log" 2>&1
is 'make by hand' "$?" 0
ok 'it left a folder' test -d ports/qemu/build-$board
ok 'and an mpy-cross' test -x mpy-cross/build/mpy-cross
rests 'after a make by hand' $board
make -C ports/qemu BOARD=NETDUINO2 BUILD=build-here >"$T/log" 2>&1
is 'make by hand into another folder' "$?" 0
rests 'after it' $board
rm -r ports/qemu/build-here
mkdir -p py/__pycache__ tools/__pycache__
printf 'x' >py/__pycache__/makeqstrdata.cpython-311.pyc
rests 'a __pycache__' $board
make -C ports/qemu BOARD=$board clean >"$T/log" 2>&1
rests 'a make clean by hand' $board

# --- other work of ours ---
run "$MPFLASH" make NETDUINO2
is 'another board is built' "$(compiles) $status" '1 0'
rests 'after a build of another board' $board
run "$MPFLASH" make $board --set CFLAGS_EXTRA=-DUNUSED
is 'the same board in another configuration' "$(compiles) $status" '1 0'
restores 'as it was' $board
rests 'and then' $board
run "$MPFLASH" make uf2-$board
is 'another format: no compile' "$(compiles) $status" '0 0'
rests 'after another format' $board
{
	run "$MPFLASH" make clean-$board
	is 'clean' "$status" 0
	restores 'after a clean' $board
}

# --- git's own files, and commits of nothing ---
git gc -q
git -c user.name=x -c user.email=x@example.org commit -q --allow-empty -m 'Nothing'
rests 'after an empty commit' $board
git tag v9.9.9
git checkout -q -b other
rests 'after a tag, on another branch' $board
touch .git/index.lock
rests "git's lock is there" $board
rm .git/index.lock

# --- the caller's variables ---
# with VARIABLE=VALUE: a warning that names it, and nothing else
with() {
	run env "$1" "$MPFLASH" make $board
	like "with $1: nothing to do" "$err" '^nothing to do: '
	is "with $1: exit status" "$status" 0
	like "with $1: a note shows what to use" "$err" "^note: .*--set ${1%%=*}="
}
with CFLAGS_EXTRA=-DNOISE
with CROSS_COMPILE=none-
with BOARD_DIR=/nowhere
with FROZEN_MANIFEST=/nowhere/manifest.py
for variable in C_INCLUDE_PATH=/nowhere CPATH=/nowhere GCC_EXEC_PREFIX=/nowhere/ PYTHONPATH=/nowhere PYTHONHOME=/nowhere GIT_DIR=/nowhere \
	CCACHE_DIR=/nowhere MAKEFLAGS=-n LANG=de_DE.UTF-8 LC_ALL=C.UTF-8 TZ=Asia/Tokyo TERM=dumb SHLVL=9 MPFLASH_NOISE=1; do
	run env "$variable" "$MPFLASH" make $board
	like "with $variable: nothing to do" "$err" '^nothing to do: '
	is "with $variable: exit status" "$status" 0
done
run env CFLAGS_EXTRA=-DNOISE CROSS_COMPILE=none- C_INCLUDE_PATH=/nowhere "$MPFLASH" make -B $board
is 'a forced build with such variables' "$status" 0
run "$MPFLASH" make $board
is 'and the next run: no compile' "$(compiles) $status" '0 0'
umask 077
rests 'with another umask' $board
umask 022

done_testing
