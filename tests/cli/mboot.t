#!/bin/sh
# SPDX-License-Identifier: MIT
#
# mboot-BOARD: the boot loader that ports/stm32/mboot builds, for the boards whose mpconfigboard.mk has room for it.
. "$(dirname "$0")/lib.sh"

need git arm-none-eabi-gcc arm-none-eabi-objcopy make python3
sample_tree "$T/tree"
cd "$T/tree" || exit
files=build-mpflash/mboot-PYBV11

names() {
	(cd "$1" && find . -type f | sort | tr '\n' ' ')
}

# --- what it makes ---------------------------------------------------------------------------------------------------

run "$MPFLASH" make mboot-PYBV11
is 'mboot is built' "$status" 0 || diag "$err"
is 'with its formats, in a folder of its own' "$(names $files)" \
	'./compile_commands.json ./firmware.bin ./firmware.dfu ./firmware.elf ./firmware.hex ./firmware.map '
unlike 'no mpy-cross is needed for it' "$err" mpy-cross
unlike 'that its .bin fills the hole before the version is no note' "$err" note:
is 'the tree stays as it was' "$(git status --porcelain --ignored)" '!! build-mpflash/'
like 'the .dfu goes to where mboot lies' "$("$MPFLASH" info $files/firmware.dfu)" '0x08000000'
is 'the version is in its last 64 bytes' \
	"$(tail -c 64 $files/firmware.bin | tr -d '\0')" "mboot-$(git describe --tags)"

# The port's own make with the same stamp, elsewhere: the same bytes.
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct) MICROPY_GIT_TAG=$(git describe --tags) \
	MICROPY_GIT_HASH=$(git rev-parse --short HEAD) \
	make -C ports/stm32/mboot BOARD=PYBV11 BUILD="$T/hand" >"$T/log" 2>&1 || bail "$(cat "$T/log")"
for ext in bin dfu hex; do
	ok "the same firmware.$ext as make's" cmp $files/firmware.$ext "$T/hand/firmware.$ext"
done

# --- exactness -------------------------------------------------------------------------------------------------------

run "$MPFLASH" make mboot-PYBV11
like 'again: nothing to do' "$err" '^nothing to do: 1 step up to date'
sed -i 's/0x20008000/0x20010000/' ports/stm32/mboot/main.c
run "$MPFLASH" make mboot-PYBV11
like 'an edit of its source is built' "$err" '^compile  mboot-stm32/PYBV11: done .* ports/stm32/mboot/main\.c changed'
like 'with the version of now, though its make keeps the old header' \
	"$(tail -c 64 $files/firmware.bin | tr -d '\0')" '^mboot-.*\.dirty\.'
ok 'and --audit agrees' "$MPFLASH" make --audit mboot-PYBV11
git checkout -q .
run "$MPFLASH" make mboot-PYBV11
like 'the old state is known' "$err" '^compile  mboot-stm32/PYBV11: done .* from the store'
run "$MPFLASH" make PYBV11 mboot-PYBV11
is 'the firmware beside it' "$status" 0
ok 'has its own folder' test -s build-mpflash/PYBV11/firmware.dfu
sed -i 's/0x20008000/0x20010000/' ports/stm32/mboot/main.c
run "$MPFLASH" make PYBV11
like 'and does not care for the source of mboot' "$err" '^nothing to do:'
git checkout -q .
run "$MPFLASH" make --set CFLAGS_EXTRA=-g3 mboot-PYBV11
like '--set is for it too' "$err" '^compile  mboot-stm32/PYBV11: done'
run "$MPFLASH" make mboot-PYBV11@HEAD
is 'mboot of another version' "$status" 0 || diag "$err"
ok 'has its folder' test -s build-mpflash/mboot-PYBV11@HEAD/firmware.dfu

# --- words ------------------------------------------------------------------------------------------------------------

run "$MPFLASH" make -o "$T/one" dfu-mboot-PYBV11
is 'one format' "$(names "$T/one/mboot-PYBV11")" './firmware.dfu '
run "$MPFLASH" make clean-mboot-PYBV11
is 'clean-mboot-BOARD' "$status" 0
not_ok 'removes what it made' test -e $files
ok 'and that alone' test -e build-mpflash/PYBV11/firmware.dfu
for word in 'mboot-stm32/*' 'mboot-PYB*' mboot-stm32/all; do
	run "$MPFLASH" make -n "$word"
	is "$word: the boards that have it" \
		"$(printf '%s\n' "$err$out" | grep -o 'mboot-stm32/[A-Z0-9_]*' | sort -u)" mboot-stm32/PYBV11
