/* SPDX-License-Identifier: MIT
 *
 * Sightings: what a board said of itself when it ran, and where that was. In its bootloader a board does not say which one it
 * is; the place where it was seen last, or a number of its chip, does.
 */
#ifndef CACHE_SIGHTING_H
#define CACHE_SIGHTING_H

#include <stdint.h>

#include "cache/store.h"

/* Texts are never NULL; "": not known. */
struct sighting {
	const char *id;         /* the device's stable id */
	const char *usb_path;   /* "1-4.2"; of two boards at one place, the later one has it */
	const char *usb_serial; /* of the USB device that its REPL was on */
	int64_t vid, pid;       /* of that; 0: none */
	const char *chip_id;    /* hex */
	const char *board_id, *port, *description;
	int64_t seen_ns;
};

struct sightings {
	struct sighting *items;
	size_t count, cap;
};

/* All, by id; in the arena: no vec_free. */
bool store_list_sightings(struct store *s, struct arena *a, struct sightings *out, struct err *e);

/*
 * Puts one in. Others lose the place where it is now; one with the same chip id and another id was the same board, and goes.
 */
bool store_put_sighting(struct store *s, const struct sighting *sighting, struct err *e);

#endif
