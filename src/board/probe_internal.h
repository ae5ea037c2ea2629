/* SPDX-License-Identifier: MIT
 *
 * What the files of probing share.
 */
#ifndef BOARD_PROBE_INTERNAL_H
#define BOARD_PROBE_INTERNAL_H

#include "base/strbuf.h"
#include "board/device.h"

/* What was learnt of a device, as bytes for the parent. */
void answer_write(const struct device *d, struct strbuf *out);

/* Takes it over; strings into the list's arena. False: it is cut short, or no answer. */
bool answer_read(struct devices *list, struct device *d, const void *data, size_t len);

#endif
