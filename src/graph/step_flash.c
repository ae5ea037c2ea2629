/* SPDX-License-Identifier: MIT
 *
 * Steps that act on a device: flash, verify, halt. A board is observed, not remembered: flash is skipped only when our
 * record of it, the image and the board's own answer all agree. The work is done in a forked child, so that
 * several devices are written at once and a fault in a driver ends one of them only.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/path.h"
#include "flash/method.h"
#include "graph/action.h"
#include "graph/device_text.h"
#include "graph/image_target.h"
#include "graph/image_vars.h"
#include "graph/kinds.h"
#include "graph/recipe.h"
#include "os/clock.h"
#include "os/fs.h"

/* What a device step works with; made once, kept in step->detail. */
struct job {
	struct session *s;
	struct step *step;
	const struct flash_method *method;
	struct flash_target target;
	struct image_file file; /* stays open until the session ends: the image points into it */
	bool loaded;
	struct digest image;
	const char *stamp;  /* of the build; "" when not known */
	struct err trouble; /* of a variable that target.get could not read */
};

/* --- who and how ---------------------------------------------------------------------------------------------- */

static const char *get_variable(void *ctx, const char *name)
{
	struct job *job = ctx;
	const char *value = NULL;

	if (!recipe_var(job->s, job->step->recipe, name, &value, &job->trouble))
		return NULL;
	return value;
}

static void note_progress(void *ctx, const char *text)
{
	struct job *job = ctx;

	report_note(job->s->report, "%s: %s", job->step->recipe->id, text);
}

static void set_target(struct job *job, const struct flash_method *m)
{
	struct session *s = job->s;
	const struct recipe *r = job->step->recipe;

	job->method = m;
	job->target = (struct flash_target){
		.port = r->env.board.port,
		.board_id = r->name,
		.run_dir =
			path_join(&s->arena, s->cache_dir,
				  arena_printf(&s->arena, "devices/%s-%s", m->name, r->plain_id)),
		.get = get_variable,
		.note = note_progress,
		.ctx = job,
	};
}

static bool no_method(const struct job *job, const struct strbuf *reasons, struct err *e)
{
	AUTO_STRBUF known = STRBUF_INIT;

	for (size_t i = 0; flash_methods[i]; i++)
		strbuf_addf(&known, "%s%s", i ? ", " : "", flash_methods[i]->name);
	err_set(e, "there is no way to reach '%s': %s", job->step->recipe->id,
		reasons->len ? reasons->buf : "its rules name no flash method");
	return err_hint(e, "this version flashes by: %s", known.buf);
}

/* The first method of the rules (or of --method) that can serve; the others' reasons go into the error. */
static bool choose_method(struct job *job, struct err *e)
{
	AUTO_STRBUF reasons = STRBUF_INIT;
	struct strv names = { 0 };
	bool found = false;

	if (job->s->opt->method)
		vec_push(&names, job->s->opt->method);
	else if (!recipe_words(job->s, job->step->recipe, "flash", &names, e))
		return false;
	for (size_t i = 0; !found && i < names.count; i++) {
		const struct flash_method *m = flash_method_by_name(names.items[i]);
		AUTO_ERR why = ERR_INIT;

		if (m) {
			set_target(job, m);
			found = m->available(&job->target, &why);
			if (!found && names.count == 1) {
				err_move(e, &why);
				vec_free(&names);
				return err_wrap(e, "%s", job->step->id);
			}
		}
		if (!found)
			strbuf_addf(&reasons, "%s%s (%s)", reasons.len ? ", " : "", names.items[i],
				    m ? why.msg : "not in this version");
	}
	vec_free(&names);
	return found || no_method(job, &reasons, e);
}

static struct job *job_of(struct step *step)
{
	return (struct job *)(uintptr_t)step->detail;
}

static bool job_open(struct session *s, struct step *step, struct err *e)
{
	struct job *job = job_of(step);

	if (!job) {
		job = ARENA_NEW(&s->arena, struct job);
		job->s = s;
		job->step = step;
		job->stamp = "";
		step->detail = job;
	}
	return job->method || choose_method(job, e);
}

/* --- the image -------------------------------------------------------------------------------------------------- */

static bool load_image(struct job *job, struct err *e)
{
	AUTO_STRBUF blob = STRBUF_INIT;
	struct session *s = job->s;
	const char *path = s->opt->image;
	struct image_options opt;

	if (job->loaded)
		return true;
	if (!image_vars_read(s, job->step->recipe, &opt, e))
		return false;
	if (!path) {
		const struct node *n = job->step->ins.items[0];

		if (!action_content(s, n, &blob, e))
			return err_wrap(e, "%s", job->step->id);
		path = blob.buf;
		opt.format = path_ext(n->name); /* a blob's name says nothing */
		job->stamp = node_stamp(n);
	}
	if (!image_file_open(&job->file, path, &opt, e)) {
		err_wrap(e, "%s", job->step->id);
		return e->hint || !s->opt->image ? false
						 : err_hint(e, "--image wants a firmware file");
	}
	job->loaded = true;
	job->image = image_digest(&job->file.image);
	return true;
}

