/* SPDX-License-Identifier: MIT
 *
 * Has something been plugged in or unplugged?
 */
#ifndef OS_HOTPLUG_H
#define OS_HOTPLUG_H

#include <stdint.h>

/*
 * A number that is another one when a USB device, a serial port or a drive came or went, or one was mounted, since it was
 * asked for last. Costs microseconds.
 */
uint64_t hotplug_state(void);

#endif
