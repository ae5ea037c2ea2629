/* SPDX-License-Identifier: MIT
 *
 * From a board that runs, or waits with its drive, to a board that runs what was copied. Nobody tells whether a block was taken: that
 * the drive goes and the board comes back is what can be seen.
 */
#include "flash/uf2.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/vec.h"
#include "flash/driver_internal.h"
#include "flash/picoboot.h"
#include "flash/uf2_volume.h"
#include "image/chip.h"
#include "image/uf2.h"
#include "image/uf2_family.h"
#include "os/clock.h"
#include "os/process.h"
#include "os/stream.h"

enum {
	MOUNT_MS = 10000, /* a desktop mounts it, or we do */
	GONE_MS = 8000,   /* the bootloader writes its last page, waits for more, restarts */
	ONE_BLOCK_MS = 3000,
	LOOK_MS = 50,
};

static const struct device_query all = { 0 };

/* The run is a driver's, for entering and coming back; nothing but its name is asked. */
static const struct flash_driver as_driver = { .name = "uf2" };

/* --- what can be known before ----------------------------------------------------------------------------------- */

static bool available(const struct flash_target *t, struct err *e)
{
	const struct device *d = t->attached;

	if (!d)
		return err_set(e, "no board with a UF2 drive is attached");
	if (bootloader_is_in(d) && !d->volume)
		return err_set(e, "%s has no UF2 drive", device_label(d));
	for (size_t i = 0; d->methods[i]; i++)
		if (strcmp(d->methods[i], "uf2") == 0)
			return true;
	return err_set(e, "%s has no UF2 bootloader that is known", device_label(d));
}

/* "SAMD51J19A" -> samd51: the longest name that it begins with; NULL: none. */
static const struct chip *chip_called(const char *name)
{
	const struct chip *found = NULL;

	for (const struct chip *c = chips; name && c->name; c++)
		if (strncasecmp(name, c->name, strlen(c->name)) == 0 &&
		    (!found || strlen(c->name) > strlen(found->name)))
			found = c;
	return found;
}

static bool check_chip(const struct flash_target *t, const struct device *d,
		       const struct image *img, struct err *e)
{
	const struct chip *is = chip_called(d->chip), *wanted;
	const char *board_id = d->volume && d->volume->board_id ? d->volume->board_id : d->chip;
	bool certain;

	if (!is)
		return true;
	wanted = chip_of_image(img, &certain);
	if (strcmp(is->port, t->port) != 0)
		return err_set(e, "%s is a bootloader of %s (%s), not of %s", device_label(d),
			       is->port, board_id, t->port);
	if (!wanted || !certain || chip_matches(is, wanted) ||
	    (strcmp(is->name, "rp2350") == 0 && uf2_family_any_rp2(img->uf2_family)))
		return true;
	err_set(e, "the image is for %s, the drive is of %s (%s)", wanted->title, is->title,
		board_id);
	return err_hint(e, "`mpflash info FILE` shows what the file is for");
}

/* The bootloader writes over a SoftDevice without a word, and then the board is dead. */
static bool check_softdevice(const struct volume *v, const struct image *img, struct err *e)
{
	uint32_t start;

	if (!uf2_volume_start(v, &start) || image_start(img) == start)
		return true;
	err_set(e,
		"the image starts at 0x%05x, but the board has SoftDevice %s, behind which firmware "
		"starts at 0x%05x: it would not start again",
		(unsigned)image_start(img), v->softdevice, (unsigned)start);
	return err_hint(e,
			"take the firmware for that SoftDevice, or update the board's bootloader");
}

static bool check_device(const struct flash_target *t, const struct device *d,
			 const struct image *img, struct err *e)
{
	return check_chip(t, d, img, e) && (!d->volume || check_softdevice(d->volume, img, e));
}

static bool check(const struct flash_target *t, const struct image *img, struct err *e)
{
	return !t->attached || !bootloader_is_in(t->attached) ||
	       check_device(t, t->attached, img, e);
}

/* --- the file ----------------------------------------------------------------------------------------------------- */

static bool make_file(const struct flash_target *t, const struct device *d, const struct image *img,
		      struct strbuf *out, struct err *e)
{
	const char *family = flash_target_get(t, "uf2.family"),
		   *e10 = flash_target_get(t, "uf2.e10");
	const struct chip *chip = chip_called(d->chip);
	struct image_options opt = { 0 };

	if (!img->uf2_family && family && !image_option_set(&opt, "family", family, e))
		return false;
	if (!img->uf2_family && !family && chip)
		opt.uf2_family = chip->uf2_family;
	if (e10 && !image_option_set(&opt, "uf2.e10", e10, e))
		return false;
	return image_write(img, image_format_by_name("uf2"), &opt, out, e);
}

