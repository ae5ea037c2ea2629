#!/bin/sh
# SPDX-License-Identifier: MIT
#
# What was built once is not built again: another branch and back, another checkout at another path, a worktree, the
# build folder deleted. And a file that is edited while it is built is never recorded as what was built.
# shellcheck disable=SC2016,SC2086 # makefiles and words
. "$(dirname "$0")/lib.sh"
# shellcheck source=exact.sh
. "$TESTS_DIR/cli/exact.sh"

need git arm-none-eabi-gcc make
sources tree
git checkout -q -b two
sed -i 's/16/32/' py/mini.h
printf 'const char two[] __attribute__((used)) = "two";\n' >ports/mini/boards/RED/two.c
sed -i 's/-Os/-O2/' ports/mini/Makefile
commit 'Two'
git checkout -q main

builds 'branch A' RED
git checkout -q two
builds 'branch B' RED
git checkout -q main
restores 'branch A again' RED
rests 'and once more' RED
git checkout -q two
restores 'branch B again' RED
for round in 1 2 3; do
	git checkout -q main
	restores "branch A, round $round" RED
	git checkout -q two
	restores "branch B, round $round" RED
done
git checkout -q main
restores 'home' RED

# --- other places ---
git clone -q "$T/tree" "$T/another place"
(
	cd "$T/another place" || exit
	run "$MPFLASH" make RED
	is 'another checkout at another path: no compile' "$(compiles) $status" '0 0'
	image_is_right 'another checkout'
	printf '%s\n' $tap_count >"$T/count"
	exit $tap_failed
)
tap_failed=$((tap_failed + $?)) tap_count=$(cat "$T/count")
elsewhere() { # NAME DIR
	run "$MPFLASH" make -C "$2" RED
	is "$1: no compile" "$(compiles) $status" '0 0'
	ok "$1: the same image" cmp build-mpflash/RED/firmware.bin "$2/build-mpflash/RED/firmware.bin"
	run "$MPFLASH" make -C "$2" RED
	like "$1: and then nothing to do" "$err" '^nothing to do: '
}
git worktree add -q "$T/worktree" HEAD
elsewhere 'a worktree' "$T/worktree"
mkdir "$T/deep"
git clone -q --depth 1 "file://$T/tree" "$T/deep/shallow"
elsewhere 'a shallow clone with the tag' "$T/deep/shallow"
cp -R "$T/tree" "$T/copy"
rm -r "$T/copy/build-mpflash"
elsewhere 'a copy' "$T/copy"
ln -s "$T/tree" "$T/link"
elsewhere 'the tree behind a link' "$T/link"
mv "$T/copy" "$T/moved"
elsewhere 'a copy that was moved' "$T/moved"
sed -i 's/16/48/' "$T/moved/py/mini.h"
run "$MPFLASH" make -C "$T/moved" RED
is 'an edit there builds there' "$(compiles) $status" '1 0'
rests 'and nothing here' RED
sed -i 's/16/48/' py/mini.h
restores 'the same edit here comes from the store' RED
git checkout -q py

# --- edited while it is built ---
# The port's make waits as long as the file that GATE names is there; that it does so tells the file `there`.
sed -i 's|while \[ -e .*wait-for .*|touch $(BUILD)/there; while [ -e "$(GATE)" ]; do sleep 0.02; done; rm -f $(BUILD)/there|' ports/mini/Makefile
commit 'A gate'

# Begins a build that stands in the middle of make; $pid is its process.
begin() {
	tick
	touch "$T/gate"
	"$MPFLASH" make RED --set GATE="$T/gate" >"$T/begun.out" 2>"$T/begun.err" </dev/null &
	pid=$!
	begin_left=1000
	until find "$MPFLASH_CACHE/work" -name there | grep -q .; do
		begin_left=$((begin_left - 1))
		{ [ $begin_left -gt 0 ] && kill -0 $pid; } || bail "$1: the build did not begin: $(cat "$T/begun.err")"
		sleep 0.02
	done
}
finish() {
	rm -f "$T/gate"
	wait "$pid"
	status=$?
}
gated() {
	hand="GATE=$T/gate" "$@" --set GATE="$T/gate"
}

begin 'edited'
sed -i 's/16/50/' py/mini.h
finish
err=$(cat "$T/begun.err")
is 'edited: it ends well' "$status" 0
hand="GATE=$T/gate" image_is_right 'edited'
gated rests 'edited: and then' RED
sed -i 's/50/16/' py/mini.h
run "$MPFLASH" make RED --set GATE="$T/gate"
is 'the content that the build began with' "$status" 0
hand="GATE=$T/gate" image_is_right 'the content that the build began with'

begin_again() { # NAME: main.c is new, so that there is something to build
	printf '/* %s */\n' "$1" >>ports/mini/main.c
	begin "$1"
}
begin_again 'committed'
sed -i 's/16/52/' py/mini.h
commit 'During a build'
git tag v1.30.0
finish
is 'committed meanwhile: it ends well' "$status" 0
# With --set the version ends with a word for that: v1.30.0-c<8 hex>.
ok 'the image says the version that it is of' grep -aEq 'MicroPython v1\.30\.0-c[0-9a-f]{8} for' build-mpflash/RED/firmware.bin
git tag -d v1.30.0 >/dev/null
sed -i 's/52/16/' py/mini.h
commit 'And back'

begin_again 'edited and edited back'
sed -i 's/16/51/' py/mini.h
rm "$T/gate"
sleep 0.02
sed -i 's/51/16/' py/mini.h
finish
is 'edited and edited back: it ends well' "$status" 0
hand="GATE=$T/gate" image_is_right 'edited and edited back'
gated rests 'edited and edited back: and then' RED

begin_again 'edited, the date set back'
touch -r py/mini.h "$T/date"
sed -i 's/16/52/' py/mini.h
touch -r "$T/date" py/mini.h
finish
is 'edited, the date set back: it ends well' "$status" 0
hand="GATE=$T/gate" image_is_right 'edited, the date set back'
gated rests 'edited, the date set back: and then' RED

begin_again 'a header appears'
printf '#define MINI_LIMIT 53\n' >ports/mini/mini.h
finish
is 'a header appears: it ends well' "$status" 0
hand="GATE=$T/gate" image_is_right 'a header appears'
gated rests 'a header appears: and then' RED

begin_again 'a header goes and comes back'
mv ports/mini/mini.h "$T/mini.h"
rm "$T/gate"
sleep 0.1
mv "$T/mini.h" ports/mini/mini.h
finish
run "$MPFLASH" make RED --set GATE="$T/gate"
is 'a header goes and comes back: the next run at the latest is well' "$status" 0
hand="GATE=$T/gate" image_is_right 'a header goes and comes back'

begin_again 'a folder replaced'
cp -R py "$T/py" && sed -i 's/53/54/; s/52/54/' "$T/py/mini.h" && rm ports/mini/mini.h && mv py "$T/old-py" && mv "$T/py" py
finish
is 'a folder replaced: it ends well' "$status" 0
hand="GATE=$T/gate" image_is_right 'a folder replaced'

begin_again 'a branch switched'
git stash -q && git checkout -q two
finish
run "$MPFLASH" make RED
is 'a branch switched: the next run' "$status" 0
image_is_right 'a branch switched'

done_testing
