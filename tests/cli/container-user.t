#!/bin/sh
# SPDX-License-Identifier: MIT
#
# mpflash make in containers of a user who is not root: podman without root, a docker socket that is not the user's. The
# user exists for this test alone (tests/containers/lib.sh).
#
# Runs once: it compiles for half a minute.
. "$(dirname "$0")/lib.sh"
# shellcheck source=../containers/lib.sh
. "$TESTS_DIR/containers/lib.sh"

need git make python3 arm-none-eabi-gcc cmp
podman_set_up || skip_all "$why"
user_set_up || skip_all "$why"

cd "$T/user/home" || exit
tree="$T/user/home/the user's tree"
sample_tree "$tree"
chown -R "$user_id:$user_id" "$tree"

# boxed WORD...: mpflash make in containers, as the user
boxed() {
	run as_user "$MPFLASH" make --builder podman --container "$IMAGE" -C "$tree" "$@"
}

# owners DIR: whose the files in it are
owners() {
	find "$1" -printf '%U:%G\n' | sort -u
}

boxed NUCLEO_H563ZI qemu/MICROBIT
is 'an ordinary user builds' "$status" 0 || diag "$err"
is 'what is made belongs to that user' "$(owners "$tree")" "$user_id:$user_id"
is 'so does all in the cache' "$(owners "$T/user/home/cache")" "$user_id:$user_id"
is 'git sees no change' "$(as_user git -C "$tree" status --porcelain --ignored)" '!! build-mpflash/'
cp -R "$tree/build-mpflash" "$T/boxed"
rm -rf "$tree/build-mpflash"
run as_user env MPFLASH_CACHE="$T/user/home/cache-host" "$MPFLASH" make --builder host -C "$tree" NUCLEO_H563ZI qemu/MICROBIT
is "the host's tools build it, too" "$status" 0 || diag "$err"
for file in NUCLEO_H563ZI/firmware.dfu NUCLEO_H563ZI/firmware.hex NUCLEO_H563ZI/firmware.bin MICROBIT/firmware.bin; do
	ok "$file: the same bytes" cmp "$T/boxed/$file" "$tree/build-mpflash/$file"
done
boxed --json NUCLEO_H563ZI qemu/MICROBIT
boxed --json NUCLEO_H563ZI qemu/MICROBIT
like 'then there is nothing to do' "$out" '"event":"summary","run":0,'

# shellcheck disable=SC2016 # for that sh
as_user sh -c 'printf "\n#define FROM_AN_EDIT 1\n" >>"$1/py/lexer.h"' sh "$tree"
boxed --audit qemu/MICROBIT
is 'an edit is made, and the same as from nothing' "$status" 0 || diag "$err"
is 'no container is left' "$(containers)" ''

# --- an engine that is not ours to use ---

if command -v docker >/dev/null && docker --version 2>/dev/null | grep -q '^Docker version'; then
	python3 - "$T/user/docker.sock" <<'END' &
import os, socket, sys, time
s = socket.socket(socket.AF_UNIX)
s.bind(sys.argv[1])
os.chmod(sys.argv[1], 0o600)
s.listen()
time.sleep(60)
END
	listener=$!
	while [ ! -S "$T/user/docker.sock" ]; do sleep 0.05; done
	run as_user env DOCKER_HOST="unix://$T/user/docker.sock" "$MPFLASH" make --builder docker -C "$tree" PYBV11
	is "a socket that only root may use: not made" "$status" 1
	like 'the error says so' "$err" '^error: .*[Pp]ermission'
	like 'and how to get it' "$err" '^hint: .*usermod -aG docker'
	kill "$listener"
	wait "$listener" 2>/dev/null
else
	skip 'a socket that only root may use' "there is no docker client"
fi

# --- no subordinate ids ---

cp "$T/user/subid" "$T/user/subid.kept"
: >"$T/user/subid"
user_forget
boxed -B NUCLEO_H563ZI
case $status in
0) is 'without subordinate ids: podman does with one' "$(owners "$tree")" "$user_id:$user_id" ;;
*)
	like 'without subordinate ids: an error' "$err" '^error: '
	like 'whose hint is the command that gives some' "$err" '^hint: .*add-subuids'
	;;
esac
cp "$T/user/subid.kept" "$T/user/subid"
user_forget

done_testing
