/* SPDX-License-Identifier: MIT
 *
 * One run of a driver, from a device that runs something to one that runs something again.
 */
#include "flash/driver.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "flash/driver_internal.h"

enum { READ_PIECE = 64 * 1024 };

uint8_t *driver_buffer(struct driver_run *run, size_t size)
{
	if (run->buf_size < size) {
		run->buf = xrealloc(run->buf, size);
		run->buf_size = size;
	}
	return run->buf;
}

void driver_progress(const struct driver_run *run, const char *what, uint64_t done, uint64_t total)
{
	if (run->t->progress)
		run->t->progress(run->t->ctx, what, done < total ? done : total, total);
}

/* --- open and close ------------------------------------------------------------------------------------------- */

static bool enter_bootloader(struct driver_run *run, struct err *e)
{
	const struct flash_target *t = run->t;
	bool asked = t->bootloader && strcmp(t->bootloader, "auto") != 0;
	struct bootloader_options options = {
		.method = asked ? t->bootloader : run->d->entry,
		.note = t->note,
		.hands = t->hands,
		.ctx = t->ctx,
	};

	run->device = t->attached;
	if (run->d->direct)
		return true;
	if (!t->attached)
		return err_set(e, "no device is attached that %s could write", run->d->name);
	if (!bootloader_enter(t->attached, &options, &run->entered, e))
		return false;
	run->device = run->entered.device;
	return true;
}

static bool open_device(struct driver_run *run, struct err *e)
{
	const struct device *attached = run->t->attached;

	if (run->result && attached && !run->result->device)
		run->result->device = xstrdup(attached->id);
	if (!enter_bootloader(run, e))
		return false;
	run->is_open = run->d->open(run->t, run->device, &run->memory, &run->handle, e);
	return run->is_open;
}

static void close_device(struct driver_run *run)
{
	if (run->is_open)
		run->d->close(run->handle);
	run->is_open = false;
	run->handle = NULL;
}

static void end_run(struct driver_run *run)
{
	close_device(run);
	plan_free(&run->plan);
	journal_free(&run->journal);
	flash_memory_free(&run->memory);
	devices_free(&run->entered.list);
	image_free(&run->prepared);
	image_free(&run->whole);
	free(run->blank);
	free(run->buf);
}

/* Leaves, and waits for the board. */
static bool bring_back(struct driver_run *run, struct err *e)
{
	static const struct device_query all = { 0 };
	AUTO_DEVICES before = DEVICES_INIT;
	AUTO_ERR ignored = ERR_INIT;

	if (run->t->attached)
		devices_find(&all, &before, &ignored);
	if (run->d->leave && !run->d->leave(run->handle, e))
		return false;
	close_device(run);
	return driver_wait_back(run, &before, e);
}

/* It runs what it ran before, which the next command will want to find. */
void driver_let_go(struct driver_run *run)
{
	AUTO_ERR late = ERR_INIT;

	if (!run->entered.method || !run->d->leave || !run->is_open)
		return;
	run->img = NULL;
	if (!bring_back(run, &late) && late.kind != ERR_INTERRUPTED)
		flash_target_note(run->t, "%s", late.msg);
}

/* One that was only looked at: what waited for firmware before goes on waiting. */
static bool put_back(struct driver_run *run, struct err *e)
{
	bool waited = !run->d->direct && !run->entered.method;

	return waited || bring_back(run, e);
}

/* --- flash, verify -------------------------------------------------------------------------------------------- */

/* What went wrong half way is mended by the next run, and people should know. */
static bool say_again(const struct driver_run *run, struct err *e)
{
	static const char again[] = "run the same command again: it goes on from there";

	if (run->begun && !e->hint)
		err_hint(e, "%s", again);
	else if (run->begun && !strstr(e->hint, "again"))
		err_hint(e, "%s; then %s", e->hint, again);
	return false;
}

/* What this device gets: the driver may change the image for it. */
static bool prepare(struct driver_run *run, struct err *e)
{
	bool changed = false;

	if (!run->d->prepare)
		return true;
	if (!run->d->prepare(run->handle, run->img, &run->prepared, &changed, e))
		return false;
	if (changed)
		run->img = &run->prepared;
	return true;
}

