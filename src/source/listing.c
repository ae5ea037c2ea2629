/* SPDX-License-Identifier: MIT
 *
 * Which names of a folder count; see listing.h.
 */
#include "source/listing.h"

#include <errno.h>
#include <string.h>

#include "base/xalloc.h"
#include "os/clock.h"
#include "os/fs.h"
#include "source/ignore.h"
#include "source/names.h"

struct listings {
	struct tree *tree;
	struct statcache *stats;
	struct ignore *ignore;
	struct digest names; /* of the rules in names.c */
};

struct listings *listings_open(struct tree *t, struct statcache *stats)
{
	struct listings *l = xcalloc(1, sizeof(*l));
	struct hasher h;

	l->tree = t;
	l->stats = stats;
	hasher_init(&h);
	hasher_str(&h,
		   "listing 1"); /* to be counted up when the functions below decide otherwise */
	names_add_rules(&h);
	l->names = hasher_finish(&h);
	listings_forget(l);
	return l;
}

void listings_close(struct listings *l)
{
	if (!l)
		return;
	ignore_destroy(l->ignore);
	free(l);
}

void listings_forget(struct listings *l)
{
	ignore_destroy(l->ignore);
	l->ignore = ignore_create(l->tree, l->stats);
}

/* --- the names ------------------------------------------------------------------------------------------ */

enum judge {
	JUDGE_OUTSIDE, /* nobody knows more about the folder */
	JUDGE_NAMES,   /* in the tree, without git's help */
	JUDGE_GIT,
};

static enum judge judge_of(const struct ignore_folder *f)
{
	if (!f)
		return JUDGE_OUTSIDE;
	if (!ignore_answers(f))
		return JUDGE_NAMES;
	return ignore_is_ignored_folder(f) ? JUDGE_OUTSIDE : JUDGE_GIT;
}

/* *by_index: it took the index to say. */
static bool counts(const struct ignore_folder *f, enum judge judge, const char *name,
		   enum fs_type type, bool *by_index)
{
	bool folder = type == FS_DIR;

	if (type == FS_OTHER || name_is_scratch(name) || strcmp(name, "__pycache__") == 0 ||
	    strcmp(name, "build-mpflash") == 0)
		return false;
	if (judge == JUDGE_OUTSIDE)
		return true;
	if (type == FS_FILE && name_is_unlisted(name))
		return false;
	if (judge == JUDGE_NAMES)
		return !(folder && name_is_build_folder(name));
	if (!ignore_is_ignored(f, name, folder))
		return true;
	*by_index = true;
	return ignore_is_tracked(f, name, folder);
}

/* Appends the names that count, each with its kind and ended by `end`. */
static bool add_names(const struct ignore_folder *f, const char *dir, char end, struct strbuf *out,
		      bool *by_index, struct err *e)
{
	static const char *const kinds[] = { [FS_FILE] = "", [FS_DIR] = "/", [FS_LINK] = "@" };
	struct fs_list list;
	enum judge judge;

	if (!fs_list(&list, dir, e))
		return false;
	judge = judge_of(f);
	for (size_t i = 0; i < list.count; i++) {
		if (!counts(f, judge, list.names[i], list.types[i], by_index))
			continue;
		strbuf_addf(out, "%s%s", list.names[i], kinds[list.types[i]]);
		strbuf_addch(out, end);
	}
	fs_list_free(&list);
	return true;
}

bool listing_text(struct listings *l, const char *dir, struct strbuf *out, struct err *e)
{
	bool by_index = false;

	return add_names(ignore_folder(l->ignore, dir), dir, '\n', out, &by_index, e);
}

/* --- remembered ----------------------------------------------------------------------------------------- */

/* What decides which names count; with the index for folders in which that had to be asked. */
static struct digest rules_digest(struct listings *l, const struct ignore_folder *f, bool by_index)
{
	struct digest index;
	struct hasher h;

	hasher_init(&h);
	hasher_digest(&h, &l->names);
	if (f)
		hasher_digest(&h, &f->rules);
	if (by_index) {
		index = ignore_index_digest(l->ignore, f);
		hasher_digest(&h, &index);
	}
	return hasher_finish(&h);
}

static bool is_current(struct listings *l, const struct ignore_folder *f,
		       const struct digest *known)
{
	struct digest rules = rules_digest(l, f, false);

	if (digest_equal(known, &rules))
		return true;
	if (!f || !f->in)
		return false;
	rules = rules_digest(l, f, true);
	return digest_equal(known, &rules);
}

static bool find_names(struct listings *l, const char *dir, const struct fs_stat *st,
		       struct digest *out, struct err *e)
{
	const struct ignore_folder *f = ignore_folder(l->ignore, dir);
	AUTO_STRBUF names = STRBUF_INIT;
	int64_t now = clock_now_ns();
	bool by_index = false;
	struct digest rules;

	if (statcache_get_folder(l->stats, dir, st, &rules, out) && is_current(l, f, &rules))
		return true;
	if (!add_names(f, dir, '\0', &names, &by_index, e))
		return false;
	*out = digest_of(names.buf, names.len);
	rules = rules_digest(l, f, by_index);
	statcache_put_folder(l->stats, dir, st, now, &rules, out);
	return true;
}

bool listing_digest(struct listings *l, const char *dir, struct digest *out, bool *missing,
		    struct err *e)
{
	struct fs_stat st;

	*out = (struct digest){ { 0 } };
	*missing = !fs_lstat(dir, &st);
	if (*missing && errno != ENOENT && errno != ENOTDIR) {
		*missing = false;
		return err_sys(e, errno, "cannot read %s", dir);
	}
	*missing = *missing || st.type != FS_DIR;
	return *missing || find_names(l, dir, &st, out, e);
}
