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

struct flash_method; /* flash/method.h */

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
 * or are known, to be that board; where --method is one through a debug probe that none of them offers, the only probe that does.
 * Exactly one, or with --all-devices one and more. Finds the devices at the first call of a run, and asks those that may be meant
 * (not with --no-probe). The error says what is attached instead, and what to do.
 */
bool device_choose(struct session *s, const struct recipe *r, struct device_choice *out,
		   struct err *e);

/*
 * What is attached, or what the options name of it, asked who it is (not with --no-probe): for who makes targets of what is there.
 * The list is the session's. To be called before the first device_choose, if at all.
 */
bool device_list(struct session *s, struct devices **out, struct err *e);

/* The error when --serial names ports, and none of them is there. */
bool device_no_port(const struct make_options *opt, struct err *e);

/* May the recipe's firmware be put on this device, which the user named? Not on another chip, or another port's board. */
bool device_check(struct session *s, const struct recipe *r, const struct device *d, struct err *e);

/* Can it be written by that method as it is now? */
bool device_offers(const struct device *d, const struct flash_method *m);

/*
 * The attached device that says, or is known, to be that board, else the only one that the options name; NULL: none. For
 * boards of which nothing else is known; finds and asks as device_choose does.
 */
bool device_of_board(struct session *s, const char *name, const struct device **out, struct err *e);

/* Is any option given that names devices? */
bool device_is_named(const struct make_options *opt);

/* "RPI_PICO, in its bootloader": what is known of a device, for messages; in the arena. */
const char *device_summary(const struct device *d, struct arena *a);

/* Lets go of the devices that were found; takes a session that never asked for any. */
void session_close_devices(struct session *s);

#endif
