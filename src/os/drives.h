/* SPDX-License-Identifier: MIT
 *
 * Drives: what is mounted where, and which drives on USB are there whether they are mounted or not.
 */
#ifndef OS_DRIVES_H
#define OS_DRIVES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

/* Strings live in the arena. */
struct drive {
	const char *device;   /* "/dev/sdb1"; NULL: the mount names no device */
	const char *mount;    /* NULL: not mounted */
	const char *label;    /* NULL: none, or not known */
	const char *usb_path; /* "1-4.2"; NULL: not on USB, or not known */
	const char *model;    /* what a mass-storage device calls itself: "RPI RP2"; NULL */
	bool read_only;
};

struct drives {
	struct drive *items;
	size_t count, cap;
};

/*
 * Mounts of file systems that a board's drive can have (FAT, or a FUSE drive of a device; never a network's), and the
 * partitions, or disks without any, on USB.
 */
void drives_list(struct arena *a, struct drives *out);
void drives_free(struct drives *d);

/* One line of /proc/self/mountinfo; false when it is not wanted. For tests too. */
bool drives_parse_mount(const char *line, struct arena *a, struct drive *out);

#endif
