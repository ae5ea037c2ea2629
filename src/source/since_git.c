/* SPDX-License-Identifier: MIT
 *
 * Changes since a commit, by libgit2: the difference of REF's tree to index and work tree. The index only makes that fast:
 * where it and the work tree disagree, the work tree is right, since that is what a build reads.
 */
#include <string.h>

#include "base/path.h"
#include "os/fs.h"
#include "source/git.h"
#include "source/since_internal.h"

struct walk {
	const struct since_reader *r;
	struct strbuf path;
};

static int on_tree_entry(const char *folder, const git_tree_entry *entry, void *payload)
{
	struct walk *w = payload;
	git_filemode_t mode = git.tree_entry_filemode(entry);

	if (mode != GIT_FILEMODE_TREE && mode != GIT_FILEMODE_COMMIT)
		return 0;
	strbuf_reset(&w->path);
	strbuf_addf(&w->path, "%s%s", folder, git.tree_entry_name(entry));
	since_add_folder(w->r, w->path.buf);
	return 0;
}

/* Whether the work tree has what REF has, whatever the index says of it. */
static bool is_as_then(const struct since_reader *r, const git_diff_file *then)
{
	AUTO_ARENA a = ARENA_INIT;
	AUTO_STRBUF text = STRBUF_INIT;
	AUTO_ERR ignored = ERR_INIT;
	const char *path = path_join(&a, r->root, then->path);
	struct fs_stat st;
	git_oid now;

	if (git.oid_is_zero(&then->id) || !fs_lstat(path, &st))
		return false;
	if (then->mode == GIT_FILEMODE_LINK)
		return st.type == FS_LINK && fs_read_link(path, &text, &ignored) &&
		       git.odb_hash(&now, text.buf, text.len, GIT_OBJECT_BLOB) == 0 &&
		       git.oid_equal(&now, &then->id);
	return st.type == FS_FILE &&
	       ((st.mode & 0100) != 0) == (then->mode == GIT_FILEMODE_BLOB_EXECUTABLE) &&
	       git.odb_hashfile(&now, path, GIT_OBJECT_BLOB) == 0 && git.oid_equal(&now, &then->id);
}

static bool is_repository(const git_diff_file *f)
{
	size_t len = f->path ? strlen(f->path) : 0;

	return f->mode == GIT_FILEMODE_COMMIT || (len && f->path[len - 1] == '/');
}

static bool add_repository(const struct since_reader *r, const git_diff_delta *d, struct err *e)
{
	char then[GIT_OID_HEXSZ + 1];
	AUTO_ARENA a = ARENA_INIT;
	const char *path = d->new_file.path ? d->new_file.path : d->old_file.path;

	if (d->old_file.mode != GIT_FILEMODE_COMMIT)
		return since_add_repository(r, path, NULL, e);
	/* One that was never checked out is no input of anybody, as long as it stays the same commit. */
	if (d->status != GIT_DELTA_DELETED && git.oid_equal(&d->old_file.id, &d->new_file.id) &&
	    !fs_exists(path_join(&a, path_join(&a, r->root, path), ".git")))
		return true;
	git.oid_tostr(then, sizeof(then), &d->old_file.id);
	return since_add_repository(r, path, then, e);
}

static bool add_delta(const struct since_reader *r, const git_diff_delta *d, struct err *e)
{
	AUTO_ARENA a = ARENA_INIT;
	const char *path = d->new_file.path ? d->new_file.path : d->old_file.path;
	struct fs_stat st;
	bool there = fs_lstat(path_join(&a, r->root, path), &st);
	bool was_file = (d->old_file.mode & 0170000) == 0100000;

	if (is_repository(&d->old_file) || is_repository(&d->new_file))
		return add_repository(r, d, e);
	switch (d->status) {
	case GIT_DELTA_ADDED:
	case GIT_DELTA_UNTRACKED:
	case GIT_DELTA_UNREADABLE:
		if (there)
			since_add(r, path, SINCE_ADDED, st.type == FS_FILE);
		return true;
	case GIT_DELTA_DELETED:
	case GIT_DELTA_MODIFIED:
	case GIT_DELTA_TYPECHANGE:
	case GIT_DELTA_CONFLICTED:
		if (is_as_then(r, &d->old_file))
			return true;
		if (!there)
			since_add(r, path, SINCE_REMOVED, was_file);
		else if (!d->old_file.mode)
			since_add(r, path, SINCE_ADDED, st.type == FS_FILE);
		else
			since_add(r, path,
				  (st.type == FS_FILE) == was_file ? SINCE_CHANGED : SINCE_TYPE,
				  st.type == FS_FILE && was_file);
		return true;
	default:
		return true;
	}
}

