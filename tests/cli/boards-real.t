#!/bin/sh
# SPDX-License-Identifier: MIT
#
# mpflash boards on the 225 board.json files of MicroPython: all of them, in time, and the same as mpbuild reads.
. "$(dirname "$0")/lib.sh"
# shellcheck source=../peers/lib.sh
. "$TESTS_DIR/peers/lib.sh"

archive=$TESTS_DIR/../../shared/data/micropython-boards.tar.gz
[ -f "$archive" ] || skip_all "$archive is not there"
need tar python3
mkdir -p "$T/real/py" "$T/real/mpy-cross"
tar -xzf "$archive" -C "$T/real" || bail "cannot unpack $archive"

run "$MPFLASH" boards -C "$T/real"
is 'all are listed' "$status$err/$(printf '%s\n' "$out" | wc -l)" 0/225
run "$MPFLASH" boards -C "$T/real" --format tree
like 'the tree counts them' "$out" '^MicroPython boards  225, 50 variants$'
like 'a port and how many boards it has' "$out" ' stm32  76$'
like 'a board with variants' "$out" ' PYBV11  DP, DP_THREAD, NETWORK, THREAD$'
is '--mcu: as many as say so' "$("$MPFLASH" boards -C "$T/real" --mcu rp2350 --format names | wc -l)" \
	"$(grep -rl '"mcu": "rp2350"' "$T/real/ports" | wc -l)"

# 10 ms on a quiet machine, 30 ms wanted; ten times as much for a busy one and for the sanitizers.
best=$(python3 - "$MPFLASH" "$T/real" <<'PYTHON'
import subprocess, sys, time
best = 1e9
for _ in range(10):
    start = time.monotonic()
    subprocess.run([sys.argv[1], "boards", "-C", sys.argv[2]], stdout=subprocess.DEVNULL, check=True)
    best = min(best, time.monotonic() - start)
print(int(best * 1000))
PYTHON
)
ok "all are listed in $best ms" test "$best" -lt 300

# --- what mpbuild knows of each board, we know too

if ! peer_mpbuild; then
	skip 'mpbuild reads the same' "$why"
	done_testing
fi
# same TREE: prints what differs
same() {
	"$MPFLASH" boards -C "$1" --json >"$T/ours.json" || return 1
	python3 - "$PEER_MPBUILD/mpbuild/board_database.py" "$1" "$T/ours.json" <<'PYTHON'
import importlib.util, json, pathlib, sys
spec = importlib.util.spec_from_file_location("board_database", sys.argv[1])
module = importlib.util.module_from_spec(spec)
sys.modules["board_database"] = module
spec.loader.exec_module(module)
theirs = module.Database(pathlib.Path(sys.argv[2]))
ours = {b["board"]: b for b in json.load(open(sys.argv[3]))}
# mpbuild has unix, webassembly and windows also where the tree has no such ports; this tree has none.
boards = {name: b for name, b in theirs.boards.items() if b.physical_board}
assert len(boards) == 225 and boards.keys() == ours.keys(), boards.keys() ^ ours.keys()
for name, b in boards.items():
    o = ours[name]
    for key in "url", "mcu", "product", "vendor":
        if (o[key] or "") != getattr(b, key):
            print(name, key, repr(o[key]), repr(getattr(b, key)))
    for key in "images", "deploy":
        if o[key] != getattr(b, key):
            print(name, key, o[key], getattr(b, key))
    if o["port"] != b.port.name or o["path"] != str(b.directory):
        print(name, o["port"], o["path"], b.directory)
    if o["variant_texts"] != {v.name: v.text for v in b.variants} or o["variants"] != [v.name for v in b.variants]:
        print(name, o["variants"], b.variants)
PYTHON
}
# mpbuild wants "images" of every board and ends with a KeyError where there are none; we list that board, and --check tells.
run same "$T/real"
like 'mpbuild does not read a tree with a board that names no pictures' "$err" "^KeyError: 'images'\$"
run "$MPFLASH" boards -C "$T/real" --check
is '--check names that board' "$(printf '%s\n' "$out" | grep '"images" is missing')" \
	'ports/esp32/boards/LILYGO_T3_S3/board.json: error: "images" is missing'
sed -i 's/"mcu"/"images": [], "mcu"/' "$T/real/ports/esp32/boards/LILYGO_T3_S3/board.json"
run same "$T/real"
is 'with it, mpbuild reads the same of all boards' "$status$out$err" 0

done_testing
