/* SPDX-License-Identifier: MIT
 *
 * From rule statements to the steps of one board: who makes a file, what waits for what, which folders.
 */
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "graph/recipe.h"
#include "session_helpers.h"

/* The recipe of PYBV11 (or another target), after its target was added. */
static struct recipe *recipe_of(struct fixture *f, const char *target)
{
	must(add_target(f, target), &f->err);
	return f->graph.goals.items[f->graph.goals.count - 1].recipe;
}

/* The id of the step that makes a file of PYBV11; "" when none is sure to. */
static const char *maker(struct fixture *f, const char *name)
{
	const struct node *n = recipe_find(recipe_of(f, "PYBV11"), name);

	assert_non_null(n);
	return n->maker ? n->maker->id : "";
}

#define PORT "port stm32\n  make = ports/stm32\n  inputs = py\n"
#define SIGN "rule sign\n  command = sign $in $out\n"

/* --- who makes a file --- */

static void test_a_statement_makes_its_outputs(void **state)
{
	struct fixture *f = *state;
	const struct recipe *r;

	open_session(
		f, PORT
		"  build firmware.elf firmware.hex: compile\n  build firmware.dfu: dfu firmware.hex\n");
	r = recipe_of(f, "PYBV11");
	assert_int_equal(r->steps.count, 2);
	assert_ptr_equal(recipe_find(r, "firmware.elf")->maker, r->compile);
	assert_ptr_equal(recipe_find(r, "firmware.hex")->maker, r->compile);
	assert_string_equal(maker(f, "firmware.dfu"), "stm32/PYBV11 firmware.dfu");
}

static void test_two_statements_for_one_file_are_an_error_that_names_both(void **state)
{
	struct fixture *f = *state;

	open_session(f, PORT "  build firmware.elf: compile\n"
			     "  build firmware.uf2: uf2 firmware.elf\n"
			     "  build firmware.uf2: uf2 firmware.hex\n");
	assert_target_error(f, "PYBV11", "two steps make firmware.uf2 for stm32/PYBV11",
			    "narrower block");
	assert_has(f->err.msg, "x.rules:6:3: ");
	assert_has(f->err.msg, "x.rules:5 does too");
	assert_has(f->err.msg, "\n    build firmware.uf2: uf2 firmware.hex\n    ^");
}

static void test_a_narrower_block_replaces(void **state)
{
	struct fixture *f = *state;

	open_session(f, SIGN PORT "  build firmware.elf firmware.hex: compile\n"
				  "  build firmware.dfu: dfu firmware.hex\n"
				  "  board PYBV11\n"
				  "    build firmware.dfu: sign firmware.elf\n");
	assert_string_equal(recipe_find(recipe_of(f, "PYBV11"), "firmware.dfu")->maker->rule->name,
			    "sign");
	assert_null(recipe_find(recipe_of(f, "NUCLEO_H563ZI"), "firmware.dfu")->maker->rule);
}

static void test_the_order_of_the_blocks_does_not_matter(void **state)
{
	struct fixture *f = *state;

	open_session(f, SIGN PORT "  board PYBV11\n"
				  "    build firmware.dfu: sign firmware.elf\n"
				  "  build firmware.elf firmware.hex: compile\n"
				  "  build firmware.dfu: dfu firmware.hex\n");
	assert_string_equal(recipe_find(recipe_of(f, "PYBV11"), "firmware.dfu")->maker->rule->name,
			    "sign");
}

static void test_a_statement_whose_files_are_all_replaced_is_no_step(void **state)
{
	struct fixture *f = *state;

	open_session(f, SIGN PORT "  build firmware.elf firmware.hex: compile\n"
				  "  build firmware.dfu: dfu firmware.hex\n"
				  "  mcu stm32f4\n"
				  "    build firmware.dfu: sign firmware.elf\n");
	assert_true(add_target(f, "PYBV11"));
	assert_string_equal(ordered_steps(f),
			    "stm32/PYBV11 firmware.elf, stm32/PYBV11 firmware.dfu");
}

static void test_a_statement_keeps_the_files_that_are_not_replaced(void **state)
{
	struct fixture *f = *state;

	open_session(f, SIGN PORT "  build firmware.elf firmware.hex firmware.dfu: compile\n"
				  "  board PYBV11\n"
				  "    build firmware.dfu: sign firmware.elf\n");
	assert_string_equal(maker(f, "firmware.hex"), "stm32/PYBV11 firmware.elf");
	assert_string_equal(maker(f, "firmware.dfu"), "stm32/PYBV11 firmware.dfu");
	assert_int_equal(recipe_of(f, "PYBV11")->compile->outs.count, 2);
}

