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
#include "os/fs.h"

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

bool dirs_config(struct strbuf *out)
{
	const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");

	/* The base directory specification: a path that is not absolute does not count. */
	if (config && config[0] == '/')
		strbuf_addf(out, "%s/mpflash", config);
	else if (home && home[0] == '/')
		strbuf_addf(out, "%s/.config/mpflash", home);
	else
		return false;
	return true;
}

bool dirs_expand(struct strbuf *out, const char *path, struct err *e)
{
	AUTO_STRBUF full = STRBUF_INIT;
	const char *home = getenv("HOME");

	if (path[0] == '~' && (!path[1] || path[1] == '/') && home && *home)
		strbuf_addf(&full, "%s%s", home, path + 1);
	else
		strbuf_adds(&full, path);
	return dirs_absolute(out, full.buf, e);
}

/*
 * The value of a line XDG_DOWNLOAD_DIR="$HOME/..." (or an absolute path), as xdg-user-dirs writes it, with \ before what a
 * shell would act on. False: this line is none.
 */
static bool take_download_line(struct strbuf *out, const char *line, const char *home)
{
	static const char name[] = "XDG_DOWNLOAD_DIR=\"";
	const char *p = line + strspn(line, " \t");

	if (strncmp(p, name, sizeof(name) - 1) != 0)
		return false;
	p += sizeof(name) - 1;
	strbuf_reset(out);
	if (strncmp(p, "$HOME", 5) == 0) {
		strbuf_adds(out, home);
		p += 5;
	}
	for (; *p && *p != '"' && *p != '\n'; p++) {
		if (*p == '\\' && p[1])
			p++;
		strbuf_addch(out, *p);
	}
	return out->buf[0] == '/';
}

/* False: the user has no such file, or it says nothing of downloads. */
static bool read_user_dirs(struct strbuf *out, const char *home)
{
	const char *config = getenv("XDG_CONFIG_HOME");
	AUTO_STRBUF path = STRBUF_INIT, text = STRBUF_INIT;
	AUTO_ERR ignored = ERR_INIT;
	bool found = false;

	if (config && config[0] == '/')
		strbuf_addf(&path, "%s/user-dirs.dirs", config);
	else
		strbuf_addf(&path, "%s/.config/user-dirs.dirs", home);
	if (!fs_read(&text, path.buf, 1 << 16, &ignored))
		return false;
	for (const char *line = text.buf; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		found = take_download_line(out, line, home) || found;
	}
	return found;
}

bool dirs_downloads(struct strbuf *out, struct err *e)
{
	const char *direct = getenv("XDG_DOWNLOAD_DIR"), *home = getenv("HOME");
	AUTO_STRBUF dir = STRBUF_INIT;

	if (direct && *direct)
		return dirs_expand(out, direct, e);
	if (!home || !*home) {
		err_set(e, "cannot tell where downloads go: HOME is not set");
		return err_hint(e, "set MPFLASH_FIRMWARE=/some/folder");
	}
	if (!read_user_dirs(&dir, home)) {
		strbuf_reset(&dir);
		strbuf_addf(&dir, "%s/Downloads", home);
	}
	return dirs_absolute(out, dir.buf, e);
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
