/* SPDX-License-Identifier: MIT
 *
 * Which boards have mboot, by what their makefiles say.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "board/mboot.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_firmware_has_to_lie_elsewhere),
		cmocka_unit_test(test_one_of_its_places_is_enough),
		cmocka_unit_test(test_the_place_of_mboot_may_be_another),
		cmocka_unit_test(test_a_board_may_refuse_it),
		cmocka_unit_test(test_only_assignments_count),
	};

	return cmocka_run_group_tests_name("mboot", tests, NULL, NULL);
}
