#!/bin/sh
# SPDX-License-Identifier: MIT
#
# What make, ninja and samurai get wrong because they compare dates: each comes out right here, with the image that a
# make by hand in a fresh folder makes.
. "$(dirname "$0")/lib.sh"
# shellcheck source=exact.sh
. "$TESTS_DIR/cli/exact.sh"

need git arm-none-eabi-gcc make
sources tree
header=py/mini.h

builds 'the first time' RED
rests 'the second time' RED

touch $header ports/mini/main.c ports/mini/Makefile
rests 'a touch' RED
touch -d 2001-01-01 ports/mini/main.c
rests 'an older date' RED

touch -r $header "$T/date"
sed -i 's/16/17/' $header
touch -r "$T/date" $header
builds 'content changed, the date set back' RED
rests 'and then' RED

cp -p ports/mini/main.c "$T/main.c"
sed -i 's/MINI_LIMIT;/MINI_LIMIT + 1;/' ports/mini/main.c
touch -r "$T/main.c" ports/mini/main.c
builds 'the same for a C file' RED

sed 's/17/18/' $header >"$T/older.h"
touch -d 2001-01-01 "$T/older.h"
mv "$T/older.h" $header
builds 'replaced by an older file' RED
sed 's/LIMIT + 1/LIMIT + 2/' ports/mini/main.c >"$T/older.c"
touch -d 2001-01-01 "$T/older.c"
mv "$T/older.c" ports/mini/main.c
builds 'a C file replaced by an older one' RED
rests 'and then' RED

sed -i 's/18/19/' $header
touch -d tomorrow $header
builds 'an input dated tomorrow' RED
rests 'dated tomorrow, the second time' RED
touch -d tomorrow ports/mini/main.c ports/mini/Makefile $header
rests 'all inputs dated tomorrow' RED
sed -i 's/19/20/' $header
builds 'changed again, dated today' RED

# Each of these leaves the dates and the size of the file as they were.
for name in elf bin hex map; do
	file=build-mpflash/RED/firmware.$name
	cp -p "$file" "$T/good"
	printf 'garbage' | dd of="$file" conv=notrunc 2>/dev/null
	touch -r "$T/good" "$file"
	restores "garbage in firmware.$name" RED
	ok "firmware.$name is mended" cmp "$file" "$T/good"
	: >"$file"
	restores "an empty firmware.$name" RED
	ok "firmware.$name is mended again" cmp "$file" "$T/good"
done
rests 'all outputs mended' RED

# --- a mode and a link count as content ---
mv $header py/real.h
ln -s real.h $header
run "$MPFLASH" make RED
is 'a file becomes a link to the same bytes' "$status" 0
image_is_right 'a file becomes a link to the same bytes'
rests 'the link, once more' RED
sed 's/20/21/' py/real.h >py/other.h
ln -sf other.h $header
builds 'the link leads elsewhere' RED
sed -i 's/21/22/' py/other.h
builds 'what it leads to changes' RED

# --- a renewed folder that has seen it all, against a fresh one ---
for i in 1 2 3; do
	sed -i "s/22/22 + $i/" py/other.h
	builds "edit $i" RED
	sed -i "s/22 + $i/22/" py/other.h
	restores "edit $i undone" RED
done

done_testing
