/* SPDX-License-Identifier: MIT
 *
 * Variables of rule files: which scope wins, when they are expanded, and how values fall into
 * words.
 */
#include "rules_helpers.h"

static const struct rules_scope pico2 = { "rp2", "rp2350", "RPI_PICO2", NULL };
static const struct rules_scope pico2_riscv = { "rp2", "rp2350", "RPI_PICO2", "RISCV" };
static const struct rules_scope pico = { "rp2", "rp2040", "RPI_PICO", NULL };
static const struct rules_scope pybv11 = { "stm32", "stm32f4", "PYBV11", NULL };

static void assert_strings(const struct strv *got, const char *const *want, size_t n)
{
	assert_int_equal(got->count, n);
	for (size_t i = 0; i < got->count && i < n; i++)
		assert_string_equal(got->items[i], want[i]);
}

static void assert_words(const struct rules *r, const char *name, const char *const *want, size_t n)
{
	struct rules_env env = { .rules = r, .board = pico };
	AUTO_ARENA a = ARENA_INIT;
	AUTO_ERR e = ERR_INIT;
	struct strv words = { 0 };

	if (!rules_get_words(&env, name, &a, &words, &e))
		fail_msg("%s", e.msg);
	assert_strings(&words, want, n);
	vec_free(&words);
}

#define ASSERT_WORDS(r, name, ...)                                  \
	assert_words(r, name, (const char *const[]){ __VA_ARGS__ }, \
		     sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(const char *))

/* Getting the variable for the Pico fails with this. */
static void assert_get_error(const char *text, const char *name, const char *msg, const char *hint)
{
	struct rules *r = parse_ok(text);
	struct rules_env env = { .rules = r, .board = pico };
	AUTO_ARENA a = ARENA_INIT;
	AUTO_ERR e = ERR_INIT;
	struct strv words = { 0 };

	assert_false(rules_get_words(&env, name, &a, &words, &e));
	assert_string_equal(e.msg, msg);
	assert_string_equal(e.hint, hint);
	vec_free(&words);
	rules_destroy(r);
}

/* ---- scopes ---- */

static const char design_example[] = "port rp2\n"
				     "  container = micropython/build-micropython-arm:bookworm\n"
				     "  uf2.family = rp2040\n"
				     "\n"
				     "mcu rp2350\n"
				     "  uf2.family = rp2350-arm-s\n"
				     "\n"
				     "variant RISCV\n"
				     "  container  = micropython/build-micropython-rp2350riscv\n"
				     "  uf2.family = rp2350-riscv\n";

static void test_the_port_serves_its_boards(void **state)
{
	struct rules *r = parse_ok(design_example);

	(void)state;
	assert_value(r, pico, "uf2.family", "rp2040");
	assert_value(r, pico, "container", "micropython/build-micropython-arm:bookworm");
	rules_destroy(r);
}

static void test_the_mcu_beats_the_port(void **state)
{
	struct rules *r = parse_ok(design_example);

	(void)state;
	assert_value(r, pico2, "uf2.family", "rp2350-arm-s");
	assert_value(r, pico2, "container", "micropython/build-micropython-arm:bookworm");
	rules_destroy(r);
}

static void test_the_variant_beats_the_mcu(void **state)
{
	struct rules *r = parse_ok(design_example);

	(void)state;
	assert_value(r, pico2_riscv, "uf2.family", "rp2350-riscv");
	assert_value(r, pico2_riscv, "container", "micropython/build-micropython-rp2350riscv");
	rules_destroy(r);
}

static void test_another_port_sees_none_of_it(void **state)
{
	struct rules *r = parse_ok(design_example);

	(void)state;
	assert_value(r, pybv11, "uf2.family", NULL);
	rules_destroy(r);
}

static void test_the_order_of_lines_does_not_change_who_wins(void **state)
{
	struct rules *r = parse_ok("variant RISCV\n  x = variant\n"
				   "board RPI_PICO2\n  x = board\n"
				   "mcu rp2350\n  x = mcu\n"
				   "port rp2\n  x = port\n");

	(void)state;
	assert_value(r, pico2_riscv, "x", "variant");
	assert_value(r, pico2, "x", "board");
	assert_value(r, (struct rules_scope){ "rp2", "rp2350", "OTHER", NULL }, "x", "mcu");
	assert_value(r, pico, "x", "port");
	assert_value(r, pybv11, "x", NULL);
	rules_destroy(r);
}

