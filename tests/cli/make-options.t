#!/bin/sh
# SPDX-License-Identifier: MIT
#
# mpflash make: options, and the forms of targets.
. "$(dirname "$0")/lib.sh"

need git arm-none-eabi-gcc make python3
small_tree "$T/tree"
cd "$T/tree" || exit

# Every file and folder of the tree, the cache and the home: mode, date and content. Dates of folders are left out:
# SQLite's log beside the index comes and goes.
snapshot() {
	python3 - "$T/tree" "$MPFLASH_CACHE" "$HOME" <<'EOF'
import hashlib, os, sys
for top in sys.argv[1:]:
    print(top, os.path.isdir(top))
    for folder, folders, files in os.walk(top):
        folders.sort()
        print(folder, oct(os.lstat(folder).st_mode))
        for name in sorted(files):
            path = os.path.join(folder, name)
            st = os.lstat(path)
            with open(path, "rb") as f:
                print(path, oct(st.st_mode), st.st_mtime_ns, hashlib.sha256(f.read()).hexdigest())
EOF
}

# dry NAME ERE WORD...: make -n tells it, and nothing on the disk is different afterwards.
dry() {
	dry_name=$1
	dry_tells=$2
	shift 2
	snapshot >"$T/before"
	run "$MPFLASH" make -n "$@"
	snapshot >"$T/after"
	is "-n, $dry_name: exit status and stdout" "$status$out" 0
	like "-n, $dry_name: tells it" "$err" "$dry_tells"
	is "-n, $dry_name: changes nothing on the disk" "$(diff "$T/before" "$T/after")" ''
}

# events FILTER: FILTER of each object on stdout, one a line; a line that is no object fails.
events() {
	printf '%s\n' "$out" | python3 -c '
import json, sys
for line in sys.stdin:
    e = json.loads(line)
    assert type(e) is dict, line
    text = eval(sys.argv[1], {}, {"e": e})
    if text is not None:
        print(text)
' "$1"
}

# --- -n ---
rm -r "$MPFLASH_CACHE"
dry 'no cache yet' '^compile  mini/RED: would run: never done before$' RED
like 'and what follows' "$err" '^hex      mini/RED: would run: after mini/RED firmware\.elf$'
like 'and the sum' "$err" '^2 steps would run, 0 up to date '
run "$MPFLASH" make RED
dry 'nothing to do' '^nothing to do: 2 steps up to date' RED
sed -i 's/16/17/' py/mini.h
dry 'a changed source' '^compile  mini/RED: would run \(about [0-9.]+ s\): py/mini\.h changed$' RED
git checkout -q py/mini.h
rm build-mpflash/RED/firmware.bin
echo garbage >build-mpflash/RED/firmware.hex
dry 'a missing output' '^compile  mini/RED: would run: .*, firmware\.bin from the store$' RED
like '-n, a garbage output: tells it' "$err" '^hex      mini/RED: would run: .*, firmware\.hex from the store$'
chmod u+w "$MPFLASH_CACHE"/blobs/*/*
for blob in "$MPFLASH_CACHE"/blobs/*/*; do
	[ "$(wc -c <"$blob")" = "$(wc -c <build-mpflash/RED/firmware.elf)" ] && echo 'garbage' | dd of="$blob" conv=notrunc 2>/dev/null
done
rm build-mpflash/RED/firmware.elf
dry 'a corrupt blob' '^compile  mini/RED: would run .*: the store lost firmware\.elf' RED
dry 'with -B' '^compile  mini/RED: would run .*: forced \(-B\)$' -B RED
dry 'another board' '^compile  mini/BLUE: would run: never done before$' BLUE
dry 'a new format' '^dfu      mini/RED: would run: ' dfu-RED
dry 'clean' '^clean    mini/RED: would run: there is something to remove$' clean-RED
dry 'a folder of your own' '^compile  mini/BLUE: would run' -o "$T/elsewhere" BLUE
not_ok 'which is not made' test -e "$T/elsewhere"
snapshot >"$T/before"
run "$MPFLASH" make -n --json RED BLUE
snapshot >"$T/after"
is '-n --json: the plan' "$(events '"%s %s" % (e["step"], e["target"]) if e["event"] == "plan" else None' | sort)" \
	"$(printf 'compile mini/BLUE\ncompile mini/RED\nhex mini/BLUE\nhex mini/RED')"
