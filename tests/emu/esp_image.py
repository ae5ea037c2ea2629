# SPDX-License-Identifier: MIT
#
# Firmware for an emulated ESP, as MicroPython's makeimg.py puts it together: boot image, partition table, app; an ESP8266's is one image and
# what stands behind it.
#
# Usage: esp_image.py CHIP BYTES [SEED [WORD...]] >FILE     BYTES of app; the file's first byte belongs where the chip's ROM looks
#   ota          two app partitions and otadata
#   min=N max=N  revisions of the chip, 100 * major + minor
#   dense        an app that hardly lets itself be compressed; else to two thirds, as real ones
#   change=AT    another byte at that offset of the app
import hashlib
import random
import struct
import sys

CHIPS = {
    # id, boot offset, DRAM, IRAM of boot loaders, mapped flash for data
    "esp8266": (None, 0, 0x3FFE8000, 0x40100000, None),
    "esp32": (0, 0x1000, 0x3FFF0018, 0x40078000, 0x3F400020),
    "esp32s2": (2, 0x1000, 0x3FFE8000, 0x4004C000, 0x3F000020),
    "esp32s3": (9, 0, 0x3FCE3818, 0x403C9700, 0x3C000020),
    "esp32c3": (5, 0, 0x3FCD5710, 0x403CC710, 0x3C000020),
    "esp32c2": (12, 0, 0x3FCD5710, 0x403ACB70, 0x3C000020),
    "esp32c6": (13, 0, 0x40875710, 0x4086E610, 0x42000020),
}


def content(size, rng, dense):
    words = [rng.randbytes(rng.randint(2, 9)) for _ in range(400)]
    out = bytearray()
    while len(out) < size:
        if dense or rng.random() < 0.55:
            out += rng.randbytes(6)
        else:
            out += rng.choice(words)
    return bytes(out[:size])


def image(chip, segments, options):
    ident = CHIPS[chip][0]
    head = struct.pack("<BBBBI", 0xE9, len(segments), 2, 0x20 if ident is not None else 0x40, segments[0 if ident is None else -1][0])
    if ident is not None:
        head += struct.pack("<B3xHBHH4xB", 0xEE, ident, 0, options.get("min", 0), options.get("max", 0xFFFF), 1)
    out = bytearray(head)
    check = 0xEF
    for address, data in segments:
        data += bytes(-len(data) % 4)
        out += struct.pack("<II", address, len(data)) + data
        for byte in data:
            check ^= byte
    out += bytes(15 - len(out) % 16) + bytes([check])
    if ident is not None:
        out += hashlib.sha256(out).digest()
    return bytes(out)


def table(entries):
    out = b""
    for kind, subtype, offset, size, label in entries:
        out += struct.pack("<2sBBII16sI", b"\xaa\x50", kind, subtype, offset, size, label.encode(), 0)
    out += b"\xeb\xeb" + b"\xff" * 14 + hashlib.md5(out).digest()
    return out + b"\xff" * (0xC00 - len(out))


def pad(data, size):
    return data + b"\xff" * (size - len(data))


def main():
    chip, size = sys.argv[1], int(sys.argv[2], 0)
    rng = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    options = {w.partition("=")[0]: int(w.partition("=")[2] or "1", 0) for w in sys.argv[4:]}
    ident, boot, dram, iram, mapped = CHIPS[chip]
    code = bytearray(content(size, rng, "dense" in options))
    # sys.version as the firmware has it
    banner = b"v1.29.0-test on 2026-01-01\0MicroPython v1.29.0-test on 2026-01-01; Generic board with " + chip.upper().encode() + b"\0"
    code[0x200 : 0x200 + len(banner)] = banner
    if "change" in options:
        code[options["change"]] ^= 0x5A
    if ident is None:
        out = pad(image(chip, [(iram, content(20000, rng, False)), (dram, content(3000, rng, False))], options), 0x8FFC)
        out += struct.pack("<I", 0x9000 + size) + bytes(code)
        sys.stdout.buffer.write(out + hashlib.md5(out[4:]).digest())
        return
    app = image(chip, [(mapped, bytes(code)), (dram, content(5000, rng, False)), (iram, content(9000, rng, False))], options)
    entries = [(1, 2, 0x9000, 0x6000, "nvs"), (1, 1, 0xF000, 0x1000, "phy_init"), (0, 0, 0x10000, 0x1F0000, "factory")]
    if "ota" in options:
        entries = [(1, 2, 0x9000, 0x4000, "nvs"), (1, 0, 0xD000, 0x2000, "otadata"), (1, 1, 0xF000, 0x1000, "phy_init"),
                   (0, 0x10, 0x10000, 0x180000, "ota_0"), (0, 0x11, 0x190000, 0x180000, "ota_1")]
    out = pad(image(chip, [(dram, content(900, rng, False)), (iram, content(15000, rng, False))], options), 0x8000 - boot)
    sys.stdout.buffer.write(pad(out + table(entries), 0x10000 - boot) + app)


main()
