#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The test runner sees what a test would hide: a failure, a process left behind, a sanitizer's report, a missing plan.
# Runs once: it does not run mpflash.
. "$(dirname "$0")/lib.sh"

# attempt NAME BODY: runs a test file with that body through tests/one; its exit status in $status
attempt() {
	mkdir -p "$T/build/obj/san" "$T/run/tmp" "$T/t"
	printf '#!/bin/sh\n' >"$T/build/obj/san/mpflash"
	chmod +x "$T/build/obj/san/mpflash"
	printf '#!/bin/sh\n%s\n' "$2" >"$T/t/$1.t"
	run env TEST_RUN="$T/run" TEST_BUILD="$T/build" sh "$TESTS_DIR/one" san "$T/t/$1.t"
}
lib=". '$TESTS_DIR/cli/lib.sh'"

attempt good "$lib
ok works true
done_testing"
is "a test that passes" "$status" 0
is "its TAP" "$out" "ok 1 - works
1..1"

attempt bad "$lib
is sum 3 4
done_testing"
is "a test that fails" "$status" 1
like "says what it got" "$err" '^# got:  3$'

attempt unfinished "$lib
ok works true"
is "a script that ends early" "$status" 98

attempt empty "$lib
done_testing"
is "a script without a test" "$status" 99

attempt leak "echo 1..1
cd \"\$TMPDIR\"
setsid sleep 300 >/dev/null 2>&1 &
echo ok 1"
is "a process left behind, in a session of its own" "$status" 87
like "is named" "$err" '^# left running: [0-9]+ (setsid )?sleep 300'

attempt hidden "echo 1..1
env -i /bin/sh -c 'exec sleep 300' >\"\$TMPDIR/log\" 2>&1 &
echo ok 1"
is "a process without environment, with its log open" "$status" 87

attempt qemu "$lib
ln -s \"\$(command -v sleep)\" \"\$T/qemu-system-none\"
\"\$T/qemu-system-none\" 300 >/dev/null 2>&1 &
ok works true
done_testing"
is "an emulator of the test's own is ended with it" "$status" 0

attempt report "echo 1..1
path=\${ASAN_OPTIONS#*log_path=}
echo '==1==ERROR: AddressSanitizer' >\"\${path%%:*}.1\"
echo ok 1"
is "a sanitizer's report that the test did not see" "$status" 86
like "is printed" "$err" 'AddressSanitizer'

attempt skip "echo 1..1
echo 'not ok 1 # SKIP no_such_thing'"
is "a test that cmocka skipped" "$out" '1..1
ok 1 # SKIP no_such_thing'
is "is no failure" "$status" 0
like "and is told" "$err" '^# skip\.t: .*no_such_thing'

mkdir -p "$T/t"
printf '#!/bin/sh\necho 1..1\necho not ok 1 - sum\necho "# 3 != 4"\nexit 1\n' >"$T/t/sum_test"
chmod +x "$T/t/sum_test"
run env TEST_RUN="$T/run" TEST_BUILD="$T/build" sh "$TESTS_DIR/one" plain "$T/t/sum_test"
is "a unit test that fails" "$status" 1
like "says which" "$err" '^# not ok 1 - sum$'
like "and why" "$err" '^# 3 != 4$'

is "no folder is left" "$(ls "$T/run/tmp")" ''

done_testing
