#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The method gdb: against QEMU's server, beside GDB itself, and against a server that does what lines and servers may do.
# Runs sanitized: it takes its time.
. "$(dirname "$0")/lib.sh"

need python3 qemu-system-arm gdb-multiarch
cd "$T" || exit

cat >boards.rules <<'END'
port stm32
  board IN_RAM
    flash = gdb
    flash.base = 0x00000000
    flash.size = 0x00400000
    gdb.remote = unix:gdb.sock
  board IN_FLASH
    flash = gdb
  board NO_MEMORY
    flash = gdb
    gdb.remote = unix:gdb.sock
END

# An image that starts a loop, then noise: '#', '$', '}' and '*' are in it. image NAME SEED SIZE
image() {
	python3 -c 'import random, struct, sys
random.seed(int(sys.argv[2]))
noise = bytes(random.randrange(256) for _ in range(int(sys.argv[3]) - 256))
data = struct.pack("<2I", 0x20001000, 0x41) + b"\xfe\xe7" * 124 + noise
open(sys.argv[1] + ".bin", "wb").write(data)' "$1" "$2" "$3"
	"$MPFLASH" convert --base 0 "$1.bin" "$1.hex" || bail "convert $1"
}

make() {
	run "$MPFLASH" make --rules boards.rules "$@"
}

image one 1 30000
image two 2 30000

# --- QEMU: no memory map, no flash; M or X ------------------------------------------------------------------------

qemu_pid=
start_qemu() {
	rm -f gdb.sock
	qemu-system-arm -M mps2-an385 -S -chardev socket,path=gdb.sock,server=on,wait=off,id=gdb -gdb chardev:gdb \
		-display none -monitor none -serial none "$@" >qemu.log 2>&1 </dev/null &
	qemu_pid=$!
	wait_for gdb.sock
}

stop_qemu() {
	kill "$qemu_pid"
	wait "$qemu_pid" 2>/dev/null
}

wait_for() {
	tries=0
	until [ -S "$1" ] || [ -s "$1" ]; do
		tries=$((tries + 1))
		[ "$tries" -lt 500 ] || bail "no $1: $(cat ./*.log)"
		sleep 0.02
	done
}

# memory FILE SIZE: what GDB reads
memory() {
	gdb-multiarch -nx -batch -ex 'set architecture armv3m' -ex 'set confirm off' -ex "target remote $T/gdb.sock" \
		-ex "dump binary memory $1 0 $2" -ex detach >gdb.log 2>&1 || bail "gdb: $(cat gdb.log)"
}

sed -i "s|unix:gdb.sock|unix:$T/gdb.sock|" boards.rules
start_qemu
printf 'around the image, to be left alone' >around.bin
gdb-multiarch -nx -batch -ex "target remote $T/gdb.sock" -ex 'restore two.bin binary 0' \
	-ex 'restore around.bin binary 30000' -ex 'monitor system_reset' -ex detach >gdb.log 2>&1
make flash-IN_RAM --image one.hex
is 'QEMU: flashed' "$status" 0
like 'by the first write' "$err$out" '30000 bytes written and verified'
memory got.bin 30034
cat one.bin around.bin >want.bin
ok 'GDB reads the image, and around it what was there' cmp got.bin want.bin
make flash-IN_RAM --image one.hex
is 'the same again' "$status" 0
like 'nothing is written' "$err$out" '0 bytes written'
cp one.bin changed.bin
printf X | dd of=changed.bin bs=1 seek=20000 conv=notrunc 2>/dev/null
"$MPFLASH" convert --base 0 changed.bin changed.hex
make verify-IN_RAM --image changed.hex
is 'verify: another image' "$status" 1
like 'the place is told' "$err" '^error: .*0x00004000-0x00004fff differs from the image'
make verify-IN_RAM --image one.hex
is 'verify: the same' "$status" 0
make flash-IN_RAM --image changed.hex
like 'one sector' "$err$out" '4096 bytes written and verified'
memory got.bin 30000
ok 'it is there' cmp got.bin changed.bin
gdb-multiarch -nx -batch -ex "target remote $T/gdb.sock" -ex 'restore two.bin binary 0' -ex detach >gdb.log 2>&1
make verify-IN_RAM --image two.hex
is 'what GDB wrote is verified' "$status" 0
make flash-NO_MEMORY --image one.hex
is 'without a memory map and rules: an error' "$status" 1
like 'which says so' "$err" '^error: .*does not say what memory its target has'
stop_qemu

