#!/bin/sh
# SPDX-License-Identifier: MIT
#
# mpflash bootloader: each way in, the order of the ways, the wait, and what is said when something else came back.
# Runs sanitized: it takes its time.
. "$(dirname "$0")/lib.sh"
# shellcheck source=../emu/emu.sh
. "$TESTS_DIR/emu/emu.sh"

need python3 umockdev-wrapper
cd "$T" || exit
emu_start
printf 'x' >reply
rom='2e8a:0003 serial=E0C9125B0D9B block=sdb1:RPI-RP2 if=ff/00/00'

pico() {
	emu usb 1-4 2e8a:0005 serial=e6614c311b8a5f2b cdc=ttyACM0
	emu board ttyACM0 "${1:-raw}" "$T/reply"
}
boot() {
	run emu_run "$MPFLASH" bootloader "$@"
}

# --- mpy
pico
emu on bootloader ttyACM0 '=>' 50 remove 1-4
emu on bootloader ttyACM0 '=>' 400 usb 1-4 "$rom"
boot --method mpy --no-probe
is 'mpy: exit status' "$status" 0
like 'mpy: what it is now' "$out" '^/dev/ttyACM0: PICOBOOT bootloader of RP2040, now usb-'
boot
is 'already there: exit status' "$status" 0
like 'already there: says so' "$out" ': already PICOBOOT bootloader of RP2040$'
emu remove 1-4

# --- touch1200
pico silent
emu on touch1200 ttyACM0 '=>' 50 remove 1-4
emu on touch1200 ttyACM0 '=>' 300 usb 1-4 "$rom"
boot --method touch1200 --no-probe
is 'touch1200: exit status' "$status" 0 || diag "$err $(emu_log)"
ok 'touch1200: both lines are low before it is closed' emu_saw 'lines ttyACM0 dtr=0 rts=0'
like 'touch1200: what it is now' "$out" '^/dev/ttyACM0: PICOBOOT bootloader of RP2040, now usb-'
emu remove 1-4

# --- one after the other
emu usb 1-4 239a:801b serial=DF6050A04B1F4B2D cdc=ttyACM0
emu board ttyACM0 raw "$T/reply"
emu on bootloader ttyACM0 '=>' 50 remove 1-4
emu on bootloader ttyACM0 '=>' 300 usb 1-4 239a:0015 product=Feather%20M0 block=sdf:FEATHERBOOT
boot --method touch1200 --no-probe
is 'the next way when the first does not help: exit status' "$status" 0
like 'the next way: why' "$err" '^/dev/ttyACM0: touch1200: it is still no bootloader'
like 'the next way: a UF2 bootloader' "$out" '^/dev/ttyACM0: UF2 bootloader, now usb-'
emu remove 1-4

# --- what came instead
pico
emu on bootloader ttyACM0 '=>' 50 remove 1-4
emu on bootloader ttyACM0 '=>' 300 usb 3-1 0483:df11 serial=315D35723037 if=fe/01/02
boot --method mpy --only --no-probe
is 'another device came: exit status' "$status" 1
like 'another device came: which' "$err" '^error: /dev/ttyACM0 is not in its bootloader: mpy: usb-315D35723037 came, DFU bootloader, which is not known to be this board, it left and did not come back within 8\.0 s$'
like 'how to do it by hand' "$err" '^hint: '
emu remove 3-1

# --- two with one serial number: it tells nothing, and the other one is left alone
emu usb 1-4 2e8a:000b serial=1122334455667788 cdc=ttyACM0
emu board ttyACM0 raw "$T/reply"
emu usb 1-5 2e8a:000f serial=1122334455667788 if=ff/00/00
emu on bootloader ttyACM0 '=>' 50 remove 1-4
emu on bootloader ttyACM0 '=>' 700 usb 1-4 2e8a:000f serial=1122334455667788 if=ff/00/00
boot --method mpy --no-probe -s /dev/ttyACM0
is 'two with one number: exit status' "$status" 0
like 'two with one number: the one at its place' "$out" '^/dev/ttyACM0: PICOBOOT bootloader of RP2350, now usb-1-4$'
emu remove 1-4
emu remove 1-5

# --- requests over USB
stm32='f055:9800 serial=315D35723037 cdc=ttyACM1 if=fe/01/01:DFU'
dfu='0483:df11 serial=315D35723037 if=fe/01/02:@Internal%20Flash'
emu usb 1-7 "$stm32"
emu on control 1-7 21:00 03e8 '=>' 100 remove 1-7
emu on control 1-7 21:00 03e8 '=>' 400 usb 1-7 "$dfu"
boot --method dfu --only --no-probe
is 'DFU detach: exit status' "$status" 0 || diag "$err $(emu_log)"
like 'DFU detach: what it is now' "$out" '^/dev/ttyACM1: DFU bootloader, now usb-315D35723037$'
unlike 'DFU detach: who detaches by himself gets no bus reset' "$(emu_log)" '^bus-reset 1-7$'
emu remove 1-7
emu usb 1-8 "$(printf '%s' "$stm32" | sed 's/9800/9801/; s/ACM1/ACM2/') detach=bus"
emu on bus-reset 1-8 '=>' 50 remove 1-8
emu on bus-reset 1-8 '=>' 400 usb 1-8 "$dfu"
boot --method dfu --only --no-probe
is 'DFU detach: with a bus reset: exit status' "$status" 0 || diag "$err $(emu_log)"
like 'DFU detach: with a bus reset: what it is now' "$out" '^/dev/ttyACM2: DFU bootloader, now usb-315D35723037$'
is 'DFU detach: asked first, then reset' "$(emu_log | grep -E '^(control|bus-reset) 1-8' | paste -sd, -)" \
	'control 1-8 21:00 03e8,bus-reset 1-8'
