/* SPDX-License-Identifier: MIT
 *
 * Versions by number, the words for them, and names of firmware files.
 */
#include <string.h>

#include "base/xalloc.h"
#include "library/version.h"
#include "scratch.h"

static struct version parsed(const char *text)
{
	struct version v;

	if (!version_parse(&v, text))
		fail_msg("no version: %s", text);
	return v;
}

static void test_number_and_build_are_read(void **state)
{
	struct version v = parsed("v1.29.0-preview.731.g1c3c201149.dirty.01ab23cd");

	(void)state;
	assert_int_equal(v.major, 1);
	assert_int_equal(v.minor, 29);
	assert_int_equal(v.patch, 0);
	assert_true(v.preview);
	assert_int_equal(v.build, 731);
	v = parsed("v1.19.1-841-g3446a1b2c");
	assert_int_equal(v.build, 841);
	assert_false(v.preview);
	v = parsed("v1.26.0-preview-214-ga56a1eec7b-dirty");
	assert_true(v.preview);
	assert_int_equal(v.build, 214);
	assert_int_equal(parsed("1.18").minor, 18);
	assert_int_equal(parsed("v1.26.0-preview").build, 0);
}

static void test_other_texts_are_no_versions(void **state)
{
	static const char *const texts[] = { "",
					     "v",
					     "1",
					     "stable",
					     "v1",
					     "v1.x",
					     "1.2beta",
					     "20250415",
					     "vv1.2",
					     "-1.2",
					     "1..2",
					     "v99999999.1",
					     "v1.26.0-previewer" };
	struct version v;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		if (version_parse(&v, texts[i]))
			fail_msg("a version: '%s'", texts[i]);
}

