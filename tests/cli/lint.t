#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Every gate of `ninja lint` and of the test build lets good code through, and stops what it is there for.
# Runs once: it does not run mpflash.
#
# shellcheck disable=SC2016 # the bad scripts are bad
. "$(dirname "$0")/lib.sh"
need ninja cc shellcheck
unset CC CFLAGS LDFLAGS PKG_CONFIG_PATH

src=$T/src
tiny_project "$src"
mkdir "$T/build"
cd "$T/build" || bail "no build folder"
ok "configure" "$src/configure" --quiet
ok "good code passes every gate" ninja lint
run ninja lint
like "and is not looked at twice" "$out" 'no work to do'

# bad GATE TARGET PATTERN FILE TEXT: with that file the target fails, for that reason; without it all is well again
bad() {
	mkdir -p "$(dirname "$src/$4")"
	tick
	printf '%s\n' "$5" >"$src/$4"
	run ninja "$2"
	isnt "$1: is stopped" "$status" 0
	like "$1: and named" "$out" "$3"
	tick
	rm "$src/$4"
	ok "$1: and without it all is well" ninja obj/lint/includes check-format
}
mit='/* SPDX-License-Identifier: MIT */'

# What was good is remembered outside of the build folder, by content.
cat >"$T/tidy" <<'EOF'
#!/bin/sh
[ "$1" = --version ] && exit
echo looked >>"$T/looks"
! grep -q bad "$3"
EOF
chmod +x "$T/tidy"
mkdir "$T/one"
printf '#include "h.h"\nint one(void);\n' >"$T/one/a.c"
printf '#define ONE 1 /* a word */\n' >"$T/one/h.h"
export T
look() {
	MPFLASH_TEST_CACHE=$T/cache sh "$src/tests/lint/tidy" "$T/tidy" cc "$src/.clang-tidy" "$T/one/a.c" -std=c17
}
looks() { wc -l <"$T/looks" | tr -d ' '; }
ok "a file is looked at" look
ok "and again" look
is "but not the second time" "$(looks)" 1
printf '#define ONE 1 /* another word */\n' >"$T/one/h.h"
ok "a comment in a header that it includes changed" look
is "so it is looked at" "$(looks)" 2
printf 'int bad;\n' >>"$T/one/a.c"
not_ok "what is bad is stopped" look
not_ok "each time" look
is "for it is not remembered" "$(looks)" 4

bad "clang-tidy, a null pointer" lint 'NullDereference' src/base/bad.c "$mit
#include \"base/one.h\"

int two(const int *p);

int two(const int *p)
{
	if (!p)
		return *p;
	return one();
}"
bad "clang-tidy, a macro without parentheses" lint 'bugprone-macro-parentheses' src/base/bad.c "$mit
#include \"base/one.h\"

#define TWICE(x) x * 2

int two(void);

int two(void)
{
	return TWICE(one());
}"
bad "warnings of the test build" obj/san/src/base/bad.o 'Werror=missing-prototypes' src/base/bad.c "$mit
int two(void)
{
	return 2;
}"
bad "more than POSIX outside src/os" obj/san/src/base/bad.o 'implicit' src/base/bad.c "$mit
#include <fcntl.h>
#include <unistd.h>

int two(int *fds);

int two(int *fds)
{
	return pipe2(fds, O_CLOEXEC);
}"
bad "clang-format" check-format 'Wclang-format-violations' src/base/bad.h "$mit
int  two( void );"
bad "shellcheck" lint 'SC2086' tests/bad.sh '#!/bin/sh
rm $1'
bad "shellcheck of a library" lint 'SC2086' tests/bad.sh '# shellcheck shell=sh
rm $1'
bad "includes upwards" obj/lint/includes 'base must not include cmd' src/base/bad.h "$mit
#include \"cmd/cmd.h\""
bad "the store and the layers above it" obj/lint/includes 'cache must not include image' cache/bad.h "$mit
#include \"image/image.h\""
bad "a folder without a place" obj/lint/includes 'src/misc has no level' src/misc/bad.h "$mit
#include \"base/one.h\""
rmdir "$src/src/misc"
bad "a file without its folder" obj/lint/includes 'name the folder' src/base/bad.h "$mit
#include \"one.h\""
bad "headers of Linux" obj/lint/includes 'a header that only Linux has' src/base/bad.h "$mit
#include <sys/epoll.h>"
bad "calls of Linux" obj/lint/includes 'a call that only Linux has' src/base/bad.h "$mit
int two(void) { return memfd_create(\"\", 0); }"
bad "features of Linux" obj/lint/includes 'more than POSIX' src/base/bad.h "$mit
#define _GNU_SOURCE"
bad "no licence" obj/lint/includes 'SPDX' src/base/bad.h 'int two(void);'

mkdir "$src/src/image" "$src/src/flash"
printf '%s\n#include "flash/b.h"\n' "$mit" >"$src/src/image/a.h"
printf '%s\n' "$mit" >"$src/src/flash/b.h"
ok "folders of one level may include each other" ninja obj/lint/includes
tick
printf '%s\n#include "image/c.h"\n' "$mit" >"$src/src/flash/b.h"
run ninja obj/lint/includes
like "but not in a circle" "$out" 'which includes .* again'

tick
printf '%s\n#include "../os/epoll.h"\n' "$mit" >"$src/src/flash/b.h"
run ninja obj/lint/includes
isnt "nor by way of .." "$status" 0

done_testing
