#!/bin/sh
# SPDX-License-Identifier: MIT
#
# UF2 files against the npm package uf2, block by block: what it encodes is read, what mpflash writes it decodes. Several
# families in one file, the RP2350-E10 block, tags, real firmware in and out.
. "$(dirname "$0")/lib.sh"
# shellcheck source=../peers/lib.sh
. "$TESTS_DIR/peers/lib.sh"

need python3 git cmp od dd
real=/usr/share/firmware-microbit-micropython/firmware.hex
[ -r "$real" ] || bail "$real is not here; ./configure --deps test installs it"
cd "$T" || exit
# any bytes that are no HEX file themselves, and no multiple of 256
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

# --- several families, the E10 block ---

convert --base 0x10000000 --family rp2350-arm-s a.bin arm.uf2
tail -c 5000 a.bin >b.bin
convert --base 0x10000000 --family rp2350-riscv b.bin riscv.uf2
ok 'two families make one file' convert arm.uf2 riscv.uf2 both.uf2
cat arm.uf2 riscv.uf2 >joined.uf2
ok 'which is the two files joined' cmp both.uf2 joined.uf2
run convert both.uf2 x.bin --to bin
is 'of which one must be chosen' "$status" 1
like 'they are listed' "$err" 'rp2350-arm-s, rp2350-riscv'
like 'with the option' "$err" '--family'
ok 'the first' convert --family rp2350-arm-s both.uf2 one.uf2
ok 'is as it was' cmp one.uf2 arm.uf2
ok 'the second, by its number' convert --family 0xe48bff5a both.uf2 two.uf2
ok 'is as it was' cmp two.uf2 riscv.uf2

# RP2040: a boot2 with its CRC; RP2350: a block with an IMAGE_TYPE item and a last item
python3 - <<'END'
import struct
crc = 0xffffffff
for b in bytes(252):
    crc ^= b << 24
    for _ in range(8):
        crc = (crc << 1 ^ (0x04c11db7 if crc >> 31 else 0)) & 0xffffffff
open('rp2040.bin', 'wb').write(bytes(252) + struct.pack('<I', crc) + bytes(500))
for name, kind in ('rp2350-arm-s', 0x1021), ('rp2350-arm-ns', 0x1011), ('rp2350-riscv', 0x1101), ('data', 0x1002):
    open(name + '.bin', 'wb').write(bytes(512) + struct.pack('<IBBHBHBII', 0xffffded3, 0x42, 1, kind, 0xff, 1, 0, 0, 0xab123579))
END
for family in rp2040 rp2350-arm-s rp2350-arm-ns rp2350-riscv; do
	convert --base 0x10000000 $family.bin proven.uf2
	convert --base 0x10000000 --family $family $family.bin told.uf2
	ok "the family $family is told by the content" cmp proven.uf2 told.uf2
done
ok 'unless none is wanted' convert --base 0x10000000 --family none rp2040.bin none.uf2
is 'none is stated' "$(bytes none.uf2 8 4)$(bytes none.uf2 28 4)" 0000000000000000
ok 'data are of no program' convert --base 0x10000000 data.bin data.uf2
is 'nor of a family' "$(bytes data.uf2 28 4)" 00000000

ok 'the block for RP2350-E10 on demand' convert --e10 arm.uf2 e10.uf2
is 'is one block more' "$(wc -c <e10.uf2)" "$(($(wc -c <arm.uf2) + 512))"
is 'has flags and address of picotool' "$(bytes e10.uf2 8 8)" 00a0000000ffff10
is 'and is the first of two of the absolute family' "$(bytes e10.uf2 16 16)" 00010000000000000200000057ff8be4
is 'is full of ef' "$(bytes e10.uf2 32 256 | sed 's/ef//g')" ''
is 'and is to be ignored by all but RP2350' "$(bytes e10.uf2 288 4)" 04e35799
dd if=e10.uf2 of=rest.uf2 bs=512 skip=1 2>/dev/null
ok 'the rest is as it was' cmp rest.uf2 arm.uf2
convert e10.uf2 without.uf2
ok 'read, it is left out' cmp without.uf2 arm.uf2
run convert --e10 --family rp2040 --base 0x10000000 a.bin x.uf2
is 'an RP2040 has no such erratum' "$status" 1
like 'is said' "$err" 'RP2350'

# By rules. The sample's firmware is not in the flash of an RP2350: that it is refused shows that the rule was read.
small_tree tree
printf 'port mini\n  uf2.family = rp2350-arm-s\n  uf2.e10 = yes\n' >e10.rules
run "$MPFLASH" make -C tree --rules e10.rules uf2-BLUE
is 'rules ask for it too' "$status" 1
like 'for RP2350 only' "$err" 'the block for erratum RP2350-E10 is for the flash of an RP2350 only'
printf 'port mini\n  uf2.e10 = maybe\n' >e10.rules
run "$MPFLASH" make -C tree --rules e10.rules uf2-BLUE
like 'with yes or no' "$err" "the rules of mini/BLUE: uf2.e10 is yes or no, not 'maybe'"

# --- damage ---

