#!/bin/sh
# SPDX-License-Identifier: MIT
#
# TARGET@REF where something is odd: names, passwords, repositories that were changed, cut short or made to do harm.
. "$(dirname "$0")/lib.sh"
need git arm-none-eabi-gcc

export GIT_CONFIG_COUNT=2 GIT_CONFIG_KEY_0=user.name GIT_CONFIG_VALUE_0=A GIT_CONFIG_KEY_1=user.email GIT_CONFIG_VALUE_1=a@example.org
tree=$T/tree
small_tree "$tree"
cd "$tree" || bail "no $tree"

commit() { # DIR TEXT
	printf '/* %s */\n' "$2" >>"$1/ports/mini/main.c"
	git -C "$1" commit -qam "$2" || bail "no commit '$2'"
}

stamp_of() { # FOLDER
	grep -ao 'v[0-9][0-9a-z.-]*' "build-mpflash/$1/firmware.bin"
}

git tag -d v1.29.0-preview >/dev/null
git tag v1.9.0
commit "$tree" two
git tag v1.10.0
commit "$tree" three
git tag v1.11.1-rc1 && git tag v1.12.0-preview
commit "$tree" four
git tag v1.11

# --- plans -----------------------------------------------------------------------------------------------------------

run "$MPFLASH" make -n RED@v1.9.0 BLUE@v1.9.0 mini/all@v1.9.0
is 'a plan of several targets of one version that is not checked out' "$status" 0
is 'has each' "$(printf '%s\n' "$err$out" | grep -c 'not checked out yet')" 3
mkdir "$T/empty"
cd "$T/empty" || exit
run env MPFLASH_REPO="$tree" "$MPFLASH" make -n RED@v1.9.0 RED@v1.10.0
is 'and one of several versions without a tree' "$status$(printf '%s\n' "$err$out" | grep -c 'not checked out yet')" 02
cd "$tree" || exit

# --- names -----------------------------------------------------------------------------------------------------------

git branch feature/x v1.9.0
git branch feature-x v1.10.0
git branch feature+x v1.11
git branch 'fix#7' v1.10.0
git branch both v1.9.0 && git tag both v1.10.0
run "$MPFLASH" make RED@feature/x RED@feature-x RED@feature+x 'RED@fix#7' RED@both RED@stable
is 'refs with /, -, + and #' "$status" 0
is 'have folders of their own: /' "$(stamp_of RED@feature+x)" v1.9.0
is 'have folders of their own: -' "$(stamp_of RED@feature-x)" v1.10.0
is 'have folders of their own: +' "$(stamp_of 'RED@feature-x-*' 2>/dev/null || cat build-mpflash/RED@feature-x-*/firmware.bin | grep -ao 'v1[0-9a-z.-]*')" v1.11
is 'a branch with a # is no address' "$(grep -ao 'v1[0-9a-z.-]*' build-mpflash/RED@fix-7-*/firmware.bin)" v1.10.0
is 'of a tag and a branch of one name, the tag' "$(stamp_of RED@both)" v1.10.0
is 'stable: numbers count, candidates and previews do not' "$(stamp_of RED@stable)" v1.11
for word in 'RED@*' 'RED@origin/*' 'RED@v1.9.0..v1.10.0' 'RED@HEAD~99' 'RED@../../x' 'RED@a b'; do
	run "$MPFLASH" make "$word"
	is "'$word' is no version" "$status" 1
	unlike "'$word' is asked of nobody" "$err" 'fetching'
done
for word in 'RED@--upload-pack=touch x' 'RED@-' "RED@$(printf 'a\nb')"; do
	run "$MPFLASH" make "$word"
	is "'$(printf %s "$word" | tr '\n' ' ')' is a usage error" "$status" 2
done
long=$(printf 'b%.0s' $(seq 200))
git branch "$long/$long" v1.9.0
run "$MPFLASH" make "RED@$long/$long"
is 'a very long name' "$status" 0

