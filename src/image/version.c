/* SPDX-License-Identifier: MIT
 *
 * Which MicroPython an image is, without running it: the banner's text ("MicroPython v1.29.0 on 2026-11-22; ...")
 * is in the bytes of every build. CircuitPython has one of its own ("Adafruit CircuitPython 9.2.1 on ...").
 */
#include "image/image.h"

#include <string.h>

static bool is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

/* Copies the word at `text`, which looks like a version; false when it is none. */
static bool take_version(struct image *img, const uint8_t *text, size_t size, bool v)
{
	size_t n = 0;

	if (size < 4 || (v && text[0] != 'v') || !is_digit(text[v]) || !memchr(text, '.', 4))
		return false;
	while (n < size && n < sizeof(img->version) - 1 && text[n] > ' ' && text[n] < 0x7f &&
	       text[n] != ';')
		n++;
	memcpy(img->version, text, n);
	img->version[n] = '\0';
	return true;
}

/* `name` is followed by a space and a version, with a "v" before the number when `v`. */
static bool find_in(struct image *img, const struct image_segment *s, const char *name, bool v)
{
	const size_t len = strlen(name);
	const uint8_t *p = s->data, *end = p + s->size;

	while ((p = memchr(p, name[0], (size_t)(end - p))) && (size_t)(end - p) > len + 1) {
		if (memcmp(p, name, len) == 0 && p[len] == ' ' &&
		    take_version(img, p + len + 1, (size_t)(end - p) - len - 1, v)) {
			img->python = name;
			return true;
		}
		p++;
	}
	return false;
}

void image_find_version(struct image *img)
{
	img->version[0] = '\0';
	img->python = NULL;
	for (size_t i = 0; i < img->count; i++)
		if (find_in(img, &img->segments[i], "MicroPython", true))
			return;
	for (size_t i = 0; i < img->count; i++)
		if (find_in(img, &img->segments[i], "CircuitPython", false))
			return;
}
