#!/bin/sh
# SPDX-License-Identifier: MIT
#
# ELF programs for ARM, RISC-V and Xtensa, each compiled here and converted by mpflash and by its toolchain's objcopy: the
# same bytes. And ELF files that mpflash wrote, read by binutils.
. "$(dirname "$0")/lib.sh"
# shellcheck source=elf.sh
. "$TESTS_DIR/cli/elf.sh"

cd "$T" || exit
elf_sources

digest() {
	"$MPFLASH" info --json "$@" | sed 's/.*"digest":"\([0-9a-f]*\)".*/\1/'
}

# hex_lines FILE: what differs by taste is made equal: objcopy ends lines with CR LF
hex_lines() {
	tr -d '\r' <"$1"
}

for machine in $elf_machines; do
	elf_link "$machine" p
	"$prefix-objcopy" -O binary p.elf theirs.bin
	"$prefix-objcopy" -O ihex p.elf theirs.hex

	run "$MPFLASH" convert p.elf ours.bin
	is "$machine: a hole is an error" "$status" 1
	like "$machine: that names it" "$err" '0x08000014-0x080201ff \(131564 bytes\) is a hole'
	# objcopy fills holes with zeros, unasked.
	ok "$machine: to bin" "$MPFLASH" convert --fill 0 p.elf ours.bin
	ok "$machine: the same bytes as objcopy's" cmp ours.bin theirs.bin
	ok "$machine: to hex" "$MPFLASH" convert p.elf ours.hex
	is "$machine: the same image as in objcopy's hex" "$(digest ours.hex)" "$(digest theirs.hex)"
	# A hole is no trouble for parts in files of their own, as the stm32 port makes them.
	ok "$machine: one bin for each part" "$MPFLASH" convert --split p.elf part.bin
	"$prefix-objcopy" -O binary -j .isr p.elf theirs0.bin
	"$prefix-objcopy" -O binary -R .isr p.elf theirs1.bin
	ok "$machine: the first" cmp part0.bin theirs0.bin
	ok "$machine: the second" cmp part1.bin theirs1.bin
	# objcopy begins a line at each section, also where it touches the one before; our segments are joined.
	"$prefix-objcopy" -I ihex -O binary ours.hex back.bin
	ok "$machine: objcopy reads the hex" cmp back.bin theirs.bin

	ok "$machine: to elf" "$MPFLASH" convert p.elf ours.elf
	is "$machine: with the same digest" "$(digest ours.elf)" "$(digest p.elf)"
	run "$prefix-readelf" -a -W ours.elf
	is "$machine: readelf has no complaint" "$status$err" 0
	is "$machine: same machine and entry" "$(printf '%s\n' "$out" | grep -E 'Machine:|Entry point')" \
		"$("$prefix-readelf" -h p.elf | grep -E 'Machine:|Entry point')"
	like "$machine: a segment that loads" "$out" '^  LOAD +0x[0-9a-f]+ 0x08000000 0x08000000 0x00014 0x00014 R E 0x1$'
	like "$machine: a section for each" "$out" '^  \[ 2\] \.sec2 +PROGBITS +08020200 '
	"$prefix-objcopy" -O binary ours.elf back.bin
	ok "$machine: objcopy makes the same bin of it" cmp back.bin theirs.bin
	"$prefix-objcopy" -O ihex ours.elf back.hex
	is "$machine: and the same hex, line by line" "$(hex_lines back.hex)" "$(hex_lines ours.hex)"
	"$prefix-objcopy" -O srec ours.elf back.srec
	is "$machine: and an srec of the same image" "$(digest back.srec)" "$(digest p.elf)"
	run "$prefix-objdump" -d ours.elf
	like "$machine: objdump disassembles it" "$out" '^Disassembly of section \.sec2:'
	ok "$machine: strip takes it" "$prefix-strip" -o stripped.elf ours.elf
	is "$machine: and keeps the image" "$(digest stripped.elf)" "$(digest p.elf)"
	ok "$machine: written again" "$MPFLASH" convert ours.elf again.elf
	ok "$machine: it is the same file" cmp again.elf ours.elf
