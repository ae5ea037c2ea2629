/* SPDX-License-Identifier: MIT
 *
 * The digests that file formats and boot loaders carry: SHA-256 and MD5, from OpenSSL's libcrypto, which is loaded when the
 * first one is wanted. What mpflash itself tells files apart by is XXH3 (base/hash.h).
 */
#ifndef OS_CRYPTO_H
#define OS_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum { CRYPTO_SHA256 = 32, CRYPTO_MD5 = 16 }; /* bytes of a digest */

/*
 * The digest of `size` bytes. False, with the reason, when libcrypto cannot be loaded or refuses (its FIPS mode has no
 * MD5); the next call tries again.
 */
bool crypto_sha256(const void *data, size_t size, uint8_t digest[static CRYPTO_SHA256],
		   struct err *e);
bool crypto_md5(const void *data, size_t size, uint8_t digest[static CRYPTO_MD5], struct err *e);

/* SHA-256 of bytes that come one after the other. */
struct crypto_sum {
	void *state; /* NULL: not begun */
};
bool crypto_sum_begin(struct crypto_sum *s, struct err *e);
void crypto_sum_add(struct crypto_sum *s, const void *data, size_t size);
/* The digest of what was added; back to not begun. */
bool crypto_sum_end(struct crypto_sum *s, uint8_t digest[static CRYPTO_SHA256], struct err *e);
void crypto_sum_drop(struct crypto_sum *s); /* takes one that is not begun */

#endif
