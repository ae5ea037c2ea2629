/* SPDX-License-Identifier: MIT
 *
 * Which firmware of the library a board gets, and the names that boards had.
 */
#include <string.h>

#include "base/xalloc.h"
#include "library/renamed.h"
#include "library/select.h"
#include "scratch.h"

/* One open library; a row's file is made when `there`. */
struct shelf {
	struct scratch *s;
	struct database *db;
};

static struct shelf open_shelf(struct scratch *s)
{
	struct shelf shelf = { s, database_open(scratch_path(s, "fw"), DATABASE_WRITE, &s->err) };

	must(shelf.db != NULL, &s->err);
	return shelf;
}

static void put(struct shelf *x, struct firmware_row row, bool there)
{
	if (!row.port)
		row.port = "rp2";
	if (there)
		scratch_put(x->s, arena_printf(&x->s->arena, "fw/%s", row.file), "x");
	must(database_put_firmware(x->db, &row, &x->s->err), &x->s->err);
}

/* The files that come, the best first: "a b ". */
static const char *select_files(struct shelf *x, const char *board, const char *word, bool custom)
{
	struct scratch *s = x->s;
	struct version_want want;
	struct firmware_rows rows;
	struct library_wish wish = { .board_id = board, .version = &want, .custom = custom };
	char *out = arena_strdup(&s->arena, "");

	must(version_want_parse(&want, word, &s->err), &s->err);
	must(library_select(x->db, &wish, &s->arena, &rows, &s->err), &s->err);
	for (size_t i = 0; i < rows.count; i++)
		out = arena_printf(&s->arena, "%s%s ", out, rows.items[i].file);
	return out;
}

static const char *best(struct shelf *x, const char *board, const char *word)
{
	const char *all = select_files(x, board, word, false);

	return arena_strndup(&x->s->arena, all, strcspn(all, " "));
}

#define ROW(v, f, ...) \
	((struct firmware_row){ .board_id = "B", .version = (v), .file = (f), __VA_ARGS__ })

static void test_the_newest_preview_is_of_the_newest_version(void **state)
{
	struct shelf x = open_shelf(*state);

	put(&x, ROW("v1.25.0-preview", "B-v1.25.0-preview.500.uf2", .build = 500), true);
	put(&x, ROW("v1.29.0-preview", "B-v1.29.0-preview.20.uf2", .build = 20), true);
	put(&x, ROW("v1.29.0-preview", "B-v1.29.0-preview.9.uf2", .build = 9), true);
	put(&x, ROW("v1.28.0", "B-v1.28.0.uf2", .build = 0), true);
	assert_string_equal(select_files(&x, "B", "preview", false),
			    "B-v1.29.0-preview.20.uf2 B-v1.29.0-preview.9.uf2 ");
	assert_string_equal(best(&x, "B", "v1.25.0-preview"), "B-v1.25.0-preview.500.uf2");
	assert_string_equal(best(&x, "B", "v1.29.0-preview.9"), "B-v1.29.0-preview.9.uf2");
	assert_string_equal(best(&x, "B", "stable"), "B-v1.28.0.uf2");
	assert_string_equal(best(&x, "B", "v1.27.0"), "");
	database_close(x.db);
}

static void test_stable_is_the_newest_by_number(void **state)
{
	struct shelf x = open_shelf(*state);

	put(&x, ROW("v1.10", "B-v1.10.uf2", .build = 0), true);
	put(&x, ROW("v1.9.4", "B-v1.9.4.uf2", .build = 0), true);
	assert_string_equal(best(&x, "B", "stable"), "B-v1.10.uf2");
	/* one whose file is gone is no use */
	put(&x, ROW("v1.11", "B-v1.11.uf2", .build = 0), false);
	assert_string_equal(best(&x, "B", "stable"), "B-v1.10.uf2");
	database_close(x.db);
}

static void test_rank_file_extension_source_custom_build_order(void **state)
{
	struct shelf x = open_shelf(*state);

	put(&x, ROW("v1.26.0", "gone.uf2", .source = "mpbuild", .custom = true), false);
	put(&x, ROW("v1.26.0", "other.elf", .source = "mpbuild", .custom = true), true);
	put(&x, ROW("v1.26.0", "old.uf2", .build = 0), true);
	put(&x, ROW("v1.26.0", "new.uf2", .build = 0), true);
	put(&x, ROW("v1.26.0", "later.uf2", .build = 3), true);
	put(&x, ROW("v1.26.0", "mine.uf2", .custom = true), true);
	put(&x, ROW("v1.26.0", "built.uf2", .source = "mpbuild", .custom = true), true);
	assert_string_equal(select_files(&x, "B", "1.26.0", false),
			    "built.uf2 mine.uf2 later.uf2 new.uf2 old.uf2 other.elf gone.uf2 ");
	database_close(x.db);
}

