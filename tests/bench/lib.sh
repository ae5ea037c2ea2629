# shellcheck shell=sh disable=SC2154
# SPDX-License-Identifier: MIT
#
# What the benchmarks share. $here: this folder; $TMPDIR: a folder of the benchmark's own.

# sample DIR: the sample tree as a git repository
sample() {
	cp -R "$here/../trees/sample" "$1"
	git -C "$1" init -q
	git -C "$1" add -A
	git -C "$1" -c user.name=bench -c user.email=bench@localhost commit -q -m sample
	git -C "$1" tag v1.29.0-preview
}

# pinned TREE: mpflash's mpy-cross and a fixed stamp for makes by hand, as mpflash gives them
pinned() {
	"$MPFLASH" make -C "$1" mpy-cross -o "$TMPDIR/cross" >/dev/null 2>&1
	MICROPY_MPYCROSS=$TMPDIR/cross/mpy-cross/mpy-cross
	[ -x "$MICROPY_MPYCROSS" ] || { printf 'error: no mpy-cross of %s\n' "$1" >&2 && exit 1; }
	MICROPY_GIT_TAG=v1.29.0-preview MICROPY_GIT_HASH=0000000 SOURCE_DATE_EPOCH=1767225600
	LC_ALL=C TZ=UTC PYTHONDONTWRITEBYTECODE=1 PYTHONHASHSEED=0
	export MICROPY_MPYCROSS MICROPY_GIT_TAG MICROPY_GIT_HASH SOURCE_DATE_EPOCH LC_ALL TZ PYTHONDONTWRITEBYTECODE PYTHONHASHSEED
}

# Files that changed less than two seconds ago are not trusted.
at_rest() {
	sleep 3
}

peers() {
	python3 "$here/peers.py" "$@"
}
