/* SPDX-License-Identifier: MIT
 *
 * Board ids by description, as the Python tool finds them.
 */
#include "library/board_id.h"

#include <string.h>

#include "library/version.h"

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

static bool calls_itself(const struct board_row *b, const char *description)
{
	static const char generic[] = "Generic ";
	size_t before = short_length(description), cut = strlen(generic);

	if (strcmp(b->description, description) == 0 ||
	    is_text(description, before, b->description))
		return true;
	if (strncmp(description, generic, cut) != 0)
		return false;
	return strcmp(b->description, description + cut) == 0 ||
	       (before > cut && is_text(description + cut, before - cut, b->description));
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
	struct board_rows rows;
	struct version wanted;
	bool versioned = version && version_parse(&wanted, version);
	const char *any = NULL;

	*board_id = NULL;
	if (!database_boards(db, NULL, a, &rows, e))
		return false;
	for (size_t i = 0; i < rows.count && !*board_id; i++) {
		const struct board_row *b = &rows.items[i];

		if (*b->variant || !calls_itself(b, description))
			continue;
		if (versioned && is_of_version(b, &wanted))
			*board_id = b->board_id;
		else if (!any)
			any = b->board_id;
	}
	if (!*board_id)
		*board_id = any;
	return true;
}
