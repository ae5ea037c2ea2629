/* SPDX-License-Identifier: MIT
 *
 * Which boards have mboot. make would know exactly, but takes a tenth of a second for each board; the files are plain enough
 * to be read.
 */
#include "board/mboot.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/path.h"
#include "base/strbuf.h"
#include "os/fs.h"

enum { MAX_FILE = 1 << 20, MAX_DEPTH = 4 };

/* mboot/Makefile: MBOOT_TEXT0_ADDR ?= */
static const unsigned long default_place = 0x08000000;

/* The line's value when it sets the variable ("NAME = 0", "NAME ?= 0", "NAME := 0"); *hard: not by "?=". NULL: another line. */
static const char *value_of(const char *line, const char *name, bool *hard)
{
	size_t len = strlen(name);

	line += strspn(line, " \t");
	if (strncmp(line, name, len) != 0)
		return NULL;
	line += len;
	line += strspn(line, " \t");
	*hard = *line != '?';
	line += strspn(line, "?:");
	if (*line != '=')
		return NULL;
	line++;
	return line + strspn(line, " \t");
}

static const char *next_line(const char *line)
{
	line += strcspn(line, "\n");
	return *line ? line + 1 : NULL;
}

static bool is_refused(const char *text)
{
	bool refused = false, hard;

	for (const char *line = text; line; line = next_line(line)) {
		const char *value = value_of(line, "USE_MBOOT", &hard);

		if (value && hard)
			refused = strtoul(value, NULL, 0) == 0;
	}
	return refused;
}

static unsigned long place_of_mboot(const char *text)
{
	unsigned long place = default_place;
	bool hard;

	for (const char *line = text; line; line = next_line(line)) {
		const char *value = value_of(line, "MBOOT_TEXT0_ADDR", &hard);

		if (value)
			place = strtoul(value, NULL, 0);
	}
	return place;
}

bool mboot_fits(const char *text)
{
	unsigned long place = place_of_mboot(text);
	bool hard;

	if (is_refused(text))
		return false;
	for (const char *line = text; line; line = next_line(line)) {
		const char *value = value_of(line, "TEXT0_ADDR", &hard);

		if (value && strtoul(value, NULL, 0) != place)
			return true;
	}
	return false;
}

/* "include boards/NUCLEO_H743ZI/mpconfigboard.mk", from wherever make runs: the board beside ours. NULL: another line. */
static const char *included_board(struct arena *a, const char *line)
{
	const char *file, *dir;

	line += strspn(line, " \t");
	if (strncmp(line, "include", 7) != 0 || !strchr(" \t", line[7]))
		return NULL;
	line += 7 + strspn(line + 7, " \t");
	file = arena_strndup(a, line, strcspn(line, " \t\n"));
	dir = path_base(path_dir(a, file));
	return strcmp(path_base(file), "mpconfigboard.mk") == 0 && path_is_name(dir) ? dir : NULL;
}

/* Appends the text and that of the boards which it includes; files that include each other without end are cut off. */
static void add_text(struct arena *a, const char *dir, int depth, struct strbuf *out)
{
	AUTO_STRBUF text = STRBUF_INIT;
	AUTO_ERR ignored = ERR_INIT;

	if (!fs_read(&text, path_join(a, dir, "mpconfigboard.mk"), MAX_FILE, &ignored))
		return;
	for (const char *line = text.buf; depth < MAX_DEPTH && out->len < MAX_FILE && line;
	     line = next_line(line)) {
		const char *name = included_board(a, line);

		if (name)
			add_text(a, path_join(a, path_dir(a, dir), name), depth + 1, out);
	}
	strbuf_adds(out, text.buf);
	strbuf_addch(out, '\n');
}

bool board_has_mboot(const struct board *b)
{
	AUTO_STRBUF text = STRBUF_INIT;
	AUTO_ARENA a = ARENA_INIT;

	add_text(&a, b->dir, 0, &text);
	return mboot_fits(text.buf);
}
