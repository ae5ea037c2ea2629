/* SPDX-License-Identifier: MIT
 *
 * The devices that are attached, for the commands and steps that work with them: finding those that the user means, asking them,
 * recognizing and remembering them.
 */
#ifndef GRAPH_ATTACHED_H
#define GRAPH_ATTACHED_H

#include "base/vec.h"
#include "board/device.h"
#include "board/probe.h"

/* What -s, -i, --bluetooth and --device say. Zeroed: all. */
struct attached_options {
	struct strv serial, ignore; /* globs; see struct serial_filter */
	bool bluetooth;
	const char *device; /* NULL: any */
};
void attached_options_free(struct attached_options *o);

/*
 * Fills `out` (DEVICES_INIT) with serial ports, USB, volumes and emulated boards; nothing is asked. With o->device it is that one
 * alone, or an error.
 */
bool attached_find(const struct attached_options *o, struct devices *out, struct err *e);

/*
 * Its owner wants it left alone, by `[mpflash] ignore = true` in its board_info.toml, and the user did not name it. Of one that was
 * not asked nothing is known.
 */
bool attached_is_left_alone(const struct attached_options *o, const struct device *d);

/* Recognizes those that nobody asked yet; a store that cannot be opened is told in list->note. */
void attached_recall(struct devices *list);

/*
 * Asks them (probe NULL: nobody), recognizes those that do not answer, remembers those that do, and settles the board id of firmware
 * that does not say it: board_info.toml first, then the library's boards by their descriptions. False when asking fails as a
 * whole; a store or a library that cannot be opened is told in list->note. `library_dir`: the firmware folder; NULL: as
 * library_folder finds it.
 */
bool attached_ask(struct devices *list, const struct probe_options *probe, const char *library_dir,
		  struct err *e);

#endif
