/* SPDX-License-Identifier: MIT
 *
 * A reader of lines, not of TOML: one line that is not understood costs that line.
 */
#include "board/board_info.h"

#include <string.h>

#include "base/utf8.h"
#include "base/vec.h"
#include "base/xalloc.h"

enum { MAX_ENTRIES = 64, MAX_NAME = 64, MAX_TEXT = 500 };

struct reader {
	struct arena *arena;
	VEC(struct board_info_entry) found;
	const char *table; /* NULL: one that is passed over */
	/* of the line at hand */
	const char *p, *end;
};

static void skip_blanks(struct reader *r)
{
	while (r->p < r->end && (*r->p == ' ' || *r->p == '\t'))
		r->p++;
}

static bool at_line_end(struct reader *r)
{
	skip_blanks(r);
	return r->p == r->end || *r->p == '#';
}

static bool take(struct reader *r, char c)
{
	skip_blanks(r);
	if (r->p == r->end || *r->p != c)
		return false;
	r->p++;
	return true;
}

static bool is_bare(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '-';
}

static const char *shown(struct reader *r, const struct strbuf *text)
{
	char clean[MAX_TEXT];

	utf8_printable(clean, sizeof(clean), text->buf, text->len);
	return arena_strdup(r->arena, clean);
}

/* The hex digits of \uXXXX and \UXXXXXXXX; what is no letter becomes '?'. */
static bool take_code(struct reader *r, int digits, struct strbuf *out)
{
	uint32_t c = 0;

	for (int i = 0; i < digits; i++) {
		const char *all = "0123456789abcdef0123456789ABCDEF";
		const char *at = r->p < r->end && *r->p ? strchr(all, *r->p) : NULL;

		/* strchr finds capitals in the second half */
		if (!at)
			return false;
		c = c << 4 | (uint32_t)((at - all) & 15);
		r->p++;
	}
	if (c < 0x80) {
		strbuf_addch(out, c >= ' ' ? (char)c : '?');
	} else if (c < 0x800) {
		strbuf_addch(out, (char)(0xc0 | c >> 6));
		strbuf_addch(out, (char)(0x80 | (c & 0x3f)));
	} else if (c < 0x10000) {
		strbuf_addch(out, (char)(0xe0 | c >> 12));
		strbuf_addch(out, (char)(0x80 | (c >> 6 & 0x3f)));
		strbuf_addch(out, (char)(0x80 | (c & 0x3f)));
	} else {
		strbuf_addch(out, '?');
	}
	return true;
}

static bool take_escape(struct reader *r, struct strbuf *out)
{
	static const char from[] = "\"\\ntrbfe", to[] = "\"\\     ";
	char c = r->p < r->end ? *r->p++ : '\0';
	const char *at = c ? strchr(from, c) : NULL;

	if (c == 'u' || c == 'U')
		return take_code(r, c == 'u' ? 4 : 8, out);
	if (!at)
		return false;
	strbuf_addch(out, at - from < 2 ? to[at - from] : ' ');
	return true;
}

/* "..." with escapes or '...' without, on one line. NULL: it is none. */
static const char *take_string(struct reader *r)
{
	AUTO_STRBUF text = STRBUF_INIT;
	char quote = r->p < r->end ? *r->p : '\0';

	if (quote != '"' && quote != '\'')
		return NULL;
	r->p++;
	while (r->p < r->end && *r->p != quote) {
		char c = *r->p++;

		if (c != '\\' || quote == '\'')
			strbuf_addch(&text, c);
		else if (!take_escape(r, &text))
			return NULL;
	}
	if (r->p == r->end)
		return NULL;
	r->p++;
	return shown(r, &text);
}

/* A key or a table's name. NULL: none. */
static const char *take_name(struct reader *r)
{
	const char *start;

	skip_blanks(r);
	if (r->p < r->end && (*r->p == '"' || *r->p == '\'')) {
		const char *name = take_string(r);

		return name && strlen(name) < MAX_NAME ? name : NULL;
	}
	start = r->p;
	while (r->p < r->end && is_bare(*r->p))
		r->p++;
	if (r->p == start || r->p - start >= MAX_NAME)
		return NULL;
	return arena_strndup(r->arena, start, (size_t)(r->p - start));
}

static bool take_word(struct reader *r, const char *word)
{
	size_t len = strlen(word);

	if ((size_t)(r->end - r->p) < len || memcmp(r->p, word, len) != 0)
		return false;
	r->p += len;
	return true;
}

