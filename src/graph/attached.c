/* SPDX-License-Identifier: MIT
 *
 * Devices from all who know some, and what the store and the library add to them.
 */
#include "graph/attached.h"

#include <string.h>

#include "board/board_info.h"
#include "board/memory.h"
#include "flash/emulated.h"
#include "library/board_id.h"
#include "library/folder.h"
#include "os/dirs.h"

void attached_options_free(struct attached_options *o)
{
	vec_free(&o->serial);
	vec_free(&o->ignore);
}

static void add_note(struct devices *list, const char *what, const struct err *e)
{
	struct arena *a = &list->arena;

	list->note = list->note ? arena_printf(a, "%s; %s: %s", list->note, what, e->msg)
				: arena_printf(a, "%s: %s", what, e->msg);
}

/* NULL: it cannot be opened; that is noted. */
static struct store *open_store(struct devices *list, bool reading)
{
	AUTO_STRBUF dir = STRBUF_INIT;
	AUTO_ERR e = ERR_INIT;
	struct store *s = dirs_cache(&dir, &e) ? store_open(dir.buf, reading, &e) : NULL;

	if (!s)
		add_note(list, "boards are not recognized", &e);
	return s;
}

void attached_recall(struct devices *list)
{
	struct store *s = open_store(list, true);
	AUTO_ERR e = ERR_INIT;

	if (s && !devices_recall(list, s, &e))
		add_note(list, "boards are not recognized", &e);
	store_close(s);
}

/* NULL-terminated, in the arena; NULL: the list is empty. */
static const char *const *words(struct arena *a, const struct strv *list)
{
	const char **out = ARENA_ARRAY(a, const char *, list->count + 1);

	if (!list->count)
		return NULL;
	memcpy(out, list->items, list->count * sizeof(*out));
	return out;
}

static bool keep_one(struct devices *list, const char *id, struct err *e)
{
	struct device *d, only;

	attached_recall(list); /* the id may be the one that the board has when it runs */
	d = devices_select(list, id, e);
	if (!d)
		return false;
	only = *d;
	d->identity = (struct identity)IDENTITY_INIT;
	for (size_t i = 0; i < list->count; i++)
		identity_free(&list->items[i].identity);
	list->items[0] = only;
	list->count = 1;
	return true;
}

bool attached_find(const struct attached_options *o, struct devices *out, struct err *e)
{
	AUTO_ARENA a = ARENA_INIT;
	AUTO_STRBUF dir = STRBUF_INIT;
	struct device_query query = { .filter = { words(&a, &o->serial), words(&a, &o->ignore),
						  o->bluetooth, o->device != NULL } };

	if (!dirs_cache(&dir, e))
		return false;
	strbuf_adds(&dir, "/devices");
	return devices_find(&query, out, e) && emulated_find(&query, dir.buf, out, e) &&
	       (!o->device || keep_one(out, o->device, e));
}

bool attached_is_left_alone(const struct attached_options *o, const struct device *d)
{
	AUTO_ARENA a = ARENA_INIT;
	struct board_info info;

	if (!d->identity.board_info || o->device || (d->port_count && d->ports[0]->named))
		return false;
	board_info_parse(d->identity.board_info, &a, &info);
	return board_info_true(&info, "mpflash", "ignore");
}

/* --- board ids ----------------------------------------------------------------------------------------------- */

static struct database *open_library(struct devices *list, const char *folder)
{
	AUTO_STRBUF dir = STRBUF_INIT, note = STRBUF_INIT;
	AUTO_ERR e = ERR_INIT;
	struct database *db = library_folder(&dir, folder, &note, &e)
				      ? database_open(dir.buf, DATABASE_READ, &e)
				      : NULL;

	if (!db)
		add_note(list, "boards are not looked up", &e);
	return db;
}

static bool needs_look_up(const struct device *d)
{
	return d->has_identity && !d->identity.board_id && d->identity.machine &&
	       !identity_is_circuitpython(&d->identity);
}

static void look_up(struct devices *list, struct device *d, struct database *db)
{
	const char *board_id = NULL;
	AUTO_ERR e = ERR_INIT;

	if (!library_board_by_description(db, d->identity.machine, d->identity.version,
					  &list->arena, &board_id, &e))
		add_note(list, "boards are not looked up", &e);
	else if (board_id)
		identity_set_board_id(&d->identity, board_id);
}

static void take_board_info(struct device *d)
{
	AUTO_ARENA a = ARENA_INIT;
	struct board_info info;
	const char *board_id;

	board_info_parse(d->identity.board_info, &a, &info);
	board_id = board_info_text(&info, "mpflash", "board_id");
	if (board_id && *board_id)
		identity_set_board_id(&d->identity, board_id);
}

static void settle_boards(struct devices *list, const char *library_dir)
{
	struct database *db = NULL;

	for (size_t i = 0; i < list->count; i++) {
		struct device *d = &list->items[i];

		take_board_info(d);
		if (!needs_look_up(d))
			continue;
		if (!db && !(db = open_library(list, library_dir)))
			break;
		look_up(list, d, db);
	}
	database_close(db);
}

/* Else there is nothing to write down. */
static bool anybody_answered(const struct devices *list)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->items[i].has_identity)
			return true;
	return false;
}

bool attached_ask(struct devices *list, const struct probe_options *probe, const char *library_dir,
		  struct err *e)
{
	bool ok = !probe || probe_all(list, probe, e);
	AUTO_ERR ignored = ERR_INIT;
	struct store *s;

	if (!ok)
		return false;
	settle_boards(list, library_dir);
	if (!list->count)
		return true;
	s = open_store(list, !anybody_answered(list));
	if (s && (!devices_recall(list, s, &ignored) || !devices_remember(list, s, &ignored)))
		add_note(list, "boards are not recognized", &ignored);
	store_close(s);
	return true;
}
