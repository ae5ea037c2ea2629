#!/bin/sh
# SPDX-License-Identifier: MIT
#
# mpflash make: several processes at once, and processes that are stopped in the middle. The port's make waits as long
# as the file wait-for is there, so that each case is the same on every machine.
. "$(dirname "$0")/lib.sh"

need git arm-none-eabi-gcc make gcc python3
small_tree "$T/tree"
cd "$T/tree" || exit
gate=$MPFLASH_CACHE/work/wait-for
mkdir -p "$MPFLASH_CACHE/work"
files=build-mpflash/RED

# eventually CMD...: within 20 seconds CMD succeeds.
eventually() {
	eventually_left=1200
	until "$@" >/dev/null 2>&1; do
		eventually_left=$((eventually_left - 1))
		[ $eventually_left -gt 0 ] || return 1
		sleep 0.05
	done
}

# start NAME WORD...: mpflash make in the background, with SIGINT as a terminal gives it; $! is its process.
start() {
	start_name=$1
	shift
	python3 -c 'import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.environ["PATH"] = sys.argv[1]
os.execv(sys.argv[2], sys.argv[2:])' "$PATH" "$MPFLASH" make "$@" >"$T/$start_name.out" 2>"$T/$start_name.err" </dev/null &
}

# ended PID: waits for it, $status is its exit status.
ended() {
	wait "$1" 2>/dev/null # the shell has words for those that were killed
	status=$?
}

# Nothing of ours runs; a killed compiler may take a moment to be gone.
nobody_left() {
	test -z "$(cd / && processes_of "$T")"
}

# Files that only exist while something is written, in the places where people and later runs look.
half_written() {
	find build-mpflash "$MPFLASH_CACHE/blobs" \( -name '*.tmp*' -o -name '.[!.]*' -o -size 0 \) ! -name .gitignore 2>/dev/null
}

# --- two processes, one board ---
touch "$gate"
start first RED
first=$!
ok 'the first process compiles' eventually grep '^compile  mini/RED \.\.\.$' "$T/first.err"
start second RED bin-BLUE
second=$!
ok 'the second one waits' eventually grep '^note: mini/RED .* waits for ' "$T/second.err"
like 'and says for whom' "$(cat "$T/second.err")" "^note: mini/RED .* waits for process $first \\(mini/RED .*\\)\$"
rm "$gate"
ended $first
is 'the first one ends well' "$status" 0
ended $second
is 'the second one too' "$status" 0
like 'it did not compile again' "$(cat "$T/second.err")" '^compile  mini/RED: .*another process built it meanwhile$'
like 'it did the rest of its work' "$(cat "$T/second.err")" '^compile  mini/BLUE: done in '
ok 'the files are there' test -s $files/firmware.hex
run "$MPFLASH" make RED
like 'and known to everybody' "$err" '^nothing to do: 2 steps up to date'

sed -i 's/16/22/' py/mini.h
pids=
for i in 1 2 3 4; do
	start "many$i" RED BLUE RED-DARK
	pids="$pids $!"
done
statuses=
for pid in $pids; do
	ended "$pid"
	statuses="$statuses $status"
done
is 'four processes, three boards: all end well' "$statuses" ' 0 0 0 0'
is 'each board was compiled once' \
	"$(grep -hE '^compile .*: done in .*: (py/mini\.h changed|never done before)$' "$T"/many?.err | cut -d: -f1 | sort | uniq -c | tr -s ' ')" \
	"$(printf ' 1 compile mini/BLUE\n 1 compile mini/RED\n 1 compile mini/RED-DARK')"
run "$MPFLASH" make all
like 'nothing is left to do' "$err" '^nothing to do: 6 steps up to date'

for round in 1 2 3; do
	printf '/* round %s */\n' "$round" >>py/mini.h
	touch "$gate"
	start here -j2 RED BLUE
	here=$!
	start there -j2 BLUE RED
	there=$!
	eventually grep ' waits for ' "$T/here.err" "$T/there.err"
	rm "$gate"
	ended $here
	first=$status
	ended $there
	is "two orders of the same boards, round $round: neither waits for ever" "$first $status" '0 0'
done

