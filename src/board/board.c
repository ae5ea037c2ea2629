/* SPDX-License-Identifier: MIT
 *
 * One board: what its board.json says and which variants its folder has.
 */
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "board/catalogue_internal.h"
#include "os/fs.h"

const struct board_variant *board_find_variant(const struct board *b, const char *name)
{
	for (size_t i = 0; i < b->variants.count; i++)
		if (strcmp(b->variants.items[i].name, name) == 0)
			return &b->variants.items[i];
	return NULL;
}

static void add_variant(struct board *b, const char *name, size_t len)
{
	struct arena *a = &b->catalogue->arena;
	struct board_variant variant = { .name = arena_strndup(a, name, len), .text = "" };

	if (catalogue_is_name(variant.name) && !board_find_variant(b, variant.name))
		vec_push(&b->variants, variant);
}

/* mpconfigvariant_<name>.mk or .cmake; mpconfigvariant.mk is the board without a variant. */
static bool variants_from_files(struct board *b, struct err *e)
{
	static const char prefix[] = "mpconfigvariant_";
	struct fs_list list = { 0 };

	if (!fs_list(&list, b->dir, e))
		return false;
	for (size_t i = 0; i < list.count; i++) {
		const char *name = list.names[i], *ext = path_ext(name);
		size_t start = sizeof(prefix) - 1;

		if (strncmp(name, prefix, start) == 0 &&
		    (strcmp(ext, "mk") == 0 || strcmp(ext, "cmake") == 0))
			add_variant(b, name + start, strlen(name) - start - strlen(ext) - 1);
	}
	fs_list_free(&list);
	return true;
}

/* variants/<name>/mpconfigvariant.mk of a port without boards. */
static bool variants_from_folders(struct board *b, struct err *e)
{
	AUTO_ARENA tmp = ARENA_INIT;
	const char *dir = path_join(&tmp, b->dir, "variants");
	struct fs_list list = { 0 };

	if (!fs_list(&list, dir, e))
		return false;
	for (size_t i = 0; i < list.count; i++) {
		const char *name = list.names[i];

		if (fs_exists(arena_printf(&tmp, "%s/%s/mpconfigvariant.mk", dir, name)))
			add_variant(b, name, strlen(name));
	}
	fs_list_free(&list);
	return true;
}

static int by_name(const void *a, const void *b)
{
	const struct board_variant *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static void sort_variants(struct board *b)
{
	size_t kept = 0;

	if (b->variants.count)
		qsort(b->variants.items, b->variants.count, sizeof(*b->variants.items), by_name);
	/* JSON may name a member twice. */
	for (size_t i = 0; i < b->variants.count; i++)
		if (!kept || by_name(&b->variants.items[kept - 1], &b->variants.items[i]) != 0)
			b->variants.items[kept++] = b->variants.items[i];
	b->variants.count = kept;
}

bool board_load(struct board *b, struct err *e)
{
	struct catalogue *c = b->catalogue;
	const char *json = path_join(&c->arena, b->dir, "board.json");

	if (b->loaded)
		return true;
	/* of an attempt that failed */
	b->variants.count = b->deploy.count = b->images.count = b->features.count = 0;
	if (b->pseudo) {
		if (!variants_from_folders(b, e))
			return false;
	} else if ((fs_exists(json) && !board_json_read(&c->json, json, b, &c->arena, e)) ||
		   !variants_from_files(b, e)) {
		return false;
	}
	sort_variants(b);
	/* VARIANT ?= standard in the makefiles of unix, webassembly and windows. */
	if (b->pseudo && board_find_variant(b, "standard"))
		b->default_variant = "standard";
	b->loaded = true;
	return true;
}
