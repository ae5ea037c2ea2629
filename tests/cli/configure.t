#!/bin/sh
# SPDX-License-Identifier: MIT
#
# configure: its words, what it finds and installs, the build it writes, in any folder.
# Runs once: it does not run mpflash.
. "$(dirname "$0")/lib.sh"
need ninja cc pkg-config git
unset CC CFLAGS LDFLAGS PKG_CONFIG_PATH DESTDIR

src="$T/with space/src"
tiny_project "$src"
build="$T/with space/build folder"
mkdir "$build"
cd "$build" || bail "no $build"

# --- words
run "$src/configure" --help
is "--help is no error" "$status" 0
like "and tells the options" "$out" '^  --deps '
for word in --frobnicate -x nonsense --prefix=relative --prefix; do
	run "$src/configure" "$word"
	is "'$word' is a usage error" "$status" 2
	like "and says where help is" "$err" '^hint: .*--help'
done
is "nothing is written for it" "$(ls)" ''

# --- the build
run "$src/configure" --prefix=/opt/mpflash
is "another folder, with spaces" "$status" 0
like "the table has what was found" "$out" '^libgit2 +1\.1 +[0-9.]+ '
mkdir "$T/unversioned"
printf '#!/bin/sh\nexit 127\n' >"$T/unversioned/umockdev-wrapper"
chmod +x "$T/unversioned/umockdev-wrapper"
like "a tool that has no version to tell is found" "$(PATH=$T/unversioned:$PATH "$src/configure" --prefix=/opt/mpflash)" '^umockdev-wrapper +- +yes '
like "config.h has the prefix" "$(cat config.h)" '^#define MPFLASH_PREFIX "/opt/mpflash"$'
like "config.h has the rules" "$(cat config.h)" '^#define MPFLASH_SOURCE_RULES_DIR ".*/with space/src/rules"$'
ok "it builds" ninja
ok "what it built works" ./mpflash
run ninja
like "there is nothing to do then" "$out" 'no work to do'
mkdir demo test
for word in demo test bench; do
	run ninja -n "$word"
	unlike "'$word' is run each time, whatever lies here" "$out" 'no work to do'
done
rmdir demo test

tick
sed 's/one/two/g; s/ONE/TWO/g' "$src/src/base/one.h" >"$src/src/base/two.h"
sed 's/one/two/g' "$src/src/base/one.c" >"$src/src/base/two.c"
ok "a new source" ninja
ok "is built without configuring" test -f obj/plain/src/base/two.o
like "the prefix is remembered" "$(cat config.h)" 'MPFLASH_PREFIX "/opt/mpflash"'
tick
rm "$src/src/base/two.c" "$src/src/base/two.h"
ok "a source that is gone" ninja
unlike "leaves the build" "$(ninja -t targets all)" 'two\.o'
tick
mkdir "$src/src/graph"
ok "a new folder" ninja
tick
rmdir "$src/src/graph"
ok "a folder that is gone" ninja
tick
touch "$src/src/base/one.h"
run ninja
like "a header that changed makes its objects again" "$out" 'obj/plain/src/base/one\.o'

run env DESTDIR="$T/dest dir" ninja install
is "install" "$status" 0
ok "puts the program under the prefix" "$T/dest dir/opt/mpflash/bin/mpflash"
ok "and the rules" test -f "$T/dest dir/opt/mpflash/share/mpflash/rules/none.rules"
for file in bash-completion/completions/mpflash zsh/site-functions/_mpflash fish/vendor_completions.d/mpflash.fish; do
	ok "and a completion: $file" test -f "$T/dest dir/opt/mpflash/share/$file"
done

cd "$src" || bail "no $src"
ok "the source folder itself, and a target" ./configure --quiet all
ok "is built in place" ./mpflash

mkdir "$T/flags"
cd "$T/flags" || bail "no $T/flags"
run env CFLAGS=-DFROM_ENVIRONMENT LDFLAGS= "$src/configure" --debug --werror --sanitize CC="$(command -v cc)" --quiet
is "options" "$status" 0
is "--quiet prints nothing" "$out$err" ''
ok "build all the same" ninja
like "--debug" "$(ninja -t commands obj/plain/src/base/one.o)" ' -O0 '
like "--werror" "$(ninja -t commands obj/plain/src/base/one.o)" ' -Werror'
like "--sanitize" "$(ninja -t commands obj/plain/src/base/one.o)" 'fsanitize=address'
like "CFLAGS" "$(ninja -t commands obj/plain/src/base/one.o)" 'FROM_ENVIRONMENT'
tick
touch "$src/src/base"
ok "the next configuration" ninja
like "has the same" "$(ninja -t commands obj/plain/src/base/one.o)" '-O0 .*FROM_ENVIRONMENT'

tick
printf '/* SPDX-License-Identifier: MIT */\nint loose();\nint loose()\n{\n\tint unused;\n\treturn 0;\n}\n' \
	>"$src/src/base/loose.c"
not_ok "--werror: a warning stops the build" ninja
rm "$src/src/base/loose.c"

