#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Nothing to do: a board of the sample tree against the port's own make; one of many boards that read 1,100 files and look
# for 2,400 others in vain, and all 225 of them, against ninja and samurai on as many files. BENCH_TREE=DIR measures a real
# tree's PYBV11 too. Budgets: 20 ms of CPU for one board, 250 ms for all (docs/ARCHITECTURE.md), 64 MiB.
here=$(cd -- "$(dirname -- "$0")" && pwd -P)
set -eu
. "$here/lib.sh"

boards=${BENCH_BOARDS:-225}
sample "$TMPDIR/tree"
pinned "$TMPDIR/tree"
"$MPFLASH" make -C "$TMPDIR/tree" NUCLEO_H563ZI >/dev/null 2>&1
make -C "$TMPDIR/tree/ports/stm32" BOARD=NUCLEO_H563ZI BUILD="$TMPDIR/build" >/dev/null 2>&1
"$here/boards-tree" "$TMPDIR/many" "$boards"
"$MPFLASH" make -C "$TMPDIR/many" all >"$TMPDIR/log" 2>&1 || { tail "$TMPDIR/log" >&2 && exit 1; }
tail -n 1 "$TMPDIR/log"

# The same inputs for ninja: one edge a board, with all its files, and the absent ones as a depfile cannot say them.
mkdir "$TMPDIR/ninja"
awk -v boards="$boards" -v top="$TMPDIR/many/ports/many/" 'BEGIN {
	while ((getline path <(top "files.list")) > 0)
		shared = shared " " top path
	print "rule cat\n  command = cat $in | tail -c 4000 > $out"
	for (b = 0; b < boards; b++) {
		name = sprintf("BOARD%03d", b)
		own = ""
		while ((getline path <(top "boards/" name "/files.list")) > 0)
			own = own " " top path
		print "build " name ".bin: cat" shared own
	}
}' >"$TMPDIR/ninja/build.ninja"
peers=
for ninja in ninja samu; do
	command -v $ninja >/dev/null || { printf '%s is not here\n' $ninja && continue; }
	cp -R "$TMPDIR/ninja" "$TMPDIR/$ninja.d"
	$ninja -C "$TMPDIR/$ninja.d" >/dev/null
	peers="$peers $ninja"
done
at_rest
"$MPFLASH" make -C "$TMPDIR/tree" NUCLEO_H563ZI >/dev/null 2>&1 # files that changed less than two seconds before are read again
"$MPFLASH" make -C "$TMPDIR/many" all >/dev/null 2>&1

peers 11 \
	'mpflash, a board of the sample tree' "'$MPFLASH' make -C '$TMPDIR/tree' NUCLEO_H563ZI" \
	'make, the same' "make -C '$TMPDIR/tree/ports/stm32' BOARD=NUCLEO_H563ZI BUILD='$TMPDIR/build'"
set -- 'mpflash, one of many boards' "'$MPFLASH' make -C '$TMPDIR/many' BOARD000"
for ninja in $peers; do
	set -- "$@" "$ninja, the same" "$ninja -C '$TMPDIR/$ninja.d' BOARD000.bin"
done
peers 21 "$@"
set -- "mpflash, all $boards boards" "'$MPFLASH' make -C '$TMPDIR/many' all"
for ninja in $peers; do
	set -- "$@" "$ninja, the same" "$ninja -C '$TMPDIR/$ninja.d'"
done
peers 7 "$@"
peers 11 \
	'mpflash --version' "'$MPFLASH' --version" \
	'make --version' 'make --version'

if [ -n "${BENCH_TREE-}" ]; then
	"$MPFLASH" make -C "$BENCH_TREE" -o "$TMPDIR/out" PYBV11 >/dev/null 2>&1
	at_rest
	"$MPFLASH" make -C "$BENCH_TREE" -o "$TMPDIR/out" PYBV11 >/dev/null 2>&1
	peers 11 'mpflash, PYBV11 of a real tree' "'$MPFLASH' make -C '$BENCH_TREE' -o '$TMPDIR/out' PYBV11" \
		'git status, the same tree' "git -C '$BENCH_TREE' status --porcelain"
fi
