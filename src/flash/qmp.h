/* SPDX-License-Identifier: MIT
 *
 * QMP, QEMU's machine protocol (QEMU's docs/interop/qmp-spec): one JSON object a line over a unix socket, one
 * client at a time. Replies are read with SQLite's JSON functions.
 */
#ifndef FLASH_QMP_H
#define FLASH_QMP_H

#include <stdbool.h>

#include "base/err.h"
#include "base/strbuf.h"
#include "os/stream.h"

struct qmp {
	struct stream stream;
	struct strbuf in;   /* read and not yet used */
	struct sqlite3 *db; /* in memory, for its JSON functions; made when first needed */
	int timeout_ms;     /* for each reply */
	bool lost;          /* the machine closed the connection: it ended, or is ending */
};

#define QMP_INIT                                         \
	{                                                \
		.stream = STREAM_INIT, .in = STRBUF_INIT \
	}
#define AUTO_QMP __attribute__((cleanup(qmp_close))) struct qmp

enum qmp_result {
	QMP_CONNECTED,
	QMP_ABSENT, /* nobody listens at that socket: no such machine runs; no error is set */
	QMP_FAILED, /* with an error: somebody listens and does not speak QMP in time */
};

/* Connects, reads the greeting, leaves negotiation mode. `q` is QMP_INIT. */
enum qmp_result qmp_open(struct qmp *q, const char *path, int timeout_ms, struct err *e);
void qmp_close(struct qmp *q); /* back to QMP_INIT; takes a closed one too */

/*
 * Runs one command. `arguments` is a JSON object as text, or NULL. The reply's line goes to reply (NULL: dropped).
 * An error of QEMU's is ours, with its own words. Events that come in between are passed over.
 */
bool qmp_run(struct qmp *q, const char *command, const char *arguments, struct strbuf *reply,
	     struct err *e);

/*
 * Gives the machine a descriptor of its own of ours, kept open under `name` (replacing an older one) until
 * qmp_drop_fd or its end, also after we have gone.
 */
bool qmp_give_fd(struct qmp *q, int fd, const char *name, struct err *e);
bool qmp_drop_fd(struct qmp *q, const char *name, struct err *e);

/*
 * One text out of a reply by SQLite's JSON path ("$.return.status"), owned by the caller; NULL when it is not
 * there or the line is no JSON.
 */
char *qmp_get(struct qmp *q, const char *reply, const char *path);

/* The file name of the character device `label` in a reply of query-chardev; NULL: none. Owned by the caller. */
char *qmp_chardev(struct qmp *q, const char *reply, const char *label);

#endif
