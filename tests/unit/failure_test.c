/* SPDX-License-Identifier: MIT
 *
 * What a person sees of a failed build, with logs as gcc, ld, Python, make, CMake and ninja write them.
 */
#include <string.h>

#include "build/failure.h"
#include "base/strbuf.h"
#include "scratch.h"

static const char *excerpt(struct scratch *s, const char *log)
{
	AUTO_STRBUF out = STRBUF_INIT;

	scratch_put(s, "log", log);
	failure_excerpt(scratch_path(s, "log"), &out);
	return arena_strdup(&s->arena, out.buf);
}

/* The first half of an excerpt: lines with their indent. */
static void assert_first(struct scratch *s, const char *log, const char *want)
{
	const char *text = excerpt(s, log), *last = strstr(text, "\n  the last lines:");
	static const char head[] = "\n  the first error:";

	if (strncmp(text, head, sizeof(head) - 1) != 0)
		fail_msg("no first error: %s", text);
	text += sizeof(head) - 1;
	assert_string_equal(
		arena_strndup(&s->arena, text, last ? (size_t)(last - text) : strlen(text)), want);
}

/* What a parallel make still prints after an error. */
#define NOISE                                                                     \
	"CC ../../py/obj.c\nCC ../../py/objarray.c\nCC ../../py/objattrtuple.c\n" \
	"CC ../../py/objbool.c\nCC ../../py/objboundmeth.c\nCC ../../py/objcell.c\n"

static void test_the_error_of_a_compiler_is_found_in_parallel_noise(void **state)
{
	assert_first(*state,
		     NOISE "../../py/gc.c: In function 'gc_init':\n"
			   "../../py/gc.c:52:5: warning: unused variable 'i' [-Wunused-variable]\n"
			   "main.c:12:5: error: unknown type name 'foo_t'\n"
			   "   12 |     foo_t x;\n"
			   "      |     ^~~~~\n" NOISE
			   "make: *** [../../py/mkrules.mk:95: build-PYBV11/main.o] Error 1\n"
			   "make: *** Waiting for unfinished jobs....\n" NOISE,
		     "\n    main.c:12:5: error: unknown type name 'foo_t'"
		     "\n       12 |     foo_t x;"
		     "\n          |     ^~~~~");
}

static void test_a_missing_header_is_an_error(void **state)
{
	assert_first(*state,
		     NOISE "main.c:1:10: fatal error: nothere.h: No such file or directory\n"
			   "    1 | #include \"nothere.h\"\n      |          ^~~~~~~~~~~\n"
			   "compilation terminated.\n",
		     "\n    main.c:1:10: fatal error: nothere.h: No such file or directory"
		     "\n        1 | #include \"nothere.h\"\n          |          ^~~~~~~~~~~");
}

static void test_an_undefined_symbol_is_an_error(void **state)
{
	assert_first(
		*state,
		"LINK build/firmware.elf\n"
		"/usr/lib/gcc/arm-none-eabi/12.2.1/../../../arm-none-eabi/bin/ld: build/main.o: in "
		"function `main':\n"
		"main.c:(.text.main+0x4): undefined reference to `nothere'\n"
		"collect2: error: ld returned 1 exit status\n"
		"make: *** [Makefile:12: build/firmware.elf] Error 1\n",
		"\n    main.c:(.text.main+0x4): undefined reference to `nothere'");
}

static void test_a_symbol_defined_twice_is_named(void **state)
{
	assert_first(
		*state,
		"arm-none-eabi-ld: build/b.o: in function `f':\n"
		"b.c:(.text+0x0): multiple definition of `f'; build/a.o:a.c:(.text+0x0): first defined "
		"here\n"
		"collect2: error: ld returned 1 exit status\n"
		"make: *** [Makefile:12: build/firmware.elf] Error 1\n",
		"\n    b.c:(.text+0x0): multiple definition of `f'; build/a.o:a.c:(.text+0x0): first "
		"defined here");
}

static void test_an_image_that_does_not_fit_is_an_error(void **state)
{
	assert_first(
		*state,
		"arm-none-eabi-ld: warning: build/firmware.elf has a LOAD segment with RWX permissions\n"
		"arm-none-eabi-ld: build/firmware.elf section `.text' will not fit in region "
		"`FLASH_TEXT'\n"
		"arm-none-eabi-ld: region `FLASH_TEXT' overflowed by 124 bytes\n"
		"collect2: error: ld returned 1 exit status\n",
		"\n    arm-none-eabi-ld: build/firmware.elf section `.text' will not fit in region "
		"`FLASH_TEXT'");
}

static void test_a_linkers_error_that_nobody_knows_is_shown_with_what_stands_before(void **state)
{
	const char *text = excerpt(
		*state,
		NOISE "arm-none-eabi-ld: section .data LMA [1,2] overlaps section .isr LMA [1,2]\n"
		      "collect2: error: ld returned 1 exit status\n"
		      "make: *** [Makefile:12: build/firmware.elf] Error 1\n");

	assert_has(text, "overlaps section .isr");
	assert_has(text, "ld returned 1 exit status");
}

