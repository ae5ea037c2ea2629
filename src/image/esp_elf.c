/* SPDX-License-Identifier: MIT
 *
 * App images from ELF files.
 *
 * Flash is mapped in pages (64 KiB on most chips), so that a segment for flash must lie in the file at the offset that its
 * address has within a page. The space before it is filled with pieces of the RAM segments, which may lie anywhere, and with
 * zeros when there are none left. `esptool elf2image` decides the same way, and the bytes are the same.
 */
#include "image/esp_elf.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "base/vec.h"
#include "image/elf.h"
#include "image/le.h"
#include "os/crypto.h"

enum { INIT_ARRAY = 14, FINI_ARRAY = 15, PREINIT_ARRAY = 16 };

/* esp_app_desc_t: the ELF's SHA-256, log2 of the page size; where it is in an image that starts with it. */
enum { DESC_SHA256 = 144, DESC_PAGE = 180, DESC_SIZE = 256, IMAGE_DESC = 32 };

/* ESP-IDF's boot loader for the ESP32 does not map the last page of a segment that has fewer bytes in it. */
enum { ESP32_ID = 0, ESP32_LAST_PAGE = 0x24 };

enum { MAX_NAME = 64 }; /* bytes of a section's name */

/* Bytes for one memory: some sections that follow one another, or what is left of them. */
struct piece {
	uint32_t address, size;
	uint8_t *data;
	const char *name; /* of the first section */
	enum { RAM, FLASH } kind;
	size_t order; /* for a stable sort */
};

struct maker {
	struct elf elf;
	const struct esp_chip *chip;
	uint32_t page;
	VEC(struct piece) pieces;
	struct arena arena;
	struct strbuf *out;
	size_t start; /* of the image in out */
	unsigned segments;
	bool has_desc; /* the app description gets the ELF's SHA-256 */
};

/* --- sections ---------------------------------------------------------------------------------------------- */

static bool is_program(uint32_t type)
{
	return type == SHT_PROGBITS || type == INIT_ARRAY || type == FINI_ARRAY ||
	       type == PREINIT_ARRAY;
}

/* The name of a section; "" when it has none inside the file, or one longer than those that are looked for. */
static const char *section_name(const struct elf *elf, const uint8_t *section)
{
	const uint8_t *strings;
	uint32_t offset, size, room, name = get_le32(section);

	if (elf->shstrndx >= elf->shnum)
		return "";
	strings = elf_shdr(elf, elf->shstrndx);
	offset = get_le32(strings + 16);
	size = get_le32(strings + 20);
	if ((uint64_t)offset + size > elf->size || name >= size)
		return "";
	room = size - name < MAX_NAME ? size - name : MAX_NAME;
	if (!memchr(elf->data + offset + name, '\0', room))
		return "";
	return (const char *)elf->data + offset + name;
}

static bool add_section(struct maker *m, uint32_t number, uint64_t *bytes, struct err *e)
{
	const uint8_t *s = elf_shdr(&m->elf, number);
	uint32_t address = get_le32(s + 12), offset = get_le32(s + 16), size = get_le32(s + 20);
	const char *name = section_name(&m->elf, s);
	const struct esp_region *region = esp_region_of(m->chip, address);
	uint32_t padded = (size + 3) & ~UINT32_C(3);
	struct piece p = { address, padded, NULL, name, RAM, m->pieces.count };

	if (!is_program(get_le32(s + 4)) || !address || !size)
		return true;
	if (offset > m->elf.size || size > m->elf.size - offset) {
		err_set(e,
			"section %" PRIu32 ": %" PRIu32 " bytes at offset %" PRIu32
			" lie outside of the ELF file",
			number, size, offset);
		return err_hint(e, "the file is cut off: build or copy it again");
	}
	*bytes += size;
	if (*bytes > m->elf.size || *bytes > IMAGE_MAX_SIZE) {
		err_set(e, "section %" PRIu32 ": the sections have more bytes than %s", number,
			*bytes > m->elf.size ? "the ELF file" : "any flash");
		return err_hint(e, "no linker makes such a file: build or copy it again");
	}
	if (region && esp_memory_is_flash(region->memory))
		p.kind = FLASH;
	p.data = arena_alloc(&m->arena, padded);
	memcpy(p.data, m->elf.data + offset, size);
	vec_push(&m->pieces, p);
	return true;
}

