/* SPDX-License-Identifier: MIT
 *
 * A device, a method and an image come together.
 */
#include "graph/device_job.h"

#include <string.h>

#include "base/path.h"
#include "graph/action.h"
#include "graph/device_step.h"
#include "graph/image_target.h"
#include "graph/image_vars.h"
#include "graph/methods.h"
#include "os/fs.h"
#include "os/shared.h"

struct device_job *device_job_of(struct session *s, struct step *step)
{
	struct device_job *job = (struct device_job *)(uintptr_t)step->detail;

	if (job)
		return job;
	job = ARENA_NEW(&s->arena, struct device_job);
	job->s = s;
	job->step = step;
	job->stamp = "";
	job->said = (struct strbuf)STRBUF_INIT;
	job->again = (struct devices)DEVICES_INIT;
	step->detail = job;
	return job;
}

/* --- who and how ---------------------------------------------------------------------------------------------- */

/* "pyocd.erase", when all is to be erased. */
static bool is_erase_words(const struct device_job *job, const char *name)
{
	const struct flash_method *m = job->target.method;
	size_t len = m && job->target.erase && m->erase_words ? strlen(m->name) : 0;

	return len && strncmp(name, m->name, len) == 0 && strcmp(name + len, ".erase") == 0;
}

/* What the user says goes before the rules. */
static const char *given(const struct device_job *job, const char *name)
{
	const struct strv *vars = &job->s->opt->device_vars;
	size_t len = strlen(name);

	if (is_erase_words(job, name))
		return job->target.method->erase_words;
	for (size_t i = vars->count; i-- > 0;)
		if (strncmp(vars->items[i], name, len) == 0 && vars->items[i][len] == '=')
			return vars->items[i] + len + 1;
	return NULL;
}

static const char *get_variable(void *ctx, const char *name)
{
	struct device_job *job = ctx;
	const char *value = given(job, name);

	if (value)
		return value;
	if (!recipe_var(job->s, job->step->recipe, name, &value, &job->trouble))
		return NULL;
	return value;
}

static void note(void *ctx, const char *text)
{
	struct device_job *job = ctx;

	if (job->notes_fd)
		device_note_write(job->notes_fd, text);
	else
		report_note(job->s->report, "%s: %s", job->step->recipe->id, text);
}

static void progress(void *ctx, const char *what, uint64_t done, uint64_t total)
{
	struct device_job *job = ctx;

	if (job->shared)
		device_shared_tell(job->shared, what, done, total);
}

/* Emulated boards have a folder each; real devices one, since a board may be taken for another later. */
static const char *run_dir(const struct device_job *job, const struct flash_method *m)
{
	struct arena *a = &job->s->arena;
	const char *name =
		m->list ? arena_printf(a, "devices/%s-%s", m->name, job->step->recipe->plain_id)
			: "attached";

	return path_join(a, job->s->cache_dir, name);
}

/*
 * MicroPython's own USB driver on STM32 does not listen for a touch at 1200 baud, which comes first in the port's order for
 * the sake of other firmware: who has answered over its REPL is asked there.
 */
static const char *way_in(const struct device_job *job)
{
	const struct device *d = job->device;

	if (job->s->opt->bootloader || !d || d->state != DEVICE_RUNNING || !d->identity.port ||
	    strcmp(d->identity.port, "stm32") != 0)
		return job->s->opt->bootloader;
	return "mpy";
}

/* What external tools say of the last run; of one of several devices in a file of its own. */
static const char *log_of(struct device_job *job)
{
	struct session *s = job->s;
	const char *path = action_log_file(s, job->step);
	AUTO_ERR none = ERR_INIT;

	if (job->chosen)
		path = arena_printf(&s->arena, "%.*s-%s.log", (int)(strlen(path) - strlen(".log")),
				    path, job->chosen->id);
	return fs_mkdirs(path_dir(&s->arena, path), &none) ? path : NULL;
}