static void test_a_scope_beats_global(void **state)
{
	struct rules *r = parse_ok("x = global\nport rp2\n  x = port\n");

	(void)state;
	assert_value(r, pybv11, "x", "global");
	assert_value(r, pico, "x", "port");
	rules_destroy(r);
}

static void test_of_two_equally_specific_the_later_wins(void **state)
{
	struct rules *r = parse_ok("mcu rp2350\n  x = 1\nmcu rp2350\n  x = 2\n");

	(void)state;
	assert_value(r, pico2, "x", "2");
	rules_destroy(r);
}

static void test_blocks_inside_each_other_all_must_match(void **state)
{
	struct rules *r = parse_ok("board RPI_PICO2\n"
				   "  variant RISCV\n"
				   "    x = both\n"
				   "  x = board\n"
				   "variant RISCV\n"
				   "  x = variant\n");

	(void)state;
	assert_value(r, pico2_riscv, "x", "both");
	assert_value(r, pico2, "x", "board");
	assert_value(r, (struct rules_scope){ "rp2", NULL, "B", "RISCV" }, "x", "variant");
	rules_destroy(r);
}

static void test_a_port_line_holds_for_what_follows_at_the_margin(void **state)
{
	struct rules *r = parse_ok("before = 1\n"
				   "port rp2\n"
				   "after = 2\n"
				   "variant RISCV\n"
				   "  x = rp2\n"
				   "port stm32\n"
				   "after = 3\n");

	(void)state;
	assert_value(r, pybv11, "before", "1");
	assert_value(r, pico, "after", "2");
	assert_value(r, pybv11, "after", "3");
	assert_value(r, (struct rules_scope){ "stm32", NULL, "B", "RISCV" }, "x", NULL);
	rules_destroy(r);
}

static void test_ranks_order_scopes(void **state)
{
	(void)state;
	assert_int_equal(rules_scope_rank(&(struct rules_scope){ 0 }), 0);
	assert_true(rules_scope_rank(&(struct rules_scope){ .variant = "v" }) >
		    rules_scope_rank(&(struct rules_scope){ "p", "m", "b", NULL }));
	assert_true(rules_scope_rank(&(struct rules_scope){ .board = "b" }) >
		    rules_scope_rank(&(struct rules_scope){ "p", "m", NULL, NULL }));
	assert_true(rules_scope_rank(&(struct rules_scope){ .mcu = "m" }) >
		    rules_scope_rank(&(struct rules_scope){ .port = "p" }));
}

static void test_scopes_overlap_unless_they_name_different_things(void **state)
{
	struct rules_scope rp2 = { .port = "rp2" }, stm32 = { .port = "stm32" };
	struct rules_scope riscv = { .variant = "RISCV" };

	(void)state;
	assert_true(rules_scope_overlaps(&rp2, &riscv));
	assert_true(rules_scope_overlaps(&rp2, &(struct rules_scope){ 0 }));
	assert_false(rules_scope_overlaps(&rp2, &stm32));
}

/* ---- expansion ---- */

static void test_a_value_is_expanded_where_it_is_used(void **state)
{
	struct rules *r = parse_ok("image = build-$board/firmware.$ext\n"
				   "ext = bin\n"
				   "port rp2\n  ext = uf2\n"
				   "board = none\n"
				   "board RPI_PICO\n  board = PICO\n");

	(void)state;
	assert_value(r, pico, "image", "build-PICO/firmware.uf2");
	assert_value(r, pybv11, "image", "build-/firmware.bin");
	rules_destroy(r);
}

static void test_a_variable_that_nobody_sets_is_empty_inside_a_value(void **state)
{
	struct rules *r = parse_ok("x = a${nothing}b\n");

	(void)state;
	assert_value(r, pico, "x", "ab");
	rules_destroy(r);
}

static void test_an_empty_value_is_not_unset(void **state)
{
	struct rules *r = parse_ok("x =\n");

	(void)state;
	assert_value(r, pico, "x", "");
	assert_value(r, pico, "y", NULL);
	rules_destroy(r);
}