emu remove 1-8
emu usb 1-7 "$stm32"
emu on control 1-7 21:00 03e8 '=>' 100 remove 1-7
emu on control 1-7 21:00 03e8 '=>' 400 usb 1-7 2e8a:0003 serial=E0C9125B0D9B if=ff/00/00
boot --method dfu --only --no-probe
is 'DFU detach: something else came: exit status' "$status" 1
like 'DFU detach: something else came: what' "$err" \
	'^error: /dev/ttyACM1 is not in its bootloader: dfu: it came back as something else \([^ ]+, PICOBOOT bootloader of RP2040\)$'
emu remove 1-7
emu usb 1-7 "$stm32"
boot --method dfu --only --no-probe
is 'DFU detach: nothing happens: exit status' "$status" 1
like 'DFU detach: nothing happens: told' "$err" '^error: .*dfu: it is still no bootloader'
emu answer 1-7 busy
boot --method dfu --only --no-probe
like 'DFU detach: another program has it' "$err" 'dfu: another program uses USB device f055:9800 at 1-7'
emu remove 1-7
emu usb 1-9 2e8a:0009 serial=5D3A9C7B11E2F480 cdc=ttyACM3 if=ff/00/01:Reset
emu on control 1-9 21:01 0000 '=>' 100 remove 1-9
emu on control 1-9 21:01 0000 '=>' 400 usb 1-9 2e8a:000f serial=5D3A9C7B11E2F480 if=ff/00/00
boot --method picoboot --only --no-probe
is 'reset interface: exit status' "$status" 0 || diag "$err $(emu_log)"
like 'reset interface: what it is now' "$out" '^/dev/ttyACM3: PICOBOOT bootloader of RP2350, now usb-5D3A9C7B11E2F480$'
emu remove 1-9
emu usb 1-9 2e8a:0009 serial=5D3A9C7B11E2F480 cdc=ttyACM3 if=ff/00/01:Reset
emu on control 1-9 21:01 0000 '=>' 100 remove 1-9
emu on control 1-9 21:01 0000 '=>' 400 usb 1-9 2e8a:0005 serial=5D3A9C7B11E2F480 cdc=ttyACM3
boot --method picoboot --only --no-probe
like 'reset interface: it came back as it was' "$err" '^error: .*picoboot: it is still no bootloader \(/dev/ttyACM3'
emu remove 1-9

# --- Espressif's own USB
emu usb 1-9 303a:1001 serial=34:85:18:AA:BB:CC cdc=ttyACM3
emu board ttyACM3 silent
emu on lines ttyACM3 dtr=0 rts=1 '=>' 10 board ttyACM3 esp loader
boot --method esp --only --no-probe
is 'USB-JTAG: exit status' "$status" 0 || diag "$err"
like 'USB-JTAG: on the same port' "$out" '^/dev/ttyACM3: in its bootloader$'
is 'USB-JTAG: boot pin first, and through both raised, never both low, to the reset' \
	"$(emu_log | grep '^lines ttyACM3' | tail -n 7 | paste -sd, -)" \
	"$(printf 'lines ttyACM3 dtr=%s,' '1 rts=0' '0 rts=0' '1 rts=0' '1 rts=1' '0 rts=1' '0 rts=0' | sed 's/,$//')"
emu remove 1-9
emu usb 1-9 303a:4001 serial=123456 cdc=ttyACM3
emu board ttyACM3 raw "$T/reply"
emu on bootloader ttyACM3 '=>' 50 remove 1-9
emu on bootloader ttyACM3 '=>' 400 usb 1-9 303a:0002 serial=0 cdc=ttyACM5 if=ff/00/01
boot --method mpy --only --no-probe
is 'USB-OTG: exit status' "$status" 0 || diag "$err"
like 'USB-OTG: a new port' "$out" '^/dev/ttyACM3: ESP ROM loader of ESP32-S2, now /dev/ttyACM5$'
emu remove 1-9

# --- interrupted
pico
emu on bootloader ttyACM0 '=>' 50 remove 1-4
cat >interrupt.py <<'EOF'
import subprocess, sys, time
p = subprocess.Popen(sys.argv[1:], stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)
time.sleep(2)
then = time.monotonic()
p.send_signal(2)
said = p.communicate()[1]
print(p.returncode, said.splitlines()[-1], time.monotonic() - then < 1.5)
EOF
run emu_run python3 interrupt.py "$MPFLASH" bootloader --method mpy --only --no-probe
is 'interrupted while it waits: exit status, and at once' "$out" '130 error: interrupted True'
pico silent
run emu_run env -u CI -u GITHUB_ACTIONS python3 "$TESTS_DIR/emu/keys.py" '+cancel) \x03' \
	"$MPFLASH" bootloader --method manual --only --no-probe
