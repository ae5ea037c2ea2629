/* SPDX-License-Identifier: MIT
 *
 * How far the child of a device step is, seen by its parent while it works: for the status area and for JSON events.
 */
#ifndef GRAPH_DEVICE_PROGRESS_H
#define GRAPH_DEVICE_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/strbuf.h"

enum device_phase {
	PHASE_COMPARE,
	PHASE_ERASE,
	PHASE_WRITE,
	PHASE_VERIFY,
	PHASE_READ,
	PHASE_FILES, /* onto the board's file system */
	PHASE_COUNT
};

/* In memory that both share. */
struct device_shared {
	_Atomic int phase; /* the one that was told last, and one more; 0: none */
	struct {
		_Atomic uint64_t done, total;
	} phases[PHASE_COUNT];
};

/* What the parent makes of it. Zeroed at the start. */
struct device_progress {
	int phase; /* enum device_phase; -1: none */
	uint64_t done, total;
	bool over;         /* all is written and compared: it leaves its bootloader */
	int64_t began_ms;  /* since when this phase was seen */
	uint64_t began_at; /* bytes that were done then */
	int64_t told_ms;   /* the last event */
	uint64_t told_done;
	int told_phase;
};

/* Child: flash_target.progress. A word that is no phase is passed over. */
void device_shared_tell(struct device_shared *s, const char *what, uint64_t done, uint64_t total);

/* Parent: takes over what the child told. */
void device_progress_read(struct device_progress *p, const struct device_shared *s, int64_t now_ms);

const char *device_phase_name(enum device_phase phase);

/* How far the phase is, for a bar; negative: not known. */
int device_progress_permille(const struct device_progress *p);

/* Appends "write 45 %, 182 kB/s, 0:03 left"; nothing before the first word of the child. */
void device_progress_text(const struct device_progress *p, int64_t now_ms, struct strbuf *out);

/* Is it time for an event: something changed, and the last one was a while ago? Then it counts as told. */
bool device_progress_is_news(struct device_progress *p, int64_t now_ms);

#endif