# --- Ctrl-C ---
sed -i 's/22/23/' py/mini.h
cksum $files/* >"$T/before"
touch "$gate"
start stopped RED BLUE
stopped=$!
ok 'a compile is on its way' eventually grep '^compile  mini/RED \.\.\.$' "$T/stopped.err"
kill -INT $stopped
ended $stopped
is 'Ctrl-C: exit status' "$status" 130
is 'Ctrl-C: one error and one hint' "$(grep -E '^(error|hint): ' "$T/stopped.err")" 'error: interrupted
hint: what was finished is kept; the same command goes on from here'
eventually nobody_left
is 'Ctrl-C: nothing is left running' $? 0
is 'Ctrl-C: the files are the old ones' "$(cksum $files/*)" "$(cat "$T/before")"
is 'Ctrl-C: nothing is half written' "$(half_written)" ''
rm "$gate"
run "$MPFLASH" make RED BLUE
like 'Ctrl-C: the next run goes on' "$err" '^compile  mini/RED: done in .*: py/mini\.h changed$'
is 'Ctrl-C: and ends well' "$status" 0
like 'with the new content' "$("$MPFLASH" convert $files/firmware.hex - --to bin | od -An -tx1 | tr -d '\n')" ' 17 00 00 00'

sed -i 's/23/24/' py/mini.h
touch "$gate"
start waiting1 RED
waiting1=$!
eventually grep '^compile  mini/RED \.\.\.$' "$T/waiting1.err"
start waiting2 RED
waiting2=$!
eventually grep ' waits for ' "$T/waiting2.err"
kill -INT $waiting2
ended $waiting2
is 'Ctrl-C while waiting for another process: exit status' "$status" 130
rm "$gate"
ended $waiting1
is 'the other one is not disturbed' "$status" 0

# --- what the caller has us ignore ---
sed -i 's/24/25/' py/mini.h
touch "$gate"
trap '' HUP
start nohup RED
nohup=$!
trap 'exit 130' HUP
eventually grep '^compile  mini/RED \.\.\.$' "$T/nohup.err"
kill -HUP $nohup
rm "$gate"
ended $nohup
is 'under nohup: a hang-up changes nothing' "$status" 0

# --- SIGKILL ---
sed -i 's/25/26/' py/mini.h
touch "$gate"
start killed RED
killed=$!
eventually grep '^compile  mini/RED \.\.\.$' "$T/killed.err"
kill -KILL $killed
ended $killed
is 'killed: by that signal' "$status" 137
if [ "$(uname)" = Linux ]; then
	eventually nobody_left
	is 'killed: the compilers end too' $? 0
else
	skip 'killed: the compilers end too' 'only Linux tells children of a death'
fi
is 'killed: nothing is half written' "$(half_written)" ''
rm "$gate"
run "$MPFLASH" make RED
like 'killed: the next run builds' "$err" '^compile  mini/RED: done in .*: py/mini\.h changed$'
like 'killed: the right thing' "$("$MPFLASH" convert $files/firmware.hex - --to bin | od -An -tx1 | tr -d '\n')" ' 1a 00 00 00'
run "$MPFLASH" make RED
like 'killed: and that is that' "$err" '^nothing to do: 2 steps up to date'

# --- the same with a real compile: mpy-cross of the sample tree ---
sample_tree "$T/sample"
# An object file is there, and not all of them.
compiling() {
	find "$MPFLASH_CACHE/work" -path '*/mpy-cross/*.o' | grep .
}
for signal in INT KILL; do
	start real mpy-cross -C "$T/sample"
	real=$!
	eventually compiling
	is "SIG$signal: gcc is at work" $? 0
	kill -$signal $real
	ended $real
	isnt "SIG$signal: it did not end well" "$status" 0
	eventually nobody_left
	is "SIG$signal: gcc is gone" $? 0
	not_ok "SIG$signal: no mpy-cross" test -e "$T/sample/build-mpflash/mpy-cross/mpy-cross"
done
run "$MPFLASH" make mpy-cross -C "$T/sample"
is 'the next run makes it' "$status" 0
ok 'and it works' "$T/sample/build-mpflash/mpy-cross/mpy-cross" --version

done_testing
