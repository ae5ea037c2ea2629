/* SPDX-License-Identifier: MIT
 *
 * Every device that any method sees now, with what it says of itself.
 */
#ifndef FLASH_DEVICES_H
#define FLASH_DEVICES_H

#include <stdbool.h>

#include "base/err.h"
#include "flash/method.h"

struct device {
	const struct flash_method *method;
	char *port, *board_id;      /* of the target it was started for; NULL: not known */
	struct flash_result result; /* device and address always; identity when it answered */
	char *silence;              /* why it did not answer; NULL: it did, or was not asked */
};

struct devices {
	struct device *items;
	size_t count, cap;
};

/* Lists them by device id. `devices_dir`: the folder of all run folders. `ask`: each is asked over its REPL. */
bool devices_list(const char *devices_dir, bool ask, struct devices *out, struct err *e);
void devices_free(struct devices *d);

#endif
