/* SPDX-License-Identifier: MIT
 *
 * Files and folders: whole-file reads, memory maps, atomic writes, trees. Paths are UTF-8 bytes as the
 * kernel takes them. Every failure names the path and the system's reason.
 */
#ifndef OS_FS_H
#define OS_FS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/strbuf.h"

/* A file mapped for reading; data is "" (not NULL) for an empty file. */
struct fs_map {
	const uint8_t *data;
	size_t size;
};
bool fs_map(struct fs_map *m, const char *path, struct err *e);
void fs_unmap(struct fs_map *m); /* takes a zeroed one too */

/* Appends the whole file; a file of more than `max` bytes is an error. */
bool fs_read(struct strbuf *out, const char *path, size_t max, struct err *e);

/*
 * Writes temp + fsync + rename: readers see the old file or the whole new one. `mode` is the permission
 * bits of a new file. Parent folders must exist.
 */
bool fs_write_atomic(const char *path, const void *data, size_t len, unsigned mode, struct err *e);

/* What the kernel says of a path, a link itself not being followed. Times in ns since 1970. */
enum fs_type { FS_FILE, FS_DIR, FS_LINK, FS_OTHER };
struct fs_stat {
	uint64_t dev, ino, size;
	int64_t mtime_ns, ctime_ns;
	uint32_t mode;
	enum fs_type type;
};
bool fs_lstat(const char *path, struct fs_stat *st); /* false: errno says why */

bool fs_exists(const char *path);
bool fs_is_dir(const char *path);
bool fs_mkdirs(const char *path, struct err *e);      /* like mkdir -p */
bool fs_remove_tree(const char *path, struct err *e); /* like rm -rf; does not follow links */

/*
 * Gives `to` the content of `from`: a reflink where the file system has them, else a copy, through a
 * temporary file and a rename. Never a hard link, so that editing one leaves the other alone.
 */
bool fs_clone(const char *from, const char *to, unsigned mode, struct err *e);

/*
 * The same two without waiting for the disk (1.8 ms a file): after a loss of power the file may be empty or old. For what
 * is checked when it is read, and can be had again.
 */
bool fs_write_lazy(const char *path, const void *data, size_t len, unsigned mode, struct err *e);
bool fs_clone_lazy(const char *from, const char *to, unsigned mode, struct err *e);

/* The permissions for a file of the user's that is written as a whole: those that it has, else what the umask leaves. */
unsigned fs_user_mode(const char *path);

/*
 * A file in the making, beside its place ("NAME.tmpPID.XXXXXX", opened for writing): fs_temp_end gives it its name, synced,
 * or removes it when not `ok`. A killed process leaves it behind: fs_is_temp tells such a name, and fs_remove_dead_temps
 * removes from a folder those whose process is gone (what cannot be removed stays).
 */
struct fs_temp {
	int fd;
	struct strbuf name;
};
bool fs_temp_begin(struct fs_temp *t, const char *path, struct err *e);
bool fs_temp_end(struct fs_temp *t, const char *path, unsigned mode, bool ok, struct err *e);
bool fs_is_temp(const char *name);
void fs_remove_dead_temps(const char *dir);

/* A new folder beside `path` ("PATH.tmpPID.XXXXXX"), for the owner alone; its name is appended. */
bool fs_temp_dir(struct strbuf *out, const char *path, struct err *e);

bool fs_rename(const char *from, const char *to, struct err *e);
void fs_touch(const char *path); /* its mtime is now; no error when it cannot be set */
/* All that was written to the file system of `path` is on the disk: one wait for many files. */
bool fs_sync(const char *path, struct err *e);

/* Bytes that the file system of a path has left for us; UINT64_MAX when it does not say. */
uint64_t fs_free_bytes(const char *path);

/* The names in a folder, sorted by bytes, without "." and "..". Free with fs_list_free. */
struct fs_list {
	char **names;
	enum fs_type *types; /* of the entry itself; a link is FS_LINK */
	size_t count, cap;
};
bool fs_list(struct fs_list *l, const char *path, struct err *e);
void fs_list_free(struct fs_list *l);

/*
 * A folder that is held: what is done in it is done in this very one, whatever is found at its path meanwhile (another drive, or
 * none). -1 with an error; the caller closes it. `path` of fs_list_in is for messages.
 */
int fs_open_dir(const char *path, struct err *e);
bool fs_list_in(struct fs_list *l, int dir, const char *path, struct err *e);
bool fs_read_in(struct strbuf *out, int dir, const char *name, size_t max, struct err *e);

/* The text of a link, appended to out. */
bool fs_read_link(const char *path, struct strbuf *out, struct err *e);

/*
 * Where a link leads, one step, as an absolute path without "..": "/dev/ttyACM0" for "/dev/serial/by-id/x". Owned by the
 * caller; NULL when it is no link.
 */
char *fs_link_target(const char *path);

/* A new link at `path` that leads to `text`; it is an error when something is there. */
bool fs_make_link(const char *text, const char *path, struct err *e);

/* Absolute path with links resolved; owned by the caller; NULL when it does not exist. */
char *fs_realpath(const char *path);

void fs_cleanup_fd(int *fd);
#define AUTO_FD __attribute__((cleanup(fs_cleanup_fd))) int

#endif
