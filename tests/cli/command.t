#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Commands of rule files: what one made is recorded for the inputs that it really read, and two processes never work in
# one folder.
# shellcheck disable=SC2016 # words of a rule file
. "$(dirname "$0")/lib.sh"

need git arm-none-eabi-gcc make
small_tree "$T/tree"
cd "$T/tree" || exit
signed=build-mpflash/RED/signed.bin
cat >mpflash.rules <<'END'
rule sign
  command = ./sign $in $out
port mini
  build signed.bin: sign key
END
# Tells that it runs, waits until it may go on when the test wants that, and copies.
cat >sign <<'END'
#!/bin/sh
: >"$1.runs"
while [ -e "$1.wait" ]; do sleep 0.02; done
cat "$1" >"$2"
END
chmod +x sign

# A command that has begun, in the background.
begin() {
	rm -f key.runs
	: >key.wait
	"$MPFLASH" make RED >"$T/first" 2>&1 &
	first=$!
	waited=0
	while [ ! -e key.runs ] && [ $waited -lt 200 ]; do
		sleep 0.05
		waited=$((waited + 1))
	done
}

echo one >key
run "$MPFLASH" make RED
is 'all of a board' "$status $(cat $signed)" '0 one' || diag "$err"

# --- a source that changes while the command runs ---
echo two >key
begin
echo three >key
rm key.wait
wait $first
isnt 'a source changed meanwhile: exit status' "$?" 0
like 'a source changed meanwhile: why' "$(cat "$T/first")" "^error: mini/RED signed\.bin: what it reads changed while the command ran"
echo two >key
run "$MPFLASH" make RED
is 'the source as it was: what is made from it' "$status $(cat $signed)" '0 two' || diag "$err"

# --- two processes ---
echo four >key
begin
"$MPFLASH" make RED >"$T/second" 2>&1 &
second=$!
sleep 0.5
rm key.wait
wait $first
is 'the first of two: exit status' "$?" 0 || diag "$(cat "$T/first")"
wait $second
is 'the second of two: exit status' "$?" 0 || diag "$(cat "$T/second")"
like 'the second waits and says for whom' "$(cat "$T/second")" '^note: mini/RED signed\.bin waits for process [0-9]+ \(mini/RED signed\.bin\)$'
like 'and does it not once more' "$(cat "$T/second")" '^sign .*RED: .*another process made it meanwhile'
is 'what it is made from' "$(cat $signed)" four
is 'nothing is left of it' "$(find "$MPFLASH_CACHE/work" -name '*signed.bin*' ! -name '*.lock')" ''

done_testing
