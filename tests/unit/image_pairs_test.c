/* SPDX-License-Identifier: MIT
 *
 * A property: whatever an image looks like, writing it as one format, reading that, writing it as another and reading
 * it again gives the same image digest. 10,000 random images through all pairs of the formats that can be written.
 *
 * MPFLASH_PAIRS_SEED and MPFLASH_PAIRS_CASES choose other images; a failure names the seed and the case.
 */
#include "esp_helpers.h"
#include "image_helpers.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/xalloc.h"
#include "image/esp.h"

/* Sanitized, a byte costs ten times as much: as many images, of fewer bytes. */
#ifdef __SANITIZE_ADDRESS__
enum { LARGEST = 4 << 10, MAX_SPAN = 16 << 10 };
#else
enum { LARGEST = 64 << 10, MAX_SPAN = 32 << 10 };
#endif
enum { CASES = 10000, ESP_CASES = 500, MAX_SEGMENTS = 8 };

#define RP2040 UINT32_C(0xe48bff56)

/* All that can be written but ESP images, which are not made of any bytes. */
static const char *formats[16];
static size_t format_count;

struct sample {
	uint64_t seed, state;
	size_t number; /* which case */
	struct image img;
	uint8_t fill; /* of a bin with holes */
	uint8_t *bytes;
};

