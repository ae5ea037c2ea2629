/* SPDX-License-Identifier: MIT
 *
 * Opening the firmware library for a command, and listing what is in it.
 */
#include "cmd/library.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "cmd/global.h"
#include "library/add.h"
#include "library/folder.h"
#include "library/select.h"
#include "library/version.h"

static bool import_old(struct library_place *p, struct err *e)
{
	size_t count;

	if (!library_import_jsonl(p->db, &count, e))
		return false;
	if (count)
		log_note("note: took %zu firmwares over from firmware.jsonl", count);
	return true;
}

bool library_place_open(struct library_place *p, enum database_mode mode, struct err *e)
{
	AUTO_STRBUF folder = STRBUF_INIT, note = STRBUF_INIT;

	*p = (struct library_place){ 0 };
	if (!library_folder(&folder, global.dir, &note, e))
		return false;
	if (note.len)
		log_note("warning: %s", note.buf);
	p->folder = arena_strdup(&p->arena, folder.buf);
	p->db = database_open(p->folder, mode, e);
	return p->db && (mode != DATABASE_WRITE || import_old(p, e));
}

void library_place_close(struct library_place *p)
{
	database_close(p->db);
	arena_free(&p->arena);
}

/* --- what is in it -------------------------------------------------------------------------------------------- */

static bool is_asked(const struct strv *boards, const struct firmware_row *row)
{
	for (size_t i = 0; i < boards->count; i++)
		if (fnmatch(boards->items[i], row->board_id, 0) == 0)
			return true;
	return !boards->count;
}

static int compare_rows(const void *left, const void *right)
{
	const struct firmware_row *a = left, *b = right;
	int by = strcmp(a->board_id, b->board_id);

	by = by ? by : version_compare_text(b->version, a->version);
	by = by ? by : (a->build < b->build) - (a->build > b->build);
	return by ? by : strcmp(a->file, b->file);
}

static void show_json(struct library_place *p, const struct firmware_rows *rows)
{
	AUTO_STRBUF out = STRBUF_INIT;
	struct json j = { .out = &out };

	json_array(&j, NULL);
	for (size_t i = 0; i < rows->count; i++) {
		const struct firmware_row *r = &rows->items[i];
		char sha256[SHA256_HEX_SIZE];
		AUTO_ERR ignored = ERR_INIT;

		if (!database_get_digest(p->db, r->file, sha256, &ignored))
			sha256[0] = '\0';
		json_object(&j, NULL);
		json_string(&j, "board_id", r->board_id);
		json_string(&j, "version", r->version);
		json_int(&j, "build", r->build);
		json_string(&j, "port", r->port);
		json_string(&j, "firmware_file", r->file);
		json_string(&j, "description", r->description);
		json_string(&j, "source", r->source);
		json_bool(&j, "custom", r->custom);
		json_string(&j, "custom_id", r->custom_id);
		json_bool(&j, "exists", library_has_file(p->db, r));
		json_string(&j, "sha256", *sha256 ? sha256 : NULL);
		json_object_end(&j);
	}
	json_array_end(&j);
	puts(out.buf);
}

enum { COLUMNS = 4 };

static void cells(struct library_place *p, const struct firmware_row *r, const char *out[COLUMNS])
{
	out[0] = r->custom_id ? r->custom_id : r->board_id;
	out[1] = r->build ? arena_printf(&p->arena, "%s.%lld", r->version, (long long)r->build)
			  : r->version;
	out[2] = *r->port ? r->port : "-";
	out[3] = library_has_file(p->db, r) ? r->file
					    : arena_printf(&p->arena, "%s (missing)", r->file);
}

static void show_table(struct library_place *p, const struct firmware_rows *rows)
{
	int width[COLUMNS] = { 5, 7, 4, 4 };
	const char *row[COLUMNS] = { "Board", "Version", "Port", "File" };

	for (size_t i = 0; i < rows->count; i++) {
		const char *cell[COLUMNS];

		cells(p, &rows->items[i], cell);
		for (int c = 0; c < COLUMNS; c++)
			if ((int)strlen(cell[c]) > width[c])
				width[c] = (int)strlen(cell[c]);
	}
	for (size_t i = 0; i <= rows->count; i++) {
		if (i)
			cells(p, &rows->items[i - 1], row);
		printf("%-*s  %-*s  %-*s  %s\n", width[0], row[0], width[1], row[1], width[2],
		       row[2], row[3]);
	}
}

static bool show(struct library_place *p, const struct strv *boards, bool json, struct err *e)
{
	struct firmware_rows rows = { 0 };
	size_t kept = 0;

	if (!database_firmwares(p->db, NULL, false, &p->arena, &rows, e))
		return false;
	for (size_t i = 0; i < rows.count; i++)
		if (is_asked(boards, &rows.items[i]))
			rows.items[kept++] = rows.items[i];
	rows.count = kept;
	if (rows.count)
		qsort(rows.items, rows.count, sizeof(*rows.items), compare_rows);
	if (json)
		show_json(p, &rows);
	else if (rows.count)
		show_table(p, &rows);
	else
		log_note("there is no firmware in %s", p->folder);
	return true;
}

bool library_show(const struct strv *boards, bool json, struct err *e)
{
	struct library_place p;
	bool ok = library_place_open(&p, DATABASE_READ, e) && show(&p, boards, json, e);

	library_place_close(&p);
	return ok;
}
