/* SPDX-License-Identifier: MIT
 *
 * Checksums and extension tags of UF2 files.
 */
#include "base/xalloc.h"
#include "image/finding.h"
#include "image/le.h"
#include "os/crypto.h"
#include "uf2_helpers.h"

enum { TAGS = 0x8000, MD5 = 0x4000, DATA = 32 };

static void inspect(const struct strbuf *file, struct findings *out)
{
	format_named("uf2")->inspect((const uint8_t *)file->buf, file->len, &no_options, out);
}

static const struct finding *find(const struct findings *found, const char *name)
{
	for (size_t i = 0; i < found->count; i++)
		if (strcmp(found->items[i].name, name) == 0)
			return &found->items[i];
	fail_msg("there is no finding '%s'", name);
	return NULL;
}

static void put_region(uint8_t *block, uint32_t start, uint32_t size, const uint8_t *md5)
{
	uint8_t *p = block + DATA + 476 - 24;

	put_le32(p, start);
	put_le32(p + 4, size);
	memcpy(p + 8, md5, CRYPTO_MD5);
}

/* `count` blocks from 0x1000 on that all state the MD5 of [start, start + size). */
static void put_summed(struct strbuf *file, uint32_t count, uint32_t start, uint32_t size)
{
	uint8_t md5[CRYPTO_MD5], bytes[1024];
	AUTO_ERR e = ERR_INIT;

	for (uint32_t i = 0; i < size; i++)
		bytes[i] = pattern_at(start + i);
	assert_true(crypto_md5(bytes, size, md5, &e));
	for (uint32_t i = 0; i < count; i++)
		put_region(put_block(file, MD5, 0x1000 + i * 256, 256, i, count, 0), start, size,
			   md5);
}

static void test_a_right_md5(void **state)
{
	AUTO_STRBUF file = STRBUF_INIT;
	AUTO_FINDINGS found = FINDINGS_INIT;

	(void)state;
	put_summed(&file, 3, 0x1010, 600);
	inspect(&file, &found);
	assert_int_equal(found.count, 1);
	assert_int_equal(find(&found, "uf2-md5")->level, FINDING_OK);
	assert_contains(found.items[0].text, "the MD5 of 1 region is right");
}

static void test_a_wrong_md5_names_the_block(void **state)
{
	AUTO_STRBUF file = STRBUF_INIT;
	AUTO_FINDINGS found = FINDINGS_INIT;

	(void)state;
	put_summed(&file, 3, 0x1000, 768);
	file.buf[2 * BLOCK + DATA] ^= 1;
	inspect(&file, &found);
	assert_int_equal(findings_worst(&found), FINDING_ERROR);
	assert_contains(found.items[0].text, "offset 0: the bytes at 0x00001000-0x000012ff");
	assert_contains(found.items[0].text, "1 of 1 regions");
}

static void test_an_md5_of_absent_bytes_is_not_checked(void **state)
{
	static const struct {
		uint32_t start, size;
	} regions[] = {
		{ 0x0fff, 10 },  { 0x10ff, 2 },          { 0x2000, 1 }, { 0x1000, 0 },
		{ 0x1000, 257 }, { 0x1000, UINT32_MAX }, { 0, 10 },     { UINT32_MAX, UINT32_MAX },
	};
	const uint8_t md5[CRYPTO_MD5] = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(regions); i++) {
		AUTO_STRBUF file = STRBUF_INIT;
		AUTO_FINDINGS found = FINDINGS_INIT;

		put_region(put_block(&file, MD5, 0x1000, 256, 0, 1, 0), regions[i].start,
			   regions[i].size, md5);
		inspect(&file, &found);
		assert_int_equal(found.count, 1);
		assert_int_equal(found.items[0].level, FINDING_NOTE);
		assert_contains(found.items[0].text, "not all in the file");
	}
}

/* Each block may name the whole image: hashing ends at a few times the file's size. */
static void test_overlapping_regions_do_not_cost_their_product(void **state)
{
	AUTO_STRBUF file = STRBUF_INIT;
	AUTO_FINDINGS found = FINDINGS_INIT;
	enum { COUNT = 4000 };

	(void)state;
	for (uint32_t i = 0; i < COUNT; i++) {
		const uint8_t md5[CRYPTO_MD5] = { (uint8_t)i, (uint8_t)(i >> 8) };

		put_region(put_block(&file, MD5, i * 256, 256, i, COUNT, 0), i * 4,
			   COUNT * 256 - i * 4, md5);
	}
	inspect(&file, &found);
	assert_int_equal(found.count, 2);
	assert_contains(found.items[0].text, "(8 of 8 regions are wrong)");
	assert_contains(found.items[1].text, "the MD5 of 3992 regions is not checked");
}

