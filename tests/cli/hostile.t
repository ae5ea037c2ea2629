#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Files made to do harm, of every format: each is refused with one sentence that says where in the file, with exit status 1,
# without an output, within bounded time and memory; and what is taken never makes a file much larger than itself.
. "$(dirname "$0")/lib.sh"

need python3 timeout truncate
cd "$T" || exit

# Makes the files and prints a table: file, TAB, options of convert, TAB, what the error must match.
make_files() {
	python3 - <<'END'
import bz2, gzip, io, lzma, struct, tarfile, zipfile, zlib

WHERE = r'(offset|line) [0-9]+'
rows = []


def row(name, data, options='', want=WHERE):
    with open(name, 'wb') as f:
        f.write(data if isinstance(data, bytes) else data.encode())
    rows.append((name, options, want))


def cuts(stem, ext, data, places, options='', want=WHERE):
    for at in places:
        row('%s-cut-%d.%s' % (stem, at, ext), data[:at], options, want)


# Intel HEX
def hexrec(kind, offset, data=b''):
    b = bytes([len(data), offset >> 8 & 255, offset & 255, kind]) + data
    return ':' + (b + bytes([-sum(b) & 255])).hex().upper() + '\n'


bytes16 = bytes(range(16))
end = hexrec(1, 0)
good_hex = hexrec(4, 0, b'\x08\0') + hexrec(0, 0, bytes16) + hexrec(0, 16, bytes16) + end
cuts('hex', 'hex', good_hex, [1, 3, 8, 15, 16, 17, 30, 59, 60, 104, len(good_hex) - 3])
row('hex-checksum.hex', good_hex.replace('0F78', '0F79'))
row('hex-overlap.hex', hexrec(0, 0, bytes16) + hexrec(0, 15, bytes16) + end, want='line 2: .* overlaps .* line 1')
row('hex-wraps.hex', hexrec(4, 0, b'\xff\xff') + hexrec(0, 0xfff8, bytes16) + end, want='line 2: ')
row('hex-segment-wraps.hex', hexrec(2, 0, b'\x10\0') + hexrec(0, 0xfff8, bytes16) + end, want='line 2: ')
row('hex-more.hex', good_hex + hexrec(0, 32, bytes16), want='line 5: ')
row('hex-type.hex', hexrec(0x77, 0, bytes16) + end, want='line 1: ')
row('hex-long-count.hex', ':FF0000000102\n' + end, want='line 1: ')
row('hex-two-entries.hex', hexrec(5, 0, b'\0\0\0\1') + hexrec(5, 0, b'\0\0\0\2') + good_hex, want='line 2: ')
row('hex-empty.hex', end, want='nothing in it')
row('hex-control.hex', hexrec(0, 0, bytes16) + '\x1b[2J:00000001FF\n', want='line 2: ')
row('hex-nul.hex', hexrec(0, 0, bytes16).encode() + bytes(100), want='line 2: ')
row('hex-line.hex', ':' + '0' * 1000000, want='line 1: ')
row('hex-many-overlaps.hex', hexrec(0, 0, b'\x55') * 70000 + end, want='line 2: .* overlaps')


# Motorola SREC
def srec(kind, address, data=b'', width=None):
    width = {0: 2, 1: 2, 2: 3, 3: 4, 5: 2, 6: 3, 7: 4, 8: 3, 9: 2}[kind]
    b = address.to_bytes(width, 'big') + data
    b = bytes([len(b) + 1]) + b
    return 'S%d%s\n' % (kind, (b + bytes([~sum(b) & 255])).hex().upper())


good_srec = srec(0, 0, b'HDR') + srec(3, 0x08000000, bytes16) + srec(3, 0x08000010, bytes16) + srec(7, 0x08000001)
cuts('srec', 'srec', good_srec, [1, 5, 15, 30, 60, len(good_srec) - 3], '--from srec')
row('srec-checksum.srec', good_srec.replace('0F', '0E', 1))
row('srec-overlap.srec', srec(1, 0, bytes16) + srec(1, 15, bytes16) + srec(9, 0), want='line 2: .* overlaps .* line 1')
row('srec-wraps.srec', srec(3, 0xfffffff8, bytes16) + srec(7, 0), want='line 1: ')
row('srec-count.srec', srec(1, 0, bytes16) + srec(5, 77) + srec(9, 0), want='line 2: ')
row('srec-short.srec', 'S1020000FD\n' + srec(9, 0), '--from srec', want='line 1: ')
row('srec-more.srec', good_srec + srec(3, 0x08000020, bytes16), want='line 5: ')

# ELF
def elf(segments, kind=2, machine=40, header=None):
    out = b'\x7fELF' + bytes([1, 1, 1]) + bytes(9)
    out += struct.pack('<HHIIIIIHHHHHH', kind, machine, 1, 0x08000001, 52, 0, 0, 52, 32, len(segments), 0, 0, 0)
    for offset, address, size, memory in segments:
        out += struct.pack('<8I', 1, offset, address, address, size, memory, 5, 4)
    return out


flash = 0x08000000
good_elf = elf([(116, flash, 16, 16), (132, flash + 0x100, 16, 16)]) + bytes16 * 2
cuts('elf', 'elf', good_elf, [1, 3, 4, 16, 51, 52, 53, 84, 115, 116, 117, 132, 147], '--from elf')
row('elf-overlap.elf', elf([(116, flash, 16, 16), (132, flash + 8, 16, 16)]) + bytes16 * 2, want='overlaps')
row('elf-enormous.elf', elf([(84, flash, 0xffffff00, 0xffffff00)]) + bytes16)
row('elf-wraps.elf', elf([(84, 0xfffffff8, 16, 16)]) + bytes16)
row('elf-more-than-memory.elf', elf([(84, flash, 16, 8)]) + bytes16)
row('elf-far-table.elf', good_elf[:28] + struct.pack('<I', 0xfffffff0) + good_elf[32:])
row('elf-many-headers.elf', good_elf[:44] + b'\xff\xff' + good_elf[46:])
row('elf-odd-header-size.elf', good_elf[:42] + b'\x01\0' + good_elf[44:])
row('elf-64.elf', good_elf[:4] + b'\2' + good_elf[5:])
row('elf-big-endian.elf', good_elf[:5] + b'\2' + good_elf[6:])
row('elf-object.elf', elf([(84, flash, 16, 16)], kind=1) + bytes16)
row('elf-nothing.elf', elf([]), want='nothing in it|offset')
row('elf-bss-only.elf', elf([(84, 0x20000000, 0, 0x7fffffff)]), want='nothing in it|offset')
# 2000 headers for the same 64 KiB: 128 MiB out of 128 KiB
share = elf([(52 + 32 * 2000, flash + i * 65536, 65536, 65536) for i in range(2000)]) + bytes(65536)
row('elf-shared-bytes.elf', share)


def sections(names, places):
    """An ELF for an ESP32-C3 whose sections are 4 bytes each, all named by the text that follows the first NUL."""
    strings = (len(names) + 4) & ~3
    out = b'\x7fELF' + bytes([1, 1, 1]) + bytes(9)
    out += struct.pack('<HHIIIIIHHHHHH', 2, 243, 1, 0x40380000, 52, 88 + strings, 0, 52, 32, 1, 40, 0, 0xffff)
    out += struct.pack('<8I', 1, 84, flash, flash, 4, 4, 5, 1) + bytes(4) + names.ljust(strings, b'\0')
    out += struct.pack('<10I', 0, 0, 0, 0, 0, len(places) + 2, 1, 0, 0, 0)
    out += struct.pack('<10I', 0, 3, 0, 0, 88, len(names), 0, 0, 1, 0)
    return out + b''.join(struct.pack('<10I', 1, 1, 2, at, 84, 4, 0, 0, 1, 0) for at in places)


# an app is made of sections: a name that a terminal would obey, one of 4 MB for each of many
to_esp = '--to esp --chip esp32c3'
row('elf-section-name.elf', sections(b'\0\x1b[31mred\0', [0x42000021]), to_esp, "section '\\?\\[31mred' at 0x42000021")
row('elf-section-names.elf', sections(b'\0' + b'a' * 4000000, [0x42000021 + 4 * i for i in range(100000)]), to_esp, 'multiple of 4')

# DFU
def suffix(body, version=0x011a, crc=None):
    body += struct.pack('<4H3sB', 0xffff, 0xdf11, 0x0483, version, b'UFD', 16)
    return body + struct.pack('<I', zlib.crc32(body) ^ 0xffffffff if crc is None else crc)


def target(elements, count=None, size=None, alt=0):
    body = b''.join(struct.pack('<2I', a, len(d)) + d for a, d in elements)
    return struct.pack('<6sBI255s2I', b'Target', alt, 1, b'ST...', len(body) if size is None else size,
                       len(elements) if count is None else count) + body


def dfuse(*targets, count=None, size=None):
    body = b''.join(targets)
    return suffix(struct.pack('<5sBIB', b'DfuSe', 1, len(body) + 11 if size is None else size,
                              len(targets) if count is None else count) + body)


good_dfu = dfuse(target([(flash, bytes16), (flash + 0x20000, bytes16)]))
cuts('dfu', 'dfu', good_dfu, [1, 5, 11, 100, 285, 290, 309, 333, 340, len(good_dfu) - 1], '--from dfu', want='offset [0-9]+|does not end')
row('dfu-crc.dfu', good_dfu[:-1] + b'\0', want='offset [0-9]+: the checksum')
row('dfu-byte.dfu', good_dfu[:300] + b'\xff' + good_dfu[301:], want='offset [0-9]+: the checksum')
row('dfu-element.dfu', dfuse(target([(flash, bytes16)]).replace(struct.pack('<2I', flash, 16), struct.pack('<2I', flash, 0xfffffff0))))
row('dfu-target-size.dfu', dfuse(target([(flash, bytes16)], size=0xffffff00)))
row('dfu-element-count.dfu', dfuse(target([(flash, bytes16)], count=0xffffffff)))
row('dfu-no-element.dfu', dfuse(target([(flash, bytes16)], count=0)))
row('dfu-target-count.dfu', dfuse(target([(flash, bytes16)]), count=255))
row('dfu-file-size.dfu', dfuse(target([(flash, bytes16)]), size=0xffffffff))
row('dfu-version.dfu', suffix(b'DfuSe\x07' + good_dfu[6:-16]))
row('dfu-overlap.dfu', dfuse(target([(flash, bytes16), (flash + 8, bytes16)])), want='overlaps')
row('dfu-wraps.dfu', dfuse(target([(0xfffffff8, bytes16)])))
row('dfu-nothing.dfu', dfuse(), want='nothing in it|offset')
row('dfu-alts.dfu', dfuse(target([(flash, bytes16)], alt=0), target([(flash, bytes16)], alt=1)), want='several alternate settings')


# UF2
def block(address, number, total, payload=bytes(256), family=0xada52840, flags=0x2000, size=None, end=0x0ab16f30):
    return struct.pack('<8I', 0x0a324655, 0x9e5d5157, flags, address, len(payload) if size is None else size, number,
                       total, family) + payload.ljust(476, b'\0') + struct.pack('<I', end)


good_uf2 = block(0x26000, 0, 2) + block(0x26100, 1, 2)
cuts('uf2', 'uf2', good_uf2, [8, 31, 32, 288, 511, 512, 513, 1000, 1023], '--from uf2', want='offset [0-9]+|block 1 of 2 is missing')
row('uf2-magic.uf2', good_uf2[:512] + bytes(512), want='offset 512: ')
row('uf2-end-magic.uf2', block(0x26000, 0, 1, end=0), want='offset 0: ')
row('uf2-payload.uf2', block(0x26000, 0, 1, size=477), want='offset 0: ')
row('uf2-payload-absurd.uf2', block(0x26000, 0, 1, size=0xffffffff), want='offset 0: ')
row('uf2-number.uf2', block(0x26000, 7, 7), want='offset 0: ')
row('uf2-total.uf2', block(0x26000, 0, 0xffffffff), want='block 1 of 4294967295 is missing')
row('uf2-overlap.uf2', block(0x26000, 0, 2) + block(0x26080, 1, 2), want='overlaps')
row('uf2-wraps.uf2', block(0xffffff80, 0, 1))
row('uf2-families.uf2', block(0, 0, 1) + block(0, 0, 1, family=0x68ed2b88), want='several families: ')
name = b'../../firmware.bin\0'
container = block(0, 0, 1, bytes(200), family=200, flags=0x1000)
row('uf2-container-climbs.uf2', container[:232] + name + container[232 + len(name):], want='.')
row('uf2-container-cut.uf2', block(0, 0, 9, bytes(200) + b'a.bin\0', family=1800, flags=0x1000, size=200), want='block|offset')
row('uf2-container-absurd.uf2', block(0xfffffff0, 0, 1, bytes(200) + b'a.bin\0', family=0xffffffff, flags=0x1000, size=200), want='offset|block')
row('uf2-many-families.uf2', b''.join(block(0, 0, 1, family=i + 1) for i in range(1000)), want='famil')


# ESP
def esp(segments, count=None, checksum=None, chip=5):
    out = struct.pack('<4BI', 0xe9, len(segments) if count is None else count, 2, 0x20, 0x40380000)
    out += struct.pack('<BBBBHBHHBBBBB', 0xee, 0, 0, 0, chip, 0, 0, 0xffff, 0, 0, 0, 0, 0)
    total = 0xef
    for address, data in segments:
        out += struct.pack('<2I', address, len(data)) + data
        for b in data:
            total ^= b
    out += bytes(15 - len(out) % 16)
    return out + bytes([total if checksum is None else checksum])


good_esp = esp([(0x3fc80000, bytes16), (0x40380000, bytes16)])
cuts('esp', 'bin', good_esp, [1, 23, 24, 31, 32, 47, 60, len(good_esp) - 1], '--from esp')
row('esp-checksum.bin', esp([(0x3fc80000, bytes16)], checksum=1), '--from esp')
row('esp-count.bin', esp([(0x3fc80000, bytes16)], count=16), '--from esp')
row('esp-count-absurd.bin', esp([(0x3fc80000, bytes16)], count=255), '--from esp')
row('esp-segment.bin', good_esp[:28] + struct.pack('<I', 0xfffffff0) + good_esp[32:], '--from esp')
row('esp-no-chip.bin', esp([(0x3fc80000, bytes16)], chip=0x7777), '--from esp')


# Archives
def zipped(members, kind=zipfile.ZIP_DEFLATED):
    f = io.BytesIO()
    with zipfile.ZipFile(f, 'w', kind) as z:
        for name, data in members:
            z.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), data, kind)
    return f.getvalue()


