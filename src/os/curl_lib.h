/* SPDX-License-Identifier: MIT
 *
 * libcurl, loaded when it is first needed: only commands that use the network do.
 */
#ifndef OS_CURL_LIB_H
#define OS_CURL_LIB_H

/* Its checks of types are macros under the names of the functions. */
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>
#include <stdbool.h>

#include "base/err.h"

/* The functions that we use. */
#define CURL_FUNCTIONS(X)           \
	X(curl_easy_cleanup)        \
	X(curl_easy_getinfo)        \
	X(curl_easy_init)           \
	X(curl_easy_setopt)         \
	X(curl_easy_strerror)       \
	X(curl_global_init)         \
	X(curl_multi_add_handle)    \
	X(curl_multi_cleanup)       \
	X(curl_multi_info_read)     \
	X(curl_multi_init)          \
	X(curl_multi_perform)       \
	X(curl_multi_poll)          \
	X(curl_multi_remove_handle) \
	X(curl_slist_append)        \
	X(curl_slist_free_all)

struct curl_api {
#define CURL_MEMBER(name) __typeof__(&(name)) name; /* NOLINT(bugprone-macro-parentheses): a name */
	CURL_FUNCTIONS(CURL_MEMBER)
#undef CURL_MEMBER
};

/* curl_lib.curl_easy_init() is curl_easy_init(). Valid once curl_lib_load said yes. */
extern struct curl_api curl_lib;

bool curl_lib_load(struct err *e);

#endif
