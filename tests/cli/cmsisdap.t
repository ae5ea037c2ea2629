#!/bin/sh
# SPDX-License-Identifier: MIT
#
# A debug probe with a chip behind it: an emulated CMSIS-DAP probe, wired to an nRF51 whose Cortex-M0 runs what the tools put into its RAM.
# The real OpenOCD and the real pyOCD write it, alone first, so that a misreading of Arm's documents of our own shows, then for mpflash.
# Runs once: what is tested are processes beside mpflash, and the time is theirs.
. "$(dirname "$0")/lib.sh"
# shellcheck source=../emu/emu.sh
. "$TESTS_DIR/emu/emu.sh"
# shellcheck source=../peers/lib.sh
. "$TESTS_DIR/peers/lib.sh"

need python3 umockdev-wrapper openocd
run ldconfig -p
case $out in *libunicorn.so.2*) ;; *) skip_all 'libunicorn.so.2 is not here: no processor behind the probe' ;; esac
cd "$T" || exit
sample_tree tree
mkdir -p tree/ports/nrf/boards/MICROBIT bin
printf '{ "mcu": "nrf51", "product": "micro:bit", "vendor": "BBC" }\n' >tree/ports/nrf/boards/MICROBIT/board.json
printf 'MCU_VARIANT = nrf51\n' >tree/ports/nrf/boards/MICROBIT/mpconfigboard.mk
printf 'all:\n' >tree/ports/nrf/Makefile

# Firmware that ends within a page; what is on the chip before is none of it.
python3 - <<'END'
import random, struct
random.seed(3)
for name, size in (('one', 20000), ('two', 21000)):
    data = bytearray(random.randbytes(size))
    # at 0x41 it stands still: `b .`
    struct.pack_into('<16I', data, 0, 0x20004000, *[0x41] * 15)
    struct.pack_into('<H', data, 0x40, 0xe7fe)
    open(name + '.bin', 'wb').write(data)
open('before.bin', 'wb').write(random.randbytes(256 * 1024))
END
cp before.bin flash.bin
cp before.bin other.bin

emu_start
emu model 1-1 cmsisdap flash="$T/flash.bin" serial=9900AAAA
emu model 1-2 cmsisdap flash="$T/other.bin" serial=9900BBBB

# holds FLASH IMAGE: FLASH is IMAGE, and from the next page on as before
holds() {
	python3 - "$1" "$2" <<'END'
import sys
flash, image, before = (open(name, 'rb').read() for name in (sys.argv[1], sys.argv[2], 'before.bin'))
end = (len(image) + 1023) // 1024 * 1024
if flash[:len(image)] != image:
    print('the image is not there')
if flash[end:] != before[end:]:
    print('bytes behind the image are not as before')
END
}
make_flash() { # METHOD IMAGE [OPTION...]
	method=$1 image=$2
	shift 2
	run emu_run timeout 100 "$MPFLASH" make -C tree --method "$method" "$@" "${verb:-flash}-nrf/MICROBIT" --image "$image.bin"
}

# --- what a tool's own user sees

run emu_run "$MPFLASH" list-probes --json
like 'list-probes: both probes' "$out" '9900AAAA.*9900BBBB'

run emu_other timeout 60 openocd -f interface/cmsis-dap.cfg -c 'transport select swd; adapter serial 9900AAAA' -f target/nrf51.cfg \
	-c 'init; reset halt; flash write_image erase one.bin 0; verify_image one.bin 0; reset run; shutdown'
is 'OpenOCD alone: exit status' "$status" 0
is 'OpenOCD alone: what is on the chip' "$(holds flash.bin one.bin)" ''
cp before.bin flash.bin
emu remove 1-1
emu model 1-1 cmsisdap flash="$T/flash.bin" serial=9900AAAA

# --- through mpflash

