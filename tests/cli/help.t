#!/bin/sh
# SPDX-License-Identifier: MIT
#
# --help of each command and subcommand, as the program itself lists them: it fits 80 columns, has examples that are right, and is there
# in 5 ms.
. "$(dirname "$0")/lib.sh"
need python3
cd "$T" || exit

# all commands that are not for programs, and their subcommands, one a line
"$MPFLASH" man | sed -n 's/^\.Ss "\\&mpflash \(.*\)"$/\1/p' | sed 's/\\-/-/g' >"$T/commands"
is 'the list has all commands' "$(grep -v ' ' "$T/commands" | paste -sd' ' -)" "$("$MPFLASH" complete -- '' | cut -f1 | paste -sd' ' -)"
like 'and subcommands' "$(cat "$T/commands")" '^cache verify$'

# help_of WORD...: --help of a command ("": of the program)
help_of() {
	# shellcheck disable=SC2086 # one or two words
	run "$MPFLASH" $1 --help
}

# The command lines among the examples, without the shell around them, each with --help before its words: it says what it would have
# done, and fails when it has an option that is not there.
examples_of() {
	sed -n '/^examples:$/,/^$/s/^  //p' "$1" | sed 's/  *#.*//; s/.*<(\(.*\)).*/\1/; s/ *[|>].*//'
}

{
	echo
	cat "$T/commands"
} | while read -r command; do
	help_of "$command"
	printf '%s\n' "$out" >"$T/help"
	[ "$status" = 0 ] && [ -z "$err" ] || echo "mpflash $command --help: status $status: $err" >>"$T/failures"
	awk -v c="$command" 'length($0) > 79 { print "mpflash " c " --help: too wide: " $0 }' "$T/help" >>"$T/wide"
	grep -q '	' "$T/help" && echo "mpflash $command --help: a tab" >>"$T/wide"
	examples_of "$T/help" >"$T/examples"
	count=$(grep -c . "$T/examples")
	{ [ "$count" -ge 1 ] && [ "$count" -le 3 ]; } || echo "mpflash $command --help: $count examples" >>"$T/counts"
	[ -z "$command" ] || grep -qE "^mpflash (--usb )?$command( |\$)" "$T/examples" || echo "mpflash $command: examples of others" >>"$T/counts"
	while read -r _ example; do
		# shellcheck disable=SC2086 # the command stands before its options
		case $example in
		*--help*) ;;
		*) eval "run \"\$MPFLASH\" $example --help" ;;
		esac
		[ "$status" = 0 ] || echo "mpflash $example: $err" >>"$T/wrong"
	done <"$T/examples"
	echo "$count" >>"$T/seen"
done
is '--help is no error' "$(cat "$T/failures" 2>/dev/null)" ''
is '--help fits 80 columns' "$(cat "$T/wide" 2>/dev/null)" ''
is '--help has one to three examples, of the command' "$(cat "$T/counts" 2>/dev/null)" ''
is 'their options are there' "$(cat "$T/wrong" 2>/dev/null)" ''
ok 'all were looked at' test "$(grep -c . "$T/seen")" -gt 30
help_of 'cache stats'
is 'a help, whole' "$out" "usage: mpflash cache stats [--json]

what the store holds

options:
      --json                   one JSON object
  -h, --help                   show this

examples:
  mpflash cache stats

\`mpflash --help\` lists the options that all commands have."
help_of build
is 'a usage of two lines' "$(printf '%s\n' "$out" | head -n 2)" 'usage: mpflash build [options] BOARD [VARIANT]... [NAME=VALUE...]
                     [-- MAKE-ARGUMENTS]'
like 'a text of two lines hangs' "$out" '^                               processor\)$'
like 'an option that leaves no room has its text below' "$out" '^  -s, --serial, --serial-port PORT$'

# CPU time of the whole process, the least of several: a loaded machine does not add to it. The sanitizers take 10 times as much and more.
cat >"$T/time.py" <<'PYTHON'
import os, resource, subprocess, sys
def used():
    u = resource.getrusage(resource.RUSAGE_CHILDREN)
    return u.ru_utime + u.ru_stime
worst = (0, "")
for line in [""] + open(sys.argv[2]).read().splitlines():
    best = 1e9
    for _ in range(20):
        before = used()
        subprocess.run([sys.argv[1], *line.split(), "--help"], stdout=subprocess.DEVNULL, check=True)
        best = min(best, used() - before)
        if best * 1000 < 0.8 * int(sys.argv[3]):
            break
    worst = max(worst, (best, line))
print("%.1f %s" % (worst[0] * 1000, worst[1]))
PYTHON
limit=5
case $MPFLASH in
*/san/*) limit=100 ;;
esac
worst=$(python3 "$T/time.py" "$MPFLASH" "$T/commands" "$limit")
ok "within 5 ms: the slowest takes ${worst%% *} ms (${worst#* })" awk "BEGIN { exit !(${worst%% *} < $limit) }"

done_testing
