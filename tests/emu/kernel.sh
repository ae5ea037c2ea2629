# shellcheck shell=sh
# SPDX-License-Identifier: MIT
#
# A virtual machine with a real Linux kernel, for tests of what only a kernel shows: USB devices of tests/emu, plugged into
# vhci-hcd. To be read after lib.sh and tests/peers/lib.sh:
#
#	peer_kernel || skip_all "$why"
#	kernel_add FILE...             into the machine's root folder
#	kernel_run SCRIPT SECONDS      runs the .t-like SCRIPT there (it reads /tests/cli/lib.sh and /tests/emu/guest_lib.sh) and passes
#	                               its TAP on; fails the test when it does not end in time
#
# The machine has busybox, mpflash, dfu-util, emu_vhci, what these link, and 1 GB of memory in which all files are. It is emulated
# (-accel tcg): a machine that is virtual itself need not be able to run another one.

# kernel_install FILE [FOLDER]: what it links lies where it does here
kernel_install() {
	for kernel_lib in $(ldd "$1" 2>/dev/null | grep -o '/[^ ]*'); do
		[ -e "$kernel_root$kernel_lib" ] && continue
		mkdir -p "$kernel_root${kernel_lib%/*}"
		cp -L "$kernel_lib" "$kernel_root$kernel_lib"
	done
	cp -L "$1" "$kernel_root${2-/bin/}" || bail "cannot copy $1"
}

# Libraries that programs load when they first need them: those that lie where the C library does.
kernel_library() {
	kernel_dir=$(ldd "$MPFLASH" | sed -n 's|.* \(/[^ ]*\)/libc\.so.*|\1|p')
	for kernel_found in "$kernel_dir/$1" "/usr$kernel_dir/$1"; do
		[ -e "$kernel_found" ] || continue
		kernel_install "$kernel_found" "$kernel_dir/"
		return
	done
	bail "no $1"
}

kernel_prepare() {
	kernel_root=$T/root
	mkdir -p "$kernel_root/bin" "$kernel_root/proc" "$kernel_root/sys" "$kernel_root/dev" "$kernel_root/tmp" \
		"$kernel_root/tests/cli" "$kernel_root/tests/emu" "$kernel_root/modules" "$kernel_root/files"
	kernel_install "$(command -v busybox)"
	ln -s busybox "$kernel_root/bin/sh"
	cp "$TESTS_DIR/emu/guest_init.sh" "$kernel_root/init"
	chmod 755 "$kernel_root/init"
	cp "$TESTS_DIR/cli/lib.sh" "$kernel_root/tests/cli/"
	cp "$TESTS_DIR/emu/guest_lib.sh" "$kernel_root/tests/emu/"
	cp "$TESTS_DIR/processes.sh" "$kernel_root/tests/"
	cp "$PEER_KERNEL"/*.ko "$kernel_root/modules/"
	cp -r "$TESTS_DIR/../rules" "$kernel_root/"
	for kernel_program in "$MPFLASH" "$(command -v dfu-util)" "${MPFLASH%/mpflash}/obj/plain/tests/emu/emu_vhci"; do
		kernel_install "$kernel_program"
	done
	for kernel_lib in libusb-1.0.so.0 libserialport.so.0; do
		kernel_library "$kernel_lib"
	done
}

kernel_add() {
	[ -n "${kernel_root-}" ] || kernel_prepare
	cp -r "$@" "$kernel_root/files/" || bail 'no room for the machine'
}

kernel_run() {
	[ -n "${kernel_root-}" ] || kernel_prepare
	cp "$1" "$kernel_root/guest.sh"
	(cd "$kernel_root" && find . | busybox cpio -o -H newc >"$T/initrd" 2>/dev/null) || bail 'no initrd'
	: >"$T/console"
	# A kernel that panics restarts at once, which ends the machine.
	timeout -k 5 "$2" qemu-system-x86_64 -name "$T/machine" -accel tcg -machine q35 -cpu qemu64 -m 1024 -nodefaults \
		-no-user-config -display none -no-reboot -serial "file:$T/console" -kernel "$PEER_KERNEL/vmlinux" -initrd "$T/initrd" \
		-append 'console=ttyS0 quiet loglevel=1 panic=-1 mitigations=off rdinit=/init' >"$T/machine.out" 2>&1 </dev/null
	kernel_status=$?
	tr -d '\r' <"$T/console" >"$T/tap"
	while IFS= read -r kernel_line; do
		case $kernel_line in
		'ok '*) tap_result 0 "${kernel_line#ok * - }" ;;
		'not ok '*) tap_result 1 "${kernel_line#not ok * - }" ;;
		'1..'*) ;;
		*) diag "${kernel_line#\# }" ;;
		esac
	done <"$T/tap"
	grep -q '^guest ended: 0$' "$T/tap"
	tap_result $? 'the machine ends by itself, and all in it ended well' ||
		diag "qemu-system-x86_64: $kernel_status $(cat "$T/machine.out")"
}