def tarred(name, data):
    f = io.BytesIO()
    with tarfile.open(fileobj=f, mode='w', format=tarfile.USTAR_FORMAT) as t:
        info = tarfile.TarInfo(name)
        info.size = len(data)
        t.addfile(info, io.BytesIO(data))
    return f.getvalue()


ANY = '^error: [^ ]+: .'
good_zip = zipped([('a.hex', good_hex.encode())])
cuts('zip', 'zip', good_zip, [4, 30, 60, len(good_zip) - 30, len(good_zip) - 1], want=ANY)
row('zip-crc.zip', zipped([('a.hex', good_hex.encode())], zipfile.ZIP_STORED).replace(b'0F78', b'0F77'), want=ANY)
big = struct.pack('<I', 0xfffffff0)
stored = zipped([('a.hex', good_hex.encode())], zipfile.ZIP_STORED)
sizes = struct.pack('<2I', len(good_hex), len(good_hex))
row('zip-absurd-size.zip', stored.replace(sizes, big + big), want=ANY)
row('zip-no-firmware.zip', zipped([('readme.txt', b'text')]), want='no firmware file is in it')
row('zip-empty.zip', zipped([]), want='no firmware file is in it')
row('zip-in-zip.zip', zipped([('in.zip', good_zip)]), want=ANY)
row('zip-bomb.zip', zipped([('a.bin', bytes(80 << 20))]), '--base 0', want='larger than 64 MiB')
row('zip-two.zip', zipped([('a.hex', good_hex.encode()), ('b.hex', good_hex.encode())]), want='2 firmware files')
row('zip-many.zip', zipped([('%d' % i, b'') for i in range(11000)], zipfile.ZIP_STORED), want='10000 entries')
row('gz-bomb.bin.gz', gzip.compress(bytes(300 << 20)), '--base 0', want='more than 256 MiB')
row('bz2-bomb.bin.bz2', bz2.compress(bytes(64 << 20)), '--base 0', want='out of one')
row('xz-bomb.bin.xz', lzma.compress(bytes(64 << 20), preset=0), '--base 0', want='out of one')
row('xz-dictionary.hex.xz', lzma.compress(good_hex.encode(), format=lzma.FORMAT_XZ, filters=[{'id': lzma.FILTER_LZMA2, 'preset': 0}])
    .replace(b'\x02\x00\x21\x01\x0c', b'\x02\x00\x21\x01\x27'), want=ANY)
