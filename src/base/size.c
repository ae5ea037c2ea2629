/* SPDX-License-Identifier: MIT
 *
 * Amounts of bytes.
 */
#include "base/size.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

static const char units[] = "kMGT";

/* What the letters after the number multiply by; 0: there is no such unit. */
static uint64_t unit_of(const char *s)
{
	uint64_t step = 1000, unit = 1;
	const char *at;

	while (*s == ' ')
		s++;
	at = *s ? strchr(units, *s == 'K' ? 'k' : *s) : NULL;
	if (at) {
		s++;
		if (*s == 'i') {
			step = 1024;
			s++;
		}
		for (const char *p = units; p <= at; p++)
			unit *= step;
	}
	if (*s == 'B')
		s++;
	return *s ? 0 : unit;
}

bool size_parse(const char *text, uint64_t *out)
{
	uint64_t whole = 0, tenths = 0, tenth_unit = 1, unit;
	const char *s = text;

	if (!isdigit((unsigned char)*s))
		return false;
	for (; isdigit((unsigned char)*s); s++) {
		if (whole > UINT64_MAX / 100)
			return false;
		whole = whole * 10 + (uint64_t)(*s - '0');
	}
	if (*s == '.' && isdigit((unsigned char)s[1]))
		for (s++; isdigit((unsigned char)*s); s++)
			if (tenth_unit < 1000) {
				tenths = tenths * 10 + (uint64_t)(*s - '0');
				tenth_unit *= 10;
			}
	unit = unit_of(s);
	if (!unit || whole > (UINT64_MAX >> 1) / unit)
		return false;
	*out = whole * unit + tenths * unit / tenth_unit;
	return true;
}

void size_text(uint64_t bytes, struct strbuf *out)
{
	uint64_t unit = 1000;
	const char *u = units;

	if (bytes < 1000) {
		strbuf_addf(out, "%" PRIu64 " byte%s", bytes, bytes == 1 ? "" : "s");
		return;
	}
	while (bytes / unit >= 1000 && u[1]) {
		unit *= 1000;
		u++;
	}
	strbuf_addf(out, "%" PRIu64 ".%" PRIu64 " %cB", bytes / unit, bytes % unit / (unit / 10),
		    *u);
}
