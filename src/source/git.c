/* SPDX-License-Identifier: MIT
 *
 * Loading libgit2; see git.h.
 */
#include "source/git.h"

#include <dlfcn.h>

#include "base/xalloc.h"
#include "config.h"

struct git_api git;

static const struct {
	const char *name;
	size_t offset;
} functions[] = {
#define GIT_ROW(name) { "git_" #name, offsetof(struct git_api, name) },
	GIT_FUNCTIONS(GIT_ROW)
#undef GIT_ROW
};

/* The version that we were compiled for, wherever the system has its libraries, else where it was then. */
static void *open_library(void)
{
#ifdef __APPLE__
	static const char name[] = "libgit2." LIBGIT2_SOVERSION ".dylib";
	static const char path[] = MPFLASH_LIBGIT2_DIR "/libgit2." LIBGIT2_SOVERSION ".dylib";
#else
	static const char name[] = "libgit2.so." LIBGIT2_SOVERSION;
	static const char path[] = MPFLASH_LIBGIT2_DIR "/libgit2.so." LIBGIT2_SOVERSION;
#endif
	void *lib = dlopen(name, RTLD_LAZY | RTLD_LOCAL);

	return lib ? lib : dlopen(path, RTLD_LAZY | RTLD_LOCAL);
}

static bool load(void)
{
	void *lib = open_library();

	for (size_t i = 0; lib && i < ARRAY_SIZE(functions); i++) {
		void *f = dlsym(lib, functions[i].name);

		if (!f)
			return false;
		*(void **)((char *)&git + functions[i].offset) = f;
	}
	return lib != NULL;
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
