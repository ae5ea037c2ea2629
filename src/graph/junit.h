/* SPDX-License-Identifier: MIT
 *
 * Results as JUnit XML, which CI systems show: a test suite for each port, a test case for each board and variant.
 */
#ifndef GRAPH_JUNIT_H
#define GRAPH_JUNIT_H

#include "graph/results.h"

/*
 * Whether the file can be written when the time comes: its folder is there, and it is no folder itself. An hour of
 * building comes before that.
 */
bool junit_check(const char *path, struct err *e);

/*
 * Appends the document. Up to date: passed in no time, with the property "outcome"; not tried: skipped. A failure holds the
 * error and the end of its log. `failure` (NULL: none) is an error of no board in particular, that ended the run before one
 * was tried or was found by --audit: a case of its own.
 */
void junit_text(const struct results *r, const struct err *failure, int64_t ms, struct strbuf *out);

/* The same into a file, as a whole or not at all. */
bool junit_write(const char *path, const struct results *r, const struct err *failure, int64_t ms,
		 struct err *e);

#endif
