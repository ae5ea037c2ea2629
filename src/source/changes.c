/* SPDX-License-Identifier: MIT
 *
 * Changed files by status, then their contents; see changes.h.
 */
#include "source/changes.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/path.h"
#include "base/vec.h"
#include "os/fs.h"
#include "source/git.h"
#include "source/git_program.h"

enum { MAX_DEPTH = 8 }; /* submodules in submodules */
static const size_t MAX_FILE = (size_t)4 << 30;

struct changes {
	struct hasher *hash;
	size_t count;
	int depth;
};

/* One repository: its commit and the paths that changed. */
struct status {
	struct arena arena;
	struct strv paths; /* relative to the work tree; a repository inside may end with '/' */
	char head[65];     /* hex; "" when there is no commit yet */
};

static void status_free(struct status *st)
{
	vec_free(&st->paths);
	arena_free(&st->arena);
}

/* --- by libgit2 ------------------------------------------------------------------------------------------- */

static void take_head(git_repository *repo, struct status *st)
{
	git_oid id;

	if (git.reference_name_to_id(&id, repo, "HEAD") == 0)
		git.oid_tostr(st->head, sizeof(st->head), &id);
}

static bool status_by_library(const char *root, struct status *st)
{
	git_repository *repo = git_open(root);
	git_status_options opt;
	git_status_list *list = NULL;

	if (!repo)
		return false;
	git.status_options_init(&opt, GIT_STATUS_OPTIONS_VERSION);
	opt.flags = GIT_STATUS_OPT_INCLUDE_UNTRACKED | GIT_STATUS_OPT_RECURSE_UNTRACKED_DIRS |
		    GIT_STATUS_OPT_SORT_CASE_SENSITIVELY;
	if (git.status_list_new(&list, repo, &opt) != 0) {
		git_close(repo);
		return false;
	}
	for (size_t i = 0; i < git.status_list_entrycount(list); i++) {
		const git_status_entry *entry = git.status_byindex(list, i);
		const git_diff_delta *d =
			entry->index_to_workdir ? entry->index_to_workdir : entry->head_to_index;

		vec_push(&st->paths, arena_strdup(&st->arena, d->new_file.path ? d->new_file.path
									       : d->old_file.path));
	}
	take_head(repo, st);
	git.status_list_free(list);
	git_close(repo);
	return true;
}

/* --- by the program --------------------------------------------------------------------------------------- */

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* "XY path" each, ended by NUL. A warning of git's may stand before the first one. */
static void take_status(const struct strbuf *text, struct status *st)
{
	const char *p = text->buf, *end = text->buf + text->len, *line;

	line = strrchr(p, '\n');
	for (p = line ? line + 1 : p; p < end; p += strlen(p) + 1)
		if (strlen(p) > 3)
			vec_push(&st->paths, arena_strdup(&st->arena, p + 3));
	if (st->paths.count)
		qsort((void *)st->paths.items, st->paths.count, sizeof(*st->paths.items), by_bytes);
}

static bool status_by_program(const char *root, struct status *st, struct err *e)
{
	static const char *const status[] = {
		"status",       "--porcelain=v1",           "-z", "--untracked-files=all",
		"--no-renames", "--ignore-submodules=none", NULL
	};
	static const char *const head[] = { "rev-parse", "--verify", "HEAD", NULL };
	AUTO_STRBUF text = STRBUF_INIT, id = STRBUF_INIT;
	AUTO_ERR no_commit = ERR_INIT;

	if (!git_program(root, status, &text, e))
		return false;
	take_status(&text, st);
	if (git_program(root, head, &id, &no_commit) && strcspn(id.buf, "\n") < sizeof(st->head))
		memcpy(st->head, id.buf, strcspn(id.buf, "\n"));
	return true;
}

/* --- contents --------------------------------------------------------------------------------------------- */

static bool add_all(const char *root, const struct status *st, struct changes *c, struct err *e);

static bool read_status(const char *root, struct status *st, struct err *e)
{
	return status_by_library(root, st) || status_by_program(root, st, e);
}

/* A submodule, or a repository that nobody made one, stands for its commit and its own changes. */
static bool add_repository(const char *path, struct changes *c, struct err *e)
{
	AUTO_ARENA a = ARENA_INIT;
	struct status st = { 0 };
	bool ok;

	if (c->depth >= MAX_DEPTH || !fs_exists(path_join(&a, path, ".git")))
		return true;
	c->depth++;
	ok = read_status(path, &st, e);
	if (ok) {
		hasher_str(c->hash, st.head);
		ok = add_all(path, &st, c, e);
	}
	c->depth--;
	status_free(&st);
	return ok;
}

static bool add_change(const char *root, const char *path, struct changes *c, struct err *e)
{
	AUTO_ARENA a = ARENA_INIT;
	AUTO_STRBUF bytes = STRBUF_INIT;
	AUTO_ERR ignored = ERR_INIT; /* a deleted or unreadable file counts by its name */
	char *full = path_join(&a, root, path);
	struct digest content;
	struct fs_stat st;

	c->count++;
	hasher_str(c->hash, path);
	if (!fs_lstat(full, &st))
		return true;
	if (st.type == FS_DIR)
		return add_repository(full, c, e);
	if (st.type == FS_LINK && fs_read_link(full, &bytes, &ignored)) {
		hasher_str(c->hash, bytes.buf);
	} else if (st.type == FS_FILE && fs_read(&bytes, full, MAX_FILE, &ignored)) {
		content = digest_of(bytes.buf, bytes.len);
		hasher_digest(c->hash, &content);
	}
	return true;
}

static bool add_all(const char *root, const struct status *st, struct changes *c, struct err *e)
{
	for (size_t i = 0; i < st->paths.count; i++)
		if (!add_change(root, st->paths.items[i], c, e))
			return false;
	return true;
}

bool changes_add(const char *root, struct hasher *h, size_t *count, struct err *e)
{
	struct changes c = { .hash = h };
	struct status st = { 0 };
	bool ok = read_status(root, &st, e) && add_all(root, &st, &c, e);

	status_free(&st);
	*count = c.count;
	return ok || err_wrap(e, "cannot tell what changed in %s", root);
}
