/* SPDX-License-Identifier: MIT
 *
 * board.json, as MicroPython's own tools write and read it. The files come with a fork or a
 * download, so their texts are cleaned before they reach a terminal, a make command or a path.
 */
#include "board/board_json.h"

#include <sqlite3.h>
#include <stdint.h>
#include <string.h>

#include "base/strbuf.h"
#include "base/utf8.h"
#include "board/catalogue_internal.h"
#include "os/fs.h"

enum { TEXT_MAX = 500 };

static bool json_open(struct board_json *j, struct err *e)
{
	if (j->db)
		return true;
	if (sqlite3_open(":memory:", &j->db) == SQLITE_OK &&
	    sqlite3_prepare_v2(j->db, "SELECT CASE WHEN json_valid(?1) THEN json_type(?1) END", -1,
			       &j->type, NULL) == SQLITE_OK &&
	    sqlite3_prepare_v2(j->db, "SELECT key, type, value FROM json_each(?1)", -1, &j->members,
			       NULL) == SQLITE_OK)
		return true;
	err_set(e, "SQLite: %s", sqlite3_errmsg(j->db));
	board_json_close(j);
	return false;
}

void board_json_close(struct board_json *j)
{
	sqlite3_finalize(j->type);
	sqlite3_finalize(j->members);
	sqlite3_close(j->db);
	*j = (struct board_json){ 0 };
}

/*
 * The text on one line: control characters (C1 too) become spaces, bytes that are no UTF-8 '?', the
 * end is cut.
 */
const char *board_json_clean(struct arena *a, const char *text)
{
	AUTO_STRBUF sb = STRBUF_INIT;
	const unsigned char *s = (const unsigned char *)text;

	while (*s) {
		size_t n = utf8_len(s);

		if (sb.len + n > TEXT_MAX)
			break;
		if (!n)
			strbuf_addch(&sb, '?');
		else if (*s < 0x20 || *s == 0x7f || (*s == 0xc2 && s[1] < 0xa0))
			strbuf_addch(&sb, ' ');
		else
			strbuf_add(&sb, s, n);
		s += n ? n : 1;
	}
	return arena_strndup(a, sb.buf, sb.len);
}

/* What reading one file needs. */
struct visit {
	struct board *board;
	struct arena *arena;
	/* Nested texts, read after the walk: there is one statement. */
	struct strbuf variants, deploy, images, features;
	struct strv *list; /* the one that on_item fills */
};

static const char *column(sqlite3_stmt *stmt, int i)
{
	const unsigned char *s = sqlite3_column_text(stmt, i);

	return s ? (const char *)s : "";
}

static bool bind(struct board_json *j, sqlite3_stmt *stmt, const struct strbuf *text, struct err *e)
{
	sqlite3_reset(stmt);
	if (sqlite3_bind_text(stmt, 1, text->buf, (int)text->len, SQLITE_STATIC) == SQLITE_OK)
		return true;
	return err_set(e, "SQLite: %s", sqlite3_errmsg(j->db));
}

bool board_json_walk(struct board_json *j, const struct strbuf *text, board_member_fn *each,
		     void *ctx, struct err *e)
{
	bool ok = bind(j, j->members, text, e);
	int rc = SQLITE_DONE;

	while (ok && (rc = sqlite3_step(j->members)) == SQLITE_ROW) {
		struct board_member m = { column(j->members, 0), column(j->members, 1),
					  column(j->members, 2) };

		ok = each(ctx, &m, e);
	}
	if (ok && rc != SQLITE_DONE)
		ok = err_set(e, "%s", sqlite3_errmsg(j->db));
	sqlite3_reset(j->members);
	return ok;
}

static bool want_type(const struct board_member *m, const char *type, const char *words,
		      struct err *e)
{
	if (strcmp(m->type, type) == 0)
		return true;
	return err_set(e, "\"%s\" must be %s", m->key, words);
}

static bool take_text(struct visit *v, const struct board_member *m, const char **to, struct err *e)
{
	if (!want_type(m, "text", "a string", e))
		return false;
	*to = *m->value ? board_json_clean(v->arena, m->value) : NULL;
	return true;
}

static void keep(struct strbuf *to, const struct board_member *m)
{
	strbuf_reset(to);
	strbuf_adds(to, m->value);
}

static bool on_top(void *ctx, const struct board_member *m, struct err *e)
{
	struct visit *v = ctx;
	struct board *b = v->board;

	if (strcmp(m->key, "mcu") == 0)
		return take_text(v, m, &b->mcu, e);
	if (strcmp(m->key, "product") == 0)
		return take_text(v, m, &b->product, e);
	if (strcmp(m->key, "vendor") == 0)
		return take_text(v, m, &b->vendor, e);
	if (strcmp(m->key, "url") == 0)
		return take_text(v, m, &b->url, e);
	if (strcmp(m->key, "variants") == 0) {
		keep(&v->variants, m);
		return want_type(m, "object", "an object of names and texts", e);
	}
	if (strcmp(m->key, "deploy") == 0) {
		keep(&v->deploy, m);
		return want_type(m, "array", "a list of file names", e);
	}
	if (strcmp(m->type, "array") == 0 && strcmp(m->key, "images") == 0)
		keep(&v->images, m);
	if (strcmp(m->type, "array") == 0 && strcmp(m->key, "features") == 0)
		keep(&v->features, m);
	return true;
}