static void test_a_traceback_is_shown_to_its_end(void **state)
{
	assert_first(*state,
		     NOISE "Traceback (most recent call last):\n"
			   "  File \"../../tools/makemanifest.py\", line 100, in <module>\n"
			   "    main()\n"
			   "  File \"../../tools/makemanifest.py\", line 80, in main\n"
			   "    manifest.execute(input_manifest)\n"
			   "  File \"../../tools/manifestfile.py\", line 60, in execute\n"
			   "    raise ManifestFileError(er)\n"
			   "manifestfile.ManifestFileError: no such module: unittes\n" NOISE
			   "make: *** [Makefile:9: build/frozen_content.c] Error 1\n",
		     "\n    Traceback (most recent call last):"
		     "\n      File \"../../tools/makemanifest.py\", line 100, in <module>"
		     "\n        main()"
		     "\n      File \"../../tools/makemanifest.py\", line 80, in main"
		     "\n        manifest.execute(input_manifest)"
		     "\n      File \"../../tools/manifestfile.py\", line 60, in execute"
		     "\n        raise ManifestFileError(er)"
		     "\n    manifestfile.ManifestFileError: no such module: unittes");
}

static void test_a_rule_that_make_lacks_is_an_error(void **state)
{
	assert_first(
		*state,
		"make: Entering directory '/tree/ports/stm32'\n"
		"make: *** No rule to make target 'boards/NONE/pins.csv', needed by 'x'.  Stop.\n",
		"\n    make: *** No rule to make target 'boards/NONE/pins.csv', needed by 'x'.  Stop.");
}

static void test_makes_own_error_is_an_error(void **state)
{
	assert_first(*state, "Makefile:30: *** Invalid BOARD specified: NONE.  Stop.\n",
		     "\n    Makefile:30: *** Invalid BOARD specified: NONE.  Stop.");
}

static void test_a_cmake_error_is_shown_with_its_text(void **state)
{
	assert_first(
		*state,
		"-- Board: RPI_PICO\n"
		"CMake Error at CMakeLists.txt:40 (message):\n"
		"  PICO_SDK_PATH is not set\n\n"
		"-- Configuring incomplete, errors occurred!\n"
		"make: *** [Makefile:40: all] Error 1\n",
		"\n    CMake Error at CMakeLists.txt:40 (message):\n      PICO_SDK_PATH is not set");
}

static void test_a_tool_that_the_shell_cannot_find_is_named(void **state)
{
	const char *text = excerpt(*state, NOISE NOISE
				   "/bin/sh: 1: picotool: not found\n"
				   "make: *** [Makefile:31: build/firmware.uf2] Error 127\n" NOISE);

	assert_has(text, "picotool: not found");
}

static void test_a_tool_that_make_cannot_find_is_named(void **state)
{
	const char *text = excerpt(*state, NOISE NOISE
				   "make: arm-none-eabi-gcc: No such file or directory\n"
				   "make: *** [Makefile:31: build/main.o] Error 127\n" NOISE);

	assert_has(text, "arm-none-eabi-gcc: No such file");
}

static void test_an_error_below_ninja_is_found(void **state)
{
	assert_first(*state,
		     "[1/9] Building C object main.c.obj\n"
		     "FAILED: CMakeFiles/firmware.dir/main.c.obj\n"
		     "/usr/bin/arm-none-eabi-gcc -DX=1 -Werror -c main.c\n"
		     "main.c:3:1: error: expected ';' before '}' token\n"
		     "[2/9] Building C object uart.c.obj\n"
		     "ninja: build stopped: subcommand failed.\n",
		     "\n    main.c:3:1: error: expected ';' before '}' token");
}

static void test_the_last_lines_stand_behind_the_first_error(void **state)
{
	assert_has(
		excerpt(*state, "a.c:1:1: error: x\none\ntwo\nthree\nfour\nfive\nsix\n"),
		"\n    a.c:1:1: error: x\n  the last lines:\n    two\n    three\n    four\n    five\n    six");
}

static void test_a_line_is_shown_once(void **state)
{
	assert_string_equal(excerpt(*state, "one\na.c:1:1: error: x\n"),
			    "\n  the first error:\n    a.c:1:1: error: x");
}

static void test_without_an_error_the_last_lines_are_shown(void **state)
{
	assert_string_equal(excerpt(*state, "1\n2\n3\n4\n5\n6\n"),
			    "\n  the last lines:\n    2\n    3\n    4\n    5\n    6");
	assert_string_equal(excerpt(*state, "no newline"), "\n  the last lines:\n    no newline");
}

