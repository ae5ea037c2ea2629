/* SPDX-License-Identifier: MIT
 *
 * Files and folders over POSIX, with Linux's reflinks where the file system has them.
 */
#include "os/fs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>
#ifdef __linux__
#include <linux/fs.h>
#include <sys/ioctl.h>
#endif

#include "base/path.h"
#include "base/xalloc.h"

void fs_cleanup_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

bool fs_map(struct fs_map *m, const char *path, struct err *e)
{
	/* Not to wait for the writer of a named pipe; it makes no difference to files. */
	AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	void *p;

	*m = (struct fs_map){ (const uint8_t *)"", 0 };
	if (fd < 0 || fstat(fd, &st) < 0)
		return err_sys(e, errno, "cannot read %s", path);
	if (!S_ISREG(st.st_mode))
		return err_set(e, "cannot read %s: not a file", path);
	if (!st.st_size)
		return true;
	p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED)
		return err_sys(e, errno, "cannot map %s", path);
	*m = (struct fs_map){ p, (size_t)st.st_size };
	return true;
}

void fs_unmap(struct fs_map *m)
{
	if (m->size)
		munmap((void *)(uintptr_t)m->data, m->size);
	*m = (struct fs_map){ 0 };
}

/* `path` is for messages. */
static bool read_all(struct strbuf *out, int fd, const char *path, size_t max, struct err *e)
{
	size_t start = out->len;
	ssize_t n;

	if (fd < 0)
		return err_sys(e, errno, "cannot read %s", path);
	do {
		strbuf_reserve(out, 64 * 1024);
		n = read(fd, out->buf + out->len, 64 * 1024);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(e, errno, "cannot read %s", path);
		out->len += (size_t)n;
		out->buf[out->len] = '\0';
		if (out->len - start > max)
			return err_set(e, "%s is larger than %zu bytes", path, max);
	} while (n);
	return true;
}

bool fs_read(struct strbuf *out, const char *path, size_t max, struct err *e)
{
	AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC);

	return read_all(out, fd, path, max, e);
}

bool fs_read_in(struct strbuf *out, int dir, const char *name, size_t max, struct err *e)
{
	AUTO_FD fd = openat(dir, name, O_RDONLY | O_CLOEXEC);

	return read_all(out, fd, name, max, e);
}

static bool write_all(int fd, const char *data, size_t len)
{
	while (len) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		data += n;
		len -= (size_t)n;
	}
	return true;
}

/* A new file beside `path`, so that the rename stays on one file system. */
static int temp_beside(const char *path, struct strbuf *temp, struct err *e)
{
	int fd;

	strbuf_addf(temp, "%s.tmp%ld.XXXXXX", path, (long)getpid());
	fd = mkostemp(temp->buf, O_CLOEXEC);
	if (fd < 0)
		err_sys(e, errno, "cannot write %s", path);
	return fd;
}

/* Gives a finished temporary file its name, or removes it. */
static bool temp_publish(int fd, const char *temp, const char *path, unsigned mode, bool sync,
			 bool ok, struct err *e)
{
	int saved = errno;

	if (ok && (fchmod(fd, mode) < 0 || (sync && fsync(fd) < 0))) {
		saved = errno;
		ok = false;
	}
	if (close(fd) < 0 && ok) {
		saved = errno;
		ok = false;
	}
	if (ok && rename(temp, path) == 0)
		return true;
	if (ok)
		saved = errno;
	unlink(temp);
	return err_sys(e, saved, "cannot write %s", path);
}

static bool write_file(const char *path, const void *data, size_t len, unsigned mode, bool sync,
		       struct err *e)
{
	AUTO_STRBUF temp = STRBUF_INIT;
	int fd = temp_beside(path, &temp, e);

	if (fd < 0)
		return false;
	return temp_publish(fd, temp.buf, path, mode, sync, write_all(fd, data, len), e);
}

bool fs_write_atomic(const char *path, const void *data, size_t len, unsigned mode, struct err *e)
{
	return write_file(path, data, len, mode, true, e);
}