static void test_a_variants_block_is_for_the_variant(void **state)
{
	struct fixture *f = *state;

	open_session(f, SIGN PORT "  build firmware.elf: compile\n"
				  "  variant DP\n"
				  "    build firmware.sig: sign firmware.elf\n");
	assert_non_null(recipe_find(recipe_of(f, "PYBV11-DP"), "firmware.sig"));
	assert_null(recipe_find(recipe_of(f, "PYBV11"), "firmware.sig"));
	assert_null(recipe_find(recipe_of(f, "PYBV11-THREAD"), "firmware.sig"));
}

static void test_an_optional_file_has_a_maker_that_may_leave_it(void **state)
{
	struct fixture *f = *state;
	const struct recipe *r;
	const struct node *n;

	open_session(f, PORT "  build firmware.elf | firmware.bin: compile\n");
	r = recipe_of(f, "PYBV11");
	n = recipe_find(r, "firmware.bin");
	assert_null(n->maker);
	assert_ptr_equal(n->maybe_maker, r->compile);
	assert_int_equal(r->compile->outs.count, 1);
	assert_int_equal(r->compile->maybe_outs.count, 1);
}

static void test_an_optional_file_may_have_another_step_as_a_sure_maker(void **state)
{
	struct fixture *f = *state;
	const struct step *derived;
	const struct recipe *r;

	open_session(f, PORT "  build firmware.elf | firmware.bin: compile\n"
			     "  build firmware.bin: bin firmware.elf\n");
	r = recipe_of(f, "PYBV11");
	derived = recipe_find(r, "firmware.bin")->maker;
	assert_string_equal(derived->id, "stm32/PYBV11 firmware.bin");
	assert_ptr_equal(recipe_find(r, "firmware.bin")->maybe_maker, r->compile);
	assert_string_equal(ordered_steps(f),
			    "stm32/PYBV11 firmware.elf, stm32/PYBV11 firmware.bin");
}

static void test_two_statements_for_one_optional_file_are_an_error(void **state)
{
	struct fixture *f = *state;

	open_session(f, SIGN PORT "  build firmware.elf | firmware.map: compile\n"
				  "  build firmware.sig | firmware.map: sign firmware.elf\n");
	assert_target_error(f, "PYBV11", "two steps make firmware.map", "narrower block");
}

static void test_a_built_in_rule_that_is_not_a_step_names_its_place(void **state)
{
	struct fixture *f = *state;

	open_session(f, PORT "  build firmware.elf: download firmware.zip\n");
	assert_target_error(f, "PYBV11",
			    "x.rules:4:23: this version cannot run the rule 'download'",
			    "a rule with a command");
}

static void test_names_may_come_from_variables(void **state)
{
	struct fixture *f = *state;

	open_session(f, SIGN PORT "  parts = a.sig b.sig\n  build firmware.elf: compile\n"
				  "  build $parts: sign firmware.elf\n"
				  "  board NUCLEO_H563ZI\n    parts = c.sig\n");
	assert_ptr_equal(recipe_find(recipe_of(f, "PYBV11"), "a.sig")->maker,
			 recipe_find(recipe_of(f, "PYBV11"), "b.sig")->maker);
	assert_null(recipe_find(recipe_of(f, "NUCLEO_H563ZI"), "a.sig"));
	assert_non_null(recipe_find(recipe_of(f, "NUCLEO_H563ZI"), "c.sig"));
}

/* --- order and cycles --- */

static void test_what_a_step_needs_comes_before_it(void **state)
{
	struct fixture *f = *state;

	open_session(f, SIGN PORT "  build z.sig: sign y.sig | x.sig\n"
				  "  build y.sig: sign firmware.elf\n"
				  "  build x.sig: sign y.sig\n"
				  "  build firmware.elf: compile\n");
	assert_true(add_target(f, "PYBV11"));
	assert_string_equal(ordered_steps(f), "stm32/PYBV11 firmware.elf, stm32/PYBV11 y.sig, "
					      "stm32/PYBV11 x.sig, stm32/PYBV11 z.sig");
}

static void assert_cycle(struct fixture *f, const char *target)
{
	if (add_target(f, target))
		assert_false(graph_order(&f->graph, &f->err));
	assert_err(&f->err, "wait for each other", "build statements");
}

static void test_steps_that_wait_for_each_other_are_an_error(void **state)
{
	struct fixture *f = *state;

	open_session(f, SIGN PORT "  build firmware.elf: compile\n"
				  "  build a.sig: sign b.sig\n  build b.sig: sign c.sig\n"
				  "  build c.sig: sign firmware.elf a.sig\n");
	assert_cycle(f, "PYBV11");
}

