/* SPDX-License-Identifier: MIT
 *
 * Git's folders and configuration files, read as far as we need to see that they changed; see gitdir.h.
 */
#include "source/gitdir.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/path.h"
#include "base/strbuf.h"
#include "base/xalloc.h"
#include "os/fs.h"

enum { MAX_BYTES = 4 << 20, MAX_INCLUDES = 8 };

/* The text of a small file without the newlines at its end, in the arena; NULL when it cannot be read. */
static char *read_text(const char *path, struct arena *a)
{
	AUTO_STRBUF text = STRBUF_INIT;
	AUTO_ERR ignored = ERR_INIT;
	struct fs_stat st;

	if (!fs_lstat(path, &st) || st.type == FS_DIR || !fs_read(&text, path, MAX_BYTES, &ignored))
		return NULL;
	while (text.len && (text.buf[text.len - 1] == '\n' || text.buf[text.len - 1] == '\r'))
		strbuf_set_len(&text, text.len - 1);
	return arena_strdup(a, text.buf);
}

bool gitdir_find(struct gitdir *g, const char *root, struct arena *a)
{
	const char *dot = path_join(a, root, ".git"), *text;
	struct fs_stat st;

	*g = (struct gitdir){ 0 };
	if (!fs_lstat(dot, &st))
		return false;
	if (fs_is_dir(dot)) {
		g->own = dot;
	} else {
		text = read_text(dot, a);
		if (!text || strncmp(text, "gitdir: ", 8) != 0)
			return false;
		g->own = path_join(a, root, text + 8);
	}
	text = read_text(path_join(a, g->own, "commondir"), a);
	g->common = text ? path_join(a, g->own, text) : g->own;
	return true;
}

static void add_file(struct hasher *h, const char *path)
{
	AUTO_ARENA a = ARENA_INIT;

	hasher_str(h, read_text(path, &a));
}

static const char *home(void)
{
	const char *dir = getenv("HOME");

	return dir ? dir : "";
}

/* A path as a value has it: in quotes perhaps, from the home with ~/, else from the file's own folder. */
static char *value_path(const char *value, const char *file, struct arena *a)
{
	size_t len;

	value += strspn(value, " \t=\"");
	len = strcspn(value, "\"\r\n");
	while (len && (value[len - 1] == ' ' || value[len - 1] == '\t'))
		len--;
	if (strncmp(value, "~/", 2) == 0)
		return path_join(a, home(), arena_strndup(a, value + 2, len - 2));
	return path_join(a, path_dir(a, file), arena_strndup(a, value, len));
}

/* What stands behind `key` when a line sets it; NULL when the line is about something else. */
static const char *line_value(const char *line, const char *key)
{
	size_t len = strlen(key);

	line += strspn(line, " \t");
	if (*line == '[')
		line += strcspn(line, "]\n");
	line += strspn(line, "] \t");
	return strncasecmp(line, key, len) == 0 && strchr(" \t=", line[len]) && line[len]
		       ? line + len
		       : NULL;
}

/*
 * A configuration file, and every file that it may include or name as ignore file. Conditions of includes are not
 * looked at: a file too many does no harm.
 */
static void add_config(struct hasher *h, const char *path, int *left)
{
	AUTO_ARENA a = ARENA_INIT;
	const char *text = read_text(path, &a), *value;

	hasher_str(h, text);
	while (text && *text) {
		if ((value = line_value(text, "path")) && (*left)-- > 0)
			add_config(h, value_path(value, path, &a), left);
		if ((value = line_value(text, "excludesfile")))
			add_file(h, value_path(value, path, &a));
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
}

void gitdir_add_user_config(struct hasher *h)
{
	const char *xdg = getenv("XDG_CONFIG_HOME");
	AUTO_ARENA a = ARENA_INIT;
	int left = MAX_INCLUDES;

	if (!xdg || !*xdg)
		xdg = path_join(&a, home(), ".config");
	add_config(h, "/etc/gitconfig", &left);
	add_config(h, path_join(&a, xdg, "git/config"), &left);
	add_config(h, path_join(&a, home(), ".gitconfig"), &left);
	add_file(h, path_join(&a, xdg, "git/ignore"));
}

void gitdir_add_config(const struct gitdir *g, struct hasher *h)
{
	AUTO_ARENA a = ARENA_INIT;
	int left = MAX_INCLUDES;

	add_config(h, path_join(&a, g->common, "config"), &left);
	add_config(h, path_join(&a, g->own, "config.worktree"), &left);
	add_file(h, path_join(&a, g->common, "info/exclude"));
}
