# shellcheck shell=sh
# SPDX-License-Identifier: MIT
#
# Boards with the drive of a UF2 bootloader, for the tests of that method. To be read first, instead of lib.sh: the test is run in a mount
# namespace of its own.
#
#	image FILE BASE KIB SEED FAMILY   FILE.bin and FILE.uf2
#	info VERSION MODEL BOARD-ID ...   what the next drive's INFO_UF2.TXT says; m4: that of a Feather M4
#	plug [WORDS OF emu_uf2]           a board that waits with its drive at ./drive; it keeps what was written in ./taken
#	unplug                            it is gone
#	comes_back [LINE...]              in the background ($back): when its drive has gone, it runs
#	flash TARGET OPTIONS              mpflash make, forced, on that board
if [ -z "${UF2_MOUNTS-}" ] && unshare -m true 2>/dev/null; then
	UF2_MOUNTS=1 exec unshare -m sh "$0"
fi
. "$(dirname "$0")/lib.sh"
# shellcheck source=../emu/emu.sh
. "$TESTS_DIR/emu/emu.sh"

if [ -z "${UF2_MOUNTS-}" ] || [ ! -e /dev/fuse ]; then
	skip_all 'needs /dev/fuse and unshare -m'
fi
need python3 umockdev-wrapper fusermount3
cd "$T" || exit
emu_start
mkdir drive

# image FILE BASE KIB SEED FAMILY
image() {
	python3 - "$1.bin" "$2" "$3" "$4" <<'END'
import random, struct, sys
base = int(sys.argv[2], 0)
body = bytearray(random.Random(int(sys.argv[4])).randbytes(int(sys.argv[3]) * 1024))
struct.pack_into("<2I", body, 0, 0x20010000, base + 0x201)
open(sys.argv[1], "wb").write(body)
END
	"$MPFLASH" convert --base "$2" --family "$5" "$1.bin" "$1.uf2" || bail "convert $1"
}

cat >boards.rules <<'END'
port samd
  board FEATHER_M4
    chip = samd51
    flash = uf2
    flash.base = 0x4000
    uf2.family = samd51
port nrf
  board FEATHER_52840
    chip = nrf52840
    flash = uf2
    uf2.family = nrf52840
port rp2
  board RPI_PICO2
    chip = rp2350
    flash = uf2
    uf2.family = rp2350-arm-s
END

info() {
	printf 'UF2 Bootloader %s\r\nModel: %s\r\nBoard-ID: %s\r\n%s' "$1" "$2" "$3" "${4-}" >info.txt
}
m4() {
	info v3.15.0 'Feather M4 Express' SAMD51J19A-Feather-v0
}
# plug [WORDS OF emu_uf2]: a board that waits with its drive, and comes back when that has gone
plug() {
	unplug
	emu usb 1-3 239a:0022 product=Feather block=sdc:FEATHERBOOT
	rm -f taken
	emu_uf2 -d /dev/sdc -i info.txt -o "$T/taken" "$@" drive || bail 'no drive'
}
unplug() {
	emu forget
	! grep -qs . "$emu_root/sys/bus/usb/devices/1-3/idVendor" || emu remove 1-3
	umount -l drive 2>/dev/null
}
# comes_back [LINE...]: as the kernel does when the board restarts: its drive goes, then it is another device. Then more lines for the rig.
comes_back() {
	(
		tries=0
		while mountpoint -q drive && [ $tries -lt 200 ]; do
			tries=$((tries + 1))
			sleep 0.05
		done
		printf 'remove 1-3\n' >"$emu_dir/in" && read -r _ <"$emu_dir/out"
		sleep 0.1
		for line in 'usb 1-3 239a:8022 serial=DF6050A04B1F4B2D cdc=ttyACM0' "$@"; do
			printf '%s\n' "$line" >"$emu_dir/in" && read -r _ <"$emu_dir/out"
		done
	) &
	# shellcheck disable=SC2034 # for the test to wait for
	back=$!
}
flash() {
	flash_target=$1
	shift
	run emu_run "$MPFLASH" make -B --rules boards.rules --no-probe --device usb-1-3 "$flash_target" "$@"
}
