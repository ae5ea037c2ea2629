/* SPDX-License-Identifier: MIT
 *
 * Results through a pipe: NUL-terminated "name=value" records, ended by "end=".
 */
#include "graph/device_text.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/strbuf.h"

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
	}
}

void device_result_write(int fd, const struct flash_result *r, const struct err *e)
{
	AUTO_STRBUF out = STRBUF_INIT;
	AUTO_ARENA a = ARENA_INIT;
	size_t done = 0;

	record_result(&out, r, &a);
	record(&out, "error", e->msg);
	record(&out, "hint", e->hint);
	record(&out, "end", "");
	while (done < out.len) {
		ssize_t n = write(fd, out.buf + done, out.len - done);

		if (n <= 0)
			return; /* the parent sees that "end" is missing */
		done += (size_t)n;
	}
}

static bool read_all(int fd, struct strbuf *out)
{
	char buf[4096];
	ssize_t n;

	while ((n = read(fd, buf, sizeof(buf))) > 0 && out->len < (1 << 20))
		strbuf_add(out, buf, (size_t)n);
	return n == 0;
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

static void take_record(const char *text, struct device_result *out, struct err *e, bool *end)
{
	const char *value;

	if (is_record(text, "device", &value))
		out->device = arena_strdup(out->arena, value);
	else if (is_record(text, "address", &value))
		out->address = arena_strdup(out->arena, value);
	else if (is_record(text, "answer", &value))
		out->answer = arena_strdup(out->arena, value);
	else if (is_record(text, "board", &value))
		out->board_id = arena_strdup(out->arena, value);
	else if (is_record(text, "stamp", &value))
		out->stamp = arena_strdup(out->arena, value);
	else if (is_record(text, "bytes", &value))
		out->bytes = strtoull(value, NULL, 10);
	else if (is_record(text, "equal", &value))
		out->bytes_equal = strtoull(value, NULL, 10);
	else if (is_record(text, "verified", &value))
		out->verified = strcmp(value, "yes") == 0;
	else if (is_record(text, "error", &value))
		err_set(e, "%s", value);
	else if (is_record(text, "hint", &value))
		err_hint(e, "%s", value);
	else if (is_record(text, "end", &value))
		*end = true;
}

bool device_result_read(int fd, struct device_result *out, struct err *e)
{
	AUTO_STRBUF text = STRBUF_INIT;
	bool end = false;

	out->device = out->address = out->answer = "";
	if (!read_all(fd, &text))
		return false;
	for (size_t at = 0; at < text.len; at += strlen(text.buf + at) + 1)
		take_record(text.buf + at, out, e, &end);
	if (!end)
		err_free(e); /* its text may be cut, too */
	return end && !e->msg;
}