row('gz-crc.hex.gz', gzip.compress(good_hex.encode())[:-8] + bytes(8))
good_gz = gzip.compress(good_hex.encode(), mtime=0)
cuts('gz', 'hex.gz', good_gz, [4, 11, 30, len(good_gz) - 8, len(good_gz) - 1], want=ANY)
good_tar = tarred('a.hex', good_hex.encode())
cuts('tar', 'tar', good_tar, [513, 560], want=ANY)
row('empty.hex', b'', want='is empty')
row('random.hex', bytes(range(256)) * 16, want='format|line')

for name, options, want in rows:
    print('\t'.join((name, options, want)))
END
}

mkdir in
(cd in && make_files >../table) || bail "the files cannot be made"

# shellcheck disable=SC3045 # every sh that there is has ulimit -t and -v
limits() {
	ulimit -v "$memory"
	ulimit -t "$seconds"
}

# CPU time, since the machine may be busy; the sanitizers reserve more addresses than any limit.
seconds=2 memory=$((1024 * 1024))
! grep -q __asan_init "$MPFLASH" || seconds=20 memory=unlimited

# refused FILE OPTIONS ERE: prints what is wrong with how it is refused; nothing when all is right.
refused() {
	# shellcheck disable=SC2086 # options are words
	(
		limits
		exec timeout 120 "$MPFLASH" convert $2 "in/$1" out.dfu
	) >stdout 2>stderr </dev/null
	refused_status=$?
	[ $refused_status = 1 ] || printf 'exit status %d\n' $refused_status
	[ ! -s stdout ] || echo 'it wrote to standard output'
	[ "$(grep -c '^error: ' stderr)" = 1 ] || echo 'not one line of error'
	grep -Eq -e "$3" stderr || printf 'the error does not match: %s\n' "$3"
	! grep -Evq '^(error|hint): ' stderr || echo 'more than an error and a hint'
	! LC_ALL=C grep -q '[[:cntrl:]]' stderr || echo 'control characters'
	[ -z "$(find . -maxdepth 1 -name 'out*')" ] || { echo 'it left a file' && rm -f out*; }
}