static void test_no_log_and_an_empty_log_add_nothing(void **state)
{
	struct scratch *s = *state;
	AUTO_STRBUF out = STRBUF_INIT;

	assert_string_equal(excerpt(s, ""), "");
	failure_excerpt(scratch_path(s, "none"), &out);
	assert_string_equal(out.buf, "");
}

static void test_a_long_line_is_cut(void **state)
{
	struct scratch *s = *state;
	AUTO_STRBUF log = STRBUF_INIT;
	const char *text;

	strbuf_adds(&log, "x.c:1:1: error: ");
	for (int i = 0; i < 1000; i++)
		strbuf_adds(&log, "word ");
	text = excerpt(s, log.buf);
	assert_true(strlen(text) < 400);
	assert_has(text, " ...");
}

static void test_carriage_returns_are_left_out(void **state)
{
	assert_string_equal(excerpt(*state, "one\r\ntwo\r\n"),
			    "\n  the last lines:\n    one\n    two");
}

static void test_nul_bytes_do_not_end_a_log(void **state)
{
	static const char log[] = "some\0thing\0\nmain.c:3:1: error: expected ';'\nmore\n";
	struct scratch *s = *state;
	AUTO_STRBUF out = STRBUF_INIT;

	scratch_put_bytes(s, "log", log, sizeof(log) - 1);
	failure_excerpt(scratch_path(s, "log"), &out);
	assert_has(out.buf, "main.c:3:1: error: expected");
}

static const char *package(struct scratch *s, const char *log)
{
	scratch_put(s, "log", log);
	return failure_missing_package(scratch_path(s, "log"));
}

static void assert_package(struct scratch *s, const char *log, const char *want)
{
	const char *got = package(s, log);

	assert_non_null(got);
	assert_string_equal(got, want);
}

static void test_a_c_library_that_is_not_there_is_named(void **state)
{
	assert_package(*state,
		       "arm-none-eabi-gcc -c x.c\n"
		       "x.c:1:10: fatal error: string.h: No such file or directory\n",
		       "libnewlib-arm-none-eabi");
	assert_package(*state,
		       "arm-none-eabi-gcc: fatal error: cannot read spec file 'nano.specs'\n",
		       "libnewlib-arm-none-eabi");
	assert_package(*state, "x.c:1:10: fatal error: ffi.h: No such file or directory\n",
		       "libffi-dev");
}

static void test_another_compilers_c_library_is_not_arms(void **state)
{
	assert_null(package(*state,
			    "riscv64-unknown-elf-gcc -c x.c\n"
			    "x.c:1:10: fatal error: string.h: No such file or directory\n"));
}

static void test_other_errors_call_for_no_package(void **state)
{
	struct scratch *s = *state;

	assert_null(package(s, "x.c:1:10: fatal error: mine.h: No such file or directory\n"));
	assert_null(failure_missing_package(scratch_path(s, "none")));
}

static void test_a_full_disk_is_told_by_the_tools_own_words(void **state)
{
	struct scratch *s = *state;

	scratch_put(s, "log",
		    "main.c: fatal error: error writing to /tmp/x.s: No space left on device\n");
	assert_true(failure_disk_is_full(scratch_path(s, "log")));
	scratch_put(s, "log", "main.c:1:1: error: x\n");
	assert_false(failure_disk_is_full(scratch_path(s, "log")));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_the_error_of_a_compiler_is_found_in_parallel_noise),
		TEST(test_a_missing_header_is_an_error),
		TEST(test_an_undefined_symbol_is_an_error),
		TEST(test_a_symbol_defined_twice_is_named),
		TEST(test_an_image_that_does_not_fit_is_an_error),
		TEST(test_a_linkers_error_that_nobody_knows_is_shown_with_what_stands_before),
		TEST(test_a_traceback_is_shown_to_its_end),
		TEST(test_a_rule_that_make_lacks_is_an_error),
		TEST(test_makes_own_error_is_an_error),
		TEST(test_a_cmake_error_is_shown_with_its_text),
		TEST(test_a_tool_that_the_shell_cannot_find_is_named),
		TEST(test_a_tool_that_make_cannot_find_is_named),
		TEST(test_an_error_below_ninja_is_found),
		TEST(test_the_last_lines_stand_behind_the_first_error),
		TEST(test_a_line_is_shown_once),
		TEST(test_without_an_error_the_last_lines_are_shown),
		TEST(test_no_log_and_an_empty_log_add_nothing),
		TEST(test_a_long_line_is_cut),
		TEST(test_carriage_returns_are_left_out),
		TEST(test_nul_bytes_do_not_end_a_log),
		TEST(test_a_c_library_that_is_not_there_is_named),
		TEST(test_another_compilers_c_library_is_not_arms),
		TEST(test_other_errors_call_for_no_package),
		TEST(test_a_full_disk_is_told_by_the_tools_own_words),
	};

	return cmocka_run_group_tests_name("failure", tests, NULL, NULL);
}
