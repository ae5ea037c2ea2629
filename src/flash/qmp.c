/* SPDX-License-Identifier: MIT
 *
 * A QMP client: requests one at a time, replies by line.
 */
#include "flash/qmp.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/xalloc.h"
#include "os/clock.h"
#include "os/unixsock.h"

enum { READ_CHUNK = 4096, MAX_LINE = 4 << 20, RETRY_MS = 5 };

/* --- reading replies --- */

static char *query_text(struct qmp *q, const char *sql, const char *reply, const char *arg)
{
	sqlite3_stmt *stmt = NULL;
	char *text = NULL;

	if (!q->db && sqlite3_open(":memory:", &q->db) != SQLITE_OK)
		BUG("sqlite: %s", q->db ? sqlite3_errmsg(q->db) : "out of memory");
	if (sqlite3_prepare_v2(q->db, sql, -1, &stmt, NULL) != SQLITE_OK)
		BUG("sqlite: %s: %s", sql, sqlite3_errmsg(q->db));
	if (sqlite3_bind_text(stmt, 1, reply, -1, SQLITE_STATIC) != SQLITE_OK ||
	    sqlite3_bind_text(stmt, 2, arg, -1, SQLITE_STATIC) != SQLITE_OK)
		BUG("sqlite: %s", sqlite3_errmsg(q->db));
	if (sqlite3_step(stmt) == SQLITE_ROW && sqlite3_column_text(stmt, 0))
		text = xstrdup((const char *)sqlite3_column_text(stmt, 0));
	sqlite3_finalize(stmt);
	return text;
}

char *qmp_get(struct qmp *q, const char *reply, const char *path)
{
	return query_text(q, "SELECT json_extract(?1, ?2) WHERE json_valid(?1)", reply, path);
}

char *qmp_chardev(struct qmp *q, const char *reply, const char *label)
{
	return query_text(
		q,
		"SELECT json_extract(value, '$.filename') "
		"FROM json_each(CASE WHEN json_valid(?1) THEN ?1 ELSE '{}' END, '$.return') "
		"WHERE json_extract(value, '$.label') = ?2",
		reply, label);
}

/* --- lines --- */

/* The next line of the machine's into `line`. */
static bool read_line(struct qmp *q, struct strbuf *line, int64_t deadline, struct err *e)
{
	const char *end;
	size_t len;

	while (!(end = memchr(q->in.buf, '\n', q->in.len))) {
		long n;

		if (q->in.len > MAX_LINE)
			return err_set(e, "%s sends no end of line", q->stream.name);
		strbuf_reserve(&q->in, READ_CHUNK);
		n = stream_read(&q->stream, q->in.buf + q->in.len, READ_CHUNK, deadline, e);
		if (n < 0) {
			q->lost = true;
			return false;
		}
		if (n == 0)
			return err_set(e, "the machine behind %s does not answer", q->stream.name);
		q->in.len += (size_t)n;
		q->in.buf[q->in.len] = '\0';
	}
	len = (size_t)(end - q->in.buf) + 1;
	strbuf_reset(line);
	strbuf_add(line, q->in.buf, len);
	memmove(q->in.buf, q->in.buf + len, q->in.len - len);
	strbuf_set_len(&q->in, q->in.len - len);
	return true;
}

static bool has_member(struct qmp *q, const char *line, const char *name)
{
	AUTO_FREE char *type =
		query_text(q, "SELECT json_type(?1, ?2) WHERE json_valid(?1)", line, name);

	return type != NULL;
}

/* Reads up to the reply of the command that was sent; events come at any time. */
static bool read_reply(struct qmp *q, const char *command, struct strbuf *reply, struct err *e)
{
	int64_t deadline = stream_deadline(q->timeout_ms);
	AUTO_STRBUF line = STRBUF_INIT;

	for (;;) {
		if (!read_line(q, &line, deadline, e))
			return err_wrap(e, "%s", command);
		if (has_member(q, line.buf, "$.return"))
			break;
		if (has_member(q, line.buf, "$.error")) {
			AUTO_FREE char *why = qmp_get(q, line.buf, "$.error.desc");

			return err_set(e, "%s: QEMU says: %s", command, why ? why : line.buf);
		}
	}
	if (reply)
		strbuf_add(reply, line.buf, line.len);
	return true;
}