tab=$(printf '\t')
while IFS="$tab" read -r file options want; do
	wrong=$(refused "$file" "$options" "$want")
	is "$file" "$wrong" '' || diag "$(cat stderr)"
done <table

# A kilobyte never makes a gigabyte. 36 bytes, each in another 16 MiB; UF2 for RP2040 pads each to a sector.
python3 - >far.hex <<'END'
def rec(kind, offset, data):
    b = bytes([len(data), offset >> 8, offset & 255, kind]) + data
    return ':' + (b + bytes([-sum(b) & 255])).hex()
for i in range(36):
    print(rec(4, 0, bytes([0x10 if i < 2 else i * 3, i])))
    print(rec(0, 0xfff, b'\x55'))
print(':00000001FF')
END
for to in dfu elf hex srec uf2; do
	ok "1 KB of bytes far apart to $to" "$MPFLASH" convert --family rp2040 --chip rp2040 far.hex "far.$to"
	size=$(wc -c <"far.$to")
	ok "is $size bytes" [ "$size" -le 400000 ]
done
is 'to bin: a hole' "$(refused ../far.hex '--to bin' 'is the first of several holes')" ''
is 'filled: over the limit' "$(refused ../far.hex '--to bin --fill 0' '256 MiB')" ''
is 'filled, of another format' "$(refused ../far.hex '--to hex --fill 0' '256 MiB')" ''

