/* SPDX-License-Identifier: MIT
 *
 * Programs by what they do in a build.
 */
#include "base/xalloc.h"
#include "build/readers.h"
#include "scratch.h"

static void test_a_compiler_is_known_under_every_target_and_version(void **state)
{
	(void)state;
	assert_int_equal(reader_of("cc1"), READER_COMPILER);
	assert_int_equal(reader_of("cc1plus"), READER_COMPILER);
	assert_int_equal(reader_of("lto1"), READER_COMPILER);
	assert_int_equal(reader_of("lto-wrapper"), READER_COMPILER);
	assert_int_equal(reader_of("as"), READER_COMPILER);
	assert_int_equal(reader_of("arm-none-eabi-gcc"), READER_COMPILER);
	assert_int_equal(reader_of("arm-none-eabi-gcc-12.2.1"), READER_COMPILER);
	assert_int_equal(reader_of("x86_64-linux-gnu-gcc-12"), READER_COMPILER);
	assert_int_equal(reader_of("arm-none-eabi-g++"), READER_COMPILER);
	assert_int_equal(reader_of("arm-none-eabi-as"), READER_COMPILER);
	assert_int_equal(reader_of("clang-14"), READER_COMPILER);
}

static void test_linkers_makes_and_interpreters_have_classes_of_their_own(void **state)
{
	(void)state;
	assert_int_equal(reader_of("ld"), READER_LINKER);
	assert_int_equal(reader_of("arm-none-eabi-ld.bfd"), READER_LINKER);
	assert_int_equal(reader_of("collect2"), READER_LINKER);
	assert_int_equal(reader_of("make"), READER_MAKE);
	assert_int_equal(reader_of("ninja"), READER_MAKE);
	assert_int_equal(reader_of("python3"), READER_PYTHON);
	assert_int_equal(reader_of("python3.11"), READER_PYTHON);
	assert_int_equal(reader_of("mpy-cross"), READER_MPY_CROSS);
	assert_int_equal(reader_of("cmake"), READER_CMAKE);
}

static void test_a_path_is_judged_by_its_last_part(void **state)
{
	(void)state;
	assert_int_equal(reader_of("/usr/lib/gcc/arm-none-eabi/12.2.1/cc1"), READER_COMPILER);
	assert_int_equal(reader_of("/tmp/python/sed"), READER_OTHER);
}

static void test_what_is_not_known_is_other(void **state)
{
	static const char *const names[] = {
		"sh",      "sed",    "cp", "cat",    "objcopy", "picotool", "save-as",
		"my-make", "gcc-ar", "",   "12.2.1", "cc1x",    "-",        "arm-none-eabi-objcopy"
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		assert_int_equal(reader_of(names[i]), READER_OTHER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_compiler_is_known_under_every_target_and_version),
		cmocka_unit_test(test_linkers_makes_and_interpreters_have_classes_of_their_own),
		cmocka_unit_test(test_a_path_is_judged_by_its_last_part),
		cmocka_unit_test(test_what_is_not_known_is_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
