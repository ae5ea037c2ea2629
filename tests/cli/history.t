#!/bin/sh
# SPDX-License-Identifier: MIT
#
# A history of edits on the sample tree, for each kind of port: every image is what a build from nothing makes
# (tests/history does the same on a real tree).
# Runs once: it compiles for minutes, and what it runs of mpflash is run with sanitizers elsewhere.
. "$(dirname "$0")/lib.sh"
# shellcheck source=../history.sh
. "$TESTS_DIR/history.sh"
need arm-none-eabi-gcc cmake

sample_tree "$T/tree"
history "$T/tree" qemu MPS2_AN385 sources frozen
history "$T/tree" stm32 PYBV11 configuration files
history "$T/tree" rp2 RPI_PICO dates
history_summary
[ "$history_steps" -ge 30 ] || bail "only $history_steps builds"
done_testing
