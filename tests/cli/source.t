#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Where the sources are, and the version stamp that builds get from them.
. "$(dirname "$0")/lib.sh"

need git arm-none-eabi-gcc make strings
small_tree "$T/tree"
cd "$T/tree" || exit
GIT_AUTHOR_NAME='A Tester' GIT_AUTHOR_EMAIL=tester@example.org
GIT_COMMITTER_NAME=$GIT_AUTHOR_NAME GIT_COMMITTER_EMAIL=$GIT_AUTHOR_EMAIL
export GIT_AUTHOR_NAME GIT_AUTHOR_EMAIL GIT_COMMITTER_NAME GIT_COMMITTER_EMAIL

# built [BOARD]: the tag that is in the board's firmware
built() {
	strings "build-mpflash/${1:-RED}/firmware.bin" | sed -n 's/.*MicroPython \(.*\) for .*/\1/p'
}

commit() { # file
	printf 'x\n' >>"$1"
	{ git add "$1" && git commit -qm "$1"; } || bail "no commit"
}

make_red() {
	run "$MPFLASH" make "$@" RED
	[ "$status" = 0 ] || diag "$err"
}

# --- content and exact ---
make_red
is 'at a tag' "$(built)" v1.29.0-preview
commit notes.md
make_red
like 'a commit that nothing reads is no reason' "$err" '^nothing to do: 2 steps up to date'
is 'content: the image stays' "$(built)" v1.29.0-preview
make_red --stamp exact
like 'exact: it is' "$(built)" '^v1\.29\.0-preview\.1\.g[0-9a-f]{10}$'
make_red --stamp exact
like 'exact: once' "$err" '^nothing to do: 2 steps up to date'
commit notes.md
run "$MPFLASH" make -n --stamp exact RED
like 'exact: the reason is the stamp' "$err" '^compile  mini/RED: would run.*: stamp tag changed'
run "$MPFLASH" make --stamp often RED
is 'another word: status' "$status" 2
like 'another word: error' "$err" "^error: --stamp wants content or exact, not 'often'\$"

# --- settings of its own ---
make_red --set CFLAGS_EXTRA=-DONE
one=$(built)
like 'a setting is in the tag' "$one" '^v1\.29\.0-preview\.2\.g[0-9a-f]{10}\.c[0-9a-f]{8}$'
make_red --set CFLAGS_EXTRA=-DTWO
isnt 'another setting, another tag' "$(built)" "$one"
make_red --set CFLAGS_EXTRA=-DONE
is 'and back' "$(built)" "$one"
make_red -B
unlike 'none without settings' "$(built)" '\.c'
run "$MPFLASH" make RED -- CFLAGS_EXTRA=-DONE
like "make's own arguments are settings" "$(built)" '\.c[0-9a-f]{8}$'

mkdir -p "$T/mine"
cp -R ports/mini/boards/BLUE "$T/mine/GREEN"
run "$MPFLASH" make --board-dir "$T/mine/GREEN" mini/GREEN
green=$(built GREEN)
like 'a board outside the tree' "$green" '\.c[0-9a-f]{8}$'
printf '/* other */\n' >>"$T/mine/GREEN/board.c"
run "$MPFLASH" make -B --board-dir "$T/mine/GREEN" mini/GREEN
isnt 'its files are in the tag' "$(built GREEN)" "$green"
mv "$T/mine" "$T/moved"
green=$(built GREEN)
run "$MPFLASH" make -B --board-dir "$T/moved/GREEN" mini/GREEN
is 'its place is not' "$(built GREEN)" "$green"

# --- changes ---
printf '/* x */\n' >>ports/mini/main.c
make_red
dirty=$(built)
like 'a change is in the tag' "$dirty" '^v1\.29\.0-preview\.2\.g[0-9a-f]{10}\.dirty\.[0-9a-f]{8}$'
printf '/* y */\n' >>ports/mini/main.c
make_red
isnt 'another change' "$(built)" "$dirty"
git checkout -q ports/mini/main.c

