/* SPDX-License-Identifier: MIT
 *
 * Builders: where a port's make runs. One file each in src/build, listed in builders[] (build/builder.c), sorted by
 * name.
 */
#ifndef BUILD_BUILDER_H
#define BUILD_BUILDER_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"

struct build_job {
	const char *cwd;         /* the tree's root, absolute */
	const char *const *argv; /* make -C ports/X ..., NULL-terminated */
	const char *const *env;  /* exact, "NAME=value", NULL-terminated */
	const char *work_dir;    /* absolute, exists, empty */
	const char *log_path;    /* gets stdout and stderr; its folder exists */
	const int *keep_fds;     /* see struct process_spec; NULL: none */
};

struct builder {
	const char *name;  /* "host" */
	const char *title; /* "the tools on this machine" */
	/* Starts the job in a process group of its own. -1 with an error when it cannot. */
	pid_t (*start)(const struct build_job *job, struct err *e);
};

extern const struct builder *const builders[]; /* ends with NULL */
const struct builder *builder_by_name(const char *name);

#endif