static void test_a_name_in_braces_takes_dots(void **state)
{
	struct rules *r = parse_ok("uf2 = U\nuf2.family = F\na = $uf2.family\nb = ${uf2.family}\n");

	(void)state;
	assert_value(r, pico, "a", "U.family");
	assert_value(r, pico, "b", "F");
	rules_destroy(r);
}

static void test_escapes(void **state)
{
	struct rules *r = parse_ok("x = a$$b$:c$ \ny = $ x\n");

	(void)state;
	assert_value(r, pico, "x", "a$b:c ");
	assert_value(r, pico, "y", " x");
	rules_destroy(r);
}

static void test_white_space_around_a_value_is_dropped(void **state)
{
	struct rules *r = parse_ok("x  =  a  b \t \nv = 1\ny = a $v \n");

	(void)state;
	assert_value(r, pico, "x", "a  b");
	assert_value(r, pico, "y", "a 1");
	rules_destroy(r);
}

static void test_a_hash_inside_a_value_is_kept(void **state)
{
	struct rules *r = parse_ok("x = a # b\n# x = c\n  # y = d\n");

	(void)state;
	assert_value(r, pico, "x", "a # b");
	assert_value(r, pico, "y", NULL);
	rules_destroy(r);
}

static void test_a_line_goes_on_after_a_dollar(void **state)
{
	struct rules *r = parse_ok("x = a $\n      b$\n  c\ny = $\n  d\n");

	(void)state;
	assert_value(r, pico, "x", "a bc");
	assert_value(r, pico, "y", "d");
	rules_destroy(r);
}

static void test_crlf_lines_read_the_same(void **state)
{
	struct rules *r = parse_ok("x = a $\r\n   b\r\nport rp2\r\n  y = 1\r\n\r\n");

	(void)state;
	assert_value(r, pico, "x", "a b");
	assert_value(r, pico, "y", "1");
	rules_destroy(r);
}

static void test_the_last_line_needs_no_newline(void **state)
{
	struct rules *r = parse_ok("x = 1\ny = 2");

	(void)state;
	assert_value(r, pico, "y", "2");
	rules_destroy(r);
}

static void test_a_byte_order_mark_is_skipped(void **state)
{
	struct rules *r = parse_ok("\xef\xbb\xbfx = 1\n");

	(void)state;
	assert_value(r, pico, "x", "1");
	rules_destroy(r);
}

static void test_a_value_that_names_itself_adds_to_the_wider_one(void **state)
{
	struct rules *r = parse_ok("inputs = py\n"
				   "board RPI_PICO\n  inputs = $inputs lib/pico\n"
				   "port rp2\n  inputs = $inputs ports/rp2\n");

	(void)state;
	assert_value(r, pico, "inputs", "py ports/rp2 lib/pico");
	assert_value(r, pybv11, "inputs", "py");
	rules_destroy(r);
}

static void test_a_value_that_names_itself_adds_to_an_earlier_line(void **state)
{
	struct rules *r = parse_ok("x = a\nx = $x b\nx = $x c\n");

	(void)state;
	assert_value(r, pico, "x", "a b c");
	rules_destroy(r);
}

static void test_self_reference_without_a_wider_value_is_an_error(void **state)
{
	(void)state;
	assert_get_error("port rp2\n  x = a $x\n", "x",
			 "x.rules:2:9: 'x' refers to itself\n"
			 "    x = a $x\n"
			 "          ^",
			 "no wider or earlier value of it is there to add to");
}

static void test_a_circle_of_two_is_an_error(void **state)
{
	(void)state;
	assert_get_error("a = 1 $b\nb = ${a} 2\n", "a",
			 "x.rules:2:5: 'a' refers to itself\n"
			 "  b = ${a} 2\n"
			 "      ^",
			 "by way of 'b': give one of them a value of its own");
}

static void test_a_circle_through_the_wider_value_is_an_error(void **state)
{
	(void)state;
	assert_get_error("a = $b\nport rp2\n  a = $a 1\n  b = $a\n", "a",
			 "x.rules:4:7: 'a' refers to itself\n"
			 "    b = $a\n"
			 "        ^",
			 "by way of 'b': give one of them a value of its own");
}

