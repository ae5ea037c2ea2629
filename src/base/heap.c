/* SPDX-License-Identifier: MIT
 *
 * A binary heap in an array.
 */
#include "base/heap.h"

#include <stdbool.h>

#include "base/vec.h"

static bool is_before(const struct heap_item *a, const struct heap_item *b)
{
	return a->key != b->key ? a->key < b->key : a->number < b->number;
}

static void swap(struct heap_item *a, struct heap_item *b)
{
	struct heap_item kept = *a;

	*a = *b;
	*b = kept;
}

void heap_push(struct heap *h, int64_t key, size_t number)
{
	size_t i = h->count;

	vec_push(h, (struct heap_item){ key, number });
	for (; i > 0 && is_before(&h->items[i], &h->items[(i - 1) / 2]); i = (i - 1) / 2)
		swap(&h->items[i], &h->items[(i - 1) / 2]);
}

struct heap_item heap_pop(struct heap *h)
{
	struct heap_item first;

	if (!h->count)
		BUG("an empty heap has no next");
	first = h->items[0];
	h->items[0] = h->items[--h->count];
	for (size_t i = 0, next; (next = 2 * i + 1) < h->count; i = next) {
		if (next + 1 < h->count && is_before(&h->items[next + 1], &h->items[next]))
			next++;
		if (!is_before(&h->items[next], &h->items[i]))
			break;
		swap(&h->items[i], &h->items[next]);
	}
	return first;
}

void heap_free(struct heap *h)
{
	vec_free(h);
}
