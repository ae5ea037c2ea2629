/* SPDX-License-Identifier: MIT
 *
 * All boards at once: what is asked by whom, and what their answers say. A child has its own time limits (probe_port.c); those
 * here are for children that hang in the kernel.
 */
#include "board/probe.h"

#include "base/vec.h"
#include "board/probe_internal.h"
#include "os/children.h"

enum {
	HANG_MS = 500,      /* more than a child takes for a silent port */
	ANSWERED_MS = 8000, /* for one that has answered: slow lines, large board_info.toml */
	EMULATED_MS = 15000,
	MARK = 'A', /* what a child says when it needs more time; its answer starts with another */
};

struct job {
	struct devices *list;
	struct device *device;
	const struct probe_options *options;
};

static void mark(void *ctx)
{
	const char byte = MARK;

	children_say(*(const int *)ctx, &byte, 1);
}

static void ask_one(void *ctx, int fd)
{
	struct job *job = ctx;
	AUTO_STRBUF out = STRBUF_INIT;

	if (job->device->emulator)
		job->options->ask_emulated(job->list, job->device);
	else
		probe_port(job->list, job->device, job->options, mark, &fd);
	strbuf_addch(&out, MARK);
	answer_write(job->device, &out);
	children_say(fd, out.buf, out.len);
}

static bool is_asked(const struct device *d, const struct probe_options *o)
{
	if (o->wanted && !o->wanted(o->wanted_ctx, d))
		return false;
	if (d->emulator)
		return o->ask_emulated != NULL;
	return d->port_count && d->state == DEVICE_NOT_ASKED;
}

static void take_over(struct devices *list, struct device *d, const struct children_job *done)
{
	const struct strbuf *said = &done->said;
	size_t from = 0;

	/* a state is a small number, and comes first */
	while (from < said->len && said->buf[from] == MARK)
		from++;
	if (answer_read(list, d, said->buf + from, said->len - from)) {
		device_set_methods(list, d);
		return;
	}
	d->state = DEVICE_SILENT;
	d->why = said->len ? "stopped in the middle of its answer"
			   : "its driver does not come back from opening it";
	d->hint = "unplug it and plug it in again";
}

bool probe_all(struct devices *list, const struct probe_options *o, struct err *e)
{
	struct job *jobs = xcalloc(list->count + 1, sizeof(*jobs));
	struct children_job *children = xcalloc(list->count + 1, sizeof(*children));
	int silent = o->silent_ms ? o->silent_ms : PROBE_SILENT_MS;
	size_t count = 0;
	bool ok;

	for (size_t i = 0; i < list->count; i++) {
		struct device *d = &list->items[i];

		if (!is_asked(d, o))
			continue;
		jobs[count] = (struct job){ list, d, o };
		children[count] = (struct children_job){
			.fn = ask_one,
			.ctx = &jobs[count],
			.first_ms = d->emulator ? EMULATED_MS : silent + HANG_MS,
			.more_ms = ANSWERED_MS,
			.said = STRBUF_INIT,
		};
		count++;
	}
	ok = children_run(children, count, e);
	for (size_t i = 0; i < count; i++) {
		take_over(list, jobs[i].device, &children[i]);
		strbuf_free(&children[i].said);
	}
	free(children);
	free(jobs);
	return ok;
}
