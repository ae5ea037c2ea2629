/* SPDX-License-Identifier: MIT
 *
 * Mounts and how they are written. The form is chosen by the path: podman 4.3 splits --mount at each comma, quoted or not, and
 * docker reads a quote in it as CSV.
 */
#include "build/mount.h"

#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "base/strbuf.h"
#include "os/fs.h"

static void add_one(struct mounts *m, const char *path, bool writable, struct arena *a)
{
	const char *name;

	for (size_t i = 0; i < m->items.count; i++) {
		struct mount *have = &m->items.items[i];

		if (strcmp(path, have->path) == 0) {
			have->writable = have->writable || writable;
			return;
		}
		if (path_below(path, have->path) && strcmp(have->path, have->from) == 0 &&
		    (have->writable || !writable))
			return;
	}
	name = arena_strdup(a, path);
	vec_push(&m->items, (struct mount){ .path = name, .from = name, .writable = writable });
}

void mounts_add(struct mounts *m, const char *path, bool writable, struct arena *a)
{
	AUTO_STRBUF plain = STRBUF_INIT;
	AUTO_FREE char *real = fs_realpath(path);

	if (!real || path[0] != '/')
		return;
	path_normalize(&plain, path);
	add_one(m, real, writable, a);
	if (strcmp(real, plain.buf) != 0)
		add_one(m, plain.buf, writable, a);
}

void mounts_cover(struct mounts *m, const char *path, const char *from, struct arena *a)
{
	vec_push(&m->items, (struct mount){ .path = arena_strdup(a, path),
					    .from = arena_strdup(a, from),
					    .writable = true });
}

bool mounts_show(const struct mounts *m, const char *path)
{
	for (size_t i = 0; i < m->items.count; i++)
		if (path_below(path, m->items.items[i].path))
			return true;
	return false;
}

bool mounts_lead_through(const struct mounts *m, const char *path)
{
	for (size_t i = 0; i < m->items.count; i++)
		if (path_below(m->items.items[i].path, *path ? path : "/"))
			return true;
	return false;
}

bool mounts_hide(const struct mounts *m, const char *path)
{
	const struct mount *nearest = NULL;

	for (size_t i = 0; i < m->items.count; i++) {
		const struct mount *have = &m->items.items[i];

		if (path_below(path, have->path) &&
		    (!nearest || strlen(have->path) > strlen(nearest->path)))
			nearest = have;
	}
	return nearest && strcmp(nearest->path, nearest->from) != 0;
}

bool mount_words(const struct mount *m, struct arena *a, struct strv *out, struct err *e)
{
	const char *const paths[] = { m->path, m->from };
	bool colon = false, comma = false;

	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		colon = colon || strchr(paths[i], ':');
		comma = comma || strpbrk(paths[i], ",\"\r\n");
	}
	if (colon && comma) {
		err_set(e,
			"%s cannot be given to a container: its path has a ':' and a ',' or a '\"'",
			m->path);
		return err_hint(e, "move it to a folder with a plainer name");
	}
	vec_push(out, colon ? "--mount" : "-v");
	vec_push(out,
		 colon ? arena_printf(a, "type=bind,source=%s,target=%s%s", m->from, m->path,
				      m->writable ? "" : ",readonly")
		       : arena_printf(a, "%s:%s%s", m->from, m->path, m->writable ? "" : ":ro"));
	return true;
}
