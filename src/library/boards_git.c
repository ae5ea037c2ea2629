/* SPDX-License-Identifier: MIT
 *
 * The boards of a version, from git's objects. Most boards' folders are the same from one version to the next, and are read
 * once.
 */
#include <string.h>

#include "base/xalloc.h"
#include "library/boards_reading.h"

static bool is_pseudo(const char *port)
{
	return strcmp(port, "unix") == 0 || strcmp(port, "webassembly") == 0 ||
	       strcmp(port, "windows") == 0;
}

typedef int entry_fn(struct reading *r, const git_tree_entry *entry, void *ctx);

struct visit {
	struct reading *r;
	entry_fn *fn;
	void *ctx;
};

/* Entries of the folder itself: what is below is passed over. */
static int on_entry(const char *root, const git_tree_entry *entry, void *ctx)
{
	const struct visit *v = ctx;

	if (*root)
		return 1;
	return v->fn(v->r, entry, v->ctx) < 0 ? -1 : 1;
}

/* Calls fn for each entry of the tree; it returns -1 to stop. */
static void each_entry(struct reading *r, const git_oid *id, entry_fn *fn, void *ctx)
{
	struct visit v = { r, fn, ctx };
	git_object *tree;

	if (git.object_lookup(&tree, r->repo, id, GIT_OBJECT_TREE) != 0) {
		r->failed = true;
		err_set(r->e, "%s", git_message());
		return;
	}
	git.tree_walk((git_tree *)tree, GIT_TREEWALK_PRE, on_entry, &v);
	git.object_free(tree);
}

static bool is_folder(const git_tree_entry *entry)
{
	return git.tree_entry_filemode(entry) == GIT_FILEMODE_TREE;
}

static int take_file(struct reading *r, const git_tree_entry *entry, void *ctx)
{
	struct board_files *files = ctx;
	const char *name = git.tree_entry_name(entry);
	git_blob *blob;

	if (!board_file_counts(name) ||
	    git.blob_lookup(&blob, r->repo, git.tree_entry_id(entry)) != 0)
		return 0;
	if (git.blob_rawsize(blob) <= BOARD_FILE_MAX) {
		struct board_file f = { arena_strdup(r->arena, name),
					arena_strndup(r->arena, git.blob_rawcontent(blob),
						      (size_t)git.blob_rawsize(blob)) };

		vec_push(files, f);
	}
	git.blob_free(blob);
	return 0;
}

/* NULL: the folder is no board. */
static struct profile *profile_of(struct reading *r, const git_oid *id)
{
	char hex[GIT_OID_HEXSZ + 1];
	struct board_files files = { 0 };
	struct profile *p;

	git.oid_tostr(hex, sizeof(hex), id);
	p = map_get(&r->profiles, hex);
	if (p)
		return p;
	each_entry(r, id, take_file, &files);
	if (profile_is_board(&files)) {
		p = profile_make(r, &files);
		map_put(&r->profiles, arena_strdup(r->arena, hex), p);
	}
	vec_free(&files);
	return p;
}

static int take_board(struct reading *r, const git_tree_entry *entry, void *ctx)
{
	const char *port = ctx;
	const char *name = arena_strdup(r->arena, git.tree_entry_name(entry));
	const struct profile *p = is_folder(entry) ? profile_of(r, git.tree_entry_id(entry)) : NULL;

	if (p)
		profile_put(r, p, port, name);
	return r->failed ? -1 : 0;
}

static int take_variant(struct reading *r, const git_tree_entry *entry, void *ctx)
{
	struct strv *variants = ctx;

	if (is_folder(entry))
		vec_push(variants, arena_strdup(r->arena, git.tree_entry_name(entry)));
	return 0;
}

/* The folder `name` in a tree; false: there is none. */
struct wanted_folder {
	const char *name;
	git_oid id;
	bool found;
};

static int find_folder(struct reading *r, const git_tree_entry *entry, void *ctx)
{
	struct wanted_folder *w = ctx;

	(void)r;
	if (!is_folder(entry) || strcmp(git.tree_entry_name(entry), w->name) != 0)
		return 0;
	w->id = *git.tree_entry_id(entry);
	w->found = true;
	return -1;
}

static int take_port(struct reading *r, const git_tree_entry *entry, void *ctx)
{
	struct wanted_folder boards = { .name = "boards" }, variants = { .name = "variants" };
	char *port = arena_strdup(r->arena, git.tree_entry_name(entry));
	struct strv names = { 0 };

	(void)ctx;
	if (!is_folder(entry))
		return 0;
	each_entry(r, git.tree_entry_id(entry), find_folder, &boards);
	if (boards.found)
		each_entry(r, &boards.id, take_board, port);
	if (is_pseudo(port) && !r->failed) {
		each_entry(r, git.tree_entry_id(entry), find_folder, &variants);
		if (variants.found)
			each_entry(r, &variants.id, take_variant, &names);
		profile_put_pseudo(r, port, &names);
	}
	vec_free(&names);
	return r->failed ? -1 : 0;
}

bool boards_of_commit(struct reading *r, const char *commit, const char *version)
{
	const char *spec = arena_printf(r->arena, "%s^{commit}:ports", commit);
	git_object *ports;

	if (git.revparse_single(&ports, r->repo, spec) != 0)
		return true;
	r->version = version;
	r->out->versions++;
	each_entry(r, git.object_id(ports), take_port, NULL);
	git.object_free(ports);
	if (r->failed)
		err_wrap(r->e, "read the boards of %s", version);
	return !r->failed;
}
