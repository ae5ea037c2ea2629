/* SPDX-License-Identifier: MIT
 *
 * The Python tool's list of boards: one CSV file in a zip.
 */
#include <stdio.h>
#include <string.h>

#include "base/path.h"
#include "base/xalloc.h"
#include "image/archive.h"
#include "image/input.h"
#include "library/boards.h"
#include "library/csv.h"
#include "library/version.h"
#include "os/crypto.h"

enum column {
	VERSION,
	BOARD_ID,
	BOARD_NAME,
	MCU,
	VARIANT,
	PORT,
	PATH,
	DESCRIPTION,
	FAMILY,
	COLUMNS
};

static const char *const titles[COLUMNS] = {
	"version", "board_id", "board_name",  "mcu",    "variant",
	"port",    "path",     "description", "family",
};

/* Where each column stands in the file. */
static bool read_titles(const struct strv *fields, size_t at[COLUMNS], struct err *e)
{
	for (size_t c = 0; c < COLUMNS; c++) {
		at[c] = fields->count;
		for (size_t i = 0; i < fields->count; i++)
			if (strcmp(fields->items[i], titles[c]) == 0)
				at[c] = i;
		if (at[c] == fields->count)
			return err_set(e, "it has no column '%s': it is no list of boards",
				       titles[c]);
	}
	return true;
}

static bool put_record(struct database *db, const struct csv *c, const struct strv *f,
		       const size_t at[COLUMNS], struct boards_update *out, struct err *e)
{
	struct board_row row;

	for (size_t i = 0; i < COLUMNS; i++)
		if (at[i] >= f->count)
			return err_set(e, "line %zu: it has %zu fields only", c->line, f->count);
	row = (struct board_row){
		.version = f->items[at[VERSION]],
		.board_id = f->items[at[BOARD_ID]],
		.board_name = f->items[at[BOARD_NAME]],
		.mcu = f->items[at[MCU]],
		.variant = f->items[at[VARIANT]],
		.port = f->items[at[PORT]],
		.path = f->items[at[PATH]],
		.description = f->items[at[DESCRIPTION]],
		.family = f->items[at[FAMILY]],
	};
	if (!*row.board_id || !*row.version)
		return err_set(e, "line %zu: it names no board or no version", c->line);
	out->boards += !*row.variant;
	out->variants += *row.variant != '\0';
	if (!out->newest || version_compare_text(row.version, out->newest) != 0)
		out->versions++;
	if (!out->newest || version_compare_text(row.version, out->newest) > 0)
		out->newest = row.version;
	return database_put_board(db, &row, e);
}

static bool put_records(struct database *db, const struct strbuf *csv, struct arena *a,
			struct boards_update *out, struct err *e)
{
	struct strv fields = { 0 };
	size_t at[COLUMNS] = { 0 };
	struct csv c;
	bool ok;

	csv_init(&c, csv->buf, csv->len);
	ok = csv_next(&c, a, &fields, e) && read_titles(&fields, at, e);
	while (ok && (ok = csv_next(&c, a, &fields, e)) && fields.count)
		ok = put_record(db, &c, &fields, at, out, e);
	vec_free(&fields);
	return ok;
}

static bool put_hash(struct database *db, const struct strbuf *csv, struct err *e)
{
	uint8_t digest[CRYPTO_SHA256];
	char hex[SHA256_HEX_SIZE];

	if (!crypto_sha256(csv->buf, csv->len, digest, e))
		return false;
	for (size_t i = 0; i < sizeof(digest); i++)
		snprintf(hex + 2 * i, 3, "%02x", digest[i]);
	return database_put_metadata(db, "boards_hash", hex, e);
}

/* The first member with the extension .csv, or the file itself. */
static bool read_csv(const char *path, struct strbuf *out, struct err *e)
{
	struct image_input in;
	struct image_archive *archive = NULL;
	const struct archive_member *m = NULL;
	bool ok = image_input_open(&in, path, e);

	if (ok && !image_archive_probe(in.map.data, in.map.size)) {
		strbuf_add(out, in.map.data, in.map.size);
	} else if (ok) {
		archive = image_archive_open(in.map.data, in.map.size, path, e);
		ok = archive != NULL;
		while (ok && (ok = image_archive_next(archive, &m, e)) && m)
			if (m->is_file && strcmp(path_ext(m->name), "csv") == 0)
				break;
		if (ok && !m)
			ok = err_set(e, "there is no .csv in it");
		ok = ok && image_archive_read(archive, out, e);
	}
	image_archive_close(archive);
	image_input_close(&in);
	return ok;
}

bool boards_from_list(struct database *db, const char *path, struct arena *a,
		      struct boards_update *out, struct err *e)
{
	AUTO_STRBUF csv = STRBUF_INIT;

	*out = (struct boards_update){ 0 };
	if (!read_csv(path, &csv, e) || !database_begin(db, e))
		return err_wrap(e, "%s", path);
	if (put_records(db, &csv, a, out, e) && put_hash(db, &csv, e) &&
	    (!out->newest || database_put_metadata(db, "boards_version", out->newest, e)) &&
	    database_commit(db, e))
		return true;
	database_rollback(db);
	return err_wrap(e, "%s", path);
}
