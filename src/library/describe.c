/* SPDX-License-Identifier: MIT
 *
 * What boards call themselves: by this text, which sys.implementation._machine gives, a board without a build id is known.
 */
#include <string.h>

#include "base/strbuf.h"
#include "base/xalloc.h"
#include "library/boards.h"

static bool begins(const char *s, const char *with)
{
	return strncmp(s, with, strlen(with)) == 0;
}

static bool ends(const char *s, const char *with)
{
	size_t len = strlen(s), end = strlen(with);

	return len >= end && strcmp(s + len - end, with) == 0;
}

bool board_file_counts(const char *name)
{
	return strcmp(name, "board.json") == 0 ||
	       (begins(name, "mpconfigboard") && (ends(name, ".h") || ends(name, ".cmake"))) ||
	       (begins(name, "mpconfigvariant_") && ends(name, ".cmake"));
}

static const char *find_file(const struct board_files *files, const char *name)
{
	for (size_t i = 0; i < files->count; i++)
		if (strcmp(files->items[i].name, name) == 0)
			return files->items[i].text;
	return NULL;
}

static const char *skip_blank(const char *p)
{
	return p + strspn(p, " \t");
}

/* What stands in the last quotes of the line, from the first one on; NULL: nothing. */
static const char *in_quotes(const char *p, struct arena *a)
{
	size_t line = strcspn(p, "\r\n"), end = line;

	if (*p != '"')
		return NULL;
	while (end > 1 && p[end - 1] != '"')
		end--;
	return end > 2 ? arena_strndup(a, p + 1, end - 2) : NULL;
}

/* `#define NAME "TEXT"` at the start of the line. */
static const char *defined(const char *line, const char *name, struct arena *a)
{
	if (!begins(line, "#define") || skip_blank(line + 7) == line + 7)
		return NULL;
	line = skip_blank(line + 7);
	if (!begins(line, name) || skip_blank(line + strlen(name)) == line + strlen(name))
		return NULL;
	return in_quotes(skip_blank(line + strlen(name)), a);
}

static const char *next_line(const char *p)
{
	p += strcspn(p, "\n");
	return *p ? p + 1 : p;
}

static const char *of_header(const char *text, struct arena *a)
{
	const char *board = NULL, *mcu = NULL;

	for (const char *p = text; *p && !(board && mcu); p = next_line(p)) {
		const char *b = defined(p, "MICROPY_HW_BOARD_NAME", a);
		const char *m = defined(p, "MICROPY_HW_MCU_NAME", a);

		board = b ? b : board;
		mcu = m ? m : mcu;
	}
	return board && mcu ? arena_printf(a, "%s with %s", board, mcu) : board;
}

/* NAME="TEXT", perhaps with a blank around the '='. */
static const char *assigned(const char *line, const char *name, struct arena *a)
{
	if (!begins(line, name))
		return NULL;
	line = skip_blank(line + strlen(name));
	return *line == '=' ? in_quotes(skip_blank(line + 1), a) : NULL;
}

static const char *of_cmake(const char *text, struct arena *a)
{
	for (const char *p = text; *p; p = next_line(p)) {
		const char *line = skip_blank(p);
		const char *found = assigned(line, "MICROPY_HW_BOARD_NAME", a);

		if (!found)
			found = assigned(line, "MICROPY_HW_MCU_NAME", a);
		if (found)
			return found;
	}
	return NULL;
}

const char *board_describe(const struct board_files *files, const char *variant, struct arena *a)
{
	bool is_variant = *variant != '\0';
	const char *header =
		find_file(files, is_variant ? arena_printf(a, "mpconfigboard_%s.h", variant)
					    : "mpconfigboard.h");
	const char *cmake =
		find_file(files, is_variant ? arena_printf(a, "mpconfigvariant_%s.cmake", variant)
					    : "mpconfigboard.cmake");
	const char *found = header ? of_header(header, a) : NULL;

	return found || !cmake ? found : of_cmake(cmake, a);
}