/* Warnings become notes; the errors are told together, for one --allow after another would be a game. */
static bool judge(struct job *job, const struct findings *found, struct err *e)
{
	AUTO_STRBUF errors = STRBUF_INIT, allow = STRBUF_INIT;

	for (size_t i = 0; i < found->count; i++) {
		const struct finding *f = &found->items[i];

		if (f->level == FINDING_ERROR) {
			strbuf_addf(&errors, "%s%s", errors.len ? "; " : "", f->text);
			strbuf_addf(&allow, " --allow %s", f->name);
		} else if (f->level == FINDING_WARNING) {
			report_note(job->s->report, "%s: %s", job->step->id, f->text);
		}
	}
	if (!errors.len)
		return true;
	err_set(e, "%s: %s", job->step->id, errors.buf);
	return err_hint(e, "`mpflash info FILE` shows what is in it; to flash it all the same:%s",
			allow.buf);
}

/* What can be known without the device. */
static bool check_content(struct job *job, struct err *e)
{
	AUTO_FINDINGS found = FINDINGS_INIT;
	struct image_target target;
	const char **allow =
		ARENA_ARRAY(&job->s->arena, const char *, job->s->opt->allows.count + 1);

	if (!image_target_read(job->s, job->step->recipe, &target, e))
		return false;
	for (size_t i = 0; i < job->s->opt->allows.count; i++)
		allow[i] = job->s->opt->allows.items[i];
	target.allow = allow;
	image_check(&job->file.image, &target, &found);
	return judge(job, &found, e);
}

static bool check_image(struct job *job, struct err *e)
{
	bool ok = load_image(job, e) && check_content(job, e) &&
		  (job->method->check(&job->target, &job->file.image, e) ||
		   err_wrap(e, "%s", job->step->id));

	if (job->trouble.msg) { /* a broken rule explains more than what came of it */
		err_move(e, &job->trouble);
		return false;
	}
	return ok;
}

static void job_close(struct step *step)
{
	struct job *job = job_of(step);

	if (!job)
		return;
	image_file_close(&job->file);
	err_free(&job->trouble);
}

/* --- does it have to be flashed? ---------------------------------------------------------------------------------- */

static const char *compare_answer(struct job *job, const struct store_device *record,
				  const char *answer)
{
	struct arena *a = &job->s->arena;

	if (!digest_equal(&record->image, &job->image))
		return *record->stamp && *job->stamp && strcmp(record->stamp, job->stamp) != 0
			       ? arena_printf(a, "the board has %s, the image is %s", record->stamp,
					      job->stamp)
			       : "the board has another image";
	if (strcmp(record->answer, answer) != 0)
		return arena_printf(a, "the board says '%s', not '%s'", answer, record->answer);
	return NULL;
}

struct sighting {
	const struct job *job;
	char device[128], address[128];
};

static void on_device(void *ctx, const struct flash_device *d)
{
	struct sighting *seen = ctx;
	const struct flash_target *t = &seen->job->target;

	if (!d->port || !d->board_id || strcmp(d->port, t->port) != 0 ||
	    strcmp(d->board_id, t->board_id) != 0)
		return;
	snprintf(seen->device, sizeof(seen->device), "%s", d->device);
	snprintf(seen->address, sizeof(seen->address), "%s", d->address ? d->address : "");
}

/* --no-probe: only whether it is there and what we wrote last. */
static bool check_unasked(struct job *job, bool *run, struct err *e)
{
	struct session *s = job->s;
	struct sighting seen = { .job = job };
	struct store_device record;
	bool known;

	if (job->method->list &&
	    !job->method->list(path_join(&s->arena, s->cache_dir, "devices"), on_device, &seen, e))
		return false;
	if (!seen.device[0]) {
		job->step->reason = "the board is not there";
		return true;
	}
	if (!store_get_device(s->store, seen.device, &s->arena, &record, &known, e))
		return false;
	*run = !known || !digest_equal(&record.image, &job->image);
	job->step->reason = *run ? "the record says that it has another image"
				 : "the record says that it has this image; not asked";
	return true;
}

static bool check_asked(struct job *job, bool *run, struct err *e)
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

static bool flash_check(struct session *s, struct step *step, bool *run, struct err *e)
{
	*run = true;
	if (!job_open(s, step, e) || !check_image(job_of(step), e))
		return false;
	if (s->opt->always) {
		step->reason = "forced (-B)";
		return true;
	}
	return s->opt->probe && job_of(step)->method->identify
		       ? check_asked(job_of(step), run, e)
		       : check_unasked(job_of(step), run, e);
}

