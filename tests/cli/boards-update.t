#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Filling the library's table of boards, from a tree's tags and from the Python tool's list.
. "$(dirname "$0")/lib.sh"
need git sqlite3 python3

unset MPFLASH_FIRMWARE GITHUB_ACTIONS GITHUB_WORKSPACE XDG_DOWNLOAD_DIR MICROPY_DIR
commit() {
	git -C "$tree" add -A
	git -C "$tree" -c user.name=x -c user.email=x@example.org commit -q -m "$1" || bail "no commit"
}
rows() {
	sqlite3 -separator '|' "$T/$1/mpflash.db" "$2"
}

# v1.27.0: PYBV11 alone. v1.28.0: as it is. Then the preview, with a commit behind its tag.
tree=$T/tree
sample_tree "$tree"
rm -rf "$tree/ports/stm32/boards/BROKEN_BOARD"
mv "$tree/ports/rp2/boards" "$T/rp2-boards"
rm -rf "$tree/ports/unix/variants"
mkdir -p "$tree/ports/unix/variants/standard" "$tree/ports/unix/variants/coverage"
touch "$tree/ports/unix/variants/standard/mpconfigvariant.mk" "$tree/ports/unix/variants/coverage/mpconfigvariant.mk"
commit 'One port'
git -C "$tree" tag v1.27.0
git -C "$tree" tag v1.17
git -C "$tree" tag v1.27.0-rc1
mv "$T/rp2-boards" "$tree/ports/rp2/boards"
commit 'Another port'
git -C "$tree" tag v1.28.0-preview
git -C "$tree" tag v1.28.0
git -C "$tree" tag -d v1.29.0-preview >/dev/null
touch "$tree/ports/next"
commit 'Start of the next'
git -C "$tree" tag v1.29.0-preview
sed 's/PYBv1.1/PYBv1.1 new/' "$tree/ports/stm32/boards/PYBV11/mpconfigboard.h" >"$T/h"
cp "$T/h" "$tree/ports/stm32/boards/PYBV11/mpconfigboard.h"
printf 'broken' >"$tree/ports/stm32/boards/TOO_BIG_BOARD/board.json"
commit 'A newer name'
head=$(git -C "$tree" rev-parse HEAD)

run "$MPFLASH" boards update -d "$T/fw" "$tree"
is 'boards of all tags' "$status" 0
like 'are counted' "$out" 'of 3 versions, the newest v1.29.0-preview$'
like 'what cannot be read is told' "$err" '1 boards were left out'
is 'each version from v1.18 on has its boards' \
	"$(rows fw "SELECT version, group_concat(board_id, ' ') FROM (SELECT * FROM boards
		WHERE board_id LIKE 'RPI%' OR board_id LIKE 'PYBV11' ORDER BY 1, 2) GROUP BY 1")" \
	'v1.27.0|PYBV11
v1.28.0|PYBV11 RPI_PICO RPI_PICO2 RPI_PICO2-RISCV
v1.29.0-preview|PYBV11 RPI_PICO RPI_PICO2 RPI_PICO2-RISCV'
name=$(sed -n 's/^#define MICROPY_HW_BOARD_NAME *"\(.*\)"/\1/p' "$T/h")
mcu=$(sed -n 's/^#define MICROPY_HW_MCU_NAME *"\(.*\)"/\1/p' "$T/h")
is 'a row has all that the Python tool has, and HEAD is the preview' \
	"$(rows fw "SELECT * FROM boards WHERE board_id = 'PYBV11' AND version = 'v1.29.0-preview'")" \
	"PYBV11|v1.29.0-preview|PYBV11|stm32f4||stm32|ports/stm32/boards/PYBV11|$name with $mcu|micropython|0"
is 'a variant has its own row' \
	"$(rows fw "SELECT board_name, variant, path FROM boards WHERE board_id = 'PYBV11-DP' AND version = 'v1.28.0'")" \
	'PYBV11|DP|ports/stm32/boards/PYBV11'
