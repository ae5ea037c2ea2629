/* SPDX-License-Identifier: MIT
 *
 * What the files of the store share with each other and with nobody else.
 */
#ifndef CACHE_STORE_INTERNAL_H
#define CACHE_STORE_INTERNAL_H

#include "cache/db.h"

struct store {
	char *dir;
	struct db db;
	bool dry; /* nothing on the disk may change */
};

#endif
