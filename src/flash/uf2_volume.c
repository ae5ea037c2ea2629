/* SPDX-License-Identifier: MIT
 *
 * Copying to a drive that goes away when it has all.
 */
#include "flash/uf2_volume.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "base/xalloc.h"
#include "image/uf2.h"
#include "os/fs.h"

enum {
	/* What is synced at once: an error is then known to be of these blocks. */
	PIECE = 32 * 1024,
	MAX_CURRENT = 64 << 20,
	FILE_MODE = 0644,
};
static const char file_name[] = "FIRMWARE.UF2";

/* --- open and close ------------------------------------------------------------------------------------------- */

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/* The bootloader's own words, read again from what is held. */
static bool is_as_listed(const struct uf2_drive *d, struct err *e)
{
	const struct volume *v = d->v;
	AUTO_ARENA a = ARENA_INIT;
	AUTO_ERR none = ERR_INIT;
	struct volume now;

	if (!volume_read_in(d->dir, v->mount, &a, &now, &none))
		return err_set(e, "the drive that was at %s went away", v->mount);
	return (same_text(v->bootloader, now.bootloader) && same_text(v->model, now.model) &&
		same_text(v->board_id, now.board_id) && same_text(v->softdevice, now.softdevice)) ||
	       err_set(e, "another drive is at %s now, of %s", v->mount,
		       now.board_id ? now.board_id : now.model);
}

