/* SPDX-License-Identifier: MIT
 *
 * From what a user types to a board: [PORT/]BOARD[-VARIANT], and helpful words when that names none
 * or several.
 */
#include <string.h>

#include "base/strbuf.h"
#include "base/suggest.h"
#include "board/catalogue_internal.h"

struct found {
	struct board_choice *items;
	size_t count, cap;
};

/* A name taken apart; `port` is NULL when none was typed. */
struct query {
	struct catalogue *c;
	const char *port, *name;
	struct arena *tmp;
};

static bool is_port(const struct catalogue *c, const char *name)
{
	for (size_t i = 0; i < c->ports.count; i++)
		if (strcmp(c->ports.items[i], name) == 0)
			return true;
	return false;
}

static bool in_port(const struct board *b, const char *port)
{
	return !port || !b->port || strcmp(b->port, port) == 0;
}

/* The boards of that id, without a variant. */
static void find_id(const struct query *q, const char *id, struct found *out)
{
	for (size_t i = 0; i < q->c->boards.count; i++) {
		struct board *b = q->c->boards.items[i];

		if (strcmp(b->id, id) == 0 && in_port(b, q->port))
			vec_push(out, (struct board_choice){ b, NULL });
	}
}

/*
 * With a port typed there can still be two: the tree's board and one from outside whose port was
 * not known until now.
 */
static void prefer_outside(const struct query *q, struct found *f)
{
	for (size_t i = 0; q->port && f->count > 1 && i < f->count; i++) {
		if (!f->items[i].board->port) {
			f->items[0] = f->items[i];
			f->count = 1;
		}
	}
}

/* Keeps those that have the variant. */
static bool keep_variant(struct found *f, const char *variant, struct err *e)
{
	size_t kept = 0;

	for (size_t i = 0; i < f->count; i++) {
		const struct board_variant *v;

		if (!board_load(f->items[i].board, e))
			return false;
		v = board_find_variant(f->items[i].board, variant);
		if (v)
			f->items[kept++] = (struct board_choice){ f->items[i].board, v->name };
	}
	f->count = kept;
	return true;
}

static void join_variants(const struct board *b, struct strbuf *out)
{
	for (size_t i = 0; i < b->variants.count; i++)
		strbuf_addf(out, "%s%s", i ? ", " : "", b->variants.items[i].name);
}

static bool unknown_variant(const struct query *q, struct board *b, const char *variant,
			    struct err *e)
{
	AUTO_STRBUF names = STRBUF_INIT;
	struct strv candidates = { 0 };

	if (!board_load(b, e))
		return false;
	join_variants(b, &names);
	err_set(e, "board '%s' has no variant '%s'; it has %s%s", b->id, variant,
		names.len ? "" : "none", names.buf);
	for (size_t i = 0; i < b->variants.count; i++)
		vec_push(&candidates,
			 arena_printf(q->tmp, "%s-%s", b->id, b->variants.items[i].name));
	if (!suggest_hint(e, arena_printf(q->tmp, "%s-%s", b->id, variant), candidates.items,
			  candidates.count))
		err_hint(e, "name the board alone: '%s'", b->id);
	vec_free(&candidates);
	return false;
}

/*
 * Splits off variants, the longest board name first. An unknown variant of a known board is an
 * error.
 */
static bool find_with_variant(const struct query *q, struct found *out, struct err *e)
{
	struct board *nearest = NULL;
	const char *unknown = NULL;

	for (size_t i = strlen(q->name); i-- > 0;) {
		if (q->name[i] != '-' || !q->name[i + 1])
			continue;
		find_id(q, arena_strndup(q->tmp, q->name, i), out);
		if (out->count && !nearest) {
			nearest = out->items[0].board;
			unknown = q->name + i + 1;
		}
		if (!keep_variant(out, q->name + i + 1, e))
			return false;
		if (out->count)
			return true;
	}
	return nearest ? unknown_variant(q, nearest, unknown, e) : true;
}

static bool unknown_port(const struct query *q, struct err *e)
{
	AUTO_STRBUF names = STRBUF_INIT;

	err_set(e, "no port '%s' in this tree", q->port);
	if (suggest_hint(e, q->port, q->c->ports.items, q->c->ports.count))
		return false;
	for (size_t i = 0; i < q->c->ports.count; i++)
		strbuf_addf(&names, "%s%s", i ? ", " : "", q->c->ports.items[i]);
	return err_hint(e, "its ports are: %s", names.len ? names.buf : "none");
}

/* All names to suggest from, each once. */
static void board_names(const struct query *q, const char *port, struct strv *out)
{
	for (size_t i = 0; i < q->c->boards.count; i++) {
		const struct board *b = q->c->boards.items[i];
		bool known = false;

		for (size_t k = 0; k < out->count && !known; k++)
			known = strcmp(out->items[k], b->id) == 0;
		if (!known && in_port(b, port))
			vec_push(out, b->id);
	}
}

