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
#include "flash/method.h"

/* "MicroPython v1.29.0-preview.731.g1c3c201149 on 2026-11-22; mps2-an385 with Cortex-M3"; "" without an answer. */
const char *device_text(const struct flash_result *r, struct arena *a);

/* The part of a flash_result that the parent needs. Strings in the arena. */
struct device_result {
	struct arena *arena;                   /* set by the caller */
	const char *device, *address, *answer; /* "" when not known */
	const char *board_id, *stamp;          /* the board's own words; NULL: it did not say */
	uint64_t bytes, bytes_equal;           /* written or compared; the device had already */
	bool verified;
};

/* Child's side: writes the result, or the error when it has a message. */
void device_result_write(int fd, const struct flash_result *r, const struct err *e);

/* Parent's side: false with the child's error, or without a message when it wrote neither whole. */
bool device_result_read(int fd, struct device_result *out, struct err *e);

#endif
