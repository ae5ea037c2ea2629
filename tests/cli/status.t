#!/bin/sh
# SPDX-License-Identifier: MIT
#
# What is seen while mpflash works: the status area on a terminal (builds, git; wide, narrow, without colours), lines now and then
# where there is none, events, -q, -V; and the counts of the last line. Boards that are flashed: flash-screen.t; downloads: download.t.
. "$(dirname "$0")/lib.sh"

need git arm-none-eabi-gcc make python3
small_tree "$T/tree"
cd "$T/tree" || exit
boards=ports/mini/boards
for name in SLOW SLOWER; do # their compilers take more than a second
	cp -R $boards/RED $boards/$name
	printf 'DELAY = 1.2\n' >$boards/$name/delay.mk
done

# on SIZE [-i TEXT] CMD...: $out is what the terminal shows at the end; `seen` has every line that was ever there
on() {
	rm -f "$T/seen"
	run env SCREEN_SEEN="$T/seen" python3 "$TESTS_DIR/emu/screen.py" "$@"
	seen=$(cat "$T/seen")
}
ends_well() { # NAME STATUS
	like "$1: exit status" "$out" "^status $2\$" || diag "$out"
	like "$1: the terminal is as it was" "$out" '^restored$'
	like "$1: the cursor begins a line" "$out" '^cursor 0$'
	unlike "$1: nothing but what any terminal knows" "$out" '^unknown'
	unlike "$1: the status area is gone" "$out" '^(\[[0-9]|compile mini|git )'
}
fits() { # NAME COLUMNS: no line of the status area is wider
	is "$1: no line is too wide" "$(printf '%s\n' "$seen" | grep -E '^(\[[0-9]|compile mini|\.\.|git )' | awk -v most="$2" 'length($0) > most')" ''
}

# --- builds ---
on 100x24 "$MPFLASH" make bin-SLOW
ends_well 'the first build' 0
like 'the first build: how long it runs' "$seen" '^compile mini/SLOW  1 s$'
like 'the first build: one of two steps is left' "$seen" '^\[0/[12]\]'
like 'the first build: the last line' "$out" '^1 built in [0-9.]+ s \([1-9] steps? run, 0 up to date\)$'
on 100x24 "$MPFLASH" make bin-SLOW
ends_well 'nothing to do' 0
is 'nothing to do: no status area' "$(printf '%s\n' "$seen" | grep -E '^(\[|compile mini)')" ''
like 'nothing to do: the last line' "$out" '^nothing to do: [0-9] steps? up to date \([0-9]+ ms\)$'
on 100x24 "$MPFLASH" make -B -j2 bin-SLOW bin-SLOWER
ends_well 'two at once' 0
like 'two at once: a bar where the last time is known' "$seen" '^compile mini/SLOW    \[#+\.+\] 1 s, (0:0[0-9] left|last time [1-9] s)$'
like 'two at once: the other one' "$seen" '^compile mini/SLOWER'
like 'two at once: the last line' "$out" '^2 built in '
fits 'two at once' 99
on 40x24 "$MPFLASH" make -B bin-SLOW
ends_well 'narrow' 0
like 'narrow: what stays' "$seen" '^compile mini/SLOW  1 s, '
fits 'narrow' 39
NO_COLOR=1 on 24x4 "$MPFLASH" make -B -j2 bin-SLOW bin-SLOWER
ends_well 'tiny, NO_COLOR' 0
like 'tiny, NO_COLOR: a status area all the same' "$seen" 'mini/SLOWE?R?  1 s'
fits 'tiny, NO_COLOR' 23
SCREEN_TERM=dumb on 100x24 "$MPFLASH" make -B bin-RED
like 'a dumb terminal: exit status' "$out" '^status 0$'
unlike 'a dumb terminal: no status area' "$seen" '^(\[0|compile mini)'
unlike 'a dumb terminal: no escape' "$out" '^(unknown|coloured)'
on 100x24 "$MPFLASH" -q make -B bin-RED
ends_well '-q' 0
is '-q: nothing but the file' "$(printf '%s\n' "$seen" | grep -v 'firmware.bin  [0-9]* bytes$')" ''
on 100x24 "$MPFLASH" -V make -B bin-RED
ends_well '-V' 0
unlike '-V: no status area' "$seen" '^(\[0|compile mini)'
like '-V: what compilers say' "$out" '^arm-none-eabi-gcc '
on 100x24 -i 'compile mini/SLOW  [' "$MPFLASH" make -B bin-SLOW
ends_well 'Ctrl-C' 130
like 'Ctrl-C: the last line' "$out" '^interrupted: .*; 1 stopped'

