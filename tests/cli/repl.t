#!/bin/sh
# SPDX-License-Identifier: MIT
#
# mpflash repl: bytes both ways, a real MicroPython behind it, a board that goes and comes back.
. "$(dirname "$0")/lib.sh"
# shellcheck source=../emu/emu.sh
. "$TESTS_DIR/emu/emu.sh"

need python3 umockdev-wrapper qemu-system-arm
unset CI GITHUB_ACTIONS
cd "$T" || exit
emu_start
emu_microbit
emu usb 1-1 0d28:0204 cdc=ttyACM1
emu link ttyACM1 "$emu_pty"

# shellcheck disable=SC2016 # the inner shell expands it
run emu_run sh -c 'printf "\r\003print(6*7)\r" | "$0" repl -s /dev/ttyACM1' "$MPFLASH"
is 'from a pipe: exit status' "$status" 0
like 'from a pipe: what the board says' "$out" '^42'
press() {
	run emu_run python3 "$TESTS_DIR/emu/keys.py" "$@"
}
press '+connected \r +>>> print("a"+"b")\r +ab exec("while\x201:print(5*5)")\r +25 \x03 +KeyboardInterrupt +>>> \x1d' "$MPFLASH" repl
like 'a terminal: keys go to the board, Ctrl-C too' "$out" '^KeyboardInterrupt'
unlike 'a terminal: everything was shown' "$out" 'never shown'
is 'a terminal: Ctrl-] leaves, the terminal as before' "$(printf '%s\n' "$out" | tail -n 2 | paste -sd' ' -)" 'status 0 restored'
press '+connected \r +>>> \x18' "$MPFLASH" repl
is 'Ctrl-x leaves' "$(printf '%s\n' "$out" | tail -n 2 | paste -sd' ' -)" 'status 0 restored'
press '+connected \r +>>> !SIGTERM' "$MPFLASH" repl
is 'a signal: the terminal as before' "$(printf '%s\n' "$out" | tail -n 2 | paste -sd' ' -)" 'signal 15 restored'
kill "$(processes_of "$T" qemu-system-)" 2>/dev/null
emu remove 1-1

printf 'x' >reply
emu usb 1-2 2e8a:0005 serial=e6614c311b8a5f2b cdc=ttyACM0
emu board ttyACM0 raw "$T/reply"
emu on softreset ttyACM0 '=>' 50 remove 1-2
emu on softreset ttyACM0 '=>' 600 usb 1-2 2e8a:0005 serial=e6614c311b8a5f2b cdc=ttyACM5
emu on softreset ttyACM0 '=>' 650 board ttyACM5 raw "$T/reply"
press '+connected \r +>>> \x04 +gone +/dev/ttyACM5_is_back \r +>>> \x1d' "$MPFLASH" repl
unlike 'a board that restarts is connected to again' "$out" 'never shown'
is 'a board that restarts: exit status' "$(printf '%s\n' "$out" | tail -n 2 | paste -sd' ' -)" 'status 0 restored'
emu_stop
done_testing
