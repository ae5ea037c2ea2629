#!/bin/sh
# SPDX-License-Identifier: MIT
#
# External tools as flash methods: what they are called with, what their failures become, that a locked chip stays as it is without
# --unlock, and that nothing of them is left. A script stands in for each tool: it says what the real one says (outputs of pyOCD 0.46,
# OpenOCD 0.12, st-flash 1.7, esptool 5.6; those of probe-rs from its sources), and writes down its words.
. "$(dirname "$0")/lib.sh"
# shellcheck source=../emu/emu.sh
. "$TESTS_DIR/emu/emu.sh"

need python3 umockdev-wrapper
cd "$T" || exit
sample_tree tree
emu_start
emu usb 1-1 0d28:0204 serial=0240000011112222 product=CMSIS-DAP if=ff/00/00:CMSIS-DAP
emu usb 1-2 0483:374b serial=066DFF303031 product=ST-LINK if=ff/ff/ff
emu usb 1-3 1366:0101 serial=000801031826 product=J-Link if=ff/ff/ff

# Two parts with a hole between them: where a PYBV11 has the user's files.
python3 - <<'END'
def record(kind, address, data):
    body = bytes([len(data), address >> 8 & 255, address & 255, kind]) + data
    return ':%s%02X\n' % (body.hex().upper(), -sum(body) & 255)
import struct
with open('split.hex', 'w') as out:
    for base, data in ((0x0800, struct.pack('<16I', 0x20020000, *[0x08020011] * 15)), (0x0802, bytes(range(64)))):
        out.write(record(4, 0, bytes([base >> 8, base & 255])))
        for at in range(0, 64, 16):
            out.write(record(0, at, data[at:at + 16]))
    out.write(':00000001FF\n')
END

# tool NAME: a stand-in that says $T/NAME.N at its N-th call, else $T/NAME.says, and ends with the status in the file's first line
mkdir bin
tool() {
	cat >"bin/$1" <<END
#!/bin/sh
printf '%s\n' "\$*" >>"$T/$1.words"
n=\$(wc -l <"$T/$1.words")
says="$T/$1.\$n"
[ -f "\$says" ] || says="$T/$1.says"
sed 1d "\$says"
for word; do
	case \$word in script) cat script >"$T/$1.script" ;; firmware.*) cp "\$word" "$T/$1.\$word" ;; esac
done
[ ! -f "$T/$1.after" ] || . "$T/$1.after"
exit "\$(sed -n 1p "\$says")"
END
	chmod +x "bin/$1"
}
for name in pyocd openocd probe-rs JLinkExe st-flash; do tool "$name"; done
PATH=$T/bin:$PATH

# says NAME STATUS TEXT: from now on, and its words are forgotten
says() {
	rm -f "$1".[0-9] "$1.words"
	printf '%s\n%s\n' "$2" "$3" >"$1.says"
}
# then_says NAME N STATUS TEXT: only at the N-th call
then_says() {
	printf '%s\n%s\n' "$3" "$4" >"$1.$2"
}
# flash METHOD PROBE [OPTION...]
flash() {
	method=$1 probe=$2
	shift 2
	run emu_run "$MPFLASH" make -C tree -B --no-probe --method "$method" --probe "$probe" "$@" \
		"${verb:-flash}-PYBV11" --image split.hex
}
words() {
	sed 's/ [^ ]*\.tmp[^ ]*//' "$1.words" 2>/dev/null
}

# --- exact command lines ---
start='-f 4000000 -O auto_unlock=false -O cmsis_dap.prefer_v1=false'
says pyocd 0 'All 64 bytes match.'
flash pyocd 02400000
is 'pyOCD: exit status' "$status" 0 || diag "$err"
is 'pyOCD: its words' "$(words pyocd)" "load -W --no-config -u 0240000011112222 -t STM32F405RGTx $start -M under-reset -e sector --format hex firmware.hex
commander -W --no-config -u 0240000011112222 -t STM32F405RGTx $start -M attach -c compare 0x8000000 segment0.bin -c compare 0x8020000 segment1.bin"
like 'pyOCD: compared' "$err" '128 bytes written and verified'
ok 'the hole is in no file' test "$(grep -c '^:10' pyocd.firmware.hex)" = 8

