/* SPDX-License-Identifier: MIT
 *
 * What is asked of lists of strings (struct strv is in base/vec.h).
 */
#ifndef BASE_STRV_H
#define BASE_STRV_H

#include <stdbool.h>
#include <string.h>

#include "base/vec.h"

static inline bool strv_has(const struct strv *list, const char *text)
{
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->items[i], text) == 0)
			return true;
	return false;
}

#endif