is '-n --json: changes nothing on the disk' "$(diff "$T/before" "$T/after")" ''

# --- --json ---
run "$MPFLASH" make RED --json
is '--json: exit status, and nothing on stderr' "$status$err" 0
is '--json: the events' "$(events 'e["event"]')" "$(printf 'start\ndone\ndone\nfile\nfile\nfile\nfile\nsummary')"
is '--json: what each step event has' "$(events 'sorted(e) if e["event"] == "done" else None' | sort -u)" \
	"['event', 'ms', 'reason', 'step', 'target']"
is '--json: the summary' "$(events '[(k, v) for k, v in e.items() if k != "ms"] if e["event"] == "summary" else None')" \
	"[('event', 'summary'), ('run', 2), ('skipped', 0), ('failed', 0), ('flashed', 0), ('boards', {'built': 1, 'from_store': 0, 'converted': 0, 'flashed': 0, 'skipped': 0})]"
is '--json: the time is a number' "$(events 'type(e["ms"]).__name__ if e["event"] == "summary" else None')" int
is '--json: the files are there' \
	"$(events 'e["path"] if e["event"] == "file" else None' | while read -r path; do test -s "$path" && echo yes; done)" \
	"$(printf 'yes\nyes\nyes\nyes')"
run "$MPFLASH" make RED --json
is '--json: nothing to do' "$(events 'e["event"]')" "$(printf 'skip\nskip\nsummary')"
mkdir ports/mini/boards/BAD
sed 's/Red/Bad/; /variants/,/}/d' ports/mini/boards/RED/board.json >ports/mini/boards/BAD/board.json
printf '#error "this board is broken"\n' >ports/mini/boards/BAD/board.c
run "$MPFLASH" make BAD --json
is '--json: a failure' "$status $(events 'e["event"]' | tr '\n' ' ')" '1 start fail summary '
like '--json: its reason is the compiler'"'"'s' "$(events 'e["reason"] if e["event"] == "fail" else None')" \
	'board\.c:1:2: error: .*this board is broken'
is '--json: the summary counts it' "$(events 'e["failed"] if e["event"] == "summary" else None')" 1
like '--json: the error is on stderr too' "$err" '^error: '

