/* SPDX-License-Identifier: MIT
 *
 * Reading and changing ESP firmware before it is written; see esp_content.h.
 */
#include "flash/esp_content.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "base/size.h"
#include "image/esp_partitions.h"

enum { OTADATA = 0x00, FIRST_OTA = 0x10 }; /* subtypes of data and app partitions */

/* --- what it is ---------------------------------------------------------------------------------------------------- */

static void copy_hints(const struct image *from, struct image *to)
{
	to->has_entry = from->has_entry;
	to->entry = from->entry;
	to->machine = from->machine;
	to->chip = from->chip;
	to->python = from->python;
	memcpy(to->board, from->board, sizeof(to->board));
	memcpy(to->version, from->version, sizeof(to->version));
}

static bool copy_segments(const struct image *img, struct image *out, struct err *e)
{
	for (size_t i = 0; i < img->count; i++)
		if (!image_add(out, img->segments[i].address, img->segments[i].data,
			       img->segments[i].size, false, e))
			return false;
	copy_hints(img, out);
	return true;
}

bool esp_content_view(const struct image *img, struct image *out, struct err *e)
{
	const struct image_format *esp = image_format_by_name("esp");
	const struct image_segment *s = img->segments;
	struct image_options options = { .has_base = true };
	AUTO_ERR none = ERR_INIT;

	if (img->count == 1 && !img->chip && esp->probe(s->data, s->size)) {
		options.base = s->address;
		if (esp->read(out, s->data, s->size, &options, &none)) {
			const char *chip = out->chip;

			copy_hints(img, out);
			out->chip = chip;
			return true;
		}
		image_free(out);
	}
	return copy_segments(img, out, e);
}

/* The ESP image that begins at a segment; NULL: none does. Its offsets are in the segment. */
static bool image_at(const struct image_segment *s, struct esp_image *out)
{
	AUTO_ERR none = ERR_INIT;

	return s->size > 1 && s->data[0] == ESP_MAGIC &&
	       esp_image_parse(out, s->data, s->size, 0, &none);
}

bool esp_content_check(const struct image *img, struct err *e)
{
	struct esp_image found;
	bool any = false;

	for (size_t i = 0; i < img->count; i++) {
		const struct image_segment *s = &img->segments[i];

		if (!image_at(s, &found))
			continue;
		any = true;
		if (found.kind == ESP_BOOT && s->address != found.chip->boot)
			return err_set(e,
				       "the boot image for the %s is at 0x%" PRIx32
				       ", but its ROM looks for it at 0x%" PRIx32,
				       found.chip->title, s->address, found.chip->boot);
	}
	if (any)
		return true;
	err_set(e, "this is no firmware for an ESP: no image begins in it");
	return err_hint(e, "`mpflash info FILE` shows what is in a file");
}

/* --- does it fit? --------------------------------------------------------------------------------------------------- */

static bool revision_fits(const struct esp_image *image, const struct esp_chip_found *found,
			  struct err *e)
{
	unsigned rev = found->revision, min = image->min_revision, max = image->max_revision;

	if (found->rom->id == ESP8266_ID)
		return true;
	if (rev < min)
		return err_set(
			e, "the image wants an %s of revision %u.%u or later, this one is %u.%u",
			found->chip->title, min / 100, min % 100, rev / 100, rev % 100);
	if (max && max != UINT16_MAX && rev > max)
		return err_set(e, "the image is for an %s up to revision %u.%u, this one is %u.%u",
			       found->chip->title, max / 100, max % 100, rev / 100, rev % 100);
	return true;
}

static const struct image_segment *segment_at(const struct image *img, uint32_t address)
{
	for (size_t i = 0; i < img->count; i++)
		if (address >= img->segments[i].address &&
		    address - img->segments[i].address < img->segments[i].size)
			return &img->segments[i];
	return NULL;
}

/* False: the image has none. */
static bool find_table(const struct image *img, struct esp_partitions *table)
{
	const struct image_segment *s = segment_at(img, ESP_TABLE);
	AUTO_ERR none = ERR_INIT;
	size_t offset;

	if (!s)
		return false;
	offset = ESP_TABLE - s->address;
	return esp_partitions_probe(s->data + offset, s->size - offset) &&
	       esp_partitions_parse(table, s->data, s->size, offset, &none);
}

/* ESP-IDF's boot loader refuses a table that does not fit, and the board would not start. */
static bool table_fits(const struct image *img, const struct esp_chip_found *found,
		       uint32_t flash_size, struct err *e)
{
	struct esp_partitions table;

	if (found->rom->id == ESP8266_ID || !find_table(img, &table))
		return true;
	for (size_t i = 0; i < table.count; i++) {
		const struct esp_partition *p = &table.items[i];

		if ((uint64_t)p->offset + p->size <= flash_size)
			continue;
		return err_set(e,
			       "the partition '%s' ends at 0x%" PRIx64
			       ", but the board's flash has %" PRIu32 " KiB: the firmware is for "
			       "another board",
			       p->label, (uint64_t)p->offset + p->size, flash_size / 1024);
	}
	return true;
}

