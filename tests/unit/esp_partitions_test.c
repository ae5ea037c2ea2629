/* SPDX-License-Identifier: MIT
 *
 * Partition tables. The first one's bytes were made by hand from ESP-IDF's description of the format.
 */
#include "image_helpers.h"

#include "esp_helpers.h"
#include "image/esp_partitions.h"
#include "image/le.h"

static const struct esp_entry ota[] = {
	{ 1, 2, 0x9000, 0x4000, "nvs" },
	{ 1, 0, 0xd000, 0x2000, "otadata" },
	{ 0, 0x10, 0x10000, 0x180000, "ota_0" },
	{ 0, 0x11, 0x190000, 0x180000, "ota_1" },
};

static void assert_bad(const struct strbuf *file, const char *message)
{
	struct esp_partitions table;
	AUTO_ERR e = ERR_INIT;

	assert_false(esp_partitions_parse(&table, (const uint8_t *)file->buf, file->len, 0, &e));
	assert_contains(e.msg, message);
}

static void test_an_entry_byte_by_byte(void **state)
{
	static const uint8_t bytes[64] =
		"\xaa\x50\x01\x02\x00\x90\x00\x00\x00\x60\x00\x00nvs\0\0\0\0\0\0\0\0\0\0\0\0\0"
		"\x01\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
		"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff";
	struct esp_partitions table;
	AUTO_ERR e = ERR_INIT;

	(void)state;
	assert_true(esp_partitions_probe(bytes, sizeof(bytes)));
	assert_true(esp_partitions_parse(&table, bytes, sizeof(bytes), 0, &e));
	assert_int_equal(table.count, 1);
	assert_int_equal(table.items[0].type, ESP_PARTITION_DATA);
	assert_int_equal(table.items[0].subtype, 2);
	assert_int_equal(table.items[0].offset, 0x9000);
	assert_int_equal(table.items[0].size, 0x6000);
	assert_string_equal(table.items[0].label, "nvs");
	assert_int_equal(table.items[0].flags, 1);
	assert_false(table.has_md5);
}

static void test_a_table_with_its_md5(void **state)
{
	AUTO_STRBUF file = STRBUF_INIT;
	struct esp_partitions table;
	AUTO_ERR e = ERR_INIT;
	char type[16];

	(void)state;
	pad_to(&file, 0x8000, 0xff);
	esp_table(&file, ota, 4);
	pad_to(&file, 0x10000, 0xff);
	assert_true(esp_partitions_parse(&table, (const uint8_t *)file.buf, file.len, 0x8000, &e));
	assert_true(table.has_md5);
	assert_int_equal(table.count, 4);
	assert_int_equal(table.size, ESP_TABLE_SIZE);
	assert_string_equal(esp_partition_type_name(&table.items[1], type), "otadata");
	assert_string_equal(esp_partition_type_name(&table.items[3], type), "ota_1");
}

static void test_entries_are_sorted(void **state)
{
	const struct esp_entry mixed[] = { ota[3], ota[0], ota[2] };
	AUTO_STRBUF file = STRBUF_INIT;
	struct esp_partitions table;
	AUTO_ERR e = ERR_INIT;

	(void)state;
	esp_table(&file, mixed, 3);
	assert_true(esp_partitions_parse(&table, (const uint8_t *)file.buf, file.len, 0, &e));
	assert_string_equal(table.items[0].label, "nvs");
	assert_string_equal(table.items[2].label, "ota_1");
}

static void test_a_wrong_md5(void **state)
{
	AUTO_STRBUF file = STRBUF_INIT;

	(void)state;
	esp_table(&file, ota, 4);
	file.buf[40] ^= 1;
	assert_bad(&file, "offset 0x90: the MD5 of the partition table at 0x0 is wrong");
}

