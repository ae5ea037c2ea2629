/* SPDX-License-Identifier: MIT
 *
 * Reading .gitmodules; see gitmodules.h.
 */
#include "source/gitmodules.h"

#include <string.h>

#include "source/git_program.h"

/* Whether a name may be part of a path, as git has it: no ".." in it. */
static bool is_good_name(const char *name)
{
	for (const char *p = name; (p = strstr(p, "..")); p += 2)
		if ((p == name || p[-1] == '/' || p[-1] == '\\') &&
		    (!p[2] || p[2] == '/' || p[2] == '\\'))
			return false;
	return *name && *name != '/';
}

/*
 * One record of `git config -z`: "submodule.NAME.KEY", a newline, the value. The value when the key is that one; *name in the
 * arena.
 */
static const char *value_of(const char *record, const char *key, const char **name, struct arena *a)
{
	static const char before[] = "submodule.";
	const char *value = strchr(record, '\n');
	char *words, *dot;

	if (!value)
		return NULL;
	words = arena_strndup(a, record, (size_t)(value - record));
	dot = strrchr(words, '.');
	if (strncmp(words, before, sizeof(before) - 1) != 0 || !dot ||
	    dot < words + sizeof(before) || strcmp(dot + 1, key) != 0)
		return NULL;
	*dot = '\0';
	*name = words + sizeof(before) - 1;
	return value + 1;
}

bool gitmodules_read(const char *tree, const char *path, struct arena *a, const char **name,
		     const char **url, struct err *e)
{
	static const char *const words[] = {
		"config",      "-z",           "--file",
		".gitmodules", "--get-regexp", "^submodule\\..*\\.(path|url)$",
		NULL
	};
	AUTO_STRBUF text = STRBUF_INIT;
	const char *value, *whose, *end;

	*name = *url = NULL;
	if (!git_program(tree, words, &text, e))
		return err_wrap(e, "the submodule %s: .gitmodules", path);
	end = text.buf + text.len;
	for (const char *p = text.buf; p < end; p += strlen(p) + 1)
		if ((value = value_of(p, "path", &whose, a)) && strcmp(value, path) == 0)
			*name = whose;
	for (const char *p = text.buf; *name && p < end; p += strlen(p) + 1)
		if ((value = value_of(p, "url", &whose, a)) && strcmp(whose, *name) == 0)
			*url = arena_strdup(a, value);
	if (!*name || !*url)
		return err_set(e, "the submodule %s has no entry in .gitmodules", path);
	return is_good_name(*name) ||
	       err_set(e, "the submodule %s: .gitmodules gives it the name '%s', which is a path",
		       path, *name);
}
