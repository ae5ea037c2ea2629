#!/bin/sh
# SPDX-License-Identifier: MIT
#
# What everybody meets on the first day: no container engine, one that does not run or is not ours, no compiler, no tree, no probe,
# several, no pyOCD. Each tells the cause and what mends it, by `make flash-BOARD` and by `flash --build` alike; and that mends it. Scripts stand
# in for docker (container.t has a real engine) and for pyOCD.
# shellcheck disable=SC2016 # texts and scripts, as they are
. "$(dirname "$0")/lib.sh"
# shellcheck source=../emu/emu.sh
. "$TESTS_DIR/emu/emu.sh"

need python3 umockdev-wrapper git make arm-none-eabi-gcc
cd "$T" || exit
MPFLASH_FIRMWARE=$T/fw
export MPFLASH_FIRMWARE
small_tree tree
cat >fixes.rules <<'END'
port mini
  container = some/image:1
  flash = pyocd openocd
  pyocd.target = cortex_m
  openocd.target = stm32f4x
END

# What a host build of the small tree needs, without and with the compiler for Arm; and clients that a test puts there.
mkdir fw tools arm bin empty
for tool in sh make mkdir cat sleep git sed uname python3 gcc cc as ld env; do
	found=$(command -v "$tool") && ln -s "$found" "$T/tools/$tool"
done
cp -R tools/. arm
for tool in gcc objcopy ld; do
	ln -s "$(command -v arm-none-eabi-$tool)" "arm/arm-none-eabi-$tool"
done
client() {
	printf '#!/bin/sh\n%s\n' "$2" >"bin/$1"
	chmod +x "bin/$1"
}
good_pyocd='printf "%s\n" "$*" >>"'$T/pyocd.words'"; echo "All 64 bytes match."'
emu_start
probe() { # N
	emu usb "1-$1" 0d28:0204 "serial=024000000000000$1" product=CMSIS-DAP if=ff/00/00:CMSIS-DAP
}

# told NAME ERROR HINT: the last run failed for that, said once, in one line
told() {
	is "$1: exit status" "$status" 1 || diag "$err"
	like "$1: the cause" "$err" "^error: .*$2"
	like "$1: what mends it" "$err" "^hint: $3"
	is "$1: said once" "$(printf '%s\n' "$err" | grep -c '^error: ') $(printf '%s\n' "$err" | grep -c '^hint: ')" '1 1'
}
# both NAME TOOLS ERROR HINT OPTIONS...: by each of the two commands
both() {
	both_name=$1 both_tools=$2 both_error=$3 both_hint=$4
	shift 4
	run emu_run env PATH="$T/bin:$T/$both_tools" "$MPFLASH" make --rules fixes.rules -C tree --method "$method" "$@" flash-BLUE
	told "make: $both_name" "$both_error" "$both_hint"
	run emu_run env PATH="$T/bin:$T/$both_tools" "$MPFLASH" flash --build --rules fixes.rules -C tree --method "$method" "$@" --board BLUE
	told "flash --build: $both_name" "$both_error" "$both_hint"
}

# --- builders
probe 1
method=pyocd
client pyocd "$good_pyocd"
both 'no container engine' tools 'not on the PATH: arm-none-eabi-gcc.*no container engine is installed' 'sudo apt-get install gcc-arm-none-eabi [^;]*$'
both 'not that engine' arm 'docker is not on the PATH$' 'sudo apt-get install docker\.io$' --builder docker
client docker 'echo "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?" >&2; exit 1'
both 'an engine that is stopped' arm 'docker is installed, but its engine does not run: ' 'sudo systemctl start docker$' --builder docker
client docker 'echo "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock" >&2; exit 1'
both "an engine's socket that is not ours" arm "no permission to talk to docker's engine: " 'sudo usermod -aG docker [$]USER, then log in again$' --builder docker
rm bin/docker
both 'no toolchain' tools "'mini/BLUE' needs programs that are not on the PATH: arm-none-eabi-gcc, arm-none-eabi-objcopy$" \
	'sudo apt-get install gcc-arm-none-eabi .*binutils-arm-none-eabi$' --builder host
ok 'nothing reached the board' test ! -e pyocd.words
printf 'int broken(void)\n{\n\treturn undeclared_name;\n}\n' >tree/ports/mini/boards/BLUE/board.c
both 'a compile error' arm 'mini/BLUE .*make ended with exit status 2$' 'mend the first error' --builder host
like "a compile error: the compiler's own words" "$err" '^    boards/BLUE/board\.c:3:16: error: .*undeclared_name'
git -C tree checkout -q ports

# --- the tree
cd empty || exit
for command in 'make flash-BLUE' 'flash --build' 'flash --build --board BLUE'; do
	# shellcheck disable=SC2086 # words
	run emu_run "$MPFLASH" $command --rules ../fixes.rules
	told "$command: no tree" 'no MicroPython source tree at \. or above it' 'run inside a checkout, or name one: -C DIR, .*; `git clone https://[^ ]*` gets one$'
done
cd ..

# --- probes, and what drives them
emu remove 1-1
both 'no probe' arm 'no debug probe is attached that pyOCD works with$' '.*`mpflash list-probes` shows those that are there$'
like 'flash: no probe, in the words of scripts' "$err" "^error: Backend 'pyocd' cannot flash BLUE: \[probe\] "
probe 1
probe 2
both 'no such probe' arm "no debug probe with '9999' in its serial number is attached$" '.*`mpflash list-probes` shows those that are there$' --probe 9999
both 'several probes' arm '2 devices can be meant by BLUE: ' 'one of: --probe 0240000000000001, --probe 0240000000000002$'
like 'flash: several probes, in the words of scripts' "$err" "^error: Backend 'pyocd' cannot flash BLUE: \[probe\] "
rm bin/pyocd
both 'pyOCD is not installed' arm "pyOCD is not installed: there is no 'pyocd' on PATH$" '`pipx install pyocd`$' --probe 0240000000000001
like 'flash: pyOCD is not installed, in the words of scripts' "$err" \
	"^error: No boards were flashed: Backend 'pyocd' cannot flash BLUE on usb-0240000000000001: \[dependency\] pyOCD is not installed"
is 'flash: it is said once' "$(printf '%s\n' "$err" | grep -c 'is not installed')" 1
method=openocd
client openocd 'echo "Error: unable to find a matching CMSIS-DAP device" >&2; exit 1'
both "one that OpenOCD does not find" arm 'OpenOCD finds no debug probe that fits$' '.*`mpflash list-probes` shows those that are there$' \
	--probe 0240000000000001

# --- and so it goes
client pyocd "$good_pyocd"
run emu_run env PATH="$T/bin:$T/arm" "$MPFLASH" make --rules fixes.rules -C tree flash-BLUE --method pyocd --probe 0240000000000001
is 'make: with what the hints say: exit status' "$status" 0 || diag "$err"
like 'make: that probe' "$(cat pyocd.words)" ' -u 0240000000000001 '
rm pyocd.words
run emu_run env PATH="$T/bin:$T/arm" "$MPFLASH" flash --build --force --rules fixes.rules -C tree --board BLUE --method pyocd --probe 0240000000000002
is 'flash --build: with what the hints say: exit status' "$status" 0 || diag "$err"
like 'flash --build: that probe' "$(cat pyocd.words)" ' -u 0240000000000002 '

emu_stop
done_testing
