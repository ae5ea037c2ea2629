/* SPDX-License-Identifier: MIT
 *
 * Boards, and versions of boards, that the site does not have, or of which nothing is here; see find_seek.h.
 */
#include <string.h>

#include "base/suggest.h"
#include "library/find_seek.h"

static void list_nearest(const struct index_files *files, const struct version_want *want,
			 struct arena *a, struct strbuf *out)
{
	struct strv all = { 0 };
	AUTO_STRBUF wanted = STRBUF_INIT;
	size_t at = 0, first, end;

	index_versions(files, a, &all);
	if (want->word == VERSION_EXACT) {
		version_text(&want->version, &wanted);
		while (at < all.count && version_compare_text(all.items[at], wanted.buf) > 0)
			at++;
	}
	first = at > 3 ? at - 3 : 0;
	end = first + 6 < all.count ? first + 6 : all.count;
	for (size_t i = first; i < end; i++)
		strbuf_addf(out, "%s%s", i > first ? ", " : "", all.items[i]);
	vec_free(&all);
}

static void tell_version(struct find *f, struct seeker *s, const struct version_want *want)
{
	static const char *const words[] = {
		[VERSION_STABLE] = "a release", [VERSION_PREVIEW] = "a preview"
	};
	AUTO_STRBUF near = STRBUF_INIT, version = STRBUF_INIT;
	AUTO_ERR e = ERR_INIT;

	if (want->word == VERSION_EXACT) {
		strbuf_adds(&version, "version ");
		version_text(&want->version, &version);
		if (want->version.build)
			strbuf_addf(&version, ".%d", want->version.build);
	} else {
		strbuf_adds(&version, words[want->word]);
	}
	err_set(&e, "no firmware of %s for %s that its port can use", version.buf, s->asked);
	list_nearest(&s->files, want, f->arena, &near);
	if (near.len)
		err_hint(&e, "there is %s", near.buf);
	find_tell(f, s, &e);
}

static bool is_known(const struct find *f, const struct seeker *s)
{
	for (size_t v = 0; v < f->wish->version_count; v++)
		if (s->satisfied[v])
			return true;
	return s->has_page;
}

/* Offline, and nothing is here. */
static void tell_never(struct find *f, struct seeker *s)
{
	AUTO_ERR e = ERR_INIT;

	err_set(&e, "%s, and the library has no firmware of it", s->never.msg);
	if (s->never.hint)
		err_hint(&e, "%s", s->never.hint);
	find_tell(f, s, &e);
}

bool find_missing(struct find *f, struct err *e)
{
	struct strv boards = { 0 };
	bool asked = false, ok = true;

	for (size_t i = 0; ok && i < f->count; i++) {
		struct seeker *s = &f->items[i];
		AUTO_ERR none = ERR_INIT;

		if (s->failed || find_satisfied(f, s))
			continue;
		for (size_t v = 0; is_known(f, s) && v < f->wish->version_count; v++)
			if (!s->satisfied[v])
				tell_version(f, s, &f->wish->versions[v]);
		if (is_known(f, s))
			continue;
		if (s->never.msg) {
			tell_never(f, s);
			continue;
		}
		err_set(&none, "%s/download has no board %s", f->wish->base, s->asked);
		/* Names near it, if the site still answers. */
		if (!asked) {
			AUTO_ERR ignored = ERR_INIT;

			asked = true;
			ok = find_boards(f->wish, f->arena, &boards, &ignored) ||
			     ignored.kind != ERR_INTERRUPTED;
			if (!ok)
				err_move(e, &ignored);
		}
		suggest_hint(&none, s->asked, boards.items, boards.count);
		find_tell(f, s, &none);
	}
	vec_free(&boards);
	return ok;
}
