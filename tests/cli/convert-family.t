#!/bin/sh
# SPDX-License-Identifier: MIT
#
# mpflash convert of files that hold several firmwares (UF2 families, DfuSe alternate settings): joined, kept, chosen from.
. "$(dirname "$0")/lib.sh"

cd "$T" || exit
head -c 700 "$TESTS_DIR/cli/lib.sh" >boot.bin
head -c 5000 "$TESTS_DIR/cli/lib.sh" | tail -c 4900 >app.bin
printf 'table' >table.bin

# families and alternate settings
"$MPFLASH" convert --family rp2040 boot.bin@0x10000000 a.uf2
"$MPFLASH" convert --family samd51 app.bin@0x4000 b.uf2
ok 'UF2 files of two families are joined' "$MPFLASH" convert a.uf2 b.uf2 both.uf2
cat a.uf2 b.uf2 >cat.uf2
ok 'as by cat' cmp both.uf2 cat.uf2
run "$MPFLASH" convert both.uf2 x.hex
is 'a format with one image wants a choice' "$status" 1
like 'and lists them' "$err" 'rp2040.*samd51'
ok 'made by --family' "$MPFLASH" convert --family samd51 both.uf2 x.bin
ok 'it is that one' sh -c 'head -c 4900 x.bin | cmp - app.bin'
ok 'UF2 to UF2 keeps all' "$MPFLASH" convert both.uf2 again.uf2
ok 'byte for byte' cmp again.uf2 both.uf2
run "$MPFLASH" convert a.uf2 b.uf2 x.hex
is 'elsewhere two families contradict' "$status" 1
like 'which names both' "$err" '^error: a.uf2 is for UF2 family rp2040, b.uf2 for samd51$'
run "$MPFLASH" convert a.uf2 b.uf2 table.bin@0x8000 x.uf2
is 'a file of no family is of neither' "$status" 1
like 'and is named' "$err" '^error: table.bin does not say which of the UF2 families'
ok 'with one family there is no question' "$MPFLASH" convert a.uf2 table.bin@0x10008000 one.uf2
is 'the image is one' "$("$MPFLASH" info --json one.uf2 | grep -o '"family":"[^"]*"')" '"family":"rp2040"'

done_testing
