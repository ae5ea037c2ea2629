#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The largest resident set of `make all` over 225 boards: their first build (whose makes and cats are smaller than
# mpflash), a run with nothing to do, one where a file that all read has changed. Budget: 64 MiB.
here=$(cd -- "$(dirname -- "$0")" && pwd -P)
set -eu
. "$here/lib.sh"

"$here/boards-tree" "$TMPDIR/many" "${BENCH_BOARDS:-225}"
peers 1 'all boards, the first time' "'$MPFLASH' make -C '$TMPDIR/many' all"
peers 3 'nothing to do' "'$MPFLASH' make -C '$TMPDIR/many' all"
printf 'int changed;\n' >>"$TMPDIR/many/py/source0.c"
peers 1 'a file of all changed' "'$MPFLASH' make -C '$TMPDIR/many' all"
