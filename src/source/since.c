/* SPDX-License-Identifier: MIT
 *
 * Changes since a commit, collected from a repository and those inside it; see since.h.
 */
#include "source/since.h"

#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "os/fs.h"
#include "source/git_program.h"
#include "source/since_internal.h"

enum { MAX_DEPTH = 8 }; /* submodules in submodules */

/* --- collecting ------------------------------------------------------------------------------------------------- */

static const char *full_path(const struct since_reader *r, const char *path)
{
	size_t len = strlen(path);

	while (len && path[len - 1] == '/')
		len--;
	return arena_printf(&r->out->arena, "%s%.*s", r->prefix, (int)len, path);
}

void since_add(const struct since_reader *r, const char *path, enum since_how how, bool file)
{
	vec_push(&r->out->changes, (struct since_change){
					   .path = full_path(r, path),
					   .how = how,
					   .file = file,
				   });
}

void since_add_folder(const struct since_reader *r, const char *path)
{
	const char *full = full_path(r, path);

	map_put(&r->out->folders, full, (void *)full);
}

void since_set_commit(const struct since_reader *r, const char *hex, bool is_head)
{
	if (!is_head)
		r->out->moved = true;
	if (!r->depth)
		r->out->commit = arena_strdup(&r->out->arena, hex);
}

static void add_whole(const struct since_reader *r, const char *path)
{
	struct fs_stat st;
	AUTO_ARENA a = ARENA_INIT;
	const char *full = full_path(r, path);
	bool there = fs_lstat(path_join(&a, r->root, path), &st);

	r->out->has_whole = true;
	vec_push(&r->out->changes, (struct since_change){
					   .path = full,
					   .how = there ? SINCE_ADDED : SINCE_REMOVED,
					   .whole = true,
				   });
}

static enum since_verdict read_one(const struct since_reader *r, const char *ref, struct err *e)
{
	enum since_verdict library = since_by_library(r, ref, e), program;

	if (library == SINCE_READ)
		return library;
	/* A repository of a newer format, or a name that only the program understands. */
	err_free(e);
	program = since_by_program(r, ref, e);
	return program == SINCE_NOT_READ && library == SINCE_NO_REF ? library : program;
}

bool since_add_repository(const struct since_reader *r, const char *path, const char *then,
			  struct err *e)
{
	AUTO_ARENA a = ARENA_INIT;
	size_t len = strlen(path);
	const char *plain = arena_strndup(&a, path, len && path[len - 1] == '/' ? len - 1 : len);
	const char *root = path_join(&a, r->root, plain);
	const struct since_reader inside = {
		.out = r->out,
		.root = root,
		.prefix = arena_printf(&a, "%s%s/", r->prefix, plain),
		.depth = r->depth + 1,
	};
	AUTO_ERR why = ERR_INIT;
	size_t before = r->out->changes.count;

	(void)e;
	if (!then || inside.depth > MAX_DEPTH || !fs_exists(path_join(&a, root, ".git")) ||
	    read_one(&inside, then, &why) != SINCE_READ) {
		r->out->changes.count = before;
		add_whole(r, plain);
	}
	return true;
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct since_change *)a)->path,
		      ((const struct since_change *)b)->path);
}

/* Removed and added: something of another kind is there. */
static void join_doubles(struct since *sn)
{
	size_t kept = 0;

	if (!sn->changes.count)
		return;
	qsort(sn->changes.items, sn->changes.count, sizeof(*sn->changes.items), by_path);
	for (size_t i = 0; i < sn->changes.count; i++) {
		struct since_change *c = &sn->changes.items[i], *last;

		last = kept ? &sn->changes.items[kept - 1] : NULL;
		if (!last || strcmp(last->path, c->path) != 0) {
			sn->changes.items[kept++] = *c;
			continue;
		}
		if (last->how != c->how)
			last->how = SINCE_TYPE;
		last->whole = last->whole || c->whole;
		last->file = last->file && c->file;
	}
	sn->changes.count = kept;
}

bool since_read(struct since *out, const char *root, const char *ref, struct err *e)
{
	const struct since_reader r = { .out = out, .root = root, .prefix = "" };
	AUTO_ARENA a = ARENA_INIT;

	*out = (struct since){ 0 };
	out->root = arena_strdup(&out->arena, root);
	if (!fs_exists(path_join(&a, root, ".git"))) {
		err_usage(e, "--since wants a git checkout, and %s is none", root);
		return err_hint(e, "without git nobody knows what was there before");
	}
	switch (read_one(&r, ref, e)) {
	case SINCE_READ:
		join_doubles(out);
		return true;
	case SINCE_NO_REF:
		err_usage(e, "--since: '%s' names no commit in %s", ref, root);
		return err_hint(e,
				"a tag, a branch or a commit, such as HEAD~1 or origin/master; a "
				"shallow clone may have to fetch it first");
	case SINCE_NOT_READ:
		break;
	}
	return err_wrap(e, "cannot tell what changed since '%s' in %s", ref, root);
}

void since_free(struct since *sn)
{
	vec_free(&sn->changes);
	map_free(&sn->folders);
	arena_free(&sn->arena);
}

/* --- asking ------------------------------------------------------------------------------------------------------- */

/* The first change whose path is not before `path`. */
static size_t lower_bound(const struct since *sn, const char *path)
{
	size_t from = 0, to = sn->changes.count;

	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (strcmp(sn->changes.items[middle].path, path) < 0)
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}

const struct since_change *since_find(const struct since *sn, const char *path)
{
	size_t i = lower_bound(sn, path);

	if (i == sn->changes.count || strcmp(sn->changes.items[i].path, path) != 0)
		return NULL;
	return &sn->changes.items[i];
}

void since_below(const struct since *sn, const char *folder, size_t *from, size_t *to)
{
	AUTO_STRBUF bound = STRBUF_INIT;

	*from = 0;
	*to = sn->changes.count;
	if (strcmp(folder, ".") == 0)
		return;
	strbuf_addf(&bound, "%s/", folder);
	*from = lower_bound(sn, bound.buf);
	bound.buf[bound.len - 1] = '/' + 1; /* the byte after '/': ends what is below */
	*to = lower_bound(sn, bound.buf);
}

const struct since_change *since_whole(const struct since *sn, const char *path)
{
	if (!sn->has_whole)
		return NULL;
	for (size_t i = 0; i < sn->changes.count; i++) {
		const struct since_change *c = &sn->changes.items[i];

		if (c->whole && path_below(path, c->path))
			return c;
	}
	return NULL;
}

bool since_had_folder(const struct since *sn, const char *path)
{
	return strcmp(path, ".") == 0 || map_get(&sn->folders, path);
}

bool since_text_then(const struct since *sn, const char *path, struct strbuf *out)
{
	AUTO_ARENA a = ARENA_INIT;
	AUTO_ERR ignored = ERR_INIT;
	const char *const words[] = { "cat-file", "blob",
				      arena_printf(&a, "%s:%s", sn->commit, path), NULL };

	return git_program(sn->root, words, out, &ignored);
}
