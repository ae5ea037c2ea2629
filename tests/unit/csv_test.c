/* SPDX-License-Identifier: MIT
 *
 * CSV, and what boards call themselves.
 */
#include <string.h>

#include "library/boards.h"
#include "library/csv.h"
#include "scratch.h"

/* Fields in brackets, records on lines. */
static const char *read_all(struct scratch *s, const char *text, size_t size)
{
	struct strv fields = { 0 };
	char *out = arena_strdup(&s->arena, "");
	struct csv c;
	bool ok;

	csv_init(&c, text, size);
	while ((ok = csv_next(&c, &s->arena, &fields, &s->err)) && fields.count) {
		for (size_t i = 0; i < fields.count; i++)
			out = arena_printf(&s->arena, "%s[%s]", out, fields.items[i]);
		out = arena_printf(&s->arena, "%s %zu\n", out, c.line);
	}
	vec_free(&fields);
	return ok ? out : NULL;
}

static void test_fields_and_lines(void **state)
{
	struct scratch *s = *state;
	static const char text[] = "a,b\r\n\"x,\"\"y\"\"\nz\",\n\n,last";

	assert_string_equal(read_all(s, text, strlen(text)),
			    "[a][b] 1\n[x,\"y\"\nz][] 2\n[][last] 5\n");
	assert_string_equal(read_all(s, "", 0), "");
}

static void test_damage_is_an_error(void **state)
{
	struct scratch *s = *state;

	assert_null(read_all(s, "a\n\"b,c\n", 7));
	assert_err(&s->err, "line 2: a quote is not closed", NULL);
	err_free(&s->err);
	assert_null(read_all(s, "a\0b", 3));
	assert_err(&s->err, "line 1: it is no text", NULL);
}

static const char *describe(struct scratch *s, const char *file, const char *text,
			    const char *variant)
{
	struct board_file f = { file, text };
	const struct board_files files = { &f, 1, 1 };

	return board_describe(&files, variant, &s->arena);
}

static void test_descriptions(void **state)
{
	struct scratch *s = *state;

	assert_string_equal(describe(s, "mpconfigboard.h",
				     "// comment\n#define MICROPY_HW_BOARD_NAME\t\"PYBv1.1\"\r\n"
				     "#define MICROPY_HW_MCU_NAME \"STM32F405RG\" // x\n",
				     ""),
			    "PYBv1.1 with STM32F405RG");
	assert_string_equal(
		describe(s, "mpconfigboard.h", "#define MICROPY_HW_BOARD_NAME \"Alone\"\n", ""),
		"Alone");
	assert_null(describe(s, "mpconfigboard.h", "#define MICROPY_HW_MCU_NAME \"X\"\n", ""));
	assert_null(describe(s, "mpconfigboard.h", " #define MICROPY_HW_BOARD_NAME \"X\"\n", ""));
	assert_null(describe(s, "mpconfigboard.h", "#define MICROPY_HW_BOARD_NAME_2 \"X\"\n", ""));
	assert_null(describe(s, "mpconfigboard.h", "#define MICROPY_HW_BOARD_NAME \"\n", ""));
	assert_string_equal(
		describe(s, "mpconfigvariant_D2WD.cmake",
			 "list(APPEND X\n    MICROPY_HW_BOARD_NAME=\"Generic ESP32 D2WD\"\n)",
			 "D2WD"),
		"Generic ESP32 D2WD");
	assert_null(describe(s, "mpconfigboard.h", "#define MICROPY_HW_BOARD_NAME \"X\"\n", "V"));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, scratch_setup, scratch_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_fields_and_lines),
		TEST(test_damage_is_an_error),
		TEST(test_descriptions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
