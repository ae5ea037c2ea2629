#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs a program on a terminal of its own and tells what a person sees there.

	screen.py COLUMNSxROWS [-i TEXT] CMD...

-i: Ctrl-C is pressed when TEXT is on it, once. Printed at the end: what scrolled off and what
the screen shows, then "status N", then "restored" when the terminal is as it was before, and "cursor 0" (its column). The file named by
SCREEN_SEEN gets every line that was ever seen.

The terminal knows \\r, \\n, CSI n A, CSI K and CSI J, and colours (which are printed as "coloured"), which is all that mpflash
uses: anything else is printed as "unknown: ...". It is an xterm, or what SCREEN_TERM says.
"""
import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time


def size_of(text):
    return tuple(int(n) for n in text.split("x"))


class Screen:
    """Lines as they were ended by \\n; the rows that they take depend on the width."""

    def __init__(self, columns, rows):
        self.columns, self.rows = columns, rows
        self.lines = [""]  # logical lines, the last ones on the screen
        self.line, self.column = 0, 0
        self.rest = ""
        self.unknown = []
        self.coloured = False

    def height(self, text):
        return max(1, -(-len(text) // self.columns))

    def top(self):
        """The first line of which all is on the screen."""
        room, i = self.rows, len(self.lines)
        while i and room >= self.height(self.lines[i - 1]):
            i -= 1
            room -= self.height(self.lines[i])
        return i

    def up(self, count):
        row = self.column // self.columns if self.column % self.columns or not self.column else self.column // self.columns - 1
        while count:
            if row:
                row -= 1
            elif self.line > self.top():
                self.line -= 1
                row = self.height(self.lines[self.line]) - 1
            else:
                break
            count -= 1
        self.column = row * self.columns

    def erase_line(self, below):
        self.lines[self.line] = self.lines[self.line][:self.column]
        if below:
            del self.lines[self.line + 1:]

    def put(self, text):
        text = self.rest + text
        self.rest = ""
        i = 0
        while i < len(text):
            c = text[i]
            if c == "\x1b":
                m = re.match(r"\x1b\[([0-9;]*)([A-Za-z])", text[i:])
                if not m:
                    self.rest = text[i:]
                    return
                i += m.end()
                if m[2] == "A":
                    self.up(int(m[1] or 1))
                elif m[2] == "m":
                    self.coloured = True
                elif m[2] in "KJ" and not m[1]:
                    self.erase_line(m[2] == "J")
                else:
                    self.unknown.append(m[0])
                continue
            i += 1
            if c == "\r":
                self.column -= self.column % self.columns
            elif c == "\n":
                self.line += 1
                self.column = 0
                if self.line == len(self.lines):
                    self.lines.append("")
            else:
                line = self.lines[self.line].ljust(self.column)
                self.lines[self.line] = line[:self.column] + c + line[self.column + 1:]
                self.column += 1


args = sys.argv[1:]
size = size_of(args.pop(0))
interrupt = None
if args[0] == "-i":
    interrupt = args[1]
    del args[:2]

master, slave = pty.openpty()
fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
before = termios.tcgetattr(slave)
pid = os.fork()
if pid == 0:
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    for fd in (0, 1, 2):
        os.dup2(slave, fd)
    os.environ.update(TERM=os.environ.get("SCREEN_TERM", "xterm"), CI="", GITHUB_ACTIONS="")
    os.execvp(args[0], args)

screen = Screen(*size)
seen = {}


def pump(seconds):
    if not select.select([master], [], [], seconds)[0]:
        return False
    screen.put(os.read(master, 65536).decode("utf-8", "replace"))
    for line in screen.lines:
        seen[line] = True
    return True


end = time.monotonic() + 60
status = None
while status is None and time.monotonic() < end:
    pump(0.02)
    shown = "\n".join(screen.lines[screen.top():])
    if interrupt and interrupt in shown:
        os.write(master, b"\x03")
        interrupt = None
    done, what = os.waitpid(pid, os.WNOHANG)
    status = what if done else None
if status is None:
    print("it does not end")
    os.kill(pid, signal.SIGKILL)
    status = os.waitpid(pid, 0)[1]
while pump(0.05):
    pass
if "SCREEN_SEEN" in os.environ:
    with open(os.environ["SCREEN_SEEN"], "w") as out:
        out.writelines(line + "\n" for line in seen)
print("\n".join(screen.lines))
for word in screen.unknown:
    print("unknown: %r" % word)
if screen.coloured:
    print("coloured")
print("signal %d" % os.WTERMSIG(status) if os.WIFSIGNALED(status) else "status %d" % os.WEXITSTATUS(status))
print("restored" if termios.tcgetattr(slave) == before else "not restored")
print("cursor %d" % screen.column)