bool fs_write_lazy(const char *path, const void *data, size_t len, unsigned mode, struct err *e)
{
	return write_file(path, data, len, mode, false, e);
}

unsigned fs_user_mode(const char *path)
{
	struct stat st;
	mode_t mask;

	if (stat(path, &st) == 0)
		return st.st_mode & 0777;
	mask = umask(0); /* it cannot be asked for otherwise */
	umask(mask);
	return 0666 & ~mask;
}

bool fs_temp_begin(struct fs_temp *t, const char *path, struct err *e)
{
	t->name = (struct strbuf)STRBUF_INIT;
	t->fd = temp_beside(path, &t->name, e);
	if (t->fd < 0)
		strbuf_free(&t->name);
	return t->fd >= 0;
}

bool fs_temp_end(struct fs_temp *t, const char *path, unsigned mode, bool ok, struct err *e)
{
	if (ok) {
		ok = temp_publish(t->fd, t->name.buf, path, mode, true, true, e);
	} else {
		close(t->fd);
		unlink(t->name.buf);
	}
	strbuf_free(&t->name);
	t->fd = -1;
	return ok;
}

/* The process in "NAME.tmpPID.XXXXXX"; 0: it is no such name. */
static pid_t temp_owner(const char *name)
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
	const char *last = strrchr(name, '.'), *digits = last;
	long pid;

	if (!last || strlen(last + 1) != 6 || strspn(last + 1, letters) != 6)
		return 0;
	while (digits > name && digits[-1] >= '0' && digits[-1] <= '9')
		digits--;
	if (digits == last || last - digits > 9 || digits - name < 5 ||
	    memcmp(digits - 4, ".tmp", 4) != 0)
		return 0;
	pid = strtol(digits, NULL, 10);
	return (pid_t)pid;
}

bool fs_is_temp(const char *name)
{
	return temp_owner(name) > 0;
}

void fs_remove_dead_temps(const char *dir)
{
	AUTO_ERR ignored = ERR_INIT;
	AUTO_STRBUF path = STRBUF_INIT;
	struct fs_list list;

	if (!fs_list(&list, dir, &ignored))
		return;
	for (size_t i = 0; i < list.count; i++) {
		pid_t owner = temp_owner(list.names[i]);

		if (owner <= 0 || list.types[i] != FS_FILE || kill(owner, 0) == 0 || errno != ESRCH)
			continue;
		strbuf_reset(&path);
		strbuf_addf(&path, "%s/%s", dir, list.names[i]);
		unlink(path.buf);
	}
	fs_list_free(&list);
}

bool fs_temp_dir(struct strbuf *out, const char *path, struct err *e)
{
	strbuf_addf(out, "%s.tmp%ld.XXXXXX", path, (long)getpid());
	if (!mkdtemp(out->buf))
		return err_sys(e, errno, "cannot make a folder beside %s", path);
	return true;
}

bool fs_rename(const char *from, const char *to, struct err *e)
{
	if (rename(from, to) < 0)
		return err_sys(e, errno, "cannot rename %s to %s", from, to);
	return true;
}

void fs_touch(const char *path)
{
	utimensat(AT_FDCWD, path, NULL, AT_SYMLINK_NOFOLLOW);
}

bool fs_sync(const char *path, struct err *e)
{
#ifdef __linux__
	AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || syncfs(fd) < 0)
		return err_sys(e, errno, "cannot write to the file system of %s", path);
#else
	(void)path;
	(void)e;
	sync();
#endif
	return true;
}

static bool copy_content(int in, int out)
{
	static const size_t chunk = 1 << 20;
	AUTO_FREE char *buf = NULL;
	ssize_t n;

#ifdef FICLONE
	if (ioctl(out, FICLONE, in) == 0)
		return true;
#endif
	buf = xmalloc(chunk);
	while ((n = read(in, buf, chunk)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 || !write_all(out, buf, (size_t)n))
			return false;
	}
	return true;
}

