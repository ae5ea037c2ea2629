/* SPDX-License-Identifier: MIT
 *
 * The folders of this machine: XDG's on Linux.
 */
#include "os/dirs.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#ifdef __APPLE__
#include <mach-o/dyld.h>
#endif

#include "base/path.h"

bool dirs_current(struct strbuf *out, struct err *e)
{
	char buf[PATH_MAX];

	if (!getcwd(buf, sizeof(buf)))
		return err_sys(e, errno, "cannot tell the current folder");
	strbuf_adds(out, buf);
	return true;
}

bool dirs_absolute(struct strbuf *out, const char *path, struct err *e)
{
	AUTO_STRBUF full = STRBUF_INIT;

	if (path[0] != '/') {
		if (!dirs_current(&full, e))
			return false;
		strbuf_addch(&full, '/');
	}
	strbuf_adds(&full, path);
	path_normalize(out, full.buf);
	return true;
}

bool dirs_cache(struct strbuf *out, struct err *e)
{
	static const struct {
		const char *variable, *below;
	} places[] = {
		{ "MPFLASH_CACHE", "" },
		{ "XDG_CACHE_HOME", "/mpflash" },
		{ "HOME", "/.cache/mpflash" },
	};

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		const char *value = getenv(places[i].variable);
		AUTO_STRBUF joined = STRBUF_INIT;

		if (!value || !*value)
			continue;
		strbuf_addf(&joined, "%s%s", value, places[i].below);
		return dirs_absolute(out, joined.buf, e);
	}
	err_set(e, "cannot tell where the cache folder is: HOME is not set");
	return err_hint(e, "set MPFLASH_CACHE=/some/folder");
}

bool dirs_program(struct strbuf *out, struct err *e)
{
	char buf[PATH_MAX];
	char *slash;

#ifdef __APPLE__
	uint32_t size = sizeof(buf);

	if (_NSGetExecutablePath(buf, &size) != 0)
		return err_set(e, "cannot tell where this program is");
#else
	ssize_t n = readlink("/proc/self/exe", buf, sizeof(buf) - 1);

	if (n < 0)
		return err_sys(e, errno, "cannot tell where this program is");
	buf[n] = '\0';
#endif
	slash = strrchr(buf, '/');
	strbuf_add(out, buf, slash ? (size_t)(slash - buf) : 0);
	return true;
}
