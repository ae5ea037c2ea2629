/* SPDX-License-Identifier: MIT
 *
 * Loading zlib; see deflate.h.
 */
#include "os/deflate.h"

#include <zlib.h>

#include "base/xalloc.h"
#include "config.h"
#include "os/library.h"

static struct {
	__typeof__(&compressBound) bound;
	__typeof__(&compress2) compress;
} zlib;

static bool load(struct err *e)
{
	static const struct library_function functions[] = {
		{ "compressBound", offsetof(__typeof__(zlib), bound) },
		{ "compress2", offsetof(__typeof__(zlib), compress) },
	};

	if (zlib.bound ||
	    library_load(MPFLASH_ZLIB, MPFLASH_ZLIB_DIR, functions, ARRAY_SIZE(functions), &zlib))
		return true;
	err_set(e, "cannot load %s", MPFLASH_ZLIB);
	return err_hint(e, "install zlib");
}

bool deflate_bytes(const void *data, size_t size, struct strbuf *out, struct err *e)
{
	uLongf len;
	int z;

	if (!load(e))
		return false;
	len = zlib.bound((uLong)size);
	strbuf_reserve(out, len);
	z = zlib.compress((Bytef *)out->buf + out->len, &len, data, (uLong)size,
			  Z_BEST_COMPRESSION);
	if (z != Z_OK)
		return err_set(e, "zlib cannot compress %zu bytes (error %d)", size, z);
	out->len += len;
	out->buf[out->len] = '\0';
	return true;
}
