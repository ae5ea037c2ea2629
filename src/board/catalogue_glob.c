/* SPDX-License-Identifier: MIT
 *
 * Patterns in the place of a board's name: stm32/NUCLEO_*, *PICO*.
 */
#include <fnmatch.h>
#include <string.h>

#include "base/strbuf.h"
#include "base/suggest.h"
#include "board/catalogue_internal.h"

bool catalogue_is_glob(const char *text)
{
	return strpbrk(text, "*?[") != NULL;
}

/* "PYBV11-DP", as a user names it. */
static void add_name(const struct board_choice *b, struct strbuf *out)
{
	strbuf_addf(out, "%s%s%s", b->board->id, b->variant ? "-" : "",
		    b->variant ? b->variant : "");
}

bool catalogue_fits(const struct board_choice *b, const char *pattern)
{
	AUTO_STRBUF name = STRBUF_INIT;

	if (strchr(pattern, '/'))
		strbuf_addf(&name, "%s/", b->board->port ? b->board->port : "");
	add_name(b, &name);
	return fnmatch(pattern, name.buf, FNM_PATHNAME) == 0;
}

/* What of a pattern is no pattern, for near names: "stm32/NUCLE0_*" -> "NUCLE0_". */
static void strip(const char *pattern, struct strbuf *out)
{
	const char *slash = strrchr(pattern, '/');

	for (const char *p = slash ? slash + 1 : pattern; *p; p++)
		if (!strchr("*?[]", *p))
			strbuf_addch(out, *p);
}

/* Names as long as what was typed are compared: a pattern's "NUCLE0_" is near to "NUCLEO_". */
static bool hint_near(const struct board_choices *all, const char *typed, struct err *e)
{
	AUTO_ARENA a = ARENA_INIT;
	struct strv heads = { 0 };
	const char *near;
	bool found = false;

	for (size_t i = 0; i < all->count; i++)
		vec_push(&heads, arena_strndup(&a, all->items[i].board->id, strlen(typed)));
	near = *typed ? suggest_nearest(typed, heads.items, heads.count) : NULL;
	for (size_t i = 0; near && !found && i < heads.count; i++) {
		found = heads.items[i] == near;
		if (found)
			err_hint(e, "did you mean '%s*', as in '%s/%s'?", near,
				 all->items[i].board->port, all->items[i].board->id);
	}
	vec_free(&heads);
	return found;
}

static bool nothing_fits(const struct board_choices *all, const char *pattern, struct err *e)
{
	AUTO_STRBUF typed = STRBUF_INIT;
	AUTO_ARENA a = ARENA_INIT;
	struct strv names = { 0 };

	strip(pattern, &typed);
	for (size_t i = 0; i < all->count; i++) {
		AUTO_STRBUF name = STRBUF_INIT;

		add_name(&all->items[i], &name);
		vec_push(&names, arena_strdup(&a, name.buf));
	}
	err_set(e, "no board fits '%s'", pattern);
	if (!hint_near(all, typed.buf, e) && !suggest_hint(e, typed.buf, names.items, names.count))
		err_hint(e, "`mpflash boards` lists the boards");
	vec_free(&names);
	return false;
}

bool catalogue_glob(struct catalogue *c, const char *pattern, struct board_choices *out,
		    struct err *e)
{
	AUTO_ARENA a = ARENA_INIT;
	struct board_choices all = { 0 };
	const char *slash = strchr(pattern, '/');
	char *port = slash ? arena_strndup(&a, pattern, (size_t)(slash - pattern)) : NULL;
	bool ok = catalogue_all(c, port && !catalogue_is_glob(port) ? port : NULL, &all, e);

	for (size_t i = 0; ok && i < all.count; i++)
		if (catalogue_fits(&all.items[i], pattern))
			vec_push(out, all.items[i]);
	if (ok && !out->count)
		ok = nothing_fits(&all, pattern, e);
	vec_free(&all);
	return ok;
}
