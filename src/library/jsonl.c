/* SPDX-License-Identifier: MIT
 *
 * firmware.jsonl: what Python tools up to 1.24 kept instead of a database, one JSON object a line.
 */
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "board/board_json.h"
#include "library/add.h"
#include "library/version.h"
#include "os/fs.h"

enum { JSONL_MAX = 64 << 20 };

struct record {
	struct arena *arena;
	const char *board_id, *variant, *version, *file, *source, *port;
	int64_t build;
	bool custom, preview, has_preview;
};

static bool on_member(void *ctx, const struct board_member *m, struct err *e)
{
	struct record *r = ctx;
	const struct {
		const char *key;
		const char **to;
	} texts[] = {
		{ "board_id", &r->board_id }, { "variant", &r->variant },
		{ "version", &r->version },   { "filename", &r->file },
		{ "firmware", &r->source },   { "source", &r->source },
		{ "port", &r->port },
	};

	(void)e;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (strcmp(m->key, texts[i].key) == 0 && strcmp(m->type, "null") != 0)
			*texts[i].to = arena_strdup(r->arena, m->value);
	if (strcmp(m->key, "build") == 0)
		r->build = strtoll(m->value, NULL, 10);
	else if (strcmp(m->key, "custom") == 0)
		r->custom = strcmp(m->value, "1") == 0;
	else if (strcmp(m->key, "preview") == 0)
		r->preview = strcmp(m->value, "1") == 0;
	return true;
}

/* "1.24.1" with preview false is "v1.24.1"; the tool that wrote it had no "v". */
static const char *version_of(const struct record *r)
{
	AUTO_STRBUF out = STRBUF_INIT;
	struct version v;

	if (!r->version || !version_parse(&v, r->version))
		return r->version ? r->version : "";
	v.preview = v.preview || r->preview;
	version_text(&v, &out);
	return arena_strdup(r->arena, out.buf);
}

static bool put_line(struct database *db, struct board_json *j, const char *line, size_t len,
		     struct err *e)
{
	AUTO_ARENA a = ARENA_INIT;
	AUTO_STRBUF text = STRBUF_INIT;
	struct record r = { .arena = &a };
	struct firmware_row row = { 0 };

	strbuf_add(&text, line, len);
	if (!board_json_object(j, &text, e) || !board_json_walk(j, &text, on_member, &r, e))
		return false;
	row = (struct firmware_row){
		.board_id = r.variant && *r.variant ? r.variant : r.board_id,
		.version = version_of(&r),
		.file = r.file ? r.file : "",
		.port = r.port,
		.source = r.source,
		.build = r.build,
		.custom = r.custom,
	};
	if (!row.board_id)
		return err_set(e, "it names no board");
	return database_put_firmware(db, &row, e);
}

static bool put_all(struct database *db, const struct strbuf *text, size_t *count, struct err *e)
{
	struct board_json j = { 0 };
	const char *line = text->buf;
	size_t number = 1;
	bool ok = true;

	for (; ok && *line; number++) {
		size_t len = strcspn(line, "\n");

		if (strspn(line, " \t\r") < len) {
			ok = put_line(db, &j, line, len, e) || err_wrap(e, "line %zu", number);
			*count += ok;
		}
		line += len + (line[len] == '\n');
	}
	board_json_close(&j);
	return ok;
}

/* firmware.jsonl.bak, or the first of firmware.jsonl.1.bak to .9.bak that is free. */
static bool put_away(const char *path, struct err *e)
{
	AUTO_STRBUF to = STRBUF_INIT;

	strbuf_addf(&to, "%s.bak", path);
	for (int i = 1; i < 10 && fs_exists(to.buf); i++) {
		strbuf_reset(&to);
		strbuf_addf(&to, "%s.%d.bak", path, i);
	}
	return fs_rename(path, to.buf, e);
}

bool library_import_jsonl(struct database *db, size_t *count, struct err *e)
{
	AUTO_STRBUF path = STRBUF_INIT, text = STRBUF_INIT;

	*count = 0;
	strbuf_addf(&path, "%s/firmware.jsonl", database_folder(db));
	if (!fs_exists(path.buf))
		return true;
	if (!fs_read(&text, path.buf, JSONL_MAX, e) || !database_begin(db, e))
		return false;
	if (put_all(db, &text, count, e) && database_commit(db, e))
		return put_away(path.buf, e);
	database_rollback(db);
	*count = 0;
	return err_wrap(e, "%s", path.buf);
}
