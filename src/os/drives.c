/* SPDX-License-Identifier: MIT
 *
 * Drives from /proc/self/mountinfo, sysfs and the labels that udev knows.
 */
#include "os/drives.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#ifdef __APPLE__
#include <sys/mount.h>
#endif

#include "base/err.h"
#include "base/path.h"
#include "base/strbuf.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "os/fs.h"
#include "os/usb_place.h"

enum { MAX_MOUNTS = 4 * 1024 * 1024, MAX_ATTRIBUTE = 256 };

/* A board's drive is FAT; `source` tells a device's FUSE file system from sshfs and its like. */
static bool is_wanted(const char *type, const char *source)
{
	static const char *const types[] = { "vfat", "msdos", "exfat", "fuseblk" };

	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (strcmp(type, types[i]) == 0)
			return true;
	return strncmp(type, "fuse", 4) == 0 && strncmp(source, "/dev/", 5) == 0;
}

/* Undoes the kernel's \040, and udev's \x20. */
static char *unescaped(const char *text, size_t len, struct arena *a)
{
	char *out = arena_strndup(a, text, len), *to = out;

	for (const char *p = out; *p;) {
		if (p[0] == '\\' && p[1] == 'x' && isxdigit((unsigned char)p[2]) &&
		    isxdigit((unsigned char)p[3])) {
			*to++ = (char)strtol((const char[]){ p[2], p[3], '\0' }, NULL, 16);
			p += 4;
		} else if (p[0] == '\\' && p[1] >= '0' && p[1] <= '3' && p[2] >= '0' &&
			   p[2] <= '7' && p[3] >= '0' && p[3] <= '7') {
			*to++ = (char)((p[1] - '0') * 64 + (p[2] - '0') * 8 + (p[3] - '0'));
			p += 4;
		} else {
			*to++ = *p++;
		}
	}
	*to = '\0';
	return out;
}

/* The next word of a line; moves *p behind it. NULL: no more. */
static char *word(const char **p, struct arena *a)
{
	size_t len;

	*p += strspn(*p, " ");
	len = strcspn(*p, " ");
	*p += len;
	return len ? unescaped(*p - len, len, a) : NULL;
}

/* "36 35 8:17 / /media/x rw,nosuid shared:1 - vfat /dev/sdb1 rw" (proc_pid_mountinfo(5)) */
bool drives_parse_mount(const char *line, struct arena *a, struct drive *out)
{
	const char *p = line;
	char *fields[6], *type, *source;

	for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
		if (!(fields[i] = word(&p, a)))
			return false;
	p = strstr(p, " - ");
	if (!p)
		return false;
	p += 3;
	type = word(&p, a);
	source = type ? word(&p, a) : NULL;
	if (!source || !is_wanted(type, source))
		return false;
	*out = (struct drive){ .mount = fields[4] };
	if (strncmp(source, "/dev/", 5) == 0)
		out->device = source;
	out->read_only = strncmp(fields[5], "ro", 2) == 0 && (!fields[5][2] || fields[5][2] == ',');
	return true;
}

#ifdef __APPLE__
static void list_mounts(struct arena *a, struct drives *out)
{
	struct statfs *all;
	int count = getmntinfo(&all, MNT_NOWAIT);

	for (int i = 0; i < count; i++) {
		struct drive d = { .device = arena_strdup(a, all[i].f_mntfromname),
				   .mount = arena_strdup(a, all[i].f_mntonname),
				   .label = arena_strdup(a, path_base(all[i].f_mntonname)),
				   .read_only = all[i].f_flags & MNT_RDONLY };

		if (strcmp(all[i].f_fstypename, "msdos") == 0)
			vec_push(out, d);
	}
}
#else
static void list_mounts(struct arena *a, struct drives *out)
{
	AUTO_STRBUF text = STRBUF_INIT;
	AUTO_ERR e = ERR_INIT;
	struct drive d;

	if (!fs_read(&text, "/proc/self/mountinfo", MAX_MOUNTS, &e))
		return;
	for (char *line = text.buf, *nl; (nl = strchr(line, '\n')); line = nl + 1) {
		*nl = '\0';
		if (drives_parse_mount(line, a, &d))
			vec_push(out, d);
	}
}
#endif

