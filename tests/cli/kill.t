#!/bin/sh
# SPDX-License-Identifier: MIT
#
# mpflash make killed (SIGKILL) at random points: the process alone at the N-th system call of a whole run or at a random
# time, all of its process group, or the tracer alone. The next run gives the right image, nothing is left running, no
# lock is stuck, and nothing half written lies about.
#
#	KILL_POINTS   how many (20)
#	KILL_SEED     of the random numbers, printed at the start
. "$(dirname "$0")/lib.sh"

need git arm-none-eabi-gcc make python3 strace
: "${KILL_POINTS:=20}" "${KILL_SEED:=$$}"
small_tree "$T/tree"
diag "KILL_SEED=$KILL_SEED"
ok "$KILL_POINTS points, seed $KILL_SEED" python3 "$TESTS_DIR/soak" "$KILL_POINTS" "$KILL_SEED" "$T/tree"
printf '%s\n' "$tap_out" | grep -v '^ok ' | sed 's/^/# /' >&2
done_testing
