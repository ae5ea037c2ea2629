/* SPDX-License-Identifier: MIT
 *
 * The boards of a tree without git, from its files.
 */
#include "base/path.h"
#include "base/xalloc.h"
#include "library/boards_reading.h"
#include "os/fs.h"
#include "source/stamp.h"
#include "source/tree.h"

static bool read_folder(struct reading *r, const char *dir, struct board_files *files)
{
	struct fs_list list = { 0 };
	bool ok = fs_list(&list, dir, r->e);

	for (size_t i = 0; ok && i < list.count; i++) {
		AUTO_STRBUF text = STRBUF_INIT;
		struct board_file f = { .name = arena_strdup(r->arena, list.names[i]) };

		if (!board_file_counts(f.name))
			continue;
		ok = fs_read(&text, path_join(r->arena, dir, f.name), BOARD_FILE_MAX, r->e);
		f.text = arena_strndup(r->arena, text.buf, text.len);
		vec_push(files, f);
	}
	fs_list_free(&list);
	return ok;
}

static bool take_board_dir(struct reading *r, const struct board *b)
{
	struct board_files files = { 0 };
	bool ok = read_folder(r, b->dir, &files);

	if (ok && profile_is_board(&files))
		ok = profile_put(r, profile_make(r, &files), b->port, b->id);
	vec_free(&files);
	return ok;
}

static bool take_pseudo_dir(struct reading *r, const struct board *b)
{
	const char *dir = path_join(r->arena, b->dir, "variants");
	struct strv names = { 0 };
	struct fs_list list = { 0 };
	bool ok = fs_list(&list, dir, r->e);

	for (size_t i = 0; ok && i < list.count; i++)
		if (list.types[i] == FS_DIR)
			vec_push(&names, arena_strdup(r->arena, list.names[i]));
	fs_list_free(&list);
	ok = ok && profile_put_pseudo(r, b->port, &names);
	vec_free(&names);
	return ok;
}

bool boards_of_files(struct reading *r, const char *root)
{
	struct tree tree = { 0 };
	struct stamp stamp;
	struct version v;
	struct catalogue *c = NULL;
	bool ok = tree_open(&tree, root, r->e) && stamp_read(&tree, &stamp, r->e) &&
		  (c = catalogue_open(tree.root, NULL, r->e)) != NULL;

	if (ok && !version_parse(&v, stamp.tag))
		ok = err_set(r->e, "%s does not say which version it is", root);
	if (ok) {
		r->version = r->out->newest = boards_version(r, &v);
		r->out->versions = 1;
	}
	for (size_t i = 0; ok && i < catalogue_count(c); i++) {
		const struct board *b = catalogue_at(c, i);

		if (b->port)
			ok = b->pseudo ? take_pseudo_dir(r, b) : take_board_dir(r, b);
	}
	catalogue_close(c);
	tree_close(&tree);
	return ok;
}
