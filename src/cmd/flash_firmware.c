/* SPDX-License-Identifier: MIT
 *
 * Which file each board gets: of the library, by the ranking of the Python tool; what it lacks is fetched, once for all boards.
 */
#include <string.h>

#include "base/log.h"
#include "base/path.h"
#include "base/xalloc.h"
#include "cmd/fetch.h"
#include "cmd/flash.h"
#include "graph/methods.h"
#include "library/select.h"
#include "os/fs.h"

static const char *path_of(struct flash_work *w, const struct firmware_row *row)
{
	AUTO_STRBUF path = STRBUF_INIT;

	database_file_path(w->library->db, row, &path);
	return arena_strdup(&w->s->arena, path.buf);
}

static bool has_ext(const struct firmware_row *row, const char *format)
{
	return strcmp(path_ext(row->file), format) == 0;
}

/* In the format that the method takes best, where there is one of that version; else the best whatever its format: it is converted. */
static bool select_row(struct flash_work *w, const struct library_wish *asked,
		       struct firmware_rows *out, struct err *e)
{
	const char *name = w->opt->make.method;
	const struct flash_method *m = name ? methods_find(w->s->methods, name) : NULL;

	for (size_t i = 0; m && m->formats[i]; i++) {
		struct strv one = { (const char **)(uintptr_t)&m->formats[i], 1, 1 };
		struct library_wish wish = *asked;

		wish.formats = &one;
		if (!library_select(w->library->db, &wish, &w->s->arena, out, e))
			return false;
		if (out->count && library_has_file(w->library->db, &out->items[0]) &&
		    has_ext(&out->items[0], m->formats[i]))
			return true;
	}
	return library_select(w->library->db, asked, &w->s->arena, out, e);
}

/* *found: there is a row; its file may be gone. */
static bool look_up(struct flash_work *w, struct flash_item *item, bool *found, struct err *e)
{
	const struct library_wish wish = { .board_id = item->board_id,
					   .port = item->port,
					   .version = &w->want,
					   .custom = w->opt->custom };
	struct firmware_rows rows = { 0 };

	*found = false;
	if (!select_row(w, &wish, &rows, e))
		return false;
	if (!rows.count)
		return true;
	*found = true;
	item->row = rows.items[0];
	item->version = item->row.version;
	item->image = library_has_file(w->library->db, &item->row) ? path_of(w, &item->row) : NULL;
	if (item->image && !item->port && *item->row.port)
		item->port = item->row.port;
	return true;
}

/* --- fetching ------------------------------------------------------------------------------------------------- */

struct lacking {
	struct flash_work *w;
	struct flash_item *only; /* NULL: all items */
};

static bool is_about(const struct flash_item *item, const char *board)
{
	size_t len = strcspn(board, "-");

	return strcmp(item->board_id, board) == 0 ||
	       (len == strcspn(item->board_id, "-") && strncmp(item->board_id, board, len) == 0);
}

static void keep_reason(struct flash_item *item, const char *board, const struct err *e)
{
	if (!is_about(item, board) || item->failure.msg)
		return;
	err_set(&item->failure, "%s", e->msg);
	if (e->hint)
		err_hint(&item->failure, "%s", e->hint);
}

static void missing(void *ctx, const char *board, const struct err *e)
{
	const struct lacking *l = ctx;

	if (l->only) {
		keep_reason(l->only, board, e);
		return;
	}
	for (size_t i = 0; i < l->w->items.count; i++)
		keep_reason(&l->w->items.items[i], board, e);
}

static bool fetch(struct flash_work *w, const struct strv *boards, struct flash_item *only,
		  struct err *e)
{
	const struct fetch_options o = { .version = &w->want,
					 .force = w->opt->make.always,
					 .offline = w->opt->make.offline,
					 .quiet = w->opt->make.json };
	struct lacking l = { w, only };

	return fetch_boards(w->library, boards, &o, missing, &l, e);
}

