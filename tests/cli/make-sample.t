#!/bin/sh
# SPDX-License-Identifier: MIT
#
# mpflash make on the sample tree: real builds of stm32 and rp2 boards, their formats against the ports' own files and
# objcopy's, split images, variants, boards that cannot be built.
. "$(dirname "$0")/lib.sh"

need git arm-none-eabi-gcc arm-none-eabi-objcopy make gcc cmake python3
sample_tree "$T/tree"
cd "$T/tree" || exit
files=build-mpflash

# digests FILE...: the different image digests of the files, one a line.
digests() {
	"$MPFLASH" info --json "$@" | python3 -c '
import json, sys
print("\n".join({json.loads(line)["digest"] for line in sys.stdin}))'
}

one_image() { # NAME FILE...
	one_name=$1
	shift
	is "$one_name" "$(digests "$@" | wc -l)" 1
}

names() {
	(cd "$1" && find . -type f | sort | tr '\n' ' ')
}

run "$MPFLASH" make -k NUCLEO_H563ZI PYBV11 PYBV11-DP_THREAD RPI_PICO BROKEN_BOARD TOO_BIG_BOARD
is 'four boards that work and two that do not' "$status" 1
like 'those that work are made' "$err" '[ ,]2 failed in '
is 'mpy-cross is built once' "$(printf '%s\n' "$err" | grep -c '^compile  mpy-cross: done')" 1
like 'a compile error' "$err" "^    boards/BROKEN_BOARD/board_init\.c:12:18: error: 'pin_NO_SUCH_PIN' undeclared"
like 'a linker that has no room' "$err" "^    .*ld: region .FLASH' overflowed by [0-9]+ bytes\$"
is 'both logs are named, and are there' \
	"$(printf '%s\n' "$err" | sed -n 's/^  the whole log: //p' | while read -r log; do test -s "$log" && echo yes; done)" \
	"$(printf 'yes\nyes')"
is 'one error and one hint for all' "$(printf '%s\n' "$err" | grep -Ec '^(error|hint): ')" 2
not_ok 'no file of a board that failed' test -e $files/BROKEN_BOARD -o -e $files/TOO_BIG_BOARD
is 'the trees stay as they were' "$(git status --porcelain --ignored)" "!! $files/"

run "$MPFLASH" make --explain NUCLEO_H563ZI PYBV11 PYBV11-DP_THREAD RPI_PICO
is 'the second time nothing is done' "$status$out" 0
for step in 'compile  mpy-cross' 'compile  stm32/NUCLEO_H563ZI' 'compile  stm32/PYBV11-DP_THREAD' 'compile  rp2/RPI_PICO'; do
	like "--explain: $step" "$err" "^$step: nothing to do: none of its [0-9]+ files, flags and tools changed\$"