/* A disk with partitions is none; each partition is. */
static bool has_partitions(struct arena *a, const char *sysfs)
{
	struct fs_list names = { 0 };
	AUTO_ERR e = ERR_INIT;
	bool found = false;

	if (fs_list(&names, sysfs, &e))
		for (size_t i = 0; !found && i < names.count; i++)
			found = fs_exists(
				path_join(a, path_join(a, sysfs, names.names[i]), "partition"));
	fs_list_free(&names);
	return found;
}

/* The text of a sysfs attribute, printable and without the blanks that SCSI pads with; NULL: none. */
static const char *attribute(struct arena *a, const char *dir, const char *name)
{
	AUTO_STRBUF text = STRBUF_INIT;
	AUTO_ERR e = ERR_INIT;
	char shown[MAX_ATTRIBUTE];

	if (!fs_read(&text, path_join(a, dir, name), MAX_ATTRIBUTE, &e))
		return NULL;
	while (text.len && strchr(" \n", text.buf[text.len - 1]))
		strbuf_set_len(&text, text.len - 1);
	utf8_printable(shown, sizeof(shown), text.buf, text.len);
	return *shown ? arena_strdup(a, shown) : NULL;
}

static struct drive *drive_of(const struct drives *list, const char *device)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->items[i].device && strcmp(list->items[i].device, device) == 0)
			return &list->items[i];
	return NULL;
}

static void add_block(struct arena *a, const char *name, struct drives *out)
{
	const char *link = path_join(a, "/sys/class/block", name);
	AUTO_FREE char *sysfs = fs_realpath(link);
	struct usb_place place;
	struct drive d = { .device = path_join(a, "/dev", name) };
	struct drive *known;

	if (!sysfs || !usb_place_parse(sysfs, &place) || has_partitions(a, sysfs))
		return;
	d.usb_path = arena_strdup(a, place.path);
	/* a partition's disk is above it */
	d.model = attribute(a, sysfs, "device/model");
	if (!d.model)
		d.model = attribute(a, path_join(a, sysfs, ".."), "device/model");
	known = drive_of(out, d.device);
	if (known) {
		known->usb_path = d.usb_path;
		known->model = d.model;
	} else {
		vec_push(out, d);
	}
}

static void list_blocks(struct arena *a, struct drives *out)
{
	struct fs_list names = { 0 };
	AUTO_ERR e = ERR_INIT;

	if (fs_is_dir("/sys/class/block") && fs_list(&names, "/sys/class/block", &e))
		for (size_t i = 0; i < names.count; i++)
			add_block(a, names.names[i], out);
	fs_list_free(&names);
}

static void add_labels(struct arena *a, struct drives *out)
{
	static const char dir[] = "/dev/disk/by-label";
	struct fs_list names = { 0 };
	AUTO_ERR e = ERR_INIT;

	if (fs_is_dir(dir) && fs_list(&names, dir, &e))
		for (size_t i = 0; i < names.count; i++) {
			AUTO_FREE char *device = fs_link_target(path_join(a, dir, names.names[i]));
			struct drive *d = device ? drive_of(out, device) : NULL;
			char shown[MAX_ATTRIBUTE];
			const char *label = unescaped(names.names[i], strlen(names.names[i]), a);

			utf8_printable(shown, sizeof(shown), label, strlen(label));
			if (d)
				d->label = arena_strdup(a, shown);
		}
	fs_list_free(&names);
}

void drives_list(struct arena *a, struct drives *out)
{
	*out = (struct drives){ 0 };
	list_mounts(a, out);
	list_blocks(a, out);
	add_labels(a, out);
}

void drives_free(struct drives *d)
{
	free(d->items);
	*d = (struct drives){ 0 };
}
