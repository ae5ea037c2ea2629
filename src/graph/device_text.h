/* SPDX-License-Identifier: MIT
 *
 * What a flash child tells its parent, and what a board says of itself in one line.
 */
#ifndef GRAPH_DEVICE_TEXT_H
#define GRAPH_DEVICE_TEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/strbuf.h"
#include "flash/method.h"

/* "MicroPython v1.29.0-preview.731.g1c3c201149 on 2026-11-22; mps2-an385 with Cortex-M3"; "" without an answer. */
const char *device_text(const struct flash_result *r, struct arena *a);

/* Where the board is when it is back: for what is remembered of it (cache/sighting.h). Texts: "" when not known. */
struct device_place {
	const char *usb_path, *usb_serial;
	int64_t vid, pid;
};

/* The part of a flash_result that the parent needs. Strings in the arena. */
struct device_result {
	struct arena *arena;                      /* set by the caller */
	const char *device, *address, *answer;    /* "" when not known */
	const char *files;                        /* as in flash_result; "" */
	const char *board_id, *stamp;             /* the board's own words; NULL: it did not say */
	const char *port, *chip_id, *description; /* the same; "": it did not say */
	struct device_place place;
	uint64_t bytes, bytes_equal; /* written or compared; the device had already */
	bool verified;
};

/* Child's side: one line for people, at once. */
void device_note_write(int fd, const char *text);
/* Child's side: writes the result, or the error when it has a message. `place` NULL: not known. */
void device_result_write(int fd, const struct flash_result *r, const struct device_place *place,
			 const struct err *e);

/* Parent's side, while the child works: appends to `said` what has come so far. */
void device_said_read(int fd, struct strbuf *said);
/* The next note in `said` from *at on, which moves behind it; NULL: none is whole yet. */
const char *device_said_note(const struct strbuf *said, size_t *at);

/*
 * Parent's side, when the child has ended: `said` is what was read before, and gets the rest. False with the child's error, or without a
 * message when it wrote neither whole.
 */
bool device_result_read(int fd, struct strbuf *said, struct device_result *out, struct err *e);

#endif