done
run "$MPFLASH" make -n all
unlike 'all does not mean it' "$err$out" mboot
run "$MPFLASH" boards --json
is 'boards --json says which have it' \
	"$(printf '%s' "$out" | python3 -c 'import json, sys; print(*[b["board"] for b in json.load(sys.stdin) if b["mboot"]])')" PYBV11

# --- errors -----------------------------------------------------------------------------------------------------------

fails() { # NAME STATUS TARGET ERROR HINT
	run "$MPFLASH" make "$3"
	is "$1" "$status" "$2"
	like "$1: says why" "$err" "^error: $4"
	like "$1: and what now" "$err" "^hint: $5"
}

fails 'a board without it' 1 mboot-NUCLEO_H563ZI "'mboot-NUCLEO_H563ZI': the board has no mboot" 'it is there for PYBV11'
fails 'a pattern that only fits such boards' 1 'mboot-NUCLEO_*' "'mboot-NUCLEO_\*': none of these boards has mboot" 'it is there for PYBV11'
fails 'a port without it' 1 mboot-RPI_PICO "'mboot-RPI_PICO': the port 'rp2' has no mboot" '.*stm32'
fails 'a variant' 2 mboot-PYBV11-DP "'mboot-PYBV11-DP': mboot has no variants" 'mpflash make mboot-PYBV11$'
fails 'no name' 2 mboot- "a board's name is missing" '.*boards'
fails 'an unknown name' 1 mboot-PYBV12 "no board 'PYBV12'" "did you mean 'PYBV11'"
for verb in flash verify; do
	fails "$verb-mboot-BOARD" 2 "$verb-mboot-PYBV11" "'$verb-mboot-PYBV11': this version builds mboot, but does not $verb it" \
		'.*README\.md.*mpflash make mboot-PYBV11'
done

# --- which boards -------------------------------------------------------------------------------------------------------

board() { # NAME LINE...
	mkdir -p "ports/stm32/boards/$1"
	cp ports/stm32/boards/PYBV11/board.json "ports/stm32/boards/$1"
	board_file=ports/stm32/boards/$1/mpconfigboard.mk
	shift
	printf '%s\n' "$@" >"$board_file"
}

board ALWAYS 'TEXT0_ADDR = 0x08008000'
# shellcheck disable=SC2016 # a variable of make
board BY_DEFAULT_NOT 'USE_MBOOT ?= 0' 'ifeq ($(USE_MBOOT),1)' 'TEXT0_ADDR := 0x8020000' 'endif'
board LIKE_ANOTHER 'FROZEN_MANIFEST ?= x' 'include boards/ALWAYS/mpconfigboard.mk'
board MOVED 'MBOOT_TEXT0_ADDR = 0x08008000' '  TEXT0_ADDR ?= 0x08010000'
board WHERE_IT_WOULD_BE 'TEXT0_ADDR = 0x08008000' 'MBOOT_TEXT0_ADDR = 0x08008000'
board REFUSED 'USE_MBOOT = 0' 'TEXT0_ADDR = 0x08040000'
board A_COMMENT '# TEXT0_ADDR = 0x08020000' 'NO_TEXT0_ADDR = 0x08020000' 'TEXT0_ADDR_2 = 0x08020000'
board ITSELF 'include boards/ITSELF/mpconfigboard.mk'
run "$MPFLASH" make -n 'mboot-*'
is 'those whose firmware leaves it room, and do not refuse it' \
	"$(printf '%s\n' "$err$out" | grep -o 'mboot-stm32/[A-Z0-9_]*' | sort -u | tr '\n' ' ')" \
	'mboot-stm32/ALWAYS mboot-stm32/BY_DEFAULT_NOT mboot-stm32/LIKE_ANOTHER mboot-stm32/MOVED mboot-stm32/PYBV11 '

mkdir -p "$T/outside" && cp -R ports/stm32/boards/PYBV11 "$T/outside/MY_BOARD"
printf '{"mcu": "stm32f4"}\n' >"$T/outside/MY_BOARD/board.json"
run "$MPFLASH" make --board-dir "$T/outside/MY_BOARD" mboot-MY_BOARD
is 'a board outside the tree' "$status" 0 || diag "$err"

done_testing
