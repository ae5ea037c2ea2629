/* SPDX-License-Identifier: MIT
 *
 * The words of the graph: steps, the files (nodes) between them, and the recipe that makes both for one board.
 */
#ifndef GRAPH_STEP_H
#define GRAPH_STEP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/strbuf.h"
#include "base/vec.h"
#include "board/catalogue.h"
#include "cache/store.h"
#include "graph/rules.h"
#include "os/lock.h"
#include "os/process.h"

struct session;
struct step;

/* A file: made by a step, or (no maker) a source of the tree. */
struct node {
	/* "firmware.hex", a path relative to the recipe's folder, or to the tree */
	const char *name;
	struct recipe *recipe; /* NULL: a file of the tree */
	struct step *maker;    /* NULL: a source */
	/* a compile step that may leave it; then `maker` (if any) has nothing to do */
	struct step *maybe_maker;
	const struct rules_build *claim, *maybe_claim; /* the statements that name it, for errors */
	bool wanted;                                   /* to be placed where the user looks */
	bool told;                                     /* its path was reported */
};

struct node_list {
	struct node **items;
	size_t count, cap;
};

/* All steps of one board (and variant), or of mpy-cross, or of the tree (neither port nor board). */
struct recipe {
	struct session *s;  /* of its tree: another one for each version */
	const char *id;     /* "stm32/PYBV11-DP", "mpy-cross", "tree"; with "@v1.26.0" behind it */
	const char *key_id; /* the same without a version: what keys are made of */
	const char *name;   /* "PYBV11-DP": board id as sys.implementation._build prints it */
	const char *plain_id; /* id as a file name: "stm32-PYBV11-DP"; without a version */
	struct board *board;  /* NULL: mpy-cross, the tree, a device without sources */
	const char *variant;  /* NULL: none */
	struct rules_env env; /* scope and the variables that we give */
	const char *out_dir;  /* where its files are placed, absolute */
	const char *work_dir; /* $build, absolute */
	bool keep_work; /* the folder stays for the next edit (a board that was named, not one of `all`) */
	bool never_keep_work; /* each run starts from nothing, whoever named it */
	struct node_list nodes;
	VEC(struct step *) steps;
	struct step *compile; /* NULL: none */
	const struct builder_choice
		*choice; /* NULL: not asked for so far; see graph/builder_choice.h */
};

enum step_state {
	STEP_WAITING, /* for what it needs */
	STEP_RUNNING,
	STEP_FRESH,     /* nothing had to be done */
	STEP_RAN,       /* did its work */
	STEP_WOULD_RUN, /* with -n: would do its work, so what it makes is not known */
	STEP_FAILED,
	STEP_CANCELLED, /* something it needs failed */
};

/* How a kind of step works. One file each in src/graph (step_*.c). */
struct step_kind {
	const char *name;
	/*
	 * Steps that make files: appends what the step is made of, one "name\tvalue" a line; the digest of it is the
	 * action's key. NULL for steps that act on something (a device): those have check.
	 */
	bool (*parts)(struct session *s, struct step *step, struct strbuf *out, struct err *e);
	/*
	 * Looks up what the store knows about these parts: fills step->key and step->result. NULL: by the parts' digest.
	 */
	bool (*find)(struct session *s, struct step *step, bool *known, struct err *e);
	/* Decides whether to run, and why: *run and step->reason. NULL for steps that make files. */
	bool (*check)(struct session *s, struct step *step, bool *run, struct err *e);
	/*
	 * Does the work, or starts a process for it (step->pid > 0) whose end is given to finish. A step that makes files
	 * fills step->result. When another process holds what it needs, it sets step->blocked and is called again.
	 */
	bool (*start)(struct session *s, struct step *step, struct err *e);
	/* `x` is NULL when the process is to be given up: only clean up then. NULL: start does everything. */
	bool (*finish)(struct session *s, struct step *step, const struct process_exit *x,
		       struct err *e);
	void (*close)(struct step *step); /* lets go of step->detail; NULL: nothing to do */
	/*
	 * While its process works, a few times a second: takes in what that told so far, and appends how it goes ("write 45 %, 182 kB/s");
	 * *permille is how far it is, -1 where that is not known, as it is before. NULL: graph/step_progress.h says what can be said.
	 */
	void (*tick)(struct session *s, struct step *step, int64_t now_ms, struct strbuf *text,
		     int *permille);
	/* The user wants an end: its process is asked to stop where that is safe. False: it has to go on. NULL: it always has to. */
	bool (*stop)(struct session *s, struct step *step);
	bool takes_jobs; /* runs compilers: counts against -j */
	bool can_be_ended; /* takes none, and is ended when the user interrupts: nothing half made stays */
};

struct step {
	const struct step_kind *kind;
	struct recipe *recipe;
	const char *label; /* "compile", "hex", "sign", "flash" */
	const char *id;    /* "stm32/PYBV11 hex": names its last run in the store */
	/* NULL: made for a target (flash, a format that no rule names) */
	const struct rules_build *build;
	const struct rules_rule *rule; /* of a user's command */
	const void *detail;            /* the kind's own: image format, flash job */
	const char *device,
		*where; /* of a step on a real device: its id, what to call it; NULL: none, or not known yet */

	struct node_list ins, implicit_ins, outs, maybe_outs;
	VEC(struct step *) needs;

	bool in_graph;
	bool blocked; /* start could not begin: another process works on it; it is tried again */
	bool told;    /* that it starts, or for whom it waits */
	bool stopped; /* it was ended while it ran, because the user wanted that */
	bool placed;  /* nothing was made, but files came out of the store to their places */
	bool checked; /* it is known that it has to run, and why */
	enum step_state state;
	char mark; /* for the search for cycles */

	/* Set while planning and running. */
	const char *reason; /* why it runs or not, for people; in the session's arena */
	struct strbuf parts;
	struct digest weak; /* of the parts; zero: the key is that of the parts */
	struct digest key;
	size_t closure_size; /* entries that hold; 0: it has no closure */
	const char *
		declared; /* a compile step that goes by its declared inputs: why; NULL: it does not */
	void *running;    /* the kind's own while it runs; in the session's arena */
	struct store_action result; /* of a settled step: what it made */
	const char *plan;    /* what it would do (-n), as JSON; NULL: the kind has no plans */
	int64_t estimate_ms; /* how long it took last time; 0: not known */
	int64_t expected_ms; /* the same, or a guess: see order_expect */
	size_t number;       /* its place among the graph's steps: see order_init */
	int64_t started_ms;
	int64_t said_ms;         /* when a line told last how it goes; 0: none did */
	int64_t took_ms;         /* of a step that ran or failed */
	const char *error;       /* of one that failed, in full; in the session's arena */
	int64_t started_file_ns; /* on the clock of file times */
	int attempts;
	pid_t pid;
	int result_fd; /* of a forked worker; -1: none */
	struct lock lock;
	const char *log_path;
};

/* True when the step is over and what it made can be used. */
static inline bool step_is_settled(const struct step *s)
{
	return s->state == STEP_FRESH || s->state == STEP_RAN;
}

/* The output behind a node after its makers are settled; NULL: it was not made. */
const struct store_output *node_output(const struct node *n);

/* The version text that its maker built in; "" when none. */
const char *node_stamp(const struct node *n);

/* Where the node's file is for people and commands: absolute, in the arena. */
char *node_path(const struct session *s, const struct node *n, struct arena *a);

#endif
