# shellcheck shell=sh
# SPDX-License-Identifier: MIT
#
# For tests of `mpflash flash`, after lib.sh, tests/emu/emu.sh and tests/net/lib.sh: a download site with firmware of two boards, and
# emulated boards of these kinds that go into their bootloaders and come back with what was flashed.
#
#	releases             the site's pages and files: PYBV11 (dfu) and RPI_PICO (uf2), v1.25.0, v1.26.0 and a preview
#	pyboard N [SAYS]     a PYBV11 at 1-N runs (/dev/ttyACMN; its flash is $T/flashN.bin); SAYS: a file of `says`
#	pico N [SAYS]        the same for an RPI_PICO
#	enters N [WORDS]     when that is told to, it goes into its bootloader, and comes back as $T/new-pyboard or $T/new-pico
#	says FILE BOARD MACHINE VERSION   what a board answers
#	split FILE SEED      a PYBV11's firmware: two parts, with the user's files between; FILE.dfu and FILE.hex
#	boot2 FILE SEED      an RPI_PICO's; FILE.bin and FILE.uf2
#	holds_split SEED N, holds_boot2 SEED N   the flash of board N is that

says() {
	says_numbers=$(printf '%s' "$4" | sed 's/^v//; s/-preview.*//; s/\./, /g')
	says_preview=$(printf '%s' "$4" | sed -n 's/.*-preview.*/preview/p')
	says_platform=rp2
	case $2 in PYB*) says_platform=pyboard ;; ESP32*) says_platform=esp32 ;; esac
	{
		printf "(name='micropython', version=(%s, '%s'), _machine='%s', _mpy=4358, _build='%s')\r\n" "$says_numbers" "$says_preview" \
			"$3" "$2"
		printf '3.4.0; MicroPython %s on 2026-01-01\r\n%s\r\n' "$4" "$says_platform"
	} >"$1"
}

split() {
	python3 - "$1" "$2" <<'END' || bail "no $1"
import random, struct, sys
r = random.Random(int(sys.argv[2]))
parts = ((0x0800, struct.pack("<2I", 0x20020000, 0x08020011) + r.randbytes(4096 - 8)), (0x0802, r.randbytes(8192)))
def record(kind, address, data):
    body = bytes([len(data), address >> 8 & 255, address & 255, kind]) + data
    return ":%s%02X\n" % (body.hex().upper(), -sum(body) & 255)
with open(sys.argv[1] + ".hex", "w") as out:
    for base, data in parts:
        out.write(record(4, 0, struct.pack(">H", base)))
        for at in range(0, len(data), 16):
            out.write(record(0, at, data[at:at + 16]))
    out.write(":00000001FF\n")
END
	"$MPFLASH" convert "$1.hex" "$1.dfu" >/dev/null 2>&1 || bail "no $1.dfu"
}

holds_split() {
	python3 - "$1" "flash$2.bin" <<'END'
import random, struct, sys
r = random.Random(int(sys.argv[1]))
parts = ((0, struct.pack("<2I", 0x20020000, 0x08020011) + r.randbytes(4096 - 8)), (0x20000, r.randbytes(8192)))
flash = open(sys.argv[2], "rb").read()
sys.exit(any(flash[at:at + len(data)] != data for at, data in parts))
END
}

boot2() {
	python3 - "$1.bin" "$2" <<'END' || bail "no $1"
import random, struct, sys
body = bytearray(random.Random(int(sys.argv[2])).randbytes(16384))
crc = 0xFFFFFFFF
for byte in body[:252]:
    crc ^= byte << 24
    for _ in range(8):
        crc = (crc << 1 ^ 0x04C11DB7 if crc & 0x80000000 else crc << 1) & 0xFFFFFFFF
struct.pack_into("<I", body, 252, crc)
struct.pack_into("<2I", body, 256, 0x20042000, 0x10000301)
open(sys.argv[1], "wb").write(body)
END
	"$MPFLASH" convert --base 0x10000000 --family rp2040 "$1.bin" "$1.uf2" >/dev/null 2>&1 || bail "no $1.uf2"
}

