/* SPDX-License-Identifier: MIT
 *
 * Finding and reading deploy notes. The names come with a fork: they lead to plain files of the same tree, or nowhere.
 */
#include "board/deploy.h"

#include "base/path.h"
#include "base/xalloc.h"
#include "board/catalogue_internal.h"
#include "os/fs.h"

enum { NOTES_MAX = 1 << 18 }; /* bytes of a file */

const char *deploy_path(const struct board *b, const char *name, struct arena *a, const char **why)
{
	const char *root = b->outside ? path_dir(a, b->dir) : b->catalogue->root;
	AUTO_FREE char *real = fs_realpath(path_join(a, b->dir, name));
	struct fs_stat st;

	if (!real || !fs_lstat(real, &st) || st.type != FS_FILE)
		*why = "is not there";
	else if (!path_below(real, root))
		*why = b->outside ? "lies beside the boards' folder" : "lies outside of the tree";
	else
		return arena_strdup(a, real);
	return NULL;
}

bool deploy_read(const struct board *b, struct strbuf *out)
{
	AUTO_ARENA a = ARENA_INIT;
	size_t before = out->len;

	for (size_t i = 0; i < b->deploy.count; i++) {
		AUTO_ERR ignored = ERR_INIT;
		AUTO_STRBUF text = STRBUF_INIT;
		const char *why, *path = deploy_path(b, b->deploy.items[i], &a, &why);

		if (!path || !fs_read(&text, path, NOTES_MAX, &ignored) || !text.len)
			continue;
		if (out->len > before)
			strbuf_adds(out, "\n\n");
		strbuf_add(out, text.buf, text.len);
	}
	return out->len > before;
}
