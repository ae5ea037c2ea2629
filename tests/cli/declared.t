#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Where builds cannot be traced: declared inputs stand in, and --explain says so.
. "$(dirname "$0")/lib.sh"

need git arm-none-eabi-gcc make
small_tree "$T/tree"
cd "$T/tree" || exit
MPFLASH_TRACE=$T/no-such-helper
export MPFLASH_TRACE

run "$MPFLASH" make RED --explain
is 'a build without a trace' "$status" 0
like 'its reason says so' "$err" '^compile  mini/RED: done in .*: never done before \(by declared inputs, .*no-such-helper'
run "$MPFLASH" make RED --explain
like 'the second run: nothing to do, by declared inputs' "$err" \
	'^compile  mini/RED: nothing to do: none of its [1-9][0-9]* files, .* \(by declared inputs, '
run "$MPFLASH" make RED
unlike 'without --explain: not a word of it' "$err" 'declared'
printf '\n' >>py/mini.h
run "$MPFLASH" make RED --explain
like 'a change is seen' "$err" '^compile  mini/RED: done in .*: py/mini\.h changed \(by declared'
printf 'int blue;\n' >>ports/mini/boards/BLUE/board.c
run "$MPFLASH" make RED
like "another board's file counts: it is declared for the port" "$err" '^compile  mini/RED: done in'

unset MPFLASH_TRACE
run "$MPFLASH" make RED
like 'once it can be traced, it is' "$err" '^compile  mini/RED: done in .*: the build can be traced now'
printf 'int blue2;\n' >>ports/mini/boards/BLUE/board.c
run "$MPFLASH" make RED
like "then another board's file does not count" "$err" '^nothing to do'
done_testing
