/* SPDX-License-Identifier: MIT
 *
 * The firmware folder: where the library's files and its database are.
 */
#ifndef LIBRARY_FOLDER_H
#define LIBRARY_FOLDER_H

#include <stdbool.h>

#include "base/err.h"
#include "base/strbuf.h"

/*
 * Appends the folder, absolute; it is not made. `dir`: what the user named (-d), NULL: nothing. Else MPFLASH_FIRMWARE, when there
 * is such a folder; with GITHUB_ACTIONS=true GITHUB_WORKSPACE/firmware; else "firmware" where the user's downloads go. What
 * to tell the user of an ignored MPFLASH_FIRMWARE is appended to `note` (empty: nothing).
 */
bool library_folder(struct strbuf *out, const char *dir, struct strbuf *note, struct err *e);

#endif
