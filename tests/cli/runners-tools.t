#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Words that real tools understand: what runners call OpenOCD, st-flash, bossac, teensy_loader_cli and pyOCD with is given to the real ones,
# which find no probe or board here and say so; an option or a command that one does not have would be another failure. A tool that is not
# installed is told and passed over.
. "$(dirname "$0")/lib.sh"
# shellcheck source=../emu/emu.sh
. "$TESTS_DIR/emu/emu.sh"
# shellcheck source=../peers/lib.sh
. "$TESTS_DIR/peers/lib.sh"

need python3 umockdev-wrapper flock
cd "$T" || exit
sample_tree tree
emu_start
emu usb 1-1 0d28:0204 serial=0240000011112222 product=CMSIS-DAP if=ff/00/00:CMSIS-DAP
emu usb 1-2 0483:374b serial=066DFF303031 product=ST-LINK if=ff/ff/ff
emu usb 2-2 03eb:6124 cdc=ttyACM0
emu board ttyACM0 silent
emu usb 2-3 16c0:0478 serial=000B1C2D if=03/00/00
cat >loaders.rules <<'EOR'
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
EOR
python3 -c 'import struct
for name, base in ("stm32", 0x08000000), ("samd", 0x2000), ("mimxrt", 0x60000000):
    open(name + ".bin", "wb").write(struct.pack("<16I", 0x20001000, *[base + 0x101] * 15) + bytes(range(256)) * 8)'
"$MPFLASH" convert --base 0x08000000 stm32.bin stm32.hex || bail 'convert'

# as CMD...: a command on PATH that writes its words down, then is the real tool, which sees the emulated devices
mkdir bin
as() {
	as_name=$1
	shift
	cat >"bin/$as_name" <<EOR
#!/bin/sh
for word; do printf '%s\n' "\$word"; done >>"$T/$as_name.words"
LD_PRELOAD=libumockdev-preload.so.0 exec $* "\$@"
EOR
	chmod +x "bin/$as_name"
}
# has NAME: is the real tool here?
has() {
	real=$(command -v "$1") && as "$1" "$real" && return 0
	skip "$1" "$1 is not installed"
	return 1
}
before_path=$PATH
# understood NAME CAUSE: the last run failed for that, and for nothing that is wrong with the words
understood() {
	is "$1: exit status" "$status" 1
	like "$1: it looks for what it is to write" "$err" "^error: .*$2" || diag "$(cat cache/log/*/*/flash*.log 2>/dev/null)"
	unlike "$1: it knows its words" "$err$(cat cache/log/*/*/flash*.log cache/log/*/*/verify*.log 2>/dev/null)" \
		'([Uu]nrecogni[sz]ed|[Uu]nknown|[Ii]nvalid) (option|argument|command|word)|invalid command|[Uu]sage:'
	rm -rf cache/log
}
probe() { # METHOD PROBE VERB
	run emu_run env PATH="$T/bin:$before_path" "$MPFLASH" make -C tree -B --no-probe --method "$1" --probe "$2" "$3-PYBV11" --image stm32.hex
}

if has openocd; then
	probe openocd 02400000 flash
	understood 'OpenOCD, CMSIS-DAP' 'finds no debug probe'
	probe openocd 066DFF flash
	understood 'OpenOCD, ST-Link' 'OpenOCD (finds no debug probe|cannot open)'
	probe openocd 02400000 verify
	understood 'OpenOCD, verify' 'finds no debug probe'
	# What comes behind `init`, which ends it without a chip: a chain without one, and a bank that is never touched.
	cat >commands.tcl <<'EOR'
