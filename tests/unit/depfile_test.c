/* SPDX-License-Identifier: MIT
 *
 * Dependency files as gcc, CMake and MicroPython's make leave them.
 */
#include <string.h>

#include "base/strbuf.h"
#include "build/depfile.h"
#include "scratch.h"

/* "source|header|..." */
static const char *parse(struct scratch *s, const char *text)
{
	struct strv deps = { 0 };
	AUTO_STRBUF out = STRBUF_INIT;

	must(depfile_parse(&s->arena, text, strlen(text), &deps, &s->err), &s->err);
	for (size_t i = 0; i < deps.count; i++)
		strbuf_addf(&out, "%s%s", i ? "|" : "", deps.items[i]);
	vec_free(&deps);
	return arena_strdup(&s->arena, out.buf);
}

static void assert_refused(struct scratch *s, const char *text, size_t len, const char *why)
{
	struct strv deps = { 0 };

	assert_false(depfile_parse(&s->arena, text, len, &deps, &s->err));
	assert_err(&s->err, why, NULL);
	vec_free(&deps);
	err_free(&s->err);
}

static void test_lines_go_on_after_a_backslash(void **state)
{
	assert_string_equal(
		parse(*state, "CMakeFiles/f.dir/a.c.o: /t/a.c \\\n /t/b.h\\\n\t/t/c.h\n"),
		"/t/a.c|/t/b.h|/t/c.h");
	assert_string_equal(parse(*state, "a.o: a.c \\\r\n b.h\r\n"), "a.c|b.h");
}

static void test_the_lines_that_make_adds_for_headers_say_nothing_new(void **state)
{
	assert_string_equal(parse(*state, "/w/py/a.o: ../../py/a.c ../../py/a.h \\\n"
					  " ../../py/b.h /w/genhdr/q.h\n"
					  "../../py/a.c ../../py/a.h :\n"
					  " ../../py/b.h /w/genhdr/q.h :\n"),
			    "../../py/a.c|../../py/a.h|../../py/b.h|/w/genhdr/q.h");
	assert_string_equal(parse(*state, "a.o: a.c a.h\n\na.h:\n"), "a.c|a.h");
}

static void test_escapes_are_resolved(void **state)
{
	assert_string_equal(parse(*state, "my\\ a.o: my\\ a.c a\\#b.h c$$d.h e\\f.h g:h.h\n"),
			    "my a.c|a#b.h|c$d.h|e\\f.h|g:h.h");
}

static void test_what_is_not_whole_is_refused(void **state)
{
	assert_refused(*state, "", 0, "no rule");
	assert_refused(*state, "\n\n", 2, "no rule");
	assert_refused(*state, "a.o:\n", 5, "no rule");
	assert_refused(*state, "a.o: a.c", 8, "ends in the middle");
	assert_refused(*state, "a.o: a.c \\\n", 11, "ends in the middle");
	assert_refused(*state, "a.o: a.c \\", 10, "ends in the middle");
	assert_refused(*state, "a.o a.c\n", 8, "without a colon");
	assert_refused(*state, ": a.c\n", 6, "without a target");
	assert_refused(*state, "a.o: a.c : b.c\n", 15, "two colons");
	assert_refused(*state, "a.o: a.c\nb.o: b.c\n", 18, "second rule");
	assert_refused(*state, "a.o: a\0c\n", 9, "NUL");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_lines_go_on_after_a_backslash, scratch_setup,
						scratch_teardown),
		cmocka_unit_test_setup_teardown(
			test_the_lines_that_make_adds_for_headers_say_nothing_new, scratch_setup,
			scratch_teardown),
		cmocka_unit_test_setup_teardown(test_escapes_are_resolved, scratch_setup,
						scratch_teardown),
		cmocka_unit_test_setup_teardown(test_what_is_not_whole_is_refused, scratch_setup,
						scratch_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
