/* SPDX-License-Identifier: MIT
 *
 * Flash steps. A board is observed, not remembered: flash is skipped only when our record of it, the image and the board's own
 * answer all agree.
 */
#include <stdio.h>
#include <string.h>

#include "base/path.h"
#include "board/bootloader.h"
#include "cache/sighting.h"
#include "flash/plan.h"
#include "graph/device_job.h"
#include "graph/kinds.h"
#include "os/clock.h"

static const char *compare_answer(struct device_job *job, const struct store_device *record,
				  const char *answer)
{
	struct arena *a = &job->s->arena;

	if (strcmp(record->board, job->step->recipe->key_id) != 0)
		return arena_printf(a, "it was flashed as %s before", record->board);
	if (!digest_equal(&record->image, &job->image))
		return *record->stamp && *job->stamp && strcmp(record->stamp, job->stamp) != 0
			       ? arena_printf(a, "the board has %s, the image is %s", record->stamp,
					      job->stamp)
			       : "the board has another image";
	if (strcmp(record->answer, answer) != 0)
		return arena_printf(a, "the board says '%s', not '%s'", answer, record->answer);
	return NULL;
}

struct found_device {
	const struct device_job *job;
	char device[128], address[128];
};

static void on_device(void *ctx, const struct flash_device *d)
{
	struct found_device *seen = ctx;
	const struct flash_target *t = &seen->job->target;

	if (!d->port || !d->board_id || strcmp(d->port, t->port) != 0 ||
	    strcmp(d->board_id, t->board_id) != 0)
		return;
	snprintf(seen->device, sizeof(seen->device), "%s", d->device);
	snprintf(seen->address, sizeof(seen->address), "%s", d->address ? d->address : "");
}

/* --no-probe: only whether it is there and what we wrote last. */
static bool check_unasked(struct device_job *job, bool *run, struct err *e)
{
	struct session *s = job->s;
	struct found_device seen = { .job = job };
	struct store_device record;
	bool known;

	if (job->method->list &&
	    !job->method->list(path_join(&s->arena, s->cache_dir, "devices"), on_device, &seen, e))
		return false;
	if (job->device)
		snprintf(seen.device, sizeof(seen.device), "%s", job->device->id);
	if (!seen.device[0]) {
		job->step->reason = job->method->remote ? "its bytes are to be compared"
							: "the board is not there";
		return true;
	}
	if (!store_get_device(s->store, seen.device, &s->arena, &record, &known, e))
		return false;
	*run = !known || strcmp(record.board, job->step->recipe->key_id) != 0 ||
	       !digest_equal(&record.image, &job->image);
	job->step->reason = !known ? "nothing is known of what it has"
			    : *run ? "the record says that it has another image"
				   : "the record says that it has this image; not asked";
	return true;
}

static bool check_emulated(struct device_job *job, bool *run, struct err *e)
{
	AUTO_FLASH_RESULT result = FLASH_RESULT_INIT;
	AUTO_ERR silent = ERR_INIT;
	struct session *s = job->s;
	struct step *step = job->step;
	struct store_device record;
	const char *answer;
	bool present, known;

	if (!job->method->identify(&job->target, &present, &result, &silent)) {
		step->reason = arena_printf(&s->arena, "the board does not answer: %s", silent.msg);
		return true;
	}
	if (!present) {
		step->reason = "the board is not running";
		return true;
	}
	answer = device_text(&result, &s->arena);
	if (!store_get_device(s->store, result.device, &s->arena, &record, &known, e))
		return false;
	step->reason =
		known ? compare_answer(job, &record, answer) : "nothing is known of what it has";
	*run = step->reason != NULL;
	if (!*run)
		step->reason = arena_printf(
			&s->arena, "the board has this image and answers '%s' on %s%s", answer,
			result.address, result.interrupted ? " (its program was restarted)" : "");
	return true;
}

/* What the chip behind a probe has is told by its bytes alone. */
static bool check_behind_probe(struct device_job *job, struct err *e)
{
	struct session *s = job->s;
	const char *where = device_label(job->device);
	struct store_device record;
	bool known;

	if (!store_get_device(s->store, job->device->id, &s->arena, &record, &known, e))
		return false;
	job->target.compare_first = known && strcmp(record.board, job->step->recipe->key_id) == 0 &&
				    digest_equal(&record.image, &job->image);
	job->step->reason =
		job->target.compare_first
			? arena_printf(&s->arena,
				       "the image was written through %s before; it is compared",
				       where)
			: arena_printf(&s->arena,
				       "nothing of this image was written through %s before",
				       where);
	return true;
}

