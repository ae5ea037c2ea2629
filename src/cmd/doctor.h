/* SPDX-License-Identifier: MIT
 *
 * What `mpflash doctor` looks at: one check each, in a table; a check adds what it found.
 */
#ifndef CMD_DOCTOR_H
#define CMD_DOCTOR_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/vec.h"
#include "board/device.h"

struct finding {
	const char *check, *problem, *fix; /* in the arena; the fix is one thing to do */
};

struct doctor {
	struct arena arena;
	struct devices devices;
	VEC(struct finding) findings;
	const char *check; /* the one that runs */
};

struct doctor_check {
	const char *name;
	void (*run)(struct doctor *d);
};
extern const struct doctor_check doctor_checks[]; /* ends with a NULL name */

void doctor_add(struct doctor *d, const char *problem, const char *fix);

/* Where this machine's udev rules are: below DESTDIR where that is set (tests, packages). */
#define DOCTOR_RULES_NAME "70-mpflash.rules"
const char *doctor_rules_folder(struct arena *a);

#endif
