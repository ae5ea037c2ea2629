/* SPDX-License-Identifier: MIT
 *
 * What the files of the runners' engine share: runner.c (one run), runner_words.c (command lines), runner_exec.c (a tool's
 * process), runner_says.c (what its words mean).
 */
#ifndef FLASH_RUNNER_INTERNAL_H
#define FLASH_RUNNER_INTERNAL_H

#include "base/arena.h"
#include "base/strbuf.h"
#include "base/vec.h"
#include "flash/runner.h"
#include "os/process.h"

struct device;

struct runner_run {
	const struct runner *r;
	const struct flash_target *t;
	const struct image *img;     /* NULL: a reset */
	const struct device *device; /* as the tool finds it */
	struct arena arena;
	const char *program;  /* absolute */
	const char *dir;      /* the tool's folder */
	const char *connect;  /* "": none */
	size_t segment;       /* the one whose words are made; SIZE_MAX: none */
	int depth;            /* in how many brackets they are */
	struct strbuf output; /* of the last call, without colours; at most 1 MiB */
	bool started;         /* the tool began to change the chip */
};

/* --- runner.c --- */

/* The first of its programs that is on PATH, absolute, in the arena; NULL with an error that says how to install it. */
const char *runner_find_program(const struct runner *r, struct arena *a, struct err *e);

/* --- runner_words.c --- */

/* The words of a command line, behind those in `out`; strings in the arena. False: a text that does not parse. */
bool runner_words(struct runner_run *run, const char *text, struct strv *out, struct err *e);
/* The lines of a script. */
bool runner_script(struct runner_run *run, const char *text, struct strbuf *out, struct err *e);
/* The name of the file of segment `i` in the tool's folder. */
const char *runner_segment_file(struct runner_run *run, size_t i);
/* A value; NULL: nothing. In the arena. */
const char *runner_value(struct runner_run *run, const char *name);
/* True when the text asks for that value. */
bool runner_uses(const char *text, const char *name);

/* --- runner_exec.c --- */

/*
 * Runs the tool to its end with these words. False with an error when it could not be run, was interrupted, or hung; else *x has how it
 * ended, and run->output what it said.
 */
bool runner_exec(struct runner_run *run, const struct strv *words, struct process_exit *x,
		 struct err *e);

/* --- runner_says.c --- */

/* What the output means. */
enum runner_cause runner_judge(const struct runner *r, const char *output);
/* False, with the error for it: cause and hint. */
bool runner_complain(const struct runner_run *run, enum runner_cause cause,
		     const struct process_exit *x, struct err *e);
/* The last line that says something; cut, fit for a message. Empty when there is none. */
void runner_last_line(const char *output, struct strbuf *out);
bool runner_has_line(const char *output, const char *glob);

#endif
