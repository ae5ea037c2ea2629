/* SPDX-License-Identifier: MIT
 *
 * See fake_flash.h.
 */
#include "fake_flash.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/vec.h"

/* --- the memory ----------------------------------------------------------------------------------------------- */

static size_t zone_size(const struct memory_zone *z)
{
	return (size_t)z->sector * z->count;
}

static size_t zone_index(const struct fake *f, uint64_t address)
{
	const struct memory_zone *z = flash_memory_find(&f->memory, address);

	assert_non_null(z);
	return (size_t)(z - f->memory.zones);
}

uint8_t *fake_at(struct fake *f, uint64_t address)
{
	size_t i = zone_index(f, address);

	return f->bytes[i] + (address - f->memory.zones[i].start);
}

static uint8_t *written_at(struct fake *f, uint64_t address)
{
	size_t i = zone_index(f, address);

	return f->written[i] + (address - f->memory.zones[i].start);
}

void fake_add(struct fake *f, struct memory_zone zone)
{
	AUTO_ERR e = ERR_INIT;
	size_t at, size = zone_size(&zone);

	if (!flash_memory_add(&f->memory, &zone, &e))
		fail_msg("%s", e.msg);
	at = zone_index(f, zone.start);
	f->bytes = xrealloc(f->bytes, f->memory.count * sizeof(*f->bytes));
	f->written = xrealloc(f->written, f->memory.count * sizeof(*f->written));
	memmove(f->bytes + at + 1, f->bytes + at, (f->memory.count - 1 - at) * sizeof(*f->bytes));
	memmove(f->written + at + 1, f->written + at,
		(f->memory.count - 1 - at) * sizeof(*f->written));
	f->bytes[at] = memset(xmalloc(size), zone.erased, size);
	f->written[at] = xcalloc(size, 1);
}

uint8_t *fake_copy(const struct fake *f, size_t *size)
{
	size_t at = 0;
	uint8_t *all;

	*size = 0;
	for (size_t i = 0; i < f->memory.count; i++)
		*size += zone_size(&f->memory.zones[i]);
	all = xmalloc(*size);
	for (size_t i = 0; i < f->memory.count; i++) {
		memcpy(all + at, f->bytes[i], zone_size(&f->memory.zones[i]));
		at += zone_size(&f->memory.zones[i]);
	}
	return all;
}

size_t fake_place(const struct fake *f, uint64_t address)
{
	size_t at = 0, zone = zone_index(f, address);

	for (size_t i = 0; i < zone; i++)
		at += zone_size(&f->memory.zones[i]);
	return at + (size_t)(address - f->memory.zones[zone].start);
}

/* --- what goes wrong ------------------------------------------------------------------------------------------ */

/* Counts an operation. False with an error when it does not even begin. */
static bool begin_op(struct fake *f, const char *what, uint64_t address, bool *fault, struct err *e)
{
	size_t op = f->ops++;
	bool now = op == f->fault_at || (f->fault_stays && op > f->fault_at);

	*fault = now && f->fault != FAKE_NONE;
	if (f->gone || (*fault && f->fault == FAKE_ERROR))
		return err_set(e, "%s 0x%08" PRIx64 ": %s", what, address,
			       f->gone ? "the device is gone" : "refused");
	return true;
}

/* How an operation of which a part was done ends. */
static bool end_op(struct fake *f, const char *what, uint64_t address, bool fault, struct err *e)
{
	if (!fault || f->fault == FAKE_WRONG)
		return true;
	f->gone = f->fault == FAKE_GONE;
	return err_set(e, "%s 0x%08" PRIx64 ": %s", what, address,
		       f->gone ? "the device went away" : "no answer in time");
}

/* So much of `size` is done. */
static size_t part_of(const struct fake *f, bool fault, size_t size)
{
	return fault && (f->fault == FAKE_SHORT || f->fault == FAKE_GONE) ? size / 2 : size;
}

/* --- the driver ----------------------------------------------------------------------------------------------- */

static bool fake_open(const struct flash_target *t, const struct device *d,
		      struct flash_memory *memory, void **handle, struct err *e)
{
	struct fake *f = t->ctx;
	bool fault;

	(void)d;
	if (!begin_op(f, "open", 0, &fault, e) || !end_op(f, "open", 0, fault, e))
		return false;
	for (size_t i = 0; i < f->memory.count; i++)
		if (!flash_memory_add(memory, &f->memory.zones[i], e))
			return false;
	*handle = f;
	return true;
}

