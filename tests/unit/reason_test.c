/* SPDX-License-Identifier: MIT
 *
 * Why a step runs: its parts compared with those of its last run.
 */
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "graph/reason.h"
#include "os/fs.h"
#include "scratch.h"

struct fixture {
	struct scratch *s;
	struct make_options opt;
	struct session session;
	struct step step;
};

static int setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));

	f->s = scratch_create();
	f->session.opt = &f->opt;
	f->session.store = store_open(scratch_path(f->s, "store"), false, &f->s->err);
	must(f->session.store != NULL, &f->s->err);
	f->step.parts = (struct strbuf)STRBUF_INIT;
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	strbuf_free(&f->step.parts);
	store_close(f->session.store);
	arena_free(&f->session.arena);
	scratch_destroy(f->s);
	free(f);
	return 0;
}

static struct digest put(struct fixture *f, const char *text)
{
	struct digest d;

	must(store_put_bytes(f->session.store, text, strlen(text), &d, &f->s->err), &f->s->err);
	return d;
}

/* Parts with a list of files: put into the store, its digest as the part "inputs". */
static const char *parts_with(struct fixture *f, const char *files, const char *more)
{
	struct digest d = put(f, files);
	char hex[DIGEST_HEX_SIZE];

	digest_hex(&d, hex);
	return arena_printf(&f->s->arena, "inputs\t%s\n%s", hex, more);
}

static const char *reason(struct fixture *f, const char *before, const char *now)
{
	struct store_last last = { .parts = put(f, before) };

	strbuf_reset(&f->step.parts);
	strbuf_adds(&f->step.parts, now);
	return reason_to_run(&f->session, &f->step, &last);
}

#define A "0123456789abcdef0123456789abcdef "
#define B "fedcba9876543210fedcba9876543210 "

static void test_a_step_without_a_last_run_was_never_done(void **state)
{
	struct fixture *f = *state;

	assert_string_equal(reason_to_run(&f->session, &f->step, NULL), "never done before");
}

static void test_a_last_run_that_the_store_lost_is_told(void **state)
{
	struct fixture *f = *state;
	struct store_last last = { .parts = digest_of("x", 1) };

	assert_string_equal(reason_to_run(&f->session, &f->step, &last),
			    "the store does not know what it was made of");
}

static void test_a_part_that_differs_is_named(void **state)
{
	assert_string_equal(
		reason(*state, "flags\t-O2\ntool gcc\t12\n", "flags\t-O3\ntool gcc\t12\n"),
		"flags changed");
}

static void test_a_part_that_comes_or_goes_is_named(void **state)
{
	assert_string_equal(reason(*state, "a\t1\n", "a\t1\nsetting B\t2\n"), "setting B is new");
	assert_string_equal(reason(*state, "a\t1\nsetting B\t2\n", "a\t1\n"), "setting B is gone");
}

/* "output" comes once for each file. */
static void test_a_part_that_comes_several_times_is_compared_by_value(void **state)
{
	assert_string_equal(reason(*state, "output\ta\noutput\tb\noutput\tc\n",
				   "output\ta\noutput\td\noutput\tc\n"),
			    "output d is new, output b is gone");
	assert_string_equal(reason(*state, "output\ta\n", "output\ta\noutput\tb\n"),
			    "output b is new");
}

static void test_another_order_is_a_change(void **state)
{
	struct fixture *f = *state;
	const char *one = "argument X\tX=1\n", *two = "argument X\tX=2\n";

	assert_string_equal(
		reason(f, parts_with(f, A "py/a.c\n", arena_printf(&f->s->arena, "%s%s", one, two)),
		       parts_with(f, A "py/a.c\n", arena_printf(&f->s->arena, "%s%s", two, one))),
		"argument X X=2 is in another place");
	assert_string_equal(reason(f, "argument 1\t-s\nargument 1\t-s\n", "argument 1\t-s\n"),
			    "argument 1 -s is gone");
}

static void test_a_value_may_be_empty(void **state)
{
	assert_string_equal(reason(*state, "a\t\n", "a\tx\n"), "a changed");
}

static void test_a_file_that_differs_is_named(void **state)
{
	struct fixture *f = *state;

	assert_string_equal(reason(f, parts_with(f, A "py/a.c\n" A "py/b.c\n", ""),
				   parts_with(f, A "py/a.c\n" B "py/b.c\n", "")),
			    "py/b.c changed");
}

static void test_a_file_that_comes_or_goes_is_named(void **state)
{
	struct fixture *f = *state;
	const char *less = parts_with(f, A "py/a.c\n", "");
	const char *more = parts_with(f, A "py/a.c\n" B "py/b.c\n", "");

	assert_string_equal(reason(f, less, more), "py/b.c is new");
	assert_string_equal(reason(f, more, less), "py/b.c is gone");
}

