/* SPDX-License-Identifier: MIT
 *
 * What was built here, put into the library where the Python tool's `flash --build` puts it: both tools then prefer it.
 */
#include <string.h>

#include "base/path.h"
#include "library/add.h"
#include "os/crypto.h"
#include "os/fs.h"

/* builds/<md5("BOARD_VERSION")[:12]> */
static bool build_folder(const struct built *b, struct arena *a, const char **out, struct err *e)
{
	const char *key = arena_printf(a, "%s_%s", b->board_id, b->version);
	uint8_t md5[CRYPTO_MD5];

	if (!crypto_md5(key, strlen(key), md5, e))
		return false;
	*out = arena_printf(a, "builds/%02x%02x%02x%02x%02x%02x", md5[0], md5[1], md5[2], md5[3],
			    md5[4], md5[5]);
	return true;
}

/*
 * The board's row, when the catalogue has none for this version. The Python tool overwrites the catalogue's, which loses the
 * board's description.
 */
static bool put_board(struct database *db, const struct built *b, struct arena *a, struct err *e)
{
	const struct board_row row = {
		.board_id = b->board_id,
		.version = b->version,
		.board_name = b->board_id,
		.mcu = "Unknown",
		.port = b->port,
		.path = "built",
		.description =
			arena_printf(a, "Locally built MicroPython firmware for %s", b->board_id),
		.custom = true,
	};
	struct board_rows rows;

	if (!database_boards_of(db, b->board_id, a, &rows, e))
		return false;
	for (size_t i = 0; i < rows.count; i++)
		if (strcmp(rows.items[i].version, b->version) == 0)
			return true;
	return database_put_board(db, &row, e);
}

static bool is_same(const char *a, const char *b)
{
	AUTO_ERR ignored = ERR_INIT;
	struct fs_map x = { 0 }, y = { 0 };
	bool same = fs_map(&x, a, &ignored) && fs_map(&y, b, &ignored) && x.size == y.size &&
		    memcmp(x.data, y.data, x.size) == 0;

	fs_unmap(&x);
	fs_unmap(&y);
	return same;
}

/* *was_there: with these bytes. */
static bool copy_file(struct database *db, const char *from, const char *to, bool *was_there,
		      struct err *e)
{
	AUTO_ARENA a = ARENA_INIT;
	AUTO_STRBUF path = STRBUF_INIT;

	database_file_path(db, &(struct firmware_row){ .file = to }, &path);
	*was_there = fs_exists(path.buf) && is_same(from, path.buf);
	if (*was_there)
		return true;
	return fs_mkdirs(path_dir(&a, path.buf), e) &&
	       fs_clone(from, path.buf, fs_user_mode(path.buf), e);
}

static bool import_file(struct database *db, const struct built *b, const char *folder,
			const char *path, struct arena *a, struct added_list *out, struct err *e)
{
	const char *ext = path_ext(path);
	struct added added = {
		.from = path,
		.row = {
			.board_id = b->board_id,
			.version = b->version,
			.file = arena_printf(a, "%s/%s-%s.%s", folder, b->board_id, b->version, ext),
			.port = b->port,
			.source = "mpbuild",
			.description = arena_printf(a, "Built locally with mpbuild (.%s)", ext),
			.custom = true,
		},
	};

	if (!copy_file(db, path, added.row.file, &added.was_there, e) ||
	    !library_record(db, &added.row, NULL, e) ||
	    !database_get_digest(db, added.row.file, added.sha256, e))
		return false;
	vec_push(out, added);
	return true;
}

bool library_import_built(struct database *db, const struct built *b, struct arena *a,
			  struct added_list *out, struct err *e)
{
	const char *folder;

	if (!build_folder(b, a, &folder, e) || !put_board(db, b, a, e))
		return false;
	for (size_t i = 0; i < b->files->count; i++)
		if (!import_file(db, b, folder, b->files->items[i], a, out, e))
			return err_wrap(e, "import %s", b->files->items[i]);
	return true;
}
