/* SPDX-License-Identifier: MIT
 *
 * Loading libarchive; see archive_lib.h.
 */
#include "os/archive_lib.h"

#include "base/xalloc.h"
#include "config.h"
#include "os/library.h"

struct archive_api lib;

bool archive_lib_load(struct err *e)
{
	static const struct library_function functions[] = {
#define ARCHIVE_ROW(name) { #name, offsetof(struct archive_api, name) },
		ARCHIVE_FUNCTIONS(ARCHIVE_ROW)
#undef ARCHIVE_ROW
	};

	if (lib.archive_write_new || library_load(MPFLASH_LIBARCHIVE, MPFLASH_LIBARCHIVE_DIR,
						  functions, ARRAY_SIZE(functions), &lib))
		return true;
	err_set(e, "cannot load %s", MPFLASH_LIBARCHIVE);
	return err_hint(e, "install libarchive");
}
