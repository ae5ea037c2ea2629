#!/bin/sh
# SPDX-License-Identifier: MIT
#
# mpflash list-probes: every debug probe by what USB says of it, also those that say little.
. "$(dirname "$0")/lib.sh"
# shellcheck source=../emu/emu.sh
. "$TESTS_DIR/emu/emu.sh"

need python3 umockdev-wrapper
cd "$T" || exit
emu_start
run emu_run "$MPFLASH" list-probes
is 'none: exit status' "$status" 1
like 'none: says so' "$err" '^error: no debug probes found$'
run emu_run "$MPFLASH" list-probes --json
is 'none, JSON: an empty array' "$status$out" '0[]'
emu usb 2-1 0483:374b serial=066DFF525750877267123456 manufacturer=STMicroelectronics product=STM32%20STLink if=ff/ff/ff
emu usb 2-2 2e8a:000c serial=E6633861A355B838 product=Debugprobe if=ff/00/00:CMSIS-DAP%20v2%20Interface cdc=ttyACM5
emu usb 2-3 1366:0101 if=ff/ff/ff
emu usb 2-4 1d50:6018 serial=7BB180B4 cdc=ttyACM6:Black%20Magic%20GDB%20Server cdc=ttyACM7:Black%20Magic%20UART%20Port
emu usb 1-1 2e8a:0005 serial=e6614c311b8a5f2b cdc=ttyACM0
run emu_run "$MPFLASH" list-probes
is 'some: exit status, nothing on stderr' "$status$err" 0
is 'some: each is what it is' "$(printf '%s\n' "$out" | tail -n +2 | tr -s ' ')" \
	'066DFF525750877267123456 ST-Link probe 0483:374b 2-1 STMicroelectronics STM32 STLink
E6633861A355B838 CMSIS-DAP probe 2e8a:000c 2-2 Debugprobe
2-3 J-Link probe 1366:0101 2-3 -
7BB180B4 Black Magic probe 1d50:6018 2-4 -'
run emu_run "$MPFLASH" list-probes --json
is 'JSON' "$(printf '%s' "$out" | python3 -c 'import json, sys; d = json.load(sys.stdin); print(len(d), d[0]["probe"], d[2]["product"], d[2]["accessible"])')" \
	'4 066DFF525750877267123456 None True'
run emu_run "$MPFLASH" list-probes --no-detect-targets
is '--no-detect-targets' "$status" 0
emu_stop
done_testing
