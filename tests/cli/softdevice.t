#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The rule `merge`, and what the nrf port's rules do with it: firmware with the SoftDevice that it runs on.
. "$(dirname "$0")/lib.sh"

need git arm-none-eabi-gcc arm-none-eabi-objcopy make srec_cat python3
small_tree "$T/tree"
cd "$T/tree" || exit
files=build-mpflash

# A port that is laid out and called as ports/nrf is: SD, MCU_VARIANT, SOFTDEV_VERSION and the stack's place.
nrf=ports/nrf
mkdir -p $nrf/boards/DK52 $nrf/boards/DK51
printf '{"mcu": "nrf52"}\n' >$nrf/boards/DK52/board.json
printf '{"mcu": "nrf51"}\n' >$nrf/boards/DK51/board.json
printf 'MCU_VARIANT = nrf52\nSOFTDEV_VERSION = 6.1.1\n' >$nrf/boards/DK52/mpconfigboard.mk
printf 'MCU_VARIANT = nrf51\nSOFTDEV_VERSION = 8.0.0\n' >$nrf/boards/DK51/mpconfigboard.mk
printf 'int main(void)\n{\n\treturn 42;\n}\n\nconst char data[3000] = "application";\n' >$nrf/main.c
cat >$nrf/Makefile <<'END'
include boards/$(BOARD)/mpconfigboard.mk
START = 0
ifneq ($(SD),)
START = 0x26000
STACK = drivers/bluetooth/$(SD)_$(MCU_VARIANT)_$(SOFTDEV_VERSION)/$(SD)_$(MCU_VARIANT)_$(SOFTDEV_VERSION)_softdevice.hex
ifeq ($(wildcard $(STACK)),)
$(error Bluetooth LE stack not found)
endif
endif
all:
	arm-none-eabi-gcc -mcpu=cortex-m0 -mthumb -nostdlib -Wl,-e,main,-Ttext=$(START),--build-id=none -o $(BUILD)/firmware.elf main.c
	arm-none-eabi-objcopy -O ihex $(BUILD)/firmware.elf $(BUILD)/firmware.hex
	arm-none-eabi-objcopy -O binary $(BUILD)/firmware.elf $(BUILD)/firmware.bin
END
printf 'port nrf\nmpy-cross = no\n' >>mpflash.rules
git add -A && git -c user.name=A -c user.email=a@example.org commit -qm 'A port with SoftDevices'

softdevice() { # NAME BYTES: such a file, where download_ble_stack.sh puts it
	mkdir -p "$nrf/drivers/bluetooth/$1"
	python3 -c 'import sys; sys.stdout.buffer.write(bytes(i * i % 251 for i in range(int(sys.argv[1]))))' "$2" >"$T/sd.bin"
	arm-none-eabi-objcopy -I binary -O ihex "$T/sd.bin" "$nrf/drivers/bluetooth/$1/$1_softdevice.hex"
}

names() {
	(cd "$1" && find . -type f | sort | tr '\n' ' ')
}

# binary FILE OUT: from 0 to 0x28000, holes as ff
binary() {
	srec_cat "$1" -intel -fill 0xff 0 0x28000 -o "$2" -binary || bail "srec_cat cannot read $1"
}

# --- nrf ---------------------------------------------------------------------------------------------------------------

run "$MPFLASH" make DK52
is 'without SD: the application' "$status" 0 || diag "$err"
is 'and nothing else' "$(names $files/DK52)" './firmware.bin ./firmware.elf ./firmware.hex '
unlike 'no step for it' "$err$out" merge
run "$MPFLASH" make --set SD=s132 DK52
is 'SD, and no stack in the tree' "$status" 1
like 'is what the port says' "$err" 'Bluetooth LE stack not found'

softdevice s132_nrf52_6.1.1 150000
sd=$nrf/drivers/bluetooth/s132_nrf52_6.1.1/s132_nrf52_6.1.1_softdevice.hex
run "$MPFLASH" make --set SD=s132 DK52
is 'SD=s132' "$status" 0 || diag "$err"
is 'a further file has both' "$(names $files/DK52)" \
	'./firmware-softdevice.hex ./firmware.bin ./firmware.elf ./firmware.hex '
srec_cat $sd -intel $files/DK52/firmware.hex -intel -o "$T/both.hex" -intel || bail 'srec_cat cannot merge'
binary "$T/both.hex" "$T/want.bin"
binary $files/DK52/firmware-softdevice.hex "$T/got.bin"
ok "the same bytes as srec_cat's" cmp "$T/want.bin" "$T/got.bin"
is 'the application begins behind the SoftDevice' "$(dd if="$T/got.bin" bs=1 skip=$((0x26000)) count=8 2>/dev/null | xxd -p)" \
	"$(head -c 8 $files/DK52/firmware.bin | xxd -p)"
