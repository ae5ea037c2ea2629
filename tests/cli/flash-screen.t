#!/bin/sh
# SPDX-License-Identifier: MIT
#
# A fleet on a terminal: one line for each board while they are written, whole at every moment, gone at the end; on narrow and on low terminals;
# and what a Ctrl-C in the middle leaves of terminal and boards.
. "$(dirname "$0")/lib.sh"
# shellcheck source=../emu/emu.sh
. "$TESTS_DIR/emu/emu.sh"

need python3 umockdev-wrapper
cd "$T" || exit
emu_start
cat >boards.rules <<'EOR'
port stm32
  board PYBV11
    chip = stm32f4
    fs =
    flash = dfu
    flash.base = 0x08000000
    flash.size = 0x100000
EOR
printf "(name='micropython', version=(1, 29, 0, ''), _machine='PYBv1.1 with STM32F405RG', _mpy=4358, _build='PYBV11')\r\n3.4.0; MicroPython v1.29.0 on 2026-01-01\r\npyboard\r\n" >says
for name in one two; do
	python3 -c 'import struct, sys
sys.stdout.buffer.write(struct.pack("<2I", 0x20001000, 0x08000201) + bytes([len(sys.argv[1]), ord(sys.argv[1][0])]) * (20 * 1024 - 4))' $name >$name.bin
	"$MPFLASH" convert --base 0x08000000 $name.bin $name.hex || bail "convert $name"
done
boards='1 2 3'
for n in $boards; do
	head -c 1048576 /dev/zero >"flash$n.bin"
	emu usb "1-$n" f055:9800 "serial=0000000$n" product=Pyboard "cdc=ttyACM$n"
	emu board "ttyACM$n" raw "$T/says"
done
back() {
	emu on "left 1-$1" '=>' 30 usb "1-$1" f055:9800 "serial=0000000$1" product=Pyboard "cdc=ttyACM$1"
	emu on "left 1-$1" '=>' 40 board "ttyACM$1" raw "$T/says"
}
enter() { # they go to their bootloaders when they are told to, and come back
	for n in $boards; do
		emu on "bootloader ttyACM$n" '=>' 20 remove "1-$n"
		emu on "bootloader ttyACM$n" '=>' 80 model "1-$n" dfu "flash=$T/flash$n.bin" chip=f405 "serial=A1B2C3D4000$n" erase_ms=100
		back "$n"
	done
}
# on SIZE [-i TEXT] ENV... -- OPTION...: $out is what the terminal shows at the end, `seen` has all lines that were ever there
on() {
	size=$1 press=
	shift
	if [ "$1" = -i ]; then
		press=$2
		shift 2
	fi
	rm -f seen
	run emu_run env SCREEN_SEEN=seen python3 "$TESTS_DIR/emu/screen.py" "$size" ${press:+-i "$press"} "$MPFLASH" make --rules boards.rules \
		-B -k --all-devices flash-PYBV11 "$@"
}
# Whole lines, or the beginnings of them that fit in: those of the status area, of steps, notes, results and the summary.
torn() {
	python3 - "$1" <<'END'
import re, sys
columns = int(sys.argv[1])
doing = r'((compare|erase|write|verify) \d+ %(, [\d.]+ [kM]B/s, \d+:\d\d left)?|written and compared)'
whole = [r'', r'\[\d+/\d+\]( \d+:\d\d left)?', r'flash stm32/PYBV11 on (?:ttyACM|usb-0000000)\d(  (\[#*\.*\] )?' + doing + ')?',
         r'\.\.\S*( on)?( ttyACM| usb-0000000|\S*)\d  ' + doing, r'\+\d+']
done = [r'flash    stm32/PYBV11 on (?:ttyACM|usb-0000000)\d: (done in .*|FAILED|interrupted.*)', r'flash    stm32/PYBV11 on (?:ttyACM|usb-0000000)\d \.\.\.', r'stm32/PYBV11 on .*', r'board +result.*', r'note: .*', r'error: .*', r'hint: .*', r'\d+ boards?: .*',
        r'\d+ flashed.*']
for line in open('seen').read().split('\n'):
    if any(re.fullmatch(p, line) for p in whole + done):
        continue
    # a status line that was cut
    if len(line) == columns - 1 and re.match(r'\.\.|flash stm32/PYBV11 on ttyA|\[\d', line):
        continue
    print(repr(line))
END
}
ends_well() {
	like "$1: exit status" "$out" '^status 0$'
	like "$1: the terminal is as it was" "$out" '^restored$'
	like "$1: the cursor begins a line" "$out" '^cursor 0$'
	unlike "$1: nothing but what any terminal knows" "$out" '^unknown'
	unlike "$1: the status area is gone" "$out" '^(\[[0-9]|flash stm32)'
	is "$1: no line is torn" "$(torn "$2")" ''
	is "$1: each board has its line" "$(printf '%s\n' "$out" | grep -cE '^flash    stm32/PYBV11 on (ttyACM|usb-0000000)[1-3]: done in')" 3
}

