/* SPDX-License-Identifier: MIT
 *
 * Closures as text, one entry a line: "kind readers digest path". A work folder keeps its own in this form, which does not
 * depend on the store's numbers.
 */
#include <string.h>

#include "graph/closure.h"

/* By enum manifest_kind; '!' stands before a stale one. */
static const char letters[MANIFEST_KINDS + 1] = "aclkf";

void closure_write(const struct closure *c, struct strbuf *out)
{
	for (size_t i = 0; i < c->entries.count; i++) {
		const struct closure_entry *entry = &c->entries.items[i];
		char hex[DIGEST_HEX_SIZE];

		digest_hex(&entry->digest, hex);
		strbuf_addf(out, "%s%c %02x %s ", entry->stale ? "!" : "", letters[entry->kind],
			    entry->readers, hex);
		/* A newline in a name is rare and would end the entry. */
		for (const char *p = entry->path; *p; p++)
			strbuf_adds(out, *p == '\n'   ? "\\n"
					 : *p == '\\' ? "\\\\"
						      : (char[]){ *p, 0 });
		strbuf_addch(out, '\n');
	}
}

static int hex_value(char c)
{
	const char *digits = "0123456789abcdef", *hit = c ? strchr(digits, c) : NULL;

	return hit ? (int)(hit - digits) : -1;
}

/* "c 01 <32 hex> path" */
static bool parse_line(const char *p, size_t len, struct closure *out)
{
	struct closure_entry entry = { .stale = *p == '!' };
	char hex[DIGEST_HEX_SIZE] = "", *path;
	const char *letter;
	size_t k = 0;
	int high, low;

	p += entry.stale;
	len -= entry.stale;
	if (len < 39 || p[1] != ' ' || p[4] != ' ' || p[37] != ' ')
		return false;
	letter = memchr(letters, *p, MANIFEST_KINDS);
	high = hex_value(p[2]);
	low = hex_value(p[3]);
	memcpy(hex, p + 5, DIGEST_HEX_SIZE - 1);
	if (!letter || high < 0 || low < 0 || !digest_parse(&entry.digest, hex))
		return false;
	entry.kind = (uint8_t)(letter - letters);
	entry.readers = (uint8_t)(high * 16 + low);
	path = arena_alloc(&out->arena, len - 37);
	for (size_t i = 38; i < len; i++) {
		bool escaped = p[i] == '\\' && i + 1 < len;

		i += escaped;
		path[k++] = escaped && p[i] == 'n' ? '\n' : p[i];
	}
	entry.path = path;
	vec_push(&out->entries, entry);
	return true;
}

bool closure_parse(const char *text, size_t len, struct closure *out)
{
	const char *end = text + len, *line_end;

	for (; text < end; text = line_end + 1) {
		line_end = memchr(text, '\n', (size_t)(end - text));
		if (!line_end || line_end == text ||
		    !parse_line(text, (size_t)(line_end - text), out))
			return false;
	}
	return true;
}
