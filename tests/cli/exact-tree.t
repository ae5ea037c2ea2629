#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Which files of a tree make a board be built again: those that its build read, listed or looked for in vain, and no
# others.
# shellcheck disable=SC2016,SC2086 # makefiles and words
. "$(dirname "$0")/lib.sh"
# shellcheck source=exact.sh
. "$TESTS_DIR/cli/exact.sh"

need git arm-none-eabi-gcc make
sources tree
mk=ports/mini/Makefile
{
	printf '%s\n' '-include local.mk' 'INC_OPTIONAL = -Ioptional'
	sed -e 's|-I\.\./\.\./py|$(INC_OPTIONAL) -I../../py -I../../extra|' $mk
} >"$T/Makefile"
mv "$T/Makefile" $mk
sed -i '/^include .wildcard/a -include $(BOARD_DIR)/more.mk' $mk
mkdir -p extra docs tests ports/other
printf '#define EXTRA 1\n' >extra/extra.h
printf '#if __has_include("feature.h")\n#include "feature.h"\n#endif\n#include "extra.h"\n' >ports/mini/parts.h
sed -i 's/^#include "mini.h"/&\n#include "parts.h"/' ports/mini/main.c
printf 'all:\n' >ports/other/Makefile
printf '#define UNUSED\n' >py/unused.h
commit 'A tree with more to look for'
builds 'the first time' RED
builds 'another board' bin-BLUE
rests 'the first board after it' RED

# --- commits that no board reads ---
printf 'words\n' >docs/guide.md
printf 'words\n' >>mpy-cross/README.md
commit 'Docs'
rests 'a commit of docs' RED
printf 'print(1)\n' >tests/one.py
commit 'Tests'
rests 'a commit of tests' RED
printf '\ttrue\n' >>ports/other/Makefile
printf 'int other;\n' >ports/other/main.c
commit 'Another port'
rests 'a commit of another port' RED
printf '#define UNUSED\n' >>py/unused.h
commit 'A header that nobody includes'
rests 'a commit of a header that nobody includes' RED
sed -i 's/a blue board/a green board/' ports/mini/boards/BLUE/board.c
commit 'Another board'
rests 'a commit of another board' RED
board=BLUE builds 'which that board reads' bin-BLUE
mkdir ports/mini/boards/GREEN
printf '{"deploy": [], "images": [], "mcu": "mini3", "product": "Green", "vendor": "Example"}\n' >ports/mini/boards/GREEN/board.json
commit 'A new board'
rests 'a commit of a new board' RED
mv docs/guide.md docs/book.md
rm -r tests
commit 'Removals'
rests 'a commit that removes what nobody reads' RED

# --- files that were looked for in vain ---
# appears NAME FILE TEXT: a file that a failed look-up asked for builds; removed, the old image comes back
appears() {
	mkdir -p "$(dirname "$2")"
	printf '%b\n' "$3" >"$2"
	builds "$1" RED
	rests "$1, once more" RED
	rm "$2"
	rmdir "$(dirname "$2")" 2>/dev/null
	restores "$1, removed" RED
}
appears 'a header beside the source, before the one on the include path' ports/mini/mini.h '#define MINI_LIMIT 40'
appears 'a header in a folder of the include path that was not there' ports/mini/optional/mini.h '#define MINI_LIMIT 41'
appears 'a header that __has_include asked for' py/feature.h '#undef MINI_LIMIT\n#define MINI_LIMIT 42'
appears 'an included .mk that was not there' ports/mini/local.mk 'CFLAGS_EXTRA = -DMINI_DARK'
appears "a board's .mk that was not there" ports/mini/boards/RED/more.mk 'CFLAGS += -DMINI_DARK'
appears 'a C file that a wildcard finds' ports/mini/boards/RED/new.c \
	'const char new[] __attribute__((used)) = "a new file";'
printf 'include Makefile\nCFLAGS_EXTRA += -DMINI_DARK\n' >ports/mini/GNUmakefile
builds 'a makefile with a name that make prefers' RED
rm ports/mini/GNUmakefile
restores 'that makefile removed' RED

