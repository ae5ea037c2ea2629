/* SPDX-License-Identifier: MIT
 *
 * Which builder a recipe's make runs in: boards of two ports may differ. The host where it has all tools of the rules, else a
 * container engine that runs; --builder (MPFLASH_BUILDER) and --container decide otherwise. mpy-cross is built where the board
 * is that uses it: a program of this machine need not run in an image.
 */
#ifndef GRAPH_BUILDER_CHOICE_H
#define GRAPH_BUILDER_CHOICE_H

#include <stdbool.h>

#include "base/err.h"
#include "base/strbuf.h"
#include "build/builder.h"
#include "build/engine.h"
#include "graph/session.h"
#include "graph/step.h"

struct builder_choice {
	const struct builder *builder;
	struct engine *engine; /* NULL: the host */
	const char *image;     /* as the rules or the user name it; NULL: the host */
	const char *why;       /* in words */
	/* Why it cannot be built there, which only matters when it has to be; NULL: nothing is known to be in the way. */
	const char *problem;
	/* The host, though tools are missing: why there is no engine in their place; NULL: that was not asked. */
	const char *no_engine;
	const char *hint; /* for either; may be NULL */
};

/*
 * Decides, once a recipe and without failing for what a step may not need in the end; only rules that cannot be read are an
 * error. Strings in the session's arena.
 */
bool builder_choose(struct session *s, struct recipe *r, const struct builder_choice **out,
		    struct err *e);

/* The error that the choice holds, if any. */
bool builder_check(const struct recipe *r, const struct builder_choice *c, struct err *e);

/* The programs of a recipe's rules that are not on the PATH: ", " between names, blanks between the Debian packages. */
struct missing_tools {
	struct strbuf names,
		packages; /* no names: all are there; no packages: the rules know none */
};
#define MISSING_TOOLS_INIT                                    \
	{                                                     \
		.names = STRBUF_INIT, .packages = STRBUF_INIT \
	}
#define AUTO_MISSING_TOOLS __attribute__((cleanup(missing_tools_free))) struct missing_tools

/* Adds to `out`. The PATH is looked at, whatever builder is chosen. */
bool builder_missing_tools(struct session *s, const struct recipe *r, struct missing_tools *out,
			   struct err *e);
void missing_tools_free(struct missing_tools *m);

/* The image of a choice for a container, as it is now; not there: out->here is false. */
bool builder_image(const struct builder_choice *c, struct engine_image *out, struct err *e);

/* Usage errors of --builder, --container and MPFLASH_BUILDER. */
bool builder_check_options(const struct make_options *opt, struct err *e);

/* The step that pulls the image which a compile step needs; *out NULL: it needs none, or has it. */
bool builder_image_step(struct step *compile, struct step **out, struct err *e);

#endif
