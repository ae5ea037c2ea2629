/* SPDX-License-Identifier: MIT
 *
 * What the parts of running a graph share: run.c moves it, run_end.c brings it to an end.
 */
#ifndef GRAPH_RUN_INTERNAL_H
#define GRAPH_RUN_INTERNAL_H

#include "base/heap.h"
#include "graph/graph.h"
#include "graph/order.h"

struct run {
	struct graph *g;
	struct session *s;
	struct order order;
	size_t *waits; /* by number: needs that are not over */
	/* Queues, of steps' numbers. */
	struct heap judge;   /* all needs are over; in the graph's order */
	struct heap make;    /* have to run, and take a job each; by rank */
	struct heap here;    /* have to run, and take none; by rank */
	struct heap blocked; /* another process holds what they need: to be tried again */
	VEC(struct step *) running;
	size_t over; /* steps that are settled, failed, cancelled or planned */
	VEC(struct err) failures;
	bool stop;        /* start nothing more */
	bool starved;     /* a step waits for a job that others hold */
	bool expected;    /* order_expect was called */
	int64_t lines_ms; /* so often a step that goes on is told in a line of its own; 0: never */
	bool replan;      /* something that takes a job was queued since order_plan was called */
};

/* The state of the step is final: those that wait for it are judged next. */
void run_over(struct run *r, struct step *step);

/* A process of the step has ended: what it made is put away, or its next process starts. */
void run_ended(struct run *r, struct step *step, const struct process_exit *x);

/* The step ended because the user wanted that; `why` (NULL: it was killed) says how far it came. */
void run_stopped(struct run *r, struct step *step, const char *why);

/* What is told next is of this step: report.device and report.where. */
void run_about(struct run *r, const struct step *step);

/* run_status.c: the status area, or lines in its place; the time until it is to be told again, -1: when something happens. */
void run_status_begin(struct run *r);
void run_status_end(struct run *r);
int run_status_tell(struct run *r);

/* The user interrupted: ends what runs, and tells. Always false. */
bool run_give_up(struct run *r, struct err *e);

/* All is over: the error holds every failure, and what it should have made is told. */
bool run_sum_up(struct run *r, struct err *e);

#endif
