#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Intel HEX and Motorola SREC against the tools of others: what they write is read, what mpflash writes they read, and the
# bytes of the files are the same or differ in a way that is shown here. Real firmware in and out.
. "$(dirname "$0")/lib.sh"
# shellcheck source=../peers/lib.sh
. "$TESTS_DIR/peers/lib.sh"

need arm-none-eabi-objcopy arm-none-eabi-gcc srec_cat srec_cmp python3
real=/usr/share/firmware-microbit-micropython/firmware.hex
[ -r "$real" ] || bail "$real is not here; ./configure --deps test installs it"
cd "$T" || exit
# Any bytes that are no HEX file themselves, and no whole number of records.
tail -c 100021 "$real" | head -c 100001 >a.bin

convert() {
	"$MPFLASH" convert "$@"
}

# digest FILE: of its image
digest() {
	"$MPFLASH" info --json "$@" | sed -n 's/.*"digest": *"\([0-9a-f]*\)".*/\1/p'
}

unix_lines() {
	tr -d '\r' <"$1"
}

# --- objcopy ---

# One section, on the 16 bytes of a record: objcopy starts a new record where a section starts.
cat >flash.ld <<'END'
ENTRY(start)
SECTIONS { .text BASE : { *(.text*) } /DISCARD/ : { *(.ARM*) *(.comment) } }
END
cat >code.s <<'END'
.syntax unified
.thumb
.text
.global start
.thumb_func
start: b start
.incbin "a.bin"
END
# elf_at BASE: a.elf
elf_at() {
	sed "s/BASE/$1/" flash.ld >here.ld
	arm-none-eabi-gcc -mcpu=cortex-m0 -nostdlib -T here.ld -o a.elf code.s || bail "no ELF at $1"
}

# The S0 record is objcopy's output file's name, and ours "mpflash". All else is the same, line ends too.
for base in 0 0x5000 0xfff0 0x10000 0xffffe0 0x08000000 0x08001234; do
	elf_at $base
	arm-none-eabi-objcopy -O srec a.elf objcopy.srec
	convert a.elf our.srec
	is "srec at $base: the header" "$(head -n 1 our.srec)" "$(printf 'S00A00006D70666C6173680A\r')"
	sed 1d objcopy.srec >want
	sed 1d our.srec >got
	ok "srec at $base: the rest is objcopy's" cmp got want
	is "srec at $base: objcopy's file is the same image" "$(digest objcopy.srec)" "$(digest a.elf)"
done

# objcopy ends lines with CR LF, and below 1 MiB says addresses by segment (02, and 03 for the entry). Ours are linear
# everywhere (04 and 05), the first even for address 0: drag-and-drop loaders (DAPLink) know a HEX file by it.
for base in 0x00100000 0x08000000 0x08001234; do
	elf_at $base
	arm-none-eabi-objcopy -O ihex a.elf objcopy.hex
	convert a.elf our.hex
	unix_lines objcopy.hex >want
	ok "hex at $base: objcopy's but for CR" cmp our.hex want
done
for base in 0 0x5000 0xfff0 0x20000; do
	elf_at $base
	arm-none-eabi-objcopy -O ihex a.elf objcopy.hex
	convert a.elf our.hex
	unix_lines objcopy.hex | grep -v '^:......0[23]' >want
	grep -v '^:......0[45]' our.hex >got
	ok "hex at $base: objcopy's data records" cmp got want
	is "hex at $base: the first address is said" "$(head -n 1 our.hex | cut -c 1-9)" ':02000004'
	is "hex at $base: objcopy's file is the same image" "$(digest objcopy.hex)" "$(digest a.elf)"
	ok "hex at $base: objcopy reads ours" arm-none-eabi-objcopy -I ihex -O binary our.hex back.bin
	arm-none-eabi-objcopy -O binary a.elf want.bin
	ok "hex at $base: with the same bytes" cmp back.bin want.bin
done
ok 'objcopy reads our srec' arm-none-eabi-objcopy -I srec -O binary our.srec back.bin
ok 'with the same bytes' cmp back.bin want.bin

# --- srec_cat: all that it writes is read ---

