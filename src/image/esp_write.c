/* SPDX-License-Identifier: MIT
 *
 * Writing ESP firmware: one file for flash, 0xff in its holes, from its lowest address on. That is what `esptool merge-bin`
 * makes with --target-offset, and MicroPython's makeimg.py; with a base below it the file starts there, as without that
 * option. What would be refused on reading is not written. An ELF file, which is about the addresses that are loaded to,
 * becomes an app image instead.
 */
#include "image/esp_write.h"

#include <inttypes.h>
#include <string.h>

#include "image/esp_elf.h"
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

static bool read_params(struct esp_flash_params *p, const struct esp_chip *chip,
			const struct image_options *opt, struct err *e)
{
	return esp_flash_params_parse(p, chip, opt->flash_mode, opt->flash_size, opt->flash_freq,
				      e);
}

/* Sets what --flash-mode and the like ask for in the boot image. */
static bool patch(const struct esp_file *f, uint8_t *data, size_t size,
		  const struct image_options *opt, struct err *e)
{
	const struct esp_image *boot = f->images.count ? &f->images.items[0] : NULL;
	struct esp_flash_params p;

	if (!opt->flash_mode && !opt->flash_size && !opt->flash_freq)
		return true;
	if (!boot || boot->kind != ESP_BOOT || f->base + boot->offset != boot->chip->boot) {
		err_set(e, "there is no boot image in it that could state a flash mode, size or "
			   "frequency");
		return err_hint(e, "leave --flash-mode, --flash-size and --flash-freq out");
	}
	return read_params(&p, boot->chip, opt, e) &&
	       esp_image_patch(data + boot->offset, size - boot->offset, &p, e);
}

static bool check_content(uint8_t *data, size_t size, uint32_t start,
			  const struct image_options *opt, struct err *e)
{
	const struct image_options here = { .has_base = true, .base = start };
	AUTO_ESP_FILE f = ESP_FILE_INIT;

	if (!esp_file_probe(data, size)) {
		err_set(e,
			"no ESP image and no partition table starts at the lowest address, "
			"0x%08" PRIx32,
			start);
		return err_hint(e, "--to bin writes bytes as they are");
	}
	if (esp_file_parse(&f, data, size, &here, e))
		return patch(&f, data, size, opt, e);
	if (!e->hint)
		err_hint(e, "--to bin writes bytes as they are");
	return false;
}

static bool write_flash(const struct image *img, struct strbuf *out,
			const struct image_options *opt, struct err *e)
{
	uint32_t start = file_start(img, opt);
	uint64_t size = image_end(img) - start;
	size_t old = out->len;

	if (opt->has_entry) {
		err_set(e,
			"the entry address stands in the ESP image itself, which is not changed");
		return err_hint(e, "leave --entry out; it is for what is made of an ELF file");
	}
	if (!check_size(size, e))
		return false;
	strbuf_reserve(out, (size_t)size);
	image_read(img, start, out->buf + old, (size_t)size, opt->has_fill ? opt->fill : 0xff);
	if (!check_content((uint8_t *)out->buf + old, (size_t)size, start, opt, e)) {
		out->buf[old] = '\0';
		return false;
	}
	out->len += (size_t)size;
	out->buf[out->len] = '\0';
	return true;
}

/* --- from an ELF ------------------------------------------------------------------------------------------- */

static const struct esp_chip *chip_of_elf(const struct image *img, const struct image_options *opt,
					  struct err *e)
{
	const char *name = opt->chip ? opt->chip : img->chip;
	const struct esp_chip *chip = name ? esp_chip_by_name(name) : NULL;

	if (chip && chip->id != ESP8266_ID)
		return chip;
	if (chip) {
		err_set(e,
			"an ELF for the ESP8266 becomes two files, and its port makes one of them");
		err_hint(e, "take the firmware.bin that the port's make leaves");
	} else if (name) {
		err_usage(e, "'%s' is no ESP chip", name);
		err_hint(e, "--chip takes esp32, esp32c3, esp32s3, ...");
	} else {
		err_set(e, "an ELF file does not say which ESP chip it is for");
		err_hint(e, "name it, for example with --chip esp32c3");
	}
	return NULL;
}

static bool write_elf(const struct image *img, struct strbuf *out, const struct image_options *opt,
		      struct err *e)
{
	struct esp_elf_options make = { .chip = chip_of_elf(img, opt, e),
					.has_entry = opt->has_entry,
					.entry = opt->entry };

	return make.chip && read_params(&make.params, make.chip, opt, e) &&
	       esp_elf_image(out, img->elf, img->elf_size, &make, e);
}

bool esp_write(const struct image *img, struct strbuf *out, const struct image_options *opt,
	       struct err *e)
{
	return img->elf ? write_elf(img, out, opt, e) : write_flash(img, out, opt, e);
}
