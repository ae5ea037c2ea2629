/* SPDX-License-Identifier: MIT
 *
 * From the words of the command line to files and steps, on a small tree with rules of the test.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "graph/target.h"
#include "session_helpers.h"

static const char rules[] =
	"port stm32\n"
	"  make = ports/stm32\n"
	"  inputs = py ports/stm32\n"
	"  reference = firmware.dfu\n"
	"  build firmware.elf firmware.hex firmware.dfu | firmware.bin: compile\n"
	"  mcu stm32f4\n"
	"    build firmware.uf2: uf2 firmware.dfu\n"
	"port qemu\n"
	"  make = ports/qemu\n"
	"  inputs = py\n"
	"  build firmware.elf: compile\n"
	"  board LONELY\n"
	"    flash = qemu\n"
	"port zephyr\n"
	"  unsupported = it is built elsewhere\n";

/* --- boards and formats --- */

static void test_a_board_is_every_file_that_its_rules_name(void **state)
{
	struct fixture *f = *state;

	open_session(f, rules);
	assert_true(add_target(f, "PYBV11"));
	assert_string_equal(goal_files(f),
			    "firmware.elf firmware.hex firmware.dfu firmware.bin firmware.uf2 ");
	assert_true(add_target(f, "NUCLEO_H563ZI"));
	assert_string_equal(goal_files(f), "firmware.elf firmware.hex firmware.dfu firmware.bin ");
}

static void test_a_variant_is_a_board_of_its_own(void **state)
{
	struct fixture *f = *state;

	open_session(f, rules);
	assert_true(add_target(f, "hex-PYBV11-DP"));
	assert_true(add_target(f, "hex-PYBV11"));
	assert_string_equal(ordered_steps(f),
			    "stm32/PYBV11-DP firmware.elf, stm32/PYBV11 firmware.elf");
}

static void test_a_format_is_one_file_and_what_it_takes(void **state)
{
	struct fixture *f = *state;

	open_session(f, rules);
	assert_true(add_target(f, "uf2-PYBV11"));
	assert_string_equal(goal_files(f), "firmware.uf2 ");
	assert_string_equal(ordered_steps(f),
			    "stm32/PYBV11 firmware.elf, stm32/PYBV11 firmware.uf2");
}

static void test_a_format_that_no_rule_names_comes_from_the_reference_file(void **state)
{
	struct fixture *f = *state;

	open_session(f, rules);
	assert_true(add_target(f, "uf2-NUCLEO_H563ZI"));
	assert_string_equal(ordered_steps(f),
			    "stm32/NUCLEO_H563ZI firmware.elf, stm32/NUCLEO_H563ZI firmware.uf2");
	assert_string_equal(step_named(f, "stm32/NUCLEO_H563ZI firmware.uf2")->ins.items[0]->name,
			    "firmware.dfu");
}

static void test_a_format_that_make_may_leave_is_derived_where_it_does_not(void **state)
{
	struct fixture *f = *state;
	const struct step *step;

	open_session(f, rules);
	assert_true(add_target(f, "bin-PYBV11"));
	assert_string_equal(goal_files(f), "firmware.bin ");
	assert_string_equal(ordered_steps(f),
			    "stm32/PYBV11 firmware.elf, stm32/PYBV11 firmware.bin");
	step = step_named(f, "stm32/PYBV11 firmware.bin");
	assert_ptr_equal(step->outs.items[0]->maybe_maker,
			 step_named(f, "stm32/PYBV11 firmware.elf"));
}

static void test_every_format_that_can_be_written_can_be_asked_for(void **state)
{
	static const char *const targets[] = { "srec-PYBV11", "uf2-PYBV11", "bin-PYBV11" };
	struct fixture *f = *state;

	open_session(f, rules);
	for (size_t i = 0; i < sizeof(targets) / sizeof(*targets); i++)
		assert_true(add_target(f, targets[i]));
	assert_non_null(step_named(f, "stm32/PYBV11 firmware.srec"));
}

static void test_a_format_that_cannot_be_written_is_an_error(void **state)
{
	struct fixture *f = *state;

	open_session(f, arena_printf(&f->s->arena,
				     "%sport stm32\n  board NUCLEO_H563ZI\n"
				     "    build firmware.signed: compile\n",
				     rules));
	assert_target_error(f, "signed-PYBV11", "stm32/PYBV11 has no file of the format 'signed'",
			    "mpflash make -n PYBV11");
}

