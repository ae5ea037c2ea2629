/* SPDX-License-Identifier: MIT
 *
 * Work folders.
 */
#include "build/workdir.h"

#include <string.h>

#include "base/hash.h"
#include "os/fs.h"

bool workdir_is_plain(const char *path)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
				    "/._-+@,";

	return path[strspn(path, plain)] == '\0';
}

void workdir_root(const char *cache_dir, struct strbuf *out)
{
	char hex[DIGEST_HEX_SIZE];
	struct digest d = digest_of(cache_dir, strlen(cache_dir));

	if (workdir_is_plain(cache_dir)) {
		strbuf_addf(out, "%s/work", cache_dir);
		return;
	}
	digest_hex(&d, hex);
	strbuf_addf(out, "/tmp/mpflash-work-%.16s", hex);
}

bool workdir_reset(const char *path, struct err *e)
{
	return fs_remove_tree(path, e) && fs_mkdirs(path, e);
}
