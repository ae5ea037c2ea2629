#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Every command that README.md and docs/ show works: each document's, one after the other in bash, in a folder with a clone of a MicroPython
# fork (the sample tree), a pyboard and a Pico on USB, a probe, a firmware library and a download site. What the documents show of their output is in it.
# A command that needs something else is told below what; one that has a test of its own, which. docs-add.t and docs-ci.t have the rest.
# Runs once: each command has tests of its own, which run sanitized.
# shellcheck disable=SC2016 # the commands' own $
. "$(dirname "$0")/lib.sh"
# shellcheck source=../emu/emu.sh
. "$TESTS_DIR/emu/emu.sh"
# shellcheck source=../net/lib.sh
. "$TESTS_DIR/net/lib.sh"
# shellcheck source=flash.sh
. "$TESTS_DIR/cli/flash.sh"

need python3 umockdev-wrapper arm-none-eabi-gcc arm-none-eabi-objcopy bash git qemu-system-arm
root=$TESTS_DIR/..
unset MICROPY_DIR MPFLASH_BUILDER
unset MPFLASH_PEERS MPFLASH_TEST_CACHE MPFLASH_TEST_VARIANT # the tests' own: to doctor they are mistakes
cd "$T" || exit
# the interpreter itself: what pyenv puts before it takes longer than most of our scripts
mkdir bin
ln -s "$(python3 -c 'import sys; print(sys.executable)')" bin/python3
PATH=$T/bin:$PATH
docs() {
	python3 "$TESTS_DIR/cli/docs.py" "$root" "$@"
}
is 'every command of a block is marked with $' "$(docs loose)" ''

# --- what a command needs, and who else runs it

# elsewhere FILE COMMAND: its test, and a text that is in it; or nothing
elsewhere() {
	case $1 in
	docs/IMAGES.md) echo images-guide.t docs/IMAGES.md ;;
	docs/ADD-A-*) echo docs-add.t "$1" ;;
	docs/REASONS.md) echo why.t '^mini/RED compile: would run: py/mini' ;;
	README.md) case $2 in *flash-PYBV11* | *verify-PYBV11* | *read-PYBV11*) echo docs-flash.t '(flash|verify|read)-PYBV11' ;; esac ;;
	esac
	case $2 in
	'./configure '* | 'ninja '* | 'dpkg-buildpackage '* | 'sudo apt install '*) echo docs-add.t "${2%% *}" ;;
	*'convert bootloader.bin partition-table.bin '*) echo convert-esp.t '--to esp' ;;
	*build-RPI_PICO2-RISCV/firmware.uf2) echo library.t 'RPI_PICO2-RISCV@my_branch-v1.29.0-preview.1.uf2' ;;
	*'--builder docker'*) echo engines.t docker ;;
	*'bootloader --method manual'*) echo bootloader.t --method manual ;;
	'mpflash format '* | 'mpflash erase '*) echo erase-format.t --yes ;;
	esac
}

# adapted COMMAND: as it can be run here
adapted() {
	case $1 in
	*--files*) printf '%s\n' "$1" | sed 's/ *#.*//; s/$/ -n/' ;; # flash-files.t has the rest, on a board with a file system
	'mpflash make flash-NUCLEO_H563ZI') echo "$1 -C micropython --probe 0240 -n" ;; # the first line of all, before there is a tree
	*https://example.org*) printf '%s\n' "$1" | sed "s|https://example.org/builds|$site/resources/firmware|" ;;
	*) printf '%s\n' "$1" ;;
	esac
}

# wanted COMMAND: the exit statuses that it may have
wanted() {
	case $1 in
	*--install-udev*) echo 0 ;;
	*' doctor '*) echo 0 1 ;; # something may be wrong with the machine
	*"'?'"*) echo 2 ;; # nobody is there to be asked
	*) echo 0 ;;
	esac
}

# --- the world
git_config=$T/gitconfig
git config --file "$git_config" user.name 'A Tester'
git config --file "$git_config" user.email tester@example.org
git config --file "$git_config" url."file://$T/fork.git".insteadOf https://github.com/you/micropython
GIT_CONFIG_GLOBAL=$git_config
MPFLASH_FIRMWARE=$T/fw
export GIT_CONFIG_GLOBAL MPFLASH_FIRMWARE
sample_tree demo-tree
cp -R demo-tree origin
cat >light.mk <<END
BOARD_DIR ?= boards/\$(BOARD)
OUT = \$(BUILD)/firmware
all: \$(patsubst %,\$(OUT).%,\$(FORMATS))
submodules:
\$(OUT).elf: main.c \$(BOARD_DIR)/mpconfigboard.\$(KIND) ../../shared/version.h
	@mkdir -p \$(BUILD)
	arm-none-eabi-gcc -mcpu=cortex-m0 -mthumb -Os -nostdlib -I../../shared \$(CFLAGS_EXTRA) -Wl,-Ttext=\$(BASE),-efirmware,-Map=\$(OUT).map -o \$@ \$<