static void test_a_format_of_a_users_own_is_one_too(void **state)
{
	struct fixture *f = *state;

	open_session(f, arena_printf(&f->s->arena,
				     "rule sign\n  command = sign $in $out\n%s"
				     "port stm32\n  build firmware.signed: sign firmware.hex\n",
				     rules));
	assert_true(add_target(f, "signed-PYBV11"));
	assert_string_equal(goal_files(f), "firmware.signed ");
}

static void test_a_port_before_the_board_chooses(void **state)
{
	struct fixture *f = *state;

	open_session(f, rules);
	assert_target_error(f, "SHARED", "SHARED", "qemu/SHARED");
	assert_true(add_target(f, "qemu/SHARED"));
	assert_true(add_target(f, "elf-stm32/SHARED"));
	assert_string_equal(ordered_steps(f),
			    "qemu/SHARED firmware.elf, stm32/SHARED firmware.elf");
}

static void test_an_unknown_board_suggests_near_ones(void **state)
{
	struct fixture *f = *state;

	open_session(f, rules);
	assert_target_error(f, "PYBV12", "PYBV12", "PYBV11");
	assert_target_error(f, "hex-NUCLEO_H536ZI", "NUCLEO_H536ZI", "NUCLEO_H563ZI");
}

static void test_a_port_that_is_not_covered_says_why(void **state)
{
	struct fixture *f = *state;

	open_session(f, rules);
	assert_target_error(f, "zephyr", "the port 'zephyr' is not covered: it is built elsewhere",
			    "ADD-A-PORT");
	assert_target_error(f, "zephyr/all", "it is built elsewhere", "ADD-A-PORT");
	assert_target_error(f, "flash-zephyr/X", "it is built elsewhere", "ADD-A-PORT");
}

static void test_a_tree_without_git_has_no_other_versions(void **state)
{
	struct fixture *f = *state;

	open_session(f, rules);
	assert_target_error(f, "PYBV11@v1.28.0", "has no git history", "git clone");
}

/* --- all --- */

static size_t count_steps(struct fixture *f, const char *kind)
{
	const char *text = ordered_steps(f);
	size_t n = 0;

	for (; (text = strstr(text, kind)); text++)
		n++;
	return n;
}

static void test_all_is_every_board_and_variant(void **state)
{
	struct fixture *f = *state;

	open_session(f, rules);
	assert_true(add_target(f, "all"));
	assert_int_equal(f->graph.goals.count, 7);
	assert_int_equal(count_steps(f, "firmware.elf"), 7);
}

static void test_all_of_a_port_is_that_ports(void **state)
{
	struct fixture *f = *state;

	open_session(f, rules);
	assert_true(add_target(f, "qemu/all"));
	assert_string_equal(ordered_steps(f),
			    "qemu/MICROBIT firmware.elf, qemu/SHARED firmware.elf");
}

static void test_all_passes_over_ports_that_nobody_has_rules_for(void **state)
{
	struct fixture *f = *state;

	scratch_put(f->s, "t/ports/mine/boards/X/mpconfigboard.mk", "");
	open_session(f, rules);
	assert_true(add_target(f, "all"));
	assert_int_equal(f->graph.goals.count, 7);
	assert_target_error(f, "mine/all", "there are no rules for the port 'mine'", "port mine");
}

static void test_all_with_a_broken_rule_is_an_error(void **state)
{
	struct fixture *f = *state;

	open_session(
		f,
		arena_printf(
			&f->s->arena,
			"%sport stm32\n  board SHARED\n    build firmware.elf: hex firmware.bin\n"
			"    build firmware.elf: hex firmware.dfu\n",
			rules));
	assert_target_error(f, "all", "two steps make firmware.elf", "narrower block");
	assert_target_error(f, "stm32/all", "two steps make firmware.elf", "narrower block");
}

/* --- verbs --- */

static void test_a_flash_takes_the_reference_file(void **state)
{
	struct fixture *f = *state;

	open_session(f, rules);
	assert_true(add_target(f, "flash-PYBV11"));
	assert_string_equal(ordered_steps(f), "stm32/PYBV11 firmware.elf, stm32/PYBV11 flash");
	assert_string_equal(step_named(f, "stm32/PYBV11 flash")->ins.items[0]->name,
			    "firmware.dfu");
}

