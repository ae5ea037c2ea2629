/* SPDX-License-Identifier: MIT
 *
 * What a firmware file holds, as text and as JSON.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/utf8.h"
#include "cmd/info.h"
#include "image/elf.h"
#include "image/esp_file.h"
#include "image/uf2_family.h"

static const char *usb_id_text(const struct image *img, char text[static 10])
{
	snprintf(text, 10, "%04x:%04x", img->usb_vid, img->usb_pid);
	return img->usb_vid ? text : NULL;
}

static const char *family_text(const struct image *img, char text[static 32])
{
	const char *name = uf2_family_name(img->uf2_family);

	if (name)
		snprintf(text, 32, "%s", name);
	else
		snprintf(text, 32, "0x%08" PRIx32, img->uf2_family);
	return img->uf2_family ? text : NULL;
}

/* A text from a file may hold anything: what a terminal would obey becomes '?'. */
static void add_plain(struct strbuf *out, const char *text)
{
	size_t len = strlen(text);

	strbuf_reserve(out, len + 1);
	utf8_printable(out->buf + out->len, len + 1, text, len);
	out->len += len;
}

static void add_line(struct strbuf *out, const char *name, const char *value)
{
	if (!value || !*value)
		return;
	strbuf_addf(out, "  %-8s ", name);
	add_plain(out, value);
	strbuf_adds(out, "\n");
}

static void add_segments(const struct image *img, struct strbuf *out)
{
	for (size_t i = 0; i < img->count; i++) {
		const struct image_segment *s = &img->segments[i];
		uint64_t end = (uint64_t)s->address + s->size;

		strbuf_addf(out, "  segment  0x%08" PRIx32 "-0x%08" PRIx64 "  %" PRIu32 "\n",
			    s->address, end - 1, s->size);
		if (i + 1 < img->count)
			strbuf_addf(out,
				    "  gap      0x%08" PRIx64 "-0x%08" PRIx32 "  %" PRIu64 "\n",
				    end, s[1].address - 1, s[1].address - end);
	}
}

/* An ELF's machine and sections: what of it is not in the image. */
static void add_elf(const struct image_file *f, struct strbuf *out)
{
	struct elf elf;
	AUTO_ERR ignored = ERR_INIT;
	const char *machine;

	if (f->format != image_format_by_name("elf") ||
	    !elf_open(&elf, f->map.data, f->map.size, &ignored))
		return;
	machine = elf_machine_name(elf.machine);
	strbuf_addf(out, "  machine  %s, %" PRIu32 " sections\n", machine ? machine : "not stated",
		    elf.shnum);
}

/* Where the segments of ESP images are loaded to: the image model has their places in the flash. */
static void add_esp(const struct image_file *f, struct strbuf *out)
{
	AUTO_ESP_FILE file = ESP_FILE_INIT;
	AUTO_ERR ignored = ERR_INIT;

	if (f->format != image_format_by_name("esp") ||
	    !esp_file_parse(&file, f->map.data, f->map.size, &f->options, &ignored))
		return;
	for (size_t i = 0; i < file.images.count; i++) {
		const struct esp_image *img = &file.images.items[i];

		for (size_t k = 0; k < img->segment_count; k++) {
			const struct esp_segment *s = &img->segments[k];

			strbuf_addf(out,
				    "  load     0x%08" PRIx32 "  %" PRIu32 "  %s, from 0x%" PRIx64
				    "\n",
				    s->address, s->size, esp_memory_name(s->memory),
				    (uint64_t)file.base + s->offset);
		}
	}
}

static void add_version(const struct image *img, struct strbuf *out)
{
	AUTO_STRBUF text = STRBUF_INIT;

	if (img->version[0])
		strbuf_addf(&text, "%s (%s)", img->version, img->python);
	add_line(out, "version", text.len ? text.buf : "not found");
}

static void add_chip(const struct info *info, struct strbuf *out)
{
	AUTO_STRBUF text = STRBUF_INIT;

	if (!info->chip)
		return;
	strbuf_addf(&text, "%s%s", info->chip->title, info->chip_certain ? "" : ", probably");
	add_line(out, "chip", text.buf);
}

static void add_methods(const struct info *info, struct strbuf *out)
{
	AUTO_STRBUF text = STRBUF_INIT;

	for (size_t i = 0; i < info->methods.count; i++)
		strbuf_addf(&text, "%s%s", i ? ", " : "", info->methods.items[i]);
	add_line(out, "methods", text.buf);
}