static bool is_secured(const struct esp_chip_found *found, struct err *e)
{
	if (found->encrypted)
		err_set(e, "the %s encrypts its flash: it would not start what is written as it is",
			found->chip->title);
	else if (found->secure_boot)
		err_set(e, "the %s starts signed firmware only (secure boot)", found->chip->title);
	else
		return true;
	return err_hint(e, "eFuses cannot be set back; its maker's tools can update it");
}

bool esp_content_fits(const struct image *img, const struct esp_chip_found *found,
		      uint32_t flash_size, struct err *e)
{
	struct esp_image image;

	for (size_t i = 0; i < img->count; i++) {
		if (!image_at(&img->segments[i], &image))
			continue;
		if (image.chip->id != found->rom->id) {
			err_set(e, "the image is for the %s, but the board has an %s",
				image.chip->title, found->chip->title);
			return err_hint(e, "take the firmware of this board");
		}
		if (!revision_fits(&image, found, e))
			return false;
	}
	return table_fits(img, found, flash_size, e) && is_secured(found, e);
}

/* --- what is changed ------------------------------------------------------------------------------------------------- */

static const char *size_name(const struct esp_chip *chip, uint32_t size)
{
	for (uint8_t code = 0; code < 16; code++)
		if (esp_flash_size_bytes(chip, code) == size)
			return esp_flash_size_name(chip, code);
	return NULL;
}

static bool parse_settings(const struct esp_settings *settings, const struct esp_chip *chip,
			   uint32_t flash_size, struct esp_flash_params *p, struct err *e)
{
	const char *size = settings->size;

	if (size && strcasecmp(size, "detect") == 0)
		size = size_name(chip, flash_size);
	return esp_flash_params_parse(p, chip, settings->mode, size, settings->frequency, e);
}

/* Patches the boot image, which is changed in a copy; NULL: there is none, or it says so already. */
static bool patch_boot(const struct image *img, const struct esp_chip_found *found,
		       const struct esp_flash_params *p, struct image *out, uint8_t **patched,
		       const struct image_segment **which, struct err *e)
{
	const struct image_segment *s = segment_at(img, found->chip->boot);
	struct esp_image image;
	uint8_t *copy;

	*patched = NULL;
	if (!s || s->address != found->chip->boot || !image_at(s, &image) || image.kind != ESP_BOOT)
		return true;
	copy = arena_alloc(&out->arena, s->size);
	memcpy(copy, s->data, s->size);
	if (!esp_image_patch(copy, s->size, p, e))
		return err_wrap(e, "the boot image");
	if (memcmp(copy, s->data, s->size) == 0)
		return true;
	*patched = copy;
	*which = s;
	return true;
}

/*
 * otadata keeps which app was chosen last: with a new first app in its place the old second one might start. ESP-IDF's own
 * files hold 0xff there, so it is erased. Nothing, when the image says itself what goes there.
 */
static bool find_stale_choice(const struct image *img, struct esp_partition *found)
{
	struct esp_partitions table;
	bool has_app = false, has_choice = false;

	if (!find_table(img, &table))
		return false;
	for (size_t i = 0; i < table.count; i++) {
		const struct esp_partition *p = &table.items[i];

		if (p->type == ESP_PARTITION_APP && p->subtype == FIRST_OTA)
			has_app = segment_at(img, p->offset) != NULL;
		if (p->type == ESP_PARTITION_DATA && p->subtype == OTADATA) {
			has_choice = p->size <= 64 * 1024;
			*found = *p;
		}
	}
	for (uint32_t at = 0; has_choice && at < found->size; at += ESP_SECTOR)
		if (segment_at(img, found->offset + at))
			return false;
	return has_app && has_choice;
}

static bool add_all(const struct image *img, const struct image_segment *which,
		    const uint8_t *patched, struct image *out, struct err *e)
{
	for (size_t i = 0; i < img->count; i++) {
		const struct image_segment *s = &img->segments[i];

		if (!image_add(out, s->address, s == which ? patched : s->data, s->size, false, e))
			return false;
	}
	copy_hints(img, out);
	return true;
}

static bool add_erased(const struct esp_partition *p, struct image *out, struct err *e)
{
	uint8_t *erased = arena_alloc(&out->arena, p->size);

	memset(erased, 0xff, p->size);
	return image_add(out, p->offset, erased, p->size, false, e);
}

bool esp_content_prepare(const struct image *img, const struct esp_chip_found *found,
			 uint32_t flash_size, const struct esp_settings *settings,
			 struct image *out, bool *changed, struct err *e)
{
	const struct image_segment *which = NULL;
	struct esp_partition choice = { 0 };
	struct esp_flash_params p;
	uint8_t *patched;
	bool stale = find_stale_choice(img, &choice);

	*changed = false;
	if (!parse_settings(settings, found->chip, flash_size, &p, e) ||
	    !patch_boot(img, found, &p, out, &patched, &which, e))
		return false;
	*changed = patched || stale;
	return !*changed ||
	       (add_all(img, which, patched, out, e) && (!stale || add_erased(&choice, out, e)));
}
