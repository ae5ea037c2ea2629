#!/bin/sh
# SPDX-License-Identifier: MIT
#
# mpflash plugins: every flash method, in the lines of the Python tool, as a table and as JSON; what is missing says how to get it.
. "$(dirname "$0")/lib.sh"
need python3
cd "$T" || exit

run "$MPFLASH" plugins --format plain
is 'exit status' "$status" 0
is 'nothing on standard error' "$err" ''
is 'every line is one of the Python tool' "$(printf '%s\n' "$out" |
	grep -Evc "^[a-z0-9-]+	ports=(\*|\['[a-z0-9-]+'(, '[a-z0-9-]+')*\])	formats=\['\.[a-z0-9]+'(, '\.[a-z0-9]+')*\]	priority=-?[0-9]+	available=(yes|no)\$")" 0
is 'the methods that there are, by priority' "$(printf '%s\n' "$out" | cut -f 1 | paste -sd' ' -)" \
	'dfu esp gdb picoboot qemu uf2 bossac esptool jlink openocd probe-rs pyocd stlink teensy'
# line NAME: that method's
line() {
	printf '%s\n' "$out" | grep "^$1	" | cut -f 2-4
}
is 'uf2' "$(line uf2)" "ports=['mimxrt', 'nrf', 'rp2', 'samd']	formats=['.uf2', '.bin', '.hex', '.elf']	priority=10"
is 'esptool' "$(line esptool)" "ports=['esp32', 'esp8266']	formats=['.bin']	priority=-10"
is 'one that the rules of no port name' "$(line stlink)" "ports=*	formats=['.bin', '.hex', '.elf', '.uf2', '.dfu']	priority=-10"

# What is there is looked for on PATH.
mkdir bin
for name in pyocd openocd; do
	printf '#!/bin/sh\n' >"bin/$name"
	chmod +x "bin/$name"
done
# available NAME: yes or no
available() {
	PATH=$T/bin "$MPFLASH" plugins --format plain | sed -n "s/^$1	.*available=//p"
}
is 'a tool that is there' "$(available pyocd)" yes
is 'one that is not' "$(available probe-rs)" no
is 'an emulator that is not there' "$(available qemu)" no
is 'what needs no tool' "$(available esp)$(available uf2)$(available gdb)" yesyesyes
rm bin/pyocd
run env PATH="$T/bin" "$MPFLASH" plugins
is 'the table: exit status' "$status" 0
like 'the table: its columns' "$out" '^Method +Ports +Formats +Prio  Here  What it is$'
like 'the table: one that is there' "$out" '^openocd  +mimxrt .*stm32  +elf hex bin uf2 dfu +-10  yes   OpenOCD, through a debug probe$'
like 'the table: one that is missing' "$out" '^pyocd +.* no    pyOCD, through a debug probe$'
like 'why' "$out" "^pyocd +pyOCD is not installed: there is no 'pyocd' on PATH$"
# shellcheck disable=SC2016 # our words
like 'what installs it' "$out" '^ +`pipx install pyocd`$'
unlike 'one that is there needs no word' "$out" '^openocd .*not installed'
run env PATH="$T/bin" "$MPFLASH" plugins --json
is 'JSON' "$(printf '%s' "$out" | python3 -c 'import json, sys
p = {m["name"]: m for m in json.load(sys.stdin)}
print(len(p), p["pyocd"]["available"], p["pyocd"]["hint"], p["pyocd"]["tool"], p["pyocd"]["formats"][0], p["pyocd"]["unlock"], p["pyocd"]["probe"])
print(p["dfu"]["ports"], p["dfu"]["read"], p["dfu"]["verify"], p["dfu"]["tool"], p["dfu"]["declared"], p["openocd"]["reason"])')" \
	"14 False \`pipx install pyocd\` pyOCD hex True True
['esp32', 'renesas-ra', 'stm32'] True True None None None"

# --- words that are none ---
run "$MPFLASH" plugins --format yaml
is 'a format that is none: exit status' "$status" 2
like 'a format that is none: those that are' "$err" "^error: --format wants table or plain, not 'yaml'$"
run "$MPFLASH" plugins dfu
is 'a word: exit status' "$status" 2
run "$MPFLASH" plugins -C /nowhere
is 'a tree that is none: exit status' "$status" 1
run "$MPFLASH" plugins --rules /nowhere/x.rules
is 'rules that are not there: exit status' "$status" 1
is 'completion of --format' "$("$MPFLASH" complete -- plugins --format '' | cut -f 1 | paste -sd' ' -)" 'plain table'
is 'and of another command' "$("$MPFLASH" complete -- boards --format '' | cut -f 1 | paste -sd' ' -)" 'json names text tree'
done_testing
