#!/bin/sh
# SPDX-License-Identifier: MIT
#
# A build from scratch: traced against untraced, and all of mpflash make around it. The sample tree's NUCLEO_H563ZI and
# RPI_PICO; with BENCH_TREE=DIR a real tree's PYBV11 and RPI_PICO (minutes). Budgets: 1.25 times the CPU on stm32, 1.4 on rp2.
here=$(cd -- "$(dirname -- "$0")" && pwd -P)
set -eu
. "$here/lib.sh"

tracer=$(dirname -- "$MPFLASH")/mpflash-trace
"$tracer" --check
if [ -n "${BENCH_TREE-}" ]; then
	tree=$BENCH_TREE
	stm32=PYBV11
else
	tree=$TMPDIR/tree
	stm32=NUCLEO_H563ZI
	sample "$tree"
fi
pinned "$tree"
cat >"$TMPDIR/scratch" <<'SH'
# scratch PORT/BOARD [TRACER LOG --]: from an empty folder
port=${1%/*} board=${1#*/}
shift
rm -rf "$TMPDIR/build"
exec "$@" make -j2 -C "$BENCH_TREE/ports/$port" BOARD="$board" BUILD="$TMPDIR/build"
SH
cat >"$TMPDIR/anew" <<'SH'
# anew BOARD: in a configuration that was never built
exec env -u MICROPY_MPYCROSS -u MICROPY_GIT_TAG -u MICROPY_GIT_HASH -u SOURCE_DATE_EPOCH \
	"$MPFLASH" make -j2 -C "$BENCH_TREE" -o "$TMPDIR/out" --set "BENCH=$(date +%s%N)" "$1"
SH
BENCH_TREE=$tree
export BENCH_TREE
measure() { # PORT/BOARD
	peers "${BENCH_RUNS:-5}" \
		"make, $1, untraced" "sh '$TMPDIR/scratch' $1" \
		'make, traced' "sh '$TMPDIR/scratch' $1 '$tracer' '$TMPDIR/log' --" \
		'mpflash make' "sh '$TMPDIR/anew' ${1#*/}"
	"$tracer" --print "$TMPDIR/log" | cut -c1 | sort | uniq -c | tr -s ' \n' ' '
	printf '(records: read, stat, exec, list, write)\n'
}
"$MPFLASH" make -C "$tree" "$stm32" -o "$TMPDIR/out" >/dev/null 2>&1
measure "stm32/$stm32"
if command -v cmake >/dev/null; then
	measure rp2/RPI_PICO
else
	printf 'cmake is not here: no RPI_PICO\n'
fi
