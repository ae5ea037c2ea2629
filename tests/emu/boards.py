#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Boards on ptys that speak MicroPython's raw REPL, each in its own way. Python's exec() runs what they are sent, with
modules of the board's, so they answer any question, not certain words.

	boards.py NAME=KIND...      in the current folder: a link NAME to each pty, NAME.log with what happened to it

Prints "ready" when all are there and runs until its standard input ends. KIND is one of `kinds` below.
"""
import hashlib
import os
import select
import sys
import threading
import time
import tty


class Gone(Exception):
    """The board has left its port."""


class Restart(Exception):
    """The board starts anew."""


class Text(str):
    """Printed as it is."""

    __repr__ = str.__str__


class Module:
    def __init__(self, **members):
        self.__dict__.update(members)


def implementation(name, version, machine=None, mpy=0, build=None):
    text = "(name='%s', version=%r" % (name, version)
    if machine:
        text += ", _machine='%s'" % machine
    if mpy:
        text += ", _mpy=%d" % mpy
    if build:
        text += ", _build='%s'" % build
    return Text(text + ")")


def uname(sysname, release, version, machine):
    return lambda: Text(
        "(sysname='%s', nodename='%s', release='%s', version='%s', machine='%s')"
        % (sysname, sysname, release, version, machine)
    )


PICO = {
    "sys": Module(
        implementation=implementation("micropython", (1, 29, 0, ""), "Raspberry Pi Pico with RP2040", 4358, "RPI_PICO"),
        version="3.4.0; MicroPython v1.29.0 on 2026-08-02",
        platform="rp2",
    ),
    "machine": True,
    "banner": "MicroPython v1.29.0 on 2026-08-02; Raspberry Pi Pico with RP2040\r\nType \"help()\" for more information.\r\n",
}
# what terminals act on, as no escape sequence: U+009B is one in a single character, U+202E turns the line round
HOSTILE = {
    **PICO,
    "sys": Module(
        implementation=implementation(
            "micropython", (1, 29, 0, ""), "Pi\u009b2J\u202e" + "w" * 90 + " with " + "z" * 90, 4358, "B" * 90
        ),
        version="3.4.0; MicroPython v1.29.0 on 2026-08-02",
        platform="rp2",
    ),
}
PYBOARD = {
    "sys": Module(
        implementation=implementation("micropython", (1, 12, 0)),
        version="3.4.0",
        platform="pyboard",
    ),
    "os": Module(uname=uname("pyboard", "1.12.0", "v1.12 on 2019-12-20", "PYBv1.1 with STM32F405RG")),
    "machine": True,
    "boardname": Module(BOARD_ID="PYBV11-DP"),
    "banner": "MicroPython v1.12 on 2019-12-20; PYBv1.1 with STM32F405RG\r\nType \"help()\" for more information.\r\n",
}
PYCOPY = {
    "sys": Module(implementation=implementation("micropython", (3, 6, 1)), version="3.4.0", platform="esp8266"),
    "os": Module(uname=uname("esp8266", "3.6.1", "v3.6.1 on 2022-01-20", "ESP module with ESP8266")),
    "machine": True,
    "pycopy": Module(const=int),
    "banner": "Pycopy v3.6.1 on 2022-01-20; ESP module with ESP8266\r\n",
}
CIRCUIT = {
    "sys": Module(
        implementation=implementation("circuitpython", (9, 2, 1), None, 518),
        version="3.4.0; Adafruit CircuitPython 9.2.1 on 2024-11-20",
        platform="MicroChip SAMD51",
    ),
    "os": Module(
        uname=uname("samd51", "9.2.1", "9.2.1 on 2024-11-20", "Adafruit Feather M4 Express with samd51j19")
    ),
    "microcontroller": True,
    "board": Module(board_id="feather_m4_express"),
    "banner": "Adafruit CircuitPython 9.2.1 on 2024-11-20; Adafruit Feather M4 Express with samd51j19\r\n",
}

BOARD_INFO = """# mine
description = "the one on the shelf"
[mpflash]
board_id = "RPI_PICO_MINE"
custom_id = 'blinky@main'
"""


def printing(board):
    n = 0
    while b"\x03" not in board.hear(0.003):
        n += 1
        board.say("reading %d\r\n" % n)
    board.say("\r\nTraceback (most recent call last):\r\n  File \"main.py\", line 2, in <module>\r\nKeyboardInterrupt: \r\n")


def quiet(board):
    while b"\x03" not in board.hear(1):
        pass
    board.say("\r\nTraceback (most recent call last):\r\n  File \"main.py\", line 7, in <module>\r\nKeyboardInterrupt: \r\n")


class Board(threading.Thread):
    def __init__(self, name, profile=None, program=None, play=None, **more):
        super().__init__(daemon=True)
        self.profile, self.program, self.play, self.more = profile or PICO, program, play, more
        self.fd, peer = os.openpty()
        tty.setraw(peer)
        os.symlink(os.ttyname(peer), name)
        os.close(peer)  # who holds it open counts as a program that uses the port
        # no two boards have one number, but for those that a test names by it
        self.chip = more.get("chip") or hashlib.md5(name.encode()).digest()[:8]
        self.log = open(name + ".log", "w", buffering=1)
        self.pending = b""
        self.answers = 0

    # --- the line

    def say(self, text):
        data = text.encode() if isinstance(text, str) else text
        while data:
            # what nobody reads is lost, as on a UART
            if not select.select([], [self.fd], [], 0.05)[1]:
                return
            try:
                data = data[os.write(self.fd, data[:256]) :]
            except OSError:
                return

    def hear(self, timeout=None):
        if self.pending:
            data, self.pending = self.pending, b""
            return data
        end = time.monotonic() + timeout if timeout is not None else None
        while True:
            left = max(0, end - time.monotonic()) if end else None
            if not select.select([self.fd], [], [], left)[0]:
                return b""
            try:
                return os.read(self.fd, 4096)
            except OSError:  # nobody has it open
                time.sleep(0.01)
                if end and time.monotonic() >= end:
                    return b""

    def byte(self):
        data = self.hear()
        self.pending = data[1:]
        return data[:1]

    def leave(self):
        raise Gone

    # --- what runs

    def run(self):
        try:
            if self.play:
                self.play(self)
            while True:
                try:
                    self.boot()
                except Restart:
                    pass
        except Gone:
            self.log.write("gone\n")
            os.close(self.fd)

    def boot(self):
        if self.program:
            self.log.write("program\n")
            self.program(self)
        self.say(self.profile["banner"] + ">>> ")
        self.friendly()

    def friendly(self):
        while True:
            c = self.byte()
            if c == b"\x01":
                self.raw()
                self.say("\r\n" + self.profile["banner"] + ">>> ")
            elif c == b"\x04" and self.more.get("deaf"):
                pass
            elif c == b"\x04":
                self.log.write("soft reset\n")
                self.say("\r\nMPY: soft reboot\r\n")
                raise Restart
            elif c in (b"\r", b"\x03", b"\x02"):
                self.say("\r\n>>> ")

    def raw(self):
        self.say("\r\nraw REPL; CTRL-B to exit\r\n>")
        script = b""
        while True:
            c = self.byte()
            if c == b"\x02":
                return
            if c == b"\x01":
                script = b""
                self.say("\r\nraw REPL; CTRL-B to exit\r\n>")
            elif c == b"\x03":
                script = b""
            elif c == b"\x05" and not script:
                self.byte(), self.byte()
                self.say(b"R\x00")
            elif c == b"\x04":
                self.answer(script.decode())
                script = b""
            else:
                script += c

    def answer(self, script):
        out = []
        self.log.write("run %r\n" % script)
        self.answers += 1
        hook = self.more.get("answer")
        if hook:
            hook(self)
        names = {"print": lambda *a: out.append(" ".join(str(x) for x in a) + "\r\n"), "__import__": self.module,
                 "repr": repr, "list": list, "open": self.open, "ImportError": ImportError, "OSError": OSError,
                 "AttributeError": AttributeError, "getattr": getattr, "hasattr": hasattr, "range": range,
                 "bytearray": bytearray}
        error = ""
        try:
            exec(script, {"__builtins__": names})
        except (Gone, Restart):
            raise
        except Exception as e:  # a script's own errors
            error = "Traceback (most recent call last):\r\n%s: %s\r\n" % (type(e).__name__, e)
        self.say("OK" + "".join(out) + "\x04" + error + "\x04>")

    def open(self, name):
        text = self.more.get("files", {}).get(name)
        if text is None:
            raise OSError(2)
        return Module(read=lambda n: text[:n])

    def hard_reset(self):
        self.log.write("hard reset\n")
        raise Restart

    def module(self, name, *_):
        found = self.profile.get(name)
        if name == "machine" and found:
            return Module(unique_id=lambda: self.chip, reset=self.hard_reset)
        if name == "microcontroller" and found:
            return Module(cpu=Module(uid=bytes(range(16))), reset=self.hard_reset)
        if found is None:
            raise ImportError("no module named '%s'" % name)
        return found


# --- those that do not behave


def stuck(board):
    while True:
        board.hear()


def stubborn(board):
    n = 0
    while True:
        board.hear(0.003)
        n += 1
        board.say("tick %d\r\n" % n)


def catches(board):
    while True:
        if b"\x03" in board.hear():
            board.say("KeyboardInterrupt? no\r\n")


def garbage(board):
    while True:
        board.hear(0.01)
        board.say(bytes((0x8F, 0xFE, 0x00, 0xC3, 0x91, 0x1B, 0xE2, 0x80)))


def printer(board):
    board.more["line"] = b""
    while True:
        if b"\r" in board.hear():
            board.say("echo:Unknown command: \"\"\nok\n")


def vanish(board):
    board.hear()
    board.leave()


BOOT = (
    "\r\n ets Jan  8 2013,rst cause:4, boot mode:(3,6)\r\n\r\nwdt reset\r\nload 0x40100000, len 31000, room 16 \r\n"
)


def restarts(board):
    board.say("OK(name='micropy")
    board.say(BOOT)
    time.sleep(0.1)
    raise Restart


def restarts_once(board):
    if board.answers == 2:
        restarts(board)


def vanish_later(board):
    if board.answers == 2:
        board.leave()


def slow_boot(board):
    """Reset by being opened: deaf while it starts."""
    board.hear()
    board.say(BOOT)
    time.sleep(0.9)
    while board.hear(0):
        pass


class Flash:
    """A block device, as MicroPython's ports have them, and the log of what was done to it."""

    def __init__(self, log, blocks):
        self.log, self.blocks = log, blocks

    def ioctl(self, op, arg):
        if op == 6:
            self.blocks[arg] = b"\xff" * 4096
            self.log.write("erase %d\n" % arg)
        return {4: len(self.blocks), 5: 4096}.get(op, 0)

    def readblocks(self, n, buf):
        buf[:] = self.blocks[n]