/* Blocks of two files that come at once would be taken for one image. */
static bool take_alone(const struct uf2_drive *d, struct err *e)
{
	if (flock(d->dir, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK)
		return true; /* a file system without locks has none of anybody's */
	err_set(e, "another mpflash uses the drive %s", d->v->mount);
	return err_hint(e, "let it end; `mpflash list` shows the boards then");
}

bool uf2_drive_open(struct uf2_drive *d, const struct volume *v, struct err *e)
{
	*d = (struct uf2_drive){ .v = v, .dir = fs_open_dir(v->mount, e) };
	if (d->dir >= 0 && take_alone(d, e) && is_as_listed(d, e))
		return true;
	uf2_drive_close(d);
	return false;
}

void uf2_drive_close(struct uf2_drive *d)
{
	if (d->dir >= 0)
		close(d->dir);
	d->dir = -1;
}

/* --- copying -------------------------------------------------------------------------------------------------- */

/* How a drive says that it is no longer there: FUSE, the kernel's block layer, FAT on a device that was pulled. */
static bool is_gone(int number)
{
	return number == ENOTCONN || number == ECONNABORTED || number == EIO || number == ENODEV ||
	       number == ENXIO || number == ESHUTDOWN;
}

static bool check_writable(const struct volume *v, size_t size, struct err *e)
{
	uint64_t room = fs_free_bytes(v->mount);

	if (v->read_only) {
		err_set(e, "%s is mounted read-only", v->mount);
		return err_hint(e,
				"unmount it, plug the board in again, and mount it to be written");
	}
	if (v->denied) {
		err_set(e, "no permission to write to %s", v->mount);
		return err_hint(e, "mount it as your user: udisksctl does");
	}
	if (room < size) {
		err_set(e, "%s has %llu KiB free, the file needs %zu KiB", v->mount,
			(unsigned long long)room / 1024, (size + 1023) / 1024);
		return err_hint(e,
				"remove files of yours from it; or the image is too large for it");
	}
	return true;
}

/* 0, or errno. */
static int write_piece(int fd, const uint8_t *data, size_t size)
{
	while (size) {
		ssize_t n = write(fd, data, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno;
		data += n;
		size -= (size_t)n;
	}
	return fdatasync(fd) == 0 ? 0 : errno;
}

static bool copy_failed(const struct volume *v, int number, size_t at, size_t size, struct err *e)
{
	if (!is_gone(number))
		return err_sys(e, number, "cannot write to %s", v->mount);
	return err_set(e, "%s went away after %zu of %zu blocks", v->mount, at / UF2_BLOCK,
		       size / UF2_BLOCK);
}

/* The last block alone: an error with it is the board's restart, and with any other one is none. */
static size_t piece_at(size_t at, size_t size)
{
	size_t left = size - at;

	if (left == UF2_BLOCK)
		return left;
	return left - UF2_BLOCK < PIECE ? left - UF2_BLOCK : PIECE;
}

static bool copy_to(int fd, const struct volume *v, const uint8_t *data, size_t size,
		    void (*done)(void *ctx, size_t bytes), void *ctx, bool *went, struct err *e)
{
	for (size_t at = 0, n; at < size; at += n) {
		int number;

		n = piece_at(at, size);
		number = write_piece(fd, data + at, n);
		*went = number && is_gone(number) && at + n == size;
		if (number && !*went)
			return copy_failed(v, number, at, size, e);
		if (done)
			done(ctx, at + n);
	}
	return true;
}

bool uf2_drive_copy(const struct uf2_drive *d, const uint8_t *data, size_t size,
		    void (*done)(void *ctx, size_t bytes), void *ctx, bool *went, struct err *e)
{
	int fd;
	bool ok;

	*went = false;
	if (!size || size % UF2_BLOCK)
		BUG("a UF2 file of %zu bytes", size);
	if (!check_writable(d->v, size, e))
		return false;
	fd = openat(d->dir, file_name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, FILE_MODE);
	if (fd < 0 && is_gone(errno))
		return err_set(e, "the drive that was at %s went away", d->v->mount);
	if (fd < 0)
		return err_sys(e, errno, "cannot write %s/%s", d->v->mount, file_name);
	ok = copy_to(fd, d->v, data, size, done, ctx, went, e);
	/* Nothing is in a buffer any more, so what close says is the restart's, or has been told. */
	close(fd);
	return ok;
}

/* --- what it holds ------------------------------------------------------------------------------------------------ */

bool uf2_drive_current(const struct uf2_drive *d, struct image *out, bool *shown, struct err *e)
{
	AUTO_STRBUF name = STRBUF_INIT;
	AUTO_STRBUF bytes = STRBUF_INIT;
	static const struct image_options none = { 0 };
	struct image whole = IMAGE_INIT;
	struct fs_list names = { 0 };
	bool ok;

	*shown = false;
	if (!fs_list_in(&names, d->dir, d->v->mount, e))
		return false;
	for (size_t i = 0; i < names.count; i++)
		if (!name.len && strcasecmp(names.names[i], "CURRENT.UF2") == 0)
			strbuf_adds(&name, names.names[i]);
	fs_list_free(&names);
	if (!name.len)
		return true;
	*shown = true;
	if (!fs_read_in(&bytes, d->dir, name.buf, MAX_CURRENT, e))
		return false;
	ok = image_format_by_name("uf2")->read(&whole, (const uint8_t *)bytes.buf, bytes.len, &none,
					       e);
	/* the bytes do not outlive this function */
	for (size_t i = 0; ok && i < whole.count; i++)
		ok = image_add(out, whole.segments[i].address, whole.segments[i].data,
			       whole.segments[i].size, true, e);
	image_free(&whole);
	return ok || err_wrap(e, "%s/%s", d->v->mount, name.buf);
}

bool uf2_volume_start(const struct volume *v, uint32_t *start)
{
	/* Adafruit's bootloader and the linker scripts of ports/nrf; Nordic's release notes of the SoftDevices */
	static const struct {
		const char *name;
		uint32_t start;
	} known[] = {
		{ "S110 8.", 0x18000 }, { "S132 6.", 0x26000 }, { "S132 7.", 0x26000 },
		{ "S140 6.", 0x26000 }, { "S140 7.", 0x27000 },
	};

	for (size_t i = 0; v->softdevice && i < ARRAY_SIZE(known); i++)
		if (strncasecmp(v->softdevice, known[i].name, strlen(known[i].name)) == 0) {
			*start = known[i].start;
			return true;
		}
	return false;
}
