/* SPDX-License-Identifier: MIT
 *
 * See format.h.
 */
#include "format.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "image/check.h"
#include "image/elf.h"
#include "image/finding.h"
#include "image/uf2_family.h"

/* Larger images only cost time here. */
enum { MAX_SPAN = 256 << 10 };

/* What a file of this format needs at most: so many bytes for a byte of the image, for a segment, and besides. */
static const struct output_limit {
	const char *format;
	unsigned byte, segment, base;
	const char *why;
} limits[] = {
	{ "bin", 1, 0, 0, "the bytes" },
	{ "dfu", 1, 24, 301, "8 an element, which begins and ends at a multiple of 8" },
	{ "dfu11", 1, 0, 16, "the bytes and a suffix" },
	{ "elf", 1, 128, 4096, "a program header a segment, aligned" },
	{ "hex", 4, 64, 64, "12 a record of 16, address records" },
	{ "srec", 4, 64, 1024, "12 a record of 16" },
	{ "uf2", 2, 17 * 512, 17 * 512, "512 a page; RP2: all pages of a sector" },
};

static const struct image_options options = { .has_base = true, .base = 0x08000000 };

/* Both compilers' runtimes have it; gcc comes without the header (sanitizer/allocator_interface.h). */
/* NOLINTNEXTLINE(bugprone-reserved-identifier) */
int __sanitizer_install_malloc_and_free_hooks(void (*on_malloc)(const volatile void *p,
								size_t size),
					      void (*on_free)(const volatile void *p));

static uint64_t allocated;

static void count_malloc(const volatile void *p, size_t size)
{
	(void)p;
	allocated += size;
}

static void ignore_free(const volatile void *p)
{
	(void)p;
}

static void count_allocations(void)
{
	static bool installed;

	if (!installed && !__sanitizer_install_malloc_and_free_hooks(count_malloc, ignore_free))
		abort();
	installed = true;
	allocated = 0;
}

void fuzz_fail(const char *from, const char *to, const char *what)
{
	fprintf(stderr, "%s -> %s: %s\n", from, to, what);
	abort();
}

void fuzz_check_text(const char *from, const char *text)
{
	for (; text && *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			fuzz_fail(from, "text", "a message holds a control character");
}

static void check_error(const char *from, const char *to, const struct err *e)
{
	if (!e->msg)
		fuzz_fail(from, to, "an error without a message");
	fuzz_check_text(from, e->msg);
	fuzz_check_text(from, e->hint);
}

static bool same_digest(const struct image *a, const struct image *b)
{
	struct digest left = image_digest(a), right = image_digest(b);

	return digest_equal(&left, &right);
}

/* Every byte of `img` is in `other` too, which may have more around it. */
static bool contains(const struct image *other, const struct image *img)
{
	for (size_t i = 0; i < img->count; i++) {
		const struct image_segment *s = &img->segments[i];
		uint8_t *bytes = malloc(s->size);
		bool same;

		/* Absent bytes read as something else than the byte that must be there. */
		image_read(other, s->address, bytes, s->size, 0);
		same = memcmp(bytes, s->data, s->size) == 0;
		image_read(other, s->address, bytes, s->size, 0xff);
		same = same && memcmp(bytes, s->data, s->size) == 0;
		free(bytes);
		if (!same)
			return false;
	}
	return true;
}

static void check_model(const struct image *img, const char *format)
{
	uint64_t end = 0, bytes = 0;

	if (!img->count)
		fuzz_fail(format, "image", "read without an error, but empty");
	for (size_t i = 0; i < img->count; i++) {
		const struct image_segment *s = &img->segments[i];

		if (!s->size || (i && s->address <= end))
			fuzz_fail(format, "image", "segments are not sorted and apart");
		end = (uint64_t)s->address + s->size;
		bytes += s->size;
	}
	if (bytes != image_size(img) || end > UINT64_C(0x100000000) || bytes >= IMAGE_MAX_SIZE)
		fuzz_fail(format, "image", "sizes do not add up");
	fuzz_check_text(format, img->board);
	fuzz_check_text(format, img->version);
}

static void check_bounds(const struct image *img, const char *format, size_t size)
{
	if (allocated > (uint64_t)size * FUZZ_READ_BYTES + FUZZ_READ_BASE)
		fuzz_fail(format, "memory", "reading takes more than its share");
	if (img->count && image_size(img) > size)
		fuzz_fail(format, "memory", "more bytes in the image than in the file");
}

static void check_length(const struct image *img, const char *from, const char *to, size_t length)
{
	/* an esp file has all that lies between, and from the base on */
	if (strcmp(to, "esp") == 0 &&
	    length <= image_end(img) -
			      (image_start(img) < options.base ? image_start(img) : options.base))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(limits); i++) {
		const struct output_limit *l = &limits[i];

		if (strcmp(l->format, to) != 0)
			continue;
		if (length >
		    image_size(img) * l->byte + (uint64_t)img->count * l->segment + l->base)
			fuzz_fail(from, to, "longer than it may be");
		return;
	}
	fuzz_fail(from, to, "limits[] does not say how long it may be");
}