static bool add_sections(struct maker *m, struct err *e)
{
	uint64_t bytes = 0;

	for (uint32_t i = 0; i < m->elf.shnum; i++)
		if (!add_section(m, i, &bytes, e))
			return false;
	if (m->pieces.count)
		return true;
	err_set(e, "the ELF file has no sections for a chip's memory");
	return err_hint(e, "an app is made of sections: do not strip their table");
}

/* --- segments ---------------------------------------------------------------------------------------------- */

static bool follows(const struct maker *m, const struct piece *a, const struct piece *b)
{
	return (uint64_t)a->address + a->size == b->address &&
	       esp_region_of(m->chip, a->address) == esp_region_of(m->chip, b->address);
}

/* Sections [first, first + count), one behind the other in memory, as one piece. */
static struct piece join(struct maker *m, const struct piece *first, size_t count)
{
	struct piece p = *first;

	if (count == 1)
		return p;
	p.size = 0;
	for (size_t i = 0; i < count; i++)
		p.size += first[i].size;
	p.data = arena_alloc(&m->arena, p.size);
	for (size_t i = 0, at = 0; i < count; at += first[i++].size)
		memcpy(p.data + at, first[i].data, first[i].size);
	return p;
}

/* Only sections that follow one another in the file are joined. */
static bool join_sections(struct maker *m, struct err *e)
{
	size_t kept = 0, n;

	for (size_t i = 0; i < m->pieces.count; i += n) {
		const struct piece *p = &m->pieces.items[i];

		for (n = 1; i + n < m->pieces.count && follows(m, &p[n - 1], &p[n]);)
			n++;
		m->pieces.items[kept++] = join(m, p, n);
	}
	m->pieces.count = kept;
	if (kept <= ESP_MAX_SEGMENTS)
		return true;
	err_set(e, "the ELF file makes %zu segments, an image has at most %d", kept,
		ESP_MAX_SEGMENTS);
	return err_hint(e, "check the linker script: sections of one memory should touch");
}

/* Flash first; what the boot loader looks for at the image's start comes before all other of its kind. */
static bool is_first(const struct piece *p)
{
	return strcmp(p->name, p->kind == FLASH ? ".flash.appdesc" : ".dram0.bootdesc") == 0;
}

static int by_place(const void *left, const void *right)
{
	const struct piece *a = left, *b = right;

	if (a->kind != b->kind)
		return a->kind == FLASH ? -1 : 1;
	if (is_first(a) != is_first(b))
		return is_first(a) ? -1 : 1;
	if (a->address != b->address)
		return a->address < b->address ? -1 : 1;
	return a->order < b->order ? -1 : a->order > b->order;
}

static bool check_pages(const struct maker *m, struct err *e)
{
	for (size_t i = 1; i < m->pieces.count; i++) {
		const struct piece *a = &m->pieces.items[i - 1], *b = a + 1;

		if (b->kind != FLASH || a->address / m->page != b->address / m->page)
			continue;
		err_set(e,
			"sections at 0x%08" PRIx32 " and 0x%08" PRIx32
			" lie in the same flash page of %" PRIu32 " KiB",
			a->address, b->address, m->page >> 10);
		return err_hint(e, "check the linker script: they should touch, or be in two");
	}
	return true;
}

/* --- pages ------------------------------------------------------------------------------------------------- */

static const struct {
	const char *chip;
	uint8_t log2
		[4]; /* page sizes that the chip can be set to, the largest first; others have 64 KiB */
} page_sizes[] = {
	{ "esp32c2", { 16, 15, 14 } },      { "esp32c6", { 16, 15, 14, 13 } },
	{ "esp32c61", { 16, 15, 14, 13 } }, { "esp32h2", { 16, 15, 14, 13 } },
	{ "esp32h21", { 16, 15, 14, 13 } }, { "esp32s31", { 18, 17, 16, 15 } },
};

static const uint8_t *sizes_of(const struct esp_chip *chip)
{
	for (size_t i = 0; i < ARRAY_SIZE(page_sizes); i++)
		if (strcmp(page_sizes[i].chip, chip->name) == 0)
			return page_sizes[i].log2;
	return NULL;
}

