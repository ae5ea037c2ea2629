/* SPDX-License-Identifier: MIT
 *
 * Sources that hold the time of their build: gcc takes __DATE__ and __TIME__ from SOURCE_DATE_EPOCH, which no make
 * looks at. pico-sdk's standard_binary_info.c is one.
 */
#include <string.h>

#include "base/path.h"
#include "build/renew_internal.h"
#include "os/fs.h"

/* ST's headers have macros with such parameters: "#define IS_RTC_DATE(__DATE__) ...". */
static bool is_parameter(const char *text, const char *word)
{
	const char *line = word, *define, *open, *close;

	while (line > text && line[-1] != '\n')
		line--;
	define = strstr(line, "define");
	if (*line != '#' || !define || define > word)
		return false;
	open = strchr(line, '(');
	close = strchr(line, ')');
	return open && close && open < word && word < close;
}

static bool has_word(const char *text, const char *word)
{
	const char *at = strstr(text, word);

	return at && !is_parameter(text, at);
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
