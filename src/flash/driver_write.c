/* SPDX-License-Identifier: MIT
 *
 * Carrying a plan out. Sectors that lie together are erased, written and verified together, up to so many bytes as may lie erased at
 * once. The first sector holds what a boot loader looks at (vector table, boot block): it is erased before all others and
 * written after them, so that a board whose cable was pulled has no half image that it would start.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "flash/driver_internal.h"
#include "os/process.h"

enum {
	GROUP = 64 *
		1024, /* bytes that are erased ahead of the write; a bigger sector is a group */
	SHOWN = 8,    /* bytes in a message */
};

/* Sectors of the plan, one behind the other, to be treated alike. */
struct group {
	struct plan_sector *sectors;
	size_t count;
};

static uint64_t group_size(const struct group *g)
{
	return (uint64_t)g->sectors[0].size * g->count;
}

static bool is_ram(const struct plan_sector *s)
{
	return !(s->zone->access & MEMORY_ERASE);
}

static bool is_read(const struct driver_run *run, const struct plan_sector *s)
{
	return s->zone->access & MEMORY_READ && (run->d->same || run->d->read);
}

/* --- erase, write --------------------------------------------------------------------------------------------- */

static bool keep_old(struct driver_run *run, const struct group *g, struct err *e)
{
	for (size_t i = 0; i < g->count; i++) {
		const struct plan_sector *s = &g->sectors[i];

		if (s->kept && plan_sector_is_erased(s))
			journal_add(&run->journal, s);
	}
	return journal_save(&run->journal, e) ||
	       err_wrap(e, "the bytes around the image could not be put aside");
}

static bool erase_group(struct driver_run *run, const struct group *g, struct err *e)
{
	run->begun = true;
	if (!run->d->erase || is_ram(&g->sectors[0]))
		return true;
	if (!run->d->erase(run->handle, g->sectors[0].address, group_size(g), e))
		return false;
	run->result->erased += g->count;
	run->erase_done += group_size(g);
	driver_progress(run, "erase", run->erase_done, run->erase_total);
	return true;
}

static void on_written(void *ctx, size_t bytes)
{
	struct driver_run *run = ctx;

	driver_progress(run, "write", run->write_done + bytes, run->plan.bytes_write);
}

static bool write_bytes(struct driver_run *run, uint64_t address, const uint8_t *data, size_t size,
			struct err *e)
{
	run->begun = true;
	if (!run->d->write(run->handle, address, data, size, on_written, run, e))
		return false;
	run->write_done += size;
	run->result->bytes += size;
	on_written(run, 0);
	return true;
}

/* What is sent of the group; what lies together goes together. */
static bool write_group(struct driver_run *run, const struct group *g, struct err *e)
{
	uint8_t *bytes = driver_buffer(run, (size_t)group_size(g));
	uint64_t base = g->sectors[0].address;
	size_t start = 0, end = 0;

	for (size_t i = 0; i < g->count; i++) {
		const struct plan_sector *s = &g->sectors[i];
		uint32_t offset = 0, size = 0;

		while (plan_next_sent(&run->plan, s, &offset, &size)) {
			size_t at = (size_t)(s->address - base) + offset;

			if (at != end) {
				if (end > start &&
				    !write_bytes(run, base + start, bytes + start, end - start, e))
					return false;
				start = at;
			}
			memcpy(bytes + at, s->content + offset, size);
			end = at + size;
		}
	}
	return end == start || write_bytes(run, base + start, bytes + start, end - start, e);
}

/* --- verify --------------------------------------------------------------------------------------------------- */

/* Does the device hold these bytes of a sector? */
static bool holds(struct driver_run *run, uint64_t address, const uint8_t *data, size_t size,
		  bool *same, struct err *e)
{
	uint8_t *now;

	if (run->d->same)
		return run->d->same(run->handle, address, data, size, same, e);
	now = driver_buffer(run, size);
	if (!run->d->read(run->handle, address, now, size, e))
		return false;
	*same = memcmp(now, data, size) == 0;
	return true;
}

static bool sector_holds(struct driver_run *run, const struct plan_sector *s, bool *same,
			 struct err *e)
{
	uint32_t offset = 0, size = 0;

	*same = true;
	while (*same && plan_next_compared(&run->plan, s, &offset, &size))
		if (!holds(run, s->address + offset, s->content + offset, size, same, e))
			return false;
	return true;
}

