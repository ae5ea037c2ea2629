/* SPDX-License-Identifier: MIT
 *
 * Progress of one device. Erasing, writing and comparing take turns group by group: between the first byte and the last, what is
 * told is the writing, since the others go with it.
 */
#include "graph/device_progress.h"

#include <stdatomic.h>
#include <string.h>

#include "graph/status.h"

enum {
	NEWS_MS = 300,     /* an event at most so often */
	RATE_MS = 500,     /* before that a rate is a guess */
	RATE_BYTES = 4096, /* so is one of fewer bytes */
};

static const char *const names[PHASE_COUNT] = {
	[PHASE_COMPARE] = "compare", [PHASE_ERASE] = "erase", [PHASE_WRITE] = "write",
	[PHASE_VERIFY] = "verify",   [PHASE_READ] = "read",   [PHASE_FILES] = "files",
};

const char *device_phase_name(enum device_phase phase)
{
	return names[phase];
}

void device_shared_tell(struct device_shared *s, const char *what, uint64_t done, uint64_t total)
{
	for (int i = 0; i < PHASE_COUNT; i++) {
		if (strcmp(names[i], what) != 0)
			continue;
		atomic_store(&s->phases[i].total, total);
		atomic_store(&s->phases[i].done, done);
		atomic_store(&s->phase, i + 1);
	}
}

static bool is_over(const struct device_shared *s, enum device_phase phase)
{
	uint64_t total = atomic_load(&s->phases[phase].total);

	return total && atomic_load(&s->phases[phase].done) >= total;
}

void device_progress_read(struct device_progress *p, const struct device_shared *s, int64_t now_ms)
{
	int phase = atomic_load(&s->phase) - 1;
	bool begun = atomic_load(&s->phases[PHASE_WRITE].total) != 0;

	if ((phase == PHASE_ERASE || phase == PHASE_VERIFY) && begun && !is_over(s, PHASE_WRITE))
		phase = PHASE_WRITE;
	p->over = phase == PHASE_VERIFY && is_over(s, PHASE_VERIFY);
	p->done = phase < 0 ? 0 : atomic_load(&s->phases[phase].done);
	p->total = phase < 0 ? 0 : atomic_load(&s->phases[phase].total);
	if (phase != p->phase || !p->began_ms) {
		p->phase = phase;
		p->began_ms = now_ms;
		p->began_at = p->done;
	}
}

/* How long it will take as it goes; nothing while that is a guess. */
static void add_rate(const struct device_progress *p, int64_t ms, struct strbuf *out)
{
	uint64_t bytes = p->done - p->began_at;

	if (ms < RATE_MS || bytes < RATE_BYTES || p->done >= p->total)
		return;
	strbuf_adds(out, ", ");
	status_add_rate(out, bytes, ms);
	strbuf_adds(out, ", ");
	status_add_time(out, (int64_t)((double)(p->total - p->done) * (double)ms / (double)bytes));
	strbuf_adds(out, " left");
}

int device_progress_permille(const struct device_progress *p)
{
	if (p->phase < 0 || !p->total)
		return -1;
	return p->over || p->done >= p->total ? 1000 : (int)(p->done * 1000 / p->total);
}

void device_progress_text(const struct device_progress *p, int64_t now_ms, struct strbuf *out)
{
	int permille = device_progress_permille(p);

	if (p->phase < 0)
		return;
	if (p->over) {
		strbuf_adds(out, "written and compared");
		return;
	}
	strbuf_addf(out, "%s %d %%", names[p->phase], permille < 0 ? 0 : permille / 10);
	add_rate(p, now_ms - p->began_ms, out);
}

bool device_progress_is_news(struct device_progress *p, int64_t now_ms)
{
	bool changed = p->phase != p->told_phase || p->done != p->told_done;

	if (p->phase < 0 || !p->total || !changed || now_ms - p->told_ms < NEWS_MS)
		return false;
	p->told_ms = now_ms;
	p->told_phase = p->phase;
	p->told_done = p->done;
	return true;
}
