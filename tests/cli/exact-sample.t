#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Exactness where real makefiles and generators are at work, on the sample tree: frozen modules, linker scripts,
# manifests, .mk and .csv files, scripts, names of QSTRs. Each change is built, and the image is the one that a make by
# hand makes in a fresh folder; undone, it comes from the store.
# Runs once: it compiles for minutes; exact.t and its sisters run the same of mpflash with sanitizers.
# shellcheck disable=SC2016,SC2086 # makefiles and words
. "$(dirname "$0")/lib.sh"
# shellcheck source=exact.sh
. "$TESTS_DIR/cli/exact.sh"

need git arm-none-eabi-gcc make python3 gcc
sample_tree "$T/sample"
cd "$T/sample" || exit
board=NUCLEO_H563ZI
make -C mpy-cross BUILD="$T/mpy-cross" >"$T/log" 2>&1 || bail "$(cat "$T/log")"

# In place of exact.sh's, for this tree.
image_is_right() { # NAME
	stamp=$(grep -ao 'MicroPython [^ ]* on 20' build-mpflash/$board/firmware.bin | head -n 1 | cut -d' ' -f2)
	rm -rf "$T/by-hand"
	env -i PATH="$PATH" HOME="$HOME" LC_ALL=C TZ=UTC PYTHONDONTWRITEBYTECODE=1 MICROPY_MPYCROSS="$T/mpy-cross/mpy-cross" \
		MICROPY_GIT_TAG="$stamp" MICROPY_GIT_HASH="$(git rev-parse --short=10 HEAD)" SOURCE_DATE_EPOCH=1767225600 \
		make -s -j2 -C ports/stm32 BOARD=$board BUILD="$T/by-hand" >"$T/by-hand.log" 2>&1 || diag "$(cat "$T/by-hand.log")"
	ok "$1: the image is what make by hand makes" cmp build-mpflash/$board/firmware.bin "$T/by-hand/firmware.bin"
	ok "$1: the DFU file too" cmp build-mpflash/$board/firmware.dfu "$T/by-hand/firmware.dfu"
}
# changes NAME SCRIPT: SCRIPT changes a file; that builds; git puts it back, and that does not
changes() {
	sh -c "$2" || bail "$2"
	builds "$1" $board
	git stash -q -u
	run "$MPFLASH" make $board
	is "$1, undone: no compile" "$(compiles) $status" '0 0' || diag "$err"
	ok "$1, undone: the first image" cmp build-mpflash/$board/firmware.bin "$T/first.bin"
}

run "$MPFLASH" make $board
is 'the first build, of mpy-cross and a board' "$(compiles) $status" '2 0'
compiled=stm32/$board
image_is_right 'the first build'
cp build-mpflash/$board/firmware.bin "$T/first.bin"
rests_here() {
	run "$MPFLASH" make $board
	like "$1: nothing to do" "$err" '^nothing to do: '
}
rests_here 'the second run'

dir=ports/stm32/boards
changes 'a frozen module replaced by an older one' \
	"echo 'print(\"an older module\")' >new.py && touch -d 2001-01-01 new.py && mv new.py ports/stm32/modules/boot.py"
changes 'a module out of the folder' 'rm ports/stm32/modules/boot.py; echo "print(3)" >ports/stm32/modules/third.py'
changes 'the manifest' "sed -i '/^require/d' $dir/manifest.py"
changes 'a package that the manifest requires' \
	'echo "print(4)" >>lib/micropython-lib/python-stdlib/unittest/unittest.py'
changes 'a linker script that another one includes' "sed -i 's/ALIGN(4)/ALIGN(64)/g' $dir/common_text.ld"
changes "a board's .mk" "echo 'CFLAGS += -O1' >>$dir/$board/mpconfigboard.mk"
changes 'pins.csv' "sed -i 's/PB0/PB7/' $dir/$board/pins.csv"
changes 'a generator script' "echo '# later' >>$dir/make-pins.py"
changes 'a script that other scripts import' "echo '# later' >>py/makeqstrdata.py"
changes 'a name less in a header' "sed -i '0,/MP_QSTR_/{/MP_QSTR_/d}' extmod/modmachine.h"
changes 'a .c file that a wildcard takes' \
	"printf 'const char board_new[] __attribute__((used, section(\".isr_vector\"))) = \"new\";\n' >$dir/$board/new.c"
changes "a variant's .mk that was not there" "echo 'CFLAGS += -O1' >$dir/$board/mpconfigvariant.mk"
changes 'the flags of all boards' "sed -i 's/-Os/-O1/' ports/stm32/Makefile"

echo '/* later */' >>mpy-cross/main.c
run "$MPFLASH" make $board
is 'mpy-cross changed: it is compiled' "$status $(printf '%s\n' "$err" | grep -c '^compile  mpy-cross \.\.\.')" '0 1'
image_is_right 'mpy-cross changed'
rests_here 'and then'

done_testing