/* The name is a port's. */
static void hint_port(const struct query *q, struct err *e)
{
	struct strv names = { 0 };

	board_names(q, q->name, &names);
	if (names.count)
		err_hint(e, "'%s' is a port: '%s/all' stands for all of its boards", q->name,
			 q->name);
	else
		err_hint(e, "'%s' is a port, but has no boards that could be built", q->name);
	vec_free(&names);
}

static void hint_board(const struct query *q, struct err *e)
{
	struct found elsewhere = { 0 };
	struct query any = *q;
	struct strv names = { 0 };
	size_t head = strcspn(q->name, "-");

	any.port = NULL;
	find_id(&any, q->name, &elsewhere);
	board_names(q, q->port, &names);
	if (elsewhere.count && elsewhere.items[0].board->port)
		err_hint(e, "port '%s' has it: '%s/%s'", elsewhere.items[0].board->port,
			 elsewhere.items[0].board->port, q->name);
	else if (!q->port && is_port(q->c, q->name))
		hint_port(q, e);
	else if (!suggest_hint(e, q->name, names.items, names.count) &&
		 !suggest_hint(e, arena_strndup(q->tmp, q->name, head), names.items, names.count))
		err_hint(e, "`mpflash boards` lists the boards");
	vec_free(&names);
	vec_free(&elsewhere);
}

static bool unknown_board(const struct query *q, struct err *e)
{
	if (q->port && !is_port(q->c, q->port))
		return unknown_port(q, e);
	if (q->port)
		err_set(e, "port '%s' has no board '%s'", q->port, q->name);
	else
		err_set(e, "no board '%s' in this tree", q->name);
	hint_board(q, e);
	return false;
}

static bool several(const struct query *q, const struct found *f, struct err *e)
{
	AUTO_STRBUF names = STRBUF_INIT;

	for (size_t i = 0; i < f->count; i++)
		strbuf_addf(&names, "%s'%s/%s'",
			    !i                  ? ""
			    : i + 1 == f->count ? " and "
						: ", ",
			    f->items[i].board->port ? f->items[i].board->port : "PORT", q->name);
	err_set(e, "several ports have a board '%s': %s", q->name, names.buf);
	return err_hint(e, "name the port too, as in '%s/%s'",
			f->items[0].board->port ? f->items[0].board->port : "PORT", q->name);
}

/*
 * A board outside gets its port from the user where its files do not say it; a port must be in the
 * tree.
 */
static bool settle_port(const struct query *q, struct board *b, struct err *e)
{
	if (!b->port && !q->port) {
		err_set(e, "cannot tell which port board '%s' (%s) is for", b->id, b->dir);
		return err_hint(e, "name the port too: 'PORT/%s', for example 'stm32/%s'", q->name,
				q->name);
	}
	if (!b->port) {
		if (q->c->root && !is_port(q->c, q->port))
			return unknown_port(q, e);
		b->port = arena_strdup(&q->c->arena, q->port);
	}
	if (!q->c->root || is_port(q->c, b->port))
		return true;
	err_set(e, "board '%s' (%s) is for port '%s', which this tree does not have", b->id, b->dir,
		b->port);
	return err_hint(e, "name another tree with --mpy DIR");
}

static bool choose(const struct query *q, const struct found *f, struct board_choice *out,
		   struct err *e)
{
	if (!f->count)
		return unknown_board(q, e);
	if (f->count > 1)
		return several(q, f, e);
	*out = f->items[0];
	if (!settle_port(q, out->board, e) || !board_load(out->board, e))
		return false;
	if (!out->variant)
		out->variant = out->board->default_variant;
	return true;
}

bool catalogue_find(struct catalogue *c, const char *name, struct board_choice *out, struct err *e)
{
	AUTO_ARENA tmp = ARENA_INIT;
	struct query q = { .c = c, .name = name, .tmp = &tmp };
	const char *slash = strchr(name, '/');
	struct found f = { 0 };
	bool ok = true;

	if (slash) {
		q.port = arena_strndup(&tmp, name, (size_t)(slash - name));
		q.name = slash + 1;
	}
	find_id(&q, q.name, &f);
	if (!f.count)
		ok = find_with_variant(&q, &f, e);
	prefer_outside(&q, &f);
	ok = ok && choose(&q, &f, out, e);
	vec_free(&f);
	return ok;
}

static bool add_all(struct board *b, struct board_choices *out, struct err *e)
{
	if (!board_load(b, e))
		return false;
	if (!b->default_variant)
		vec_push(out, (struct board_choice){ b, NULL });
	for (size_t i = 0; i < b->variants.count; i++)
		vec_push(out, (struct board_choice){ b, b->variants.items[i].name });
	return true;
}

bool catalogue_all(struct catalogue *c, const char *port, struct board_choices *out, struct err *e)
{
	AUTO_ARENA tmp = ARENA_INIT;
	const struct query q = { .c = c, .port = port, .tmp = &tmp };
	bool ok = true;

	if (port && !is_port(c, port))
		return unknown_port(&q, e);
	for (size_t i = 0; ok && i < c->boards.count; i++) {
		struct board *b = c->boards.items[i];

		if (b->port && in_port(b, port) && (!c->root || is_port(c, b->port)))
			ok = add_all(b, out, e);
	}
	return ok;
}
