/* SPDX-License-Identifier: MIT
 *
 * Where things live on this machine.
 */
#ifndef OS_DIRS_H
#define OS_DIRS_H

#include <stdbool.h>

#include "base/err.h"
#include "base/strbuf.h"

/* MPFLASH_CACHE, else XDG_CACHE_HOME/mpflash, else HOME/.cache/mpflash; absolute; not made. */
bool dirs_cache(struct strbuf *out, struct err *e);

/* The user's settings: XDG_CONFIG_HOME/mpflash, else HOME/.config/mpflash; absolute; it need not be there. False: there is no home. */
bool dirs_config(struct strbuf *out);

/*
 * Where the user's downloads go: XDG_DOWNLOAD_DIR, else what user-dirs.dirs below XDG_CONFIG_HOME (HOME/.config) says, else
 * HOME/Downloads; absolute; not made.
 */
bool dirs_downloads(struct strbuf *out, struct err *e);

/* `path` with a leading "~" or "~/" replaced by HOME, absolute. */
bool dirs_expand(struct strbuf *out, const char *path, struct err *e);

/* The folder of the running program, with links resolved. */
bool dirs_program(struct strbuf *out, struct err *e);

/* The current folder, absolute. */
bool dirs_current(struct strbuf *out, struct err *e);

/* `path` made absolute against the current folder, without "." and ".." (links are not looked at). */
bool dirs_absolute(struct strbuf *out, const char *path, struct err *e);

#endif
