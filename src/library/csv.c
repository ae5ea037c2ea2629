/* SPDX-License-Identifier: MIT
 *
 * Reading CSV as Python's csv module writes it.
 */
#include "library/csv.h"

#include <string.h>

#include "base/strbuf.h"

void csv_init(struct csv *c, const char *text, size_t size)
{
	*c = (struct csv){ .text = text, .end = text + size };
}

/* The text behind the opening quote, up to the closing one; a doubled quote stands for one. */
static bool quoted(struct csv *c, struct strbuf *out)
{
	while (c->text < c->end) {
		char ch = *c->text++;

		if (ch == '"') {
			if (c->text == c->end || *c->text != '"')
				return true;
			c->text++;
		}
		c->lines += ch == '\n';
		strbuf_addch(out, ch);
	}
	return false;
}

static bool at_field_end(const struct csv *c)
{
	return c->text == c->end || *c->text == ',' || *c->text == '\n' ||
	       (*c->text == '\r' && c->text + 1 < c->end && c->text[1] == '\n');
}

static bool field(struct csv *c, struct arena *a, struct strv *fields, struct err *e)
{
	AUTO_STRBUF text = STRBUF_INIT;

	if (c->text < c->end && *c->text == '"') {
		c->text++;
		if (!quoted(c, &text))
			return err_set(e, "line %zu: a quote is not closed", c->line);
	}
	while (!at_field_end(c))
		strbuf_addch(&text, *c->text++);
	if (memchr(text.buf, 0, text.len))
		return err_set(e, "line %zu: it is no text", c->line);
	vec_push(fields, arena_strndup(a, text.buf, text.len));
	return true;
}

/* Behind a field: whether another one of the record follows. */
static bool next_field(struct csv *c)
{
	if (c->text < c->end && *c->text == ',') {
		c->text++;
		return true;
	}
	if (c->text < c->end && *c->text == '\r')
		c->text++;
	if (c->text < c->end && *c->text == '\n') {
		c->text++;
		c->lines++;
	}
	return false;
}

static void skip_empty(struct csv *c)
{
	for (; c->text < c->end && (*c->text == '\n' || *c->text == '\r'); c->text++)
		c->lines += *c->text == '\n';
}

bool csv_next(struct csv *c, struct arena *a, struct strv *fields, struct err *e)
{
	fields->count = 0;
	skip_empty(c);
	if (c->text == c->end)
		return true;
	c->line = c->lines + 1;
	do {
		if (!field(c, a, fields, e))
			return false;
	} while (next_field(c));
	return true;
}