/* --- the work, in a child ------------------------------------------------------------------------------------------ */

static int flash_child(void *ctx, int fd)
{
	AUTO_FLASH_RESULT result = FLASH_RESULT_INIT;
	AUTO_ERR e = ERR_INIT;
	struct job *job = ctx;
	bool ok = job->method->flash(&job->target, &job->file.image, &result, &e);

	device_result_write(fd, &result, &e);
	return ok ? 0 : 1;
}

static int verify_child(void *ctx, int fd)
{
	AUTO_FLASH_RESULT result = FLASH_RESULT_INIT;
	AUTO_ERR e = ERR_INIT;
	struct job *job = ctx;
	bool ok = job->method->verify(&job->target, &job->file.image, &result, &e);

	device_result_write(fd, &result, &e);
	return ok ? 0 : 1;
}

static bool launch(struct step *step, int (*child)(void *, int), struct err *e)
{
	step->pid = process_fork(child, job_of(step), &step->result_fd, e);
	return step->pid > 0;
}

static bool flash_start(struct session *s, struct step *step, struct err *e)
{
	(void)s;
	return launch(step, flash_child, e);
}

/* Collects what the child found. False with its error when it failed. */
static bool child_result(struct step *step, const struct process_exit *x,
			 struct device_result *result, struct err *e)
{
	bool ok;

	step->pid = 0;
	ok = device_result_read(step->result_fd, result, e);
	close(step->result_fd);
	step->result_fd = -1;
	if (x && x->code == 0 && ok)
		return true;
	if (!e->msg) {
		AUTO_STRBUF how = STRBUF_INIT;

		if (x)
			process_exit_text(x, &how);
		err_set(e, "the flash process ended with %s", x ? how.buf : "an interrupt");
	}
	return err_wrap(e, "%s", step->id);
}

/* The board has to be what was flashed, in its own words. */
static bool check_answer(const struct job *job, const struct device_result *r, struct err *e)
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

static bool flash_finish(struct session *s, struct step *step, const struct process_exit *x,
			 struct err *e)
{
	const struct job *job = job_of(step);
	struct device_result r = { .arena = &s->arena };
	struct store_device record;

	if (!child_result(step, x, &r, e))
		return false;
	record = (struct store_device){
		.id = r.device,
		.board = step->recipe->key_id,
		.method = job->method->name,
		.image = job->image,
		.stamp = job->stamp,
		.answer = r.answer,
		.time_ns = clock_now_ns(),
	};
	if (!check_answer(job, &r, e) || !store_put_device(s->store, &record, e))
		return false;
	s->report->flashed++;
	step->reason = arena_printf(&s->arena, "%s; %llu bytes %s", step->reason,
				    (unsigned long long)r.bytes,
				    r.verified ? "written and verified" : "written");
	report_device(s->report, step->recipe->id, r.answer, r.address);
	return true;
}

static bool verify_check(struct session *s, struct step *step, bool *run, struct err *e)
{
	*run = true;
	step->reason = "asked for";
	if (!job_open(s, step, e))
		return false;
	if (!job_of(step)->method->verify)
		return err_set(e, "%s: %s cannot read the device", step->id,
			       job_of(step)->method->title);
	return load_image(job_of(step), e);
}

static bool verify_start(struct session *s, struct step *step, struct err *e)
{
	(void)s;
	return launch(step, verify_child, e);
}

static bool verify_finish(struct session *s, struct step *step, const struct process_exit *x,
			  struct err *e)
{
	struct device_result r = { .arena = &s->arena };

	if (!child_result(step, x, &r, e))
		return false;
	step->reason =
		arena_printf(&s->arena, "%llu bytes are the same", (unsigned long long)r.bytes);
	return true;
}

static bool halt_check(struct session *s, struct step *step, bool *run, struct err *e)
{
	*run = true;
	step->reason = "asked for";
	if (!job_open(s, step, e))
		return false;
	return job_of(step)->method->halt ||
	       err_set(e, "%s: nothing to end: the board runs by itself", step->id);
}

static bool halt_start(struct session *s, struct step *step, struct err *e)
{
	const struct job *job = job_of(step);
	bool was_running;

	(void)s;
	if (!job->method->halt(&job->target, &was_running, e))
		return err_wrap(e, "%s", step->id);
	step->reason = was_running ? "it was running" : "it was not running";
	return true;
}

const struct step_kind flash_step = {
	.name = "flash",
	.check = flash_check,
	.start = flash_start,
	.finish = flash_finish,
	.close = job_close,
};
const struct step_kind verify_step = {
	.name = "verify",
	.check = verify_check,
	.start = verify_start,
	.finish = verify_finish,
	.close = job_close,
};
const struct step_kind halt_step = {
	.name = "halt",
	.check = halt_check,
	.start = halt_start,
	.close = job_close,
};