/* An item whose file is there needs none of what the site said. */
static bool look_again(struct flash_work *w, struct flash_item *item, struct err *e)
{
	AUTO_ERR why = ERR_INIT;
	const char *gone;
	bool found;

	err_move(&why, &item->failure);
	gone = item->row.file && !item->image ? path_of(w, &item->row) : NULL;
	if (!look_up(w, item, &found, e))
		return false;
	if (item->image)
		return true;
	if (gone)
		err_set(&item->failure, "File %s does not exist, skipping %s on %s", gone,
			item->board_id, item->where);
	else
		err_set(&item->failure, "Firmware not found for %s on %s, skipping%s%s",
			item->board_id, item->where, why.msg ? ": " : "", why.msg ? why.msg : "");
	err_hint(&item->failure, "%s",
		 why.hint               ? why.hint
		 : w->opt->custom       ? "`mpflash add FILE` puts firmware into the library"
		 : w->opt->make.dry_run ? "without -n it is fetched, if the site has it"
		 : w->opt->make.offline
			 ? "leave --offline out, or fetch it with `mpflash download`"
			 : "`mpflash download --board ? --version ?` shows what there is");
	return true;
}

static bool may_fetch(const struct flash_work *w)
{
	return !w->opt->custom && !w->opt->make.dry_run;
}

/* Which release is the newest, the site says; --force fetches whatever is there. */
static bool asks_site(const struct flash_work *w)
{
	return may_fetch(w) &&
	       (w->opt->make.always || (w->want.word == VERSION_STABLE && !w->opt->make.offline));
}

static bool is_unknown(const struct flash_item *item)
{
	return strcmp(item->board_id, "UNKNOWN_BOARD") == 0;
}

/* Without the site, those go on for which there is firmware. */
static bool fetch_all(struct flash_work *w, const struct strv *boards, struct flash_item *only,
		      struct err *e)
{
	AUTO_ERR site = ERR_INIT;

	if (fetch(w, boards, only, &site))
		return true;
	if (site.kind == ERR_INTERRUPTED) {
		err_move(e, &site);
		return false;
	}
	log_note("warning: %s", site.msg);
	for (size_t i = 0; i < boards->count; i++)
		missing(&(struct lacking){ w, only }, boards->items[i], &site);
	return true;
}

bool flash_firmware_of(struct flash_work *w, struct flash_item *item, struct err *e)
{
	struct strv boards = { 0 };
	bool found, ok = true;

	if (item->image || w->opt->make.image)
		return true;
	if (!look_up(w, item, &found, e))
		return false;
	if (item->image && !asks_site(w))
		return true;
	vec_push(&boards, item->board_id);
	if (may_fetch(w) && !is_unknown(item))
		ok = fetch_all(w, &boards, item, e);
	vec_free(&boards);
	if (!ok || !look_again(w, item, e))
		return false;
	if (!item->failure.msg)
		return flash_board_facts(w, item, e);
	err_move(e, &item->failure);
	return false;
}

bool flash_firmware_find(struct flash_work *w, struct err *e)
{
	struct strv boards = { 0 };
	bool ok = true, found;

	for (size_t i = 0; ok && i < w->items.count; i++) {
		struct flash_item *item = &w->items.items[i];

		if (w->opt->make.image) {
			item->image = w->opt->make.image;
			item->version = path_base(item->image);
			if (!fs_exists(item->image))
				err_set(&item->failure, "File %s does not exist, skipping %s on %s",
					item->image, item->board_id, item->where);
		}
		if (item->image)
			continue;
		ok = look_up(w, item, &found, e);
		if (ok && (!item->image || asks_site(w)) && !is_unknown(item))
			vec_push(&boards, item->board_id);
	}
	if (ok && boards.count && may_fetch(w))
		ok = fetch_all(w, &boards, NULL, e);
	for (size_t i = 0; ok && i < w->items.count && !w->opt->make.image; i++)
		ok = look_again(w, &w->items.items[i], e);
	vec_free(&boards);
	return ok;
}
