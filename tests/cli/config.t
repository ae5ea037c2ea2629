#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Configurations of a build: --manifest, --user-c-modules, --set, words after --. Each has a key, a work folder and a stamp of
# its own; several at once make the same bytes as each alone. Real compilers, make and CMake.
#
# Runs once: it compiles for minutes.
. "$(dirname "$0")/lib.sh"

need git arm-none-eabi-gcc arm-none-eabi-nm arm-none-eabi-strings cmake make gcc python3
sample_tree "$T/tree"
cd "$T/tree" || exit
files=build-mpflash

# digest FILE; the tree's state is part of no stamp here, for nothing in it changes
digest() { sha256sum <"$1" | cut -c1-16; }

# refused NAME ERROR HINT CMD...: exit status 2, that error and that hint.
refused() {
	refused_name=$1
	refused_error=$2
	refused_hint=$3
	shift 3
	run "$@"
	is "$refused_name: exit status" "$status$out" 2
	like "$refused_name: error" "$err" "^error: $refused_error"
	like "$refused_name: hint" "$err" "^hint: $refused_hint"
}

# symbol NAME ELF: whether the firmware has it.
symbol() { arm-none-eabi-nm "$2" | grep -q " $1\$"; }

# module DIR NAME ANSWER: a C module in both forms.
# shellcheck disable=SC2016 # make's and CMake's
module() {
	mkdir -p "$1/$2"
	sed "s/cexample/$2/g" examples/usercmodule/cexample/examplemodule.c >"$1/$2/$2.c"
	printf 'SRC_USERMOD_C += $(USERMOD_DIR)/%s.c\nCFLAGS_USERMOD += -I$(USERMOD_DIR)\n' "$2" >"$1/$2/micropython.mk"
	sed -i "s|^#include \"py/obj.h\"|&\n#include \"$2_answer.h\"|; s/CEXAMPLE_ANSWER/$2_ANSWER/" "$1/$2/$2.c"
	printf '#define %s_ANSWER %s\n' "$2" "$3" >"$1/$2/$2_answer.h"
	{
		printf 'add_library(usermod_%s INTERFACE)\n' "$2"
		printf 'target_sources(usermod_%s INTERFACE ${CMAKE_CURRENT_LIST_DIR}/%s.c)\n' "$2" "$2"
		printf 'target_include_directories(usermod_%s INTERFACE ${CMAKE_CURRENT_LIST_DIR})\n' "$2"
		printf 'target_link_libraries(usermod INTERFACE usermod_%s)\n' "$2"
	} >"$1/$2/micropython.cmake"
}

# --- --manifest ---
mkdir -p "$T/mine/frozen"
printf 'freeze("frozen")\n' >"$T/mine/manifest.py"
printf 'print("frozen by hand")\n' >"$T/mine/frozen/byhand.py"
run "$MPFLASH" make PYBV11 RPI_PICO
is 'plain: exit status' "$status" 0
plain=$(digest $files/PYBV11/firmware.dfu)
run "$MPFLASH" make --explain --manifest ../mine/manifest.py PYBV11 RPI_PICO
is '--manifest: exit status' "$status" 0
like '--manifest: --explain names it' "$err" 'stm32/PYBV11: .*argument FROZEN_MANIFEST is new'
for board in PYBV11 RPI_PICO; do
	like "--manifest, $board: its module is in" "$(arm-none-eabi-strings -n 6 $files/$board/firmware.elf)" 'byhand'
	like "--manifest, $board: the stamp says so" "$(arm-none-eabi-strings -n 6 $files/$board/firmware.elf)" 'v1\.29\.0-preview\.c[0-9a-f]{8} on '
