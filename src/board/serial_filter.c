/* SPDX-License-Identifier: MIT
 *
 * Which serial ports the user means. A port named exactly is taken whatever else was said: the Python tool, with
 * MPFLASH_IGNORE set, took such a name for "this one and all others".
 */
#include <ctype.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "base/xalloc.h"
#include "board/serial_port.h"
#include "os/fs.h"

enum { MAX_LINKS = 8 };

static bool is_glob(const char *word)
{
	return strpbrk(word, "*?[") != NULL;
}

/* "ttyACM0" is /dev/ttyACM0, and /dev/serial/by-id/... leads to the port that it names. */
static bool leads_to(const char *word, const char *path)
{
	AUTO_FREE char *at = xstrdup(word);

	if (!strchr(word, '/'))
		return strcmp(word, path_base(path)) == 0;
	for (int i = 0; at && i < MAX_LINKS; i++) {
		char *next;

		if (strcmp(at, path) == 0)
			return true;
		next = fs_link_target(at);
		free(at);
		at = next;
	}
	return false;
}

/* A port or a glob of ports; without a folder it is about the port's name. */
static bool fits(const char *word, const char *path)
{
	return is_glob(word)
		       ? fnmatch(word, path, 0) == 0 ||
				 (!strchr(word, '/') && fnmatch(word, path_base(path), 0) == 0)
		       : leads_to(word, path);
}

static bool any_fits(const char *const *words, const char *path)
{
	for (size_t i = 0; words && words[i]; i++)
		if (fits(words[i], path))
			return true;
	return false;
}

static bool is_named(const struct serial_filter *f, const char *path)
{
	for (size_t i = 0; f->serial && f->serial[i]; i++)
		if (!is_glob(f->serial[i]) && leads_to(f->serial[i], path))
			return true;
	return false;
}

/* MPFLASH_IGNORE: ports and globs with spaces between. */
static bool environment_ignores(const char *path)
{
	const char *p = getenv("MPFLASH_IGNORE");

	while (p && *p) {
		size_t len = strcspn(p, " \t\n");
		AUTO_FREE char *word = xstrndup(p, len);

		if (len && fits(word, path))
			return true;
		p += len + strspn(p + len, " \t\n");
	}
	return false;
}

bool serial_filter_is_narrow(const struct serial_filter *f)
{
	for (size_t i = 0; f->serial && f->serial[i]; i++)
		if (strcmp(f->serial[i], "*") == 0)
			return false;
	return f->serial && f->serial[0];
}

bool serial_filter_takes(const struct serial_filter *f, const char *path, bool has_location,
			 bool *named)
{
	bool exact = is_named(f, path);

	if (named)
		*named = exact;
	if (exact)
		return true;
	if (!has_location || any_fits(f->ignore, path) ||
	    (!f->no_environment && environment_ignores(path)))
		return false;
	return !serial_filter_is_narrow(f) || any_fits(f->serial, path);
}

int serial_path_compare(const char *a, const char *b)
{
	while (*a && *b) {
		if (isdigit((unsigned char)*a) && isdigit((unsigned char)*b)) {
			size_t x, y;
			int order;

			a += strspn(a, "0");
			b += strspn(b, "0");
			x = strspn(a, "0123456789");
			y = strspn(b, "0123456789");
			order = x != y ? (x < y ? -1 : 1) : strncmp(a, b, x);
			if (order)
				return order;
			a += x;
			b += y;
			continue;
		}
		if (*a != *b)
			return (unsigned char)*a < (unsigned char)*b ? -1 : 1;
		a++;
		b++;
	}
	return (*a != '\0') - (*b != '\0');
}