static void test_partitions_that_overlap(void **state)
{
	struct esp_entry two[] = { ota[2], ota[3] };
	AUTO_STRBUF file = STRBUF_INIT;

	(void)state;
	two[1].offset = 0x18f000;
	esp_table(&file, two, 2);
	assert_bad(&file, "'ota_1' at 0x18f000 overlaps 'ota_0' at 0x10000-0x18ffff");
}

static void test_partitions_that_cannot_be(void **state)
{
	struct esp_entry one = ota[0];
	AUTO_STRBUF empty = STRBUF_INIT;
	AUTO_STRBUF far = STRBUF_INIT;
	AUTO_STRBUF none = STRBUF_INIT;

	(void)state;
	one.size = 0;
	esp_table(&empty, &one, 1);
	assert_bad(&empty, "offset 0x0: partition 'nvs' is empty");
	one.offset = 0xfffff000;
	one.size = 0x2000;
	esp_table(&far, &one, 1);
	assert_bad(&far, "runs past the end of the address space");
	pad_to(&none, 0xc00, 0xff);
	assert_bad(&none, "has no partition");
}

static void test_what_follows_the_md5(void **state)
{
	AUTO_STRBUF file = STRBUF_INIT;

	(void)state;
	esp_table(&file, ota, 2);
	memcpy(file.buf + 96, file.buf, 32);
	assert_bad(&file, "offset 0x60: a partition behind the table's MD5");
	memset(file.buf + 96, 0, 32);
	assert_bad(&file, "offset 0x60: neither a partition nor the end of the table (00 00)");
}

/* The table has room for 96 entries, and the bytes behind it are not read. */
static void test_a_table_without_an_end(void **state)
{
	AUTO_STRBUF file = STRBUF_INIT;
	struct esp_entry entries[96];
	struct esp_partitions table;
	AUTO_ERR e = ERR_INIT;

	(void)state;
	for (unsigned i = 0; i < 96; i++)
		entries[i] = (struct esp_entry){ 1, 2, 0x10000 + i * 0x1000, 0x1000, "x" };
	esp_table(&file, entries, 96);
	assert_bad(&file, "offset 0xbe0: more than 95 partitions");
	strbuf_set_len(&file, 0);
	esp_table(&file, entries, 95);
	assert_true(esp_partitions_parse(&table, (const uint8_t *)file.buf, file.len, 0, &e));
	assert_int_equal(table.count, 95);
	assert_true(table.has_md5);
}

static void test_what_may_be_a_table(void **state)
{
	AUTO_STRBUF file = STRBUF_INIT;

	(void)state;
	esp_table(&file, ota, 4);
	assert_true(esp_partitions_probe((const uint8_t *)file.buf, file.len));
	assert_true(esp_partitions_probe((const uint8_t *)file.buf, 32));
	assert_false(esp_partitions_probe((const uint8_t *)file.buf, 31));
	file.buf[33] = 0;
	assert_false(esp_partitions_probe((const uint8_t *)file.buf, file.len));
}

static void test_labels_are_fit_for_a_terminal(void **state)
{
	struct esp_entry one = { 1, 2, 0x9000, 0x1000, "a\x1b[31m\xff" };
	AUTO_STRBUF file = STRBUF_INIT;
	struct esp_partitions table;
	AUTO_ERR e = ERR_INIT;

	(void)state;
	esp_table(&file, &one, 1);
	assert_true(esp_partitions_parse(&table, (const uint8_t *)file.buf, file.len, 0, &e));
	assert_string_equal(table.items[0].label, "a?[31m?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_entry_byte_by_byte),
		cmocka_unit_test(test_a_table_with_its_md5),
		cmocka_unit_test(test_entries_are_sorted),
		cmocka_unit_test(test_a_wrong_md5),
		cmocka_unit_test(test_partitions_that_overlap),
		cmocka_unit_test(test_partitions_that_cannot_be),
		cmocka_unit_test(test_what_follows_the_md5),
		cmocka_unit_test(test_a_table_without_an_end),
		cmocka_unit_test(test_what_may_be_a_table),
		cmocka_unit_test(test_labels_are_fit_for_a_terminal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