# A file with a hole of 4 GiB, all of it one section: its size as a multiple of 4 is 0 in 32 bits.
python3 - >in/wide.elf <<'END'
import struct, sys

out = b'\x7fELF\1\1\1' + bytes(9)
out += struct.pack('<HHIIIIIHHHHHH', 2, 243, 1, 0x40380000, 52, 84, 0, 52, 32, 1, 40, 2, 0)
out += struct.pack('<8I', 1, 84, 0x42000000, 0x42000000, 16, 16, 5, 1)
out += bytes(40) + struct.pack('<10I', 0, 1, 2, 0x42000020, 84, 0xfffffffd, 0, 0, 1, 0)
sys.stdout.buffer.write(out)
END
truncate -s 4097M in/wide.elf
is 'a section of 4 GiB' "$(memory=unlimited && refused wide.elf '--to esp --chip esp32c3' 'section 1: .* than any flash')" ''
rm in/wide.elf

# Names that climb are never made into files: everything is done in memory, and such an archive is not trusted.
python3 - <<'END'
import zipfile

hex = ':0100000055AA\n:00000001FF\n'
names = ('../../climbed.hex', '/tmp/../climbed.hex', '..\\climbed.hex', 'a/../../climbed.hex', '/climbed.hex')
for i, name in enumerate(names):
    with zipfile.ZipFile('in/climb-%d.zip' % i, 'w') as z:
        z.writestr(name, hex)
END
for i in 0 1 2 3 4; do
	is "name that climbs, $i" "$(refused "climb-$i.zip" '' 'climb.*leaves the archive')" ''
done
is 'none became a file' "$(find "$T" "$T/.." /climbed.hex /tmp/climbed.hex -maxdepth 3 -name 'climbed*' 2>/dev/null)" ''

done_testing
