#!/bin/sh
# SPDX-License-Identifier: MIT
#
# mpflash make: jobs. All makes of a run share -j of them; what takes longest goes first; Ctrl-C; the plan's time; the
# status line. The small tree's jobs write a line when they begin and when they end.
. "$(dirname "$0")/lib.sh"

need git arm-none-eabi-gcc make python3
small_tree "$T/tree"
cd "$T/tree" || exit
boards=ports/mini/boards
log=$T/jobs.log

# board NAME DELAY [SOURCES]: one whose compilers take DELAY seconds each.
board() {
	mkdir "$boards/$1"
	printf '{"mcu": "mini1", "product": "%s", "vendor": "Example", "url": "", "images": [], "features": [], "deploy": [], "docs": "", "thumbnail": ""}\n' \
		"$1" >"$boards/$1/board.json"
	printf 'DELAY = %s\n' "$2" >"$boards/$1/delay.mk"
	for board_i in $(seq 2 "${3:-1}"); do
		printf 'const int more_%s = %s;\n' "$board_i" "$board_i" >"$boards/$1/more$board_i.c"
	done
}

# built WORD...: mpflash make, with the jobs in $log.
built() {
	: >"$log"
	run "$MPFLASH" make --set "JOBS_LOG=to:$log" "$@"
}

# The most jobs at once.
most() {
	awk '$1 == "+" { if (++n > most) most = n } $1 == "-" { n-- } END { print most + 0 }' "$log"
}

eventually() {
	eventually_left=1200
	until "$@" >/dev/null 2>&1; do
		eventually_left=$((eventually_left - 1))
		[ $eventually_left -gt 0 ] || return 1
		sleep 0.05
	done
}

# --- one pool ---
board WIDE 0.4 6
board BROAD 0.4 6
built -j4 WIDE
is 'one board: made' "$status" 0
is 'one board: its make uses all jobs' "$(most)" 4
built -j1 -B WIDE
is '-j1: one at a time' "$status $(most)" '0 1'
built -j3 -B WIDE BROAD
is 'two boards: both made' "$status" 0
is 'two boards share the jobs' "$(most)" 3
is 'and both run at once' "$(awk '$1 == "+" { n[$2]++ } $1 == "-" { n[$2]-- } n["WIDE"] && n["BROAD"] { print "yes"; exit }' "$log")" yes
unlike 'make has no words about its jobserver' "$(cat "$MPFLASH_CACHE"/log/*/*/*.log)" jobserver

# --- ten boards: the longest first, and better where that is bad ---
times='7 7 6 6 5 5 4 4 4 3'
ten=
i=0
for time in $times; do
	board "B$i" "$(awk "BEGIN { print $time * 0.3 }")"
	ten="$ten bin-B$i"
	i=$((i + 1))
done
# shellcheck disable=SC2086
built -j4 $ten
is 'ten boards: made' "$status" 0
is 'ten boards: four at once, never more' "$(most)" 4
# shellcheck disable=SC2086
built -j4 -B --json $ten
is 'ten boards again: four at once, never more' "$(most)" 4
printf '%s\n' "$out" >"$T/events"
cat >"$T/ratio.py" <<'END'
# How much longer than the best order it took, in percent: the steps' own times, put onto N rows in all ways.
import json, sys
events = [json.loads(line) for line in open(sys.argv[1])]
times = sorted((e["ms"] for e in events if e["event"] == "done" and e["step"] == "compile"), reverse=True)
jobs, best = int(sys.argv[2]), sum(times)

def place(left, rows):
    global best
    if max(rows) >= best:
        return
    if not left:
        best = max(rows)
        return
    for i in range(jobs):
        if rows[i] not in rows[:i]:
            place(left[1:], rows[:i] + [rows[i] + left[0]] + rows[i + 1:])

