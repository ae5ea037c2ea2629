/* SPDX-License-Identifier: MIT
 *
 * Files for ESP boards come as one image (a boot loader, an app), as a partition table, or as all of them with 0xff between,
 * made by MicroPython's makeimg.py or `esptool merge-bin`. None says where it goes: that follows from what is in it.
 */
#include "image/esp_file.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "image/le.h"
#include "os/crypto.h"

/* The end of flash that a moved table may be at (CONFIG_PARTITION_TABLE_OFFSET). */
enum { LAST_TABLE = 0x10000 };

/* An ESP8266's firmware.bin: code for flash starts here; the word before it is where the MD5 is (makeimg.py). */
enum { ESP8266_IROM = 0x9000 };

/* The offset of the first image: 0, or where its chip wants it, behind nothing but 0xff. */
static bool find_image(const uint8_t *data, size_t size, size_t *offset)
{
	static const size_t boots[] = { 0, 0x1000, 0x2000 };

	for (size_t i = 0; i < ARRAY_SIZE(boots) && boots[i] < size; i++) {
		const struct esp_chip *chip = esp_image_probe(data + boots[i], size - boots[i]);

		*offset = boots[i];
		if (!esp_is_erased(data, boots[i]))
			return false;
		if (chip)
			return !boots[i] || chip->boot == boots[i];
	}
	return false;
}

bool esp_file_probe(const uint8_t *data, size_t size)
{
	size_t offset;

	return find_image(data, size, &offset) ||
	       (size <= ESP_SECTOR && esp_partitions_probe(data, size));
}

static void add_extent(struct esp_file *f, size_t offset, size_t size)
{
	vec_push(&f->extents, (struct esp_extent){ offset, size });
}

static bool add_image(struct esp_file *f, const uint8_t *data, size_t size, size_t offset,
		      struct err *e)
{
	struct esp_image img;

	if (!esp_image_parse(&img, data, size, offset, e) || !esp_image_verify(&img, data, e))
		return false;
	vec_push(&f->images, img);
	add_extent(f, offset, img.size);
	return true;
}

static bool add_table(struct esp_file *f, const uint8_t *data, size_t size, size_t offset,
		      struct err *e)
{
	f->has_table = true;
	f->table_offset = offset;
	if (!esp_partitions_parse(&f->table, data, size, offset, e))
		return false;
	add_extent(f, offset, f->table.size);
	return true;
}

/* --- a boot image and what follows it ---------------------------------------------------------------------- */

static bool find_table(struct esp_file *f, const uint8_t *data, size_t size, struct err *e)
{
	size_t end = f->images.items[0].offset + f->images.items[0].size;

	for (uint32_t at = ESP_TABLE; at <= LAST_TABLE; at += ESP_SECTOR) {
		if (at < f->base || at - f->base < end || at - f->base >= size)
			continue;
		if (esp_partitions_probe(data + (at - f->base), size - (at - f->base)))
			return add_table(f, data, size, at - f->base, e);
	}
	return true;
}

static bool check_app(const struct esp_file *f, const struct esp_partition *p, struct err *e)
{
	const struct esp_image *boot = &f->images.items[0];
	const struct esp_image *app = &f->images.items[f->images.count - 1];

	if (app->size > p->size) {
		err_set(e, "offset 0x%zx: the app has %zu bytes, its partition '%s' only %" PRIu32,
			app->offset, app->size, p->label, p->size);
		return err_hint(e, "build it with a larger partition or fewer modules");
	}
	if (app->chip != boot->chip)
		return err_set(e, "offset 0x%zx: an app for the %s behind a boot image for the %s",
			       app->offset, app->chip->title, boot->chip->title);
	return true;
}

