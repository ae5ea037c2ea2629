#!/bin/sh
# SPDX-License-Identifier: MIT
#
# What docs/ADD-A-PORT.md, docs/ADD-A-FLASH-METHOD.md and docs/guide/INSTALLING.md say, followed to the letter: the port's rule file makes a
# port, the method is one file and one line in the program, the words for configure, ninja and apt are words that they know.
# Runs once: it compiles a program of its own.
# shellcheck disable=SC2016 # make's own $
. "$(dirname "$0")/lib.sh"

need python3 git arm-none-eabi-gcc arm-none-eabi-objcopy make ninja
root=$(cd "$TESTS_DIR/.." && pwd)
build=$(dirname "$MPFLASH")
cd "$T" || exit
mkdir bin
ln -s "$MPFLASH" bin/mpflash
PATH=$T/bin:$PATH
python3 "$TESTS_DIR/cli/docs.py" "$root" commands >"$T/commands"

# of FILE: its commands, without remarks
of() {
	sed -n "s|^$1:[0-9]*	||p" "$T/commands" | sed 's/  *#.*//'
}

# --- docs/ADD-A-PORT.md: a port with samd's name, whose make leaves what samd's does
small_tree tree
cd tree || exit
mv ports/mini ports/samd
mv ports/samd/boards/RED ports/samd/boards/ADAFRUIT_ITSYBITSY_M4_EXPRESS
sed -i 's/"mcu": *"[^"]*"/"mcu": "samd51"/' ports/samd/boards/ADAFRUIT_ITSYBITSY_M4_EXPRESS/board.json
sed -i "s/0x10000/0x4000/; s/^all:/all: \$(BUILD)\/firmware.uf2/" ports/samd/Makefile
printf '\nsubmodules:\n\n$(BUILD)/firmware.uf2: $(BUILD)/firmware.bin\n\t%s convert --base 0x4000 --family samd51 $< $@\n' "$MPFLASH" >>ports/samd/Makefile
mkdir extmod shared lib drivers tools
awk '/^<!-- example -->/ { on = 1; next } on && /^```/ { if (inside) exit; inside = 1; next } inside' "$root/docs/ADD-A-PORT.md" >samd.rules
ok 'ADD-A-PORT: the rule file is there' grep -q '^port samd' samd.rules
mkdir ../rules
cp "$root"/rules/*.rules ../rules
mv samd.rules ../rules
printf 'port samd\n  mpy-cross = no\n' >mpflash.rules # this tree has none
MPFLASH_RULES=$T/rules
export MPFLASH_RULES
of docs/ADD-A-PORT.md >../port-commands
is 'ADD-A-PORT: it has commands' "$(wc -l <../port-commands)" 4
while IFS= read -r line; do
	case $line in
	'cd '*) cd "${line#cd }" || break ;;
	*) ok "ADD-A-PORT: $line" sh -c "$line" ;;
	esac
done <../port-commands
is 'ADD-A-PORT: one image in .uf2 and .hex' "$(mpflash info --json firmware.uf2 firmware.hex | grep -o '"digest":"[^"]*"' | sort | uniq -c | awk '{ print $1 }')" 2

# --- docs/ADD-A-FLASH-METHOD.md: src/flash/null.c and the line, in this program
cd "$T" || exit
unset MPFLASH_RULES
guide=$root/docs/ADD-A-FLASH-METHOD.md
mkdir -p src/flash
cp "$root/src/flash/method.c" src/flash
awk '/^```c$/ { on = 1; next } /^```$/ && on { exit } on' "$guide" >src/flash/null.c
printf '/* SPDX-License-Identifier: MIT */\n#include "flash/method.h"\nextern const struct flash_method null_method;\n' >src/flash/null.h
sed -i 's/&openocd_method,/\&null_method, &/; s/^#include "flash\/picoboot.h"/#include "flash\/null.h"\n&/' src/flash/method.c
is 'the line is there, in order of names' "$(grep -c 'null' src/flash/method.c)" 2
(cd "$build" && ninja -t commands mpflash) >build-commands
for name in method null; do
	line=$(grep -e "-c .*src/flash/method\.c\|src/flash/method\.c.* -c" build-commands | grep plain | head -n 1)
	[ -n "$line" ] || bail 'no command compiles src/flash/method.c'
	line=$(printf '%s\n' "$line" | sed "s|-M[MD]* ||g; s|-MF [^ ]*||; s|-o [^ ]*|-o $T/$name.o|; s|[^ ]*src/flash/method\.c|$T/src/flash/$name.c|; s|-I|-I$T/src -I|")
	ok "$name.c compiles as the guide has it" sh -c "cd '$build' && $line -Wall -Wextra -Werror"
done
link=$(tail -n 1 build-commands | sed "s|-o mpflash |-o $T/mpflash-null |; s|[^ ]*libmpflash\.a|$T/method.o $T/null.o &|")
ok 'it links' sh -c "cd '$build' && $link"
run env MPFLASH_RULES="$root/rules" ./mpflash-null plugins --format plain
is 'the program has the method: exit status' "$status" 0 || diag "$err"
like 'the program has the method' "$out" "^null	.*formats=\['\.bin', '\.hex'\]"
printf 'port stm32\n  board PYBV11\n    chip = stm32f4\n    flash = null\n' >null.rules
head -c 4096 "$TESTS_DIR/cli/lib.sh" >one.bin
run env MPFLASH_RULES="$root/rules" ./mpflash-null make -n --rules null.rules --image one.bin --method null flash-PYBV11
unlike 'a board may name it' "$err" "method 'null'"
is 'the commands for a declared runner have a test' "$(of docs/ADD-A-FLASH-METHOD.md | grep -c rack.rules)" "$(of docs/ADD-A-FLASH-METHOD.md | wc -l)"
ok 'which is user-runner.t' grep -q 'docs/ADD-A-FLASH-METHOD.md' "$TESTS_DIR/cli/user-runner.t"

# --- configure, ninja, dpkg-buildpackage and apt
"$root/configure" --help >configure-help
cut -f 2 commands | grep '^\./configure ' | sed 's/  *#.*//' >configure-commands
ok 'there are commands for configure' test -s configure-commands
while read -r _ words; do
	for word in $words; do
		case $word in
		--*) ok "./configure $words: $word" grep -qE -e "^  ${word%%=*}( |=)" configure-help ;;
		*) ok "./configure $words: $word" grep -qE "targets, if any:.* $word( |\.)" configure-help ;;
		esac
	done
done <configure-commands
cut -f 2 commands | grep '^ninja ' | sed 's/  *#.*//' | while read -r _ target; do
	(cd "$build" && ninja -t query "$target") >/dev/null 2>&1 || echo "$target"
done >no-targets
is 'ninja has the targets' "$(cat no-targets)" ''
ok 'dpkg-buildpackage: debian.t' grep -q 'dpkg-buildpackage.*-us -uc.*-b' "$TESTS_DIR/cli/debian.t"
cut -f 2 commands | sed -n 's/^sudo apt install \([^#]*\).*/\1/p' | tr -s ' ' '\n' | grep . >packages
ok 'packages are named' test -s packages
while read -r package; do
	case $package in
	../mpflash_*) ok "$package" grep -q '^Package: mpflash$' "$root/debian/control" ;;
	*) ok "the rules or configure name the package $package" grep -rqw -e "$package" "$root/rules" "$root/configure" ;;
	esac
done <packages
done_testing
