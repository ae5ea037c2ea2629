/* SPDX-License-Identifier: MIT
 *
 * Command-line options.
 */
#include <string.h>

#include "base/xalloc.h"
#include "cmd/global.h"
#include "scratch.h"

/* One option of each type, as a command has them, and what a command line made of them. */
struct line {
	bool keep, probe;
	const char *output;
	struct strv sets;
	int jobs;
	struct parsed parsed;
	struct err err;
};

/* Parses the words behind the command's name into a fresh `line`. */
static bool parse(struct line *l, const char *const *words, size_t count)
{
	const struct option table[] = {
		{ "keep-going", 'k', NULL, OPT_FLAG, NULL, "go on", &l->keep },
		{ "probe", 0, NULL, OPT_FLAG, NULL, "ask boards", &l->probe },
		{ "output", 'o', "out", OPT_STRING, "DIR", "put files there", &l->output },
		{ "set", 0, NULL, OPT_LIST, "VAR=VALUE", "a variable", &l->sets },
		{ "jobs", 'j', NULL, OPT_INT, "N", "at once", &l->jobs },
		{ 0 },
	};
	char *argv[20] = { (char *)"make" };

	*l = (struct line){ .probe = true, .jobs = -1 };
	for (size_t i = 0; i < count; i++)
		argv[i + 1] = (char *)words[i];
	return options_parse(table, (int)count + 1, argv, &l->parsed, &l->err);
}

static void line_free(struct line *l)
{
	parsed_free(&l->parsed);
	vec_free(&l->sets);
	err_free(&l->err);
}

#define PARSE(l, ...)                                    \
	parse((l), (const char *const[]){ __VA_ARGS__ }, \
	      ARRAY_SIZE(((const char *const[]){ __VA_ARGS__ })))

/* The list, one space behind each word. */
static const char *joined(const struct strv *v, struct arena *a)
{
	AUTO_STRBUF out = STRBUF_INIT;

	for (size_t i = 0; i < v->count; i++)
		strbuf_addf(&out, "%s ", v->items[i]);
	return arena_strdup(a, out.buf);
}

static void assert_usage(const char *word, const char *value, const char *message, const char *hint)
{
	struct line l;

	assert_false(value ? PARSE(&l, word, value) : PARSE(&l, word));
	assert_int_equal(l.err.kind, ERR_USAGE);
	assert_err(&l.err, message, hint);
	line_free(&l);
}

static void test_words_are_what_is_no_option(void **state)
{
	AUTO_ARENA a = ARENA_INIT;
	struct line l;

	(void)state;
	assert_true(PARSE(&l, "one", "-k", "two", "-", ""));
	assert_string_equal(joined(&l.parsed.words, &a), "one two -  ");
	assert_true(l.keep);
	line_free(&l);
}

static void test_what_follows_two_dashes_is_kept_apart(void **state)
{
	AUTO_ARENA a = ARENA_INIT;
	struct line l;

	(void)state;
	assert_true(PARSE(&l, "one", "--", "-k", "--", "V=1"));
	assert_string_equal(joined(&l.parsed.words, &a), "one ");
	assert_string_equal(joined(&l.parsed.rest, &a), "-k -- V=1 ");
	assert_false(l.keep);
	line_free(&l);
}

static void assert_output(const char *const *words, size_t count, const char *want)
{
	struct line l;

	assert_true(parse(&l, words, count));
	assert_string_equal(l.output, want);
	assert_int_equal(l.parsed.words.count, 0);
	line_free(&l);
}

static void test_a_value_stands_behind_or_after_an_equal_sign(void **state)
{
	(void)state;
	assert_output((const char *const[]){ "--output", "dir" }, 2, "dir");
	assert_output((const char *const[]){ "--output=dir" }, 1, "dir");
	assert_output((const char *const[]){ "--output=" }, 1, "");
	assert_output((const char *const[]){ "--output=a=b" }, 1, "a=b");
	assert_output((const char *const[]){ "-o", "dir" }, 2, "dir");
	assert_output((const char *const[]){ "-odir" }, 1, "dir");
}

