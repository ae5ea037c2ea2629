#!/bin/sh
# SPDX-License-Identifier: MIT
#
# A change of the toolchain builds again, wherever in it the change is: the compiler proper behind the same driver, the
# assembler, a library, a header of the C library, a program that comes earlier on the PATH. So do make variables and
# variants.
# shellcheck disable=SC2016,SC2086 # makefiles and words
. "$(dirname "$0")/lib.sh"
# shellcheck source=exact.sh
. "$TESTS_DIR/cli/exact.sh"

need git arm-none-eabi-gcc make
sources tree
sed -i 's/^#include "mini.h"/&\n#include <string.h>/' ports/mini/main.c
# A division makes the Cortex-M0 take a function of libgcc.
sed -i 's/^void _start(void)/int mini_divide(int a, int b)\n{\n\treturn a \/ b;\n}\n\n&/' ports/mini/main.c
sed -i 's/ -nostdlib / -nostdlib -Wl,-u,mini_divide /; s/\$^$/$^ -lgcc/' ports/mini/Makefile
commit 'A tree that needs libgcc and the C library'

# A toolchain whose files can be changed one by one: copies of what changes, links to the rest.
gcc=$(command -v arm-none-eabi-gcc)
libgcc=$(arm-none-eabi-gcc -print-libgcc-file-name)
real=$(dirname "$libgcc") # .../lib/gcc/arm-none-eabi/VERSION
version=${real##*/}
tc=$T/toolchain
lib=$tc/lib/gcc/arm-none-eabi/$version
mkdir -p "$tc/bin" "$lib" "$tc/lib/arm-none-eabi/bin"
for file in "$real"/*; do
	ln -s "$file" "$lib"
done
# Copies, with the links that lead there resolved.
own() { # FILE...
	for file; do
		cp -RL "$file" "$file.own" && rm -r "$file" && mv "$file.own" "$file"
	done
}
own "$lib/cc1" "$lib/collect2" "$lib/include" "$lib/include-fixed" "$lib/libgcc.a"
rm "$lib/thumb"
mkdir -p "$lib/thumb/v6-m/nofp"
cp "$(arm-none-eabi-gcc -mcpu=cortex-m0 -mthumb -print-libgcc-file-name)" "$lib/thumb/v6-m/nofp/libgcc.a"
cp -L "$gcc" "$tc/bin/arm-none-eabi-gcc"
cp -L "$(command -v arm-none-eabi-objcopy)" "$tc/bin"
for tool in as ld; do
	cp -L "$(arm-none-eabi-gcc -print-prog-name=$tool)" "$tc/lib/arm-none-eabi/bin/$tool"
done
clib=$(arm-none-eabi-gcc -E -x c - -include string.h </dev/null | sed -n 's/^# [0-9]* "\(.*\)\/string\.h".*/\1/p' | head -n 1)
cp -RL "$clib" "$tc/clib"
ln -s ../../clib "$tc/lib/arm-none-eabi/include"
old_path=$PATH
mkdir "$T/early"
PATH=$T/early:$tc/bin:$PATH
included=$(arm-none-eabi-gcc -M -x c - -include string.h </dev/null)
like 'this toolchain has headers of its own' "$included" "$tc/"
unlike 'and none of the system' "$included" " $real/| $clib/"

builds 'the first time' RED
rests 'the second time' RED

# changed NAME FILE: a byte behind its end, where no program looks
changed() {
	printf '\n' >>"$2"
	builds "$1 changed" RED
	rests "$1 changed, once more" RED
	touch "$2"
	rests "$1 touched" RED
}
changed 'cc1 behind the same gcc' "$lib/cc1"
changed 'the gcc driver' "$tc/bin/arm-none-eabi-gcc"
changed 'as' "$tc/lib/arm-none-eabi/bin/as"
changed 'ld' "$tc/lib/arm-none-eabi/bin/ld"
changed 'objcopy' "$tc/bin/arm-none-eabi-objcopy"
changed 'libgcc' "$lib/thumb/v6-m/nofp/libgcc.a"
changed "a header of the compiler" "$lib/include/stddef.h"
changed "a header of the C library" "$tc/clib/string.h"
printf '#define NEVER 1\n' >>"$tc/clib/math.h"
rests 'a header of the C library that nobody includes' RED
printf 'x' >>"$lib/lto1"_notes
rests 'a file beside cc1 that nobody asks for' RED

# another C library: by a link, by a header where a look-up failed
cp -R "$tc/clib" "$tc/clib2"
printf '#define NEWER 1\n' >>"$tc/clib2/string.h"
ln -sfn ../../clib2 "$tc/lib/arm-none-eabi/include"
builds 'the link of the C library leads to another one' RED
ln -sfn ../../clib "$tc/lib/arm-none-eabi/include"
known 'and back' RED
printf '#include_next <string.h>\n#define EARLY 1\n' >"$lib/include/string.h"
builds "a header that comes before the C library's" RED
rm "$lib/include/string.h"
known 'removed' RED

# programs earlier on the PATH; some are not named in any rule
for tool in arm-none-eabi-gcc arm-none-eabi-objcopy make mkdir; do
	printf '#!/bin/sh\nexec %s "$@"\n' "$(command -v $tool)" >"$T/wrapper"
	chmod +x "$T/wrapper"
	mv "$T/wrapper" "$T/early/$tool"
	builds "a $tool appears earlier on the PATH" RED
	rests "the same $tool" RED
	printf '# a newer one\n' >>"$T/early/$tool"
	builds "that $tool changes" RED
	rm "$T/early/$tool"
	known "that $tool goes" RED
done
printf 'no program\n' >"$T/early/arm-none-eabi-gcc"
run "$MPFLASH" make RED
is 'a file earlier on the PATH that cannot be run: no harm' "$status" 0
image_is_right 'a file earlier on the PATH that cannot be run'
rm "$T/early/arm-none-eabi-gcc"
printf '#!/bin/sh\n' >"$T/early/arm-none-eabi-gdb"
chmod +x "$T/early/arm-none-eabi-gdb"
run "$MPFLASH" make RED
is 'a program that no build runs: no compile' "$(compiles) $status" '0 0'
rm "$T/early/arm-none-eabi-gdb"
PATH=$old_path
run "$MPFLASH" make RED
is 'the toolchain of the system' "$(compiles) $status" '1 0'
PATH=$T/early:$tc/bin:$PATH
known 'the other one again' RED
PATH=$old_path

# --- make variables, variants, words ---
known 'the toolchain of the system again' RED
hand='CFLAGS_EXTRA=-DMINI_DARK' builds 'a make variable' RED --set CFLAGS_EXTRA=-DMINI_DARK
hand='CFLAGS_EXTRA=-DMINI_DARK' rests 'the same variable' RED --set CFLAGS_EXTRA=-DMINI_DARK
hand='CFLAGS_EXTRA=-DMINI_DARKER' builds 'another value' RED --set CFLAGS_EXTRA=-DMINI_DARKER
restores 'no variable' RED
hand='CFLAGS_EXTRA=-DMINI_DARK' restores 'the first value' RED --set CFLAGS_EXTRA=-DMINI_DARK
hand='CFLAGS_EXTRA=-O3' builds 'words for make' RED -- CFLAGS_EXTRA=-O3
restores 'no words' RED
board=RED-DARK hand='BOARD_VARIANT=DARK' builds 'a variant' RED-DARK
rests 'the board, beside its variant' RED
board=RED-DARK hand='BOARD_VARIANT=DARK' rests 'the variant, beside its board' RED-DARK

done_testing
