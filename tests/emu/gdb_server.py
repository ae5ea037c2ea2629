#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# A GDB server with 64 KiB of flash in a file, for tests of what servers and lines do. It listens on a free port of the loopback, which
# stands in the file `port`. Words:
#
#   flash=FILE log=FILE fill=HEX   the flash, what happened to it, what a new one holds
#   kind=KIND       plain, openocd (monitor version, reset halt, reset run), pyocd (erases at vFlashDone, and only what it got
#                   bytes for), blackmagic (swd_scan, vAttach), oldblackmagic (swdp_scan)
#   nak=N badsum=N lostack=N       each Nth packet is refused, answered with a wrong sum, or not heard (with acknowledgements)
#   noise=1 console=1 notify=1     bytes between packets, console output and notifications before each answer
#   small=1 shortread=1 crc=1 badcrc=1 nomap=1 badmap=1
#   slow=MS                        each packet takes that long
#   silent=N garbage=N die=N       from the Nth packet on nothing, rubbish, or the end
#   error=erase|write|done losttarget=1
import os
import socket
import sys
import time

words = dict(word.split("=", 1) for word in sys.argv[1:])
SIZE, SECTOR, RAM = 0x10000, 0x400, 0x20000000


def number(name):
    return int(words.get(name, 0))


kind = words.get("kind", "plain")
try:
    flash = bytearray(open(words["flash"], "rb").read())
except FileNotFoundError:
    flash = bytearray([int(words.get("fill", "ff"), 16)]) * SIZE
log = open(words["log"], "a", buffering=1)
packet_size = 0x60 if number("small") else 0x800


def keep():
    with open(words["flash"] + ".new", "wb") as f:
        f.write(flash)
    os.replace(words["flash"] + ".new", words["flash"])