says openocd 0 'verified 128 bytes in 0.013s (9.6 KiB/s)'
flash openocd 066DFF
is 'OpenOCD: exit status' "$status" 0 || diag "$err"
is 'OpenOCD: its words' "$(words openocd)" '-c gdb_port disabled -c tcl_port disabled -c telnet_port disabled -f interface/stlink.cfg -c adapter serial 066DFF303031 -f target/stm32f4x.cfg -c init -c reset init -c flash write_image erase firmware.hex -c verify_image firmware.hex -c reset run -c shutdown'
says openocd 0 'Info : nothing was done'
flash openocd 066DFF
is 'OpenOCD: no word of its check is no success' "$status" 1

says probe-rs 0 '     Finished in 1.2s'
flash probe-rs 02400000
is 'probe-rs: its words' "$(words probe-rs)" 'download --non-interactive --chip STM32F405RGTx --probe 0d28:0204:0240000011112222 --protocol swd --binary-format hex --restore-unwritten --verify firmware.hex
reset --non-interactive --chip STM32F405RGTx --probe 0d28:0204:0240000011112222 --protocol swd'

says JLinkExe 0 'Script processing completed.'
flash jlink 000801
is 'J-Link: its words' "$(words JLinkExe)" '-device STM32F405RG -if SWD -speed 4000 -autoconnect 1 -ExitOnError 1 -NoGui 1 -SelectEmuBySN 000801031826 -CommandFile script'
is 'J-Link: its script' "$(cat JLinkExe.script)" 'r
loadfile firmware.hex
verifybin segment0.bin 0x8000000
verifybin segment1.bin 0x8020000
r
g
qc'

says st-flash 0 '2026-11-23T07:20:38 INFO common.c: Flash written and verified! jolly good!'
flash stlink 066DFF
is 'st-flash: one call for each part, so that nothing between them is touched' "$(words st-flash)" \
	'--connect-under-reset --reset --serial 066DFF303031 write segment0.bin 0x8000000
--connect-under-reset --reset --serial 066DFF303031 write segment1.bin 0x8020000'

# --- failures in our words ---
# fails METHOD PROGRAM PROBE STATUS OUTPUT ERROR HINT
fails() {
	says "$2" "$4" "$5"
	flash "$1" "$3"
	name="$1, $(printf '%s' "$5" | tail -n 1)"
	is "$name: exit status" "$status" 1
	like "$name: the cause" "$err" "^error: .*$6"
	like "$name: what to do" "$err" "^hint: .*$7"
}
fails pyocd pyocd 0240 1 '0014834 E No target device available [load_cmd]
No connected debug probe matches unique ID '\''x'\''' 'finds no debug probe' 'list-probes'
fails pyocd pyocd 0240 1 "0000412 C Target type stm32f405rgtx not recognized. Use 'pyocd list --targets' to see currently available target types." \
	'no support for STM32F405RGTx' '--auto-install-packs'
fails pyocd pyocd 0240 1 '0000265 W NRF52840 APPROTECT enabled: not automatically unlocking [target_nRF52]' 'locked' '--unlock'
fails openocd openocd 0240 1 'Error: unable to find a matching CMSIS-DAP device' 'finds no debug probe' 'list-probes'
fails openocd openocd 0240 1 "embedded:startup.tcl:28: Error: Can't find target/stm32f4x.cfg" "does not know the chip" 'newer OpenOCD'
fails openocd openocd 066D 1 'Error: libusb_open() failed with LIBUSB_ERROR_ACCESS' 'no permission' 'install-udev'
fails openocd openocd 0240 1 'Error: Flash sector 0 is protected
Error: failed erasing sectors 0 to 19
auto erase enabled' "part of the chip's flash is locked; OpenOCD wrote nothing" '--unlock'
fails openocd openocd 066D 1 'Error: init mode failed (unable to connect to the target)' 'no chip behind it answers' 'powered'
fails probe-rs probe-rs 0240 1 'Error: No connected probes were found.' 'finds no debug probe' 'list-probes'
fails probe-rs probe-rs 0240 1 '    1: An operation could not be performed because it lacked the permission to do so: erase_all' 'locked' '--unlock'
fails probe-rs probe-rs 0240 1 '    1: error while taking control over USB device: Device or resource busy (os error 16)' 'another program' 'close'
fails jlink JLinkExe 000801 1 'Cannot connect to target.' 'no chip behind it' 'powered'
fails stlink st-flash 066D 1 "2026-11-23T07:20:38 WARN usb.c: Couldn't find any ST-Link devices" 'finds no debug probe' 'list-probes'
fails openocd openocd 0240 3 'Error: the moon is in the wrong phase' 'failed .exit status 3.: Error: the moon' 'its whole output: /'
log=$(emu_run "$MPFLASH" log -C tree --image split.hex flash-PYBV11)
like 'the log has the command' "$log" '^\$ .*/openocd -c '
like 'and what it said' "$log" '^Error: the moon is in the wrong phase$'

