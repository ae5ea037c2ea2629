/* SPDX-License-Identifier: MIT
 *
 * JSON out. Bytes that are not UTF-8 (file names may hold any) become U+FFFD, so that the output always parses.
 */
#include "base/json.h"

#include <string.h>

#include "base/utf8.h"

static void quoted(struct strbuf *out, const char *text)
{
	const unsigned char *s = (const unsigned char *)text;

	strbuf_addch(out, '"');
	while (*s) {
		size_t n = utf8_len(s);

		if (!n) {
			strbuf_adds(out, "\xef\xbf\xbd");
			n = 1;
		} else if (*s == '"' || *s == '\\') {
			strbuf_addf(out, "\\%c", *s);
		} else if (*s == '\n') {
			strbuf_adds(out, "\\n");
		} else if (*s < 0x20 || *s == 0x7f) {
			strbuf_addf(out, "\\u%04x", *s);
		} else {
			strbuf_add(out, s, n);
		}
		s += n;
	}
	strbuf_addch(out, '"');
}

static void begin(struct json *j, const char *name)
{
	if (j->need_comma)
		strbuf_addch(j->out, ',');
	j->need_comma = true;
	if (name) {
		quoted(j->out, name);
		strbuf_addch(j->out, ':');
	}
}

static void open_with(struct json *j, const char *name, char c)
{
	begin(j, name);
	strbuf_addch(j->out, c);
	j->need_comma = false;
}

static void close_with(struct json *j, char c)
{
	strbuf_addch(j->out, c);
	j->need_comma = true;
}

void json_object(struct json *j, const char *name)
{
	open_with(j, name, '{');
}

void json_object_end(struct json *j)
{
	close_with(j, '}');
}

void json_array(struct json *j, const char *name)
{
	open_with(j, name, '[');
}

void json_array_end(struct json *j)
{
	close_with(j, ']');
}

void json_string(struct json *j, const char *name, const char *value)
{
	begin(j, name);
	if (value)
		quoted(j->out, value);
	else
		strbuf_adds(j->out, "null");
}

void json_int(struct json *j, const char *name, int64_t value)
{
	begin(j, name);
	strbuf_addf(j->out, "%lld", (long long)value);
}

void json_bool(struct json *j, const char *name, bool value)
{
	begin(j, name);
	strbuf_adds(j->out, value ? "true" : "false");
}

void json_raw(struct json *j, const char *name, const char *json)
{
	begin(j, name);
	strbuf_adds(j->out, json);
}
