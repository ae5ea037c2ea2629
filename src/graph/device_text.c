/* SPDX-License-Identifier: MIT
 *
 * Results through a pipe: NUL-terminated "name=value" records, ended by "end=".
 */
#include "graph/device_text.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "base/xalloc.h"

const char *device_text(const struct flash_result *r, struct arena *a)
{
	const struct identity *id = &r->identity;
	AUTO_STRBUF text = STRBUF_INIT;

	if (!r->has_identity)
		return "";
	strbuf_adds(&text, id->family && strcmp(id->family, "micropython") != 0 ? id->family
										: "MicroPython");
	if (id->stamp || id->version)
		strbuf_addf(&text, " %s%s", id->stamp ? "" : "v",
			    id->stamp ? id->stamp : id->version);
	if (id->date)
		strbuf_addf(&text, " on %s", id->date);
	if (id->machine)
		strbuf_addf(&text, "; %s", id->machine);
	return arena_strdup(a, text.buf);
}

static void record(struct strbuf *out, const char *name, const char *value)
{
	if (!value)
		return;
	strbuf_addf(out, "%s=%s", name, value);
	strbuf_addch(out, '\0');
}

static void record_result(struct strbuf *out, const struct flash_result *r, struct arena *a)
{
	record(out, "device", r->device);
	record(out, "address", r->address);
	record(out, "answer", device_text(r, a));
	record(out, "bytes", arena_printf(a, "%llu", (unsigned long long)r->bytes));
	record(out, "equal", arena_printf(a, "%llu", (unsigned long long)r->bytes_equal));
	record(out, "verified", r->verified ? "yes" : "no");
	if (r->has_identity) {
		record(out, "board", r->identity.board_id);
		record(out, "stamp", r->identity.stamp);
		record(out, "port", r->identity.port);
		record(out, "chip", r->identity.chip_id);
		record(out, "description", r->identity.machine);
	}
}

static void record_place(struct strbuf *out, const struct device_place *p, struct arena *a)
{
	record(out, "usb-path", p->usb_path);
	record(out, "usb-serial", p->usb_serial);
	record(out, "vid", arena_printf(a, "%" PRId64, p->vid));
	record(out, "pid", arena_printf(a, "%" PRId64, p->pid));
}

/* A parent that is gone hears nothing; the parent sees that "end" is missing when it was not all. */
static void send_all(int fd, const struct strbuf *text)
{
	size_t done = 0;

	while (done < text->len) {
		ssize_t n = write(fd, text->buf + done, text->len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return;
		done += (size_t)n;
	}
}

void device_note_write(int fd, const char *text)
{
	AUTO_STRBUF out = STRBUF_INIT;

	record(&out, "note", text);
	send_all(fd, &out);
}

void device_result_write(int fd, const struct flash_result *r, const struct device_place *place,
			 const struct err *e)
{
	AUTO_STRBUF out = STRBUF_INIT;
	AUTO_ARENA a = ARENA_INIT;

	record_result(&out, r, &a);
	record(&out, "files", r->files);
	if (place)
		record_place(&out, place, &a);
	if (e->kind == ERR_INTERRUPTED)
		record(&out, "interrupted", "yes");
	record(&out, "error", e->msg);
	record(&out, "hint", e->hint);
	record(&out, "end", "");
	send_all(fd, &out);
}

enum { MAX_SAID = 1 << 20 };

/* False at the end, or when there is nothing to read for now. */
static bool read_some(int fd, struct strbuf *out)
{
	char buf[4096];
	ssize_t n = read(fd, buf, sizeof(buf));

	if (n < 0)
		return errno == EINTR;
	strbuf_add(out, buf, (size_t)n);
	return n > 0 && out->len < MAX_SAID;
}

static bool has_more(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, 0) > 0 && p.revents & POLLIN;
}

void device_said_read(int fd, struct strbuf *said)
{
	while (has_more(fd) && read_some(fd, said))
		;
}

/* True when the record is called `name`; *value is what follows. */
static bool is_record(const char *record_text, const char *name, const char **value)
{
	size_t len = strlen(name);

	if (strncmp(record_text, name, len) != 0 || record_text[len] != '=')
		return false;
	*value = record_text + len + 1;
	return true;
}

const char *device_said_note(const struct strbuf *said, size_t *at)
{
	while (*at < said->len) {
		const char *text = said->buf + *at, *value;
		size_t len = strnlen(text, said->len - *at);

		if (*at + len == said->len)
			return NULL;
		*at += len + 1;
		if (is_record(text, "note", &value))
			return value;
	}
	return NULL;
}

static bool take_text(const char *text, struct device_result *out)
{
	const struct {
		const char *name, **to;
	} texts[] = {
		{ "device", &out->device },
		{ "files", &out->files },
		{ "address", &out->address },
		{ "answer", &out->answer },
		{ "board", &out->board_id },
		{ "stamp", &out->stamp },
		{ "port", &out->port },
		{ "chip", &out->chip_id },
		{ "description", &out->description },
		{ "usb-path", &out->place.usb_path },
		{ "usb-serial", &out->place.usb_serial },
	};
	const char *value;

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		if (is_record(text, texts[i].name, &value)) {
			*texts[i].to = arena_strdup(out->arena, value);
			return true;
		}
	return false;
}

static bool take_number(const char *text, struct device_result *out)
{
	const char *value;

	if (is_record(text, "bytes", &value))
		out->bytes = strtoull(value, NULL, 10);
	else if (is_record(text, "equal", &value))
		out->bytes_equal = strtoull(value, NULL, 10);
	else if (is_record(text, "vid", &value))
		out->place.vid = strtoll(value, NULL, 10);
	else if (is_record(text, "pid", &value))
		out->place.pid = strtoll(value, NULL, 10);
	else if (is_record(text, "verified", &value))
		out->verified = strcmp(value, "yes") == 0;
	else
		return false;
	return true;
}

static void take_record(const char *text, struct device_result *out, struct err *e, bool *end)
{
	const char *value;

	if (take_text(text, out) || take_number(text, out))
		return;
	if (is_record(text, "error", &value))
		err_set(e, "%s", value);
	else if (is_record(text, "hint", &value))
		err_hint(e, "%s", value);
	else if (is_record(text, "end", &value))
		*end = true;
}

static bool was_interrupted(const struct strbuf *said)
{
	const char *value;

	for (size_t at = 0; at < said->len; at += strlen(said->buf + at) + 1)
		if (is_record(said->buf + at, "interrupted", &value))
			return true;
	return false;
}

bool device_result_read(int fd, struct strbuf *said, struct device_result *out, struct err *e)
{
	bool end = false;

	out->device = out->address = out->answer = out->files = "";
	out->port = out->chip_id = out->description = "";
	out->place.usb_path = out->place.usb_serial = "";
	while (read_some(fd, said))
		;
	for (size_t at = 0; at < said->len; at += strlen(said->buf + at) + 1)
		take_record(said->buf + at, out, e, &end);
	if (!end)
		err_free(e); /* its text may be cut, too */
	else if (e->msg && was_interrupted(said))
		e->kind = ERR_INTERRUPTED;
	return end && !e->msg;
}
