/* SPDX-License-Identifier: MIT
 *
 * UF2 as a container of files.
 */
#include <stdlib.h>

#include "base/xalloc.h"
#include "image/le.h"
#include "image/uf2_container.h"
#include "uf2_helpers.h"

enum { FILES = 0x1000 };

static void put_piece(struct strbuf *out, const char *name, uint32_t file_size, uint32_t at,
		      const char *text, uint32_t number, uint32_t total)
{
	uint32_t size = (uint32_t)strlen(text);
	uint8_t *p = put_block(out, FILES, at, size, number, total, file_size);

	memcpy(p + 32, text, size + 1); /* the name overwrites the NUL */
	memcpy(p + 32 + size, name, strlen(name) + 1);
}

static void assert_file(const struct uf2_container *c, size_t i, const char *name,
			const char *bytes)
{
	AUTO_STRBUF out = STRBUF_INIT;

	assert_string_equal(c->items[i].name, name);
	assert_int_equal(c->items[i].size, strlen(bytes));
	uf2_container_read(c, i, &out);
	assert_int_equal(out.len, strlen(bytes));
	assert_string_equal(out.buf, bytes);
}

static void assert_refused(const struct strbuf *file, const char *message)
{
	/* Exactly as large as the data, so that the sanitizers see a byte too far. */
	uint8_t *copy = xmalloc(file->len);
	struct uf2_container c;
	AUTO_ERR e = ERR_INIT;

	memcpy(copy, file->buf, file->len);
	assert_false(uf2_container_open(&c, copy, file->len, &e));
	assert_contains(e.msg, message);
	uf2_container_free(&c);
	free(copy);
}

static void test_files_in_any_order(void **state)
{
	AUTO_STRBUF file = STRBUF_INIT;
	struct uf2_container c;
	AUTO_ERR e = ERR_INIT;

	(void)state;
	put_piece(&file, "lib/x.py", 9, 5, "two\n", 1, 4);
	put_piece(&file, "boot.py", 5, 0, "boot\n", 2, 4);
	put_piece(&file, "lib/x.py", 9, 0, "one,\n", 0, 4);
	put_piece(&file, "empty", 0, 0, "", 3, 4);
	put_piece(&file, "lib/x.py", 9, 5, "two\n", 1, 4); /* again */
	assert_true(uf2_container_probe((uint8_t *)file.buf, file.len));
	if (!uf2_container_open(&c, (uint8_t *)file.buf, file.len, &e))
		fail_msg("%s", e.msg);
	assert_int_equal(c.count, 3);
	assert_file(&c, 0, "boot.py", "boot\n");
	assert_file(&c, 1, "empty", "");
	assert_file(&c, 2, "lib/x.py", "one,\ntwo\n");
	uf2_container_free(&c);
}

/* The program may be in the main flash, beside the files. */
static void test_files_beside_a_flash_image(void **state)
{
	AUTO_STRBUF file = STRBUF_INIT;
	AUTO_IMAGE img = IMAGE_INIT;
	struct uf2_container c;
	AUTO_ERR e = ERR_INIT;

	(void)state;
	put_block(&file, FAMILY_FLAG, 0x4000, 256, 0, 3, 0x55114460);
	put_piece(&file, "main.py", 4, 0, "main", 1, 3);
	put_block(&file, FAMILY_FLAG, 0x4100, 256, 2, 3, 0x55114460);
	assert_false(uf2_container_probe((uint8_t *)file.buf, file.len));
	read_image(&img, "uf2", file.buf, file.len, &no_options);
	assert_segment(&img, 0, 0x4000, 512);
	assert_true(uf2_container_open(&c, (uint8_t *)file.buf, file.len, &e));
	assert_int_equal(c.count, 1);
	assert_file(&c, 0, "main.py", "main");
	uf2_container_free(&c);
}

