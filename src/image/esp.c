/* SPDX-License-Identifier: MIT
 *
 * ESP firmware as an image: its addresses are offsets in flash, for that is where a flasher writes it; where the chip loads
 * its segments to is told by image/esp.h.
 *
 * Boot image, table and apps are taken with their exact lengths. Around them only sectors that hold something are: the 0xff
 * between was put there to keep things in place, and writing it would erase what the user has in nvs.
 */
#include <inttypes.h>
#include <stdio.h>

#include "image/esp_file.h"
#include "image/esp_write.h"
#include "image/finding.h"
#include "image/format.h"
#include "image/part.h"

/* Whole sectors of flash, so that what is read is the same however the file was cut. */
static bool add_gap(struct image_parts *parts, const struct esp_file *f, const uint8_t *data,
		    size_t from, size_t to, struct err *e)
{
	size_t next;

	for (; from < to; from = next) {
		next = from + ESP_SECTOR - (f->base + from) % ESP_SECTOR;
		if (next > to)
			next = to;
		if (!esp_is_erased(data + from, next - from) &&
		    !image_parts_add(parts, f->base + (uint32_t)from, data + from, next - from,
				     from, e))
			return false;
	}
	return true;
}

static bool add_extents(struct image_parts *parts, const struct esp_file *f, const uint8_t *data,
			size_t size, struct err *e)
{
	size_t end = 0;

	for (size_t i = 0; i < f->extents.count; i++) {
		const struct esp_extent *x = &f->extents.items[i];

		if (!add_gap(parts, f, data, end, x->offset, e) ||
		    !image_parts_add(parts, f->base + (uint32_t)x->offset, data + x->offset,
				     x->size, x->offset, e))
			return false;
		end = x->offset + x->size;
	}
	return add_gap(parts, f, data, end, size, e);
}

static bool esp_read(struct image *img, const uint8_t *data, size_t size,
		     const struct image_options *opt, struct err *e)
{
	AUTO_PARTS parts = { .noun = "what is at offset" };
	AUTO_ESP_FILE f = ESP_FILE_INIT;

	if (!esp_file_parse(&f, data, size, opt, e))
		return false;
	if (size > UINT64_C(0x100000000) - f.base)
		return err_set(e,
			       "%zu bytes at 0x%08" PRIx32
			       " run past the end of the 32-bit address space",
			       size, f.base);
	if (!add_extents(&parts, &f, data, size, e))
		return false;
	if (f.images.count) {
		const struct esp_image *first = &f.images.items[0];

		img->chip = first->chip->name;
		img->machine = first->chip->machine;
		img->has_entry = true;
		img->entry = first->entry;
	}
	return image_parts_finish(&parts, img, e);
}

/* --- what can be told of a file ---------------------------------------------------------------------------- */

static const char *or_unknown(const char *text)
{
	return text ? text : "?";
}

static void add_revisions(struct strbuf *out, const struct esp_image *img)
{
	uint16_t min = img->min_revision, max = img->max_revision;

	if (img->chip->id == ESP8266_ID)
		return;
	strbuf_addf(out, ", chip revision %u.%u", min / 100, min % 100);
	if (max == 0 || max == UINT16_MAX)
		strbuf_adds(out, " or later");
	else
		strbuf_addf(out, " to %u.%u", max / 100, max % 100);
}

