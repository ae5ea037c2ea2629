/* SPDX-License-Identifier: MIT
 *
 * What the rules say about the board that an image is to go to, for image_check: chip, flash.base, flash.size, uf2.family,
 * protect, fs.
 */
#ifndef GRAPH_IMAGE_TARGET_H
#define GRAPH_IMAGE_TARGET_H

#include "graph/session.h"
#include "graph/step.h"
#include "image/check.h"

/*
 * Reads them, into the session's arena. The chip is that of the rules, else that of board.json's mcu, else the only one with
 * the UF2 family, when it is one of the port; where it is not known (emulated boards), the flash is not either.
 */
bool image_target_read(struct session *s, const struct recipe *r, struct image_target *out,
		       struct err *e);

#endif