# --- -k, -j ---
run "$MPFLASH" make -j1 BAD BLUE
is 'without -k: exit status' "$status" 1
like 'without -k: nothing is started after a failure' "$err" '^1 failed in .* \(0 steps run, 0 up to date\)'
run "$MPFLASH" make -j1 -k BAD BLUE RED
is 'with -k: exit status' "$status" 1
like 'with -k: the others are made' "$err" ', 1 failed in .* \(2 steps run, 2 up to date\)'
ok 'with -k: their files are there' test -s build-mpflash/BLUE/firmware.hex
not_ok 'and none of the failed board' test -e build-mpflash/BAD
is 'with -k: one error and one hint' "$(printf '%s\n' "$err" | grep -Ec '^(error|hint): ')" 2
mkdir ports/mini/boards/BAD2
cp ports/mini/boards/BAD/* ports/mini/boards/BAD2
run "$MPFLASH" make -k -j4 BAD BAD2
like 'two failures: both are told' "$err" '^error: 2 steps failed$'
is 'two failures: each with its own words' "$(printf '%s\n' "$err" | grep -c '^mini/BAD2* .*: make ended with exit status 2$')" 2
is 'two failures: still one error and one hint' "$(printf '%s\n' "$err" | grep -Ec '^(error|hint): ')" 2
rm -r ports/mini/boards/BAD ports/mini/boards/BAD2
for jobs in 1 3; do
	run "$MPFLASH" make -j$jobs -B RED RED-DARK BLUE
	is "-j$jobs: three boards" "$status" 0
done

# --- -o, formats, files ---
run "$MPFLASH" make -o "$T/my files" RED-DARK hex-BLUE
is '-o: exit status' "$status" 0
is '-o: the files, by board' "$(cd "$T/my files" && find . -type f | sort | tr '\n' ' ')" \
	'./BLUE/firmware.hex ./RED-DARK/firmware.bin ./RED-DARK/firmware.elf ./RED-DARK/firmware.hex ./RED-DARK/firmware.map '
like '-o: told' "$out" "^$T/my files/BLUE/firmware\.hex  [0-9]+ bytes\$"
(cd "$T" && mkdir relative && cd relative && "$MPFLASH" make -C "$T/tree" -o here elf-BLUE) >/dev/null 2>&1
is '-o: relative to where you are' "$(find "$T/relative" -type f)" "$T/relative/here/BLUE/firmware.elf"
run "$MPFLASH" make -o "$T/one" elf-RED
is 'elf-BOARD: one file' "$(find "$T/one" -type f)" "$T/one/RED/firmware.elf"
run "$MPFLASH" make -o "$T/all" elf-RED bin-RED hex-RED srec-RED dfu-RED uf2-RED
is 'every format' "$(find "$T/all" -type f | sort | sed 's/.*\.//' | tr '\n' ' ')" 'bin dfu elf hex srec uf2 '
is 'one image in all of them' "$("$MPFLASH" info --json "$T"/all/RED/*.dfu "$T"/all/RED/*.elf "$T"/all/RED/*.hex \
	"$T"/all/RED/*.srec "$T"/all/RED/*.uf2 | python3 -c 'import json, sys; print(len({json.loads(line)["digest"] for line in sys.stdin}))')" 1

# --- boards of the tree and beside it ---
run "$MPFLASH" make all
like 'all: every board and variant' "$err" '^hex      mini/RED-DARK: nothing to do'
is 'all: each once' "$(printf '%s\n' "$err" | grep -c '^compile ')" 3
run "$MPFLASH" make mini/all
is 'PORT/all: the same here' "$(printf '%s\n' "$err" | grep -c '^compile ')" 3
run "$MPFLASH" make RED RED mini/RED elf-RED
like 'one board named four times is made once' "$err" '^nothing to do: 2 steps up to date'

mkdir -p "$T/boards/GREEN"
sed 's/Red/Green/; /variants/,/}/d' ports/mini/boards/RED/board.json >"$T/boards/GREEN/board.json"
printf 'const char green[] __attribute__((used)) = "it is green";\n' >"$T/boards/GREEN/board.c"
run "$MPFLASH" make --board-dir "$T/boards/GREEN" mini/GREEN
is 'a board outside the tree: exit status' "$status" 0
like 'it is built from its own folder' "$(cat build-mpflash/GREEN/firmware.bin)" 'for GREEN.*'
like 'with its own files' "$(cat build-mpflash/GREEN/firmware.bin)" 'it is green'
run "$MPFLASH" make --board-dir "$T/boards" mini/GREEN
like 'the folder above, the same board: nothing to do' "$err" '^nothing to do: 2 steps up to date'
sed -i 's/it is/it was/' "$T/boards/GREEN/board.c"
run "$MPFLASH" make --board-dir "$T/boards" mini/GREEN
like 'a change in its folder' "$err" '^compile  mini/GREEN: done in .*/GREEN/board\.c changed$'
run "$MPFLASH" make --board-dir "$T/boards" GREEN
is 'without a port: exit status' "$status" 1
like 'without a port: says so' "$err" "^error: cannot tell which port board 'GREEN' .* is for\$"
like 'and how to say it' "$err" "^hint: name the port too: 'PORT/GREEN'"

cp -R ports/mini ports/nano
sed 's/mini/nano/g' mpflash.rules >"$T/nano.rules"
run "$MPFLASH" make --rules "$T/nano.rules" RED
is 'a name that two ports have: exit status' "$status" 1
is 'it lists both' "$err" "error: several ports have a board 'RED': 'mini/RED' and 'nano/RED'
hint: name the port too, as in 'mini/RED'"
run "$MPFLASH" make --rules "$T/nano.rules" bin-nano/RED bin-mini/RED
is 'PORT/BOARD: exit status' "$status" 0
is 'the files of both' "$(cd build-mpflash && echo ./*-RED/firmware.bin)" \
	'./mini-RED/firmware.bin ./nano-RED/firmware.bin'
rm -r ports/nano

# --- clean ---
run "$MPFLASH" make clean-RED
like 'clean' "$err" '^clean    mini/RED: done in .*: there is something to remove$'
not_ok 'its files are gone' test -e build-mpflash/RED
ok 'those of others are not' test -e build-mpflash/RED-DARK
run "$MPFLASH" make clean-RED
like 'clean again' "$err" '^nothing to do: 1 step up to date'
run "$MPFLASH" make RED
unlike 'what was cleaned comes back without a compile' "$err" '^compile .*\.\.\.$'

done_testing
