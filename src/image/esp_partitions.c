/* SPDX-License-Identifier: MIT
 *
 * Reading partition tables.
 */
#include "image/esp_partitions.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "image/le.h"
#include "os/crypto.h"

enum { MD5_AT = 16 }; /* in its entry */

static bool is_entry(const uint8_t *p)
{
	return p[0] == 0xaa && p[1] == 0x50;
}

static bool is_md5(const uint8_t *p)
{
	return p[0] == 0xeb && p[1] == 0xeb;
}

static bool is_end(const uint8_t *p)
{
	return p[0] == 0xff && memcmp(p, p + 1, ESP_TABLE_ENTRY - 1) == 0;
}

/* One entry, then another, the MD5 or the end: two bytes alone would be many a binary's. */
bool esp_partitions_probe(const uint8_t *data, size_t size)
{
	const uint8_t *next = data + ESP_TABLE_ENTRY;

	if (size < ESP_TABLE_ENTRY || !is_entry(data) || !get_le32(data + 8))
		return false;
	return size < (size_t)2 * ESP_TABLE_ENTRY || is_entry(next) || is_md5(next) || is_end(next);
}

static bool check_md5(struct esp_partitions *table, const uint8_t *data, size_t start, size_t at,
		      struct err *e)
{
	uint8_t md5[CRYPTO_MD5];

	if (!crypto_md5(data + start, at - start, md5, e))
		return false;
	table->has_md5 = memcmp(md5, data + at + MD5_AT, sizeof(md5)) == 0;
	if (table->has_md5)
		return true;
	err_set(e, "offset 0x%zx: the MD5 of the partition table at 0x%zx is wrong", at + MD5_AT,
		start);
	return err_hint(e, "the file is damaged: build or download it again");
}

static bool add_entry(struct esp_partitions *table, const uint8_t *p, size_t at, struct err *e)
{
	struct esp_partition *part = &table->items[table->count];

	if (table->has_md5)
		return err_set(e, "offset 0x%zx: a partition behind the table's MD5", at);
	if (table->count == ESP_MAX_PARTITIONS)
		return err_set(e, "offset 0x%zx: more than %d partitions", at, ESP_MAX_PARTITIONS);
	*part = (struct esp_partition){ .type = p[2],
					.subtype = p[3],
					.offset = get_le32(p + 4),
					.size = get_le32(p + 8),
					.flags = get_le32(p + 28) };
	for (size_t i = 0; i < 16 && p[12 + i]; i++)
		part->label[i] = p[12 + i] >= ' ' && p[12 + i] < 0x7f ? (char)p[12 + i] : '?';
	if (!part->size)
		return err_set(e, "offset 0x%zx: partition '%s' is empty", at, part->label);
	if (part->size > UINT64_C(0x100000000) - part->offset)
		return err_set(e,
			       "offset 0x%zx: partition '%s' runs past the end of the address "
			       "space",
			       at, part->label);
	table->count++;
	return true;
}

static int by_offset(const void *left, const void *right)
{
	const struct esp_partition *a = left, *b = right;

	return a->offset < b->offset ? -1 : a->offset > b->offset;
}

static bool sort(struct esp_partitions *table, size_t start, struct err *e)
{
	qsort(table->items, table->count, sizeof(*table->items), by_offset);
	for (size_t i = 1; i < table->count; i++) {
		const struct esp_partition *a = &table->items[i - 1], *b = &table->items[i];

		if ((uint64_t)a->offset + a->size > b->offset)
			return err_set(e,
				       "partition table at 0x%zx: '%s' at 0x%" PRIx32
				       " overlaps '%s' at 0x%" PRIx32 "-0x%" PRIx64,
				       start, b->label, b->offset, a->label, a->offset,
				       (uint64_t)a->offset + a->size - 1);
	}
	return true;
}

static bool read_entries(struct esp_partitions *table, const uint8_t *data, size_t start,
			 size_t end, struct err *e)
{
	size_t at = start;

	for (; at + ESP_TABLE_ENTRY <= end && !is_end(data + at); at += ESP_TABLE_ENTRY) {
		const uint8_t *p = data + at;

		if (is_md5(p)) {
			if (!check_md5(table, data, start, at, e))
				return false;
		} else if (!is_entry(p)) {
			return err_set(e,
				       "offset 0x%zx: neither a partition nor the end of the table "
				       "(%02x %02x)",
				       at, p[0], p[1]);
		} else if (!add_entry(table, p, at, e)) {
			return false;
		}
	}
	return true;
}

bool esp_partitions_parse(struct esp_partitions *table, const uint8_t *data, size_t size,
			  size_t offset, struct err *e)
{
	*table = (struct esp_partitions){ 0 };
	table->size = size - offset < ESP_TABLE_SIZE ? size - offset : ESP_TABLE_SIZE;
	if (!read_entries(table, data, offset, offset + table->size, e))
		return false;
	if (!table->count)
		return err_set(e, "offset 0x%zx: the partition table has no partition", offset);
	return sort(table, offset, e);
}

const char *esp_partition_type_name(const struct esp_partition *p, char buf[static 16])
{
	static const char *const data[] = { "otadata",  "phy",   "nvs",      "coredump",
					    "nvs_keys", "efuse", "undefined" };
	static const struct {
		uint8_t subtype;
		const char *name;
	} more[] = {
		{ 0x80, "esphttpd" }, { 0x81, "fat" }, { 0x82, "spiffs" }, { 0x83, "littlefs" }
	};

	if (p->type == ESP_PARTITION_APP && p->subtype == 0)
		return "factory";
	if (p->type == ESP_PARTITION_APP && p->subtype == 0x20)
		return "test";
	if (p->type == ESP_PARTITION_APP && p->subtype >= 0x10 && p->subtype < 0x20) {
		snprintf(buf, 16, "ota_%d", p->subtype - 0x10);
		return buf;
	}
	if (p->type == ESP_PARTITION_DATA && p->subtype < sizeof(data) / sizeof(*data))
		return data[p->subtype];
	for (size_t i = 0; p->type == ESP_PARTITION_DATA && i < sizeof(more) / sizeof(*more); i++)
		if (more[i].subtype == p->subtype)
			return more[i].name;
	snprintf(buf, 16, "0x%02x/0x%02x", p->type, p->subtype);
	return buf;
}
