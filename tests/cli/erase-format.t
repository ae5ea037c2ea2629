#!/bin/sh
# SPDX-License-Identifier: MIT
#
# mpflash erase and format: the right file system at the right place, and never without being told to.
. "$(dirname "$0")/lib.sh"
# shellcheck source=../emu/emu.sh
. "$TESTS_DIR/emu/emu.sh"
# shellcheck source=../peers/lib.sh
. "$TESTS_DIR/peers/lib.sh"

need python3 umockdev-wrapper
unset CI GITHUB_ACTIONS
cd "$T" || exit
emu_start
emu_boards a=lfs2 b=lfs1-flash c=fat-flash d=blank e=stuck f=pico g=lfs2 h=slow-erase i=pico-ignored
n=0
for name in a b c d e f g h i; do
	emu usb 1-$((n + 1)) 2e8a:0005 serial=e6614c311b8a000$n cdc=ttyACM$n
	emu link ttyACM$n "$(readlink "$T/$name")"
	n=$((n + 1))
done
# did NAME: what happened to its file system
did() {
	grep -E '^(erase|umount|mkfs|mount) ' "$1.log" | paste -sd, -
}

run emu_run "$MPFLASH" format -s /dev/ttyACM0
is 'nobody to ask: exit status' "$status" 2
like 'nobody to ask: what would be lost' "$err" '^error: /dev/ttyACM0 \(RPI_PICO\): all files on it are lost\. Format\? nobody can be asked here$'
like 'nobody to ask: how to say yes' "$err" '^hint: --yes says yes$'
for answer in n '\r' '\x04' '\x03'; do
	run emu_run python3 "$TESTS_DIR/emu/keys.py" "+[y/N] $answer\\r" "$MPFLASH" erase -s /dev/ttyACM0
	like "the answer $answer: exit status" "$out" '^status 2$'
	like "the answer $answer: cancelled" "$out" 'error: cancelled$'
done
is 'nothing was done' "$(did a)" ''
run emu_run python3 "$TESTS_DIR/emu/keys.py" '+[y/N] y\r' "$MPFLASH" format -s /dev/ttyACM0
like 'yes: exit status' "$out" '^status 0$'
like 'yes: told' "$out" '^/dev/ttyACM0: formatted: VfsLfs2 at /, 8 blocks of 4096 bytes$'
is 'littlefs 2' "$(did a)" 'umount /,mkfs VfsLfs2 256,mount VfsLfs2 /'
like 'it starts with it' "$(tail -n 3 a.log)" '^soft reset'

run emu_run "$MPFLASH" format -y -s '/dev/ttyACM[1-4]'
is 'several: exit status' "$status" 0
is 'littlefs 1, where it was' "$(did b)" 'umount /flash,mkfs VfsLfs1 None,mount VfsLfs1 /flash'
is 'FAT, where it was' "$(did c)" 'umount /flash,mkfs VfsFat None,mount VfsFat /flash'
is 'nothing on it: littlefs 2' "$(did d)" 'umount /,mkfs VfsLfs2 256,mount VfsLfs2 /'
like 'one that does not answer is left out' "$err" '^/dev/ttyACM4: skipped: silent'