\$(OUT).hex: \$(OUT).elf
	arm-none-eabi-objcopy -O ihex \$< \$@
\$(OUT).bin: \$(OUT).elf
	arm-none-eabi-objcopy -O binary \$< \$@
\$(OUT).dfu \$(OUT).uf2: \$(OUT).bin
	$MPFLASH convert --base \$(BASE) \$(if \$(filter %.uf2,\$@),--family rp2040) \$< \$@
END
(
	cd origin || exit
	# boards that are wrong on purpose, or of other ports, have their own tests
	rm -r ports/stm32/boards/BROKEN_BOARD ports/stm32/boards/TOO_BIG_BOARD ports/qemu/boards/[!M]* ports/qemu/boards/MICROBIT* \
		ports/unix ports/rp2/boards/RPI_PICO2
	# and those of two compile in a tenth of a second
	for light in stm32:mk:0x08000000:'elf hex dfu' rp2:cmake:0x10000000:'elf bin hex uf2'; do
		port=${light%%:*} light=${light#*:}
		{ echo "KIND = ${light%%:*}" && light=${light#*:} && echo "BASE = ${light%%:*}" && echo "FORMATS = ${light#*:}" && cat ../light.mk; } >"ports/$port/Makefile"
		printf '#include "version.h"\n%s\n' 'const struct { void *vectors[2]; char text[504]; } firmware = { { (void *)0x20001000, (void *)0x08000101 }, VERSION };' \
			>"ports/$port/main.c"
	done
	echo '#define VERSION "one"' >shared/version.h
	printf "/*.%s\n" bin dfu hex uf2 elf zip >>.gitignore
	git branch -q -m main master
	git add -A && git commit -q -m 'Fewer boards' && git tag -a -m v1.28.0 v1.28.0
	git checkout -q -b my_branch
	echo '#define VERSION "mine"' >shared/version.h
	git commit -q -a -m 'My change' && git checkout -q master
	echo '#define VERSION "two"' >shared/version.h
	git commit -q -a -m 'A change'
) || bail 'no fork'
git clone -q --bare origin fork.git
git clone -q "file://$T/fork.git" clone 2>/dev/null
(cd clone && git switch -q my_branch) || bail 'no clone'

mkdir fw kit kit/app kit/boards kit/modules kit/modules/one
site_start "$@"
releases
split kit/firmware 77
boot2 kit/pico 78
cp kit/pico.uf2 kit/firmware.uf2
cp site/resources/firmware/RPI_PICO-20250809-v1.26.0.uf2 kit
for name in old new; do
	arm-none-eabi-gcc -mcpu=cortex-m4 -mthumb -nostdlib -Iorigin/shared -efirmware -o "kit/$name.elf" origin/ports/stm32/main.c || bail "no $name.elf"
done
python3 "$TESTS_DIR/emu/esp_image.py" esp32 9000 >site/resources/firmware/ESP32_GENERIC-20250809-v1.26.0.bin
cp site/resources/firmware/ESP32_GENERIC-20250809-v1.26.0.bin site/resources/firmware/ESP32_GENERIC-20251001-v1.27.0-preview.97.gabcdef0123.bin
page ESP32_GENERIC esp32 ESP32_GENERIC-20251001-v1.27.0-preview.97.gabcdef0123.bin ESP32_GENERIC-20250809-v1.26.0.bin
port_page esp32 ESP32_GENERIC
cp -R clone home/micropython
mkdir home/Downloads
python3 - <<'END' || bail 'no archives'
import zipfile
with zipfile.ZipFile("home/Downloads/firmware.zip", "w") as z:
    z.write("site/resources/firmware/RPI_PICO-20250415-v1.25.0.uf2", "RPI_PICO-20250415-v1.25.0.uf2")
with zipfile.ZipFile("kit/micropython_boards.zip", "w") as z:
    z.writestr("micropython_boards.csv", "version,board_id,board_name,mcu,variant,port,path,description,family\n"
               "v1.26.0,PYBV11,PYBV11,stm32f4,,stm32,ports/stm32/boards/PYBV11,PYBv1.1 with STM32F405RG,micropython\n")
END
echo 'print("app")' >kit/app/main.py
echo 'include("$(PORT_DIR)/boards/manifest.py")' >kit/app/manifest.py
printf '#include "py/obj.h"\n' >kit/modules/one/one.c
printf 'SRC_USERMOD += $(USERMOD_DIR)/one.c\n' >kit/modules/one/micropython.mk
cp -R clone/ports/stm32/boards/PYBV11 kit/boards/MY_BOARD
cat >bin/pyocd <<'END'
#!/bin/sh
echo 'All 64 bytes match.'
END
printf '#!/bin/sh\nexec "$@"\n' >bin/sudo
# Boards under QEMU are on ptys, which are not among the rig's devices.
cat >bin/mpflash <<END
#!/bin/sh
case "\$*" in
*MPS2_AN385*) exec "$MPFLASH" "\$@" ;;
esac
UMOCKDEV_DIR=\$(cat "$T/emu/root") exec "$T/emu/mpflash" "\$@"
END
chmod +x bin/pyocd bin/sudo bin/mpflash
DESTDIR=$T/destdir
export DESTDIR

# ready N: the board goes into its bootloader when it is told to, and comes back, once more. "1:0" in $armed: board 1 is ready, after none
ready() {
	ready_now=$1:$(emu_log | grep -c "^bootloader ttyACM$1")
	case " $armed " in *" $ready_now "*) return ;; esac
	armed="$armed $ready_now"
	enters "$1"
}

# one FILE:LINE COMMAND SHOWN: as a person types it there; folder and variables stay from one to the next
one() {
	cat >typed <<END
cd "\$(cat "$T/cwd")" || exit
. "$T/vars"
$2
end=\$?
pwd >"$T/cwd"
export -p | grep -Ev '^declare -x (T|PWD|OLDPWD|SHLVL)(=|\$)' >"$T/vars"
exit \$end
END
	bash typed >seen 2>&1 </dev/null
	end=$?
	case " $(wanted "$2") " in
	*" $end "*) end_is_right=0 ;;
	*) end_is_right=1 ;;
	esac
	tap_result $end_is_right "$1: $2" || diag "exit $end
