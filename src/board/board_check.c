/* SPDX-License-Identifier: MIT
 *
 * Reads board.json once more, member by member: what board_load passes over is what this looks at.
 */
#include "board/board_check.h"

#include <ctype.h>
#include <string.h>

#include "base/path.h"
#include "board/board_json.h"
#include "board/catalogue_internal.h"
#include "board/deploy.h"
#include "os/fs.h"

enum { MEMBERS = 9 };

/* The members that MicroPython's own tools read; `wanted`: every board has them. */
static const struct {
	const char *name, *type, *words;
	bool wanted, filled;
} members[MEMBERS] = {
	{ "mcu", "text", "a string", true, true },
	{ "product", "text", "a string", true, true },
	{ "vendor", "text", "a string", true, true },
	{ "url", "text", "a string", true, false },
	{ "docs", "text", "a string", false, false },
	{ "images", "array", "a list", true, false },
	{ "deploy", "array", "a list", true, false },
	{ "features", "array", "a list", true, false },
	{ "variants", "object", "an object", false, false },
};

struct checking {
	struct board *board;
	struct board_findings *out;
	const char *file;
	int seen[MEMBERS];
	struct strbuf nested[MEMBERS]; /* JSON of lists and objects */
	const char *list;              /* the name of the one that is looked at */
	struct strv names;             /* in it, so far */
};

static struct arena *arena_of(struct checking *k)
{
	return &k->board->catalogue->arena;
}

static void add(struct checking *k, bool error, const char *text)
{
	vec_push(k->out, (struct board_finding){ error, k->file, text });
}

static const char *clean(struct checking *k, const char *text)
{
	return board_json_clean(arena_of(k), text);
}

/* --- members -------------------------------------------------------------------------------------------------- */

static bool on_member(void *ctx, const struct board_member *m, struct err *e)
{
	struct checking *k = ctx;
	struct arena *a = arena_of(k);

	(void)e;
	for (size_t i = 0; i < MEMBERS; i++) {
		if (strcmp(members[i].name, m->key) != 0)
			continue;
		if (k->seen[i]++)
			add(k, true, arena_printf(a, "\"%s\" is there twice", members[i].name));
		if (strcmp(members[i].type, m->type) != 0) {
			add(k, true,
			    arena_printf(a, "\"%s\" is not %s", members[i].name, members[i].words));
			continue;
		}
		if (members[i].filled && !*m->value)
			add(k, true, arena_printf(a, "\"%s\" is empty", members[i].name));
		strbuf_reset(&k->nested[i]);
		strbuf_adds(&k->nested[i], m->value);
	}
	return true;
}

static void check_members(struct checking *k)
{
	for (size_t i = 0; i < MEMBERS; i++)
		if (members[i].wanted && !k->seen[i])
			add(k, true,
			    arena_printf(arena_of(k), "\"%s\" is missing", members[i].name));
}

/* --- lists ---------------------------------------------------------------------------------------------------- */

/* A picture of the media repository: a plain name that ends as pictures do. */
static bool is_picture(const char *name)
{
	static const char *const types[] = { "jpg", "jpeg", "png", "svg", "webp" };
	char type[8] = "";
	size_t n = 0;

	for (const char *s = path_ext(name); *s && n + 1 < sizeof(type); s++)
		type[n++] = (char)tolower((unsigned char)*s);
	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (strcmp(type, types[i]) == 0)
			return path_is_name(name) && *name != '.' && !strchr(name, '\\');
	return false;
}

static void check_item(struct checking *k, const char *name)
{
	struct arena *a = arena_of(k);
	const char *why;

	if (strcmp(k->list, "images") == 0 && !is_picture(name))
		add(k, true,
		    arena_printf(a, "\"images\": '%s' is no name of a picture", clean(k, name)));
	if (strcmp(k->list, "deploy") == 0 && !deploy_path(k->board, name, a, &why))
		add(k, true, arena_printf(a, "\"deploy\": '%s' %s", clean(k, name), why));
}

