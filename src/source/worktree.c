/* SPDX-License-Identifier: MIT
 *
 * Making, sharing and forgetting worktrees; see worktree.h.
 */
#include "source/worktree.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/path.h"
#include "base/xalloc.h"
#include "os/clock.h"
#include "os/fs.h"
#include "source/git_program.h"
#include "source/gitdir.h"

enum { NAME_DIGITS = 16, STATE_MAX = 4096 };

/* In the folder of a repository's worktrees: where that repository is. */
static const char register_name[] = "repository";

static const int64_t hour_ns = 3600 * INT64_C(1000000000);

/* What NAME.state says when the worktree is whole. */
static const char *state_text(struct repository *r, const char *commit)
{
	return arena_printf(&r->arena, "%s\n%s\n", commit, r->common);
}

/* The repository still has it on its register: one that was removed and cloned anew has not. */
static bool is_registered(struct repository *r, const struct worktree *w)
{
	AUTO_STRBUF back = STRBUF_INIT;
	AUTO_ERR ignored = ERR_INIT;
	struct gitdir g;

	return gitdir_find(&g, w->path, &r->arena) &&
	       fs_read(&back, path_join(&r->arena, g.own, "gitdir"), STATE_MAX, &ignored) &&
	       strcmp(back.buf, arena_printf(&r->arena, "%s/.git\n", w->path)) == 0;
}

static bool is_whole(struct repository *r, const struct worktree *w, const char *commit)
{
	AUTO_STRBUF text = STRBUF_INIT;
	AUTO_ERR ignored = ERR_INIT;

	return fs_is_dir(w->path) && is_registered(r, w) &&
	       fs_read(&text, arena_printf(&r->arena, "%s.state", w->path), STATE_MAX, &ignored) &&
	       strcmp(text.buf, state_text(r, commit)) == 0;
}

static bool add(struct repository *r, const struct worktree *w, const char *commit, struct err *e)
{
	/*
	 * --force twice: one that is registered and gone may even have been locked. All of it, where the user's own checkout
	 * is a sparse one.
	 */
	const char *const words[] = { "-c",       "core.sparseCheckout=false",
				      "worktree", "add",
				      "--force",  "--force",
				      "--detach", w->path,
				      commit,     NULL };
	const char *state = arena_printf(&r->arena, "%s.state", w->path), *text;
	AUTO_STRBUF said = STRBUF_INIT;

	repository_say(r, "checking out %.10s", commit);
	if (!fs_remove_tree(state, e) || !fs_remove_tree(w->path, e) ||
	    !git_program_work(r->dir, words, (struct git_work){ 0 }, &said, e) ||
	    !git_program_has_all(w->path, e)) {
		err_wrap(e, "cannot check out %.10s", commit);
		return e->hint ? false
			       : err_hint(e, "the disk may be full, or the repository be damaged: "
					     "`git fsck` tells");
	}
	text = state_text(r, commit);
	return fs_write_atomic(state, text, strlen(text), 0666, e);
}

static bool write_register(struct repository *r, struct err *e)
{
	const char *path = path_join(&r->arena, r->folder, register_name);

	return fs_mkdirs(r->folder, e) &&
	       (fs_exists(path) || fs_write_atomic(path, r->common, strlen(r->common), 0666, e));
}

/* The lock file's date is that of the last use; an hour more or less is nothing to write for. */
static void touch(const char *lock)
{
	struct fs_stat st;

	if (fs_lstat(lock, &st) && clock_now_ns() - st.mtime_ns > hour_ns)
		fs_touch(lock);
}

/* With the lock for ourselves. */
static bool make_or_take(struct repository *r, struct worktree *w, const char *commit,
			 struct err *e)
{
	if (!is_whole(r, w, commit) && !add(r, w, commit, e)) {
		lock_release(&w->lock);
		return false;
	}
	lock_share(&w->lock);
	return true;
}

/* Others have the lock: they build in it, or they make it. */
static bool share(struct repository *r, struct worktree *w, const char *lock, const char *commit,
		  const char *holder, struct err *e)
{
	if (is_whole(r, w, commit)) {
		if (!lock_wait(&w->lock, lock, true, e))
			return false;
		if (is_whole(r, w, commit))
			return true;
		lock_release(&w->lock);
	} else {
		repository_say(r, "waiting for %s", holder);
	}
	return lock_wait(&w->lock, lock, false, e) && make_or_take(r, w, commit, e);
}

bool worktree_open(struct worktree *w, struct repository *r, const char *commit, bool *missing,
		   struct err *e)
{
	const char *lock;
	AUTO_STRBUF holder = STRBUF_INIT;
	bool taken;

	*w = (struct worktree){ .lock = LOCK_INIT };
	w->path = arena_printf(&r->arena, "%s/%.*s", r->folder, NAME_DIGITS, commit);
	lock = arena_printf(&r->arena, "%s.lock", w->path);
	*missing = r->dry && !is_whole(r, w, commit);
	if (r->dry) {
		lock_join(&w->lock, lock);
		return true;
	}
	if (!write_register(r, e) ||
	    !lock_try(&w->lock, lock, arena_printf(&r->arena, "checks out %.10s", commit), &taken,
		      &holder, e) ||
	    !(taken ? make_or_take(r, w, commit, e) : share(r, w, lock, commit, holder.buf, e)))
		return false;
	touch(lock);
	return true;
}

void worktree_close(struct worktree *w)
{
	lock_release(&w->lock);
}

/* --- forgetting ------------------------------------------------------------------------------------------------ */

/* One registration (COMMON/worktrees/NAME): forgotten when it leads to a folder of ours that is gone. */
static void forget_one(const char *common, const char *name, const char *folder)
{
	AUTO_ARENA a = ARENA_INIT;
	AUTO_STRBUF text = STRBUF_INIT, said = STRBUF_INIT;
	AUTO_ERR ignored = ERR_INIT;
	const char *dir = path_join(&a, path_join(&a, common, "worktrees"), name), *below;

	if (!fs_read(&text, path_join(&a, dir, "gitdir"), STATE_MAX, &ignored))
		return;
	text.buf[strcspn(text.buf, "\n")] = '\0';
	below = path_below(text.buf, folder);
	if (!below || !*below || fs_exists(text.buf))
		return;
	const char *const words[] = {
		"worktree", "remove", "--force", "--force", path_dir(&a, text.buf), NULL
	};

	if (!git_program_work(common, words, (struct git_work){ 0 }, &said, &ignored)) {
		err_free(&ignored);
		fs_remove_tree(dir, &ignored); /* which is all that git does */
	}
}

static void forget_gone(const char *folder)
{
	AUTO_ARENA a = ARENA_INIT;
	AUTO_STRBUF common = STRBUF_INIT;
	AUTO_ERR ignored = ERR_INIT;
	AUTO_FREE char *real = fs_realpath(folder);
	struct fs_list list;

	if (!real || !fs_read(&common, path_join(&a, folder, register_name), STATE_MAX, &ignored))
		return;
	if (fs_list(&list, path_join(&a, common.buf, "worktrees"), &ignored))
		for (size_t i = 0; i < list.count; i++)
			forget_one(common.buf, list.names[i], real);
	fs_list_free(&list);
}

void worktrees_forget(const char *work_root)
{
	AUTO_ARENA a = ARENA_INIT;
	AUTO_ERR ignored = ERR_INIT;
	struct fs_list list;

	if (fs_list(&list, work_root, &ignored))
		for (size_t i = 0; i < list.count; i++)
			if (strncmp(list.names[i], "repo-", 5) == 0)
				forget_gone(path_join(&a, work_root, list.names[i]));
	fs_list_free(&list);
}
