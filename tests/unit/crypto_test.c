/* SPDX-License-Identifier: MIT
 *
 * SHA-256 and MD5. The vectors are those of FIPS 180-2 and RFC 1321; sha256sum and md5sum say the same.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "base/strbuf.h"
#include "os/crypto.h"

static void assert_hex(const uint8_t *digest, size_t size, const char *want)
{
	AUTO_STRBUF hex = STRBUF_INIT;

	for (size_t i = 0; i < size; i++)
		strbuf_addf(&hex, "%02x", digest[i]);
	assert_string_equal(hex.buf, want);
}

static void assert_sha256(const void *data, size_t size, const char *want)
{
	uint8_t digest[CRYPTO_SHA256];
	AUTO_ERR e = ERR_INIT;

	assert_true(crypto_sha256(data, size, digest, &e));
	assert_hex(digest, sizeof(digest), want);
}

static void assert_md5(const void *data, size_t size, const char *want)
{
	uint8_t digest[CRYPTO_MD5];
	AUTO_ERR e = ERR_INIT;

	assert_true(crypto_md5(data, size, digest, &e));
	assert_hex(digest, sizeof(digest), want);
}

/* Must be the first test: what was loaded stays loaded. */
static void test_a_library_that_cannot_be_loaded_is_an_error(void **state)
{
	uint8_t digest[CRYPTO_SHA256];
	struct rlimit limit, none;
	AUTO_ERR e = ERR_INIT;
	bool good;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	none = (struct rlimit){ .rlim_cur = 0, .rlim_max = limit.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	good = crypto_sha256("abc", 3, digest, &e);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	assert_false(good);
	assert_non_null(strstr(e.msg, "cannot load libcrypto."));
	assert_string_equal(e.hint, "install OpenSSL's libcrypto");
}

static void test_sha256(void **state)
{
	(void)state;
	assert_sha256("", 0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	assert_sha256("abc", 3, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void test_md5(void **state)
{
	(void)state;
	assert_md5("", 0, "d41d8cd98f00b204e9800998ecf8427e");
	assert_md5("message digest", 14, "f96b697d7cb7938d525a2f31aaf161d0");
}

/* FIPS 180-2: a million times 'a'; md5sum says the same of its own digest. */
static void test_many_bytes(void **state)
{
	enum { MILLION = 1000000 };
	char *many = malloc(MILLION);

	(void)state;
	assert_non_null(many);
	memset(many, 'a', MILLION);
	assert_sha256(many, MILLION,
		      "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
	assert_md5(many, MILLION, "7707d6ae4e027c70eea2a935c2296f21");
	free(many);
}

static void test_bytes_that_come_one_after_the_other(void **state)
{
	struct crypto_sum sum = { 0 };
	uint8_t digest[CRYPTO_SHA256], whole[CRYPTO_SHA256];
	char text[1000];
	AUTO_ERR e = ERR_INIT;

	(void)state;
	memset(text, 'a', sizeof(text));
	assert_true(crypto_sum_begin(&sum, &e));
	for (size_t done = 0, step = 1; done < sizeof(text); done += step) {
		step = done + 7 < sizeof(text) ? 7 : sizeof(text) - done;
		crypto_sum_add(&sum, text + done, step);
	}
	assert_true(crypto_sum_end(&sum, digest, &e));
	assert_true(crypto_sha256(text, sizeof(text), whole, &e));
	assert_memory_equal(digest, whole, sizeof(digest));
	assert_true(crypto_sum_begin(&sum, &e));
	crypto_sum_drop(&sum);
	crypto_sum_drop(&sum);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_library_that_cannot_be_loaded_is_an_error),
		cmocka_unit_test(test_sha256),
		cmocka_unit_test(test_md5),
		cmocka_unit_test(test_many_bytes),
		cmocka_unit_test(test_bytes_that_come_one_after_the_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
