/* SPDX-License-Identifier: MIT
 *
 * Keeping a copy in step. Beside it lies the list of what was copied, since what is not in the folder any more has to go.
 */
#include "graph/project.h"

#include <string.h>
#include <unistd.h>

#include "base/path.h"
#include "graph/recipe.h"
#include "os/fs.h"
#include "source/inputs.h"

enum { LIST_MAX = 16 << 20 };

bool project_folder(struct session *s, const struct recipe *r, const char **out, struct err *e)
{
	const char *how;

	*out = NULL;
	if (!recipe_var(s, r, "project", &how, e))
		return false;
	return !how || strcmp(how, "copy") != 0 || recipe_var(s, r, "make", out, e);
}

const char *project_dir(struct session *s, const char *work_dir)
{
	return arena_printf(&s->arena, "%s-project", work_dir);
}

static bool copy_link(const char *from, const char *to, struct err *e)
{
	AUTO_STRBUF want = STRBUF_INIT, have = STRBUF_INIT;
	AUTO_ERR none = ERR_INIT;
	struct fs_stat st;

	if (!fs_read_link(from, &want, e))
		return false;
	if (fs_lstat(to, &st) && st.type == FS_LINK && fs_read_link(to, &have, &none) &&
	    strcmp(want.buf, have.buf) == 0)
		return true;
	return fs_remove_tree(to, e) && fs_make_link(want.buf, to, e);
}

/* `hex`: of the content that the folder has. */
static bool copy_file(struct session *s, const char *hex, const struct fs_stat *st,
		      const char *from, const char *to, struct err *e)
{
	char have[DIGEST_HEX_SIZE];
	struct digest d;
	bool missing = true;
	struct fs_stat old;

	if (fs_lstat(to, &old) && old.type != FS_FILE && !fs_remove_tree(to, e))
		return false;
	if (!statcache_content(s->stats, to, &d, &missing, e))
		return false;
	digest_hex(&d, have);
	if (!missing && strncmp(have, hex, sizeof(have) - 1) == 0)
		return true;
	return fs_clone_lazy(from, to, st->mode & 0111 ? 0755 : 0644, e);
}

/* "<hex> <path>": the path below the folder; NULL for what is not of it (links that lead elsewhere, what is absent). */
static const char *name_of(const char *line, const char *folder)
{
	const char *space = strchr(line, ' ');

	return space && space - line == DIGEST_HEX_SIZE - 1 ? path_below(space + 1, folder) : NULL;
}

static bool copy_line(struct session *s, const char *line, const char *folder, const char *dir,
		      struct err *e)
{
	const char *name = name_of(line, folder), *from, *to;
	struct fs_stat st;

	if (!name || !*name)
		return true;
	from = path_join(&s->arena, path_join(&s->arena, s->tree.root, folder), name);
	to = path_join(&s->arena, dir, name);
	if (!fs_lstat(from, &st))
		return true; /* it went just now: the trace will tell */
	if (!fs_mkdirs(path_dir(&s->arena, to), e))
		return false;
	return st.type == FS_LINK ? copy_link(from, to, e) : copy_file(s, line, &st, from, to, e);
}

/* Cuts a text into lines, in place. */
static void split(char *text, struct strv *lines)
{
	for (char *end; (end = strchr(text, '\n')); text = end + 1) {
		*end = '\0';
		vec_push(lines, text);
	}
}

/* What was copied once and is not in the folder now. */
static bool remove_gone(struct session *s, const struct strv *lines, const char *folder,
			const char *dir, struct err *e)
{
	for (size_t i = 0; i < lines->count; i++) {
		const char *name = name_of(lines->items[i], folder);

		if (name && *name &&
		    !fs_exists(path_join(&s->arena, path_join(&s->arena, s->tree.root, folder),
					 name)) &&
		    !fs_remove_tree(path_join(&s->arena, dir, name), e))
			return false;
	}
	return true;
}

bool project_sync(struct session *s, const char *folder, const char *dir, struct err *e)
{
	const char *list = arena_printf(&s->arena, "%s/.mpflash-project", dir);
	AUTO_STRBUF now = STRBUF_INIT, before = STRBUF_INIT, kept = STRBUF_INIT;
	struct strv lines = { 0 }, old = { 0 };
	AUTO_ERR none = ERR_INIT;
	bool ok;

	if (!fs_mkdirs(dir, e) || !inputs_scan(&s->tree, &folder, 1, s->stats, &now, e))
		return false;
	strbuf_add(&kept, now.buf, now.len);
	fs_read(&before, list, LIST_MAX, &none); /* the first time there is none */
	split(now.buf, &lines);
	split(before.buf, &old);
	ok = remove_gone(s, &old, folder, dir, e);
	for (size_t i = 0; ok && i < lines.count; i++)
		ok = copy_line(s, lines.items[i], folder, dir, e);
	vec_free(&lines);
	vec_free(&old);
	return ok && fs_write_atomic(list, kept.buf, kept.len, 0644, e);
}
