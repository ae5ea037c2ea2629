/* SPDX-License-Identifier: MIT
 *
 * Sources that hold the time of their build: gcc takes __DATE__ and __TIME__ from SOURCE_DATE_EPOCH, which no make
 * looks at. pico-sdk's standard_binary_info.c is one.
 */
#include <string.h>

#include "base/path.h"
#include "build/renew_internal.h"
#include "os/fs.h"

/* The begin of the line that `at` is in; lines go on after backslashes. */
static const char *line_begin(const char *text, const char *at)
{
	while (at > text && (at[-1] != '\n' || (at - text > 1 && at[-2] == '\\')))
		at--;
	return at;
}

/* ST's headers have macros with such parameters: "#define IS_RTC_DATE(__DATE__) ((__DATE__) > 0)". */
static bool is_parameter(const char *text, const char *at, const char *word)
{
	const char *line = line_begin(text, at);
	const char *define = strstr(line, "define");
	const char *open = strchr(line, '('), *close = strchr(line, ')');
	const char *first = strstr(line, word);

	return *line == '#' && define && open && close && define < open && open < first &&
	       first < close;
}

static bool has_word(const char *text, const char *word)
{
	for (const char *at = text; (at = strstr(at, word)); at += strlen(word))
		if (!is_parameter(text, at, word))
			return true;
	return false;
}

static bool is_dated(struct renew_file *file)
{
	AUTO_STRBUF text = STRBUF_INIT;
	AUTO_ERR ignored = ERR_INIT;

	if (file->dated == DATED_UNKNOWN) {
		bool yes = !fs_read(&text, file->path, 64 * 1024 * 1024, &ignored) ||
			   has_word(text.buf, "__DATE__") || has_word(text.buf, "__TIME__");

		file->dated = yes ? DATED_YES : DATED_NO;
	}
	return file->dated == DATED_YES;
}

void renew_mark_dated(struct renew_scan *scan)
{
	for (size_t i = 0; i < scan->objects.count; i++) {
		struct renew_object *o = &scan->objects.items[i];

		for (size_t k = 0; k < o->count && !o->nested && !o->remove; k++)
			o->remove = is_dated(o->reads[k].file);
	}
}
