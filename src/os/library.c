/* SPDX-License-Identifier: MIT
 *
 * Loading libraries with dlopen.
 */
#include "os/library.h"

#include <dlfcn.h>

#include "base/strbuf.h"

static void *open_library(const char *file, const char *dir)
{
	AUTO_STRBUF path = STRBUF_INIT;
	void *lib = dlopen(file, RTLD_LAZY | RTLD_LOCAL);

	strbuf_addf(&path, "%s/%s", dir, file);
	return lib ? lib : dlopen(path.buf, RTLD_LAZY | RTLD_LOCAL);
}

bool library_load(const char *file, const char *dir, const struct library_function *functions,
		  size_t count, void *table)
{
	void *lib = open_library(file, dir);

	for (size_t i = 0; lib && i < count; i++) {
		void *f = dlsym(lib, functions[i].name);

		if (!f)
			return false;
		*(void **)((char *)table + functions[i].offset) = f;
	}
	return lib != NULL;
}
