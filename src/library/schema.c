/* SPDX-License-Identifier: MIT
 *
 * The schema of the Python mpflash, version 1, word for word as its library (peewee) writes it.
 */
#include "library/schema.h"

#include <string.h>

static const char make_metadata[] =
	"CREATE TABLE IF NOT EXISTS \"metadata\" (\"name\" VARCHAR(255) NOT NULL PRIMARY KEY, \"value\" TEXT NOT NULL)";

static const char make_boards[] =
	"CREATE TABLE IF NOT EXISTS \"boards\" (\"board_id\" VARCHAR(40) NOT NULL, \"version\" VARCHAR(12) NOT NULL, "
	"\"board_name\" TEXT NOT NULL, \"mcu\" TEXT NOT NULL, \"variant\" TEXT NOT NULL, "
	"\"port\" VARCHAR(30) NOT NULL, \"path\" TEXT NOT NULL, \"description\" TEXT NOT NULL, "
	"\"family\" TEXT NOT NULL, \"custom\" INTEGER NOT NULL, PRIMARY KEY (\"board_id\", \"version\"));"
	"CREATE UNIQUE INDEX IF NOT EXISTS \"board_board_id_version\" ON \"boards\" (\"board_id\", \"version\")";

static const char make_firmwares[] =
	"CREATE TABLE IF NOT EXISTS \"firmwares\" (\"board_id\" VARCHAR(40) NOT NULL, \"version\" VARCHAR(12) NOT NULL, "
	"\"firmware_file\" TEXT NOT NULL, \"port\" VARCHAR(20) NOT NULL, \"description\" TEXT NOT NULL, "
	"\"source\" TEXT NOT NULL, \"build\" INTEGER NOT NULL, \"custom\" INTEGER NOT NULL, "
	"\"custom_id\" VARCHAR(40), PRIMARY KEY (\"board_id\", \"version\", \"firmware_file\"));"
	"CREATE INDEX IF NOT EXISTS \"firmware_firmware_file\" ON \"firmwares\" (\"firmware_file\")";

/* The Python tool's migration to version 1. */
static const char add_custom_id[] = "ALTER TABLE firmwares ADD COLUMN custom_id VARCHAR(40)";
static const char finish[] =
	"CREATE INDEX IF NOT EXISTS idx_firmwares_custom_id ON firmwares(custom_id);"
	"INSERT INTO metadata(name, value) VALUES('schema_version', '1')"
	" ON CONFLICT(name) DO UPDATE SET value = '1'";

static const char make_digests[] =
	"CREATE TABLE IF NOT EXISTS firmware_digests (firmware_file TEXT NOT NULL PRIMARY KEY, sha256 TEXT NOT NULL, "
	"size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL)";

static bool count(struct db *db, const char *sql, bool *any, struct err *e)
{
	int64_t n;

	if (!db_number(db, sql, &n, e))
		return false;
	*any = n > 0;
	return true;
}

static bool has_table(struct db *db, const char *name, bool *has, struct err *e)
{
	char sql[128];

	sqlite3_snprintf(sizeof(sql), sql,
			 "SELECT count(*) FROM sqlite_master WHERE type='table' AND name=%Q", name);
	return count(db, sql, has, e);
}

static bool is_ours(struct db *db, const struct schema *s, struct err *e)
{
	bool any;

	if (s->boards || s->firmwares)
		return true;
	if (!count(db, "SELECT count(*) FROM sqlite_master", &any, e))
		return false;
	return !any || err_set(e, "it is another program's database");
}

static bool check_version(struct db *db, const struct schema *s, struct err *e)
{
	int64_t version = 0;

	if (s->metadata && !db_number(db,
				      "SELECT ifnull(max(CAST(value AS INTEGER)), 0) FROM metadata"
				      " WHERE name='schema_version'",
				      &version, e))
		return false;
	if (version <= SCHEMA_VERSION)
		return true;
	err_set(e, "it was made by a newer mpflash (schema %lld, this one knows %d)",
		(long long)version, SCHEMA_VERSION);
	return err_hint(e, "update mpflash, or use another firmware folder: --dir DIR");
}

static bool read_all(struct db *db, struct schema *s, struct err *e)
{
	*s = (struct schema){ 0 };
	return has_table(db, "metadata", &s->metadata, e) &&
	       has_table(db, "boards", &s->boards, e) &&
	       has_table(db, "firmwares", &s->firmwares, e) &&
	       has_table(db, "firmware_digests", &s->digests, e) &&
	       count(db,
		     "SELECT count(*) FROM pragma_table_info('firmwares') WHERE name='custom_id'",
		     &s->custom_id, e) &&
	       is_ours(db, s, e) && check_version(db, s, e);
}

/* In one look: another process may be making its tables. */
bool schema_read(struct db *db, struct schema *s, struct err *e)
{
	bool alone = sqlite3_get_autocommit(db->handle) != 0;
	bool ok = (!alone || db_exec(db, "BEGIN", e)) && read_all(db, s, e);

	if (alone && !sqlite3_get_autocommit(db->handle))
		db_rollback(db); /* nothing was written */
	return ok;
}

static bool make_all(struct db *db, const struct schema *s, struct err *e)
{
	return db_exec(db, make_metadata, e) && db_exec(db, make_boards, e) &&
	       db_exec(db, make_firmwares, e) &&
	       (!s->firmwares || s->custom_id || db_exec(db, add_custom_id, e)) &&
	       db_exec(db, finish, e);
}

bool schema_make(struct db *db, struct schema *s, struct err *e)
{
	if (s->metadata && s->boards && s->firmwares && s->custom_id)
		return true;
	/* Somebody else may have made them while we waited for the lock. */
	if (!db_begin(db, e))
		return false;
	if (schema_read(db, s, e) && make_all(db, s, e) && schema_read(db, s, e) &&
	    db_commit(db, e))
		return true;
	db_rollback(db);
	return false;
}

bool schema_make_digests(struct db *db, struct schema *s, struct err *e)
{
	s->digests = s->digests || db_exec(db, make_digests, e);
	return s->digests;
}
