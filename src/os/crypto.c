/* SPDX-License-Identifier: MIT
 *
 * Digests through libcrypto: it has the processor's own SHA instructions where there are any, and most runs never need it.
 */
#include "os/crypto.h"

#include <openssl/evp.h>

#include "base/xalloc.h"
#include "config.h"
#include "os/library.h"

/* The functions that we use. */
#define CRYPTO_FUNCTIONS(X)   \
	X(EVP_Digest)         \
	X(EVP_DigestFinal_ex) \
	X(EVP_DigestInit_ex)  \
	X(EVP_DigestUpdate)   \
	X(EVP_MD_CTX_free)    \
	X(EVP_MD_CTX_new)     \
	X(EVP_md5)            \
	X(EVP_sha256)

static struct {
#define CRYPTO_MEMBER(name) __typeof__(&name) name; /* NOLINT(bugprone-macro-parentheses): a name */
	CRYPTO_FUNCTIONS(CRYPTO_MEMBER)
#undef CRYPTO_MEMBER
} lib;

static bool load(struct err *e)
{
	static const struct library_function functions[] = {
#define CRYPTO_ROW(name) { #name, offsetof(__typeof__(lib), name) },
		CRYPTO_FUNCTIONS(CRYPTO_ROW)
#undef CRYPTO_ROW
	};

	if (lib.EVP_sha256 || library_load(MPFLASH_LIBCRYPTO, MPFLASH_LIBCRYPTO_DIR, functions,
					   ARRAY_SIZE(functions), &lib))
		return true;
	err_set(e, "cannot load %s", MPFLASH_LIBCRYPTO);
	return err_hint(e, "install OpenSSL's libcrypto");
}

static bool digest(const char *name, const EVP_MD *type, const void *data, size_t size,
		   uint8_t *out, struct err *e)
{
	if (type && lib.EVP_Digest(data, size, out, NULL, type, NULL))
		return true;
	err_set(e, "%s refuses to compute a digest by %s", MPFLASH_LIBCRYPTO, name);
	return err_hint(e, "its configuration may allow only some (FIPS mode)");
}

bool crypto_sha256(const void *data, size_t size, uint8_t out[static CRYPTO_SHA256], struct err *e)
{
	return load(e) && digest("SHA-256", lib.EVP_sha256(), data, size, out, e);
}

bool crypto_md5(const void *data, size_t size, uint8_t out[static CRYPTO_MD5], struct err *e)
{
	return load(e) && digest("MD5", lib.EVP_md5(), data, size, out, e);
}

/* --- bytes that come one after the other ---------------------------------------------------------------------- */

static const char refused[] = " refuses to compute a digest by SHA-256";

bool crypto_sum_begin(struct crypto_sum *s, struct err *e)
{
	s->state = NULL;
	if (!load(e))
		return false;
	s->state = lib.EVP_MD_CTX_new();
	if (s->state && lib.EVP_DigestInit_ex(s->state, lib.EVP_sha256(), NULL))
		return true;
	crypto_sum_drop(s);
	return err_set(e, "%s%s", MPFLASH_LIBCRYPTO, refused);
}

void crypto_sum_add(struct crypto_sum *s, const void *data, size_t size)
{
	/* It fails only for a state that was not begun, or has ended. */
	if (!lib.EVP_DigestUpdate(s->state, data, size))
		BUG("a sum that was not begun");
}

bool crypto_sum_end(struct crypto_sum *s, uint8_t digest[static CRYPTO_SHA256], struct err *e)
{
	bool ok = lib.EVP_DigestFinal_ex(s->state, digest, NULL);

	crypto_sum_drop(s);
	return ok || err_set(e, "%s%s", MPFLASH_LIBCRYPTO, refused);
}

void crypto_sum_drop(struct crypto_sum *s)
{
	if (s->state)
		lib.EVP_MD_CTX_free(s->state);
	s->state = NULL;
}