# from_srec_cat BYTES OFFSET OPTION...: a.bin's first BYTES bytes
from_srec_cat() {
	sc_bytes=$1 sc_offset=$2
	shift 2
	head -c "$sc_bytes" a.bin >want.bin
	srec_cat want.bin -binary -offset "$sc_offset" -o srec_cat.out "$@" || bail "srec_cat $*"
	ok "srec_cat $*" convert srec_cat.out back.bin
	ok "srec_cat $*: the same bytes" cmp back.bin want.bin
}
from_srec_cat 100001 0x08000000 -intel
from_srec_cat 100001 0x08000123 -intel -address-length=4
from_srec_cat 100001 0x20000 -intel -address-length=3
from_srec_cat 60000 0 -intel -address-length=2
from_srec_cat 100001 0 -intel -line-length=44
from_srec_cat 100001 0 -intel -line-length=140
from_srec_cat 100001 0 -intel -Output_Block_Size=1
from_srec_cat 100001 0 -intel -Output_Block_Size=7
from_srec_cat 100001 0 -intel -Output_Block_Size=255
from_srec_cat 100001 0 -intel -Line_Termination=crlf
from_srec_cat 100001 0 -intel -Line_Termination=cr
from_srec_cat 100001 0x08000000 -Motorola
from_srec_cat 60000 0 -Motorola -address-length=2
from_srec_cat 100001 0x20000 -Motorola -address-length=3
from_srec_cat 100001 0x08000000 -Motorola -address-length=4
from_srec_cat 100001 0 -Motorola -Output_Block_Size=7
from_srec_cat 100001 0 -Motorola -Output_Block_Size=250
from_srec_cat 100001 0 -Motorola -line-length=130
from_srec_cat 100001 0 -Motorola -Line_Termination=crlf
from_srec_cat 100001 0 -Motorola -execution-start-address=0x101
from_srec_cat 100001 0 -Motorola -disable=header
from_srec_cat 100001 0 -Motorola -disable=data-count -execution-start-address=0x101
# Neither a count nor an end record: nothing says that the file is whole.
srec_cat a.bin -binary -o srec_cat.out -Motorola -disable=data-count
run "$MPFLASH" convert srec_cat.out back.bin
is 'srec_cat without a count or an end: refused' "$status" 1
like 'since it may be cut off' "$err" '^error: .*: line [0-9]+: the end record \(S7, S8 or S9\) is missing$'

# --- and it reads all that we write ---
for base in 0 0xfff1 0x00fffff0 0x08000000 0xfffe0000; do
	convert --base $base a.bin our.hex
	convert --base $base a.bin our.srec
	ok "srec_cmp reads our hex at $base" srec_cmp our.hex -intel a.bin -binary -offset $base
	ok "srec_cmp reads our srec at $base" srec_cmp our.srec -motorola a.bin -binary -offset $base
done
convert "$real" real.srec
ok 'srec_cmp: a real image with a hole' srec_cmp real.srec -motorola "$real" -intel

# --- real files: what we write is what their makers' tools wrote ---
convert "$real" our.hex
ok 'a MicroPython of 2023 is written as it was' cmp our.hex "$real"
arm-none-eabi-objcopy -I ihex -O srec "$real" objcopy.srec
is 'through objcopy it is the same image' "$(digest objcopy.srec)" "$(digest "$real")"

# --- npm: intel-hex and nrf-intel-hex ---
if peer_npm; then
	cat >read.js <<'END'
const fs = require('fs');
const text = fs.readFileSync(process.argv[3], 'utf8');
if (process.argv[2] === 'intel-hex') {
	const got = require('intel-hex').parse(text, 1 << 20);
	fs.writeFileSync(process.argv[4], got.data);
} else {
	const map = (require('nrf-intel-hex').default || require('nrf-intel-hex')).fromHex(text);
	const end = Math.max(...[...map].map(([at, bytes]) => at + bytes.length));
	const start = Math.min(...map.keys());
	fs.writeFileSync(process.argv[4], map.slicePad(start, end - start));
	fs.writeFileSync(process.argv[5], map.asHexString(16));
}
END
	convert --base 0 a.bin our.hex
	ok 'intel-hex reads our hex' node read.js intel-hex our.hex node.bin
	ok 'intel-hex: the same bytes' cmp node.bin a.bin
	convert --base 0x08001230 a.bin our.hex
	ok 'nrf-intel-hex reads our hex' node read.js nrf-intel-hex our.hex node.bin node.hex
	ok 'nrf-intel-hex: the same bytes' cmp node.bin a.bin
	echo >>node.hex
	ok 'nrf-intel-hex writes our hex, but for the last line end' cmp node.hex our.hex
	is 'and what it writes is read' "$(digest node.hex)" "$(digest our.hex)"
	for hex in "$NODE_PATH"/dapjs/binaries/*.hex; do
		name=${hex##*/}
		convert "$hex" our.hex
		ok "dapjs $name: written as it was" cmp our.hex "$hex"
		node read.js nrf-intel-hex "$hex" node.bin node.hex
		convert --fill 0xff "$hex" our.bin
		ok "dapjs $name: the bytes that nrf-intel-hex reads" cmp our.bin node.bin
	done
else
	skip 'intel-hex and nrf-intel-hex' "$why"
fi

# --- micro:bit universal hex ---
if peer_microbit; then
	cat >join.js <<'END'