static void test_a_file_that_was_looked_for_in_vain_is_new_or_removed(void **state)
{
	struct fixture *f = *state;
	const char *absent = parts_with(f, "absent manifest.py\n", "");
	const char *there = parts_with(f, A "manifest.py\n", "");

	assert_string_equal(reason(f, absent, there), "manifest.py is new");
	assert_string_equal(reason(f, there, absent), "manifest.py was removed");
}

/* Names of parts mean nothing in a list of files. */
static void test_a_file_may_have_the_name_of_a_part(void **state)
{
	struct fixture *f = *state;

	assert_string_equal(
		reason(f, parts_with(f, A "inputs\n", ""), parts_with(f, B "inputs\n", "")),
		"inputs changed");
	assert_string_equal(
		reason(f, parts_with(f, A "tool x\n", ""), parts_with(f, B "tool x\n", "")),
		"tool x changed");
}

static void test_names_may_have_spaces(void **state)
{
	struct fixture *f = *state;

	assert_string_equal(reason(f, parts_with(f, A "my board/a b.c\n", ""),
				   parts_with(f, B "my board/a b.c\n", "")),
			    "my board/a b.c changed");
}

static void test_files_and_parts_are_told_together(void **state)
{
	struct fixture *f = *state;

	assert_string_equal(reason(f, parts_with(f, A "a.c\n", "flags\t-O2\n"),
				   parts_with(f, B "a.c\n", "flags\t-O3\n")),
			    "a.c changed, flags changed");
}

static void test_three_are_named_and_the_rest_counted(void **state)
{
	struct fixture *f = *state;
	const char *text = reason(f, parts_with(f, A "a\n" A "b\n" A "c\n" A "d\n" A "e\n", ""),
				  parts_with(f, B "a\n" B "b\n" B "c\n" B "d\n" B "e\n", ""));
	size_t named = 0;

	for (const char *p = text; (p = strstr(p, " changed")); p++)
		named++;
	assert_int_equal(named, 3);
	assert_has(text, " and 2 more");
}

static void test_a_list_of_files_that_is_lost_is_still_a_change(void **state)
{
	struct fixture *f = *state;

	assert_string_equal(reason(f, "inputs\t0123456789abcdef0123456789abcdef\na\t1\n",
				   parts_with(f, A "a.c\n", "a\t1\n")),
			    "inputs changed");
}

static void test_the_same_parts_mean_that_the_outputs_are_lost(void **state)
{
	struct fixture *f = *state;
	const char *parts = parts_with(f, A "a.c\n", "flags\t-O2\n");

	assert_string_equal(reason(f, parts, parts), "what it made last is not in the store");
}

static void test_a_corrupt_list_of_parts_is_told(void **state)
{
	struct fixture *f = *state;
	struct store_last last = { .parts = put(f, "a\t1\n") };
	AUTO_STRBUF path = STRBUF_INIT;

	store_blob_path(f->session.store, &last.parts, &path);
	must(fs_write_atomic(path.buf, "b\t1\n", 4, 0644, &f->s->err), &f->s->err);
	assert_string_equal(reason_to_run(&f->session, &f->step, &last),
			    "the store does not know what it was made of");
}

static void test_with_explain_the_files_are_counted(void **state)
{
	struct fixture *f = *state;

	strbuf_adds(&f->step.parts, parts_with(f, A "a.c\n" A "b.c\n" A "c.c\n", "x\ty\n"));
	f->opt.explain = true;
	assert_string_equal(reason_fresh(&f->session, &f->step),
			    "none of its 3 files, flags and tools changed");
}

static void test_without_explain_nothing_is_read(void **state)
{
	struct fixture *f = *state;
	struct node *in = NULL;

	assert_string_equal(reason_fresh(&f->session, &f->step), "nothing changed");
	f->step.ins = (struct node_list){ &in, 1, 1 };
	assert_string_equal(reason_fresh(&f->session, &f->step),
			    "what it is made from did not change");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_a_step_without_a_last_run_was_never_done),
		TEST(test_a_last_run_that_the_store_lost_is_told),
		TEST(test_a_part_that_differs_is_named),
		TEST(test_a_part_that_comes_or_goes_is_named),
		TEST(test_a_part_that_comes_several_times_is_compared_by_value),
		TEST(test_another_order_is_a_change),
		TEST(test_a_value_may_be_empty),
		TEST(test_a_file_that_differs_is_named),
		TEST(test_a_file_that_comes_or_goes_is_named),
		TEST(test_a_file_that_was_looked_for_in_vain_is_new_or_removed),
		TEST(test_a_file_may_have_the_name_of_a_part),
		TEST(test_names_may_have_spaces),
		TEST(test_files_and_parts_are_told_together),
		TEST(test_three_are_named_and_the_rest_counted),
		TEST(test_a_list_of_files_that_is_lost_is_still_a_change),
		TEST(test_the_same_parts_mean_that_the_outputs_are_lost),
		TEST(test_a_corrupt_list_of_parts_is_told),
		TEST(test_with_explain_the_files_are_counted),
		TEST(test_without_explain_nothing_is_read),
	};

	return cmocka_run_group_tests_name("reason", tests, NULL, NULL);
}
