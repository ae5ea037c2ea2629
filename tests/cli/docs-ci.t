#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The recipes of docs/guide/CI.md, step by step as the CI would run them: a push to master fills the cache, a change is built on a machine that has
# nothing but that cache, and only the boards that read what it touched. apt-get and mpflash's own build are played; what they are told is judged.
# Runs once: each command has tests of its own, which run sanitized.
# shellcheck disable=SC2016 # $ of the recipes
. "$(dirname "$0")/lib.sh"

need python3 git make arm-none-eabi-gcc arm-none-eabi-objcopy
root=$(cd "$TESTS_DIR/.." && pwd)
unset MICROPY_DIR MPFLASH_CACHE MPFLASH_BUILDER
cd "$T" || exit
CI=true
GIT_CONFIG_GLOBAL=$T/gitconfig
export CI GIT_CONFIG_GLOBAL
git config --file "$GIT_CONFIG_GLOBAL" user.name 'A Tester'
git config --file "$GIT_CONFIG_GLOBAL" user.email tester@example.org
mkdir bin mpflash-source saved
ln -s "$MPFLASH" bin/mpflash
cat >bin/apt-get <<END
#!/bin/sh
echo "\$*" >>"$T/apt"
END
cat >mpflash-source/configure <<END
#!/bin/sh
echo "\$*" >>"$T/configured"
END
chmod +x bin/apt-get mpflash-source/configure
PATH=$T/bin:$PATH
(cd mpflash-source && git init -q -b main . && git add -A && git commit -q -m 'mpflash') || bail 'no clone of mpflash'
MPFLASH_URL=file://$T/mpflash-source
export MPFLASH_URL

small_tree origin
git -C origin branch -q -m main master
(
	cd origin && git checkout -q -b change &&
		echo 'const int change = 1;' >>"$(find ports/mini/boards/BLUE -name '*.c' | grep . || echo ports/mini/boards/BLUE/change.c)" &&
		git add -A && git commit -q -m 'A change' && git checkout -q master
) || bail 'no change'
boards='BLUE RED RED-DARK'

# holds CONDITION: is it so, for this $event?
holds() {
	case $1 in
	'' | 'always()') return 0 ;;
	"github.event_name == 'push'" | '$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH') [ "$event" = push ] ;;
	"github.event_name == 'pull_request'" | '$CI_PIPELINE_SOURCE == "merge_request_event"') [ "$event" = change ] ;;
	*) bail "a condition that this test does not know: $1" ;;
	esac
}

# filled TEXT: with the values of what stands in ${{ }}
filled() {
	printf '%s\n' "$1" | sed "s|\${{ vars.MPFLASH_URL }}|$MPFLASH_URL|g; s|\${{ github.sha }}|$number|g; s|\${{ github.base_ref }}|master|g; s|/opt/mpflash|$T/opt-$number|g"
}

# checkout: the workspace of this machine
checkout() {
	git clone -q "file://$T/origin" "$work" && git -C "$work" checkout -q "$([ "$event" = push ] && echo master || echo change)"
}

# job N EVENT: the N-th recipe on a new machine
job() {
	number=$((number + 1)) event=$2 name="recipe $1, $2, machine $number" work=$T/work-$number use='' path=''
	HOME=$T/home-$number
	mkdir "$HOME"
	XDG_CACHE_HOME=$HOME/.cache CI_PROJECT_DIR=$work CI_DEFAULT_BRANCH=master CI_MERGE_REQUEST_TARGET_BRANCH_NAME=master SINCE=''
	export HOME XDG_CACHE_HOME CI_PROJECT_DIR CI_DEFAULT_BRANCH CI_MERGE_REQUEST_TARGET_BRANCH_NAME SINCE
	rm -f apt configured
	CI_COMMIT_BRANCH=master
	[ "$event" = push ] || CI_COMMIT_BRANCH=
	export CI_COMMIT_BRANCH
	: >said
	[ "$1" = 0 ] || { checkout && { [ ! -f saved/gitlab ] || cp saved/gitlab "$work/mpflash-cache.tar.zst"; }; }
	python3 "$TESTS_DIR/cli/docs.py" "$root" steps docs/guide/CI.md "$1" >"$T/list"
	while IFS= read -r line <&7; do
		kind=${line%%	*} text=${line#*	}
		condition=${text%%	*} text=$(filled "${text#*	}")
		holds "$condition" || continue
		case $text in *'${{'*) bail "a value that this test does not know: $text" ;; esac
		case $kind in
		variable) eval "export ${text%%=*}=\"${text#*=}\"" ;;
		run)
			[ -d "$work" ] && cd "$work" || cd "$T" || exit
			ok "$name: $text" sh -ec "{ $text; } >>'$T/said' 2>&1"
			cd "$T" || exit
			;;
		uses)
			use=$text
			case $use in
			actions/checkout@*) ok "$name: $use" checkout ;;
			actions/cache/restore@* | actions/cache/save@* | actions/upload-artifact@*) ;;
			*) bail "an action that this test does not know: $use" ;;
			esac
			;;
		path)
			path=$(printf '%s\n' "$text" | sed 's|^~/||')
			case $use in
			*/restore@*) [ ! -f "saved/$path" ] || cp "saved/$path" "$HOME" ;;
			*/save@*) ok "$name: $use" cp "$HOME/$path" saved ;;
			esac
			;;
		key) ;;
		*) bail "a kind of step that this test does not know: $kind" ;;
		esac
	done 7<"$T/list"
	report=$HOME/firmware.xml
	[ "$1" = 0 ] || { report=$work/firmware.xml && cp "$work/mpflash-cache.tar.zst" saved/gitlab; }
}

# built: the boards that were compiled on this machine
built() {
	sed -n 's/^compile  mini\/\([^:]*\): done in [1-9].*/\1/p' said | sort -u | paste -sd' ' -
}
reported() {
	python3 -c 'import sys, xml.etree.ElementTree as x
print(" ".join(sorted(c.get("name").split("/")[-1] for c in x.parse(sys.argv[1]).iter("testcase"))))' "$report"
}

number=0
for recipe in 0 1; do
	job $recipe push
	is "recipe $recipe: the first push builds all" "$(built)" "$boards" || diag "$(cat said)"
	is "recipe $recipe: and reports each" "$(reported)" "$boards" || diag "$(cat "$report")"
	is "recipe $recipe: mpflash is built by the words of INSTALLING.md" "$(cat configured)" '--deps all install'
	sed -n 's/^install -y //p' apt | tr ' ' '\n' >packages
	ok "recipe $recipe: packages are named" test -s packages
	while read -r package; do
		ok "recipe $recipe: the rules or configure name $package" grep -rqw -e "$package" "$root/rules" "$root/configure" "$root/debian/control"
	done <packages
	job $recipe push
	is "recipe $recipe: another machine compiles nothing again" "$(built)" '' || diag "$(cat said)"
	is "recipe $recipe: all is there" "$(cd "$work/build-mpflash" && echo *)" "$boards"
	unlike "recipe $recipe: the version is the commit's" "$(mpflash info "$work/build-mpflash/RED/firmware.elf")" dirty
	job $recipe change
	is "recipe $recipe: a change builds the board that reads it" "$(built)" BLUE || diag "$(cat said)"
	is "recipe $recipe: and reports that one" "$(reported)" BLUE
done
done_testing
