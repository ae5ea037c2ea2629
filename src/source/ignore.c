/* SPDX-License-Identifier: MIT
 *
 * Ignore rules by libgit2, and the files that they come from; see ignore.h. A folder's rules are those of the folder
 * above with its own .gitignore; a repository starts anew.
 */
#include "source/ignore.h"

#include <string.h>

#include "base/arena.h"
#include "base/map.h"
#include "base/path.h"
#include "base/xalloc.h"
#include "os/fs.h"
#include "source/git.h"
#include "source/gitdir.h"

struct repository {
	struct repository *next;
	const char *root;
	struct gitdir dir;
	git_repository *repo; /* opened when first asked */
	git_index *index;
	bool asked;
};

struct ignore {
	struct tree *tree;
	struct statcache *stats;
	struct arena arena;
	struct map folders; /* path -> struct ignore_folder */
	struct repository *repositories;
	bool has_user;
	struct digest user; /* of the user's configuration */
};

struct ignore *ignore_create(struct tree *t, struct statcache *stats)
{
	struct ignore *ig = xcalloc(1, sizeof(*ig));

	ig->tree = t;
	ig->stats = stats;
	return ig;
}

void ignore_destroy(struct ignore *ig)
{
	if (!ig)
		return;
	for (struct repository *r = ig->repositories; r; r = r->next) {
		git_close_index(r->index);
		if (r->repo != ig->tree->repo)
			git_close(r->repo);
	}
	map_free(&ig->folders);
	arena_free(&ig->arena);
	free(ig);
}

/* --- what decides --------------------------------------------------------------------------------------- */

static struct digest user_digest(struct ignore *ig)
{
	struct hasher h;

	if (!ig->has_user) {
		hasher_init(&h);
		gitdir_add_user_config(&h);
		ig->user = hasher_finish(&h);
		ig->has_user = true;
	}
	return ig->user;
}

/* Zero when there is no such file, or none that can be read: git passes over these too. */
static struct digest file_digest(struct ignore *ig, const char *path)
{
	AUTO_ERR ignored = ERR_INIT;
	struct digest d;
	bool missing;

	if (!statcache_content(ig->stats, path, &d, &missing, &ignored))
		return (struct digest){ { 0 } };
	return d;
}

static void start_repository(struct ignore *ig, struct ignore_folder *f, const struct gitdir *dir,
			     struct hasher *h)
{
	struct repository *r = ARENA_NEW(&ig->arena, struct repository);
	struct digest user = user_digest(ig);

	r->root = f->path;
	r->dir = *dir;
	r->next = ig->repositories;
	ig->repositories = r;
	f->in = r;
	hasher_digest(h, &user);
	gitdir_add_config(dir, h);
}

const struct ignore_folder *ignore_folder(struct ignore *ig, const char *dir)
{
	struct ignore_folder *f = map_get(&ig->folders, dir);
	struct gitdir git_dir;
	struct digest own;
	struct hasher h;

	if (f || !ig->tree->root || !path_below(dir, ig->tree->root))
		return f;
	f = ARENA_NEW(&ig->arena, struct ignore_folder);
	f->path = arena_strdup(&ig->arena, dir);
	hasher_init(&h);
	if (gitdir_find(&git_dir, dir, &ig->arena)) {
		start_repository(ig, f, &git_dir, &h);
	} else if (strcmp(dir, ig->tree->root) != 0) {
		const struct ignore_folder *above = ignore_folder(ig, path_dir(&ig->arena, dir));

		f->in = above->in;
		hasher_digest(&h, &above->rules);
	}
	own = file_digest(ig, path_join(&ig->arena, dir, ".gitignore"));
	hasher_digest(&h, &own);
	f->rules = hasher_finish(&h);
	map_put(&ig->folders, f->path, f);
	return f;
}

struct digest ignore_index_digest(struct ignore *ig, const struct ignore_folder *f)
{
	return file_digest(ig, path_join(&ig->arena, f->in->dir.own, "index"));
}

/* --- what git says -------------------------------------------------------------------------------------- */

bool ignore_answers(const struct ignore_folder *f)
{
	struct repository *r = f->in;

	if (!r)
		return false;
	if (!r->asked && (r->repo = git_open(r->root)) && !(r->index = git_open_index(r->repo))) {
		git_close(r->repo);
		r->repo = NULL;
	}
	r->asked = true;
	return r->repo != NULL;
}

/* Git's name of it: relative to the repository, with '/' behind a folder's. */
static void git_name(const struct ignore_folder *f, const char *name, bool folder,
		     struct strbuf *out)
{
	const char *below = path_below(f->path, f->in->root);

	strbuf_addf(out, "%s%s%s%s", below, *below && *name ? "/" : "", name, folder ? "/" : "");
}

bool ignore_is_ignored(const struct ignore_folder *f, const char *name, bool folder)
{
	AUTO_STRBUF path = STRBUF_INIT;
	int ignored = 0;

	git_name(f, name, folder, &path);
	return git.ignore_path_is_ignored(&ignored, f->in->repo, path.buf) == 0 && ignored;
}

bool ignore_is_ignored_folder(const struct ignore_folder *f)
{
	return strcmp(f->path, f->in->root) != 0 && ignore_is_ignored(f, "", true);
}

bool ignore_is_tracked(const struct ignore_folder *f, const char *name, bool folder)
{
	AUTO_STRBUF path = STRBUF_INIT;
	size_t at;

	git_name(f, name, folder, &path);
	git.index_read(f->in->index, 0); /* again, when it changed */
	if (folder && git.index_find_prefix(&at, f->in->index, path.buf) == 0)
		return true;
	if (folder) /* a submodule is an entry without the slash */
		strbuf_set_len(&path, path.len - 1);
	return git.index_get_bypath(f->in->index, path.buf, 0) != NULL;
}
