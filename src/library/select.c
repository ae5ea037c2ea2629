/* SPDX-License-Identifier: MIT
 *
 * The Python tool's ranking, with the newest preview found by number: that one takes the highest build over all versions, so
 * v1.25.0-preview.500 wins over v1.29.0-preview.20.
 */
#include "library/select.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/path.h"
#include "library/renamed.h"
#include "os/fs.h"

struct candidate {
	const struct firmware_row *row;
	struct version version;
	bool has_version, has_file, fits;
	size_t order;
};
struct candidates {
	struct candidate *items;
	size_t count, cap;
};

bool library_port_takes(const char *port, const char *ext)
{
	static const struct {
		const char *port, *ext;
	} table[] = {
		{ "esp32", "bin" }, { "esp8266", "bin" },    { "mimxrt", "hex" },
		{ "nrf", "uf2" },   { "renesas-ra", "hex" }, { "rp2", "uf2" },
		{ "samd", "uf2" },  { "stm32", "bin" },      { "stm32", "dfu" },
	};
	bool known = false;

	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		if (strcmp(table[i].port, port) != 0)
			continue;
		if (strcasecmp(table[i].ext, ext) == 0)
			return true;
		known = true;
	}
	return !known;
}

bool library_has_file(const struct database *db, const struct firmware_row *row)
{
	AUTO_STRBUF path = STRBUF_INIT;

	database_file_path(db, row, &path);
	return fs_exists(path.buf) && !fs_is_dir(path.buf);
}

static bool can_use(const struct library_wish *wish, const struct firmware_row *row)
{
	const char *ext = path_ext(row->file);

	if (!wish->formats)
		return library_port_takes(wish->port && *wish->port ? wish->port : row->port, ext);
	for (size_t i = 0; i < wish->formats->count; i++)
		if (strcasecmp(wish->formats->items[i], ext) == 0)
			return true;
	return false;
}

/*
 * The version's column has no build, and says "preview" alone for what the Python tool built without one: the build is in its
 * own column, or in the file's name.
 */
static void read_version(struct candidate *c)
{
	struct firmware_name name;
	bool named = firmware_name_parse(&name, c->row->file);

	c->has_version = version_parse(&c->version, c->row->version);
	if (!c->has_version && named) {
		c->version = name.version;
		c->has_version = true;
	}
	if (!c->has_version && strcmp(c->row->version, "preview") == 0)
		c->has_version = c->version.preview = true;
	if (!c->has_version)
		return;
	if (c->row->build)
		c->version.build = (int)c->row->build;
	else if (!c->version.build && named && version_same_release(&c->version, &name.version))
		c->version.build = name.version.build;
}

static bool is_wanted(const struct library_wish *wish, const struct candidate *c)
{
	const char *port = c->row->port;

	if (wish->port && *wish->port && *port && strcmp(port, wish->port) != 0)
		return false;
	if (wish->version->word == VERSION_ASK)
		return true;
	return c->has_version && version_fits(wish->version, &c->version);
}

static bool collect(struct database *db, const struct library_wish *wish, const char *board_id,
		    struct arena *a, struct candidates *out, struct err *e)
{
	struct firmware_rows rows = { 0 };

	if (!database_firmwares(db, board_id, wish->custom, a, &rows, e))
		return false;
	for (size_t i = 0; i < rows.count; i++) {
		struct candidate c = { .row = &rows.items[i], .order = out->count };

		read_version(&c);
		if (!is_wanted(wish, &c))
			continue;
		c.has_file = library_has_file(db, c.row);
		c.fits = can_use(wish, c.row);
		vec_push(out, c);
	}
	return true;
}

static int by_number(int64_t a, int64_t b)
{
	return (a < b) - (a > b);
}

static bool is_built(const struct candidate *c)
{
	return strcasecmp(c->row->source, "mpbuild") == 0;
}

/* The better one first. */
static int compare_rank(const void *left, const void *right)
{
	const struct candidate *a = left, *b = right;
	int by = by_number(a->has_file, b->has_file);

	by = by ? by : by_number(a->fits, b->fits);
	by = by ? by : by_number(is_built(a), is_built(b));
	by = by ? by : by_number(a->row->custom, b->row->custom);
	by = by ? by : by_number(a->version.build, b->version.build);
	return by ? by : by_number((int64_t)a->order, (int64_t)b->order);
}