# --- trees before v1.20 ---
printf 'print("#define MICROPY_GIT_TAG")\n' >py/makeversionhdr.py
git add -A && git commit -qm old
make_red
like 'an old tree: a note' "$err" 'older than v1\.20'
is 'an old tree: one note' "$(printf '%s\n' "$err" | grep -c 'older than v1')" 1
make_red
like 'an old tree: nothing new' "$err" '^nothing to do: 2 steps up to date'
commit notes.md
run "$MPFLASH" make -n RED
like 'an old tree: a commit is a reason' "$err" '^compile  mini/RED: would run'
git rm -q py/makeversionhdr.py && git commit -qm new

# --- what a no-op loads ---
make_red
sleep 2.2
make_red
for words in --version "make RED"; do
	# shellcheck disable=SC2086
	LD_DEBUG=files LD_DEBUG_OUTPUT=$T/loaded run "$MPFLASH" $words
	is "$words: status" "$status" 0
	like "$words: the loader tells what it loads" "$(grep -h '^ *[0-9]*:.*file=' "$T"/loaded.*)" 'libc\.so'
	is "$words: libgit2 is not loaded" "$(cat "$T"/loaded.* | grep -c 'file=libgit2')" 0
	rm "$T"/loaded.*
done

# --- from anywhere in it ---
found() { # name folder [word...]
	found_name=$1
	cd "$2" || bail "no $2"
	shift 2
	run "$@"
	cd "$T/tree" || exit
	is "$found_name: status" "$status" 0
	like "$found_name: the tree's boards" "$out$err" 'mini/RED|RED'
	unlike "$found_name: no error" "$err" '^error'
}
mkdir -p ports/mini/build-X/genhdr "$T/elsewhere/src"
ln -s "$T/elsewhere" ports/mini/linked
git init -q lib/module && mkdir lib/module/src
found 'a build folder' ports/mini/build-X/genhdr "$MPFLASH" make -n RED
found "a submodule's folder" lib/module/src "$MPFLASH" make -n RED
found 'a link out of the tree' ports/mini/linked/src "$MPFLASH" make -n RED
ln -s tree "$T/way"
found 'a link to the tree' "$T" "$MPFLASH" make -n -C way/ports RED
found MICROPY_DIR "$T/elsewhere" env MICROPY_DIR="$T/tree/py" "$MPFLASH" make -n RED
rm -r ports/mini/build-X ports/mini/linked lib

# --- other repositories ---
git worktree add -q "$T/linked" HEAD
git clone -q --bare . "$T/bare.git"
cd "$T/linked" || exit
make_red
is 'a linked worktree: status' "$status" 0
like 'a linked worktree: nothing is built' "$err" '^compile  mini/RED: done .* from the store'
ok 'a linked worktree: the files are in their place' test -f build-mpflash/RED/firmware.hex
run "$MPFLASH" make -C "$T/bare.git" RED
is 'a bare repository: status' "$status" 1
like 'a bare repository: error' "$err" '^error: .* is a bare git repository'
like 'a bare repository: hint' "$err" '^hint: git -C .* worktree add'

cp -R "$T/tree" "$T/archive" && rm -rf "$T/archive/.git" "$T/archive/build-mpflash"
cd "$T/archive" || exit
cat >py/mpconfig.h <<'EOF'
#define MICROPY_VERSION_MAJOR 1
#define MICROPY_VERSION_MINOR 17
#define MICROPY_VERSION_MICRO 3
EOF
make_red -B
is 'a tree without git has the version of its sources' "$(built)" v1.17.3
unlike 'and no word about it' "$err" 'history'

git init -q --object-format=sha256 . && git add -A && git commit -qm one && git tag v9.9.9
make_red -B
is 'git stands in for libgit2' "$(built)" v9.9.9
printf '/* z */\n' >>ports/mini/main.c
make_red
like 'and sees changes' "$(built)" '^v9\.9\.9-dirty\.[0-9a-f]{8}$'
git config extensions.fromTheFuture yes
make_red -B
is 'where git refuses too: the version of the sources' "$(built)" v1.17.3
like 'and a note' "$err" 'the git history cannot be read \(libgit2.*; git: unknown repository extension.*fromthefuture\): the version is the one in py/mpconfig\.h'

done_testing