dd if=arm.uf2 of=cut.uf2 bs=512 count=100 2>/dev/null
run convert cut.uf2 x.hex
like 'a block that is missing is named' "$err" '^error: cut.uf2 \(UF2\): block 100 of 391 is missing$'
head -c 51100 arm.uf2 >cut.uf2
run convert cut.uf2 x.hex
like 'as is half a block' "$err" '51100 bytes are not a whole number of 512-byte blocks'
cat arm.uf2 arm.uf2 >twice.uf2
convert twice.uf2 once.uf2
ok 'a file joined with itself is the file' cmp once.uf2 arm.uf2

# --- the npm package uf2 ---

peer_npm || {
	skip 'the npm package uf2' "$why"
	done_testing
}

cat >encode.js <<'END'
// encode.js IN BASE SIZE FAMILY OUT [reverse]: SIZE bytes a block
const fs = require('fs');
const { encodeBlock, UF2Flags } = require('uf2');
const [input, base, size, family, output, reverse] = process.argv.slice(2);
const data = fs.readFileSync(input);
const total = Math.ceil(data.length / size);
const blocks = [];
for (let i = 0; i < total; i++)
  blocks.push(encodeBlock({
    flags: UF2Flags.familyIDPresent, flashAddress: Number(base) + i * size, blockNumber: i, totalBlocks: total,
    payload: data.subarray(i * size, (i + 1) * size), boardFamily: Number(family),
  }));
if (reverse) blocks.reverse();
fs.writeFileSync(output, Buffer.concat(blocks));
END
cat >decode.js <<'END'
// decode.js IN OUT: the payloads, and what all blocks agree on
const fs = require('fs');
const { decodeBlock, familyMap } = require('uf2');
const data = fs.readFileSync(process.argv[2]);
const parts = [];
let first;
for (let at = 0; at < data.length; at += 512) {
  const b = decodeBlock(data.subarray(at, at + 512));
  first = first || b;
  if (b.blockNumber !== at / 512 || b.totalBlocks !== data.length / 512 ||
      b.flashAddress !== first.flashAddress + at / 2 || b.boardFamily !== first.boardFamily)
    throw new Error('block ' + at / 512);
  parts.push(Buffer.from(b.payload));
}
fs.writeFileSync(process.argv[3], Buffer.concat(parts));
console.log('0x' + first.flashAddress.toString(16), first.flags, familyMap.get(first.boardFamily));
END

# whole pages: the same bytes
head -c 99840 a.bin >pages.bin
node encode.js pages.bin 0x26000 256 0xada52840 theirs.uf2 || bail 'uf2 does not encode'
convert --base 0x26000 --family nrf52840 pages.bin ours.uf2
ok 'the bytes are those of uf2' cmp ours.uf2 theirs.uf2
# Ours are whole pages always, the rest of the last zeros: boot loaders drop shorter blocks. uf2 writes 161 bytes.
node encode.js a.bin 0x26000 256 0xada52840 theirs.uf2
convert --base 0x26000 --family nrf52840 a.bin ours.uf2
last=$(($(wc -c <ours.uf2) - 512))
is 'but for the last block: its size' "$(cmp -l ours.uf2 theirs.uf2 | sed 's/^ *//' | tr -s ' ')" \
	"$((last + 17)) 0 241
$((last + 18)) 1 0"
is 'of another page size it is read too' "$(digest theirs.uf2)" "$(digest ours.uf2)"
for size in 476 100 4; do
	node encode.js a.bin 0x26000 $size 0xada52840 theirs.uf2
	is "$size bytes a block" "$(digest theirs.uf2)" "$(digest ours.uf2)"
done
node encode.js a.bin 0x26000 256 0xada52840 theirs.uf2 reverse
is 'the blocks backwards' "$(digest theirs.uf2)" "$(digest ours.uf2)"

run node decode.js ours.uf2 back.bin
is 'uf2 reads ours' "$status $out" '0 0x26000 8192 Nordic NRF52840'
ok 'and finds all bytes' cmp -n 100001 back.bin a.bin
for family in rp2040 samd51 samd21 stm32f4 esp32s3 mimxrt10xx; do
	convert --base 0x10000000 --family $family pages.bin ours.uf2
	run node decode.js ours.uf2 back.bin
	is "$family: read" "$status" 0
	ok "$family: the same bytes" cmp back.bin pages.bin
	like "$family: it knows the family" "$out" '^0x10000000 8192 [A-Z]'
done

# --- real firmware ---

for hub in cityhub primehub movehub; do
	zip=$NODE_PATH/@pybricks/firmware/build/$hub.zip
	python3 -m zipfile -e "$zip" "$hub" || bail "no $hub.zip"
	convert --base 0x08008000 --family stm32f4 "$zip" real.uf2
	node encode.js "$hub/firmware-base.bin" 0x08008000 256 0x57755a57 theirs.uf2
	is "$hub: the image is uf2's" "$(digest real.uf2)" "$(digest theirs.uf2)"
	convert real.uf2 real.dfu
	convert --family stm32f4 real.dfu again.uf2
	ok "$hub: uf2, dfu, uf2" cmp again.uf2 real.uf2
done

done_testing
