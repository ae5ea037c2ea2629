/* SPDX-License-Identifier: MIT
 *
 * A queue by urgency: what has the smallest key comes out first, of equal keys the smallest number.
 */
#ifndef BASE_HEAP_H
#define BASE_HEAP_H

#include <stddef.h>
#include <stdint.h>

struct heap_item {
	int64_t key;
	size_t number;
};

struct heap {
	struct heap_item *items; /* in the heap's order: items[0] is the next */
	size_t count, cap;
};

#define HEAP_INIT \
	{         \
		0 \
	}

void heap_push(struct heap *h, int64_t key, size_t number);
struct heap_item heap_pop(struct heap *h); /* never of an empty one */
void heap_free(struct heap *h);            /* back to HEAP_INIT */

#endif
