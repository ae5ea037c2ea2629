#!/bin/sh
# SPDX-License-Identifier: MIT
#
# What the planner of flash methods costs by itself (tests/bench/plans.c): next to a device's own times it has to be nothing.
set -eu
"$BENCH_PROGRAMS/plans"
