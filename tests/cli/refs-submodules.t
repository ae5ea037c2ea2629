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

# --- partial, foreign and hostile ones ----------------------------------------------------------------------------------

export GIT_ALLOW_PROTOCOL=file
git -C "$T/lib" config uploadpack.allowFilter true
git clone -q "file://$T/origin" "$T/partial"
cd "$T/partial" || bail "no clone"
git -c protocol.file.allow=always submodule --quiet update --init --filter=blob:none
git -C lib/needed cat-file -e "$one" || bail 'not even the commit'
mv "$T/lib" "$T/gone"
run "$MPFLASH" make --offline RED@v1.0.0
is 'a submodule that is a partial clone and lacks the contents, with --offline' "$status" 1
like 'is not taken for whole' "$err" "the submodule lib/needed \(commit $one .*lacks the contents of needed\.h, and --offline was given"
run "$MPFLASH" make --offline RED@v2.0.0
is 'the commit that it has is' "$status" 0
mv "$T/gone" "$T/lib"
run "$MPFLASH" make RED@v1.0.0
is 'and with a network the other one comes too' "$status" 0
like 'from its address' "$err" 'fetching the submodule lib/needed'

git clone -q --recurse-submodules "file://$T/origin" "$T/foreign" 2>/dev/null
cd "$T/foreign" || bail "no clone"
if [ "$(id -u)" = 0 ] && chown -R nobody "$T/foreign"; then
	run "$MPFLASH" make --offline -o "$T/foreign-out" RED@v2.0.0
	is 'a tree that somebody else owns' "$status" 0
else
	skip 'a tree that somebody else owns' 'only root gives files away'
fi

git clone -q "file://$T/origin" "$T/named"
cd "$T/named" || bail "no clone"
git config -f .gitmodules --rename-section submodule.lib/needed 'submodule.my own lib.path'
git commit -qam 'A name with blanks' && git tag blanks
run "$MPFLASH" make RED@blanks
is 'a submodule whose name has blanks' "$status" 0

# Names and paths that lead out of the worktree; what is there would be run, or removed.
mkdir "$T/evil" "$T/named/.git/modules" && git init -q --bare "$T/named/evil.git"
git config -f .gitmodules --rename-section 'submodule.my own lib.path' submodule.../../evil.git
git commit -qam 'A name that climbs' && git tag climbs
run "$MPFLASH" make -o "$T/climbs" RED@climbs
is 'a name that is a path is an error' "$status" 1
like 'that tells it' "$err" "lib/needed: \.gitmodules gives it the name '\.\./\.\./evil\.git', which is a path"
git config -f .gitmodules --rename-section submodule.../../evil.git submodule.lib/needed
printf 'port mini\nsubmodules = ../../../evil lib/../lib/needed lib/ . lib/needed %s/evil\n' "$T" >>mpflash.rules
git config -f .gitmodules submodule.lib/needed.url "ext::sh -c touch% $T/evil/run"
git commit -qam 'Paths that climb' && git tag paths
MPFLASH_CACHE=$T/cache3 # where no other worktree has it
run env -u GIT_ALLOW_PROTOCOL "$MPFLASH" make -o "$T/paths" RED@paths
is 'an address that runs a program is none' "$status" 1
like 'and this is said' "$err" "transport 'ext' not allowed"
git config -f .gitmodules submodule.lib/needed.url "file://$T/lib" && git commit -qam 'Only paths' && git tag only
run "$MPFLASH" make -o "$T/only" RED@only
is 'paths that lead elsewhere are no submodules' "$status" 0
is 'and what is there stays as it is' \
	"$(find "$T/evil" -mindepth 1)$(find "$T/cache3/work/"repo-*/*/lib -mindepth 1 -maxdepth 1 -printf '%f\n' | sort -u)" needed

# --- which: the port's make says it ------------------------------------------------------------------------------------

repository() { # NAME: one commit with NAME.h in it
	git init -q -b main "$T/asked/$1"
	printf '#define FROM_%s 1\n' "$1" >"$T/asked/$1/$1.h"
	git -C "$T/asked/$1" add .
	git -C "$T/asked/$1" commit -qm "$1" || bail "no repository $1"
}

