/* SPDX-License-Identifier: MIT
 *
 * What the subcommands of `mpflash cache` share.
 */
#ifndef CMD_CACHE_H
#define CMD_CACHE_H

#include <stdint.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/vec.h"
#include "cache/store.h"
#include "cmd/cmd.h"
#include "cmd/options.h"

extern const struct command cache_export_command, cache_gc_command, cache_import_command,
	cache_stats_command, cache_verify_command;

/* The user's store, and where its work folders are. */
struct cache_place {
	struct arena arena;
	struct store *store;
	const char *dir, *work_root;
};

/* Close it also when it could not be opened. */
bool cache_place_open(struct cache_place *p, bool dry, struct err *e);
void cache_place_close(struct cache_place *p);

/* What opening had to tell, on standard error. */
void cache_tell_note(const struct cache_place *p);

/* An amount for people, in the arena. */
const char *cache_size(struct cache_place *p, uint64_t bytes);

/* A usage error when there are words. */
bool cache_no_words(const struct parsed *p, const char *name, struct err *e);

void cache_json_list(struct json *j, const char *name, const struct strv *list);

#endif
