#!/bin/sh
# SPDX-License-Identifier: MIT
#
# mpflash info: firmware that others made, described; what is wrong with a firmware, told; text, JSON and map.
. "$(dirname "$0")/lib.sh"
# shellcheck source=../peers/lib.sh
. "$TESTS_DIR/peers/lib.sh"

need python3
microbit=/usr/share/firmware-microbit-micropython/firmware.hex
[ -r "$microbit" ] || bail "$microbit is not here; ./configure --deps test installs it"
cd "$T" || exit

# field EXPRESSION: of each JSON object in $out, as x; one line each
field() {
	printf '%s\n' "$out" | python3 -c 'import json, sys
for line in sys.stdin:
    x = json.loads(line)
    print(eval(sys.argv[1]))' "$1"
}

# --- a real MicroPython ---
run "$MPFLASH" info "$microbit"
is 'the micro:bit: no error' "$status$err" 0
like 'its board' "$out" '^  board    micro:bit$'
like 'its chip, by the banner only' "$out" '^  chip     nRF51, probably$'
like 'its version' "$out" '^  version  v1\.9.* \(MicroPython\)$'
like 'its methods, by the rules of the port' "$out" '^  methods  pyocd, openocd, probe-rs, gdb$'
like 'its vector table' "$out" '^  ok       vectors: the vector table at 0x00000000 starts at 0x0001ccd9, inside of the image$'
like 'its settings count as flash' "$out" '^  ok       address: all bytes are inside of the flash$'
unlike 'no map without a terminal' "$out" '^  map '
run "$MPFLASH" info --map "$microbit"
like 'a map on demand' "$out" '^  map      0x00000000 \|#{59}\+\.{4}\| 0x0003ffff$'
like 'with its scale' "$out" '^ +4 KiB a sign: # full, \+ partly, \. empty$'
like 'and another line for what is far away' "$out" '^  map      0x10001000 \|...\+'
run "$MPFLASH" info --json "$microbit"
is 'JSON: what is known' "$(field '[x["file"], x["member"], x["chip"], x["chip_certain"], x["board"], x["python"], x["alt"], x["usb_id"], x["family"], x["base_guessed"]]')" \
	"['$microbit', None, 'nrf51', False, 'micro:bit', 'MicroPython', None, None, None, False]"
is 'JSON: checks' "$(field '[(c["name"], c["level"]) for c in x["checks"]]')" "[('address', 'ok'), ('vectors', 'ok')]"
is 'JSON: methods' "$(field 'x["methods"]')" "['pyocd', 'openocd', 'probe-rs', 'gdb']"
run "$MPFLASH" info --chip nrf52840 "$microbit"
like 'checked for another chip' "$out" '^  warning  chip: the image is probably for the nRF51, the board has the nRF52840$'
run "$MPFLASH" info --chip nrf99 "$microbit"
is 'a chip that is not known: usage' "$status" 2

# --- what files say ---
"$MPFLASH" convert "$microbit" a.uf2 --family rp2350-riscv || bail 'convert'
run "$MPFLASH" info --json a.uf2
is 'a family states the chip' "$(field '[x["chip"], x["chip_certain"], x["family"]]')" "['rp2350', True, 'rp2350-riscv']"
like 'and that is not what is in it' "$(field '[c["text"] for c in x["checks"] if c["level"] == "error"]')" 'outside of the flash'
"$MPFLASH" convert "$microbit" a.dfu --id 1234:abcd || bail 'convert'
run "$MPFLASH" info a.dfu
like 'the USB id' "$out" '^  usb id   1234:abcd$'
printf 'Adafruit CircuitPython 9.2.1 on 2024-11-20; Some Board with samd21g18\0' >circuit.bin
run "$MPFLASH" info circuit.bin --base 0x2000
like 'another Python' "$out" '^  version  9\.2\.1 \(CircuitPython\)$'
like 'its board' "$out" '^  board    Some Board$'
like 'and what it lacks' "$out" '^  warning  vectors: the vector table at 0x00002000'
printf 'X\033[31mY with RP2040\0' >evil.bin
printf 'Z\302\23331m\233\377 with RP2040\0' >evil8.bin # the same in one character of UTF-8, and bytes that are none
run "$MPFLASH" info circuit.bin evil.bin --base 0x10000000
unlike 'a terminal obeys no file' "$out" "$(printf '\033')"
run "$MPFLASH" info evil8.bin --base 0x10000000
like 'nor a control character of 8 bits' "$out" '^  board    Z\?\?31m\?\?$'