enter
on 120x30 --image one.hex
ends_well 'a wide terminal' 120
is 'a wide terminal: each had a line of its own' "$(sed -n 's/^flash stm32.* on \(ttyACM.\)  \[#*\.*\] write .*/\1/p' seen | sort -u | paste -sd' ' -)" \
	'ttyACM1 ttyACM2 ttyACM3'
like 'a wide terminal: the last line' "$out" '^3 flashed in [0-9.]+ m?s \([0-9]+ steps run, [0-9]+ up to date\)$'
like 'a wide terminal: results' "$out" '^3 boards: 3 done$'
enter
on 34x30 --image two.hex
ends_well 'a narrow terminal' 34
enter
on 80x3 --image one.hex
ends_well 'a low terminal' 80
like 'a low terminal: how many lines there are more' "$(cat seen)" '^\+2$'
enter
NO_COLOR=1 on 80x24 --image two.hex
ends_well 'NO_COLOR' 80

# --- Ctrl-C in the middle ---
enter
on 110x30 -i 'erase ' --image one.hex
like 'Ctrl-C: exit status' "$out" '^status 130$' || diag "$out"
like 'Ctrl-C: the terminal is as it was' "$out" '^restored$'
like 'Ctrl-C: the cursor begins a line' "$out" '^cursor 0$'
unlike 'Ctrl-C: the status area is gone' "$out" '^(\[[0-9]|flash stm32)'
half=$(printf '%s\n' "$out" | grep -cE '^note: .*ttyACM[1-3].*(interrupted between|run the same command again)')
is 'Ctrl-C: each board was stopped' "$(printf '%s\n' "$out" | grep -cE '^flash    stm32/PYBV11 on ttyACM[1-3]: stopped$')" 3 || diag "$out"
begun=0
for n in $boards; do cmp -s -n 40960 two.bin "flash$n.bin" || begun=$((begun + 1)); done
ok 'Ctrl-C: it was in the middle' test "$begun" -ge 1
is 'Ctrl-C: which boards are half written' "$half" "$begun" || diag "$out"
emu forget
enter # one that was not begun runs again
on 110x30 --image one.hex
like 'then the same command finishes: exit status' "$out" '^status 0$' || diag "$out"
for n in $boards; do ok "it holds the image: $n" cmp -n 40960 one.bin "flash$n.bin"; done

# --- mpflash flash: the same status area ---
emu forget
enter
rm -f seen
run emu_run env SCREEN_SEEN=seen python3 "$TESTS_DIR/emu/screen.py" 120x30 "$MPFLASH" flash --rules boards.rules --force --board PYBV11 --serial /dev/ttyACM1 --image two.hex
like 'flash: exit status' "$out" '^status 0$' || diag "$out"
like 'flash: the terminal is as it was' "$out" '^restored$'
like 'flash: a line with a bar' "$(cat seen)" '^flash stm32/PYBV11 on ttyACM1  \[#*\.+\] (erase|write) [0-9]+ %'
unlike 'flash: the status area is gone' "$out" '^(\[[0-9]|flash stm32)'
like 'flash: the last line of the run' "$out" '^1 flashed in [0-9.]+ m?s \(1 step run, 0 up to date\)$'
ok 'flash: it holds the image' cmp -n 40960 two.bin flash1.bin

emu_stop
done_testing
