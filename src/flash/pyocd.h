/* SPDX-License-Identifier: MIT
 *
 * What an installed pyOCD knows: the chips it has support for, the debug probes it sees, and whether a chip answers behind one.
 * Nothing here writes to a chip, resets or halts it.
 */
#ifndef FLASH_PYOCD_H
#define FLASH_PYOCD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"

/* Strings are in the arena of the call; NULL where pyOCD says nothing. */
struct pyocd_target {
	const char *
		name; /* what -t of pyOCD and pyocd.target of the rules take: "nrf52840"; never NULL */
	const char *part;   /* "nRF52840_xxAA" */
	const char *vendor; /* "Nordic Semiconductor" */
	const char *source; /* "builtin", "pack" */
};

struct pyocd_targets {
	const char *version; /* pyOCD's own: "0.46.0" */
	struct pyocd_target *items;
	size_t count, cap;
};

struct pyocd_probe {
	const char *id; /* as -u of pyOCD takes it; never NULL */
	const char *description, *board, *vendor, *product;
	/* of the board that the probe is part of, as the probe's own id tells; NULL: it does not */
	const char *target;
};

struct pyocd_probes {
	const char *version;
	struct pyocd_probe *items;
	size_t count, cap;
};

/*
 * Both take as long as pyOCD needs to start, a second and more. False when it is not installed (the hint is the command that
 * installs it), fails, or says something that is not its JSON. Caller does vec_free, also on failure.
 */
bool pyocd_list_targets(struct arena *a, struct pyocd_targets *out, struct err *e);
bool pyocd_list_probes(struct arena *a, struct pyocd_probes *out, struct err *e);

enum pyocd_chip {
	PYOCD_CHIP_ANSWERS,
	PYOCD_CHIP_NONE,    /* the probe can be used, and nothing answers behind it */
	PYOCD_CHIP_LOCKED,  /* it answers, and lets nobody look inside; it stays so */
	PYOCD_CHIP_UNKNOWN, /* could not be asked: *why */
};

/*
 * Asks for the chip behind a probe, without halting or unlocking it. *why: one line, in the arena; set with PYOCD_CHIP_UNKNOWN
 * only. False when pyOCD cannot be run.
 */
bool pyocd_ask_chip(struct arena *a, const struct pyocd_probe *p, enum pyocd_chip *chip,
		    const char **why, struct err *e);

#endif
