/* SPDX-License-Identifier: MIT
 *
 * The memory regions of a linker map: the only place where the sizes of a board's memory are beside the ELF file.
 *
 *	Memory Configuration
 *
 *	Name             Origin             Length             Attributes
 *	FLASH            0x0000000008000000 0x0000000000200000 xr
 *	*default*        0x0000000000000000 0xffffffffffffffff
 */
#include "image/usage.h"

#include <string.h>

#include "base/vec.h"

/* Scripts have a dozen at most. */
enum { MAX_REGIONS = 256 };

struct text {
	const char *at, *end;
};

static bool next_line(struct text *t, struct text *line)
{
	const char *end;

	if (t->at == t->end)
		return false;
	end = memchr(t->at, '\n', (size_t)(t->end - t->at));
	*line = (struct text){ t->at, end ? end : t->end };
	t->at = end ? end + 1 : t->end;
	return true;
}

static bool next_word(struct text *line, struct name_slice *word)
{
	while (line->at < line->end && strchr(" \t\r", *line->at))
		line->at++;
	word->text = line->at;
	while (line->at < line->end && !strchr(" \t\r", *line->at))
		line->at++;
	word->len = (size_t)(line->at - word->text);
	return word->len > 0;
}

static bool is(const struct name_slice *word, const char *text)
{
	return word->len == strlen(text) && memcmp(word->text, text, word->len) == 0;
}

/* 0x and up to 16 digits, as ld writes addresses */
static bool parse_hex(const struct name_slice *word, uint64_t *out)
{
	*out = 0;
	if (word->len < 3 || word->len > 18 || memcmp(word->text, "0x", 2) != 0)
		return false;
	for (size_t i = 2; i < word->len; i++) {
		static const char digits[] = "0123456789abcdef";
		const char *d = word->text[i] ? strchr(digits, word->text[i]) : NULL;

		if (!d)
			return false;
		*out = *out << 4 | (uint64_t)(d - digits);
	}
	return true;
}

/* False: the line is no region's, and the table has ended. */
static bool add_line(struct usage_regions *out, struct text *line)
{
	struct usage_region r = { 0 };
	struct name_slice start, size;

	if (!next_word(line, &r.name) || r.name.len > NAME_SLICE_MAX || !next_word(line, &start) ||
	    !next_word(line, &size) || !parse_hex(&start, &r.start) || !parse_hex(&size, &r.size))
		return false;
	if (!is(&r.name, "*default*") && r.size)
		vec_push(out, r);
	return true;
}

static bool find_table(struct text *t)
{
	struct text line;

	while (next_line(t, &line)) {
		struct name_slice word = { line.at, (size_t)(line.end - line.at) };

		if (is(&word, "Memory Configuration"))
			return true;
	}
	return false;
}

bool usage_regions_of_map(struct usage_regions *out, const uint8_t *map, size_t size)
{
	struct text t = { (const char *)map, (const char *)map + size }, line;
	struct name_slice word = { "", 0 };

	if (!find_table(&t))
		return false;
	while (next_line(&t, &line) && !next_word(&line, &word))
		;
	if (!is(&word, "Name"))
		return false;
	while (out->count < MAX_REGIONS && next_line(&t, &line) && add_line(out, &line))
		;
	return out->count > 0;
}
