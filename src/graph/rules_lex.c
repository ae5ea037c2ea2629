/* SPDX-License-Identifier: MIT
 *
 * The letters of rule files: lines and their indentation, names, and values with their `$`
 * escapes. The text is checked once as a whole, so that everything after may take it for clean
 * UTF-8.
 */
#include <string.h>

#include "graph/rules_internal.h"

static bool is_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '-' || c == '.';
}

/* RFC 3629, table of section 4: no overlong forms, no surrogates, nothing over U+10FFFF. */
size_t rules_utf8(const char *p, const char *end)
{
	const unsigned char *s = (const unsigned char *)p;
	size_t len = s[0] < 0x80 ? 1 : s[0] < 0xc2 ? 0 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;

	if (s[0] > 0xf4 || (size_t)(end - p) < len)
		return 0;
	for (size_t i = 1; i < len; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f))
		return 0;
	if ((s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	return len;
}

/* Where the line ends at p, the bytes of its end: LF or CR LF; else 0. */
static size_t newline_at(const struct rules_lex *x, size_t at)
{
	const char *t = x->src->text;

	if (at < x->src->len && t[at] == '\n')
		return 1;
	return at + 1 < x->src->len && t[at] == '\r' && t[at + 1] == '\n' ? 2 : 0;
}

static void next_line(struct rules_lex *x, size_t newline)
{
	x->at += newline;
	x->counted = x->at;
	x->column = 1;
	x->line++;
}

char rules_lex_peek(const struct rules_lex *x)
{
	return rules_lex_eol(x) ? 0 : x->src->text[x->at];
}

bool rules_lex_eol(const struct rules_lex *x)
{
	return x->at >= x->src->len || newline_at(x, x->at);
}

struct rules_pos rules_lex_pos(struct rules_lex *x)
{
	const char *t = x->src->text, *end = t + x->src->len;

	while (x->counted < x->at) {
		size_t len = rules_utf8(t + x->counted, end);

		x->counted += len ? len : 1;
		x->column++;
	}
	return (struct rules_pos){ .file = x->src->name, .line = x->line, .column = x->column };
}

static bool bad_byte(struct rules_lex *x, struct err *e)
{
	unsigned char c = (unsigned char)x->src->text[x->at];

	if (c == 0) {
		rules_err_at(x->rules, rules_lex_pos(x), e, "a NUL byte: this is no text file");
		return err_hint(e, "rule files are UTF-8 text; UTF-16 has such bytes");
	}
	if (c >= 0x80) {
		rules_err_at(x->rules, rules_lex_pos(x), e, "byte 0x%02x is not UTF-8", c);
		return err_hint(e, "save the file as UTF-8");
	}
	rules_err_at(x->rules, rules_lex_pos(x), e, "control character 0x%02x", c);
	return err_hint(e, c == '\r' ? "lines end with LF or CR LF" : "remove it");
}

bool rules_lex_open(struct rules_lex *x, struct rules *r, const struct rules_source *src,
		    struct err *e)
{
	const char *end = src->text + src->len;
	size_t start = src->len >= 3 && !memcmp(src->text, "\xef\xbb\xbf", 3) ? 3 : 0;
	struct rules_lex first = {
		.rules = r, .src = src, .at = start, .counted = start, .line = 1, .column = 1
	};

	*x = first;
	while (x->at < src->len) {
		size_t nl = newline_at(x, x->at), len = rules_utf8(src->text + x->at, end);
		unsigned char c = (unsigned char)src->text[x->at];

		if (nl)
			next_line(x, nl);
		else if (!len || (c < 0x20 && c != '\t') || c == 0x7f)
			return bad_byte(x, e);
		else
			x->at += len;
	}
	*x = first;
	return true;
}

bool rules_lex_line(struct rules_lex *x, int *indent, struct err *e)
{
	const char *t = x->src->text;

	for (*indent = -1; x->at < x->src->len; next_line(x, newline_at(x, x->at))) {
		size_t start = x->at, tab;

		while (x->at < x->src->len && (t[x->at] == ' ' || t[x->at] == '\t'))
			x->at++;
		if (!rules_lex_eol(x) && t[x->at] != '#') {
			for (tab = start; tab < x->at && t[tab] != '\t'; tab++)
				;
			*indent = (int)(x->at - start);
			if (tab == x->at)
				return true;
			x->at = tab;
			rules_err_at(x->rules, rules_lex_pos(x), e, "a tab in the indentation");
			return err_hint(e, "indent with spaces");
		}
		while (!rules_lex_eol(x))
			x->at++;
		if (x->at >= x->src->len)
			break;
	}
	return true;
}

void rules_lex_space(struct rules_lex *x)
{
	const char *t = x->src->text;

	while (x->at < x->src->len) {
		size_t nl = t[x->at] == '$' ? newline_at(x, x->at + 1) : 0;

		if (nl)
			next_line(x, nl + 1);
		else if (t[x->at] == ' ' || t[x->at] == '\t')
			x->at++;
		else
			break;
	}
}

const char *rules_lex_name(struct rules_lex *x)
{
	size_t start = x->at;

	while (x->at < x->src->len && is_name(x->src->text[x->at]))
		x->at++;
	if (x->at == start)
		return NULL;
	return arena_strndup(&x->rules->arena, x->src->text + start, x->at - start);
}

/* ---- values ---- */

struct value_builder {
	struct rules_lex *x;
	bool is_path;
	struct rules_pos pos, text_pos;
	struct strbuf text; /* plain text since the last variable */
	size_t keep;        /* bytes of it that are not white space at the end */
	VEC(struct rules_part) parts;
};

static void add_text(struct value_builder *b, const char *p, size_t len, bool keep)
{
	if (!b->text.len)
		b->text_pos = rules_lex_pos(b->x);
	strbuf_add(&b->text, p, len);
	if (keep)
		b->keep = b->text.len;
}

static void flush_text(struct value_builder *b)
{
	if (b->text.len)
		vec_push(&b->parts,
			 (struct rules_part){ .pos = b->text_pos,
					      .text = arena_strndup(&b->x->rules->arena,
								    b->text.buf, b->text.len) });
	strbuf_reset(&b->text);
	b->keep = 0;
}

/* `${name}` takes dots, `$name` does not, so that `$board.bin` means what it seems to. */
static bool lex_variable(struct value_builder *b, struct err *e)
{
	struct rules_lex *x = b->x;
	const char *t = x->src->text;
	struct rules_part part = { .is_var = true, .pos = rules_lex_pos(x) };
	bool braces = x->at + 1 < x->src->len && t[x->at + 1] == '{';
	size_t start = x->at + 1 + braces, end = start;

	while (end < x->src->len && is_name(t[end]) && (braces || t[end] != '.'))
		end++;
	if (end == start && !braces) {
		rules_err_at(x->rules, part.pos, e, "a '$' that starts nothing");
		return err_hint(e, "write '$$' for a dollar sign");
	}
	if (braces && (end == start || end == x->src->len || t[end] != '}')) {
		x->at = end;
		rules_err_at(x->rules, rules_lex_pos(x), e, "expected %s",
			     end == start ? "a variable's name after '${'" : "'}' after the name");
		return err_hint(e, "write '$$' for a dollar sign");
	}
	flush_text(b);
	part.text = arena_strndup(&x->rules->arena, t + start, end - start);
	vec_push(&b->parts, part);
	x->at = end + braces;
	return true;
}

static bool lex_dollar(struct value_builder *b, struct err *e)
{
	struct rules_lex *x = b->x;
	size_t nl = newline_at(x, x->at + 1);
	char c = x->at + 1 < x->src->len ? x->src->text[x->at + 1] : 0;

	if (nl) {
		next_line(x, nl + 1);
		while (rules_lex_peek(x) == ' ' || rules_lex_peek(x) == '\t')
			x->at++;
		return true;
	}
	if (c != '$' && c != ' ' && c != ':')
		return lex_variable(b, e);
	add_text(b, &c, 1, true);
	x->at += 2;
	return true;
}

static bool bad_quote(struct rules_lex *x, struct err *e)
{
	rules_err_at(x->rules, rules_lex_pos(x), e, "a quote in a build line");
	return err_hint(e, "quotes mean nothing here: write '$ ' for a space in a file's name");
}

static bool lex_parts(struct value_builder *b, struct err *e)
{
	struct rules_lex *x = b->x;

	while (!rules_lex_eol(x)) {
		char c = rules_lex_peek(x);
		bool space = c == ' ' || c == '\t';

		if (b->is_path && (space || c == ':' || c == '|'))
			break;
		if (b->is_path && (c == '\'' || c == '"'))
			return bad_quote(x, e);
		if (c == '$') {
			if (!lex_dollar(b, e))
				return false;
			continue;
		}
		add_text(b, &c, 1, !space);
		x->at++;
	}
	strbuf_set_len(&b->text, b->keep);
	flush_text(b);
	return true;
}

static bool lex_value(struct rules_lex *x, bool is_path, const struct rules_value **out,
		      struct err *e)
{
	struct value_builder b = { .x = x, .is_path = is_path, .text = STRBUF_INIT };
	bool ok;

	*out = NULL;
	rules_lex_space(x);
	b.pos = rules_lex_pos(x);
	ok = lex_parts(&b, e);
	if (ok && (b.parts.count || !is_path)) {
		struct rules_value *v = ARENA_NEW(&x->rules->arena, struct rules_value);
		struct rules_part *parts =
			ARENA_ARRAY(&x->rules->arena, struct rules_part, b.parts.count);

		if (b.parts.count)
			memcpy(parts, b.parts.items, b.parts.count * sizeof(*parts));
		*v = (struct rules_value){ b.pos, is_path, b.parts.count, parts };
		*out = v;
	}
	strbuf_free(&b.text);
	vec_free(&b.parts);
	return ok;
}

bool rules_lex_value(struct rules_lex *x, const struct rules_value **out, struct err *e)
{
	return lex_value(x, false, out, e);
}

const char *rules_lex_text(struct rules_lex *x)
{
	AUTO_STRBUF text = STRBUF_INIT;

	rules_lex_space(x);
	while (!rules_lex_eol(x)) {
		if (x->src->text[x->at] == '$' && newline_at(x, x->at + 1))
			rules_lex_space(x);
		else
			strbuf_addch(&text, x->src->text[x->at++]);
	}
	while (text.len && strchr(" \t", text.buf[text.len - 1]))
		strbuf_set_len(&text, text.len - 1);
	return arena_strdup(&x->rules->arena, text.buf);
}

bool rules_lex_path(struct rules_lex *x, const struct rules_value **out, struct err *e)
{
	return lex_value(x, true, out, e);
}
