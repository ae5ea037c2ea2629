#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Completion: what `mpflash complete` answers, and that bash, zsh and fish themselves offer it with our scripts.
. "$(dirname "$0")/lib.sh"

need git python3 bash zsh fish script
sample_tree "$T/tree"
cd "$T/tree" || exit

# offers WORD...: the candidates for the last word, without what they are, in one line
offers() {
	"$MPFLASH" complete -- "$@" | cut -f1 | paste -sd' ' -
}

is 'a command' "$(offers ma)" make
is 'commands have a description' "$("$MPFLASH" complete -- wh)" "why	tell why each step of a target would run now or not"
is 'all commands, without those for programs' "$(offers '')" "$("$MPFLASH" --help | sed -n '/^commands:/,/^$/s/^  \([a-z][a-z-]*\) .*/\1/p' | paste -sd' ' -)"
is 'subcommands' "$(offers cache '')" 'export gc import stats verify'
is 'options of a subcommand' "$(offers cache gc --)" '--max-size --dry-run --json --quiet --verbose --interactive --no-interactive --usb --dir --test --help'
is 'options before the command' "$(offers -)" '--version --quiet --verbose --interactive --no-interactive --usb --dir --test --help'
is 'options before the command: one of them' "$(offers -q --no-i)" --no-interactive
is 'a command behind them' "$(offers -qx --dir "$T" --dir=/ -d. ma)" make
is 'their values' "$(offers -d '')$(offers -V --dir '')$(offers list --dir '')" ':dirs:dirs:dirs'
is "a command's options behind them" "$(offers -V make --st)" --stamp
is 'all options switch off by one word' "$(offers list --no-i)" --no-interactive
is 'an option' "$(offers make --st)" --stamp
is 'an option by its other name' "$(offers make --mp)" --mpy
is 'an option that can be switched off' "$(offers make --no-pr)" --no-probe
is 'values of an option' "$(offers make --stamp '')" 'content exact'
is 'values of an option, begun' "$(offers make --stamp e)" exact
is 'values behind an equal sign' "$(offers make --stamp=c)" --stamp=content
is 'formats' "$(offers convert a.bin b --to d)" 'dfu dfu11'
is 'methods' "$(offers make --method q)" qemu
is 'findings' "$(offers make --allow filesys)" filesystem
is 'folders for -C, also among letters' "$(offers make -C '')$(offers make -kC '')" ':dirs:dirs'
is 'files where files are wanted' "$(offers convert '')$(offers make --rules '')$(offers make --image=x)" ':files:files:files'
is 'nothing behind --' "$(offers make PYBV11 -- '')" ''
is 'nothing for a command that there is not' "$(offers nothing '')" ''
is 'nothing for a command without words' "$(offers list '')" ''
is 'a verb' "$(offers make fla)" 'flash-'
is 'a verb and a board' "$(offers make flash-NUCLEO_H5)" flash-NUCLEO_H563ZI
is 'a format and a board' "$(offers make hex-PYB)" hex-PYBV11
is 'a verb, a port and a board' "$(offers make verify-qemu/M)" 'verify-qemu/MICROBIT verify-qemu/MPS2_AN385'
is 'boards of a port' "$(offers make stm32/)" 'stm32/BROKEN_BOARD stm32/NUCLEO_H563ZI stm32/PYBV11 stm32/TOO_BIG_BOARD stm32/all'
is 'ports, where a board may follow' "$(offers make stm)" 'stm32/'
is 'variants of a board that is typed out' "$(offers make PYBV11)" 'PYBV11 PYBV11-DP PYBV11-DP_THREAD PYBV11-THREAD'
is 'variants' "$(offers make PYBV11-D)" 'PYBV11-DP PYBV11-DP_THREAD'
is 'variants with their texts' "$("$MPFLASH" complete -- make PYBV11-T)" 'PYBV11-THREAD	Threading'
is 'variants behind a verb and a port' "$(offers make flash-stm32/PYBV11-T)" flash-stm32/PYBV11-THREAD
is 'all' "$(offers make al)" all
is 'build: variants as words' "$(offers build PYBV11 D)" 'DP DP_THREAD'
is 'build: boards' "$(offers build PYB)" PYBV11
is 'build: no verbs' "$(offers build flas)" ''
is 'boards: ports and boards' "$(offers boards r)$(offers boards PYBV1)" rp2PYBV11
is 'log, why, graph: targets' "$(offers log hex-PYB)$(offers why hex-PYB)$(offers graph hex-PYB)" hex-PYBV11hex-PYBV11hex-PYBV11
# versions: loose and packed, of remotes, and with names that a shell would run
git tag v1.2.0 && git tag v1.10.0 && git branch feature/x && git pack-refs --all && git tag v1.11.0 && git branch feature/y
git update-ref refs/remotes/fork/main HEAD && git symbolic-ref refs/remotes/fork/HEAD refs/remotes/fork/main
# shellcheck disable=SC2016 # for the shell that must not see it
git tag 'v1.$(touch${IFS}pwned)' && git tag 'v1.;reboot' && git tag "v1.'x"
is 'versions' "$(offers make PYBV11@v1.)" 'PYBV11@v1.10.0 PYBV11@v1.11.0 PYBV11@v1.2.0 PYBV11@v1.29.0-preview'
is 'versions: branches, once each' "$(offers make flash-PYBV11@f)" 'flash-PYBV11@feature/x flash-PYBV11@feature/y flash-PYBV11@fork/main'
is 'versions: words of ours' "$(offers build PYBV11@s)$(offers make all@p)" PYBV11@stableall@preview
is 'versions: none where there are none' "$(offers boards PYBV11@v)$(offers convert PYBV11@v)" :files
is 'versions: of the tree that -C names' "$(cd / && offers make -C "$T/tree" X@v1.2.)" X@v1.2.0
git worktree add -q --detach "$T/linked"
is 'versions: in a linked worktree' "$(cd "$T/linked" && offers make X@v1.2.)" X@v1.2.0
is 'versions: without a tree, none' "$(cd / && offers make X@v1.2.)" ''
(cd / && MPFLASH_REPO=$T/tree "$MPFLASH" make NONE@v1.2.0 >/dev/null 2>&1)
is 'versions: without a tree, of our clone' "$(cd / && MPFLASH_REPO=$T/tree offers make X@v1.2.)" X@v1.2.0
mkdir -p "$T/mine/MY_BOARD"
touch "$T/mine/MY_BOARD/mpconfigboard.mk"
is 'boards beside the tree' "$(offers make --board-dir "$T/mine" MY_)" MY_BOARD
cd / || exit
is 'no tree: no boards' "$(offers make PYB)" ''
is 'the tree that -C names' "$(offers make -C "$T/tree" PYBV11-T)" PYBV11-THREAD
is 'the tree that --mpy= names' "$(offers make --mpy="$T/tree" PYBV11-T)" PYBV11-THREAD
is 'the tree that MICROPY_DIR names' "$(MICROPY_DIR=$T/tree offers make PYBV11-T)" PYBV11-THREAD
not_ok 'complete is for shells' "$MPFLASH" complete make
run "$MPFLASH" completion
is 'completion without a shell: a usage error' "$status" 2
run "$MPFLASH" completion csh
is 'completion for another shell: a usage error' "$status" 2
cd "$T/tree" || exit