foreach c {{flash write_image} verify_image {reset init} {reset run} shutdown} {
	echo "$c: [llength [info commands [lindex [list $c [lindex $c 0]] [expr {[lindex $c 0] eq "reset"}]]]]"
}
shutdown
EOR
	real=$(command -v openocd)
	run "$real" -c 'gdb_port disabled' -c 'tcl_port disabled' -c 'telnet_port disabled' -c 'adapter driver dummy' -c 'transport select jtag' \
		-c 'jtag newtap x cpu -irlen 4' -c 'target create x.cpu testee -chain-position x.cpu' \
		-c 'flash bank x.f cfi 0 0x1000 2 2 x.cpu' -c init -f commands.tcl
	for command in 'flash write_image' verify_image 'reset init' 'reset run' shutdown; do
		like "OpenOCD has: $command" "$err$out" "^$command: 1$"
	done
	# Its scripts and unlocking commands as rules name them; what is too new for a version is missing there, and told to users.
	scripts=$(dirname "$(dirname "$real")")/share/openocd/scripts
	sed -n 's/.*openocd.target = //p' "$TESTS_DIR/../rules/probes.rules" | sort -u >targets
	missing=$(while read -r name; do [ -f "$scripts/$name" ] || echo "$name"; done <targets | paste -sd' ' -)
	ok 'OpenOCD: rules name some scripts' test "$(wc -l <targets)" -ge 15
	like "OpenOCD: rules name scripts that it has, but for those of 0.13: $missing" " $missing" '^( target/(rp2350|stm32h5x)\.cfg)*$'
	sed -n 's/.*openocd.target = //p; s/.*openocd.unlock = /unlock /p' "$TESTS_DIR/../rules/probes.rules" |
		awk '$1 == "unlock" { $1 = ""; print script "|" substr($0, 2); next } { script = $0 }' | sort -u >unlocks
	ok 'OpenOCD: rules name some ways to unlock' test "$(wc -l <unlocks)" -ge 6
	while IFS='|' read -r script command; do
		[ -f "$scripts/$script" ] || continue
		name=$(printf '%s\n' "$command" | sed 's/ [0-9]*$//')
		run "$real" -f interface/cmsis-dap.cfg -f "$script" -c "echo \"is [llength [info commands {$name}]]\"" -c shutdown </dev/null
		like "OpenOCD: $script has '$name'" "$err$out" '^is 1$'
	done <unlocks
fi

if has st-flash; then
	probe stlink 066DFF flash
	understood 'st-flash' 'finds no debug probe'
	st-flash --help >usage 2>&1
	for word in --connect-under-reset --reset --serial --freq=; do
		ok "st-flash has: $word" grep -qF -e "[$word" usage
	done
fi

if has bossac; then
	run emu_run env PATH="$T/bin:$before_path" "$MPFLASH" make --rules loaders.rules -B --no-probe flash-EMU_SAMD --image samd.bin \
		--serial /dev/ttyACM0
	understood bossac 'nothing answers bossac'
	bossac --help >usage 2>&1
	for word in -U -o -w -v -R; do
		ok "bossac has: $word" grep -q -e "^  $word," usage
	done
fi

if has teensy_loader_cli; then
	run emu_run env PATH="$T/bin:$before_path" "$MPFLASH" make --rules loaders.rules -B --no-probe flash-EMU_TEENSY --image mimxrt.bin \
		--device usb-000B1C2D
	# the emulated loader takes no firmware
	understood teensy_loader_cli 'teensy_loader_cli failed .*error writing to Teensy'
	teensy_loader_cli --list-mcus >mcus 2>&1
	sed -n 's/.*teensy.target = //p' "$TESTS_DIR/../rules/probes.rules" >names
	while read -r name; do
		ok "teensy_loader_cli knows: $name" grep -qx -e " - $name" mcus
	done <names
fi

if peer_pyocd; then
	as pyocd env PYTHONPATH="$PEER_PYOCD" python3 -m pyocd
	for verb in flash verify; do
		probe pyocd 02400000 "$verb"
		understood "pyOCD, $verb" '(finds no debug probe|no support for STM32F405RGTx)'
	done
	for option in auto_unlock cmsis_dap.prefer_v1; do
		ok "pyOCD has the option $option" env PYTHONPATH="$PEER_PYOCD" python3 -c 'import sys
from pyocd.core.options import BUILTIN_OPTIONS
sys.exit(sys.argv[1] not in {o.name for o in BUILTIN_OPTIONS})' "$option"
	done
	for words in 'load -M --connect -e --erase --format -W --no-wait --no-config -u --uid -t --target -f --frequency -O' \
		'erase --mass -W --no-config -O' 'reset -W --no-config -M' 'commander --no-config -M -c' 'pack install'; do
		env PYTHONPATH="$PEER_PYOCD" python3 -m pyocd "${words%% *}" --help >usage 2>&1
		lacks=$(for word in ${words#* }; do grep -qE -e "(^|[[:blank:],|{[])$word([[:blank:],=|}]|\$)" usage || echo "$word"; done)
		is "pyOCD ${words%% *} has what it is called with" "$lacks" ''
	done
else
	skip pyOCD "$why"
fi

emu_stop
done_testing
