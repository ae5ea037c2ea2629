#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Completion of what is attached, and of boards: --serial, --device, --volume, --probe, --board, --method, in bash, zsh and fish.
#
# A mount namespace of its own, where that is allowed: a drive is mounted.
# Runs sanitized: it takes its time.
if [ -z "${COMPLETION_MOUNTS-}" ] && unshare -m true 2>/dev/null; then
	COMPLETION_MOUNTS=1 exec unshare -m sh "$0"
fi
. "$(dirname "$0")/lib.sh"
# shellcheck source=../emu/emu.sh
. "$TESTS_DIR/emu/emu.sh"

need git python3 bash zsh fish umockdev-wrapper sqlite3
sample_tree "$T/tree"
cd "$T/tree" || exit
MPFLASH_FIRMWARE=$T/fw
export MPFLASH_FIRMWARE
mkdir "$T/fw"
head -c 600 /dev/zero >"$T/x.bin"
"$MPFLASH" add --board RPI_PICO_W --port rp2 --version v1.26.0 "$T/x.bin" >/dev/null 2>&1
sqlite3 "$T/fw/mpflash.db" "INSERT INTO boards VALUES('ESP32_GENERIC','v1.26.0','ESP32_GENERIC','esp32','','esp32','','','micropython',0);
	INSERT INTO boards VALUES('ESP32_GENERIC','v1.25.0','ESP32_GENERIC','esp32','','esp32','','','micropython',0);
	INSERT INTO boards VALUES('BAD;touch pwned','v1.26.0','BAD','esp32','','esp32','','','micropython',0)"
emu_start
emu usb 1-1 2e8a:0005 serial=e6614c311b8a5f2b manufacturer=MicroPython product=Pico cdc=ttyACM0
emu usb 1-2 f055:9800 serial=335A36633038 product=Pyboard cdc=ttyACM1
emu usb 2-1 0483:374b serial=066DFF525750877267123456 product=STM32%20STLink if=ff/ff/ff
emu usb 2-2 1366:0101 product=J-Link if=ff/ff/ff
emu usb 2-3 0d28:0204 serial=%24%28reboot%29 product=CMSIS-DAP if=ff/00/00:CMSIS-DAP
for port in ttyACM0 ttyACM1; do
	emu board $port silent
done
volume=
if [ -n "${COMPLETION_MOUNTS-}" ]; then
	printf 'UF2 Bootloader v3.0\nModel: Raspberry Pi RP2\nBoard-ID: RPI-RP2\n' >"$T/info.txt"
	mkdir -p "$T/drives/RPI-RP2"
	emu_uf2 -d /dev/sdm -i "$T/info.txt" "$T/drives/RPI-RP2" && volume=$T/drives/RPI-RP2
fi

# offers WORD...: the candidates for the last word, without what they are, in one line
offers() {
	emu_run "$MPFLASH" complete -- "$@" | cut -f1 | paste -sd' ' -
}

is 'ports' "$(offers list --serial '')" '/dev/ttyACM0 /dev/ttyACM1'
is 'ports, by the letter' "$(offers make -s /dev/ttyACM1)" /dev/ttyACM1
is 'ports, behind an equal sign' "$(offers flash --serial=/dev/ttyACM0)" --serial=/dev/ttyACM0
is 'ports, to leave out' "$(offers list --ignore '')" '/dev/ttyACM0 /dev/ttyACM1'
like 'what they are' "$(emu_run "$MPFLASH" complete -- list --serial '')" '^/dev/ttyACM0	Pico$'
is 'not those that are ignored' "$(MPFLASH_IGNORE='*ACM1' offers list --serial '')" /dev/ttyACM0
is 'ids' "$(offers make --device usb-e)" usb-e6614c311b8a5f2b
is 'ids: none that a shell would run' "$(offers list --device usb-2-)" usb-2-2
is 'probes, by number or place; no number that a shell would run' "$(offers make --probe '')" '066DFF525750877267123456 2-2'
is 'probes, by the other name' "$(offers flash --probe-id 066)" 066DFF525750877267123456
like 'what they are' "$(emu_run "$MPFLASH" complete -- make --probe 0)" '	ST-Link probe$'
is '--probe of a command that asks boards has no value' "$(offers why --probe PYBV11-T)" PYBV11-THREAD
for command in repl reset erase format bootloader; do
	is "$command: ports and ids" "$(offers $command /dev/ttyACM1)$(offers $command usb-335)" /dev/ttyACM1usb-335A36633038
done
if [ -n "$volume" ]; then
	is 'drives of bootloaders, and folders' "$(offers flash --volume '')" "$volume :dirs"
	is 'drives, begun' "$(offers make --volume "$T/drives")" "$volume :dirs"
else
	skip 'drives of bootloaders' 'nothing can be mounted here'
