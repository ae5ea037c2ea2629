/* SPDX-License-Identifier: MIT
 *
 * Which MicroPython an image is, without running it: the banner's text ("MicroPython v1.29.0 on 2026-11-22; ...")
 * is in the bytes of every build.
 */
#include "image/image.h"

#include <string.h>

static bool is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

/* Copies the word at `text`, which looks like a version; false when it is none. */
static bool take_version(struct image *img, const uint8_t *text, size_t size)
{
	size_t n = 0;

	if (size < 4 || text[0] != 'v' || !is_digit(text[1]) || !memchr(text, '.', 4))
		return false;
	while (n < size && n < sizeof(img->version) - 1 && text[n] > ' ' && text[n] < 0x7f &&
	       text[n] != ';')
		n++;
	memcpy(img->version, text, n);
	img->version[n] = '\0';
	return true;
}

static bool find_in(struct image *img, const uint8_t *p, size_t size)
{
	static const char banner[] = "MicroPython ";
	const size_t len = sizeof(banner) - 1;
	const uint8_t *end = p + size;

	while ((p = memchr(p, banner[0], (size_t)(end - p))) && (size_t)(end - p) > len) {
		if (memcmp(p, banner, len) == 0 &&
		    take_version(img, p + len, (size_t)(end - p) - len))
			return true;
		p++;
	}
	return false;
}

void image_find_version(struct image *img)
{
	img->version[0] = '\0';
	for (size_t i = 0; i < img->count; i++)
		if (find_in(img, img->segments[i].data, img->segments[i].size))
			return;
}
