/* SPDX-License-Identifier: MIT
 *
 * Paths as text.
 */
#include "base/path.h"

#include <string.h>

char *path_join(struct arena *a, const char *dir, const char *name)
{
	size_t len = strlen(dir);

	if (name[0] == '/' || !len)
		return arena_strdup(a, name);
	return arena_printf(a, "%s%s%s", dir, dir[len - 1] == '/' ? "" : "/", name);
}

const char *path_base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

char *path_dir(struct arena *a, const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return arena_strdup(a, ".");
	return arena_strndup(a, path, slash == path ? 1 : (size_t)(slash - path));
}

const char *path_ext(const char *path)
{
	const char *base = path_base(path), *dot = strrchr(base, '.');

	return dot && dot != base ? dot + 1 : "";
}

void path_normalize(struct strbuf *out, const char *absolute)
{
	size_t start = out->len;

	while (*absolute) {
		size_t len = strcspn(absolute, "/");

		if (len == 2 && memcmp(absolute, "..", 2) == 0) {
			while (out->len > start && out->buf[out->len - 1] != '/')
				strbuf_set_len(out, out->len - 1);
			if (out->len > start)
				strbuf_set_len(out, out->len - 1);
		} else if (len && !(len == 1 && *absolute == '.')) {
			strbuf_addch(out, '/');
			strbuf_add(out, absolute, len);
		}
		absolute += len;
		absolute += *absolute == '/';
	}
	if (out->len == start)
		strbuf_addch(out, '/');
}

const char *path_below(const char *path, const char *dir)
{
	size_t len = strlen(dir);

	if (len == 1 && dir[0] == '/')
		return path[0] == '/' ? path + 1 : NULL;
	if (strncmp(path, dir, len) != 0)
		return NULL;
	if (path[len] == '/')
		return path + len + 1;
	return path[len] ? NULL : path + len;
}

bool path_is_name(const char *s)
{
	return *s && !strchr(s, '/') && strcmp(s, ".") != 0 && strcmp(s, "..") != 0;
}