static void test_an_alias_is_the_same_option(void **state)
{
	(void)state;
	assert_output((const char *const[]){ "--out=dir" }, 1, "dir");
}

static void test_a_value_may_look_like_an_option(void **state)
{
	(void)state;
	assert_output((const char *const[]){ "-o", "-k" }, 2, "-k");
	assert_output((const char *const[]){ "--output", "--" }, 2, "--");
}

static void test_the_last_value_wins(void **state)
{
	(void)state;
	assert_output((const char *const[]){ "-o", "a", "--output=b" }, 3, "b");
}

static void test_a_list_keeps_every_value(void **state)
{
	AUTO_ARENA a = ARENA_INIT;
	struct line l;

	(void)state;
	assert_true(PARSE(&l, "--set", "A=1", "--set=B=2"));
	assert_string_equal(joined(&l.sets, &a), "A=1 B=2 ");
	line_free(&l);
}

static void test_letters_may_stand_together(void **state)
{
	struct line l;

	(void)state;
	assert_true(PARSE(&l, "-kj4"));
	assert_true(l.keep);
	assert_int_equal(l.jobs, 4);
	line_free(&l);
	assert_true(PARSE(&l, "-kj", "5"));
	assert_int_equal(l.jobs, 5);
	line_free(&l);
}

static void test_what_a_command_does_not_have_may_be_an_option_of_all(void **state)
{
	struct line l;

	(void)state;
	global = (struct global){ .interactive = true };
	assert_true(PARSE(&l, "-kVV", "--verbose", "-x", "--usb"));
	assert_true(l.keep && global.usb && !global.interactive);
	assert_int_equal(global.verbose, 3);
	line_free(&l);
	assert_true(PARSE(&l, "--interactive", "--no-usb", "--dir=x"));
	assert_true(global.interactive && !global.usb);
	assert_string_equal(global.dir, "x");
	line_free(&l);
	assert_false(PARSE(&l, "-i")); /* other things in many commands */
	line_free(&l);
	global = (struct global){ 0 };
}

static void test_options_before_the_command_end_at_its_name(void **state)
{
	char *argv[] = { (char *)"mpflash", (char *)"-qd", (char *)"x",
			 (char *)"list",    (char *)"-i",  NULL };
	AUTO_ERR e = ERR_INIT;
	bool help = false;
	int at;

	(void)state;
	assert_true(options_parse_leading(global_options, 5, argv, &at, &help, &e));
	assert_int_equal(at, 3);
	assert_true(global.quiet && !help);
	assert_string_equal(global.dir, "x");
	global = (struct global){ 0 };
	global_settle();
}

static void test_no_before_a_flag_turns_it_off(void **state)
{
	struct line l;

	(void)state;
	assert_true(PARSE(&l, "--no-probe"));
	assert_false(l.probe);
	line_free(&l);
	assert_true(PARSE(&l, "--no-probe", "--probe"));
	assert_true(l.probe);
	line_free(&l);
}

static void test_no_before_an_option_with_a_value_is_unknown(void **state)
{
	(void)state;
	assert_usage("--no-jobs", NULL, "there is no option --no-jobs", "--help lists");
}

static void test_help_is_told_wherever_it_stands(void **state)
{
	static const char *const words[] = { "--help", "-h", "-kh" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		struct line l;

		assert_true(PARSE(&l, "one", words[i]));
		assert_true(l.parsed.help);
		line_free(&l);
	}
}

static void test_an_unknown_option_suggests_the_nearest(void **state)
{
	(void)state;
	assert_usage("--outptu=x", NULL, "there is no option --outptu", "did you mean --output?");
	assert_usage("--zzzzzz", NULL, "there is no option --zzzzzz", "--help lists");
	assert_usage("-z", NULL, "there is no option -z", "--help lists");
	assert_usage("-kz", NULL, "there is no option -z", "--help lists");
}