static bool on_variant(void *ctx, const struct board_member *m, struct err *e)
{
	struct visit *v = ctx;
	struct board_variant variant;

	if (!catalogue_is_name(m->key))
		return err_set(e, "variant '%s': a name is letters, digits, '_', '-', '+' and '.'",
			       board_json_clean(v->arena, m->key));
	variant.name = arena_strdup(v->arena, m->key);
	variant.text = strcmp(m->type, "text") == 0 ? board_json_clean(v->arena, m->value) : "";
	vec_push(&v->board->variants, variant);
	return true;
}

static bool on_item(void *ctx, const struct board_member *m, struct err *e)
{
	struct visit *v = ctx;

	(void)e;
	if (strcmp(m->type, "text") == 0 && *m->value)
		vec_push(v->list, board_json_clean(v->arena, m->value));
	return true;
}

static bool read_list(struct board_json *j, struct visit *v, const struct strbuf *text,
		      struct strv *list, struct err *e)
{
	v->list = list;
	return !text->len || board_json_walk(j, text, on_item, v, e);
}

/* SQLite reads JSON up to the first NUL byte, so that one is looked for here. */
static bool check_object(struct board_json *j, const struct strbuf *text, struct err *e)
{
	bool ok = false, valid = false;

	if (!bind(j, j->type, text, e))
		return false;
	if (sqlite3_step(j->type) == SQLITE_ROW && !memchr(text->buf, 0, text->len)) {
		valid = sqlite3_column_type(j->type, 0) == SQLITE_TEXT;
		ok = valid && strcmp(column(j->type, 0), "object") == 0;
	}
	sqlite3_reset(j->type);
	if (!ok)
		err_set(e, valid ? "not a JSON object" : "not valid JSON");
	return ok;
}

static bool read_members(struct board_json *j, const struct strbuf *text, struct visit *v,
			 struct err *e)
{
	struct board *b = v->board;

	return board_json_walk(j, text, on_top, v, e) &&
	       (!v->variants.len || board_json_walk(j, &v->variants, on_variant, v, e)) &&
	       read_list(j, v, &v->deploy, &b->deploy, e) &&
	       read_list(j, v, &v->images, &b->images, e) &&
	       read_list(j, v, &v->features, &b->features, e);
}

bool board_json_text(struct board_json *j, const char *path, struct strbuf *text, struct err *e)
{
	return json_open(j, e) && fs_read(text, path, CATALOGUE_FILE_MAX, e) &&
	       check_object(j, text, e);
}

bool board_json_object(struct board_json *j, struct strbuf *text, struct err *e)
{
	return json_open(j, e) && check_object(j, text, e);
}

static bool on_mcu(void *ctx, const struct board_member *m, struct err *e)
{
	struct visit *v = ctx;

	return strcmp(m->key, "mcu") != 0 || take_text(v, m, &v->board->mcu, e);
}

bool board_json_mcu(struct board_json *j, const struct strbuf *text, struct arena *a,
		    const char **out)
{
	struct board b = { 0 };
	struct visit v = { .board = &b, .arena = a };
	AUTO_ERR ignored = ERR_INIT;
	bool ok = json_open(j, &ignored) && check_object(j, text, &ignored) &&
		  board_json_walk(j, text, on_mcu, &v, &ignored);

	*out = b.mcu;
	return ok;
}

bool board_json_parse(struct board_json *j, struct strbuf *text, struct board *b, struct arena *a,
		      struct err *e)
{
	struct visit v = {
		.board = b,
		.arena = a,
		.variants = STRBUF_INIT,
		.deploy = STRBUF_INIT,
		.images = STRBUF_INIT,
		.features = STRBUF_INIT,
	};
	bool ok = board_json_object(j, text, e) && read_members(j, text, &v, e);

	strbuf_free(&v.variants);
	strbuf_free(&v.deploy);
	strbuf_free(&v.images);
	strbuf_free(&v.features);
	return ok;
}

bool board_json_read(struct board_json *j, const char *path, struct board *b, struct arena *a,
		     struct err *e)
{
	AUTO_STRBUF text = STRBUF_INIT;

	if (!fs_read(&text, path, CATALOGUE_FILE_MAX, e))
		return false;
	if (board_json_parse(j, &text, b, a, e))
		return true;
	err_wrap(e, "%s", path);
	return err_hint(e, "correct the file; `python3 -m json.tool FILE` shows where JSON breaks");
}