static bool check_and_plan(struct driver_run *run, struct err *e)
{
	bool ok = (!run->d->check || run->d->check(run->handle, run->img, e)) && prepare(run, e);

	if (ok && driver_erase_all(run, e) && driver_make_plan(run, e))
		return true;
	if (!ok || e->kind == ERR_INTERRUPTED)
		driver_let_go(run);
	return false;
}

/* The plan of a locked chip knew nothing; now there is nothing. */
static bool unlock(struct driver_run *run, struct err *e)
{
	bool unlocked = false;

	if (!run->t->unlock || !run->d->unlock)
		return true;
	if (!run->d->unlock(run->handle, &unlocked, e))
		return false;
	if (!unlocked)
		return true;
	plan_free(&run->plan);
	return driver_make_plan(run, e);
}

static void note_plan(const struct driver_run *run)
{
	AUTO_STRBUF text = STRBUF_INIT;

	plan_text(&run->plan, &text);
	flash_target_note(run->t, "%s", text.buf);
}

static bool flash_run(struct driver_run *run, struct err *e)
{
	if (!open_device(run, e) || !check_and_plan(run, e) || !unlock(run, e))
		return false;
	note_plan(run);
	run->result->bytes_equal = run->plan.bytes_equal;
	if (!driver_write(run, e)) {
		if (!run->begun && e->kind == ERR_INTERRUPTED)
			driver_let_go(run);
		return say_again(run, e);
	}
	run->result->verified = !run->unproven;
	return bring_back(run, e) || say_again(run, e);
}

bool driver_flash(const struct flash_driver *d, const struct flash_target *t,
		  const struct image *img, struct flash_result *result, struct err *e)
{
	struct driver_run run = { .d = d, .t = t, .img = img, .result = result };
	bool ok = flash_run(&run, e);

	end_run(&run);
	return ok;
}

/* The error names the first difference, as exactly as the protocol can tell it. */
static bool say_difference(const struct plan_sector *s, struct err *e)
{
	uint64_t last = s->address + s->size - 1;

	if (s->old.size)
		err_set(e, "0x%08" PRIx64 " holds %02x, the image has %02x",
			s->address + s->old.offset, s->old.bytes[0], s->content[s->old.offset]);
	else if (s->state == SECTOR_UNKNOWN)
		return err_set(e, "0x%08" PRIx64 "-0x%08" PRIx64 " cannot be read", s->address,
			       last);
	else
		err_set(e, "0x%08" PRIx64 "-0x%08" PRIx64 " differs from the image", s->address,
			last);
	return err_hint(e, "flash the board again");
}

static bool verify_run(struct driver_run *run, struct err *e)
{
	if (!run->d->same && !run->d->read)
		return err_set(e, "%s cannot read what a device holds", run->d->name);
	if (!open_device(run, e) || !check_and_plan(run, e))
		return false;
	for (size_t i = 0; i < run->plan.count; i++) {
		const struct plan_sector *s = &run->plan.sectors[i];

		if (!plan_sector_is_work(s))
			continue;
		driver_let_go(run);
		return say_difference(s, e);
	}
	run->result->bytes = run->plan.bytes_image;
	run->result->verified = true;
	return put_back(run, e);
}

bool driver_verify(const struct flash_driver *d, const struct flash_target *t,
		   const struct image *img, struct flash_result *result, struct err *e)
{
	struct driver_run run = {
		.d = d, .t = t, .img = img, .result = result, .only_image = true
	};
	bool ok = verify_run(&run, e);

	end_run(&run);
	return ok;
}

/* --- read ----------------------------------------------------------------------------------------------------- */

static bool joins(const struct memory_zone *a, const struct memory_zone *b)
{
	return memory_zone_end(a) == b->start && a->part == b->part &&
	       (a->access & MEMORY_READ) == (b->access & MEMORY_READ) &&
	       (a->name == b->name || (a->name && b->name && strcmp(a->name, b->name) == 0));
}

void driver_region(const struct flash_memory *m, const struct memory_zone *z, uint64_t *start,
		   uint64_t *end)
{
	const struct memory_zone *first = z, *last = z;

	while (first > m->zones && joins(first - 1, first))
		first--;
	while (last + 1 < m->zones + m->count && joins(last, last + 1))
		last++;
	*start = first->start;
	*end = memory_zone_end(last);
}

static bool read_piece(struct driver_run *run, uint64_t at, size_t size, struct image *out,
		       struct err *e)
{
	uint8_t *buf = driver_buffer(run, size);