/*
 * What is not an error must be one, and the other way round; an esp file has rules that its writer knows, and an elf file
 * states a machine, which not every image says.
 */
static void check_outcome(const struct image *img, const char *from, const char *to, bool good,
			  const struct err *e)
{
	bool is_bin = strcmp(to, "bin") == 0 || strcmp(to, "dfu11") == 0,
	     is_elf = strcmp(to, "elf") == 0;

	if (good && is_bin && img->count > 1)
		fuzz_fail(from, to, "written in spite of a hole");
	if (good)
		return;
	check_error(from, to, e);
	if (strcmp(to, "esp") != 0 && !(is_bin && img->count > 1) && !(is_elf && !img->machine))
		fuzz_fail(from, to, e->msg);
	if (!e->hint)
		fuzz_fail(from, to, "an error without a hint");
}

static bool is_esp(const struct image_format *format)
{
	return strcmp(format->name, "esp") == 0;
}

/* Each byte of `img` is in `other` or, erased, in neither. */
static bool same_in_flash(const struct image *img, const struct image *other)
{
	for (size_t i = 0; i < img->count; i++) {
		const struct image_segment *s = &img->segments[i];
		uint8_t *bytes = malloc(s->size);
		bool same;

		image_read(other, s->address, bytes, s->size, 0xff);
		same = memcmp(bytes, s->data, s->size) == 0;
		free(bytes);
		if (!same)
			return false;
	}
	return true;
}

/*
 * Elements of a DFU file that only padding brought together are one when they are read; what an esp file begins or ends with
 * may be holes then.
 */
static void check_again(const struct image *back, const char *from, const struct image_format *to,
			const struct strbuf *bytes)
{
	AUTO_STRBUF again = STRBUF_INIT;
	AUTO_ERR e = ERR_INIT;

	if (!image_write(back, to, &options, &again, &e))
		fuzz_fail(from, to->name, e.msg);
	if (strcmp(to->name, "dfu") != 0 && !is_esp(to) &&
	    (again.len != bytes->len || memcmp(again.buf, bytes->buf, again.len) != 0))
		fuzz_fail(from, to->name, "written again, it is another file");
}

/* What ends as a DFU file is one, also when it begins as an esp file: some boards' updates are both. */
static bool is_found(const struct image_format *format, const uint8_t *data, size_t size)
{
	const struct image_format *found = image_format_detect(data, size, NULL);

	return found == format || (is_esp(format) && found && strncmp(found->name, "dfu", 3) == 0);
}

static void read_back(const struct image *img, const char *from, const struct image_format *to,
		      const struct strbuf *bytes)
{
	struct image_options opt = { .has_base = true, .base = image_start(img) };
	uint8_t *copy = malloc(bytes->len);
	AUTO_IMAGE back = IMAGE_INIT;
	AUTO_ERR e = ERR_INIT;

	memcpy(copy, bytes->buf, bytes->len);
	if (is_esp(to) && options.base < opt.base) /* filled up from there */
		opt.base = options.base;
	if (to->probe && !is_found(to, copy, bytes->len))
		fuzz_fail(from, to->name, "what was written is not found by its content");
	if (!to->read(&back, copy, bytes->len, &opt, &e))
		fuzz_fail(from, to->name, e.msg);
	check_model(&back, to->name);
	if (is_esp(to) ? !same_in_flash(img, &back) || !same_in_flash(&back, img)
		       : !contains(&back, img))
		fuzz_fail(from, to->name, "bytes were lost");
	/* RP2 files, also those whose bytes say that they are for it, are padded to whole sectors. */
	if (!is_esp(to) &&
	    !uf2_family_is_rp2(back.uf2_family ? back.uf2_family : img->uf2_family) &&
	    !same_digest(img, &back))
		fuzz_fail(from, to->name, "another digest");
	check_again(&back, from, to, bytes);
	image_free(&back);
	free(copy);
}

static void rewrite(const struct image *img, const char *from, const struct image_format *to)
{
	AUTO_STRBUF bytes = STRBUF_INIT;
	AUTO_ERR e = ERR_INIT;
	bool good = image_write(img, to, &options, &bytes, &e);

	check_outcome(img, from, to->name, good, &e);
	if (!good)
		return;
	check_length(img, from, to->name, bytes.len);
	read_back(img, from, to, &bytes);
}

/* A hole may be filled on demand; then the file is as long as the span. */
static void rewrite_filled(const struct image *img, const char *from)
{
	const struct image_options fill = { .has_fill = true, .fill = 0x5a };
	const struct image_format *bin = image_format_by_name("bin");
	AUTO_STRBUF bytes = STRBUF_INIT;
	AUTO_ERR e = ERR_INIT;

	if (!image_write(img, bin, &fill, &bytes, &e))
		fuzz_fail(from, "bin", e.msg);
	if (bytes.len != image_end(img) - image_start(img))
		fuzz_fail(from, "bin", "another length");
}