static void test_implicit_inputs_count_for_cycles(void **state)
{
	struct fixture *f = *state;

	open_session(f, SIGN PORT
		     "  build firmware.elf: compile\n"
		     "  build a.sig: sign firmware.elf | b.sig\n  build b.sig: sign a.sig\n");
	assert_cycle(f, "PYBV11");
}

static void test_a_file_made_from_itself_is_an_error(void **state)
{
	struct fixture *f = *state;

	open_session(f, SIGN PORT "  build firmware.elf: compile\n  build a.sig: sign a.sig\n");
	assert_target_error(f, "PYBV11", "'a.sig' is made from itself", "stm32/PYBV11");
}

static void test_mpy_cross_comes_first_for_ports_that_want_it(void **state)
{
	struct fixture *f = *state;

	open_session(f, "port mpy-cross\n  make = mpy-cross\n  inputs = mpy-cross\n"
			"  build mpy-cross: compile\n" PORT "  mpy-cross = yes\n"
			"  build firmware.elf: compile\n");
	assert_true(add_target(f, "PYBV11"));
	assert_true(add_target(f, "NUCLEO_H563ZI"));
	assert_string_equal(ordered_steps(f), "mpy-cross mpy-cross, stm32/PYBV11 firmware.elf, "
					      "stm32/NUCLEO_H563ZI firmware.elf");
}

/* --- folders and variables --- */

static void test_files_are_placed_below_the_boards_name(void **state)
{
	struct fixture *f = *state;

	open_session(f, PORT "  build firmware.elf: compile\n");
	assert_string_equal(recipe_of(f, "PYBV11")->out_dir,
			    scratch_path(f->s, "t/build-mpflash/PYBV11"));
	assert_string_equal(recipe_of(f, "PYBV11-DP")->out_dir,
			    scratch_path(f->s, "t/build-mpflash/PYBV11-DP"));
}

static void test_a_name_that_two_ports_have_gets_the_port_in_its_folder(void **state)
{
	struct fixture *f = *state;

	open_session(f, PORT "  build firmware.elf: compile\n");
	assert_string_equal(recipe_of(f, "stm32/SHARED")->out_dir,
			    scratch_path(f->s, "t/build-mpflash/stm32-SHARED"));
}

static void test_another_folder_may_be_named(void **state)
{
	struct fixture *f = *state;

	f->opt.out_dir = scratch_path(f->s, "x/../out");
	open_session(f, PORT "  build firmware.elf: compile\n");
	assert_string_equal(recipe_of(f, "PYBV11")->out_dir, scratch_path(f->s, "out/PYBV11"));
}

static const char *work_dir(struct fixture *f, const char *set)
{
	const char *dir;

	f->opt.sets = (struct strv){ &set, set ? 1 : 0, 1 };
	open_session(f, PORT "  build firmware.elf: compile\n");
	dir = arena_strdup(&f->s->arena, recipe_of(f, "PYBV11")->work_dir);
	f->opt.sets = (struct strv){ 0 };
	return dir;
}

static void test_other_settings_get_a_work_folder_of_their_own(void **state)
{
	struct fixture *f = *state;
	const char *plain = work_dir(f, NULL), *one = work_dir(f, "X=1"), *two = work_dir(f, "X=2");

	assert_non_null(path_below(plain, scratch_path(f->s, "cache/work")));
	assert_string_not_equal(plain, one);
	assert_string_not_equal(one, two);
	assert_string_equal(work_dir(f, "X=1"), one);
	assert_string_equal(work_dir(f, NULL), plain);
}

static void assert_var(struct fixture *f, const char *target, const char *name, const char *want)
{
	const char *value;

	must(recipe_var(&f->session, recipe_of(f, target), name, &value, &f->err), &f->err);
	assert_non_null(value);
	assert_string_equal(value, want);
}

static void test_rules_see_the_board_and_its_variant(void **state)
{
	struct fixture *f = *state;

	open_session(f, PORT "  build firmware.elf: compile\n"
			     "  args = $board_arg $variant_arg $board_dir_arg\n");
	assert_var(f, "PYBV11-DP", "board", "PYBV11");
	assert_var(f, "PYBV11-DP", "variant", "DP");
	assert_var(f, "PYBV11-DP", "args", "BOARD=PYBV11 BOARD_VARIANT=DP ");
	assert_var(f, "PYBV11", "args", "BOARD=PYBV11  ");
	assert_var(f, "PYBV11", "build", recipe_of(f, "PYBV11")->work_dir);
}