const fs = require('fs');
const uh = require('@microbit/microbit-universal-hex');
const parts = [0x9900, 0x9903].map((boardId, i) => ({ boardId, hex: fs.readFileSync(process.argv[2 + i], 'utf8') }));
fs.writeFileSync('sections.hex', uh.createUniversalHex(parts));
fs.writeFileSync('blocks.hex', uh.createUniversalHex(parts, true));
END
	convert --base 0x1000 a.bin v2.hex
	ok 'the makers of micro:bit join two files' node join.js "$real" v2.hex
	for form in sections blocks; do
		run "$MPFLASH" convert $form.hex out.hex
		is "$form: two firmwares and no choice" "$status" 1
		like "$form: both are listed" "$err" \
			'^error: .*it holds firmware for several boards: microbit-v1, microbit-v2$'
		like "$form: with the way to choose" "$err" '^hint: .*--family'
		not_ok "$form: nothing is written" test -e out.hex
		ok "$form: the first generation" convert --family microbit-v1 $form.hex v1-out.hex
		# The makers leave the start address out of sections.
		cp "$real" want
		[ $form = blocks ] || grep -v '^:04000005' "$real" >want
		ok "$form: is the file that it was made of" cmp v1-out.hex want
		ok "$form: the second generation" convert --family microbit-v2 $form.hex v2-out.hex
		ok "$form: too" cmp v2-out.hex v2.hex
	done
	ok 'a UF2 of the second' convert --family microbit-v2 sections.hex v2.uf2
	like 'is for its chip' "$("$MPFLASH" info --json v2.uf2)" '"family": *"nrf52833"'
else
	skip 'micro:bit universal hex' "$why"
fi

# --- PyPI: intelhex ---
if peer_python; then
	PYTHONPATH=$PEER_PYTHON
	export PYTHONPATH
	ok 'bin2hex.py' python3 "$PEER_PYTHON/bin/bin2hex.py" --offset=0x08001230 a.bin python.hex
	ok 'bin2hex.py: read' convert python.hex back.bin
	ok 'bin2hex.py: the same bytes' cmp back.bin a.bin
	convert --base 0x08001230 a.bin our.hex
	unix_lines python.hex >want
	ok 'bin2hex.py: our file' cmp our.hex want
	ok 'hex2bin.py reads our hex' python3 "$PEER_PYTHON/bin/hex2bin.py" our.hex back.bin
	ok 'hex2bin.py: the same bytes' cmp back.bin a.bin
	cat >copy.py <<'END'
import sys
from intelhex import IntelHex

IntelHex(sys.argv[1]).write_hex_file(sys.argv[2])
END
	elf_at 0x08000000
	convert a.elf our.hex
	python3 copy.py our.hex python.hex
	# intelhex puts the start address first, everybody else last.
	is 'write_hex_file: the start address comes first' "$(head -n 1 python.hex | cut -c 1-9)" ':04000005'
	unix_lines python.hex | sort >want
	sort our.hex >got
	ok 'write_hex_file: the same records' cmp got want
	is 'write_hex_file: the same image' "$(digest python.hex)" "$(digest our.hex)"
	python3 copy.py "$real" python.hex
	is 'write_hex_file of a real image' "$(digest python.hex)" "$(digest "$real")"
else
	skip 'intelhex' "$why"
fi

# --- what tools read differently is refused, what all read alike is read ---

# Segments: Intel's text and srec_cat go on at the segment's start, objcopy and intelhex behind its end.
printf ':020000021000EC\n:04FFFE0001020304F5\n:00000001FF\n' >segment.hex
run "$MPFLASH" convert segment.hex back.bin
like 'a record past the end of a segment' "$err" \
	'^error: segment.hex \(Intel HEX\): line 2: the record runs past the end of its 64 KiB segment$'
is 'is not converted' "$status" 1
arm-none-eabi-objcopy -I ihex -O binary segment.hex objcopy.bin
srec_cat segment.hex -intel -offset -0x10000 -o srec_cat.bin -binary 2>/dev/null
not_ok 'objcopy and srec_cat do not agree on it' cmp -s objcopy.bin srec_cat.bin
printf ':020000040800F2\n:04FFFE0001020304F5\n:00000001FF\n' >linear.hex
ok 'a record over 64 KiB after a linear address' convert linear.hex back.bin
arm-none-eabi-objcopy -I ihex -O binary linear.hex objcopy.bin
srec_cat linear.hex -intel -offset -0x0800fffe -o srec_cat.bin -binary
ok 'is what objcopy reads' cmp back.bin objcopy.bin
ok 'and srec_cat' cmp back.bin srec_cat.bin

# --- extensions, pipes, rules ---
for ext in srec s19 s28 s37 mot s; do
	ok "an output .$ext" convert --base 0 a.bin "ext.$ext"
	ok "is SREC (.$ext)" cmp "ext.$ext" ext.srec
done
convert our.hex - --to srec | convert - - --to hex >piped.hex
ok 'hex to srec to hex through pipes' cmp piped.hex our.hex

need git make gcc
small_tree "$T/tree"
printf '  build firmware.srec: srec firmware.elf\n' >>tree/mpflash.rules
run "$MPFLASH" make -C "$T/tree" -o "$T/made" RED
is 'build firmware.srec: srec firmware.elf' "$status" 0
is 'makes that image' "$(digest made/RED/firmware.srec)" "$(digest made/RED/firmware.elf)"
like 'in that format' "$(head -n 1 made/RED/firmware.srec)" '^S0'
run "$MPFLASH" make -C "$T/tree" -o "$T/one" srec-BLUE
is 'srec-BOARD' "$(cd one && find . -type f ! -name compile_commands.json)" ./BLUE/firmware.srec

done_testing
