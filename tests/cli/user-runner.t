#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Flash methods that rule files declare: they are in every list that the built-in ones are in, the tool gets what its command line says,
# what it says becomes our words, and a declaration that cannot be one is shown where it stands. A script is the tool: it "flashes" into a
# file. The declaration is the one of docs/ADD-A-FLASH-METHOD.md.
# shellcheck disable=SC2016 # back quotes and $ are text
. "$(dirname "$0")/lib.sh"
# shellcheck source=../emu/emu.sh
. "$TESTS_DIR/emu/emu.sh"

need python3 umockdev-wrapper arm-none-eabi-gcc
cd "$T" || exit
sample_tree tree
small_tree small
emu_start
emu usb 1-1 0d28:0204 serial=0240000011112222 product=CMSIS-DAP if=ff/00/00:CMSIS-DAP
emu usb 1-2 0483:374b serial=066DFF303031 product=ST-LINK if=ff/ff/ff
sed -n '/^```rules$/,/^```$/p' "$TESTS_DIR/../docs/ADD-A-FLASH-METHOD.md" | grep -v '^```' >rack.rules
[ -s rack.rules ] || bail 'no declaration in docs/ADD-A-FLASH-METHOD.md'

python3 - <<'END'
import struct
image = struct.pack('<16I', 0x20020000, *[0x08000041] * 15) + bytes(range(256))
def record(kind, address, data):
    body = bytes([len(data), address >> 8 & 255, address & 255, kind]) + data
    return ':%s%02X\n' % (body.hex().upper(), -sum(body) & 255)
with open('one.hex', 'w') as out:
    out.write(record(4, 0, b'\x08\x00'))
    for at in range(0, len(image), 16):
        out.write(record(0, at, image[at:at + 16]))
    out.write(':00000001FF\n')
open('one.bin', 'wb').write(image)
END

# The tool: it puts a .hex into $T/chip, compares with it, and says what $T/says holds first.
mkdir bin
cat >bin/rack-flash <<END
#!/bin/sh
printf '%s\n' "\$*" >>"$T/words"
[ ! -f "$T/says" ] || { cat "$T/says"; exit 1; }
for file; do :; done
case \$1 in
write) cp "\$file" "$T/chip" && echo "\$(wc -c <"\$file") bytes written" ;;
compare) cmp "\$file" "$T/chip" ;;
reset | erase) echo "\$1" ;;
esac
END
chmod +x bin/rack-flash
missing_path=$PATH
PATH=$T/bin:$PATH

# flash OPTION...: writes one.bin to a PYBV11
flash() {
	rm -f words
	run emu_run "$MPFLASH" make -C tree -B --no-probe --probe 02400000 --rules rack.rules --image one.bin \
		"${verb:-flash}-PYBV11" "$@"
}

# --- it is a method like any other ---
run "$MPFLASH" plugins --rules rack.rules --format plain
is 'plugins: its line' "$(printf '%s\n' "$out" | grep '^rack')" \
	"$(printf "rack\tports=['rp2', 'stm32']\tformats=['.hex', '.bin']\tpriority=-10\tavailable=yes")"
run "$MPFLASH" plugins --rules rack.rules
like 'plugins: the table' "$out" "^rack  +rp2 stm32  +hex bin +-10  yes   our rack's flasher$"
PATH=$missing_path run "$MPFLASH" plugins --rules rack.rules
like 'plugins: not there' "$out" "^rack  +rp2 stm32  +hex bin +-10  no "
like 'plugins: why' "$out" "^rack +rack-flash is not installed: there is no 'rack-flash' on PATH$"
like 'plugins: how to get it' "$out" '^ +`pipx install rack-flash`$'
is 'plugins --json: where it is from' "$("$MPFLASH" plugins --rules rack.rules --json | python3 -c 'import json, sys
print([(p["declared"], p["verify"], p["unlock"], p["probe"], p["read"]) for p in json.load(sys.stdin) if p["name"] == "rack"])')" \
	"[('rack.rules:1', True, True, True, False)]"
like 'completion' "$("$MPFLASH" complete -- make --rules rack.rules --method ra)" '^rack'
run emu_run "$MPFLASH" make -C tree --no-probe -n --method nothing --rules rack.rules --image one.bin flash-PYBV11
like 'a method that is none: it is among those that are' "$err" '^hint: .*, qemu, rack, stlink'

# --- it flashes ---
flash --method rack
is 'flashed: exit status' "$status" 0 || diag "$err"
is 'the words of the tool; what it compares is behind it' "$(cat words)" 'write --probe 0240000011112222 --chip STM32F405RG firmware.hex
compare --probe 0240000011112222 firmware.hex
reset --probe 0240000011112222'
ok 'a .bin was given, a .hex was wanted and made' cmp chip one.hex
like 'told' "$err" '320 bytes written and verified'
verb=verify flash --method rack
is 'verify-: exit status' "$status" 0 || diag "$err"
is 'verify-: its words' "$(cat words)" 'compare --probe 0240000011112222 firmware.hex'
rm chip
verb=verify flash --method rack
is 'verify-: another content is an error' "$status" 1