"$MPFLASH" convert circuit.bin@0x08000000 riscv.elf --chip esp32c3 || bail 'convert to ELF'
run "$MPFLASH" info --chip stm32f4 riscv.elf
like 'code for another processor' "$out" '^  error    chip: the image holds RISC-V code, the STM32F4 of the board runs ARM$'

# --- where a .bin goes ---
"$MPFLASH" convert --split "$microbit" part.bin >/dev/null || bail 'convert --split'
run "$MPFLASH" info part0.bin
like 'a guess says so' "$out" '^  base     0x00000000, a guess from its content; --base says another$'
like 'the rest is as usual' "$out" '^  ok       vectors: the vector table at 0x00000000'
run "$MPFLASH" convert part0.bin part.hex
is 'nothing is written by guess' "$status" 1
run "$MPFLASH" info part0.bin --base 0x20000
like 'said is not guessed' "$out" '^  segment  0x00020000-0x0005b88b'
unlike 'and not called so' "$out" '^  base '
like 'checks notice' "$out" '^  warning  vectors: the reset vector at 0x00020004 is 0x0001ccd9, outside of the image$'

# --- several files ---
printf ':0100000011EF\n:00000001FF\n' >bad.hex
printf 'hello' >hello.bin
run "$MPFLASH" info bad.hex "$microbit"
is 'one bad file: exit status' "$status" 1
like 'the others are shown' "$out" '^  board    micro:bit$'
like 'its error' "$err" '^error: bad\.hex \(Intel HEX\): line 1: the checksum is ef'
run "$MPFLASH" info bad.hex "$microbit" hello.bin nowhere.hex
like 'three bad files' "$err" '^error: 3 firmwares cannot be read:$'
like 'each is named' "$err" '^  cannot read nowhere\.hex: '
is 'as one error' "$(printf '%s\n' "$err" | grep -c '^error: ')" 1
run "$MPFLASH" info --json bad.hex "$microbit"
is 'JSON: a line for each, the bad one too' "$(field '"error" in x')" "$(printf 'True\nFalse')"

# --- firmware of others, packed ---
if peer_npm; then
	hubs=$NODE_PATH/@pybricks/firmware/build
	run "$MPFLASH" info --json "$hubs/cityhub.zip" "$hubs/essentialhub.zip" "$hubs/movehub.zip" "$hubs/primehub.zip" \
		"$hubs/technichub.zip"
	# Behind LEGO's boot loader of 20 or 32 KiB.
	is 'five hubs: where each goes' "$(field 'hex(x["segments"][0]["address"])' | tr '\n' ' ')" \
		'0x8005000 0x8008000 0x8005000 0x8008000 0x8008000 '
	is 'the member of the archive' "$(field 'x["member"]' | sort -u)" firmware-base.bin
	is 'their chips, where a banner names them' "$(field 'x["chip"]' | tr '\n' ' ')" 'stm32f0 stm32f4 None stm32f4 stm32l4 '
	is 'all checks are good' "$(field '[c["text"] for c in x["checks"] if c["level"] != "ok"]' | sort -u)" '[]'
	run "$MPFLASH" info --json "$NODE_PATH"/dapjs/binaries/nrf51dk-red.hex
	is 'an mbed program: no Python, no chip' "$(field '[x["python"], x["chip"], len(x["segments"])]')" '[None, None, 3]'
else
	skip 'firmware of others' "$why"
fi

done_testing
