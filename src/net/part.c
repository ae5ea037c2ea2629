/* SPDX-License-Identifier: MIT
 *
 * Parts of files. The lock is on the part itself: who gets it looks whether the name still leads there, since the one before
 * may have given it the target's name meanwhile.
 */
#include "net/part.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/xalloc.h"
#include "os/fs.h"
#include "os/lock.h"

enum { INFO_MAX = 16 * 1024, CHUNK = 64 * 1024 };

static bool failed(const struct part *p, int number, struct err *e)
{
	err_sys(e, number, "cannot write %s", p->path.buf);
	if (number == ENOSPC || number == EDQUOT)
		return err_hint(e,
				"make room: the next download goes on with what is there already");
	return false;
}

const char *part_proof(const struct part *p)
{
	if (p->etag[0] && strncmp(p->etag, "W/", 2) != 0)
		return p->etag;
	return p->modified[0] ? p->modified : NULL;
}

static void forget(struct part *p)
{
	p->etag[0] = p->modified[0] = '\0';
	p->total = 0;
}

bool part_restart(struct part *p, struct err *e)
{
	forget(p);
	unlink(p->info.buf);
	if (ftruncate(p->fd, 0) < 0 || lseek(p->fd, 0, SEEK_SET) < 0)
		return failed(p, errno, e);
	p->size = 0;
	crypto_sum_drop(&p->sum);
	return crypto_sum_begin(&p->sum, e);
}

/* --- what is known of it -------------------------------------------------------------------------------------- */

bool part_note(struct part *p, const char *url, struct err *e)
{
	AUTO_STRBUF text = STRBUF_INIT;

	strbuf_addf(&text, "url %s\netag %s\nmodified %s\ntotal %" PRIu64 "\n", url, p->etag,
		    p->modified, p->total);
	return fs_write_lazy(p->info.buf, text.buf, text.len, 0666 & fs_user_mode(p->info.buf), e);
}

static void take_word(char out[static HTTP_WORD_MAX], const char *value)
{
	if (strlen(value) < HTTP_WORD_MAX)
		memcpy(out, value, strlen(value) + 1);
}

/* Whether the note is about this address; what it says is in p then. */
static bool read_note(struct part *p, const char *url)
{
	AUTO_STRBUF text = STRBUF_INIT;
	AUTO_ERR ignored = ERR_INIT;
	bool ours = false;

	forget(p);
	if (!fs_read(&text, p->info.buf, INFO_MAX, &ignored))
		return false;
	for (char *line = text.buf, *next; line && *line; line = next) {
		next = strchr(line, '\n');
		if (!next) /* it was not written to its end */
			break;
		*next++ = '\0';
		if (strncmp(line, "url ", 4) == 0)
			ours = strcmp(line + 4, url) == 0;
		else if (strncmp(line, "etag ", 5) == 0)
			take_word(p->etag, line + 5);
		else if (strncmp(line, "modified ", 9) == 0)
			take_word(p->modified, line + 9);
		else if (strncmp(line, "total ", 6) == 0)
			p->total = strtoull(line + 6, NULL, 10);
	}
	return ours && part_proof(p);
}

bool part_is_of(const char *target, const char *url)
{
	struct part p = PART_INIT;
	bool ours;

	strbuf_addf(&p.info, "%s.part.info", target);
	ours = read_note(&p, url);
	strbuf_free(&p.info);
	return ours;
}

/* --- opening -------------------------------------------------------------------------------------------------- */

/* Opens and locks; -1: *held, or an error. */
static int open_locked(const char *path, bool *held, struct err *e)
{
	*held = false;
	for (;;) {
		int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
		struct stat mine, there;

		if (fd < 0) {
			err_sys(e, errno, "cannot write %s", path);
			return -1;
		}
		if (!lock_open_file(fd)) {
			close(fd);
			*held = true;
			return -1;
		}
		if (fstat(fd, &mine) == 0 && lstat(path, &there) == 0 &&
		    mine.st_ino == there.st_ino && mine.st_dev == there.st_dev)
			return fd;
		close(fd); /* it got its name, or was removed: there is another one to be made */
	}
}

