/* SPDX-License-Identifier: MIT
 *
 * libxml2's reader of HTML, loaded when it is first needed: only `download` looks at pages.
 */
#ifndef OS_HTML_LIB_H
#define OS_HTML_LIB_H

#include <libxml/HTMLparser.h>
#include <stdbool.h>

#include "base/err.h"

/* The functions that we use. */
#define HTML_FUNCTIONS(X)       \
	X(htmlReadMemory)       \
	X(xmlDocGetRootElement) \
	X(xmlFreeDoc)

struct html_api {
#define HTML_MEMBER(name) __typeof__(&(name)) name; /* NOLINT(bugprone-macro-parentheses): a name */
	HTML_FUNCTIONS(HTML_MEMBER)
#undef HTML_MEMBER
};

/* html_lib.htmlReadMemory() is htmlReadMemory(). Valid once html_lib_load said yes. */
extern struct html_api html_lib;

bool html_lib_load(struct err *e);

#endif
