#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The first process of the virtual machine (kernel.sh): mounts, modules, the emulator of USB devices, then /guest.sh, whose
# output is the machine's serial line. The machine ends with it.
/bin/busybox --install -s /bin
export PATH=/bin TESTS_DIR=/tests MPFLASH=/bin/mpflash MPFLASH_RULES=/rules LC_ALL=C
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
mount -t tmpfs tmp /tmp
exec </dev/null >/dev/ttyS0 2>&1
ip link set lo up
printf '# kernel %s runs after %s s\n' "$(uname -r)" "$(cut -d' ' -f1 /proc/uptime)"
for module in usb-common usbcore usbip-core vhci-hcd; do
	insmod "/modules/$module.ko" || printf '# no %s\n' "$module"
done
mkdir /tmp/vhci
mkfifo /tmp/vhci/in /tmp/vhci/out
: >/tmp/vhci/log
emu_vhci /tmp/vhci &
sh /guest.sh
printf 'guest ended: %s\n' $?
printf '# ended after %s s\n' "$(cut -d' ' -f1 /proc/uptime)"
poweroff -f