$(tail -n 30 seen)"
	sed -i "s|$T/$name/||" seen
	[ ! -s "$3" ] || ok "$1: what is shown of it" python3 "$TESTS_DIR/cli/docs.py" like "$3" seen || diag "$(cat seen)"
}

# devices: those of a new document
devices() {
	[ ! -d emu ] || emu_stop
	for pid in $(processes_of "$T" qemu-system-); do
		kill "$pid"
	done
	emu_start
	pyboard 1
	pico 2
	pyboard 3
	emu usb 1-9 0d28:0204 serial=0240000011112222 product=CMSIS-DAP if=ff/00/00:CMSIS-DAP
	armed=''
}

mkdir shown
docs commands shown >"$T/commands"
file=
count=0
while IFS='	' read -r at command <&7; do
	count=$((count + 1))
	case $at in *"${ONLY-}"*) ;; *) continue ;; esac
	test=$(elsewhere "${at%:*}" "$command" | head -n 1)
	if [ -n "$test" ]; then
		ok "$at: $command: in $test" grep -qF -e "${test#* }" "$TESTS_DIR/cli/${test%% *}"
		continue
	fi
	if [ "${at%:*}" != "$file" ]; then
		file=${at%:*}
		name=$(basename "$file" .md)
		{ mkdir "$name" "$name/demo" && cp -R kit/. clone "$name" && mv "$name/clone" "$name/micropython" &&
			cp kit/*.* "$name/micropython" && cp -R demo-tree "$name/demo/tree"; } || bail "no folder for $file"
		echo "$T/$name" >cwd
		# One that shows what a compiler said has a store of its own: nothing was built before.
		{ [ "$name" != FIRST-FLASH ] || echo "export MPFLASH_CACHE=$T/cache-of-it"; } >vars
		devices
	fi
	case $command in
	*flash* | *bootloader* | *verify* | *read-*)
		ready 1
		ready 2
		ready 3
		# what it comes back with, where the tree's is written
		version=$(git -C "$(cat cwd)" describe --tags --abbrev=10 2>/dev/null | sed 's/-g/.g/')
		says new-pyboard PYBV11 'PYBv1.1 with STM32F405RG' "${version:-v1.26.0}"
		;;
	esac
	one "$at" "$(adapted "$command")" "shown/$count"
done 7<commands
[ -z "$file" ] || emu_stop
site_stop
done_testing
