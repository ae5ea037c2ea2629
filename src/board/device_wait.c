/* SPDX-License-Identifier: MIT
 *
 * Waiting for a device. What is plugged in is looked at every 20 ms by the names in three folders (30 us); only when they
 * changed, or after a quarter of a second (udev grants rights later than it makes names), are all devices listed anew. The kernel's own
 * messages would come at once, but not into containers, and a board takes half a second to come back.
 */
#include <stdint.h>
#include <string.h>

#include "board/device.h"
#include "os/clock.h"
#include "os/hotplug.h"
#include "os/process.h"
#include "os/stream.h"

enum { POLL_MS = 20, RESCAN_MS = 250 };

static struct device *first_wanted(const struct devices *d, device_wanted_fn *wanted, void *ctx)
{
	for (size_t i = 0; i < d->count; i++)
		if (wanted(ctx, &d->items[i]))
			return &d->items[i];
	return NULL;
}

/* Until something was plugged or unplugged, RESCAN_MS or the deadline have passed. */
static void wait_for_change(uint64_t *seen, int64_t deadline)
{
	int64_t rescan = stream_deadline(RESCAN_MS);
	uint64_t now = *seen;

	while (now == *seen && stream_left(rescan) && stream_left(deadline) &&
	       !process_interrupted()) {
		clock_sleep_ms(POLL_MS);
		now = hotplug_state();
	}
	*seen = now;
}

bool device_wait(const struct device_query *q, device_wanted_fn *wanted, void *ctx, int timeout_ms,
		 struct devices *out, struct device **found, struct err *e)
{
	int64_t deadline = stream_deadline(timeout_ms);
	uint64_t seen = hotplug_state();

	for (;;) {
		bool late = !stream_left(deadline);

		devices_free(out);
		if (!devices_find(q, out, e))
			return false;
		*found = first_wanted(out, wanted, ctx);
		if (*found)
			return true;
		if (process_interrupted()) {
			err_set(e, "interrupted");
			e->kind = ERR_INTERRUPTED;
			return false;
		}
		if (late)
			return err_set(e, "no such device came within %d.%d s", timeout_ms / 1000,
				       timeout_ms % 1000 / 100);
		wait_for_change(&seen, deadline);
	}
}
