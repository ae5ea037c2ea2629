/* SPDX-License-Identifier: MIT
 *
 * The plan of a run: from the open device, with what an earlier run kept of it; or, while the device runs something else, from what the
 * rules say of its flash.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/size.h"
#include "base/vec.h"
#include "flash/driver_internal.h"
#include "image/check.h"

/* --- what the device holds ------------------------------------------------------------------------------------ */

static bool source_read(void *ctx, uint64_t address, void *buf, size_t size, struct err *e)
{
	const struct driver_run *run = ctx;

	return driver_may_go_on(run, e) && run->d->read(run->handle, address, buf, size, e);
}

static bool source_same(void *ctx, uint64_t address, const void *data, size_t size, bool *same,
			struct err *e)
{
	const struct driver_run *run = ctx;

	return driver_may_go_on(run, e) && run->d->same(run->handle, address, data, size, same, e);
}

static void source_looked(void *ctx, uint64_t done, uint64_t total)
{
	driver_progress(ctx, "compare", done, total);
}

static bool compare(struct driver_run *run, struct err *e)
{
	const struct plan_source source = {
		.read = run->d->read ? source_read : NULL,
		.same = run->d->same ? source_same : NULL,
		.same_size = run->d->same_size,
		.looked = source_looked,
		.ctx = run,
	};

	return plan_compare(&run->plan, &source, e);
}

/* --- what an earlier run kept --------------------------------------------------------------------------------- */

static const char *number_of(const struct driver_run *run)
{
	if (run->memory.chip_number)
		return run->memory.chip_number;
	if (run->device)
		return run->device->id;
	return run->t->device ? run->t->device : run->t->probe ? run->t->probe : run->d->name;
}

static bool put_back(struct driver_run *run, const struct journal_entry *entry, const uint8_t *now,
		     struct err *e)
{
	flash_target_note(
		run->t,
		"0x%08" PRIx64 "-0x%08" PRIx64
		" was being written when the last run ended: its other bytes are put back",
		entry->address, entry->address + entry->size - 1);
	return plan_restore(&run->plan, entry->address, entry->old, now, entry->size, e);
}

/* Another program has written the sector since: its bytes are newer than ours. *gone: the entry is no more. */
static bool take_entry(struct driver_run *run, struct journal_entry *entry, bool *gone,
		       struct err *e)
{
	const struct memory_zone *z = flash_memory_find(&run->memory, entry->address);
	uint8_t *now = driver_buffer(run, entry->size);

	*gone = false;
	if (!run->d->read || !z || !(z->access & MEMORY_READ) || z->sector != entry->size ||
	    (entry->address - z->start) % z->sector)
		return true; /* another way to the same device, with another view of it */
	if (!run->d->read(run->handle, entry->address, now, entry->size, e))
		return false;
	switch (journal_judge(entry, now)) {
	case JOURNAL_INTERRUPTED:
		return put_back(run, entry, now, e);
	case JOURNAL_STALE:
		flash_target_note(run->t,
				  "0x%08" PRIx64 "-0x%08" PRIx64
				  " was written by another program since the last run was cut off: "
				  "it is left as it is",
				  entry->address, entry->address + entry->size - 1);
		break;
	case JOURNAL_WHOLE:
		break;
	}
	*gone = !run->dry;
	if (*gone)
		journal_drop(&run->journal, entry->address, entry->size);
	return true;
}

static bool take_kept(struct driver_run *run, struct err *e)
{
	char *note = NULL;
	bool ok = journal_open(&run->journal, run->t->run_dir, number_of(run), &note, e), gone;

	if (note)
		flash_target_note(run->t, "%s", note);
	free(note);
	for (size_t i = 0; ok && i < run->journal.count; i += !gone)
		ok = take_entry(run, &run->journal.entries[i], &gone, e);
	return ok && journal_save(&run->journal, e);
}

/* --- what is lost --------------------------------------------------------------------------------------------- */

/* Bytes of a sector from `from` to `to` that are not the image's: which region of `list` do they touch? */
static const struct image_region *region_at(const struct image_region *list, size_t count,
					    uint64_t from, uint64_t to)
{
	for (size_t i = 0; i < count; i++)
		if (list[i].start < to && from < list[i].end)
			return &list[i];
	return NULL;
}

static bool judge_gap(const struct driver_run *run, uint64_t from, uint64_t to, struct err *e)
{
	const struct flash_target *t = run->t;
	const struct image_region *r = region_at(t->protect, t->protect_count, from, to);

	if (!r)
		r = region_at(t->filesystem, t->filesystem_count, from, to);
	if (!r) {
		flash_target_note(t,
				  "0x%08" PRIx64 "-0x%08" PRIx64
				  " cannot be read; it is erased with the image's sector",
				  from, to - 1);
		return true;
	}
	err_set(e,
		"0x%08" PRIx64 "-0x%08" PRIx64
		" (%s) shares a sector with the image, cannot be read, and would be lost",
		from, to - 1, r->name ? r->name : "protected");
	return err_hint(e, "flash by another method, one that can read the device");
}

