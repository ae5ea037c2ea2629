#!/bin/sh
# SPDX-License-Identifier: MIT
#
# What the documents say of flashing: every rule variable that it reads is in docs/RULES.md, every method and option of docs/DEVICES.md and of the
# README's tour is there, and the tour's commands for boards run, on an emulated pyboard.
. "$(dirname "$0")/lib.sh"
# shellcheck source=../emu/emu.sh
. "$TESTS_DIR/emu/emu.sh"

need python3 umockdev-wrapper
root=$TESTS_DIR/..
cd "$T" || exit

# Read by name in C; and what the runners' command lines have, but for the values that flash/runner.h lists.
python3 - "$root" >variables <<'END'
import glob, re, sys
root = sys.argv[1]
names = set()
for path in glob.glob(root + '/src/flash/*.c') + glob.glob(root + '/src/graph/*.c'):
    text = open(path).read()
    names |= set(re.findall(r'(?:flash_target_(?:get|number|words?)|recipe_(?:var|words)|image_vars_number)\([^;"]*"([a-z0-9.-]+)"', text))
values = set(re.findall(r'^ \*\t([a-z]+)  ', open(root + '/src/flash/runner.h').read(), re.M)) | {'segment', 'size', 'portname', 'transport', 'file', 'address', 'port'}
table = open(root + '/src/flash/runners.c').read()
for runner in re.split(r'\nstatic const struct runner ', table)[1:]:
    name = re.search(r'\.name = "([^"]+)"', runner)[1]
    text = runner[:runner.index('\n};')]
    for macro, body in re.findall(r'#define ([A-Z_]+)((?:.*\\\n)*.*)', table):
        text = text.replace(macro, body)
    for word in re.findall(r'\$\{?([a-z][a-z0-9.-]*)', text):
        if word not in values:
            names.add(word if '.' in word else name + '.' + word)
print('\n'.join(sorted(names)))
END
ok 'there are variables' test "$(wc -l <variables)" -ge 40
is 'docs/RULES.md has each of them' "$(while read -r name; do grep -qF "\`$name\`" "$root/docs/RULES.md" || echo "$name"; done <variables | paste -sd' ' -)" ''

methods=$("$MPFLASH" complete -- make --method '' | cut -f1)
is 'docs/DEVICES.md has each method' "$(for name in $methods; do grep -q "^| .*\`$name\`" "$root/docs/DEVICES.md" || echo "$name"; done)" ''
"$MPFLASH" make --help >help
for file in docs/DEVICES.md README.md; do
	# of other commands than make
	others='--yes --to --symbols --check --deps --prefix --install-udev --manual --bootloader --reset --dot --json --bluetooth --no-reset --detect-targets --ports'
	sed -n '/^## Flashing/,/^## /p; / mpflash make /p' "$root/$file" | grep -oE -e '--[a-z][a-z-]+' | sort -u >options
	is "$file: make has the options that it names" "$(while read -r word; do
		grep -qE -e "(^|[ ,])$word([ ,=]|\$)" help || case " $others " in *" $word "*) ;; *) echo "$word" ;; esac
	done <options | paste -sd' ' -)" ''
done

# --- the tour ---
sample_tree tree
emu_start
cat >boards.rules <<'EOR'
port stm32
  board PYBV11
    chip = stm32f4
    fs =
    flash = dfu
EOR
python3 -c 'import struct, sys
sys.stdout.buffer.write(struct.pack("<2I", 0x20001000, 0x08000201) + bytes([17]) * (10 * 1024 - 8))' >firmware.bin
"$MPFLASH" convert --base 0x08000000 firmware.bin firmware.dfu || bail 'convert'
printf "(name='micropython', version=(1, 29, 0, ''), _machine='PYBv1.1 with STM32F405RG', _mpy=4358, _build='PYBV11')\r\n3.4.0; MicroPython v1.29.0 on 2026-01-01\r\npyboard\r\n" >says
head -c 1048576 /dev/zero >flash.bin
emu usb 1-1 f055:9800 serial=00000001 product=Pyboard cdc=ttyACM1
emu board ttyACM1 raw "$T/says"
enters() {
	emu on 'bootloader ttyACM1' '=>' 20 remove 1-1
	emu on 'bootloader ttyACM1' '=>' 80 model 1-1 dfu "flash=$T/flash.bin" chip=f405 serial=A1B2C3D40001
	emu on 'left 1-1' '=>' 30 usb 1-1 f055:9800 serial=00000001 product=Pyboard cdc=ttyACM1
	emu on 'left 1-1' '=>' 40 board ttyACM1 raw "$T/says"
}
sed -n 's/^    \$ mpflash make \(.*\)/\1/p' "$root/README.md" | grep -E '(flash|verify|read)-PYBV11' >tour
is 'the tour has commands for boards' "$(wc -l <tour)" 5
while read -r line; do
	words=$(printf '%s\n' "$line" | sed 's/ *#.*//')
	case $words in
	*--image*) ;;
	*verify-* | flash-* | *--all*) words="$words --image firmware.dfu" ;; # the sample tree's is for an emulator
	esac
	enters
	# shellcheck disable=SC2086
	run emu_run "$MPFLASH" make --rules boards.rules -B $words </dev/null
	is "mpflash make $words: exit status" "$status" 0 || diag "$err"
done <tour
ok 'it holds the image' cmp -n 10240 firmware.bin flash.bin
ok 'and so does its backup' cmp backup.bin flash.bin
emu_stop
done_testing
