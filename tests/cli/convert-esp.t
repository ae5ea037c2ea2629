#!/bin/sh
# SPDX-License-Identifier: MIT
#
# ESP firmware against esptool: apps from ELF files, boot image, partition table and app merged into one file, flash
# settings, and what esptool says of the files.
. "$(dirname "$0")/lib.sh"
# shellcheck source=../peers/lib.sh
. "$TESTS_DIR/peers/lib.sh"

need python3 riscv64-unknown-elf-gcc xtensa-lx106-elf-gcc
peer_python || skip_all "$why"
cd "$T" || exit

esptool() {
	PYTHONPATH=$PEER_PYTHON python3 -m esptool "$@" >esptool.log 2>&1 || {
		cat esptool.log
		return 1
	}
}

# field NAME: of the JSON object in $out
field() {
	printf '%s' "$out" | python3 -c 'import json, sys; print(json.load(sys.stdin)[sys.argv[1]])' "$1"
}

# --- ELF files ---------------------------------------------------------------------------------------------

cat >app.c <<'END'
#define AT(name) __attribute__((section(name), used))
AT(".flash.appdesc") const struct {
	unsigned magic, secure, reserved[2];
	char version[32], project[32], time[16], date[16], idf[32];
	unsigned char sha256[32], more[80];
} desc = { 0xabcd5432, 0, { 0 }, "v1.29.0-test", "micropython", "12:34:56", "Nov 22 2026", "v5.5.1", { 0 }, { 0, 0, 0, 0, PAGE } };
AT(".flash.rodata") const char banner[RODATA] = "MicroPython v1.29.0-test on 2026-11-22; a test";
AT(".iram0.text") void _start(void) { for (;;); }
AT(".iram0.data") char iram[70001] = { 1, 2, 3 };
AT(".dram0.data") int dram[33] = { 4, 5, 6 };
AT(".flash.text") int flash(int x) { return dram[x & 31] + banner[x & 1]; }
int bss[100];
END
cat >boot.c <<'END'
#define AT(name) __attribute__((section(name), used))
AT(".dram0.bootdesc") const struct {
	unsigned char magic, reserved[3];
	unsigned version;
	char idf[32], date[24], more[16];
} desc = { 0x50, { 0 }, 1, "v5.5.1", "Nov 22 2026 12:34:56", { 0 } };
AT(".dram0.data") int dram[50] = { 7, 8 };
AT(".iram0.text") void _start(void) { for (;;); }
END

page=0 # log2 of the flash page size that an app description states
# elf NAME CHIP RODATA: NAME-CHIP.elf from NAME.c, with so many bytes of constants in flash
elf() {
	case $2 in
	esp32) set -- "$@" xtensa-lx106-elf-gcc 0x40080000 0x3ffb0000 0x3f400020 0x400d0020 ;;
	esp32s2) set -- "$@" xtensa-lx106-elf-gcc 0x40028000 0x3ffc0000 0x3f000020 0x40080020 ;;
	esp32s3) set -- "$@" xtensa-lx106-elf-gcc 0x40374000 0x3fc90000 0x3c000020 0x42010020 ;;
	esp32c3) set -- "$@" riscv64-unknown-elf-gcc 0x4037c000 0x3fc90000 0x3c000020 0x42010020 ;;
	esp32c6) set -- "$@" riscv64-unknown-elf-gcc 0x40800000 0x40830000 0x42000020 0x42008020 ;;
	esp8266) set -- "$@" xtensa-lx106-elf-gcc 0x40100000 0x3ffe8000 0x40209000 0x40210000 ;;
	esac
	cat >"$2.ld" <<-END
		ENTRY(_start)
		SECTIONS {
			.iram0.text $5 : { *(.iram0.literal) *(.iram0.text) *(.iram0.data) }
			.dram0.bootdesc $6 : { *(.dram0.bootdesc) }
			.dram0.data : { *(.dram0.data) }
			.dram0.bss (NOLOAD) : { *(.bss) *(COMMON) }
			.flash.text $8 : { *(.flash.literal) *(.flash.text) }
			.flash.appdesc $7 : { *(.flash.appdesc) }
			.flash.rodata : { *(.flash.rodata) *(.rodata*) }
			/DISCARD/ : { *(.comment) *(.riscv.attributes) *(.xtensa.info) *(.xt.*) }
		}
	END
	flags=
	case $4 in
	riscv*) flags='-march=rv32imc -mabi=ilp32 -msmall-data-limit=0' ;;
	esac
	# shellcheck disable=SC2086
	"$4" $flags "-DRODATA=$3" "-DPAGE=$page" -nostdlib -O1 -fno-builtin -T "$2.ld" -Wl,--build-id=none -o "$1-$2.elf" "$1.c" 2>cc.log ||
		bail "$4: $(cat cc.log)"
}

