#!/bin/sh
# SPDX-License-Identifier: MIT
#
# TARGET@REF: versions of a tree are built from their commits, and the user's checkout stays as it is.
. "$(dirname "$0")/lib.sh"
need git arm-none-eabi-gcc

export GIT_CONFIG_COUNT=2 GIT_CONFIG_KEY_0=user.name GIT_CONFIG_VALUE_0=A GIT_CONFIG_KEY_1=user.email GIT_CONFIG_VALUE_1=a@example.org
tree="$T/a tree"
small_tree "$tree"
main=$tree/ports/mini/main.c

commit() { # DIR TEXT
	printf '/* %s */\n' "$2" >>"$1/ports/mini/main.c"
	git -C "$1" commit -qam "$2" || bail "no commit '$2'"
}

# How the version that a build has built in is written.
stamp_of() { # FOLDER
	grep -ao 'v[0-9][0-9a-z.-]*' "$tree/build-mpflash/$1/firmware.bin"
}

# All that must not change in the user's checkout.
checkout() { # DIR
	git -C "$1" rev-parse HEAD
	git -C "$1" symbolic-ref HEAD
	git -C "$1" status --porcelain --no-renames
	git -C "$1" stash list
	git -C "$1" for-each-ref --format='%(refname) %(objectname)' refs/heads refs/remotes refs/stash
	git -C "$1" config --list --local
	cksum <"$1/.git/index"
	cksum <"$1/ports/mini/main.c"
}

worktrees() { # DIR
	git -C "$1" worktree list --porcelain | grep -c "^worktree $T/cache/"
}

git -C "$tree" tag -d v1.29.0-preview >/dev/null
git -C "$tree" tag v1.2.0
commit "$tree" two
git -C "$tree" tag v1.10.0
git -C "$tree" tag v2.0.0-preview
commit "$tree" three
git -C "$tree" branch feature/x v1.2.0
three=$(git -C "$tree" rev-parse HEAD)
commit "$tree" four
printf '/* stashed */\n' >>"$main"
git -C "$tree" stash -q
printf '/* dirty */\n' >>"$main"
printf 'new\n' >"$tree/ports/mini/untracked.c~"
git -C "$tree" status --short >/dev/null
before=$(checkout "$tree")
cd "$tree" || bail "no $tree"

# --- what a ref can be ---------------------------------------------------------------------------------------------

run "$MPFLASH" make -n RED@v1.2.0
is 'a plan of a version that is not checked out' "$status" 0
like 'says so' "$err" 'checkout.*RED@v1\.2\.0.*not checked out yet'
is 'and checks nothing out' "$(worktrees "$tree")" 0
run "$MPFLASH" why RED@v1.2.0
is 'there is nothing to know of it yet' "$status" 1
like 'and the next step is named' "$err" '^hint: .mpflash make RED@v1\.2\.0. does that'

run "$MPFLASH" make RED@v1.2.0
is 'a tag' "$status" 0
is 'is built with its version' "$(stamp_of RED@v1.2.0)" v1.2.0
run "$MPFLASH" make --explain RED@v1.2.0
like 'and again: nothing to do' "$err$out" '^nothing to do: 2 steps up to date'
run "$MPFLASH" make RED@stable RED@feature/x "RED@$three" "RED@$(echo "$three" | cut -c1-9)" RED@HEAD~1 RED@preview
is 'stable, a branch, commits, preview in one command' "$status" 0
is 'stable is the newest release' "$(stamp_of RED@stable)" v1.10.0
is 'a / of a branch is a + of its folder' "$(stamp_of RED@feature+x)" v1.2.0
like 'a commit after a release says how far' "$(stamp_of "RED@$three")" '^v(2\.0\.0-preview\.|1\.10\.0-)1\.g'
ok 'a short commit is the same' cmp "build-mpflash/RED@$three/firmware.bin" "build-mpflash/RED@$(echo "$three" | cut -c1-9)/firmware.bin"
ok 'and so is HEAD~1' cmp "build-mpflash/RED@$three/firmware.bin" build-mpflash/RED@HEAD-1-*/firmware.bin
isnt 'preview is what the default branch has' "$(stamp_of RED@preview)" "$(stamp_of "RED@$three")"
is 'one worktree a commit' "$(worktrees "$tree")" 4
is 'the checkout, its index, stashes, branches and configuration are as they were' "$(checkout "$tree")" "$before"

# --- the same bytes --------------------------------------------------------------------------------------------------