/* Slots that are empty, or filled with something else (encrypted), are no business of ours. */
static bool add_apps(struct esp_file *f, const uint8_t *data, size_t size, struct err *e)
{
	for (size_t i = 0; i < f->table.count; i++) {
		const struct esp_partition *p = &f->table.items[i];
		size_t at = p->offset - f->base;

		if (p->type != ESP_PARTITION_APP || p->offset < f->base || at >= size ||
		    data[at] != ESP_MAGIC)
			continue;
		if (!add_image(f, data, size, at, e) || !check_app(f, p, e))
			return false;
	}
	return true;
}

/* All of an ESP8266's firmware counts for its MD5, the padding too, but for the header that esptool patches. */
static bool find_esp8266_rom(struct esp_file *f, const uint8_t *data, size_t size, struct err *e)
{
	uint8_t md5[CRYPTO_MD5];
	uint32_t end;

	if (size < ESP8266_IROM || f->images.items[0].size > ESP8266_IROM - 4)
		return true;
	end = get_le32(data + ESP8266_IROM - 4);
	if (end < ESP8266_IROM || size < sizeof(md5) || end > size - sizeof(md5))
		return true;
	if (!crypto_md5(data + 4, end - 4, md5, e))
		return false;
	if (memcmp(md5, data + end, sizeof(md5)) != 0) {
		err_set(e, "offset 0x%" PRIx32 ": the MD5 of the firmware is wrong", end);
		return err_hint(e, "the file is damaged: build or download it again");
	}
	f->has_md5 = true;
	f->extents.items[0].size = end + sizeof(md5);
	return true;
}

/* --- the whole file ---------------------------------------------------------------------------------------- */

static int by_offset(const void *left, const void *right)
{
	const struct esp_extent *a = left, *b = right;

	return a->offset < b->offset ? -1 : a->offset > b->offset;
}

static bool sort(struct esp_file *f, struct err *e)
{
	struct esp_extent *x = f->extents.items;

	qsort(x, f->extents.count, sizeof(*x), by_offset);
	for (size_t i = 1; i < f->extents.count; i++)
		if (x[i - 1].offset + x[i - 1].size > x[i].offset)
			return err_set(e,
				       "offset 0x%zx: what starts here overlaps what is at "
				       "0x%zx-0x%zx",
				       x[i].offset, x[i - 1].offset,
				       x[i - 1].offset + x[i - 1].size - 1);
	return true;
}

static uint32_t base_of(const struct esp_image *first, const struct image_options *opt)
{
	if (opt->has_base)
		return opt->base;
	if (first->offset)
		return 0;
	return first->kind == ESP_APP ? ESP_APP_OFFSET : first->chip->boot;
}

static bool parse_images(struct esp_file *f, const uint8_t *data, size_t size, size_t offset,
			 const struct image_options *opt, struct err *e)
{
	const struct esp_image *first;

	if (!add_image(f, data, size, offset, e))
		return false;
	first = &f->images.items[0];
	f->base = base_of(first, opt);
	if (first->kind == ESP_APP)
		return true;
	if (first->chip->id == ESP8266_ID)
		return find_esp8266_rom(f, data, size, e);
	return find_table(f, data, size, e) && (!f->has_table || add_apps(f, data, size, e)) &&
	       sort(f, e);
}

bool esp_file_parse(struct esp_file *f, const uint8_t *data, size_t size,
		    const struct image_options *opt, struct err *e)
{
	size_t offset;

	if (find_image(data, size, &offset))
		return parse_images(f, data, size, offset, opt, e);
	if (size && data[0] == ESP_MAGIC) /* to say what is wrong with it */
		return parse_images(f, data, size, 0, opt, e);
	f->base = opt->has_base ? opt->base : ESP_TABLE;
	if (esp_partitions_probe(data, size))
		return add_table(f, data, size, 0, e);
	err_set(e, "offset 0: neither an ESP image nor a partition table");
	return err_hint(e, "--from bin takes the bytes as they are");
}

void esp_file_free(struct esp_file *f)
{
	vec_free(&f->images);
	vec_free(&f->extents);
}
