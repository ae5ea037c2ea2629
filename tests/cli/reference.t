#!/bin/sh
# SPDX-License-Identifier: MIT
#
# A port whose own flash file leaves out a part of its ELF (as samd's does): that is told, with the place, and other formats
# derive from the file that the port ships.
. "$(dirname "$0")/lib.sh"

need python3 arm-none-eabi-gcc make
small_tree "$T/tree"
cd "$T/tree" || exit

cat >>mpflash.rules <<'END'
  reference = firmware.hex
  build firmware.hex: compile
  build firmware.dfu: dfu firmware.hex
END
sed -i 's/^  build firmware.elf firmware.bin |/  build firmware.elf firmware.bin firmware.hex |/
	/build firmware.hex: /d' mpflash.rules
# shellcheck disable=SC2016
printf '\nall: $(BUILD)/firmware.hex\n$(BUILD)/firmware.hex: $(BUILD)/firmware.elf\n\t$(CROSS_COMPILE)objcopy -O ihex -j .text $< $@\n' \
	>>ports/mini/Makefile
printf '\n__attribute__((section(".left_out"))) const char left_out[8] = "left out";\n' >>ports/mini/main.c

info() {
	"$MPFLASH" info --json "build-mpflash/RED/firmware.$1" | python3 -c 'import json, sys; print(json.load(sys.stdin)["'"$2"'"])'
}

run "$MPFLASH" make RED
is 'it is built' "$status" 0
like 'the difference is told, with its place' "$err" \
	'^note: mini/RED: firmware\.elf holds other bytes than firmware\.hex \([0-9]+ differ, the first at 0x000100[0-9a-f]{2}\); formats derive from the latter$'
isnt 'the ELF holds other bytes' "$(info elf digest)" "$(info hex digest)"
is 'other formats are those of the shipped file' "$(info dfu digest)" "$(info hex digest)"

sed -i 's/ -j \.text//' ports/mini/Makefile
run "$MPFLASH" make RED
is 'and without a difference' "$status" 0
unlike 'nothing is told' "$err" 'other bytes'
is 'both are the same' "$(info elf digest)" "$(info hex digest)"

done_testing