/* Reads what is there into the sum. */
static bool sum_up(struct part *p, struct err *e)
{
	AUTO_FREE char *buf = xmalloc(CHUNK);
	ssize_t n;

	crypto_sum_drop(&p->sum);
	if (!crypto_sum_begin(&p->sum, e))
		return false;
	p->size = 0;
	while ((n = read(p->fd, buf, CHUNK)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(e, errno, "cannot read %s", p->path.buf);
		crypto_sum_add(&p->sum, buf, (size_t)n);
		p->size += (size_t)n;
	}
	return true;
}

bool part_open(struct part *p, const char *target, const char *url, bool resume, bool *held,
	       struct err *e)
{
	strbuf_reset(&p->path);
	strbuf_addf(&p->path, "%s.part", target);
	strbuf_reset(&p->info);
	strbuf_addf(&p->info, "%s.part.info", target);
	p->fd = open_locked(p->path.buf, held, e);
	if (p->fd < 0)
		return *held;
	if (!resume || !read_note(p, url))
		return part_restart(p, e);
	if (!sum_up(p, e))
		return false;
	return !p->size || (p->total && p->size > p->total) ? part_restart(p, e) : true;
}

/* --- writing -------------------------------------------------------------------------------------------------- */

bool part_add(struct part *p, const void *data, size_t size, struct err *e)
{
	const char *at = data;
	size_t left = size;

	while (left) {
		ssize_t n = write(p->fd, at, left);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return failed(p, errno, e);
		crypto_sum_add(&p->sum, at, (size_t)n);
		p->size += (size_t)n;
		at += n;
		left -= (size_t)n;
	}
	return true;
}

static void write_hex(const uint8_t digest[static CRYPTO_SHA256], char hex[static HTTP_SHA256_HEX])
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < CRYPTO_SHA256; i++) {
		hex[2 * i] = digits[digest[i] >> 4];
		hex[2 * i + 1] = digits[digest[i] & 15];
	}
	hex[2 * CRYPTO_SHA256] = '\0';
}

bool part_digest_file(const char *path, char hex[static HTTP_SHA256_HEX], struct err *e)
{
	uint8_t digest[CRYPTO_SHA256];
	struct fs_map map;
	bool ok;

	if (!fs_map(&map, path, e))
		return false;
	ok = crypto_sha256(map.data, map.size, digest, e);
	fs_unmap(&map);
	if (ok)
		write_hex(digest, hex);
	return ok;
}

bool part_seal(struct part *p, char hex[static HTTP_SHA256_HEX], struct err *e)
{
	uint8_t digest[CRYPTO_SHA256];

	if (!crypto_sum_end(&p->sum, digest, e))
		return false;
	write_hex(digest, hex);
	return fsync(p->fd) == 0 || failed(p, errno, e);
}

static void release(struct part *p)
{
	close(p->fd);
	p->fd = -1;
	crypto_sum_drop(&p->sum);
	strbuf_free(&p->path);
	strbuf_free(&p->info);
	forget(p);
}

bool part_publish(struct part *p, const char *target, struct err *e)
{
	if (fchmod(p->fd, fs_user_mode(target)) < 0 || rename(p->path.buf, target) < 0)
		return err_sys(e, errno, "cannot write %s", target);
	unlink(p->info.buf);
	release(p);
	return true;
}

void part_close(struct part *p, bool keep)
{
	if (p->fd >= 0) {
		if (!keep || !p->size || !part_proof(p)) {
			unlink(p->info.buf);
			unlink(p->path.buf);
		}
		release(p);
	}
	strbuf_free(&p->path);
	strbuf_free(&p->info);
}