def slow_erase(name):
    board = file_system(name, b"\x01\0\0\0\xf0\x0f\xff\xf7littlefs", "/")
    flash = board.profile["rp2"].Flash()
    fast = flash.ioctl

    def ioctl(op, arg):
        if op == 6:
            time.sleep(15)
        return fast(op, arg)

    flash.ioctl = ioctl
    return board


def file_system(name, begins, mount, platform=None, base=None):
    """A board with eight blocks of flash that begin so, mounted there."""
    board = Board(name, dict(base or PICO))
    flash = Flash(board.log, [begins.ljust(4096, b"\0")] + [b"\xff" * 4096] * 7)
    mounted = {mount}

    class Vfs:
        def __init__(self, device, progsize=None):
            self.progsize = progsize

        @classmethod
        def mkfs(cls, device, progsize=None):
            if mounted:
                raise OSError(16)
            board.log.write("mkfs %s %s\n" % (cls.__name__, progsize))

    def umount(at):
        board.log.write("umount %s\n" % at)
        if at not in mounted:
            raise OSError(22)
        mounted.discard(at)

    def do_mount(fs, at):
        board.log.write("mount %s %s\n" % (type(fs).__name__, at))
        mounted.add(at)

    kinds_of = {k: type(k, (Vfs,), {}) for k in ("VfsFat", "VfsLfs1", "VfsLfs2")}
    board.profile["vfs"] = Module(umount=umount, mount=do_mount, **kinds_of)
    board.profile["os"] = Module(
        uname=getattr(board.profile.get("os"), "uname", None), chdir=lambda at: None, statvfs=lambda at: (4096, 4096, 8, 6, 6)
    )
    board.profile["rp2"] = board.profile["pyb"] = Module(Flash=lambda start=None: flash)
    return board


