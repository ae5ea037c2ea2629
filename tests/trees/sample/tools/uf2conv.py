"""Makes a UF2 file of a binary (microsoft/uf2): uf2conv.py -a ADDRESS -f FAMILY -o OUT FILE"""

import argparse
import struct

PAYLOAD = 256
FLAG_FAMILY_ID = 0x2000


def blocks(data, address, family):
    total = (len(data) + PAYLOAD - 1) // PAYLOAD
    for i in range(total):
        chunk = data[i * PAYLOAD : (i + 1) * PAYLOAD]
        yield struct.pack(
            "<8I476sI",
            0x0A324655,
            0x9E5D5157,
            FLAG_FAMILY_ID,
            address + i * PAYLOAD,
            PAYLOAD,
            i,
            total,
            family,
            chunk,
            0x0AB16F30,
        )


def main():
    number = lambda text: int(text, 0)
    parser = argparse.ArgumentParser()
    parser.add_argument("-a", "--address", type=number, required=True)
    parser.add_argument("-f", "--family", type=number, required=True)
    parser.add_argument("-o", "--output", required=True)
    parser.add_argument("file")
    args = parser.parse_args()
    with open(args.file, "rb") as f:
        data = f.read()
    with open(args.output, "wb") as f:
        f.write(b"".join(blocks(data, args.address, args.family)))


main()