static void test_order_is_by_number(void **state)
{
	/* ascending */
	static const char *const texts[] = {
		"v1.8.7",
		"v1.9",
		"v1.9.4",
		"v1.10",
		"v1.19.1",
		"v1.19.1-841-g3446a1b2c",
		"v1.20.0",
		"v1.28.0-preview.999",
		"v1.28.0",
		"v1.29.0-preview",
		"v1.29.0-preview.9",
		"v1.29.0-preview.500",
		"v1.29.0",
		"v1.29.0.3",
		"v1.29.1-preview",
		"v2.0.0-preview.1",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		for (size_t j = 0; j < ARRAY_SIZE(texts); j++) {
			int by = version_compare_text(texts[i], texts[j]);

			if ((by > 0) != (i > j) || (by < 0) != (i < j))
				fail_msg("%s against %s: %d", texts[i], texts[j], by);
		}
	assert_int_equal(version_compare_text("v1.18", "1.18.0"), 0);
	assert_true(version_compare_text("unknown", "v0.1") < 0);
	assert_true(version_compare_text("b", "a") > 0);
}

static void check_text(const char *from, const char *want)
{
	AUTO_STRBUF out = STRBUF_INIT;
	struct version v = parsed(from);

	version_text(&v, &out);
	assert_string_equal(out.buf, want);
}

static void test_text_with_build_is_read_again(void **state)
{
	static const char *const texts[] = {
		"v1.29.0-preview.731", "v1.19.0.841", "v1.19-preview.3",
		"v1.19.1.4",           "v1.25.0",     "v1.19"
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		AUTO_STRBUF out = STRBUF_INIT;
		struct version v = parsed(texts[i]), again;

		version_build_text(&v, &out);
		assert_string_equal(out.buf, texts[i]);
		again = parsed(out.buf);
		assert_int_equal(version_compare(&v, &again), 0);
	}
}

static void test_text_is_as_tags_have_it(void **state)
{
	(void)state;
	check_text("1.29.0-preview.500", "v1.29.0-preview");
	check_text("v1.20", "v1.20.0");
	check_text("v1.19.0", "v1.19");
	check_text("1.9.4", "v1.9.4");
	check_text("2.0.0", "v2.0.0");
}

static bool fits(const char *want, const char *version)
{
	struct version_want w;
	struct version v = parsed(version);
	AUTO_ERR e = ERR_INIT;

	must(version_want_parse(&w, want, &e), &e);
	return version_fits(&w, &v);
}

static void test_words_say_which_versions_fit(void **state)
{
	(void)state;
	assert_true(fits("stable", "v1.26.0"));
	assert_false(fits("stable", "v1.26.0-preview.3"));
	assert_true(fits("preview", "v1.26.0-preview.3"));
	assert_true(fits("latest", "v1.26.0-preview"));
	assert_true(fits("master", "v1.26.0-preview"));
	assert_false(fits("preview", "v1.26.0"));
	assert_true(fits("1.26.0", "v1.26.0"));
	assert_true(fits("v1.19", "v1.19.0"));
	assert_false(fits("v1.26.0", "v1.26.0-preview.3"));
	assert_true(fits("v1.26.0-preview", "v1.26.0-preview.3"));
	assert_true(fits("v1.26.0-preview.3", "v1.26.0-preview.3"));
	assert_false(fits("v1.26.0-preview.4", "v1.26.0-preview.3"));
	assert_true(fits("?", "v1.26.0-preview.3"));
}

static void test_a_word_that_is_none_is_a_usage_error(void **state)
{
	struct version_want w;
	AUTO_ERR e = ERR_INIT;

	(void)state;
	assert_false(version_want_parse(&w, "stabel", &e));
	assert_int_equal(e.kind, ERR_USAGE);
	assert_err(&e, "'stabel' is no version", "stable, preview");
}

static void check_name(const char *name, const char *board, const char *version, int build,
		       const char *stored)
{
	struct firmware_name n;
	AUTO_STRBUF text = STRBUF_INIT, again = STRBUF_INIT;

	if (!firmware_name_parse(&n, name))
		fail_msg("no name: %s", name);
	assert_string_equal(n.board_id, board);
	version_text(&n.version, &text);
	assert_string_equal(text.buf, version);
	assert_int_equal(n.version.build, build);
	firmware_name_stored(&n, true, &again);
	assert_string_equal(again.buf, stored);
}

static void test_names_are_taken_apart(void **state)
{
	(void)state;
	check_name("RPI_PICO_W-20240531-v1.24.0-preview.10.gc1a6b95bf.uf2", "RPI_PICO_W",
		   "v1.24.0-preview", 10, "RPI_PICO_W-v1.24.0-preview.10.uf2");
	check_name("https://micropython.org/resources/firmware/PYBV11-DP-20240602-v1.23.0.dfu",
		   "PYBV11-DP", "v1.23.0", 0, "PYBV11-DP-v1.23.0.dfu");
	check_name("/a-v1/RPI_PICO-v1.23.uf2", "RPI_PICO", "v1.23.0", 0, "RPI_PICO-v1.23.0.uf2");
	check_name("GENERIC-20220618-v1.19.1.bin", "GENERIC", "v1.19.1", 0, "GENERIC-v1.19.1.bin");
	check_name("esp32-20220117-unstable-v1.17-397-g6d2e4b9a1.bin", "esp32", "v1.17", 397,
		   "esp32-v1.17.0.397.bin");
	check_name("ESP32_GENERIC-20240602-v1.23.0.app-bin", "ESP32_GENERIC", "v1.23.0", 0,
		   "ESP32_GENERIC-v1.23.0.app-bin");
	check_name("BOARD-v2-20240602-v1.23.0.bin", "BOARD-v2", "v1.23.0", 0,
		   "BOARD-v2-v1.23.0.bin");
}

static void test_date_and_hash_can_stay(void **state)
{
	struct firmware_name n;
	AUTO_STRBUF out = STRBUF_INIT;
	const char *name = "RPI_PICO-20240531-v1.24.0-preview.10.gc1a6b95bf.uf2";

	(void)state;
	assert_true(firmware_name_parse(&n, name));
	firmware_name_stored(&n, false, &out);
	assert_string_equal(out.buf, name);
}

static void test_other_names_are_refused(void **state)
{
	static const char *const names[] = {
		"",
		"firmware.uf2",
		"-v1.2.3.uf2",
		"RPI_PICO-v1.26.0",
		"RPI_PICO-v1.26.0.7z",
		"RPI_PICO-v1.260101-v1.26.0.7z",
		"x-vx.bin",
		"RPI_PICO-v1.bin",
		"..-v1.2.bin",
		"a/-20240101-v1.2.bin",
		"x-v1.2.3.extensiontoolongtobeone",
	};
	struct firmware_name n;
	char lengthy[300];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (firmware_name_parse(&n, names[i]))
			fail_msg("a name: %s -> %s", names[i], n.board_id);
	memset(lengthy, 'A', sizeof(lengthy));
	memcpy(lengthy + 200, "-v1.2.3.bin", sizeof("-v1.2.3.bin"));
	assert_false(firmware_name_parse(&n, lengthy));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_number_and_build_are_read),
		cmocka_unit_test(test_other_texts_are_no_versions),
		cmocka_unit_test(test_order_is_by_number),
		cmocka_unit_test(test_text_is_as_tags_have_it),
		cmocka_unit_test(test_text_with_build_is_read_again),
		cmocka_unit_test(test_words_say_which_versions_fit),
		cmocka_unit_test(test_a_word_that_is_none_is_a_usage_error),
		cmocka_unit_test(test_names_are_taken_apart),
		cmocka_unit_test(test_date_and_hash_can_stay),
		cmocka_unit_test(test_other_names_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
