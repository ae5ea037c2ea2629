/* SPDX-License-Identifier: MIT
 *
 * Plain DFU files (USB DFU 1.1, appendix B): bytes without an address, and the suffix that DfuSe files end with too.
 * They are a format of their own, dfu11, because nothing but the user can say which of the two a boot loader wants: the
 * one of STM32 is given addresses, that of an Arduino with its own boot loader (Nano ESP32, Portenta C33) is not.
 */
#include "image/dfu.h"

#include <inttypes.h>
#include <string.h>

#include "image/crc.h"
#include "image/format.h"
#include "image/le.h"

bool dfu_has_suffix(const uint8_t *data, size_t size)
{
	return size >= DFU_SUFFIX_SIZE && memcmp(data + size - 8, "UFD", 3) == 0 &&
	       data[size - 5] >= DFU_SUFFIX_SIZE && data[size - 5] <= size;
}

/* Fields stand in reverse order, counted from the file's end, so that longer suffixes can come. */
bool dfu_suffix_read(struct image *img, const uint8_t *data, size_t size, struct dfu_suffix *suffix,
		     size_t *end, struct err *e)
{
	uint32_t crc, found;

	if (!dfu_has_suffix(data, size)) {
		err_set(e, "offset %zu: the file does not end with a DFU suffix",
			size < DFU_SUFFIX_SIZE ? 0 : size - DFU_SUFFIX_SIZE);
		return err_hint(e, "the file is cut off: build or download it again");
	}
	found = get_le32(data + size - 4);
	crc = dfu_crc(data, size - 4);
	if (found != crc) {
		err_set(e, "offset %zu: the checksum is 0x%08" PRIx32 " but should be 0x%08" PRIx32,
			size - 4, found, crc);
		return err_hint(e, "the file is damaged: build or download it again");
	}
	*suffix = (struct dfu_suffix){
		.version = get_le16(data + size - 10),
		.vid = get_le16(data + size - 12),
		.pid = get_le16(data + size - 14),
		.device = get_le16(data + size - 16),
	};
	img->usb_vid = suffix->vid;
	img->usb_pid = suffix->pid;
	img->usb_version = suffix->device;
	*end = size - data[size - 5];
	return true;
}

void dfu_suffix_put(struct strbuf *out, size_t start, struct dfu_suffix suffix,
		    const struct image *img, const struct image_options *opt)
{
	uint8_t p[DFU_SUFFIX_SIZE];

	if (img->usb_vid) {
		suffix.vid = img->usb_vid;
		suffix.pid = img->usb_pid;
		suffix.device = img->usb_version;
	}
	if (opt->usb_vid) {
		suffix.vid = opt->usb_vid;
		suffix.pid = opt->usb_pid;
	}
	if (opt->has_usb_version)
		suffix.device = opt->usb_version;
	put_le16(p, suffix.device);
	put_le16(p + 2, suffix.pid);
	put_le16(p + 4, suffix.vid);
	put_le16(p + 6, suffix.version);
	memcpy(p + 8, (const char[]){ 'U', 'F', 'D' }, 3);
	p[11] = DFU_SUFFIX_SIZE;
	strbuf_add(out, p, DFU_SUFFIX_SIZE - 4);
	put_le32(p + 12, dfu_crc((uint8_t *)out->buf + start, out->len - start));
	strbuf_add(out, p + 12, 4);
}

bool dfu_read_plain(struct image *img, const uint8_t *data, size_t end,
		    const struct image_options *opt, struct err *e)
{
	AUTO_ERR unknown = ERR_INIT;

	if (!end)
		return err_set(e, "offset 0: there is nothing in it but the suffix");
	if (opt->has_base)
		return image_add(img, opt->base, data, end, false, e) || err_wrap(e, "offset 0");
	/* What a .bin would be. */
	if (opt->guess_base && bin_format.read(img, data, end, opt, &unknown))
		return true;
	err_set(e, "a plain DFU file does not say its address");
	return err_hint(e, "give it with --base, for example --base 0x08000000");
}

void dfu_inspect(const uint8_t *data, size_t size, const struct image_options *opt,
		 struct findings *out)
{
	(void)opt;
	finding_add(out, "dfu-crc", FINDING_OK,
		    "the checksum over the file is right (0x%08" PRIx32 ")",
		    get_le32(data + size - 4));
}

/* Firmware may begin with any bytes, "DfuSe" too: then the suffix decides. */
static bool dfu11_probe(const uint8_t *data, size_t size)
{
	return dfu_has_suffix(data, size) && !dfu_format.probe(data, size);
}

static bool dfu11_read(struct image *img, const uint8_t *data, size_t size,
		       const struct image_options *opt, struct err *e)
{
	struct dfu_suffix suffix = { 0 };
	size_t end = 0;

	if (!dfu_suffix_read(img, data, size, &suffix, &end, e))
		return false;
	if (suffix.version == DFU_VERSION_DFUSE && dfu_format.probe(data, size)) {
		err_set(e, "offset 0: this is a DfuSe file, not plain DFU");
		return err_hint(e, "leave its format out, or call it dfu");
	}
	return dfu_read_plain(img, data, end, opt, e);
}

/* Ids that nobody gave match any device, as dfu-suffix has it. */
static bool dfu11_write(const struct image *img, struct strbuf *out,
			const struct image_options *opt, struct err *e)
{
	const struct dfu_suffix suffix = { DFU_VERSION_PLAIN, 0xffff, 0xffff, 0xffff };
	size_t start = out->len;

	if (!bin_format.write(img, out, opt, e))
		return false;
	dfu_suffix_put(out, start, suffix, img, opt);
	return true;
}

const struct image_format dfu11_format = {
	.name = "dfu11",
	.title = "plain DFU",
	.probe = dfu11_probe,
	.read = dfu11_read,
	.write = dfu11_write,
	.inspect = dfu_inspect,
};