static void test_missing_and_contradicting_pieces(void **state)
{
	AUTO_STRBUF gap = STRBUF_INIT;
	AUTO_STRBUF end = STRBUF_INIT;
	AUTO_STRBUF overlap = STRBUF_INIT;
	AUTO_STRBUF size = STRBUF_INIT;
	AUTO_STRBUF number = STRBUF_INIT;
	AUTO_STRBUF none = STRBUF_INIT;

	(void)state;
	put_piece(&gap, "a", 9, 5, "four", 0, 1);
	assert_refused(&gap, "bytes 0-4 of the file 'a' are missing");
	put_piece(&end, "a", 9, 0, "four", 0, 1);
	assert_refused(&end, "bytes 4-8 of the file 'a' are missing");
	put_piece(&overlap, "a", 6, 0, "four", 0, 2);
	put_piece(&overlap, "a", 6, 2, "FOUR", 1, 2);
	assert_refused(&overlap,
		       "offset 512: bytes 2-3 of the file 'a' are in the block at offset 0 too");
	put_piece(&size, "a", 4, 0, "four", 0, 2);
	put_piece(&size, "a", 5, 4, "5", 1, 2);
	assert_refused(&size,
		       "offset 512: the file 'a' has 5 bytes, but 4 by the block at offset 0");
	put_piece(&number, "a", 4, 0, "four", 0, 2);
	assert_refused(&number, "block 1 of 2 is missing");
	put_block(&none, 0, 0, 256, 0, 1, 0);
	assert_refused(&none, "there are no files in it");
}

static void test_pieces_outside_of_their_file(void **state)
{
	static const struct {
		uint32_t file_size, at;
	} wrong[] = {
		{ 3, 0 }, { 4, 1 }, { 100, UINT32_MAX }, { 0, 0 }, { UINT32_MAX, UINT32_MAX }
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		AUTO_STRBUF file = STRBUF_INIT;

		put_piece(&file, "a", wrong[i].file_size, wrong[i].at, "four", 0, 1);
		assert_refused(&file, "offset 0: 4 bytes at");
	}
}

/* What a name claims costs nothing: the size is checked before a byte is taken. */
static void test_a_claimed_size_is_no_output(void **state)
{
	AUTO_STRBUF file = STRBUF_INIT;

	(void)state;
	put_piece(&file, "a", UINT32_MAX, 0, "four", 0, 1);
	assert_refused(&file, "bytes 4-4294967294 of the file 'a' are missing");
}

static void test_names_that_climb_are_refused(void **state)
{
	static const char *const names[] = {
		"../a", "/a", "a/../b", "..",    ".",   "a/..",
		"a//b", "a/", "\\a",    "..\\a", "c:a", "a/./b",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		AUTO_STRBUF file = STRBUF_INIT;

		put_piece(&file, names[i], 4, 0, "four", 0, 1);
		assert_refused(&file, "leads out of its folder");
	}
}

static void test_names_that_are_none(void **state)
{
	AUTO_STRBUF empty = STRBUF_INIT;
	AUTO_STRBUF escape = STRBUF_INIT;
	AUTO_STRBUF endless = STRBUF_INIT;
	AUTO_STRBUF full = STRBUF_INIT;
	uint8_t *p;

	(void)state;
	put_piece(&empty, "", 4, 0, "four", 0, 1);
	assert_refused(&empty, "offset 36: a file without a name");
	put_piece(&escape, "a\x1b[2J", 4, 0, "four", 0, 1);
	assert_refused(&escape, "the file name 'a?[2J' has characters that no name has");
	p = put_block(&endless, FILES, 0, 4, 0, 1, 4);
	memset(p + 36, 'x', 472);
	assert_refused(&endless, "offset 0: the file's name does not end inside the block");
	put_block(&full, FILES, 0, 476, 0, 1, 476);
	assert_refused(&full, "does not end inside the block");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_files_in_any_order),
		cmocka_unit_test(test_files_beside_a_flash_image),
		cmocka_unit_test(test_missing_and_contradicting_pieces),
		cmocka_unit_test(test_pieces_outside_of_their_file),
		cmocka_unit_test(test_a_claimed_size_is_no_output),
		cmocka_unit_test(test_names_that_climb_are_refused),
		cmocka_unit_test(test_names_that_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