def crc32(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte << 24
        for _ in range(8):
            crc = (crc << 1 ^ 0x04C11DB7) & 0xFFFFFFFF if crc & 0x80000000 else crc << 1
    return crc


MAP = (
    '<?xml version="1.0"?>\n<!DOCTYPE memory-map PUBLIC "+//IDN gnu.org//DTD GDB Memory Map V1.0//EN" "memory-map.dtd">\n'
    '<memory-map>\n<memory type="flash" start="0x0" length="0x%x">\n<property name="blocksize">0x%x</property>\n'
    "</memory>\n<memory type='ram' start='0x%x' length='0xfffff'/></memory-map>\n" % (SIZE, SECTOR, SIZE)
)
if number("badmap"):
    MAP = MAP[:150]


class Server:
    def __init__(self, connection):
        self.connection = connection
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.acks = True
        self.attached = "magic" not in kind
        self.pending = {}  # pyOCD: what is written at vFlashDone
        self.written = -1
        self.buffer = b""

    def byte(self):
        if not self.buffer:
            self.buffer = self.connection.recv(65536)
            if not self.buffer:
                raise EOFError
        byte, self.buffer = self.buffer[:1], self.buffer[1:]
        return byte

    def packet(self):
        global packets
        while True:
            while self.byte() != b"$":
                pass
            data = b""
            while (byte := self.byte()) != b"#":
                data += byte
            told = int(self.byte() + self.byte(), 16)
            packets += 1
            log.write("packets %d\n" % packets)
            if number("die") and packets >= number("die"):
                os._exit(0)
            if number("silent") and packets >= number("silent"):
                time.sleep(3600)
            time.sleep(number("slow") / 1000)
            if not self.acks:
                break
            if number("nak") and packets % number("nak") == 0 or told != sum(data) % 256:
                self.connection.sendall(b"-")
            elif number("lostack") and packets % number("lostack") == 0:
                pass  # not heard
            else:
                self.connection.sendall(b"+")
                break
        out, i = bytearray(), 0
        while i < len(data):
            if data[i] == 0x7D:
                i += 1
                out.append(data[i] ^ 0x20)
            else:
                out.append(data[i])
            i += 1
        return bytes(out)

    def frame(self, data, wrong=0):
        raw, i = bytearray(), 0
        while i < len(data):
            run = 1
            while i + run < len(data) and data[i + run] == data[i] and run < 90:
                run += 1
            raw += bytes([0x7D, data[i] ^ 0x20]) if data[i] in b"#$}*" else data[i : i + 1]
            if run > 4 and run - 1 + 29 not in b"#$+-":
                raw += b"*" + bytes([run - 1 + 29])
                i += run
            else:
                i += 1
        return b"$" + bytes(raw) + b"#%02x" % ((sum(raw) + wrong) % 256)

    def reply(self, data):
        if isinstance(data, str):
            data = data.encode()
        if number("garbage") and packets >= number("garbage"):
            self.connection.sendall(os.urandom(500).replace(b"$", b"x").replace(b"-", b"x"))
            return
        if number("noise"):
            self.connection.sendall(b"noise\r\n+")
        if number("console"):
            self.connection.sendall(self.frame(b"O" + b"working\n".hex().encode()))
        if number("notify"):
            self.connection.sendall(b"%Stop:T05thread:1;#e4")
        if number("badsum") and self.acks and packets % number("badsum") == 0:
            self.connection.sendall(self.frame(data, 1))
            while self.byte() != b"-":
                pass
        self.connection.sendall(self.frame(data))

    # --- flash ---

    def erase(self, start, size):
        if start % SECTOR or size % SECTOR or start + size > SIZE:
            return "E01"
        if words.get("error") == "erase" and start + size > 0x4000:
            return "E.flash controller timed out"
        if kind != "pyocd":
            log.write("erase %x+%x\n" % (start, size))
            flash[start : start + size] = b"\xff" * size
            keep()
        return "OK"

    def write(self, start, data):
        if words.get("error") == "write" and start >= 0x4000:
            return "E03"
        if start < self.written or start + len(data) > SIZE:
            return "E02"
        self.written = start + len(data)
        if kind == "pyocd":
            self.pending[start] = data
            return "OK"
        for i, byte in enumerate(data):
            flash[start + i] &= byte
        return "OK"

    def done(self):
        if words.get("error") == "done":
            return "E.memtype"
        if kind == "openocd" and self.written < 0:
            os._exit(0)  # 0.12 has no image then, and looks into it
        self.written = -1
        sectors = sorted({a // SECTOR for s, d in self.pending.items() for a in range(s, s + len(d))})
        for sector in sectors:
            log.write("erase %x+%x\n" % (sector * SECTOR, SECTOR))
        for start, data in self.pending.items():  # what it got no bytes for stays
            flash[start : start + len(data)] = data
        self.pending = {}
        keep()
        return "OK"

    # --- requests ---

    def monitor(self, command):
        log.write("monitor %s\n" % command)
        if kind == "openocd" and command == "version":
            self.connection.sendall(self.frame(b"O" + b"Open On-Chip Debugger 0.12.0\n".hex().encode()))
            return "OK"
        if kind == "blackmagic" and command == "swd_scan" or kind == "oldblackmagic" and command == "swdp_scan":
            self.connection.sendall(self.frame(b"O" + b"Available Targets:\n".hex().encode()))
            return "OK"
        if "magic" in kind and command == "version":
            self.connection.sendall(self.frame(b"O" + b"Black Magic Probe\n".hex().encode()))
            return "OK"
        if command == "reset" and kind in ("plain", "pyocd") or command == "reset halt" and kind in ("openocd", "pyocd"):
            return "OK"
        if command == "reset run" and kind == "openocd":
            log.write("run\n")
            return "OK"
        return "E01" if "magic" in kind else ""

    def memory(self, start, size):
        if start + size > SIZE:
            return "E01"
        size = min(size, (packet_size - 4) // 2)
        return flash[start : start + (max(1, size // 3) if number("shortread") else size)].hex()

    def answer(self, data):
        text = data.decode("latin-1")
        if text.startswith("qSupported"):
            return "PacketSize=%x;QStartNoAckMode%s;qXfer:memory-map:read%s" % (
                packet_size,
                "-" if {"nak", "badsum", "lostack"} & set(words) else "+",
                "-" if number("nomap") else "+",
            )
        if text == "QStartNoAckMode":
            return "OK"
        if text == "?":
            return "X0b" if number("losttarget") else "T05thread:1;" if self.attached else "W00"
        if text == "vAttach;1":
            self.attached = True
            return "T05"
        if not self.attached and not text.startswith("qRcmd"):
            return "E01" if text[0] in "mMXvq" else ""
        if text.startswith("qRcmd,"):
            return self.monitor(bytes.fromhex(text[6:]).decode())
        if text.startswith("qXfer:memory-map:read::"):
            start, size = (int(x, 16) for x in text[23:].split(","))
            return ("l" if start + size >= len(MAP) else "m") + MAP[start : start + size]
        if text.startswith("qCRC:") and (number("crc") or number("badcrc")):
            start, size = (int(x, 16) for x in text[5:].split(","))
            return "C%x" % (crc32(flash[start : start + size]) ^ number("badcrc"))
        if text[0] == "m":
            return self.memory(*(int(x, 16) for x in text[1:].split(",")))
        if text.startswith("vFlashErase:"):
            return self.erase(*(int(x, 16) for x in text[12:].split(",")))
        if text.startswith("vFlashWrite:"):
            head, _, rest = data[12:].partition(b":")
            return self.write(int(head, 16), rest)
        if text == "vFlashDone":
            return self.done()
        if text == "R00":
            log.write("reset\n")
            return None
        if text == "D":
            log.write("run\n")
            return "OK"
        return ""

    def serve(self):
        while True:
            text = self.packet()
            answer = self.answer(text)
            if answer is not None:
                self.reply(answer)
            if text == b"QStartNoAckMode":
                self.acks = False


listener = socket.create_server(("127.0.0.1", 0))
with open("port.new", "w") as f:
    f.write(str(listener.getsockname()[1]))
os.rename("port.new", "port")
keep()
while True:
    packets = 0
    try:
        Server(listener.accept()[0]).serve()
    except (EOFError, ConnectionError):
        pass