/* Puts a tag at `at` behind the payload and returns where the next one goes. */
static size_t put_tag(uint8_t *block, size_t at, uint32_t type, const void *data, size_t size)
{
	uint8_t *p = block + DATA + get_le32(block + 16) + at;

	put_le32(p, type << 8 | (uint32_t)(size + 4));
	memcpy(p + 4, data, size);
	return at + ((size + 4 + 3) & ~(size_t)3);
}

/* The example of the specification, in the second block. */
static void put_example(struct strbuf *file)
{
	uint8_t *p;
	size_t at;

	put_block(file, FAMILY_FLAG, 0x1000, 256, 0, 2, 0x57755a57);
	p = put_block(file, FAMILY_FLAG | TAGS, 0x1100, 256, 1, 2, 0x57755a57);
	at = put_tag(p, 0, 0x9fc7bc, "0.1.2", 5);
	at = put_tag(p, at, 0x650d9d, "ACME Toaster mk3", 16);
	at = put_tag(p, at, 0x0be9f7, "\0\x10\0", 4);
	at = put_tag(p, at, 0xc8a729, "\x88\x77\x66\x55\x44\x33\x22\x11", 8);
	at = put_tag(p, at, 0x123456, "somebody's own", 14);
	memset(p + DATA + 256 + at, 0xff, 4);
}

static void test_tags_are_read(void **state)
{
	AUTO_STRBUF file = STRBUF_INIT;
	AUTO_IMAGE img = IMAGE_INIT;
	AUTO_FINDINGS found = FINDINGS_INIT;

	(void)state;
	put_example(&file);
	read_image(&img, "uf2", file.buf, file.len, &no_options);
	assert_segment(&img, 0, 0x1000, 512);
	assert_string_equal(img.board, "ACME Toaster mk3");
	assert_string_equal(img.uf2_version, "0.1.2");
	assert_string_equal(img.version, "");
	inspect(&file, &found);
	assert_int_equal(found.count, 2);
	assert_contains(find(&found, "uf2-page-size")->text, "pages of 4096 bytes");
	assert_contains(find(&found, "uf2-device-type")->text, "0x1122334455667788");
}

static void test_device_and_version_are_kept(void **state)
{
	AUTO_STRBUF file = STRBUF_INIT;
	AUTO_STRBUF again = STRBUF_INIT;
	AUTO_IMAGE img = IMAGE_INIT;
	AUTO_IMAGE back = IMAGE_INIT;

	(void)state;
	put_example(&file);
	read_image(&img, "uf2", file.buf, file.len, &no_options);
	write_image(&img, "uf2", &again, NULL);
	assert_int_equal(again.len, 2 * BLOCK);
	assert_int_equal(get_le32((uint8_t *)again.buf + 8), FAMILY_FLAG | TAGS);
	assert_memory_equal(again.buf + DATA + 256,
			    "\x09\xbc\xc7\x9f"
			    "0.1.2\0\0\0"
			    "\x14\x9d\x0d\x65"
			    "ACME Toaster mk3\xff\xff\xff\xff\0",
			    37);
	assert_int_equal(get_le32((uint8_t *)again.buf + BLOCK + 8), FAMILY_FLAG);
	read_image(&back, "uf2", again.buf, again.len, &no_options);
	assert_string_equal(back.board, img.board);
	assert_string_equal(back.uf2_version, img.uf2_version);
}

static void test_the_longest_tags_have_room(void **state)
{
	AUTO_STRBUF file = STRBUF_INIT;
	AUTO_IMAGE img = IMAGE_INIT;
	AUTO_IMAGE back = IMAGE_INIT;

	(void)state;
	add_pattern(&img, 0x1000, 256);
	memset(img.board, 'b', sizeof(img.board) - 1);
	memset(img.uf2_version, 'v', sizeof(img.uf2_version) - 1);
	write_image(&img, "uf2", &file, NULL);
	read_image(&back, "uf2", file.buf, file.len, &no_options);
	assert_string_equal(back.board, img.board);
	assert_string_equal(back.uf2_version, img.uf2_version);
	assert_same_segments(&img, &back);
}

/* What a DfuSe file calls its memory is no device. */
static void test_the_name_of_a_dfu_target_is_no_device(void **state)
{
	AUTO_STRBUF file = STRBUF_INIT;
	AUTO_IMAGE img = IMAGE_INIT;

	(void)state;
	add_pattern(&img, 0x1000, 256);
	strcpy(img.board, "@Internal Flash");
	img.has_alt = true;
	write_image(&img, "uf2", &file, NULL);
	assert_int_equal(get_le32((uint8_t *)file.buf + 8), 0);
}

