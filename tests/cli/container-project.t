#!/bin/sh
# SPDX-License-Identifier: MIT
#
# mpflash make in containers of ports that write into their own folder, as ESP-IDF's builds do (project = copy): each board
# has a copy of its own, the tree stays as it is, and the copy keeps up with the tree.
#
# Runs once: it starts a dozen containers.
. "$(dirname "$0")/lib.sh"
# shellcheck source=../containers/lib.sh
. "$TESTS_DIR/containers/lib.sh"

need git make python3 arm-none-eabi-gcc cmp
podman_set_up || skip_all "$why"
small_tree "$T/a tree"
cd "$T/a tree" || exit
boards=ports/mini/boards

boxed() {
	run "$MPFLASH" make --builder podman --container "$IMAGE" "$@"
}

mkdir -p ports/wild/boards
cp -R "$boards/RED" ports/wild/boards/WILD_A
cp -R "$boards/RED" ports/wild/boards/WILD_B
cp ports/mini/main.c ports/wild
sed 's|^all:|all: managed_components/got.txt\n&|' ports/mini/Makefile >ports/wild/Makefile
cat >>ports/wild/Makefile <<'END'

# What the other target wrote here would be seen.
managed_components/got.txt:
	@test ! -e sdkconfig || { echo "sdkconfig of $$(cat sdkconfig)"; exit 1; }
	echo $(BOARD) >sdkconfig
	sleep 0.5
	test "$$(cat sdkconfig)" = $(BOARD)
	mkdir -p managed_components
	echo $(BOARD) >$@
	rm sdkconfig
	echo locked >dependencies.lock
END
printf 'committed\n' >ports/wild/dependencies.lock
cat >>mpflash.rules <<'END'

port wild
  make = ports/wild
  project = copy
  toolchain = make arm-none-eabi-gcc arm-none-eabi-objcopy
  inputs = py ports/wild
  mpy-cross = no
  reference = firmware.elf
  flash.base = 0x00010000

  build firmware.elf firmware.bin: compile
END
git add -A
git -c user.name=A -c user.email=a@example.org commit -qm 'A port that writes into its folder'
boxed -j4 WILD_A WILD_B
is 'two of its boards at once: both made' "$status" 0 || diag "$err"
is 'the tree is as it was' "$(git status --porcelain --ignored)" '!! build-mpflash/'
is 'its lock file, too' "$(cat ports/wild/dependencies.lock)" committed
boxed --json WILD_A WILD_B
like 'then there is nothing to do' "$out" '"event":"summary","run":0,.*"failed":0,'
cp build-mpflash/WILD_A/firmware.bin "$T/before.bin"
sed -i 's/MicroPython/MicroPithon/' ports/wild/main.c
boxed WILD_A
is 'an edit of its sources is built' "$status" 0 || diag "$err"
like 'with other bytes' "$(tr -cd '[:alpha:]' <build-mpflash/WILD_A/firmware.bin)" MicroPithon
git checkout -q ports/wild
boxed -B WILD_A
ok 'and back' cmp "$T/before.bin" build-mpflash/WILD_A/firmware.bin
is 'the tree is as it was' "$(git status --porcelain --ignored)" '!! build-mpflash/'

is 'no container is left' "$(containers)" ''
done_testing
