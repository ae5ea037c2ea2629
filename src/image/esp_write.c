/* SPDX-License-Identifier: MIT
 *
 * Writing ESP firmware: one file for flash, 0xff in its holes, from its lowest address on. That is what `esptool merge-bin`
 * makes with --target-offset, and MicroPython's makeimg.py; with a base below it the file starts there, as without that
 * option. What would be refused on reading is not written.
 */
#include "image/esp_write.h"

#include <inttypes.h>
#include <string.h>

#include "image/esp_file.h"

enum { MAX_FILE = 64 << 20 }; /* more flash than any of these chips can map */

/* Flash offset of the file's first byte. */
static uint32_t file_start(const struct image *img, const struct image_options *opt)
{
	uint32_t start = image_start(img);

	return opt->has_base && opt->base < start ? opt->base : start;
}

static bool check_size(uint64_t size, struct err *e)
{
	if (size <= MAX_FILE)
		return true;
	err_set(e, "an ESP firmware file of %" PRIu64 " MiB: its flash has at most %d",
		(size + (1 << 20) - 1) >> 20, MAX_FILE >> 20);
	return err_hint(e, "addresses are offsets in flash: --base gives a .bin's");
}

static bool check_content(const uint8_t *data, size_t size, uint32_t start, struct err *e)
{
	const struct image_options opt = { .has_base = true, .base = start };
	AUTO_ESP_FILE f = ESP_FILE_INIT;

	if (!esp_file_probe(data, size)) {
		err_set(e,
			"no ESP image and no partition table starts at the lowest address, "
			"0x%08" PRIx32,
			start);
		return err_hint(e, "--to bin writes bytes as they are; from an ELF, "
				   "esptool elf2image makes an app");
	}
	if (esp_file_parse(&f, data, size, &opt, e))
		return true;
	if (!e->hint)
		err_hint(e, "--to bin writes bytes as they are");
	return false;
}

bool esp_write(const struct image *img, struct strbuf *out, const struct image_options *opt,
	       struct err *e)
{
	uint32_t start = file_start(img, opt);
	uint64_t size = image_end(img) - start;
	size_t old = out->len;

	if (!check_size(size, e))
		return false;
	strbuf_reserve(out, (size_t)size);
	image_read(img, start, out->buf + old, (size_t)size, opt->has_fill ? opt->fill : 0xff);
	if (!check_content((const uint8_t *)out->buf + old, (size_t)size, start, e)) {
		out->buf[old] = '\0';
		return false;
	}
	out->len += (size_t)size;
	out->buf[out->len] = '\0';
	return true;
}
