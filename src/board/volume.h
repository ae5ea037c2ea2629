/* SPDX-License-Identifier: MIT
 *
 * Drives of UF2 bootloaders, mounted or waiting to be. What INFO_UF2.TXT says is a device's: it comes out printable.
 */
#ifndef BOARD_VOLUME_H
#define BOARD_VOLUME_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "board/usb.h"

/* Every string lives in the list's arena; NULL: not known. */
struct volume {
	const char *mount;    /* the folder; NULL: not mounted */
	const char *device;   /* "/dev/sdb1"; NULL: the mount does not name one */
	const char *label;    /* "RPI-RP2" */
	const char *usb_path; /* as serial_port.usb_path */
	/* of INFO_UF2.TXT */
	const char *model; /* "Raspberry Pi RP2" */
	const char *
		board_id; /* "RPI-RP2", "SAMD51J19A-Feather-v0": the bootloader's word, no board of MicroPython's */
	const char *bootloader; /* the first line: "UF2 Bootloader v3.0" */
	const char *version;    /* its version: "v3.0" */
	const char *softdevice; /* "S140 6.1.1"; NULL: not said, or not there */
	const char *date;
	bool read_only; /* mounted so: nothing can be copied */
	bool denied;    /* our user may not write there */
};

struct volumes {
	struct volume *items;
	size_t count, cap;
};

/*
 * Mounted volumes with an INFO_UF2.TXT, and drives on USB that are not mounted and whose label, or whose device among `usb`
 * (may be NULL), is a UF2 bootloader's. Network file systems are never touched.
 */
void volumes_list(const struct usb_devices *usb, struct arena *a, struct volumes *out);
void volumes_free(struct volumes *v);

/* One folder that the user named (--volume): an error when no INFO_UF2.TXT is in it. */
bool volume_read(const char *folder, struct arena *a, struct volume *out, struct err *e);
/* The same of a folder that is held (fs_open_dir); `folder` is its path, for messages and for out->mount. */
bool volume_read_in(int dir, const char *folder, struct arena *a, struct volume *out,
		    struct err *e);

/* Parses the text of an INFO_UF2.TXT into `v`; false when it is none. `len` bytes of anything. */
bool volume_parse_info(const char *text, size_t len, struct arena *a, struct volume *v);

/* How to mount it: "udisksctl mount -b /dev/sdb1"; NULL: it is mounted. */
const char *volume_how_to_mount(const struct volume *v, struct arena *a);

#endif