/* The request; arguments are JSON already, so they are put in as they are. */
static void format_request(struct strbuf *out, const char *command, const char *arguments)
{
	struct json j = { .out = out };

	json_object(&j, NULL);
	json_string(&j, "execute", command);
	if (arguments)
		strbuf_addf(out, ",\"arguments\":%s", arguments);
	json_object_end(&j);
	strbuf_addch(out, '\n');
}

bool qmp_run(struct qmp *q, const char *command, const char *arguments, struct strbuf *reply,
	     struct err *e)
{
	AUTO_STRBUF text = STRBUF_INIT;

	format_request(&text, command, arguments);
	return stream_write(&q->stream, text.buf, text.len, stream_deadline(q->timeout_ms), e) &&
	       read_reply(q, command, reply, e);
}

/* {"fdname": name} */
static void name_argument(struct strbuf *out, const char *name)
{
	struct json j = { .out = out };

	json_object(&j, NULL);
	json_string(&j, "fdname", name);
	json_object_end(&j);
}

bool qmp_give_fd(struct qmp *q, int fd, const char *name, struct err *e)
{
	AUTO_STRBUF argument = STRBUF_INIT, text = STRBUF_INIT;

	name_argument(&argument, name);
	format_request(&text, "getfd", argument.buf);
	return unixsock_send_fd(&q->stream, text.buf, text.len, fd, e) &&
	       read_reply(q, "getfd", NULL, e);
}

bool qmp_drop_fd(struct qmp *q, const char *name, struct err *e)
{
	AUTO_STRBUF argument = STRBUF_INIT;

	name_argument(&argument, name);
	return qmp_run(q, "closefd", argument.buf, NULL, e);
}

/* --- connecting --- */

static bool greet(struct qmp *q, int64_t deadline, struct err *e)
{
	AUTO_STRBUF line = STRBUF_INIT;

	if (!read_line(q, &line, deadline, e))
		return false;
	if (!has_member(q, line.buf, "$.QMP"))
		return err_set(e, "%s does not speak QMP", q->stream.name);
	return qmp_run(q, "qmp_capabilities", NULL, NULL, e);
}

static enum qmp_result open_once(struct qmp *q, const char *path, int64_t deadline, struct err *e)
{
	switch (unixsock_connect(&q->stream, path, deadline, e)) {
	case UNIXSOCK_ABSENT:
		return QMP_ABSENT;
	case UNIXSOCK_FAILED:
		return QMP_FAILED;
	case UNIXSOCK_CONNECTED:
		break;
	}
	return greet(q, deadline, e) ? QMP_CONNECTED : QMP_FAILED;
}

enum qmp_result qmp_open(struct qmp *q, const char *path, int timeout_ms, struct err *e)
{
	int64_t deadline = stream_deadline(timeout_ms);

	for (;;) {
		enum qmp_result result;
		bool lost;

		q->timeout_ms = timeout_ms;
		result = open_once(q, path, deadline, e);
		if (result == QMP_CONNECTED)
			return result;
		lost = q->lost;
		qmp_close(q);
		if (result == QMP_ABSENT)
			err_free(e);
		/* A machine that just ends hangs up on us; then the socket tells that nobody is there. */
		if (!lost || stream_left(deadline) == 0)
			return result;
		clock_sleep_ms(RETRY_MS);
	}
}

void qmp_close(struct qmp *q)
{
	stream_close(&q->stream);
	strbuf_free(&q->in);
	sqlite3_close(q->db);
	*q = (struct qmp)QMP_INIT;
}
