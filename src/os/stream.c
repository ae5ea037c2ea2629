/* SPDX-License-Identifier: MIT
 *
 * Streams over poll(): the one place that waits for a device's bytes.
 */
#include "os/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "base/xalloc.h"
#include "os/clock.h"
#include "os/process.h"

#ifdef MSG_NOSIGNAL
enum { SEND_FLAGS = MSG_NOSIGNAL };
#else
enum { SEND_FLAGS = 0 }; /* macOS: SO_NOSIGPIPE is set when the socket is made */
#endif

int64_t stream_deadline(int ms)
{
	return clock_ms() + ms;
}

int stream_left(int64_t deadline)
{
	int64_t left = deadline ? deadline - clock_ms() : 0;

	return left <= 0 ? 0 : left > INT_MAX ? INT_MAX : (int)left;
}

bool stream_adopt(struct stream *s, int fd, const char *name, struct err *e)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0 ||
	    fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
		return err_sys(e, errno, "cannot use %s", name);
	s->fd = fd;
	s->name = xstrdup(name);
	s->is_socket = s->gone = false;
	return true;
}

void stream_close(struct stream *s)
{
	if (s->fd >= 0)
		close(s->fd);
	free(s->name);
	*s = (struct stream)STREAM_INIT;
}

static bool gone(struct stream *s, struct err *e)
{
	s->gone = true;
	return err_set(e, "%s went away", s->name);
}

static bool is_end(int number)
{
	return number == EIO || number == ENXIO || number == ENODEV || number == ECONNRESET;
}

/* 1: ready (or hung up: the next call says), 0: the deadline passed, -1: error. */
static int wait_ready(struct stream *s, short events, int64_t deadline, struct err *e)
{
	struct pollfd p = { .fd = s->fd, .events = events };

	for (;;) {
		int n = poll(&p, 1, stream_left(deadline));

		if (n >= 0)
			return n;
		if (errno != EINTR) {
			err_sys(e, errno, "cannot wait for %s", s->name);
			return -1;
		}
		if (process_interrupted()) {
			err_set(e, "interrupted");
			e->kind = ERR_INTERRUPTED;
			return -1;
		}
	}
}

long stream_read(struct stream *s, void *buf, size_t size, int64_t deadline, struct err *e)
{
	for (;;) {
		int ready = wait_ready(s, POLLIN, deadline, e);
		ssize_t n;

		if (ready <= 0)
			return ready;
		n = read(s->fd, buf, size);
		if (n > 0) {
			log_bytes(s->name, '<', buf, (size_t)n);
			return n;
		}
		/* A pty whose other side was closed gives EIO; a socket, end of file; an unplugged port, any of these. */
		if (n == 0 || is_end(errno)) {
			gone(s, e);
			return -1;
		}
		if (errno != EAGAIN && errno != EINTR) {
			err_sys(e, errno, "cannot read %s", s->name);
			return -1;
		}
	}
}

static ssize_t write_some(struct stream *s, const char *data, size_t len)
{
	return s->is_socket ? send(s->fd, data, len, SEND_FLAGS) : write(s->fd, data, len);
}

bool stream_write(struct stream *s, const void *data, size_t len, int64_t deadline, struct err *e)
{
	const char *p = data;

	while (len) {
		ssize_t n = write_some(s, p, len);
		int ready;

		if (n >= 0) {
			log_bytes(s->name, '>', p, (size_t)n);
			p += n;
			len -= (size_t)n;
			continue;
		}
		if (errno == EPIPE || is_end(errno))
			return gone(s, e);
		if (errno != EAGAIN && errno != EINTR)
			return err_sys(e, errno, "cannot write %s", s->name);
		ready = wait_ready(s, POLLOUT, deadline, e);
		if (ready < 0)
			return false;
		if (ready == 0)
			return err_set(e, "%s takes no more input", s->name);
	}
	return true;
}
