#!/bin/sh
# SPDX-License-Identifier: MIT
#
# mpflash size: what takes how much room in a program, held against the toolchains' own size and objdump; and what changed
# between two builds.
. "$(dirname "$0")/lib.sh"
# shellcheck source=elf.sh
. "$TESTS_DIR/cli/elf.sh"

need python3
cd "$T" || exit
elf_sources

# json EXPRESSION: of the JSON in $out, as j
json() {
	printf '%s' "$out" | python3 -c 'import json, sys; j = json.load(sys.stdin); print(eval(sys.argv[1]))' "$1"
}

for machine in $elf_machines; do
	elf_link "$machine" "$machine"
	run "$MPFLASH" size "$machine.elf"
	is "$machine: size succeeds" "$status$err" 0
	is "$machine: the totals are those of size" \
		"$(printf '%s\n' "$out" | tail -n 1 | tr -s ' \t' ' ')" \
		"$("$prefix-size" "$machine.elf" | tail -n 1 | tr -s ' \t' ' ')"
	# size -A lists all sections; those that take no room in the chip are at 0.
	is "$machine: the sections are those of size -A" \
		"$(printf '%s\n' "$out" | awk '/^\./ { sub("0x0*", "0x", $2); printf "%s 0x%x %s\n", $1, $4, $2 }')" \
		"$("$prefix-size" -A -x "$machine.elf" | awk '/^\./ && $3 != "0x0" { print $1, $2, $3 }')"
	is "$machine: load addresses are those of objdump" \
		"$(printf '%s\n' "$out" | awk '/^\./ { print $1, substr($2, 3), substr($3, 3) }')" \
		"$("$prefix-objdump" -h "$machine.elf" | awk '$2 ~ /^\./ { name = $2; at = $4 " " $5 } /ALLOC/ { print name, at }')"
done

# --- kinds and regions ---
elf_link arm a
run "$MPFLASH" size a.elf
like 'what is executed is text' "$out" '^\.text +0x08020200 0x08020200 +[0-9]+  text$'
like 'what is only read is rodata' "$out" '^\.isr +0x08000000 0x08000000 +20  rodata$'
like 'what is copied to RAM is data, with the address in flash' "$out" '^\.data +0x20000000 0x080[0-9a-f]+ +36  data$'
like 'what has no bytes is bss' "$out" '^\.bss +0x20000024 0x[0-9a-f]+ +1200  bss$'
like 'a region of the map' "$out" '^vectors +0x08000000 +20 +16384 +0\.1%$'
# ld counts up to the last byte; here nothing is padded.
arm-none-eabi-gcc -mcpu=cortex-m3 -mthumb -Os -g -ffreestanding -nostdlib -T p.ld -Wl,--print-memory-usage -o x.elf p.c >usage
flash=$(awk '$1 == "flash:" { print $2 }' usage)
like 'as much flash as the linker says' "$out" "^flash +0x08020200 +$flash +65536 "
like 'and RAM' "$out" "^ram +0x20000000 +1236 +16384 +7\\.5%\$"
mv a.map a.elf.map
is 'the map of CMake is found' "$("$MPFLASH" size a.elf | grep '^region' | sed 's/.* of //')" a.elf.map
cp a.elf firmware.elf
cp a.elf.map micropython.map
is 'and that of ESP-IDF' "$("$MPFLASH" size firmware.elf | grep '^region' | sed 's/.* of //')" ./micropython.map
cp a.elf plain.elf
run "$MPFLASH" size plain.elf
like 'without a map, what is stored is flash' "$out" "^flash +$((flash + 20))\$"
like 'and data and bss are ram' "$out" '^ram +1236$'
run "$MPFLASH" size --chip stm32f4 plain.elf
like 'a chip that is named has sizes' "$out" '^flash +0x08000000 +'"$((flash + 20))"' +[0-9]+ +[0-9.]+%$'
printf 'Memory Configuration\n\nrubbish\n' >plain.map
like 'a map that is none is passed over' "$("$MPFLASH" size plain.elf)" "^flash +$((flash + 20))\$"
run "$MPFLASH" size --chip stm32f0x9 plain.elf
is 'a chip that does not exist' "$status" 2

# --- JSON ---
run "$MPFLASH" size --json a.elf
is 'sections of the JSON' "$(json '[s["name"] for s in j["sections"]]')" "['.isr', '.text', '.data', '.bss']"
is 'a section' "$(json 'j["sections"][0]')" \
	"{'name': '.isr', 'address': 134217728, 'load': 134217728, 'size': 20, 'kind': 'rodata'}"
