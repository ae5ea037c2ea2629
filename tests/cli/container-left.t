#!/bin/sh
# SPDX-License-Identifier: MIT
#
# What runs in a container may outlive the mpflash that was killed, for a moment or because its engine hangs. Until it has
# ended, nobody else touches its work folder: it holds a lock beside it, with the container's name in it.
. "$(dirname "$0")/lib.sh"

need git arm-none-eabi-gcc make gcc python3
small_tree "$T/tree"
cd "$T/tree" || exit
"$MPFLASH" make --builder host RED >/dev/null 2>&1
work=$(echo "$MPFLASH_CACHE"/work/*/mini-RED)
left=$work.inside.lock
printf 'mpflash-0123-1.1' >"$left"

# eventually CMD...: within 20 seconds CMD succeeds.
eventually() {
	eventually_left=400
	until "$@" >/dev/null 2>&1; do
		eventually_left=$((eventually_left - 1))
		[ "$eventually_left" -gt 0 ] || return 1
		sleep 0.05
	done
}

# held: the lock is taken until the file $T/let-go appears
held() {
	rm -f "$T/held" "$T/let-go"
	python3 - "$left" "$T" <<'PY' &
import fcntl, os, sys, time
f = open(sys.argv[1])
fcntl.flock(f, fcntl.LOCK_EX)
open(sys.argv[2] + "/held", "w").close()
while not os.path.exists(sys.argv[2] + "/let-go"):
    time.sleep(0.02)
PY
	holder=$!
	eventually test -e "$T/held"
}

# waits WHAT WORD...: mpflash with these words waits for the container, and works when it is over
waits() {
	waits_for=$1
	shift
	held
	"$MPFLASH" "$@" >"$T/out" 2>"$T/err" &
	job=$!
	ok "$waits_for waits, and says for what" eventually grep '^note: .* waits for mpflash-0123-1\.1$' "$T/err" ||
		diag "$(cat "$T/err")"
	ok "$waits_for: the folder is not touched meanwhile" test -d "$work"
	touch "$T/let-go"
	wait "$holder"
	wait "$job"
	is "$waits_for goes on when the container is over" $? 0 || diag "$(cat "$T/err")"
}

waits 'a build by the host' make --builder host -B RED
waits 'a build from nothing that is compared' make --builder host --audit RED
held
run env MPFLASH_WORK_SIZE=1 "$MPFLASH" cache gc
is 'gc: exit status' "$status" 0 || diag "$err"
ok 'gc leaves the folder alone' test -d "$work"
like 'and says who works in it' "$out$err" 'mpflash-0123-1\.1 works in it'
touch "$T/let-go"
wait "$holder"
waits 'clean' make clean-RED
ok 'and then the folder is gone' test ! -e "$work"
done_testing