# The method is in the list of the port that it names, behind the built-in ones; priority puts it before them.
{
	cat rack.rules
	echo '  priority = 20'
} >first.rules
rm -f words
run emu_run "$MPFLASH" make -C tree -B --no-probe --probe 02400000 --rules first.rules --image one.bin flash-PYBV11
is 'a priority above the others: exit status' "$status" 0 || diag "$err"
like 'a priority above the others: it is taken' "$(cat words)" '^write'

# --- mpflash flash has it, too ---
run emu_run "$MPFLASH" flash -x --force --rules rack.rules --board PYBV11 --port stm32 --probe 0240 --method rack --image "$T/one.bin" --erase
is 'flash --method: exit status' "$status" 0 || diag "$err"
like 'flash --erase: its word' "$(cat words)" '^write .* --erase-all firmware.hex$'
run "$MPFLASH" flash --method rak --rules rack.rules
is 'flash: a method that is none: exit status' "$status" 2
like 'flash: a method that is none: the nearest' "$err" "^hint: did you mean 'rack'"

printf 'runner deep\n  program = x\n  formats = hex\n  flash = %s\n' "$(yes '[' | head -n 100 | tr '\n' ' ')" >deep.rules
run "$MPFLASH" plugins --rules deep.rules
is 'brackets in brackets in brackets: exit status' "$status" 1
like 'brackets in brackets in brackets: told' "$err" 'brackets in more than'

# --- a build: the format comes from the graph ---
cat >own.rules <<'END'
include rack.rules
port mini
  flash = rack
END
rm -f words
run emu_run "$MPFLASH" make -C small --builder host --no-probe --probe 02400000 --rules own.rules flash-RED
is 'built and flashed: exit status' "$status" 0 || diag "$err"
ok 'built and flashed: as .hex' grep -q '^write .* firmware.hex$' words

mkdir fw
printf 'E99: worn out\n' >says
MPFLASH_FIRMWARE=$T/fw && export MPFLASH_FIRMWARE
run emu_run "$MPFLASH" flash --build -C small --builder host --no-probing --probe 02400000 --rules own.rules --board RED --force
is 'flash --build, and the tool fails: exit status' "$status" 1
like 'flash --build, and the tool fails: told' "$err" '^error: No boards were flashed: Failed to flash RED .*worn out'
ok 'flash --build, and the tool fails: the library has what was built' test -n "$(find fw/builds -name 'RED-*.hex')"
unset MPFLASH_FIRMWARE
rm says

# --- its failures in our words ---
fails() {
	printf '%s\n' "$1" >says
	flash --method rack
	rm says
	is "$1: exit status" "$status" 1
	like "$1: the cause" "$err" "^error: .*$2"
	like "$1: what to do" "$err" "^hint: .*$3"
}
fails 'E17: no programmer found' 'rack-flash finds no debug probe' 'list-probes'
fails 'E18: chip is protected' 'the chip is locked' '--unlock'
fails 'E99: the moon is in the wrong phase' 'rack-flash failed .exit status 1.: E99: the moon' 'its whole output: /'
printf 'E18: chip is protected\n' >says
flash --method rack --unlock
is '--unlock: its own command' "$(sed -n 2p words)" 'erase --all --probe 0240000011112222'
rm says
like 'the log has it' "$("$MPFLASH" log -C tree --rules rack.rules --image one.hex flash-PYBV11)" '^\$ .*/rack-flash erase --all'
sed 's/\*bytes written\*/*no such line*/' rack.rules >success.rules
rm -f words
run emu_run "$MPFLASH" make -C tree -B --no-probe --probe 02400000 --rules success.rules --image one.bin --method rack flash-PYBV11
is 'no word of success is no success' "$status" 1
PATH=$missing_path flash --method rack
is 'a tool that is missing: exit status' "$status" 1
like 'a tool that is missing: the cause' "$err" "^error: .*rack-flash is not installed"
like 'a tool that is missing: what to do' "$err" '^hint: `pipx install rack-flash`$'
run emu_run "$MPFLASH" make -C tree -B --no-probe --probe 066DFF --rules rack.rules --image one.bin --method rack flash-PYBV11
is 'a probe of another kind: exit status' "$status" 1
like 'a probe of another kind: told' "$err" 'does not offer rack'