static void fake_close(void *handle)
{
	assert_non_null(handle);
}

static bool fake_check(void *handle, const struct image *img, struct err *e)
{
	const struct fake *f = handle;

	(void)img;
	return !f->objection || err_set(e, "%s", f->objection);
}

static const struct memory_zone *zone_of(const struct fake *f, uint64_t address, size_t size)
{
	const struct memory_zone *z = flash_memory_find(&f->memory, address);

	assert_non_null(z);
	assert_true(size > 0);
	assert_true(address + size <= memory_zone_end(z));
	return z;
}

static bool fake_read(void *handle, uint64_t address, void *buf, size_t size, struct err *e)
{
	struct fake *f = handle;
	bool fault;

	assert_true(zone_of(f, address, size)->access & MEMORY_READ);
	if (!begin_op(f, "read", address, &fault, e))
		return false;
	f->reads++;
	f->bytes_read += size;
	memset(buf, 0x5a, size);
	memcpy(buf, fake_at(f, address), part_of(f, fault, size));
	return end_op(f, "read", address, fault, e);
}

bool fake_same(void *handle, uint64_t address, const void *data, size_t size, bool *same,
	       struct err *e)
{
	struct fake *f = handle;
	bool fault;

	assert_true(zone_of(f, address, size)->access & MEMORY_READ);
	if (!begin_op(f, "same", address, &fault, e))
		return false;
	f->sames++;
	*same = memcmp(fake_at(f, address), data, size) == 0;
	return end_op(f, "same", address, fault, e);
}

static bool is_locked(const struct fake *f, uint64_t address)
{
	return f->locked <= address && address < f->locked_end;
}

/* No board may have a first sector of one image and others of another. */
static void look_at_first(struct fake *f, uint64_t address)
{
	const struct memory_zone *z;
	const uint8_t *now;

	if (!f->first_size || (f->first <= address && address < f->first + f->first_size))
		return;
	z = flash_memory_find(&f->memory, f->first);
	now = fake_at(f, f->first);
	if (f->first_was_whole)
		return;
	for (size_t i = 0; i < f->first_size; i++)
		assert_int_equal(now[i], z->erased);
}

static void set_erased(struct fake *f, uint64_t address, size_t size, uint8_t erased)
{
	for (size_t i = 0; i < size; i++) {
		if (is_locked(f, address + i))
			continue;
		*fake_at(f, address + i) = erased;
		*written_at(f, address + i) = 0;
	}
}

static bool fake_erase(void *handle, uint64_t address, uint64_t size, struct err *e)
{
	struct fake *f = handle;
	const struct memory_zone *z = zone_of(f, address, (size_t)size);
	size_t part;
	bool fault;

	assert_true(z->access & MEMORY_ERASE);
	assert_int_equal((address - z->start) % z->sector, 0);
	assert_int_equal(size % z->sector, 0);
	look_at_first(f, address);
	if (!begin_op(f, "erase", address, &fault, e))
		return false;
	f->erases++;
	f->sectors_erased += (size_t)(size / z->sector);
	strbuf_addf(&f->events, "erase %08" PRIx64 "+%" PRIx64 " ", address, size);
	part = part_of(f, fault, (size_t)size);
	if (fault && f->fault == FAKE_WRONG)
		return true;
	set_erased(f, address, part, z->erased);
	if (fault && f->fault == FAKE_GONE && part < size && !is_locked(f, address + part))
		*fake_at(f, address + part) |= z->erased & 0x5a; /* some bits of it */
	return end_op(f, "erase", address, fault, e);
}

/* Bits go from erased to the other value and not back. */
static void program(struct fake *f, const struct memory_zone *z, uint64_t address, uint8_t byte)
{
	uint8_t *at = fake_at(f, address);

	if (is_locked(f, address))
		return;
	if (!(z->access & MEMORY_ERASE))
		*at = byte;
	else
		*at = (uint8_t)(z->erased == 0xff ? *at & byte : *at | byte);
	*written_at(f, address) = 1;
}

