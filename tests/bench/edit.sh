#!/bin/sh
# SPDX-License-Identifier: MIT
#
# One edit of a C file, of a header, of a frozen module: mpflash against the port's own make with a pinned stamp, which is
# quick and sometimes wrong. The sample tree's NUCLEO_H563ZI; with BENCH_TREE=DIR a copy of a real tree's PYBV11 is edited.
# Budget for the C file: twice the CPU. mpy-cross, which make by hand is handed, is not made of these files.
here=$(cd -- "$(dirname -- "$0")" && pwd -P)
set -eu
. "$here/lib.sh"

if [ -n "${BENCH_TREE-}" ]; then
	board=PYBV11
	cp -R "$BENCH_TREE" "$TMPDIR/tree"
else
	board=NUCLEO_H563ZI
	sample "$TMPDIR/tree"
fi
module=ports/stm32/modules/bench.py
printf 'print(1)\n' >"$TMPDIR/tree/$module"
pinned "$TMPDIR/tree"
cp -R "$TMPDIR/tree" "$TMPDIR/by-hand"
cat >"$TMPDIR/edit" <<'SH'
# edit FILE CMD...: a line more in FILE, then CMD
file=$1
shift
case $file in
*.py) printf 'print("%s")\n' "$(date +%s%N)" >>"$file" ;;
*) printf '/* %s */\n' "$(date +%s%N)" >>"$file" ;;
esac
exec "$@"
SH
# As mpflash runs by itself: without the stamp of makes by hand.
ours="env -u MICROPY_MPYCROSS -u MICROPY_GIT_TAG -u MICROPY_GIT_HASH -u SOURCE_DATE_EPOCH '$MPFLASH' make -j2 -C '$TMPDIR/tree' $board"
theirs="make -j2 -C '$TMPDIR/by-hand/ports/stm32' BOARD=$board BUILD='$TMPDIR/build'"
"$MPFLASH" make -C "$TMPDIR/tree" $board >/dev/null 2>&1
make -j2 -C "$TMPDIR/by-hand/ports/stm32" BOARD=$board BUILD="$TMPDIR/build" >/dev/null 2>&1
for file in ports/stm32/led.c $module ports/stm32/led.h; do
	peers "${BENCH_RUNS:-5}" \
		"make, $file" "sh '$TMPDIR/edit' '$TMPDIR/by-hand/$file' $theirs" \
		"mpflash, the same" "sh '$TMPDIR/edit' '$TMPDIR/tree/$file' $ours"
done
