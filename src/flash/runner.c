/* SPDX-License-Identifier: MIT
 *
 * One run of an external tool as a flash method: files for it, the run itself, what may be done about a failure, and the board's
 * return.
 */
#include "flash/runner.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/path.h"
#include "flash/driver_internal.h"
#include "flash/runner_internal.h"
#include "image/check.h"
#include "os/fs.h"

#define AUTO_RUN __attribute__((cleanup(run_end))) struct runner_run

static void run_end(struct runner_run *run)
{
	AUTO_ERR ignored = ERR_INIT;

	if (run->dir)
		fs_remove_tree(run->dir, &ignored);
	strbuf_free(&run->output);
	arena_free(&run->arena);
}

/* --- the tool, and what it needs ------------------------------------------------------------------------------ */

const char *runner_find_program(const struct runner *r, struct arena *a, struct err *e)
{
	char *names = arena_strdup(a, r->programs), *rest = NULL;

	if (r->path && access(r->path, X_OK) == 0 && !fs_is_dir(r->path))
		return r->path;
	if (r->path) {
		err_set(e, "%s is not installed: %s is no program", r->tool, r->path);
		err_hint(e, "%s", r->install);
		return NULL;
	}
	for (char *name = strtok_r(names, " ", &rest); name; name = strtok_r(NULL, " ", &rest)) {
		AUTO_FREE char *found = process_find_program(name, getenv("PATH"));

		if (found)
			return arena_strdup(a, found);
	}
	err_set(e, "%s is not installed: there is no '%s' on PATH", r->tool, r->programs);
	err_hint(e, "%s", r->install);
	return NULL;
}

/* Variables of the rules without which its command line makes no sense. */
static bool has_required(struct runner_run *run, struct err *e)
{
	const struct runner *r = run->r;
	char *names = arena_strdup(&run->arena, r->required), *rest = NULL;

	for (char *name = strtok_r(names, " ", &rest); name; name = strtok_r(NULL, " ", &rest))
		if (!runner_value(run, name)) {
			err_set(e, "the rules do not say %s's name for the chip of %s", r->tool,
				run->t->board_id);
			return err_hint(e, "set %s.%s in a rule file, for this board", r->name,
					name);
		}
	return true;
}

static bool device_fits(const struct runner *r, const struct device *d, struct err *e)
{
	unsigned things = d && d->usb ? d->usb->things : 0;

	if (!d)
		return err_set(e, "no device is attached");
	if (!r->probes)
		return true;
	if (!(things & r->probes))
		return err_set(e, "%s is no probe that %s works with", device_label(d), r->tool);
	if (d->usb->denied) {
		err_set(e, USB_NO_PERMISSION " %s", device_label(d));
		return err_hint(e, "`mpflash doctor --install-udev` gives your user the rights");
	}
	return true;
}

static void run_begin(struct runner_run *run, const struct flash_target *t, const struct image *img)
{
	if (!t->method || !t->method->runner)
		BUG("a runner without its method");
	*run = (struct runner_run){
		.r = t->method->runner,
		.t = t,
		.img = img,
		.device = t->attached,
		.connect = "",
		.segment = SIZE_MAX,
		.output = STRBUF_INIT, /* a tool may say nothing */
	};
}

bool runner_installed(const struct flash_method *m, struct err *e)
{
	AUTO_ARENA arena = ARENA_INIT;

	return runner_find_program(m->runner, &arena, e) != NULL;
}

bool runner_available(const struct flash_target *t, struct err *e)
{
	AUTO_RUN run;

	run_begin(&run, t, NULL);
	run.program = runner_find_program(run.r, &run.arena, e);
	return run.program && device_fits(run.r, t->attached, e) && has_required(&run, e);
}

/* --- checks --------------------------------------------------------------------------------------------------- */

/*
 * A tool erases whole sectors, and whether it puts back what else was in them is its own affair. Where the rules know the sectors'
 * size, one that the image shares with what must stay is refused.
 */
static bool spares(const struct flash_target *t, const struct image_segment *s,
		   const struct image_region *region, uint64_t sector, struct err *e)
{
	uint64_t start = s->address - s->address % sector, end = s->address + (uint64_t)s->size;

	end = (end + sector - 1) / sector * sector;
	if (region->start >= end || region->end <= start)
		return true;
	err_set(e, "the image shares a sector with %s, which %s would erase",
		region->name ? region->name : "the user's files", t->method->runner->tool);
	return err_hint(e, "another --method keeps what is beside the image");
}

