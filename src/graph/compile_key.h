/* SPDX-License-Identifier: MIT
 *
 * The key of a compile step, and what making it and running it share.
 */
#ifndef GRAPH_COMPILE_KEY_H
#define GRAPH_COMPILE_KEY_H

#include "graph/session.h"
#include "graph/step.h"

/* step_kind.parts of compile. */
bool compile_parts(struct session *s, struct step *step, struct strbuf *out, struct err *e);

/* The same with that mpy-cross (NULL: none), for a step that does not have its own yet. */
bool compile_parts_with(struct session *s, struct step *step, const struct digest *mpy_cross,
			struct strbuf *out, struct err *e);

/* Why the step's last build here could not be traced (in the session's arena); NULL: it could, or there was none. */
const char *compile_was_untraceable(struct session *s, const struct step *step);

/* step_kind.find of compile: by the closures under the parts' digest, or by declared inputs where tracing cannot work. */
bool compile_find(struct session *s, struct step *step, bool *known, struct err *e);

/* Whether the step's builds can be traced; *why not. In a container that shows when it runs. */
bool compile_traces(struct session *s, const struct step *step, const char **why);

/* The exact environment where the step is built, with `extra` on top; see build/env.h. */
void compile_env(struct session *s, const struct step *step, const struct strv *extra,
		 struct strv *out);

/* From here on the step goes by its declared inputs; parts and key are made anew. `why` lives in the session's arena. */
bool compile_declare(struct session *s, struct step *step, const char *why, struct err *e);

/* A missing tool is an error that names its package. */
bool compile_check_tools(struct session *s, const struct step *step, struct err *e);

/* True for the step that builds mpy-cross itself. */
bool compile_is_mpy_cross(const struct step *step);

/* The mpy-cross that this step uses, once it is made; NULL: none. */
const struct store_output *compile_mpy_cross(const struct step *step);

/* make's words without -j and -C: those of the rules and of the configuration (graph/configuration.h). vec_free. */
bool compile_make_words(struct session *s, const struct step *step, struct strv *out,
			struct err *e);

/* The environment words of the rules and of the configuration; stamp and mpy-cross's place come on top when it runs. vec_free. */
bool compile_rule_env(struct session *s, const struct step *step, struct strv *out, struct err *e);

#endif