static bool clone_file(const char *from, const char *to, unsigned mode, bool sync, struct err *e)
{
	AUTO_STRBUF temp = STRBUF_INIT;
	AUTO_FD in = open(from, O_RDONLY | O_CLOEXEC);
	int out;

	if (in < 0)
		return err_sys(e, errno, "cannot read %s", from);
	out = temp_beside(to, &temp, e);
	if (out < 0)
		return false;
	return temp_publish(out, temp.buf, to, mode, sync, copy_content(in, out), e);
}

bool fs_clone(const char *from, const char *to, unsigned mode, struct err *e)
{
	return clone_file(from, to, mode, true, e);
}

bool fs_clone_lazy(const char *from, const char *to, unsigned mode, struct err *e)
{
	return clone_file(from, to, mode, false, e);
}

static enum fs_type type_of_mode(mode_t mode)
{
	if (S_ISREG(mode))
		return FS_FILE;
	if (S_ISDIR(mode))
		return FS_DIR;
	return S_ISLNK(mode) ? FS_LINK : FS_OTHER;
}

bool fs_lstat(const char *path, struct fs_stat *st)
{
	struct stat s;

	if (lstat(path, &s) < 0)
		return false;
#ifdef __APPLE__
	const struct timespec m = s.st_mtimespec, c = s.st_ctimespec;
#else
	const struct timespec m = s.st_mtim, c = s.st_ctim;
#endif
	*st = (struct fs_stat){
		.dev = (uint64_t)s.st_dev,
		.ino = (uint64_t)s.st_ino,
		.size = (uint64_t)s.st_size,
		.mtime_ns = (int64_t)m.tv_sec * 1000000000 + m.tv_nsec,
		.ctime_ns = (int64_t)c.tv_sec * 1000000000 + c.tv_nsec,
		.mode = (uint32_t)s.st_mode,
		.type = type_of_mode(s.st_mode),
	};
	return true;
}

bool fs_exists(const char *path)
{
	return access(path, F_OK) == 0;
}

