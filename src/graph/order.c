/* SPDX-License-Identifier: MIT
 *
 * Ranking steps, by playing the run through: the longest chain first is seldom far from the best order, but for few
 * long steps (ten boards on four jobs) it may be a quarter off; then steps are moved about as long as that helps.
 */
#include "graph/order.h"

#include <stdlib.h>
#include <string.h>

#include "base/heap.h"
#include "base/xalloc.h"

enum {
	/* For kinds of which no step was ever timed. */
	GUESS_JOB_MS = 30000,
	GUESS_PROCESS_MS = 5000,
	GUESS_HERE_MS = 20,

	SEARCH_JOBS = 64,      /* of more steps, the longest first is good enough */
	SEARCH_WORK = 400000,  /* steps played through in one search: some 20 ms */
	SEARCH_GAIN_MS = 100,  /* less is not worth it */
	LONGEST_MS = 86400000, /* a record that says more is wrong; sums must not overflow */
	LATE_SHARE = 20,       /* a step that takes longer than expected: a 20th of that is left */
};

/* --- who waits for whom --------------------------------------------------------------------------------------- */

void order_init(struct order *o, struct step *const *steps, size_t count)
{
	size_t *filled = xcalloc(count + 1, sizeof(*filled)), links = 0;

	*o = (struct order){ .steps = steps, .count = count };
	o->first = xcalloc(count + 1, sizeof(*o->first));
	o->ranks = xcalloc(count + 1, sizeof(*o->ranks));
	for (size_t i = 0; i < count; i++) {
		steps[i]->number = i;
		links += steps[i]->needs.count;
	}
	o->users = xcalloc(links + 1, sizeof(*o->users));
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < steps[i]->needs.count; k++)
			o->first[steps[i]->needs.items[k]->number + 1]++;
	for (size_t i = 0; i < count; i++)
		o->first[i + 1] += o->first[i];
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < steps[i]->needs.count; k++) {
			size_t need = steps[i]->needs.items[k]->number;

			o->users[o->first[need] + filled[need]++] = i;
		}
	free(filled);
}

void order_free(struct order *o)
{
	free(o->first);
	free(o->users);
	free(o->ranks);
	*o = (struct order){ 0 };
}

/* --- how long ------------------------------------------------------------------------------------------------- */

