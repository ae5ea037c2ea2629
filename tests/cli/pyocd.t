#!/bin/sh
# SPDX-License-Identifier: MIT
#
# mpflash pyocd-targets, pyocd-info and list-probes --detect-targets: what pyOCD's own lists become, and what is said when it is not there or
# fails. A script stands in for pyOCD, with lines of the JSON of 0.46; the real one is asked last.
. "$(dirname "$0")/lib.sh"
# shellcheck source=../emu/emu.sh
. "$TESTS_DIR/emu/emu.sh"
# shellcheck source=../peers/lib.sh
. "$TESTS_DIR/peers/lib.sh"

need python3 umockdev-wrapper flock
cd "$T" || exit
sample_tree tree
cd tree || exit
emu_start
emu usb 1-1 0d28:0204 serial=0240000011112222 product=CMSIS-DAP if=ff/00/00:CMSIS-DAP
emu usb 1-2 0483:374b serial=066DFF303031 product=ST-LINK if=ff/ff/ff
emu usb 1-3 1d50:6018 serial=7BB180B4 cdc=ttyACM6:Black%20Magic%20GDB%20Server

# --- not installed: a PATH with what mpflash itself needs, and no pyocd
mkdir "$T/none" "$T/bin"
ln -s "$(command -v git)" "$T/none/git"
without() {
	run env PATH="$T/none" "$@"
}
for command in 'pyocd-targets' 'pyocd-targets --json' 'pyocd-info' 'pyocd-info --json'; do
	# shellcheck disable=SC2086
	without "$MPFLASH" $command
	is "$command without pyOCD: exit status, nothing on stdout" "$status$out" 1
	like "$command without pyOCD: the cause" "$err" "^error: pyOCD is not installed: there is no 'pyocd' on PATH$"
	like "$command without pyOCD: the command that installs it" "$err" '^hint: .pipx install pyocd.$'
done
before_path=$PATH
PATH=$T/none:/usr/bin:/bin
[ -z "$(command -v pyocd)" ] || bail 'there is a pyocd in /usr/bin'
run emu_run "$MPFLASH" list-probes --detect-targets
is '--detect-targets without pyOCD: exit status' "$status" 1
like '--detect-targets without pyOCD: what to do' "$err" '^hint: .pipx install pyocd.$'
run emu_run "$MPFLASH" list-probes
is 'list-probes alone needs none' "$status" 0

# --- a stand-in
cat >"$T/bin/pyocd" <<END
#!/bin/sh
printf '%s\n' "\$*" >>"$T/words"
case "\$*" in
*--targets*) cat "$T/targets" ;;
*--probes*) cat "$T/probes" ;;
*) sed 1d "$T/chip.\$5"; exit "\$(sed -n 1p "$T/chip.\$5")" ;;
esac
END
chmod +x "$T/bin/pyocd"
PATH=$T/bin:$before_path
cat >"$T/targets" <<'END'
0000321 W Ignored a broken pack {x} [pack_target]
{
    "pyocd_version": "0.46.0",
    "version": { "major": 1, "minor": 2 },
    "status": 0,
    "targets": [
        { "name": "cortex_m", "vendor": "Generic", "part_families": [], "part_number": "CoreSightTarget", "source": "builtin" },
        { "name": "nrf52840", "vendor": "Nordic Semiconductor", "part_families": [], "part_number": "NRF52840", "source": "builtin" },
        { "name": "stm32l475xg", "vendor": "STMicroelectronics", "part_families": [], "part_number": "STM32L475xG", "source": "builtin" },
        { "name": "rp2040", "vendor": "Raspberry Pi", "part_families": [], "part_number": "RP2040", "source": "builtin" },
        { "name": "stm32f405rgtx", "vendor": "STMicroelectronics", "part_families": ["STM32F4 Series", "STM32F405"], "part_number": "STM32F405RGTx", "source": "pack" }
    ]
}
END
cat >"$T/probes" <<'END'
{
    "pyocd_version": "0.46.0",
    "version": { "major": 1, "minor": 1 },
    "status": 0,
    "boards": [
        { "unique_id": "0240000011112222", "info": "Arm FRDM-K64F", "board_vendor": "Arm", "board_name": "FRDM-K64F", "target": "k64f", "vendor_name": "Arm", "product_name": "CMSIS-DAP" },
        { "unique_id": "066DFF303031", "info": "STMicroelectronics ST-LINK/V2-1", "board_vendor": null, "board_name": "Generic", "target": "cortex_m", "vendor_name": "STMicroelectronics", "product_name": "ST-LINK/V2-1" }
    ]
}
END
targets() {
	run "$MPFLASH" pyocd-targets "$@"
	names=$(printf '%s\n' "$out" | sed -n '2,$s/ .*//p' | tr '\n' ' ')
}
targets
is 'targets: exit status' "$status" 0 || diag "$err"
is 'targets: by name; those that boards need and pyOCD lacks behind them' "$names" \
	'cortex_m nrf52840 rp2040 stm32f405rgtx stm32l475xg rp2350 stm32h563zitx '