/* --- the drive ---------------------------------------------------------------------------------------------------- */

static bool has_mounted_drive(void *ctx, const struct device *now)
{
	return now->volume && now->volume->mount && driver_is_board(ctx, now);
}

/* Only when the rules ask for it: mounting is the user's affair. */
static bool mount_it(const struct flash_target *t, const struct volume *v, struct err *e)
{
	const char *word = flash_target_get(t, "uf2.mount");
	const char *const argv[] = { "udisksctl", "mount",   "--no-user-interaction",
				     "-b",        v->device, NULL };
	const struct process_spec spec = { .argv = argv };
	AUTO_STRBUF said = STRBUF_INIT;
	struct process_exit x;

	if (!word || strcmp(word, "yes") != 0 || !v->device)
		return true;
	flash_target_note(t, "mounting %s", v->device);
	return process_run(&spec, MOUNT_MS, &said, &x, e) &&
	       (x.code == 0 || err_set(e, "udisksctl cannot mount %s: %.*s", v->device,
				       (int)strcspn(said.buf, "\n"), said.buf));
}

static bool not_mounted(const struct device *d, struct arena *a, struct err *e)
{
	const char *how = d && d->volume ? volume_how_to_mount(d->volume, a) : NULL;

	err_set(e, "the UF2 drive of %s is not mounted", d ? device_label(d) : "the board");
	return err_hint(e, "mount it%s%s%s", how ? ": `" : "", how ? how : "", how ? "`" : "");
}

/* run->device is then the one with its drive mounted. */
static bool find_drive(struct driver_run *run, struct err *e)
{
	AUTO_ERR late = ERR_INIT;
	struct device *d = run->entered.device, *found;

	if (d->volume && !d->volume->mount && !mount_it(run->t, d->volume, e))
		return false;
	if (!d->volume || !d->volume->mount) {
		AUTO_DEVICES now = DEVICES_INIT;

		if (!device_wait(&all, has_mounted_drive, run, MOUNT_MS, &now, &found, &late)) {
			if (late.kind != ERR_INTERRUPTED)
				return not_mounted(d, &run->entered.list.arena, e);
			err_move(e, &late);
			return false;
		}
		devices_free(&run->entered.list);
		run->entered.list = now;
		now = (struct devices)DEVICES_INIT;
		run->entered.device = found;
	}
	run->device = run->entered.device;
	return true;
}

/* What the run holds. */
static struct uf2_drive *drive_of(const struct driver_run *run)
{
	return run->handle;
}

/* Whose drive is at that place, by what the board says of itself on USB? */
static bool is_the_boards(const struct driver_run *run, struct err *e)
{
	const char *mount = run->device->volume->mount;
	AUTO_DEVICES now = DEVICES_INIT;

	if (!devices_find(&all, &now, e))
		return false;
	for (size_t i = 0; i < now.count; i++) {
		const struct device *d = &now.items[i];

		if (!d->volume || !d->volume->mount || strcmp(d->volume->mount, mount) != 0)
			continue;
		if (device_is_same(run->device, d))
			return true;
		err_set(e, "the drive at %s is that of %s now, not of %s", mount, d->id,
			run->device->id);
		return err_hint(e,
				"plug the right one in again; `mpflash list` shows which is there");
	}
	return err_set(e, "the drive that was at %s went away", mount);
}

/* Held first, and then looked whose it is: what comes to its place later is not written. */
static bool hold_drive(struct driver_run *run, struct err *e)
{
	return uf2_drive_open(drive_of(run), run->device->volume, e) && is_the_boards(run, e);
}

static bool open_drive(struct driver_run *run, struct err *e)
{
	const struct flash_target *t = run->t;
	struct bootloader_options options = {
		.method = t->bootloader,
		.note = t->note,
		.hands = t->hands,
		.ctx = t->ctx,
	};

	if (!t->attached) {
		err_set(e, "no board with a UF2 drive is attached");
		return false;
	}
	if (run->result)
		run->result->device = xstrdup(t->attached->id);
	return bootloader_enter(t->attached, &options, &run->entered, e) && find_drive(run, e) &&
	       hold_drive(run, e);
}