cp build-mpflash/RED@v1.2.0/firmware.hex "$T/one.hex"
cp build-mpflash/RED@stable/firmware.hex "$T/two.hex"
MPFLASH_CACHE=$T/cache2
run "$MPFLASH" make -j2 -o "$T/together" RED@v1.2.0 RED@v1.10.0 BLUE@v1.2.0 mini/all@v1.10.0
is 'several versions at once, and all boards of one' "$status" 0
ok 'give the bytes that each gives alone' cmp "$T/one.hex" "$T/together/RED@v1.2.0/firmware.hex"
ok 'the other one too' cmp "$T/two.hex" "$T/together/RED@v1.10.0/firmware.hex"
ok 'all boards' test -f "$T/together/RED-DARK@v1.10.0/firmware.hex"
git worktree add -q --detach "$T/plain" v1.2.0
run "$MPFLASH" make -C "$T/plain" --stamp exact -o "$T/plain-out" RED
ok 'and a checkout by hand has them' cmp "$T/one.hex" "$T/plain-out/RED/firmware.hex"
like 'which is a hit: the same content has the same key' "$err" 'from the store'
run "$MPFLASH" make -C "$T/plain" -o "$T/from-worktree" RED@v1.2.0
ok 'a worktree as the tree' cmp "$T/one.hex" "$T/from-worktree/RED@v1.2.0/firmware.hex"
git worktree remove --force "$T/plain"
MPFLASH_CACHE=$T/cache

# --- errors ----------------------------------------------------------------------------------------------------------

run "$MPFLASH" make RED@v1.2.1
is 'a ref that nobody knows' "$status" 1
like 'is named' "$err" "^error: there is no version 'v1\.2\.1'"
like 'with near names' "$err" "^hint: did you mean 'v1\.2\.0'"
run "$MPFLASH" make GREEN@v1.2.0
like 'a version without that board' "$err" "^error: version 'v1\.2\.0': no board 'GREEN'"
for word in RED@ @v1.2.0 RED@-x; do
	run "$MPFLASH" make "$word"
	is "'$word' is a usage error" "$status" 2
done
run "$MPFLASH" make "RED@\$(touch $T/shell)"
is 'shell words are no ref' "$status" 1
not_ok 'and reach no shell' test -e "$T/shell"

# --- remotes ---------------------------------------------------------------------------------------------------------

git clone -q "$tree" "$T/fork" 2>/dev/null
git -C "$T/fork" checkout -q -b theirs v1.10.0
commit "$T/fork" fork
git -C "$T/fork" tag v3.0.0
git remote add fork "$T/fork"
before=$(checkout "$tree")
run "$MPFLASH" make --offline RED@fork/theirs
is 'a branch that was not fetched, with --offline' "$status" 1
like 'says why' "$err" 'nothing is fetched with --offline'
run "$MPFLASH" make RED@fork/theirs
is 'a branch of a remote' "$status" 0
like 'that is not here is fetched, and this is said' "$err" 'fetching theirs from fork'
is 'with the tags that describe it' "$(stamp_of RED@fork+theirs)" v3.0.0
run "$MPFLASH" make RED@fork/theirs
unlike 'one that is here is not' "$err" 'fetching'
run "$MPFLASH" make "BLUE@file://$T/fork#theirs"
is 'a branch of any address' "$status" 0
is 'the checkout and its remotes are as they were' "$(checkout "$tree")" "$before"

# --- two at once, and killed ones --------------------------------------------------------------------------------------

# A git that stops in the middle of what a word names, once.
mkdir "$T/bin"
git=$(command -v git)
cat >"$T/bin/git" <<EOF
#!/bin/sh
case " \$* " in
*" \$SLOW "*)
	if mkdir "$T/slowed" 2>/dev/null; then
		case \$SLOW in
		worktree) for last; do :; done; "$git" "\$@"; eval "dir=\\\${\$((\$# - 1))}"; rm -rf "\$dir/ports/mini/main.c" ;;
		esac
		sleep "\$NAP" &
		echo \$! >"$T/nap"
		touch "$T/slow"
		wait
		[ "\$SLOW" = worktree ] && exit 0
	fi
	;;
esac
exec "$git" "\$@"
EOF
chmod +x "$T/bin/git"

# killed PID: mpflash, and the nap of that git, which is nobody's child then
killed() {
	kill -KILL "$1"
	wait "$1" 2>/dev/null
	kill "$(cat "$T/nap")"
}

wait_for() { # FILE
	i=0
	until [ -e "$1" ] || [ $((i += 1)) -gt 200 ]; do sleep 0.05; done
}

rm -rf "$T/cache/work" && git worktree prune
PATH="$T/bin:$PATH" SLOW=worktree NAP=300 "$MPFLASH" make RED@v1.2.0 >/dev/null 2>&1 &
pid=$!
wait_for "$T/slow"
killed "$pid"
run "$MPFLASH" make -B RED@v1.2.0
is 'a checkout that was killed half way' "$status" 0
like 'is made anew' "$err" 'checking out'
ok 'with the same bytes' cmp "$T/one.hex" build-mpflash/RED@v1.2.0/firmware.hex

