/* SPDX-License-Identifier: MIT
 *
 * What the making of targets has to know of steps that act on a device.
 */
#ifndef GRAPH_DEVICE_STEP_H
#define GRAPH_DEVICE_STEP_H

#include "graph/device_choice.h"

/* Is there a method for this board that writes a real device? Boards that only an emulator plays have none. */
bool device_step_wants_device(struct session *s, const struct recipe *r);

/* The step is for this device alone: one of several that are that board. */
void device_step_take(struct session *s, struct step *step, const struct device *d);
/* A flash that ran for its files alone: the device has the image already. */
bool device_step_had_image(const struct step *step);
/* Of any step. NULL: it is for none in particular, or for the one that is found when it runs. */
const struct device *device_step_device(const struct step *step);
/* Of a flash that went well: the id of the device as it came back; NULL: not known. */
const char *device_step_came_back(const struct step *step);

#endif