# --- 225 boards

mkdir -p "$T/many/py" "$T/many/mpy-cross"
for port in 1 2 3 4 5 6 7 8 9; do
	for board in 01 02 03 04 05 06 07 08 09 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25; do
		mkdir -p "$T/many/ports/port$port/boards/B$port$board"
		printf '{"mcu": "m", "product": "P", "vendor": "V", "url": "", "variants": {"ONE": "x"}}\n' \
			>"$T/many/ports/port$port/boards/B$port$board/board.json"
	done
done
is '225 boards: all are offered' "$("$MPFLASH" complete -- make -C "$T/many" B | grep -c .)" 225
# 4 ms on a quiet machine, 20 ms wanted; ten times as much for a busy one and for the sanitizers.
best=$(python3 - "$MPFLASH" "$T/many" <<'PYTHON'
import subprocess, sys, time
best = 1e9
for _ in range(10):
    start = time.monotonic()
    subprocess.run([sys.argv[1], "complete", "--", "make", "-C", sys.argv[2], ""], stdout=subprocess.DEVNULL, check=True)
    best = min(best, time.monotonic() - start)
print(int(best * 1000))
PYTHON
)
ok "225 boards: answered in $best ms" test "$best" -lt 200

# --- bash

# in_bash WORD...: what bash is told for a command line that ends behind the last word
in_bash() {
	bash --norc --noprofile -c '
		source <("$MPFLASH" completion bash)
		COMP_WORDS=("$MPFLASH" "$@") COMP_CWORD=$#
		_mpflash "$MPFLASH" "${!#}" ""
		printf "%s\n" "${COMPREPLY[@]}"' bash "$@" | paste -sd' ' -
}
is 'bash: a verb' "$(in_bash make fla)" flash-
is 'bash: a verb and a board' "$(in_bash make flash-NUCLEO_H5)" flash-NUCLEO_H563ZI
is 'bash: boards of a port' "$(in_bash make stm32/P)" stm32/PYBV11
is 'bash: variants' "$(in_bash make PYBV11-D)" 'PYBV11-DP PYBV11-DP_THREAD'
is 'bash: an option' "$(in_bash make --st)" --stamp
is 'bash: a value behind an equal sign, which bash makes a word' "$(in_bash make --stamp = e)" exact
is 'bash: all values behind it' "$(in_bash make --stamp =)" 'content exact'
is 'bash: a word after NAME=VALUE' "$(in_bash make --set A = 1 PYBV11-T)" PYBV11-THREAD
is 'bash: a version, of which bash makes words' "$(in_bash make PYBV11 @ v1.11)$(in_bash make PYBV11 @)" 'v1.11.0stable preview feature/x feature/y fork/main main v1.10.0 v1.11.0 v1.2.0 v1.29.0-preview'
is 'bash: an empty word' "$(in_bash cache '')" 'export gc import stats verify'
touch "$T/tree/firmware one.bin"
is 'bash: files' "$(in_bash convert firm)" 'firmware one.bin'
is 'bash: folders' "$(in_bash make -C po)" ports
mkdir "$T/a tree" && ln -s ../tree "$T/a tree/x"
is 'bash: a folder in quotes' "$(in_bash make -C "'$T/a tree/x'" PYBV11-T)$(in_bash make -C "$T/a\\ tree/x" PYBV11-T)" \
	PYBV11-THREADPYBV11-THREAD

