/* SPDX-License-Identifier: MIT
 *
 * flock(2) with the holder's words in the file, so that whoever waits can say for whom.
 */
#include "os/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

static void read_holder(int fd, struct strbuf *holder)
{
	char text[256];
	ssize_t n = pread(fd, text, sizeof(text), 0);

	if (n > 0)
		strbuf_add(holder, text, (size_t)n);
	else
		strbuf_adds(holder, "another process");
}

bool lock_try(struct lock *l, const char *path, const char *what, bool *taken,
	      struct strbuf *holder, struct err *e)
{
	AUTO_STRBUF words = STRBUF_INIT;

	*taken = false;
	l->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	if (l->fd < 0)
		return err_sys(e, errno, "cannot lock %s", path);
	if (flock(l->fd, LOCK_EX | LOCK_NB) < 0) {
		read_holder(l->fd, holder);
		lock_release(l);
		return true;
	}
	strbuf_addf(&words, "process %ld (%s)", (long)getpid(), what);
	/* The words are for people only: a full disk must not stop the lock. */
	if (ftruncate(l->fd, 0) == 0)
		(void)!pwrite(l->fd, words.buf, words.len, 0);
	*taken = true;
	return true;
}

bool lock_is_held(const char *path, struct strbuf *holder)
{
	struct lock l = { open(path, O_RDONLY | O_CLOEXEC) };
	bool held = l.fd >= 0 && flock(l.fd, LOCK_SH | LOCK_NB) < 0 && errno == EWOULDBLOCK;

	if (held)
		read_holder(l.fd, holder);
	lock_release(&l);
	return held;
}

static bool wait_for(int fd, int how)
{
	while (flock(fd, how) < 0)
		if (errno != EINTR)
			return false;
	return true;
}

bool lock_wait(struct lock *l, const char *path, bool share, struct err *e)
{
	l->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	if (l->fd >= 0 && wait_for(l->fd, share ? LOCK_SH : LOCK_EX))
		return true;
	err_sys(e, errno, "cannot lock %s", path);
	lock_release(l);
	return false;
}

void lock_join(struct lock *l, const char *path)
{
	l->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (l->fd >= 0 && !wait_for(l->fd, LOCK_SH))
		lock_release(l);
}

bool lock_alone(struct lock *l)
{
	if (l->fd < 0)
		return false;
	if (flock(l->fd, LOCK_EX | LOCK_NB) == 0)
		return true;
	lock_share(l); /* a change of kind that fails may lose the lock */
	return false;
}

void lock_share(struct lock *l)
{
	if (l->fd >= 0)
		wait_for(l->fd, LOCK_SH);
}

void lock_release(struct lock *l)
{
	if (l->fd >= 0)
		close(l->fd);
	l->fd = -1;
}

bool lock_open_file(int fd)
{
	/* Where files cannot be locked (some network file systems), nobody can have it. */
	return flock(fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK;
}