/* Is that drive still there? One of a pulled device may be mounted until somebody unmounts it: its place tells. */
static bool is_there(const struct volume *v)
{
	AUTO_DEVICES now = DEVICES_INIT;
	AUTO_ERR ignored = ERR_INIT;

	if (!devices_find(&all, &now, &ignored))
		return false;
	for (size_t i = 0; i < now.count; i++) {
		const struct volume *is = now.items[i].volume;

		if (is && is->mount && strcmp(is->mount, v->mount) == 0 &&
		    (!v->usb_path || (is->usb_path && strcmp(is->usb_path, v->usb_path) == 0)))
			return true;
	}
	return false;
}

static bool wait_until_gone(const struct volume *v, int timeout_ms)
{
	int64_t deadline = stream_deadline(timeout_ms);

	while (is_there(v)) {
		if (!stream_left(deadline))
			return false;
		clock_sleep_ms(LOOK_MS);
	}
	return true;
}

/* --- copying ------------------------------------------------------------------------------------------------------ */

struct copying {
	const struct flash_target *t;
	size_t size;
};

static void tell_done(void *ctx, size_t bytes)
{
	const struct copying *c = ctx;

	if (c->t->progress)
		c->t->progress(c->t->ctx, "write", bytes, c->size);
}

static bool still_there(const struct driver_run *run, size_t blocks, struct err *e)
{
	AUTO_STRBUF why = STRBUF_INIT;
	const struct device *d = run->device;

	if (d->usb && d->usb->things & USB_PICOBOOT && !d->usb->denied)
		picoboot_uf2_reason(d->usb, &why);
	err_set(e, "the drive %s has got all %zu blocks, and did nothing with them%s%s",
		d->volume->mount, blocks, why.len ? ": " : "", why.buf);
	return err_hint(
		e, "`mpflash info FILE` shows the family of the file; plug the board in again");
}

static bool copy(struct driver_run *run, const struct strbuf *file, bool *went, struct err *e)
{
	struct copying c = { run->t, file->len };
	bool ok;

	if (drive_of(run)->dir < 0 && !hold_drive(run, e))
		return false;
	run->begun = true;
	ok = uf2_drive_copy(drive_of(run), (const uint8_t *)file->buf, file->len, tell_done, &c,
			    went, e);
	uf2_drive_close(drive_of(run));
	return ok;
}

/* Does the flash hold the image? What the drive does not show is a difference. */
static bool compare(const struct image *img, const struct image *now, uint32_t *at, int *is,
		    int *wanted)
{
	for (size_t i = 0; i < img->count; i++) {
		const struct image_segment *s = &img->segments[i];
		AUTO_FREE uint8_t *low = xmalloc(s->size);
		AUTO_FREE uint8_t *high = xmalloc(s->size);

		/* a byte that is not there comes out as two different ones */
		image_read(now, s->address, low, s->size, 0x00);
		image_read(now, s->address, high, s->size, 0xff);
		for (uint32_t k = 0; k < s->size; k++)
			if (low[k] != s->data[k] || high[k] != s->data[k]) {
				*at = s->address + k;
				*is = low[k] == high[k] ? low[k] : -1;
				*wanted = s->data[k];
				return false;
			}
	}
	return true;
}

/* The smallest file that makes a bootloader start what it has: one block, which is there already. */
static bool copy_one_block(struct driver_run *run, const struct strbuf *file, bool *went)
{
	AUTO_STRBUF one = STRBUF_INIT;
	AUTO_ERR ignored = ERR_INIT;
	static const uint8_t first_of_one[8] = { 0, 0, 0, 0, 1, 0, 0, 0 };

	strbuf_add(&one, file->buf, UF2_BLOCK);
	memcpy(one.buf + 20, first_of_one, sizeof(first_of_one));
	return copy(run, &one, went, &ignored) &&
	       wait_until_gone(run->device->volume, ONE_BLOCK_MS);
}

/* *equal: the board has it, as its drive shows. */
static bool look_first(const struct driver_run *run, bool *equal, struct err *e)
{
	AUTO_IMAGE now = IMAGE_INIT;
	uint32_t at;
	int is, wanted;
	bool shown;

	*equal = uf2_drive_current(drive_of(run), &now, &shown, e) && shown &&
		 compare(run->img, &now, &at, &is, &wanted);
	return true;
}

static bool copy_all(struct driver_run *run, const struct strbuf *file, struct err *e)
{
	bool went;

	if (!copy(run, file, &went, e)) {
		if (!e->hint)
			err_hint(e, "plug the board in again, and run the same command again");
		return false;
	}
	run->result->bytes = image_size(run->img);
	return wait_until_gone(run->device->volume, GONE_MS) ||
	       still_there(run, file->len / UF2_BLOCK, e);
}