static void test_formats_wanted_count_instead_of_the_ports(void **state)
{
	struct shelf x = open_shelf(*state);
	struct scratch *s = *state;
	const char *elf = "elf";
	const struct strv formats = { &elf, 1, 1 };
	struct version_want want = { .word = VERSION_STABLE };
	const struct library_wish wish = { .board_id = "B", .version = &want, .formats = &formats };
	struct firmware_rows rows;

	put(&x, ROW("v1.26.0", "a.elf", .build = 0), true);
	put(&x, ROW("v1.26.0", "a.uf2", .build = 0), true);
	must(library_select(x.db, &wish, &s->arena, &rows, &s->err), &s->err);
	assert_string_equal(rows.items[0].file, "a.elf");
	database_close(x.db);
}

static void test_another_port_is_another_board(void **state)
{
	struct shelf x = open_shelf(*state);
	struct scratch *s = *state;
	struct version_want want = { .word = VERSION_STABLE };
	const struct library_wish wish = { .board_id = "B", .port = "nrf", .version = &want };
	struct firmware_rows rows;

	put(&x, ROW("v1.26.0", "a.uf2", .port = "esp32"), true);
	must(library_select(x.db, &wish, &s->arena, &rows, &s->err), &s->err);
	assert_int_equal(rows.count, 0);
	database_close(x.db);
}

static void test_a_renamed_board_is_found(void **state)
{
	struct shelf x = open_shelf(*state);

	put(&x, (struct firmware_row){ .board_id = "PICO", .version = "v1.19", .file = "p.uf2" },
	    true);
	assert_string_equal(best(&x, "RPI_PICO", "v1.19.0"), "p.uf2");
	put(&x,
	    (struct firmware_row){ .board_id = "RPI_PICO", .version = "v1.19", .file = "r.uf2" },
	    true);
	assert_string_equal(best(&x, "RPI_PICO", "stable"), "r.uf2");
	database_close(x.db);
}

static void test_custom_asks_for_the_custom_id(void **state)
{
	struct shelf x = open_shelf(*state);

	put(&x, ROW("v1.26.0", "released.uf2", .build = 0), true);
	put(&x, ROW("v1.26.0", "mine.uf2", .custom = true, .custom_id = "B@mine"), true);
	assert_string_equal(select_files(&x, "B@mine", "stable", true), "mine.uf2 ");
	assert_string_equal(select_files(&x, "B", "stable", true), "mine.uf2 ");
	assert_string_equal(select_files(&x, "B@other", "stable", true), "");
	database_close(x.db);
}

/* "a b " */
static const char *renamed(struct scratch *s, const char *board, const char *port)
{
	struct strv names = { 0 };
	char *out = arena_strdup(&s->arena, "");

	renamed_boards(board, port, &s->arena, &names);
	for (size_t i = 0; i < names.count; i++)
		out = arena_printf(&s->arena, "%s%s ", out, names.items[i]);
	vec_free(&names);
	return out;
}

static void test_names_that_boards_had(void **state)
{
	struct scratch *s = *state;

	assert_string_equal(renamed(s, "PICO_W", NULL), "RPI_PICO_W ");
	assert_string_equal(renamed(s, "RPI_PICO", "rp2"), "PICO ");
	assert_string_equal(renamed(s, "GENERIC", "esp32"), "ESP32_GENERIC ");
	assert_string_equal(renamed(s, "GENERIC_SPIRAM", "esp32"),
			    "ESP32_GENERIC-SPIRAM ESP32_GENERIC_SPIRAM GENERIC ESP32_GENERIC ");
	assert_string_equal(renamed(s, "GENERIC", ""), "ESP32_GENERIC ESP8266_GENERIC ");
	assert_string_equal(renamed(s, "ESP32_GENERIC-OTA", "esp32"), "GENERIC_OTA GENERIC-OTA ");
	assert_string_equal(renamed(s, "ESP8266_GENERIC", NULL), "GENERIC ");
	assert_string_equal(renamed(s, "PYBV11-THREAD", NULL), "PYBV11 ");
	assert_string_equal(renamed(s, "PYBV11", NULL), "");
}

static void test_extensions_by_port(void **state)
{
	(void)state;
	assert_true(library_port_takes("stm32", "dfu"));
	assert_true(library_port_takes("stm32", "BIN"));
	assert_false(library_port_takes("stm32", "uf2"));
	assert_true(library_port_takes("alif", "zip"));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, scratch_setup, scratch_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_the_newest_preview_is_of_the_newest_version),
		TEST(test_stable_is_the_newest_by_number),
		TEST(test_rank_file_extension_source_custom_build_order),
		TEST(test_formats_wanted_count_instead_of_the_ports),
		TEST(test_another_port_is_another_board),
		TEST(test_a_renamed_board_is_found),
		TEST(test_custom_asks_for_the_custom_id),
		TEST(test_names_that_boards_had),
		TEST(test_extensions_by_port),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
