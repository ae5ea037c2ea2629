/* SPDX-License-Identifier: MIT
 *
 * Opening mpflash.db, its statements and transactions; see database.h.
 */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/xalloc.h"
#include "library/database_rows.h"
#include "os/fs.h"

/* A file is named with '/' by us, with '\' by old Windows ones: the same file. */
#define SAME_FILE "replace(firmware_file, '\\', '/')"
#define FIRMWARE_COLUMNS \
	"board_id, version, firmware_file, port, description, source, build, custom"
#define BOARD_COLUMNS \
	"board_id, version, board_name, mcu, variant, port, path, description, family, custom"

static const char *const sql[STATEMENT_COUNT] = {
	[LIST_FIRMWARES] = "SELECT " FIRMWARE_COLUMNS ", custom_id FROM firmwares ORDER BY rowid",
	[LIST_BOARD] = "SELECT " FIRMWARE_COLUMNS ", custom_id FROM firmwares WHERE board_id = ?1"
		       " ORDER BY rowid",
	[LIST_CUSTOM] = "SELECT " FIRMWARE_COLUMNS ", custom_id FROM firmwares"
			" WHERE custom_id = ?1 OR substr(custom_id, 1, length(?1) + 1) = ?1 || '@'"
			" ORDER BY rowid",
	[LIST_OLD] = "SELECT " FIRMWARE_COLUMNS ", NULL FROM firmwares ORDER BY rowid",
	[LIST_OLD_BOARD] = "SELECT " FIRMWARE_COLUMNS ", NULL FROM firmwares WHERE board_id = ?1"
			   " ORDER BY rowid",
	[PUT_FIRMWARE] =
		"INSERT INTO firmwares(" FIRMWARE_COLUMNS ", custom_id)"
		" VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"
		" ON CONFLICT(board_id, version, firmware_file) DO UPDATE SET port = ?4, description = ?5,"
		" source = ?6, build = ?7, custom = ?8, custom_id = ?9",
	[DROP_FIRMWARE] =
		"DELETE FROM firmwares WHERE board_id = ?1 AND version = ?2 AND " SAME_FILE
		" IN (?3, './' || ?3)",
	[DROP_OTHER_SPELLING] = "DELETE FROM firmwares WHERE board_id = ?1 AND version = ?2"
				" AND firmware_file <> ?3 AND " SAME_FILE " IN (?3, './' || ?3)",
	[LIST_BOARDS] = "SELECT " BOARD_COLUMNS
			" FROM boards WHERE ?1 IS NULL OR version = ?1 ORDER BY version, board_id",
	[LIST_BOARDS_OF] =
		"SELECT " BOARD_COLUMNS " FROM boards WHERE board_id = ?1 ORDER BY version",
	[PUT_BOARD] =
		"INSERT INTO boards(" BOARD_COLUMNS ")"
		" VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"
		" ON CONFLICT(board_id, version) DO UPDATE SET board_name = ?3, mcu = ?4, variant = ?5, port = ?6,"
		" path = ?7, description = ?8, family = ?9, custom = ?10",
	[GET_METADATA] = "SELECT value FROM metadata WHERE name = ?1",
	[PUT_METADATA] = "INSERT INTO metadata(name, value) VALUES(?1, ?2)"
			 " ON CONFLICT(name) DO UPDATE SET value = ?2",
	[PUT_DIGEST] =
		"INSERT OR REPLACE INTO firmware_digests(firmware_file, sha256, size, mtime_ns)"
		" VALUES(?1, ?2, ?3, ?4)",
	[GET_DIGEST] = "SELECT sha256 FROM firmware_digests"
		       " WHERE firmware_file = ?1 AND size = ?2 AND mtime_ns = ?3",
};

static const struct db_words words = {
	.name = "the library's database",
	.full = "free some disk space, then run the same command again",
	.damaged =
		"put a copy of yours in its place, or move it away: a new one knows no firmware yet",
	.unwritable = "make the firmware folder writable, or use another one: --dir DIR",
	.busy = "another program has it open and writes: try again when that is done",
};

/* --- opening -------------------------------------------------------------------------------------------------- */

static bool attach(struct database *d, const char *path, int flags, struct err *e)
{
	sqlite3 *handle = NULL;
	int code = sqlite3_open_v2(path, &handle, flags, NULL);

	db_attach(&d->db, handle, &words, sql, STATEMENT_COUNT);
	return code == SQLITE_OK || db_failed(&d->db, e);
}

static bool open_reading(struct database *d, const char *path, struct err *e)
{
	if (!fs_exists(path))
		return attach(d, ":memory:", SQLITE_OPEN_READWRITE, e) &&
		       schema_make(&d->db, &d->schema, e);
	if (attach(d, path, SQLITE_OPEN_READONLY, e) && schema_read(&d->db, &d->schema, e))
		return true;
	/* What a writer left when it was killed is put right by whoever may write; SQLite does it by itself. */
	if ((sqlite3_errcode(d->db.handle) & 0xff) != SQLITE_READONLY &&
	    (sqlite3_errcode(d->db.handle) & 0xff) != SQLITE_CANTOPEN)
		return false;
	err_free(e);
	db_close(&d->db);
	return attach(d, path, SQLITE_OPEN_READWRITE, e) && schema_read(&d->db, &d->schema, e);
}

/* A database of a thousand firmwares is read in milliseconds; what is damaged must not be written into. */
static bool check_whole(struct database *d, struct err *e)
{
	if (db_is_whole(&d->db))
		return true;
	err_set(e, "the library's database is damaged");
	return err_hint(e, "%s", words.damaged);
}

static bool open_writing(struct database *d, const char *path, struct err *e)
{
	return fs_mkdirs(d->folder, e) &&
	       attach(d, path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, e) &&
	       schema_read(&d->db, &d->schema, e) && check_whole(d, e) &&
	       schema_make(&d->db, &d->schema, e);
}

struct database *database_open(const char *folder, enum database_mode mode, struct err *e)
{
	AUTO_STRBUF path = STRBUF_INIT;
	struct database *d = xcalloc(1, sizeof(*d));
	bool ok;

	d->folder = xstrdup(folder);
	strbuf_addf(&path, "%s/mpflash.db", folder);
	log_debug("library %s", path.buf);
	if (db_is_cut(path.buf)) {
		ok = err_set(e, "the file is cut short");
		err_hint(e, "%s", words.damaged);
	} else {
		ok = mode == DATABASE_WRITE ? open_writing(d, path.buf, e)
					    : open_reading(d, path.buf, e);
	}
	if (ok)
		return d;
	err_wrap(e, "cannot use %s", path.buf);
	database_close(d);
	return NULL;
}

void database_close(struct database *d)
{
	if (!d)
		return;
	db_close(&d->db);
	free(d->folder);
	free(d);
}

const char *database_folder(const struct database *d)
{
	return d->folder;
}

bool database_begin(struct database *d, struct err *e)
{
	return db_begin(&d->db, e);
}

bool database_commit(struct database *d, struct err *e)
{
	return db_commit(&d->db, e);
}

void database_rollback(struct database *d)
{
	db_rollback(&d->db);
}
