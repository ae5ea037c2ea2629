/* SPDX-License-Identifier: MIT
 *
 * Longest processing time first; see shard.h.
 */
#include "graph/shard.h"

#include <stdlib.h>
#include <string.h>

#include "base/heap.h"
#include "base/xalloc.h"

/* More than any board takes: sums of thousands stay far from overflow. */
static const int64_t longest_ms = (int64_t)7 * 24 * 3600 * 1000;

/* The mean of the times that are known; `group` NULL: of all. 0: none is. */
static int64_t mean(const struct shard_item *items, size_t count, const char *group)
{
	int64_t sum = 0, known = 0;

	for (size_t i = 0; i < count; i++) {
		if (items[i].ms <= 0 || (group && strcmp(items[i].group, group) != 0))
			continue;
		sum += items[i].ms;
		known++;
	}
	return known ? sum / known : 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct shard_item *)a)->name, ((const struct shard_item *)b)->name);
}

static int by_name_of(const void *a, const void *b)
{
	return by_name(*(const struct shard_item *const *)a, *(const struct shard_item *const *)b);
}

static int by_time(const void *a, const void *b)
{
	const struct shard_item *x = a, *y = b;

	if (x->ms != y->ms)
		return x->ms < y->ms ? 1 : -1;
	return by_name(a, b);
}

static void guess_times(struct shard_item *items, size_t count)
{
	int64_t *guesses = xcalloc(count + 1, sizeof(*guesses)), all = mean(items, count, NULL);

	for (size_t i = 0; i < count; i++) {
		if (items[i].ms > 0)
			continue;
		guesses[i] = mean(items, count, items[i].group);
		if (!guesses[i])
			guesses[i] = all ? all : 1;
	}
	for (size_t i = 0; i < count; i++)
		if (items[i].ms <= 0)
			items[i].ms = guesses[i];
	free(guesses);
}

void shard_split(struct shard_item *items, size_t count, int shards)
{
	struct heap loads = HEAP_INIT; /* by what is to do, then by number */

	if (shards < 1)
		BUG("%d shards", shards);
	for (size_t i = 0; i < count; i++)
		if (items[i].ms > longest_ms)
			items[i].ms = longest_ms;
	guess_times(items, count);
	if (count)
		qsort(items, count, sizeof(*items), by_time);
	for (int i = 0; i < shards; i++)
		heap_push(&loads, 0, (size_t)i);
	for (size_t i = 0; i < count; i++) {
		int64_t load = loads.items[0].key;
		size_t shard = heap_pop(&loads).number;

		items[i].shard = (int)shard;
		heap_push(&loads, load + items[i].ms, shard);
	}
	heap_free(&loads);
}

struct digest shard_digest(const struct shard_item *items, size_t count)
{
	const struct shard_item **sorted = xcalloc(count + 1, sizeof(*sorted));
	struct hasher h;

	for (size_t i = 0; i < count; i++)
		sorted[i] = &items[i];
	if (count)
		qsort((void *)sorted, count, sizeof(*sorted), by_name_of);
	hasher_init(&h);
	for (size_t i = 0; i < count; i++) {
		hasher_str(&h, sorted[i]->name);
		hasher_add(&h, &sorted[i]->shard, sizeof(sorted[i]->shard));
	}
	free((void *)sorted);
	return hasher_finish(&h);
}

/* Digits alone; 0 when it is none, or too many. */
static int number_at(const char **p)
{
	int n = 0;

	for (; **p >= '0' && **p <= '9'; (*p)++)
		n = n > SHARD_MOST ? n : n * 10 + (**p - '0');
	return n;
}

bool shard_parse(const char *text, int *number, int *count, struct err *e)
{
	const char *p = text;

	*number = number_at(&p);
	if (*p == '/') {
		p++;
		*count = number_at(&p);
		if (!*p && *number >= 1 && *number <= *count && *count <= SHARD_MOST)
			return true;
	}
	err_usage(e, "--shard wants I/N with I from 1 to N, not '%s'", text);
	return err_hint(e, "for example --shard 2/5: the second of five parts of the boards");
}