static void test_texts_can_be_shown(void **state)
{
	AUTO_STRBUF file = STRBUF_INIT;
	AUTO_IMAGE img = IMAGE_INIT;

	(void)state;
	put_tag(put_block(&file, TAGS, 0x1000, 256, 0, 1, 0), 0, 0x650d9d,
		"\x1b[31m \xc2\x9b \xc3\xbc \xff\0rest", 18);
	read_image(&img, "uf2", file.buf, file.len, &no_options);
	assert_string_equal(img.board, "?[31m ?? \xc3\xbc ?");
}

static void test_a_sha2_is_checked(void **state)
{
	uint8_t bytes[256], digest[CRYPTO_SHA256];
	AUTO_STRBUF file = STRBUF_INIT;
	AUTO_ERR e = ERR_INIT;

	(void)state;
	for (uint32_t i = 0; i < 256; i++)
		bytes[i] = pattern_at(0x1000 + i);
	assert_true(crypto_sha256(bytes, sizeof(bytes), digest, &e));
	put_tag(put_block(&file, TAGS, 0x1000, 256, 0, 1, 0), 0, 0xb46db0, digest, sizeof(digest));
	for (int damaged = 0; damaged < 2; damaged++) {
		AUTO_FINDINGS found = FINDINGS_INIT;

		inspect(&file, &found);
		assert_int_equal(find(&found, "uf2-sha2")->level,
				 damaged ? FINDING_ERROR : FINDING_OK);
		file.buf[DATA] ^= 1;
	}
	put_le32((uint8_t *)file.buf + DATA + 256, 0xb46db0u << 8 | 24);
	AUTO_FINDINGS other = FINDINGS_INIT;
	inspect(&file, &other);
	assert_int_equal(find(&other, "uf2-sha2")->level, FINDING_NOTE);
}

static void test_broken_tags_are_refused(void **state)
{
	AUTO_STRBUF file = STRBUF_INIT;
	uint8_t *p = put_block(&file, TAGS, 0x1000, 256, 0, 1, 0);

	(void)state;
	for (uint32_t size = 1; size < 4; size++) {
		put_le32(p + DATA + 256, 0x650d9d << 8 | size);
		assert_unreadable("uf2", file.buf, file.len, &no_options, "an extension tag of",
				  "damaged");
	}
	put_le32(p + DATA + 256, 0x650d9d << 8);
	assert_unreadable("uf2", file.buf, file.len, &no_options,
			  "offset 288: an extension tag of 0 bytes", NULL);
	put_le32(p + DATA + 256, 0x650d9d << 8 | 221);
	assert_unreadable("uf2", file.buf, file.len, &no_options,
			  "offset 288: an extension tag of 221 bytes, where there is room for 220",
			  NULL);
	put_le32(p + DATA + 256, 0x650d9d << 8 | 220);
	put_le32(p + 8, TAGS | MD5);
	assert_unreadable("uf2", file.buf, file.len, &no_options, "there is room for 196", NULL);
	put_le32(p + DATA + 256, 0x650d9d << 8 | 192);
	put_le32(p + DATA + 256 + 192, 0x123456 << 8 | 5);
	assert_unreadable("uf2", file.buf, file.len, &no_options,
			  "offset 480: an extension tag of 5 bytes, where there is room for 4",
			  NULL);
}

static void test_odd_blocks_are_a_warning(void **state)
{
	AUTO_STRBUF file = STRBUF_INIT;
	AUTO_FINDINGS found = FINDINGS_INIT;

	(void)state;
	put_block(&file, 0, 0x1000, 256, 0, 4, 0);
	put_block(&file, 0, 0x1100, 255, 1, 4, 0);
	put_block(&file, 0, 0x1280, 256, 2, 4, 0);
	put_block(&file, 1, 0x1280, 2, 3, 4, 0);
	inspect(&file, &found);
	assert_int_equal(find(&found, "uf2-blocks")->level, FINDING_WARNING);
	assert_contains(find(&found, "uf2-blocks")->text, "offset 512: 2 blocks are not 256 bytes");
	assert_contains(find(&found, "uf2-other")->text, "1 blocks are not for the main flash");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_right_md5),
		cmocka_unit_test(test_a_wrong_md5_names_the_block),
		cmocka_unit_test(test_an_md5_of_absent_bytes_is_not_checked),
		cmocka_unit_test(test_overlapping_regions_do_not_cost_their_product),
		cmocka_unit_test(test_tags_are_read),
		cmocka_unit_test(test_device_and_version_are_kept),
		cmocka_unit_test(test_the_longest_tags_have_room),
		cmocka_unit_test(test_the_name_of_a_dfu_target_is_no_device),
		cmocka_unit_test(test_texts_can_be_shown),
		cmocka_unit_test(test_a_sha2_is_checked),
		cmocka_unit_test(test_broken_tags_are_refused),
		cmocka_unit_test(test_odd_blocks_are_a_warning),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
