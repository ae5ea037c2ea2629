#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Submodules of TARGET@REF: from what this machine has, then from their addresses; never by writing into the user's repository.
. "$(dirname "$0")/lib.sh"
need git arm-none-eabi-gcc

export GIT_CONFIG_COUNT=2 GIT_CONFIG_KEY_0=user.name GIT_CONFIG_VALUE_0=A GIT_CONFIG_KEY_1=user.email GIT_CONFIG_VALUE_1=a@example.org

lib_commit() { # NUMBER
	printf '#define NEEDED %s\n' "$1" >"$T/lib/needed.h"
	git -C "$T/lib" add needed.h
	git -C "$T/lib" commit -qm "$1" || bail "no commit $1"
}

git init -q -b main "$T/lib"
lib_commit 1111
one=$(git -C "$T/lib" rev-parse HEAD)
small_tree "$T/origin"
cd "$T/origin" || bail "no tree"
git -c protocol.file.allow=always submodule --quiet add "file://$T/lib" lib/needed || bail "no submodule"
printf 'port mini\nsubmodules = lib/needed lib/of-another-version\n' >>mpflash.rules
sed -i 's/^#include "mini.h"/&\n#include "..\/..\/lib\/needed\/needed.h"\nconst int needed = NEEDED;/' ports/mini/main.c
grep -q NEEDED ports/mini/main.c || bail 'no place for the include'
git add -A && git commit -qm 'With a submodule' && git tag v1.0.0
lib_commit 2222
two=$(git -C "$T/lib" rev-parse HEAD)
git -C lib/needed fetch -q && git -C lib/needed checkout -q "$two"
git commit -qam 'Newer' && git tag v2.0.0

config() { # DIR
	git -C "$1" config --list --local
	git -C "$1" status --porcelain
	git -C "$1" submodule status
}

# Without a network, and with the address of the submodule gone.
offline() {
	[ ! -e "$T/lib" ] || mv "$T/lib" "$T/gone"
	if unshare -n true 2>/dev/null; then
		unshare -n "$@"
	else
		"$@"
	fi
}

# --- from the main checkout ------------------------------------------------------------------------------------------

before=$(config .)
run offline "$MPFLASH" make --offline RED@v1.0.0 BLUE@v2.0.0
is 'objects of the main checkout are enough, without any network' "$status" 0
like 'a step brings them' "$err" '^submodules +mini/RED@v1\.0\.0'
is 'each version has the commit that it names' \
	"$(git -C "$T"/cache/work/repo-*/"$(git rev-parse v1.0.0 | cut -c1-16)"/lib/needed rev-parse HEAD)" "$one"
is 'the other one too' \
	"$(git -C "$T"/cache/work/repo-*/"$(git rev-parse v2.0.0 | cut -c1-16)"/lib/needed rev-parse HEAD)" "$two"
is 'the user'"'"'s submodules and configuration are as they were' "$(config .)" "$before"
unlike 'and the version is a clean one' "$(grep -ao 'v[0-9][0-9a-z.-]*' build-mpflash/RED@v1.0.0/firmware.bin)" dirty
run "$MPFLASH" make --explain RED@v1.0.0
like 'again: nothing to do' "$err$out" '^nothing to do: 3 steps up to date'

# --- from their addresses ----------------------------------------------------------------------------------------------

mv "$T/gone" "$T/lib"
git clone -q "file://$T/origin" "$T/fresh"
cd "$T/fresh" || bail "no clone"
before=$(config .)
run "$MPFLASH" make --offline RED@v1.0.0
is 'a clone that has none, with --offline' "$status" 1
like 'names the submodule, its commit and its address' "$err" "the submodule lib/needed \(commit $one of file://$T/lib\)"
run env GIT_ALLOW_PROTOCOL=file "$MPFLASH" make RED@v1.0.0
is 'with a network' "$status" 0
like 'it is fetched' "$err" "fetching the submodule lib/needed from file:"
is 'and the user'"'"'s submodules stay as they were' "$(config .)" "$before"
mv "$T/lib" "$T/gone"
git tag again v1.0.0
run env GIT_ALLOW_PROTOCOL=file "$MPFLASH" make RED@HEAD
like 'one that is missing upstream is named' "$err" "the submodule lib/needed \(commit $two of file://$T/lib\) cannot be had"
is 'and is an error' "$status" 1
run env GIT_ALLOW_PROTOCOL=file "$MPFLASH" make RED@again
is 'what is here needs nobody' "$status" 0
git checkout -q v1.0.0 && git commit -q --allow-empty -m 'A third'
run "$MPFLASH" make --offline RED@HEAD
is 'another worktree of ours has the objects' "$status" 0

# --- shallow, and twice at once ------------------------------------------------------------------------------------------

mv "$T/gone" "$T/lib"
git clone -q --depth 1 --branch v2.0.0 "file://$T/origin" "$T/shallow" 2>/dev/null
cd "$T/shallow" || bail "no shallow clone"
GIT_ALLOW_PROTOCOL="file" "$MPFLASH" make -o "$T/a" RED@v2.0.0 >"$T/a.log" 2>&1 &
pid=$!
run env GIT_ALLOW_PROTOCOL=file "$MPFLASH" make -o "$T/b" RED@v2.0.0
is 'a shallow clone' "$status" 0
wait "$pid"
is 'twice at once' "$?" 0 || cat "$T/a.log" >&2
ok 'the same bytes' cmp "$T/a/RED@v2.0.0/firmware.hex" "$T/b/RED@v2.0.0/firmware.hex"
is 'nothing is left half made' "$(find "$T/cache/work" -maxdepth 2 -name '*.tmp*')" ''
run env GIT_ALLOW_PROTOCOL=file "$MPFLASH" make RED@v1.0.0
is 'what a shallow clone does not have is fetched from origin' "$status" 0

done_testing