run "$MPFLASH" make --set SD=s132 DK52
like 'again: nothing to do' "$err" '^nothing to do: 2 steps up to date'
run "$MPFLASH" make DK52 -- SD=s132
like 'behind -- it is the same' "$err" '^merge .*nrf/DK52: '
run "$MPFLASH" make --set SD=s140 --set SD=s132 -n DK52
like 'the last of several counts' "$err$out" '^merge .*nrf/DK52'
softdevice s132_nrf52_6.1.1 140000
run "$MPFLASH" make --set SD=s132 DK52
like 'another SoftDevice is merged' "$err" "^merge .*nrf/DK52: done in .*: .*softdevice\.hex changed"
softdevice s110_nrf51_8.0.0 1000
run "$MPFLASH" make --set SD=s110 DK51
is 'another chip has another one' "$status" 0 || diag "$err"
binary $files/DK51/firmware-softdevice.hex "$T/got.bin"
ok 'it is in the file' cmp -n 1000 "$T/sd.bin" "$T/got.bin"
softdevice s132_nrf52_6.1.1 $((0x26000 + 16))
run "$MPFLASH" make --set SD=s132 DK52
is 'a SoftDevice that reaches into the application' "$status" 1
like 'both files and both ranges are named' "$err" \
	'^error: nrf/DK52 firmware-softdevice\.hex: 0x00026000-0x[0-9a-f]+ of firmware\.hex overlaps 0x00000000-0x0002600f of .*_softdevice\.hex$'
like 'with a hint' "$err" '^hint: only files for different places of one chip can be merged'
git checkout -q . && git clean -qfd $nrf

# --- the rule -----------------------------------------------------------------------------------------------------------

rules() {
	git show HEAD:mpflash.rules | sed '/^port nrf/,$d' >mpflash.rules
	cat >>mpflash.rules
}

printf 'a boot loader of some bytes' >"$T/boot.bin"
arm-none-eabi-objcopy -I binary -O ihex --change-addresses 0x8000 "$T/boot.bin" boot.hex
rules <<'END'
  build whole.hex: merge boot.hex firmware.elf
  build whole.uf2: merge firmware.elf boot.hex | ports/mini/main.c
  build whole.bin: merge boot.hex firmware.hex
    when = ${given.WHOLE}
  bin.fill = 0xff
END
run "$MPFLASH" make RED
is 'merge in rules of a tree' "$status" 0 || diag "$err"
like 'a file of each statement' "$out" 'RED/whole\.hex  [0-9]+ bytes'
like 'and format' "$out" 'RED/whole\.uf2  [0-9]+ bytes'
# shellcheck disable=SC2016 # backquotes of Markdown
not_ok 'a statement whose `when` is empty is none' test -e $files/RED/whole.bin
run "$MPFLASH" make --set WHOLE=1 RED
# shellcheck disable=SC2016 # backquotes of Markdown
is 'one whose `when` is not' "$status" 0 || diag "$err"
srec_cat boot.hex -intel $files/RED/firmware.hex -intel -o "$T/want.hex" -intel
srec_cat '(' "$T/want.hex" -intel -fill 0xff -over "$T/want.hex" -intel ')' -offset - -minimum-addr "$T/want.hex" -intel \
	-o "$T/want.bin" -binary
ok 'the same bytes as srec_cat, in a .bin too' cmp "$T/want.bin" $files/RED/whole.bin
is 'all formats hold one image' "$("$MPFLASH" info --json $files/RED/whole.hex $files/RED/whole.uf2 |
	python3 -c 'import json, sys; print(len({json.loads(l)["digest"] for l in sys.stdin}))')" 1
"$MPFLASH" make RED >/dev/null 2>&1
run "$MPFLASH" make RED
like 'no change, no step' "$err" '^nothing to do: '
printf 'another' >"$T/boot.bin"
arm-none-eabi-objcopy -I binary -O ihex --change-addresses 0x8000 "$T/boot.bin" boot.hex
run "$MPFLASH" make RED
like 'a change of the file in the tree' "$err" '^merge .*mini/RED: done in .*: boot\.hex changed$'
unlike 'compiles nothing' "$err" '^compile .*done'
sed -i 's/const/\/* *\/ const/' ports/mini/main.c
run "$MPFLASH" make RED
is 'an input behind | counts, and is not in the image' "$(printf '%s\n' "$err" | grep -c '^merge .*main\.c changed')" 1

mistake() { # NAME TEXT HINT
	run "$MPFLASH" make RED
	is "$1: fails" "$status" 1
	like "$1: says why" "$err" "^error: .*$2"
	like "$1: and what now" "$err" "^hint: $3"
}

rules <<'END'
  build whole.hex: merge missing.hex firmware.elf
END
mistake 'no such file' 'needs missing\.hex, which does not exist' 'name a file of the tree'
rules <<'END'
  build whole.txt: merge boot.hex firmware.elf
END
mistake 'no format' 'merge makes one image of its inputs' 'for example'
rules <<'END'
  build whole.hex other.hex: merge boot.hex firmware.elf
END
mistake 'two outputs' 'merge makes one image of its inputs' 'for example'
rules <<'END'
  build whole.hex: merge ports/mini/main.c firmware.elf
END
run "$MPFLASH" make RED
like 'no firmware' "$err" '^error: .*ports/mini/main\.c is no firmware image'
arm-none-eabi-objcopy -I binary -O ihex --change-addresses 0x10004 "$T/boot.bin" boot.hex
rules <<'END'
  build whole.hex: merge boot.hex firmware.elf
END
run "$MPFLASH" make RED
is 'an overlap' "$status" 1
like 'names both' "$err" 'boot\.hex.*firmware\.elf|firmware\.elf.*boot\.hex'

done_testing
