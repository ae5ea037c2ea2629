/* SPDX-License-Identifier: MIT
 *
 * Boards that the firmware library knows: more than a tree has, and known where there is no tree.
 */
#include <stdlib.h>
#include <string.h>

#include "board/catalogue.h"
#include "cmd/complete.h"
#include "cmd/global.h"
#include "library/database.h"
#include "library/folder.h"

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Those of the table of boards, and those that firmware was added for. */
static void read_names(struct database *db, struct arena *a, struct strv *names)
{
	AUTO_ERR ignored = ERR_INIT;
	struct board_rows boards = { 0 };
	struct firmware_rows firmwares = { 0 };

	database_boards(db, NULL, a, &boards, &ignored);
	database_firmwares(db, NULL, false, a, &firmwares, &ignored);
	for (size_t i = 0; i < boards.count; i++)
		vec_push(names, boards.items[i].board_id);
	for (size_t i = 0; i < firmwares.count; i++)
		vec_push(names, firmwares.items[i].board_id);
	if (names->count)
		qsort(names->items, names->count, sizeof(*names->items), by_name);
}

/* As ids of boards are made; others' words are not for a shell. */
static bool is_board_id(const char *s)
{
	return *s && *s != '-' &&
	       !s[strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.")];
}

static bool is_in_tree(const struct catalogue *boards, const char *id)
{
	for (size_t i = 0; boards && i < catalogue_count(boards); i++)
		if (strcmp(catalogue_at(boards, i)->id, id) == 0)
			return true;
	return false;
}

static const char *named_folder(const struct completion *c, const struct option *table)
{
	const char *dir = global.dir, *value;

	for (size_t i = 0; (value = complete_option_value(c, table, "dir", &i));)
		dir = value;
	return dir;
}

void complete_library(struct completion *c, const struct option *table, const char *before,
		      const struct catalogue *but)
{
	AUTO_STRBUF folder = STRBUF_INIT, note = STRBUF_INIT;
	AUTO_ERR ignored = ERR_INIT;
	struct database *db = library_folder(&folder, named_folder(c, table), &note, &ignored)
				      ? database_open(folder.buf, DATABASE_READ, &ignored)
				      : NULL;
	struct strv names = { 0 };

	if (db)
		read_names(db, &c->arena, &names);
	for (size_t i = 0; i < names.count; i++) {
		const char *id = names.items[i];

		if ((i && strcmp(names.items[i - 1], id) == 0) || !is_board_id(id) ||
		    is_in_tree(but, id))
			continue;
		complete_add(c, before, id, "", "");
	}
	vec_free(&names);
	database_close(db);
}
