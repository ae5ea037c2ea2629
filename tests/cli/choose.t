#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Questions: a list with the keyboard on a terminal, an error that lists the choices everywhere else.
. "$(dirname "$0")/lib.sh"
# shellcheck source=../emu/emu.sh
. "$TESTS_DIR/emu/emu.sh"

need python3 umockdev-wrapper
unset CI GITHUB_ACTIONS
cd "$T" || exit
emu_start
printf 'x' >reply
for n in 0 1 2; do
	emu usb 1-$((n + 1)) 2e8a:0005 serial=e6614c311b8a000$n product=Pico%20$n cdc=ttyACM$n
	emu board ttyACM$n raw "$T/reply"
done

# press STEPS COMMAND...: $out is what the terminal showed and how it ended, $results the standard output
press() {
	steps=$1
	shift
	KEYS_STDOUT=$T/results run emu_run python3 "$TESTS_DIR/emu/keys.py" "$steps" "$MPFLASH" "$@"
	out=$(plain)
	results=$(cat "$T/results")
}
# what was shown, without the words for the terminal
plain() {
	printf '%s\n' "$out" | sed 's/\x1b\[[0-9;?]*[A-Za-z]//g'
}
ended() {
	printf '%s\n' "$out" | tail -n 2 | paste -sd' ' -
}

# --- nobody to ask
run emu_run "$MPFLASH" reset -s '?'
is 'in a pipe: exit status' "$status" 2
like 'in a pipe: an error' "$err" '^error: which boards\? nobody can be asked here; the choices are$'
is 'in a pipe: lists the choices' "$(printf '%s\n' "$err" | grep -c '^  /dev/ttyACM[012]  Pico [012]  usb-e6614c311b8a000[012]$')" 3
like 'in a pipe: what to do' "$err" '^hint: say which: --serial PORT'
KEYS_CI=1 CI=true press '' reset -s '?'
like 'CI=true on a terminal: the same' "$out" '^error: which boards\? nobody can be asked'
is 'CI=true: exit status' "$(ended)" 'status 2 restored'
KEYS_CI=1 GITHUB_ACTIONS=true press '' reset -s '?'
is 'GITHUB_ACTIONS on a terminal: the same' "$(ended)" 'status 2 restored'
press '' reset -s '?' --no-interactive
is '--no-interactive on a terminal: the same' "$(ended)" 'status 2 restored'
KEYS_TERM=dumb press '' reset -s '?'
is 'a dumb terminal: the same' "$(ended)" 'status 2 restored'
KEYS_CI=1 CI=true press '+boards? \e' reset -s '?' --interactive
is '--interactive beats CI=true' "$(ended)" 'status 2 restored'

# --- cancelled
for key in '\e' '\x03' '\x04'; do
	press "+cancel $key" reset -s '?'
	is "cancelled by $key: exit status, the terminal as before" "$(ended)" 'status 2 restored'
	like "cancelled by $key: says so" "$out" '^error: cancelled$'
done
is 'cancelled: no results' "$results" ''
press '+cancel !SIGTERM' reset -s '?'
is 'a signal: the terminal as before' "$(ended)" 'signal 15 restored'
press '+cancel !SIGHUP' reset -s '?'
is 'hung up: the terminal as before' "$(ended)" 'signal 1 restored'
is 'cancelled: no board was touched' "$(emu_log | grep -c -e reset)" 0

