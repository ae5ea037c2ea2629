/* SPDX-License-Identifier: MIT
 *
 * Statements of rule files: what the program gets out of them, and each error with the place it
 * points at.
 */
#include "rules_helpers.h"

static const char write_build[] = "write: build OUT...: RULE IN...";
static const char names[] = "names are letters, digits and _ . -";
static const char statements[] = "a line is 'name = value' or starts with port, mcu, board, "
				 "variant, build, rule, runner or include";

/* Plain text of a value. */
static void assert_text(const struct rules *r, const struct rules_value *v, const char *want)
{
	struct rules_env env = { .rules = r };
	AUTO_ARENA a = ARENA_INIT;
	AUTO_ERR e = ERR_INIT;
	const char *got;

	assert_true(rules_expand(&env, v, &a, &got, &e));
	assert_string_equal(got, want);
}

/* ---- what comes out ---- */

static void test_a_build_has_outputs_a_rule_and_inputs(void **state)
{
	struct rules *r = parse_ok("build a b | c: bin d e | f\n");
	const struct rules_build *b = rules_build_at(r, 0);

	(void)state;
	assert_int_equal(rules_build_count(r), 1);
	assert_int_equal(b->outs.count, 2);
	assert_text(r, b->outs.items[1], "b");
	assert_int_equal(b->maybe_outs.count, 1);
	assert_text(r, b->maybe_outs.items[0], "c");
	assert_string_equal(b->rule, "bin");
	assert_int_equal(b->ins.count, 2);
	assert_text(r, b->ins.items[0], "d");
	assert_int_equal(b->implicit_ins.count, 1);
	assert_text(r, b->implicit_ins.items[0], "f");
	rules_destroy(r);
}

static void test_a_build_knows_where_its_parts_stand(void **state)
{
	struct rules *r = parse_ok("port p\n  build a b: bin c\n");
	const struct rules_build *b = rules_build_at(r, 0);

	(void)state;
	assert_string_equal(b->pos.file, "x.rules");
	assert_int_equal(b->pos.line, 2);
	assert_int_equal(b->pos.column, 3);
	assert_int_equal(b->rule_pos.column, 14);
	assert_int_equal(rules_value_pos(b->outs.items[1]).column, 11);
	assert_int_equal(rules_value_pos(b->ins.items[0]).column, 18);
	rules_destroy(r);
}

static void test_columns_count_characters(void **state)
{
	struct rules *r = parse_ok("build f\xc3\xbcr \xe2\x82\xac: bin\n");

	(void)state;
	assert_int_equal(rules_value_pos(rules_build_at(r, 0)->outs.items[1]).column, 11);
	rules_destroy(r);
}

static void test_a_build_line_goes_on_after_a_dollar(void **state)
{
	struct rules *r = parse_ok("build a $\n    b: $\n    bin $\n    c\n  x = 1\n");
	const struct rules_build *b = rules_build_at(r, 0);

	(void)state;
	assert_int_equal(b->outs.count, 2);
	assert_string_equal(b->rule, "bin");
	assert_int_equal(b->rule_pos.line, 3);
	assert_int_equal(b->rule_pos.column, 5);
	assert_int_equal(b->ins.count, 1);
	assert_int_equal(b->bindings.count, 1);
	rules_destroy(r);
}

static void test_a_build_before_any_port_belongs_to_the_tree(void **state)
{
	struct rules *r = parse_ok("build a: bin\nport p\nbuild b: bin\n");

	(void)state;
	assert_int_equal(rules_scope_rank(&rules_build_at(r, 0)->scope), 0);
	assert_string_equal(rules_build_at(r, 1)->scope.port, "p");
	rules_destroy(r);
}

static void test_a_build_has_the_scope_of_its_blocks(void **state)
{
	struct rules *r = parse_ok("port p\n"
				   "  board B\n"
				   "    variant V\n"
				   "      build a: bin\n"
				   "        x = 1\n"
				   "    build b: bin\n");
	const struct rules_build *a = rules_build_at(r, 0), *b = rules_build_at(r, 1);

	(void)state;
	assert_string_equal(a->scope.port, "p");
	assert_string_equal(a->scope.board, "B");
	assert_string_equal(a->scope.variant, "V");
	assert_null(a->scope.mcu);
	assert_string_equal(a->bindings.items[0].name, "x");
	assert_string_equal(b->scope.board, "B");
	assert_null(b->scope.variant);
	rules_destroy(r);
}

