/* SPDX-License-Identifier: MIT
 *
 * Bringing submodules; see submodules.h.
 */
#include "source/submodules.h"

#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "base/xalloc.h"
#include "os/fs.h"
#include "source/address.h"
#include "source/git_program.h"
#include "source/gitdir.h"
#include "source/gitmodules.h"

struct submodule {
	const char *full; /* its path from the top of the worktree */
	const char *
		tree; /* of the repository that it is in: the worktree, or another submodule of it */
	const char *path, *name, *url; /* in that one, as its .gitmodules has them */
	const char *commit;
	const char *user_dir; /* the user's checkout of that one, if there is one */
	const char *modules;  /* where the user's repository keeps those of that one's submodules */
	const char *from;     /* the address of that one; NULL: the repository's own */
};

bool submodule_is_here(const char *tree, const char *path)
{
	AUTO_ARENA a = ARENA_INIT;

	return fs_exists(path_join(&a, path_join(&a, tree, path), ".git"));
}

/*
 * The commit that the version names for that folder; NULL: it is no submodule there. git answers for "lib/../x" and for a folder
 * of submodules too: only the very path counts, so that nothing leads out of the worktree.
 */
static const char *named_commit(const char *tree, const char *path, struct arena *a)
{
	const char *const words[] = { "ls-tree", "-z", "HEAD", "--", path, NULL };
	AUTO_STRBUF out = STRBUF_INIT;
	AUTO_ERR ignored = ERR_INIT;
	const char *hex, *tab;

	if (!git_program(tree, words, &out, &ignored) ||
	    strncmp(out.buf, "160000 commit ", 14) != 0)
		return NULL;
	hex = out.buf + 14;
	tab = strchr(hex, '\t');
	if (!tab || strcmp(tab + 1, path) != 0)
		return NULL;
	return arena_strndup(a, hex, (size_t)(tab - hex));
}

/* The submodule (its path) in which this path lies, the innermost one that is checked out; NULL: in none. */
static const char *owner_of(const char *tree, const char *path, struct arena *a)
{
	char *dir = arena_strdup(a, path), *slash;

	while ((slash = strrchr(dir, '/'))) {
		*slash = '\0';
		if (submodule_is_here(tree, dir))
			return dir;
	}
	return NULL;
}

/* The same as named_commit for one inside of others, each of which has to be named itself. */
static const char *nested_commit(const char *tree, const char *path, struct arena *a)
{
	const char *owner = owner_of(tree, path, a);

	if (!owner)
		return named_commit(tree, path, a);
	if (!nested_commit(tree, owner, a))
		return NULL;
	return named_commit(path_join(a, tree, owner), path + strlen(owner) + 1, a);
}

bool submodules_missing(const char *tree, const struct strv *paths, struct strv *out, struct err *e)
{
	AUTO_ARENA a = ARENA_INIT;

	(void)e;
	for (size_t i = 0; i < paths->count; i++)
		if (!submodule_is_here(tree, paths->items[i]) &&
		    nested_commit(tree, paths->items[i], &a))
			vec_push(out, paths->items[i]);
	return true;
}

static const char *config(struct repository *r, const char *key)
{
	const char *const words[] = { "config", "--get", key, NULL };
	AUTO_STRBUF out = STRBUF_INIT;
	AUTO_ERR ignored = ERR_INIT;

	if (!git_program(r->dir, words, &out, &ignored))
		return NULL;
	return arena_strndup(&r->arena, out.buf, strcspn(out.buf, "\n"));
}

/* What the user set for it, else .gitmodules; one that begins with ../ is meant from the address of what it is in. */
static const char *address(struct repository *r, const struct submodule *m)
{
	const char *own =
		m->from ? NULL : config(r, arena_printf(&r->arena, "submodule.%s.url", m->name));
	const char *base = m->from, *url = m->url ? m->url : "";
	char *from;

	if (own && *own)
		return own;
	if (strncmp(url, "./", 2) != 0 && strncmp(url, "../", 3) != 0)
		return url;
	if (!base)
		base = config(r, "remote.origin.url");
	from = arena_strdup(&r->arena, base && *base ? base : r->dir);
	for (size_t n = strlen(from); n && from[n - 1] == '/'; n--)
		from[n - 1] = '\0';
	for (;;) {
		if (strncmp(url, "./", 2) == 0) {
			url += 2;
		} else if (strncmp(url, "../", 3) == 0 && strrchr(from, '/')) {
			*strrchr(from, '/') = '\0';
			url += 3;
		} else {
			return arena_printf(&r->arena, "%s/%s", from, url);
		}
	}
}

