#!/bin/sh
# SPDX-License-Identifier: MIT
#
# make --since where git says less than there is: files that it was told not to look at, rules and board.json, which no
# compiler reads, boards outside the tree, a history that was cut short. Each change is looked at before and after the boards
# were built with it: what differs from REF is taken either way.
. "$(dirname "$0")/lib.sh"
need git make arm-none-eabi-gcc python3
GIT_AUTHOR_NAME='A Tester' GIT_AUTHOR_EMAIL=tester@example.org
GIT_COMMITTER_NAME=$GIT_AUTHOR_NAME GIT_COMMITTER_EMAIL=$GIT_AUTHOR_EMAIL
export GIT_AUTHOR_NAME GIT_AUTHOR_EMAIL GIT_COMMITTER_NAME GIT_COMMITTER_EMAIL

# since_is NAME WANT [ARG...]: the boards of `all` that are taken since HEAD
since_is() {
	since_name=$1 since_want=$2
	shift 2
	run "$MPFLASH" make -n --json --since HEAD "$@" all
	[ "$status" = 0 ] || diag "$out" "$err"
	is "$since_name" "$(printf '%s\n' "$out" | python3 -c '
import json, sys
print(" ".join(sorted(e["target"] for e in map(json.loads, sys.stdin) if e["event"] == "select" and e["taken"])))')" \
		"$since_want"
}

# twice_is NAME WANT [ARG...]: the same when they are built
twice_is() {
	twice_name=$1 twice_want=$2
	shift 2
	since_is "$twice_name" "$twice_want" "$@"
	ok "$twice_name: built" "$MPFLASH" make "$@" all
	since_is "$twice_name: built with it, and still another one than at REF" "$twice_want" "$@"
}

# restore: the work tree as it was committed, and built
restore() {
	{ git checkout -q . && "$MPFLASH" make all >"$T/made" 2>&1; } || bail "not as it was: $(cat "$T/made")"
}

commit() {
	{ git add -A && git commit -qm "$1" && "$MPFLASH" make all >"$T/made" 2>&1; } || bail "$1: $(cat "$T/made")"
}

all='mini/BLUE mini/RED mini/RED-DARK'
small_tree "$T/tree"
cd "$T/tree" || exit
# as the ports of MicroPython do: the folder is looked at, not the file in it
# shellcheck disable=SC2016 # make's
sed -i 's|wildcard $(BOARD_DIR)/board.json|wildcard $(BOARD_DIR)/.|' ports/mini/Makefile
commit 'As the ports do'
since_is 'nothing changed' ''

# --- files that git was told not to look at ---

for flag in assume-unchanged skip-worktree; do
	git update-index --$flag py/mini.h
	since_is "$flag: a file as it was" ''
	echo '#define MINI_HIDDEN 1' >>py/mini.h
	is "$flag: git sees nothing" "$(git status --porcelain)" ''
	twice_is "$flag: a change that git does not see" "$all"
	git update-index --no-$flag py/mini.h
	restore
done
git update-index --skip-worktree README.md
rm README.md
since_is 'a file that was never checked out' ''
git update-index --no-skip-worktree README.md
restore

# --- rules ---

# shellcheck disable=SC2016 # for mpflash
printf 'port mini\n  args = $board_arg $variant_arg $board_dir_arg BUILD=$build CFLAGS_EXTRA=-DFIRST\n' >more.rules
echo 'include more.rules' >>mpflash.rules
commit 'Rules that include others'
sed -i s/FIRST/OTHER/ more.rules
twice_is 'an included file of rules' "$all"
restore
cp more.rules given.rules
commit 'Rules to be given'
"$MPFLASH" make --rules given.rules all >/dev/null 2>&1
sed -i s/FIRST/OTHER/ given.rules
twice_is 'rules of the tree that --rules names' "$all" --rules given.rules
restore

# --- board.json: its mcu chooses rules, the rest is for people ---

# shellcheck disable=SC2016 # for mpflash
printf '  mcu fast\n    args = $board_arg $variant_arg BUILD=$build CFLAGS_EXTRA=-O3\n' >>more.rules
commit 'Rules for a chip'
sed -i 's/"mcu": *"[^"]*"/"mcu": "fast"/' ports/mini/boards/BLUE/board.json
twice_is "a board's mcu" 'mini/BLUE'
run "$MPFLASH" make -n --explain --since HEAD all
like 'which is the reason' "$err" '^since +mini/BLUE: taken: the mcu in ports/mini/boards/BLUE/board.json changed$'
restore
sed -i 's/"product": *"/&A /' ports/mini/boards/BLUE/board.json
since_is 'the name of a product' ''
echo '{' >ports/mini/boards/BLUE/board.json
git commit -qam 'Broken'
git checkout -q HEAD~1 -- ports/mini/boards/BLUE/board.json
since_is 'a file that was broken then' 'mini/BLUE'
git reset -q --hard HEAD~1

# --- outside the tree ---

cp -R ports/mini/boards/RED "$T/MINE"
run "$MPFLASH" make --board-dir "$T/MINE" mini/MINE
is 'a board outside the tree' "$status" 0
run "$MPFLASH" make -n --explain --board-dir "$T/MINE" mini/MINE --since HEAD
like 'as it was built: left out' "$err" '^since +mini/MINE: left out: '
echo 'const int mini_mine = 1;' >"$T/MINE/board.c"
run "$MPFLASH" make -n --explain --board-dir "$T/MINE" mini/MINE --since HEAD
like 'changed: REF says nothing of it, so it is taken' "$err" \
	"^since +mini/MINE: taken: its last build is older: $T/MINE/?[^ ]* is not what it was then\$"

# --- a history that was cut short ---

git clone -q --depth 1 "file://$T/tree" "$T/shallow" || bail 'no clone'
cd "$T/shallow" || exit
"$MPFLASH" make all >/dev/null 2>&1
since_is 'a shallow clone' ''
echo '#define MINI_SHALLOW 1' >>py/mini.h
since_is 'a change in it' "$all"
run "$MPFLASH" make -n all --since HEAD~1
is 'a commit before its first' "$status" 2
like 'is told' "$err" '^error: --since: .HEAD~1. names no commit'
like 'with the way out' "$err" '^hint: .*shallow'

done_testing
