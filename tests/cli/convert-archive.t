#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Firmware inside of archives: taken from memory as unzip, tar and gzip would unpack it, chosen when there are several, refused
# with the member's name when the archive is hostile. The real ones are Pybricks' zips.
. "$(dirname "$0")/lib.sh"
# shellcheck source=../peers/lib.sh
. "$TESTS_DIR/peers/lib.sh"

need python3 tar zstd
cd "$T" || exit

# fails NAME ERE CMD...: one clear error (exit 1) with that text, and no output file
fails() {
	name=$1 text=$2
	shift 2
	rm -f x.hex
	run "$@"
	is "$name is an error" "$status" 1
	like 'which says so' "$err" "^error: $text"
	not_ok 'and writes nothing' test -e x.hex
}

# pack FORMAT NAME MEMBER[=FILE]...: an archive with members of odd names and kinds
cat >pack.py <<'END'
import io, sys, tarfile, zipfile
kind, name, *members = sys.argv[1:]
data = lambda f: open(f, "rb").read()
if kind == "zip":
    with zipfile.ZipFile(name, "w", zipfile.ZIP_DEFLATED) as z:
        for m, _, f in (m.partition("=") for m in members):
            z.writestr(m.encode().decode("unicode_escape"), data(f) if f else b"")
else:
    with tarfile.open(name, "w:" + kind) as t:
        for m, _, f in (m.partition("=") for m in members):
            info = tarfile.TarInfo(m.encode().decode("unicode_escape"))
            if f.startswith("->"):
                info.type, info.linkname = tarfile.SYMTYPE, f[2:]
                t.addfile(info)
            else:
                info.size = len(data(f))
                t.addfile(info, io.BytesIO(data(f)))
END
pack() {
	python3 pack.py "$@" || bail "cannot pack $2"
}

python3 -c '
import random
random.seed(4)
open("firmware.bin", "wb").write(bytes(random.randrange(64) for _ in range(20000)))'
"$MPFLASH" convert firmware.bin@0x08000000 firmware.dfu
"$MPFLASH" convert firmware.bin@0x08000000 firmware.hex
"$MPFLASH" convert firmware.bin@0x08000000 want.hex
echo 'read me' >readme.txt

# --- what can be read ------------------------------------------------------------------------------------------------

pack zip a.zip dir/readme.txt=readme.txt dir/firmware.dfu=firmware.dfu
pack '' a.tar readme.txt=readme.txt build/firmware.dfu=firmware.dfu
pack gz a.tar.gz readme.txt=readme.txt firmware.dfu=firmware.dfu
pack bz2 a.tbz firmware.dfu=firmware.dfu
pack xz a.txz firmware.dfu=firmware.dfu
zstd -q a.tar -o a.tar.zst
gzip -nk firmware.dfu
zstd -q firmware.dfu -o firmware.dfu.zst
python3 -c '
import bz2, lzma
d = open("firmware.dfu", "rb").read()
open("firmware.dfu.bz2", "wb").write(bz2.compress(d))
open("firmware.dfu.xz", "wb").write(lzma.compress(d))'
for archive in a.zip a.tar a.tar.gz a.tbz a.txz a.tar.zst firmware.dfu.gz firmware.dfu.bz2 firmware.dfu.xz firmware.dfu.zst; do
	ok "the firmware of $archive" "$MPFLASH" convert "$archive" x.hex
	ok 'is that one' cmp x.hex want.hex
	cp "$archive" plain
	"$MPFLASH" convert - x.srec <"$archive"
	ok 'through a pipe too' "$MPFLASH" convert x.srec y.hex
	ok 'without its name' cmp y.hex want.hex
done
gzip -nk firmware.bin
ok 'a packed .bin is a .bin' "$MPFLASH" convert firmware.bin.gz@0x08000000 x.hex
ok 'with the bytes of gzip' cmp x.hex want.hex
run "$MPFLASH" convert firmware.bin.gz x.srec
like 'and has no address' "$err" '^error: firmware.bin.gz: firmware.bin \(raw binary\): the address of its first byte is not known$'
is 'nothing was unpacked to disk' "$(find . -name dir -o -name build)" ''

# --- several, none ---------------------------------------------------------------------------------------------------

pack zip several.zip fw/a.dfu=firmware.dfu fw/b.hex=firmware.hex readme.txt=readme.txt b.hex=firmware.hex
fails 'more than one firmware' 'several.zip: it holds 3 firmware files: fw/a.dfu \([0-9]+ bytes\), fw/b.hex' \
	"$MPFLASH" convert several.zip x.hex