static bool set_target(struct device_job *job, const struct flash_method *m, struct err *e)
{
	const struct make_options *opt = job->s->opt;
	const struct recipe *r = job->step->recipe;
	struct image_target board;

	if (!image_target_read(job->s, r, &board, e))
		return false;
	if (!job->has_options && !image_vars_read(job->s, r, &job->options, e))
		return false;
	job->has_options = true;
	job->method = m;
	job->target = (struct flash_target){
		.port = r->env.board.port,
		.board_id = r->name,
		.device = opt->device,
		.probe = opt->probe_id,
		.attached = job->device,
		.protect = board.protect,
		.protect_count = board.protect_count,
		.filesystem = board.filesystem,
		.filesystem_count = board.filesystem_count,
		.options = &job->options,
		.bootloader = way_in(job),
		.hands = opt->hands,
		.no_ask = !opt->probe,
		.unlock = opt->unlock,
		.erase = opt->erase,
		.method = m,
		.log = log_of(job),
		.verbose = opt->verbose,
		.packs = opt->packs && !opt->offline,
		.run_dir = run_dir(job, m),
		.get = get_variable,
		.note = note,
		.progress = progress,
		.ctx = job,
	};
	return true;
}

void device_job_set_device(struct device_job *job, const struct device *d)
{
	const char *label = device_label(d);

	job->device = d;
	job->step->device = d->id;
	job->step->where = strncmp(label, "/dev/", 5) == 0 ? label + 5 : label;
}

/* The device is looked for when a method first needs one; `none`: why there is none. */
static bool has_device(struct device_job *job, struct err *none)
{
	struct device_choice choice;

	if (job->device || none->msg)
		return job->device != NULL;
	if (!device_choose(job->s, job->step->recipe, &choice, none))
		return false;
	device_job_set_device(job, choice.items[0]);
	return true;
}

static bool does_not_offer(const struct device_job *job, const char *method, struct err *why)
{
	AUTO_STRBUF others = STRBUF_INIT;

	for (size_t i = 0; job->device->methods[i]; i++)
		strbuf_addf(&others, "%s%s", i ? ", " : "", job->device->methods[i]);
	err_set(why, "%s does not offer %s as it is now (%s)",
		device_summary(job->device, &job->s->arena), method,
		others.len ? others.buf : "nothing that could write it");
	return others.len ? err_hint(why, "--method %s, or leave it out", job->device->methods[0])
			  : err_hint(why, "`mpflash list` shows it; `mpflash bootloader` brings a "
					  "board into its bootloader");
}

/* Whatever the method is: nobody can be reached there. */
static bool is_denied(const struct device *d, struct err *e)
{
	err_set(e, "%s", d->why);
	return err_hint(e, "%s", d->hint);
}

/* Can it serve now? `why` when not; `none` when there is no device for it. */
static bool serves(struct device_job *job, const struct flash_method *m, struct err *none,
		   struct err *why)
{
	bool own = m->list != NULL;

	if (!own && !set_target(job, m, why))
		return false;
	own = own || (m->remote && m->remote(&job->target));
	if (!own && !has_device(job, none))
		return err_set(why, "no device for it");
	if (!own && job->device->state == DEVICE_DENIED)
		return is_denied(job->device, none);
	if (!own && !device_offers(job->device, m))
		return does_not_offer(job, m->name, why);
	return set_target(job, m, why) && m->available(&job->target, why);
}

static bool no_method(const struct device_job *job, const struct strbuf *reasons, struct err *e)
{
	AUTO_STRBUF known = STRBUF_INIT;

	for (size_t i = 0; methods_at(job->s->methods, i); i++)
		strbuf_addf(&known, "%s%s", i ? ", " : "", methods_at(job->s->methods, i)->name);
	err_set(e, "there is no way to reach '%s': %s", job->step->recipe->id,
		reasons->len ? reasons->buf : "its rules name no flash method");
	return err_hint(e, "this version flashes by: %s", known.buf);
}

/* The first method that can serve; the others' reasons go into the error. */
static bool choose_method(struct device_job *job, const struct strv *names, struct err *e)
{
	AUTO_STRBUF reasons = STRBUF_INIT;
	AUTO_ERR none = ERR_INIT;

	for (size_t i = 0; i < names->count; i++) {
		const struct flash_method *m = methods_find(job->s->methods, names->items[i]);
		AUTO_ERR why = ERR_INIT;

		if (m && serves(job, m, &none, &why))
			return true;
		if (m && names->count == 1 && !none.msg) {
			err_move(e, &why);
			return err_wrap(e, "%s", job->step->id);
		}
		strbuf_addf(&reasons, "%s%s (%s)", reasons.len ? ", " : "", names->items[i],
			    m ? why.msg : "not in this version");
	}
	job->method = NULL;
	if (!none.msg)
		return no_method(job, &reasons, e);
	err_move(e, &none);
	return err_wrap(e, "%s", job->step->id);
}

