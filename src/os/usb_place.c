/* SPDX-License-Identifier: MIT
 *
 * Places on USB from sysfs. Elsewhere the files are not there, and nothing is known.
 */
#include "os/usb_place.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/xalloc.h"
#include "os/fs.h"

enum { MAX_TEXT = 512 };

/* How many characters at `s` are a place: digits, '-', digits and dots. 0: none. */
static size_t place_len(const char *s)
{
	size_t bus = strspn(s, "0123456789");
	size_t ports = bus && s[bus] == '-' ? strspn(s + bus + 1, "0123456789.") : 0;

	return ports ? bus + 1 + ports : 0;
}

static bool copy(char *to, size_t room, const char *from, size_t len)
{
	if (len >= room)
		return false;
	memcpy(to, from, len);
	to[len] = '\0';
	return true;
}

static void take_part(const char *part, size_t len, struct usb_place *out)
{
	size_t n = place_len(part);
	const char *dot;

	if (!n || n > len)
		return;
	if (n == len) {
		if (copy(out->path, sizeof(out->path), part, n)) {
			*out->interface = '\0';
			out->interface_number = -1;
		}
	} else if (part[n] == ':' && copy(out->interface, sizeof(out->interface), part, len) &&
		   copy(out->path, sizeof(out->path), part, n)) {
		dot = strrchr(out->interface, '.');
		out->interface_number =
			dot && isdigit((unsigned char)dot[1]) ? (int)strtol(dot + 1, NULL, 10) : -1;
	}
}

bool usb_place_parse(const char *resolved, struct usb_place *out)
{
	*out = (struct usb_place){ .interface_number = -1 };
	for (const char *part = resolved; *part;) {
		size_t len = strcspn(part, "/");

		take_part(part, len, out);
		part += len;
		part += *part == '/';
	}
	return *out->path;
}

bool usb_place_of(const char *sysfs, struct usb_place *out)
{
	AUTO_FREE char *resolved = fs_realpath(sysfs);

	*out = (struct usb_place){ .interface_number = -1 };
	return resolved && usb_place_parse(resolved, out);
}

bool usb_text(struct strbuf *out, const char *place, const char *name)
{
	AUTO_STRBUF path = STRBUF_INIT;
	AUTO_ERR e = ERR_INIT;
	size_t start = out->len;

	strbuf_addf(&path, "/sys/bus/usb/devices/%s/%s", place, name);
	if (!fs_read(out, path.buf, MAX_TEXT, &e)) {
		strbuf_set_len(out, start);
		return false;
	}
	while (out->len > start && out->buf[out->len - 1] == '\n')
		strbuf_set_len(out, out->len - 1);
	return out->len > start;
}

bool usb_is_there(void)
{
	return !fs_is_dir("/sys/class") || fs_is_dir("/sys/bus/usb/devices");
}
