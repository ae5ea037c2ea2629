/* SPDX-License-Identifier: MIT
 *
 * Boards by what they call themselves.
 */
#include "library/board_id.h"

#include "scratch.h"

struct sample {
	const char *board_id, *version, *variant, *description;
};

static const struct sample samples[] = {
	{ "GENERIC", "v1.19.1", "", "ESP32 module with ESP32" },
	{ "ESP32_GENERIC", "v1.26.0", "", "Generic ESP32 module with ESP32" },
	{ "ESP32_GENERIC-D2WD", "v1.27.0", "D2WD", "Generic ESP32 module with ESP32" },
	{ "PICO", "v1.18", "", "Raspberry Pi Pico with RP2040" },
	{ "RPI_PICO", "v1.26.0", "", "Raspberry Pi Pico with RP2040" },
	{ "RPI_PICO_W", "v1.26.0", "", "Raspberry Pi Pico W with RP2040" },
	{ "WITHOUT", "v1.26.0", "", "A board" },
};

/* The board that is found; NULL: none. */
static const char *find(struct scratch *s, const char *description, const char *version)
{
	struct database *db = database_open(scratch_path(s, "fw"), DATABASE_WRITE, &s->err);
	const char *found;

	must(db != NULL, &s->err);
	for (size_t i = 0; i < sizeof(samples) / sizeof(*samples); i++) {
		const struct board_row row = { .board_id = samples[i].board_id,
					       .version = samples[i].version,
					       .variant = samples[i].variant,
					       .description = samples[i].description };

		must(database_put_board(db, &row, &s->err), &s->err);
	}
	must(library_board_by_description(db, description, version, &s->arena, &found, &s->err),
	     &s->err);
	database_close(db);
	return found;
}

static void test_the_version_decides_between_names(void **state)
{
	struct scratch *s = *state;

	assert_string_equal(find(s, "Raspberry Pi Pico with RP2040", "v1.26.0"), "RPI_PICO");
	assert_string_equal(find(s, "Raspberry Pi Pico with RP2040", "1.18"), "PICO");
	assert_string_equal(find(s, "Raspberry Pi Pico with RP2040", "1.26.0-preview"), "RPI_PICO");
	assert_string_equal(find(s, "Raspberry Pi Pico with RP2040", "1.99"), "PICO");
	assert_string_equal(find(s, "Raspberry Pi Pico with RP2040", NULL), "PICO");
}

static void test_one_of_both_may_end_before_with(void **state)
{
	struct scratch *s = *state;

	assert_string_equal(find(s, "Raspberry Pi Pico", "v1.26.0"), "RPI_PICO");
	assert_string_equal(find(s, "Raspberry Pi Pico W", "v1.26.0"), "RPI_PICO_W");
	assert_string_equal(find(s, "A board with RP2040", "v1.26.0"), "WITHOUT");
}

static void test_other_chips_and_other_beginnings_do_not_fit(void **state)
{
	struct scratch *s = *state;

	assert_null(find(s, "Raspberry Pi Pico with RP2350", "v1.26.0"));
	assert_null(find(s, "Raspberry Pi", "v1.26.0"));
	assert_null(find(s, "", "v1.26.0"));
}

static void test_generic_is_left_out_when_nothing_is_called_so(void **state)
{
	struct scratch *s = *state;

	assert_string_equal(find(s, "Generic ESP32 module with ESP32", "1.19.1"), "GENERIC");
	assert_string_equal(find(s, "Generic ESP32 module with ESP32", "v1.26.0"), "ESP32_GENERIC");
	assert_string_equal(find(s, "Generic ESP32 module with ESP32", NULL), "ESP32_GENERIC");
}

static void test_variants_are_not_guessed(void **state)
{
	struct scratch *s = *state;

	assert_string_equal(find(s, "Generic ESP32 module with ESP32", "v1.27.0"), "ESP32_GENERIC");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, scratch_setup, scratch_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_the_version_decides_between_names),
		TEST(test_one_of_both_may_end_before_with),
		TEST(test_other_chips_and_other_beginnings_do_not_fit),
		TEST(test_generic_is_left_out_when_nothing_is_called_so),
		TEST(test_variants_are_not_guessed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
