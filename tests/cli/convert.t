#!/bin/sh
# SPDX-License-Identifier: MIT
#
# mpflash convert and mpflash info on the command line: a firmware that Debian ships, through every format and pipe.
. "$(dirname "$0")/lib.sh"

need python3
hex=/usr/share/firmware-microbit-micropython/firmware.hex
[ -r "$hex" ] || bail "$hex is not here; ./configure --deps test installs it"
cd "$T" || exit

# field NAME: of the JSON object in $out
field() {
	printf '%s' "$out" | python3 -c 'import json, sys; print(json.load(sys.stdin)[sys.argv[1]])' "$1"
}

run "$MPFLASH" info --json "$hex"
is 'info succeeds' "$status" 0
digest=$(field digest)
is 'the format was found' "$(field format)" hex
like 'the version was found' "$(field version)" '^v1\.'
is 'two segments' "$(field segments)" "[{'address': 0, 'size': 243852}, {'address': 268439744, 'size': 28}]"
is 'their size' "$(field size)" 243880

run "$MPFLASH" info "$hex"
like 'info names the gap' "$out" '^  gap +0x0003b88c-0x100010bf  268195892$'
like 'info shows the same digest' "$out" "^  digest +$digest\$"

for to in dfu hex uf2; do
	run "$MPFLASH" convert "$hex" "a.$to"
	is "hex to $to" "$status$out$err" 0
	run "$MPFLASH" info --json "a.$to"
	is "the $to has the same digest" "$(field digest)" "$digest"
	is "and is a $to" "$(field format)" "$to"
done
run "$MPFLASH" info --json a.dfu a.uf2
is 'one line of JSON a file' "$(printf '%s\n' "$out" | wc -l)" 2

"$MPFLASH" convert "$hex" - --to dfu | "$MPFLASH" convert --family nrf52 - - --to uf2 >piped.uf2
out=$("$MPFLASH" info --json - <piped.uf2)
is 'through two pipes' "$(field digest)" "$digest"
is 'the family was written' "$(field family)" nrf52

run "$MPFLASH" convert "$hex" a.bin
is 'a hole is an error' "$status" 1
like 'it is named' "$err" '^error: a.bin: 0x0003b88c-0x100010bf \(268195892 bytes\) is a hole'
like 'with a way out' "$err" '^hint: dfu, hex and uf2 can hold it'
not_ok 'and leaves no file' test -e a.bin

printf 'some bytes' >b.bin
run "$MPFLASH" convert b.bin b.hex
is 'a .bin without an address is an error' "$status" 1
like 'that says how to give it' "$err" '^hint: .*--base'
ok 'with an address it is not' "$MPFLASH" convert --base 0x08000000 b.bin b.hex
ok 'and back' "$MPFLASH" convert b.hex c.bin
ok 'come the same bytes' cmp b.bin c.bin
printf ':0100000011EE\n:0100020022DB\n:00000001FF\n' >gap.hex
ok 'a hole is filled on demand' "$MPFLASH" convert --fill 0x2e gap.hex gap.bin
is 'with that byte' "$(cat gap.bin)" "$(printf '\021.\042')"

run "$MPFLASH" convert "$hex"
is 'one file is a usage error' "$status" 2
run "$MPFLASH" convert "$hex" a.xyz
is 'an unknown extension too' "$status" 2
like 'that lists the formats' "$err" '^hint: give --to with one of bin, dfu, dfu11, elf, esp, hex, srec, uf2$'
run "$MPFLASH" convert --base here b.bin b.hex
is 'and a wrong address' "$status" 2
run "$MPFLASH" convert b.hex b.elf
is 'an ELF for no known processor cannot be made' "$status" 1
like 'and the way out is named' "$err" '^hint: name the chip, for example --chip stm32f4$'
run "$MPFLASH" convert b.hex /dev/null --to bin
is 'a device is not replaced' "$status" 1
ok 'and stays a device' test -c /dev/null

printf ':0100000011EF\n:00000001FF\n' >bad.hex
run "$MPFLASH" info bad.hex
like 'damage is named by file, format and line' "$err" '^error: bad.hex \(Intel HEX\): line 1: the checksum is ef'
printf 'before' >kept.dfu
run "$MPFLASH" convert bad.hex kept.dfu
is 'after a failure' "$status" 1
is 'the old output is still there' "$(cat kept.dfu)" before
is 'and nothing else' "$(echo ./*.*)" './a.dfu ./a.hex ./a.uf2 ./b.bin ./b.hex ./bad.hex ./c.bin ./gap.bin ./gap.hex ./kept.dfu ./piped.uf2'

done_testing
