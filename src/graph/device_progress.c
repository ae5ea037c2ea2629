/* SPDX-License-Identifier: MIT
 *
 * Progress of one device. Erasing, writing and comparing take turns group by group: between the first byte and the last, what is
 * told is the writing, since the others go with it.
 */
#include "graph/device_progress.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <string.h>

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

static void add_rate(const struct device_progress *p, int64_t ms, struct strbuf *out)
{
	uint64_t bytes = p->done - p->began_at, rate = bytes * 1000 / (uint64_t)ms;

	if (rate >= 10000)
		strbuf_addf(out, ", %" PRIu64 " KB/s", rate / 1000);
	else
		strbuf_addf(out, ", %.1f KB/s", (double)rate / 1000);
	if (rate)
		strbuf_addf(out, ", %" PRIu64 " s left", (p->total - p->done + rate - 1) / rate);
}

void device_progress_text(const struct device_progress *p, int64_t now_ms, struct strbuf *out)
{
	int64_t ms = now_ms - p->began_ms;

	if (p->phase < 0)
		return;
	if (p->over) {
		strbuf_adds(out, "written and compared");
		return;
	}
	strbuf_addf(out, "%s %d %%", names[p->phase],
		    p->total ? (int)(p->done * 100 / p->total) : 0);
	if (ms >= RATE_MS && p->done - p->began_at >= RATE_BYTES && p->done < p->total)
		add_rate(p, ms, out);
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
