/* SPDX-License-Identifier: MIT
 *
 * Which attached device a target means. The board's name is enough where exactly one device is that board; who is not known (a
 * bootloader, a probe) has to be named, unless it is the only one and its chip is proven. Two are never guessed between.
 */
#ifndef GRAPH_DEVICE_CHOICE_H
#define GRAPH_DEVICE_CHOICE_H

#include "board/device.h"
#include "graph/session.h"
#include "graph/step.h"

/* In the top session's arena; the devices live as long as that session. */
struct device_choice {
	const struct device **items;
	size_t count;
};

/*
 * A target is about a device that is this board. To be called for all targets before the first device_choose, so that all
 * devices are asked at once.
 */
void device_expect(struct session *s, const struct recipe *r);

/*
 * The devices for the recipe's board: those that the options name (--device, --serial, --probe, --volume), else those that say,
 * or are known, to be that board. Exactly one, or with --all-devices one and more. Finds the devices at the first call of a run, and
 * asks those that may be meant (not with --no-probe). The error says what is attached instead, and what to do.
 */
bool device_choose(struct session *s, const struct recipe *r, struct device_choice *out,
		   struct err *e);

/* Is any option given that names devices? */
bool device_is_named(const struct make_options *opt);

/* "RPI_PICO, in its bootloader": what is known of a device, for messages; in the arena. */
const char *device_summary(const struct device *d, struct arena *a);

/* Lets go of the devices that were found; takes a session that never asked for any. */
void session_close_devices(struct session *s);

#endif