# --- what is missing
mkdir "$T/tools" "$T/missing" "$T/pc"
ln -s /usr/bin/* /bin/* "$T/tools" 2>/dev/null
for tool in cc gcc ninja pkg-config git; do
	[ -e "$T/tools/$tool" ] || ln -s "$(command -v "$tool")" "$T/tools/$tool"
done
rm -f "$T/tools/shellcheck" "$T/tools/npm" "$T/tools/pip3" "$T/tools/apt-get" "$T/tools/sudo" "$T/tools/brew" "$T/tools/id"
cd "$T/missing" || bail "no $T/missing"

run env PKG_CONFIG_LIBDIR="$T/pc" "$src/configure"
is "a library that is missing is an error" "$status" 1
like "that names it" "$err" '^error: missing: .*libxxhash'
like "with Debian's package" "$err" 'apt-get install.* libxxhash-dev'
like "and Homebrew's" "$err" 'brew install.* xxhash'
like "and the next step" "$err" '^hint: \./configure --deps'
not_ok "nothing is written for ninja" test -e build.ninja

for lib in libxxhash:0.7.9 sqlite3:3.40.1 libgit2:1.5.0 libarchive:3.6.2 libcrypto:3.0.11 libcurl:7.88.1 \
	zlib:1.2.13 libxml-2.0:2.9.14 libserialport:0.1.1 libusb-1.0:1.0.26; do
	printf 'Name: x\nDescription: x\nVersion: %s\n' "${lib#*:}" >"$T/pc/${lib%:*}.pc"
done
run env PKG_CONFIG_LIBDIR="$T/pc" "$src/configure"
like "one that is too old counts as missing" "$out" '^libxxhash +0\.8 +0\.7\.9: old'
like "alone" "$err" '^error: missing: libxxhash$'

run env CC=/nowhere/cc "$src/configure"
like "no compiler" "$err" '^error: missing: cc$'

run env PATH="$T/tools" "$src/configure"
is "what other targets need" "$status" 0
like "is only named" "$out" 'apt-get install.* shellcheck'
run env PATH="$T/tools" "$src/configure" lint
is "unless one is wanted" "$status" 1
like "then it is an error" "$err" '^error: missing: shellcheck$'
run env PATH="$T/tools" ninja test
isnt "ninja fails there too" "$status" 0
like "and says what is missing" "$out" '^error: test needs what is missing here: .*shellcheck'
unlike "tests can do without the packages of others" "$out" 'npm|pip3'

# --- --deps, with a package manager that writes down what it is asked for
cat >"$T/tools/apt-get" <<'END'
#!/bin/sh
echo "frontend=$DEBIAN_FRONTEND $*" >>"$APT_LOG"
case " $* " in
*" install "*) printf '#!/bin/sh\necho version 0.9.0\n' >"$TOOLS/shellcheck"; chmod +x "$TOOLS/shellcheck" ;;
esac
END
cat >"$T/tools/sudo" <<'END'
#!/bin/sh
echo "sudo $*" >>"$APT_LOG"
[ "$1" != -n ] || shift
exec "$@"
END
cat >"$T/tools/id" <<'END'
#!/bin/sh
echo "$TEST_UID"
END
chmod +x "$T/tools/apt-get" "$T/tools/id"
APT_LOG=$T/apt.log
TOOLS=$T/tools
export APT_LOG TOOLS

run env PATH="$TOOLS" TEST_UID=1000 "$src/configure" --deps lint
is "--deps without root and sudo is an error" "$status" 1
like "that says so" "$err" '^error: .*no sudo'

chmod +x "$TOOLS/sudo"
run env PATH="$TOOLS" TEST_UID=1000 "$src/configure" --deps
is "--deps with nothing to install" "$status" 0
not_ok "installs nothing" test -e "$APT_LOG"

run env PATH="$TOOLS" TEST_UID=1000 "$src/configure" --deps --quiet lint
like "--deps as a user goes through sudo, which may not ask without a terminal" "$(cat "$APT_LOG")" '^sudo -n env '
like "asks for lists first" "$(grep frontend "$APT_LOG" | head -n 1)" ' update$'
like "never prompts" "$(grep ' install ' "$APT_LOG")" '^frontend=noninteractive -y '
like "takes what is missing and no more" "$(grep frontend "$APT_LOG")" ' install --no-install-recommends shellcheck$'

rm "$TOOLS/shellcheck" "$TOOLS/sudo" "$APT_LOG"
run env PATH="$TOOLS" TEST_UID=0 "$src/configure" --deps --quiet lint
like "--deps as root needs no sudo" "$(cat "$APT_LOG")" 'install --no-install-recommends shellcheck$'

run env PATH="$TOOLS" TEST_UID=0 "$src/configure" --deps --quiet test
like "for tests it installs the packages of others too" "$(grep ' install ' "$APT_LOG" | tail -n 1)" ' npm python3-pip'

printf '#!/bin/sh\necho E: no network >&2\nexit 100\n' >"$TOOLS/apt-get"
rm -f "$TOOLS/shellcheck"
run env PATH="$TOOLS" TEST_UID=0 "$src/configure" --deps lint
is "a package manager that fails is an error" "$status" 1
like "with its own words" "$err" '^E: no network'
like "and ours" "$err" '^error: apt-get could not install shellcheck'

done_testing