static void test_values_that_double_without_end_are_an_error(void **state)
{
	AUTO_STRBUF text = STRBUF_INIT;
	struct rules *r;
	struct rules_env env = { .board = pico };
	AUTO_ARENA a = ARENA_INIT;
	AUTO_ERR e = ERR_INIT;
	const char *out;

	(void)state;
	for (int i = 0; i < 60; i++)
		strbuf_addf(&text, "v%d = $v%d $v%d\n", i, i + 1, i + 1);
	env.rules = r = parse_ok(text.buf);
	assert_false(rules_get(&env, "v0", &a, &out, &e));
	assert_null(out);
	assert_non_null(strstr(e.msg, "variables inside variables without end"));
	rules_destroy(r);
}

static void test_a_text_over_the_limit_is_an_error(void **state)
{
	AUTO_STRBUF text = STRBUF_INIT;
	struct rules *r;
	struct rules_env env = { .board = pico };
	AUTO_ARENA a = ARENA_INIT;
	AUTO_ERR e = ERR_INIT;
	const char *out;

	(void)state;
	strbuf_adds(&text, "big = ");
	for (int i = 0; i < 1 << 16; i++)
		strbuf_addch(&text, 'x');
	strbuf_adds(
		&text,
		"\nall = $big$big$big$big$big$big$big$big$big$big$big$big$big$big$big$big$big\n");
	env.rules = r = parse_ok(text.buf);
	assert_false(rules_get(&env, "all", &a, &out, &e));
	assert_non_null(strstr(e.msg, "x.rules:1:7: the text grows over 1 MiB"));
	rules_destroy(r);
}

/* ---- extra bindings ---- */

static void test_extra_bindings_come_first(void **state)
{
	struct rules *r = parse_ok("command = cp $src $dst\nsrc = file\n");
	AUTO_ARENA a = ARENA_INIT;
	struct rules_binding extra[] = { rules_literal(&a, "src", "a"),
					 rules_literal(&a, "dst", "$b"),
					 rules_literal(&a, "src", "second") };
	struct rules_env env = { .rules = r, .board = pico, .extra = extra, .extra_count = 3 };
	AUTO_ERR e = ERR_INIT;
	const char *out;

	(void)state;
	assert_true(rules_get(&env, "command", &a, &out, &e));
	assert_string_equal(out, "cp a $b");
	rules_destroy(r);
}

static void test_the_outer_environment_comes_after_the_inner(void **state)
{
	struct rules *r = parse_ok("x = file\ny = file\nz = file\nall = $x $y $z\n");
	AUTO_ARENA a = ARENA_INIT;
	struct rules_binding wide[] = { rules_literal(&a, "x", "outer"),
					rules_literal(&a, "y", "outer") };
	struct rules_binding narrow[] = { rules_literal(&a, "x", "inner") };
	struct rules_env outer = { .rules = r, .board = pico, .extra = wide, .extra_count = 2 };
	struct rules_env env = { .outer = &outer, .extra = narrow, .extra_count = 1 };
	AUTO_ERR e = ERR_INIT;
	const char *out;

	(void)state;
	assert_true(rules_get(&env, "all", &a, &out, &e));
	assert_string_equal(out, "inner outer file");
	rules_destroy(r);
}

static void test_a_builds_binding_adds_to_the_files_value(void **state)
{
	struct rules *r = parse_ok("flags = -O2\nbuild a: bin\n  flags = $flags -g\n");
	const struct rules_build *b = rules_build_at(r, 0);
	struct rules_env env = { .rules = r,
				 .board = pico,
				 .extra = b->bindings.items,
				 .extra_count = b->bindings.count };
	AUTO_ARENA a = ARENA_INIT;
	AUTO_ERR e = ERR_INIT;
	const char *out;

	(void)state;
	assert_true(rules_get(&env, "flags", &a, &out, &e));
	assert_string_equal(out, "-O2 -g");
	rules_destroy(r);
}

/* ---- words ---- */

static void test_words_split_at_white_space(void **state)
{
	struct rules *r = parse_ok("x = a  b\tc\nempty =\n");

	(void)state;
	ASSERT_WORDS(r, "x", "a", "b", "c");
	assert_words(r, "empty", NULL, 0);
	assert_words(r, "unset", NULL, 0);
	rules_destroy(r);
}

