/* SPDX-License-Identifier: MIT
 *
 * Lists boards: folders of the tree's ports, pseudo boards of ports that only have variants, and
 * boards from outside.
 */
#include "board/catalogue.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "base/xalloc.h"
#include "board/catalogue_internal.h"
#include "os/fs.h"

bool catalogue_is_name(const char *s)
{
	size_t len = strlen(s);

	if (!len || len > 100 || *s == '.' || *s == '-')
		return false;
	for (size_t i = 0; i < len; i++)
		if (!strchr("_-+.", s[i]) &&
		    !(isalnum((unsigned char)s[i]) && (unsigned char)s[i] < 0x80))
			return false;
	return true;
}

bool catalogue_is_board(const char *dir)
{
	static const char *const files[] = { "board.json", "mpconfigboard.mk",
					     "mpconfigboard.cmake" };
	AUTO_ARENA tmp = ARENA_INIT;

	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		if (fs_exists(path_join(&tmp, dir, files[i])))
			return true;
	return false;
}

static struct board *new_board(struct catalogue *c, const char *port, const char *id,
			       const char *dir)
{
	struct board *b = ARENA_NEW(&c->arena, struct board);

	b->port = port ? arena_strdup(&c->arena, port) : NULL;
	b->id = arena_strdup(&c->arena, id);
	b->dir = arena_strdup(&c->arena, dir);
	b->catalogue = c;
	vec_push(&c->owned, b);
	return b;
}

static bool may_be_folder(const struct fs_list *list, size_t i)
{
	return list->types[i] == FS_DIR || list->types[i] == FS_LINK;
}

/* Adds the boards below `boards`; how many they were goes to *count. */
static bool scan_boards(struct catalogue *c, const char *port, const char *boards, size_t *count,
			struct err *e)
{
	AUTO_ARENA tmp = ARENA_INIT;
	struct fs_list list = { 0 };

	*count = 0;
	if (!fs_is_dir(boards))
		return true;
	if (!fs_list(&list, boards, e))
		return false;
	for (size_t i = 0; i < list.count; i++) {
		const char *dir = path_join(&tmp, boards, list.names[i]);

		if (!may_be_folder(&list, i) || !catalogue_is_name(list.names[i]) ||
		    !catalogue_is_board(dir))
			continue;
		vec_push(&c->boards, new_board(c, port, list.names[i], dir));
		++*count;
	}
	fs_list_free(&list);
	return true;
}

static bool has_variants(const char *variants)
{
	AUTO_ARENA tmp = ARENA_INIT;
	AUTO_ERR ignored = ERR_INIT; /* what cannot be listed has none */
	struct fs_list list = { 0 };
	bool found = false;

	if (!fs_is_dir(variants) || !fs_list(&list, variants, &ignored))
		return false;
	for (size_t i = 0; !found && i < list.count; i++)
		found = may_be_folder(&list, i) &&
			fs_exists(arena_printf(&tmp, "%s/%s/mpconfigvariant.mk", variants,
					       list.names[i]));
	fs_list_free(&list);
	return found;
}

static bool scan_port(struct catalogue *c, const char *ports, const char *name, struct err *e)
{
	AUTO_ARENA tmp = ARENA_INIT;
	const char *dir = path_join(&tmp, ports, name);
	const char *port = arena_strdup(&c->arena, name);
	size_t count;

	if (!scan_boards(c, port, path_join(&tmp, dir, "boards"), &count, e))
		return false;
	vec_push(&c->ports, port);
	if (!count && has_variants(path_join(&tmp, dir, "variants"))) {
		struct board *b = new_board(c, port, port, dir);

		b->pseudo = true;
		vec_push(&c->boards, b);
	}
	return true;
}

static bool scan_tree(struct catalogue *c, struct err *e)
{
	const char *ports = path_join(&c->arena, c->root, "ports");
	struct fs_list list = { 0 };
	bool ok = true;

	if (!fs_list(&list, ports, e))
		return false;
	for (size_t i = 0; ok && i < list.count; i++)
		if (may_be_folder(&list, i) && catalogue_is_name(list.names[i]))
			ok = scan_port(c, ports, list.names[i], e);
	fs_list_free(&list);
	return ok;
}

static bool same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