static void check_findings(const char *from, const struct findings *findings)
{
	for (size_t i = 0; i < findings->count; i++) {
		if (!findings->items[i].text[0])
			fuzz_fail(from, findings->items[i].name, "a finding without a text");
		fuzz_check_text(from, findings->items[i].text);
	}
}

static void inspect(const struct image_format *format, const uint8_t *data, size_t size,
		    const struct image_options *opt)
{
	AUTO_FINDINGS findings = FINDINGS_INIT;

	if (format->inspect)
		format->inspect(data, size, opt, &findings);
	check_findings(format->name, &findings);
}

/* A target for this chip, with every part of it inside of the image, so that every check has something to say. */
static void check_for_chip(const struct image *img, const char *from, const struct chip *chip)
{
	uint64_t start = image_start(img), middle = start + image_size(img) / 2;
	const struct image_region protect[] = { { "bootloader", start, middle },
						{ "softdevice", middle, middle + 1 } };
	const struct image_region filesystem = { "filesystem", middle, image_end(img) };
	const struct image_target target = {
		.port = chip->port,
		.board = "BOARD",
		.chip = chip,
		.uf2_family = chip->uf2_family,
		.has_base = true,
		.base = (uint32_t)middle,
		.protect = protect,
		.protect_count = ARRAY_SIZE(protect),
		.filesystem = &filesystem,
	};
	AUTO_FINDINGS findings = FINDINGS_INIT;

	image_check(img, &target, &findings);
	check_findings(from, &findings);
}

/* Checked for nothing known, for the chip that it seems to be for, and for one that its bytes choose. */
static void check_image(const struct image *img, const char *from)
{
	const struct image_target unknown = { 0 };
	AUTO_FINDINGS findings = FINDINGS_INIT;
	const struct chip *chip;
	size_t chip_count = 1; /* there is one at least */
	bool certain;

	chip = chip_of_image(img, &certain);
	if (!chip && certain)
		fuzz_fail(from, "chip", "certain of none");
	image_check(img, &unknown, &findings);
	check_findings(from, &findings);
	if (chip)
		check_for_chip(img, from, chip);
	while (chips[chip_count].name)
		chip_count++;
	check_for_chip(img, from, &chips[img->segments[0].data[0] % chip_count]);
}

/* True when it could be read. */
static bool try_options(const struct image_format *format, const uint8_t *data, size_t size,
			const struct image_options *opt)
{
	AUTO_IMAGE img = IMAGE_INIT;
	AUTO_ERR e = ERR_INIT;
	bool good;

	count_allocations();
	good = format->read(&img, data, size, opt, &e);
	check_bounds(&img, format->name, size);
	if (!good) {
		check_error(format->name, "image", &e);
		return false;
	}
	check_model(&img, format->name);
	image_find_version(&img);
	fuzz_check_text(format->name, img.version);
	inspect(format, data, size, opt);
	check_image(&img, format->name);
	if (image_size(&img) > MAX_SPAN)
		return true;
	if (!img.machine)
		img.machine = EM_ARM; /* an ELF file must say one */
	for (size_t i = 0; image_formats[i]; i++)
		if (image_formats[i]->write)
			rewrite(&img, format->name, image_formats[i]);
	if (image_end(&img) - image_start(&img) <= MAX_SPAN)
		rewrite_filled(&img, format->name);
	return true;
}

static void try_choices(const struct image_format *format, const uint8_t *data, size_t size,
			bool readable)
{
	AUTO_CHOICES choices = { 0 };
	AUTO_ERR e = ERR_INIT;

	if (!format->choices)
		return;
	if (!format->choices(&choices, data, size, &e)) {
		check_error(format->name, "choices", &e);
		if (readable)
			fuzz_fail(format->name, "choices", "none in a file that can be read");
		return;
	}
	if (readable && choices.count > 1)
		fuzz_fail(format->name, "choices", "one of several was read without a choice");
	for (size_t i = 0; i < choices.count; i++) {
		struct image_options opt = options;

		if (!choices.items[i].name[0])
			fuzz_fail(format->name, "choices", "a choice without a name");
		fuzz_check_text(format->name, choices.items[i].name);
		format->select(&opt, choices.items[i].id);
		try_options(format, data, size, &opt);
	}
}

static void try_bytes(const struct image_format *format, const uint8_t *data, size_t size)
{
	image_format_detect(data, size, NULL);
	try_choices(format, data, size, try_options(format, data, size, &options));
}

void fuzz_format(const char *name, const uint8_t *data, size_t size, fuzz_seal *seal)
{
	const struct image_format *format = image_format_by_name(name);
	uint8_t *copy;

	if (!format)
		fuzz_fail(name, "table", "there is no such format");
	try_bytes(format, data, size);
	if (!seal)
		return;
	copy = malloc(size ? size : 1);
	memcpy(copy, data, size);
	seal(copy, size);
	try_bytes(format, copy, size);
	free(copy);
}
