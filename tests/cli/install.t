#!/bin/sh
# SPDX-License-Identifier: MIT
#
# What is installed: below DESTDIR and a prefix, whole, of use, and gone again after uninstall.
# Runs once: the program that is installed is the plain one.
. "$(dirname "$0")/lib.sh"
need bash zsh fish man git

source=$(dirname "$TESTS_DIR")
build=$(dirname "$MPFLASH")
[ -f "$build/obj/mpflash.1" ] || bail "no $build/obj/mpflash.1: \`ninja all\` makes it"
root="$T/a root"
prefix=/opt/mp

# installer VERB: what `ninja VERB` runs in the build folder
installer() (
	cd "$build" || exit
	DESTDIR=$root sh "$source/install.sh" "$1" "$source" "$prefix" mpflash-trace
)

# The build file has these commands for the targets.
like 'ninja install runs the installer' "$(cd "$build" && ninja -t commands install | tail -n 1)" '/install\.sh" install '
like 'so does ninja uninstall' "$(cd "$build" && ninja -t commands uninstall)" '/install\.sh" uninstall '

mkdir -p "$root$prefix/share/mpflash/rules" "$root$prefix/share/man/man1"
echo 'port gone' >"$root$prefix/share/mpflash/rules/gone.rules"
echo 'of another' >"$root$prefix/share/man/man1/other.1"
(umask 077 && installer install)
is 'it installs, whatever the umask' "$?" 0
to=$root$prefix
not_ok 'a rule file of an older version is gone' test -e "$to/share/mpflash/rules/gone.rules"
is 'nothing is written beside the prefix' "$(cd "$root" && ls && ls opt)" 'opt
mp'
is 'nothing half-written is left' "$(find "$root" -name '*.new')" ''
is 'programs can be run, files be read by all' "$(cd "$to" && find . -type f ! -perm 755 ! -perm 644)$(cd "$to" && find . -type d ! -perm 755 | grep -v -e '^\./share$' -e '^\.$')" ''
is 'what can be run' "$(cd "$to" && find . -type f -perm 755 | sort | paste -sd' ' -)" './bin/mpflash ./libexec/mpflash/mpflash-trace'
for file in share/bash-completion/completions/mpflash share/zsh/site-functions/_mpflash share/fish/vendor_completions.d/mpflash.fish \
	share/man/man1/mpflash.1 lib/udev/rules.d/70-mpflash.rules share/mpflash/rules/udev/70-mpflash.rules share/mpflash/rules/stm32.rules \
	share/doc/mpflash/LICENSE share/doc/mpflash/README.md share/doc/mpflash/CHANGELOG.md share/doc/mpflash/docs/RULES.md; do
	ok "there is $file" test -s "$to/$file"
done
is 'all rules' "$(cd "$to/share/mpflash/rules" && ls ./*.rules)" "$(cd "$source/rules" && ls ./*.rules)"
# README's links have to lead somewhere there, too.
grep -o '](docs/[A-Za-z0-9/_.-]*\.md' "$to/share/doc/mpflash/README.md" | sed 's/](//' | sort -u >"$T/links"
while read -r link; do
	ok "README leads to $link" test -f "$to/share/doc/mpflash/$link"
done <"$T/links"

# --- it works where it was put, by what lies there and not in the sources
sample_tree "$T/tree"
echo 'not a rule file' >"$to/share/mpflash/rules/broken.rules"
run "$to/bin/mpflash" make -C "$T/tree" -n PYBV11
like 'the rules beside the program are the ones that are read' "$err" 'share/mpflash/rules/broken\.rules:1'
rm "$to/share/mpflash/rules/broken.rules"
run "$to/bin/mpflash" make -C "$T/tree" PYBV11 hex-MPS2_AN385
is 'it builds' "$status" 0
run "$to/bin/mpflash" make -C "$T/tree" PYBV11 hex-MPS2_AN385
like 'and nothing twice' "$err" '^nothing to do: '
run "$to/bin/mpflash" -V make -B -C "$T/tree" hex-MPS2_AN385
like 'under the tracer that lies there' "$err" "^debug: .* run $to/(bin/\\.\\./)?libexec/mpflash/mpflash-trace "
like 'man finds the page' "$(MANPATH="$to/share/man" LC_ALL=C.UTF-8 MANWIDTH=80 man mpflash 2>&1)" '^MPFLASH\(1\)'

# --- the shells find their completions by themselves
# shellcheck disable=SC2016 # for bash
is 'bash: its completion loads' "$(PATH="$to/bin:$PATH" bash --norc --noprofile -c '
	. "$1"; COMP_WORDS=(mpflash cache ver) COMP_CWORD=2; _mpflash mpflash ver cache; echo "${COMPREPLY[@]}"' bash \
	"$to/share/bash-completion/completions/mpflash")" verify
# shellcheck disable=SC2016 # for fish
is 'fish: its completion loads when it is asked' "$(PATH="$to/bin:$PATH" XDG_DATA_DIRS="$to/share" fish -c 'complete -C "mpflash cache ver"' | cut -f1)" verify
# shellcheck disable=SC2016 # for zsh
like 'zsh: compinit takes it for mpflash' "$(zsh -f -c 'fpath=("$1" $fpath); autoload -Uz compinit; compinit -u -D; echo $_comps[mpflash]' zsh "$to/share/zsh/site-functions")" '^_mpflash$'

# --- again, over itself while it runs, and away
# shellcheck disable=SC2094 # what it reads never comes
mkfifo "$T/fifo" || bail 'no fifo'
sleep 100 >"$T/fifo" &
holder=$!
"$to/bin/mpflash" convert - "$T/out.bin" --from bin --base 0 <"$T/fifo" 2>/dev/null &
running=$!
installer install
is 'it installs over a program that runs' "$?" 0
kill "$holder" && wait "$holder" 2>/dev/null
wait "$running"
find "$to" -type f | sort >"$T/files"
installer uninstall
is 'it uninstalls' "$?" 0
is 'what others have there stays, and nothing else' "$(cd "$to" && find . -type f)" ./share/man/man1/other.1
not_ok 'its own folders go' test -e "$to/share/mpflash" -o -e "$to/share/doc/mpflash" -o -e "$to/libexec/mpflash"
installer uninstall
is 'to uninstall what is not there is no error' "$?" 0

done_testing
