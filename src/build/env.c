/* SPDX-License-Identifier: MIT
 *
 * The exact environment. A variable that leaks in makes two builds of the same sources differ without a word.
 */
#include "build/env.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "os/fs.h"

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* A later one of the same name replaces: of two, programs would take either. */
static void put(struct strv *out, const char *variable)
{
	size_t len = strcspn(variable, "=") + 1;

	for (size_t i = 0; i < out->count; i++)
		if (strncmp(out->items[i], variable, len) == 0) {
			out->items[i] = variable;
			return;
		}
	vec_push(out, variable);
}

static void inherit(struct arena *a, const char *name, struct strv *out)
{
	const char *value = getenv(name);

	if (value)
		put(out, arena_printf(a, "%s=%s", name, value));
}

/* Whether the list `out` holds that folder. */
static bool lists(const struct strbuf *out, const char *dir, size_t len)
{
	const char *p = out->buf;

	while (*p) {
		size_t n = strcspn(p, ":");

		if (n == len && memcmp(p, dir, len) == 0)
			return true;
		p += n + (p[n] == ':');
	}
	return false;
}

/*
 * Folders that do not exist, that come a second time or that depend on the current folder find no program. Without them
 * two terminals whose PATHs differ only there build the same.
 */
static const char *plain_path(struct arena *a, const char *path)
{
	AUTO_STRBUF out = STRBUF_INIT;

	while (*path) {
		size_t len = strcspn(path, ":");

		if (*path == '/' && !lists(&out, path, len) &&
		    fs_is_dir(arena_strndup(a, path, len))) {
			strbuf_adds(&out, out.len ? ":" : "");
			strbuf_add(&out, path, len);
		}
		path += len + (path[len] == ':');
	}
	return arena_printf(a, "PATH=%s", out.buf);
}

/* What is the same everywhere. */
static void add_common(const struct strv *extra, struct strv *out)
{
	put(out, "CCACHE_DISABLE=1"); /* it would hide from us what a compiler reads */
	put(out, "LC_ALL=C");
	put(out, "TZ=UTC");
	put(out, "PYTHONDONTWRITEBYTECODE=1");
	/* makemoduledefs.py of v1.25 writes a table in the order of a Python set: another order at each run. */
	put(out, "PYTHONHASHSEED=0");
	for (size_t i = 0; i < extra->count; i++)
		put(out, extra->items[i]);
	qsort((void *)out->items, out->count, sizeof(*out->items), by_text);
}

void env_exact(struct arena *a, const struct strv *extra, struct strv *out)
{
	const char *path = getenv("PATH");

	put(out, plain_path(a, path ? path : "/usr/bin:/bin"));
	inherit(a, "HOME", out);
	add_common(extra, out);
}

void env_inside(const struct strv *extra, struct strv *out)
{
	put(out, "HOME=/tmp"); /* of the container: nothing of it stays */
	/* The tree may belong to somebody else, as far as git in there can see. */
	put(out, "GIT_CONFIG_COUNT=1");
	put(out, "GIT_CONFIG_KEY_0=safe.directory");
	put(out, "GIT_CONFIG_VALUE_0=*");
	add_common(extra, out);
}

extern char **environ;

void env_dropped(struct strv *out)
{
	/* py/mkenv.mk, py/mkrules.mk, extmod/extmod.mk, the ports' Makefiles and pico-sdk's and CMake's own. */
	static const char *const read_by_make[] = {
		"BOARD=*",
		"BOARD_DIR=*",
		"BOARD_VARIANT=*",
		"BUILD=*",
		"CC=*",
		"CFLAGS*=*",
		"CMAKE_ARGS=*",
		"COPT=*",
		"CROSS_COMPILE=*",
		"CXXFLAGS*=*",
		"C_INCLUDE_PATH=*",
		"DEBUG=*",
		"FROZEN_MANIFEST=*",
		"LDFLAGS*=*",
		"MICROPY_*=*",
		"PICO_*=*",
		"USER_C_MODULES=*",
		"VARIANT=*",
	};
	/* Ours, not make's. */
	static const char ours[] = "MICROPY_DIR=";

	for (char **v = environ; *v; v++)
		for (size_t i = 0; i < ARRAY_SIZE(read_by_make); i++)
			if (fnmatch(read_by_make[i], *v, 0) == 0 &&
			    strncmp(*v, ours, sizeof(ours) - 1) != 0) {
				vec_push(out, *v);
				break;
			}
}