rm -rf "$T/cache/work" "$T/slow" "$T/slowed" && git worktree prune
PATH="$T/bin:$PATH" SLOW=add NAP=1 "$MPFLASH" make -o "$T/first" RED@v1.2.0 >"$T/first.log" 2>&1 &
pid=$!
wait_for "$T/slow"
run "$MPFLASH" make -o "$T/second" RED@v1.2.0
is 'two at once: the second is done' "$status" 0
like 'after it waited for the first' "$err" "waiting for process $pid"
wait "$pid"
is 'and the first' "$?" 0 || cat "$T/first.log" >&2
is 'one worktree for both' "$(worktrees "$tree")" 1
ok 'the same bytes' cmp "$T/first/RED@v1.2.0/firmware.hex" "$T/second/RED@v1.2.0/firmware.hex"

# --- what goes away ---------------------------------------------------------------------------------------------------

git worktree add -q --detach "$T/theirs" v1.2.0 && rm -rf "$T/theirs"
MPFLASH_WORK_SIZE=1 "$MPFLASH" cache gc >/dev/null
is 'cache gc takes worktrees off the register' "$(worktrees "$tree")" 0
is 'but not those of others' "$(git worktree list --porcelain | grep -c "^worktree $T/theirs")" 1
run "$MPFLASH" make RED@v1.2.0
is 'and they come back' "$status" 0

# --- without a tree ---------------------------------------------------------------------------------------------------

mkdir "$T/empty"
cd "$T/empty" || bail "no folder"
export MPFLASH_REPO="file://$tree"
run "$MPFLASH" make --offline RED@v1.2.0
is 'no tree, no clone, --offline' "$status" 1
like 'says so' "$err" '^error: there is no clone of file:'
rm -rf "$T/slow" "$T/slowed"
PATH="$T/bin:$PATH" SLOW=clone NAP=300 "$MPFLASH" make RED@v1.2.0 >/dev/null 2>&1 &
pid=$!
wait_for "$T/slow"
killed "$pid"
is 'a killed clone' "$(find "$T/cache/repo" -maxdepth 1 -name '*.git')" ''
run "$MPFLASH" make RED@v1.2.0
is 'is made anew' "$status" 0
unlike 'and no progress of git where nobody looks' "$err" 'Receiving objects'
is 'and nothing is left of the first' "$(find "$T/cache/repo" -maxdepth 1 -name '*.tmp*')" ''
ok 'files are put below the current folder' cmp "$T/one.hex" build-mpflash/RED@v1.2.0/firmware.hex
git -C "$tree" tag v9.0.0 "$three"
run "$MPFLASH" make RED@stable
unlike 'what may have moved is not asked for within an hour' "$err" fetching
run "$MPFLASH" make RED@v9.0.0
is 'a tag that is new' "$status" 0
like 'is fetched' "$err" 'fetching what is new'
mv "$tree" "$T/away"
if unshare -n true 2>/dev/null; then
	run unshare -n "$MPFLASH" make BLUE@v9.0.0
	is 'without a network, from the clone' "$status" 0
else
	skip 'without a network, from the clone' 'no network namespaces here'
fi
find "$T/cache/work" -name 'fetched-*' -exec touch -d '2 hours ago' {} +
run "$MPFLASH" make RED@stable
is 'what is an hour old and cannot be fetched' "$status" 0
like 'is used as it is, and this is said' "$err" 'what was fetched last is used'

# --- one device, two versions -----------------------------------------------------------------------------------------

small_tree "$T/two"
cd "$T/two" || bail 'no tree'
printf 'port mini\nboard RED\n  flash = qemu\n  qemu.machine = microbit\n  flash.size = 0x10000\n' >>mpflash.rules
git -c user.name=A -c user.email=a@example.org commit -qam 'A device'
run "$MPFLASH" make RED@HEAD RED@v1.29.0-preview RED
is 'building several at once is fine' "$status" 0
is 'each in its folder' "$(cd build-mpflash && ls -d RED*)" "$(printf 'RED\nRED@HEAD\nRED@v1.29.0-preview')"
run "$MPFLASH" make -n flash-RED@HEAD flash-RED
is 'two versions onto one board' "$status" 2
like 'are refused' "$err" "^error: 'flash-RED@HEAD' and 'flash-RED' are two versions for one board"
like 'with a way to go' "$err" '^hint: flash one of them'
run "$MPFLASH" make -n flash-RED@HEAD flash-mini/RED@HEAD
is 'the same version twice is one flash' "$(printf '%s\n' "$err$out" | grep -c '^flash ')" 1
run "$MPFLASH" make -n verify-RED flash-RED@HEAD
is 'a look at what is there, and then another version' "$status" 0
is 'in the order of the words' "$(printf '%s\n' "$err$out" | grep -Eo '^(verify|flash)' | tr '\n' ' ')" 'verify flash '

done_testing