/* All of a group by one question; what is together in memory needs no copy. */
static bool group_holds(struct driver_run *run, const struct group *g, bool *same, struct err *e)
{
	size_t size = (size_t)group_size(g), each = g->sectors[0].size;
	AUTO_FREE uint8_t *all = NULL;

	if (g->count == 1)
		return sector_holds(run, &g->sectors[0], same, e);
	all = xmalloc(size);
	for (size_t i = 0; i < g->count; i++)
		memcpy(all + i * each, g->sectors[i].content, each);
	return holds(run, g->sectors[0].address, all, size, same, e);
}

static void show_bytes(struct strbuf *out, const uint8_t *bytes, size_t count)
{
	for (size_t i = 0; i < count && i < SHOWN; i++)
		strbuf_addf(out, "%s%02x", i ? " " : "", bytes[i]);
}

static bool is_protected(const struct plan_sector *s, const uint8_t *now)
{
	return s->old.size && memcmp(now + s->old.offset, s->old.bytes, s->old.size) == 0;
}

static bool say_wrong(const struct plan_sector *s, const uint8_t *now, struct err *e)
{
	AUTO_STRBUF is = STRBUF_INIT, wanted = STRBUF_INIT;
	uint32_t at = 0;

	while (at < s->size && now[at] == s->content[at])
		at++;
	if (at == s->size)
		return err_set(e,
			       "the sector at 0x%08" PRIx64
			       " reads differently each time; nothing of it is certain",
			       s->address);
	show_bytes(&is, now + at, s->size - at);
	show_bytes(&wanted, s->content + at, s->size - at);
	err_set(e, "0x%08" PRIx64 " holds %s instead of %s, also after a second try",
		s->address + at, is.buf, wanted.buf);
	return err_hint(e,
			"run the same command again; if it fails at the same place, the flash is "
			"worn out or protected");
}

/* Why a sector that was written twice does not hold it. Always false. */
static bool explain_sector(struct driver_run *run, const struct plan_sector *s, struct err *e)
{
	uint64_t last = s->address + s->size - 1;
	uint32_t offset = 0, size = 0;
	uint8_t *now;

	if (!run->d->read) {
		err_set(e,
			"0x%08" PRIx64 "-0x%08" PRIx64
			" does not hold what was written, also after a second try",
			s->address, last);
		return err_hint(e, "run the same command again; if it fails at the same place, the "
				   "flash is worn out or protected");
	}
	now = driver_buffer(run, s->size);
	memcpy(now, s->content, s->size);
	while (plan_next_compared(&run->plan, s, &offset, &size))
		if (!run->d->read(run->handle, s->address + offset, now + offset, size, e))
			return false;
	journal_add_wrong(&run->journal, s->address, s->size, now);
	if (!journal_save(&run->journal, e))
		return false;
	if (!is_protected(s, now))
		return say_wrong(s, now, e);
	err_set(e,
		"the sector 0x%08" PRIx64 "-0x%08" PRIx64
		" is write-protected: it was erased and written without an error, and holds what it held",
		s->address, last);
	return err_hint(e,
			"take the protection off with a tool of the chip's maker (option bytes), "
			"or flash an image that leaves this sector alone");
}

/* Once more; what then is wrong stays so. */
static bool retry_sector(struct driver_run *run, struct plan_sector *s, struct err *e)
{
	struct group one = { s, 1 };
	bool same;

	flash_target_note(run->t, "0x%08" PRIx64 " is not what was written: once more", s->address);
	if (!erase_group(run, &one, e) || !write_group(run, &one, e) ||
	    !sector_holds(run, s, &same, e))
		return false;
	return same || explain_sector(run, s, e);
}

static bool verify_sectors(struct driver_run *run, const struct group *g, struct err *e)
{
	bool same;

	for (size_t i = 0; i < g->count; i++) {
		if (!sector_holds(run, &g->sectors[i], &same, e))
			return false;
		if (!same && !retry_sector(run, &g->sectors[i], e))
			return false;
	}
	return true;
}