static void test_without_a_reference_the_elf_is_taken(void **state)
{
	struct fixture *f = *state;

	open_session(f, rules);
	assert_true(add_target(f, "flash-MICROBIT"));
	ordered_steps(f);
	assert_string_equal(step_named(f, "qemu/MICROBIT flash")->ins.items[0]->name,
			    "firmware.elf");
}

static void test_a_reference_that_no_step_makes_is_an_error(void **state)
{
	struct fixture *f = *state;

	open_session(f, "port stm32\n  reference = other.dfu\n  build firmware.elf: compile\n");
	assert_false(add_target(f, "flash-PYBV11"));
	assert_has(f->err.msg, "do not say which file is flashed (reference)");
}

static void test_with_an_image_nothing_is_built(void **state)
{
	struct fixture *f = *state;

	f->opt.image = "firmware.hex";
	open_session(f, rules);
	assert_true(add_target(f, "flash-PYBV11"));
	assert_true(add_target(f, "verify-PYBV11"));
	assert_string_equal(ordered_steps(f), "stm32/PYBV11 flash, stm32/PYBV11 verify");
}

static void test_the_same_flash_twice_is_one_flash(void **state)
{
	struct fixture *f = *state;

	open_session(f, rules);
	assert_true(add_target(f, "flash-PYBV11"));
	assert_true(add_target(f, "flash-stm32/PYBV11"));
	assert_string_equal(ordered_steps(f), "stm32/PYBV11 firmware.elf, stm32/PYBV11 flash");
}

static void test_clean_comes_first_in_any_order_of_words(void **state)
{
	struct fixture *f = *state;

	open_session(f, rules);
	assert_true(add_target(f, "elf-PYBV11"));
	assert_true(add_target(f, "clean-PYBV11"));
	assert_string_equal(ordered_steps(f), "stm32/PYBV11 clean, stm32/PYBV11 firmware.elf");
}

static void test_one_device_does_one_thing_at_a_time(void **state)
{
	struct fixture *f = *state;
	const struct step *verify;

	f->opt.image = "firmware.hex";
	open_session(f, rules);
	assert_true(add_target(f, "flash-PYBV11"));
	assert_true(add_target(f, "verify-PYBV11"));
	ordered_steps(f);
	verify = step_named(f, "stm32/PYBV11 verify");
	assert_int_equal(verify->needs.count, 1);
	assert_ptr_equal(verify->needs.items[0], step_named(f, "stm32/PYBV11 flash"));
}

static void test_a_missing_boards_name_is_a_usage_error(void **state)
{
	static const char *const targets[] = { "", "hex-", "flash-" };
	struct fixture *f = *state;

	open_session(f, rules);
	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
		assert_target_error(f, targets[i], "name is missing", "mpflash boards");
		assert_int_equal(f->err.kind, ERR_USAGE);
	}
}

static void test_a_version_wants_a_target_before_it(void **state)
{
	struct fixture *f = *state;

	open_session(f, rules);
	assert_target_error(f, "@v1", "a target stands before the @", "@");
	assert_int_equal(f->err.kind, ERR_USAGE);
}

static void test_the_same_format_twice_is_one_step(void **state)
{
	struct fixture *f = *state;

	open_session(f, rules);
	assert_true(add_target(f, "bin-PYBV11"));
	assert_true(add_target(f, "bin-PYBV11"));
	assert_true(add_target(f, "PYBV11"));
	assert_int_equal(count_steps(f, "firmware.bin"), 1);
}

static void test_to_read_a_device_builds_nothing(void **state)
{
	struct fixture *f = *state;

	open_session(f, rules);
	assert_true(add_target(f, "read-PYBV11"));
	assert_string_equal(ordered_steps(f), "stm32/PYBV11 read");
}

/* --- mboot --- */

static const char mboot_rules[] = "port stm32\n"
				  "  make = ports/stm32\n"
				  "  build firmware.elf: compile\n"
				  "port mboot-stm32\n"
				  "  make = ports/stm32/mboot\n"
				  "  args = $board_arg\n"
				  "  reference = firmware.dfu\n"
				  "  build firmware.elf firmware.dfu: compile\n"
				  "port qemu\n"
				  "  make = ports/qemu\n"
				  "  build firmware.elf: compile\n";

static void open_mboot_session(struct fixture *f)
{
	scratch_put(f->s, "t/ports/stm32/boards/PYBV11/mpconfigboard.mk",
		    "ifeq ($(USE_MBOOT),1)\nTEXT0_ADDR = 0x08020000\nendif\n");
	open_session(f, mboot_rules);
}