	if (at + size > UINT64_C(1) << 32)
		return err_set(e, "0x%08" PRIx64 " is beyond what an image can hold", at);
	return run->d->read(run->handle, at, buf, size, e) &&
	       image_add(out, (uint32_t)at, buf, size, true, e);
}

static bool can_read(const struct driver_run *run, uint64_t start, uint64_t end, struct err *e)
{
	for (uint64_t at = start; at < end;) {
		const struct memory_zone *z = flash_memory_find(&run->memory, at);

		if (!z || !(z->access & MEMORY_READ))
			return err_set(e, "0x%08" PRIx64 " cannot be read", at);
		at = memory_zone_end(z);
	}
	return true;
}

static bool read_range(struct driver_run *run, uint64_t start, uint64_t end, struct image *out,
		       struct err *e)
{
	uint64_t n;

	for (uint64_t at = start; at < end; at += n) {
		n = memory_zone_end(flash_memory_find(&run->memory, at)) - at;
		n = n < READ_PIECE ? n : READ_PIECE;
		n = n < end - at ? n : end - at;
		if (!driver_may_go_on(run, e) || !read_piece(run, at, (size_t)n, out, e))
			return false;
		driver_progress(run, "read", at + n - start, end - start);
	}
	return true;
}

static bool read_all(struct driver_run *run, struct image *out, struct err *e)
{
	for (size_t i = 0; i < run->memory.count; i++) {
		const struct memory_zone *z = &run->memory.zones[i];

		if (z->access & MEMORY_READ &&
		    !read_range(run, z->start, memory_zone_end(z), out, e))
			return false;
	}
	return out->count || err_set(e, "the device has no memory that can be read");
}

/* What to read; an error is of the question, and the device as it was. */
static bool find_range(struct driver_run *run, uint64_t address, uint64_t size, uint64_t *start,
		       uint64_t *end, struct err *e)
{
	const struct memory_zone *z = flash_memory_find(&run->memory, address);

	if (!z)
		return err_set(e, "the device has no memory at 0x%08" PRIx64, address);
	*start = address;
	*end = address + size;
	if (!size)
		driver_region(&run->memory, z, start, end);
	else if (*end < address)
		return err_set(e, "0x%" PRIx64 " bytes at 0x%08" PRIx64 " are no memory", size,
			       address);
	return can_read(run, *start, *end, e);
}

static bool read_asked(struct driver_run *run, uint64_t address, uint64_t size, struct image *out,
		       struct err *e)
{
	uint64_t start = 0, end = 0;
	bool ok;

	if (!size && !address && !flash_memory_find(&run->memory, address)) {
		ok = read_all(run, out, e);
	} else if (find_range(run, address, size, &start, &end, e)) {
		ok = read_range(run, start, end, out, e);
	} else {
		driver_let_go(run);
		return false;
	}
	if (!ok && e->kind == ERR_INTERRUPTED)
		driver_let_go(run);
	return ok;
}

bool driver_read(const struct flash_driver *d, const struct flash_target *t, uint64_t address,
		 uint64_t size, struct image *out, struct err *e)
{
	AUTO_FLASH_RESULT result = FLASH_RESULT_INIT;
	struct driver_run run = { .d = d, .t = t, .result = &result };
	bool ok;

	if (!d->read)
		return err_set(e, "%s cannot read what a device holds", d->name);
	ok = open_device(&run, e) && read_asked(&run, address, size, out, e) && put_back(&run, e);
	end_run(&run);
	return ok;
}

/* --- plan ----------------------------------------------------------------------------------------------------- */

/* The plan is the caller's from here on. */
static bool plan_open(struct driver_run *run, struct plan *out, struct err *e)
{
	if (!open_device(run, e) || !check_and_plan(run, e))
		return false;
	plan_keep_contents(&run->plan); /* they may be the driver's */
	*out = run->plan;
	run->plan = (struct plan)PLAN_INIT;
	return true;
}

bool driver_plan(const struct flash_driver *d, const struct flash_target *t,
		 const struct image *img, struct plan *out, struct err *e)
{
	struct driver_run run = { .d = d, .t = t, .img = img, .dry = true };
	bool ok;

	if (!d->direct && !(t->attached && bootloader_is_in(t->attached)))
		return driver_plan_by_rules(d, t, img, out, e);
	ok = plan_open(&run, out, e);
	end_run(&run);
	return ok;
}