# --- fish: asks its own completion engine

mkdir "$T/bin" && ln -s "$MPFLASH" "$T/bin/mpflash"
"$MPFLASH" completion fish >"$T/mpflash.fish"
# shellcheck disable=SC2016 # for fish to expand
in_fish() {
	PATH=$T/bin:$PATH fish --no-config -c 'source $argv[1]; complete -C $argv[2]' "$T/mpflash.fish" "$1" | cut -f1 | paste -sd' ' -
}
is 'fish: a verb' "$(in_fish 'mpflash make fla')" flash-
is 'fish: a verb and a board' "$(in_fish 'mpflash make flash-NUCLEO_H5')" flash-NUCLEO_H563ZI
is 'fish: variants' "$(in_fish 'mpflash make PYBV11-D')" 'PYBV11-DP PYBV11-DP_THREAD'
is 'fish: an option' "$(in_fish 'mpflash make --st')" --stamp
is 'fish: a value' "$(in_fish 'mpflash make --stamp=e')" --stamp=exact
is 'fish: a version' "$(in_fish 'mpflash make PYBV11@v1.11')" PYBV11@v1.11.0
is 'fish: an empty word' "$(in_fish 'mpflash cache ')" 'export gc import stats verify'
is 'fish: files' "$(in_fish 'mpflash convert firm')" 'firmware one.bin'
is 'fish: folders' "$(in_fish 'mpflash make -C po')" ports/

# --- zsh: an interactive one on a terminal of its own, which is sent the keys; it shows what its line has become

mkdir "$T/zsh"
"$MPFLASH" completion zsh >"$T/zsh/_mpflash"
PATH=$T/bin:$PATH python3 "$TESTS_DIR/cli/zsh.py" "$T/zsh" 'mpflash make fla' 'mpflash make flash-NUCLEO_H5' 'mpflash make stm32/P' \
	'mpflash make PYBV11-D' 'mpflash make --sta' 'mpflash make --stamp=e' 'mpflash make PYBV11@v1.11' 'mpflash convert firm' 'mpflash make -C po' >"$T/zsh.out" 2>&1
is 'zsh: lines after the Tab key' "$(cat "$T/zsh.out")" 'mpflash make flash-
mpflash make flash-NUCLEO_H563ZI 
mpflash make stm32/PYBV11 
mpflash make PYBV11-DP
mpflash make --stamp 
mpflash make --stamp=exact 
mpflash make PYBV11@v1.11.0 
mpflash convert firmware\ one.bin 
mpflash make -C ports/'

done_testing
