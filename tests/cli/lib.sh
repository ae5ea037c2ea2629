# shellcheck shell=sh
# SPDX-License-Identifier: MIT
#
# TAP for the command-line tests. A test is a POSIX sh script tests/cli/NAME.t that begins
#
#	#!/bin/sh
#	# SPDX-License-Identifier: MIT
#	#
#	# What this file shows.
#	. "$(dirname "$0")/lib.sh"
#
# and ends with done_testing (or begins with plan N). It is run twice, with mpflash and with the sanitized mpflash;
# once, with mpflash, when a comment line of it begins with "Runs once" (it does not run mpflash, or compiles for minutes),
# or with the sanitized one alone, when one begins with "Runs sanitized" (it works with emulated devices for a minute);
# by hand: `MPFLASH=/build/mpflash sh tests/cli/NAME.t`, or `TESTS=cli/NAME ninja test`.
#
#	$MPFLASH             the program under test (absolute path)
#	$T                   a private folder, also the home (HOME=$T/home) and cache (MPFLASH_CACHE=$T/cache) of all that
#	                     runs; at exit every qemu started from there is ended and the folder is removed
#	$TESTS_DIR           this repository's tests folder
#
#	run CMD...           runs it without input; sets $out, $err (standard error) and $status
#	ok NAME CMD...       passes when CMD does
#	not_ok NAME CMD...   passes when CMD fails
#	is NAME GOT WANT     equal texts
#	isnt NAME GOT OTHER  different texts
#	like NAME TEXT ERE   some line of TEXT matches; unlike: none does
#	skip NAME REASON     a test that cannot run here: say what is missing
#	skip_all REASON      the same for the whole file; ends the script
#	bail TEXT            a broken set-up: the file fails at once
#	diag TEXT            a remark on standard error
#	plan N               exactly N tests follow; done_testing: as many as ran
#	sample_tree DIR      tests/trees/sample as a git repository: one commit, tag v1.29.0-preview; always the same id
#	small_tree DIR       the same with tests/trees/small: a port whose boards compile in a tenth of a second
#	tick                 waits until the next write has a later date than the last (a kernel's ticks are 4 to 10 ms)
#	need CMD...          bail when a program is not here (configure --deps installs all that tests need)
#	processes_of DIR     the pids of processes that run in DIR, have a file below it open, or name it in their
#	                     arguments or environment (tests/processes.sh)
#	tiny_project DIR     this repository's build, gates and runner around one source file, for tests of these

set -u
umask 022

: "${TESTS_DIR:=$(cd -- "$(dirname -- "$0")/.." && pwd -P)}" # tests/one sets it
# shellcheck source=../processes.sh
. "$TESTS_DIR/processes.sh"

tap_count=0
tap_failed=0
tap_plan=
tap_done=0
out='' err='' status=0

bail() {
	printf '# %s\n' "$*" >&2
	tap_done=1
	exit 99
}

tap_exit() {
	tap_status=$?
	trap - EXIT
	for tap_pid in $(processes_of "$T" qemu-system-); do
		kill -KILL "$tap_pid" 2>/dev/null
	done
	cd /
	rm -rf -- "$T" 2>/dev/null || { chmod -R u+rwx -- "$T" && rm -rf -- "$T"; }
	if [ "$tap_done" = 0 ] && [ -z "$tap_plan" ]; then
		printf '# the script ended before done_testing\n' >&2
		tap_status=98
	fi
	[ "$tap_status" != 0 ] || [ "$tap_failed" = 0 ] || tap_status=1
	exit "$tap_status"
}

T=$(mktemp -d "${TMPDIR:-/tmp}/mpflash-t.XXXXXX") || exit 99
T=$(cd -- "$T" && pwd -P)
trap tap_exit EXIT
trap 'exit 130' INT TERM HUP
# before HOME is the test's: packages of others, for tests that read tests/peers/lib.sh
: "${MPFLASH_PEERS:=${XDG_CACHE_HOME:-$HOME/.cache}/mpflash-peers}"
: "${MPFLASH_TEST_CACHE:=${XDG_CACHE_HOME:-$HOME/.cache}/mpflash-tests}" # the same for what tests make once a machine
HOME=$T/home
MPFLASH_CACHE=$T/cache
XDG_CONFIG_HOME=$T/home/.config
XDG_CACHE_HOME=$T/home/.cache
XDG_DATA_HOME=$T/home/.local/share
GIT_CONFIG_NOSYSTEM=1
GIT_CONFIG_GLOBAL=/dev/null
mkdir "$HOME" "$MPFLASH_CACHE"
export HOME MPFLASH_CACHE XDG_CONFIG_HOME XDG_CACHE_HOME XDG_DATA_HOME GIT_CONFIG_NOSYSTEM GIT_CONFIG_GLOBAL
: "${MPFLASH:=$(dirname -- "$TESTS_DIR")/mpflash}"
[ -x "$MPFLASH" ] || grep -q '^# Runs once' "$0" || bail "MPFLASH=$MPFLASH is no program; build it, or set MPFLASH"
export MPFLASH

diag() {
	printf '%s\n' "$*" | sed 's/^/# /' >&2
}

# tap_result STATUS NAME
tap_result() {
	tap_count=$((tap_count + 1))
	if [ "$1" = 0 ]; then
		printf 'ok %d - %s\n' "$tap_count" "$2"
	else
		printf 'not ok %d - %s\n' "$tap_count" "$2"
		printf "#   failed: '%s' in %s\n" "$2" "$0" >&2
		tap_failed=$((tap_failed + 1))
	fi
	return "$1"
}

