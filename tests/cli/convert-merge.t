#!/bin/sh
# SPDX-License-Identifier: MIT
#
# mpflash convert with several inputs, and with parts of them: merged as srec_cat and intelhex's hexmerge do it, cut, filled
# and split.
. "$(dirname "$0")/lib.sh"

need python3 srec_cat arm-none-eabi-objcopy
cd "$T" || exit

# segments FILE: "address+size ..." as mpflash info says
segments() {
	"$MPFLASH" info --json "$@" | python3 -c '
import json, sys
print(*("%x+%d" % (s["address"], s["size"]) for s in json.load(sys.stdin)["segments"]))'
}

python3 -c '
import random
random.seed(4)
for name, size in ("boot", 700), ("table", 96), ("app", 5000):
    open(name + ".bin", "wb").write(bytes(random.randrange(256) for _ in range(size)))'

ok 'raw files, each at its address' \
	"$MPFLASH" convert boot.bin@0x1000 table.bin@32768 app.bin@0x10000 all.hex
is 'all of them are there' "$(segments all.hex)" '1000+700 8000+96 10000+5000'
srec_cat '(' boot.bin -binary -offset 0x1000 table.bin -binary -offset 0x8000 app.bin -binary -offset 0x10000 ')' \
	-fill 0xff 0x1000 0x11388 -o whole.bin -binary
tail -c +4097 whole.bin >theirs.bin # srec_cat begins at address 0
ok 'filled' "$MPFLASH" convert --fill 0xff all.hex ours.bin
ok 'it is what srec_cat makes' cmp ours.bin theirs.bin
ok 'in one step' "$MPFLASH" convert --fill 0xff boot.bin@0x1000 table.bin@0x8000 app.bin@0x10000 ours.bin
ok 'the same' cmp ours.bin theirs.bin
ok 'the order does not matter' "$MPFLASH" convert app.bin@0x10000 boot.bin@0x1000 table.bin@0x8000 other.hex
ok 'to any byte' cmp other.hex all.hex
ok 'filled in a format that can have holes' "$MPFLASH" convert --fill 0xff all.hex full.hex
is 'too' "$(segments full.hex)" '1000+66440'
ok 'with the same bytes' "$MPFLASH" convert full.hex full.bin
ok 'as in a .bin' cmp full.bin theirs.bin
arm-none-eabi-objcopy -I ihex -O binary --gap-fill 0xff all.hex objcopy.bin
ok 'and as objcopy --gap-fill' cmp full.bin objcopy.bin

ok 'files that have addresses and one that has none' "$MPFLASH" convert --base 0x20000 all.hex app.bin more.srec
is 'take --base for it' "$(segments more.srec)" '1000+700 8000+96 10000+5000 20000+5000'
run "$MPFLASH" convert --base 0x1000 boot.bin app.bin x.hex
is 'for two of them it is a usage error' "$status" 2
like 'that says why' "$err" '^error: --base is for one file, but 2 do not say their addresses$'
like 'and how' "$err" '^hint: give each its own: boot.bin@0x1000 app.bin@0x10000$'
run "$MPFLASH" convert --base 0x5000 all.hex x.srec
is 'for none, too' "$status:$(printf '%s\n' "$err" | head -n 1)" \
	'2:error: --base is for files that do not say their addresses; none of these is one'
run "$MPFLASH" convert all.hex@0x5000 x.srec
is 'a file with addresses cannot be moved' "$status" 2
like 'which is said' "$err" '^error: all.hex: Intel HEX says its addresses itself; it cannot be put at 0x00005000$'
mkdir board@123
cp all.hex board@123/x@0x20
ok 'a file whose name looks like an address is that file' "$MPFLASH" convert --from hex board@123/x@0x20 x.hex
ok 'as it is' cmp x.hex all.hex

run "$MPFLASH" convert boot.bin@0x1000 app.bin@0x1200 x.hex
is 'an overlap is an error' "$status" 1
like 'that names both files and both ranges' "$err" \
	'^error: 0x00001200-0x00002587 of app.bin overlaps 0x00001000-0x000012bb of boot.bin$'
not_ok 'and leaves nothing' cmp x.hex boot.bin
run "$MPFLASH" convert boot.bin@10h x.hex
is 'an address that is none' "$status:$err" "2:error: boot.bin@10h: '10h' is not an address
hint: an address looks like 0x08000000"
run "$MPFLASH" convert - - x.hex
is 'standard input is read once' "$status" 2
"$MPFLASH" convert boot.bin@0x1000 --from bin --base 0x10000 - x.hex <app.bin
is 'the address of a pipe is --base' "$(segments x.hex)" '1000+700 10000+5000'
cp all.hex same.hex
ok 'an input may be written over' "$MPFLASH" convert same.hex app.bin@0x20000 same.hex
is 'and is merged' "$(segments same.hex)" '1000+700 8000+96 10000+5000 20000+5000'