static void test_a_rule_has_bindings(void **state)
{
	struct rules *r = parse_ok("rule sign\n"
				   "  command = tools/sign.py --key $key $in $out\n"
				   "  description = sign $out\n"
				   "build a: sign b\n");
	const struct rules_rule *rule = rules_find_rule(r, &(struct rules_scope){ 0 }, "sign");

	(void)state;
	assert_non_null(rule);
	assert_int_equal(rule->bindings.count, 2);
	assert_string_equal(rule->bindings.items[1].name, "description");
	assert_int_equal(rule->pos.line, 1);
	assert_int_equal(rule->pos.column, 6);
	rules_destroy(r);
}

static void test_the_most_specific_rule_is_found(void **state)
{
	struct rules *r = parse_ok("board B\n  rule s\n    command = 2\n"
				   "rule s\n  command = 1\n"
				   "port p\n  rule s\n    command = 3\n");

	(void)state;
	assert_int_equal(rules_find_rule(r, &(struct rules_scope){ .port = "q" }, "s")->pos.line,
			 4);
	assert_int_equal(rules_find_rule(r, &(struct rules_scope){ .port = "p" }, "s")->pos.line,
			 7);
	assert_int_equal(rules_find_rule(r, &(struct rules_scope){ .port = "p", .board = "B" }, "s")
				 ->pos.line,
			 2);
	assert_null(rules_find_rule(r, &(struct rules_scope){ 0 }, "t"));
	rules_destroy(r);
}

static void test_ports_are_listed_sorted_and_once(void **state)
{
	struct rules *r = parse_ok("port stm32\nport rp2\n  x = 1\nport nrf\nport rp2\n");
	struct strv ports = rules_ports(r);

	(void)state;
	assert_int_equal(ports.count, 3);
	assert_string_equal(ports.items[0], "nrf");
	assert_string_equal(ports.items[1], "rp2");
	assert_string_equal(ports.items[2], "stm32");
	assert_true(rules_has_port(r, "nrf"));
	assert_false(rules_has_port(r, "zephyr"));
	vec_free(&ports);
	rules_destroy(r);
}

static void test_a_statement_word_can_be_a_variable(void **state)
{
	struct rules *r = parse_ok("board = B\nbuild = x\nrule=y\n");

	(void)state;
	assert_value(r, (struct rules_scope){ 0 }, "board", "B");
	assert_value(r, (struct rules_scope){ 0 }, "rule", "y");
	rules_destroy(r);
}

