#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The options of all commands, before the command and behind it, and the environment's say in them.
. "$(dirname "$0")/lib.sh"
# shellcheck source=../emu/emu.sh
. "$TESTS_DIR/emu/emu.sh"

need python3 git arm-none-eabi-gcc make sqlite3 umockdev-wrapper
unset CI GITHUB_ACTIONS GITHUB_WORKSPACE MPFLASH_QUIET MPFLASH_FIRMWARE MPFLASH_IGNORE
cd "$T" || exit

# --- what there is
run "$MPFLASH" -q -V --version
is '--version: alone' "$out$err$status" "mpflash, version $("$MPFLASH" --version | sed 's/.* //')0"
for option in '-q, --quiet' '-V, --verbose' '-i, --interactive' '-x, --no-interactive' '-u, --usb' '-d, --dir DIR' '    --version'; do
	like "--help has $option" "$("$MPFLASH" --help)" "^  $option  +[a-z]"
done
like "a command's --help says where they are" "$("$MPFLASH" list --help)" '^.mpflash --help. lists the options that all commands have'
run "$MPFLASH" -V -h list
is '-h before the command: no command' "$status $(printf '%s\n' "$out" | head -n 1)" '0 usage: mpflash [options] COMMAND [options] ...'
run "$MPFLASH" --quite list
like 'one that is misspelt' "$err" '^hint: did you mean --quiet\?$'
is 'one that is misspelt: exit status' "$status" 2
run "$MPFLASH" -d
like 'one without its value' "$err" '^error: -d wants a value: -d DIR$'

# --- quiet: errors and JSON
emu_start
emu_boards a=pico-info
emu usb 1-2 2e8a:0005 serial=e6614c311b8a5f2b cdc=ttyACM0
emu link ttyACM0 "$(readlink "$T/a")"
run emu_run "$MPFLASH" list
like 'without -q: a table' "$out" '^/dev/ttyACM0 '
run emu_run "$MPFLASH" -q list
is '-q: no table, and no error' "$status$out$err" 0
run emu_run "$MPFLASH" list --quiet --json
like '-q: JSON all the same, and behind the command' "$out" '"serialport":"/dev/ttyACM0"'
for value in 1 true yes; do
	MPFLASH_QUIET=$value run emu_run "$MPFLASH" list
	is "MPFLASH_QUIET=$value" "$status$out$err" 0
done
for value in 0 false no ''; do
	MPFLASH_QUIET=$value run emu_run "$MPFLASH" list
	like "MPFLASH_QUIET=$value" "$out" '^/dev/ttyACM0 '
done
run "$MPFLASH" -q list
like '-q: an error' "$err" '^error: no boards found$'
is '-q: an error: exit status' "$status" 1
small_tree "$T/tree"
run "$MPFLASH" make -C tree hex-RED
like 'without -q: make tells' "$err" '^compile  mini/RED: done'
run "$MPFLASH" -q make -C tree -B hex-RED
is '-q: make says nothing, but the file' "$status$err" 0
like '-q: the file is what was asked for' "$out" 'firmware\.hex'
run "$MPFLASH" -q make -C tree -n -B hex-RED
like '-q: a plan is what was asked for' "$err" '^compile  mini/RED: would run'
printf '#error no\n' >>tree/ports/mini/main.c
run "$MPFLASH" make -q -C tree hex-RED
is '-q: a build that fails: exit status' "$status" 1
like '-q: a build that fails: why' "$err" '^error: '
unlike '-q: a build that fails: nothing else' "$err" '^(hex|note:|compile .*\.\.\.)'
git -C tree checkout -q .

# --- verbose
run emu_run "$MPFLASH" list
unlike 'without -V: nothing from inside' "$err" '^(debug|trace):'
run emu_run "$MPFLASH" -V list
like '-V: what is opened' "$err" '^debug: [0-9]+\.[0-9]{3} open /dev/ttyACM0$'
unlike '-V: no bytes' "$err" '^trace:'
is '-V: the same table' "$status $(printf '%s\n' "$out" | grep -c '^/dev/ttyACM0 ')" '0 1'
run emu_run "$MPFLASH" -V list -V
like 'twice: the bytes to the board' "$err" "^trace: [0-9]+\.[0-9]{3} /dev/ttyACM0 > .*03.* 01"
like 'twice: and from it' "$err" "^trace: [0-9]+\.[0-9]{3} /dev/ttyACM0 < .*'raw REPL; CTRL-B to exit'"
run emu_run "$MPFLASH" -VVV --quiet list
is 'quiet beats it' "$status$out$err" 0
run "$MPFLASH" -V make -C tree hex-RED
like '-V: make tells of each step why' "$err" '^hex      mini/RED: nothing to do: '
run "$MPFLASH" make -VB -C tree hex-RED
like '-V: make tells which programs it runs, also among letters' "$err" '^debug: [0-9.]+ run .*/mpflash-trace .* make '