# 0xfeec bytes let the ESP32's segment end right behind a page: esptool adds bytes that its boot loader then maps.
for case in esp32:1021 esp32:65260 esp32s2:1021 esp32s3:1021 esp32c3:1021 esp32c3:130000 esp32c6:1021; do
	chip=${case%:*}
	[ "$chip" != esp32c6 ] || page=15
	elf app "$chip" "${case#*:}"
	ok "$case: esptool makes an app" esptool --chip "$chip" elf2image -o theirs.bin "app-$chip.elf"
	ok "$case: and so do we" "$MPFLASH" convert --chip "$chip" --to esp "app-$chip.elf" ours.bin
	ok "$case: the same bytes" cmp theirs.bin ours.bin
done
like 'esptool agrees with the checksum' "$(esptool image-info ours.bin && cat esptool.log)" '^Checksum: 0x.. \(valid\)'
like 'and the SHA-256' "$(cat esptool.log)" '^Validation hash: .* \(valid\)'

ok 'esptool sets mode, size and frequency' esptool --chip esp32c3 elf2image --flash-mode dio --flash-size 4MB \
	--flash-freq 80m -o theirs.bin app-esp32c3.elf
ok 'so do we' "$MPFLASH" convert --chip ESP32C3 --to esp --flash-mode dio --flash-size 4MB --flash-freq 80m \
	app-esp32c3.elf ours.bin
ok 'to the same bytes' cmp theirs.bin ours.bin

page=0
elf app esp32c6 1021
not_ok 'code and constants in one flash page are refused by esptool' \
	esptool --chip esp32c6 elf2image -o theirs.bin app-esp32c6.elf
run "$MPFLASH" convert --chip esp32c6 --to esp app-esp32c6.elf no.bin
is 'and by us' "$status" 1
like 'with both addresses' "$err" '^error: no.bin: sections at 0x42000020 and 0x42008020 lie in the same flash page of 64 KiB$'
python3 -c 'import sys; d = bytearray(open("app-esp32c3.elf", "rb").read()); d[48:50] = b"\0\0"; sys.stdout.buffer.write(d)' >bare.elf
run "$MPFLASH" convert --chip esp32c3 --to esp bare.elf no.bin
like 'an ELF without sections is no app' "$err" '^error: no.bin: the ELF file has no sections'
run "$MPFLASH" convert --to esp app-esp32c3.elf no.bin
is 'an ELF does not say its chip' "$status" 1
like 'the hint is how to' "$err" '^hint: .*--chip esp32c3'
run "$MPFLASH" convert --chip esp32s3 --to esp app-esp32c3.elf no.bin
like 'an ELF of another machine' "$err" '^error: no.bin: the ELF file is for RISC-V, which the ESP32-S3 is not'
run "$MPFLASH" convert --chip esp32c3 --flash-freq 60m --to esp app-esp32c3.elf no.bin
like 'a frequency that the chip has not' "$err" "an ESP32-C3 has no flash frequency '60m'"
not_ok 'and no file' test -e no.bin

# --- boot image, table and app in one ----------------------------------------------------------------------

cat >table.py <<'END'
import hashlib, struct, sys
entries = [(1, 2, 0x9000, 0x6000, b'nvs'), (1, 1, 0xf000, 0x1000, b'phy_init'),
           (0, 0, 0x10000, 0x1f0000, b'factory'), (1, 0x81, 0x200000, 0x200000, b'vfs')]
table = b''.join(struct.pack('<HBBII16sI', 0x50aa, *e, 0) for e in entries)
table += b'\xeb\xeb' + b'\xff' * 14 + hashlib.md5(table).digest()
sys.stdout.buffer.write(table.ljust(0xc00, b'\xff'))
END
python3 table.py >table.bin

for chip in esp32 esp32c3; do
	boot=0x0
	[ "$chip" != esp32 ] || boot=0x1000
	elf app "$chip" 1021
	elf boot "$chip" 0
	ok "$chip: a boot image" esptool --chip "$chip" elf2image -o boot.bin "boot-$chip.elf"
	ok "$chip: an app" esptool --chip "$chip" elf2image -o app.bin "app-$chip.elf"
	ok "$chip: esptool merges from the boot offset on" esptool --chip "$chip" merge-bin --target-offset "$boot" \
		-o theirs.bin "$boot" boot.bin 0x8000 table.bin 0x10000 app.bin
	ok "$chip: we merge" "$MPFLASH" convert "boot.bin@$boot" table.bin@0x8000 app.bin@0x10000 ours.bin --to esp
	ok "$chip: to the same bytes" cmp theirs.bin ours.bin
	ok "$chip: each knows its place" "$MPFLASH" convert app.bin table.bin boot.bin placed.bin --to esp
	ok "$chip: so that no address is needed" cmp ours.bin placed.bin
	ok "$chip: esptool merges from 0 on" esptool --chip "$chip" merge-bin -o theirs0.bin \
		"$boot" boot.bin 0x8000 table.bin 0x10000 app.bin
	ok "$chip: which is read" "$MPFLASH" convert theirs0.bin again.bin --to esp
	ok "$chip: as the same firmware" cmp again.bin ours.bin
	ok "$chip: esptool pads" esptool --chip "$chip" merge-bin --pad-to-size 4MB -o theirs4.bin \
		"$boot" boot.bin 0x8000 table.bin 0x10000 app.bin
	run "$MPFLASH" info --json ours.bin theirs4.bin
	is "$chip: and that is the same too" "$(printf '%s\n' "$out" | grep -o '"digest":"[0-9a-f]*"' | uniq | wc -l)" 1
	ok "$chip: esptool changes the flash settings" esptool --chip "$chip" merge-bin --target-offset "$boot" \
		--flash-mode dio --flash-size 16MB --flash-freq 80m -o theirs.bin "$boot" boot.bin 0x8000 table.bin 0x10000 app.bin
	ok "$chip: we do" "$MPFLASH" convert ours.bin set.bin --to esp --flash-mode dio --flash-size 16MB --flash-freq 80m
	ok "$chip: to the same bytes" cmp theirs.bin set.bin