/* The app description says its page size since ESP-IDF 5.4; before, its address tells: it is 32 bytes into a page. */
static bool choose_page(struct maker *m, const struct piece *desc, struct err *e)
{
	const uint8_t *sizes = sizes_of(m->chip);
	uint8_t stated = desc->data[DESC_PAGE];

	for (size_t i = 0; sizes && i < 4 && sizes[i]; i++) {
		if (stated ? sizes[i] != stated
			   : (desc->address - IMAGE_DESC) % (UINT32_C(1) << sizes[i]) != 0)
			continue;
		m->page = UINT32_C(1) << sizes[i];
		return true;
	}
	if (!sizes || !stated)
		return true;
	return err_set(e, "the %s has no flash pages of 2^%u bytes", m->chip->title, stated);
}

static bool find_desc(struct maker *m, struct err *e)
{
	for (size_t i = 0; i < m->pieces.count; i++) {
		const struct piece *p = &m->pieces.items[i];

		if (!strstr(p->name, ".flash.appdesc"))
			continue;
		if (p->kind != FLASH || p->size < DESC_SIZE || get_le32(p->data) != ESP_APP_MAGIC)
			return true;
		m->has_desc = true;
		return choose_page(m, p, e);
	}
	return true;
}

/* --- the file ---------------------------------------------------------------------------------------------- */

static uint32_t position(const struct maker *m)
{
	return (uint32_t)(m->out->len - m->start);
}

static void put_segment(struct maker *m, uint32_t address, const uint8_t *data, uint32_t size)
{
	uint8_t header[ESP_SEGMENT_HEADER];

	put_le32(header, address);
	put_le32(header + 4, size);
	strbuf_add(m->out, header, sizeof(header));
	strbuf_add(m->out, data, size);
	m->segments++;
}

static void put_zeros(struct maker *m, uint32_t size)
{
	static const uint8_t zeros[16];

	for (uint32_t n; size; size -= n) {
		n = size < sizeof(zeros) ? size : sizeof(zeros);
		strbuf_add(m->out, zeros, n);
	}
}

/*
 * Bytes that a filling segment needs so that the next one lies right in its page; 0 when it does. A filling of no bytes is a
 * whole page instead (elf2image stops there).
 */
static uint32_t filling(const struct maker *m, const struct piece *flash)
{
	int64_t page = m->page;
	int64_t n = page - position(m) % page + flash->address % page - ESP_SEGMENT_HEADER;

	if (n == 0 || n == page)
		return 0;
	n -= ESP_SEGMENT_HEADER; /* the filling's own */
	return (uint32_t)(n <= 0 ? n + page : n);
}

static void put_filling(struct maker *m, struct piece *ram, const struct piece *end, uint32_t size)
{
	while (ram < end && !ram->size)
		ram++;
	if (ram < end && size > ESP_SEGMENT_HEADER) {
		uint32_t n = size < ram->size ? size : ram->size;

		put_segment(m, ram->address, ram->data, n);
		ram->address += n;
		ram->data += n;
		ram->size -= n;
		return;
	}
	put_segment(m, 0, NULL, 0);
	put_le32((uint8_t *)m->out->buf + m->out->len - 4, size);
	put_zeros(m, size);
}

static void put_flash(struct maker *m, const struct piece *p)
{
	uint32_t end = position(m) + p->size + ESP_SEGMENT_HEADER, last = end % m->page, more = 0;

	if (m->chip->id == ESP32_ID && last < ESP32_LAST_PAGE)
		more = ESP32_LAST_PAGE - last;
	put_segment(m, p->address, p->data, p->size);
	put_le32((uint8_t *)m->out->buf + m->out->len - p->size - 4, p->size + more);
	put_zeros(m, more);
}

static bool check_alignment(const struct piece *p, struct err *e)
{
	char name[MAX_NAME];

	if (p->address % 4 == 0)
		return true;
	utf8_printable(name, sizeof(name), p->name, strlen(p->name));
	return err_set(e, "section '%s' at 0x%08" PRIx32 " does not start at a multiple of 4", name,
		       p->address);
}

