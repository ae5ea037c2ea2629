/* SPDX-License-Identifier: MIT
 *
 * What a server's answer says of the file, and whether to believe it. Servers that know a thing only by a page that says so
 * ("not found", "log in", "maintenance") with the status 200 are why firmware is never HTML.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "net/transfer.h"
#include "os/fs.h"

/* The value when the line is of that name; NULL. */
static const char *value_of(const char *line, const char *name)
{
	size_t len = strlen(name);

	if (strncasecmp(line, name, len) != 0 || line[len] != ':')
		return NULL;
	line += len + 1;
	return line + strspn(line, " \t");
}

static void keep(char out[static HTTP_WORD_MAX], const char *value)
{
	out[0] = '\0';
	if (strlen(value) < HTTP_WORD_MAX)
		memcpy(out, value, strlen(value) + 1);
}

/* "bytes 100-199/200"; "200" may be "*". */
static void read_range(struct answer *a, const char *value)
{
	char *end;

	if (strncasecmp(value, "bytes ", 6) != 0)
		return;
	a->range_start = strtoull(value + 6, &end, 10);
	if (*end != '-')
		return;
	strtoull(end + 1, &end, 10);
	if (*end != '/')
		return;
	a->range_total = end[1] == '*' ? 0 : strtoull(end + 1, NULL, 10);
	a->has_range = true;
}

static void read_line(struct answer *a, const char *line)
{
	const char *v;

	if ((v = value_of(line, "etag"))) {
		keep(a->etag, v);
	} else if ((v = value_of(line, "last-modified"))) {
		keep(a->modified, v);
	} else if ((v = value_of(line, "content-type"))) {
		keep(a->type, v);
	} else if ((v = value_of(line, "content-encoding"))) {
		keep(a->encoding, v);
	} else if ((v = value_of(line, "content-length"))) {
		a->length = strtoull(v, NULL, 10);
		a->has_length = true;
	} else if ((v = value_of(line, "content-range"))) {
		read_range(a, v);
	} else if ((v = value_of(line, "transfer-encoding"))) {
		a->chunked = strcasecmp(v, "chunked") == 0;
	}
}

void answer_line(struct answer *a, const char *line, size_t len)
{
	AUTO_STRBUF text = STRBUF_INIT;
	const char *space;

	while (len && (line[len - 1] == '\r' || line[len - 1] == '\n' || line[len - 1] == ' '))
		len--;
	strbuf_add(&text, line, len);
	if (strncasecmp(text.buf, "HTTP/", 5) != 0) {
		read_line(a, text.buf);
		return;
	}
	*a = (struct answer){ 0 };
	space = strchr(text.buf, ' ');
	a->status = space ? (int)strtol(space, NULL, 10) : 0;
	/* Since HTTP/2 the end of a body is marked. */
	a->chunked = text.buf[5] >= '2';
}

/* --- judging -------------------------------------------------------------------------------------------------- */

static bool stop(struct transfer *t)
{
	t->stop = STOP_FAILED;
	return false;
}

static bool restart(struct transfer *t)
{
	t->from_start = true;
	t->stop = STOP_RESTART;
	return false;
}

/* Does the rest that the server sends belong to the part? Not every server minds If-Range. */
static bool goes_on(const struct transfer *t)
{
	const struct answer *a = &t->answer;
	const struct part *p = &t->part;

	if (!a->has_range || a->range_start != p->size)
		return false;
	if (p->total && a->range_total && p->total != a->range_total)
		return false;
	/* What goes on has the ETag that the whole would have (RFC 9110, 15.3.7): without it nothing is proved. */
	if (part_proof(p) == p->etag && strcmp(p->etag, a->etag) != 0)
		return false;
	if (p->etag[0] && a->etag[0] && strcmp(p->etag, a->etag) != 0)
		return false;
	return !p->modified[0] || !a->modified[0] || strcmp(p->modified, a->modified) == 0;
}

static bool check_size(struct transfer *t)
{
	uint64_t max = t->f->max_size, total = t->f->total, left = total - t->part.size;
	uint64_t free_bytes = fs_free_bytes(t->part.path.buf);

	if (total > max) {
		err_set(&t->f->error, "the file is too large: %" PRIu64 " bytes, of %" PRIu64,
			total, max);
		return stop(t);
	}
	if (total && left > free_bytes) {
		err_set(&t->f->error,
			"no room for %s: %" PRIu64 " bytes are to come, %" PRIu64 " are free",
			t->f->target, left, free_bytes);
		err_hint(&t->f->error, "make room, or name another folder");
		return stop(t);
	}
	return true;
}

static bool check_kind(struct transfer *t)
{
	const struct answer *a = &t->answer;

	if (t->f->page)
		return true;
	if (strncasecmp(a->type, "text/html", 9) == 0 ||
	    strncasecmp(a->type, "application/xhtml", 17) == 0) {
		err_set(&t->f->error, "an HTML page came instead of a file");
		return stop(t);
	}
	/* Nobody asked for that, and packed bytes are no firmware. */
	if (a->encoding[0] && strcasecmp(a->encoding, "identity") != 0) {
		err_set(&t->f->error, "the server sends the file packed (%s)", a->encoding);
		return stop(t);
	}
	if (!a->has_length && !a->chunked) {
		err_set(&t->f->error,
			"the server does not say how long the file is, so a cut one could not be told");
		return stop(t);
	}
	return true;
}

/* A whole file comes. */
static bool begin(struct transfer *t)
{
	struct answer *a = &t->answer;
	struct part *p = &t->part;

	if (!part_restart(p, &t->f->error))
		return stop(t);
	memcpy(p->etag, a->etag, sizeof(p->etag));
	memcpy(p->modified, a->modified, sizeof(p->modified));
	p->total = a->has_length ? a->length : 0;
	t->f->resumed = 0;
	if (!t->f->page && part_proof(p) && !part_note(p, t->f->url, &t->f->error))
		return stop(t);
	return true;
}

bool transfer_judge(struct transfer *t)
{
	struct answer *a = &t->answer;

	t->body = true;
	t->f->status = a->status;
	if (a->status == 206) {
		if (!t->part.size || !goes_on(t))
			return restart(t);
		t->f->resumed = t->part.size;
	} else if (a->status == 416 && t->part.size) {
		return restart(t);
	} else if (a->status != 200) {
		return true; /* told from the status at the end; what comes is no file */
	} else if (!begin(t)) {
		return false;
	}
	t->f->total = t->part.total;
	t->f->size = t->part.size;
	return check_kind(t) && check_size(t);
}
