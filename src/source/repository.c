/* SPDX-License-Identifier: MIT
 *
 * The user's repository, or a clone of ours; see repository.h.
 */
#include "source/repository.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/path.h"
#include "base/xalloc.h"
#include "os/clock.h"
#include "os/fs.h"
#include "os/lock.h"
#include "source/address.h"
#include "source/git.h"
#include "source/git_program.h"
#include "source/gitdir.h"

#define UPSTREAM "https://github.com/micropython/micropython"

enum { KEY_DIGITS = 12 };

static const int64_t hour_ns = 3600 * INT64_C(1000000000);

static const char *short_name(struct arena *a, const char *text)
{
	struct digest d = digest_of(text, strlen(text));
	char hex[DIGEST_HEX_SIZE];

	digest_hex(&d, hex);
	return arena_strndup(a, hex, KEY_DIGITS);
}

static void set_folder(struct repository *r, const char *work_root)
{
	r->folder =
		arena_printf(&r->arena, "%s/repo-%s", work_root, short_name(&r->arena, r->common));
}

bool repository_open(struct repository *r, const char *root, const char *work_root, struct err *e)
{
	struct gitdir g;
	AUTO_FREE char *common = NULL;

	if (!gitdir_find(&g, root, &r->arena) || !(common = fs_realpath(g.common))) {
		err_set(e, "the tree %s has no git history, so it has no other versions", root);
		return err_hint(e, "use a git clone; outside of any tree, mpflash makes its own");
	}
	r->dir = arena_strdup(&r->arena, root);
	r->common = arena_strdup(&r->arena, common);
	set_folder(r, work_root);
	return true;
}

/* --- the clone -------------------------------------------------------------------------------------------------- */

/* What a killed clone left. The lock is ours, so nobody is at it. */
static void remove_rests(const char *dir)
{
	AUTO_ARENA a = ARENA_INIT;
	AUTO_ERR ignored = ERR_INIT;
	const char *parent = path_dir(&a, dir);
	struct fs_list list;

	if (fs_list(&list, parent, &ignored))
		for (size_t i = 0; i < list.count; i++)
			if (strncmp(list.names[i], path_base(dir), strlen(path_base(dir))) == 0 &&
			    strstr(list.names[i], ".tmp"))
				fs_remove_tree(path_join(&a, parent, list.names[i]), &ignored);
	fs_list_free(&list);
}

static bool clone_into(struct repository *r, const char *url, const char *dir, struct err *e)
{
	AUTO_STRBUF temp = STRBUF_INIT, said = STRBUF_INIT;
	bool ok;

	remove_rests(dir);
	if (!fs_temp_dir(&temp, dir, e))
		return false;
	const char *const words[] = { "clone", "--bare", "--progress", "--", url, temp.buf, NULL };

	repository_say(r, "there is no MicroPython tree here: cloning %s, once",
		       address_public(&r->arena, url));
	ok = git_program_work("/", words, (struct git_work){ .told = true }, &said, e) &&
	     fs_rename(temp.buf, dir, e);
	if (!ok) {
		AUTO_ERR ignored = ERR_INIT;

		fs_remove_tree(temp.buf, &ignored);
		err_wrap(e, "cannot clone %s", address_public(&r->arena, url));
		return err_hint(
			e,
			"look at the network, or set MPFLASH_REPO to a repository that can be reached");
	}
	return true;
}

static bool make_clone(struct repository *r, const char *url, const char *dir, struct err *e)
{
	const char *lock_path = arena_printf(&r->arena, "%s.lock", dir);
	AUTO_STRBUF holder = STRBUF_INIT;
	struct lock l = LOCK_INIT;
	bool taken, ok = true;

	if (r->offline) {
		err_set(e, "there is no clone of %s yet, and --offline was given",
			address_public(&r->arena, url));
		return err_hint(e, "run it once without --offline, or name a tree: -C DIR");
	}
	if (!fs_mkdirs(path_dir(&r->arena, dir), e) ||
	    !lock_try(&l, lock_path, "clones", &taken, &holder, e))
		return false;
	if (!taken) {
		repository_say(r, "waiting for %s", holder.buf);
		if (!lock_wait(&l, lock_path, false, e))
			return false;
	}
	if (!fs_is_dir(dir))
		ok = clone_into(r, url, dir, e);
	lock_release(&l);
	return ok;
}