holds_boot2() {
	boot2 "seed$1" "$1"
	cmp -n 16384 "seed$1.bin" "flash$2.bin"
}

releases() {
	for release in 20250415-v1.25.0:25 20250809-v1.26.0:26 20251001-v1.27.0-preview.97.gabcdef0123:27; do
		split "$T/site/resources/firmware/PYBV11-${release%:*}" "${release#*:}"
		boot2 "$T/site/resources/firmware/RPI_PICO-${release%:*}" "${release#*:}"
	done
	rm "$T"/site/resources/firmware/*.hex "$T"/site/resources/firmware/*.bin
	page PYBV11 stm32 PYBV11-20251001-v1.27.0-preview.97.gabcdef0123.dfu PYBV11-20250809-v1.26.0.dfu PYBV11-20250415-v1.25.0.dfu
	page RPI_PICO rp2 RPI_PICO-20251001-v1.27.0-preview.97.gabcdef0123.uf2 RPI_PICO-20250809-v1.26.0.uf2 RPI_PICO-20250415-v1.25.0.uf2
	port_page stm32 PYBV11
	port_page rp2 RPI_PICO
	says "$T/old-pyboard" PYBV11 'PYBv1.1 with STM32F405RG' v1.24.0
	says "$T/new-pyboard" PYBV11 'PYBv1.1 with STM32F405RG' v1.26.0
	says "$T/old-pico" RPI_PICO 'Raspberry Pi Pico with RP2040' v1.24.0
	says "$T/new-pico" RPI_PICO 'Raspberry Pi Pico with RP2040' v1.26.0
}

pyboard() {
	emu usb "1-$1" f055:9800 "serial=0000000$1" product=Pyboard "cdc=ttyACM$1"
	emu board "ttyACM$1" raw "${2-$T/old-pyboard}"
	[ -e "$T/flash$1.bin" ] || head -c 1048576 /dev/zero >"$T/flash$1.bin"
	eval "kind$1=pyboard"
}

pico() {
	emu usb "1-$1" 2e8a:0005 "serial=e6614c311b8a5f2$1" product=Pico "cdc=ttyACM$1"
	emu board "ttyACM$1" raw "${2-$T/old-pico}"
	[ -e "$T/flash$1.bin" ] || head -c 2097152 /dev/zero >"$T/flash$1.bin"
	eval "kind$1=pico"
}

enters() {
	enters_n=$1 enters_kind=
	shift
	eval "enters_kind=\$kind$enters_n"
	emu on "bootloader ttyACM$enters_n" '=>' 20 remove "1-$enters_n"
	if [ "$enters_kind" = pyboard ]; then
		emu on "bootloader ttyACM$enters_n" '=>' 80 model "1-$enters_n" dfu "flash=$T/flash$enters_n.bin" chip=f405 \
			"serial=A1B2C3D4000$enters_n" "$@"
		emu on "left 1-$enters_n" '=>' 30 usb "1-$enters_n" f055:9800 "serial=0000000$enters_n" product=Pyboard "cdc=ttyACM$enters_n"
	else
		emu on "bootloader ttyACM$enters_n" '=>' 80 model "1-$enters_n" picoboot chip=rp2040 "flash=$T/flash$enters_n.bin" size=2048 "$@"
		emu on "left 1-$enters_n" '=>' 30 usb "1-$enters_n" 2e8a:0005 "serial=e6614c311b8a5f2$enters_n" product=Pico \
			"cdc=ttyACM$enters_n"
	fi
	emu on "left 1-$enters_n" '=>' 40 board "ttyACM$enters_n" raw "$T/new-$enters_kind"
}

flash() {
	run emu_run "$MPFLASH" flash "$@"
}