/*
 * Puts a board from outside into the list: it replaces one of the tree; a folder of the tree itself
 * is there already.
 */
static bool place_outside(struct catalogue *c, struct board *b, struct err *e)
{
	for (size_t i = 0; i < c->boards.count; i++) {
		struct board *other = c->boards.items[i];

		if (strcmp(other->dir, b->dir) == 0)
			return true;
		if (!same_text(other->port, b->port) || strcmp(other->id, b->id) != 0)
			continue;
		if (other->outside)
			return err_set(e, "two folders are board '%s': %s and %s", b->id,
				       other->dir, b->dir);
		c->boards.items[i] = b;
		return true;
	}
	vec_push(&c->boards, b);
	return true;
}

static bool add_outside(struct catalogue *c, const char *dir, struct err *e)
{
	struct board *b = new_board(c, NULL, path_base(dir), dir);

	if (!catalogue_is_name(b->id)) {
		err_set(e, "board folder '%s': make cannot take its name", dir);
		return err_hint(e, "a board's name is letters, digits, '_', '-', '+' and '.'");
	}
	b->outside = true;
	return board_load(b, e) && catalogue_guess_port(c, b, &b->port, e) &&
	       place_outside(c, b, e);
}

/* The boards in a folder of boards. */
static bool scan_outside(struct catalogue *c, const char *dir, struct err *e)
{
	AUTO_ARENA tmp = ARENA_INIT;
	struct fs_list list = { 0 };
	bool ok = fs_list(&list, dir, e);
	size_t found = 0;

	for (size_t i = 0; ok && i < list.count; i++) {
		const char *sub = path_join(&tmp, dir, list.names[i]);

		if (!may_be_folder(&list, i) || !catalogue_is_board(sub))
			continue;
		ok = add_outside(c, sub, e);
		found++;
	}
	fs_list_free(&list);
	if (!ok || found)
		return ok;
	err_set(e, "no board in '%s'", dir);
	return err_hint(e, "a board is a folder with board.json, mpconfigboard.mk or .cmake");
}

static bool open_outside(struct catalogue *c, const char *given, struct err *e)
{
	AUTO_FREE char *dir = fs_realpath(given);

	if (!dir || !fs_is_dir(dir)) {
		err_set(e, "board folder '%s': no such folder", given);
		return err_hint(e, "--board-dir wants a board's folder, or a folder of boards");
	}
	return catalogue_is_board(dir) ? add_outside(c, dir, e) : scan_outside(c, dir, e);
}

static int by_port_and_id(const void *a, const void *b)
{
	const struct board *x = *(struct board *const *)a, *y = *(struct board *const *)b;
	int order = 0;

	if (!x->port || !y->port)
		order = !x->port - !y->port;
	else
		order = strcmp(x->port, y->port);
	return order ? order : strcmp(x->id, y->id);
}

struct catalogue *catalogue_open(const char *tree_root, const struct strv *board_dirs,
				 struct err *e)
{
	struct catalogue *c = xcalloc(1, sizeof(*c));
	bool ok = true;

	if (tree_root) {
		c->root = arena_strdup(&c->arena, tree_root);
		ok = scan_tree(c, e);
	}
	for (size_t i = 0; ok && board_dirs && i < board_dirs->count; i++)
		ok = open_outside(c, board_dirs->items[i], e);
	if (!ok) {
		catalogue_close(c);
		return NULL;
	}
	if (c->boards.count)
		qsort(c->boards.items, c->boards.count, sizeof(*c->boards.items), by_port_and_id);
	return c;
}

void catalogue_close(struct catalogue *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->owned.count; i++) {
		vec_free(&c->owned.items[i]->variants);
		vec_free(&c->owned.items[i]->deploy);
		vec_free(&c->owned.items[i]->images);
		vec_free(&c->owned.items[i]->features);
	}
	vec_free(&c->owned);
	vec_free(&c->boards);
	vec_free(&c->ports);
	board_json_close(&c->json);
	arena_free(&c->arena);
	free(c);
}

size_t catalogue_count(const struct catalogue *c)
{
	return c->boards.count;
}

struct board *catalogue_at(const struct catalogue *c, size_t i)
{
	return c->boards.items[i];
}

const struct strv *catalogue_ports(const struct catalogue *c)
{
	return &c->ports;
}