# --- tools that work over the board's own bootloader ---
for name in esptool bossac teensy_loader_cli; do tool "$name"; done
cat >loaders.rules <<'END'
port esp32
  board EMU_ESP
    flash = esptool
    flash.base = 0x1000
    esptool.chip = esp32
port samd
  board EMU_SAMD
    flash = bossac
    flash.base = 0x2000
    bossac.offset = ${flash.base}
port mimxrt
  board EMU_TEENSY
    flash = teensy
    flash.base = 0x60000000
    teensy.target = TEENSY41
END
emu usb 2-1 10c4:ea60 serial=0001 product=CP2102 uart=ttyUSB0
emu usb 2-2 03eb:6124 cdc=ttyACM0
emu usb 2-3 16c0:0478 serial=000B1C2D if=03/00/00
python3 "$TESTS_DIR/emu/esp_image.py" esp32 20000 >esp.bin || bail 'no image'
python3 -c 'import struct
for name, base in ("samd", 0x2000), ("mimxrt", 0x60000000):
    open(name + ".bin", "wb").write(struct.pack("<16I", 0x20001000, *[base + 0x101] * 15) + bytes(range(256)) * 8)'

# load BOARD IMAGE OPTION...
load() {
	load_board=$1 load_image=$2
	shift 2
	run emu_run "$MPFLASH" make --rules loaders.rules -B --no-probe "flash-EMU_$load_board" --image "$load_image.bin" "$@"
}
# load_fails NAME PROGRAM BOARD IMAGE DEVICE STATUS OUTPUT ERROR HINT
load_fails() {
	says "$2" "$6" "$7"
	load "$3" "$4" --device "$5"
	name="$1, $(printf '%s' "$7" | tail -n 1)"
	is "$name: exit status" "$status" 1
	like "$name: the cause" "$err" "^error: .*$8"
	like "$name: what to do" "$err" "^hint: .*$9"
}

# The board comes back as what it is once it was written: the last word of each tool.
# returns NAME PLACE USB: the stand-in unplugs the bootloader when it succeeds, and plugs in the firmware
returns() {
	# shellcheck disable=SC2016 # the stand-in's
	printf 'for line in "remove %s" "usb %s"; do printf "%%s\\n" "$line" >"%s"; read -r answer <"%s"; done\n' \
		"$2" "$2 $3" "$emu_dir/in" "$emu_dir/out" >"$1.after"
}

says esptool 1 'Wrote 0x5000 bytes'
load ESP esp --serial /dev/ttyUSB0
is 'esptool: its words, each part at its address' "$(words esptool)" '--chip esp32 --port /dev/ttyUSB0 --baud 460800 write_flash --flash_mode keep --flash_freq keep --flash_size detect 0x1000 segment0.bin 0x8000 segment1.bin 0x10000 segment2.bin'
load_fails esptool esptool ESP esp usb-2-1 2 'A fatal error occurred: Failed to connect to ESP32: No serial data received.' \
	'nothing answers esptool' 'mpflash bootloader'
load_fails esptool esptool ESP esp usb-2-1 2 'A fatal error occurred: This chip is ESP32-S3, not ESP32. Wrong chip argument?' \
	'another chip' '--serial'
load_fails esptool esptool ESP esp usb-2-1 2 \
	'A fatal error occurred: Could not open /dev/ttyUSB0, the port is busy: [Errno 11] Could not exclusively lock port /dev/ttyUSB0' \
	'another program' 'close'
load_fails esptool esptool ESP esp usb-2-1 2 "[Errno 13] could not open port /dev/ttyUSB0: [Errno 13] Permission denied: '/dev/ttyUSB0'" \
	'no permission' 'install-udev'