done
like '--manifest: a work folder of its own' "$(ls "$MPFLASH_CACHE"/work/*)" '^stm32-PYBV11\+[0-9a-f]{8}$'
mine=$(digest $files/PYBV11/firmware.dfu)
isnt '--manifest: other bytes' "$mine" "$plain"
run "$MPFLASH" make PYBV11 RPI_PICO
unlike 'and back: nothing is compiled' "$err" '^compile .*\.\.\.'
is 'and back: the bytes of before' "$(digest $files/PYBV11/firmware.dfu)" "$plain"
run "$MPFLASH" make --manifest "$T/mine/manifest.py" PYBV11 RPI_PICO
unlike 'and there again, by its absolute name: nothing is compiled' "$err" '^compile .*\.\.\.'
is 'and there again: its bytes' "$(digest $files/PYBV11/firmware.dfu)" "$mine"
printf 'print("frozen again by hand")\n' >"$T/mine/frozen/byhand.py"
run "$MPFLASH" make --manifest ../mine/manifest.py PYBV11 RPI_PICO
like 'a module that it freezes changed: built again' "$err" '^compile  stm32/PYBV11: done in .*byhand\.py changed'
like 'and by CMake' "$err" '^compile  rp2/RPI_PICO: done in .*byhand\.py changed'
run "$MPFLASH" make PYBV11
like 'which the plain build does not read' "$err" '^compile  stm32/PYBV11: nothing to do|^nothing to do|PYBV11.*from the store'
run "$MPFLASH" why --manifest "$T/mine/manifest.py" PYBV11
like 'why names the option' "$out$err" 'FROZEN_MANIFEST'

# --- CMAKE_ARGS ---
# rp2's Makefile adds -DMICROPY_BOARD=... to it; a value on make's command line would be the last word.
run "$MPFLASH" make --explain --set "CMAKE_ARGS=-DMICROPY_FROZEN_MANIFEST=$T/mine/manifest.py" RPI_PICO2
is 'CMAKE_ARGS: exit status' "$status" 0 || diag "$err"
text=$(arm-none-eabi-strings -n 6 $files/RPI_PICO2/firmware.elf)
like 'CMAKE_ARGS: reach CMake' "$text" 'byhand'
like 'CMAKE_ARGS: and the board is still the one' "$text" '^RPI_PICO2$'
run "$MPFLASH" make --explain RPI_PICO2 --set CMAKE_ARGS=-DMICROPY_FROZEN_MANIFEST=
like 'CMAKE_ARGS: named as what changed' "$err" 'rp2/RPI_PICO2: .*environment CMAKE_ARGS changed'

# --- --user-c-modules ---
module "$T/mods" one 1111
module "$T/mods" two 2222
module "$T" three 3333
for board in PYBV11 RPI_PICO; do
	case $board in PYBV11) id=stm32/PYBV11 ;; *) id=rp2/RPI_PICO ;; esac
	run "$MPFLASH" make --user-c-modules "$T/mods" $board
	is "$board, a folder of modules: exit status" "$status" 0
	ok "$board: the first is in" symbol mp_module_one $files/$board/firmware.elf
	ok "$board: and the second" symbol mp_module_two $files/$board/firmware.elf
	run "$MPFLASH" make --audit --user-c-modules "$T/mods" --user-c-modules ../three $board
	is "$board, and a module: exit status, after an audit" "$status" 0 || diag "$err"
	for name in one two three; do
		ok "$board: $name is in" symbol mp_module_$name $files/$board/firmware.elf
	done
	both=$(digest $files/$board/firmware.elf)
	printf '#define three_ANSWER 4444\n' >"$T/three/three_answer.h"
	run "$MPFLASH" make --audit --user-c-modules "$T/mods" --user-c-modules ../three $board
	like "$board: a header of it changed: built again, and as from nothing" "$err" "^compile  $id: done in .*three_answer\.h changed"
	is "$board: exit status of that" "$status" 0 || diag "$err"
	isnt "$board: other bytes" "$(digest $files/$board/firmware.elf)" "$both"
	cp "$T/mods/two/two.c" "$T/two.c"
	printf '\n/* nothing new */\n' >>"$T/mods/two/two.c"
	run "$MPFLASH" make --audit --user-c-modules "$T/mods" --user-c-modules ../three $board
	like "$board: a source of another" "$err" "^compile  $id: done in .*two\.c changed"
	is "$board: exit status of that too" "$status" 0 || diag "$err"
	printf '#define three_ANSWER 3333\n' >"$T/three/three_answer.h"
	mv "$T/two.c" "$T/mods/two/two.c"
	module "$T/mods" four 4
	run "$MPFLASH" make --user-c-modules "$T/mods" --user-c-modules ../three $board
	ok "$board: one that came is found" symbol mp_module_four $files/$board/firmware.elf
	rm -r "$T/mods/four"
	run "$MPFLASH" make --explain --user-c-modules "$T/mods" $board
	unlike "$board: the first configuration is still known" "$err" '^compile .*\.\.\.'
	not_ok "$board: and its bytes are back" symbol mp_module_three $files/$board/firmware.elf