like 'with the way out' "$err" '^hint: choose one of them with --member NAME$'
for member in fw/a.dfu a.dfu '*.dfu' 'fw/*.hex' b.hex; do
	ok "--member $member" "$MPFLASH" convert --member "$member" several.zip x.srec
	ok 'takes one' "$MPFLASH" convert x.srec y.hex
	ok 'of them' cmp y.hex want.hex
done
ok 'a format chooses too' "$MPFLASH" convert --from dfu several.zip x.hex
fails 'a pattern for more than one' "several.zip: it holds 2 firmware files: fw/b.hex .*, b.hex " \
	"$MPFLASH" convert --member '*.hex' several.zip x.hex
fails 'a member that is not there' "several.zip: no member is called c.hex$" \
	"$MPFLASH" convert --member c.hex several.zip x.hex
like 'what is there is told' "$err" '^hint: it holds fw/a.dfu, fw/b.hex, readme.txt, b.hex; --member NAME takes one$'
pack gz none.tgz readme.txt=readme.txt notes.md=readme.txt
fails 'no firmware' 'none.tgz: no firmware file is in it$' "$MPFLASH" convert none.tgz x.hex
like 'lists what there is' "$err" '^hint: it holds readme.txt, notes.md; '
pack zip image.zip flash.img=firmware.bin readme.txt=readme.txt
ok 'any member can be named' "$MPFLASH" convert --from bin --member flash.img image.zip@0x08000000 x.hex
ok 'and is read' cmp x.hex want.hex
pack zip mac.zip firmware.dfu=firmware.dfu __MACOSX/._firmware.dfu=readme.txt
ok 'what macOS adds does not count' "$MPFLASH" convert mac.zip x.hex
run "$MPFLASH" convert --member a.dfu firmware.dfu x.hex
is '--member without an archive is a usage error' "$status" 2
pack zip nested.zip a.zip=a.zip
fails 'an archive in an archive' 'nested.zip: no firmware file is in it$' "$MPFLASH" convert nested.zip x.hex
pack zip parts.zip boot.bin=readme.txt app.bin=firmware.bin
ok 'the first of its parts' "$MPFLASH" convert --member boot.bin parts.zip@0x1000 boot.hex
ok 'and the second' "$MPFLASH" convert --member app.bin parts.zip@0x08000000 boot.hex both.hex
is 'are merged' "$("$MPFLASH" info both.hex | grep -c segment)" 2

# A UF2 file that holds files (flag 0x1000): 256 bytes and the file's name in each block.
python3 -c '
import struct
files = [("firmware.dfu", open("firmware.dfu", "rb").read()), ("settings.toml", b"x = 1")]
blocks = [(n, d, at) for n, d in files for at in range(0, len(d), 256)]
with open("files.uf2", "wb") as f:
    for i, (n, d, at) in enumerate(blocks):
        part = d[at:at + 256]
        f.write(struct.pack("<8I", 0x0A324655, 0x9E5D5157, 0x1000, at, len(part), i, len(blocks), len(d)))
        f.write((part + n.encode() + b"\0").ljust(476, b"\0") + struct.pack("<I", 0x0AB16F30))'
ok 'a UF2 container of files is an archive' "$MPFLASH" convert files.uf2 x.hex
ok 'with the same bytes' cmp x.hex want.hex
fails 'a file that it does not hold' 'files.uf2: no member is called boot.py$' \
	"$MPFLASH" convert --member boot.py files.uf2 x.hex
like 'and what it holds' "$err" '^hint: it holds firmware.dfu, settings.toml;'

# --- hostile ones ----------------------------------------------------------------------------------------------------

head -c 1500 firmware.dfu.gz >cut.dfu.gz
fails 'a gzip that is cut off' 'cut.dfu.gz: ' "$MPFLASH" convert cut.dfu.gz x.hex
python3 -c '
d = bytearray(open("firmware.bin.gz", "rb").read())
d[-7] ^= 1
open("crc.bin.gz", "wb").write(d)
z = bytearray(open("a.zip", "rb").read())
at = z.index(b"firmware.dfu") + 600
z[at] ^= 0x10
open("bad.zip", "wb").write(z)
z = bytearray(open("a.zip", "rb").read())
for at in range(len(z) - 4):
    if z[at:at + 4] == b"PK\3\4": z[at + 6] |= 1
    if z[at:at + 4] == b"PK\1\2": z[at + 8] |= 1
open("secret.zip", "wb").write(z)'
fails "gzip's checksum" 'crc.bin.gz: offset [0-9]+: the checksum of gzip' "$MPFLASH" convert crc.bin.gz@0 x.hex
fails 'a damaged member' 'bad.zip: dir/firmware.dfu: ' "$MPFLASH" convert bad.zip x.hex
fails 'an encrypted one' 'secret.zip: dir/firmware.dfu: it is encrypted$' "$MPFLASH" convert secret.zip x.hex
head -c 12000 a.zip >cut.zip
fails 'a .zip that is cut off' 'cut.zip: the directory of the .zip, which stands at its end, is not there$' \
	"$MPFLASH" convert cut.zip x.hex
