/* SPDX-License-Identifier: MIT
 *
 * mpflash info: what a firmware file holds.
 */
#include <inttypes.h>
#include <stdio.h>

#include "base/json.h"
#include "cmd/cmd.h"
#include "cmd/options.h"
#include "image/image.h"
#include "image/uf2_family.h"

static const char usage[] = "info [options] FILE...";

static void usb_id_text(const struct image *img, char text[static 10])
{
	snprintf(text, 10, "%04x:%04x", img->usb_vid, img->usb_pid);
}

static void family_text(uint32_t family, char text[static 32])
{
	const char *name = uf2_family_name(family);

	if (name)
		snprintf(text, 32, "%s", name);
	else
		snprintf(text, 32, "0x%08" PRIx32, family);
}

static void print_segments(const struct image *img)
{
	for (size_t i = 0; i < img->count; i++) {
		const struct image_segment *s = &img->segments[i];
		uint64_t end = (uint64_t)s->address + s->size;

		printf("  segment  0x%08" PRIx32 "-0x%08" PRIx64 "  %" PRIu32 "\n", s->address,
		       end - 1, s->size);
		if (i + 1 < img->count)
			printf("  gap      0x%08" PRIx64 "-0x%08" PRIx32 "  %" PRIu64 "\n", end,
			       s[1].address - 1, s[1].address - end);
	}
}

static void print_text(const char *path, const struct image_file *f)
{
	const struct image *img = &f->image;
	struct digest digest = image_digest(img);
	char hex[DIGEST_HEX_SIZE], text[32];

	digest_hex(&digest, hex);
	printf("%s\n  format   %s (%s)\n  digest   %s\n  size     %" PRIu64 "\n", path,
	       f->format->name, f->format->title, hex, image_size(img));
	print_segments(img);
	if (img->has_entry)
		printf("  entry    0x%08" PRIx32 "\n", img->entry);
	if (img->uf2_family) {
		family_text(img->uf2_family, text);
		printf("  family   %s\n", text);
	}
	if (img->usb_vid) {
		usb_id_text(img, text);
		printf("  usb id   %s\n", text);
	}
	printf("  version  %s\n", img->version[0] ? img->version : "not found");
}

/* Numbers stay numbers; what a file does not say is null. */
static void print_json(const char *path, const struct image_file *f)
{
	const struct image *img = &f->image;
	struct digest digest = image_digest(img);
	AUTO_STRBUF out = STRBUF_INIT;
	struct json j = { .out = &out };
	char hex[DIGEST_HEX_SIZE], family[32], usb[10];

	digest_hex(&digest, hex);
	family_text(img->uf2_family, family);
	usb_id_text(img, usb);
	json_object(&j, NULL);
	json_string(&j, "file", path);
	json_string(&j, "format", f->format->name);
	json_string(&j, "digest", hex);
	json_int(&j, "size", (int64_t)image_size(img));
	json_array(&j, "segments");
	for (size_t i = 0; i < img->count; i++) {
		json_object(&j, NULL);
		json_int(&j, "address", img->segments[i].address);
		json_int(&j, "size", img->segments[i].size);
		json_object_end(&j);
	}
	json_array_end(&j);
	if (img->has_entry)
		json_int(&j, "entry", img->entry);
	else
		json_string(&j, "entry", NULL);
	json_string(&j, "version", img->version[0] ? img->version : NULL);
	json_string(&j, "family", img->uf2_family ? family : NULL);
	json_string(&j, "usb_id", img->usb_vid ? usb : NULL);
	json_object_end(&j);
	puts(out.buf);
}

static bool show(const char *path, const struct image_options *opt, bool json, struct err *e)
{
	struct image_file f;
	bool good = image_file_open(&f, path, opt, e);

	if (good) {
		image_find_version(&f.image);
		(json ? print_json : print_text)(path, &f);
	}
	image_file_close(&f);
	return good;
}

static bool show_all(const struct strv *paths, const char *base, const char *family,
		     struct image_options *opt, bool json, struct err *e)
{
	if (base && !image_option_set(opt, "base", base, e))
		return false;
	if (family && !image_option_set(opt, "family", family, e))
		return false;
	for (size_t i = 0; i < paths->count; i++)
		if (!show(paths->items[i], opt, json, e))
			return false;
	return true;
}

static bool run(int argc, char **argv, struct err *e)
{
	struct image_options opt = { 0 };
	const char *base = NULL, *family = NULL;
	bool json = false;
	const struct option table[] = {
		{ "json", 0, NULL, OPT_FLAG, NULL, "one JSON object a file, each on a line",
		  &json },
		{ "from", 0, NULL, OPT_STRING, "FORMAT",
		  "format of FILE (default: found in its content, else by its name)", &opt.format },
		{ "base", 0, NULL, OPT_STRING, "ADDRESS",
		  "address of the first byte of a .bin, as in 0x08000000", &base },
		{ "family", 0, NULL, OPT_STRING, "NAME",
		  "which of several UF2 families: a name or an id", &family },
		{ 0 },
	};
	struct parsed p = { 0 };
	bool good = options_parse(table, argc, argv, &p, e);

	if (good && p.help) {
		options_print_help(&info_command, NULL, table);
	} else if (good && (!p.words.count || p.rest.count)) {
		good = err_usage(e, "info wants the names of firmware files");
		err_hint(e, "usage: mpflash %s", usage);
	} else if (good) {
		good = show_all(&p.words, base, family, &opt, json, e);
	}
	parsed_free(&p);
	return good;
}

const struct command info_command = {
	.name = "info",
	.usage = usage,
	.summary = "show what a firmware file holds",
	.run = run,
};
