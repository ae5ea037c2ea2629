/* SPDX-License-Identifier: MIT
 *
 * One table of suffixes and a few patterns; see names.h.
 */
#include "source/names.h"

#include <string.h>

#include "base/path.h"
#include "base/xalloc.h"

static const struct {
	const char *suffix;
	const char *why; /* nothing that lists a folder takes these for sources */
} unlisted[] = {
	{ "bak", "a copy of what was" },
	{ "diff", "a change on its way to somewhere" },
	{ "log", "what some run said" },
	{ "md", "documentation" },
	{ "old", "a copy of what was" },
	{ "orig", "what patch and merges leave" },
	{ "patch", "a change on its way to somewhere" },
	{ "pdf", "documentation" },
	{ "rej", "what patch and merges leave" },
	{ "rst", "documentation" },
	{ "tmp", "scratch work" },
	{ "txt", "documentation and notes; CMakeLists.txt is the exception" },
};

bool name_is_scratch(const char *name)
{
	const char *ext = path_ext(name);
	size_t len = strlen(name);

	if (name[0] == '.' || name[0] == '#' || name[len - 1] == '~')
		return true;
	return strcmp(ext, "orig") == 0 ||
	       (strncmp(ext, "sw", 2) == 0 && ext[2] >= 'a' && ext[2] <= 'p' && !ext[3]);
}

bool name_is_build_folder(const char *name)
{
	return strcmp(name, "build") == 0 || strncmp(name, "build-", 6) == 0 ||
	       strcmp(name, "__pycache__") == 0;
}

/* make finds its makefile by listing the folder, in this order; a new one may come before the one that was read. */
static const char *const always_listed[] = { "GNUmakefile", "makefile", "Makefile",
					     "CMakeLists.txt" };

bool name_is_unlisted(const char *name)
{
	const char *ext = path_ext(name);

	for (size_t i = 0; i < ARRAY_SIZE(always_listed); i++)
		if (strcmp(name, always_listed[i]) == 0)
			return false;
	if (!*ext)
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(unlisted); i++)
		if (strcmp(ext, unlisted[i].suffix) == 0)
			return true;
	return false;
}

void names_add_rules(struct hasher *h)
{
	hasher_str(h, "names 2"); /* to be counted up when the functions above change */
	for (size_t i = 0; i < ARRAY_SIZE(unlisted); i++)
		hasher_str(h, unlisted[i].suffix);
}
