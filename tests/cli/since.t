#!/bin/sh
# SPDX-License-Identifier: MIT
#
# make --since: over a history of thirty commits, exactly those boards are named that make then builds again, and none is
# missed whose bytes change. What bytes there should be is said by the port's own make, without mpflash.
# Runs once: it builds for a minute.
. "$(dirname "$0")/lib.sh"
need git make arm-none-eabi-gcc python3
GIT_AUTHOR_NAME='A Tester' GIT_AUTHOR_EMAIL=tester@example.org
GIT_COMMITTER_NAME=$GIT_AUTHOR_NAME GIT_COMMITTER_EMAIL=$GIT_AUTHOR_EMAIL
export GIT_AUTHOR_NAME GIT_AUTHOR_EMAIL GIT_COMMITTER_NAME GIT_COMMITTER_EMAIL

# big_tree DIR FORMAT: the small tree with a second port, which looks for headers in a folder that is not there, has a board
# with a source behind a link, and one that takes a header from a submodule. FORMAT: of git's objects.
big_tree() {
	{ mkdir "$1" && cp -R "$TESTS_DIR/trees/small/." "$1" && cp -R "$1/ports/mini" "$1/ports/tiny"; } || bail "no copy"
	rm -r "$1/ports/tiny/boards"
	mkdir -p "$1/ports/tiny/boards/ONE" "$1/ports/tiny/boards/TWO" "$1/shared"
	sed -i 's|-I../../py|-I../../override -I../../py -I../../lib/sub|' "$1/ports/tiny/Makefile"
	sed 's/port mini/port tiny/; s|ports/mini|ports/tiny|; 1d' "$1/mpflash.rules" >"$1/more"
	cat "$1/more" >>"$1/mpflash.rules" && rm "$1/more"
	cp "$1/ports/mini/boards/BLUE/board.json" "$1/ports/tiny/boards/ONE"
	cp "$1/ports/mini/boards/BLUE/board.json" "$1/ports/tiny/boards/TWO"
	echo 'const int mini_one = 1;' >"$1/shared/one.c"
	echo 'const int mini_one = 11;' >"$1/shared/eleven.c"
	ln -s ../../../../shared/one.c "$1/ports/tiny/boards/ONE/link.c"
	printf '#include "sub.h"\nconst int mini_two = SUB;\n' >"$1/ports/tiny/boards/TWO/board.c"
	# the board's numbers are in the image
	sed -i 's|^LDFLAGS = |LDFLAGS = -Wl,--undefined=mini_one,--undefined=mini_two |' "$1/ports/tiny/Makefile"
	{ git init -q -b main --object-format="$2" "$1.sub" && echo '#define SUB 2' >"$1.sub/sub.h" &&
		git -C "$1.sub" add -A && git -C "$1.sub" commit -qm 'A header' &&
		git init -q -b main --object-format="$2" "$1" &&
		git -C "$1" -c protocol.file.allow=always submodule add -q "$1.sub" lib/sub &&
		git -C "$1" add -A && git -C "$1" commit -qm 'The tree' && git -C "$1" tag v1.29.0; } || bail "no repository"
}

# The bytes of each board, by the port's make alone: "BOARD CHECKSUM" a line.
bytes() {
	rm -rf "$T/oracle"
	for board in ports/*/boards/*/board.json; do
		port=${board#ports/} port=${port%%/*}
		name=${board%/board.json} name=${name##*/}
		for variant in '' $(find "ports/$port/boards/$name" -name 'mpconfigvariant_*' |
			sed 's/.*mpconfigvariant_\(.*\)\.mk/\1/'); do
			make -s -C "ports/$port" BOARD="$name" BOARD_VARIANT="$variant" BUILD="$T/oracle/$port-$name-$variant" \
				MICROPY_GIT_TAG=same >/dev/null 2>"$T/oracle.log" || bail "make fails: $(cat "$T/oracle.log")"
			printf '%s/%s%s %s\n' "$port" "$name" "${variant:+-$variant}" \
				"$(cksum <"$T/oracle/$port-$name-$variant/firmware.bin")"
		done
	done
}

# Of the events on standard input: the boards that --since took, that a compiler ran for.
taken() {
	python3 -c '
import json, sys
print(" ".join(sorted(e["target"] for e in map(json.loads, sys.stdin) if e["event"] == "select" and e["taken"])))'
}
built() {
	python3 -c '
import json, sys
print(" ".join(sorted(e["target"] for e in map(json.loads, sys.stdin) if e["event"] == "done" and e["step"] == "compile")))'
}

# look NAME REF EXPECTED: EXPECTED is taken since REF; that is what make builds; no other board has other bytes.
look() {
	run "$MPFLASH" make all --since "$2" -n --json
	[ "$status" = 0 ] || diag "$out" "$err"
	took=$(printf '%s\n' "$out" | taken)
	is "$1" "$took" "$3"
	run "$MPFLASH" make all --json -k
	is "$1: make builds the same" "$(printf '%s\n' "$out" | built)" "$3"
	[ "$oracle" = yes ] || return 0
	bytes >"$T/bytes.now"
	changed=$(diff "$T/bytes" "$T/bytes.now" | sed -n 's/^> \([^ ]*\) .*/\1/p')
	for board in $changed; do
		case " $took " in
		*" $board "*) ;;
		*) is "$1: $board has other bytes" '' "taken" ;;
		esac
	done
	mv "$T/bytes.now" "$T/bytes"
}