done

# --- what ld does with the page below the first section ---
# There is room in the file's first page for the headers: they are part of the first segment, in a boot loader's flash.
elf_tools arm
sed -i 's/0x08000000, LENGTH = 16K/0x08004200, LENGTH = 16K/' p.ld
# shellcheck disable=SC2086
arm-none-eabi-gcc $flags -Os -nostdlib -T p.ld -Wl,-z,max-page-size=0x10000 -o low.elf p.c || bail 'no low.elf'
like 'a segment that begins with the ELF header' "$(arm-none-eabi-readelf -lW low.elf)" 'LOAD +0x000000 0x08000000 '
arm-none-eabi-objcopy -O binary low.elf theirs.bin
ok 'it is converted' "$MPFLASH" convert --fill 0 low.elf ours.bin
ok 'without the header, as by objcopy' cmp ours.bin theirs.bin
like 'and begins with its first section' "$("$MPFLASH" info low.elf)" 'segment +0x08004200-'

# --- processors ---
run "$MPFLASH" convert ours.hex from-hex.elf
is 'a hex does not say its processor' "$status" 1
like 'it has to be named' "$err" '^hint: name the chip, for example --chip stm32f4$'
for chip in stm32f4:ARM esp32c3:RISC-V esp32:Tensilica; do
	ok "for ${chip%:*}" "$MPFLASH" convert --chip "${chip%:*}" ours.hex from-hex.elf
	like "it is ${chip#*:}" "$(arm-none-eabi-readelf -h from-hex.elf)" "Machine: .*${chip#*:}"
	is "with the same digest" "$(digest from-hex.elf)" "$(digest ours.hex)"
done
run "$MPFLASH" convert --chip rp2350 ours.hex two.elf
like 'a chip with two kinds of processors is not enough' "$err" '^hint: rp2350 has several: name the family'
ok 'its family says which' "$MPFLASH" convert --chip rp2350 --family rp2350-riscv ours.hex two.elf
like 'of the two' "$(arm-none-eabi-readelf -h two.elf)" 'Machine: +RISC-V$'
run "$MPFLASH" convert --chip stm32f4 two.elf three.elf
is 'an ELF is not made into that of another processor' "$status" 1
like 'with both named' "$err" '^error: three.elf: the image is a program for RISC-V, but stm32f4 runs ARM$'
ok 'an entry can be given' "$MPFLASH" convert --entry 0x08020201 two.elf three.elf
like 'and is there' "$(arm-none-eabi-readelf -h three.elf)" 'Entry point address: +0x8020201$'

cat >host.c <<-'EOF'
	int main(void)
	{
		return 0;
	}
EOF
cc -o host host.c || bail 'no compiler for this machine'
run "$MPFLASH" info host
is 'a program for the host is refused' "$status" 1
like 'as what it is' "$err" '^hint: a program for the host is not a board.s firmware$'
# shellcheck disable=SC2086
arm-none-eabi-gcc $flags -c -o object.elf p.c || bail 'no object'
run "$MPFLASH" info object.elf
is 'so is an object file' "$status" 1
like 'with the way out' "$err" '^hint: it is an object file: link it first$'
# shellcheck disable=SC2086
arm-none-eabi-gcc $flags -mbig-endian -nostdlib -Os -T p.ld -o big.elf p.c || bail 'no big-endian program'
run "$MPFLASH" info big.elf
like 'and a big-endian program' "$err" 'offset 5: not little-endian'

# --- files that are cut ---
size=$(wc -c <p.elf)
bad=0
for part in 1 2 3 4 5 6 7; do
	head -c $((size * part / 8)) p.elf >cut.elf
	# The image is at the file's start: a cut behind it costs debug information only, and the image is whole.
	run "$MPFLASH" info cut.elf
	case $status$err in
	'1error: cut.elf (ELF32 executable): '*) ;;
	0) [ "$(digest cut.elf)" = "$(digest p.elf)" ] || bad=$part ;;
	*) bad=$part ;;
	esac
done
is 'a cut file has the whole image or an error' "$bad" 0

done_testing
