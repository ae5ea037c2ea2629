#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The manual page: two formatters have nothing to say against it, and it has every command, option, variable and example.
. "$(dirname "$0")/lib.sh"
need mandoc man
cd "$T" || exit

run "$MPFLASH" man
is 'it is written' "$status" 0
printf '%s\n' "$out" >mpflash.1
is 'mandoc has nothing to say' "$(mandoc -T lint -W style mpflash.1 2>&1 | grep -v 'outdated mandoc.db')" ''
is 'groff has nothing to say' "$(LC_ALL=C.UTF-8 MANROFFSEQ='' MANWIDTH=80 man --warnings -E UTF-8 -l -Tutf8 -Z mpflash.1 2>&1 >/dev/null)" ''
mandoc -T ascii -O width=100 mpflash.1 | sed 's/.\x08//g' >page.txt
tr -s ' \n' '  ' <page.txt >page.line

# has TEXT: the page has it, however its lines are broken
has() {
	grep -qF -- "$(printf '%s' "$1" | tr -s ' ' ' ')" page.line
}

ok 'name and what it is' has 'NAME mpflash - take a MicroPython board'
for section in SYNOPSIS DESCRIPTION OPTIONS COMMANDS ENVIRONMENT FILES 'EXIT STATUS' EXAMPLES 'SEE ALSO'; do
	like "section $section" "$(cat page.txt)" "^$section\$"
done
like 'the version' "$(cat page.txt)" "This is version $("$MPFLASH" --version | sed 's/.* //')\.\$"
is 'each command has a part' "$(sed -n 's/^   mpflash \([a-z-]*\)$/\1/p' page.txt | paste -sd' ' -)" "$("$MPFLASH" complete -- '' | cut -f1 | paste -sd' ' -)"

# What --help of each command says is there: options, examples, usage.
: >missing
sed -n 's/^   mpflash \([a-z].*\)$/\1/p' page.txt >commands
while read -r command; do
	# shellcheck disable=SC2086 # one or two words
	"$MPFLASH" $command --help >help
	sed -n "/^   mpflash $command\$/,/^   mpflash /p" page.txt | tr -s ' \n' '  ' >page.line
	has "mpflash $(sed -n '1s/usage: mpflash \([^[]*\).*/\1/p' help)" || echo "$command: usage" >>missing
	sed -n '/^options:$/,/^$/s/^  \(-., \|    \)\(--[a-z][a-z0-9-]*\).*/\2/p' help | grep -v '^--help$' >options
	while read -r option; do
		has "$option" || echo "$command: $option" >>missing
	done <options
	sed -n '/^examples:$/,/^$/s/^  //p' help >examples
	while read -r example; do
		has "$example" || echo "$command: $example" >>missing
	done <examples
	cat options examples >>seen
done <commands
is 'all that --help says of each command' "$(cat missing)" ''
ok 'which is a lot' test "$(grep -c . seen)" -gt 250
tr -s ' \n' '  ' <page.txt >page.line

# Variables that the sources read.
source=$(dirname "$TESTS_DIR")
for variable in $(grep -rhoE '"(MPFLASH|MICROPY)_[A-Z_]+"' "$source/src" "$source/cache" | tr -d '"' | sort -u); do
	case $variable in
	MPFLASH_TEST | MICROPY_HW_* | *_) continue ;; # not ours: the Python tool's, and MicroPython's own macros
	esac
	like "the environment: $variable" "$(sed -n '/^ENVIRONMENT/,/^FILES/p' page.txt)" "^     $variable( |\$)"
done
for status in 0 1 2 130; do
	like "exit status $status" "$(sed -n '/^EXIT STATUS/,/^EXAMPLES/p' page.txt)" "^     $status "
done
for text in mpflash.db build-mpflash mpflash.rules 70-mpflash.rules; do
	like "files: $text" "$(sed -n '/^FILES/,/^EXIT STATUS/p' page.txt)" "$text"
done
run "$MPFLASH" man make
is 'it takes no words' "$status" 2
unlike 'it is not for people' "$("$MPFLASH" --help)" '^  man '

done_testing