kinds = {
    "lfs2": lambda name: file_system(name, b"\x01\0\0\0\xf0\x0f\xff\xf7littlefs", "/"),
    "lfs1-flash": lambda name: file_system(name, b"\1".ljust(40, b"\0") + b"littlefs", "/flash", base=PYBOARD),
    "fat-flash": lambda name: file_system(name, b"\xeb".ljust(510, b"\0") + b"\x55\xaa", "/flash", base=PYBOARD),
    "slow-erase": slow_erase,
    "blank": lambda name: file_system(name, b"\xff" * 4096, "/"),
    "pico": lambda name: Board(name),
    "pico-info": lambda name: Board(
        name, files={"board_info.toml": BOARD_INFO}, chip=bytes.fromhex("e6614c311b8a5f2b")
    ),
    "pico-ignored": lambda name: Board(name, files={"board_info.toml": "[mpflash]\nignore = true\n"}),
    "pico-hostile": lambda name: Board(name, HOSTILE, files={"board_info.toml": 'description = "a\\u001b[31mb\x04\x1b[2Jc"\n' * 99}),
    "pyboard": lambda name: Board(name, PYBOARD, chip=bytes.fromhex("3e002d000f47373034353031")),
    "pyboard-no-id": lambda name: Board(name, {k: v for k, v in PYBOARD.items() if k != "boardname"}),
    "pycopy": lambda name: Board(name, PYCOPY),
    "circuitpython": lambda name: Board(name, CIRCUIT),
    "printing": lambda name: Board(name, program=printing),
    "quiet": lambda name: Board(name, program=quiet),
    "quiet-deaf": lambda name: Board(name, program=quiet, deaf=True),
    "circuit-running": lambda name: Board(name, CIRCUIT, program=quiet),
    "slow-boot": lambda name: Board(name, play=slow_boot),
    "restarts": lambda name: Board(name, answer=restarts),
    "restarts-once": lambda name: Board(name, answer=restarts_once),
    "vanish": lambda name: Board(name, play=vanish),
    "vanish-later": lambda name: Board(name, answer=vanish_later),
    "stuck": lambda name: Board(name, play=stuck),
    "stubborn": lambda name: Board(name, play=stubborn),
    "catches": lambda name: Board(name, play=catches),
    "garbage": lambda name: Board(name, play=garbage),
    "printer": lambda name: Board(name, play=printer),
}


def main():
    for word in sys.argv[1:]:
        name, _, kind = word.partition("=")
        kinds[kind](name).start()
    print("ready", flush=True)
    sys.stdin.read()


main()
