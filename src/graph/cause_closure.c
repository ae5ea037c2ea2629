/* SPDX-License-Identifier: MIT
 *
 * Causes from a closure: what the last success read, listed or looked for in vain, and is not so any more.
 */
#include <string.h>

#include "base/path.h"
#include "graph/cause.h"
#include "graph/closure.h"

static void count_entries(const struct closure *c, struct causes *out)
{
	for (size_t i = 0; i < c->entries.count; i++)
		switch (c->entries.items[i].kind) {
		case MANIFEST_ABSENT:
			out->absent++;
			break;
		case MANIFEST_LISTING:
		case MANIFEST_FOLDER:
			out->folders++;
			break;
		default:
			out->files++;
		}
}

/* NULL for no digest. */
static const char *hex_of(struct session *s, const struct digest *d)
{
	char hex[DIGEST_HEX_SIZE];

	if (digest_is_zero(d))
		return NULL;
	digest_hex(d, hex);
	return arena_strdup(&s->arena, hex);
}

/* What is told of a path already: that a file is new says that its name is. */
static bool is_told(const struct causes *out, const char *name)
{
	for (size_t i = 0; i < out->items.count; i++)
		if (strcmp(out->items.items[i].name, name) == 0)
			return true;
	return false;
}

/* Of a name as listing_text gives it; a link is told like a file, a folder with its '/'. */
static void add_name(struct session *s, const char *dir, const char *listed, const char *change,
		     struct causes *out)
{
	size_t len = strlen(listed);
	bool marked = listed[len - 1] == '/' || listed[len - 1] == '@';
	const char *plain = arena_strndup(&s->arena, listed, len - marked);
	const char *path = strcmp(dir, ".") == 0 ? plain : path_join(&s->arena, dir, plain);

	if (is_told(out, path))
		return;
	vec_push(&out->items,
		 (struct cause){
			 .kind = "name",
			 .name = listed[len - 1] == '/' ? arena_printf(&s->arena, "%s/", path)
							: path,
			 .change = change,
		 });
}

/* The names in `names` that `others` has not; both are sorted, each name ended by a NUL. */
static void add_names_without(struct session *s, const char *dir, const struct strbuf *names,
			      const struct strbuf *others, const char *change, struct causes *out)
{
	const char *other = others->buf, *end = others->buf + others->len;

	for (const char *p = names->buf; p < names->buf + names->len; p += strlen(p) + 1) {
		while (other < end && strcmp(other, p) < 0)
			other += strlen(other) + 1;
		if (other >= end || strcmp(other, p) != 0)
			add_name(s, dir, p, change, out);
	}
}

static void add_listing(struct session *s, const struct closure_change *change, struct causes *out)
{
	AUTO_STRBUF then = STRBUF_INIT, now = STRBUF_INIT;
	const char *dir = change->change.path;

	if (closure_text_then(s, MANIFEST_LISTING, &change->was, &then) &&
	    closure_text_now(s, dir, MANIFEST_LISTING, &now)) {
		add_names_without(s, dir, &now, &then, "is new", out);
		add_names_without(s, dir, &then, &now, "is gone", out);
		return;
	}
	vec_push(&out->items, (struct cause){
				      .kind = "folder",
				      .name = arena_printf(&s->arena, "the names in %s", dir),
				      .change = "changed",
				      .old = hex_of(s, &change->was),
				      .new = hex_of(s, &change->now),
			      });
}

/* A link that leads elsewhere, or a file where a folder or a link was. */
static void fill_link(struct session *s, const struct closure_change *change, struct cause *c)
{
	AUTO_STRBUF then = STRBUF_INIT, now = STRBUF_INIT;

	c->kind = "link";
	c->change = "changed";
	if (closure_text_then(s, MANIFEST_LINK, &change->was, &then))
		c->old = arena_strdup(&s->arena, then.buf);
	if (closure_text_now(s, change->change.path, MANIFEST_LINK, &now))
		c->new = arena_strdup(&s->arena, now.buf);
}

static struct cause cause_of(struct session *s, const struct closure_change *change)
{
	struct cause c = {
		.kind = "file",
		.name = arena_strdup(&s->arena, change->change.path),
		.change = "changed",
		.old = hex_of(s, &change->was),
		.new = hex_of(s, &change->now),
	};

	switch (change->change.kind) {
	case CHANGE_ADDED:
		c.change = "is new";
		c.old = "absent";
		break;
	case CHANGE_REMOVED:
		c.change = "was removed";
		c.new = "absent";
		break;
	case CHANGE_LINK:
		fill_link(s, change, &c);
		break;
	case CHANGE_CONTENT:
	case CHANGE_LISTING:
	case CHANGE_MPY_CROSS:
		break;
	}
	return c;
}

/* Files first: what is told of them need not be told of their names. */
static void add_changes(struct session *s, const struct closure_changes *changes,
			struct causes *out)
{
	for (size_t i = 0; i < changes->items.count; i++)
		if (changes->items.items[i].change.kind != CHANGE_LISTING)
			vec_push(&out->items, cause_of(s, &changes->items.items[i]));
	for (size_t i = 0; i < changes->items.count; i++)
		if (changes->items.items[i].change.kind == CHANGE_LISTING)
			add_listing(s, &changes->items.items[i], out);
}

void causes_add_closure(struct session *s, const struct store_last *last, struct causes *out)
{
	struct closure_changes changes = { 0 };
	struct closure c = { 0 };
	AUTO_ERR ignored = ERR_INIT; /* a cause that cannot be told is no failure of the build */
	bool found = false;

	out->traced = true;
	out->no_closure = !closure_get(s, &last->weak, &last->key, &c, &found, &ignored) || !found;
	count_entries(&c, out);
	if (closure_compare(s, &c, SIZE_MAX, &changes, &ignored))
		add_changes(s, &changes, out);
	vec_free(&changes.items);
	closure_free(&c);
}