/* It was asked when it was looked for. */
static bool check_attached(struct device_job *job, bool *run, struct err *e)
{
	const struct device *d = job->device;
	struct session *s = job->s;
	struct store_device record;
	const struct flash_result said = { .has_identity = true, .identity = d->identity };
	const char *answer, *where = device_label(d);
	bool known;

	if (d->state == DEVICE_PROBE)
		return check_behind_probe(job, e);
	if (!d->has_identity) {
		job->step->reason = arena_printf(&s->arena, "%s does not run the image (%s)", where,
						 device_state_name(d->state));
		return true;
	}
	answer = device_text(&said, &s->arena);
	if (!store_get_device(s->store, d->id, &s->arena, &record, &known, e))
		return false;
	job->step->reason =
		known ? compare_answer(job, &record, answer) : "nothing is known of what it has";
	*run = job->step->reason != NULL;
	if (!*run)
		job->step->reason = arena_printf(
			&s->arena, "the board has this image and answers '%s' on %s%s", answer,
			where, d->interrupted ? " (its program was restarted)" : "");
	return true;
}

static bool is_needed(struct device_job *job, bool *run, struct err *e)
{
	const struct session *s = job->s;
	struct step *step = job->step;

	job->target.compare_first = s->opt->recheck && !s->opt->always && !s->opt->erase;
	if (s->opt->always || s->opt->recheck || s->opt->erase) {
		step->reason = s->opt->erase    ? "all of its flash is to be erased"
			       : s->opt->always ? "forced (-B)"
						: "its bytes are to be compared";
		return true;
	}
	if (!s->opt->probe)
		return check_unasked(job, run, e);
	if (job->device)
		return check_attached(job, run, e);
	return job->method->identify ? check_emulated(job, run, e) : check_unasked(job, run, e);
}

/* --- what it would do ------------------------------------------------------------------------------------------ */

static void take_plan(struct device_job *job, const struct plan *p)
{
	AUTO_STRBUF text = STRBUF_INIT, json = STRBUF_INIT;
	struct arena *a = &job->s->arena;

	plan_text(p, &text);
	plan_json(p, &json);
	job->step->reason = arena_printf(a, "%s; %s", job->step->reason, text.buf);
	job->step->plan = arena_strdup(a, json.buf);
	if (p->estimate_ms)
		job->step->estimate_ms = (int64_t)p->estimate_ms;
}

/*
 * -n: of a device that waits for firmware exactly, and what then is wrong is an error, as it would be. One that runs is left alone:
 * what it has, and often the layout of its flash, is not known.
 */
static bool make_plan(struct device_job *job, struct err *e)
{
	AUTO_PLAN plan = PLAN_INIT;
	AUTO_ERR why = ERR_INIT;

	if (!job->method->plan)
		return true;
	if (job->method->plan(&job->target, &job->file.image, &plan, &why)) {
		take_plan(job, &plan);
		return true;
	}
	if (!job->device || bootloader_is_in(job->device)) {
		err_move(e, &why);
		return err_wrap(e, "%s", job->step->id);
	}
	job->step->reason = arena_printf(&job->s->arena, "%s; its plan is not known: %s",
					 job->step->reason, why.msg);
	return true;
}

/* Before anything is written. A board that has the image has its files looked at all the same. */
static bool read_files(struct device_job *job, bool *run, struct err *e)
{
	struct step *step = job->step;

	if (!local_files_read(&job->files, job->s->opt->files_dir, e))
		return e->hint ? false : err_hint(e, "--files wants a folder");
	job->files_only = !*run;
	if (job->files_only)
		step->reason = arena_printf(&job->s->arena, "%s; its files are looked at",
					    step->reason ? step->reason : "it has this image");
	*run = true;
	return true;
}

static bool flash_check(struct session *s, struct step *step, bool *run, struct err *e)
{
	struct device_job *job = device_job_of(s, step);

	*run = true;
	if (!device_job_open(job, e) || !device_job_check(job, e) || !is_needed(job, run, e) ||
	    (s->opt->files_dir && !read_files(job, run, e)))
		return false;
	return !*run || job->files_only || !s->opt->dry_run || make_plan(job, e);
}

/* --- the work ------------------------------------------------------------------------------------------------- */

/* Where a board is that is not flashed. */
static bool find_board(struct device_job *job, struct flash_result *result, struct err *e)
{
	const char *port = job->device ? device_port(job->device) : NULL;
	bool present = true;

	if (!job->device)
		return !job->method->identify ||
		       job->method->identify(&job->target, &present, result, e);
	result->device = xstrdup(job->device->id);
	result->address = port ? xstrdup(port) : NULL;
	return true;
}

static void files_progress(void *ctx, uint64_t done, uint64_t total)
{
	struct device_job *job = ctx;

	job->target.progress(job, "files", done, total);
}