bool runner_check(const struct flash_target *t, const struct image *img, struct err *e)
{
	const struct runner *r = t->method->runner;
	uint64_t sector = 0;
	bool set;

	if (!img->count)
		return err_set(e, "the image is empty");
	if (strcmp(r->format, "bin") == 0 && img->count > 1 && runner_uses(r->flash, "file")) {
		err_set(e, "the image has %zu parts, and %s writes one", img->count, r->tool);
		return err_hint(e, "`mpflash convert --fill 0xff` makes one of them; "
				   "what lies between them is then written, too");
	}
	if (!flash_target_number(t, "flash.sector", &set, &sector, e))
		return false;
	for (size_t i = 0; set && sector && i < img->count; i++)
		for (size_t k = 0; k < t->protect_count; k++)
			if (!spares(t, &img->segments[i], &t->protect[k], sector, e))
				return false;
	return true;
}

/* --- its folder ----------------------------------------------------------------------------------------------- */

static bool write_file(struct runner_run *run, const char *name, const void *data, size_t size,
		       struct err *e)
{
	return fs_write_lazy(path_join(&run->arena, run->dir, name), data, size, 0600, e);
}

static bool write_image(struct runner_run *run, struct err *e)
{
	const struct image_format *format = image_format_by_name(run->r->format);
	AUTO_STRBUF bytes = STRBUF_INIT;

	return image_write(run->img, format, run->t->options, &bytes, e) &&
	       write_file(run, arena_printf(&run->arena, "firmware.%s", run->r->format), bytes.buf,
			  bytes.len, e);
}

static bool write_segments(struct runner_run *run, struct err *e)
{
	for (size_t i = 0; i < run->img->count; i++) {
		const struct image_segment *s = &run->img->segments[i];

		if (!write_file(run, runner_segment_file(run, i), s->data, s->size, e))
			return false;
	}
	return true;
}

static bool write_script(struct runner_run *run, struct err *e)
{
	AUTO_STRBUF text = STRBUF_INIT;

	return runner_script(run, run->r->script, &text, e) &&
	       write_file(run, "script", text.buf, text.len, e);
}

static bool asks_for(const struct runner *r, const char *name)
{
	const char *const texts[] = { r->flash, r->verify, r->script };

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		if (texts[i] && runner_uses(texts[i], name))
			return true;
	return false;
}

static bool make_folder(struct runner_run *run, struct err *e)
{
	AUTO_STRBUF dir = STRBUF_INIT;

	if (!fs_mkdirs(run->t->run_dir, e) ||
	    !fs_temp_dir(&dir, path_join(&run->arena, run->t->run_dir, run->r->name), e))
		return false;
	run->dir = arena_strdup(&run->arena, dir.buf);
	if (!run->img)
		return true;
	return (!asks_for(run->r, "file") || write_image(run, e)) &&
	       (!asks_for(run->r, "segment") || write_segments(run, e)) &&
	       (!run->r->script || write_script(run, e));
}

/* --- one call of the tool ------------------------------------------------------------------------------------- */

/* Did it do what was asked for? Some end with status 0 whatever happened. */
static bool succeeded(const struct runner_run *run, const char *line, const struct process_exit *x)
{
	const struct runner *r = run->r;
	const char *said = line == r->flash    ? r->success
			   : line == r->verify ? r->verify_success
					       : NULL;

	if (x->code != 0 || (said && !runner_has_line(run->output.buf, said)))
		return false;
	return line != r->verify || runner_judge(r, run->output.buf) != RUNNER_DIFFERS;
}

/* *cause is RUNNER_CAUSES when it succeeded. False: it could not be run at all. */
static bool call(struct runner_run *run, const char *line, enum runner_cause *cause,
		 struct process_exit *x, struct err *e)
{
	struct strv words = { 0 };
	bool ok = runner_words(run, line, &words, e) && runner_exec(run, &words, x, e);

	vec_free(&words);
	if (!ok)
		return false;
	*cause = succeeded(run, line, x) ? RUNNER_CAUSES : runner_judge(run->r, run->output.buf);
	return true;
}

