/* SPDX-License-Identifier: MIT
 *
 * Board ids by description, as the Python tool finds them.
 */
#include "library/board_id.h"

#include <string.h>

#include "library/version.h"

enum { OF_VERSION = 8 }; /* more than any likeness */

static bool is_text(const char *text, size_t len, const char *other)
{
	return len && strlen(other) == len && memcmp(text, other, len) == 0;
}

/* Up to the last " with". */
static size_t short_length(const char *description)
{
	const char *found = NULL;

	for (const char *p = description; (p = strstr(p, " with")); p++)
		found = p;
	return found ? (size_t)(found - description) : 0;
}

/* 2: the same words; 1: the same up to " with", where one of them ends; 0: others. */
static int likeness(const char *row, const char *said)
{
	size_t before = short_length(said), len = strlen(said);

	if (strcmp(row, said) == 0)
		return 2;
	if (before)
		return is_text(said, before, row);
	return len && strncmp(row, said, len) == 0 && strncmp(row + len, " with ", 6) == 0;
}

/* Boards were called "ESP32 module" before they were called "Generic ESP32 module". */
static int full_likeness(const struct board_row *b, const char *said)
{
	static const char generic[] = "Generic ";
	const size_t cut = sizeof(generic) - 1;
	int like = likeness(b->description, said);

	if (like)
		return like + 2;
	return strncmp(said, generic, cut) == 0 ? likeness(b->description, said + cut) : 0;
}

/* A preview is also of the release that it comes before: a library may not have it. */
static bool is_of_version(const struct board_row *b, const struct version *wanted)
{
	struct version v;

	if (!version_parse(&v, b->version))
		return false;
	return version_same_release(&v, wanted) ||
	       (wanted->preview && v.major == wanted->major && v.minor == wanted->minor &&
		v.patch == wanted->patch);
}

bool library_board_by_description(struct database *db, const char *description, const char *version,
				  struct arena *a, const char **board_id, struct err *e)
{
	AUTO_ARENA all = ARENA_INIT;
	struct board_rows rows;
	struct version wanted;
	bool versioned = version && version_parse(&wanted, version);
	int best = 0;

	*board_id = NULL;
	if (!*description)
		return true;
	if (!database_boards(db, NULL, &all, &rows, e))
		return false;
	for (size_t i = 0; i < rows.count; i++) {
		const struct board_row *b = &rows.items[i];
		int like = *b->variant ? 0 : full_likeness(b, description);

		if (like && versioned && is_of_version(b, &wanted))
			like += OF_VERSION;
		if (like <= best)
			continue;
		best = like;
		*board_id = b->board_id;
	}
	*board_id = *board_id ? arena_strdup(a, *board_id) : NULL;
	return true;
}