static void inspect_image(const struct esp_file *f, const struct esp_image *img,
			  const uint8_t *data, struct findings *out)
{
	uint64_t at = (uint64_t)f->base + img->offset;
	AUTO_STRBUF text = STRBUF_INIT;
	unsigned mhz = img->chip->mhz[img->frequency];
	char idf[33], frequency[8];
	struct esp_app app;

	snprintf(frequency, sizeof(frequency), "%um", mhz);
	strbuf_addf(&text, "%s at 0x%" PRIx64 " for the %s",
		    img->kind == ESP_APP ? "app" : "boot image", at, img->chip->title);
	if (img->chip->id != ESP8266_ID)
		strbuf_addf(&text, " (id %d)", img->chip->id);
	strbuf_addf(&text, ": %zu bytes, %zu segments, entry 0x%08" PRIx32, img->size,
		    img->segment_count, img->entry);
	add_revisions(&text, img);
	if (img->kind == ESP_BOOT)
		strbuf_addf(&text, ", flash %s %s %s", or_unknown(esp_mode_name(img->mode)),
			    or_unknown(esp_flash_size_name(img->chip, img->flash_size)),
			    mhz ? frequency : "?");
	finding_add(out, "esp-image", FINDING_NOTE, "%s", text.buf);
	finding_add(out, "esp-checksum", FINDING_OK,
		    "the checksum of the image at 0x%" PRIx64 " is right (%02x)", at,
		    data[img->checksum]);
	if (img->has_sha256)
		finding_add(out, "esp-sha256", FINDING_OK,
			    "the SHA-256 of the image at 0x%" PRIx64 " is right", at);
	if (esp_image_app(img, data, &app))
		finding_add(out, "esp-app", FINDING_NOTE, "%s %s, made %s %s with ESP-IDF %s",
			    app.project, app.version, app.date, app.time, app.idf);
	if (esp_image_boot_idf(img, data, idf))
		finding_add(out, "esp-boot", FINDING_NOTE, "the boot loader is ESP-IDF's %s", idf);
}

/* An app partition that the file fills with something else than an app. */
static bool holds_no_app(const struct esp_file *f, const struct esp_partition *p,
			 const uint8_t *data, size_t size)
{
	size_t at = p->offset - f->base, room;

	if (p->type != ESP_PARTITION_APP || p->offset < f->base || at >= size ||
	    data[at] == ESP_MAGIC)
		return false;
	room = size - at < ESP_SECTOR ? size - at : ESP_SECTOR;
	return !esp_is_erased(data + at, room);
}

static void inspect_table(const struct esp_file *f, const uint8_t *data, size_t size,
			  struct findings *out)
{
	const struct esp_image *boot = f->images.count ? &f->images.items[0] : NULL;
	uint32_t flash = boot ? esp_flash_size_bytes(boot->chip, boot->flash_size) : 0;
	char type[16];

	finding_add(out, "esp-partitions", f->table.has_md5 ? FINDING_OK : FINDING_NOTE,
		    "the partition table at 0x%" PRIx64 " has %zu partitions and %s",
		    (uint64_t)f->base + f->table_offset, f->table.count,
		    f->table.has_md5 ? "a right MD5" : "no MD5");
	for (size_t i = 0; i < f->table.count; i++) {
		const struct esp_partition *p = &f->table.items[i];
		uint64_t end = (uint64_t)p->offset + p->size;

		finding_add(out, "esp-partition", FINDING_NOTE,
			    "%s (%s) at 0x%" PRIx32 "-0x%" PRIx64 ", %" PRIu32 " KiB", p->label,
			    esp_partition_type_name(p, type), p->offset, end - 1, p->size >> 10);
		if (flash && end > flash)
			finding_add(out, "esp-partitions", FINDING_WARNING,
				    "partition '%s' ends at 0x%" PRIx64
				    ", behind the %s of flash that the boot image states",
				    p->label, end,
				    esp_flash_size_name(boot->chip, boot->flash_size));
		if (holds_no_app(f, p, data, size))
			finding_add(out, "esp-app", FINDING_WARNING,
				    "what is in app partition '%s' is no app (encrypted?)",
				    p->label);
	}
}

static void esp_inspect(const uint8_t *data, size_t size, const struct image_options *opt,
			struct findings *out)
{
	AUTO_ESP_FILE f = ESP_FILE_INIT;
	AUTO_ERR e = ERR_INIT;

	if (!esp_file_parse(&f, data, size, opt, &e)) {
		finding_add(out, "esp-image", FINDING_ERROR, "%s", e.msg);
		return;
	}
	for (size_t i = 0; i < f.images.count; i++)
		inspect_image(&f, &f.images.items[i], data, out);
	if (f.has_table)
		inspect_table(&f, data, size, out);
	if (f.has_md5)
		finding_add(out, "esp-md5", FINDING_OK, "the firmware's MD5 is right");
}

const struct image_format esp_format = {
	.name = "esp",
	.title = "ESP firmware",
	.probe = esp_file_probe,
	.read = esp_read,
	.write = esp_write,
	.inspect = esp_inspect,
};
