#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# Measures commands against each other in alternating runs: peers.py RUNS NAME COMMAND [NAME COMMAND]...
# The first one is ours; each other gets a ratio. Medians of CPU time (the command and its children) and wall time.
import os
import statistics
import subprocess
import sys
import time


def once(command):
    before = os.times()
    start = time.monotonic()
    if subprocess.call(command, shell=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL):
        sys.exit("error: it failed: " + command)
    after = os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return cpu * 1000, (time.monotonic() - start) * 1000


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
