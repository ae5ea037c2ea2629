/* SPDX-License-Identifier: MIT
 *
 * Which of the attached devices a command is for: all that the options name, one of them, or those that the user picks from a
 * list; and doing something with several at once.
 */
#ifndef CMD_PICK_H
#define CMD_PICK_H

#include "board/probe.h"
#include "cmd/attached_options.h"

struct pick_options {
	struct attached_options attached;
};

/*
 * Fills `list` (DEVICES_INIT) as attached_find does; `--serial ?` asks which of them. `word` (may be NULL): a port, a glob or a
 * device's id, place or port's name given as a word. An error when there is none. `fits` (may be NULL): the others are left out, in silence.
 */
typedef bool pick_fits_fn(const struct device *d);
bool pick_devices(struct pick_options *o, const char *word, pick_fits_fn *fits,
		  struct devices *list, struct err *e);

/* The same for a command that takes one device: of several one is asked for. It is list->items[0]. */
bool pick_one(struct pick_options *o, const char *word, pick_fits_fn *fits, struct devices *list,
	      struct err *e);

/* Keeps those devices of the list, and frees what belongs to the others. `chosen`: indices in ascending order. */
void pick_keep(struct devices *list, const size_t *chosen, size_t number);

/*
 * Runs `fn` for each device, all at once, each in a process of its own; `ms` is the limit. What it appends to `said` is printed to
 * stdout as "LABEL: said", its error to stderr. False with one last error when some failed ("2 of 3 boards were not reset").
 */
typedef bool pick_each_fn(void *ctx, struct device *d, struct strbuf *said, struct err *e);
bool pick_each(struct devices *list, pick_each_fn *fn, void *ctx, int ms, const char *done,
	       struct err *e);

bool pick_has_port(const struct device *d);

/* False with the reason when another program has its port, or our user may not open it: two that read one port get halves. */
bool pick_is_free(const struct device *d, struct err *e);

#endif
