/* SPDX-License-Identifier: MIT
 *
 * A UF2 bootloader's drive, as a folder: blocks are copied to it, and some show what the flash holds. The file system is the
 * bootloader's invention: it looks at blocks as they come and restarts the board behind the last one.
 */
#ifndef FLASH_UF2_VOLUME_H
#define FLASH_UF2_VOLUME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "board/volume.h"
#include "image/image.h"

/*
 * A drive that is held: what is read and written is this very one's, though another may be mounted there meanwhile, or the
 * folder be left without any.
 */
struct uf2_drive {
	const struct volume *v;
	int dir; /* -1: not open */
};
#define UF2_DRIVE_INIT    \
	{                 \
		.dir = -1 \
	}

/*
 * `v` is as it was listed and must outlive the drive: an error when it is another one by now (by INFO_UF2.TXT), or none, or when
 * another mpflash has it.
 */
bool uf2_drive_open(struct uf2_drive *d, const struct volume *v, struct err *e);
/* Takes one that is not open. To be called before the drive is waited for to go: a folder that is held stays mounted. */
void uf2_drive_close(struct uf2_drive *d);

/*
 * Copies `size` bytes (whole blocks) as a file, in place, without a temporary one (nRF bootloaders take no rename). *went: the
 * drive was gone when the last block was; all before it had arrived, so that is no error. `done` is told the bytes
 * that have arrived (NULL: nobody listens). What is known to fail (read-only, denied, no space) is an error before the first
 * block.
 */
bool uf2_drive_copy(const struct uf2_drive *d, const uint8_t *data, size_t size,
		    void (*done)(void *ctx, size_t bytes), void *ctx, bool *went, struct err *e);

/*
 * What the flash holds, by CURRENT.UF2. *shown: false (and true is returned) when the drive has no such file. `out` is
 * IMAGE_INIT.
 */
bool uf2_drive_current(const struct uf2_drive *d, struct image *out, bool *shown, struct err *e);

/* Where a board's firmware starts, by the SoftDevice that INFO_UF2.TXT tells; false: none is told, or it is not known. */
bool uf2_volume_start(const struct volume *v, uint32_t *start);

#endif