done
touch py/*.c py/*.h ports/stm32/*.c
run "$MPFLASH" make NUCLEO_H563ZI PYBV11 PYBV11-DP_THREAD RPI_PICO
like 'after a touch nothing is done' "$err" '^nothing to do: [0-9]+ steps up to date'

# --- formats ---
board=$files/NUCLEO_H563ZI
is 'NUCLEO_H563ZI: its files' "$(names $board)" \
	'./compile_commands.json ./firmware.bin ./firmware.dfu ./firmware.elf ./firmware.hex ./firmware.map ./firmware.uf2 '
one_image 'NUCLEO_H563ZI: one image in all formats' $board/firmware.dfu $board/firmware.elf $board/firmware.hex $board/firmware.uf2
arm-none-eabi-objcopy -O binary $board/firmware.elf objcopy.bin
arm-none-eabi-objcopy -O ihex $board/firmware.elf objcopy.hex
ok 'NUCLEO_H563ZI: the .bin is what objcopy makes' cmp objcopy.bin $board/firmware.bin
one_image "NUCLEO_H563ZI: objcopy's .hex too" objcopy.hex $board/firmware.elf
"$MPFLASH" convert $board/firmware.elf our.bin
"$MPFLASH" convert $board/firmware.elf our.hex
"$MPFLASH" convert $board/firmware.elf our.dfu
ok 'NUCLEO_H563ZI: our own .bin of the ELF is the same' cmp our.bin objcopy.bin
one_image 'NUCLEO_H563ZI: our own conversions of the ELF are the image of the port' our.hex our.dfu $board/firmware.dfu

board=$files/RPI_PICO
is 'RPI_PICO: its files' "$(names $board)" \
	'./compile_commands.json ./firmware.bin ./firmware.dis ./firmware.elf ./firmware.elf.map ./firmware.hex ./firmware.uf2 '
one_image 'RPI_PICO: one image in all formats' $board/firmware.elf $board/firmware.hex $board/firmware.uf2
arm-none-eabi-objcopy -O binary $board/firmware.elf objcopy.bin
ok 'RPI_PICO: the .bin is what objcopy makes' cmp objcopy.bin $board/firmware.bin
rm objcopy.* our.*

# --- a split image ---
board=$files/PYBV11
is 'PYBV11: its files, no firmware.bin' "$(names $board)" \
	'./compile_commands.json ./firmware.dfu ./firmware.elf ./firmware.hex ./firmware.map ./firmware.uf2 ./firmware0.bin ./firmware1.bin '
one_image 'PYBV11: one image in all formats' $board/firmware.dfu $board/firmware.elf $board/firmware.hex $board/firmware.uf2
like "PYBV11: the user's files are a gap" "$("$MPFLASH" info $board/firmware.dfu)" '^  gap +0x0800[0-3][0-9a-f]{3}-0x0801ffff'
run "$MPFLASH" make -o "$T/out" bin-PYBV11
is 'bin-PYBV11: the two parts' "$(names "$T/out/PYBV11")" './firmware0.bin ./firmware1.bin '
arm-none-eabi-objcopy -O binary $board/firmware.elf flat.bin
head -c "$(wc -c <$board/firmware0.bin)" flat.bin >part0.bin
tail -c +131073 flat.bin >part1.bin # from 0x08020000 on
ok 'bin-PYBV11: the first part' cmp part0.bin "$T/out/PYBV11/firmware0.bin"
ok 'bin-PYBV11: the second part' cmp part1.bin "$T/out/PYBV11/firmware1.bin"
run "$MPFLASH" convert $board/firmware.elf whole.bin
is 'PYBV11: one .bin is refused' "$status" 1
like 'PYBV11: because of the hole' "$err" '^error: whole\.bin: 0x0800[0-9a-f]{4}-0x0801ffff \([0-9]+ bytes\) is a hole'
not_ok 'PYBV11: and not written' test -e whole.bin
rm flat.bin part?.bin

# --- variants ---
isnt 'PYBV11-DP_THREAD is other firmware' "$(digests $files/PYBV11-DP_THREAD/firmware.dfu)" "$(digests $board/firmware.dfu)"
one_image 'PYBV11-DP_THREAD: one image in all formats' $files/PYBV11-DP_THREAD/*.dfu $files/PYBV11-DP_THREAD/*.elf
ok 'PYBV11-DP_THREAD knows its name' grep -q PYBV11-DP_THREAD $files/PYBV11-DP_THREAD/firmware1.bin

# --- a python3 that is a script which looks for the real one, as pyenv's ---
mkdir "$T/shims"
python3 -c 'import sys; print(sys.executable)' >"$T/shims/version"
cat >"$T/shims/python3" <<END
#!/bin/sh
real=\$(cat "$T/shims/version" | head -n 1)
exec "\$real" "\$@"
END
chmod +x "$T/shims/python3"
run env PATH="$T/shims:$PATH" "$MPFLASH" make -o "$T/shim" NUCLEO_H563ZI
is 'another python3, a script: exit status' "$status" 0 || diag "$err"
like 'another python3, a script: built again' "$err" '^compile  stm32/NUCLEO_H563ZI: done'
ok 'another python3, a script: the same bytes' cmp "$T/shim/NUCLEO_H563ZI/firmware.dfu" $files/NUCLEO_H563ZI/firmware.dfu
run env PATH="$T/shims:$PATH" "$MPFLASH" make -o "$T/shim" NUCLEO_H563ZI
like 'another python3, a script: and then no more' "$err" '^nothing to do: '
rm -r "$T/shims" "$T/shim"

# --- a board that this version cannot reach ---
for flash in '' nosuch; do
	printf 'port stm32\n  board NUCLEO_H563ZI\n    flash = %s\n' "$flash" >"$T/nosuch.rules"
	run "$MPFLASH" make --rules "$T/nosuch.rules" flash-NUCLEO_H563ZI
	is "flash = $flash: exit status" "$status" 1
	like "flash = $flash: why not" "$err" \
		"^error: there is no way to reach 'stm32/NUCLEO_H563ZI': (its rules name no flash method|nosuch \\(not in this version\\))\$"
	like "flash = $flash: what there is" "$err" '^hint: this version flashes by: .*dfu, .*pyocd'
done

# --- the plan for all ---
run "$MPFLASH" make -n PORT/all
is 'a port that is none' "$status" 1
run "$MPFLASH" make -n all
is 'all: the plan' "$status" 0
like 'all: with the boards of every port' "$err" '^compile  qemu/MICROBIT: would run'
like 'all: and those without boards' "$err" '^compile  unix: would run'

done_testing