# commit NAME EXPECTED: what is in the work tree, staged or not
commit() {
	{ git add -A && git commit -q --allow-empty -m "$1"; } || bail "no commit: $1"
	steps=$((steps + 1))
	look "$1" HEAD~1 "$2"
}

mini='mini/BLUE mini/RED mini/RED-DARK'
tiny='tiny/ONE tiny/TWO'

# history FORMAT ORACLE IGNORED: what is taken for a file that git ignores
history() {
	big_tree "$T/$1" "$1"
	oracle=$2
	MPFLASH_CACHE=$T/cache.$1
	cd "$T/$1" || exit
	steps=0
	run "$MPFLASH" make all --since HEAD -n --json
	is "$1: boards without a build are taken" "$(printf '%s\n' "$out" | taken)" "$mini $tiny"
	like 'and it is said why' "$out" 'no build of it'
	ok 'all are built' "$MPFLASH" make all
	bytes >"$T/bytes"

	echo words >>README.md
	commit 'a text' ''
	echo '#define MINI_NEW 1' >>py/mini.h
	commit 'a header of all' "$mini $tiny"
	echo 'const int mini_main = 7;' >>ports/mini/main.c
	commit 'a source of a port' "$mini"
	echo 'const int mini_blue = 1;' >>ports/mini/boards/BLUE/board.c
	commit 'a source of a board' mini/BLUE
	echo 'const int mini_more = 3;' >ports/mini/boards/BLUE/more.c
	commit 'a source that is new, found by its suffix' mini/BLUE
	git mv ports/mini/boards/BLUE/more.c ports/mini/boards/BLUE/other.c
	commit 'a source with another name' mini/BLUE
	git rm -q ports/mini/boards/BLUE/other.c
	commit 'a source that is gone' mini/BLUE
	echo note >ports/mini/boards/BLUE/notes.txt
	commit 'a note beside sources' ''
	echo 'int x;' >ports/mini/boards/BLUE/.hidden.c
	commit 'a dot file' ''
	echo 'CFLAGS += -DDARKER' >>ports/mini/boards/RED/mpconfigvariant_DARK.mk
	commit 'a variant' mini/RED-DARK
	mkdir override && sed 's/MINI_NEW 1/MINI_NEW 2/' py/mini.h >override/mini.h
	commit 'a header that comes before another one' "$tiny"
	git rm -q override/mini.h
	commit 'which goes again' "$tiny"
	echo 'const int mini_one = 5;' >shared/one.c
	commit 'a source behind a link' tiny/ONE
	ln -sf ../../../../shared/eleven.c ports/tiny/boards/ONE/link.c
	commit 'a link that leads elsewhere' tiny/ONE
	echo 'const int mini_one = 6;' >shared/one.c
	commit 'what the link led to before' ''
	echo '#define SUB 3' >lib/sub/sub.h && git -C lib/sub commit -qam 'Another number'
	commit 'another commit of a submodule' tiny/TWO
	echo text >lib/sub/README.md && git -C lib/sub add -A && git -C lib/sub commit -qm 'A text'
	commit 'a commit of a submodule that nobody reads' ''
	chmod +x ports/mini/main.c
	commit 'a file that can be executed' "$mini"
	mkdir ports/mini/boards/PINK && cp ports/mini/boards/RED/board.json ports/mini/boards/PINK
	commit 'a board that is new' 'mini/PINK mini/PINK-DARK'
	git rm -rq ports/mini/boards/PINK
	commit 'a board that is gone' ''
	git revert --no-commit HEAD~17 >/dev/null 2>&1 || bail "no revert"
	commit 'the port as it was before' "$mini"
	printf '/* a remark */\n' >>ports/tiny/main.c
	commit 'a remark' "$tiny"
	commit 'nothing' ''
	echo '*.never' >>.gitignore
	commit 'what git ignores' ''
	echo 'int mini_forced;' >ports/mini/boards/BLUE/x.ignored && git add -f ports/mini/boards/BLUE/x.ignored
	commit 'a file that git would ignore, beside sources' mini/BLUE
	mkdir ports/mini/boards/BLUE/deep && echo x >ports/mini/boards/BLUE/deep/x.c
	commit 'a folder beside sources' mini/BLUE
	echo y >ports/mini/boards/BLUE/deep/y.c
	commit 'a file in that folder' ''
	git rm -rq ports/mini/boards/BLUE/deep
	commit 'the folder goes' mini/BLUE
	{ git checkout -q -b side HEAD~2 && echo 'const int mini_side = 1;' >>ports/mini/boards/BLUE/board.c &&
		git commit -qam 'On a branch' && git checkout -q main && git merge -q --no-edit side 2>/dev/null; } || bail "no merge"
	steps=$((steps + 1))
	look 'a merge' HEAD~1 mini/BLUE
	git mv ports/mini/boards/BLUE/board.c ports/mini/boards/BLUE/blue.c
	commit 'a source that has another name' mini/BLUE
	[ "$steps" -ge 30 ] || bail "only $steps commits"

	# What is not committed.
	look 'a clean tree' HEAD ''
	echo '/* 1 */' >>ports/tiny/main.c
	look 'a change' HEAD "$tiny"
	git add -A
	run "$MPFLASH" make all --since HEAD -n --json
	is 'staged, and built already: still a change since then' "$(printf '%s\n' "$out" | taken)" "$tiny"
	git show HEAD:ports/tiny/main.c >ports/tiny/main.c
	run "$MPFLASH" make all --since HEAD -n --json
	is 'staged, and taken back in the work tree: none' "$(printf '%s\n' "$out" | taken)" ''
	git reset -q --hard
	run "$MPFLASH" make all
	echo 'int x;' >ports/mini/boards/BLUE/untracked.c
	look 'a file that git does not track' HEAD mini/BLUE
	rm ports/mini/boards/BLUE/untracked.c
	run "$MPFLASH" make all
	echo 'int x;' >ports/mini/boards/BLUE/scratch.ignored
	run "$MPFLASH" make all --since HEAD -n --json
	is 'a file that git ignores' "$(printf '%s\n' "$out" | taken)" "$3"
	rm ports/mini/boards/BLUE/scratch.ignored
	echo '#define SUB 4' >lib/sub/sub.h
	look 'a change in a submodule' HEAD tiny/TWO
	git -C lib/sub checkout -q sub.h
	run "$MPFLASH" make all
	touch py/mini.h ports/mini/main.c
	run "$MPFLASH" make all --since HEAD -n --json
	is 'dates alone' "$(printf '%s\n' "$out" | taken)" ''
	cd "$T" || exit
}