# --- a program beside the rule file, in the tree's rules and in the user's ---
mkdir -p tree/tools "$HOME/.config/mpflash"
cp bin/rack-flash tree/tools/near
sed -e 's/^runner rack/runner near/' -e 's,rack-flash$,tools/near,' rack.rules >tree/mpflash.rules
sed -e 's/^runner rack/runner mine/' -e "s,rack-flash\$,$T/bin/rack-flash," rack.rules >"$HOME/.config/mpflash/bench.rules"
PATH=$missing_path run emu_run "$MPFLASH" make -C tree -B --no-probe --probe 0240 --image one.bin --method near flash-PYBV11
is "the tree's, with a program in it: exit status" "$status" 0 || diag "$err"
PATH=$missing_path run emu_run "$MPFLASH" make -C tree -B --no-probe --probe 0240 --image one.bin --method mine flash-PYBV11
is "the user's: exit status" "$status" 0 || diag "$err"
is 'both are there' "$("$MPFLASH" plugins -C tree --format plain | cut -f 1 | grep -cx -e near -e mine)" 2
is "the user's is there without a tree" "$("$MPFLASH" plugins --format plain | cut -f 1 | grep -cx -e near -e mine)" 1

# --- two of one name ---
cp rack.rules "$HOME/.config/mpflash/rack.rules"
run "$MPFLASH" plugins --rules rack.rules
is 'declared twice: exit status' "$status" 1
like 'declared twice: where' "$err" "^error: rack\.rules:1:8: runner 'rack' is declared twice$"
like 'declared twice: where the other is' "$err" "^hint: the other one is at $HOME/.config/mpflash/rack.rules:1\$"
rm -r "$HOME/.config/mpflash" tree/mpflash.rules
sed 's/^runner rack/runner dfu/' rack.rules >dfu.rules
run "$MPFLASH" plugins --rules dfu.rules
like 'as a built-in one: where' "$err" "^error: dfu\.rules:1:8: 'dfu' is a flash method of mpflash itself$"

# --- declarations that are none: bad NAME PLACE MESSAGE HINT, with the file on standard input ---
bad() {
	cat >"$1.rules"
	run "$MPFLASH" plugins --rules "$1.rules"
	is "$1: exit status" "$status" 1
	like "$1: where and what" "$err" "^error: $1\.rules:$2: $3\$"
	like "$1: what to do" "$err" "^hint: .*$4"
	run emu_run "$MPFLASH" make -C tree --no-probe --image one.bin --rules "$1.rules" flash-PYBV11
	like "$1: in make, too" "$err" "^error: $1\.rules:$2: "
}
bad no-program 1:8 "runner 'x' has no program" 'program = NAME' <<'END'
runner x
  flash = write $file
  formats = hex
END
bad no-command 1:8 "runner 'x' has no command that flashes" 'flash = write' <<'END'
runner x
  program = x
  formats = hex
END
bad no-format 1:8 "runner 'x' has no format" 'formats = hex' <<'END'
runner x
  program = x
  flash = $file
END
bad unknown 2:3 "'formatts' means nothing in a runner" "did you mean 'formats'" <<'END'
runner x
  formatts = hex
END
bad format 2:13 "'jpeg' is no format of firmware" 'bin, dfu' <<'END'
runner x
  formats = jpeg
END
bad quote 2:11 "x: a quote is open in 'b'" 'file' <<'END'
runner x
  flash = a 'b
END
bad bracket 2:11 "x: there is no ']'" 'port' <<'END'
runner x
  flash = write [ -p $port
END
bad dollar 2:11 'x: a [$] without a name in .*' 'file' <<'END'
runner x
  flash = write $ $file
END
bad cause 2:3 "'lockd' is no cause of a failure" "did you mean 'locked'" <<'END'
runner x
  fails.lockd = *x*
END
bad probe 2:12 "'usbasp' is no kind of probe" 'cmsis-dap' <<'END'
runner x
  probes = usbasp
END
bad yes 2:14 'expected yes or no' 'leave the line out' <<'END'
runner x
  verifies = maybe
END
bad priority 2:14 'expected a number from -1000 to 1000' '10' <<'END'
runner x
  priority = high
END
bad twice 3:3 "'program' is set twice here" 'line 2' <<'END'
runner x
  program = a
  program = b
END
bad inside 2:3 'a runner inside another block' 'left margin' <<'END'
port stm32
  runner x
END
bad nothing 2:12 "nothing stands behind the '='" 'leave' <<'END'
runner x
  program =
END
bad name 1:7 "expected a name after 'runner'" 'letters' <<'END'
runner
  program = a
END

# --- the commands of the manual ---
ln -s "$emu_dir/mpflash" bin/mpflash
sed -n '/^## Without C/,/^## /{/^```sh$/,/^```$/p}' "$TESTS_DIR/../docs/ADD-A-FLASH-METHOD.md" | grep -v '^```' >manual.sh
isnt 'the manual has commands' "$(wc -l <manual.sh)" 0
while read -r line; do
	run emu_run sh -c "cd tree && cp ../rack.rules . && ${line%%#*} "
	is "manual: $line" "$status" 0 || diag "$err"
done <manual.sh
done_testing