static void test_mboot_is_a_recipe_beside_the_boards(void **state)
{
	struct fixture *f = *state;

	open_mboot_session(f);
	assert_true(add_target(f, "mboot-PYBV11"));
	assert_string_equal(goal_files(f), "firmware.elf firmware.dfu ");
	assert_true(add_target(f, "dfu-mboot-stm32/PYBV11"));
	assert_string_equal(goal_files(f), "firmware.dfu ");
	assert_true(add_target(f, "PYBV11"));
	assert_string_equal(ordered_steps(f),
			    "mboot-stm32/PYBV11 firmware.elf, stm32/PYBV11 firmware.elf");
	for (size_t i = 0; i < f->graph.goals.count; i++)
		assert_int_equal(f->graph.goals.items[i].recipe->keep_work, i == 2);
}

static void test_a_pattern_for_mboot_is_the_boards_that_have_it(void **state)
{
	struct fixture *f = *state;

	open_mboot_session(f);
	assert_true(add_target(f, "mboot-*"));
	assert_true(add_target(f, "mboot-stm32/all"));
	assert_string_equal(ordered_steps(f), "mboot-stm32/PYBV11 firmware.elf");
	assert_target_error(f, "mboot-qemu/*", "the port 'qemu' has no mboot", "stm32");
}

static void test_a_board_without_mboot_names_near_ones(void **state)
{
	struct fixture *f = *state;

	open_mboot_session(f);
	assert_target_error(f, "mboot-NUCLEO_H563ZI", "the board has no mboot", "PYBV11");
	assert_target_error(f, "mboot-PYBV11-DP", "mboot has no variants", "mboot-PYBV11");
	assert_target_error(f, "flash-mboot-PYBV11", "does not flash it", "README.md");
	assert_int_equal(f->err.kind, ERR_USAGE);
}

static void test_which_targets_need_a_tree(void **state)
{
	(void)state;
	assert_true(target_needs_tree("PYBV11", true));
	assert_true(target_needs_tree("hex-PYBV11", false));
	assert_true(target_needs_tree("flash-PYBV11", false));
	assert_false(target_needs_tree("flash-PYBV11", true));
	assert_false(target_needs_tree("verify-PYBV11", true));
	assert_false(target_needs_tree("halt-PYBV11", false));
	assert_true(target_needs_tree("clean-PYBV11", true));
	assert_true(target_needs_tree("mboot-PYBV11", true));
}

static void test_without_a_tree_a_device_that_the_rules_know_can_be_flashed(void **state)
{
	struct fixture *f = *state;

	f->opt.tree_dir = NULL;
	f->opt.image = "firmware.hex";
	unsetenv("MICROPY_DIR");
	assert_int_equal(chdir("/"), 0);
	open_session(f, rules);
	assert_true(add_target(f, "flash-LONELY"));
	assert_true(add_target(f, "flash-qemu/LONELY"));
	assert_string_equal(ordered_steps(f), "qemu/LONELY flash");
	assert_target_error(f, "flash-OTHER", "know a board 'OTHER'", "flash-stm32/OTHER");
	assert_target_error(f, "flash-OTHER", "nor a device that is attached", "-C DIR");
	assert_true(add_target(f, "flash-stm32/OTHER"));
}

/* --- files of the tree's own statements --- */

static void test_a_file_that_the_tree_makes_is_a_target(void **state)
{
	struct fixture *f = *state;

	scratch_put(f->s, "t/mpflash.rules",
		    "rule pack\n  command = pack $out $in\n"
		    "build dist/all.zip: pack build-mpflash/PYBV11/firmware.hex README\n");
	open_session(f, rules);
	assert_true(add_target(f, "dist/all.zip"));
	assert_string_equal(goal_files(f), "dist/all.zip ");
	assert_string_equal(ordered_steps(f), "stm32/PYBV11 firmware.elf, tree dist/all.zip");
}

static void test_a_file_of_a_board_that_no_step_makes_is_an_error(void **state)
{
	struct fixture *f = *state;

	scratch_put(f->s, "t/mpflash.rules",
		    "rule pack\n  command = pack $out $in\n"
		    "build all.zip: pack build-mpflash/PYBV11/firmware.zip\n");
	open_session(f, rules);
	assert_target_error(f, "all.zip", "no step makes build-mpflash/PYBV11/firmware.zip",
			    "the rules of stm32/PYBV11 name other files");
}

/* --- patterns --- */

