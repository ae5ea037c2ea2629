/* SPDX-License-Identifier: MIT
 *
 * Loading libxml2; see html_lib.h.
 */
#include "os/html_lib.h"

#include "base/xalloc.h"
#include "config.h"
#include "os/library.h"

struct html_api html_lib;

bool html_lib_load(struct err *e)
{
	static const struct library_function functions[] = {
#define HTML_ROW(name) { #name, offsetof(struct html_api, name) },
		HTML_FUNCTIONS(HTML_ROW)
#undef HTML_ROW
	};

	if (html_lib.htmlReadMemory || library_load(MPFLASH_LIBXML2, MPFLASH_LIBXML2_DIR, functions,
						    ARRAY_SIZE(functions), &html_lib))
		return true;
	err_set(e, "cannot load %s", MPFLASH_LIBXML2);
	return err_hint(e, "install libxml2");
}