/* With one way to connect after another, until one reaches the chip. */
static bool call_connecting(struct runner_run *run, const char *line, enum runner_cause *cause,
			    struct process_exit *x, struct err *e)
{
	const char *chosen =
		runner_uses(line, "connect") ? runner_value(run, "connect-mode") : NULL;
	char *modes = arena_strdup(&run->arena, chosen ? chosen : run->r->connects), *rest = NULL;
	char *mode = strtok_r(modes, " ", &rest);

	do {
		run->connect = mode ? mode : "";
		if (!call(run, line, cause, x, e))
			return false;
		mode = mode ? strtok_r(NULL, " ", &rest) : NULL;
		if (*cause == RUNNER_NO_CHIP && mode)
			flash_target_note(run->t, "%s does not reach the chip; trying '%s'",
					  run->r->tool, mode);
	} while (*cause == RUNNER_NO_CHIP && mode && runner_uses(line, "connect"));
	return true;
}

/* A cure for the cause, where the user allowed it. *cured: it is worth another try. */
static bool cure(struct runner_run *run, enum runner_cause cause, bool *cured, struct err *e)
{
	const struct runner *r = run->r;
	const char *line = NULL;
	struct process_exit x;
	enum runner_cause then;

	*cured = false;
	if ((cause == RUNNER_LOCKED || cause == RUNNER_PART_LOCKED) && run->t->unlock) {
		line = r->unlock;
		if (line)
			flash_target_note(run->t, "the chip is locked: %s erases it", r->tool);
	} else if ((cause == RUNNER_PACK_MISSING || cause == RUNNER_UNKNOWN_TARGET) &&
		   run->t->packs && runner_value(run, "target")) {
		line = r->pack;
		if (line)
			flash_target_note(run->t, "%s fetches support for %s", r->tool,
					  runner_value(run, "target"));
	}
	if (!line)
		return true;
	if (!call(run, line, &then, &x, e))
		return false;
	*cured = then == RUNNER_CAUSES;
	return *cured || runner_complain(run, then, &x, e);
}

static bool work(struct runner_run *run, const char *line, struct err *e)
{
	enum runner_cause cause, cured_of = RUNNER_CAUSES;
	struct process_exit x;
	bool cured;

	for (;;) {
		if (!call_connecting(run, line, &cause, &x, e))
			return false;
		if (cause == RUNNER_CAUSES)
			return true;
		/* What was cured once and is there again will not go away. */
		if (cause == cured_of)
			return runner_complain(run, cause, &x, e);
		if (!cure(run, cause, &cured, e))
			return false;
		if (!cured)
			return runner_complain(run, cause, &x, e);
		cured_of = cause;
	}
}

/* --- flash, verify, reset ------------------------------------------------------------------------------------- */

static bool prepare(struct runner_run *run, struct err *e)
{
	if (run->t->log && truncate(run->t->log, 0) < 0 && errno != ENOENT)
		return err_sys(e, errno, "cannot write the log %s", run->t->log);
	run->program = runner_find_program(run->r, &run->arena, e);
	return run->program && device_fits(run->r, run->t->attached, e) && has_required(run, e) &&
	       make_folder(run, e);
}

static bool enter(struct runner_run *run, struct bootloader_entered *entered, struct err *e)
{
	const struct flash_target *t = run->t;
	struct bootloader_options options = {
		.method = t->bootloader, .note = t->note, .hands = t->hands, .ctx = t->ctx
	};

	/* These have their bootloader's ids, also the one that has a serial port as firmware has. */
	if (!run->r->enters ||
	    (t->attached->usb && t->attached->usb->things & (USB_SAM_BA | USB_HALFKAY)))
		return true;
	if (!bootloader_enter(t->attached, &options, entered, e))
		return false;
	run->device = entered->device;
	return true;
}

/* Drivers' own wait for the board: a probe is always there, and the board behind its port is asked. */
static bool come_back(struct runner_run *run, const struct devices *before,
		      struct flash_result *result, struct err *e)
{
	const struct flash_driver as = { .name = run->r->name, .direct = run->r->probes != 0 };
	struct driver_run back = { .d = &as, .t = run->t, .img = run->img, .result = result };

	return driver_wait_back(&back, before, e);
}

