/* SPDX-License-Identifier: MIT
 *
 * Reading layouts. Devices differ in how many digits and blanks they write: "128*002Kg", "256*02Kg", "01*016 g" are all seen.
 */
#include "flash/dfu_layout.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void skip_blanks(const char **p)
{
	while (**p == ' ')
		++*p;
}

/* False: no digit, or more than 32 bits. */
static bool take_number(const char **p, int base, uint64_t *value)
{
	const char *digits = base == 16 ? "0123456789abcdefABCDEF" : "0123456789";
	char *end;

	skip_blanks(p);
	if (!**p || !strchr(digits, **p))
		return false;
	*value = strtoull(*p, &end, base);
	*p = end;
	return *value <= UINT32_MAX;
}

static bool take(const char **p, char c)
{
	skip_blanks(p);
	if (**p != c)
		return false;
	++*p;
	return true;
}

/* "K" before the type, a blank or "B" for bytes, or nothing. */
static unsigned take_multiplier(const char **p)
{
	char c = **p;

	if (c == 'K' || c == 'M' || c == 'B' || c == ' ')
		++*p;
	return c == 'K' ? 10 : c == 'M' ? 20 : 0;
}

/* "04*016Kg": *address is moved behind it. */
static bool take_sectors(const char **p, uint64_t *address, struct memory_zone *z)
{
	uint64_t count, size;

	if (!take_number(p, 10, &count) || !take(p, '*') || !take_number(p, 10, &size))
		return false;
	size <<= take_multiplier(p);
	skip_blanks(p);
	/* 'a' is 1: read, 'b' is 2: erase, 'd' is 4: write, and their sums */
	if (**p < 'a' || **p > 'g' || !count || !size || size > UINT32_MAX ||
	    *address + count * size > UINT64_C(1) << 32)
		return false;
	z->access = (unsigned)(*(*p)++ - 'a' + 1);
	z->start = *address;
	z->sector = (uint32_t)size;
	z->count = (uint32_t)count;
	*address += count * size;
	return true;
}

/* "/0x08000000/04*016Kg,01*064Kg" */
static bool take_memory(const char **p, struct dfu_layout *out)
{
	uint64_t address;

	if (!take(p, '/'))
		return false;
	skip_blanks(p);
	if ((*p)[0] == '0' && ((*p)[1] == 'x' || (*p)[1] == 'X'))
		*p += 2;
	if (!take_number(p, 16, &address) || !take(p, '/'))
		return false;
	do {
		if (out->count == DFU_LAYOUT_ZONES ||
		    !take_sectors(p, &address, &out->zones[out->count]))
			return false;
		out->count++;
	} while (take(p, ','));
	skip_blanks(p);
	return !**p || **p == '/';
}

static void take_name(const char **p, struct dfu_layout *out)
{
	const char *start = *p + (**p == '@');
	size_t size = strcspn(start, "/");

	*p = start + size;
	while (size && start[size - 1] == ' ')
		size--;
	if (size >= sizeof(out->name))
		size = sizeof(out->name) - 1;
	memcpy(out->name, start, size);
}

bool dfu_layout_parse(const char *text, struct dfu_layout *out, struct err *e)
{
	const char *p = text;

	memset(out, 0, sizeof(*out));
	take_name(&p, out);
	do
		if (!take_memory(&p, out))
			return err_set(e, "'%s' is no layout of a memory", text);
	while (*p);
	return true;
}
