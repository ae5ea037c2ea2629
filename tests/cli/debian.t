#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The Debian package: built as Debian builds it, approved by lintian, installed, of use, and removed.
# Runs once: it compiles for most of a minute.
. "$(dirname "$0")/lib.sh"
need dpkg-buildpackage dh lintian apt-get ninja strings

source=$(dirname "$TESTS_DIR")

# --- what is written down in several places agrees
version=$("$MPFLASH" --version | sed 's/.* //')
is 'debian/changelog has our version' "$(dpkg-parsechangelog -l "$source/debian/changelog" -S Version)" "$version"
is 'so has CHANGELOG.md' "$(sed -n 's/^## \([0-9.]*\).*/\1/p' "$source/CHANGELOG.md" | head -n 1)" "$version"
is 'the manual page has its day' "$("$MPFLASH" man | sed -n 's/^\.Dd //p')" \
	"$(date -u -d "$(dpkg-parsechangelog -l "$source/debian/changelog" -S Date)" '+%B %-d, %Y')"
is 'it is built with what configure wants' \
	"$(sed -n '/^Build-Depends:/,/^[A-Z][^:]*:/{s/^Build-Depends://; /^[A-Z]/d; s/[ ,]//g; /^debhelper/d; s/(.*//; p;}' "$source/debian/control" | sort | paste -sd' ' -)" \
	"$(sed -n 's/^[a-z]*|[^|]*|[^|]*|build|\([^|]*\)|.*/\1/p' "$source/configure" | tr ' ' '\n' | grep -v -e '^gcc$' -e '^libc6-dev$' | sort | paste -sd' ' -)"

# --- the build, without optimisation: it is the package that is looked at
mkdir "$T/build" "$T/build/mpflash"
(cd "$source" && cp -R LICENSE README.md CHANGELOG.md configure install.sh build.ninja.in src cache rules docs debian "$T/build/mpflash") ||
	bail 'no copy'
cd "$T/build/mpflash" || exit
DEB_BUILD_OPTIONS="noopt noautodbgsym parallel=$(nproc)" DEB_CFLAGS_APPEND=-g0 dpkg-buildpackage -us -uc -b >"$T/log" 2>&1
status=$?
[ "$status" = 0 ] || tail -n 30 "$T/log" >&2
is 'dpkg-buildpackage' "$status" 0
set -- "$T"/build/mpflash_*.deb
package=$1
[ -f "$package" ] || bail 'no package'
is 'one package' "$#" 1
is 'the compiler has nothing to say' "$(grep '\.[ch]:[0-9:]* warning: ' "$T/log")" ''
lintian --allow-root --fail-on error,warning "$T"/build/*.changes >"$T/lintian" 2>&1
is 'lintian has no error and no warning to tell' "$?$(grep '^[EW]:' "$T/lintian")" 0

# --- what it needs is there, also what is only loaded while it runs
depends=$(dpkg-deb -f "$package" Depends | tr ',' '\n' | sed 's/^ *//; s/ .*//')
sed -n 's/^#define MPFLASH_\([A-Z0-9]*\) "\(lib.*\)"$/\2/p' config.h >"$T/loaded"
echo libgit2.so >>"$T/loaded"
like 'it loads libraries' "$(cat "$T/loaded")" '^libusb'
while read -r library; do
	file=$(find /lib/*-linux-gnu /usr/lib/*-linux-gnu -maxdepth 1 -name "$library*" ! -name '*.so' | head -n 1)
	owner=$(dpkg -S "$file" 2>/dev/null || dpkg -S "/usr$file" 2>/dev/null || dpkg -S "${file#/usr}" 2>/dev/null)
	owner=${owner%%:*}
	like "it depends on what has $library" "$depends" "^$(printf '%s' "${owner:-none}" | sed 's/[.+]/\\&/g')\$"
done <"$T/loaded"
run apt-get -s -q -o Debug::NoLocking=1 --no-install-recommends install "$package"
is 'apt-get would install it' "$status" 0
like 'with nothing missing' "$out" '^Conf mpflash '

# --- installed into a root of its own, whose database knows no other package
mkdir -p "$T/root/var/lib/dpkg/info" "$T/root/var/lib/dpkg/updates" "$T/root/var/lib/dpkg/triggers"
: >"$T/root/var/lib/dpkg/status"
: >"$T/root/var/lib/dpkg/available"
dpkg_there() {
	dpkg --root="$T/root" --force-depends --force-not-root --force-script-chrootless "$@" >"$T/dpkg" 2>&1 || {
		cat "$T/dpkg" >&2
		return 1
	}
}
ok 'dpkg installs it' dpkg_there -i "$package"
like 'and says so' "$(dpkg-query --admindir="$T/root/var/lib/dpkg" -W)" "^mpflash	$version\$"
for file in usr/bin/mpflash usr/libexec/mpflash/mpflash-trace usr/share/mpflash/rules/stm32.rules usr/lib/udev/rules.d/70-mpflash.rules \
	usr/share/man/man1/mpflash.1.gz usr/share/bash-completion/completions/mpflash usr/share/zsh/site-functions/_mpflash \
	usr/share/fish/vendor_completions.d/mpflash.fish usr/share/doc/mpflash/copyright usr/share/doc/mpflash/changelog.gz usr/share/doc/mpflash/CHANGELOG.md.gz; do
	ok "there is /$file" test -s "$T/root/$file"
done
unlike 'nothing of the place of the build is in the program' "$(strings "$T/root/usr/bin/mpflash")" "$T/build"
rm -rf "$T/build"
is 'the program runs' "$("$T/root/usr/bin/mpflash" --version)" "mpflash, version $version"
sample_tree "$T/tree"
run "$T/root/usr/bin/mpflash" make -C "$T/tree" hex-MPS2_AN385
is 'and builds firmware' "$status" 0
ok 'which is there' test -s "$T/tree/build-mpflash/MPS2_AN385/firmware.hex"
run "$T/root/usr/bin/mpflash" info "$T/tree/build-mpflash/MPS2_AN385/firmware.hex"
is 'and which it knows' "$status" 0
ok 'dpkg removes it' dpkg_there -r mpflash
is 'with all that it brought' "$(find "$T/root/usr" ! -type d 2>/dev/null)" ''

done_testing