static void add_heading(const struct info *info, struct strbuf *out)
{
	const struct image_file *f = info->f;

	strbuf_adds(out, info->path);
	if (f->member)
		strbuf_addf(out, ": %s", f->member);
	if (f->choice)
		strbuf_addf(out, " [%s]", f->choice->name);
	strbuf_adds(out, "\n");
}

void info_text(const struct info *info, struct strbuf *out)
{
	const struct image_file *f = info->f;
	const struct image *img = &f->image;
	struct digest digest = image_digest(img);
	char hex[DIGEST_HEX_SIZE], family[32], usb[10];

	digest_hex(&digest, hex);
	add_heading(info, out);
	strbuf_addf(out, "  format   %s (%s)\n  digest   %s\n  size     %" PRIu64 "\n",
		    f->format->name, f->format->title, hex, image_size(img));
	if (img->base_guessed)
		strbuf_addf(out,
			    "  base     0x%08" PRIx32
			    ", a guess from its content; --base says another\n",
			    image_start(img));
	add_segments(img, out);
	add_esp(f, out);
	add_elf(f, out);
	if (img->has_entry)
		strbuf_addf(out, "  entry    0x%08" PRIx32 "\n", img->entry);
	add_line(out, "family", family_text(img, family));
	add_line(out, "usb id", usb_id_text(img, usb));
	if (img->has_alt)
		strbuf_addf(out, "  alt      %u\n", img->alt);
	add_line(out, "board", info->board);
	add_chip(info, out);
	add_version(img, out);
	add_methods(info, out);
	for (size_t i = 0; i < info->checks.count; i++)
		strbuf_addf(out, "  %-8s %s: %s\n", finding_level_name(info->checks.items[i].level),
			    info->checks.items[i].name, info->checks.items[i].text);
}

/* --- JSON ----------------------------------------------------------------------------------------------------------- */

static void int_or_null(struct json *j, const char *name, bool has, int64_t value)
{
	if (has)
		json_int(j, name, value);
	else
		json_string(j, name, NULL);
}

static void json_segments(struct json *j, const struct image *img)
{
	json_array(j, "segments");
	for (size_t i = 0; i < img->count; i++) {
		json_object(j, NULL);
		json_int(j, "address", img->segments[i].address);
		json_int(j, "size", img->segments[i].size);
		json_object_end(j);
	}
	json_array_end(j);
}

static void json_checks(struct json *j, const struct findings *checks)
{
	json_array(j, "checks");
	for (size_t i = 0; i < checks->count; i++) {
		json_object(j, NULL);
		json_string(j, "name", checks->items[i].name);
		json_string(j, "level", finding_level_name(checks->items[i].level));
		json_string(j, "text", checks->items[i].text);
		json_object_end(j);
	}
	json_array_end(j);
}

void info_json(const struct info *info, struct strbuf *out)
{
	const struct image_file *f = info->f;
	const struct image *img = &f->image;
	struct digest digest = image_digest(img);
	struct json j = { .out = out };
	char hex[DIGEST_HEX_SIZE], family[32], usb[10];

	digest_hex(&digest, hex);
	json_object(&j, NULL);
	json_string(&j, "file", info->path);
	json_string(&j, "member", f->member);
	json_string(&j, "choice", f->choice ? f->choice->name : NULL);
	json_string(&j, "format", f->format->name);
	json_string(&j, "digest", hex);
	json_int(&j, "size", (int64_t)image_size(img));
	json_bool(&j, "base_guessed", img->base_guessed);
	json_segments(&j, img);
	int_or_null(&j, "entry", img->has_entry, img->entry);
	json_string(&j, "python", img->python);
	json_string(&j, "version", img->version[0] ? img->version : NULL);
	json_string(&j, "chip", info->chip ? info->chip->name : NULL);
	json_bool(&j, "chip_certain", info->chip_certain);
	json_string(&j, "family", family_text(img, family));
	json_string(&j, "usb_id", usb_id_text(img, usb));
	int_or_null(&j, "alt", img->has_alt, img->alt);
	json_string(&j, "board", info->board[0] ? info->board : NULL);
	json_checks(&j, &info->checks);
	json_array(&j, "methods");
	for (size_t i = 0; i < info->methods.count; i++)
		json_string(&j, NULL, info->methods.items[i]);
	json_array_end(&j);
	json_object_end(&j);
}