static void test_a_part_of_a_name_is_no_option(void **state)
{
	(void)state;
	assert_usage("--outpu", "dir", "there is no option --outpu", "--output");
	assert_usage("--outputs", "dir", "there is no option --outputs", "--output");
}

static void test_a_missing_value_is_told(void **state)
{
	(void)state;
	assert_usage("--output", NULL, "--output wants a value: --output DIR", NULL);
	assert_usage("-o", NULL, "-o wants a value: -o DIR", NULL);
}

static void test_a_flag_takes_no_value(void **state)
{
	(void)state;
	assert_usage("--probe=yes", NULL, "--probe takes no value", NULL);
}

static void test_numbers_are_whole_and_not_negative(void **state)
{
	static const char *const bad[] = {
		"", "x", "-1", "4x", "1.5", "2147483648", "99999999999999999999"
	};
	struct line l;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_usage("--jobs", bad[i], "--jobs wants a whole number, not", NULL);
	assert_true(PARSE(&l, "--jobs=0"));
	assert_int_equal(l.jobs, 0);
	line_free(&l);
	assert_true(PARSE(&l, "-j2147483647"));
	assert_int_equal(l.jobs, 2147483647);
	line_free(&l);
}

static void test_help_names_every_option(void **state)
{
	bool keep;
	const char *output;
	const struct option table[] = {
		{ "keep-going", 'k', NULL, OPT_FLAG, NULL, "go on", &keep },
		{ "output", 0, "out", OPT_STRING, "DIR", "put files there", &output },
		{ 0 },
	};
	AUTO_STRBUF out = STRBUF_INIT;

	(void)state;
	options_describe(table, &out);
	assert_string_equal(out.buf, "options:\n"
				     "  -k, --keep-going             go on\n"
				     "      --output, --out DIR      put files there\n"
				     "  -h, --help                   show this\n");
}

static void keep_names(void *ctx, const struct option *table)
{
	for (; table->name; table++)
		strbuf_addf(ctx, "%s ", table->name);
}

static void test_a_watch_gets_the_table_and_nothing_is_parsed(void **state)
{
	AUTO_STRBUF names = STRBUF_INIT;
	struct line l;

	(void)state;
	options_watch(keep_names, &names);
	assert_false(PARSE(&l, "one", "-k", "--no-such-option"));
	options_watch(NULL, NULL);
	assert_string_equal(names.buf, "keep-going probe output set jobs ");
	assert_false(l.keep);
	assert_int_equal(l.parsed.words.count, 0);
	line_free(&l);
	assert_true(PARSE(&l, "-k"));
	assert_true(l.keep);
	line_free(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words_are_what_is_no_option),
		cmocka_unit_test(test_what_follows_two_dashes_is_kept_apart),
		cmocka_unit_test(test_a_value_stands_behind_or_after_an_equal_sign),
		cmocka_unit_test(test_an_alias_is_the_same_option),
		cmocka_unit_test(test_a_value_may_look_like_an_option),
		cmocka_unit_test(test_the_last_value_wins),
		cmocka_unit_test(test_a_list_keeps_every_value),
		cmocka_unit_test(test_letters_may_stand_together),
		cmocka_unit_test(test_what_a_command_does_not_have_may_be_an_option_of_all),
		cmocka_unit_test(test_options_before_the_command_end_at_its_name),
		cmocka_unit_test(test_no_before_a_flag_turns_it_off),
		cmocka_unit_test(test_no_before_an_option_with_a_value_is_unknown),
		cmocka_unit_test(test_help_is_told_wherever_it_stands),
		cmocka_unit_test(test_an_unknown_option_suggests_the_nearest),
		cmocka_unit_test(test_a_part_of_a_name_is_no_option),
		cmocka_unit_test(test_a_missing_value_is_told),
		cmocka_unit_test(test_a_flag_takes_no_value),
		cmocka_unit_test(test_numbers_are_whole_and_not_negative),
		cmocka_unit_test(test_help_names_every_option),
		cmocka_unit_test(test_a_watch_gets_the_table_and_nothing_is_parsed),
	};

	return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}
