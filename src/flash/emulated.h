/* SPDX-License-Identifier: MIT
 *
 * The devices that flash methods know of themselves: emulated boards, each with a run folder. They become records among
 * those of board/device.h.
 */
#ifndef FLASH_EMULATED_H
#define FLASH_EMULATED_H

#include <stdbool.h>

#include "base/err.h"
#include "board/device.h"

/*
 * Adds those that the query takes to `out` and sorts it again. `devices_dir`: the folder of all run folders. Their state is
 * DEVICE_NOT_ASKED.
 */
bool emulated_find(const struct device_query *q, const char *devices_dir, struct devices *out,
		   struct err *e);

/*
 * Asks such a device over its REPL: identity and state are set, also when it does not answer (DEVICE_SILENT, DEVICE_GONE;
 * `why` in the list's arena). Nothing to do for a device without an emulator.
 */
void emulated_ask(struct devices *list, struct device *d);

#endif
