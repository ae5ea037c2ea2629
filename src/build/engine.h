/* SPDX-License-Identifier: MIT
 *
 * Container engines: docker and podman, asked through their command-line clients. A client on the PATH says nothing about an
 * engine that runs; so the first question about an image is also the question whether there is one. Everything is asked when
 * first needed and once a run.
 */
#ifndef BUILD_ENGINE_H
#define BUILD_ENGINE_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/vec.h"

struct engines;
struct engine;

struct engines *engines_create(void);
void engines_destroy(struct engines *es); /* takes NULL */

/*
 * The engine that answers: `wanted` ("docker", "podman"), or NULL: docker, else podman. `image` is looked up on the way. It lives
 * as long as `es`. Errors, each with its own hint: no client on the PATH, an engine that does not run, one that we may
 * not talk to, a rootless podman without ids. One that failed is not asked again.
 */
bool engines_find(struct engines *es, const char *wanted, const char *image, struct engine **out,
		  struct err *e);

/* Whether any client is on the PATH, which says nothing about an engine. */
bool engines_installed(const struct engines *es);

const char *engine_name(const struct engine *g);    /* "docker" */
const char *engine_program(const struct engine *g); /* absolute */

struct engine_image {
	bool here;              /* else the rest is empty */
	const char *id;         /* 64 hex digits; lives as long as the engine */
	struct digest identity; /* of id and layers: the same for all names of an image */
};
/* What the engine has under that name; asked once, and again after engine_forget. */
bool engine_image(struct engine *g, const char *name, struct engine_image *out, struct err *e);
void engine_forget(struct engine *g, const char *name);

/* Whether user 0 in a container is the user of this process. Asked once. */
bool engine_is_rootless(struct engine *g, bool *rootless, struct err *e);

/* The argv of a pull, NULL-terminated, strings in the arena; podman gets the whole name that docker would take. vec_free. */
void engine_pull_argv(const struct engine *g, const char *image, struct arena *a, struct strv *out);

/* The error of a pull that failed, from what the client said. Always false. */
bool engine_explain_pull(struct engine *g, const char *image, const char *said, struct err *e);
/* The same of any other call: "podman: ...". */
bool engine_explain(const struct engine *g, const char *said, struct err *e);

/* Ends and removes the container of that name; one that is not there is no error. */
bool engine_remove(struct engine *g, const char *container, struct err *e);

/* --- for tests ------------------------------------------------------------------------------------------------ */

/* From what `image inspect` said with our format, among warnings; false: there is no such line. */
bool engine_parse_image(const char *said, struct arena *a, struct engine_image *out);

/* The name with which podman finds what docker calls so: "docker.io/library/gcc:12"; in the arena. */
const char *engine_whole_name(const char *image, struct arena *a);

#endif