# libgit2 does not read the first one: the git program is asked. It is not asked what it ignores, and so any name that comes
# to a folder that a build listed makes it build again (source/listing.h).
history sha256 no mini/BLUE
history sha1 yes ''

# --- reasons ---

cd "$T/sha1" || exit
echo '/* 2 */' >>ports/tiny/main.c
run "$MPFLASH" make all --since HEAD -n --explain
like 'a reason names the path' "$err" '^since +tiny/ONE: taken: ports/tiny/main.c changed$'
like 'also why not' "$err" '^since +mini/RED: left out: nothing that its build reads changed$'
like 'a count' "$err" '^note: since HEAD: 2 of 5 boards touched$'
unlike 'the others are not planned' "$err" '^compile +mini/'
run "$MPFLASH" make 'tiny/*' mini/RED --since HEAD
is 'only those are built' "$status $(printf '%s\n' "$err" | grep -c '^compile .*: done')" '0 2'
git commit -qam 'A remark'
run "$MPFLASH" make mini/all --since HEAD~1
is 'nothing to do is no failure' "$status" 0
like 'and is told' "$err" '0 of 3 boards touched'

# --- a closure that is older than both ---

echo '#define MINI_OLD 1' >>py/mini.h && git commit -qam 'Old news'
echo '#include "mini.h"' >>ports/mini/main.c && git commit -qam 'Not built'
echo text >>README.md && git commit -qam 'A text'
run "$MPFLASH" make mini/RED --since HEAD~1 -n --explain
like 'a board whose last build is older than REF is taken: who knows what it reads now' "$err" \
	'taken: its last build is older: (py/mini.h|ports/mini/main.c) is not what it was then'

# --- the rules, and what is no compiler ---

ok 'up to date' "$MPFLASH" make all
echo '# a remark' >>mpflash.rules
run "$MPFLASH" make all --since HEAD -n --explain
like 'the rules of the tree touch all' "$err" '^since +tiny/TWO: taken: mpflash.rules changed'
git checkout -q mpflash.rules

# --- errors ---

run "$MPFLASH" make all --since nonsense
is 'a REF that is none' "$status" 2
like 'is named' "$err" "^error: --since: 'nonsense' names no commit in $T/sha1"
run "$MPFLASH" make all --since --since
is 'nor is an option' "$status" 2
mkdir "$T/plain" && cp -R "$TESTS_DIR/trees/small/." "$T/plain"
run "$MPFLASH" make -C "$T/plain" all --since HEAD
is 'a tree without git' "$status" 2
like 'says so' "$err" 'wants a git checkout'
done_testing