is 'ports without boards are boards' \
	"$(rows fw "SELECT board_id, variant, path, description FROM boards WHERE port = 'unix' AND version = 'v1.27.0'")" \
	'unix||ports/unix|unix
unix-coverage|coverage|ports/unix|unix
unix-standard|standard|ports/unix|unix'
is 'boards_version is the newest' "$(rows fw "SELECT value FROM metadata WHERE name = 'boards_version'")" v1.29.0-preview
is 'nothing was checked out' "$(git -C "$tree" rev-parse HEAD; git -C "$tree" status --porcelain)" "$head"

git clone -q --bare "$tree" "$T/bare.git"
run "$MPFLASH" boards update -d "$T/bare" --json "$T/bare.git"
is 'a bare clone has the same' "$status:$(rows bare 'SELECT count(*) FROM boards')" \
	"0:$(rows fw 'SELECT count(*) FROM boards')"
run "$MPFLASH" boards update -d "$T/some" --oldest 1.28.0 -C "$tree"
is 'from a version on' "$(rows some 'SELECT DISTINCT version FROM boards ORDER BY 1' | tr '\n' ' ')" 'v1.28.0 v1.29.0-preview '
rm -rf "$T/plain" && cp -R "$tree" "$T/plain" && rm -rf "$T/plain/.git"
run sh -c "cd '$T/plain/ports' && '$MPFLASH' boards update -d '$T/plain-fw'"
is 'a tree without git is taken as it is' "$status:$(rows plain-fw "SELECT count(DISTINCT version), count(*) > 5 FROM boards")" \
	'0:1|1'
run "$MPFLASH" boards update -d "$T/none" "$T/fw"
is 'no tree is an error' "$status" 1

# --- the Python tool's list

cat >"$T/micropython_boards.csv" <<'END'
version,board_id,board_name,mcu,variant,port,path,description,family
v1.29.0-preview,"B-""X""",B,mcu,"X",rp2,ports/rp2/boards/B,"One, two",micropython
v1.26.0,B,B,mcu,,rp2,ports/rp2/boards/B,B with MCU,micropython
END
(cd "$T" && python3 -m zipfile -c list.zip micropython_boards.csv)
run "$MPFLASH" boards update -d "$T/list" "$T/list.zip"
is 'a list is taken' "$status:$out" '0:1 boards and 1 variants of 2 versions, the newest v1.29.0-preview'
is 'with its texts' "$(rows list 'SELECT * FROM boards')" \
	'B-"X"|v1.29.0-preview|B|mcu|X|rp2|ports/rp2/boards/B|One, two|micropython|0
B|v1.26.0|B|mcu||rp2|ports/rp2/boards/B|B with MCU|micropython|0'
is 'and the hash by which the Python tool knows it' "$(rows list "SELECT value FROM metadata WHERE name = 'boards_hash'")" \
	"$(sha256sum "$T/micropython_boards.csv" | cut -d ' ' -f 1)"
printf 'v1.30.0,C,C,m,,p\n' >>"$T/micropython_boards.csv"
run "$MPFLASH" boards update -d "$T/list" "$T/micropython_boards.csv"
is 'a damaged one is refused' "$status" 1
like 'with the line' "$err" 'line 4: it has 6 fields only'
is 'as a whole' "$(rows list 'SELECT count(*) FROM boards')" 2
run "$MPFLASH" boards update -d "$T/list" "$T/h"
like 'another file is no list' "$err" 'no list of boards'

real=$TESTS_DIR/../../shared/data/micropython_boards.zip
if [ -f "$real" ]; then
	run "$MPFLASH" boards update -d "$T/real" "$real"
	is 'the real list' "$status:$(rows real 'SELECT count(*), count(DISTINCT version) FROM boards')" '0:3557|17'
else
	skip 'the real list' 'it is not here'
fi
done_testing
