/* SPDX-License-Identifier: MIT
 *
 * What the files of a device record share.
 */
#ifndef BOARD_DEVICE_INTERNAL_H
#define BOARD_DEVICE_INTERNAL_H

#include "board/device.h"

/* Fills id, state, why, hint, kind, chip, port and methods of all records from what they consist of. */
void devices_describe(struct devices *list);

#endif
