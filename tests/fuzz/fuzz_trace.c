/* SPDX-License-Identifier: MIT
 *
 * Logs of the tracer, cut and damaged. A complete one has nothing against it, and every event in any is usable.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "os/trace.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
	if (!ok)
		abort();
}

/* Cut anywhere, a whole log is no longer complete. */
static void cut(const uint8_t *data, size_t size)
{
	struct trace_log log;

	trace_parse(&log, data, size);
	must(!log.complete && log.why);
	trace_free(&log);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct trace_log log;

	trace_parse(&log, data, size);
	must(log.complete == !log.why);
	for (size_t i = 0; i < log.events.count; i++) {
		const struct trace_event *ev = &log.events.items[i];

		must(strchr("rxslw", (int)ev->kind) && ev->path[0] == '/');
		must(!strchr(ev->program, '\t'));
	}
	if (log.complete) {
		cut(data, size - 1);
		cut(data, size / 2);
	}
	trace_free(&log);
	return 0;
}