load_fails esptool esptool ESP esp usb-2-1 2 'A fatal error occurred: MD5 of file does not match data in flash!' 'it differs' 'again'
load_fails esptool esptool ESP esp usb-2-1 1 "ModuleNotFoundError: No module named 'esptool'" 'installed, but cannot run' 'pipx install esptool'
load_fails esptool esptool ESP esp usb-2-1 0 'Wrote nothing at all' 'esptool failed' 'its whole output'

says bossac 0 'Verify successful'
returns bossac 2-2 '239a:800b serial=AA01 product=Feather%20M0 cdc=ttyACM0'
load SAMD samd --serial /dev/ttyACM0
is 'bossac: exit status' "$status" 0 || diag "$err"
is 'bossac: its words; no -e, which erases the files behind the firmware' "$(words bossac)" \
	'--port=ttyACM0 -U --offset=0x2000 -w -v -R firmware.bin'
ok 'bossac: the file is the image' cmp bossac.firmware.bin samd.bin
like 'bossac: verified' "$err" '2112 bytes written and verified'
rm -f bossac.after
emu remove 2-2
emu usb 2-2 03eb:6124 cdc=ttyACM0
load_fails bossac bossac SAMD samd usb-2-2 1 'No device found on ttyACM0' 'nothing answers bossac' 'mpflash bootloader'
load_fails bossac bossac SAMD samd usb-2-2 1 'Device unsupported' 'another chip' '--serial'
load_fails bossac bossac SAMD samd usb-2-2 2 'Verify failed' 'it differs' 'again'
load_fails bossac bossac SAMD samd usb-2-2 1 'Flash page is locked' 'write protected' 'protection'
load_fails bossac bossac SAMD samd usb-2-2 0 'Device found' 'bossac failed' 'its whole output'

says teensy_loader_cli 0 'Booting'
returns teensy_loader_cli 2-3 '16c0:048b serial=000B1C2D cdc=ttyACM1'
load TEENSY mimxrt --device usb-000B1C2D
is 'teensy: exit status' "$status" 0 || diag "$err"
is 'teensy: its words' "$(words teensy_loader_cli)" '--mcu=TEENSY41 -v firmware.hex'
like 'teensy: what it erases besides is told' "$err" 'erases the user.s files as well'
unlike 'teensy: it compares nothing, and nothing else is claimed' "$err" 'verified'
rm -f teensy_loader_cli.after
emu remove 2-3
emu usb 2-3 16c0:0478 serial=000B1C2D if=03/00/00
load_fails teensy teensy_loader_cli TEENSY mimxrt usb-000B1C2D 1 'Unable to open device (hint: try -w option)' \
	'nothing answers' 'mpflash bootloader'
load_fails teensy teensy_loader_cli TEENSY mimxrt usb-000B1C2D 1 'Found device but unable to open' 'no permission' 'install-udev'
load_fails teensy teensy_loader_cli TEENSY mimxrt usb-000B1C2D 1 'Unknown MCU type "TEENSY41"' "does not know the chip 'TEENSY41'" 'teensy.target'
load_fails teensy teensy_loader_cli TEENSY mimxrt usb-000B1C2D 1 'error writing to Teensy' 'teensy_loader_cli failed' 'its whole output'

# --- ways to connect, --unlock, --auto-install-packs ---
says pyocd 0 'All 64 bytes match.'
then_says pyocd 1 1 '0000300 C No ACK received [__main__]'
flash pyocd 0240
is 'the next way to connect: exit status' "$status" 0
is 'under-reset, then halt' "$(sed -n 's/.* -M \([a-z-]*\).*/\1/p' pyocd.words | head -n 2 | tr '\n' ' ')" 'under-reset halt '
says pyocd 0 'All 64 bytes match.'
then_says pyocd 1 1 'STM32 APPROTECT enabled: not automatically unlocking'
flash pyocd 0240 --unlock
is '--unlock: exit status' "$status" 0
like '--unlock: it erases, once' "$(sed -n 2p pyocd.words)" '^erase --mass .*auto_unlock=true$'
is '--unlock: then it flashes' "$(sed -n 's/^load.*/load/p' pyocd.words | wc -l)" 2
says pyocd 1 'STM32 APPROTECT enabled: not automatically unlocking'
flash pyocd 0240
unlike 'without --unlock nothing erases' "$(cat pyocd.words)" 'erase --mass|auto_unlock=true'
says pyocd 0 'All 64 bytes match.'
then_says pyocd 1 1 'Target type stm32f405rgtx not recognized.'
flash pyocd 0240 --auto-install-packs
is '--auto-install-packs: exit status' "$status" 0
is '--auto-install-packs: what it fetches' "$(sed -n 2p pyocd.words)" 'pack install STM32F405RGTx'