# --- USB ids
for words in '-u list' '--usb devs' 'list -u' 'list --usb'; do
	# shellcheck disable=SC2086 # words
	run emu_run "$MPFLASH" $words
	like "$words: ids and location" "$out" '^/dev/ttyACM0 .* 2e8a:0005  +pci-[^ ]*-usb-0:2:1\.0$'
done
run emu_run "$MPFLASH" list
unlike 'without: none' "$out" '2e8a:0005'

# --- asking
# asks STEPS WORD...: $out is what a terminal showed
asks() {
	steps=$1
	shift
	KEYS_CI=1 run emu_run python3 "$TESTS_DIR/emu/keys.py" "$steps" "$MPFLASH" "$@"
}
asks '+board \e' reset -s '?'
like 'on a terminal it asks' "$out" 'error: cancelled'
for words in '-x reset' '--no-interactive reset' 'reset -x' '-i reset --no-interactive'; do
	# shellcheck disable=SC2086 # words
	asks '' $words -s '?'
	like "$words: it does not" "$out" 'nobody can be asked'
done
for variable in CI=true CI=1 GITHUB_ACTIONS=true; do
	export "${variable?}"
	asks '' reset -s '?'
	like "$variable: it does not" "$out" 'nobody can be asked'
	asks '+board \e' -i reset -s '?'
	like "$variable, but -i: it does" "$out" 'error: cancelled'
	asks '+board \e' -x reset --interactive -s '?'
	like "$variable, but --interactive behind the command: it does" "$out" 'error: cancelled'
	unset CI GITHUB_ACTIONS
done
GITHUB_ACTIONS=false asks '+board \e' reset -s '?'
like 'GITHUB_ACTIONS=false: it asks' "$out" 'error: cancelled'
emu_stop

# --- the firmware folder
mkdir in
{
	printf 'MicroPython v1.26.0 on 2025-08-09; Raspberry Pi Pico with RP2040\0'
	head -c 300 /dev/zero
} >in/a.bin
"$MPFLASH" convert --base 0x10000000 --family rp2040 in/a.bin in/RPI_PICO-20250809-v1.26.0.uf2 >/dev/null || bail 'no UF2'
mkdir other
run env MPFLASH_FIRMWARE="$T/other" "$MPFLASH" -d "$T/new/fw" add in/RPI_PICO-20250809-v1.26.0.uf2
is '-d: exit status' "$status" 0
ok '-d: the folder is made, before MPFLASH_FIRMWARE' test -s "$T/new/fw/rp2/RPI_PICO-v1.26.0.uf2"
is '-d: the other one is left alone' "$(ls other)" ''
for words in "-d $T/new/fw add --list" "add --list --dir $T/new/fw"; do
	# shellcheck disable=SC2086 # words
	run "$MPFLASH" $words
	like "$words" "$out" '^RPI_PICO +v1\.26\.0 +rp2 '
done
run "$MPFLASH" --dir="$T/new/fw" add -fd 'a text' in/RPI_PICO-20250809-v1.26.0.uf2
is "-d behind add is its own" "$(sqlite3 new/fw/mpflash.db 'SELECT description FROM firmwares')" 'a text'
run "$MPFLASH" -d "$T/built" make --import -C tree hex-RED
like '-d: what make imports' "$(find built -name '*.hex')" '^built/builds/'

# --- words of the Python tool
run "$MPFLASH" --test esp32 cache stats
is '--test: exit status' "$status" 0
like '--test: says that it does nothing' "$err" '^warning: --test esp32: there is no such experiment here$'
for n in 3 4; do
	run "$MPFLASH" list --ignore "/dev/ttyS$n" -i '*' --json
	is '-i behind list is its own' "$status$out" '0[]'
done
done_testing
