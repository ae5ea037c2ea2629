/* SPDX-License-Identifier: MIT
 *
 * Words of an expanded text, by the quoting rules of sh (POSIX XCU 2.2) without its expansions.
 */
#include <string.h>

#include "graph/rules_internal.h"

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Inside double quotes a backslash is one, but before these. */
static bool is_escape(char c)
{
	return c == '"' || c == '\\' || c == '$' || c == '`';
}

/* One word at *p into out; *p goes behind it. NULL, or what is wrong with it. */
static const char *take_word(const char **p, struct strbuf *out)
{
	const char *s = *p;
	char quote = 0;

	for (; *s && (quote || !is_space(*s)); s++) {
		if (*s == quote)
			quote = 0;
		else if (!quote && (*s == '\'' || *s == '"'))
			quote = *s;
		else if (*s == '\\' && (!quote || (quote == '"' && is_escape(s[1])))) {
			if (!*++s)
				return "a backslash at the end";
			strbuf_addch(out, *s);
		} else {
			strbuf_addch(out, *s);
		}
	}
	*p = s;
	return quote == '"' ? "no closing \"" : quote ? "no closing '" : NULL;
}

static bool split(const char *text, struct arena *a, struct strv *out, const char **wrong)
{
	AUTO_STRBUF word = STRBUF_INIT;

	for (;;) {
		while (is_space(*text))
			text++;
		if (!*text)
			return true;
		strbuf_reset(&word);
		*wrong = take_word(&text, &word);
		if (*wrong)
			return false;
		vec_push(out, arena_strndup(a, word.buf, word.len));
	}
}

void rules_quote(struct strbuf *out, const char *word)
{
	if (*word && !strpbrk(word, " \t\n\r'\"\\")) {
		strbuf_adds(out, word);
		return;
	}
	strbuf_addch(out, '\'');
	for (; *word; word++) {
		if (*word == '\'')
			strbuf_adds(out, "'\\''");
		else
			strbuf_addch(out, *word);
	}
	strbuf_addch(out, '\'');
}

static bool bad_quotes(const struct rules *r, struct rules_pos pos, const char *what,
		       const char *text, struct err *e)
{
	rules_err_at(r, pos, e, "%s in: %s", what, text);
	return err_hint(e, "quotes and backslashes mean what they mean in sh");
}

static bool bad_words(const struct rules_env *env, struct rules_pos pos, const char *what,
		      const char *text, struct err *e)
{
	while (env->outer)
		env = env->outer;
	return bad_quotes(env->rules, pos, what, text, e);
}

bool rules_text_words(const struct rules *r, const struct rules_text *t, struct arena *a,
		      struct strv *out, struct err *e)
{
	const char *wrong;

	return split(t->text, a, out, &wrong) || bad_quotes(r, t->text_pos, wrong, t->text, e);
}

bool rules_get_words(const struct rules_env *env, const char *name, struct arena *a,
		     struct strv *out, struct err *e)
{
	const char *text, *wrong;
	struct rules_pos pos;

	if (!rules_get(env, name, a, &text, e))
		return false;
	if (!text || split(text, a, out, &wrong))
		return true;
	pos = rules_value_pos(rules_lookup(env, name)->value);
	return bad_words(env, pos, wrong, text, e);
}

bool rules_expand_words(const struct rules_env *env, const struct rules_value *v, struct arena *a,
			struct strv *out, struct err *e)
{
	const char *text, *wrong;

	if (!rules_expand_quoted(env, v, a, &text, e))
		return false;
	if (split(text, a, out, &wrong))
		return true;
	return bad_words(env, v->pos, wrong, text, e);
}