# --- files that were read ---
sed -i 's/-Os/-O1/' $mk
builds 'a flag in the Makefile' RED
git checkout -q $mk
restores 'the flag as it was' RED
printf 'CFLAGS += -DMINI_LATE\n' >>ports/mini/boards/RED/mpconfigvariant_DARK.mk
rests "a variant's .mk, for the board without variant" RED
board=RED-DARK hand='BOARD_VARIANT=DARK' builds 'the variant' RED-DARK
sed -i 's/LATE/EARLY/' ports/mini/boards/RED/mpconfigvariant_DARK.mk
board=RED-DARK hand='BOARD_VARIANT=DARK' builds "the variant's .mk changed" RED-DARK
rests 'the board without variant' RED
git checkout -q ports
printf 'text\n' >extra/readme.txt
rests 'a file in a folder of the include path that nobody asked for' RED
rm extra/readme.txt
mv extra "$T/extra"
mkdir extra
cp "$T/extra/extra.h" extra
rests 'a folder replaced by one with the same content' RED
rm -r extra
ln -s "$T/extra" extra
run "$MPFLASH" make RED
is 'a folder replaced by a link to one outside' "$status" 0
image_is_right 'a folder replaced by a link to one outside'
printf '#undef MINI_LIMIT\n#define MINI_LIMIT 43\n' >>"$T/extra/extra.h"
builds 'a file behind that link changes' RED
rm extra

# --- a build that fails is no closure ---
run "$MPFLASH" make RED
is 'a header is gone: the build fails' "$(compiles) $status" '1 1'
run "$MPFLASH" make RED
is 'and fails again' "$(compiles) $status" '1 1'
git checkout -q extra
restores 'the header is back' RED

# --- sources where one might not look for them ---
hand=-
run "$MPFLASH" make -o ports/mini/boards RED
is 'files are put among the sources' "$status" 0
printf 'const char aside[] __attribute__((used)) = "aside";\n' >ports/mini/boards/RED/aside.c
builds 'a new source among the files that are put there' -o ports/mini/boards RED
git clean -fdq ports

mkdir "$T/mods"
sed -i 's|^SRC = .*|& $(wildcard '"$T"'/mods/*.c)|' $mk
builds 'a wildcard in a folder below /tmp' RED
printf 'const char mod[] __attribute__((used)) = "mod";\n' >"$T/mods/mod.c"
run "$MPFLASH" make RED
is 'which finds a file now: compiled again' "$(compiles)" 1
git checkout -q $mk

mkdir "$T/a" "$T/b"
mv "$T/mods" "$T/a/mods"
cp -r "$T/a/mods" "$T/b/mods"
printf 'enum { MOD = 1 };\n' >"$T/a/mods/mod.h"
printf 'enum { MOD = 2 };\n' >"$T/b/mods/mod.h"
sed -i 's|^#include "mini.h"|&\n#include "../../../mods/mod.h"\nconst int mod __attribute__((used)) = MOD;|' ports/mini/main.c
commit 'A header beside the tree'
cp -r . "$T/a/tree"
cp -r . "$T/b/tree"
cd "$T/a/tree" || exit
builds 'a header beside the tree' RED
cd "$T/b/tree" || exit
builds 'another checkout with another such header' RED
cp "$T/a/mods/mod.h" "$T/b/mods"
restores 'and with the same' RED

cd "$T/a/tree" || exit
sed -i 's|^SRC = .*|&\nCFLAGS += -I$(abspath $(MODS))|' $mk
sed -i 's|"../../../mods/mod.h"|<mod.h>|' ports/mini/main.c
commit 'A header in a folder that is named'
cp -r . "$T/b/again"
printf 'enum { MOD = 3 };\n' >"$T/b/mods/mod.h"
builds 'a folder beside the tree, by an absolute name' RED --set MODS=../../../mods
cd "$T/b/again" || exit
builds 'the same word in another checkout' RED --set MODS=../../../mods
mkdir mods
cp ../mods/mod.h mods
cp -r . "$T/a/third"
builds 'a word for a folder in the tree' RED --set MODS=../../mods
cd "$T/a/third" || exit
restores 'that word in another checkout' RED --set MODS=../../mods

if memory=$(mktemp -d /dev/shm/mpflash-t.XXXXXX 2>/dev/null); then
	small_tree "$memory/tree"
	cd "$memory/tree" || exit
	run "$MPFLASH" make RED
	is 'a tree in /dev/shm' "$status" 0
	printf 'int more;\n' >>py/mini.h
	builds 'a header in /dev/shm changes' RED
	cd "$T" || exit
	rm -r "$memory"
else
	skip 'a tree in /dev/shm' 'there is no such folder'
fi

done_testing
