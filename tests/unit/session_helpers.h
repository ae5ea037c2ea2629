/* SPDX-License-Identifier: MIT
 *
 * A session on a small tree with the test's own rules, for tests of targets and recipes. Nothing is built.
 */
#ifndef TESTS_SESSION_HELPERS_H
#define TESTS_SESSION_HELPERS_H

#include "graph/graph.h"
#include "graph/session.h"
#include "scratch.h"

struct fixture {
	struct scratch *s;
	struct make_options opt; /* may be changed before the session is opened */
	bool open;
	struct session session;
	struct graph graph;
	struct err err; /* of the last call */
};

/*
 * For cmocka: a tree "t" with the boards stm32/PYBV11 (mcu stm32f4, variants DP and THREAD), stm32/NUCLEO_H563ZI
 * (mcu stm32h5), stm32/SHARED, qemu/SHARED and qemu/MICROBIT, and an empty folder of rules.
 */
int fixture_setup(void **state);
int fixture_teardown(void **state);

/* Opens the session with these rules as the only built-in ones ("x.rules"). */
void open_session(struct fixture *f, const char *rules);

/* Adds a target; what it says is in f->err. Targets may be added one after the other. */
bool add_target(struct fixture *f, const char *text);

/* The error of adding that target. */
void assert_target_error(struct fixture *f, const char *text, const char *message,
			 const char *hint);

/* The names of the files that the last target asks for, and all steps so far in their order: "a b ". */
const char *goal_files(struct fixture *f);
const char *ordered_steps(struct fixture *f);

/* The steps' ids, in the order in which they run. The graph has to be without cycles. */
struct step *step_named(struct fixture *f, const char *id);

#endif
