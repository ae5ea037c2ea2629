/* SPDX-License-Identifier: MIT
 *
 * Which boards have mboot, by what their makefiles say.
 */
#include "base/strbuf.h"
#include "board/catalogue.h"
#include "board/mboot.h"
#include "scratch.h"

static void test_the_firmware_has_to_lie_elsewhere(void **state)
{
	(void)state;
	assert_true(mboot_fits("TEXT0_ADDR = 0x08008000\n"));
	assert_true(mboot_fits("TEXT0_ADDR=134250496"));
	assert_false(mboot_fits("TEXT0_ADDR = 0x08000000\n"));
	assert_false(mboot_fits("MCU_SERIES = f4\n"));
	assert_false(mboot_fits(""));
}

static void test_one_of_its_places_is_enough(void **state)
{
	(void)state;
	assert_true(mboot_fits("ifeq ($(USE_MBOOT),1)\n\tTEXT0_ADDR := 0x08020000\nelse\n"
			       "TEXT0_ADDR = 0x08000000\nendif\n"));
}

static void test_the_place_of_mboot_may_be_another(void **state)
{
	(void)state;
	assert_false(mboot_fits("TEXT0_ADDR = 0x08008000\nMBOOT_TEXT0_ADDR = 0x08008000\n"));
	assert_true(mboot_fits("MBOOT_TEXT0_ADDR = 0x70000000\nTEXT0_ADDR ?= 0x70080000\n"));
}

static void test_a_board_may_refuse_it(void **state)
{
	(void)state;
	assert_false(mboot_fits("USE_MBOOT = 0\nTEXT0_ADDR = 0x08040000\n"));
	assert_true(mboot_fits("USE_MBOOT ?= 0\nTEXT0_ADDR = 0x08040000\n"));
	assert_true(mboot_fits("USE_MBOOT = 1\nTEXT0_ADDR = 0x08040000\n"));
}

static void test_only_assignments_count(void **state)
{
	(void)state;
	assert_false(mboot_fits("# TEXT0_ADDR = 0x08040000\n"));
	assert_false(
		mboot_fits("TEXT0_ADDRESS = 0x08040000\nTEXT0_ADDR\nTEXT0_ADDR 1\nTEXT0_ADDR:"));
	assert_false(mboot_fits("X = TEXT0_ADDR = 0x08040000\n"));
}

/* Each line would read the file again, down to the greatest depth: make itself would not end. */
static void test_a_file_that_includes_itself_has_an_end(void **state)
{
	struct scratch *s = *state;
	AUTO_STRBUF text = STRBUF_INIT;
	struct board b = { .id = "RING", .dir = scratch_path(s, "boards/RING") };

	for (int i = 0; i < 2000; i++)
		strbuf_adds(&text, "include boards/RING/mpconfigboard.mk\n");
	strbuf_adds(&text, "TEXT0_ADDR = 0x08008000\n");
	scratch_put(s, "boards/RING/mpconfigboard.mk", text.buf);
	assert_true(board_has_mboot(&b));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_firmware_has_to_lie_elsewhere),
		cmocka_unit_test(test_one_of_its_places_is_enough),
		cmocka_unit_test(test_the_place_of_mboot_may_be_another),
		cmocka_unit_test(test_a_board_may_refuse_it),
		cmocka_unit_test(test_only_assignments_count),
		cmocka_unit_test_setup_teardown(test_a_file_that_includes_itself_has_an_end,
						scratch_setup, scratch_teardown),
	};

	return cmocka_run_group_tests_name("mboot", tests, NULL, NULL);
}
