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
	bool note; /* nothing is wrong: it may be, for who wants more than works now */
};

struct doctor {
	struct arena arena;
	struct devices devices;
	VEC(struct finding) findings;
	const char *check; /* the one that runs */
};

struct doctor_check {
	const char *name;
	void (*run)(struct doctor *d); /* NULL: the one before it looks at this too */
};
extern const struct doctor_check doctor_checks[]; /* ends with a NULL name */

void doctor_add(struct doctor *d, const char *problem, const char *fix);
void doctor_note(struct doctor *d, const char *problem, const char *fix);

/* The check of what building needs: of the tree's toolchains, and as "engine" of container engines (doctor_tools.c). */
void doctor_check_tools(struct doctor *d);

/* Where this machine's udev rules are: below DESTDIR where that is set (tests, packages). */
#define DOCTOR_RULES_NAME "70-mpflash.rules"
const char *doctor_rules_folder(struct arena *a);

#endif