static bool put_files(struct device_job *job, struct flash_result *result, struct err *e)
{
	AUTO_STRBUF said = STRBUF_INIT;
	const struct files_options o = { files_progress, job };
	struct files_result done;

	if (!result->address) {
		err_set(e, "files go over a board's serial port, and it has none");
		return err_hint(e, "with a debug probe, connect the board's own USB, too");
	}
	if (!files_put_port(result->address, &job->files, &o, &done, e))
		return err_wrap(e, "files%s", job->files_only ? "" : ", with the firmware written");
	strbuf_addf(&said, "%zu file%s written (%llu bytes), %zu were there already", done.written,
		    done.written == 1 ? "" : "s", (unsigned long long)done.bytes, done.equal);
	result->files = strbuf_detach(&said);
	return true;
}

static bool work(struct device_job *job, struct flash_result *result, struct err *e)
{
	if (job->files_only ? !find_board(job, result, e)
			    : !job->method->flash(&job->target, &job->file.image, result, e))
		return false;
	return !job->s->opt->files_dir || put_files(job, result, e);
}

/* What was recorded of the device does not hold from here on, however this ends: also under the name that it has when it runs. */
static bool drop_records(struct session *s, const struct device *d, struct err *e)
{
	return !d || (store_drop_device(s->store, d->id, e) &&
		      (!d->known || store_drop_device(s->store, d->known->id, e)));
}

static bool flash_start(struct session *s, struct step *step, struct err *e)
{
	struct device_job *job = device_job_of(s, step);

	return (job->files_only || drop_records(s, job->device, e)) &&
	       device_job_start(job, work, e);
}

/* So that the next time its bootloader is known to be this board. */
static bool remember(struct session *s, const struct device_result *r, struct err *e)
{
	const struct sighting sighting = {
		.id = r->device,
		.usb_path = r->place.usb_path,
		.usb_serial = r->place.usb_serial,
		.vid = r->place.vid,
		.pid = r->place.pid,
		.chip_id = r->chip_id,
		.board_id = r->board_id,
		.port = r->port,
		.description = r->description,
		.seen_ns = clock_now_ns(),
	};

	return !r->board_id || store_put_sighting(s->store, &sighting, e);
}

/* The board has to be what was flashed, in its own words. */
static bool check_answer(const struct device_job *job, const struct device_result *r, struct err *e)
{
	const char *board = job->step->recipe->name;

	if (r->board_id && strcmp(r->board_id, board) != 0) {
		err_set(e, "%s: the image was written, but the board says that it is '%s'",
			job->step->id, r->board_id);
		return err_hint(e, "the image is for another board: check its file, or the target");
	}
	if (r->stamp && *job->stamp && strcmp(r->stamp, job->stamp) != 0) {
		err_set(e, "%s: the image was written, but the board runs %s, not %s",
			job->step->id, r->stamp, job->stamp);
		return err_hint(e, "reset the board and run the same command again");
	}
	return true;
}

static const char *equal_text(struct session *s, const struct device_result *r)
{
	return arena_printf(&s->arena, ", %llu were there already",
			    (unsigned long long)r->bytes_equal);
}

static bool flash_finish(struct session *s, struct step *step, const struct process_exit *x,
			 struct err *e)
{
	struct device_job *job = device_job_of(s, step);
	struct device_result r = { .arena = &s->arena };
	struct store_device record;

	if (!device_job_result(job, x, &r, e))
		return false;
	if (job->files_only) {
		step->reason = arena_printf(&s->arena, "%s; %s", step->reason, r.files);
		return true;
	}
	record = (struct store_device){
		.id = r.device,
		.board = step->recipe->key_id,
		.method = job->method->name,
		.image = job->image,
		.stamp = job->stamp,
		.answer = r.answer,
		.time_ns = clock_now_ns(),
	};
	if ((job->device && !remember(s, &r, e)) || !check_answer(job, &r, e) ||
	    !store_put_device(s->store, &record, e))
		return false;
	s->report->flashed++;
	step->reason = arena_printf(
		&s->arena, "%s; %llu bytes %s%s%s%s", step->reason, (unsigned long long)r.bytes,
		r.verified ? "written and verified" : "written",
		r.bytes_equal ? equal_text(s, &r) : "", *r.files ? "; " : "", r.files);
	if (*r.address)
		report_device(s->report, step->recipe->id, r.answer, r.address);
	return true;
}

const struct step_kind flash_step = {
	.name = "flash",
	.check = flash_check,
	.start = flash_start,
	.finish = flash_finish,
	.close = device_job_close,
	.tick = device_job_tick,
	.stop = device_job_stop,
};
