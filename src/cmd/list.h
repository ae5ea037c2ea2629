/* SPDX-License-Identifier: MIT
 *
 * How `mpflash list` shows devices.
 */
#ifndef CMD_LIST_H
#define CMD_LIST_H

#include "base/strbuf.h"
#include "board/device.h"

/* The keys of the Python tool's `list --json`, and ours: device, state, methods. */
void list_json(const struct devices *list, struct strbuf *out);

/*
 * A line for each, under a head line. columns: how wide the terminal is (0: no terminal, then nothing is cut); below 100 the
 * Python tool's narrow form. `usb`: with the USB ids and the location.
 */
void list_table(const struct devices *list, int columns, bool usb, struct strbuf *out);

/*
 * The version as the Python tool says it: "1.29.0", and "-preview" behind one that is commits away from its tag. Appended;
 * nothing when the version is not known.
 */
void list_version(const struct identity *id, struct strbuf *out);

#endif
