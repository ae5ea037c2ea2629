/* SPDX-License-Identifier: MIT
 *
 * Actions: what the steps that make files have in common. The parts of a step make its key; the store knows what a
 * key made; what it made is placed where people look.
 */
#ifndef GRAPH_ACTION_H
#define GRAPH_ACTION_H

#include "graph/session.h"
#include "graph/step.h"

/* Whether the step runs whatever is known of it (-B, rebuild). */
bool action_is_forced(const struct session *s, const struct step *step);

/* Computes parts and key, looks the key up. *run: it has to run, step->reason says why; else step->result is filled. */
bool action_check(struct session *s, struct step *step, bool *run, struct err *e);

/* How long the step took last time in this tree: step->estimate_ms; 0: it never ran. */
bool action_estimate(struct session *s, struct step *step, struct err *e);

/* After action_check: whether the store has the step's result by now, whole; then step->result is filled. Never with -B. */
bool action_is_done(struct session *s, struct step *step, bool *done, struct err *e);

/* Looks the action up by step->key, into step->result. */
bool action_get(struct session *s, struct step *step, bool *known, struct err *e);

/* The step's last success in this tree, made here or taken from the store. *found: there is one. */
bool action_last(struct session *s, const struct step *step, struct store_last *out, bool *found,
		 struct err *e);

/* The key that these parts make. */
struct digest action_key(const struct strbuf *parts);

/* Records step->result (made just now) under the step's key. */
bool action_record(struct session *s, struct step *step, struct err *e);

/* Appends "name\tvalue\n" to parts, with the tree's and the work folder's paths replaced by tokens. */
void action_part(const struct session *s, const struct step *step, struct strbuf *out,
		 const char *name, const char *value);

/* Adds an output to step->result, which lives in the session's arena. */
void action_add_output(struct session *s, struct step *step, const struct store_output *o);

/*
 * Fills one output of step->result from a file: puts it into the store and takes its image digest when the
 * name says that it is a firmware image.
 */
bool action_add_file(struct session *s, struct step *step, const char *name, const char *path,
		     struct err *e);

/*
 * Places the step's wanted files whose place does not hold their content. *names: those that were (with -n: would be)
 * placed, "a, b" in the session's arena; NULL: none.
 */
bool action_place(struct session *s, struct step *step, bool dry, const char **names,
		  struct err *e);

/* Makes the folder in the tree for files, so that it does not appear while a build looks at the tree. */
bool action_make_out_root(struct session *s, const struct step *step, struct err *e);

/* Appends where the content of a made node can be read, after checking that it is whole. */
bool action_content(struct session *s, const struct node *n, struct strbuf *path, struct err *e);

/*
 * One process works in a work folder at a time; the others say whom they wait for. step->blocked: it is somebody else's
 * now, and the step is to be started again later. Release step->lock when done. What a killed run left in a container counts
 * as somebody; only a compile step in a container gets the folder all the same, and ends that one.
 */
bool action_lock_work(struct session *s, struct step *step, struct err *e);
bool action_lock_folder(struct session *s, struct step *step, const char *dir, struct err *e);

/* Where the log of a step that runs a program is, if it ever ran; in the session's arena. */
const char *action_log_file(struct session *s, const struct step *step);

/* Sets step->log_path to it; its folder exists afterwards. */
bool action_log_path(struct session *s, struct step *step, struct err *e);

#endif
