/* SPDX-License-Identifier: MIT
 *
 * Findings: what was checked in an image and what came of it, each a name that scripts can rely on and a sentence for
 * people.
 */
#ifndef IMAGE_FINDING_H
#define IMAGE_FINDING_H

#include <stdbool.h>
#include <stddef.h>

enum finding_level {
	FINDING_OK,      /* checked, and right */
	FINDING_NOTE,    /* worth knowing */
	FINDING_WARNING, /* flashing may not do what the user wants */
	FINDING_ERROR,   /* must not be flashed */
};

struct finding {
	const char *name; /* static: "vectors", "boot2-crc" */
	enum finding_level level;
	char *text; /* "the vector table at 0x08000000 starts at 0x0801234d, inside the image" */
};

struct findings {
	struct finding *items;
	size_t count, cap;
};

#define FINDINGS_INIT \
	{             \
		0     \
	}
#define AUTO_FINDINGS __attribute__((cleanup(findings_free))) struct findings

void finding_add(struct findings *f, const char *name, enum finding_level level, const char *fmt,
		 ...) __attribute__((format(printf, 4, 5)));
const char *finding_level_name(enum finding_level level);    /* "ok", "note", "warning", "error" */
enum finding_level findings_worst(const struct findings *f); /* FINDING_OK when there is none */
void findings_free(struct findings *f);                      /* back to FINDINGS_INIT */

#endif
