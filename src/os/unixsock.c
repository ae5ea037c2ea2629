/* SPDX-License-Identifier: MIT
 *
 * Unix sockets. A socket address holds about 100 bytes of path, a cache folder may be deeper: then the folder is
 * opened and the socket is reached through the descriptor.
 */
#include "os/unixsock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "os/clock.h"
#include "os/fs.h"

#ifndef O_PATH
#define O_PATH O_RDONLY
#endif

enum { CONNECT_POLL_MS = 5 };

/* Fills the address; *dir_fd has to stay open until after connect. */
static bool set_address(struct sockaddr_un *addr, const char *path, int *dir_fd, struct err *e)
{
	const char *slash = strrchr(path, '/');
	char dir[4096];
	int n;

	*addr = (struct sockaddr_un){ .sun_family = AF_UNIX };
	n = snprintf(addr->sun_path, sizeof(addr->sun_path), "%s", path);
	if (n >= 0 && (size_t)n < sizeof(addr->sun_path))
		return true;
	if (!slash || (size_t)(slash - path) >= sizeof(dir))
		return err_sys(e, ENAMETOOLONG, "cannot connect to %s", path);
	snprintf(dir, sizeof(dir), "%.*s", (int)(slash - path), path);
	*dir_fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (*dir_fd < 0)
		return err_sys(e, errno, "cannot connect to %s", path);
	/* Linux; elsewhere connect will say that there is no such file. */
	n = snprintf(addr->sun_path, sizeof(addr->sun_path), "/proc/self/fd/%d%s", *dir_fd, slash);
	if (n < 0 || (size_t)n >= sizeof(addr->sun_path))
		return err_sys(e, ENAMETOOLONG, "cannot connect to %s", path);
	return true;
}

static bool make_socket(struct stream *s, const char *path, struct err *e)
{
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	if (fd < 0)
		return err_sys(e, errno, "cannot make a socket");
#ifdef SO_NOSIGPIPE
	setsockopt(fd, SOL_SOCKET, SO_NOSIGPIPE, &(int){ 1 }, sizeof(int));
#endif
	if (!stream_adopt(s, fd, path, e)) {
		close(fd);
		return false;
	}
	s->is_socket = true;
	return true;
}

static enum unixsock_result try_connect(struct stream *s, const struct sockaddr_un *addr,
					int64_t deadline, struct err *e)
{
	while (connect(s->fd, (const struct sockaddr *)addr, sizeof(*addr)) < 0) {
		if (errno == ENOENT || errno == ECONNREFUSED || errno == ENOTDIR)
			return UNIXSOCK_ABSENT;
		if ((errno != EAGAIN && errno != EINTR) || stream_left(deadline) == 0) {
			err_sys(e, errno, "cannot connect to %s", s->name);
			return UNIXSOCK_FAILED;
		}
		clock_sleep_ms(CONNECT_POLL_MS);
	}
	return UNIXSOCK_CONNECTED;
}

enum unixsock_result unixsock_connect(struct stream *s, const char *path, int64_t deadline,
				      struct err *e)
{
	AUTO_FD dir_fd = -1;
	struct sockaddr_un addr;
	enum unixsock_result result;

	if (!fs_exists(path))
		return UNIXSOCK_ABSENT;
	if (!set_address(&addr, path, &dir_fd, e) || !make_socket(s, path, e))
		return UNIXSOCK_FAILED;
	result = try_connect(s, &addr, deadline, e);
	if (result != UNIXSOCK_CONNECTED)
		stream_close(s);
	return result;
}

bool unixsock_send_fd(struct stream *s, const void *data, size_t len, int fd, struct err *e)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec iov = { .iov_base = (void *)data, .iov_len = len };
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = &control,
			      .msg_controllen = sizeof(control) };
	struct cmsghdr *c;
	ssize_t n;

	memset(&control, 0, sizeof(control));
	c = CMSG_FIRSTHDR(&msg);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	do {
		n = sendmsg(s->fd, &msg, 0);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return err_sys(e, errno, "cannot write %s", s->name);
	/* The descriptor went with the first byte; what a full buffer held back goes the plain way. */
	return (size_t)n == len ||
	       stream_write(s, (const char *)data + n, len - (size_t)n, stream_deadline(1000), e);
}