static void check_write(struct fake *f, const struct memory_zone *z, uint64_t address, size_t size)
{
	size_t unit = z->write_unit ? z->write_unit : 1;

	assert_true(z->access & MEMORY_WRITE);
	if (z->access & MEMORY_ERASE && !f->driver.erase)
		unit = z->sector;
	assert_int_equal((address - z->start) % unit, 0);
	assert_int_equal(size % unit, 0);
	/* with ECC, a second write makes the unit unreadable */
	for (size_t i = 0; z->access & MEMORY_ERASE && f->driver.erase && i < size; i++)
		if (!z->blank_is_erased && !is_locked(f, address + i))
			assert_int_equal(*written_at(f, address + i), 0);
}

static bool fake_write(void *handle, uint64_t address, const void *data, size_t size,
		       void (*done)(void *ctx, size_t bytes), void *ctx, struct err *e)
{
	struct fake *f = handle;
	const struct memory_zone *z = zone_of(f, address, size);
	const uint8_t *bytes = data;
	size_t part;
	bool fault;

	look_at_first(f, address);
	if (!begin_op(f, "write", address, &fault, e))
		return false;
	if (!(f->fault == FAKE_WRONG && f->ops > f->fault_at)) /* an erase that did nothing */
		check_write(f, z, address, size);
	f->writes++;
	f->bytes_written += size;
	strbuf_addf(&f->events, "write %08" PRIx64 "+%zx ", address, size);
	part = part_of(f, fault, size);
	if (z->access & MEMORY_ERASE && !f->driver.erase)
		set_erased(f, address, size, z->erased);
	for (size_t i = 0; i < part; i++)
		program(f, z, address + i, bytes[i]);
	if (fault && f->fault == FAKE_WRONG)
		program(f, z, address + size / 2, (uint8_t) ~*fake_at(f, address + size / 2));
	if (fault && f->fault == FAKE_GONE && part < size && z->access & MEMORY_ERASE)
		program(f, z, address + part, (uint8_t)(bytes[part] | (z->erased & 0xf0)));
	done(ctx, part);
	return end_op(f, "write", address, fault, e);
}

static bool fake_leave(void *handle, struct err *e)
{
	struct fake *f = handle;
	bool fault;

	if (!begin_op(f, "leave", 0, &fault, e))
		return false;
	f->leaves++;
	return end_op(f, "leave", 0, fault, e);
}

/* --- for tests ------------------------------------------------------------------------------------------------ */

static void take_note(void *ctx, const char *text)
{
	struct fake *f = ctx;

	strbuf_addf(&f->notes, "%s\n", text);
}

static void take_progress(void *ctx, const char *what, uint64_t done, uint64_t total)
{
	(void)ctx;
	assert_non_null(what);
	assert_true(done <= total);
}

void fake_init(struct fake *f, const char *run_dir)
{
	*f = (struct fake){
		.notes = STRBUF_INIT,
		.events = STRBUF_INIT,
		.fault_at = SIZE_MAX,
		.driver = { .name = "fake",
			    .direct = true,
			    .open = fake_open,
			    .close = fake_close,
			    .check = fake_check,
			    .read = fake_read,
			    .erase = fake_erase,
			    .write = fake_write,
			    .leave = fake_leave },
		.target = { .port = "fake",
			    .board_id = "FAKE",
			    .device = "fake-1",
			    .run_dir = run_dir,
			    .note = take_note,
			    .progress = take_progress,
			    .ctx = f },
	};
}

void fake_free(struct fake *f)
{
	for (size_t i = 0; i < f->memory.count; i++) {
		free(f->bytes[i]);
		free(f->written[i]);
	}
	free(f->bytes);
	free(f->written);
	free(f->first_content);
	flash_memory_free(&f->memory);
	strbuf_free(&f->notes);
	strbuf_free(&f->events);
}

void fake_begin(struct fake *f)
{
	f->ops = f->reads = f->sames = f->erases = f->writes = f->leaves = 0;
	f->sectors_erased = 0;
	f->bytes_read = f->bytes_written = 0;
	f->fault = FAKE_NONE;
	f->fault_at = SIZE_MAX;
	f->fault_stays = f->gone = false;
	f->first_was_whole =
		f->first_size && memcmp(fake_at(f, f->first), f->first_content, f->first_size) == 0;
	strbuf_reset(&f->notes);
	strbuf_reset(&f->events);
}

bool fake_flash(struct fake *f, const struct image *img, struct err *e)
{
	AUTO_FLASH_RESULT result = FLASH_RESULT_INIT;

	return driver_flash(&f->driver, &f->target, img, &result, e);
}