static bool read_methods(struct session *s, const struct recipe *r, struct strv *names,
			 struct err *e)
{
	const char *word = s->opt->method;

	if (!word) {
		if (!recipe_words(s, r, "flash", names, e))
			return false;
		methods_add_declared(s->methods, r->env.board.port, names);
		return true;
	}
	for (; *word; word += strspn(word, " ")) {
		size_t len = strcspn(word, " ");

		vec_push(names, arena_strndup(&s->arena, word, len));
		word += len;
	}
	return true;
}

bool device_job_open(struct device_job *job, struct err *e)
{
	struct strv names = { 0 };
	bool ok = job->method || (device_job_follow(job, e) &&
				  read_methods(job->s, job->step->recipe, &names, e) &&
				  choose_method(job, &names, e));

	vec_free(&names);
	return ok;
}

/* --- one of several devices ------------------------------------------------------------------------------------ */

bool device_step_wants_device(struct session *s, const struct recipe *r)
{
	struct strv names = { 0 };
	AUTO_ERR later = ERR_INIT; /* the step says it */
	bool wants = false;

	if (read_methods(s, r, &names, &later))
		for (size_t i = 0; i < names.count; i++) {
			const struct flash_method *m = methods_find(s->methods, names.items[i]);

			wants = wants || (m && !m->list);
		}
	vec_free(&names);
	return wants;
}

void device_step_take(struct session *s, struct step *step, const struct device *d)
{
	device_job_set_device(device_job_of(s, step), d);
	s->top->devices_taken++;
	device_job_of(s, step)->chosen = d;
	step->id = arena_printf(&s->arena, "%s on %s", step->id, device_label(d));
}

const struct device *device_step_device(const struct step *step)
{
	const struct device_job *job = step->kind->close == device_job_close ? step->detail : NULL;

	return job ? job->chosen : NULL;
}

bool device_step_had_image(const struct step *step)
{
	const struct device_job *job = step->kind->close == device_job_close ? step->detail : NULL;

	return job && job->files_only;
}

const char *device_step_came_back(const struct step *step)
{
	const struct device_job *job = step->kind->close == device_job_close ? step->detail : NULL;

	return job && step_is_settled(step) && !job->came_back && job->device ? job->device->id
	       : job                                                          ? job->came_back
									      : NULL;
}

/* --- the image -------------------------------------------------------------------------------------------------- */

bool device_job_load(struct device_job *job, struct err *e)
{
	AUTO_STRBUF blob = STRBUF_INIT;
	struct session *s = job->s;
	const char *path = job->image_path ? job->image_path : s->opt->image;
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
		return e->hint || job->image_path || !s->opt->image
			       ? false
			       : err_hint(e, "--image wants a firmware file");
	}
	job->loaded = true;
	job->image = image_digest(&job->file.image);
	return true;
}

/* Warnings become notes; the errors are told together, for one --allow after another would be a game. */
static bool judge(struct device_job *job, const struct findings *found, struct err *e)
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
static bool check_content(struct device_job *job, struct err *e)
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

bool device_job_check(struct device_job *job, struct err *e)
{
	bool ok = device_job_load(job, e) && check_content(job, e) &&
		  (job->method->check(&job->target, &job->file.image, e) ||
		   err_wrap(e, "%s", job->step->id));

	if (job->trouble.msg) { /* a broken rule explains more than what came of it */
		err_move(e, &job->trouble);
		return false;
	}
	return ok;
}

void device_job_close(struct step *step)
{
	struct device_job *job = (struct device_job *)(uintptr_t)step->detail;

	if (!job)
		return;
	devices_free(&job->again);
	local_files_free(&job->files);
	image_file_close(&job->file);
	err_free(&job->trouble);
	strbuf_free(&job->said);
	shared_free(job->shared, sizeof(*job->shared));
}