done
is 'the modules: no file came or went' "$(cd "$T" && find mods three -type f | wc -l)" 12
mkdir -p "$T/empty/folder" "$T/other/three"
: >"$T/empty/folder/micropython.mk"
refused 'no module for CMake' "--user-c-modules: there is no C module in $T/empty: neither micropython\.cmake nor" \
	'ports that build with CMake read micropython\.cmake' "$MPFLASH" make --user-c-modules "$T/empty" RPI_PICO
rm "$T/empty/folder/micropython.mk"
refused 'no module for make' "--user-c-modules: there is no C module in $T/empty: neither micropython\.mk nor" \
	'ports that build with make read micropython\.mk' "$MPFLASH" make --user-c-modules "$T/empty" PYBV11
cp "$T/three/micropython.mk" "$T/other/three"
refused 'two of one name' "two user C modules are named 'three': $T/three and $T/other/three" 'rename one' \
	"$MPFLASH" make --user-c-modules "$T/three" --user-c-modules "$T/other" PYBV11

# --- what cannot be ---
refused 'no such manifest' "--manifest: there is no file $T/nowhere\.py" 'a path counts from' "$MPFLASH" make --manifest ../nowhere.py PYBV11
refused 'no such folder' "--user-c-modules: there is no folder $T/nowhere" 'a path counts from' "$MPFLASH" make --user-c-modules "$T/nowhere" PYBV11
refused 'a manifest and FROZEN_MANIFEST' '--manifest and FROZEN_MANIFEST= are the same thing' 'leave one' \
	"$MPFLASH" make --manifest "$T/mine/manifest.py" --set FROZEN_MANIFEST=x PYBV11
refused 'modules and USER_C_MODULES, after --' '--user-c-modules and USER_C_MODULES= are the same thing' 'leave one' \
	"$MPFLASH" make --user-c-modules "$T/mods" PYBV11 -- USER_C_MODULES:=x
cp "$T/mine/manifest.py" "$T/my manifest.py"
refused 'a path that make splits' "--manifest: make cannot take the path $T/my manifest\.py" 'give it a plain name' \
	"$MPFLASH" make --manifest "$T/my manifest.py" PYBV11

# --- the key in another checkout ---
git clone -q "$T/tree" "$T/again"
# shellcheck disable=SC2016 # make's
printf 'freeze("$(PORT_DIR)/modules")\n' >"$T/tree/short.py"
cp "$T/tree/short.py" "$T/again"
run "$MPFLASH" make -C "$T/tree" --manifest "$T/tree/short.py" PYBV11
is 'a manifest of the tree: exit status' "$status" 0
run "$MPFLASH" make -C "$T/again" --manifest "$T/again/short.py" PYBV11
unlike 'the same in another checkout: nothing is compiled' "$err" '^compile .*\.\.\.'
rm "$T/tree/short.py"

