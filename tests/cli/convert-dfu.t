#!/bin/sh
# SPDX-License-Identifier: MIT
#
# DFU files against dfu-util's dfu-suffix: DfuSe and plain DFU, in and out, with real STM32 firmware.
. "$(dirname "$0")/lib.sh"
# shellcheck source=../peers/lib.sh
. "$TESTS_DIR/peers/lib.sh"

need dfu-suffix python3 cmp od
real=/usr/share/firmware-microbit-micropython/firmware.hex
[ -r "$real" ] || bail "$real is not here; ./configure --deps test installs it"
cd "$T" || exit
# any bytes that are no HEX file themselves, and no multiple of 8
tail -c 100021 "$real" | head -c 100001 >a.bin

convert() {
	"$MPFLASH" convert "$@"
}

# digest FILE: of its image
digest() {
	"$MPFLASH" info --json "$@" | sed -n 's/.*"digest": *"\([0-9a-f]*\)".*/\1/p'
}

# bytes FILE OFFSET COUNT: in hex
bytes() {
	od -An -v -tx1 -j "$2" -N "$3" "$1" | tr -d ' \n'
}

# --- plain DFU: the same bytes as dfu-suffix ---

cp a.bin suffix.dfu
dfu-suffix -a suffix.dfu >/dev/null
ok 'plain DFU is written' convert --base 0 a.bin our.dfu --to dfu11
ok 'and is what dfu-suffix makes' cmp our.dfu suffix.dfu
cp a.bin suffix.dfu
dfu-suffix -v 2341 -p 0070 -a suffix.dfu >/dev/null
convert --base 0 --id 2341:0070 a.bin our.dfu --to dfu11
ok 'with ids' cmp our.dfu suffix.dfu
cp a.bin suffix.dfu
dfu-suffix -v 2341 -p 0368 -d 0203 -a suffix.dfu >/dev/null
convert --base 0 --id 2341:0368:0203 a.bin our.dfu --to dfu11
ok 'and with the version of the device' cmp our.dfu suffix.dfu

run convert suffix.dfu back.bin
is 'reading it needs an address' "$status" 1
like 'which the hint asks for' "$err" '^hint: .*--base'
ok 'with one it is read' convert --base 0x10000 suffix.dfu back.bin
ok 'and what came before the suffix is all of it' cmp a.bin back.bin
convert --base 0x10000 suffix.dfu again.dfu --to dfu11
ok 'its ids are kept' cmp again.dfu suffix.dfu
like 'info says the format' "$("$MPFLASH" info --base 0 suffix.dfu)" '^ *format +dfu11'

run "$MPFLASH" convert a.bin@0 a.bin@0x100000 x.dfu --to dfu11
like 'a hole is told of this format, not of another' "$err" '^error: x\.dfu: .* is a hole, which a file without addresses cannot keep$'
run "$MPFLASH" convert --split a.bin@0 a.bin@0x100000 x.dfu --to dfu11
like 'and nobody says that it can have one' "$err" '^error: --split is for the format bin, not for dfu11$'

# --- DfuSe ---

# dfu-suffix looks at the end of the file alone, and calls what it finds by bcdDFU.
convert --base 0x08000000 --id 0483:df11 a.bin se.dfu
run dfu-suffix -c se.dfu
is 'dfu-suffix finds the suffix of a DfuSe file right' "$status" 0
like 'and its ids' "$out" '^Vendor ID:[[:space:]]*0x0483$'
like 'product' "$out" '^Product ID:[[:space:]]*0xDF11$'
like 'version' "$out" '^BCD DFU:[[:space:]]*0x011A$'
cp se.dfu bare.dfu
dfu-suffix -D bare.dfu >/dev/null
run convert bare.dfu x.bin
is 'without its suffix it is refused' "$status" 1
like 'by the offset where it should be' "$err" '^error: bare.dfu \(DFU\): offset [0-9]+: the file does not end with a DFU suffix'
# -S: as dfu-suffix would seal it; -d: our default for DfuSe is 0, as in MicroPython's files
dfu-suffix -S 011a -v 0483 -p df11 -d 0 -a bare.dfu >/dev/null
ok "with dfu-suffix's it is ours again" cmp bare.dfu se.dfu
cp bare.dfu other.dfu
dfu-suffix -D other.dfu >/dev/null
dfu-suffix -S 011a -v 1209 -p 0001 -d 0123 -a other.dfu >/dev/null
convert other.dfu kept.dfu
ok 'ids and version of a DfuSe file are kept' cmp other.dfu kept.dfu
convert other.dfu changed.dfu --id 0483:df11:0
ok 'and changed on demand' cmp changed.dfu se.dfu

# One byte too few, one bit wrong: dfu-suffix and mpflash agree.
head -c 50000 se.dfu >damaged.dfu
printf 'X' >>damaged.dfu
tail -c +50002 se.dfu >>damaged.dfu
not_ok 'dfu-suffix refuses a damaged file' sh -c 'dfu-suffix -c damaged.dfu 2>&1 | grep -q "Vendor ID:"'
run convert damaged.dfu x.bin
is 'so does mpflash' "$status" 1
like 'at the checksum' "$err" "offset $(($(wc -c <se.dfu) - 4)): the checksum is 0x[0-9a-f]+ but should be 0x"

# --- alternate settings ---

tail -c 5000 a.bin >b.bin
convert --base 0x08000000 a.bin alt0.dfu
convert --base 0x90000000 --alt 1 --dfu-name '@QSPI' b.bin alt1.dfu
is 'the alternate setting is written' "$(bytes alt1.dfu 17 1)" 01
ok 'two of them make one file' convert alt0.dfu alt1.dfu both.dfu
is 'of two targets' "$(bytes both.dfu 10 1)" 02
run convert both.dfu --to bin x.bin
is 'from which one must be chosen' "$status" 1
like 'and which there are is said' "$err" 'several alternate settings: 0, 1 \(@QSPI\)$'
like 'with the option' "$err" '--alt'
ok 'the first' convert --alt 0 both.dfu one.dfu
ok 'is as it was' cmp one.dfu alt0.dfu
ok 'the second' convert --alt 1 both.dfu two.dfu
ok 'is as it was, with its name' cmp two.dfu alt1.dfu

# --- real firmware ---

if peer_npm; then
	for hub in cityhub primehub movehub; do
		python3 -m zipfile -e "$NODE_PATH/@pybricks/firmware/build/$hub.zip" "$hub" || bail "no $hub.zip"
		convert --base 0x08008000 "$hub/firmware-base.bin" real.dfu
		ok "$hub: dfu-suffix takes it" dfu-suffix -c real.dfu
		convert real.dfu real.hex
		convert real.hex real.uf2
		convert real.uf2 again.dfu
		is "$hub: dfu, hex, uf2, dfu" "$(digest again.dfu)" "$(digest real.dfu)"
		convert real.dfu back.bin
		ok "$hub: all bytes come back" cmp -n "$(wc -c <"$hub/firmware-base.bin")" "$hub/firmware-base.bin" back.bin
		convert --base 0x08008000 "$NODE_PATH/@pybricks/firmware/build/$hub.zip" zip.dfu
		ok "$hub: out of its .zip" cmp zip.dfu real.dfu
	done
else
	skip 'real STM32 firmware' "$why"
fi

done_testing
