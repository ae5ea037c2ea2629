#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# Measures commands against each other in alternating runs: peers.py RUNS NAME COMMAND [NAME COMMAND]...
# The first one is what the others are compared with. Medians of CPU time (the command and its children) and wall time,
# and the largest resident set of any process of it (that of this script, 14 MiB, is a floor).
import os
import shlex
import statistics
import sys
import time


def once(command):
    words = shlex.split(command)
    null = [(os.POSIX_SPAWN_OPEN, fd, os.devnull, os.O_RDWR, 0) for fd in range(3)]
    start = time.monotonic()
    # Not subprocess: its fork of this large process would be counted as the command's.
    pid = os.posix_spawnp(words[0], words, os.environ, file_actions=null)
    _, status, usage = os.wait4(pid, 0)
    wall = time.monotonic() - start
    if status:
        sys.exit("error: it failed: " + command)
    return (usage.ru_utime + usage.ru_stime) * 1000, wall * 1000, usage.ru_maxrss / 1024


def main():
    runs = int(sys.argv[1])
    peers = list(zip(sys.argv[2::2], sys.argv[3::2]))
    times = {name: [] for name, _ in peers}
    for _ in range(runs):
        for name, command in peers:
            times[name].append(once(command))
    medians = {name: [statistics.median(column) for column in zip(*times[name])] for name, _ in peers}
    first = medians[peers[0][0]]
    for name, _ in peers:
        cpu, wall, memory = medians[name]
        print("%-36s %9.1f ms CPU %9.1f ms wall %6.1f MiB   %6.2fx CPU %6.2fx wall" %
              (name, cpu, wall, memory, cpu / max(first[0], 0.01), wall / max(first[1], 0.01)), flush=True)


main()
