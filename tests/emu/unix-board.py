# SPDX-License-Identifier: MIT
#
# A board whose interpreter and file systems are MicroPython's own: the Unix port runs this, for `board PORT exec` of the rig (emu.sh:
# emu_unix). Flash, the raw REPL and what the firmware does at its start are the board's.
#
#	ARGS: PORT KIND LOG [bare]	PORT: rp2 samd nrf stm32 esp32; KIND, what is on the flash: VfsLfs2, VfsLfs1, VfsFat, nothing
#
# bare: without hashlib and binascii. LOG gets a line "boot PLACE KIND FILES" at each start, one "file PATH SHA256" for each file and "booted", and "erase N", "restart", "soft reset" as they happen.
import hashlib
import io
import os
import sys
import vfs

port, kind, log = sys.argv[1:4]
bare = "bare" in sys.argv[4:]
log = open(log, "w")
real = sys
kinds = ("VfsLfs2", "VfsLfs1", "VfsFat")
BLOCK, COUNT = (512, 256) if port == "stm32" else (4096, 24)
HIDDEN = 256  # of pyb.Flash(): blocks that stand before the first of the flash, the partition table among them
memory = bytearray(b"\xff" * (BLOCK * COUNT))
begins = "/" if port in ("rp2", "samd", "esp32") else "/flash"


def tell(text):
    log.write(text + "\n")
    log.flush()


class Restart(Exception):
    pass


class Flash:
    """NOR flash: writing into it clears bits, erasing sets a block's; whole blocks are erased when they are written."""

    def readblocks(self, n, buf, at=0):
        buf[:] = memory[n * BLOCK + at : n * BLOCK + at + len(buf)]

    def writeblocks(self, n, buf, at=None):
        if at is None:
            at = 0
        else:
            for i in range(len(buf)):
                if buf[i] & ~memory[n * BLOCK + at + i]:
                    raise OSError(5)
        memory[n * BLOCK + at : n * BLOCK + at + len(buf)] = buf

    def ioctl(self, op, arg):
        if op == 4:
            return COUNT
        if op == 5:
            return BLOCK
        if op == 6:
            memory[arg * BLOCK : (arg + 1) * BLOCK] = b"\xff" * BLOCK
            tell("erase %d" % arg)
        return 0


class PybFlash(Flash):
    """stm32's: without start= what a PC sees over USB, whose table is not written to (ports/stm32/storage.c)."""

    def __init__(self, start=None):
        self.hidden = HIDDEN if start is None else 0

    def table(self):
        size = BLOCK * COUNT // 512
        entry = b"\0\0\0\0\x01\0\0\0" + HIDDEN.to_bytes(4, "little") + size.to_bytes(4, "little")
        return b"\0" * 446 + entry + b"\0" * 48 + b"\x55\xaa"

    def readblocks(self, n, buf, at=0):
        if n >= self.hidden:
            super().readblocks(n - self.hidden, buf, at)
        else:
            buf[:] = self.table() if n == 0 else bytes(len(buf))

    def writeblocks(self, n, buf, at=None):
        if n >= self.hidden:
            super().writeblocks(n - self.hidden, buf, at)
        elif n:
            return -5

    def ioctl(self, op, arg):
        return COUNT + self.hidden if op == 4 else super().ioctl(op, arg)


class Words:
    """Printed as it is."""

    def __init__(self, text):
        self.text = text

    def __str__(self):
        return self.text

    __repr__ = __str__


class Module:
    def __init__(self, **members):
        for name in members:
            setattr(self, name, members[name])


def restart():
    tell("restart")
    raise Restart


def device():
    return PybFlash(start=0) if port == "stm32" else Flash()