git clone -q "$tree" "$T/fork" 2>/dev/null
git -C "$T/fork" checkout -q -b deep/theirs v1.10.0
commit "$T/fork" fork
git -C "$T/fork" tag v3.0.0
git remote add team/fork "$T/fork"
run "$MPFLASH" make RED@team/fork/deep/theirs
is 'a remote with a / and its branch with one' "$status$(stamp_of RED@team+fork+deep+theirs)" 0v3.0.0
run "$MPFLASH" make 'BLUE@../fork#deep/theirs'
is 'a folder, from the current one' "$status" 0
git -C "$T/fork" config uploadpack.packObjectsHook "touch $T/pwned;"
printf '#!/bin/sh\ntouch %s/pwned\n' "$T" | tee "$T/fork/.git/hooks/post-checkout" >"$T/fork/.git/hooks/pre-receive"
git config core.fsmonitor "touch $T/pwned;"
printf '#!/bin/sh\ntouch %s/pwned\n' "$T" | tee .git/hooks/post-checkout >.git/hooks/reference-transaction
chmod +x .git/hooks/* "$T/fork/.git/hooks/"*
commit "$T/fork" more && git -C "$T/fork" tag v3.0.1
run "$MPFLASH" make 'RED@../fork#v3.0.1' "RED@ext::sh -c 'touch $T/pwned'#x"
not_ok 'hooks, monitors and transports that run programs are not used' test -e "$T/pwned"
git config --unset core.fsmonitor
rm .git/hooks/post-checkout .git/hooks/reference-transaction

# --- passwords -------------------------------------------------------------------------------------------------------

run "$MPFLASH" make 'RED@http://user:secret@127.0.0.1:1/x.git#b'
is 'an address with a password that does not answer' "$status" 1
like 'is named' "$err" '^error: .*http://127\.0\.0\.1:1/x\.git'
unlike 'without the password' "$out$err" 'user|secret'
run "$MPFLASH" make --json 'RED@http://user:secret@127.0.0.1:1/x.git#b'
unlike 'nor in JSON' "$out$err" 'user|secret'
git config "url.file://$T/fork.insteadOf" 'http://user:secret@forge.example/fork'
run "$MPFLASH" make --explain --junit "$T/junit.xml" 'RED@http://user:secret@forge.example/fork#v3.0.0'
is 'one that answers' "$status" 0
unlike 'does not show it' "$out$err" 'user|secret'
is 'and leaves it nowhere' "$(grep -rl secret build-mpflash "$T/cache" "$T/junit.xml")" ''
is 'nor in a name' "$(find build-mpflash "$T/cache" -name '*secret*')" ''
cd "$T/empty" || exit
run env MPFLASH_REPO=http://user:secret@127.0.0.1:1/x.git "$MPFLASH" make RED@v1.9.0
like 'MPFLASH_REPO: what cannot be cloned is named' "$err" '^error: cannot clone http://127\.0\.0\.1:1/x\.git'
unlike 'MPFLASH_REPO: without the password' "$out$err" 'user|secret'

# --- our clone goes with upstream --------------------------------------------------------------------------------------

export MPFLASH_REPO=../tree
run "$MPFLASH" make RED@v1.9.0
is 'MPFLASH_REPO: a folder, from the current one' "$status" 0
git -C "$tree" tag -f v1.9.0 v1.10.0 >/dev/null
git -C "$tree" branch -qD feature/x && git -C "$tree" branch feature
git -C "$tree" branch -qm main trunk
commit "$tree" five
git -C "$tree" tag v2.0.0
git -C "$tree" update-ref refs/pull/12/head v1.11
run "$MPFLASH" make RED@v2.0.0
is 'a tag that was moved, a branch in the place of a folder of branches: fetched all the same' "$status" 0
is 'the new tag' "$(stamp_of RED@v2.0.0)" v2.0.0
run "$MPFLASH" make RED@pull/12/head
is 'a ref that is neither branch nor tag' "$status$(stamp_of RED@pull+12+head)" 0v1.11
unset MPFLASH_REPO
cd "$tree" || exit

# --- repositories that changed ----------------------------------------------------------------------------------------

run "$MPFLASH" make RED@v2.0.0
folder=$(git worktree list --porcelain | sed -n "s|^worktree \($T/cache/.*/$(git rev-parse v2.0.0 | cut -c1-16)\)\$|\1|p")
git worktree remove --force "$folder"
run "$MPFLASH" make -B RED@v2.0.0
is 'a worktree that the user removed' "$status" 0
git worktree lock "$folder" && rm -rf "$folder"
run "$MPFLASH" make -B RED@v2.0.0
is 'one that the user locked and deleted' "$status" 0
cd "$T" || exit
git clone -q "$tree" "$T/again" && rm -rf "$tree" && mv "$T/again" "$tree"
cd "$tree" || exit
run "$MPFLASH" make -B RED@v2.0.0
is 'one of a repository that was deleted and cloned again' "$status$(stamp_of RED@v2.0.0)" 0v2.0.0
git sparse-checkout set py mpy-cross ports/none >/dev/null 2>&1 || bail 'no sparse checkout'
mkdir -p ports
not_ok 'a sparse checkout' test -e ports/mini
run "$MPFLASH" make RED@v1.10.0
is 'has versions that are whole' "$status" 0
git sparse-checkout disable