like 'Ctrl-C instead of Enter: exit status' "$out" '^status 2$'
like 'Ctrl-C instead of Enter: cancelled' "$out" '^error: cancelled$'
emu remove 1-4

# --- by hand
pico silent
boot --method manual --only --no-probe
is 'manual in a pipe: exit status' "$status" 1
like 'manual in a pipe: why' "$err" '^error: .*manual: nobody is there to do it'
CI=true boot --method manual --only --no-probe
like 'manual under CI: how it is done' "$err" '^hint: .*BOOTSEL'
for port in 'rp2 2e8a:0005 BOOTSEL' 'esp32 303a:4001 Hold BOOT' 'unknown f055:9802 quick presses of RESET'; do
	# shellcheck disable=SC2086
	set -- $port
	emu remove 1-4
	emu usb 1-4 "$2" serial=77 cdc=ttyACM0
	shift 2
	run emu_run env -u CI -u GITHUB_ACTIONS python3 "$TESTS_DIR/emu/keys.py" '+cancel) \x03' \
		"$MPFLASH" bootloader --method manual --only --no-probe
	like "by hand: how, for ${port%% *}" "$out" "$*"
done
emu remove 1-4
pico silent
(
	until [ -e "$T/asked" ]; do sleep 0.05; done
	emu remove 1-4
	emu usb 1-4 "$rom"
	touch "$T/asked.done"
) &
run emu_run env -u CI -u GITHUB_ACTIONS python3 "$TESTS_DIR/emu/keys.py" "+cancel) @$T/asked \\r" \
	"$MPFLASH" bootloader --method manual --only --no-probe
wait $!
like 'by hand, and Enter: what it is now' "$out" '^/dev/ttyACM0: PICOBOOT bootloader of RP2040, now usb-'
like 'by hand, and Enter: exit status' "$out" '^status 0$'
emu remove 1-4
pico silent
boot --method teleport
is 'an unknown way: usage' "$status" 2
like 'an unknown way: those that there are' "$err" "there are auto, none, dfu, esp, manual, mpy, picoboot, touch1200$"
boot --method picoboot --only --no-probe
like 'a way that does not fit' "$err" "picoboot: it has no reset interface of pico-sdk's"
emu remove 1-4

# --- Espressif's lines
emu usb 1-6 10c4:ea60 serial=0001 product=CP2102 uart=ttyUSB0
emu board ttyUSB0 silent
emu on lines ttyUSB0 dtr=1 rts=0 '=>' 10 board ttyUSB0 esp loader
boot --method esp --only --no-probe
is 'esp: exit status' "$status" 0
like 'esp: on the same port' "$out" '^/dev/ttyUSB0: in its bootloader$'
is 'esp: IO0 low while EN rises, in one call' "$(emu_log | grep -A3 -m1 'lines ttyUSB0 dtr=0 rts=0' | paste -sd, -)" \
	'lines ttyUSB0 dtr=0 rts=0,lines ttyUSB0 dtr=1 rts=1,lines ttyUSB0 dtr=0 rts=1,lines ttyUSB0 dtr=1 rts=0'
emu board ttyUSB0 silent
boot --method esp --only --no-probe
is 'esp: no answer: exit status' "$status" 1
like 'esp: no answer' "$err" 'esp: no ROM loader answers on /dev/ttyUSB0'
# --- behind an adapter: what comes is known by having come, if it is alone
emu board ttyUSB0 raw "$T/reply"
emu on bootloader ttyUSB0 '=>' 300 usb 3-1 0483:df11 serial=315D35723037 if=fe/01/02
boot --method mpy --only --no-probe -s /dev/ttyUSB0
is 'behind an adapter: what came' "$status$out" '0/dev/ttyUSB0: DFU bootloader, now usb-315D35723037'
emu remove 3-1
emu board ttyUSB0 raw "$T/reply"
emu on bootloader ttyUSB0 '=>' 300 usb 3-1 0483:df11 serial=315D35723037 if=fe/01/02
emu on bootloader ttyUSB0 '=>' 300 usb 3-2 0483:df11 serial=3157334B3032 if=fe/01/02
boot --method mpy --only --no-probe -s /dev/ttyUSB0
is 'behind an adapter, two came: exit status' "$status" 1
like 'behind an adapter, two came: none is taken' "$err" \
	'^error: more than one bootloader came, and none says that it is /dev/ttyUSB0: usb-3157334B3032, usb-315D35723037$'
emu remove 3-1
emu remove 3-2
emu board ttyUSB0 silent
boot --method touch1200 --only --no-probe
like 'no touch for an adapter' "$err" "touch1200: its serial port is an adapter's"
boot --method none
is 'none: believed' "$status" 0

emu_stop
done_testing