# --- a tool that hangs, and one that the user ends ---
printf 'port stm32\n  openocd.silence = 1\n' >silent.rules
nap=61.$$ # this test's own: others run beside it
cat >bin/openocd <<END
#!/bin/sh
echo 'Info : erasing bank 0'
sleep $nap &
wait
END
flash openocd 0240 --rules silent.rules
is 'a tool that hangs: exit status' "$status" 1
like 'its last line is told' "$err" 'said nothing for 1 s and was ended; the last that it said: Info : erasing bank 0'
not_ok 'nothing of it runs' pgrep -f "sleep $nap\$"
flash openocd 0240 --rules silent.rules -V
like '-V shows what it says' "$err" 'OpenOCD: Info : erasing bank 0'

# The first interrupt leaves the tool its time, since a board that is half written is worth a minute.
printf 'port stm32\n  openocd.silence = 60\n' >silent.rules
(
	trap - INT
	exec python3 - "$MPFLASH" "$emu_root" "$emu_preload" <<'END'
import os, signal, subprocess, sys, time

env = dict(os.environ, UMOCKDEV_DIR=sys.argv[2], LD_PRELOAD=sys.argv[3])
for name in ('ASAN_OPTIONS', 'UBSAN_OPTIONS', 'LSAN_OPTIONS'):
    if name in env:
        env[name] = ':'.join(o for o in env[name].split(':') if not o.startswith('log_path='))
p = subprocess.Popen([sys.argv[1], 'make', '-C', 'tree', '-B', '--no-probe', '-V', '--method', 'openocd', '--probe', '0240',
                      '--rules', 'silent.rules', 'flash-PYBV11', '--image', 'split.hex'], env=env, stdin=subprocess.DEVNULL,
                     stderr=subprocess.PIPE, text=True)
said = ''
for line in p.stderr:
    said += line
    if 'erasing bank 0' in line:
        p.send_signal(signal.SIGINT)
    if 'interrupt again' in line:
        p.send_signal(signal.SIGINT)
with open('interrupted', 'w') as out:
    out.write('%d\n%s' % (p.wait(), said))
END
)
is 'interrupted twice: exit status' "$(sed -n 1p interrupted)" 130 || diag "$(cat interrupted)"
not_ok 'interrupted twice: nothing of the tool runs' pgrep -f "sleep $nap\$"

# --- two at once ---
cat >bin/st-flash <<END
#!/bin/sh
echo "\$\$" >>"$T/both"
while [ "\$(wc -l <"$T/both")" -lt 2 ]; do sleep 0.02; done
echo 'Flash written and verified! jolly good!'
END
emu usb 1-4 0483:374b serial=066DFF909091 product=ST-LINK if=ff/ff/ff
python3 - <<'END'
import struct
def record(kind, address, data):
    body = bytes([len(data), address >> 8 & 255, address & 255, kind]) + data
    return ':%s%02X\n' % (body.hex().upper(), -sum(body) & 255)
with open('one.hex', 'w') as out:
    out.write(record(4, 0, b'\x08\x00'))
    out.write(record(0, 0, struct.pack('<4I', 0x20020000, 0x08000009, 0, 0)))
    out.write(':00000001FF\n')
END
for probe in 066DFF3 066DFF9; do
	MPFLASH_CACHE=$T/cache$probe emu_run "$MPFLASH" make -C tree -B --no-probe --method stlink --probe $probe \
		flash-PYBV11 --image one.hex >"out.$probe" 2>&1 </dev/null &
	pids="${pids-} $!"
done
for pid in $pids; do
	wait "$pid"
	is 'two runners on two probes: exit status' "$?" 0 || diag "$(cat out.*)"
done
is 'nothing is left in their folders' "$(find cache*/attached -type f -o -name '*.tmp*' 2>/dev/null)" ''

done_testing