place(times, [0] * jobs)
took = events[-1]["ms"]
print(f"{len(times)} boards took {took} ms, the best order {best} ms", file=sys.stderr)
print(took * 100 // best - 100)
END
late=$(python3 "$T/ratio.py" "$T/events" 4 2>"$T/ratio")
printf '# %s\n' "$(cat "$T/ratio")"
# order_test has the tenth, where no other program is in the way.
ok 'ten boards: hardly longer than the best order' test "$late" -le 20
# shellcheck disable=SC2086
built -j2 -B bin-B9 bin-B4 bin-B0
is 'three boards, -j2: two at once, never more' "$(most)" 2
is 'the longest begins first' "$(awk '$1 == "+" { print $2 }' "$log" | head -n 2 | sort | tr '\n' ' ')" 'B0 B4 '

# --- which make, and its form of the pool ---
mkdir "$T/bin"
real=$(command -v make)
cat >"$T/bin/make" <<END
#!/bin/sh
printf '%s\n' "\$*" >>"$T/makes"
exec "$real" "\$@"
END
chmod +x "$T/bin/make"
: >"$T/makes"
run env PATH="$T/bin:$PATH" "$MPFLASH" make RED BLUE
is 'make is asked for its version once' "$status $(grep -c '^--version$' "$T/makes")" '0 1'
run env PATH="$T/bin:$PATH" "$MPFLASH" make RED BLUE
is 'and not when none is needed' "$(grep -c . "$T/makes")" 3
cat >"$T/bin/make" <<END
#!/bin/sh
[ "\$1" != --version ] || { echo 'GNU Make 4.4.1'; exit; }
printf '%s\n' "\$MAKEFLAGS" >>"$T/flags"
fifo=\${MAKEFLAGS#*=fifo:}
test -p "\$fifo" || exit 1
exec 9<>"\$fifo"
MAKEFLAGS=' -j --jobserver-auth=9,9' exec "$real" "\$@"
END
: >"$log"
run env PATH="$T/bin:$PATH" "$MPFLASH" make --set "JOBS_LOG=to:$log" -j3 -B WIDE BROAD
like 'make 4.4 gets a named pipe' "$(cat "$T/flags")" '^ -j --jobserver-auth=fifo:/'
is 'which two boards share' "$status $(most)" '0 3'
not_ok 'and which is gone afterwards' test -e "$(sed -n '1s/.*fifo://p' "$T/flags")"
run env PATH="$T/bin:$PATH" "$MPFLASH" make --set "JOBS_LOG=to:$log" -j3 WIDE BROAD
like 'it is no input of the build' "$err" '^nothing to do: '

# --- below a make ---
cat >"$T/outer.mk" <<END
all: firmware other1 other2
firmware:
	@+"$MPFLASH" make --set JOBS_LOG=to:$log -B \$(WORDS) WIDE
other%:
	@echo '+ OTHER' >>$log; sleep 1; echo '- OTHER' >>$log
END
: >"$log"
run make -f "$T/outer.mk" -j3 firmware other1 other2
is 'below a make: made' "$status" 0
is 'below a make: its jobs are shared' "$(most)" 3
unlike 'without a word' "$err" 'jobserver'
: >"$log"
run make -f "$T/outer.mk" -j3 WORDS=-j2 firmware
is 'below a make, with -j: jobs of its own' "$status $(most)" '0 2'
: >"$log"
run make -f "$T/outer.mk" -j1 firmware
is 'below a make without jobs: as if it were none' "$status $([ "$(most)" -ge 1 ] && echo yes)" '0 yes'

# --- a make that is killed ---
gate=$MPFLASH_CACHE/work/wait-for
touch "$gate"
: >"$log"
rm -f "$T/out" "$T/err"
"$MPFLASH" make --set "JOBS_LOG=to:$log" -B -k -j2 bin-WIDE bin-BROAD >"$T/out" 2>"$T/err" </dev/null &
pid=$!
ok 'two makes run' eventually sh -c "[ \$(grep -c + '$log') -ge 2 ]"
make_of() {
	for make_pid in $(cd / && processes_of "$T/tree" "BOARD=$1"); do
		case $(ps_line "$make_pid") in
		make\ *) echo "$make_pid" ;;
		esac
	done | head -n 1
}
kill -KILL "$(make_of WIDE)"
rm "$gate"
ok 'one is killed: told as such' eventually grep '^compile  mini/WIDE: FAILED$' "$T/err"
wait $pid
is 'exit status' $? 1
like 'by which signal' "$(cat "$T/err")" '^error: mini/WIDE .*make ended with signal 9 \(Killed\)'
like 'and what may be the cause' "$(cat "$T/err")" '^hint: something killed it: .*a smaller -j'
like 'the other one is made' "$(cat "$T/err")" '^compile  mini/BROAD: done in'

# --- a step that cannot even begin, while others wait for a job ---
board Q1 0
board Q2 0
run "$MPFLASH" make Q1
work=$(dirname "$MPFLASH_CACHE"/work/*/mini-Q1.lock)
mkdir "$work/mini-Q2.lock"
run timeout -k 5 60 "$MPFLASH" make -j1 -B bin-Q2 bin-Q1 bin-RED
is 'it fails, and the others are not waited for' "$status" 1
like 'they were not begun' "$err" '^1 failed in .* \(0 steps run, 0 up to date\); 2 not begun$'
run timeout -k 5 60 "$MPFLASH" make -k -j1 -B bin-Q2 bin-Q1 bin-RED
like 'with -k they are' "$err" '^2 built, 1 failed in .* \(2 steps run, 0 up to date\)'
rmdir "$work/mini-Q2.lock"

# --- Ctrl-C ---
# start WORD...: in the background, with SIGINT as a terminal gives it, and our PATH (python3 may be a script that has its own).
start() {
	rm -f "$T/out" "$T/err" # what is waited for is not to be found in the last one's
	python3 -c 'import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.environ["PATH"] = sys.argv[1]
os.execv(sys.argv[2], sys.argv[2:])' "$PATH" "$MPFLASH" make "$@" >"$T/out" 2>"$T/err" </dev/null &
	pid=$!
}
sed -i 's/16/17/' py/mini.h
for signal in INT TERM; do
	printf '# %s\n' $signal >>$boards/B9/delay.mk
	touch "$gate"
	start -j1 bin-RED bin-BLUE bin-B9
	eventually grep '^compile .*\.\.\.' "$T/err"
	kill -$signal $pid
	wait $pid
	is "SIG$signal: exit status" $? 130
	like "SIG$signal: what was stopped" "$(cat "$T/err")" '^compile  mini/[A-Z0-9]*: stopped$'
	like "SIG$signal: the summary" "$(cat "$T/err")" '^interrupted: 0 steps run, 0 up to date \(.*\); 1 stopped, 2 not begun$'
	rm "$gate"
done
printf 'DELAY = 0.1\n' >$boards/B9/delay.mk
printf '#error broken\n' >$boards/BLUE/board.c
start -j1 --json -k bin-BLUE bin-B9 bin-B0
eventually grep '"event":"done"' "$T/out"
kill -INT $pid
wait $pid
is 'after one was made: exit status' $? 130
like 'after one was made: it counts' "$(tail -n 1 "$T/out")" '^\{"event":"summary","run":[12],.*"interrupted":true,'
made=$(sed -n 's/^{"event":"done","target":"mini\/\([A-Z0-9]*\)".*/\1/p' "$T/out" | head -n 1)
run "$MPFLASH" make "bin-$made"
like 'and is kept' "$err" '^nothing to do: 1 step up to date'

# --- the plan's time ---
git checkout -q $boards/BLUE py/mini.h
built -j2 bin-B0 bin-B1 bin-B2
run "$MPFLASH" make -n -B -j2 --set "JOBS_LOG=to:$log" bin-B0 bin-B1 bin-B2
like '-n: seconds of each step' "$err" '^compile  mini/B1: would run \(about [2-9]\.[0-9] s\): '
like '-n: and of all' "$err" '^3 steps would run, 0 up to date \(.*\); about [4-9]\.[0-9] s with -j2$'
run "$MPFLASH" make -n -B -j3 --json --set "JOBS_LOG=to:$log" bin-B0 bin-B1 bin-B2
like '-n --json' "$out" '^\{"event":"summary","run":3,.*"jobs":3,"estimate_ms":[23][0-9]{3},"guessed":0,'
board NEW 0
run "$MPFLASH" make -n NEW
like '-n: of what was never built, nobody knows' "$err" '; how long that takes is not known: '

# --- the status line ---
cat >"$T/terminal.py" <<'END'
# Runs a program on a terminal of so many columns and prints what the terminal got, escapes written out.
import os, pty, fcntl, struct, sys, termios, time, signal
columns, resize = int(sys.argv[1]), int(sys.argv[2])
pid, fd = pty.fork()
if pid == 0:
    time.sleep(0.2)  # for the size
    os.execv(sys.argv[3], sys.argv[3:])
def size(n):
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", 24, n, 0, 0))
size(columns)
got, begin = b"", time.time()
while True:
    if resize and b"\x1b[K[" in got:
        size(resize)
        resize = 0
    try:
        data = os.read(fd, 65536)
    except OSError:
        break
    if not data:
        break
    got += data
status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
sys.stdout.write(got.decode().replace("\x1b", "<ESC>").replace("\r\n", "\n").replace("\r", "<CR>"))
sys.exit(status)
END
on_terminal() {
	run env TERM=xterm python3 "$T/terminal.py" "$@"
}
on_terminal 60 0 "$MPFLASH" make -B -j2 bin-B0 bin-B1 bin-B9
is 'on a terminal: exit status' "$status" 0
like 'a status area: counts, time left' "$out" '<CR><ESC>\[K\[0/3\] 0:0[1-9] left$'
like 'what runs, a bar, since when, how long it may take' "$out" '^compile mini/B[019]  \[#+\.+\] [1-9] s, 0:0[0-9] left'
like 'it goes on' "$out" '<CR><ESC>\[[KJ]\[[12]/3\]'
like 'lines stand on their own' "$out" '(^|<CR><ESC>\[[KJ])compile  mini/B9: done in '
like 'and so does the last' "$(printf '%s\n' "$out" | tail -n 1)" '(^|<CR><ESC>\[[KJ])3 built in .* \(3 steps run, 0 up to date\)'
lines=$(printf '%s\n' "$out" | grep -o '<CR><ESC>\[[KJ]\[' | wc -l)
ok 'ten times a second at most' test "$lines" -le 60
is 'never wider than the terminal' "$(printf '%s\n' "$out" | sed 's/<ESC>\[[0-9]*A/\n/g;s/<CR>//g;s/<ESC>\[[KJ]//g' | grep -E '^(\[|compile mini)' | awk 'length($0) > 59')" ''
on_terminal 60 20 "$MPFLASH" make -B -j2 bin-B0 bin-B1
like 'a narrower terminal: what stays' "$out" '^\.\.pile mini/B[01]  [1-9] s$'
run env TERM=dumb python3 "$T/terminal.py" 60 0 "$MPFLASH" make -B bin-B9
unlike 'none on a dumb terminal' "$out" '<ESC>'
like 'which gets plain lines' "$out" '^compile  mini/B9: done in '
on_terminal 60 0 "$MPFLASH" make --json -B bin-B9
unlike 'none with --json' "$out" '<ESC>'
on_terminal 60 0 "$MPFLASH" make bin-B9
unlike 'none when there is nothing to wait for' "$out" '<ESC>'
built -B bin-B9
unlike 'none in a log' "$err" "$(printf '\033')"

done_testing