add_submodule() { # TREE PATH URL
	git -C "$1" -c protocol.file.allow=always submodule --quiet add "$3" "$2" || bail "no submodule $2"
}

MPFLASH_CACHE=$T/cache4
mkdir "$T/asked"
for name in outer inner spare; do
	repository "$name"
done
add_submodule "$T/asked/outer" deep/inner "file://$T/asked/inner"
git -C "$T/asked/outer" commit -qm 'With one inside'
small_tree "$T/asked/tree"
cd "$T/asked/tree" || bail 'no tree'
add_submodule . lib/outer "file://$T/asked/outer"
add_submodule . lib/spare "file://$T/asked/spare"
printf 'port mini\nsubmodules = lib/spare\n' >>mpflash.rules
cat >>ports/mini/Makefile <<'END'

# As MicroPython's: what is needed depends on the board, and git is asked twice.
submodules:
	cd ../.. && git submodule sync lib/outer
	cd ../.. && git submodule update --init --filter=blob:none lib/outer || git submodule update --init lib/outer
ifeq ($(wildcard ../../lib/outer/outer.h),)
	false # CMake wants the first ones before it says more
endif
	test $(BOARD) != RED || git -C ../../lib/outer submodule --quiet update --init --depth 1 -- deep/inner
	test $$(git -C ../.. rev-parse --is-inside-work-tree) = true
	mkdir -p $(BUILD)/submodules
END
git add -A && git commit -qm 'With three' && git tag v3.0.0

worktree() {
	echo "$MPFLASH_CACHE"/work/repo-*/"$(git rev-parse "$1" | cut -c1-16)"
}

run env GIT_ALLOW_PROTOCOL=file "$MPFLASH" make RED@v3.0.0
is 'the submodules that make names' "$status" 0 || diag "$err"
tree=$(worktree v3.0.0)
ok 'are here' test -s "$tree/lib/outer/outer.h"
ok 'also one inside of another, which it names in a second round' test -s "$tree/lib/outer/deep/inner/inner.h"
not_ok 'one that only the rules name is not' test -e "$tree/lib/spare/spare.h"
like 'the inner one comes from its own address' "$err" "fetching the submodule lib/outer/deep/inner from file://$T/asked/inner"
is 'make built nothing in the tree' "$(git -C "$tree" status --porcelain --ignored)" ''
is 'and nothing of the question is left' "$(find "$MPFLASH_CACHE/work" -name '*.submodules.tmp*')" ''
is 'the user'"'"'s tree has no inner one' "$(ls "$T/asked/tree/lib/outer/deep/inner")" ''
run "$MPFLASH" make RED@v3.0.0
like 'make is asked once' "$err$out" '^nothing to do: 3 steps up to date'
run "$MPFLASH" make -n BLUE@v3.0.0
like 'another board is a question of its own' "$err$out" "^submodules mini/BLUE@v3\.0\.0: would run: the port's make was not asked yet"

git -C lib/outer -c protocol.file.allow=always submodule --quiet update --init || bail 'no inner submodule'
git commit -q --allow-empty -m 'Another commit'
mv "$T/asked/inner" "$T/asked/gone"
rm -rf "$MPFLASH_CACHE/work"
run "$MPFLASH" make --offline RED@HEAD
is 'all come from the main checkout, the inner one too' "$status" 0 || diag "$err"
rm -rf "$MPFLASH_CACHE/work" lib/outer/deep/inner .git/modules/lib/outer/modules
run env GIT_ALLOW_PROTOCOL=file "$MPFLASH" make RED@HEAD
is 'an inner one that is missing upstream' "$status" 1
like 'is named by its whole path' "$err" "the submodule lib/outer/deep/inner \(commit [0-9a-f]* of file://$T/asked/inner\) cannot be had"

sed -i 's/^	mkdir -p .*submodules$/	false/' ports/mini/Makefile
git commit -qam 'A make that cannot say it all'
mv "$T/asked/gone" "$T/asked/inner"
run env GIT_ALLOW_PROTOCOL=file "$MPFLASH" make RED@HEAD
is 'where make fails' "$status" 0 || diag "$err"
ok 'the rules are asked as well' test -s "$(worktree HEAD)/lib/spare/spare.h"
ok 'as what it did name' test -s "$(worktree HEAD)/lib/outer/deep/inner/inner.h"

done_testing