like 'targets: of a board of the tree' "$out" '^stm32f405rgtx +STM32 +pack +PYBV11$'
like 'targets: without one' "$out" '^nrf52840 +nRF +builtin +-$'
like 'targets: a pack that is not there' "$out" '^stm32h563zitx +STM32 +missing .*NUCLEO_H563ZI'
like 'targets: how it is fetched' "$err" '^hint: .*pyocd pack install'
like 'targets: how many' "$err" '^Showing 7 of 7 supported targets$'
targets -b pybv
is '-b: by board, in any case' "$names" 'stm32f405rgtx '
like '-b: of how many' "$err" '^Showing 1 of 7'
targets -t L475
is '-t: by the name of the target' "$names" 'stm32l475xg '
targets -b PICO -t 2350
is '-b and -t: both' "$names" 'rp2350 '
targets -t esp32
is 'none: exit status' "$status$out" 1
like 'none: says so' "$err" '^error: No targets match the specified filters\.$'
targets -t esp32 --json
is 'none, JSON: an empty array' "$status$out" '0[]'
run "$MPFLASH" pyocd-targets --json -b PYBV11
is 'JSON' "$out" '[{"target":"stm32f405rgtx","part":"STM32F405RGTx","vendor":"STMicroelectronics","family":"STM32","source":"pack","boards":["PYBV11"]}]'
cd "$T" || exit
targets
is 'without a tree: what pyOCD knows' "$status $names" '0 cortex_m nrf52840 rp2040 stm32f405rgtx stm32l475xg '
run "$MPFLASH" pyocd-targets x
is 'a word is too much' "$status" 2

# --- pyocd-info
run "$MPFLASH" pyocd-info
is 'info: exit status, nothing on stderr' "$status$err" 0
like 'info: its version' "$out" '^pyOCD is installed \(version: 0\.46\.0\)$'
like 'info: a probe' "$out" '^  0240000011112222: Arm FRDM-K64F$'
is 'info: only a target that the probe tells' "$(printf '%s\n' "$out" | grep -c 'Target: ')" 1
like 'info: how many targets' "$out" '^  5 known, 1 of them from installed packs$'
run "$MPFLASH" pyocd-info --json
is 'info, JSON' "$(printf '%s' "$out" | python3 -c 'import json, sys
d = json.load(sys.stdin)
print(d["available"], d["version"], d["targets"], [(p["unique_id"], p["target_type"]) for p in d["probes"]])')" \
	"True 0.46.0 5 [('0240000011112222', 'k64f'), ('066DFF303031', None)]"

# --- the chips behind probes
printf '%s\n' 0 'Core 0 (Cortex-M4):  Running' >"$T/chip.0240000011112222"
printf '%s\n' 1 '0000412 C No ACK received [__main__]' >"$T/chip.066DFF303031"
: >"$T/words"
run emu_run "$MPFLASH" list-probes --detect-targets
is 'probes: exit status' "$status" 0 || diag "$err"
is 'probes: what is behind each' "$(printf '%s\n' "$out" | sed -n 's/^ *\(Target: .*\)/\1/p')" 'Target: k64f  Status: Target Detected
Target: -  Status: No Target
Target: -  Status: Not Checked'
is 'probes: never with the unlock that erases, nor with a halt' "$(grep commander "$T/words")" \
	'commander -W --no-config -u 0240000011112222 -t k64f -O auto_unlock=false -M attach -c status