/* Nothing was read back: that the board runs again is the only sign that it has it. */
static bool came_back(const struct driver_run *run, struct err *e)
{
	AUTO_DEVICES now = DEVICES_INIT;
	AUTO_ERR ignored = ERR_INIT;

	if (run->result->address)
		return true;
	if (devices_find(&all, &now, &ignored))
		for (size_t i = 0; i < now.count; i++)
			if (!bootloader_is_in(&now.items[i]) &&
			    driver_is_board(run, &now.items[i]) && device_port(&now.items[i]))
				return true;
	err_set(e, "the drive of %s took all blocks and went away, but the board did not come back",
		device_label(run->t->attached));
	return err_hint(e,
			"reset it; when it is in its bootloader again, run the same command again");
}

static bool bring_back(struct driver_run *run, const struct devices *before, struct err *e)
{
	if (run->t->attached->usb_path)
		return driver_wait_back(run, before, e) && came_back(run, e);
	flash_target_note(run->t,
			  "the drive is gone; where the board is on USB is not known, so it is "
			  "not looked for");
	return true;
}

static bool flash_run(struct driver_run *run, struct err *e)
{
	AUTO_STRBUF file = STRBUF_INIT;
	AUTO_DEVICES before = DEVICES_INIT;
	AUTO_ERR ignored = ERR_INIT;
	bool equal, went;

	if (!open_drive(run, e) || !check_device(run->t, run->device, run->img, e) ||
	    !make_file(run->t, run->device, run->img, &file, e) ||
	    !look_first(run, &equal, &ignored))
		return false;
	devices_find(&all, &before, &ignored);
	if (equal)
		flash_target_note(run->t, "its drive shows that it has this image");
	else
		flash_target_note(run->t, "copy %zu blocks to %s", file.len / UF2_BLOCK,
				  run->device->volume->mount);
	if (equal && copy_one_block(run, &file, &went))
		run->result->bytes_equal = image_size(run->img);
	else if (!copy_all(run, &file, e))
		return false;
	run->result->verified = run->result->bytes_equal > 0;
	return bring_back(run, &before, e);
}

static void end_run(struct driver_run *run)
{
	uf2_drive_close(drive_of(run));
	devices_free(&run->entered.list);
}

static bool flash(const struct flash_target *t, const struct image *img,
		  struct flash_result *result, struct err *e)
{
	struct uf2_drive drive = UF2_DRIVE_INIT;
	struct driver_run run = {
		.d = &as_driver, .t = t, .img = img, .result = result, .handle = &drive
	};
	bool ok = flash_run(&run, e);

	end_run(&run);
	return ok;
}

/* --- verify ------------------------------------------------------------------------------------------------------- */

static bool verify_run(struct driver_run *run, struct err *e)
{
	AUTO_IMAGE now = IMAGE_INIT;
	uint32_t at;
	int is, wanted;
	bool shown;

	if (!open_drive(run, e) || !check_device(run->t, run->device, run->img, e) ||
	    !uf2_drive_current(drive_of(run), &now, &shown, e))
		return false;
	if (!shown) {
		err_set(e, "the drive %s does not show what the flash holds",
			run->device->volume->mount);
		return err_hint(e, "an RP2's is compared by --method picoboot");
	}
	if (!compare(run->img, &now, &at, &is, &wanted)) {
		if (is < 0)
			err_set(e, "0x%08x is not shown by the drive, the image has %02x",
				(unsigned)at, (unsigned)wanted);
		else
			err_set(e, "0x%08x holds %02x, the image has %02x", (unsigned)at,
				(unsigned)is, (unsigned)wanted);
		return err_hint(e, "flash the board again");
	}
	run->result->bytes = image_size(run->img);
	run->result->verified = true;
	return true;
}

/* These bootloaders start firmware behind a block that they wrote, and nothing is written here. */
static void say_where_it_is(const struct driver_run *run)
{
	if (run->entered.method)
		flash_target_note(run->t, "%s waits in its bootloader: reset it to start it again",
				  device_label(run->device));
}

static bool verify(const struct flash_target *t, const struct image *img,
		   struct flash_result *result, struct err *e)
{
	struct uf2_drive drive = UF2_DRIVE_INIT;
	struct driver_run run = {
		.d = &as_driver, .t = t, .img = img, .result = result, .handle = &drive
	};
	bool ok = verify_run(&run, e);

	say_where_it_is(&run);
	end_run(&run);
	return ok;
}

static const char *const formats[] = { "uf2", "bin", "hex", "elf", NULL };

const struct flash_method uf2_method = {
	.name = "uf2",
	.title = "a file copied to the drive of a UF2 bootloader",
	.formats = formats,
	.available = available,
	.check = check,
	.flash = flash,
	.verify = verify,
};