# --- many at once ---
boards='PYBV11 PYBV11-THREAD NUCLEO_H563ZI RPI_PICO'
one_config() { # FOLDER TARGET...
	one_folder=$1
	shift
	"$MPFLASH" make -o "$one_folder/one" --set 'CFLAGS_EXTRA=-DX=1 -funroll-loops' --user-c-modules "$T/mods" "$@"
}
other_config() {
	other_folder=$1
	shift
	"$MPFLASH" make -o "$other_folder/other" --manifest "$T/mine/manifest.py" --user-c-modules "$T/three" "$@"
}
MPFLASH_CACHE=$T/cache-together
# shellcheck disable=SC2086 # a list of boards
one_config "$T/together" $boards >"$T/one.log" 2>&1 &
pid=$!
# shellcheck disable=SC2086
other_config "$T/together" $boards >"$T/other.log" 2>&1
other=$?
wait $pid
is 'two configurations at once: exit statuses' "$? $other" '0 0' || diag "$(cat "$T/one.log" "$T/other.log")"
is 'mpy-cross is built once for both' "$(cat "$T/one.log" "$T/other.log" | grep '^compile  mpy-cross: done' |
	grep -vc 'another process built it meanwhile')" 1 || diag "$(cat "$T/one.log" "$T/other.log")"
MPFLASH_CACHE=$T/cache-alone
for board in $boards; do
	for config in one other; do
		rm -rf "$MPFLASH_CACHE"/work
		run ${config}_config "$T/alone" "$board"
		is "$config of $board alone: exit status" "$status" 0
	done
done
MPFLASH_CACHE=$T/cache
cd "$T/alone" || exit
is 'as many files as alone' "$(cd "$T/together" && find . -type f | sort)" "$(find . -type f | sort)"
for file in */*/firmware.bin */*/firmware.hex */*/firmware.dfu */*/firmware.uf2; do
	ok "$file: the same bytes as alone" cmp "$file" "$T/together/$file"
done
is 'and no two of them are the same' "$(sha256sum ./*/*/firmware.hex | cut -c1-64 | sort | uniq -d)" ''
cd "$T/tree" || exit

# --- what is given is what make gets ---
small_tree "$T/small"
cd "$T/small" || exit
# shellcheck disable=SC2016 # make's
printf '$(file >../../../value,$(value WORDS))\n' >>ports/mini/Makefile
printf 'const char text[] __attribute__((used)) = TEXT;\nconst int optimized __attribute__((used)) = __OPTIMIZE__ + X;\n' \
	>ports/mini/boards/RED/text.c
# shellcheck disable=SC2016 # make's
words='two  words # $(none) $$ '\''single'\'' "double" \back ; & | * ~'
# make doubles a dollar sign, and the shell that it calls wants quotes: as in make CFLAGS_EXTRA=... by hand.
run "$MPFLASH" make RED --set "WORDS=$words" --set 'CFLAGS_EXTRA=-O2 -DX=1 -DTEXT='\''"a  b # $$ ;"'\'
is 'special characters: exit status' "$status" 0 || diag "$err"
is 'a value arrives as it was given' "$(cat "$T/value")" "$words"
like 'flags do, through make and its shell' "$(arm-none-eabi-strings -n 6 build-mpflash/RED/firmware.elf)" '^a  b # \$ ;$'
run "$MPFLASH" make RED -- "WORDS=$words" 'CFLAGS_EXTRA=-O2 -DX=1 -DTEXT='\''"a  b # $$ ;"'\'
is 'after -- too: exit status' "$status" 0
is 'after -- too: the value' "$(cat "$T/value")" "$words"
run "$MPFLASH" make RED --set "WORDS=$words " --set 'CFLAGS_EXTRA=-O2 -DX=1 -DTEXT='\''"a  b # $$ ;"'\'
like 'one space more is another value' "$err" '^compile  mini/RED: done in .*argument WORDS changed'

done_testing