static void test_a_pattern_is_every_board_and_variant_that_fits(void **state)
{
	struct fixture *f = *state;

	open_session(f, rules);
	assert_true(add_target(f, "PYB*"));
	assert_string_equal(ordered_steps(f),
			    "stm32/PYBV11 firmware.elf, stm32/PYBV11 firmware.uf2, "
			    "stm32/PYBV11-DP firmware.elf, stm32/PYBV11-DP firmware.uf2, "
			    "stm32/PYBV11-THREAD firmware.elf, stm32/PYBV11-THREAD firmware.uf2");
}

static void test_a_pattern_may_name_ports_and_formats(void **state)
{
	struct fixture *f = *state;

	open_session(f, rules);
	assert_true(add_target(f, "hex-stm32/*[!P]-DP"));
	assert_string_equal(goal_files(f), "firmware.hex ");
	assert_true(add_target(f, "*/SHARED"));
	assert_string_equal(ordered_steps(f),
			    "stm32/PYBV11-DP firmware.elf, qemu/SHARED firmware.elf, "
			    "stm32/SHARED firmware.elf, stm32/SHARED firmware.uf2");
}

static void test_a_star_does_not_stand_for_a_slash(void **state)
{
	struct fixture *f = *state;

	open_session(f, rules);
	assert_target_error(f, "stm*11", "no board fits 'stm*11'",
			    "`mpflash boards` lists the boards");
}

static void test_a_pattern_that_nothing_fits_has_near_names(void **state)
{
	struct fixture *f = *state;

	open_session(f, rules);
	assert_target_error(f, "PYBW1*", "no board fits 'PYBW1*'",
			    "did you mean 'PYBV1*', as in 'stm32/PYBV11'?");
	assert_target_error(f, "stm23/*", "no port 'stm23' in this tree", "did you mean 'stm32'?");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_a_board_is_every_file_that_its_rules_name),
		TEST(test_a_variant_is_a_board_of_its_own),
		TEST(test_a_format_is_one_file_and_what_it_takes),
		TEST(test_a_format_that_no_rule_names_comes_from_the_reference_file),
		TEST(test_a_format_that_make_may_leave_is_derived_where_it_does_not),
		TEST(test_every_format_that_can_be_written_can_be_asked_for),
		TEST(test_a_format_that_cannot_be_written_is_an_error),
		TEST(test_a_format_of_a_users_own_is_one_too),
		TEST(test_a_port_before_the_board_chooses),
		TEST(test_an_unknown_board_suggests_near_ones),
		TEST(test_a_port_that_is_not_covered_says_why),
		TEST(test_a_tree_without_git_has_no_other_versions),
		TEST(test_all_is_every_board_and_variant),
		TEST(test_all_of_a_port_is_that_ports),
		TEST(test_all_passes_over_ports_that_nobody_has_rules_for),
		TEST(test_all_with_a_broken_rule_is_an_error),
		TEST(test_a_flash_takes_the_reference_file),
		TEST(test_without_a_reference_the_elf_is_taken),
		TEST(test_a_reference_that_no_step_makes_is_an_error),
		TEST(test_with_an_image_nothing_is_built),
		TEST(test_the_same_flash_twice_is_one_flash),
		TEST(test_clean_comes_first_in_any_order_of_words),
		TEST(test_one_device_does_one_thing_at_a_time),
		TEST(test_a_missing_boards_name_is_a_usage_error),
		TEST(test_a_version_wants_a_target_before_it),
		TEST(test_the_same_format_twice_is_one_step),
		TEST(test_to_read_a_device_builds_nothing),
		TEST(test_mboot_is_a_recipe_beside_the_boards),
		TEST(test_a_pattern_for_mboot_is_the_boards_that_have_it),
		TEST(test_a_board_without_mboot_names_near_ones),
		TEST(test_which_targets_need_a_tree),
		TEST(test_without_a_tree_a_device_that_the_rules_know_can_be_flashed),
		TEST(test_a_file_that_the_tree_makes_is_a_target),
		TEST(test_a_file_of_a_board_that_no_step_makes_is_an_error),
		TEST(test_a_pattern_is_every_board_and_variant_that_fits),
		TEST(test_a_pattern_may_name_ports_and_formats),
		TEST(test_a_star_does_not_stand_for_a_slash),
		TEST(test_a_pattern_that_nothing_fits_has_near_names),
	};

	return cmocka_run_group_tests_name("target", tests, NULL, NULL);
}
