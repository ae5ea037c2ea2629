/* SPDX-License-Identifier: MIT
 *
 * The partition table of an ESP board's flash (ESP-IDF, "Partition Tables"): what is where, as the boot loader believes it.
 */
#ifndef IMAGE_ESP_PARTITIONS_H
#define IMAGE_ESP_PARTITIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum {
	ESP_TABLE = 0x8000,      /* flash offset where tables usually are */
	ESP_TABLE_SIZE = 0xc00,  /* at most */
	ESP_TABLE_ENTRY = 32,    /* bytes of an entry */
	ESP_MAX_PARTITIONS = 95, /* as many as there is room for, and the MD5 */
};

enum esp_partition_type { ESP_PARTITION_APP = 0, ESP_PARTITION_DATA = 1 };

struct esp_partition {
	uint8_t type, subtype; /* enum esp_partition_type, or another */
	uint32_t offset, size; /* in flash, bytes; offset + size <= 2^32 */
	char label[17];        /* printable ASCII */
	uint32_t flags;
};

struct esp_partitions {
	struct esp_partition items[ESP_MAX_PARTITIONS]; /* sorted by offset, disjoint */
	size_t count;                                   /* not 0 */
	bool has_md5;                                   /* it was there, and right */
	size_t size; /* bytes of the table in the file: ESP_TABLE_SIZE, less where the file ends */
};

/* True when a table may start here. */
bool esp_partitions_probe(const uint8_t *data, size_t size);

/*
 * Reads the table at `offset` of a file of `size` bytes. Errors name offsets in the file: a wrong MD5, partitions that
 * overlap or are empty, no end.
 */
bool esp_partitions_parse(struct esp_partitions *table, const uint8_t *data, size_t size,
			  size_t offset, struct err *e);

/* "factory", "ota_0", "nvs", "0x42": as gen_esp32part.py calls them; valid until the next call with this buffer. */
const char *esp_partition_type_name(const struct esp_partition *p, char buf[static 16]);

#endif
