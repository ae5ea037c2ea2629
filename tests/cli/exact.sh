# shellcheck shell=sh
# SPDX-License-Identifier: MIT
#
# What the tests of exactness share: a run of `mpflash make` that must have compiled, restored or done nothing, each time
# with the image that a make by hand makes of the same sources with the same stamp.
#
#	sources NAME            $T/NAME, a copy of the small tree, is the working folder
#	builds NAME WORD...     mpflash make WORD... compiles one board
#	restores NAME WORD...   it compiles nothing, and brings files back from the store
#	known NAME WORD...      it compiles nothing; whether files come back is not looked at
#	rests NAME WORD...      it does nothing at all
#	$board $hand            the board that is looked at (RED), and the words for its make by hand (none); hand=-: do not
#	                        compare
#	$compiled               whose compiles are counted, a pattern (all)
# shellcheck disable=SC2154 # out, err and status are lib.sh's

board=RED
hand=
compiled='[^:]*'

sources() {
	small_tree "$T/$1"
	cd "$T/$1" || exit
}

# commit MESSAGE: all there is
commit() {
	git add -A
	git -c user.name=x -c user.email=x@example.org commit -qm "$1"
}

image_is_right() { # NAME
	[ "$hand" != - ] || return 0
	image=build-mpflash/$board/firmware.bin
	stamp=$(grep -ao 'MicroPython [^ ]* for' "$image" | cut -d' ' -f2)
	rm -rf "$T/by-hand"
	# shellcheck disable=SC2086 # words
	env -i PATH="$PATH" LC_ALL=C MICROPY_GIT_TAG="$stamp" make -s -C ports/mini BOARD="${board%%-*}" BUILD="$T/by-hand" \
		$hand >"$T/by-hand.log" 2>&1 || diag "$(cat "$T/by-hand.log")"
	ok "$1: the image is what make by hand makes" cmp "$image" "$T/by-hand/firmware.bin"
	rm -rf "$T/by-hand" "$T/by-hand.log"
}

compiles() {
	printf '%s\n' "$err" | grep -c "^compile  $compiled \.\.\."
}

builds() {
	builds_name=$1
	shift
	run "$MPFLASH" make "$@"
	is "$builds_name: one compile" "$(compiles) $status" '1 0' || diag "$err"
	image_is_right "$builds_name"
}

restores() {
	restores_name=$1
	shift
	run "$MPFLASH" make "$@"
	is "$restores_name: no compile" "$(compiles) $status" '0 0' || diag "$err"
	like "$restores_name: files from the store" "$err" ' from the store$'
	image_is_right "$restores_name"
}

known() {
	known_name=$1
	shift
	run "$MPFLASH" make "$@"
	is "$known_name: no compile" "$(compiles) $status" '0 0' || diag "$err"
	image_is_right "$known_name"
}

rests() {
	rests_name=$1
	shift
	run "$MPFLASH" make "$@"
	like "$rests_name: nothing to do" "$err" '^nothing to do: '
	is "$rests_name: no output, exit status 0" "$status$out" 0
	image_is_right "$rests_name"
}
