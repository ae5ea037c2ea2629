#!/bin/sh
# SPDX-License-Identifier: MIT
#
# What `ninja install` and `ninja uninstall` do, in the build folder: one list says which file goes where.
#
# Usage: install.sh install|uninstall SOURCE PREFIX [PROGRAM...]    PROGRAM: those that go to libexec; $DESTDIR is put before PREFIX

set -eu
LC_ALL=C
export LC_ALL
umask 022

verb=$1 source=$2 root=${DESTDIR-}$3
shift 3

# MODE|FROM|TO a line; TO is below the prefix. FROM "completion:SHELL" is what `mpflash completion SHELL` prints.
files() {
	echo '755|mpflash|bin/mpflash'
	for program; do
		echo "755|$program|libexec/mpflash/$program"
	done
	for file in "$source"/rules/*.rules; do
		echo "644|$file|share/mpflash/rules/${file##*/}"
	done
	for file in "$source"/rules/udev/*.rules; do
		# One is for udev, the other for `mpflash doctor --install-udev`.
		echo "644|$file|lib/udev/rules.d/${file##*/}"
		echo "644|$file|share/mpflash/rules/udev/${file##*/}"
	done
	echo '644|completion:bash|share/bash-completion/completions/mpflash'
	echo '644|completion:zsh|share/zsh/site-functions/_mpflash'
	echo '644|completion:fish|share/fish/vendor_completions.d/mpflash.fish'
	echo '644|obj/mpflash.1|share/man/man1/mpflash.1'
	# README.md leads to docs/.
	for file in LICENSE README.md CHANGELOG.md; do
		echo "644|$source/$file|share/doc/mpflash/$file"
	done
	(
		cd "$source"
		find docs -name '*.md'
	) | sort | while read -r file; do
		echo "644|$source/$file|share/doc/mpflash/$file"
	done
}

# A program that runs is replaced, not written into; a file is there as a whole or not at all.
put() { # mode from to
	mkdir -p "${3%/*}"
	case $2 in
	completion:*) ./mpflash completion "${2#*:}" >"$3.new" ;;
	*) cp "$2" "$3.new" ;;
	esac
	chmod "$1" "$3.new"
	mv -f "$3.new" "$3"
}

# Rule files that an older version had would still be read.
drop_old_rules() {
	for file in "$root"/share/mpflash/rules/*.rules; do
		[ ! -f "$file" ] || [ -f "$source/rules/${file##*/}" ] || rm -f "$file"
	done
}

# Folders that are mpflash's alone go with their last file.
drop_folders() {
	for folder in libexec/mpflash share/mpflash/rules/udev share/mpflash/rules share/mpflash share/doc/mpflash; do
		[ ! -d "$root/$folder" ] || find "$root/$folder" -depth -type d -exec rmdir {} \; 2>/dev/null || :
	done
}

list=$(files "$@")
case $verb in
install)
	drop_old_rules
	printf '%s\n' "$list" | while IFS='|' read -r mode from to; do
		put "$mode" "$from" "$root/$to"
	done
	;;
uninstall)
	printf '%s\n' "$list" | while IFS='|' read -r _ _ to; do
		rm -f "$root/$to"
	done
	drop_folders
	;;
esac
