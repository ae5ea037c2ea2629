/* SPDX-License-Identifier: MIT
 *
 * The configuration of a build: what --manifest, --user-c-modules, --set and make's own arguments (after --) make of it.
 * One that is not the plain one has a key, a work folder and a stamp of its own. mpy-cross has none: it is one for all.
 */
#ifndef GRAPH_CONFIGURATION_H
#define GRAPH_CONFIGURATION_H

#include "graph/session.h"
#include "graph/step.h"

/*
 * Usage errors of these options: no VAR=VALUE; a variable that the program sets, or that an option beside it sets; a
 * manifest or a folder that is not there, or whose path make cannot take.
 */
bool config_check(const struct make_options *opt, struct err *e);

/* The end of a work folder's name: "+1a2b3c4d"; "" for the plain configuration. In the session's arena. */
const char *config_suffix(struct session *s);

/*
 * Appends the words that make gets. Paths are absolute, and keys name them as everywhere: relative to the tree or the home,
 * else absolute, as the closure does. Strings live in the session's arena or with the options. Errors: a folder without a
 * C module that the step's port can read.
 */
bool config_words(struct session *s, const struct step *step, struct strv *out, struct err *e);

/*
 * Appends "NAME=value" for the variables that the rules say have to come through the environment (set.env): a makefile that
 * adds to one would leave a value of the command line as it is, and its own words would be lost.
 */
bool config_env(struct session *s, const struct step *step, struct strv *out, struct err *e);

/* Appends parts for what the words do not say: the modules behind a folder that config_place makes. */
bool config_parts(struct session *s, struct step *step, struct strbuf *out, struct err *e);

/* Puts what the words name into a work folder that was emptied; `work_dir` is the step's, or another in its place. */
bool config_place(struct session *s, const struct step *step, const char *work_dir, struct err *e);

/* Appends the files and folders that the options name, absolute, in the session's arena: inputs, where nothing is traced. */
bool config_roots(struct session *s, struct strv *out, struct err *e);

/*
 * What the stamp says of it: false (and zero) for the plain one. Files outside the tree count by content: the manifest itself,
 * and all files in the folders of C modules; those of the tree by their paths, for the tree's own stamp knows them.
 */
bool config_digest(struct session *s, const struct recipe *r, bool *plain, struct digest *out,
		   struct err *e);

/*
 * For rule files: ${given.NAME} is what a word VAR=VALUE of --set or behind `--` gives to make, the last of several. config_given
 * fills so many bindings as config_given_count says, the ones that count first, and returns how many.
 */
size_t config_given_count(const struct session *s);
size_t config_given(struct session *s, struct rules_binding *out);

#endif