done
# C3, as the loop left them
run "$MPFLASH" info --json ours.bin
is 'it is found by its content' "$(field format)" esp
is 'with its three parts' "$(field segments)" \
	"[{'address': 0, 'size': $(wc -c <boot.bin)}, {'address': 32768, 'size': 3072}, {'address': 65536, 'size': $(wc -c <app.bin)}]"
is 'and a version' "$(field version)" v1.29.0-test
digest=$(field digest)
ok 'through a .hex' "$MPFLASH" convert ours.bin ours.hex
run "$MPFLASH" info --json ours.hex
is 'it stays the same' "$(field digest)" "$digest"
ok 'and back' "$MPFLASH" convert ours.hex back.bin --to esp
ok 'come the same bytes' cmp back.bin ours.bin
run "$MPFLASH" info --json app.bin
is 'an app alone goes to its partition' "$(field segments)" "[{'address': 65536, 'size': $(wc -c <app.bin)}]"
run "$MPFLASH" convert app.bin no.bin --to esp --flash-mode dio
like 'an app has no flash settings' "$err" 'no boot image in it'
run "$MPFLASH" convert --from bin --base 0 ours.bin plain.hex
is 'it may be taken as plain bytes' "$status" 0
ok 'all of them' "$MPFLASH" convert plain.hex plain.bin
ok 'with the padding' cmp plain.bin ours.bin

# --- ESP8266 -----------------------------------------------------------------------------------------------

elf boot esp8266 0
ok 'esptool makes an image for the ESP8266' esptool --chip esp8266 elf2image -o old- boot-esp8266.elf
run "$MPFLASH" info --json old-0x00000.bin
is 'it is an ESP image' "$(field format)" esp
is 'at the start of flash' "$(field segments)" "[{'address': 0, 'size': $(wc -c <old-0x00000.bin)}]"
# what MicroPython's makeimg.py for the ESP8266 does
python3 - <<'END' >old.bin
import hashlib, struct, sys
head = open('old-0x00000.bin', 'rb').read()
rom = b'MicroPython v1.29.0-test on 2026-11-22'.ljust(5000, b'\x21')
image = head.ljust(0x9000 - 4, b'\xff') + struct.pack('<I', 0x9000 + len(rom)) + rom
sys.stdout.buffer.write(image + hashlib.md5(image[4:]).digest())
END
run "$MPFLASH" info --json old.bin
is 'a whole firmware is one piece' "$(field segments)" "[{'address': 0, 'size': $(wc -c <old.bin)}]"
is 'with a version' "$(field version)" v1.29.0-test
ok 'esptool sets its flash size' esptool --chip esp8266 merge-bin --flash-size 4MB --flash-mode dio -o theirs.bin 0 old.bin
ok 'so do we' "$MPFLASH" convert old.bin set.bin --to esp --flash-size 4MB --flash-mode dio
ok 'to the same bytes, and the MD5 still holds' cmp theirs.bin set.bin
run "$MPFLASH" convert --chip esp8266 --to esp boot-esp8266.elf no.bin
like 'its ELF files are for its port' "$err" '^error: no.bin: an ELF for the ESP8266 becomes two files'

run "$MPFLASH" convert --entry 0x40080000 --to esp old.bin no.bin
is 'an entry address is not put into an image that is there' "$status" 1
like 'and not left out in silence' "$err" '^error: no.bin: the entry address stands in the ESP image itself'

# --- damage ------------------------------------------------------------------------------------------------

python3 -c 'import sys; d = bytearray(open("ours.bin", "rb").read()); d[0x10123] ^= 1; sys.stdout.buffer.write(d)' >bad.bin
run "$MPFLASH" info bad.bin
is 'a damaged app is refused' "$status" 1
like 'where it is' "$err" '^error: bad.bin \(ESP firmware\): offset 0x[0-9a-f]+: the checksum of the image at 0x10000 is'
like 'with the next step' "$err" '^hint: the file is damaged: build or download it again'
head -c 70000 ours.bin >cut.bin
run "$MPFLASH" convert cut.bin cut.hex
like 'so is one that is cut off' "$err" 'run past the end of the file \(70000 bytes\)'

done_testing
