/* SPDX-License-Identifier: MIT
 *
 * Digests: XXH3-128 (xxhash library), the one hash of files, keys and images.
 */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct digest {
	uint8_t bytes[16]; /* canonical (big-endian) form, the same on every machine */
};

enum { DIGEST_HEX_SIZE = 33 }; /* 32 hex digits and a NUL */

struct digest digest_of(const void *data, size_t len);
bool digest_equal(const struct digest *a, const struct digest *b);
bool digest_is_zero(const struct digest *d); /* all bytes 0: "no digest" */
void digest_hex(const struct digest *d, char hex[static DIGEST_HEX_SIZE]);
bool digest_parse(struct digest *d, const char *hex); /* exactly 32 hex digits */

/* A digest of parts. Strings are fed with their length, so that "ab"+"c" differs from "a"+"bc". */
struct hasher {
	void *state; /* XXH3_state_t */
};

void hasher_init(struct hasher *h);
void hasher_add(struct hasher *h, const void *data, size_t len); /* raw bytes, no length */
void hasher_str(struct hasher *h, const char *s);                /* NULL differs from "" */
void hasher_u64(struct hasher *h, uint64_t v);
void hasher_digest(struct hasher *h, const struct digest *d);
struct digest hasher_finish(struct hasher *h); /* frees the state */

#endif