run emu_run "$MPFLASH" erase --yes -s /dev/ttyACM6 -s /dev/ttyACM1
is 'erase: exit status' "$status" 0
like 'erase: told' "$out" '^/dev/ttyACM6: erased: 8 blocks of 4096 bytes$'
is 'erase: every block, nothing else' "$(did g)" 'umount /,erase 0,erase 1,erase 2,erase 3,erase 4,erase 5,erase 6,erase 7'
like 'erase: then it is reset' "$(cat g.log)" '^hard reset'
like 'erase: not for stm32' "$err" '^/dev/ttyACM1: skipped: erase does not know the port stm32$'
run emu_run "$MPFLASH" format -y -s /dev/ttyACM5
is 'no flash: exit status' "$status" 1
like 'no flash: what the board says' "$err" "^/dev/ttyACM5: the board says 'ImportError: no module named '"
run emu_run "$MPFLASH" erase -y -s /dev/ttyACM4
is 'none: exit status' "$status" 1
like 'none: says so' "$err" '^error: no boards to erase$'
run emu_run "$MPFLASH" erase -y -s '*ACM8'
is 'a board that is to be left alone: exit status' "$status" 1
like 'a board that is to be left alone: told' "$err" '^/dev/ttyACM8: skipped: its board_info.toml says ignore$'
run emu_run "$MPFLASH" erase -y --device ttyACM8
unlike 'a board that is to be left alone, but named' "$err" 'skipped'
cat >twice.py <<'EOF'
import subprocess, sys, time
p = subprocess.Popen(sys.argv[2:], stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)
while "umount" not in open(sys.argv[1]).read():
    time.sleep(0.05)
p.send_signal(2)
time.sleep(1)
running = p.poll() is None
then = time.monotonic()
p.send_signal(2)
said = p.communicate()[1]
print(running, p.returncode, time.monotonic() - then < 2, said.splitlines()[-1])
EOF
run emu_run python3 twice.py h.log "$MPFLASH" erase -y -s /dev/ttyACM7
is 'Ctrl-C lets it end its work, another one does not' "$out" 'True 130 True error: interrupted'
exec 8>&-

# --- the same by MicroPython's own interpreter, on its own file systems
# real NAME PORT KIND VID:PID: a board of that port, with two files on a file system of that kind; $T/NAME.log tells
real() {
	# shellcheck disable=SC2086
	{
		emu usb 2-1 "$4" serial=123456 cdc=ttyACM9
		emu board ttyACM9 exec $emu_unix "$2" "$3" "$T/$1.log"
	}
}
# boots LOG: its starts, the same ones once
boots() {
	grep '^boot ' "$1.log" | uniq | paste -sd, -
}
if emu_unix; then
	while read -r port kind place ids; do
		name=$port-$kind
		real "$name" "$port" "$kind" "$ids"
		run emu_run "$MPFLASH" format -y -s /dev/ttyACM9
		is "$name, really: exit status" "$status" 0 || diag "$err"
		like "$name, really: told" "$out" "^/dev/ttyACM9: formatted: $kind at $place, "
		ok "$name, really: it starts anew" grep -q '^soft reset' "$name.log"
		is "$name, really: the same kind, empty, found where it was" "$(boots "$name")" \
			"boot $place $kind boot.py main.py,boot $place $kind "
		emu remove 2-1
	done <<-'END'
		rp2 VfsLfs2 / 2e8a:0005
		rp2 VfsFat / 2e8a:0005
		samd VfsLfs1 / 239a:801b
		samd VfsLfs2 / 239a:801b
		nrf VfsLfs1 /flash 239a:8029
		stm32 VfsFat /flash f055:9800
		stm32 VfsLfs2 /flash f055:9800
		esp32 VfsLfs2 / 303a:4001
		esp32 VfsFat / 303a:4001
	END
	for port in rp2 samd nrf; do
		real "erase-$port" $port VfsLfs2 239a:0001
		run emu_run "$MPFLASH" erase -y -s /dev/ttyACM9
		is "erase $port, really: exit status" "$status" 0 || diag "$err"
		like "erase $port, really: told" "$out" '^/dev/ttyACM9: erased: 24 blocks of 4096 bytes$'
		like "erase $port, really: its firmware makes a new one" "$(boots erase-$port)" \
			'^boot [^ ]+ VfsLfs2 boot\.py main\.py,boot [^ ]+ VfsLfs2 \(new\) $'
		like "erase $port, really: all blocks" "$(grep ^erase erase-$port.log | paste -sd, -)" \
			"erase 0,$(seq -s, -f 'erase %g' 1 23)"
		emu remove 2-1
	done
else
	skip "by MicroPython's own interpreter" "$why"
fi
emu_stop
done_testing
