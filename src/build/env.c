/* SPDX-License-Identifier: MIT
 *
 * The exact environment. A variable that leaks in makes two builds of the same sources differ without a word.
 */
#include "build/env.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

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

void env_exact(struct arena *a, const struct strv *extra, struct strv *out)
{
	inherit(a, "PATH", out);
	inherit(a, "HOME", out);
	put(out, "LC_ALL=C");
	put(out, "TZ=UTC");
	put(out, "PYTHONDONTWRITEBYTECODE=1");
	/* makemoduledefs.py of v1.25 writes a table in the order of a Python set: another order at each run. */
	put(out, "PYTHONHASHSEED=0");
	for (size_t i = 0; i < extra->count; i++)
		put(out, extra->items[i]);
	qsort((void *)out->items, out->count, sizeof(*out->items), by_text);
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
