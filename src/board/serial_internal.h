/* SPDX-License-Identifier: MIT
 *
 * serial_ports_list in two steps, for who has to know what was left out (device_find.c).
 */
#ifndef BOARD_SERIAL_INTERNAL_H
#define BOARD_SERIAL_INTERNAL_H

#include "board/serial_port.h"

/* All ports, and those that are named exactly. `named`, `denied` and the holder are not set yet. */
bool serial_ports_all(const struct serial_filter *f, struct arena *a, struct serial_ports *out,
		      struct err *e);

/* Keeps those that the filter takes, and finds out who may and does use them. */
void serial_ports_prune(const struct serial_filter *f, struct arena *a, struct serial_ports *ports);

#endif
