/* SPDX-License-Identifier: MIT
 *
 * What INFO_UF2.TXT says of a bootloader (the uf2 README has its grammar; the SoftDevice line is Adafruit's).
 */
#include "board/volume.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/strbuf.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "os/drives.h"
#include "os/fs.h"
#include "os/openers.h"

enum { MAX_INFO = 64 * 1024, MAX_FIELD = 200 };

static const char *keep(struct arena *a, const char *text, size_t len)
{
	char shown[MAX_FIELD];

	while (len && (*text == ' ' || *text == '\t'))
		text++, len--;
	while (len && strchr(" \t\r", text[len - 1]))
		len--;
	utf8_printable(shown, sizeof(shown), text, len);
	return *shown ? arena_strdup(a, shown) : NULL;
}

/* "Model: x" -> x; `name` has the colon. */
static bool field(const char *line, size_t len, const char *name, struct arena *a, const char **out)
{
	size_t n = strlen(name);

	if (len < n || strncasecmp(line, name, n) != 0)
		return false;
	if (!*out)
		*out = keep(a, line + n, len - n);
	return true;
}

/* "UF2 Bootloader v3.0", "UF2 Bootloader 0.6.1 lib/nrfx ...", "TinyUF2 Bootloader 0.18.1 - ..." */
static void head_line(const char *line, size_t len, struct arena *a, struct volume *v)
{
	const char *word;

	v->bootloader = keep(a, line, len);
	word = v->bootloader ? strstr(v->bootloader, "Bootloader ") : NULL;
	if (word) {
		word += strlen("Bootloader ");
		v->version = keep(a, word, strcspn(word, " "));
	}
}

static void softdevice(struct volume *v, struct arena *a)
{
	const char *middle = v->softdevice ? strstr(v->softdevice, " version ") : NULL;

	if (v->softdevice && strcasecmp(v->softdevice, "not found") == 0)
		v->softdevice = NULL;
	else if (middle)
		v->softdevice = arena_printf(a, "%.*s %s", (int)(middle - v->softdevice),
					     v->softdevice, middle + strlen(" version "));
}

bool volume_parse_info(const char *text, size_t len, struct arena *a, struct volume *v)
{
	const char *end = text + len;

	for (const char *line = text; line < end;) {
		const char *nl = memchr(line, '\n', (size_t)(end - line));
		size_t n = (size_t)((nl ? nl : end) - line);

		if (!field(line, n, "Model:", a, &v->model) &&
		    !field(line, n, "Board-ID:", a, &v->board_id) &&
		    !field(line, n, "SoftDevice:", a, &v->softdevice) &&
		    !field(line, n, "Bootloader:", a, &v->softdevice) &&
		    !field(line, n, "Date:", a, &v->date) && !v->bootloader && line == text)
			head_line(line, n, a, v);
		line = nl ? nl + 1 : end;
	}
	softdevice(v, a);
	return v->board_id || v->model;
}

/* INFO_UF2.TXT in any case: FAT keeps none, FUSE drives and Linux's options differ. */
static bool read_info(int dir, const char *folder, struct strbuf *out)
{
	struct fs_list names = { 0 };
	AUTO_ERR e = ERR_INIT;
	bool found = false;

	if (fs_list_in(&names, dir, folder, &e))
		for (size_t i = 0; !found && i < names.count; i++)
			if (strcasecmp(names.names[i], "INFO_UF2.TXT") == 0)
				found = fs_read_in(out, dir, names.names[i], MAX_INFO, &e);
	fs_list_free(&names);
	return found;
}

bool volume_read_in(int dir, const char *folder, struct arena *a, struct volume *out, struct err *e)
{
	AUTO_STRBUF text = STRBUF_INIT;

	*out = (struct volume){ .mount = arena_strdup(a, folder) };
	if (!read_info(dir, folder, &text) || !volume_parse_info(text.buf, text.len, a, out)) {
		err_set(e, "%s is no UF2 drive: it has no INFO_UF2.TXT that names a board", folder);
		return err_hint(e, "`mpflash list` shows the drives of boards in their bootloader");
	}
	return true;
}

bool volume_read(const char *folder, struct arena *a, struct volume *out, struct err *e)
{
	AUTO_FD dir = -1;

	*out = (struct volume){ 0 };
	if (!fs_is_dir(folder))
		return err_set(e, "%s is no folder", folder);
	dir = fs_open_dir(folder, e);
	return dir >= 0 && volume_read_in(dir, folder, a, out, e);
}

/* Labels that bootloaders give their drives: RPI-RP2, RP2350, FTHR840BOOT, UF2BOOT, XIAO-BOOT. */
static bool is_boot_label(const char *label)
{
	size_t len = label ? strlen(label) : 0;

	return label &&
	       (strcmp(label, "RPI-RP2") == 0 || strcmp(label, "RP2350") == 0 ||
		strstr(label, "UF2") || (len >= 4 && strcasecmp(label + len - 4, "BOOT") == 0));
}

static bool read_drive(const struct drive *d, const struct usb_devices *usb, struct arena *a,
		       struct volume *v)
{
	AUTO_ERR e = ERR_INIT;

	*v = (struct volume){ 0 };
	if (d->mount && !volume_read(d->mount, a, v, &e))
		return false;
	v->device = d->device;
	v->label = d->label;
	v->usb_path = d->usb_path;
	v->read_only = d->read_only;
	if (d->mount) {
		v->denied = !openers_may_open(d->mount);
		return true;
	}
	/* Not mounted: a drive of any kind, unless its label or its device says otherwise. */
	for (size_t i = 0; usb && d->usb_path && i < usb->count; i++)
		if (strcmp(usb->items[i].path, d->usb_path) == 0 &&
		    usb->items[i].things & USB_PICOBOOT)
			return true;
	return is_boot_label(d->label);
}

void volumes_list(const struct usb_devices *usb, struct arena *a, struct volumes *out)
{
	struct drives drives;

	*out = (struct volumes){ 0 };
	drives_list(a, &drives);
	for (size_t i = 0; i < drives.count; i++) {
		struct volume v;

		if (read_drive(&drives.items[i], usb, a, &v))
			vec_push(out, v);
	}
	drives_free(&drives);
}

const char *volume_how_to_mount(const struct volume *v, struct arena *a)
{
	return v->mount || !v->device ? NULL : arena_printf(a, "udisksctl mount -b %s", v->device);
}

void volumes_free(struct volumes *v)
{
	free(v->items);
	*v = (struct volumes){ 0 };
}