static void test_quotes_and_backslashes_keep_words_together(void **state)
{
	struct rules *r = parse_ok("x = 'a b' \"c d\" e\\ f g'h'\"i\" '' \"\"\n");

	(void)state;
	ASSERT_WORDS(r, "x", "a b", "c d", "e f", "ghi", "", "");
	rules_destroy(r);
}

static void test_backslashes_inside_quotes_are_as_in_sh(void **state)
{
	struct rules *r = parse_ok("x = 'a\\b' \"c\\d\" \"e\\\"f\" \"g\\\\h\" \"i'j\" 'k\"l'\n");

	(void)state;
	ASSERT_WORDS(r, "x", "a\\b", "c\\d", "e\"f", "g\\h", "i'j", "k\"l");
	rules_destroy(r);
}

static void test_words_are_split_after_expansion(void **state)
{
	struct rules *r = parse_ok("flags = -a -b\nx = run $flags '$flags'\n");

	(void)state;
	ASSERT_WORDS(r, "x", "run", "-a", "-b", "-a -b");
	rules_destroy(r);
}

static void test_a_quote_without_its_end_is_an_error(void **state)
{
	static const char hint[] = "quotes and backslashes mean what they mean in sh";

	(void)state;
	assert_get_error("x = a 'b\n", "x",
			 "x.rules:1:5: no closing ' in: a 'b\n"
			 "  x = a 'b\n"
			 "      ^",
			 hint);
	assert_get_error("x = \"\n", "x",
			 "x.rules:1:5: no closing \" in: \"\n"
			 "  x = \"\n"
			 "      ^",
			 hint);
	assert_get_error("x = a\\\n", "x",
			 "x.rules:1:5: a backslash at the end in: a\\\n"
			 "  x = a\\\n"
			 "      ^",
			 hint);
}

static void test_a_quoted_word_splits_to_itself(void **state)
{
	static const char *const words[] = { "plain",       "",   "a b", "it's",      "\"q\"",
					     "back\\slash", "$x", "'",   "tab\there", "#" };
	struct rules *r = parse_ok("x = $words\n");
	AUTO_STRBUF line = STRBUF_INIT;
	AUTO_ARENA a = ARENA_INIT;
	struct rules_binding extra;
	struct rules_env env = { .rules = r, .extra = &extra, .extra_count = 1 };
	struct strv got = { 0 };
	AUTO_ERR e = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		rules_quote(&line, words[i]);
		strbuf_addch(&line, ' ');
	}
	extra = rules_literal(&a, "words", line.buf);
	assert_true(rules_get_words(&env, "x", &a, &got, &e));
	assert_strings(&got, words, ARRAY_SIZE(words));
	vec_free(&got);
	rules_destroy(r);
}

static void test_a_plain_word_is_not_quoted(void **state)
{
	AUTO_STRBUF sb = STRBUF_INIT;

	(void)state;
	rules_quote(&sb, "ports/rp2/firmware.uf2");
	assert_string_equal(sb.buf, "ports/rp2/firmware.uf2");
}

static void test_words_of_a_build_line(void **state)
{
	struct rules *r = parse_ok("many = b c 'd e'\nbuild o: bin a$ x $many p\\q-$board\n");
	const struct rules_build *b = rules_build_at(r, 0);
	struct rules_env env = { .rules = r, .board = pico };
	AUTO_ARENA a = ARENA_INIT;
	AUTO_ERR e = ERR_INIT;
	struct strv got = { 0 };

	(void)state;
	assert_int_equal(b->ins.count, 3);
	for (size_t i = 0; i < b->ins.count; i++)
		assert_true(rules_expand_words(&env, b->ins.items[i], &a, &got, &e));
	assert_strings(&got, (const char *const[]){ "a x", "b", "c", "d e", "p\\q-" }, 5);
	vec_free(&got);
	rules_destroy(r);
}

