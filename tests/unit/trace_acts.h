/* SPDX-License-Identifier: MIT
 *
 * Things that a program can do to a tracer and that no ordinary program does. A test runs itself with TRACE_ACT and the
 * name of one.
 */
#ifndef TESTS_TRACE_ACTS_H
#define TESTS_TRACE_ACTS_H

#define TRACE_ACT "--act"

/* Works in the current folder. 0: went as it should; else the reason is on standard error. */
int trace_act(const char *name);

#endif
