/* SPDX-License-Identifier: MIT
 *
 * Growing arrays: VEC(struct step) steps = {0}; vec_push(&steps, s); steps.items[0]; vec_free(&steps);
 */
#ifndef BASE_VEC_H
#define BASE_VEC_H

#include <stdlib.h>

#include "base/xalloc.h"

#define VEC(type)                  \
	struct {                   \
		type *items;       \
		size_t count, cap; \
	}

/* A list of strings that somebody else owns. */
struct strv {
	const char **items;
	size_t count, cap;
};

#define vec_push(v, ...)                                                                           \
	do {                                                                                       \
		if ((v)->count == (v)->cap) {                                                      \
			(v)->cap = (v)->cap ? (v)->cap * 2 : 8;                                    \
			(v)->items = xrealloc((void *)(v)->items, (v)->cap * sizeof(*(v)->items)); \
		}                                                                                  \
		(v)->items[(v)->count++] = (__VA_ARGS__);                                          \
	} while (0)

#define vec_free(v)                        \
	do {                               \
		free((void *)(v)->items);  \
		(v)->items = NULL;         \
		(v)->count = (v)->cap = 0; \
	} while (0)

#endif