bool repository_open_clone(struct repository *r, const char *cache_dir, const char *work_root,
			   bool *missing, struct err *e)
{
	const char *named = getenv("MPFLASH_REPO");
	const char *url = named && *named ? address_absolute(&r->arena, named) : UPSTREAM;
	const char *dir =
		arena_printf(&r->arena, "%s/repo/%s.git", cache_dir, short_name(&r->arena, url));
	bool is_new = !fs_is_dir(dir);
	AUTO_FREE char *real = NULL;

	*missing = is_new && r->dry;
	if (*missing)
		return true;
	if (is_new && !make_clone(r, url, dir, e))
		return false;
	real = fs_realpath(dir);
	if (!real)
		return err_set(e, "the clone %s cannot be read", dir);
	r->ours = true;
	r->dir = r->common = arena_strdup(&r->arena, real);
	set_folder(r, work_root);
	if (is_new)
		repository_is_fetched(r, "all");
	return true;
}

/* --- fetching --------------------------------------------------------------------------------------------------- */

static const char *date_file(struct repository *r, const char *what)
{
	return arena_printf(&r->arena, "%s/fetched-%s", r->folder, short_name(&r->arena, what));
}

bool repository_is_old(struct repository *r, const char *what)
{
	struct fs_stat st;
	int64_t now = clock_now_ns();

	return !fs_lstat(date_file(r, what), &st) || now - st.mtime_ns > hour_ns ||
	       st.mtime_ns > now + hour_ns;
}

/* A date that cannot be written down is a fetch too many. */
void repository_is_fetched(struct repository *r, const char *what)
{
	AUTO_ERR ignored = ERR_INIT;

	if (fs_mkdirs(r->folder, &ignored))
		fs_write_lazy(date_file(r, what), what, strlen(what), 0666, &ignored);
}

bool repository_fetch_all(struct repository *r, struct err *e)
{
	/* It is as upstream's: a tag that was moved there, or a branch that stands in another's way now, is no obstacle. */
	static const char *const words[] = { "fetch",
					     "--progress",
					     "--prune",
					     "origin",
					     "+refs/heads/*:refs/heads/*",
					     "+refs/tags/*:refs/tags/*",
					     NULL };
	AUTO_STRBUF said = STRBUF_INIT;

	repository_say(r, "fetching what is new");
	if (!git_program_work(r->dir, words, (struct git_work){ .told = true }, &said, e))
		return err_wrap(e, "fetch");
	repository_is_fetched(r, "all");
	return true;
}

bool repository_fetch(struct repository *r, const char *from, const char *what, const char *into,
		      struct err *e)
{
	const char *spec = arena_printf(&r->arena, "+%s:%s", what, into);
	const char *const words[] = { "fetch",
				      "--progress",
				      "--no-write-fetch-head",
				      "--refmap=",
				      "--no-recurse-submodules",
				      "--",
				      from,
				      spec,
				      NULL };
	AUTO_STRBUF said = STRBUF_INIT;

	repository_say(r, "fetching %s from %s", what, address_public(&r->arena, from));
	if (!git_program_work(r->dir, words, (struct git_work){ .told = true }, &said, e))
		return err_wrap(e, "fetch from %s", address_public(&r->arena, from));
	repository_is_fetched(r, into);
	return true;
}

/* --- the rest --------------------------------------------------------------------------------------------------- */

void repository_say(const struct repository *r, const char *fmt, ...)
{
	char text[1000];
	va_list ap;

	if (!r->say)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	r->say(r->ctx, text);
}

struct git_repository *repository_library(struct repository *r)
{
	if (!r->asked)
		r->repo = git_open(r->dir);
	r->asked = true;
	return r->repo;
}

void repository_close(struct repository *r)
{
	git_close(r->repo);
	arena_free(&r->arena);
	*r = (struct repository){ 0 };
}
