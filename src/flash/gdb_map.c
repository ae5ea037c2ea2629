/* SPDX-License-Identifier: MIT
 *
 * Memory maps: <memory type="flash" start="0x0" length="0x40000"><property name="blocksize">0x400</property></memory>, and so on.
 */
#include "flash/gdb_map.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"

enum { WORD = 48, WRITE_UNIT = 1024 };

struct region {
	enum { REGION_OTHER, REGION_FLASH, REGION_RAM } type;
	uint64_t start, length, block; /* block 0: not said */
};

struct reader {
	const char *at, *end;
	struct region regions[GDB_MAP_REGIONS];
	size_t count;
	bool open;     /* inside <memory> */
	bool is_block; /* inside <property name="blocksize"> */
};

static bool broken(const char *why, struct err *e)
{
	return err_set(e, "the memory map of the GDB server %s", why);
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void skip_space(struct reader *r)
{
	while (r->at < r->end && is_space(*r->at))
		r->at++;
}

static bool starts(const struct reader *r, const char *text)
{
	size_t len = strlen(text);

	return (size_t)(r->end - r->at) >= len && memcmp(r->at, text, len) == 0;
}

/* Behind the next `text`. */
static bool skip_past(struct reader *r, const char *text)
{
	for (; r->at < r->end; r->at++)
		if (starts(r, text)) {
			r->at += strlen(text);
			return true;
		}
	return false;
}

/* From `start` up to where it stands, as a word; false: too long. */
static bool copy_word(const struct reader *r, const char *start, char word[WORD])
{
	size_t len = (size_t)(r->at - start);

	if (len >= WORD)
		return false;
	memcpy(word, start, len);
	word[len] = '\0';
	return true;
}

static bool read_name(struct reader *r, char word[WORD])
{
	const char *start = r->at;

	while (r->at < r->end && !is_space(*r->at) && !strchr("=/>\"'<", *r->at))
		r->at++;
	return r->at > start && copy_word(r, start, word);
}

/* name = "value". */
static bool read_attribute(struct reader *r, char name[WORD], char value[WORD])
{
	const char *start;
	char quote;

	if (!read_name(r, name))
		return false;
	skip_space(r);
	if (r->at == r->end || *r->at++ != '=')
		return false;
	skip_space(r);
	if (r->at == r->end || (*r->at != '"' && *r->at != '\''))
		return false;
	quote = *r->at++;
	start = r->at;
	while (r->at < r->end && *r->at != quote)
		r->at++;
	return r->at < r->end && copy_word(r, start, value) && r->at++;
}

static bool read_number(const char *text, uint64_t *out)
{
	char *end;

	errno = 0;
	*out = strtoull(text, &end, 0);
	while (is_space(*end))
		end++;
	return *text >= '0' && *text <= '9' && !*end && !errno;
}

static bool memory_attribute(struct region *m, const char *name, const char *value, struct err *e)
{
	uint64_t *number = strcmp(name, "start") == 0    ? &m->start
			   : strcmp(name, "length") == 0 ? &m->length
							 : NULL;

	if (strcmp(name, "type") == 0)
		m->type = strcmp(value, "flash") == 0 ? REGION_FLASH
			  : strcmp(value, "ram") == 0 ? REGION_RAM
						      : REGION_OTHER;
	if (number && !read_number(value, number))
		return broken("has a number that is none", e);
	return true;
}

/* Behind the element's name, up to its '>'. */
static bool read_attributes(struct reader *r, const char *element, struct region *m, bool *closed,
			    struct err *e)
{
	char name[WORD], value[WORD];

	for (;;) {
		skip_space(r);
		*closed = starts(r, "/>");
		if (*closed || starts(r, ">"))
			break;
		if (!read_attribute(r, name, value))
			return broken("has an attribute that is none", e);
		if (m && !memory_attribute(m, name, value, e))
			return false;
		r->is_block = r->is_block ||
			      (strcmp(element, "property") == 0 && strcmp(name, "name") == 0 &&
			       strcmp(value, "blocksize") == 0);
	}
	r->at += *closed ? 2 : 1;
	return true;
}

static bool begin_element(struct reader *r, struct err *e)
{
	struct region *m = NULL;
	char name[WORD];
	bool closed, memory;

	r->is_block = false;
	if (!read_name(r, name))
		return broken("has an element without a name", e);
	memory = strcmp(name, "memory") == 0;
	if (memory) {
		if (r->open || r->count == GDB_MAP_REGIONS)
			return broken(r->open ? "has memory inside of memory"
					      : "has too many regions",
				      e);
		m = &r->regions[r->count++];
	}
	if (!read_attributes(r, name, m, &closed, e))
		return false;
	r->open = memory ? !closed : r->open;
	r->is_block = r->is_block && !closed && r->open;
	return true;
}

static bool end_element(struct reader *r, struct err *e)
{
	char name[WORD];

	if (!read_name(r, name) || !skip_past(r, ">"))
		return broken("is cut off", e);
	if (strcmp(name, "memory") == 0)
		r->open = false;
	r->is_block = false;
	return true;
}

static bool read_text(struct reader *r, struct err *e)
{
	const char *start;
	char word[WORD];

	skip_space(r);
	start = r->at;
	while (r->at < r->end && *r->at != '<')
		r->at++;
	if (!r->is_block || r->at == start)
		return true;
	if (!copy_word(r, start, word) || !read_number(word, &r->regions[r->count - 1].block))
		return broken("has a block size that is no number", e);
	return true;
}

static bool read_markup(struct reader *r, struct err *e)
{
	bool ok;

	if (starts(r, "<!--"))
		ok = skip_past(r, "-->");
	else if (starts(r, "<?"))
		ok = skip_past(r, "?>");
	else if (starts(r, "<!"))
		ok = skip_past(r, ">");
	else if (starts(r, "</"))
		return r->at += 2, end_element(r, e);
	else
		return r->at++, begin_element(r, e);
	return ok || broken("is cut off", e);
}

static bool read_all(struct reader *r, struct err *e)
{
	while (r->at < r->end)
		if (!(*r->at == '<' ? read_markup(r, e) : read_text(r, e)))
			return false;
	return !r->open || broken("is cut off", e);
}

/* --- zones ---------------------------------------------------------------------------------------------------- */

static uint32_t unit_of(uint64_t block)
{
	uint32_t unit = WRITE_UNIT;

	while (unit > 1 && block % unit)
		unit /= 2;
	return unit;
}

static bool add_flash(struct flash_memory *out, const struct region *m, struct err *e)
{
	const struct memory_zone zone = {
		.name = "flash",
		.start = m->start,
		.sector = (uint32_t)m->block,
		.count = (uint32_t)(m->length / (m->block ? m->block : 1)),
		.access = MEMORY_READ | MEMORY_ERASE | MEMORY_WRITE,
		.write_unit = unit_of(m->block),
		.erased = 0xff,
	};

	if (!m->block || m->block > UINT32_MAX || m->length % m->block ||
	    m->length / m->block > UINT32_MAX)
		return err_set(e,
			       "the memory map of the GDB server has flash at 0x%08" PRIx64
			       " that is no multiple of its blocks",
			       m->start);
	return flash_memory_add(out, &zone, e);
}

bool gdb_map_add_ram(struct flash_memory *out, uint64_t start, uint64_t size, struct err *e)
{
	struct memory_zone zone = {
		.name = "RAM",
		.start = start,
		.sector = GDB_MAP_RAM_SECTOR,
		.count = (uint32_t)(size / GDB_MAP_RAM_SECTOR),
		.access = MEMORY_READ | MEMORY_WRITE,
		.erased = 0xff,
	};

	if (size / GDB_MAP_RAM_SECTOR > UINT32_MAX)
		return err_set(e, "0x%" PRIx64 " bytes at 0x%08" PRIx64 " are no memory", size,
			       start);
	if (zone.count && !flash_memory_add(out, &zone, e))
		return false;
	zone.start += (uint64_t)zone.count * zone.sector;
	zone.sector = (uint32_t)(start + size - zone.start);
	zone.count = 1;
	return !zone.sector || flash_memory_add(out, &zone, e);
}

static bool add_zones(const struct reader *r, struct flash_memory *out, struct err *e)
{
	bool has_flash;

	for (size_t i = 0; i < r->count; i++)
		if (r->regions[i].type == REGION_FLASH && !add_flash(out, &r->regions[i], e))
			return false;
	has_flash = out->count > 0;
	for (size_t i = 0; !has_flash && i < r->count; i++) {
		const struct region *m = &r->regions[i];

		if (m->type == REGION_RAM && m->length &&
		    !gdb_map_add_ram(out, m->start, m->length, e))
			return false;
	}
	return out->count || broken("has no memory that can be written", e);
}

bool gdb_map_read(const char *text, size_t len, struct flash_memory *out, struct err *e)
{
	struct reader r = { .at = text, .end = text + len };

	return read_all(&r, e) && add_zones(&r, out, e);
}
