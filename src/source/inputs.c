/* SPDX-License-Identifier: MIT
 *
 * Walking the declared inputs. The git index answers for tracked files, so that the slower ignore rules are
 * asked only about the few that are not.
 */
#include "source/inputs.h"

#include <string.h>

#include "base/arena.h"
#include "base/path.h"
#include "base/xalloc.h"
#include "os/fs.h"
#include "source/git.h"
#include "source/names.h"

enum { MAX_LINKS = 3 };

/* The repository that a folder belongs to: the tree's, or a submodule's. */
struct scope {
	git_repository *repo; /* NULL: none */
	git_index *index;
	size_t root_len; /* of the work tree's path, so that path + root_len + 1 is git's path */
};

struct scan {
	struct tree *tree;
	struct statcache *stats;
	struct strbuf *out;
	struct err *e;
	int links; /* folders that were entered by a link, on the way to here */
};

static bool scope_open(struct scope *s, git_repository *repo, const char *root, struct err *e)
{
	*s = (struct scope){ .repo = repo, .root_len = strlen(root) };
	if (!repo || (s->index = git_open_index(repo)))
		return true;
	return err_set(e, "cannot read the git index of %s: %s", root, git_message());
}

static bool emit(struct scan *s, const char *path, const char *verdict)
{
	const char *below = path_below(path, s->tree->root);

	strbuf_addf(s->out, "%s %s\n", verdict, below && *below ? below : path);
	return true;
}

static bool add_file(struct scan *s, const char *path)
{
	char hex[DIGEST_HEX_SIZE];
	struct digest d;
	bool missing;

	if (!statcache_digest(s->stats, path, &d, &missing, s->e))
		return false;
	if (missing)
		return emit(s, path, "absent");
	digest_hex(&d, hex);
	return emit(s, path, hex);
}

static bool is_tracked(const struct scope *scope, const char *relative, bool folder)
{
	AUTO_STRBUF name = STRBUF_INIT;
	size_t at;

	if (!folder)
		return git.index_get_bypath(scope->index, relative, 0) != NULL;
	strbuf_add(&name, relative,
		   strlen(relative) - 1); /* a submodule is an entry without the slash */
	return git.index_get_bypath(scope->index, name.buf, 0) != NULL ||
	       git.index_find_prefix(&at, scope->index, relative) == 0;
}

/* `relative` of a folder ends with '/': that is how git tells folders from files. */
static bool is_left_out(const struct scope *scope, const char *name, const char *relative,
			bool folder)
{
	int ignored = 0;

	if (strcmp(name, ".git") == 0 || strcmp(name, "build-mpflash") == 0)
		return true;
	if (!scope->repo)
		return name_is_scratch(name) || (folder && name_is_build_folder(name));
	if (is_tracked(scope, relative, folder))
		return false;
	if (name_is_scratch(name))
		return true;
	return git.ignore_path_is_ignored(&ignored, scope->repo, relative) == 0 && ignored;
}

static bool walk(struct scan *s, const struct scope *scope, struct strbuf *path);

/* A folder below: a submodule has rules of its own. */
static bool walk_folder(struct scan *s, const struct scope *scope, struct strbuf *path)
{
	AUTO_ARENA a = ARENA_INIT;
	git_repository *repo = NULL;
	struct scope inner;
	bool ok;

	if (fs_exists(path_join(&a, path->buf, ".git")))
		repo = git_open(path->buf);
	if (!repo)
		return walk(s, scope, path);
	ok = scope_open(&inner, repo, path->buf, s->e) && walk(s, &inner, path);
	git_close_index(inner.index);
	git_close(repo);
	return ok;
}

/*
 * A link counts by its text and by what it leads to, which may lie outside the tree. A link to a folder above itself is
 * not followed, and neither are links within links within links: what they lead to is read by its own name or not at all.
 */
static bool add_link(struct scan *s, const char *path)
{
	AUTO_FREE char *target = fs_realpath(path);
	AUTO_STRBUF folder = STRBUF_INIT;
	struct scope none = { 0 };
	struct fs_stat st;
	bool ok;

	if (!add_file(s, path))
		return false;
	if (!target || !fs_lstat(target, &st) || st.type == FS_OTHER)
		return true; /* it leads nowhere, or to /dev/null */
	if (st.type != FS_DIR)
		return add_file(s, target);
	if (path_below(path, target) || s->links >= MAX_LINKS)
		return true;
	strbuf_adds(&folder, target);
	none.root_len = folder.len;
	s->links++;
	ok = walk_folder(s, &none, &folder);
	s->links--;
	return ok;
}

