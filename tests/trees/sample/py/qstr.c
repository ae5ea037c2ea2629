/* SPDX-License-Identifier: MIT
 *
 * The table of interned names. Its size depends on which MP_QSTR_ words were found, so a stale
 * word makes the image bigger than a fresh build would.
 */
#include "py/qstr.h"

#include <stdint.h>
#include <string.h>

struct qstr_entry {
	uint16_t hash;
	uint16_t len;
	const char *str;
};

static const struct qstr_entry qstr_pool[] = {
	{ 0, 0, "" },
#ifndef NO_QSTR
#define QDEF(id, hash, len, str) { hash, len, str },
#include "genhdr/qstrdefs.generated.h"
#undef QDEF
#endif
};

const char *qstr_str(enum qstr q)
{
	return qstr_pool[q].str;
}

/* makeqstrdata.py computes the same for the table. */
static uint16_t qstr_hash(const char *str, size_t len)
{
	uint16_t hash = 5381;

	while (len--)
		hash = (uint16_t)(hash * 33 ^ (unsigned char)*str++);
	return hash;
}

enum qstr qstr_find(const char *str, size_t len)
{
	uint16_t hash = qstr_hash(str, len);

	for (size_t i = 1; i < sizeof(qstr_pool) / sizeof(qstr_pool[0]); i++) {
		const struct qstr_entry *e = &qstr_pool[i];
		if (e->hash == hash && e->len == len && memcmp(e->str, str, len) == 0)
			return (enum qstr)i;
	}
	return MP_QSTRnull;
}