static bool write_image_by_tool(struct runner_run *run, struct err *e)
{
	const struct runner *r = run->r;
	bool ok = true;

	if (r->loses)
		flash_target_note(run->t, "%s", r->loses);
	if (!r->per_segment)
		return work(run, r->flash, e);
	for (size_t i = 0; ok && i < run->img->count; i++) {
		run->segment = i;
		ok = work(run, r->flash, e);
	}
	run->segment = SIZE_MAX;
	return ok;
}

/* *same: all of it is there. Whatever else the tool says of it, it is then to write. */
static bool compare_by_tool(struct runner_run *run, bool *same, struct err *e)
{
	enum runner_cause cause;
	struct process_exit x;

	*same = false;
	if (!run->t->compare_first || !run->r->verify || !run->r->probes)
		return true;
	if (!call_connecting(run, run->r->verify, &cause, &x, e))
		return false;
	*same = cause == RUNNER_CAUSES;
	return true;
}

static bool write_and_compare(struct runner_run *run, struct flash_result *result, struct err *e)
{
	const struct runner *r = run->r;
	bool same;

	if (!compare_by_tool(run, &same, e))
		return false;
	if (same) {
		result->bytes_equal = image_size(run->img);
		result->verified = true;
		return true;
	}
	if (!write_image_by_tool(run, e))
		return false;
	result->bytes = image_size(run->img);
	result->verified = r->verifies;
	if (!r->verifies && r->verify) {
		if (!work(run, r->verify, e))
			return false;
		result->verified = true;
	}
	return r->resets || !r->reset || work(run, r->reset, e);
}

bool runner_flash(const struct flash_target *t, const struct image *img,
		  struct flash_result *result, struct err *e)
{
	static const struct device_query all = { 0 };
	struct bootloader_entered entered = BOOTLOADER_ENTERED_INIT;
	AUTO_DEVICES before = DEVICES_INIT;
	AUTO_ERR ignored = ERR_INIT;
	AUTO_RUN run;
	bool ok;

	run_begin(&run, t, img);
	if (!runner_check(t, img, e) || !prepare(&run, e))
		return false;
	result->device = xstrdup(t->attached->id);
	ok = enter(&run, &entered, e);
	if (ok)
		devices_find(&all, &before, &ignored);
	ok = ok && write_and_compare(&run, result, e) && come_back(&run, &before, result, e);
	devices_free(&entered.list);
	return ok;
}

bool runner_verify(const struct flash_target *t, const struct image *img,
		   struct flash_result *result, struct err *e)
{
	AUTO_RUN run;

	run_begin(&run, t, img);
	if (!runner_check(t, img, e) || !prepare(&run, e) || !work(&run, run.r->verify, e))
		return false;
	result->device = xstrdup(t->attached->id);
	result->bytes = image_size(img);
	result->verified = true;
	return true;
}

bool runner_reset(const struct flash_target *t, struct flash_result *result, struct err *e)
{
	AUTO_RUN run;

	run_begin(&run, t, NULL);
	if (!prepare(&run, e) || !work(&run, run.r->reset, e))
		return false;
	result->device = xstrdup(t->attached->id);
	return true;
}

/* --- the tables ----------------------------------------------------------------------------------------------- */

bool runner_check_line(const struct runner *r, const char *line, struct err *e)
{
	const struct flash_method method = { .name = r->name, .runner = r };
	const struct flash_target t = { .method = &method };
	struct strv words = { 0 };
	AUTO_RUN run;
	bool ok;

	run_begin(&run, &t, NULL);
	ok = runner_words(&run, line, &words, e);
	vec_free(&words);
	return ok;
}

void runner_check_table(const struct runner *r)
{
	const char *const lines[] = { r->flash, r->verify, r->reset, r->unlock, r->pack };

	if (!r->name || !r->tool || !r->programs || !r->install || !r->format || !r->connects ||
	    !r->required || !r->patterns || !r->flash)
		BUG("runner %s lacks a mandatory member", r->name ? r->name : "?");
	if (!image_format_by_name(r->format))
		BUG("runner %s wants the unknown format %s", r->name, r->format);
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		AUTO_ERR e = ERR_INIT;

		if (lines[i] && !runner_check_line(r, lines[i], &e))
			BUG("%s", e.msg);
	}
}