bool fs_is_dir(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

bool fs_mkdirs(const char *path, struct err *e)
{
	AUTO_FREE char *p = xstrdup(path);

	for (char *slash = p + 1; *p; slash++) {
		char was = *slash;

		if (was != '/' && was != '\0')
			continue;
		*slash = '\0';
		if (mkdir(p, 0777) < 0 && errno != EEXIST)
			return err_sys(e, errno, "cannot make the folder %s", p);
		*slash = was;
		if (!was)
			break;
	}
	if (!fs_is_dir(path))
		return err_set(e, "cannot make the folder %s: a file has that name", path);
	return true;
}

static bool remove_at(int dirfd, const char *name, int depth);

static bool remove_below(int dirfd, const char *name, int depth)
{
	int fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *d;
	bool ok = true;

	if (!dir) {
		fs_cleanup_fd(&fd);
		return errno == ENOENT; /* somebody else removed it: what was wanted is done */
	}
	while (ok && (d = readdir(dir)))
		if (strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0)
			ok = remove_at(fd, d->d_name, depth + 1);
	closedir(dir);
	return ok && (unlinkat(dirfd, name, AT_REMOVEDIR) == 0 || errno == ENOENT);
}

static bool remove_at(int dirfd, const char *name, int depth)
{
	if (unlinkat(dirfd, name, 0) == 0 || errno == ENOENT)
		return true;
	if (errno != EISDIR && errno != EPERM && errno != EACCES)
		return false;
	if (depth > 200) {
		errno = ELOOP;
		return false;
	}
	return remove_below(dirfd, name, depth);
}

bool fs_remove_tree(const char *path, struct err *e)
{
	if (!remove_at(AT_FDCWD, path, 0))
		return err_sys(e, errno, "cannot remove %s", path);
	return true;
}

static int compare_entries(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static enum fs_type type_of_dirent(int dirfd, const struct dirent *d)
{
	struct stat st;

	switch (d->d_type) {
	case DT_REG:
		return FS_FILE;
	case DT_DIR:
		return FS_DIR;
	case DT_LNK:
		return FS_LINK;
	case DT_UNKNOWN: /* some file systems do not say */
		if (fstatat(dirfd, d->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0)
			return type_of_mode(st.st_mode);
		return FS_OTHER;
	default:
		return FS_OTHER;
	}
}

static void list_add(struct fs_list *l, enum fs_type type, const char *name)
{
	if (l->count == l->cap) {
		l->cap = l->cap ? l->cap * 2 : 32;
		l->names = xrealloc(l->names, l->cap * sizeof(*l->names));
		l->types = xrealloc(l->types, l->cap * sizeof(*l->types));
	}
	l->names[l->count] = xstrdup(name);
	l->types[l->count++] = type;
}

static void list_sort(struct fs_list *l)
{
	struct pair {
		char *name;
		enum fs_type type;
	} *pairs = xmalloc(l->count * sizeof(*pairs));

	for (size_t i = 0; i < l->count; i++)
		pairs[i] = (struct pair){ l->names[i], l->types[i] };
	qsort(pairs, l->count, sizeof(*pairs), compare_entries);
	for (size_t i = 0; i < l->count; i++) {
		l->names[i] = pairs[i].name;
		l->types[i] = pairs[i].type;
	}
	free(pairs);
}

uint64_t fs_free_bytes(const char *path)
{
	struct statvfs v;

	/* one without any blocks does not count them */
	return statvfs(path, &v) == 0 && v.f_blocks ? (uint64_t)v.f_bavail * v.f_frsize
						    : UINT64_MAX;
}

/* `dir` is closed; `path` is for messages. */
static bool list_all(struct fs_list *l, DIR *dir, const char *path, struct err *e)
{
	struct dirent *d;

	*l = (struct fs_list){ 0 };
	if (!dir)
		return err_sys(e, errno, "cannot list %s", path);
	while ((errno = 0, d = readdir(dir)))
		if (strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0)
			list_add(l, type_of_dirent(dirfd(dir), d), d->d_name);
	if (errno) {
		int number = errno;

		closedir(dir);
		fs_list_free(l);
		return err_sys(e, number, "cannot list %s", path);
	}
	closedir(dir);
	list_sort(l);
	return true;
}

bool fs_list(struct fs_list *l, const char *path, struct err *e)
{
	return list_all(l, opendir(path), path, e);
}

int fs_open_dir(const char *path, struct err *e)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		err_sys(e, errno, "cannot open %s", path);
	return fd;
}

bool fs_list_in(struct fs_list *l, int dir, const char *path, struct err *e)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *all = fd < 0 ? NULL : fdopendir(fd);

	if (!all && fd >= 0)
		close(fd);
	return list_all(l, all, path, e);
}

void fs_list_free(struct fs_list *l)
{
	for (size_t i = 0; i < l->count; i++)
		free(l->names[i]);
	free(l->names);
	free(l->types);
	*l = (struct fs_list){ 0 };
}

bool fs_read_link(const char *path, struct strbuf *out, struct err *e)
{
	char text[PATH_MAX];
	ssize_t n = readlink(path, text, sizeof(text));

	if (n < 0)
		return err_sys(e, errno, "cannot read the link %s", path);
	strbuf_add(out, text, (size_t)n);
	return true;
}

bool fs_make_link(const char *text, const char *path, struct err *e)
{
	return symlink(text, path) == 0 || err_sys(e, errno, "cannot make the link %s", path);
}

char *fs_link_target(const char *path)
{
	AUTO_STRBUF text = STRBUF_INIT;
	AUTO_STRBUF joined = STRBUF_INIT;
	AUTO_STRBUF out = STRBUF_INIT;
	AUTO_ERR e = ERR_INIT;
	const char *slash = strrchr(path, '/');

	if (!slash || !fs_read_link(path, &text, &e))
		return NULL;
	if (*text.buf != '/')
		strbuf_add(&joined, path, (size_t)(slash - path) + 1);
	strbuf_adds(&joined, text.buf);
	path_normalize(&out, joined.buf);
	return strbuf_detach(&out);
}

char *fs_realpath(const char *path)
{
	return realpath(path, NULL);
}
