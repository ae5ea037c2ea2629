/* SPDX-License-Identifier: MIT
 *
 * The boards of all versions of a MicroPython tree: which versions, and all of them in one transaction. Nothing is checked
 * out.
 */
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "base/xalloc.h"
#include "library/boards_reading.h"
#include "source/git_program.h"

/* --- which versions ------------------------------------------------------------------------------------------------ */

/* A tag: what it is called, and the version that it means. */
struct tag {
	const char *name;
	struct version version;
};
struct tags {
	struct tag *items;
	size_t count, cap;
};

static int by_version(const void *a, const void *b)
{
	return version_compare(&((const struct tag *)a)->version,
			       &((const struct tag *)b)->version);
}

/* Tags vX.Y[.Z][-preview], nothing behind it, the oldest first. */
static void list_tags(struct reading *r, struct tags *out)
{
	static const char prefix[] = "refs/tags/v";
	const size_t skip = sizeof(prefix) - 2;
	git_strarray refs = { 0 };

	if (git.reference_list(&refs, r->repo) != 0)
		return;
	for (size_t i = 0; i < refs.count; i++) {
		const char *ref = refs.strings[i];
		struct tag tag;

		if (strncmp(ref, prefix, sizeof(prefix) - 1) != 0 ||
		    ref[skip + strspn(ref + skip, "v0123456789.-previw")] ||
		    !version_parse(&tag.version, ref + skip) || tag.version.build)
			continue;
		tag.name = arena_strdup(r->arena, ref + skip);
		vec_push(out, tag);
	}
	git.strarray_dispose(&refs);
	if (out->count)
		qsort(out->items, out->count, sizeof(*out->items), by_version);
}

/* What HEAD is on the way to, or at; false: git does not say. */
static bool describe_head(const char *root, struct version *v)
{
	static const char *const words[] = { "describe", "--tags", "--match", "v[1-9].*", NULL };
	AUTO_STRBUF out = STRBUF_INIT;
	AUTO_ERR ignored = ERR_INIT;

	if (!git_program(root, words, &out, &ignored))
		return false;
	strbuf_set_len(&out, strcspn(out.buf, "\n"));
	return version_parse(v, out.buf);
}

/* Of previews only the newest counts, and not even that when HEAD stands for it (`head`; NULL: for none). */
static bool counts(const struct tags *tags, size_t i, const struct version *oldest,
		   const struct version *head)
{
	const struct version *v = &tags->items[i].version;

	if (version_compare(v, oldest) < 0)
		return false;
	return !v->preview || (i + 1 == tags->count && !(head && version_same_release(v, head)));
}

static bool take_tags(struct reading *r, const struct tags *tags, const struct version *oldest,
		      const struct version *head)
{
	for (size_t i = 0; i < tags->count; i++) {
		const struct tag *t = &tags->items[i];

		if (!counts(tags, i, oldest, head))
			continue;
		if (!boards_of_commit(r, t->name, boards_version(r, &t->version)))
			return false;
		r->out->newest = r->version;
	}
	return true;
}

/* HEAD stands for the preview that it is on the way to, when nothing newer is tagged: its boards are newer than that tag's. */
static bool is_newest_preview(const char *root, const struct tags *tags, struct version *head)
{
	const struct tag *last = tags->count ? &tags->items[tags->count - 1] : NULL;

	return describe_head(root, head) && head->preview &&
	       (!last || version_compare(head, &last->version) >= 0);
}

static bool take_repository(struct reading *r, const char *root, const struct version *oldest)
{
	struct tags tags = { 0 };
	struct version head;
	bool at_head, ok;

	list_tags(r, &tags);
	at_head = is_newest_preview(root, &tags, &head);
	ok = take_tags(r, &tags, oldest, at_head ? &head : NULL);
	if (ok && at_head)
		ok = boards_of_commit(r, "HEAD", r->out->newest = boards_version(r, &head));
	vec_free(&tags);
	if (ok && !r->out->newest) {
		err_set(r->e, "%s has no tags of versions", root);
		return err_hint(r->e, "`git fetch --tags` gets them");
	}
	return ok;
}

/* --- all together -------------------------------------------------------------------------------------------------- */

static bool read_all(struct reading *r, const char *root, const struct version *oldest)
{
	bool ok;

	r->repo = git_open(root);
	ok = r->repo ? take_repository(r, root, oldest) : boards_of_files(r, root);
	ok = ok && database_put_metadata(r->db, "boards_version", r->out->newest, r->e);
	git_close(r->repo);
	return ok;
}

bool boards_from_tree(struct database *db, const char *root, const char *oldest, struct arena *a,
		      struct boards_update *out, struct err *e)
{
	struct reading r = { .db = db, .arena = a, .out = out, .e = e };
	struct version from;
	bool ok;

	*out = (struct boards_update){ 0 };
	if (!version_parse(&from, oldest))
		return err_usage(e, "'%s' is no version", oldest);
	if (!database_begin(db, e))
		return false;
	ok = read_all(&r, root, &from) && database_commit(db, e);
	if (!ok)
		database_rollback(db);
	profiles_free(&r);
	board_json_close(&r.json);
	return ok;
}
