#!/bin/sh
# SPDX-License-Identifier: MIT
#
# mpflash make in containers of a real podman: the same bytes as with the host's tools, which are the same packages; from a
# path with spaces and a quote, from a linked worktree; only what has to be is done, and the user's tree stays as it is.
#
# Runs once: it compiles for a minute.
. "$(dirname "$0")/lib.sh"
# shellcheck source=../containers/lib.sh
. "$TESTS_DIR/containers/lib.sh"

need git make python3 arm-none-eabi-gcc cmake cmp
podman_set_up || skip_all "$why"

# A double quote would not go through the ports' own makefiles, whatever runs them.
tree="$T/it's a tree"
sample_tree "$tree"
boards='stm32/PYBV11 NUCLEO_H563ZI RPI_PICO qemu/MICROBIT'

# boxed WORD...: mpflash make in containers
boxed() {
	run "$MPFLASH" make --builder podman --container "${image:-$IMAGE}" -C "$tree" "$@"
}

# on_host WORD...: with the host's tools, and a cache of its own, so that nothing comes from what containers made
on_host() {
	run env MPFLASH_CACHE="$T/cache-host" "$MPFLASH" make --builder host -C "$tree" "$@"
}

# steps: how many the JSON events in $out say did work
steps() {
	printf '%s\n' "$out" | sed -n 's/.*"event":"summary","run":\([0-9]*\).*/\1/p'
}

# compiles: how many they say were begun
compiles() {
	printf '%s\n' "$out" | grep -c '"event":"start".*"step":"compile"'
}

# images DIR: all firmware files in it that hold no paths, with their digests
images() {
	(cd "$1" && find . -type f \( -name '*.bin' -o -name '*.hex' -o -name '*.dfu' -o -name '*.uf2' \) | LC_ALL=C sort |
		xargs -d '\n' sha256sum)
}

# milliseconds since the epoch
now() {
	date +%s%3N
}

# made NAME: the last run made what it was asked for
made() {
	is "$1" "$status" 0 || diag "$err"
}

tree_is_clean() {
	is "$1: the tree is as it was" "$(git -C "$tree" status --porcelain --ignored)" '!! build-mpflash/'
}

# --- the same bytes as on the host ---

begin=$(now)
# shellcheck disable=SC2086
boxed --explain -o "$T/boxed" $boards
made 'boards of three ports are made in containers'
diag "in containers: $(($(now) - begin)) ms"
like 'in which, --explain tells' "$err" "podman.*$IMAGE"
rm -rf "$tree/build-mpflash"
begin=$(now)
# shellcheck disable=SC2086
on_host -o "$T/host" $boards
made 'and on the host'
diag "on the host: $(($(now) - begin)) ms"
images "$T/boxed" >"$T/boxed.sums"
images "$T/host" >"$T/host.sums"
isnt 'there are images to compare' "$(wc -l <"$T/host.sums")" 0
for kind in bin hex dfu uf2; do
	ok "among them .$kind" grep -q "\\.$kind\$" "$T/host.sums"
done
is 'all are the same bytes' "$(cat "$T/boxed.sums")" "$(cat "$T/host.sums")"
is 'git sees no change in the tree' "$(git -C "$tree" status --porcelain)" ''
is 'no container is left' "$(containers)" ''

# --- only what has to be ---

begin=$(now)
# shellcheck disable=SC2086
boxed --json -o "$T/boxed" $boards
took=$(($(now) - begin))
diag "nothing to do: $took ms"
is 'a second run does nothing' "$status $(steps)" '0 0' || diag "$out"
ok 'and starts no container' test "$took" -lt 1500
boxed --json -o "$T/boxed2" qemu/MICROBIT
is 'into another folder, it comes from the store' "$status $(compiles)" '0 0'

printf '\n/* A remark. */\n' >>"$tree/ports/rp2/clocks.c"
boxed --json qemu/MICROBIT NUCLEO_H563ZI
is 'a file that only another port reads does not count' "$status $(compiles)" '0 0' || diag "$out"
git -C "$tree" checkout -q .
printf 'CFLAGS += -DLOOKED_FOR_IN_VAIN\n' >"$tree/ports/qemu/mpconfigport.mk"
boxed --explain qemu/MICROBIT NUCLEO_H563ZI
made 'a file is added that was looked for in vain'
like 'the port that looked for it builds' "$err" 'qemu/MICROBIT: done'
like 'the reason names it' "$err" 'ports/qemu/mpconfigport\.mk'
unlike 'the other port does not build' "$err" 'NUCLEO_H563ZI: done'
rm "$tree/ports/qemu/mpconfigport.mk"

# --- an edit goes on in the work folder ---

