/* SPDX-License-Identifier: MIT
 *
 * Loading libcurl; see curl_lib.h.
 */
#include "os/curl_lib.h"

#include "base/xalloc.h"
#include "config.h"
#include "os/library.h"

struct curl_api curl_lib;

bool curl_lib_load(struct err *e)
{
	static const struct library_function functions[] = {
#define CURL_ROW(name) { #name, offsetof(struct curl_api, name) },
		CURL_FUNCTIONS(CURL_ROW)
#undef CURL_ROW
	};
	static bool ready;

	if (ready)
		return true;
	ready = library_load(MPFLASH_LIBCURL, MPFLASH_LIBCURL_DIR, functions, ARRAY_SIZE(functions),
			     &curl_lib) &&
		curl_lib.curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
	if (ready)
		return true;
	err_set(e, "cannot load %s", MPFLASH_LIBCURL);
	return err_hint(e, "install libcurl");
}