static int by_value(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* The median of what steps of that kind took; 0: none was timed. */
static int64_t median(const struct order *o, const struct step_kind *kind)
{
	int64_t *all = xcalloc(o->count + 1, sizeof(*all)), middle;
	size_t n = 0;

	for (size_t i = 0; i < o->count; i++)
		if (o->steps[i]->kind == kind && o->steps[i]->estimate_ms > 0)
			all[n++] = o->steps[i]->estimate_ms;
	qsort(all, n, sizeof(*all), by_value);
	middle = n ? all[n / 2] : 0;
	free(all);
	return middle;
}

static int64_t guess(const struct step_kind *kind)
{
	return kind->takes_jobs ? GUESS_JOB_MS : kind->finish ? GUESS_PROCESS_MS : GUESS_HERE_MS;
}

/* Gives all steps of one kind that were never timed the same time. */
static void expect_kind(struct order *o, const struct step_kind *kind)
{
	int64_t usual = median(o, kind);

	for (size_t i = 0; i < o->count; i++) {
		struct step *s = o->steps[i];

		if (s->kind != kind)
			continue;
		s->expected_ms = s->estimate_ms > 0 ? s->estimate_ms : usual ? usual : guess(kind);
		if (s->expected_ms > LONGEST_MS)
			s->expected_ms = LONGEST_MS;
	}
}

/* Smaller is more urgent: the longest chain from the step's begin to the end of all, as a negative number. */
static void rank_by_chain(struct order *o)
{
	for (size_t i = o->count; i-- > 0;) {
		int64_t after = 0;

		for (size_t k = o->first[i]; k < o->first[i + 1]; k++)
			if (o->ranks[o->users[k]] < after)
				after = o->ranks[o->users[k]];
		o->ranks[i] = after - o->steps[i]->expected_ms;
	}
}

void order_expect(struct order *o)
{
	for (size_t i = 0; i < o->count; i++)
		o->steps[i]->expected_ms = 0;
	for (size_t i = 0; i < o->count; i++)
		if (!o->steps[i]->expected_ms)
			expect_kind(o, o->steps[i]->kind);
	rank_by_chain(o);
}

/* --- playing it through --------------------------------------------------------------------------------------- */

struct play {
	const struct order *o;
	int64_t *times; /* by number: how long it takes from now on; -1: is over */
	size_t *needs;  /* by number: needs that are not over, before anything moves */
	size_t *waits;  /* the same, while it moves */
	size_t left;    /* steps that are not over */
	struct heap ready, running;
};

static bool is_left(const struct step *s)
{
	return s->state == STEP_WAITING || s->state == STEP_RUNNING || s->state == STEP_WOULD_RUN;
}

static int64_t time_of(const struct step *s, int64_t now_ms)
{
	int64_t left = s->expected_ms, least = s->expected_ms / LATE_SHARE;

	if (s->state == STEP_RUNNING)
		left -= now_ms - s->started_ms;
	return left > least ? left : least;
}

static void play_init(struct play *p, const struct order *o, int64_t now_ms)
{
	*p = (struct play){ .o = o };
	p->times = xcalloc(o->count + 1, sizeof(*p->times));
	p->needs = xcalloc(o->count + 1, sizeof(*p->needs));
	p->waits = xcalloc(o->count + 1, sizeof(*p->waits));
	for (size_t i = 0; i < o->count; i++) {
		const struct step *s = o->steps[i];

		p->times[i] = is_left(s) ? time_of(s, now_ms) : -1;
		p->left += p->times[i] >= 0;
		for (size_t k = 0; k < s->needs.count; k++)
			p->needs[i] += is_left(s->needs.items[k]);
	}
}

static void play_free(struct play *p)
{
	free(p->times);
	free(p->needs);
	free(p->waits);
	heap_free(&p->ready);
	heap_free(&p->running);
}

/* A step that can start does so at `now`, unless it has to wait for one of the jobs. */
static void play_ready(struct play *p, size_t i, int64_t now)
{
	const struct step *s = p->o->steps[i];

	if (s->kind->takes_jobs && s->state != STEP_RUNNING)
		heap_push(&p->ready, p->o->ranks[i], i);
	else
		heap_push(&p->running, now + p->times[i], i);
}

static int64_t play(struct play *p, int jobs)
{
	const struct order *o = p->o;
	int64_t now = 0;

	memcpy(p->waits, p->needs, o->count * sizeof(*p->waits));
	for (size_t i = 0; i < o->count; i++) {
		if (p->times[i] < 0 || p->waits[i])
			continue;
		jobs -= o->steps[i]->state == STEP_RUNNING && o->steps[i]->kind->takes_jobs;
		play_ready(p, i, 0);
	}
	for (;;) {
		size_t i;

		for (; jobs > 0 && p->ready.count; jobs--) {
			i = heap_pop(&p->ready).number;
			heap_push(&p->running, now + p->times[i], i);
		}
		if (!p->running.count)
			break;
		now = p->running.items[0].key;
		i = heap_pop(&p->running).number;
		jobs += o->steps[i]->kind->takes_jobs;
		for (size_t k = o->first[i]; k < o->first[i + 1]; k++)
			if (p->times[o->users[k]] >= 0 && --p->waits[o->users[k]] == 0)
				play_ready(p, o->users[k], now);
	}
	return now;
}

int64_t order_time(const struct order *o, int jobs, int64_t now_ms)
{
	struct play p;
	int64_t time;

	play_init(&p, o, now_ms);
	time = play(&p, jobs);
	play_free(&p);
	return time;
}

/* --- looking for a better order ------------------------------------------------------------------------------- */

/* No order is faster than this: the longest chain, and all jobs busy all the time. */
static int64_t least_time(const struct play *p, int jobs)
{
	int64_t busy = 0, longest = 0;

	for (size_t i = 0; i < p->o->count; i++) {
		if (p->times[i] < 0)
			continue;
		if (p->o->steps[i]->kind->takes_jobs)
			busy += p->times[i];
		if (p->o->steps[i]->state != STEP_RUNNING && -p->o->ranks[i] > longest)
			longest = -p->o->ranks[i];
	}
	busy /= jobs;
	return busy > longest ? busy : longest;
}

/* Steps that wait for a job, the most urgent first. */
static size_t list_jobs(const struct play *p, size_t *list)
{
	struct heap h = HEAP_INIT;
	size_t n = 0;

	for (size_t i = 0; i < p->o->count; i++)
		if (p->times[i] >= 0 && p->o->steps[i]->kind->takes_jobs &&
		    p->o->steps[i]->state != STEP_RUNNING)
			heap_push(&h, p->o->ranks[i], i);
	while (h.count)
		list[n++] = heap_pop(&h).number;
	heap_free(&h);
	return n;
}

static void move(size_t *list, size_t from, size_t to)
{
	size_t kept = list[from];

	if (from < to)
		memmove(list + from, list + from + 1, (to - from) * sizeof(*list));
	else
		memmove(list + to + 1, list + to, (from - to) * sizeof(*list));
	list[to] = kept;
}

static void rank_by_list(struct order *o, const size_t *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		o->ranks[list[i]] = (int64_t)i;
}

/* The same numbers in each run: a run can be repeated. */
static uint32_t next_random(uint32_t *state)
{
	*state = *state * 1664525 + 1013904223;
	return *state >> 8;
}

/* Moves one step at a time, and keeps what is no worse: equally long orders lead to better ones. */
static void search(struct order *o, struct play *p, int jobs, size_t *list, size_t n, int64_t goal)
{
	int64_t best = play(p, jobs);
	uint32_t state = 1;

	rank_by_list(o, list, n);
	for (size_t tries = SEARCH_WORK / p->left; tries > 0 && best > goal; tries--) {
		size_t from = next_random(&state) % n, to = next_random(&state) % n;
		int64_t time;

		if (from == to)
			continue;
		move(list, from, to);
		rank_by_list(o, list, n);
		time = play(p, jobs);
		if (time <= best)
			best = time;
		else
			move(list, to, from);
	}
	rank_by_list(o, list, n);
}

void order_plan(struct order *o, int jobs, int64_t now_ms)
{
	struct play p;
	int64_t time, least;
	size_t *list, n;

	rank_by_chain(o);
	play_init(&p, o, now_ms);
	list = xcalloc(o->count + 1, sizeof(*list));
	n = list_jobs(&p, list);
	time = play(&p, jobs);
	least = least_time(&p, jobs);
	/* Within one in fifty of what cannot be beaten is as good as the estimates are. */
	if (n > 1 && n <= SEARCH_JOBS && time > least + least / 50 && time > least + SEARCH_GAIN_MS)
		search(o, &p, jobs, list, n, least + least / 50);
	play_free(&p);
	free(list);
}
