#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Listing and completing MicroPython's 225 boards, against Python's json reading their files (what mpbuild begins with, less
# the start of its packages). Budgets: 30 ms to list, 20 ms to complete a word. Without the archive of real boards:
# BOARDS_TREE=DIR, a tree.
here=$(cd -- "$(dirname -- "$0")" && pwd -P)
set -eu
. "$here/lib.sh"

archive=$here/../../../shared/data/micropython-boards.tar.gz
tree=${BOARDS_TREE-}
if [ -z "$tree" ]; then
	[ -f "$archive" ] || { printf '%s is not there, and no BOARDS_TREE\n' "$archive" && exit 0; }
	tree=$TMPDIR/tree
	mkdir -p "$tree/py" "$tree/mpy-cross"
	tar -xzf "$archive" -C "$tree"
fi
cat >"$TMPDIR/read.py" <<'PYTHON'
import glob, json, sys
for name in glob.glob(sys.argv[1] + "/ports/*/boards/*/board.json"):
    with open(name) as f:
        print(json.load(f)["product"])
PYTHON
peers 21 'mpflash boards' "'$MPFLASH' boards -C '$tree'" \
	'mpflash boards --json' "'$MPFLASH' boards -C '$tree' --json" \
	'python3: the board.json files' "python3 '$TMPDIR/read.py' '$tree'"
peers 21 'complete: any target' "'$MPFLASH' complete -- make -C '$tree' ''" \
	'complete: PYBV11-' "'$MPFLASH' complete -- make -C '$tree' PYBV11-" \
	'complete: an option' "'$MPFLASH' complete -- make --st"
