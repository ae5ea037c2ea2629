/* SPDX-License-Identifier: MIT
 *
 * Which board a description belongs to: for firmware that does not say its board id (before v1.25).
 */
#ifndef LIBRARY_BOARD_ID_H
#define LIBRARY_BOARD_ID_H

#include "library/database.h"

/*
 * Looks among the boards (not their variants) for one that calls itself `description` ("" : none does), or so without " with CHIP"
 * (in either: an image's banner is cut there), or without "Generic " in front; those of `version` ("1.19.1", "1.29.0-preview"; NULL:
 * any) come first, then those that are most alike. *board_id is in the arena; NULL: none fits.
 */
bool library_board_by_description(struct database *db, const char *description, const char *version,
				  struct arena *a, const char **board_id, struct err *e);

#endif