/* 42, -7, 1_000 */
static bool take_int(struct reader *r, int64_t *out)
{
	bool minus = r->p < r->end && *r->p == '-';
	int64_t n = 0;
	int digits = 0;

	if (r->p < r->end && (*r->p == '-' || *r->p == '+'))
		r->p++;
	for (; r->p < r->end && ((*r->p >= '0' && *r->p <= '9') || (digits && *r->p == '_'));
	     r->p++) {
		if (*r->p == '_')
			continue;
		if (++digits > 18)
			return false;
		n = n * 10 + (*r->p - '0');
	}
	*out = minus ? -n : n;
	return digits > 0;
}

static bool take_value(struct reader *r, struct board_info_entry *out)
{
	skip_blanks(r);
	if (r->p < r->end && (*r->p == '"' || *r->p == '\'')) {
		out->type = BOARD_INFO_TEXT;
		out->text = take_string(r);
		return out->text != NULL;
	}
	if (take_word(r, "true") || take_word(r, "false")) {
		out->type = BOARD_INFO_BOOL;
		out->number = r->p[-2] == 'u';
		return true;
	}
	out->type = BOARD_INFO_INT;
	return take_int(r, &out->number);
}

static bool is_there(const struct reader *r, const struct board_info_entry *entry)
{
	for (size_t i = 0; i < r->found.count; i++)
		if (strcmp(r->found.items[i].table, entry->table) == 0 &&
		    strcmp(r->found.items[i].key, entry->key) == 0)
			return true;
	return false;
}

static void read_line(struct reader *r)
{
	struct board_info_entry entry = { 0 };

	if (at_line_end(r))
		return;
	if (take(r, '[')) {
		r->table = take_name(r);
		if (r->table && (!*r->table || !take(r, ']') || !at_line_end(r)))
			r->table = NULL;
		return;
	}
	entry.table = r->table;
	entry.key = take_name(r);
	if (entry.table && entry.key && take(r, '=') && take_value(r, &entry) && at_line_end(r) &&
	    r->found.count < MAX_ENTRIES && !is_there(r, &entry))
		vec_push(&r->found, entry);
}

void board_info_parse(const char *text, struct arena *a, struct board_info *out)
{
	struct reader r = { .arena = a, .table = "" };

	while (text && *text) {
		size_t len = strcspn(text, "\n");

		r.p = text;
		r.end = text + len;
		if (len && r.end[-1] == '\r')
			r.end--;
		read_line(&r);
		text += len + (text[len] == '\n');
	}
	out->items = ARENA_ARRAY(a, struct board_info_entry, r.found.count + 1);
	out->count = r.found.count;
	if (r.found.count)
		memcpy(out->items, r.found.items, r.found.count * sizeof(*out->items));
	vec_free(&r.found);
}

static const struct board_info_entry *get(const struct board_info *info, const char *table,
					  const char *key)
{
	for (size_t i = 0; i < info->count; i++)
		if (strcmp(info->items[i].table, table) == 0 &&
		    strcmp(info->items[i].key, key) == 0)
			return &info->items[i];
	return NULL;
}

const char *board_info_text(const struct board_info *info, const char *table, const char *key)
{
	const struct board_info_entry *entry = get(info, table, key);

	return entry ? entry->text : NULL;
}

bool board_info_true(const struct board_info *info, const char *table, const char *key)
{
	const struct board_info_entry *entry = get(info, table, key);

	return entry && entry->type == BOARD_INFO_BOOL && entry->number;
}

static void entry_json(const struct board_info_entry *entry, struct json *j)
{
	switch (entry->type) {
	case BOARD_INFO_TEXT:
		json_string(j, entry->key, entry->text);
		break;
	case BOARD_INFO_BOOL:
		json_bool(j, entry->key, entry->number);
		break;
	case BOARD_INFO_INT:
		json_int(j, entry->key, entry->number);
		break;
	}
}

static void table_json(const struct board_info *info, size_t first, struct json *j)
{
	const char *table = info->items[first].table;

	for (size_t i = 0; i < first; i++)
		if (strcmp(info->items[i].table, table) == 0)
			return; /* it is out already */
	json_object(j, table);
	for (size_t i = first; i < info->count; i++)
		if (strcmp(info->items[i].table, table) == 0)
			entry_json(&info->items[i], j);
	json_object_end(j);
}

void board_info_json(const struct board_info *info, struct json *j, const char *name)
{
	json_object(j, name);
	for (size_t i = 0; i < info->count; i++)
		if (!*info->items[i].table)
			entry_json(&info->items[i], j);
	for (size_t i = 0; i < info->count; i++)
		if (*info->items[i].table)
			table_json(info, i, j);
	json_object_end(j);
}
