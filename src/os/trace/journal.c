/* SPDX-License-Identifier: MIT
 *
 * A build asks for the same few thousand paths some hundred thousand times. What is not yet in the file is lost when
 * this process is killed, and then the end record is missing too, without which nobody trusts the log.
 */
#include "os/trace/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { FLUSH_AT = 1 << 16 };

static void flush(struct journal *j)
{
	const char *at = j->pending.buf;
	size_t left = j->pending.len;

	if (j->fd < 0)
		return;
	while (left && !j->broken) {
		ssize_t n = write(j->fd, at, left);

		if (n > 0) {
			at += n;
			left -= (size_t)n;
		} else if (errno != EINTR) {
			j->broken = true;
		}
	}
	strbuf_reset(&j->pending);
}

/* What is in j->record, unless it is known. */
static void add_record(struct journal *j)
{
	char *copy;

	if (map_get(&j->known, j->record.buf))
		return;
	copy = arena_strndup(&j->arena, j->record.buf, j->record.len);
	map_put(&j->known, copy, copy);
	strbuf_add(&j->pending, j->record.buf, j->record.len + 1);
	if (j->pending.len >= FLUSH_AT)
		flush(j);
}

bool journal_open(struct journal *j, const char *path)
{
	static const char header[] = "mpflash-trace 1";

	*j = (struct journal){ .fd = -1, .pending = STRBUF_INIT, .record = STRBUF_INIT };
	if (path)
		j->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (path && j->fd < 0)
		return false;
	strbuf_add(&j->pending, header, sizeof(header));
	flush(j);
	return true;
}

void journal_add(struct journal *j, char kind, const char *program, const char *path)
{
	strbuf_reset(&j->record);
	strbuf_addch(&j->record, kind);
	for (; *program; program++)
		strbuf_addch(&j->record, *program == '\t' ? '?' : *program);
	strbuf_addch(&j->record, '\t');
	strbuf_adds(&j->record, path);
	add_record(j);
}

void journal_escape(struct journal *j, const char *why)
{
	strbuf_reset(&j->record);
	strbuf_addf(&j->record, "X%s", why);
	add_record(j);
}

bool journal_has(const struct journal *j, const char *path)
{
	return memmem(j->pending.buf, j->pending.len, path, strlen(path) + 1) != NULL;
}

void journal_close(struct journal *j, int status)
{
	strbuf_addf(&j->pending, "E%d", status);
	strbuf_addch(&j->pending, '\0');
	flush(j);
	if (j->fd >= 0)
		close(j->fd);
	strbuf_free(&j->pending);
	strbuf_free(&j->record);
	map_free(&j->known);
	arena_free(&j->arena);
}