/* Of "stable" and "preview" only the newest release stays; one whose files are there beats one whose are not. */
static void keep_newest(struct candidates *c)
{
	const struct candidate *best = NULL;
	struct version newest;
	size_t kept = 0;

	for (size_t i = 0; i < c->count; i++) {
		const struct candidate *x = &c->items[i];

		if (!best || (x->has_file && !best->has_file) ||
		    (x->has_file == best->has_file &&
		     version_compare(&x->version, &best->version) > 0))
			best = x;
	}
	if (!best)
		return;
	newest = best->version;
	for (size_t i = 0; i < c->count; i++)
		if (version_same_release(&c->items[i].version, &newest))
			c->items[kept++] = c->items[i];
	c->count = kept;
}

static void hand_over(const struct candidates *c, struct arena *a, struct firmware_rows *out)
{
	out->items = arena_alloc(a, (c->count ? c->count : 1) * sizeof(*out->items));
	out->count = out->cap = c->count;
	for (size_t i = 0; i < c->count; i++)
		out->items[i] = *c->items[i].row;
}

bool library_select(struct database *db, const struct library_wish *wish, struct arena *a,
		    struct firmware_rows *out, struct err *e)
{
	enum version_word word = wish->version->word;
	struct candidates found = { 0 };
	struct strv names = { 0 };
	bool ok = collect(db, wish, wish->board_id, a, &found, e);

	if (!found.count && !wish->custom)
		renamed_boards(wish->board_id, wish->port, a, &names);
	for (size_t i = 0; ok && !found.count && i < names.count; i++)
		ok = collect(db, wish, names.items[i], a, &found, e);
	if (word == VERSION_STABLE || word == VERSION_PREVIEW)
		keep_newest(&found);
	if (found.count)
		qsort(found.items, found.count, sizeof(*found.items), compare_rank);
	hand_over(&found, a, out);
	vec_free(&found);
	vec_free(&names);
	return ok;
}

/* --- what is here of a board ---------------------------------------------------------------------------------- */

static bool is_of_board(const struct firmware_row *row, const char *board_id)
{
	size_t len = strlen(board_id);

	if (strncmp(row->board_id, board_id, len) != 0)
		return false;
	return !row->board_id[len] || (row->board_id[len] == '-' && !strchr(board_id, '-'));
}

static bool has_row(const struct firmware_rows *rows, const struct firmware_row *row)
{
	for (size_t i = 0; i < rows->count; i++)
		if (strcmp(rows->items[i].file, row->file) == 0)
			return true;
	return false;
}

/* Of one board or variant. */
static bool add_releases(struct database *db, const char *board_id,
			 const struct version_want *version, struct arena *a,
			 struct firmware_rows *out, struct err *e)
{
	const struct library_wish wish = { .board_id = board_id, .version = version };
	struct candidates found = { 0 };
	size_t kept = 0;
	bool ok = collect(db, &wish, board_id, a, &found, e);

	for (size_t i = 0; i < found.count; i++) {
		const struct candidate *c = &found.items[i];

		if (c->has_file && c->fits && !c->row->custom)
			found.items[kept++] = *c;
	}
	found.count = kept;
	if (version->word == VERSION_STABLE || version->word == VERSION_PREVIEW)
		keep_newest(&found);
	for (size_t i = 0; i < found.count; i++)
		if (!has_row(out, found.items[i].row))
			vec_push(out, *found.items[i].row);
	vec_free(&found);
	return ok;
}

bool library_releases(struct database *db, const char *board_id, const struct version_want *version,
		      struct arena *a, struct firmware_rows *out, struct err *e)
{
	struct firmware_rows all = { 0 };
	struct strv boards = { 0 };
	bool ok = database_firmwares(db, NULL, false, a, &all, e);

	for (size_t i = 0; i < all.count; i++) {
		const char *id = all.items[i].board_id;
		bool seen = !is_of_board(&all.items[i], board_id);

		for (size_t k = 0; k < boards.count && !seen; k++)
			seen = strcmp(boards.items[k], id) == 0;
		if (!seen)
			vec_push(&boards, id);
	}
	for (size_t i = 0; ok && i < boards.count; i++)
		ok = add_releases(db, boards.items[i], version, a, out, e);
	vec_free(&boards);
	return ok;
}