/* A group of more bytes than are worth one question is asked about in parts. */
static bool verify_part(struct driver_run *run, const struct group *g, struct err *e)
{
	bool same;

	if (!is_read(run, &g->sectors[0])) {
		run->unproven = true;
	} else {
		if (!group_holds(run, g, &same, e))
			return false;
		if (!same && !verify_sectors(run, g, e))
			return false;
	}
	run->verify_done += group_size(g);
	driver_progress(run, "verify", run->verify_done, run->verify_total);
	for (size_t i = 0; i < g->count; i++) {
		g->sectors[i].state = SECTOR_EQUAL;
		journal_drop(&run->journal, g->sectors[i].address, g->sectors[i].size);
	}
	return journal_save(&run->journal, e);
}

static bool verify_group(struct driver_run *run, const struct group *g, struct err *e)
{
	uint32_t most = run->d->same ? run->d->same_size : GROUP;
	size_t each = most / g->sectors[0].size;

	if (!each)
		each = 1;
	for (size_t i = 0; i < g->count; i += each) {
		struct group part = { g->sectors + i, g->count - i < each ? g->count - i : each };

		if (!verify_part(run, &part, e))
			return false;
	}
	return true;
}

/* --- order ---------------------------------------------------------------------------------------------------- */

/* Between two groups: here a run may stop, and the next one goes on. */
bool driver_may_go_on(const struct driver_run *run, struct err *e)
{
	if (!process_interrupted())
		return true;
	if (run->begun)
		err_set(e,
			"interrupted between two sectors, with %" PRIu64 " of %" PRIu64
			" bytes written",
			run->write_done, run->plan.bytes_write);
	else
		err_set(e, "interrupted; nothing was written");
	e->kind = ERR_INTERRUPTED;
	return false;
}

/* The sector that is written last, when it is to be written at all; NULL: none. Where a write erases, it cannot be so. */
static struct plan_sector *last_sector(struct driver_run *run)
{
	for (size_t i = 0; i < run->plan.count; i++) {
		struct plan_sector *s = &run->plan.sectors[i];

		if (s->covered)
			return run->d->erase && !is_ram(s) && plan_sector_is_work(s) ? s : NULL;
	}
	return NULL;
}

/* So many sectors from `s` on make a group. */
static size_t group_length(const struct driver_run *run, const struct plan_sector *s,
			   const struct plan_sector *last)
{
	const struct plan_sector *end = run->plan.sectors + run->plan.count;
	uint64_t most = run->d->erase || is_ram(s) ? GROUP : UINT64_MAX;
	size_t count = 1;

	if (is_ram(s))
		return 1;
	while (s + count < end && s + count != last && s[count].zone == s->zone &&
	       plan_sector_is_work(&s[count]) &&
	       plan_sector_is_erased(&s[count]) == plan_sector_is_erased(s) &&
	       s[count].address == s->address + (uint64_t)s->size * count &&
	       (uint64_t)s->size * (count + 1) <= most)
		count++;
	return count;
}

static bool do_group(struct driver_run *run, const struct group *g, struct err *e)
{
	return driver_may_go_on(run, e) && keep_old(run, g, e) &&
	       (!plan_sector_is_erased(&g->sectors[0]) || erase_group(run, g, e)) &&
	       write_group(run, g, e) && verify_group(run, g, e);
}

static bool do_others(struct driver_run *run, const struct plan_sector *last, struct err *e)
{
	struct group g;

	for (size_t i = 0; i < run->plan.count; i += g.count) {
		g = (struct group){ &run->plan.sectors[i], 1 };
		if (g.sectors == last || !plan_sector_is_work(g.sectors))
			continue;
		g.count = group_length(run, g.sectors, last);
		if (!do_group(run, &g, e))
			return false;
	}
	return true;
}

static bool do_all(struct driver_run *run, struct err *e)
{
	struct group last = { last_sector(run), 1 };

	if (!last.sectors)
		return do_others(run, NULL, e);
	if (!driver_may_go_on(run, e) || !keep_old(run, &last, e))
		return false;
	if (plan_sector_is_erased(last.sectors) && !erase_group(run, &last, e))
		return false;
	return do_others(run, last.sectors, e) && driver_may_go_on(run, e) &&
	       write_group(run, &last, e) && verify_group(run, &last, e);
}

static void count_totals(struct driver_run *run)
{
	for (size_t i = 0; i < run->plan.count; i++) {
		const struct plan_sector *s = &run->plan.sectors[i];

		if (plan_sector_is_work(s))
			run->verify_total += s->size;
		if (plan_sector_is_erased(s))
			run->erase_total += s->size;
	}
}

bool driver_write(struct driver_run *run, struct err *e)
{
	count_totals(run);
	return do_all(run, e);
}
