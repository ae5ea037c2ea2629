/* SPDX-License-Identifier: MIT
 *
 * Sessions of other versions; see version.h.
 */
#include "graph/version.h"

#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "base/xalloc.h"
#include "build/workdir.h"
#include "graph/git_watch.h"
#include "os/dirs.h"
#include "source/address.h"
#include "source/refs.h"
#include "source/repository.h"
#include "source/worktree.h"

const char *version_of_target(const char *text)
{
	const char *at = strchr(text, '@');

	return at ? at + 1 : NULL;
}

static void say(void *ctx, const char *text)
{
	report_note(ctx, "%s", text);
}

/* Files of a clone's boards go below the current folder: there is no tree to put them into. */
static bool find_out_root(struct session *top, struct err *e)
{
	AUTO_STRBUF out = STRBUF_INIT;

	if (top->out_root)
		return true;
	if (!dirs_absolute(&out, "build-mpflash", e))
		return false;
	top->out_root = arena_strdup(&top->arena, out.buf);
	return true;
}

static bool open_repository(struct session *top, bool *missing, struct err *e)
{
	struct repository *r = top->repository;
	const char *named = getenv("MICROPY_DIR");

	*missing = r && r->dry && !r->common;
	if (r)
		return true;
	r = ARENA_NEW(&top->arena, struct repository);
	*r = (struct repository){
		.offline = top->opt->offline,
		.dry = top->opt->dry_run,
		.say = say,
		.ctx = top->report,
	};
	top->repository = r;
	git_watch_begin(top->report);
	if (!r->dry && !workdir_claim(top->work_root, e))
		return false;
	if (top->tree.root)
		return repository_open(r, top->tree.root, top->work_root, e);
	/* Who names a tree that is none has made a mistake. */
	if (named && *named && !tree_open(&top->tree, NULL, e))
		return false;
	return repository_open_clone(r, top->cache_dir, top->work_root, missing, e) &&
	       find_out_root(top, e);
}

static bool fill(struct session *top, struct session *s, const char *ref, const char *path,
		 struct err *e)
{
	AUTO_STRBUF folder = STRBUF_INIT;

	ref = address_public(&s->arena, ref);
	ref_folder(ref, &folder);
	s->top = top;
	s->opt = top->opt;
	s->report = top->report;
	s->store = top->store;
	s->cache_dir = top->cache_dir;
	s->work_root = top->work_root;
	s->out_root = top->out_root;
	s->ref = arena_strdup(&s->arena, ref);
	s->ref_folder = arena_strdup(&s->arena, folder.buf);
	if (!tree_open(&s->tree, path, e))
		return err_wrap(e, "version '%s'", ref);
	return session_fill_tree(s, e);
}

static bool open_version(struct session *top, struct session *s, const char *ref, bool *missing,
			 struct err *e)
{
	char commit[COMMIT_SIZE];

	if (!open_repository(top, missing, e) || *missing)
		return *missing;
	s->worktree = ARENA_NEW(&top->arena, struct worktree);
	s->worktree->lock = (struct lock)LOCK_INIT;
	if (!ref_resolve(top->repository, ref, commit, e) ||
	    !worktree_open(s->worktree, top->repository, commit, missing, e))
		return false;
	return *missing || fill(top, s, ref, s->worktree->path, e);
}

bool version_session(struct session *top, const char *text, const char *ref, struct session **out,
		     struct err *e)
{
	struct session *s = map_get(&top->versions, ref);
	bool missing = false;

	if (!s) {
		s = ARENA_NEW(&top->arena, struct session);
		*s = (struct session){ .top = top };
		map_put(&top->versions, arena_strdup(&top->arena, ref), s);
		if (!open_version(top, s, ref, &missing, e))
			return false;
	}
	*out = NULL;
	if (missing || !s->tree.root)
		report_plan(top->report, text, "checkout",
			    "this version is not checked out yet; its steps are known then", 0,
			    NULL);
	else
		*out = s;
	return true;
}

void versions_close(struct session *top)
{
	for (size_t i = 0; i < top->versions.size; i++)
		if (top->versions.slots[i].key) {
			struct session *s = top->versions.slots[i].value;

			if (s->worktree)
				worktree_close(s->worktree);
			session_close_tree(s);
		}
	map_free(&top->versions);
	if (top->repository)
		repository_close(top->repository);
}
