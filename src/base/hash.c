/* SPDX-License-Identifier: MIT
 *
 * A thin layer over xxhash: canonical byte order, and length-prefixed strings for keys.
 */
#include "base/hash.h"

#include <string.h>
#include <xxhash.h>

#include "base/xalloc.h"

static struct digest canonical(XXH128_hash_t h)
{
	struct digest d;
	XXH128_canonical_t c;

	XXH128_canonicalFromHash(&c, h);
	_Static_assert(sizeof(c) == sizeof(d), "XXH128 is 16 bytes");
	memcpy(d.bytes, c.digest, sizeof(d.bytes));
	return d;
}

struct digest digest_of(const void *data, size_t len)
{
	return canonical(XXH3_128bits(len ? data : "", len));
}

bool digest_equal(const struct digest *a, const struct digest *b)
{
	return memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

bool digest_is_zero(const struct digest *d)
{
	static const struct digest zero;

	return digest_equal(d, &zero);
}

void digest_hex(const struct digest *d, char hex[static DIGEST_HEX_SIZE])
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < sizeof(d->bytes); i++) {
		hex[2 * i] = digits[d->bytes[i] >> 4];
		hex[2 * i + 1] = digits[d->bytes[i] & 15];
	}
	hex[2 * sizeof(d->bytes)] = '\0';
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool digest_parse(struct digest *d, const char *hex)
{
	if (strlen(hex) != 2 * sizeof(d->bytes))
		return false;
	for (size_t i = 0; i < sizeof(d->bytes); i++) {
		int hi = hex_value(hex[2 * i]), lo = hex_value(hex[2 * i + 1]);

		if (hi < 0 || lo < 0)
			return false;
		d->bytes[i] = (uint8_t)(hi << 4 | lo);
	}
	return true;
}

void hasher_init(struct hasher *h)
{
	h->state = XXH3_createState();
	if (!h->state)
		BUG("out of memory");
	XXH3_128bits_reset(h->state);
}

void hasher_add(struct hasher *h, const void *data, size_t len)
{
	if (len)
		XXH3_128bits_update(h->state, data, len);
}

void hasher_u64(struct hasher *h, uint64_t v)
{
	uint8_t le[8];

	for (int i = 0; i < 8; i++)
		le[i] = (uint8_t)(v >> (8 * i));
	hasher_add(h, le, sizeof(le));
}

void hasher_str(struct hasher *h, const char *s)
{
	hasher_u64(h, s ? strlen(s) : UINT64_MAX);
	if (s)
		hasher_add(h, s, strlen(s));
}

void hasher_digest(struct hasher *h, const struct digest *d)
{
	hasher_add(h, d->bytes, sizeof(d->bytes));
}

struct digest hasher_finish(struct hasher *h)
{
	struct digest d = canonical(XXH3_128bits_digest(h->state));

	XXH3_freeState(h->state);
	h->state = NULL;
	return d;
}