commander -W --no-config -u 066DFF303031 -t cortex_m -O auto_unlock=false -M attach -c status'
printf '%s\n' 1 "0000412 C Target type k64f not recognized. Use 'pyocd list --targets' to see currently available target types." \
	>"$T/chip.0240000011112222"
printf '%s\n' 0 'Target is locked' >"$T/chip.066DFF303031"
: >"$T/words"
run emu_run "$MPFLASH" list-probes --detect-targets --json
is 'probes: locked, and one that says something else' "$(printf '%s' "$out" | python3 -c 'import json, sys
for p in json.load(sys.stdin): print(p["target"], p["status"][:34])')" "k64f Error: 0000412 C Target type k64f 
None Locked
None Not Checked"
is 'probes: without its pack a chip is asked as any' \
	"$(sed -n 's/.*11112222 -t \([^ ]*\).*/\1/p' "$T/words" | tr '\n' ' ')" 'k64f cortex_m '
run emu_run "$MPFLASH" list-probes --json
unlike 'probes: nobody is asked without the option' "$out" '"status"'

# --- a pyOCD that fails
# broken NAME TEXT ERROR
broken() {
	printf '%s\n' "$2" >"$T/targets"
	run "$MPFLASH" pyocd-targets
	is "$1: exit status, nothing on stdout" "$status$out" 1
	like "$1: the cause" "$err" "^error: $3"
}
broken 'no JSON' 'usage: pyocd [-h]' "pyOCD's answer to .pyocd json --targets. is not its JSON"
broken 'half of it' '{ "targets": [' "pyOCD's answer .* is not its JSON"
broken 'another shape' '{ "status": 0, "targets": {} }' "pyOCD's answer .* is not its JSON"
broken 'an error of its own' '{ "status": 1, "error": "no backend", "targets": [] }' 'pyOCD cannot list anything: no backend'
printf '%s\n' '{ "status": 0, "targets": [ 1, null, {}, { "name": 5 } ] }' >"$T/targets"
run "$MPFLASH" pyocd-targets --json
is 'odd members are passed over' "$out" '[{"target":"5","part":null,"vendor":null,"family":"Other","source":null,"boards":[]}]'
printf '#!/bin/sh\necho "ModuleNotFoundError: No module named pyocd"\nexit 1\n' >"$T/bin/pyocd"
run "$MPFLASH" pyocd-info
like 'its Python is gone: the cause' "$err" '^error: pyOCD is installed, but cannot run: ModuleNotFoundError'
like 'its Python is gone: what to do' "$err" '^hint: install it again: .pipx install pyocd.$'

# --- the real one
if peer_pyocd; then
	printf '#!/bin/sh\nunset LD_PRELOAD\nPYTHONPATH=%s exec python3 -m pyocd "$@"\n' "$PEER_PYOCD" >"$T/bin/pyocd"
	run "$MPFLASH" pyocd-targets --json
	is 'the real pyOCD: each of its targets' "$(printf '%s' "$out" | python3 -c 'import json, sys
print([[t["target"], t["part"], t["vendor"], t["source"]] for t in json.load(sys.stdin)])')" "$(pyocd json --targets --no-config 2>/dev/null |
		python3 -c 'import json, sys
print(sorted([t["name"], t["part_number"], t["vendor"], t["source"]] for t in json.load(sys.stdin)["targets"]))')"
	run "$MPFLASH" pyocd-info --json
	like 'the real pyOCD: its version' "$out" '"version":"0\.46\.0"'
else
	skip 'the real pyOCD: each of its targets' "$why"
	skip 'the real pyOCD: its version' "$why"
fi
emu_stop
done_testing