# shellcheck disable=SC2034 # for the test to read
run() {
	out=$("$@" 2>"$T/.err" </dev/null)
	status=$?
	err=$(cat "$T/.err")
	rm -f "$T/.err"
	return 0
}

ok() {
	tap_name=$1
	shift
	tap_out=$("$@" 2>&1 </dev/null)
	tap_got=$?
	tap_result "$tap_got" "$tap_name" || {
		diag "exit $tap_got: $*"
		diag "$tap_out"
		return 1
	}
}

not_ok() {
	tap_name=$1
	shift
	if tap_out=$("$@" 2>&1 </dev/null); then
		tap_result 1 "$tap_name"
		diag "passed: $*"
		diag "$tap_out"
		return 1
	fi
	tap_result 0 "$tap_name"
}

is() {
	[ "$2" = "$3" ]
	tap_result $? "$1" || {
		diag "got:  $2"
		diag "want: $3"
		return 1
	}
}

isnt() {
	[ "$2" != "$3" ]
	tap_result $? "$1" || {
		diag "both: $2"
		return 1
	}
}

like() {
	printf '%s\n' "$2" | grep -Eq -e "$3"
	tap_result $? "$1" || {
		diag "no line matches: $3"
		diag "in: $2"
		return 1
	}
}

unlike() {
	! printf '%s\n' "$2" | grep -Eq -e "$3"
	tap_result $? "$1" || {
		diag "a line matches: $3"
		diag "in: $2"
		return 1
	}
}

skip() {
	tap_count=$((tap_count + 1))
	printf 'ok %d - %s # SKIP %s\n' "$tap_count" "$1" "$2"
}

skip_all() {
	[ "$tap_count" = 0 ] || bail "skip_all after the first test"
	printf '1..0 # SKIP %s\n' "$*"
	tap_done=1
	exit 0
}

plan() {
	tap_plan=$1
	printf '1..%d\n' "$1"
}

done_testing() {
	tap_done=1
	[ -n "$tap_plan" ] || printf '1..%d\n' "$tap_count"
	[ "$tap_count" -gt 0 ] || bail "no test ran"
	exit "$((tap_failed > 0))"
}

tick() {
	sleep 0.05
}

need() {
	for tap_tool; do
		command -v "$tap_tool" >/dev/null || bail "$tap_tool is not here; ./configure --deps test installs it"
	done
}

# copy_tree NAME DIR
copy_tree() {
	{ mkdir -p -- "$2" && cp -R "$TESTS_DIR/trees/$1/." "$2"; } || bail "no copy of the $1 tree in $2"
	(
		cd -- "$2" || exit
		GIT_AUTHOR_NAME='A Tester' GIT_AUTHOR_EMAIL=tester@example.org GIT_AUTHOR_DATE='1767225600 +0000'
		GIT_COMMITTER_NAME=$GIT_AUTHOR_NAME GIT_COMMITTER_EMAIL=$GIT_AUTHOR_EMAIL
		GIT_COMMITTER_DATE=$GIT_AUTHOR_DATE
		export GIT_AUTHOR_NAME GIT_AUTHOR_EMAIL GIT_AUTHOR_DATE
		export GIT_COMMITTER_NAME GIT_COMMITTER_EMAIL GIT_COMMITTER_DATE
		git init -q -b main . && git add -A && git commit -q -m "The $1 tree" &&
			git tag -a -m v1.29.0-preview v1.29.0-preview
	) || bail "no git repository in $2"
}

sample_tree() {
	copy_tree sample "$1"
}

small_tree() {
	copy_tree small "$1"
}

tiny_project() {
	mkdir -p -- "$1/src/base" "$1/src/os" "$1/cache" "$1/rules/udev" "$1/tests/cli" "$1/tests/lint" "$1/.ci" "$1/docs"
	{
		cp "$TESTS_DIR"/../configure "$TESTS_DIR"/../install.sh "$TESTS_DIR"/../build.ninja.in "$TESTS_DIR"/../.clang-format \
			"$TESTS_DIR"/../.clang-tidy "$TESTS_DIR"/../.shellcheckrc "$1" &&
			cp "$TESTS_DIR"/lint/* "$1/tests/lint" && cp "$TESTS_DIR"/cli/lib.sh "$1/tests/cli" &&
			cp "$TESTS_DIR"/run "$TESTS_DIR"/one "$TESTS_DIR"/processes.sh "$1/tests"
	} || bail "no project in $1"
	printf 'port none\n' >"$1/rules/none.rules"
	printf '# none\n' >"$1/rules/udev/none.rules"
	for file in LICENSE README.md CHANGELOG.md docs/ONE.md; do
		echo none >"$1/$file"
	done
	printf '/* SPDX-License-Identifier: MIT */\n%s\n\nint one(void)\n{\n\treturn 1;\n}\n' \
		'#include "base/one.h"' >"$1/src/base/one.c"
	printf '/* SPDX-License-Identifier: MIT */\n#ifndef BASE_ONE_H\n#define BASE_ONE_H\n\n%s\n\n#endif\n' \
		'int one(void);' >"$1/src/base/one.h"
	printf '/* SPDX-License-Identifier: MIT */\n%s\n\nint main(void)\n{\n\treturn one() - 1;\n}\n' \
		'#include "base/one.h"' >"$1/src/main.c"
}
