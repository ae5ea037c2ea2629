/* SPDX-License-Identifier: MIT
 *
 * packed-refs and the folders below refs; see ref_names.h.
 */
#include "source/ref_names.h"

#include <string.h>

#include "base/path.h"
#include "base/strbuf.h"
#include "os/fs.h"

enum { PACKED_MAX = 16 << 20, DEPTH_MAX = 16 };

static const char *const rooms[] = { "refs/heads", "refs/remotes", "refs/tags" };

static bool is_plain(const char *name)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
				    "._/+-";

	return !name[strspn(name, plain)];
}

/* "refs/tags/v1.26.0" -> "v1.26.0" */
static void add(const char *ref, struct arena *a, struct strv *out)
{
	for (size_t i = 0; i < ARRAY_SIZE(rooms); i++) {
		const char *name = path_below(ref, rooms[i]);

		if (name && *name && *name != '-' && is_plain(name) &&
		    (i != 1 || strcmp(path_base(name), "HEAD") != 0))
			vec_push(out, arena_strdup(a, name));
	}
}

static void add_folder(const char *common, const char *name, int depth, struct arena *a,
		       struct strv *out)
{
	AUTO_ERR ignored = ERR_INIT;
	struct fs_list list = { 0 };

	if (depth < DEPTH_MAX && fs_list(&list, path_join(a, common, name), &ignored))
		for (size_t i = 0; i < list.count; i++) {
			const char *ref = path_join(a, name, list.names[i]);

			if (list.types[i] == FS_DIR)
				add_folder(common, ref, depth + 1, a, out);
			else if (list.types[i] == FS_FILE)
				add(ref, a, out);
		}
	fs_list_free(&list);
}

/* A line is "COMMIT REF", "# what git says" or "^COMMIT" of the tag before. */
static void add_packed(const char *common, struct arena *a, struct strv *out)
{
	AUTO_STRBUF text = STRBUF_INIT;
	AUTO_ERR ignored = ERR_INIT;
	char *end;

	if (!fs_read(&text, path_join(a, common, "packed-refs"), PACKED_MAX, &ignored))
		return;
	for (char *line = text.buf; (end = strchr(line, '\n')); line = end + 1) {
		const char *ref;

		*end = '\0';
		ref = strchr(line, ' ');
		if (*line != '#' && *line != '^' && ref)
			add(ref + 1, a, out);
	}
}

void ref_names(const char *common, struct arena *a, struct strv *out)
{
	add_packed(common, a, out);
	for (size_t i = 0; i < ARRAY_SIZE(rooms); i++)
		add_folder(common, rooms[i], 0, a, out);
}
