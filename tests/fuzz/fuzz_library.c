/* SPDX-License-Identifier: MIT
 *
 * What the library takes in: firmware.jsonl of an old Python tool, the Python tool's list of boards, and a description that firmware
 * gives. All of it, or nothing.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/xalloc.h"
#include "folder.h"
#include "format.h"
#include "library/add.h"
#include "library/board_id.h"
#include "library/boards.h"
#include "os/fs.h"

static struct database *db;

static void must(bool ok)
{
	if (!ok)
		abort();
}

static void close_database(void)
{
	database_close(db);
}

static void open_database(void)
{
	const struct board_row board = { .board_id = "B",
					 .board_name = "B",
					 .version = "v1.26.0",
					 .description = "Board B with CHIP" };
	AUTO_ERR e = ERR_INIT;

	if (db)
		return;
	db = database_open(fuzz_folder(), DATABASE_WRITE, &e);
	must(db && database_put_board(db, &board, &e));
	atexit(close_database);
}

static size_t count_firmwares(void)
{
	AUTO_ARENA a = ARENA_INIT;
	AUTO_ERR e = ERR_INIT;
	struct firmware_rows rows = { 0 };

	must(database_firmwares(db, NULL, false, &a, &rows, &e));
	for (size_t i = 0; i < rows.count; i++)
		must(rows.items[i].board_id && rows.items[i].version && rows.items[i].file);
	return rows.count;
}

static void import_jsonl(const uint8_t *data, size_t size)
{
	AUTO_STRBUF path = STRBUF_INIT, bak = STRBUF_INIT;
	AUTO_ERR e = ERR_INIT;
	size_t count = 0;

	fuzz_write("firmware.jsonl", data, size);
	strbuf_addf(&path, "%s/firmware.jsonl", fuzz_folder());
	strbuf_addf(&bak, "%s.bak", path.buf);
	must(database_begin(db, &e));
	if (library_import_jsonl(db, &count, &e)) {
		must(count_firmwares() <= count && !fs_exists(path.buf) && fs_exists(bak.buf));
		must(unlink(bak.buf) == 0);
	} else {
		must(e.msg && count == 0 && fs_exists(path.buf) && unlink(path.buf) == 0);
	}
	database_rollback(db);
	must(count_firmwares() == 0);
}

static void import_list(const uint8_t *data, size_t size)
{
	AUTO_STRBUF path = STRBUF_INIT;
	AUTO_ARENA a = ARENA_INIT;
	AUTO_ERR e = ERR_INIT;
	struct boards_update told;

	fuzz_write("boards.csv", data, size);
	strbuf_addf(&path, "%s/boards.csv", fuzz_folder());
	must(database_begin(db, &e));
	if (boards_from_list(db, path.buf, &a, &told, &e))
		must((told.boards + told.variants > 0) == (told.newest != NULL));
	else
		must(e.msg != NULL);
	database_rollback(db);
}

static void find_board(const uint8_t *data, size_t size)
{
	AUTO_FREE char *text = xstrndup((const char *)data, size);
	AUTO_ARENA a = ARENA_INIT;
	AUTO_ERR e = ERR_INIT;
	const char *board_id = NULL;

	must(library_board_by_description(db, text, "v1.26.0-preview", &a, &board_id, &e));
	must(!board_id || strstr(text, "Board B"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	open_database();
	import_jsonl(data, size);
	import_list(data, size);
	find_board(data, size);
	return 0;
}
