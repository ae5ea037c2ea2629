/* SPDX-License-Identifier: MIT
 *
 * Whether closures still hold. Two hundred boards ask for the same files: each path is looked at once a session.
 */
#include <stdlib.h>
#include <string.h>

#include "graph/closure_internal.h"
#include "source/listing.h"

/* One look a path number. */
struct looks {
	struct look *items;
	size_t count;
	struct strbuf path; /* room for one */
	/* Of the folder in which something was looked for in vain last; whether the folder itself is gone. */
	struct strbuf folder;
	bool folder_gone;
};

static struct looks *session_looks(struct session *s, size_t count)
{
	if (!s->looks) {
		s->looks = xcalloc(1, sizeof(*s->looks));
		s->looks->path = (struct strbuf)STRBUF_INIT;
		s->looks->folder = (struct strbuf)STRBUF_INIT;
	}
	if (count > s->looks->count) {
		/* Zeroed pages that are not touched cost nothing; copying the few looks so far would touch all. */
		free(s->looks->items);
		s->looks->items = xcalloc(count, sizeof(*s->looks->items));
		s->looks->count = count;
	}
	return s->looks;
}

void closure_forget_looks(struct session *s)
{
	if (s->listings)
		listings_forget(s->listings);
	if (!s->looks)
		return;
	strbuf_free(&s->looks->path);
	strbuf_free(&s->looks->folder);
	free(s->looks->items);
	free(s->looks);
	s->looks = NULL;
}

/*
 * Compilers look along a list of folders: nearly half of what they look for in vain would lie in a folder that is not there
 * either. Names come sorted, so the folder of the last one is asked about once.
 */
static bool is_in_gone_folder(struct looks *l)
{
	const char *slash = strrchr(l->path.buf, '/');
	size_t len = (size_t)(slash - l->path.buf);
	struct fs_stat st;

	if (!len)
		return false;
	if (l->folder_gone && len >= l->folder.len &&
	    memcmp(l->path.buf, l->folder.buf, l->folder.len) == 0 &&
	    l->path.buf[l->folder.len] == '/')
		return true;
	if (len == l->folder.len && memcmp(l->path.buf, l->folder.buf, len) == 0)
		return false;
	strbuf_reset(&l->folder);
	strbuf_add(&l->folder, l->path.buf, len);
	l->folder_gone = !fs_lstat(l->folder.buf, &st);
	return l->folder_gone;
}

static bool entry_holds(struct session *s, struct looks *l, const struct store_paths *paths,
			const struct manifest_entry *entry, bool *holds, struct err *e)
{
	struct look *look = &l->items[entry->path];
	bool known =
		look->looked &&
		(look->gone || entry->kind == MANIFEST_ABSENT || entry->kind == MANIFEST_FOLDER ||
		 (entry->kind == MANIFEST_LISTING ? look->has_names : look->has_content));

	if (!known) {
		closure_locate(s, paths->items[entry->path], &l->path);
		if (entry->kind == MANIFEST_ABSENT && is_in_gone_folder(l))
			look->looked = look->gone = true;
		else if (!look_at(s, l->path.buf, entry->kind, look, e))
			return false;
	}
	*holds = look_holds(look, entry->kind, &entry->digest);
	return true;
}

static bool manifest_holds(struct session *s, const struct store_paths *paths,
			   const struct manifest *m, bool *holds, struct err *e)
{
	struct looks *l = session_looks(s, paths->count);

	*holds = true;
	for (size_t i = 0; *holds && i < m->entries.count; i++)
		if (!entry_holds(s, l, paths, &m->entries.items[i], holds, e))
			return false;
	return true;
}

bool closure_find(struct session *s, const struct digest *weak, struct digest *key, bool *found,
		  size_t *count, struct err *e)
{
	AUTO_ARENA a = ARENA_INIT;
	AUTO_ERR ignored = ERR_INIT;
	struct store_manifests stored;
	struct store_paths paths;
	bool ok = store_get_manifests(s->store, weak, &a, &stored, e) &&
		  (!stored.count || store_paths(s->store, &paths, e));

	*found = false;
	for (size_t i = 0; ok && !*found && i < stored.count; i++) {
		struct manifest m;

		if (!manifest_decode(stored.items[i].data, stored.items[i].len, paths.count, &m))
			continue; /* damaged: as if it was not there */
		ok = manifest_holds(s, &paths, &m, found, e);
		*count = m.entries.count;
		*key = stored.items[i].key;
		vec_free(&m.entries);
		/* The tree went back to an earlier state: the others make room before that one does. */
		if (ok && *found && i > 0)
			store_put_manifest(s->store, weak, &stored.items[i], &ignored);
	}
	return ok;
}

/* --- differences ---------------------------------------------------------------------------------------------- */

static enum change_kind name_change(const struct closure_entry *entry, const struct look *look)
{
	if (entry->kind == MANIFEST_ABSENT)
		return CHANGE_ADDED;
	if (look->gone)
		return CHANGE_REMOVED;
	if (entry->kind == MANIFEST_LISTING && look->st.type == FS_DIR)
		return CHANGE_LISTING;
	if (entry->kind == MANIFEST_CONTENT && look->st.type == FS_FILE)
		return CHANGE_CONTENT;
	return CHANGE_LINK; /* a link now or then; a file where a folder was */
}

static void add_change(const struct closure_entry *entry, const struct look *look,
		       struct closure_changes *out)
{
	bool names = entry->kind == MANIFEST_LISTING;

	vec_push(&out->items, (struct closure_change){
				      .change = { .kind = name_change(entry, look),
						  .path = entry->path,
						  .readers = entry->readers },
				      .was = entry->digest,
				      .now = look->gone ? (struct digest){ { 0 } }
					     : names    ? look->names
							: look->content,
			      });
}

bool closure_compare(struct session *s, const struct closure *c, size_t max,
		     struct closure_changes *out, struct err *e)
{
	AUTO_STRBUF path = STRBUF_INIT;

	for (size_t i = 0; i < c->entries.count && out->items.count < max; i++) {
		const struct closure_entry *entry = &c->entries.items[i];
		struct look look = { 0 };

		closure_locate(s, entry->path, &path);
		if (!look_at(s, path.buf, entry->kind, &look, e))
			return false;
		if (!entry->stale && look_holds(&look, entry->kind, &entry->digest))
			continue;
		/* Something appeared: what it holds is worth telling. */
		if (entry->kind == MANIFEST_ABSENT &&
		    !look_at(s, path.buf, MANIFEST_CONTENT, &look, e))
			return false;
		add_change(entry, &look, out);
	}
	return true;
}