static void test_the_builtin_rules(void **state)
{
	static const char *const all[] = { "compile", "elf",      "bin",   "hex",    "srec", "dfu",
					   "uf2",     "download", "flash", "verify", "test" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		assert_true(rules_is_builtin(all[i]));
	assert_false(rules_is_builtin("sign"));
	assert_false(rules_is_builtin(""));
}

static void test_blank_lines_and_comments_end_no_block(void **state)
{
	struct rules *r = parse_ok("port p\n  x = 1\n\n# left\n   \n\t\n      # deep\n  y = 2\n");

	(void)state;
	assert_value(r, (struct rules_scope){ .port = "p" }, "y", "2");
	assert_value(r, (struct rules_scope){ .port = "q" }, "y", NULL);
	rules_destroy(r);
}

static void test_the_designs_example(void **state)
{
	struct rules *r = parse_ok("port rp2\n"
				   "  make      = ports/rp2\n"
				   "  container = micropython/build-micropython-arm:bookworm\n"
				   "  flash     = picoboot uf2 openocd pyocd\n"
				   "  uf2.family = rp2040\n"
				   "\n"
				   "mcu rp2350\n"
				   "  uf2.family = rp2350-arm-s\n"
				   "\n"
				   "variant RISCV\n"
				   "  container  = micropython/build-micropython-rp2350riscv\n"
				   "  uf2.family = rp2350-riscv\n"
				   "\n"
				   "rule sign\n"
				   "  command = tools/sign.py --key $key $in $out\n"
				   "\n"
				   "build firmware.elf firmware.uf2 firmware.bin: compile\n"
				   "build firmware.hex: hex firmware.elf\n"
				   "build firmware.signed.bin: sign firmware.bin\n");
	struct rules_scope board = { "rp2", "rp2350", "RPI_PICO2", "RISCV" };

	(void)state;
	assert_int_equal(rules_build_count(r), 3);
	for (size_t i = 0; i < 3; i++)
		assert_true(rules_scope_matches(&rules_build_at(r, i)->scope, &board));
	assert_int_equal(rules_build_at(r, 0)->outs.count, 3);
	assert_non_null(rules_find_rule(r, &board, "sign"));
	assert_value(r, board, "make", "ports/rp2");
	assert_value(r, board, "uf2.family", "rp2350-riscv");
	rules_destroy(r);
}

static void test_an_empty_file_is_fine(void **state)
{
	struct rules *r = parse_ok("");

	(void)state;
	assert_int_equal(rules_build_count(r), 0);
	rules_destroy(r);
}

/* ---- errors: bytes and lines ---- */

static void test_error_a_nul_byte(void **state)
{
	(void)state;
	assert_error_len("x = 1\ny\0z", 9,
			 "x.rules:2:2: a NUL byte: this is no text file\n"
			 "  y?z\n"
			 "   ^",
			 "rule files are UTF-8 text; UTF-16 has such bytes");
}

static void test_error_bytes_that_are_not_utf8(void **state)
{
	(void)state;
	assert_error("x = a\xff b\n",
		     "x.rules:1:6: byte 0xff is not UTF-8\n"
		     "  x = a? b\n"
		     "       ^",
		     "save the file as UTF-8");
	assert_error("\xc3",
		     "x.rules:1:1: byte 0xc3 is not UTF-8\n"
		     "  ?\n"
		     "  ^",
		     "save the file as UTF-8");
	assert_error("\xed\xa0\x80",
		     "x.rules:1:1: byte 0xed is not UTF-8\n"
		     "  ???\n"
		     "  ^",
		     "save the file as UTF-8");
}

static void test_error_a_control_character(void **state)
{
	(void)state;
	assert_error("x = \x1b[31m\n",
		     "x.rules:1:5: control character 0x1b\n"
		     "  x = ?[31m\n"
		     "      ^",
		     "remove it");
	assert_error("x = a\ry = b\n",
		     "x.rules:1:6: control character 0x0d\n"
		     "  x = a?y = b\n"
		     "       ^",
		     "lines end with LF or CR LF");
}

static void test_error_a_tab_in_the_indentation(void **state)
{
	(void)state;
	assert_error("port p\n  \tx = 1\n",
		     "x.rules:2:3: a tab in the indentation\n"
		     "    \tx = 1\n"
		     "    ^",
		     "indent with spaces");
}

static void test_error_an_indented_line_at_the_top(void **state)
{
	(void)state;
	assert_error("x = 1\n  y = 2\n",
		     "x.rules:2:3: an indented line with no block to be in\n"
		     "    y = 2\n"
		     "    ^",
		     "start it at the left margin, or indent the block's other lines like it");
}

static void test_error_a_block_with_two_indentations(void **state)
{
	static const char hint[] = "all lines of a block start in the same column";

	(void)state;
	assert_error("port p\n    x = 1\n  y = 2\n",
		     "x.rules:3:3: indented by 2, but its block by 4\n"
		     "    y = 2\n"
		     "    ^",
		     hint);
	assert_error("port p\n  x = 1\n    y = 2\n",
		     "x.rules:3:5: indented by 4, but its block by 2\n"
		     "      y = 2\n"
		     "      ^",
		     hint);
}

static void test_error_a_line_that_starts_with_no_name(void **state)
{
	(void)state;
	assert_error("= 1\n",
		     "x.rules:1:1: expected a statement\n"
		     "  = 1\n"
		     "  ^",
		     statements);
}

static void test_a_long_line_is_shown_around_the_caret(void **state)
{
	AUTO_STRBUF text = STRBUF_INIT;
	struct rules *r = rules_create();
	AUTO_ERR e = ERR_INIT;

	(void)state;
	strbuf_adds(&text, "x = ");
	for (int i = 0; i < 300; i++)
		strbuf_addch(&text, 'a');
	strbuf_adds(&text, "${");
	for (int i = 0; i < 300; i++)
		strbuf_addch(&text, ' ');
	assert_false(rules_parse(r, "x.rules", text.buf, text.len, &e));
	assert_non_null(strstr(e.msg, "\n  ...aaaaaaaaaa"));
	assert_non_null(strstr(e.msg, "aa${  "));
	assert_non_null(strstr(e.msg, "  ...\n"));
	/* the caret is below the byte after "${" */
	assert_int_equal(strrchr(e.msg, '^') - strrchr(e.msg, '\n'),
			 strstr(e.msg, "aa${") + 4 - strstr(e.msg, "\n  ..."));
	rules_destroy(r);
}

static void test_error_a_file_over_the_limit(void **state)
{
	size_t len = (1 << 20) + 1;
	char *text = xmalloc(len);
	struct rules *r = rules_create();
	AUTO_ERR e = ERR_INIT;

	(void)state;
	memset(text, '\n', len);
	assert_false(rules_parse(r, "x.rules", text, len, &e));
	assert_string_equal(e.msg, "x.rules: over 1048576 bytes");
	rules_destroy(r);
	free(text);
}

/* ---- errors: bindings ---- */

static void test_error_a_name_alone(void **state)
{
	(void)state;
	assert_error("flash\n",
		     "x.rules:1:6: expected '=' after the name\n"
		     "  flash\n"
		     "       ^",
		     "write: flash = value");
}

static void test_error_other_assignments(void **state)
{
	(void)state;
	assert_error("x += 1\n",
		     "x.rules:1:3: expected '='\n"
		     "  x += 1\n"
		     "    ^",
		     "to add to a value write: x = $x ...");
	assert_error("x := 1\n",
		     "x.rules:1:3: expected '='\n"
		     "  x := 1\n"
		     "    ^",
		     "every '=' is lazy: a value is expanded when it is used");
}

static void test_error_a_dollar_that_starts_nothing(void **state)
{
	static const char hint[] = "write '$$' for a dollar sign";

	(void)state;
	assert_error("x = a $(shell)\n",
		     "x.rules:1:7: a '$' that starts nothing\n"
		     "  x = a $(shell)\n"
		     "        ^",
		     hint);
	assert_error("x = 5$",
		     "x.rules:1:6: a '$' that starts nothing\n"
		     "  x = 5$\n"
		     "       ^",
		     hint);
}

static void test_error_braces_without_end_or_name(void **state)
{
	static const char hint[] = "write '$$' for a dollar sign";

	(void)state;
	assert_error("x = ${a b}\n",
		     "x.rules:1:8: expected '}' after the name\n"
		     "  x = ${a b}\n"
		     "         ^",
		     hint);
	assert_error("x = ${}\n",
		     "x.rules:1:7: expected a variable's name after '${'\n"
		     "  x = ${}\n"
		     "        ^",
		     hint);
}

static void test_error_setting_in_or_out(void **state)
{
	(void)state;
	assert_error("build a: bin\n  out = b\n",
		     "x.rules:2:3: 'out' cannot be set\n"
		     "    out = b\n"
		     "    ^",
		     "$in and $out are the files of the build line");
}

static void test_error_a_binding_twice_in_one_build(void **state)
{
	(void)state;
	assert_error("build a: bin\n  x = 1\n  y = 2\n  x = 3\n",
		     "x.rules:4:3: 'x' is set twice here\n"
		     "    x = 3\n"
		     "    ^",
		     "line 2 sets it first; keep one");
}

static void test_error_a_statement_inside_a_build_or_rule(void **state)
{
	(void)state;
	assert_error("build a: bin\n  board B\n",
		     "x.rules:2:9: expected '='\n"
		     "    board B\n"
		     "          ^",
		     "a build holds 'name = value' lines only");
	assert_error("rule r\n  include y\n",
		     "x.rules:2:11: expected '='\n"
		     "    include y\n"
		     "            ^",
		     "a rule holds 'name = value' lines only");
}

/* ---- errors: statements ---- */

static void test_error_a_misspelt_statement(void **state)
{
	(void)state;
	assert_error("prot rp2\n",
		     "x.rules:1:1: unknown statement 'prot'\n"
		     "  prot rp2\n"
		     "  ^",
		     "did you mean 'port'?");
	assert_error("subninja y\n",
		     "x.rules:1:1: unknown statement 'subninja'\n"
		     "  subninja y\n"
		     "  ^",
		     statements);
}

static void test_error_a_scope_without_a_name(void **state)
{
	(void)state;
	assert_error("port\n",
		     "x.rules:1:5: expected a name after 'port'\n"
		     "  port\n"
		     "      ^",
		     names);
	assert_error("board *\n",
		     "x.rules:1:7: expected a name after 'board'\n"
		     "  board *\n"
		     "        ^",
		     names);
}

static void test_error_text_after_a_scopes_name(void **state)
{
	(void)state;
	assert_error("port p # the port\n",
		     "x.rules:1:8: expected the end of the line after the name\n"
		     "  port p # the port\n"
		     "         ^",
		     "a comment stands on a line of its own");
	assert_error("port p:\n",
		     "x.rules:1:7: expected the end of the line after the name\n"
		     "  port p:\n"
		     "        ^",
		     "a colon stands in a build line only; in a name write '$:'");
	assert_error("port p q\n",
		     "x.rules:1:8: expected the end of the line after the name\n"
		     "  port p q\n"
		     "         ^",
		     "one statement a line");
}

static void test_error_a_scope_inside_its_own_kind(void **state)
{
	(void)state;
	assert_error("board A\n  board B\n",
		     "x.rules:2:3: 'board B' inside 'board A' matches nothing\n"
		     "    board B\n"
		     "    ^",
		     "move the line out of the outer block");
	assert_error("port p\nboard A\n  port q\n",
		     "x.rules:3:3: 'port q' inside 'port p' matches nothing\n"
		     "    port q\n"
		     "    ^",
		     "move the line out of the outer block");
}

static void test_error_a_rule_without_a_name(void **state)
{
	(void)state;
	assert_error("rule\n",
		     "x.rules:1:5: expected a name after 'rule'\n"
		     "  rule\n"
		     "      ^",
		     names);
}

static void test_error_a_rule_without_a_command(void **state)
{
	static const char hint[] = "write below it, indented: command = PROGRAM $in $out";

	(void)state;
	assert_error("rule sign\n  description = x\nport p\n",
		     "x.rules:1:6: rule 'sign' has no command\n"
		     "  rule sign\n"
		     "       ^",
		     hint);
	assert_error("port p\n  rule sign",
		     "x.rules:2:8: rule 'sign' has no command\n"
		     "    rule sign\n"
		     "         ^",
		     hint);
}

static void test_error_a_rule_twice_in_one_scope(void **state)
{
	(void)state;
	assert_error("port p\nrule s\n  command = 1\nport q\nport p\n  rule s\n    command = 2\n",
		     "x.rules:6:8: rule 's' is defined twice\n"
		     "    rule s\n"
		     "         ^",
		     "x.rules:2 has the first one");
}

static void test_error_a_builtin_rule_defined_again(void **state)
{
	(void)state;
	assert_error("rule hex\n  command = objcopy\n",
		     "x.rules:1:6: 'hex' is a built-in rule\n"
		     "  rule hex\n"
		     "       ^",
		     "give yours another name");
}

static void test_error_a_build_without_outputs(void **state)
{
	(void)state;
	assert_error("build : bin\n",
		     "x.rules:1:7: expected an output after 'build'\n"
		     "  build : bin\n"
		     "        ^",
		     write_build);
	assert_error("build\n",
		     "x.rules:1:6: expected an output after 'build'\n"
		     "  build\n"
		     "       ^",
		     write_build);
}

static void test_error_a_build_without_a_colon(void **state)
{
	(void)state;
	assert_error("build firmware.elf\n",
		     "x.rules:1:19: expected ':' after the outputs\n"
		     "  build firmware.elf\n"
		     "                    ^",
		     write_build);
}

static void test_error_a_build_without_a_rule(void **state)
{
	(void)state;
	assert_error("build a:\n",
		     "x.rules:1:9: expected a rule's name after ':'\n"
		     "  build a:\n"
		     "          ^",
		     write_build);
	assert_error("build a: $rule b\n",
		     "x.rules:1:10: expected a rule's name after ':'\n"
		     "  build a: $rule b\n"
		     "           ^",
		     write_build);
}

static void test_error_a_bar_with_nothing_after_it(void **state)
{
	(void)state;
	assert_error("build a |: bin\n",
		     "x.rules:1:10: expected an output after '|'\n"
		     "  build a |: bin\n"
		     "           ^",
		     "name what follows it, or leave the '|' out");
	assert_error("build a: bin b || c\n",
		     "x.rules:1:17: expected an input after '|'\n"
		     "  build a: bin b || c\n"
		     "                  ^",
		     "there is no '||'; a single '|' adds inputs that are not in $in");
}

static void test_error_text_after_the_inputs(void **state)
{
	(void)state;
	assert_error("build a: bin b: c\n",
		     "x.rules:1:15: expected the end of the line after the inputs\n"
		     "  build a: bin b: c\n"
		     "                ^",
		     "a colon stands in a build line only; in a name write '$:'");
}

static void test_error_a_quote_in_a_build_line(void **state)
{
	(void)state;
	assert_error("build a: bin \"b c\"\n",
		     "x.rules:1:14: a quote in a build line\n"
		     "  build a: bin \"b c\"\n"
		     "               ^",
		     "quotes mean nothing here: write '$ ' for a space in a file's name");
}

static void test_error_an_output_named_twice(void **state)
{
	(void)state;
	assert_error("build a b a: bin\n",
		     "x.rules:1:11: the build names this output twice\n"
		     "  build a b a: bin\n"
		     "            ^",
		     "remove one of them");
	assert_error("build a-$x | a-${x}: bin\n",
		     "x.rules:1:14: the build names this output twice\n"
		     "  build a-$x | a-${x}: bin\n"
		     "               ^",
		     "remove one of them");
}

static void test_one_output_in_two_builds_is_left_to_the_graph(void **state)
{
	struct rules *r = parse_ok("port p\nbuild a: bin\nboard B\n  build a: hex\n");

	(void)state;
	assert_int_equal(rules_build_count(r), 2);
	assert_true(rules_scope_rank(&rules_build_at(r, 1)->scope) >
		    rules_scope_rank(&rules_build_at(r, 0)->scope));
	rules_destroy(r);
}

/* ---- errors: rule names, once all is read ---- */

static void test_error_a_misspelt_rule_suggests_the_nearest(void **state)
{
	(void)state;
	assert_error("build a: compiel\n",
		     "x.rules:1:10: unknown rule 'compiel'\n"
		     "  build a: compiel\n"
		     "           ^",
		     "did you mean 'compile'?");
	assert_error("rule sign\n  command = x\nbuild a: singn b\n",
		     "x.rules:3:10: unknown rule 'singn'\n"
		     "  build a: singn b\n"
		     "           ^",
		     "did you mean 'sign'?");
}

static void test_error_an_unknown_rule_lists_the_builtin_ones(void **state)
{
	(void)state;
	assert_error(
		"build a: encrypt\n",
		"x.rules:1:10: unknown rule 'encrypt'\n"
		"  build a: encrypt\n"
		"           ^",
		"define it with 'rule encrypt', or use a built-in one: compile, elf, bin, hex, "
		"srec, dfu, uf2, download, flash, verify, test");
}

static void test_error_a_rule_of_another_port(void **state)
{
	(void)state;
	assert_error("port p\nrule s\n  command = x\nport q\nbuild a: s\n",
		     "x.rules:5:10: rule 's' does not apply here\n"
		     "  build a: s\n"
		     "           ^",
		     "x.rules:2 defines it for other boards only");
}

static void test_a_rule_may_come_after_the_build(void **state)
{
	struct rules *r = parse_ok("build a: s\nrule s\n  command = x\n");

	(void)state;
	rules_destroy(r);
}

static void test_an_error_without_a_place_is_its_text(void **state)
{
	struct rules *r = parse_ok("x = 1\n");
	AUTO_ERR e = ERR_INIT;

	(void)state;
	assert_false(rules_err_at(r, (struct rules_pos){ 0 }, &e, "no %s", "place"));
	assert_string_equal(e.msg, "no place");
	rules_destroy(r);
}

static void test_destroying_nothing_is_fine(void **state)
{
	(void)state;
	rules_destroy(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_build_has_outputs_a_rule_and_inputs),
		cmocka_unit_test(test_a_build_knows_where_its_parts_stand),
		cmocka_unit_test(test_columns_count_characters),
		cmocka_unit_test(test_a_build_line_goes_on_after_a_dollar),
		cmocka_unit_test(test_a_build_before_any_port_belongs_to_the_tree),
		cmocka_unit_test(test_a_build_has_the_scope_of_its_blocks),
		cmocka_unit_test(test_a_rule_has_bindings),
		cmocka_unit_test(test_the_most_specific_rule_is_found),
		cmocka_unit_test(test_ports_are_listed_sorted_and_once),
		cmocka_unit_test(test_a_statement_word_can_be_a_variable),
		cmocka_unit_test(test_the_builtin_rules),
		cmocka_unit_test(test_blank_lines_and_comments_end_no_block),
		cmocka_unit_test(test_the_designs_example),
		cmocka_unit_test(test_an_empty_file_is_fine),
		cmocka_unit_test(test_error_a_nul_byte),
		cmocka_unit_test(test_error_bytes_that_are_not_utf8),
		cmocka_unit_test(test_error_a_control_character),
		cmocka_unit_test(test_error_a_tab_in_the_indentation),
		cmocka_unit_test(test_error_an_indented_line_at_the_top),
		cmocka_unit_test(test_error_a_block_with_two_indentations),
		cmocka_unit_test(test_error_a_line_that_starts_with_no_name),
		cmocka_unit_test(test_a_long_line_is_shown_around_the_caret),
		cmocka_unit_test(test_error_a_file_over_the_limit),
		cmocka_unit_test(test_error_a_name_alone),
		cmocka_unit_test(test_error_other_assignments),
		cmocka_unit_test(test_error_a_dollar_that_starts_nothing),
		cmocka_unit_test(test_error_braces_without_end_or_name),
		cmocka_unit_test(test_error_setting_in_or_out),
		cmocka_unit_test(test_error_a_binding_twice_in_one_build),
		cmocka_unit_test(test_error_a_statement_inside_a_build_or_rule),
		cmocka_unit_test(test_error_a_misspelt_statement),
		cmocka_unit_test(test_error_a_scope_without_a_name),
		cmocka_unit_test(test_error_text_after_a_scopes_name),
		cmocka_unit_test(test_error_a_scope_inside_its_own_kind),
		cmocka_unit_test(test_error_a_rule_without_a_name),
		cmocka_unit_test(test_error_a_rule_without_a_command),
		cmocka_unit_test(test_error_a_rule_twice_in_one_scope),
		cmocka_unit_test(test_error_a_builtin_rule_defined_again),
		cmocka_unit_test(test_error_a_build_without_outputs),
		cmocka_unit_test(test_error_a_build_without_a_colon),
		cmocka_unit_test(test_error_a_build_without_a_rule),
		cmocka_unit_test(test_error_a_bar_with_nothing_after_it),
		cmocka_unit_test(test_error_text_after_the_inputs),
		cmocka_unit_test(test_error_a_quote_in_a_build_line),
		cmocka_unit_test(test_error_an_output_named_twice),
		cmocka_unit_test(test_one_output_in_two_builds_is_left_to_the_graph),
		cmocka_unit_test(test_error_a_misspelt_rule_suggests_the_nearest),
		cmocka_unit_test(test_error_an_unknown_rule_lists_the_builtin_ones),
		cmocka_unit_test(test_error_a_rule_of_another_port),
		cmocka_unit_test(test_a_rule_may_come_after_the_build),
		cmocka_unit_test(test_an_error_without_a_place_is_its_text),
		cmocka_unit_test(test_destroying_nothing_is_fine),
	};

	return cmocka_run_group_tests_name("rules_parse", tests, NULL, NULL);
}
