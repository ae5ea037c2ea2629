/* SPDX-License-Identifier: MIT
 *
 * Which serial ports this machine has, by name. libserialport lists them too, but its list (0.1.1 and before, Linux) dereferences
 * NULL when a port is unplugged while it is made.
 */
#ifndef OS_SERIAL_NAMES_H
#define OS_SERIAL_NAMES_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/vec.h"

/*
 * Appends "/dev/ttyACM0" and the like, in any order, in the arena: what has hardware behind it, as libserialport chooses. False:
 * the system has no /sys/class/tty to look into.
 */
bool serial_names(struct arena *a, struct strv *out);

#endif