head -c 9000 a.tar >cut.tar
fails 'a .tar that is cut off' 'cut.tar: build/firmware.dfu: ' "$MPFLASH" convert cut.tar x.hex
pack zip climb.zip ../../firmware.dfu=firmware.dfu
fails 'a name that climbs' 'climb.zip: ../../firmware.dfu: its name leaves the archive' "$MPFLASH" convert climb.zip x.hex
pack '' absolute.tar /etc/firmware.dfu=firmware.dfu
fails 'an absolute name' 'absolute.tar: /etc/firmware.dfu: its name leaves the archive' \
	"$MPFLASH" convert absolute.tar x.hex
pack '' link.tar firmware.dfu='->/etc/passwd' readme.txt=readme.txt
fails 'a link' 'link.tar: no firmware file is in it$' "$MPFLASH" convert link.tar x.hex
fails 'a link that is named' 'link.tar: firmware.dfu: it is not a file but a folder, a link or a device$' \
	"$MPFLASH" convert --member firmware.dfu link.tar x.hex
pack '' escape.tar 'a\x1b[2Jb\x07.dfu=firmware.dfu' 'c\x1b]0;x\x07.dfu=firmware.dfu'
run "$MPFLASH" convert escape.tar x.hex
like 'control characters of a name are shown' "$err" 'a\\x1b\[2Jb\\x07.dfu \('
is 'not sent' "$(printf '%s' "$err" | tr -d '\n' | tr -cd '\000-\037' | wc -c)" 0

# bombs: what they would become is never held
truncate -s 300M zeros.bin
gzip -1 <zeros.bin >bomb.bin.gz
python3 -c '
import bz2, io, tarfile, zipfile
zeros = bytes(70 << 20)
with zipfile.ZipFile("bomb.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=1) as z:
    z.writestr("firmware.bin", zeros)
with zipfile.ZipFile("much.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=1) as z:
    for i in range(6): z.writestr("%d.dat" % i, bytes(60 << 20))
    z.write("firmware.dfu")
open("bomb.bin.bz2", "wb").write(bz2.compress(zeros))
with zipfile.ZipFile("many.zip", "w") as z:
    for i in range(10001): z.writestr(str(i), b"")'
tar -cSf sparse.tar zeros.bin
# limited CMD...: with 700 MB of address space; not for AddressSanitizer, which takes terabytes of it
limited() {
	if grep -q __asan_init "$MPFLASH"; then
		"$@"
	else
		sh -c 'ulimit -v 700000 && exec "$@"' sh "$@"
	fi
}
fails 'a gzip of 300 MB' 'bomb.bin.gz: more than 256 MiB come out of it$' limited "$MPFLASH" convert bomb.bin.gz@0 x.hex
fails 'a member of 70 MB' 'bomb.zip: firmware.bin: it is larger than 64 MiB; no firmware is$' \
	limited "$MPFLASH" convert bomb.zip@0 x.hex
fails 'more than deflate could' 'bomb.bin.bz2: more than 1032 bytes come out of one; that is no firmware$' \
	limited "$MPFLASH" convert bomb.bin.bz2@0 x.hex
fails 'a sparse .tar' 'sparse.tar: zeros.bin: ' limited "$MPFLASH" convert sparse.tar@0 x.hex
fails 'much of all' 'much.zip: firmware.dfu: more than 256 MiB come out of it$' limited "$MPFLASH" convert much.zip x.hex
ok 'unless the member is named' limited "$MPFLASH" convert --member firmware.dfu much.zip x.hex
fails 'too many members' 'many.zip: it has more than 10000 entries$' "$MPFLASH" convert many.zip x.hex

# --- real ones -------------------------------------------------------------------------------------------------------

if peer_npm; then
	for zip in "$NODE_PATH"/@pybricks/firmware/build/*.zip; do
		name=${zip##*/}
		ok "$name of @pybricks/firmware" "$MPFLASH" convert --base 0x08000000 "$zip" x.hex
		ok 'to bytes' "$MPFLASH" convert --member firmware-base.bin --base 0 "$zip" x.bin
		python3 -c '
import sys, zipfile
open("member", "wb").write(zipfile.ZipFile(sys.argv[1]).read("firmware-base.bin"))' "$zip"
		ok "that are python3's" cmp x.bin member
	done
else
	skip 'firmware of @pybricks/firmware' "$why"
fi

done_testing
