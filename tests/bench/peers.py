#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# Measures commands against each other in alternating runs: peers.py RUNS NAME COMMAND [NAME COMMAND]...
# The first one is ours; each other gets a ratio. Medians of CPU time (the command and its children) and wall time.
import resource
import shlex
import statistics
import subprocess
import sys
import time


def once(command):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.monotonic()
    if subprocess.call(shlex.split(command), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL):
        sys.exit("error: it failed: " + command)
    wall = time.monotonic() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return cpu * 1000, wall * 1000


def main():
    runs = int(sys.argv[1])
    peers = list(zip(sys.argv[2::2], sys.argv[3::2]))
    times = {name: [] for name, _ in peers}
    for _ in range(runs):
        for name, command in peers:
            times[name].append(once(command))
    medians = {}
    for name, _ in peers:
        medians[name] = [statistics.median(column) for column in zip(*times[name])]
    ours = medians[peers[0][0]]
    for name, _ in peers:
        cpu, wall = medians[name]
        print("%-28s %8.1f ms CPU %8.1f ms wall   %5.1fx CPU %5.1fx wall" %
              (name, cpu, wall, cpu / max(ours[0], 0.01), wall / max(ours[1], 0.01)))


main()