static bool on_item(void *ctx, const struct board_member *m, struct err *e)
{
	struct checking *k = ctx;
	struct arena *a = arena_of(k);

	(void)e;
	if (strcmp(m->type, "text") != 0 || !*m->value) {
		add(k, true, arena_printf(a, "\"%s\": item %s is no text", k->list, m->key));
		return true;
	}
	for (size_t i = 0; i < k->names.count; i++)
		if (strcmp(k->names.items[i], m->value) == 0)
			add(k, false,
			    arena_printf(a, "\"%s\": '%s' is there twice", k->list,
					 clean(k, m->value)));
	vec_push(&k->names, arena_strdup(a, m->value));
	check_item(k, m->value);
	return true;
}

/* --- variants ------------------------------------------------------------------------------------------------- */

static bool has_variant_file(const struct board *b, const char *name)
{
	AUTO_ARENA tmp = ARENA_INIT;

	return fs_exists(arena_printf(&tmp, "%s/mpconfigvariant_%s.mk", b->dir, name)) ||
	       fs_exists(arena_printf(&tmp, "%s/mpconfigvariant_%s.cmake", b->dir, name));
}

static bool on_variant(void *ctx, const struct board_member *m, struct err *e)
{
	struct checking *k = ctx;
	struct arena *a = arena_of(k);

	(void)e;
	vec_push(&k->names, arena_strdup(a, m->key));
	if (!catalogue_is_name(m->key))
		add(k, true, arena_printf(a, "variant '%s' is no name", clean(k, m->key)));
	else if (!has_variant_file(k->board, m->key))
		add(k, true,
		    arena_printf(a, "variant '%s' has no mpconfigvariant_%s.mk or .cmake", m->key,
				 m->key));
	if (strcmp(m->type, "text") != 0 || !*m->value)
		add(k, false, arena_printf(a, "variant '%s' has no description", clean(k, m->key)));
	return true;
}

/* Those of files that board.json does not name: nobody can download them. */
static void check_unnamed(struct checking *k)
{
	AUTO_ERR ignored = ERR_INIT; /* told already: board.json cannot be read */

	if (!board_load(k->board, &ignored))
		return;
	for (size_t i = 0; i < k->board->variants.count; i++) {
		const char *name = k->board->variants.items[i].name;
		bool named = false;

		for (size_t n = 0; n < k->names.count && !named; n++)
			named = strcmp(k->names.items[n], name) == 0;
		if (!named)
			add(k, false,
			    arena_printf(arena_of(k), "\"variants\" does not name '%s'", name));
	}
}

/* --- the board ------------------------------------------------------------------------------------------------ */

static bool check_nested(struct checking *k, size_t i, struct err *e)
{
	board_member_fn *each = strcmp(members[i].type, "object") == 0 ? on_variant : on_item;
	const struct strbuf *text = &k->nested[i];

	if (strcmp(members[i].type, "text") == 0 || !text->len)
		return true;
	k->list = members[i].name;
	k->names.count = 0;
	if (!board_json_walk(&k->board->catalogue->json, text, each, k, e))
		return false;
	if (!k->names.count && strcmp(k->list, "images") == 0)
		add(k, false, "\"images\" names no picture");
	return true;
}

static bool check_file(struct checking *k, struct err *e)
{
	AUTO_STRBUF text = STRBUF_INIT;
	struct board_json *j = &k->board->catalogue->json;
	bool ok =
		board_json_text(j, k->file, &text, e) && board_json_walk(j, &text, on_member, k, e);

	if (ok)
		check_members(k);
	/* The variants come last: their names are compared with those of files. */
	for (size_t i = 0; ok && i < MEMBERS; i++)
		ok = check_nested(k, i, e);
	if (ok && !k->nested[MEMBERS - 1].len)
		k->names.count = 0;
	return ok;
}

void board_check(struct board *b, struct board_findings *out)
{
	struct checking k = { .board = b, .out = out };
	AUTO_ERR e = ERR_INIT;

	if (b->pseudo)
		return;
	for (size_t i = 0; i < MEMBERS; i++)
		k.nested[i] = (struct strbuf)STRBUF_INIT;
	k.file = path_join(arena_of(&k), b->dir, "board.json");
	if (!fs_exists(k.file)) {
		k.file = b->dir;
		add(&k, false, "there is no board.json");
	} else if (check_file(&k, &e)) {
		check_unnamed(&k);
	} else {
		add(&k, true, clean(&k, e.msg));
	}
	for (size_t i = 0; i < MEMBERS; i++)
		strbuf_free(&k.nested[i]);
	vec_free(&k.names);
}
