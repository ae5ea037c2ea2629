/* SPDX-License-Identifier: MIT
 *
 * Nearest names, by Damerau-Levenshtein distance in its restricted form (no letter moves twice),
 * over three rows of the table: a command line has a few hundred candidates, so the plain
 * algorithm is fast enough.
 */
#include "base/suggest.h"

#include <string.h>

#include "base/strbuf.h"

enum {
	NAME_MAX_LEN = 64, /* longer than any board, rule or option */
	CONTAINED_MIN = 3, /* shorter ones are in every name */
	HINT_MAX = 3,
	FAR = NAME_MAX_LEN + 1,
};

/* tolower depends on the locale; names are ASCII. */
static unsigned char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (unsigned char)(c - 'A' + 'a') : (unsigned char)c;
}

static size_t min_of(size_t a, size_t b)
{
	return a < b ? a : b;
}

static bool swapped(const char *a, const char *b, size_t i, size_t j)
{
	return i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
	       lower(a[i - 2]) == lower(b[j - 1]);
}

static size_t distance(const char *a, const char *b)
{
	size_t rows[3][NAME_MAX_LEN + 1];
	size_t la = strlen(a), lb = strlen(b);

	if (la > NAME_MAX_LEN || lb > NAME_MAX_LEN)
		return FAR;
	for (size_t j = 0; j <= lb; j++)
		rows[0][j] = j;
	for (size_t i = 1; i <= la; i++) {
		size_t *row = rows[i % 3], *above = rows[(i + 2) % 3], *above2 = rows[(i + 1) % 3];

		row[0] = i;
		for (size_t j = 1; j <= lb; j++) {
			size_t d = above[j - 1] + (lower(a[i - 1]) != lower(b[j - 1]));

			d = min_of(d, min_of(above[j], row[j - 1]) + 1);
			if (swapped(a, b, i, j))
				d = min_of(d, above2[j - 2] + 1);
			row[j] = d;
		}
	}
	return rows[la % 3][lb];
}

static bool near(const char *word, size_t d)
{
	size_t limit = strlen(word) / 3;

	return d <= (limit ? limit : 1) && d < strlen(word);
}

static bool contains(const char *longer, const char *shorter)
{
	size_t len = strlen(shorter), room = strlen(longer);

	for (size_t at = 0; at + len <= room; at++) {
		size_t i = 0;

		while (i < len && lower(longer[at + i]) == lower(shorter[i]))
			i++;
		if (i == len)
			return len >= CONTAINED_MIN;
	}
	return false;
}

const char *suggest_nearest(const char *word, const char *const *candidates, size_t n)
{
	const char *best = NULL;
	size_t best_d = FAR;

	for (size_t i = 0; i < n; i++) {
		size_t d = distance(word, candidates[i]);

		if (d < best_d && near(word, d)) {
			best = candidates[i];
			best_d = d;
		}
	}
	return best;
}

size_t suggest_several(const char *word, const char *const *candidates, size_t n, const char **out,
		       size_t max)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++) {
		const char *c = candidates[i];
		size_t d = distance(word, c), at;

		if (d == FAR || (!near(word, d) && !contains(c, word) && !contains(word, c)))
			continue;
		for (at = count; at > 0 && distance(word, out[at - 1]) > d; at--)
			;
		if (at == max)
			continue;
		if (count < max)
			count++;
		memmove(out + at + 1, out + at, (count - at - 1) * sizeof(*out));
		out[at] = c;
	}
	return count;
}

bool suggest_hint(struct err *e, const char *word, const char *const *candidates, size_t n)
{
	const char *found[HINT_MAX];
	size_t count = suggest_several(word, candidates, n, found, HINT_MAX);
	AUTO_STRBUF names = STRBUF_INIT;

	for (size_t i = 0; i < count; i++) {
		if (i)
			strbuf_adds(&names, i + 1 == count ? " or " : ", ");
		strbuf_addf(&names, "'%s'", found[i]);
	}
	if (count)
		err_hint(e, "did you mean %s?", names.buf);
	return count > 0;
}
