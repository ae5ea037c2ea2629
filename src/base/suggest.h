/* SPDX-License-Identifier: MIT
 *
 * "Did you mean": the names nearest to a mistyped one, for hints.
 */
#ifndef BASE_SUGGEST_H
#define BASE_SUGGEST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/*
 * The candidate that is the fewest typing slips away (letters changed, left out, added, or two
 * neighbours swapped; upper and lower case are the same), the first of several. NULL when none is
 * within a third of the word's length (one slip at least). Names over 64 bytes are never near.
 */
const char *suggest_nearest(const char *word, const char *const *candidates, size_t n);

/*
 * Up to `max` near candidates in order of distance, equal ones in the given order. Here a
 * candidate is also near when it contains the word or is contained in it (3 letters at least), as
 * PYBV11 and PYBV11-DP are. Returns how many `out` got.
 */
size_t suggest_several(const char *word, const char *const *candidates, size_t n, const char **out,
		       size_t max);

/* Sets e's hint to "did you mean 'a', 'b' or 'c'?". False, the hint left alone: nothing is near. */
bool suggest_hint(struct err *e, const char *word, const char *const *candidates, size_t n);

#endif
