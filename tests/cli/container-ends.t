#!/bin/sh
# SPDX-License-Identifier: MIT
#
# mpflash make in containers: several at once share the jobs; killed and interrupted runs leave no container; engines
# that are not there.
#
# Runs once: it starts dozens of containers.
. "$(dirname "$0")/lib.sh"
# shellcheck source=../containers/lib.sh
. "$TESTS_DIR/containers/lib.sh"

need git make python3 arm-none-eabi-gcc cmp
podman_set_up || skip_all "$why"
small_tree "$T/a tree"
cd "$T/a tree" || exit
boards=ports/mini/boards

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

boxed() {
	run "$MPFLASH" make --builder podman --container "$IMAGE" "$@"
}

eventually() {
	eventually_left=200
	until "$@" >/dev/null 2>&1; do
		eventually_left=$((eventually_left - 1))
		[ "$eventually_left" -gt 0 ] || return 1
		sleep 0.05
	done
}

running() {
	[ -n "$(podman ps -q)" ]
}

none() {
	[ -z "$(containers)" ] && [ -z "$(processes_of "$MPFLASH_CACHE" make)" ]
}

over() {
	[ -z "$(podman ps -q)" ] && [ -z "$(processes_of "$MPFLASH_CACHE" make)" ]
}

# --- one pool of jobs ---

# Containers have no common file to write to but their work folders; so each job leaves begin and end there.
# shellcheck disable=SC2016 # make's variables
sed -i 's|^note = .*|note = @date "+%s.%N $(1) $(BOARD)" >>$(BUILD)/jobs|' ports/mini/Makefile
most() {
	find "$MPFLASH_CACHE/work" -name jobs -exec cat {} + | sort |
		awk '$2 == "+" { if (++n > most) most = n } $2 == "-" { n-- } END { print most + 0 }'
}
board WIDE 0.4 6
board BROAD 0.4 6
boxed -j3 WIDE BROAD
is 'two boards at once: both made' "$status" 0 || diag "$err"
is 'never more jobs than -j' "$(most)" 3
is 'and both ran at once' "$(find "$MPFLASH_CACHE/work" -name jobs -exec cat {} + | sort |
	awk '$2 == "+" { n[$3]++ } $2 == "-" { n[$3]-- } n["WIDE"] && n["BROAD"] { print "yes"; exit }')" yes
find "$MPFLASH_CACHE/work" -name jobs -delete
board NARROW 0.2 4
boxed -j1 NARROW
is '-j1: one at a time' "$status $(most)" '0 1'
board DEEP 0.4 6
boxed -j4 DEEP
is 'one board: its make uses all jobs' "$status $(most)" '0 4'

# --- ends ---

board SLOW 3 3
# begun: a run that is to be ended; its pid is in $T/pid, and in $job as sh knows it
begun() {
	rm -f "$T/pid"
	python3 - "$MPFLASH" "$IMAGE" "$T/pid" <<'END' >"$T/killed.log" 2>&1 &
# A background job of sh ignores Ctrl-C; this one does not.
import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
with open(sys.argv[3] + ".new", "w") as f:
    f.write(str(os.getpid()))
os.rename(sys.argv[3] + ".new", sys.argv[3])
os.execv(sys.argv[1], [sys.argv[1], "make", "--builder", "podman", "--container", sys.argv[2], "-B", "SLOW"])
END
	job=$!
	ok "$1: a container runs" eventually running
	sleep 1
}
for signal in INT TERM KILL; do
	begun "SIG$signal"
	kill -"$signal" "$(cat "$T/pid")"
	wait "$job" 2>/dev/null
	got=$?
	case $signal in
	INT) is 'SIGINT: exit status' "$got" 130 ;;
	TERM) isnt 'SIGTERM: exit status' "$got" 0 ;;
	KILL) is 'SIGKILL: exit status' "$got" 137 ;;
	esac
	# podman that was killed in the middle of its own work may leave one behind that has ended: the next run takes it away.
	[ "$signal" = KILL ] && left=over || left=none
	ok "SIG$signal: soon no container is left, and no process" eventually "$left" || diag "$(podman ps -a)"
done
# What takes a container away when it ends is gone as well.
for signal in INT KILL; do
	begun "SIG$signal, and the engine's own helper killed"
	for helper in $(processes_of "$T/podman" conmon); do
		kill -KILL "$helper"
	done
	kill -"$signal" "$(cat "$T/pid")"
	wait "$job" 2>/dev/null
done
begin=$(date +%s)
printf 'DELAY = 0\n' >"$boards/SLOW/delay.mk"
boxed SLOW
took=$(($(date +%s) - begin))
is 'the next run makes the board' "$status" 0 || diag "$err"
ok "without waiting for what is gone ($took s)" test "$took" -lt 10

printf '#error is wanted\n' >"$boards/NARROW/more2.c"
boxed NARROW
is 'a build that fails: exit status 1' "$status" 1
like "the compiler's own words" "$err" 'error: .*is wanted'
is 'no container is left of it' "$(containers)" ''
rm "$boards/NARROW/more2.c"

# --- engines that are not there ---

run env PATH="$T/none" MPFLASH_CACHE="$T/cache2" "$MPFLASH" make --builder podman --container "$IMAGE" RED
is 'no podman: an error' "$status" 1
like 'that names it' "$err" '^error: .*podman'
like 'and what to install' "$err" '^hint: '
if command -v docker >/dev/null && docker --version 2>/dev/null | grep -q '^Docker version'; then
	run env DOCKER_HOST="unix://$T/nobody.sock" MPFLASH_CACHE="$T/cache2" "$MPFLASH" make --builder docker --container "$IMAGE" RED
	is 'docker without its engine: an error' "$status" 1
	like 'that says so' "$err" '^error: .*docker.*(run|connect)'
	like 'and how to start it' "$err" '^hint: .*start'
else
	skip 'docker without its engine' 'there is no docker client'
fi

is 'no container is left' "$(containers)" ''
done_testing
