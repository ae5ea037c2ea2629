# shellcheck shell=sh
# SPDX-License-Identifier: MIT
#
# Emulated USB devices for scripts in the virtual machine (kernel.sh); the words are those of emu.sh.
#
#	emu LINE             one line for emu_vhci ("model 1-1 dfu flash=FILE chip=h563"); bails when it is refused
#	emu_log              what happened to the devices so far
#	emu_saw EVENT        waits (10 s) until the log has that line
#	emu_here PLACE       waits until the kernel has made the device at PLACE ready, or is there no more: emu_gone

emu() {
	printf '%s\n' "$*" >/tmp/vhci/in
	read -r emu_answer </tmp/vhci/out
	[ "$emu_answer" = ok ] || bail "emu_vhci: $* -> $emu_answer"
}

emu_log() {
	cat /tmp/vhci/log
}

# emu_until CMD...: passes in 10 s
emu_until() {
	emu_tries=0
	until "$@"; do
		emu_tries=$((emu_tries + 1))
		[ "$emu_tries" -le 200 ] || return 1
		sleep 0.05
	done
}

emu_saw() {
	emu_until grep -qxF -e "$1" /tmp/vhci/log
}

# Configured, so that its interfaces are there.
emu_is_here() {
	[ -d "/sys/bus/usb/devices/$1:1.0" ]
}

emu_here() {
	emu_until emu_is_here "$1" || bail "the kernel does not see $1: $(dmesg | tail -n 5)"
}

emu_is_gone() {
	[ ! -e "/sys/bus/usb/devices/$1" ]
}

emu_gone() {
	emu_until emu_is_gone "$1" || bail "the kernel still has $1: $(dmesg | tail -n 5)"
}