static bool put_segments(struct maker *m, struct err *e)
{
	struct piece *p = m->pieces.items, *end = p + m->pieces.count, *ram = p;

	while (ram < end && ram->kind == FLASH)
		ram++;
	for (; p < ram; p++) {
		uint32_t n;

		if (!check_alignment(p, e))
			return false;
		while ((n = filling(m, p)))
			put_filling(m, ram, end, n);
		put_flash(m, p);
	}
	for (; p < end; p++)
		if (p->size)
			put_segment(m, p->address, p->data, p->size);
	if (m->segments <= ESP_MAX_SEGMENTS)
		return true;
	err_set(e, "with its padding, the image has %u segments; %d are the most", m->segments,
		ESP_MAX_SEGMENTS);
	return err_hint(e, "check the linker script: sections of one memory should touch");
}

static void put_header(struct maker *m, const struct esp_elf_options *opt)
{
	uint8_t h[ESP_HEADER] = { ESP_MAGIC };
	const struct esp_flash_params *p = &opt->params;

	h[2] = (uint8_t)(p->mode < 0 ? 0 : p->mode);
	h[3] = (uint8_t)((p->size < 0 ? 0 : p->size) << 4 | (p->frequency < 0 ? 0 : p->frequency));
	put_le32(h + 4, opt->has_entry ? opt->entry : get_le32(m->elf.data + 24));
	h[8] = 0xee; /* no write protection pin: the ROM then leaves it alone */
	put_le16(h + 12, (uint16_t)m->chip->id);
	put_le16(h + 17, UINT16_MAX); /* any revision */
	h[23] = 1;                    /* a SHA-256 follows */
	strbuf_add(m->out, h, sizeof(h));
}

/* The app then says which ELF it was made from. */
static bool put_elf_sha256(struct maker *m, struct err *e)
{
	static const uint8_t zeros[CRYPTO_SHA256];
	uint8_t *at = (uint8_t *)m->out->buf + m->start + IMAGE_DESC + DESC_SHA256;

	if (!m->has_desc)
		return true;
	if (get_le32(at - DESC_SHA256) != ESP_APP_MAGIC)
		return err_set(e, "the app description does not lie %d bytes into a flash page",
			       IMAGE_DESC);
	if (memcmp(at, zeros, sizeof(zeros)) != 0)
		return err_set(e, "the app description has a SHA-256 of the ELF file already");
	return crypto_sha256(m->elf.data, m->elf.size, at, e);
}

static bool seal(struct maker *m, struct err *e)
{
	uint8_t *image, sum = ESP_CHECKSUM_START, sha256[CRYPTO_SHA256];
	size_t at = ESP_HEADER;

	image = (uint8_t *)m->out->buf + m->start;
	image[1] = (uint8_t)m->segments;
	for (unsigned i = 0; i < m->segments; i++) {
		uint32_t size = get_le32(image + at + 4);

		sum = esp_checksum(sum, image + at + ESP_SEGMENT_HEADER, size);
		at += ESP_SEGMENT_HEADER + size;
	}
	put_zeros(m, 15 - position(m) % 16);
	strbuf_addch(m->out, (char)sum);
	if (!crypto_sha256(m->out->buf + m->start, position(m), sha256, e))
		return false;
	strbuf_add(m->out, sha256, sizeof(sha256));
	return true;
}

static bool make(struct maker *m, const struct esp_elf_options *opt, struct err *e)
{
	if (!add_sections(m, e) || !find_desc(m, e) || !join_sections(m, e))
		return false;
	qsort(m->pieces.items, m->pieces.count, sizeof(*m->pieces.items), by_place);
	if (!check_pages(m, e))
		return false;
	put_header(m, opt);
	return put_segments(m, e) && put_elf_sha256(m, e) && seal(m, e);
}

bool esp_elf_image(struct strbuf *out, const uint8_t *elf, size_t size,
		   const struct esp_elf_options *opt, struct err *e)
{
	struct maker m = { .chip = opt->chip, .page = 64 << 10, .out = out, .start = out->len };
	bool good = elf_open(&m.elf, elf, size, e);

	if (good && m.elf.machine != opt->chip->machine)
		good = err_set(e, "the ELF file is for %s, which the %s is not",
			       elf_machine_name(m.elf.machine), opt->chip->title);
	good = good && make(&m, opt, e);
	if (!good)
		strbuf_set_len(out, m.start);
	if (!good && !e->hint)
		err_hint(e, "esptool elf2image has more options to make it with");
	vec_free(&m.pieces);
	arena_free(&m.arena);
	return good;
}
