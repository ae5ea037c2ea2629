/* SPDX-License-Identifier: MIT
 *
 * A reader of the small part of make's language that compilers write. What it does not know it refuses: an object
 * whose dependencies were half understood would be kept when it must not be.
 */
#include "build/depfile.h"

#include <string.h>

#include "base/strbuf.h"

struct reader {
	const char *at, *end;
	struct strbuf word;
	bool colon; /* the word ended with the ':' of a rule */
};

static size_t newline_at(const struct reader *r, const char *p)
{
	if (p < r->end && *p == '\n')
		return 1;
	return r->end - p >= 2 && p[0] == '\r' && p[1] == '\n' ? 2 : 0;
}

/* Blanks, and line ends after a backslash. */
static void skip_blanks(struct reader *r)
{
	size_t len;

	while (r->at < r->end)
		if (*r->at == ' ' || *r->at == '\t')
			r->at++;
		else if (*r->at == '\\' && (len = newline_at(r, r->at + 1)) > 0)
			r->at += 1 + len;
		else
			return;
}

static bool is_blank_or_end(const struct reader *r, const char *p)
{
	return p >= r->end || *p == ' ' || *p == '\t' || newline_at(r, p);
}

/* True for "\ ", "\#" and "$$": the second character alone is meant. */
static bool is_escape(const struct reader *r)
{
	if (r->end - r->at < 2)
		return false;
	return (r->at[0] == '\\' && (r->at[1] == ' ' || r->at[1] == '#')) ||
	       (r->at[0] == '$' && r->at[1] == '$');
}

/* The next word of a line; an empty one at its end. */
static void next_word(struct reader *r)
{
	strbuf_reset(&r->word);
	r->colon = false;
	skip_blanks(r);
	while (!is_blank_or_end(r, r->at)) {
		if (*r->at == '\\' && newline_at(r, r->at + 1))
			return;
		if (*r->at == ':' && is_blank_or_end(r, r->at + 1)) {
			r->at++;
			r->colon = true;
			return;
		}
		if (is_escape(r))
			r->at++;
		strbuf_addch(&r->word, *r->at++);
	}
}

/* One line, which may go on after backslashes. `deps` NULL: it must have none. */
static bool read_rule(struct reader *r, struct arena *a, struct strv *deps, struct err *e)
{
	bool targets = true;
	size_t count = 0, len;

	for (;;) {
		next_word(r);
		if (r->colon && !targets)
			return err_set(e, "a rule with two colons");
		count += r->word.len > 0;
		if (!targets && r->word.len) {
			if (!deps)
				return err_set(e, "a second rule");
			vec_push(deps, arena_strdup(a, r->word.buf));
		}
		if (r->colon && !count)
			return err_set(e, "a rule without a target");
		targets = targets && !r->colon;
		if (!r->word.len && !r->colon)
			break;
	}
	if (count && targets)
		return err_set(e, "a line without a colon");
	len = newline_at(r, r->at);
	r->at += len;
	return len || !count || err_set(e, "it ends in the middle of a line");
}

bool depfile_parse(struct arena *a, const char *text, size_t len, struct strv *deps, struct err *e)
{
	struct reader r = { .at = text, .end = text + len, .word = STRBUF_INIT };
	size_t before = deps->count;
	bool ok = !memchr(text, '\0', len) || err_set(e, "it holds a NUL byte");

	while (ok && r.at < r.end && deps->count == before)
		ok = read_rule(&r, a, deps, e);
	while (ok && r.at < r.end)
		ok = read_rule(&r, a, NULL, e);
	if (ok && deps->count == before)
		ok = err_set(e, "no rule in it");
	strbuf_free(&r.word);
	return ok;
}
