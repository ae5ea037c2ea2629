#!/bin/sh
# SPDX-License-Identifier: MIT
#
# mpflash reset: several boards at once, over the REPL or over their lines.
. "$(dirname "$0")/lib.sh"
# shellcheck source=../emu/emu.sh
. "$TESTS_DIR/emu/emu.sh"

need python3 umockdev-wrapper
cd "$T" || exit
emu_start
run emu_run "$MPFLASH" reset
is 'no boards: exit status' "$status" 1
emu_boards one=pico two=circuitpython three=quiet
n=0
for name in one two three; do
	emu usb 1-$((n + 1)) 2e8a:0005 serial=e6614c311b8a000$n cdc=ttyACM$n
	emu link ttyACM$n "$(readlink "$T/$name")"
	n=$((n + 1))
done
run emu_run "$MPFLASH" reset
is 'all: exit status, nothing on stderr' "$status$err" 0
is 'all: told' "$(printf '%s\n' "$out" | paste -sd, -)" '/dev/ttyACM0: reset,/dev/ttyACM1: reset,/dev/ttyACM2: reset'
sleep 0.3
is 'all: each was reset once, whatever it runs' "$(cat one.log two.log three.log | grep -c 'hard reset')" 3
run emu_run "$MPFLASH" reset --soft -s /dev/ttyACM0
is '--soft: exit status' "$status" 0
like '--soft: told' "$out" '^/dev/ttyACM0: soft reset$'
is '--soft: the board says so' "$(grep -c '^soft reset' one.log)" 1
for word in ttyACM0 1-1; do
	run emu_run "$MPFLASH" reset --soft "$word"
	is "a board named by $word" "$status$out" '0/dev/ttyACM0: soft reset'
done

# a port that was named is that one, whatever is ignored and whether the system lists it
export MPFLASH_IGNORE='*ttyACM0 *ttyACM1'
for word in /dev/ttyACM0 ttyACM0; do
	run emu_run "$MPFLASH" reset "$word"
	is "ignored, and named as $word" "$status$out" '0/dev/ttyACM0: reset'
done
unset MPFLASH_IGNORE
pty=$(readlink one)
run emu_run "$MPFLASH" reset "$pty"
is 'a pty' "$status$out" "0$pty: reset"

# what another program has open is not for us
emu_other python3 -c 'import os, sys, time
fd = os.open("/dev/ttyACM1", os.O_RDWR | os.O_NOCTTY)
open(sys.argv[1], "w").close()
while os.path.exists(sys.argv[1]): time.sleep(0.02)' "$T/opened" &
holder=$!
until [ -e opened ]; do sleep 0.02; done
run emu_run "$MPFLASH" reset /dev/ttyACM1
is 'held: exit status' "$status" 1
like 'held: by whom' "$err" "^/dev/ttyACM1: /dev/ttyACM1 is held by python3 \\(pid [0-9]+\\)$"
run emu_run "$MPFLASH" repl /dev/ttyACM1
is 'repl, held: exit status' "$status" 1
like 'repl, held: by whom' "$err" "^error: /dev/ttyACM1 is held by python3 "
rm opened
wait "$holder"

# a program that does not let go: an ESP has a line for it
emu usb 2-1 303a:1001 serial=34:85:18:AA:BB:CC cdc=ttyACM9
emu board ttyACM9 silent
run emu_run "$MPFLASH" reset /dev/ttyACM9
is 'by RTS: exit status' "$status" 0
like 'by RTS: told' "$out" '^/dev/ttyACM9: reset by its RTS line$'
is 'by RTS: the pulse' "$(emu_log | grep 'lines ttyACM9' | paste -sd, -)" 'lines ttyACM9 dtr=0 rts=1,lines ttyACM9 dtr=0 rts=0'
emu usb 2-2 2e8a:0005 serial=e661000000000009 cdc=ttyACM8
emu board ttyACM8 silent
run emu_run "$MPFLASH" reset -s /dev/ttyACM8 -s /dev/ttyACM0
is 'one of two fails: exit status' "$status" 1
like 'one of two fails: which' "$err" '^/dev/ttyACM8: /dev/ttyACM8 does not answer'
like 'one of two fails: how many' "$err" '^error: 1 of 2 boards were not reset$'
like 'one of two fails: the other one is reset' "$out" '^/dev/ttyACM0: reset$'
exec 8>&-
emu_stop
done_testing
