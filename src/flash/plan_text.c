/* SPDX-License-Identifier: MIT
 *
 * A plan for people and for programs.
 */
#include <inttypes.h>

#include "base/json.h"
#include "flash/plan.h"

static const char *const state_names[] = {
	[SECTOR_UNKNOWN] = "unknown",
	[SECTOR_EQUAL] = "equal",
	[SECTOR_BLANK] = "blank",
	[SECTOR_DIFFERS] = "differs",
};

/* 1234567 as "1,234,567". */
static void add_number(struct strbuf *out, uint64_t n)
{
	if (n >= 1000) {
		add_number(out, n / 1000);
		strbuf_addf(out, ",%03d", (int)(n % 1000));
	} else {
		strbuf_addf(out, "%d", (int)n);
	}
}

static size_t count_equal(const struct plan *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->count; i++)
		n += p->sectors[i].state == SECTOR_EQUAL;
	return n;
}

static uint64_t seconds(const struct plan *p)
{
	return (p->estimate_ms + 999) / 1000;
}

void plan_text(const struct plan *p, struct strbuf *out)
{
	size_t equal = count_equal(p);

	if (equal == p->count) {
		strbuf_addf(out, "nothing to write: %zu of %zu sectors are equal", equal, p->count);
		return;
	}
	strbuf_addf(out, "erase %zu of %zu sectors, write ", p->erases, p->count);
	add_number(out, p->bytes_write);
	strbuf_adds(out, " bytes");
	if (equal)
		strbuf_addf(out, ", %zu sector%s equal", equal, equal == 1 ? " is" : "s are");
	if (p->estimate_ms)
		strbuf_addf(out, ", about %" PRIu64 " s", seconds(p));
}

static void add_sector(struct json *j, const struct plan *p, const struct plan_sector *s)
{
	uint32_t offset = 0, size = 0;
	int64_t bytes = 0;

	while (plan_sector_is_work(s) && plan_next_sent(p, s, &offset, &size))
		bytes += size;
	json_object(j, NULL);
	json_int(j, "address", (int64_t)s->address);
	json_int(j, "size", s->size);
	json_string(j, "state", state_names[s->state]);
	json_bool(j, "erase", plan_sector_is_erased(s));
	json_int(j, "write", bytes);
	json_object_end(j);
}

void plan_json(const struct plan *p, struct strbuf *out)
{
	struct json j = { .out = out };

	json_object(&j, NULL);
	json_array(&j, "sectors");
	for (size_t i = 0; i < p->count; i++)
		add_sector(&j, p, &p->sectors[i]);
	json_array_end(&j);
	json_int(&j, "erases", (int64_t)p->erases);
	json_int(&j, "bytes", (int64_t)p->bytes_write);
	json_int(&j, "equal", (int64_t)p->bytes_equal);
	if (p->estimate_ms || !p->bytes_write)
		json_int(&j, "seconds", (int64_t)seconds(p));
	else
		json_string(&j, "seconds", NULL);
	json_object_end(&j);
}