# METHOD
through() {
	make_flash "$1" one
	is "$1, two probes: exit status" "$status" 1
	like "$1, two probes: which is meant is asked" "$err" '9900AAAA'
	ok "$1, two probes: nothing is written" cmp flash.bin before.bin
	make_flash "$1" one --probe AAAA
	is "$1: exit status" "$status" 0
	is "$1: what is on the chip" "$(holds flash.bin one.bin)" ''
	make_flash "$1" one --probe AAAA
	like "$1, once more: compared, not written" "$err" ' 0 bytes written and verified, 20000 were there already$'
	verb=verify make_flash "$1" one --probe AAAA
	is "$1, verify: exit status" "$status" 0
	verb=verify make_flash "$1" two --probe AAAA
	is "$1, verify of another image: exit status" "$status" 1

	# unplugged while it is written: the erase of a page in the middle is the sign
	emu on 'cmsisdap 1-1 erase 00002c00' '=>' 0 remove 1-1
	make_flash "$1" two --probe AAAA
	is "$1, unplugged: exit status" "$status" 1
	unlike "$1, unplugged: no success is claimed" "$err" 'done in'
	emu model 1-1 cmsisdap flash="$T/flash.bin" serial=9900AAAA
	make_flash "$1" two --probe AAAA
	is "$1, plugged in again: exit status" "$status" 0
	is "$1, plugged in again: what is on the chip" "$(holds flash.bin two.bin)" ''
	ok "$1: the other chip is as it was" cmp other.bin before.bin
}
through openocd

# --- a chip whose first 4 KiB only an erase of all opens, as boards that were sold with a SoftDevice have it

emu remove 1-1
cp before.bin flash.bin
dd if=two.bin of=flash.bin conv=notrunc status=none
cp flash.bin locked.bin
emu model 1-1 cmsisdap flash="$T/flash.bin" serial=9900AAAA region0=4
make_flash openocd one --probe AAAA
is 'locked: exit status' "$status" 1
like 'locked: the cause' "$err" "^error: .*a part of the chip's flash is locked; OpenOCD wrote nothing"
like 'locked: what to do' "$err" '^hint: --unlock erases the chip'
ok 'locked: nothing is written' cmp flash.bin locked.bin
make_flash openocd one --probe AAAA --unlock
is '--unlock: exit status' "$status" 0 || diag "$err"
like '--unlock: it is told' "$err" 'the chip is locked: OpenOCD erases it'
ok '--unlock: all of the chip was erased' grep -qx 'cmsisdap 1-1 erase-all 00000000' "$emu_dir/log"
ok '--unlock: what is on the chip' cmp -n 20000 flash.bin one.bin
ok '--unlock: the other chip is as it was' cmp other.bin before.bin

# --- GDB's protocol, by mpflash and OpenOCD, at its server

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
cp before.bin flash.bin
emu remove 1-1
emu model 1-1 cmsisdap flash="$T/flash.bin" serial=9900AAAA
emu_other openocd -f interface/cmsis-dap.cfg -c 'transport select swd; adapter serial 9900AAAA' -f target/nrf51.cfg \
	-c "tcl_port disabled; telnet_port disabled; gdb_port $port; init; reset halt" >server.txt 2>&1 </dev/null &
server=$!
tries=0
until grep -q "Listening on port $port for gdb" server.txt || [ "$tries" -gt 500 ]; do
	tries=$((tries + 1))
	sleep 0.05
done
make_flash gdb one --probe "127.0.0.1:$port"
is 'gdb: exit status' "$status" 0
is 'gdb: what is on the chip' "$(holds flash.bin one.bin)" ''
make_flash gdb one --probe "127.0.0.1:$port"
like 'gdb, once more: nothing is written' "$err" ' 0 bytes written and verified, 20000 were there already$'
# a function's background process is a shell; the server is its child
tries=0
while left=$(processes_of "$T" openocd) && [ -n "$left" ] && [ "$tries" -lt 50 ]; do
	for pid in $left; do kill "$pid" 2>/dev/null; done
	tries=$((tries + 1))
	sleep 0.1
done
wait "$server" 2>/dev/null
cp before.bin flash.bin
emu remove 1-1
emu model 1-1 cmsisdap flash="$T/flash.bin" serial=9900AAAA

# --- pyOCD

if peer_pyocd; then
	python=$(python3 -c 'import sys; print(sys.executable)')
	printf '#!/bin/sh\nPYTHONPATH=%s exec env LD_PRELOAD=libumockdev-preload.so.0 %s -m pyocd "$@"\n' "$PEER_PYOCD" "$python" \
		>bin/pyocd
	chmod +x bin/pyocd
	run emu_run timeout 60 bin/pyocd load -t nrf51 --uid 9900AAAA one.bin -a 0
	is 'pyOCD alone: exit status' "$status" 0
	is 'pyOCD alone: what is on the chip' "$(holds flash.bin one.bin)" ''
	cp before.bin flash.bin
	emu remove 1-1
	emu model 1-1 cmsisdap flash="$T/flash.bin" serial=9900AAAA
	PATH=$T/bin:$PATH
	through pyocd
else
	skip 'pyOCD alone, and through mpflash' "$why"
fi

emu_stop
done_testing
