/* SPDX-License-Identifier: MIT
 *
 * Questions in the place of words.
 */
#include "cmd/ask.h"

#include <string.h>

#include "base/strbuf.h"

enum { MOST_TOLD = 40 };

bool ask_is_wanted(const struct strv *words)
{
	for (size_t i = 0; i < words->count; i++)
		if (strcmp(words->items[i], "?") == 0)
			return true;
	return false;
}

/* A question that nobody can be asked here: the answers there are. */
static bool tell_choices(const char *option, const struct strv *choices, struct err *e)
{
	AUTO_STRBUF list = STRBUF_INIT;

	for (size_t i = 0; i < choices->count && i < MOST_TOLD; i++)
		strbuf_addf(&list, "%s%s", i ? ", " : "", choices->items[i]);
	if (choices->count > MOST_TOLD)
		strbuf_addf(&list, " and %zu others", choices->count - MOST_TOLD);
	err_usage(e, "%s ? cannot ask here; name what you want", option);
	return err_hint(e, "there is %s", list.len ? list.buf : "nothing to choose from");
}

/* The words without "?". */
static void drop_question(struct strv *words)
{
	size_t kept = 0;

	for (size_t i = 0; i < words->count; i++)
		if (strcmp(words->items[i], "?") != 0)
			words->items[kept++] = words->items[i];
	words->count = kept;
}

bool ask_words(const struct choose_question *q, const struct strv *choices, struct strv *words,
	       struct arena *a, struct err *e)
{
	struct choice *items = ARENA_ARRAY(a, struct choice, choices->count + 1);
	size_t *chosen = ARENA_ARRAY(a, size_t, choices->count + 1), number;

	if (!choose_can_ask())
		return tell_choices(q->instead, choices, e);
	for (size_t i = 0; i < choices->count; i++)
		items[i] = (struct choice){ .name = choices->items[i] };
	if (!choose(q, items, choices->count, chosen, &number, e))
		return false;
	drop_question(words);
	for (size_t i = 0; i < number; i++)
		vec_push(words, choices->items[chosen[i]]);
	return true;
}