# --- without a terminal ---
run env MPFLASH_PROGRESS=1 "$MPFLASH" make -B bin-SLOW
is 'no terminal: exit status' "$status" 0
like 'no terminal: a line now and then' "$err" '^compile  mini/SLOW: [1-9] s, '
unlike 'no terminal: no escape' "$err$out" "$(printf '\033')"
run "$MPFLASH" make -B bin-RED
unlike 'no terminal: not for what is over soon' "$err" '^compile  mini/RED: [1-9] s'
run env MPFLASH_PROGRESS=1 "$MPFLASH" make -B --json bin-SLOW
is '--json: standard error' "$err" ''
progress=$(printf '%s\n' "$out" | python3 -c 'import json, sys
for line in sys.stdin:
    e = json.loads(line)
    if e["event"] == "progress":
        print(e["target"], e["step"], e["ms"] >= 1000, e["estimate_ms"] >= 1000, e["text"])')
like '--json: an event now and then' "$progress" '^mini/SLOW compile True True [1-9] s, '

# --- git ---
mkdir "$T/bin"
git=$(command -v git)
cat >"$T/bin/git" <<EOF2
#!/bin/sh
# git over a slow line
case " \$* " in
*' clone --bare '*)
	for percent in 10 45 45 45 80; do
		printf 'Receiving objects:  %s%% (%s/100), 1.50 MiB | 3.00 MiB/s\r' \$percent \$percent >&2
		sleep 0.3
	done
	;;
esac
exec "$git" "\$@"
EOF2
chmod +x "$T/bin/git"
mkdir "$T/empty"
cd "$T/empty" || exit
PATH="$T/bin:$PATH" MPFLASH_REPO="file://$T/tree" on 100x24 "$MPFLASH" make bin-RED@v1.29.0-preview
ends_well 'a clone' 0
like 'a clone: how far git is' "$seen" '^git  \[#######\.+\] Receiving objects 45 %, 1\.50 MiB, 3\.00 MiB/s$'
unlike 'a clone: in words of ours' "$out" '^Receiving'
rm -rf "$MPFLASH_CACHE/repo"
run env PATH="$T/bin:$PATH" MPFLASH_PROGRESS=1 MPFLASH_REPO="file://$T/tree" "$MPFLASH" make bin-RED@v1.29.0-preview
is 'a clone, no terminal: exit status' "$status" 0
like 'a clone, no terminal: a line now and then' "$err" '^note: git: Receiving objects [48][05] %, 1\.50 MiB, 3\.00 MiB/s$'

# --- the counts of the last line ---
cd "$T/tree" || exit
sum() { # NAME WANT TARGET...
	sum_name=$1 sum_want=$2
	shift 2
	run "$MPFLASH" make "$@"
	like "$sum_name" "$err" "$sum_want" || diag "$err"
}
mkdir $boards/BAD && cp $boards/RED/* $boards/BAD && printf '#error no\n' >$boards/BAD/bad.c
rm -rf "$MPFLASH_CACHE" build-mpflash
sum 'built' '^2 built in .* \([0-9] steps run, 0 up to date\)$' RED RED-DARK
sum 'nothing to do' '^nothing to do: [0-9] steps up to date' RED RED-DARK
rm -rf build-mpflash/RED
sum 'from the store' '^1 from the store, 1 skipped in ' RED RED-DARK
sum 'another format' '^1 converted in .* \(1 step run, 1 up to date\)$' srec-RED
sum 'a failure' '^1 skipped, 1 failed in ' -k BAD RED-DARK
run "$MPFLASH" make -k --json BAD RED-DARK
like '--json: the same counts' "$out" '"event":"summary".*"failed":1,.*"boards":\{"built":0,"from_store":0,"converted":0,"flashed":0,"skipped":1\}'
on 100x24 "$MPFLASH" make BAD
ends_well 'a failure on a terminal' 1
like 'a failure on a terminal: in colour' "$out" '^coloured$'
NO_COLOR=1 on 100x24 "$MPFLASH" make BAD
unlike 'NO_COLOR: not' "$out" '^coloured$'

done_testing
