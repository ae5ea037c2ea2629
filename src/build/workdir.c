/* SPDX-License-Identifier: MIT
 *
 * Work folders.
 */
#include "build/workdir.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "os/fs.h"

bool workdir_is_plain(const char *path)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
				    "/._-+@,";

	return path[strspn(path, plain)] == '\0';
}

static const char elsewhere[] = "/tmp/mpflash-work-";

void workdir_root(const char *cache_dir, struct strbuf *out)
{
	char hex[DIGEST_HEX_SIZE];
	struct digest d = digest_of(cache_dir, strlen(cache_dir));

	if (workdir_is_plain(cache_dir)) {
		strbuf_addf(out, "%s/work", cache_dir);
		return;
	}
	digest_hex(&d, hex);
	strbuf_addf(out, "%s%.16s", elsewhere, hex);
}

bool workdir_claim(const char *root, struct err *e)
{
	struct stat st;

	if (strncmp(root, elsewhere, strlen(elsewhere)) != 0)
		return true;
	if (mkdir(root, 0700) < 0 && errno != EEXIST)
		return err_sys(e, errno, "cannot make the folder %s", root);
	if (lstat(root, &st) < 0)
		return err_sys(e, errno, "cannot read %s", root);
	if (!S_ISDIR(st.st_mode) || st.st_uid != geteuid()) {
		err_set(e, "the work folder %s was made by somebody else", root);
		return err_hint(e, "set MPFLASH_CACHE to a folder with a plain name");
	}
	if (st.st_mode & 077 && chmod(root, 0700) < 0)
		return err_sys(e, errno, "cannot change the mode of %s", root);
	return true;
}

const char *workdir_inside_lock(const char *path, struct arena *a)
{
	return arena_printf(a, "%s.inside.lock", path);
}

bool workdir_reset(const char *path, struct err *e)
{
	return fs_remove_tree(path, e) && fs_mkdirs(path, e);
}
