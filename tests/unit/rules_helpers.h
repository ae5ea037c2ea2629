/* SPDX-License-Identifier: MIT
 *
 * What the tests of rule files share: parse a text, read a variable as a board sees it, compare an
 * error whole.
 */
#ifndef TESTS_RULES_HELPERS_H
#define TESTS_RULES_HELPERS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "graph/rules.h"

static inline struct rules *parse_ok(const char *text)
{
	struct rules *r = rules_create();
	AUTO_ERR e = ERR_INIT;

	if (!rules_parse(r, "x.rules", text, strlen(text), &e) || !rules_check(r, &e))
		fail_msg("%s", e.msg);
	return r;
}

/* The message, with line and caret, and the hint are what a user reads: compared to the letter. */
static inline void assert_error_len(const char *text, size_t len, const char *msg, const char *hint)
{
	struct rules *r = rules_create();
	AUTO_ERR e = ERR_INIT;

	assert_false(rules_parse(r, "x.rules", text, len, &e) && rules_check(r, &e));
	assert_string_equal(e.msg, msg);
	assert_non_null(e.hint);
	assert_string_equal(e.hint, hint);
	rules_destroy(r);
}

static inline void assert_error(const char *text, const char *msg, const char *hint)
{
	assert_error_len(text, strlen(text), msg, hint);
}

/* The variable as the board sees it; `want` NULL: unset. */
static inline void assert_value(const struct rules *r, struct rules_scope board, const char *name,
				const char *want)
{
	struct rules_env env = { .rules = r, .board = board };
	AUTO_ARENA a = ARENA_INIT;
	AUTO_ERR e = ERR_INIT;
	const char *got;

	if (!rules_get(&env, name, &a, &got, &e))
		fail_msg("%s", e.msg);
	if (want && got)
		assert_string_equal(got, want);
	else
		assert_ptr_equal(got, want);
}

#endif