static bool visit(struct scan *s, const struct scope *scope, struct strbuf *path, const char *name,
		  enum fs_type type)
{
	bool folder = type == FS_DIR;
	const char *relative;

	if (folder)
		strbuf_addch(path, '/');
	relative = path->buf + scope->root_len + 1;
	if (type == FS_OTHER || is_left_out(scope, name, relative, folder))
		return true;
	if (!folder)
		return type == FS_LINK ? add_link(s, path->buf) : add_file(s, path->buf);
	strbuf_set_len(path, path->len - 1);
	return walk_folder(s, scope, path);
}

static bool walk(struct scan *s, const struct scope *scope, struct strbuf *path)
{
	size_t len = path->len;
	struct fs_list list;
	bool ok = true;

	if (!fs_list(&list, path->buf, s->e))
		return false;
	for (size_t i = 0; ok && i < list.count; i++) {
		strbuf_addf(path, "/%s", list.names[i]);
		ok = visit(s, scope, path, list.names[i], list.types[i]);
		strbuf_set_len(path, len);
	}
	fs_list_free(&list);
	return ok;
}

/* A root is taken whatever git thinks of it: somebody named it. */
static bool walk_root(struct scan *s, const struct scope *scope, struct strbuf *path)
{
	const struct scope none = { .root_len = path->len };
	AUTO_FREE char *name = xstrdup(path_base(path->buf));
	bool left_out = false;

	if (path->len > scope->root_len) {
		strbuf_addch(path, '/');
		left_out = is_left_out(scope, name, path->buf + scope->root_len + 1, true);
		strbuf_set_len(path, path->len - 1);
	}
	return walk_folder(s, left_out ? &none : scope, path);
}

/* Opens the submodule that a folder of the tree lies in, the innermost one; *len: of its path. NULL: none. */
static git_repository *submodule_above(const struct tree *t, const char *path, size_t *len)
{
	AUTO_ARENA a = ARENA_INIT;
	git_repository *repo;
	const char *dir = path_dir(&a, path);

	for (; strlen(dir) > strlen(t->root); dir = path_dir(&a, dir)) {
		if (!fs_exists(path_join(&a, dir, ".git")))
			continue;
		repo = git_open(dir);
		if (repo) {
			*len = strlen(dir);
			return repo;
		}
	}
	return NULL;
}

static bool scan_below_submodule(struct scan *s, git_repository *repo, size_t root_len,
				 struct strbuf *path)
{
	AUTO_ARENA a = ARENA_INIT;
	struct scope scope;
	bool ok = scope_open(&scope, repo, arena_strndup(&a, path->buf, root_len), s->e) &&
		  walk_root(s, &scope, path);

	git_close_index(scope.index);
	git_close(repo);
	return ok;
}

static bool scan_root(struct scan *s, const struct scope *tree_scope, const char *root)
{
	AUTO_STRBUF path = STRBUF_INIT;
	AUTO_ARENA a = ARENA_INIT;
	struct scope outside = { 0 };
	git_repository *submodule;
	struct fs_stat st = { .type = FS_OTHER };
	size_t len;

	path_normalize(&path, path_join(&a, s->tree->root, root));
	if (!fs_lstat(path.buf, &st) || st.type != FS_DIR)
		return st.type == FS_LINK ? add_link(s, path.buf) : add_file(s, path.buf);
	if (!path_below(path.buf, s->tree->root)) {
		outside.root_len = path.len;
		return walk_folder(s, &outside, &path);
	}
	submodule = submodule_above(s->tree, path.buf, &len);
	if (submodule)
		return scan_below_submodule(s, submodule, len, &path);
	return walk_root(s, tree_scope, &path);
}

bool inputs_scan(struct tree *t, const char *const *roots, size_t count, struct statcache *stats,
		 struct strbuf *out, struct err *e)
{
	struct scan s = { .tree = t, .stats = stats, .out = out, .e = e };
	struct scope scope;
	bool ok;

	ok = scope_open(&scope, tree_repo(t), t->root, e);
	for (size_t i = 0; ok && i < count; i++)
		ok = scan_root(&s, &scope, roots[i]);
	git_close_index(scope.index);
	return ok;
}