fi
is 'boards of the tree and of the library, each once' "$(offers flash --board P | tr ' ' '\n' | sort | paste -sd' ' -)" PYBV11
is 'boards: of the library alone' "$(cd / && offers flash --board '')" 'ESP32_GENERIC RPI_PICO_W'
is 'boards: of another library' "$(cd / && offers flash --dir "$T/none" --board E)" ''
is 'boards: variants of one that is typed out' "$(offers flash -b PYBV11-T)" PYBV11-THREAD
is 'boards: download' "$(cd / && offers download -b R)$(cd / && offers download R)" RPI_PICO_WRPI_PICO_W
is 'methods' "$(offers flash --method d)" dfu
is 'ways into a bootloader' "$(offers flash --bootloader '')" 'auto manual mpy none touch1200'
is 'the same of the command' "$(offers bootloader --method t)" touch1200
is 'versions' "$(offers flash --version '')" 'preview stable'
is 'nothing was asked or opened' "$(emu_log | grep -c '^open ')" 0
not_ok 'and nothing made' test -e "$T/cache/index.db"
emu remove 1-1
emu usb 1-1 2e8a:0005 serial=e6614c311b8a5f2b product=%24%28reboot%29%1b[2J cdc=ttyACM0
like 'a board may call itself anything' "$(emu_run "$MPFLASH" complete -- list -s '')" '	\$\(reboot\)'
unlike 'what a board calls itself cannot steer a terminal' "$(emu_run "$MPFLASH" complete -- list -s '')" "$(printf '\033')"

# --- the shells, with an mpflash on the PATH that sees these devices

mkdir "$T/bin" && ln -s "$emu_dir/mpflash" "$T/bin/mpflash"
PATH=$T/bin:$PATH
in_bash() {
	# shellcheck disable=SC2016 # for bash
	emu_run bash --norc --noprofile -c '
		source <(mpflash completion bash)
		COMP_WORDS=(mpflash "$@") COMP_CWORD=$#
		_mpflash mpflash "${!#}" ""
		printf "%s\n" "${COMPREPLY[@]}"' bash "$@" | paste -sd' ' -
}
is 'bash: ports' "$(in_bash list --serial /dev/ttyA)" '/dev/ttyACM0 /dev/ttyACM1'
is 'bash: a port behind an equal sign' "$(in_bash make --serial = /dev/ttyACM1)" /dev/ttyACM1
is 'bash: an id' "$(in_bash make --device usb-e)" usb-e6614c311b8a5f2b
is 'bash: a probe' "$(in_bash make --probe 06)" 066DFF525750877267123456
is 'bash: a board' "$(in_bash flash --board ESP)$(in_bash flash --board PYB)" ESP32_GENERICPYBV11
is 'bash: a method' "$(in_bash flash --method pic)" picoboot
[ -z "$volume" ] || is 'bash: a drive, which is a folder, too' "$(in_bash flash --volume "$T/drives/" | tr ' ' '\n' | sort -u)" "$volume"

"$MPFLASH" completion fish >"$T/mpflash.fish"
# shellcheck disable=SC2016 # for fish to expand
in_fish() {
	emu_run fish --no-config -c 'source $argv[1]; complete -C $argv[2]' "$T/mpflash.fish" "$1" | cut -f1 | paste -sd' ' -
}
is 'fish: ports' "$(in_fish 'mpflash list --serial /dev/ttyA')" '/dev/ttyACM0 /dev/ttyACM1'
is 'fish: an id' "$(in_fish 'mpflash make --device usb-e')" usb-e6614c311b8a5f2b
is 'fish: a probe' "$(in_fish 'mpflash make --probe 06')" 066DFF525750877267123456
is 'fish: a board' "$(in_fish 'mpflash flash --board ESP')$(in_fish 'mpflash flash --board=PYB')" ESP32_GENERIC--board=PYBV11
is 'fish: a method' "$(in_fish 'mpflash flash --method pic')" picoboot
[ -z "$volume" ] || like 'fish: a drive' "$(in_fish "mpflash flash --volume $T/drives/")" "$volume"

mkdir "$T/zsh"
"$MPFLASH" completion zsh >"$T/zsh/_mpflash"
emu_run python3 "$TESTS_DIR/cli/zsh.py" "$T/zsh" 'mpflash list --serial /dev/ttyACM1' 'mpflash repl usb-e' 'mpflash make --device=usb-e' \
	'mpflash make --probe 06' 'mpflash flash --board ESP' 'mpflash flash --board PYBV11-T' 'mpflash flash --method pic' \
	"mpflash flash --volume ${volume:-$T/drives}" >"$T/zsh.out" 2>&1
is 'zsh: lines after the Tab key' "$(sed 's/ *$//; s,/$,,' "$T/zsh.out")" "mpflash list --serial /dev/ttyACM1
mpflash repl usb-e6614c311b8a5f2b
mpflash make --device=usb-e6614c311b8a5f2b
mpflash make --probe 066DFF525750877267123456
mpflash flash --board ESP32_GENERIC
mpflash flash --board PYBV11-THREAD
mpflash flash --method picoboot
mpflash flash --volume ${volume:-$T/drives}"
[ -z "$volume" ] || umount "$volume"
emu_stop
done_testing
