/* SPDX-License-Identifier: MIT
 *
 * What the files of the compile step share: its job and its end.
 */
#ifndef GRAPH_COMPILE_H
#define GRAPH_COMPILE_H

#include "build/builder.h"
#include "graph/closure.h"
#include "graph/session.h"
#include "graph/step.h"
#include "graph/work_state.h"

/* One run of make for a step. */
struct compile_run {
	struct work_state before;          /* what the folder was left with */
	struct closure_changes changes;    /* since then; point into it */
	bool goes_on;                      /* the folder is used again; false: it was emptied */
	struct strv words;                 /* that make needs to go on (-W FILE) */
	struct closure closure;            /* of this run and, when it goes on, of those before */
	const char *spoiled;               /* a path that it both wrote and read */
	const char *untraceable;           /* why its trace is not the whole story */
	struct build_container *container; /* in the session's arena; NULL: of the host */
	int alive_fd;                      /* see struct build_job; -1: none */
};

/* --- the job (compile_job.c) ------------------------------------------------------------------------------------ */

/*
 * Environment and argv, NULL-terminated; strings in the session's arena; vec_free. Puts mpy-cross in its place. `makeflags`:
 * how make shares the run's jobs.
 */
bool compile_job_env(struct session *s, struct step *step, const char *makeflags, struct strv *out,
		     struct err *e);
/* The same with a stamp that is not the tree's of now; step->result is left alone. */
struct compile_stamp {
	const char *tag, *hash;
	int64_t epoch;
};
bool compile_stamped_env(struct session *s, struct step *step, const struct compile_stamp *stamp,
			 const char *makeflags, struct strv *out, struct err *e);
/* The folder that this mpy-cross is put into; in the session's arena. */
const char *compile_mpy_cross_dir(struct session *s, const struct store_output *cross);

bool compile_job_argv(struct session *s, struct step *step, const struct strv *words,
		      struct strv *out, struct err *e);

/*
 * The container that a step builds in (compile_container.c), by who holds the lock of the work folder: what an earlier one left
 * running there is ended first. compile_container_show then fills what it sees, when all of that is there, and before mpy-cross is
 * looked for in it: the jobs' pipe (c->fifo), `work_dir` and `trace` (NULL: none) to write, the rest to read.
 */
bool compile_container(struct session *s, struct step *step, const char *work_dir,
		       struct build_container **out, struct err *e);
bool compile_container_show(struct session *s, struct step *step, struct build_container *c,
			    const char *work_dir, const char *trace, struct err *e);
void compile_container_free(struct build_container *c);

/* Whether the client's end tells the end of its build: not when it was stopped (NULL), or the engine failed. */
bool compile_container_told(const struct process_exit *x);
/* How the client's end reads: it tells a signal as a status above 128. */
struct process_exit compile_container_exit(const struct process_exit *x);

/* Whether the build did not begin because its container lets nothing be traced: run->untraceable says why. */
bool compile_container_untraced(struct session *s, const struct step *step,
				struct compile_run *run);

/* The log of its trace, beside the work folder; in the session's arena. */
const char *compile_trace_path(struct session *s, const struct step *step);

/* --- the end (compile_end.c) ------------------------------------------------------------------------------------- */

enum compile_verdict {
	COMPILE_HELD,    /* what it read stood still: record it */
	COMPILE_CHANGED, /* a file that it read changed meanwhile: run it again */
	COMPILE_UNSURE, /* only a folder above them changed: the result is good, but next time it runs again */
	COMPILE_SPOILED,     /* it wrote into what it read: the same */
	COMPILE_UNTRACEABLE, /* run it again by declared inputs */
};
bool compile_judge(struct session *s, struct step *step, struct compile_run *run,
		   enum compile_verdict *verdict, struct err *e);

/* Puts what it made into the store and into step->result. */
bool compile_collect(struct session *s, struct step *step, struct err *e);

/*
 * Writes compile_commands.json beside the board's firmware, of this run and, when it goes on, of those before it (kept in the work
 * folder). Only of a traced build; what cannot be written is a note.
 */
void compile_commands_place(struct session *s, const struct step *step, bool goes_on);

/* Records step->result with the run's closure, in one transaction. */
bool compile_record(struct session *s, struct step *step, const struct compile_run *run,
		    struct err *e);

/* The error of a make that failed; false. */
bool compile_describe_failure(struct session *s, struct step *step, const struct process_exit *x,
			      struct err *e);

#endif