static bool add_diff(const struct since_reader *r, git_repository *repo, git_tree *tree,
		     struct err *e)
{
	git_diff_options opt;
	git_diff *diff = NULL;
	bool ok = true;

	git.diff_options_init(&opt, GIT_DIFF_OPTIONS_VERSION);
	opt.flags = GIT_DIFF_INCLUDE_UNTRACKED | GIT_DIFF_RECURSE_UNTRACKED_DIRS |
		    GIT_DIFF_INCLUDE_TYPECHANGE | GIT_DIFF_INCLUDE_UNREADABLE;
	opt.ignore_submodules = GIT_SUBMODULE_IGNORE_NONE;
	if (git.diff_tree_to_workdir_with_index(&diff, repo, tree, &opt) != 0)
		return err_set(e, "%s", git_message());
	for (size_t i = 0; ok && i < git.diff_num_deltas(diff); i++)
		ok = add_delta(r, git.diff_get_delta(diff, i), e);
	git.diff_free(diff);
	return ok;
}

/*
 * What the index says is not to be looked at ("assume unchanged", "skip worktree"), git's own difference leaves out. A build
 * reads it all the same, unless it was never checked out.
 */
static void add_if_changed(const struct since_reader *r, git_tree *tree, const char *path)
{
	AUTO_ARENA a = ARENA_INIT;
	git_tree_entry *entry = NULL;
	git_diff_file then = { .path = path };
	struct fs_stat st;

	if (!fs_lstat(path_join(&a, r->root, path), &st))
		return;
	if (git.tree_entry_bypath(&entry, tree, path) == 0) {
		then.id = *git.tree_entry_id(entry);
		then.mode = (uint16_t)git.tree_entry_filemode(entry);
	}
	if (!entry)
		since_add(r, path, SINCE_ADDED, st.type == FS_FILE);
	else if (then.mode != GIT_FILEMODE_COMMIT && !is_as_then(r, &then))
		since_add(r, path, SINCE_CHANGED, st.type == FS_FILE);
	git.tree_entry_free(entry);
}

static bool add_hidden(const struct since_reader *r, git_repository *repo, git_tree *tree,
		       struct err *e)
{
	git_index *index = git_open_index(repo);

	if (!index)
		return err_set(e, "%s", git_message());
	for (size_t i = 0; i < git.index_entrycount(index); i++) {
		const git_index_entry *entry = git.index_get_byindex(index, i);

		if ((entry->flags & GIT_INDEX_ENTRY_VALID) ||
		    (entry->flags_extended & GIT_INDEX_ENTRY_SKIP_WORKTREE))
			add_if_changed(r, tree, entry->path);
	}
	git_close_index(index);
	return true;
}

static bool add_folders(const struct since_reader *r, git_tree *tree, struct err *e)
{
	struct walk w = { .r = r, .path = STRBUF_INIT };
	bool ok = git.tree_walk(tree, GIT_TREEWALK_PRE, on_tree_entry, &w) == 0;

	strbuf_free(&w.path);
	return ok || err_set(e, "%s", git_message());
}

static void set_commit(const struct since_reader *r, git_repository *repo, const git_object *commit)
{
	char hex[GIT_OID_HEXSZ + 1];
	git_oid head;

	git.oid_tostr(hex, sizeof(hex), git.object_id(commit));
	since_set_commit(r, hex,
			 git.reference_name_to_id(&head, repo, "HEAD") == 0 &&
				 git.oid_equal(&head, git.object_id(commit)));
}

enum since_verdict since_by_library(const struct since_reader *r, const char *ref, struct err *e)
{
	git_repository *repo = git_open(r->root);
	git_object *named = NULL, *commit = NULL, *tree = NULL;
	enum since_verdict v = SINCE_NO_REF;

	if (!repo) {
		err_set(e, "libgit2 does not read it");
		return SINCE_NOT_READ;
	}
	if (git.revparse_single(&named, repo, ref) == 0 &&
	    git.object_peel(&commit, named, GIT_OBJECT_COMMIT) == 0 &&
	    git.object_peel(&tree, commit, GIT_OBJECT_TREE) == 0) {
		size_t before = r->out->changes.count;

		set_commit(r, repo, commit);
		v = add_folders(r, (git_tree *)tree, e) && add_diff(r, repo, (git_tree *)tree, e) &&
				    add_hidden(r, repo, (git_tree *)tree, e)
			    ? SINCE_READ
			    : SINCE_NOT_READ;
		if (v != SINCE_READ)
			r->out->changes.count = before;
	}
	git.object_free(tree);
	git.object_free(commit);
	git.object_free(named);
	git_close(repo);
	return v;
}