printf 'firmware of its own' >own.bin
start_qemu -device loader,file=own.bin,addr=0,force-raw=on
make flash-IN_RAM --image one.hex
is 'memory that a reset fills again' "$status" 1
like 'is told' "$err" '^error: .*puts other bytes into the memory at each reset'
stop_qemu

make flash-IN_RAM --image one.hex
is 'nobody there' "$status" 1
like 'is told' "$err" '^error: .*(no GDB server listens|cannot connect)'

# --- a server that does what it is told (gdb_server.py) ---------------------------------------------------------------

# serve WORDS: starts it; $port
server_pid=
serve() {
	rm -f port
	python3 "$TESTS_DIR/emu/gdb_server.py" flash="$T/flash.bin" log="$T/server.txt" "$@" >server.log 2>&1 </dev/null &
	server_pid=$!
	wait_for port
	port=$(cat port)
}

stop_server() {
	kill "$server_pid" 2>/dev/null
	wait "$server_pid" 2>/dev/null
	: >server.txt
}

gdb() {
	make flash-IN_FLASH --image "$1.hex" --probe "127.0.0.1:$port"
}

fresh() {
	rm -f flash.bin server.txt
}

# flashed NAME IMAGE: it says so, and it is
flashed() {
	is "$1: flashed" "$status" 0
	ok "$1: byte for byte" cmp -n 30000 flash.bin "$2.bin"
}

cat >>expect.py <<'END'
import sys
flash = open("flash.bin", "rb").read()
sys.exit(any(b != 0xa5 for b in flash[30720:]))
END

for kind in plain openocd pyocd blackmagic oldblackmagic; do
	fresh
	serve kind=$kind fill=a5
	gdb one
	flashed "$kind" one
	ok "$kind: the rest as before" python3 expect.py
	grep -q '^run' server.txt
	is "$kind: it runs" $? 0
	: >server.txt
	gdb one
	is "$kind: again" "$status" 0
	is "$kind: nothing is erased" "$(grep -c '^erase' server.txt)" 0
	: >server.txt
	gdb changed
	flashed "$kind: one byte" changed
	is "$kind: one sector" "$(grep '^erase' server.txt)" 'erase 4c00+400'
	stop_server
done

for fault in nak=7 nak=50 badsum=9 badsum=60 noise=1 console=1 lostack=150 small=1 shortread=1 notify=1 crc=1 badcrc=1 nomap=1; do
	fresh
	serve kind=plain fill=a5 "$fault"
	if [ "$fault" = nomap=1 ]; then
		gdb one
		is "$fault: an error" "$status" 1
	else
		gdb one
		flashed "$fault" one
	fi
	stop_server
done

# What cannot be mended is an error, and the next run ends well.
for fault in silent=40 error=erase error=write error=done badmap=1 garbage=30 losttarget=1; do
	fresh
	serve kind=plain fill=a5 "$fault"
	gdb one
	is "$fault: an error" "$status" 1
	unlike "$fault: no success is claimed" "$out$err" 'written and verified'
	like "$fault: told" "$err" '^error: stm32/IN_FLASH flash: '
	stop_server
	serve kind=plain
	gdb one
	flashed "$fault: then" one
	stop_server
done

# Killed at every 5 %: the packets of a whole run are counted first.
fresh
serve kind=plain fill=a5
gdb one
packets=$(sed -n 's/^packets //p' server.txt | tail -n 1)
stop_server
fresh
step=5
claimed=0
wrong=0
while [ "$step" -le 95 ]; do
	fresh
	serve kind=plain fill=a5 die=$((packets * step / 100))
	gdb one
	[ "$status" = 1 ] || claimed=$((claimed + 1))
	stop_server
	serve kind=plain
	gdb one
	cmp -s -n 30000 flash.bin one.bin && python3 expect.py && [ "$status" = 0 ] || wrong=$((wrong + 1))
	stop_server
	step=$((step + 5))
done
is 'killed at every 5 %: each run that was cut off says so' "$claimed" 0
is 'each time the next run ends well' "$wrong" 0
done_testing
