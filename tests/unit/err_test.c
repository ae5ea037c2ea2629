/* SPDX-License-Identifier: MIT
 *
 * Errors as values.
 */
#include <errno.h>
#include <string.h>

#include "base/err.h"
#include "base/xalloc.h"
#include "scratch.h"

static void test_setting_returns_false_and_fills_the_message(void **state)
{
	AUTO_ERR e = ERR_INIT;

	(void)state;
	assert_false(err_set(&e, "sector %d", 3));
	assert_string_equal(e.msg, "sector 3");
	assert_null(e.hint);
	assert_int_equal(e.kind, ERR_FAILED);
}

static void test_a_new_error_drops_the_older_one_and_its_hint(void **state)
{
	AUTO_ERR e = ERR_INIT;

	(void)state;
	err_usage(&e, "first");
	err_hint(&e, "hint");
	err_set(&e, "second");
	assert_string_equal(e.msg, "second");
	assert_null(e.hint);
	assert_int_equal(e.kind, ERR_FAILED);
}

static void test_an_error_may_quote_the_one_that_it_replaces(void **state)
{
	AUTO_ERR e = ERR_INIT;

	(void)state;
	err_set(&e, "inner");
	err_hint(&e, "try");
	err_hint(&e, "%s again", e.hint);
	assert_string_equal(e.hint, "try again");
	err_set(&e, "outer (%s)", e.msg);
	assert_string_equal(e.msg, "outer (inner)");
}

static void test_usage_errors_are_told_apart(void **state)
{
	AUTO_ERR e = ERR_INIT;

	(void)state;
	assert_false(err_usage(&e, "no such option"));
	assert_int_equal(e.kind, ERR_USAGE);
}

static void test_a_wrap_puts_context_before_and_keeps_hint_and_kind(void **state)
{
	AUTO_ERR e = ERR_INIT;

	(void)state;
	err_usage(&e, "cause");
	err_hint(&e, "next step");
	assert_false(err_wrap(&e, "flash '%s'", "PYBV11"));
	assert_string_equal(e.msg, "flash 'PYBV11': cause");
	assert_string_equal(e.hint, "next step");
	assert_int_equal(e.kind, ERR_USAGE);
}

static void test_a_wrap_of_nothing_still_says_something(void **state)
{
	AUTO_ERR e = ERR_INIT;

	(void)state;
	err_wrap(&e, "step");
	assert_string_equal(e.msg, "step: failed");
}

static void test_a_system_error_ends_with_the_systems_reason(void **state)
{
	AUTO_ERR e = ERR_INIT;

	(void)state;
	assert_false(err_sys(&e, ENOENT, "cannot read %s", "x"));
	assert_string_equal(e.msg, "cannot read x: No such file or directory");
	assert_null(e.hint);
}

static void test_a_full_disk_has_a_hint(void **state)
{
	AUTO_ERR e = ERR_INIT;

	(void)state;
	err_sys(&e, ENOSPC, "cannot write x");
	assert_err(&e, "No space left on device", "free some disk space");
	err_sys(&e, EDQUOT, "cannot write x");
	assert_err(&e, "quota", "free some disk space");
}

static void test_moving_leaves_the_source_empty(void **state)
{
	AUTO_ERR to = ERR_INIT;
	struct err from = ERR_INIT;

	(void)state;
	err_set(&to, "old");
	err_usage(&from, "new");
	err_hint(&from, "hint");
	err_move(&to, &from);
	assert_string_equal(to.msg, "new");
	assert_string_equal(to.hint, "hint");
	assert_int_equal(to.kind, ERR_USAGE);
	assert_null(from.msg);
	assert_null(from.hint);
	assert_int_equal(from.kind, ERR_FAILED);
}

static void test_freeing_twice_is_safe(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	err_set(&e, "x");
	err_free(&e);
	err_free(&e);
	assert_null(e.msg);
}

static void broken_invariant(void)
{
	BUG("sector %d", 3);
}

static void test_a_broken_invariant_aborts(void **state)
{
	(void)state;
	assert_aborts(broken_invariant);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_setting_returns_false_and_fills_the_message),
		cmocka_unit_test(test_a_new_error_drops_the_older_one_and_its_hint),
		cmocka_unit_test(test_an_error_may_quote_the_one_that_it_replaces),
		cmocka_unit_test(test_usage_errors_are_told_apart),
		cmocka_unit_test(test_a_wrap_puts_context_before_and_keeps_hint_and_kind),
		cmocka_unit_test(test_a_wrap_of_nothing_still_says_something),
		cmocka_unit_test(test_a_system_error_ends_with_the_systems_reason),
		cmocka_unit_test(test_a_full_disk_has_a_hint),
		cmocka_unit_test(test_moving_leaves_the_source_empty),
		cmocka_unit_test(test_freeing_twice_is_safe),
		cmocka_unit_test(test_a_broken_invariant_aborts),
	};

	return cmocka_run_group_tests_name("err", tests, NULL, NULL);
}
