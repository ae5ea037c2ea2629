/* SPDX-License-Identifier: MIT
 *
 * TCP connections: made without blocking, so that a host that swallows packets is an error in bounded time.
 */
#include "os/tcp.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "os/process.h"

/* 0, or why the connection was not made. */
static int wait_connected(int fd, int64_t deadline)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	int number = 0, n;

	while ((n = poll(&p, 1, stream_left(deadline))) < 0)
		if (errno != EINTR || process_interrupted())
			return errno;
	if (n == 0)
		return ETIMEDOUT;
	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &number, &(socklen_t){ sizeof(number) }) < 0
		       ? errno
		       : number;
}

static int try_address(struct stream *s, const struct addrinfo *a, const char *name,
		       int64_t deadline, struct err *e)
{
	int fd = socket(a->ai_family, a->ai_socktype, a->ai_protocol), number = 0;

	if (fd < 0)
		return errno;
	if (!stream_adopt(s, fd, name, e)) {
		number = errno;
		close(fd);
		return number;
	}
	s->is_socket = true;
#ifdef SO_NOSIGPIPE
	setsockopt(fd, SOL_SOCKET, SO_NOSIGPIPE, &(int){ 1 }, sizeof(int));
#endif
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int));
	if (connect(fd, a->ai_addr, a->ai_addrlen) < 0)
		number = errno == EINPROGRESS || errno == EINTR ? wait_connected(fd, deadline)
								: errno;
	if (number)
		stream_close(s);
	return number;
}

bool tcp_connect(struct stream *s, const char *host, const char *port, int64_t deadline,
		 struct err *e)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV };
	AUTO_STRBUF name = STRBUF_INIT;
	struct addrinfo *list = NULL;
	int number = getaddrinfo(host, port, &hints, &list);

	if (number != 0)
		return err_set(e, "cannot look %s up: %s", host, gai_strerror(number));
	strbuf_addf(&name, "%s:%s", host, port);
	number = EHOSTUNREACH;
	for (const struct addrinfo *a = list; a && number != 0; a = a->ai_next)
		number = try_address(s, a, name.buf, deadline, e);
	freeaddrinfo(list);
	if (number == 0)
		return true;
	err_sys(e, number, "cannot connect to %s", name.buf);
	if (number == EINTR)
		e->kind = ERR_INTERRUPTED;
	return false;
}
