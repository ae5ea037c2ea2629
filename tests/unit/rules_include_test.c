/* SPDX-License-Identifier: MIT
 *
 * Files inside rule files, from the disk and from a reader.
 */
#include "rules_helpers.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "os/fs.h"

static const struct rules_scope nowhere = { 0 };

/* ---- a folder of its own for each test ---- */

static int enter_folder(void **state)
{
	char *dir = xstrdup("/tmp/rules_include_test.XXXXXX");

	if (!mkdtemp(dir) || chdir(dir))
		return -1;
	*state = dir;
	return 0;
}

static int leave_folder(void **state)
{
	AUTO_ERR e = ERR_INIT;
	bool ok = !chdir("/") && fs_remove_tree(*state, &e);

	free(*state);
	return ok ? 0 : -1;
}

static void put(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static void make_folder(const char *path)
{
	AUTO_ERR e = ERR_INIT;

	assert_true(fs_mkdirs(path, &e));
}

static struct rules *load_ok(const char *path)
{
	struct rules *r = rules_create();
	AUTO_ERR e = ERR_INIT;

	if (!rules_load(r, path, &e))
		fail_msg("%s", e.msg);
	return r;
}

static void assert_load_error(const char *path, const char *msg)
{
	struct rules *r = rules_create();
	AUTO_ERR e = ERR_INIT;

	assert_false(rules_load(r, path, &e));
	assert_string_equal(e.msg, msg);
	rules_destroy(r);
}

static void test_an_include_is_found_beside_its_file(void **state)
{
	struct rules *r;

	(void)state;
	make_folder("rules/more");
	put("rules/a.rules", "include more/b.rules\nx = $y\n");
	put("rules/more/b.rules", "include c.rules\n");
	put("rules/more/c.rules", "y = 1\n");
	r = load_ok("rules/a.rules");
	assert_value(r, nowhere, "x", "1");
	rules_destroy(r);
}

static void test_an_absolute_include_is_taken_as_it_is(void **state)
{
	AUTO_STRBUF text = STRBUF_INIT;
	struct rules *r;

	make_folder("sub");
	strbuf_addf(&text, "include %s/b.rules\n", (const char *)*state);
	put("sub/a.rules", text.buf);
	put("b.rules", "y = 1\n");
	r = load_ok("sub/a.rules");
	assert_value(r, nowhere, "y", "1");
	rules_destroy(r);
}

static void test_a_file_name_may_have_spaces(void **state)
{
	struct rules *r;

	(void)state;
	put("a.rules", "include my$ file.rules\n");
	put("my file.rules", "y = 1\n");
	r = load_ok("a.rules");
	assert_value(r, nowhere, "y", "1");
	rules_destroy(r);
}

static void test_an_include_reads_in_the_scope_it_stands_in(void **state)
{
	struct rules *r;

	(void)state;
	put("a.rules", "port p\n  board B\n    include b.rules\n");
	put("b.rules", "y = 1\nvariant V\n  z = 2\nbuild o: bin\n");
	r = load_ok("a.rules");
	assert_value(r, (struct rules_scope){ "p", NULL, "B", NULL }, "y", "1");
	assert_value(r, (struct rules_scope){ "p", NULL, "B", "V" }, "z", "2");
	assert_value(r, (struct rules_scope){ "p", NULL, "C", "V" }, "z", NULL);
	assert_string_equal(rules_build_at(r, 0)->scope.board, "B");
	rules_destroy(r);
}

static void test_the_port_of_an_include_ends_with_it(void **state)
{
	struct rules *r;

	(void)state;
	put("a.rules", "port p\ninclude b.rules\nx = of_p\n");
	put("b.rules", "first = of_p\nport q\nx = of_q\n");
	r = load_ok("a.rules");
	assert_value(r, (struct rules_scope){ .port = "p" }, "first", "of_p");
	assert_value(r, (struct rules_scope){ .port = "p" }, "x", "of_p");
	assert_value(r, (struct rules_scope){ .port = "q" }, "x", "of_q");
	rules_destroy(r);
}

static void test_a_file_may_be_included_from_two_places(void **state)
{
	struct rules *r;

	(void)state;
	put("a.rules", "port p\n  include c.rules\nport q\n  include c.rules\n");
	put("c.rules", "x = 1\nrule s\n  command = y\n");
	r = load_ok("a.rules");
	assert_value(r, (struct rules_scope){ .port = "p" }, "x", "1");
	assert_value(r, (struct rules_scope){ .port = "q" }, "x", "1");
	rules_destroy(r);
}

static void test_error_in_an_include_names_that_file(void **state)
{
	(void)state;
	make_folder("sub");
	put("a.rules", "include sub/b.rules\n");
	put("sub/b.rules", "ok = 1\nbuild a\n");
	assert_load_error("a.rules", "sub/b.rules:2:8: expected ':' after the outputs\n"
				     "  build a\n"
				     "         ^");
}

static void test_error_a_file_that_includes_itself(void **state)
{
	(void)state;
	put("a.rules", "x = 1\ninclude a.rules\n");
	assert_load_error("a.rules", "a.rules:2:9: 'a.rules' includes itself\n"
				     "  include a.rules\n"
				     "          ^");
}

static void test_error_a_circle_by_way_of_a_link_and_a_folder(void **state)
{
	(void)state;
	make_folder("sub");
	put("a.rules", "include sub/b.rules\n");
	put("sub/b.rules", "include ../link.rules\n");
	assert_int_equal(symlink("a.rules", "link.rules"), 0);
	assert_load_error("a.rules", "sub/b.rules:1:9: 'sub/../link.rules' includes itself\n"
				     "  include ../link.rules\n"
				     "          ^");
}

static void test_error_a_missing_include_points_at_its_name(void **state)
{
	struct rules *r = rules_create();
	AUTO_ERR e = ERR_INIT;

	(void)state;
	put("a.rules", "x = 1\nport p\n  include nowhere.rules\n");
	assert_false(rules_load(r, "a.rules", &e));
	assert_int_equal(strncmp(e.msg, "a.rules:3:11: cannot include: ", 30), 0);
	assert_non_null(strstr(e.msg, "nowhere.rules: No such file or directory\n"
				      "    include nowhere.rules\n"
				      "            ^"));
	assert_string_equal(e.hint, "the path is taken from the folder of the file that includes");
	rules_destroy(r);
}

static void test_error_a_missing_first_file_names_it(void **state)
{
	struct rules *r = rules_create();
	AUTO_ERR e = ERR_INIT;

	(void)state;
	assert_false(rules_load(r, "nowhere.rules", &e));
	assert_non_null(strstr(e.msg, "nowhere.rules: No such file or directory"));
	rules_destroy(r);
}

static void test_error_an_include_without_a_file(void **state)
{
	(void)state;
	assert_error("include\n",
		     "x.rules:1:8: expected a file after 'include'\n"
		     "  include\n"
		     "         ^",
		     "the file's path is taken from this file's folder");
	assert_error("include a b\n",
		     "x.rules:1:11: expected the end of the line after the file\n"
		     "  include a b\n"
		     "            ^",
		     "one statement a line");
}

static void test_error_a_variable_in_an_include(void **state)
{
	(void)state;
	assert_error("include a/$x.rules\n",
		     "x.rules:1:11: a variable in an include\n"
		     "  include a/$x.rules\n"
		     "            ^",
		     "files are read before variables have values: write the path out");
}

/* ---- readers ---- */

/* A file "N" includes "N+1", up to *ctx. */
static bool read_chain(void *ctx, const char *path, struct strbuf *out, struct err *e)
{
	long n = strtol(path, NULL, 10);

	(void)e;
	if (n < *(int *)ctx)
		strbuf_addf(out, "include %ld\n", n + 1);
	else
		strbuf_adds(out, "last = 1\n");
	return true;
}

static struct rules *load_chain(int length, bool *ok, struct err *e)
{
	const struct rules_reader reader = { .read = read_chain, .ctx = &length };
	struct rules *r = rules_create();

	rules_set_reader(r, &reader);
	*ok = rules_load(r, "0", e);
	rules_set_reader(r, NULL);
	return r;
}

static void test_a_reader_stands_in_for_the_disk(void **state)
{
	AUTO_ERR e = ERR_INIT;
	bool ok;
	struct rules *r = load_chain(16, &ok, &e);

	(void)state;
	assert_true(ok);
	assert_value(r, nowhere, "last", "1");
	rules_destroy(r);
}

static void test_error_includes_that_are_too_deep(void **state)
{
	AUTO_ERR e = ERR_INIT;
	bool ok;
	struct rules *r = load_chain(17, &ok, &e);

	(void)state;
	assert_false(ok);
	assert_string_equal(e.msg, "16:1:9: files include each other more than 16 deep\n"
				   "  include 17\n"
				   "          ^");
	rules_destroy(r);
}

/* Every file includes the next one twice. */
static bool read_pairs(void *ctx, const char *path, struct strbuf *out, struct err *e)
{
	long n = strtol(path, NULL, 10);

	(void)ctx;
	(void)e;
	if (n < 14)
		strbuf_addf(out, "include %ld\ninclude %ld\n", n + 1, n + 1);
	return true;
}

static void test_error_includes_that_double_without_end(void **state)
{
	const struct rules_reader reader = { .read = read_pairs };
	struct rules *r = rules_create();
	AUTO_ERR e = ERR_INIT;

	(void)state;
	rules_set_reader(r, &reader);
	assert_false(rules_load(r, "0", &e));
	assert_non_null(strstr(e.msg, "more than 1000 files are included\n  include "));
	rules_destroy(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_an_include_is_found_beside_its_file,
						enter_folder, leave_folder),
		cmocka_unit_test_setup_teardown(test_an_absolute_include_is_taken_as_it_is,
						enter_folder, leave_folder),
		cmocka_unit_test_setup_teardown(test_a_file_name_may_have_spaces, enter_folder,
						leave_folder),
		cmocka_unit_test_setup_teardown(test_an_include_reads_in_the_scope_it_stands_in,
						enter_folder, leave_folder),
		cmocka_unit_test_setup_teardown(test_the_port_of_an_include_ends_with_it,
						enter_folder, leave_folder),
		cmocka_unit_test_setup_teardown(test_a_file_may_be_included_from_two_places,
						enter_folder, leave_folder),
		cmocka_unit_test_setup_teardown(test_error_in_an_include_names_that_file,
						enter_folder, leave_folder),
		cmocka_unit_test_setup_teardown(test_error_a_file_that_includes_itself,
						enter_folder, leave_folder),
		cmocka_unit_test_setup_teardown(test_error_a_circle_by_way_of_a_link_and_a_folder,
						enter_folder, leave_folder),
		cmocka_unit_test_setup_teardown(test_error_a_missing_include_points_at_its_name,
						enter_folder, leave_folder),
		cmocka_unit_test(test_error_a_missing_first_file_names_it),
		cmocka_unit_test(test_error_an_include_without_a_file),
		cmocka_unit_test(test_error_a_variable_in_an_include),
		cmocka_unit_test(test_a_reader_stands_in_for_the_disk),
		cmocka_unit_test(test_error_includes_that_are_too_deep),
		cmocka_unit_test(test_error_includes_that_double_without_end),
	};

	return cmocka_run_group_tests_name("rules_include", tests, NULL, NULL);
}
