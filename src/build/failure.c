/* SPDX-License-Identifier: MIT
 *
 * Reading a build log: a parallel make goes on for hundreds of lines after the line that matters.
 */
#include "build/failure.h"

#include <string.h>

#include "base/err.h"
#include "base/vec.h"
#include "os/fs.h"

enum {
	FIRST_LINES = 6,
	BEFORE_LINES = 3,
	LAST_LINES = 5,
	LINE_MAX_SHOWN = 240,
	LOG_MAX = 64 << 20,
	NEXT_TO_NOTHING = 64 << 10
};

/* Splits in place; lines point into text. */
static void split_lines(char *text, struct strv *lines)
{
	while (*text) {
		size_t len = strcspn(text, "\n");
		char *next = text + len + (text[len] == '\n');

		text[len] = '\0';
		if (len && text[len - 1] == '\r')
			text[len - 1] = '\0';
		vec_push(lines, text);
		text = next;
	}
}

static bool has_any(const char *line, const char *const *signs, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strstr(line, signs[i]))
			return true;
	return false;
}

/* Says that something failed which has told its reason already: that is in the lines before. */
static bool is_consequence(const char *line)
{
	static const char *const signs[] = { "*** [", "*** Waiting for", "ld returned " };

	return has_any(line, signs, ARRAY_SIZE(signs));
}

static bool is_error(const char *line)
{
	static const char *const signs[] = {
		": error:",
		": fatal error:",
		"undefined reference to",
		"multiple definition of",
		" overflowed by ",
		"will not fit in region",
		"Traceback (most recent call last)",
		"CMake Error",
		"ld: cannot find",
		"command not found",
		"Error: ",
		"*** ",
	};

	return has_any(line, signs, ARRAY_SIZE(signs)) && !is_consequence(line);
}

static void add_line(struct strbuf *out, const char *line)
{
	size_t len = strlen(line);

	strbuf_adds(out, "\n    ");
	strbuf_add(out, line, len > LINE_MAX_SHOWN ? LINE_MAX_SHOWN : len);
	if (len > LINE_MAX_SHOWN)
		strbuf_adds(out, " ...");
}

/* A Python traceback ends with the line that is not indented; a compiler's error has its source lines below. */
static size_t error_end(const struct strv *lines, size_t from)
{
	size_t end = from + 1;
	bool traceback = strstr(lines->items[from], "Traceback") != NULL;

	while (end < lines->count && end < from + (traceback ? 30 : FIRST_LINES)) {
		const char *line = lines->items[end];

		if (line[0] != ' ' && line[0] != '\t')
			return traceback ? end + 1 : end;
		end++;
	}
	return end;
}

static bool read_log(const char *path, struct strbuf *text)
{
	AUTO_ERR ignored = ERR_INIT; /* no log, no excerpt: the caller names the path anyway */

	if (!fs_read(text, path, LOG_MAX, &ignored))
		return false;
	for (size_t i = 0; i < text->len; i++)
		if (!text->buf[i])
			text->buf[i] = ' '; /* some program's binary output */
	return true;
}

/* The index of the first line that `is` takes; the count of lines when there is none. */
static size_t find_line(const struct strv *lines, bool (*is)(const char *line))
{
	size_t i = 0;

	while (i < lines->count && !is(lines->items[i]))
		i++;
	return i;
}

/* The lines from *from to before *end tell what went wrong first; both 0: none does. */
static void find_first_error(const struct strv *lines, size_t *from, size_t *end)
{
	*from = find_line(lines, is_error);
	if (*from < lines->count) {
		*end = error_end(lines, *from);
		return;
	}
	*from = find_line(lines, is_consequence);
	*end = *from + 1;
	if (*from == lines->count)
		*from = *end = 0;
	*from -= *from < BEFORE_LINES ? *from : BEFORE_LINES;
}

void failure_excerpt(const char *log_path, struct strbuf *out)
{
	AUTO_STRBUF text = STRBUF_INIT;
	struct strv lines = { 0 };
	size_t first, end, last;

	if (!read_log(log_path, &text))
		return;
	split_lines(text.buf, &lines);
	find_first_error(&lines, &first, &end);
	if (first < end)
		strbuf_adds(out, "\n  the first error:");
	for (size_t i = first; i < end; i++)
		add_line(out, lines.items[i]);
	last = lines.count > LAST_LINES ? lines.count - LAST_LINES : 0;
	if (last < end)
		last = end;
	if (last < lines.count)
		strbuf_adds(out, "\n  the last lines:");
	for (size_t i = last; i < lines.count; i++)
		add_line(out, lines.items[i]);
	vec_free(&lines);
}

const char *failure_missing_package(const char *log_path)
{
	/* Packages that a compiler only recommends, told by the header that is not found without them. */
	static const struct {
		const char *text, *package;
	} known[] = {
		{ "fatal error: cstdlib: No such file", "libstdc++-arm-none-eabi-newlib" },
		{ "fatal error: string.h: No such file", "libnewlib-arm-none-eabi" },
		{ "fatal error: stdlib.h: No such file", "libnewlib-arm-none-eabi" },
		{ "fatal error: stdio.h: No such file", "libnewlib-arm-none-eabi" },
		{ "cannot read spec file", "libnewlib-arm-none-eabi" },
		{ "fatal error: ffi.h: No such file", "libffi-dev" },
	};
	AUTO_STRBUF text = STRBUF_INIT;

	if (!read_log(log_path, &text))
		return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (strstr(text.buf, known[i].text) &&
		    (!strstr(known[i].package, "arm-none-eabi") ||
		     strstr(text.buf, "arm-none-eabi")))
			return known[i].package;
	return NULL;
}

bool failure_is_read_only(const char *log_path)
{
	AUTO_STRBUF text = STRBUF_INIT;

	return read_log(log_path, &text) && strstr(text.buf, "Read-only file system");
}

bool failure_disk_is_full(const char *log_path)
{
	AUTO_STRBUF text = STRBUF_INIT;

	return fs_free_bytes(log_path) < NEXT_TO_NOTHING ||
	       (read_log(log_path, &text) && strstr(text.buf, "No space left on device"));
}

/* "make: *** [Makefile:12: build/py/objlist.o] Error 1": the target; its length, 0 for other lines. */
static const char *failed_target(const char *line, size_t *len)
{
	const char *from = strstr(line, "*** ["), *end = from ? strrchr(from, ']') : NULL, *p;

	*len = 0;
	if (!end)
		return NULL;
	for (p = end; p > from + 5 && p[-1] != ' ' && p[-1] != '[';)
		p--;
	*len = (size_t)(end - p);
	return p;
}

bool failure_is_compilers_only(const char *log_path)
{
	AUTO_STRBUF text = STRBUF_INIT;
	struct strv lines = { 0 };
	size_t objects = 0, others = 0;

	if (!read_log(log_path, &text))
		return false;
	split_lines(text.buf, &lines);
	for (size_t i = 0; i < lines.count; i++) {
		size_t len;
		const char *target = failed_target(lines.items[i], &len);

		if (!target)
			others += strstr(lines.items[i], "*** ") &&
				  !strstr(lines.items[i], "*** Waiting for");
		else if (len > 2 && memcmp(target + len - 2, ".o", 2) == 0)
			objects++;
		else if (!memchr(target, '.', len) || len < 4 ||
			 memcmp(target + len - 4, "/all", 4) != 0)
			/* A make above another one says that its target failed too: "all". */
			others += !(len == 3 && memcmp(target, "all", 3) == 0);
	}
	vec_free(&lines);
	return objects && !others;
}