static void test_a_board_outside_the_tree_is_passed_with_its_folder(void **state)
{
	struct fixture *f = *state;
	const char *dir = scratch_path(f->s, "my boards/ports/stm32/boards/MINE");

	scratch_put(f->s, "my boards/ports/stm32/boards/MINE/board.json", "{\"mcu\": \"stm32f4\"}");
	f->opt.board_dirs = (struct strv){ &dir, 1, 1 };
	open_session(f, PORT "  build firmware.elf: compile\n");
	assert_var(f, "MINE", "board_dir_arg", arena_printf(&f->s->arena, "'BOARD_DIR=%s'", dir));
	assert_var(f, "MINE", "board_arg", "BOARD=MINE");
}

/* --- opening a session --- */

static void assert_open_error(struct fixture *f, const char *message, const char *hint)
{
	struct session s;
	AUTO_ERR ignored = ERR_INIT;

	err_free(&f->err);
	assert_false(session_open(&s, &f->opt, true, &f->err));
	assert_err(&f->err, message, hint);
	session_close(&s, &ignored);
}

static void test_a_mistake_in_a_rule_file_names_its_place(void **state)
{
	struct fixture *f = *state;

	scratch_put(f->s, "rules/x.rules",
		    "port stm32\n  build firmware.elf: nothing firmware.hex\n");
	assert_open_error(f, "x.rules:2:23: ", "rule");
}

static void test_rules_of_the_tree_are_read_too(void **state)
{
	struct fixture *f = *state;

	scratch_put(f->s, "t/mpflash.rules", "port stm32\n  colour = green\n");
	open_session(f, PORT "  colour = red\n  build firmware.elf: compile\n");
	assert_var(f, "PYBV11", "colour", "green");
}

static void test_rules_of_the_command_line_come_last(void **state)
{
	struct fixture *f = *state;
	const char *extra = scratch_path(f->s, "extra.rules");

	scratch_put(f->s, "t/mpflash.rules", "port stm32\n  colour = green\n");
	scratch_put(f->s, "extra.rules", "port stm32\n  colour = blue\n");
	f->opt.rules_files = (struct strv){ &extra, 1, 1 };
	open_session(f, PORT "  build firmware.elf: compile\n");
	assert_var(f, "PYBV11", "colour", "blue");
}

static void test_a_folder_of_rules_that_is_gone_is_an_error_with_a_hint(void **state)
{
	struct fixture *f = *state;

	setenv("MPFLASH_RULES", scratch_path(f->s, "none"), 1);
	assert_open_error(f, "the rule files of the ports", "MPFLASH_RULES=");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_a_statement_makes_its_outputs),
		TEST(test_two_statements_for_one_file_are_an_error_that_names_both),
		TEST(test_a_narrower_block_replaces),
		TEST(test_the_order_of_the_blocks_does_not_matter),
		TEST(test_a_statement_whose_files_are_all_replaced_is_no_step),
		TEST(test_a_statement_keeps_the_files_that_are_not_replaced),
		TEST(test_a_variants_block_is_for_the_variant),
		TEST(test_an_optional_file_has_a_maker_that_may_leave_it),
		TEST(test_an_optional_file_may_have_another_step_as_a_sure_maker),
		TEST(test_two_statements_for_one_optional_file_are_an_error),
		TEST(test_a_built_in_rule_that_is_not_a_step_names_its_place),
		TEST(test_names_may_come_from_variables),
		TEST(test_what_a_step_needs_comes_before_it),
		TEST(test_steps_that_wait_for_each_other_are_an_error),
		TEST(test_implicit_inputs_count_for_cycles),
		TEST(test_a_file_made_from_itself_is_an_error),
		TEST(test_mpy_cross_comes_first_for_ports_that_want_it),
		TEST(test_files_are_placed_below_the_boards_name),
		TEST(test_a_name_that_two_ports_have_gets_the_port_in_its_folder),
		TEST(test_another_folder_may_be_named),
		TEST(test_other_settings_get_a_work_folder_of_their_own),
		TEST(test_rules_see_the_board_and_its_variant),
		TEST(test_a_board_outside_the_tree_is_passed_with_its_folder),
		TEST(test_a_mistake_in_a_rule_file_names_its_place),
		TEST(test_rules_of_the_tree_are_read_too),
		TEST(test_rules_of_the_command_line_come_last),
		TEST(test_a_folder_of_rules_that_is_gone_is_an_error_with_a_hint),
	};

	return cmocka_run_group_tests_name("recipe", tests, NULL, NULL);
}
