#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs a program on a terminal of its own and presses keys.

	keys.py [-s COLUMNSxROWS] [-k SIGNAL] STEPS CMD...

STEPS are words: `+TEXT` waits (10 s) until TEXT was printed since the last step, anything else is sent (with \\e \\r \\x03 and the like);
`!SIGNAL` sends a signal; `@FILE` makes FILE and waits until FILE.done is there: what somebody else does meanwhile. Printed at the end: what the terminal showed, then "status N" (or "signal N"), then "restored" when the
terminal is as it was before.
"""
import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time

args = sys.argv[1:]
size = (80, 24)
if args[0] == "-s":
    size = tuple(int(n) for n in args[1].split("x"))
    args = args[2:]
steps, command = args[0].split(), args[1:]

master, slave = os.openpty()
fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
before = termios.tcgetattr(slave)
stdout = os.environ.get("KEYS_STDOUT")
pid = os.fork()
if pid == 0:
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    for fd in (0, 1, 2):
        os.dup2(slave, fd)
    if stdout:
        os.dup2(os.open(stdout, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 1)
    os.environ.setdefault("NO_COLOR", "1")  # what is looked for is words
    os.environ["TERM"] = os.environ.get("KEYS_TERM", "xterm")
    os.environ.update(CI="", GITHUB_ACTIONS="") if "KEYS_CI" not in os.environ else None
    os.execvp(command[0], command)

shown = ""


def pump(seconds):
    global shown
    if select.select([master], [], [], seconds)[0]:
        shown += os.read(master, 4096).decode("utf-8", "replace")
        return True
    return False


mark = 0
for step in steps:
    if step[0] == "+":
        end = time.monotonic() + 10
        wanted = step[1:].replace("_", " ")
        while wanted not in shown[mark:] and time.monotonic() < end:
            pump(0.05)
        at = shown.find(wanted, mark)
        if at < 0:
            print("never shown: " + wanted)
        mark = at + len(wanted) if at >= 0 else mark
    elif step[0] == "!":
        os.kill(pid, getattr(signal, step[1:]))
    elif step[0] == "@":
        open(step[1:], "w").close()
        end = time.monotonic() + 10
        while not os.path.exists(step[1:] + ".done") and time.monotonic() < end:
            pump(0.05)
    else:
        os.write(master, step.encode().decode("unicode_escape").replace("\\e", "\x1b").encode())
status = None
end = time.monotonic() + 20
while status is None and time.monotonic() < end:
    pump(0.02)
    done, what = os.waitpid(pid, os.WNOHANG)
    status = what if done else None
if status is None:
    print("it does not end")
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    status = 9
while pump(0.05):
    pass
print(shown.replace("\r", ""))
print("signal %d" % os.WTERMSIG(status) if os.WIFSIGNALED(status) else "status %d" % os.WEXITSTATUS(status))
print("restored" if termios.tcgetattr(slave) == before else "not restored")