# --- one of several
press '+of_3 \r +connected \x1d' repl
like 'one of a list: the first by default' "$out" '^which board\? /dev/ttyACM0$'
like 'one of a list: it is taken' "$out" 'connected to /dev/ttyACM0'
press '+of_3 \e[B +of_3 \r +connected \x1d' repl
like 'arrow down' "$out" 'connected to /dev/ttyACM1'
press '+of_3 \e[B\e[B\e[B\e[A +of_3 \r +connected \x1d' repl
like 'arrows stop at the end' "$out" 'connected to /dev/ttyACM1'
press '+of_3 \e[F +of_3 \r +connected \x1d' repl
like 'End' "$out" 'connected to /dev/ttyACM2'
press '+of_3 ACM2 +1_of_3 \r +connected \x1d' repl
like 'typing narrows' "$out" 'connected to /dev/ttyACM2'
press '+of_3 a000\x31 +1_of_3 \r +connected \x1d' repl
like 'typing finds what is said about it' "$out" 'connected to /dev/ttyACM1'
press '+of_3 zz +0_of_3 \r\x7f\x7f +3_of_3 \r +connected \x1d' repl
like 'nothing found takes nothing; backspace widens' "$out" 'connected to /dev/ttyACM0'
press '+of_3 zz +0_of_3 \x15 +3_of_3 \r +connected \x1d' repl
like 'Ctrl-U clears' "$out" 'connected to /dev/ttyACM0'

# --- several of several
press '+of_3 \x20\e[B\x20 +[x] \r' reset -s '?'
is 'several: those that were marked are reset' "$(printf '%s\n' "$results" | sort | paste -sd' ' -)" '/dev/ttyACM0: reset /dev/ttyACM2: reset'
is 'several: exit status' "$(ended)" 'status 0 restored'

# --- narrow
emu board ttyACM0 raw "$T/reply"
KEYS_STDOUT=$T/results run emu_run python3 "$TESTS_DIR/emu/keys.py" -s 20x5 '+of_3 \e[B\e[B +of_3 \r +connected \x1d' "$MPFLASH" repl
out=$(plain)
like 'a narrow, low terminal: the choice' "$out" '^which board\? /dev/ttyACM2$'
is 'a narrow terminal: no line is wider' "$(printf '%s\n' "$out" | sed -n '1,/^which board. \/dev/p' | sed '$d' | awk 'length > 19' | wc -l)" 0

# --- download: boards, then versions
# shellcheck source=../net/lib.sh
. "$TESTS_DIR/net/lib.sh"
MPFLASH_FIRMWARE=$T/fw
export MPFLASH_FIRMWARE
mkdir "$T/fw"
# shellcheck disable=SC2119 # without a certificate
site_start
port_page rp2 RPI_PICO RPI_PICO2 RPI_PICO_W
for board in RPI_PICO RPI_PICO2 RPI_PICO_W; do
	page "$board" rp2 "$board-20250809-v1.26.0.uf2" "$board-20250415-v1.25.0.uf2"
	firmware "$board-20250809-v1.26.0.uf2" 3000
	firmware "$board-20250415-v1.25.0.uf2" 3000
done
stored() {
	(cd "$T/fw" && find . -name '*.uf2' | sort | paste -sd' ' -)
}

press '+boards? +of_3 \e' download -b '?'
is 'download, cancelled' "$(ended) $(stored)" 'status 2 restored '
press '+boards? +of_3 \x20\e[B\x20 +[x] \r' download -b '?'
is 'download: the boards that were marked' "$(ended) $(stored)" \
	'status 0 restored ./rp2/RPI_PICO-v1.26.0.uf2 ./rp2/RPI_PICO_W-v1.26.0.uf2'
like 'download: what was chosen is told' "$out" '^which boards\? RPI_PICO, RPI_PICO_W$'
press '+boards? +of_3 PICO2 +1_of_3 \r +versions? +of_2 \e[B\r' download -b '?' -v '?'
is 'download: a board, then one of its versions' "$(ended) $(stored | grep -o 'PICO2-[^ ]*')" \
	'status 0 restored PICO2-v1.25.0.uf2'
press '+versions? +of_2 \r' download -b RPI_PICO2 -v '?'
is 'download: versions of a board that was named' "$(ended) $(stored | grep -o 'PICO2-v1.26.0')" \
	'status 0 restored PICO2-v1.26.0'
press '' download -b '?' --no-interactive
like 'download: nobody to ask: the choices' "$out" '^hint: there is RPI_PICO, RPI_PICO2, RPI_PICO_W$'
is 'download: nobody to ask: exit status' "$(ended)" 'status 2 restored'

site_stop
emu_stop
done_testing
