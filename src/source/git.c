/* SPDX-License-Identifier: MIT
 *
 * Loading libgit2; see git.h.
 */
#include "source/git.h"

#include "base/xalloc.h"
#include "config.h"
#include "os/library.h"

struct git_api git;

static const struct library_function functions[] = {
#define GIT_ROW(name) { "git_" #name, offsetof(struct git_api, name) },
	GIT_FUNCTIONS(GIT_ROW)
#undef GIT_ROW
};

/* The version that we were compiled for. */
#ifdef __APPLE__
static const char file[] = "libgit2." LIBGIT2_SOVERSION ".dylib";
#else
static const char file[] = "libgit2.so." LIBGIT2_SOVERSION;
#endif

static bool load(void)
{
	return library_load(file, MPFLASH_LIBGIT2_DIR, functions, ARRAY_SIZE(functions), &git);
}

/* Extensions of the repository format that change nothing for a reader of commits, trees, index and ignore rules. */
static const char *harmless[] = { "partialclone", "preciousobjects", "worktreeconfig" };

static bool start(void)
{
	static enum { UNKNOWN, LOADED, MISSING } state;

	if (state == UNKNOWN)
		state = load() ? LOADED : MISSING;
	if (state == MISSING || git.libgit2_init() < 0)
		return false;
	/*
	 * Containers and CI often build a tree that another user owns. We only read objects and ignore rules and never
	 * run hooks or filters, so git's guard against foreign repositories has nothing to guard here.
	 */
	git.libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
	git.libgit2_opts(GIT_OPT_SET_EXTENSIONS, harmless, ARRAY_SIZE(harmless));
	return true;
}

git_repository *git_open(const char *path)
{
	git_repository *repo;

	if (!start())
		return NULL;
	if (git.repository_open_ext(&repo, path, GIT_REPOSITORY_OPEN_NO_SEARCH, NULL) == 0)
		return repo;
	git.libgit2_shutdown();
	return NULL;
}

void git_close(git_repository *repo)
{
	if (!repo)
		return;
	git.repository_free(repo);
	git.libgit2_shutdown();
}

git_index *git_open_index(git_repository *repo)
{
	git_index *index;

	return git.repository_index(&index, repo) == 0 ? index : NULL;
}

void git_close_index(git_index *index)
{
	if (index)
		git.index_free(index);
}

const char *git_message(void)
{
	const git_error *last = git.error_last();

	return last ? last->message : "git error";
}
