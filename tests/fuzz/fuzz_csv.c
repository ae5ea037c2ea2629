/* SPDX-License-Identifier: MIT
 *
 * Comma-separated values from anywhere. What is read, and written with every field in quotes, is read as the same.
 */
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "format.h"
#include "library/csv.h"

static void must(bool ok)
{
	if (!ok)
		abort();
}

static void write_record(const struct strv *fields, struct strbuf *out)
{
	for (size_t i = 0; i < fields->count; i++) {
		strbuf_adds(out, i ? ",\"" : "\"");
		for (const char *p = fields->items[i]; *p; p++) {
			strbuf_addch(out, *p);
			if (*p == '"')
				strbuf_addch(out, '"');
		}
		strbuf_addch(out, '"');
	}
	strbuf_addch(out, '\n');
}

/* Reads all records, and writes them to `out`; false: the text is cut short, or none. */
static bool read_all(const char *text, size_t size, struct strbuf *out)
{
	AUTO_ARENA a = ARENA_INIT;
	AUTO_ERR e = ERR_INIT;
	struct strv fields = { 0 };
	struct csv c;
	size_t last = 0;
	bool ok;

	csv_init(&c, text, size);
	while ((ok = csv_next(&c, &a, &fields, &e)) && fields.count) {
		must(c.line > last && c.text <= c.end);
		last = c.line;
		write_record(&fields, out);
	}
	must(ok ? c.text == c.end : e.msg != NULL);
	vec_free(&fields);
	return ok;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_STRBUF once = STRBUF_INIT, twice = STRBUF_INIT;

	if (!read_all((const char *)data, size, &once))
		return 0;
	must(read_all(once.buf, once.len, &twice));
	must(once.len == twice.len && memcmp(once.buf, twice.buf, once.len) == 0);
	return 0;
}
