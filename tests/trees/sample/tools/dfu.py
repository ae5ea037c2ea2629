"""Writes or shows a DfuSe file (ST UM0391).

    dfu.py -b ADDRESS:FILE [-b ADDRESS:FILE ..] [-D VID:PID] OUT
    dfu.py FILE
"""

import argparse
import struct
import sys
import zlib


def crc(data):
    """The suffix's checksum: CRC-32 without its final inversion."""
    return ~zlib.crc32(data) & 0xFFFFFFFF


def element(text):
    address, filename = text.split(":", 1)
    with open(filename, "rb") as f:
        data = f.read()
    data += bytes(-len(data) % 8)
    return struct.pack("<II", int(address, 0), len(data)) + data


def build(elements, device, out):
    vendor, product = (int(part, 0) for part in device.split(":"))
    body = b"".join(elements)
    target = struct.pack("<6sBI255sII", b"Target", 0, 1, b"ST...", len(body), len(elements)) + body
    data = struct.pack("<5sBIB", b"DfuSe", 1, 11 + len(target), 1) + target
    data += struct.pack("<HHHH3sB", 0, product, vendor, 0x011A, b"UFD", 16)
    data += struct.pack("<I", crc(data))
    with open(out, "wb") as f:
        f.write(data)


def show(filename):
    with open(filename, "rb") as f:
        data = f.read()
    signature, version, size, targets = struct.unpack_from("<5sBIB", data)
    print("%s v%d, %d bytes, %d target(s)" % (signature.decode(), version, size, targets))
    offset = 11
    for _ in range(targets):
        _, alt, _, name, _, elements = struct.unpack_from("<6sBI255sII", data, offset)
        print("target alt %d, %s" % (alt, name.rstrip(b"\0").decode()))
        offset += 274
        for _ in range(elements):
            address, length = struct.unpack_from("<II", data, offset)
            print("  0x%08x, %d bytes" % (address, length))
            offset += 8 + length
    _, product, vendor, _, _, _, stored = struct.unpack_from("<HHHH3sBI", data, offset)
    print("usb %04x:%04x" % (vendor, product))
    if stored != crc(data[:-4]):
        sys.exit("dfu.py: %s: wrong checksum" % filename)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("-b", "--build", action="append", default=[])
    parser.add_argument("-D", "--device", default="0x0483:0xdf11")
    parser.add_argument("file")
    args = parser.parse_args()
    if args.build:
        build([element(text) for text in args.build], args.device, args.file)
    else:
        show(args.file)


main()