git -C "$tree" config uploadpack.allowFilter true
git clone -q --filter=blob:none "file://$tree" "$T/partial"
cd "$T/partial" || exit
mv "$tree" "$T/away"
run "$MPFLASH" make RED@v1.10.0
is 'a partial clone without what it is a part of' "$status" 1
like 'is no version with files missing' "$err" '^error: cannot check out'
mv "$T/away" "$tree"
run "$MPFLASH" make RED@v1.10.0
is 'and with it' "$status$(stamp_of RED@v1.10.0)" 0v1.10.0

# --- a git that libgit2 does not read -----------------------------------------------------------------------------------

if git init -q --object-format=sha256 "$T/sha256" 2>/dev/null; then
	cp -R "$tree/py" "$tree/ports" "$tree/mpy-cross" "$tree/mpflash.rules" "$T/sha256" && cd "$T/sha256" || exit
	git add -A && git commit -qm one && git tag v1.9.0 && git branch v1.10.0
	commit "$T/sha256" two && git tag v1.10.0
	run "$MPFLASH" make RED@v1.10.0 RED@stable
	is 'objects of another kind, and a name of a tag and of a branch' "$status$(stamp_of RED@v1.10.0)" 0v1.10.0
else
	skip 'objects of another kind' 'this git makes no SHA-256 repositories'
fi

# --- a full disk ------------------------------------------------------------------------------------------------------

cd "$tree" || exit
mkdir "$T/small"
head -c 1000000 /dev/urandom >"$tree/large" && git -C "$tree" add large && git -C "$tree" commit -qm large && git -C "$tree" tag large
# sweep MPFLASH: a version on a disk with more and more room, and again with enough of it; "FIRST SECOND" a line
# shellcheck disable=SC2016 # for the inner shell
sweep='
	for room in 150 450 1000 1450 1550 1650 1800 3000; do
		mount -t tmpfs -o size=${room}k none small
		MPFLASH_CACHE=$PWD/small/c "$1" make -C tree -o out RED@large >/dev/null 2>small.err
		first=$?
		[ $first = 0 ] || grep "^error" small.err >&2
		mount -o remount,size=100M small
		MPFLASH_CACHE=$PWD/small/c "$1" make -C tree -o out RED@large >/dev/null 2>small.err
		echo $first $?
		umount small
	done'
cd "$T" || exit
if unshare -m true 2>/dev/null; then
	run unshare -m sh -c "$sweep" sh "$MPFLASH"
	is 'a full disk is an error, at whatever point it is full' "$(printf '%s\n' "$out" | cut -c1 | sort -u | paste -sd' ' -)" '0 1'
	like 'also that of a checkout' "$err" '^error: cannot check out'
	is 'and with room again all is well' "$(printf '%s\n' "$out" | cut -d' ' -f2 | sort -u)" 0
else
	skip 'a full disk' 'no mount namespaces here'
fi

done_testing