/* splitmix64 (public domain, S. Vigna) */
static uint64_t next(struct sample *s)
{
	uint64_t z = s->state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static uint32_t below(struct sample *s, uint32_t limit)
{
	return (uint32_t)(next(s) % limit);
}

static void fail_sample(const struct sample *s, const char *from, const char *to, const char *what)
{
	for (size_t i = 0; i < s->img.count; i++)
		print_error("  0x%08" PRIx32 " %" PRIu32 "\n", s->img.segments[i].address,
			    s->img.segments[i].size);
	fail_msg("seed %" PRIu64 ", case %zu: %s to %s: %s", s->seed, s->number, from, to, what);
}

static uint32_t random_start(struct sample *s)
{
	static const uint32_t starts[] = { 0,          0x1000,     0x08000000, 0x08004200,
					   0x10000000, 0x0800ff00, 0x26000,    0x42000020 };

	switch (below(s, 4)) {
	case 0:
		return (uint32_t)next(s);
	case 1: /* close to the end of the address space */
		return UINT32_MAX - below(s, 3 * LARGEST);
	default:
		return starts[below(s, ARRAY_SIZE(starts))] + (below(s, 4) ? 0 : below(s, 300));
	}
}

static uint32_t random_size(struct sample *s)
{
	static const uint32_t borders[] = { 1, 7, 8, 15, 16, 17, 255, 256, 257, 511, 512 };

	switch (below(s, 256)) {
	case 0:
		return 1 + below(s, LARGEST);
	case 1:
	case 2:
	case 3:
		return 1 + below(s, 4096);
	default:
		return below(s, 2) ? borders[below(s, ARRAY_SIZE(borders))] : 1 + below(s, 300);
	}
}

/* Where the next segment may begin, given where the last one ends. */
static uint64_t random_gap(struct sample *s, uint64_t end)
{
	switch (below(s, 8)) {
	case 0:
		return end; /* it touches */
	case 1:
		return end + 1;
	case 2:
		return (end + 255) & ~UINT64_C(255);
	case 3:
		return ((end + 0xffff) & ~UINT64_C(0xffff)) - below(s, 3);
	case 4:
		return end + below(s, 4096);
	case 5:
		return end + 0x1000000 + below(s, 1 << 24);
	default:
		return end + below(s, 40);
	}
}

/* Segments in a random order: those that touch join whichever comes first. */
static void add_shuffled(struct sample *s, struct image_segment *segments, size_t count)
{
	AUTO_ERR e = ERR_INIT;

	for (size_t left = count; left > 0; left--) {
		struct image_segment *pick = &segments[below(s, (uint32_t)left)];

		if (!image_add(&s->img, pick->address, pick->data, pick->size, below(s, 2), &e))
			fail_sample(s, "random bytes", "image", e.msg);
		*pick = segments[left - 1];
	}
}

static void make_image(struct sample *s)
{
	struct image_segment segments[MAX_SEGMENTS];
	uint32_t want = 1 + below(s, MAX_SEGMENTS);
	uint64_t at = random_start(s);
	uint8_t *bytes = s->bytes;
	size_t count = 0;

	for (; count < want && at < UINT32_MAX; count++) {
		uint32_t size = random_size(s);

		if (at + size > UINT64_C(0x100000000))
			size = (uint32_t)(UINT64_C(0x100000000) - at);
		for (uint32_t i = 0; i < size; i += 8)
			memcpy(bytes + i, &(uint64_t){ below(s, 8) ? next(s) : 0 }, 8);
		segments[count] = (struct image_segment){ (uint32_t)at, size, bytes, 0 };
		bytes += size + 8;
		at = random_gap(s, at + size);
		if (at < segments[count].address + (uint64_t)size)
			at = segments[count].address + (uint64_t)size;
	}
	add_shuffled(s, segments, count);
	s->fill = (uint8_t)next(s);
	s->img.has_entry = below(s, 2);
	s->img.entry = s->img.has_entry ? (uint32_t)next(s) : 0;
	s->img.machine = below(s, 2) ? 40 : 243; /* ARM, RISC-V: an ELF file states it */
	s->img.uf2_family = below(s, 4) ? (uint32_t)next(s) | 1 : RP2040;
}

/* A .bin holds one run of bytes: the image with its holes filled where they are small. */
static bool fill_holes(const struct sample *s, const struct image *img, struct image *filled)
{
	uint64_t end = image_end(img), start = image_start(img);
	AUTO_ERR e = ERR_INIT;
	uint8_t *bytes;

	if (end - start > MAX_SPAN)
		return false;
	bytes = xmalloc((size_t)(end - start));
	image_read(img, (uint32_t)start, bytes, (size_t)(end - start), s->fill);
	if (!image_add(filled, (uint32_t)start, bytes, (size_t)(end - start), true, &e))
		fail_sample(s, "image", "filled image", e.msg);
	filled->uf2_family = img->uf2_family;
	free(bytes);
	return true;
}

/* Writes and reads again; the bytes stay in `file`, which the image may point into. */
static void through(const struct sample *s, const struct image *img, const char *format,
		    struct strbuf *file, struct image *back)
{
	const struct image_format *f = format_named(format);
	struct image_options opt = {
		.has_base = true, .base = image_start(img), .has_fill = true, .fill = s->fill
	};
	AUTO_ERR e = ERR_INIT;

	if (!image_write(img, f, &opt, file, &e))
		fail_sample(s, "image", format, e.msg);
	if (f->probe && image_format_detect((const uint8_t *)file->buf, file->len, NULL) != f)
		fail_sample(s, "image", format, "not found by its content");
	if (!f->read(back, (const uint8_t *)file->buf, file->len, &opt, &e))
		fail_sample(s, format, "image", e.msg);
}

/* These hold bytes without addresses, in one run. */
static bool is_flat(const char *format)
{
	return strcmp(format, "bin") == 0 || strcmp(format, "dfu11") == 0;
}

/* One file a segment, as a split conversion writes them. */
static void through_split(const struct sample *s, const struct image *img, const char *format,
			  struct image *back)
{
	AUTO_ERR e = ERR_INIT;

	for (size_t i = 0; i < img->count; i++) {
		AUTO_IMAGE one = IMAGE_INIT;
		AUTO_IMAGE again = IMAGE_INIT;
		AUTO_STRBUF file = STRBUF_INIT;
		const struct image_segment *part = &img->segments[i];

		if (!image_add(&one, part->address, part->data, part->size, false, &e))
			fail_sample(s, "image", "segment", e.msg);
		through(s, &one, format, &file, &again);
		part = &again.segments[0];
		if (again.count != 1 ||
		    !image_add(back, part->address, part->data, part->size, true, &e))
			fail_sample(s, format, "image", "a part is not whole");
	}
	back->uf2_family = img->uf2_family;
}

static bool same_digest(const struct image *a, const struct image *b)
{
	struct digest left = image_digest(a), right = image_digest(b);

	return digest_equal(&left, &right);
}

/* These keep every byte's address; DFU pads to 8, UF2 to 256. */
static bool is_exact(const char *format)
{
	return strcmp(format, "bin") == 0 || strcmp(format, "elf") == 0 ||
	       strcmp(format, "hex") == 0 || strcmp(format, "srec") == 0;
}

static bool same_segments(const struct image *a, const struct image *b)
{
	for (size_t i = 0; i < a->count && i < b->count; i++)
		if (a->segments[i].address != b->segments[i].address ||
		    a->segments[i].size != b->segments[i].size)
			return false;
	return a->count == b->count;
}

static void check_same(const struct sample *s, const struct image *want, const struct image *got,
		       const char *from, const char *to)
{
	uint32_t first;
	uint64_t wrong = image_compare(want, got, &first);

	if (wrong)
		fail_sample(s, from, to, "bytes differ");
	/* UF2 files for RP2 are whole sectors: zeros more, which are pages more in the digest. */
	if (want->uf2_family != RP2040 && !same_digest(want, got))
		fail_sample(s, from, to, "another digest");
	if (is_exact(from) && is_exact(to) && !same_segments(want, got))
		fail_sample(s, from, to, "other segments");
}

/* `img` through `to` and back; `from` is where it came from. False: a flat file cannot hold it, and it went in parts. */
static bool one_way(const struct sample *s, const struct image *img, const char *from,
		    const char *to, struct strbuf *file, struct image *back)
{
	AUTO_IMAGE filled = IMAGE_INIT;
	const struct image *want = img;

	if (is_flat(to) && img->count > 1) {
		if (!fill_holes(s, img, &filled)) {
			through_split(s, img, to, back);
			check_same(s, img, back, from, "parts");
			return false;
		}
		want = &filled;
	}
	through(s, img, to, file, back);
	check_same(s, want, back, from, to);
	return true;
}

static void check_hints(const struct sample *s, const struct image *back, const char *format)
{
	if (strcmp(format, "elf") == 0 && back->machine != s->img.machine)
		fail_sample(s, "image", format, "another machine");
	if ((strcmp(format, "hex") == 0 || strcmp(format, "elf") == 0) &&
	    (back->has_entry != s->img.has_entry || back->entry != s->img.entry))
		fail_sample(s, "image", format, "another entry");
	/* where there is no entry, it says 0 */
	if (strcmp(format, "srec") == 0 && back->entry != (s->img.has_entry ? s->img.entry : 0))
		fail_sample(s, "image", format, "another entry");
	if (strcmp(format, "uf2") == 0 && back->uf2_family != s->img.uf2_family)
		fail_sample(s, "image", format, "another family");
}

static void check_pairs(const struct sample *s)
{
	for (size_t i = 0; i < format_count; i++) {
		AUTO_IMAGE first = IMAGE_INIT;
		AUTO_STRBUF file = STRBUF_INIT;

		one_way(s, &s->img, "image", formats[i], &file, &first);
		check_hints(s, &first, formats[i]);
		first.uf2_family = s->img.uf2_family;
		first.machine = s->img.machine;
		for (size_t n = 0; n < format_count; n++) {
			AUTO_IMAGE second = IMAGE_INIT;
			AUTO_STRBUF again = STRBUF_INIT;

			one_way(s, &first, formats[i], formats[n], &again, &second);
		}
	}
}

/* That a difference would be seen: one byte is another, and so are the digest and the comparison. */
static void check_mutation(struct sample *s)
{
	const struct image_segment *part;
	uint32_t at, first;
	struct digest before = image_digest(&s->img), after;
	AUTO_IMAGE copy = IMAGE_INIT;
	AUTO_ERR e = ERR_INIT;

	if (!s->img.count) {
		fail_sample(s, "random bytes", "image", "it is empty");
		return;
	}
	part = &s->img.segments[below(s, (uint32_t)s->img.count)];
	at = below(s, part->size);
	for (size_t i = 0; i < s->img.count; i++)
		if (!image_add(&copy, s->img.segments[i].address, s->img.segments[i].data,
			       s->img.segments[i].size, true, &e))
			fail_sample(s, "image", "copy", e.msg);
	part = &copy.segments[part - s->img.segments];
	((uint8_t *)(uintptr_t)part->data)[at] ^= (uint8_t)(1 + below(s, 255));
	after = image_digest(&copy);
	if (digest_equal(&before, &after))
		fail_sample(s, "image", "digest", "blind for one byte");
	if (image_compare(&s->img, &copy, &first) != 1 || first != part->address + at)
		fail_sample(s, "image", "comparison", "blind for one byte");
}

static uint64_t from_environment(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text && *text ? strtoull(text, NULL, 0) : otherwise;
}

static int collect_formats(void **state)
{
	(void)state;
	for (size_t i = 0; image_formats[i]; i++) {
		if (!image_formats[i]->write || strcmp(image_formats[i]->name, "esp") == 0)
			continue;
		assert_true(format_count < ARRAY_SIZE(formats));
		formats[format_count++] = image_formats[i]->name;
	}
	assert_in_range(format_count, 4, ARRAY_SIZE(formats));
	return 0;
}

static void test_all_pairs_of_formats_keep_the_digest(void **state)
{
	uint64_t seed = from_environment("MPFLASH_PAIRS_SEED", 20261122);
	size_t cases = (size_t)from_environment("MPFLASH_PAIRS_CASES", CASES);
	uint8_t *bytes = xmalloc((size_t)MAX_SEGMENTS * (LARGEST + 4096));

	(void)state;
	print_message("# MPFLASH_PAIRS_SEED=%" PRIu64 " MPFLASH_PAIRS_CASES=%zu\n", seed, cases);
	for (size_t i = 0; i < cases; i++) {
		/* Each case has a state of its own, so that one can be looked at alone. */
		struct sample s = { .seed = seed, .number = i, .bytes = bytes };

		s.state = seed * UINT64_C(1000003) + i;
		make_image(&s);
		check_pairs(&s);
		check_mutation(&s);
		image_free(&s.img);
	}
	free(bytes);
}

/* --- ESP firmware, which must be what it is ---------------------------------------------------------------- */

static void make_esp(struct sample *s, struct strbuf *file)
{
	static const int ids[] = { ID_ESP32, ID_C3, ID_S3, ID_8266 };
	const struct esp_chip *chip = esp_chip_by_id(ids[below(s, ARRAY_SIZE(ids))]);
	unsigned count = 1 + below(s, 6);

	esp_header(file, chip->id, count);
	for (unsigned i = 0; i < count; i++) {
		const struct esp_region *to = &chip->memory[0];

		while (esp_memory_is_flash(to->memory) || below(s, 2))
			to = to == &chip->memory[7] || !to[1].end ? &chip->memory[0] : to + 1;
		esp_segment(file, to->start + 4 * below(s, 64), 4 * (1 + below(s, 300)));
	}
	esp_seal(file, 0);
}

/* The same file, but for the zeros up to a whole page that UF2 adds. */
static void check_esp_file(const struct sample *s, const char *format, const struct strbuf *file,
			   const struct strbuf *again)
{
	if (again->len < file->len || again->len - file->len > 255 ||
	    (strcmp(format, "uf2") != 0 && again->len != file->len) ||
	    memcmp(again->buf, file->buf, file->len) != 0)
		fail_sample(s, format, "esp", "another file");
	for (size_t i = file->len; i < again->len; i++)
		if (again->buf[i])
			fail_sample(s, format, "esp", "padded with something else than zeros");
}

static void check_esp(const struct sample *s, const struct strbuf *file)
{
	for (size_t i = 0; i < format_count; i++) {
		struct image_options opt = { .has_base = true, .base = image_start(&s->img) };
		const struct image_format *f = format_named(formats[i]);
		AUTO_STRBUF other = STRBUF_INIT;
		AUTO_STRBUF again = STRBUF_INIT;
		AUTO_IMAGE back = IMAGE_INIT;

		opt.chip = s->img.chip;
		write_image(&s->img, f->name, &other, &opt);
		read_image(&back, f->name, other.buf, other.len, &opt);
		check_same(s, &s->img, &back, "esp", f->name);
		/* An ELF file is about the addresses that bytes are loaded to: another way to esp. */
		if (strcmp(f->name, "elf") == 0)
			continue;
		write_image(&back, "esp", &again, &opt);
		check_esp_file(s, f->name, file, &again);
	}
}

static void test_esp_firmware_comes_back_from_every_format(void **state)
{
	uint64_t seed = from_environment("MPFLASH_PAIRS_SEED", 20261122);

	(void)state;
	for (size_t i = 0; i < ESP_CASES; i++) {
		struct sample s = { .seed = seed, .number = i, .state = seed + i };
		AUTO_STRBUF file = STRBUF_INIT;

		make_esp(&s, &file);
		read_image(&s.img, "esp", file.buf, file.len, &no_options);
		check_esp(&s, &file);
		image_free(&s.img);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_pairs_of_formats_keep_the_digest),
		cmocka_unit_test(test_esp_firmware_comes_back_from_every_format),
	};

	return cmocka_run_group_tests(tests, collect_formats, NULL);
}
