/* SPDX-License-Identifier: MIT
 *
 * Builders: where a port's make runs. One file each in src/build, listed in builders[] (build/builder.c), sorted by
 * name; docker and podman share one (build/container.c).
 */
#ifndef BUILD_BUILDER_H
#define BUILD_BUILDER_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"
#include "build/mount.h"

struct engine;

/* What a job in a container needs beside its argv; all of it lives as long as the job. */
struct build_container {
	struct engine *engine;
	const char *image; /* id */
	const char *name;  /* of the container: of the work folder, the process and the attempt */
	struct mounts mounts;
	const char *
		lock; /* locked by what runs in the container; names it while it runs; it is there */
	const char *fifo;   /* of the jobs; NULL: none */
	const char *helper; /* mpflash-trace */
	bool network;
};

struct build_job {
	const char *cwd;                         /* the tree's root, absolute */
	const char *const *argv;                 /* make -C ports/X ..., NULL-terminated */
	const char *const *env;                  /* exact, "NAME=value", NULL-terminated */
	const char *work_dir;                    /* absolute, exists, empty */
	const char *log_path;                    /* gets stdout and stderr; its folder exists */
	const int *keep_fds;                     /* see struct process_spec; NULL: none */
	const struct build_container *container; /* NULL: of the host */
	int *alive_fd; /* container: gets a file that the caller closes at the job's end; before, that ends it */
};

struct builder {
	const char *name;  /* "host" */
	const char *title; /* "the tools on this machine" */
	bool contains;     /* runs in a container: build_job.container is set */
	/* Starts the job in a process group of its own. -1 with an error when it cannot. */
	pid_t (*start)(const struct build_job *job, struct err *e);
};

extern const struct builder *const builders[]; /* ends with NULL */
const struct builder *builder_by_name(const char *name);

/*
 * For who holds the lock of a work folder and wants to run a container for it: ends what a run that was killed left behind, by
 * the name that it wrote into c->lock.
 */
bool container_clear(const struct build_container *c, struct err *e);

/*
 * After the client's end: the container is over too, or is made to be. Only a client that ended with its build's exit status
 * (`told`) has taken the container away; after any other end that is done here, since the next run needs the name.
 */
bool container_settle(const struct build_container *c, bool told, struct err *e);

#endif
