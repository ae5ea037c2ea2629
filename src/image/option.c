/* SPDX-License-Identifier: MIT
 *
 * Options of the formats from text: the same words on the command line and in rule files.
 */
#include "image/image.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "image/chip.h"
#include "image/uf2_family.h"
#include "image/universal_hex.h"

bool image_parse_u32(const char *text, uint32_t *value)
{
	bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
	const char *digits = hex ? text + 2 : text;
	unsigned long long n;

	/* strtoull takes signs, spaces and a second "0x" too. */
	if (!*digits ||
	    strspn(digits, hex ? "0123456789abcdefABCDEF" : "0123456789") != strlen(digits))
		return false;
	errno = 0;
	n = strtoull(digits, NULL, hex ? 16 : 10);
	if (errno || n > UINT32_MAX)
		return false;
	*value = (uint32_t)n;
	return true;
}

static bool set_base(struct image_options *opt, const char *value, struct err *e)
{
	opt->has_base = image_parse_u32(value, &opt->base);
	if (opt->has_base)
		return true;
	err_usage(e, "'%s' is not an address", value);
	return err_hint(e, "an address looks like 0x08000000");
}

static bool set_fill(struct image_options *opt, const char *value, struct err *e)
{
	uint32_t n;

	if (!image_parse_u32(value, &n) || n > 0xff) {
		err_usage(e, "'%s' is not a byte", value);
		return err_hint(e,
				"the fill is a number from 0 to 0xff; erased flash reads as 0xff");
	}
	opt->has_fill = true;
	opt->fill = (uint8_t)n;
	return true;
}

static bool set_family(struct image_options *opt, const char *value, struct err *e)
{
	if (strcmp(value, "none") == 0) {
		opt->uf2_no_family = true;
		return true;
	}
	if (uf2_family_by_name(value, &opt->uf2_family) ||
	    universal_hex_by_name(value, &opt->uf2_family) ||
	    (image_parse_u32(value, &opt->uf2_family) && opt->uf2_family))
		return true;
	err_usage(e, "there is no UF2 family '%s'", value);
	return err_hint(
		e, "give a name like rp2040, rp2350-arm-s or samd51, or a number like 0xe48bff56");
}

static bool set_uf2_e10(struct image_options *opt, const char *value, struct err *e)
{
	opt->uf2_e10 = strcmp(value, "yes") == 0;
	if (opt->uf2_e10 || strcmp(value, "no") == 0)
		return true;
	return err_usage(e, "uf2.e10 is yes or no, not '%s'", value);
}

/* Up to four hexadecimal digits; returns what stands behind them, NULL when there are none. */
static const char *parse_hex16(const char *text, uint16_t *value)
{
	size_t digits = strspn(text, "0123456789abcdefABCDEF");

	if (digits < 1 || digits > 4)
		return NULL;
	*value = (uint16_t)strtoul(text, NULL, 16);
	return text + digits;
}

static bool set_dfu_id(struct image_options *opt, const char *value, struct err *e)
{
	const char *p = parse_hex16(value, &opt->usb_vid);

	if (p && *p == ':')
		p = parse_hex16(p + 1, &opt->usb_pid);
	else
		p = NULL;
	opt->has_usb_version = p && *p == ':';
	if (opt->has_usb_version)
		p = parse_hex16(p + 1, &opt->usb_version);
	if (p && !*p && opt->usb_vid)
		return true;
	err_usage(e, "'%s' is not a USB id", value);
	return err_hint(e,
			"an id looks like 0483:df11, or 0483:df11:0200 with the device's version");
}

static bool set_dfu_name(struct image_options *opt, const char *value, struct err *e)
{
	if (strlen(value) > 254)
		return err_usage(e, "a DFU target's name has at most 254 bytes");
	opt->dfu_name = value;
	return true;
}

static bool set_dfu_align(struct image_options *opt, const char *value, struct err *e)
{
	uint32_t n;

	if (!image_parse_u32(value, &n) || !n || n > 4096 || (n & (n - 1)))
		return err_usage(e, "the DFU alignment is a power of two up to 4096, not '%s'",
				 value);
	opt->dfu_align = n;
	return true;
}

static bool set_entry(struct image_options *opt, const char *value, struct err *e)
{
	opt->has_entry = image_parse_u32(value, &opt->entry);
	if (opt->has_entry)
		return true;
	err_usage(e, "'%s' is not an address", value);
	return err_hint(e, "an entry address looks like 0x08000189");
}

static bool set_chip(struct image_options *opt, const char *value, struct err *e)
{
	const struct chip *chip = chip_by_name(value);

	if (chip) {
		opt->chip = chip->name;
		return true;
	}
	err_usage(e, "there is no chip '%s'", value);
	return err_hint(e, "give a name like stm32f4, rp2040 or esp32s3");
}

static bool set_alt(struct image_options *opt, const char *value, struct err *e)
{
	uint32_t n;

	if (!image_parse_u32(value, &n) || n > 0xff) {
		err_usage(e, "'%s' is not an alternate setting", value);
		return err_hint(
			e, "it is a number from 0 to 255; 0 is the internal flash of an STM32");
	}
	opt->has_alt = true;
	opt->alt = (uint8_t)n;
	return true;
}

static bool set_flash_mode(struct image_options *opt, const char *value, struct err *e)
{
	(void)e; /* the chip decides what is right */
	opt->flash_mode = value;
	return true;
}

static bool set_flash_size(struct image_options *opt, const char *value, struct err *e)
{
	(void)e;
	opt->flash_size = value;
	return true;
}

static bool set_flash_freq(struct image_options *opt, const char *value, struct err *e)
{
	(void)e;
	opt->flash_freq = value;
	return true;
}

bool image_option_set(struct image_options *opt, const char *name, const char *value, struct err *e)
{
	static const struct {
		const char *name;
		bool (*set)(struct image_options *, const char *, struct err *);
	} setters[] = {
		{ "alt", set_alt },
		{ "base", set_base },
		{ "chip", set_chip },
		{ "dfu.align", set_dfu_align },
		{ "dfu.id", set_dfu_id },
		{ "dfu.name", set_dfu_name },
		{ "entry", set_entry },
		{ "family", set_family },
		{ "fill", set_fill },
		{ "uf2.e10", set_uf2_e10 },
		{ "flash.freq", set_flash_freq },
		{ "flash.mode", set_flash_mode },
		{ "flash.size", set_flash_size },
	};

	for (size_t i = 0; i < ARRAY_SIZE(setters); i++)
		if (strcmp(setters[i].name, name) == 0)
			return setters[i].set(opt, value, e);
	return err_usage(e, "there is no image option '%s'", name);
}
