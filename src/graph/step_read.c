/* SPDX-License-Identifier: MIT
 *
 * Read steps: a device's memory becomes a file, in the format of its name.
 */
#include <string.h>

#include "base/path.h"
#include "graph/device_job.h"
#include "graph/image_vars.h"
#include "graph/kinds.h"
#include "image/range.h"
#include "os/fs.h"

/* Where it goes: -o, of one of several devices with the device's id in the name. */
static const char *output_path(struct device_job *job)
{
	const char *path = job->s->opt->out_dir, *ext = path_ext(path);
	size_t stem = strlen(path) - strlen(ext) - 1;

	if (!job->chosen)
		return path;
	return arena_printf(&job->s->arena, "%.*s-%s.%s", (int)stem, path, job->chosen->id, ext);
}

static const struct image_format *output_format(const struct session *s)
{
	const char *ext = path_ext(s->opt->out_dir);

	return ext && *ext ? image_format_by_name(ext) : NULL;
}

static bool check_output(struct device_job *job, struct err *e)
{
	const struct make_options *opt = job->s->opt;
	const struct image_format *f;
	AUTO_STRBUF names = STRBUF_INIT;

	if (!opt->out_dir) {
		err_usage(e, "%s: it wants a file to write", job->step->id);
		return err_hint(e, "-o backup.bin");
	}
	f = output_format(job->s);
	if (!f || !f->write) {
		image_format_names(&names, true);
		err_usage(e, "-o %s: the file's extension does not say its format", opt->out_dir);
		return err_hint(e, "one of %s", names.buf);
	}
	if (opt->always || !fs_exists(output_path(job)))
		return true;
	err_set(e, "'%s' is there already", output_path(job));
	return err_hint(e, "-B (--force) replaces it");
}

static bool read_check(struct session *s, struct step *step, bool *run, struct err *e)
{
	struct device_job *job = device_job_of(s, step);

	*run = true;
	step->reason = "asked for";
	return check_output(job, e) && device_job_open(job, e) &&
	       (job->method->read ||
		err_set(e, "%s: %s cannot read the device", step->id, job->method->title));
}

static bool read_range(const struct session *s, uint64_t *start, uint64_t *size, struct err *e)
{
	struct image_range range;

	*start = *size = 0;
	if (!s->opt->range)
		return true;
	if (!image_range_parse(s->opt->range, &range, e))
		return err_wrap(e, "--range");
	*start = range.start;
	*size = range.end - range.start;
	return true;
}

static bool work(struct device_job *job, struct flash_result *result, struct err *e)
{
	AUTO_IMAGE img = IMAGE_INIT;
	AUTO_STRBUF file = STRBUF_INIT;
	struct image_options opt;
	uint64_t start, size;

	if (!read_range(job->s, &start, &size, e) ||
	    !image_vars_read(job->s, job->step->recipe, &opt, e) ||
	    !job->method->read(&job->target, start, size, &img, e) ||
	    !image_write(&img, output_format(job->s), &opt, &file, e))
		return false;
	result->bytes = image_size(&img);
	return fs_write_atomic(output_path(job), file.buf, file.len, 0666, e);
}

static bool read_start(struct session *s, struct step *step, struct err *e)
{
	return device_job_start(device_job_of(s, step), work, e);
}

static bool read_finish(struct session *s, struct step *step, const struct process_exit *x,
			struct err *e)
{
	struct device_job *job = device_job_of(s, step);
	struct device_result r = { .arena = &s->arena };

	if (!device_job_result(job, x, &r, e))
		return false;
	step->reason = arena_printf(&s->arena, "%llu bytes are in %s", (unsigned long long)r.bytes,
				    output_path(job));
	return true;
}

const struct step_kind read_step = {
	.name = "read",
	.check = read_check,
	.start = read_start,
	.finish = read_finish,
	.close = device_job_close,
	.tick = device_job_tick,
	.stop = device_job_stop,
};