# parts
ok 'a range is left out' "$MPFLASH" convert --exclude 0x8010-0x801f all.hex x.hex
is 'its last byte too' "$(segments x.hex)" '1000+700 8000+16 8020+64 10000+5000'
srec_cat all.hex -intel -exclude 0x8010 0x8020 -o theirs.s19
ok 'as by srec_cat' "$MPFLASH" convert theirs.s19 theirs.hex
ok 'byte for byte' cmp theirs.hex x.hex
ok 'by its size' "$MPFLASH" convert --exclude 0x8010+16 --exclude 0+0x8000 all.hex x.hex
is 'and more than one' "$(segments x.hex)" '8000+16 8020+64 10000+5000'
ok 'a range is kept' "$MPFLASH" convert --crop 0x8000-0xffff all.hex x.hex
is 'and nothing else' "$(segments x.hex)" '8000+96'
ok 'several ranges are kept, in any order' "$MPFLASH" convert --crop 0x10000+16 --crop 0x8000-0x800f --crop 0x8008+16 all.hex x.hex
is 'and what lies in none is not' "$(segments x.hex)" '8000+24 10000+16'
srec_cat all.hex -intel -crop 0x8000 0x8018 0x10000 0x10010 -o theirs.s19
ok 'kept by srec_cat' "$MPFLASH" convert theirs.s19 theirs.hex
ok 'the same bytes' cmp theirs.hex x.hex
ok 'the last byte of memory' "$MPFLASH" convert --crop 0-0x1000 --crop 0x11387-0xffffffff all.hex x.hex
is 'may be in one' "$(segments x.hex)" '1000+1 11387+1'
run "$MPFLASH" convert --crop 0-1 all.hex x.hex
is 'nothing left is an error' "$status:$err" '1:error: --crop and --exclude leave nothing to write'
for range in 5 5-4 0x10+0 0xffffffff+2 -3 1-x; do
	run "$MPFLASH" convert "--crop=$range" all.hex x.hex
	is "'$range' is no range" "$status" 2
done

# split
run "$MPFLASH" convert --split all.hex part.bin
is 'a split tells its files' "$out" 'part0.bin  0x00001000  700
part1.bin  0x00008000  96
part2.bin  0x00010000  5000'
ok 'the first' cmp part0.bin boot.bin
ok 'the second' cmp part1.bin table.bin
ok 'the third' cmp part2.bin app.bin
not_ok 'and no other' test -e part.bin
for bad in '--split all.hex x.hex' '--split --to bin all.hex -' '--split --fill 0 all.hex x.bin'; do
	# shellcheck disable=SC2086
	run "$MPFLASH" convert $bad
	is "a usage error: $bad" "$status" 2
done

# options of other formats
for bad in '--flash-mode dio bin' '--flash-size 4MB uf2' '--flash-freq 80m hex' '--e10 hex' '--id 1:2 uf2' '--dfu-name x dfu11'; do
	# shellcheck disable=SC2086
	run "$MPFLASH" convert --fill 0 all.hex ${bad% *} --to "${bad##* }" x
	is "not silently left undone: $bad" "$status" 2
	like 'the format is named' "$err" "^error: --[a-z0-9-]+ is for the format [a-z0-9]+, not for ${bad##* }\$"
done

# limits, links, words
printf ':0100000011EE\n:02000004F0000A\n:0100000022DD\n:00000001FF\n' >far.hex
for to in bin hex uf2; do
	run "$MPFLASH" convert --fill 0xff far.hex "x.$to"
	is "a hole of 3.75 GiB is not filled in a .$to" "$status" 1
	like 'the limit is named' "$err" '256 MiB is the limit$'
done
ln -s target.hex link.hex
cp all.hex target.hex
ok 'a link is written through' "$MPFLASH" convert boot.bin@0 link.hex
ok 'and stays one' test -L link.hex
is 'its file has the new content' "$(segments target.hex)" '0+700'
run sh -c '"$MPFLASH" convert boot.bin@0 /dev/stdout --to hex | cat'
is '/dev/stdout is not replaced' "$err" "error: /dev/stdout is not a file
hint: write to - and redirect it"
run "$MPFLASH" convert -v boot.bin@0x1000 all.srec
is '-v' "$out$err" 'boot.bin (raw binary, 1 segment, 700 bytes) -> all.srec'
run "$MPFLASH" convert -v boot.bin@0x20000 all.hex -Z x.hex
is 'an unknown option' "$status" 2
run "$MPFLASH" convert -v boot.bin@0x20000 all.hex x.hex
is 'several' "$err" 'boot.bin (raw binary, 1 segment, 700 bytes) + all.hex (Intel HEX, 3 segments, 5,796 bytes) -> x.hex'
ok '--entry' "$MPFLASH" convert --entry 0x1001 boot.bin@0x1000 x.hex
like 'is written' "$("$MPFLASH" info x.hex)" 'entry +0x00001001'
ok '--id' "$MPFLASH" convert --id 1209:0001 boot.bin@0x1000 a.dfu
ok 'is --dfu-id' "$MPFLASH" convert --dfu-id 1209:0001 boot.bin@0x1000 b.dfu
ok 'the same' cmp a.dfu b.dfu
# permissions FILE
permissions() {
	find "$1" -printf '%m'
}
(umask 077 && "$MPFLASH" convert all.hex private.hex)
is 'the umask is obeyed' "$(permissions private.hex)" 600
chmod 640 private.hex
(umask 022 && "$MPFLASH" convert all.hex private.hex && "$MPFLASH" convert all.hex public.hex)
is 'a file that was there keeps its permissions' "$(permissions private.hex)$(permissions public.hex)" 640644
is 'no temporary file stays' "$(find . -name '*.tmp*')" ''

done_testing