static bool judge_sector(const struct driver_run *run, const struct plan_sector *s, struct err *e)
{
	uint64_t at = s->address;

	for (const struct plan_range *r = s->ranges; r; r = r->next) {
		uint64_t start = s->address + r->offset;

		if (at < start && !judge_gap(run, at, start, e))
			return false;
		at = start + r->size;
	}
	return at >= s->address + s->size || judge_gap(run, at, s->address + s->size, e);
}

static bool judge_lost(const struct driver_run *run, struct err *e)
{
	for (size_t i = 0; i < run->plan.count; i++)
		if (run->plan.sectors[i].lost && !judge_sector(run, &run->plan.sectors[i], e))
			return false;
	return true;
}

bool driver_make_plan(struct driver_run *run, struct err *e)
{
	journal_free(&run->journal); /* of a plan before it */
	run->plan.write_erases = !run->d->erase;
	if (!plan_make(&run->plan, run->img, &run->memory, e)) {
		driver_let_go(run);
		return false;
	}
	if (!compare(run, e) || (!run->only_image && !take_kept(run, e)))
		return false;
	if (run->only_image || judge_lost(run, e))
		return true;
	driver_let_go(run);
	return false;
}

/* --- by the rules --------------------------------------------------------------------------------------------- */

/* "128K", or "4*16K": sectors of one size. *count is 0 where the word does not say how many. */
static bool parse_sectors(const char *word, size_t len, uint32_t *size, uint32_t *count)
{
	AUTO_FREE char *text = xstrndup(word, len);
	char *star = strchr(text, '*'), *number = star ? star + 1 : text, *end;
	unsigned long n = strtoul(number, &end, 0);

	if (*number < '0' || *number > '9')
		return false;
	if (*end == 'K' || *end == 'k') {
		n *= 1024;
		end++;
	}
	*size = (uint32_t)n;
	*count = 0;
	if (*end || !n || n > UINT32_MAX)
		return false;
	if (!star)
		return true;
	n = strtoul(text, &end, 0);
	*count = (uint32_t)n;
	return end == star && end != text && n && n <= UINT32_MAX;
}

/* What a word says of the sectors from `at` on; without a number one, or, of the last word, as many as there is room for. */
static bool read_rule_zone(const char *word, size_t len, bool last, uint64_t room,
			   struct memory_zone *z)
{
	if (!parse_sectors(word, len, &z->sector, &z->count))
		return false;
	if (!z->count)
		z->count = last ? (uint32_t)(room / z->sector) : 1;
	return true;
}

static bool add_rule_zones(struct flash_memory *m, const char *words, uint64_t base, uint64_t bytes,
			   struct err *e)
{
	uint64_t at = base, end = base + bytes;

	for (const char *p = words + strspn(words, " "), *next; *p; p = next) {
		struct memory_zone z = { .start = at, .erased = 0xff };
		size_t len = strcspn(p, " ");

		next = p + len + strspn(p + len, " ");
		z.access = MEMORY_ERASE | MEMORY_WRITE;
		if (!read_rule_zone(p, len, !*next, at < end ? end - at : 0, &z))
			return err_set(e, "flash.sector = %s: a word is SIZE or COUNT*SIZE", words);
		if (!z.count)
			return err_set(
				e, "flash.sector = %s: flash.size has no room for the last of it",
				words);
		if (!flash_memory_add(m, &z, e))
			return false;
		at = memory_zone_end(&z);
	}
	return true;
}

bool driver_plan_by_rules(const struct flash_driver *d, const struct flash_target *t,
			  const struct image *img, struct plan *out, struct err *e)
{
	static const struct plan_source nothing = { 0 };
	AUTO_FLASH_MEMORY memory = FLASH_MEMORY_INIT;
	const char *sectors = flash_target_get(t, "flash.sector");
	uint64_t base = 0, size = 0;
	bool has_base, has_size;

	if (!flash_target_number(t, "flash.base", &has_base, &base, e) ||
	    !flash_target_number(t, "flash.size", &has_size, &size, e))
		return false;
	if (!has_base || !sectors) {
		err_set(e, "the layout of its flash is known when the device is in its bootloader");
		return err_hint(e, "`mpflash bootloader` brings it there");
	}
	out->write_erases = !d->erase;
	return add_rule_zones(&memory, sectors, base, size, e) && plan_make(out, img, &memory, e) &&
	       plan_compare(out, &nothing, e);
}