is 'a region' "$(json '[r for r in j["regions"] if r["name"] == "ram"]')" \
	"[{'name': 'ram', 'address': 536870912, 'size': 16384, 'used': 1236}]"
is 'the totals' "$(json '[j["text"] + j["data"] + j["bss"] - j["total"], j["data"], j["bss"]]')" '[0, 36, 1200]'

# --- symbols ---
run "$MPFLASH" size --symbols 3 a.elf
is 'the largest symbols, as nm has them' \
	"$(printf '%s\n' "$out" | awk '/^0x/ && NF == 3 { print substr($1, 3), $2, $3 }' | sort)" \
	"$(arm-none-eabi-nm -S --size-sort -r a.elf | head -n 3 | while read -r at size _ name; do
		echo "$at $((0x$size)) $name"
	done | sort)"
run "$MPFLASH" size --json --symbols 2 a.elf
is 'in JSON too' "$(json '[s["name"] for s in j["symbols"]]')" "['bss', 'table']"

# --- two builds ---
elf_link arm b -DMORE=200
run "$MPFLASH" size --symbols 5 a.elf b.elf
is 'two builds' "$status$err" 0
like 'data grew' "$out" '^\.data +36 +836 +\+800$'
like 'the largest change comes first' "$(printf '%s\n' "$out" | sed -n 4p)" '^\.data '
like 'what did not change comes last' "$(printf '%s\n' "$out" | grep '^\.' | tail -n 1)" '^\.isr +20 +20 +0$'
like 'a region has both sums' "$out" '^ram +1236 +2136 +\+900$'
like 'a symbol that came' "$out" '^more +0 +800 +\+800  new$'
unlike 'not one that stayed as it was' "$out" '^table '
like 'the totals' "$out" '^bss +1200 +1300 +\+100$'
run "$MPFLASH" size --symbols 5 b.elf a.elf
like 'the other way round it shrank' "$out" '^\.data +836 +36 +-800$'
like 'and the symbol is gone' "$out" '^more +800 +0 +-800  gone$'
run "$MPFLASH" size --json a.elf b.elf
is 'the change in JSON' "$(json '[c for c in j["change"]["sections"] if c["name"] == ".data"]')" \
	"[{'name': '.data', 'old': 36, 'new': 836, 'change': 800}]"
is 'with both sides' "$(json '[j["old"]["data"], j["new"]["data"]]')" '[36, 836]'
arm-none-eabi-objcopy --rename-section .isr=.vectors b.elf c.elf
run "$MPFLASH" size --json a.elf c.elf
is 'sections that came and went' "$(json '[c for c in j["change"]["sections"] if c["name"] in (".isr", ".vectors")]')" \
	"[{'name': '.isr', 'old': 20, 'new': None, 'change': -20}, {'name': '.vectors', 'old': None, 'new': 20, 'change': 20}]"
run "$MPFLASH" size a.elf a.elf
unlike 'a build and itself do not differ' "$out" '[+-][1-9]|new$|gone$'
like 'which is said with zeros' "$out" '^total +[0-9]+ +[0-9]+ +0$'

# --- files that have no sections ---
"$MPFLASH" convert a.elf a.hex
run "$MPFLASH" size a.hex
like 'the segments of a hex' "$out" '^0x08000000 +0x08000000 0x08000000 +20  bytes$'
like 'and their sum' "$out" "^total +$((flash + 20))  a\\.hex\$"
run "$MPFLASH" size a.elf a.hex
like 'an ELF and a hex are compared by segments' "$out" "^0x08020200 +$flash +$flash +0\$"
arm-none-eabi-strip -o stripped.elf a.elf
run "$MPFLASH" size --symbols 5 stripped.elf
like 'a stripped ELF has its sections' "$out" '^\.text '
unlike 'but no symbols' "$out" 'symbol'
run "$MPFLASH" size --base 0x08000000 --json a.bin
is 'a file that is not there' "$status" 1

# --- usage, damage ---
run "$MPFLASH" size
is 'no file is a usage error' "$status" 2
run "$MPFLASH" size a.elf b.elf c.elf
is 'and so are three' "$status" 2
head -c "$(($(wc -c <a.elf) - 400))" a.elf >cut.elf
run "$MPFLASH" size cut.elf
is 'a file without its table of sections is an error' "$status" 1
like 'that says where it is' "$err" '^error: cut.elf: offset 32: the table of sections at offset [0-9]+ lies outside the file$'
printf '.\033[31mred' >name
arm-none-eabi-objcopy --rename-section ".isr=$(cat name)" a.elf red.elf
run "$MPFLASH" size red.elf
like 'a name does not act on the terminal' "$out" '^\.\?\[31mred '

done_testing