static void test_bad_quotes_in_a_build_lines_variable_point_at_the_line(void **state)
{
	struct rules *r = parse_ok("port rp2\nmany = b 'c\nbuild o: bin a $many\n");
	struct rules_env env = { .rules = r, .board = pico };
	AUTO_ARENA a = ARENA_INIT;
	AUTO_ERR e = ERR_INIT;
	struct strv got = { 0 };

	(void)state;
	assert_false(rules_expand_words(&env, rules_build_at(r, 0)->ins.items[1], &a, &got, &e));
	assert_string_equal(e.msg, "x.rules:3:16: no closing ' in: b 'c\n"
				   "  build o: bin a $many\n"
				   "                 ^");
	vec_free(&got);
	rules_destroy(r);
}

static void test_expanding_one_value_of_a_build_line(void **state)
{
	struct rules *r = parse_ok("ext = bin\nbuild my$ file.$ext: bin\n");
	struct rules_env env = { .rules = r, .board = pico };
	AUTO_ARENA a = ARENA_INIT;
	AUTO_ERR e = ERR_INIT;
	const char *out;

	(void)state;
	assert_true(rules_expand(&env, rules_build_at(r, 0)->outs.items[0], &a, &out, &e));
	assert_string_equal(out, "my file.bin");
	rules_destroy(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_port_serves_its_boards),
		cmocka_unit_test(test_the_mcu_beats_the_port),
		cmocka_unit_test(test_the_variant_beats_the_mcu),
		cmocka_unit_test(test_another_port_sees_none_of_it),
		cmocka_unit_test(test_the_order_of_lines_does_not_change_who_wins),
		cmocka_unit_test(test_a_scope_beats_global),
		cmocka_unit_test(test_of_two_equally_specific_the_later_wins),
		cmocka_unit_test(test_blocks_inside_each_other_all_must_match),
		cmocka_unit_test(test_a_port_line_holds_for_what_follows_at_the_margin),
		cmocka_unit_test(test_ranks_order_scopes),
		cmocka_unit_test(test_scopes_overlap_unless_they_name_different_things),
		cmocka_unit_test(test_a_value_is_expanded_where_it_is_used),
		cmocka_unit_test(test_a_variable_that_nobody_sets_is_empty_inside_a_value),
		cmocka_unit_test(test_an_empty_value_is_not_unset),
		cmocka_unit_test(test_a_name_in_braces_takes_dots),
		cmocka_unit_test(test_escapes),
		cmocka_unit_test(test_white_space_around_a_value_is_dropped),
		cmocka_unit_test(test_a_hash_inside_a_value_is_kept),
		cmocka_unit_test(test_a_line_goes_on_after_a_dollar),
		cmocka_unit_test(test_crlf_lines_read_the_same),
		cmocka_unit_test(test_the_last_line_needs_no_newline),
		cmocka_unit_test(test_a_byte_order_mark_is_skipped),
		cmocka_unit_test(test_a_value_that_names_itself_adds_to_the_wider_one),
		cmocka_unit_test(test_a_value_that_names_itself_adds_to_an_earlier_line),
		cmocka_unit_test(test_self_reference_without_a_wider_value_is_an_error),
		cmocka_unit_test(test_a_circle_of_two_is_an_error),
		cmocka_unit_test(test_a_circle_through_the_wider_value_is_an_error),
		cmocka_unit_test(test_values_that_double_without_end_are_an_error),
		cmocka_unit_test(test_a_text_over_the_limit_is_an_error),
		cmocka_unit_test(test_extra_bindings_come_first),
		cmocka_unit_test(test_the_outer_environment_comes_after_the_inner),
		cmocka_unit_test(test_a_builds_binding_adds_to_the_files_value),
		cmocka_unit_test(test_words_split_at_white_space),
		cmocka_unit_test(test_quotes_and_backslashes_keep_words_together),
		cmocka_unit_test(test_backslashes_inside_quotes_are_as_in_sh),
		cmocka_unit_test(test_words_are_split_after_expansion),
		cmocka_unit_test(test_a_quote_without_its_end_is_an_error),
		cmocka_unit_test(test_a_quoted_word_splits_to_itself),
		cmocka_unit_test(test_a_plain_word_is_not_quoted),
		cmocka_unit_test(test_words_of_a_build_line),
		cmocka_unit_test(test_bad_quotes_in_a_build_lines_variable_point_at_the_line),
		cmocka_unit_test(test_expanding_one_value_of_a_build_line),
	};

	return cmocka_run_group_tests_name("rules_value", tests, NULL, NULL);
}
