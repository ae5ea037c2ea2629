/* SPDX-License-Identifier: MIT
 *
 * What stands after @ in a target: which commit it means.
 *
 *	v1.26.0  BRANCH  REMOTE/BRANCH  COMMIT   and all else that git takes for a commit (HEAD~2)
 *	stable                                   the newest tag vX.Y.Z
 *	preview                                  the head of the default branch: origin's, else the local one
 *	URL#BRANCH                               a branch (or tag) of any repository; URL: its default branch; URL may be a folder
 *
 * A ref that is there is taken as it is; one that is not is fetched: REMOTE/BRANCH from that remote, others from origin. What
 * moves and is not the user's (URL#BRANCH, REMOTE/BRANCH once it was fetched by us, and in our own clone branches, stable and
 * preview) is fetched when an hour has gone by since.
 */
#ifndef SOURCE_REFS_H
#define SOURCE_REFS_H

#include <stdbool.h>

#include "base/err.h"
#include "base/strbuf.h"
#include "source/repository.h"

enum { COMMIT_SIZE = 65 }; /* hex digits and a NUL */

/* False: nobody knows that ref (with near names), or it is no commit. */
bool ref_resolve(struct repository *r, const char *ref, char commit[COMMIT_SIZE], struct err *e);

/*
 * Appends the ref as part of a folder's name, another one for each ref: '/' becomes '+'; what shells and make do not take (and
 * '+') becomes '-', with a digest behind, as a long one is cut. Passwords are the caller's to take out (address_public).
 */
void ref_folder(const char *ref, struct strbuf *out);

#endif