printf '\n/* A remark. */\n' >>"$tree/py/lexer.c"
boxed qemu/MICROBIT
printf '\n#define FROM_AN_EDIT 1\n' >>"$tree/py/lexer.h"
sed -i 's/NameError/NameErrer/' "$tree/py/runtime.c"
folder=$(find "$MPFLASH_CACHE/work" -maxdepth 2 -type d -name 'qemu-MICROBIT')
touch "$folder/was-here"
boxed --audit --explain qemu/MICROBIT
made 'an edit is made, and the same as from nothing'
like 'as the audit says' "$err" '^audit    qemu/MICROBIT: .*from nothing the same'
ok 'make went on in its folder' test -e "$folder/was-here"
git -C "$tree" checkout -q .

# --- images ---

boxed NUCLEO_H563ZI
podman run --name layer --network none "$IMAGE" /bin/sh -c 'echo more >/etc/more'
podman commit -q layer localhost/another-layer:here >/dev/null || bail 'podman commit'
podman rm -f layer >/dev/null
image=localhost/another-layer:here
boxed --explain NUCLEO_H563ZI
made 'another image with the same tools'
like 'builds again' "$err" 'NUCLEO_H563ZI: done'
like 'and the reason is the image' "$err" '(container|image)'
boxed --json NUCLEO_H563ZI
is 'and then no more' "$status $(steps)" '0 0'
image=
boxed --json NUCLEO_H563ZI
is 'back at the first image, it is known' "$status $(compiles)" '0 0'

image=localhost/not-here:1
boxed NUCLEO_H563ZI
is 'an image that is not there and cannot be had' "$status" 1
like 'is named' "$err" '^error: .*localhost/not-here:1'
like 'with what to do' "$err" '^hint: '
image=

# --- what a build sees ---

cat >>"$tree/ports/qemu/boards/MICROBIT/mpconfigboard.mk" <<'END'
$(info networks: $(shell ls /sys/class/net))
$(info commit: $(shell git rev-parse HEAD 2>&1))
$(info terminal: $(shell test -t 0 && echo yes || echo no))
$(info devices: $(shell ls -d /dev/bus/usb /dev/ttyACM* 2>/dev/null))
END
boxed qemu/MICROBIT
made 'a board whose make looks around'
run "$MPFLASH" log -C "$tree" qemu/MICROBIT
like 'it has no network' "$out" '^networks: lo$'
like 'git works' "$out" "^commit: $(git -C "$tree" rev-parse HEAD)\$"
like 'there is no terminal' "$out" '^terminal: no$'
like 'and no device' "$out" '^devices: *$'
git -C "$tree" checkout -q .

# --- a linked worktree ---

git -C "$tree" worktree add -q -b other "$T/linked tree" || bail 'git worktree'
cat >>"$T/linked tree/ports/stm32/boards/NUCLEO_H563ZI/mpconfigboard.mk" <<'END'
$(info commit: $(shell git rev-parse HEAD 2>&1))
END
run env MPFLASH_CACHE="$T/cache-linked" "$MPFLASH" make --builder podman --container "$IMAGE" -C "$T/linked tree" \
	NUCLEO_H563ZI
made 'a linked worktree builds'
run env MPFLASH_CACHE="$T/cache-linked" "$MPFLASH" log -C "$T/linked tree" NUCLEO_H563ZI
like 'git works there, too' "$out" "^commit: $(git -C "$tree" rev-parse HEAD)\$"
git -C "$T/linked tree" checkout -q .
run env MPFLASH_CACHE="$T/cache-linked" "$MPFLASH" make --builder podman --container "$IMAGE" -C "$T/linked tree" \
	-o "$T/linked" NUCLEO_H563ZI
is 'with the same bytes' "$(images "$T/linked" | cut -d' ' -f1)" \
	"$(images "$T/host" | grep '/NUCLEO_H563ZI/' | cut -d' ' -f1)"

# --- names that a shell would obey ---

# shellcheck disable=SC2016 # these are names
hostile_boards() {
	printf '%s\n' 'A;touch hacked' 'B$(touch hacked)' 'C`touch hacked`' "D'touch hacked'" 'E"touch hacked"' 'F G' \
		'H$(shell touch hacked)' 'I|touch hacked' 'J&touch hacked&'
}
hostile_boards >"$T/names"
while IFS= read -r name; do
	cp -R "$tree/ports/stm32/boards/NUCLEO_H563ZI" "$tree/ports/stm32/boards/$name"
	boxed "$name"
	case $status in
	0) ok "a board named $name is made" test -s "$tree/build-mpflash/$name/firmware.dfu" ;;
	*) like "a board named $name is an error" "$err" '^error: ' ;;
	esac
	rm -rf "$tree/ports/stm32/boards/$name"
done <"$T/names"
is 'nothing of that was obeyed' "$(find "$T" -name '*hacked*' ! -path '*/build-mpflash/*' ! -path '*/cache/*')" ''
is 'not in work folders, either' "$(find "$T/cache/work" -name 'hacked*')" ''

rm -rf "$tree/build-mpflash"
is 'git sees no change in the tree' "$(git -C "$tree" status --porcelain --ignored)" ''
is 'no container is left' "$(containers)" ''
done_testing