/* --- from this machine ------------------------------------------------------------------------------------------ */

static bool has_commit(const char *dir, const char *commit)
{
	AUTO_ARENA a = ARENA_INIT;
	const char *const words[] = { "cat-file", "-e", arena_printf(&a, "%s^{commit}", commit),
				      NULL };
	AUTO_STRBUF out = STRBUF_INIT;
	AUTO_ERR ignored = ERR_INIT;

	return fs_is_dir(dir) && git_program(dir, words, &out, &ignored);
}

/* A repository on this machine that has the commit; NULL: none. */
static const char *find_local(struct repository *r, const struct submodule *m)
{
	const char *module = path_join(&r->arena, m->modules, m->name);
	const char *beside = path_join(&r->arena, m->user_dir, m->path), *found = NULL;
	AUTO_ERR ignored = ERR_INIT;
	struct fs_list list;

	if (has_commit(module, m->commit))
		return module;
	if (!r->ours && submodule_is_here(m->user_dir, m->path) && has_commit(beside, m->commit))
		return beside;
	if (fs_list(&list, r->folder, &ignored))
		for (size_t i = 0; !found && i < list.count; i++) {
			const char *tree = path_join(&r->arena, r->folder, list.names[i]);
			const char *other = path_join(&r->arena, tree, m->full);

			if (list.types[i] == FS_DIR && submodule_is_here(tree, m->full) &&
			    has_commit(other, m->commit))
				found = other;
		}
	fs_list_free(&list);
	return found;
}

/* The git folder of a work tree, or that of .git/modules itself. */
static const char *git_folder(struct repository *r, const char *from)
{
	struct gitdir g;

	return gitdir_find(&g, from, &r->arena) ? g.common : from;
}

/*
 * A repository that borrows the objects of the user's. Not by `git clone --shared`: that asks another git for them, which looks
 * at who owns the folder and may refuse, and it takes nothing of a shallow one.
 */
static bool borrow(struct repository *r, const char *from, const char *to, struct err *e)
{
	static const char *const init[] = { "init", "--quiet", "--template=", ".", NULL };
	const char *theirs = git_folder(r, from), *own = path_join(&r->arena, to, ".git");
	const char *objects = arena_printf(&r->arena, "%s/objects\n", theirs);
	const char *info = path_join(&r->arena, own, "objects/info");
	const char *shallow = path_join(&r->arena, theirs, "shallow");
	AUTO_STRBUF said = STRBUF_INIT;

	return git_program_work(to, init, (struct git_work){ 0 }, &said, e) && fs_mkdirs(info, e) &&
	       fs_write_lazy(path_join(&r->arena, info, "alternates"), objects, strlen(objects),
			     0666, e) &&
	       (!fs_exists(shallow) ||
		fs_clone_lazy(shallow, path_join(&r->arena, own, "shallow"), 0666, e));
}

/* Another worktree of ours may go any day: its objects are linked or copied. */
static bool copy(const char *from, const char *to, struct err *e)
{
	const char *const words[] = { "-c",      "protocol.file.allow=always",
				      "clone",   "--quiet",
				      "--local", "--no-checkout",
				      "--",      from,
				      to,        NULL };
	AUTO_STRBUF said = STRBUF_INIT;

	return git_program_work("/", words, (struct git_work){ 0 }, &said, e);
}

/* --- from the network ------------------------------------------------------------------------------------------- */

static bool fetch(const char *dir, const char *const *more, struct err *e)
{
	struct strv words = { 0 };
	AUTO_STRBUF said = STRBUF_INIT;
	bool ok;

	vec_push(&words, "fetch");
	vec_push(&words, "--progress");
	vec_push(&words, "--no-recurse-submodules");
	for (; *more; more++)
		vec_push(&words, *more);
	vec_push(&words, NULL);
	ok = git_program_work(dir, words.items, (struct git_work){ .told = true, .foreign = true },
			      &said, e);
	vec_free(&words);
	return ok;
}