# What scripts import. The interpreter's own modules (os, vfs) are what they are.
platform = "pyboard" if port == "stm32" else port
machine = Module(reset=restart, unique_id=lambda: port.encode() + b"\1\2\3\4")
sys.modules["sys"] = Module(
    platform=platform,
    version="3.4.0; MicroPython v1.29.0 on 2026-08-02",
    implementation=Words("(name='micropython', version=(1, 29, 0, ''), _machine='A board of %s', _mpy=4358, _build='BOARD')" % port),
)
sys.modules["machine"] = machine
if port == "stm32":
    sys.modules["pyb"] = Module(Flash=PybFlash)
elif port == "esp32":
    sys.modules["flashbdev"] = Module(bdev=Flash())
else:
    sys.modules[port] = Module(Flash=Flash)


if bare:
    sys.modules["hashlib"] = sys.modules["binascii"] = Module()


def file_system():
    """The kind that is on the flash, and it."""
    for name in kinds:
        try:
            fs = getattr(vfs, name)(PybFlash() if port == "stm32" and name == "VfsFat" else device())
            fs.statvfs("/")  # FAT says only now that there is none
            return name, fs
        except OSError:
            pass
    return None, None


def make(name):
    getattr(vfs, name).mkfs(device())


def tell_files(folder):
    for name in sorted(os.listdir(folder)):
        path = folder.rstrip("/") + "/" + name
        if os.stat(path)[0] & 0x4000:
            tell_files(path)
        else:
            with open(path, "rb") as f:
                tell("file %s %s" % (path, "".join("%02x" % c for c in hashlib.sha256(f.read()).digest())))


def boot():
    """As the ports' _boot.py: mount what is there, else make it anew."""
    os.chdir("/")
    for at in ("/flash", "/"):
        try:
            vfs.umount(at)
        except OSError:
            pass
    name, fs = file_system()
    if not fs:
        make("VfsFat" if port == "stm32" else "VfsLfs2")
        name, fs = file_system()
        name += " (new)"
    vfs.mount(fs, begins)
    os.chdir(begins)
    tell("boot %s %s %s" % (begins, name, " ".join(sorted(os.listdir(begins)))))
    tell_files(begins)
    tell("booted")


def fill():
    make(kind)
    fs = file_system()[1]
    vfs.mount(fs, "/fill")
    for name in ("boot.py", "main.py"):
        with open("/fill/" + name, "w") as f:
            f.write("# mine\n" * 100)
    vfs.umount("/fill")


def say(text):
    real.stdout.write(text)


def byte():
    c = real.stdin.buffer.read(1)
    if not c:
        raise SystemExit
    return c


names = {"__name__": "__main__"}  # of the interpreter, until the board starts anew


def answer(script):
    out, error = [], ""
    try:
        names["print"] = lambda *words: out.append(" ".join(str(w) for w in words) + "\r\n")
        exec(script, names)
    except Restart:
        raise
    except BaseException as e:
        text = io.StringIO()
        real.print_exception(e, text)
        error = text.getvalue().replace("\n", "\r\n")
    say("OK" + "".join(out) + "\x04" + error + "\x04>")


def raw():
    script = b""
    say("\r\nraw REPL; CTRL-B to exit\r\n>")
    while True:
        c = byte()
        if c == b"\x02":
            return
        if c == b"\x01":
            say("\r\nraw REPL; CTRL-B to exit\r\n>")
        if c in b"\x01\x03":
            script = b""
        elif c == b"\x05" and not script:
            byte(), byte()
            say("R\x00")
        elif c == b"\x04":
            text, script = script, b""
            answer(text.decode())
        else:
            script += c


def friendly():
    say('MicroPython v1.29.0 on 2026-08-02; A board\r\nType "help()" for more information.\r\n>>> ')
    while True:
        c = byte()
        if c == b"\x01":
            raw()
        if c == b"\x04":
            tell("soft reset")
            say("\r\nMPY: soft reboot\r\n")
            raise Restart
        if c in b"\x01\r\x03\x02":
            say("\r\n>>> ")


if kind != "nothing":
    fill()
while True:
    boot()
    names.clear()
    names["__name__"] = "__main__"
    try:
        friendly()
    except Restart:
        pass
