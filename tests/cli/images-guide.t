#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Every command of docs/IMAGES.md does what the guide says, in its order, in a folder with the files that it speaks of.
. "$(dirname "$0")/lib.sh"

need python3 gzip
cd "$T" || exit
mkdir bin
ln -s "$MPFLASH" bin/mpflash # the sanitized one may have another name
PATH=$T/bin:$PATH

for part in boot:700 table:96 app:5000 firmware:9000; do
	head -c "${part#*:}" "$TESTS_DIR/cli/lib.sh" >"${part%:*}.bin"
done
mpflash convert firmware.bin@0x08000000 firmware.dfu
gzip -k firmware.dfu
mpflash convert firmware.bin@0x10000000 pico.hex
mpflash convert --family samd51 firmware.bin@0x4000 metro.uf2
mpflash convert firmware.bin@0 boot.bin@0x01010000 ra4.hex
python3 -c '
import zipfile
with zipfile.ZipFile("release.zip", "w") as z: z.write("firmware.dfu"); z.write("pico.hex")'

python3 "$TESTS_DIR/cli/docs.py" "$TESTS_DIR/.." commands | sed -n 's|^docs/IMAGES.md:[0-9]*	||p' >lines
is 'the guide has commands' "$(($(wc -l <lines) > 12))" 1
while IFS= read -r line; do
	ok "$line" sh -c "$line"
done <lines

# digest FILE
digest() {
	mpflash info --json "$@" | python3 -c 'import json, sys; print(json.load(sys.stdin)["digest"])'
}
dfu=$(digest firmware.dfu)
for file in firmware.hex piped.dfu unpacked.hex; do
	is "$file is the firmware" "$(digest "$file")" "$dfu"
done
is 'the member is the firmware' "$(digest unpacked.srec)" "$(digest pico.hex)"
is 'the family taken out is' "$(digest metro.hex)" "$(digest metro.uf2)"
ok 'the parts are the files' cmp part1.bin table.bin
ok 'both ways to fill are one' cmp filled.bin merged.bin
like 'the ID code words are not there' "$(mpflash info safe.hex)" 'gap +0x01010018-0x01010033'
ok 'README names the guide' grep -q 'docs/IMAGES.md' "$TESTS_DIR/../README.md"

done_testing
