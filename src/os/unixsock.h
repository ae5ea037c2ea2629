/* SPDX-License-Identifier: MIT
 *
 * Unix sockets as a client, also below folders whose names are longer than a socket address can hold.
 */
#ifndef OS_UNIXSOCK_H
#define OS_UNIXSOCK_H

#include <stdbool.h>

#include "base/err.h"
#include "os/stream.h"

enum unixsock_result {
	UNIXSOCK_CONNECTED,
	UNIXSOCK_ABSENT, /* no such socket, or nobody listens on it any more; no error is set */
	UNIXSOCK_FAILED, /* with an error */
};

/* Connects to the socket at `path`; a full queue of clients is waited for until the deadline. */
enum unixsock_result unixsock_connect(struct stream *s, const char *path, int64_t deadline,
				      struct err *e);

/* Writes `data` with `fd` attached (SCM_RIGHTS); the peer gets a descriptor of its own, ours stays open. */
bool unixsock_send_fd(struct stream *s, const void *data, size_t len, int fd, struct err *e);

#endif