/* The one commit where the server gives it, else all branches and tags. */
static bool clone_remote(struct repository *r, const struct submodule *m, const char *url,
			 const char *to, struct err *e)
{
	static const char *const init[] = { "init", "--quiet", ".", NULL };
	const char *const one[] = { "--depth=1", "--no-tags", "--", url, m->commit, NULL };
	const char *const all[] = { "--tags", "--", url, "+refs/heads/*:refs/remotes/origin/*",
				    NULL };
	AUTO_STRBUF said = STRBUF_INIT;
	AUTO_ERR first = ERR_INIT;

	repository_say(r, "fetching the submodule %s from %s", m->full,
		       address_public(&r->arena, url));
	if (!git_program_work(to, init, (struct git_work){ 0 }, &said, e))
		return false;
	if (fetch(to, one, &first))
		return true;
	return fetch(to, all, e) &&
	       (has_commit(to, m->commit) || err_set(e, "%s is not there", m->commit));
}

/* --- putting it in its place -------------------------------------------------------------------------------------- */

static bool check_out(const char *dir, const char *commit, struct err *e)
{
	const char *const words[] = { "checkout", "--quiet", "--detach", commit, "--", NULL };
	AUTO_STRBUF said = STRBUF_INIT;

	return git_program_work(dir, words, (struct git_work){ 0 }, &said, e) &&
	       git_program_has_all(dir, e);
}

/* From this machine into the empty folder `dir`; false: nothing here has all of it (`why`), and the folder is empty again. */
static bool fill_from_here(struct repository *r, const struct submodule *m, const char *dir,
			   struct err *why)
{
	const char *local = find_local(r, m);
	AUTO_ERR ignored = ERR_INIT;
	bool ok;

	if (!local)
		return err_set(why, "it is not on this machine");
	ok = path_below(local, r->folder) ? copy(local, dir, why) : borrow(r, local, dir, why);
	if (ok && check_out(dir, m->commit, why))
		return true;
	if (fs_remove_tree(dir, &ignored))
		fs_mkdirs(dir, &ignored);
	return err_wrap(why, "%s", local);
}

static bool fill(struct repository *r, const struct submodule *m, const char *dir, struct err *e)
{
	const char *url = address(r, m);
	AUTO_ERR here = ERR_INIT;
	bool ok;

	if (fill_from_here(r, m, dir, &here))
		return true;
	if (r->offline)
		ok = err_set(e, "%s, and --offline was given", here.msg);
	else
		ok = clone_remote(r, m, url, dir, e) && check_out(dir, m->commit, e);
	if (ok)
		return true;
	err_wrap(e, "the submodule %s (commit %s of %s) cannot be had", m->full, m->commit,
		 address_public(&r->arena, url));
	return err_hint(e, "git config submodule.%s.url URL names another place that has it",
			m->name);
}

/* All that is known of it before it is here, from the outside in. */
static bool find_submodule(struct repository *r, const char *tree, const char *path,
			   struct submodule *m, struct err *e)
{
	const char *owner = owner_of(tree, path, &r->arena);
	struct submodule o;

	*m = (struct submodule){
		.full = path,
		.path = path,
		.tree = tree,
		.user_dir = r->dir,
		.modules = path_join(&r->arena, r->common, "modules"),
	};
	if (owner) {
		if (!find_submodule(r, tree, owner, &o, e))
			return false;
		m->path = path + strlen(owner) + 1;
		m->tree = path_join(&r->arena, tree, owner);
		m->user_dir = path_join(&r->arena, o.user_dir, o.path);
		m->modules = arena_printf(&r->arena, "%s/%s/modules", o.modules, o.name);
		m->from = address(r, &o);
	}
	m->commit = named_commit(m->tree, m->path, &r->arena);
	return m->commit ? gitmodules_read(m->tree, m->path, &r->arena, &m->name, &m->url, e)
			 : err_set(e, "%s is no submodule of this version", path);
}

bool submodule_bring(struct repository *r, const char *tree, const char *path, struct err *e)
{
	struct submodule m;
	const char *place = path_join(&r->arena, tree, path);
	AUTO_STRBUF temp = STRBUF_INIT;
	AUTO_ERR ignored = ERR_INIT;
	bool ok;

	/* Beside the worktree, not in it: what a killed process leaves must not be taken for a source. */
	if (!find_submodule(r, tree, path, &m, e) || !fs_temp_dir(&temp, tree, e))
		return false;
	ok = fill(r, &m, temp.buf, e) && fs_remove_tree(place, e) &&
	     fs_mkdirs(path_dir(&r->arena, place), e) && fs_rename(temp.buf, place, e);
	if (!ok)
		fs_remove_tree(temp.buf, &ignored);
	return ok;
}
