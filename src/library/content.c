/* SPDX-License-Identifier: MIT
 *
 * Looking into files before they are believed; see content.h.
 */
#include "library/content.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/xalloc.h"
#include "image/esp_file.h"
#include "image/image.h"
#include "os/fs.h"

enum { TEXT_LOOK = 1024 }; /* bytes that tell a text */

bool content_is_html(const uint8_t *data, size_t size)
{
	static const char *const marks[] = { "<!doc", "<html" };
	size_t i = 0;

	while (i < size && isspace(data[i]))
		i++;
	for (size_t k = 0; k < ARRAY_SIZE(marks); k++)
		if (size - i > 5 && strncasecmp((const char *)data + i, marks[k], 5) == 0)
			return true;
	return false;
}

bool content_is_text(const uint8_t *data, size_t size)
{
	size_t i = 0;

	/* Bytes of UTF-8 too; a vector table, or any header, has zeros. */
	while (i < size && i < TEXT_LOOK && (data[i] >= ' ' || isspace(data[i])))
		i++;
	return size && (i == size || i == TEXT_LOOK);
}

/* Reads all of it: lengths, block numbers, checksums. */
static bool reads_as(const struct image_format *f, const struct fs_map *map, struct err *e)
{
	AUTO_IMAGE img = IMAGE_INIT;
	AUTO_CHOICES choices = { 0 };
	struct image_options opt = { .guess_base = true };

	if (f->choices && f->select) {
		if (!f->choices(&choices, map->data, map->size, e))
			return false;
		if (choices.count > 1)
			f->select(&opt, choices.items[0].id);
	}
	if (!f->read(&img, map->data, map->size, &opt, e))
		return false;
	return img.count > 0 || err_set(e, "there is nothing in it");
}

static bool is_esp(const char *port)
{
	return strcmp(port, "esp32") == 0 || strcmp(port, "esp8266") == 0;
}

static bool check_content(const struct fs_map *map, const char *ext, const char *port,
			  struct err *e)
{
	static const char *const read[] = { "uf2", "dfu", "hex" };

	if (strcasecmp(ext, "bin") == 0 && is_esp(port))
		return esp_file_probe(map->data, map->size) ||
		       err_set(e, "it is no firmware for %s", port);
	for (size_t i = 0; i < ARRAY_SIZE(read); i++) {
		const struct image_format *f;

		if (strcasecmp(ext, read[i]) != 0)
			continue;
		f = image_format_detect(map->data, map->size, NULL);
		if (!f || strncmp(f->name, read[i], strlen(read[i])) != 0)
			return err_set(e, "it is no %s file", read[i]);
		return reads_as(f, map, e);
	}
	if (content_is_text(map->data, map->size))
		return err_set(e, "it is a text");
	return map->size > 0 || err_set(e, "it is empty");
}

bool content_check(const char *path, const char *ext, const char *port, struct err *e)
{
	struct fs_map map;
	bool ok;

	if (!fs_map(&map, path, e))
		return false;
	ok = check_content(&map, ext, port, e);
	fs_unmap(&map);
	return ok || err_wrap(e, "what came is damaged or no firmware");
}
