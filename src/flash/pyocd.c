/* SPDX-License-Identifier: MIT
 *
 * pyOCD asked for what it knows. Its lists are JSON (`pyocd json`), read with SQLite's functions; its warnings may stand before it.
 */
#include "flash/pyocd.h"

#include <sqlite3.h>
#include <string.h>

#include "base/strbuf.h"
#include "base/vec.h"
#include "flash/runner_internal.h"

/* Python starts slowly on a small machine, and a long list of packs is read from the disk. */
enum { LIMIT_MS = 120000 };

/* --- running it ----------------------------------------------------------------------------------------------- */

/* In "/": a pyocd_user.py of the folder we are in is no part of the question. */
static bool ask(struct arena *a, const struct strv *words, struct strbuf *said,
		struct process_exit *x, struct err *e)
{
	const struct runner *r = pyocd_method.runner;
	struct strv argv = { 0 };
	struct process_spec spec = { .cwd = "/" };
	const char *program = runner_find_program(r, a, e);
	bool ok;

	if (!program)
		return false;
	vec_push(&argv, program);
	for (size_t i = 0; i < words->count; i++)
		vec_push(&argv, words->items[i]);
	vec_push(&argv, NULL);
	spec.argv = argv.items;
	ok = process_run(&spec, LIMIT_MS, said, x, e);
	vec_free(&argv);
	return ok;
}

static bool failed(const struct strbuf *said, const struct process_exit *x, struct err *e)
{
	const struct runner *r = pyocd_method.runner;
	AUTO_STRBUF last = STRBUF_INIT, how = STRBUF_INIT;

	runner_last_line(said->buf, &last);
	if (runner_judge(r, said->buf) == RUNNER_BROKEN) {
		err_set(e, "%s is installed, but cannot run: %s", r->tool, last.buf);
		return err_hint(e, "install it again: %s", r->install);
	}
	process_exit_text(x, &how);
	return err_set(e, "%s failed (%s)%s%s", r->tool, how.buf, last.len ? ": " : "", last.buf);
}

/* --- its JSON ------------------------------------------------------------------------------------------------- */

struct answer {
	struct arena *a;
	sqlite3 *db;
	const char *json;
};

static void close_answer(struct answer *in)
{
	sqlite3_close(in->db);
}
#define AUTO_ANSWER __attribute__((cleanup(close_answer))) struct answer

static sqlite3_stmt *prepare(struct answer *in, const char *sql)
{
	sqlite3_stmt *stmt = NULL;

	if (!in->db && sqlite3_open(":memory:", &in->db) != SQLITE_OK)
		BUG("sqlite: %s", in->db ? sqlite3_errmsg(in->db) : "out of memory");
	if (sqlite3_prepare_v2(in->db, sql, -1, &stmt, NULL) != SQLITE_OK)
		BUG("sqlite: %s: %s", sql, sqlite3_errmsg(in->db));
	if (sqlite3_bind_text(stmt, 1, in->json, -1, SQLITE_STATIC) != SQLITE_OK)
		BUG("sqlite: %s", sqlite3_errmsg(in->db));
	return stmt;
}

/* Printable, for lists: names come out of the probes' own descriptors. NULL: none, or empty. */
static const char *column(struct answer *in, sqlite3_stmt *stmt, int i)
{
	const char *text = (const char *)sqlite3_column_text(stmt, i);
	AUTO_STRBUF shown = STRBUF_INIT;

	if (!text || !*text)
		return NULL;
	strbuf_add_shown(&shown, text, 200);
	return arena_strdup(in->a, shown.buf);
}

static const char *get(struct answer *in, const char *sql)
{
	sqlite3_stmt *stmt = prepare(in, sql);
	const char *text = sqlite3_step(stmt) == SQLITE_ROW ? column(in, stmt, 0) : NULL;

	sqlite3_finalize(stmt);
	return text;
}

/* From the line that is the first '{' on. */
static const char *find_json(const char *said)
{
	for (const char *line = said; *line; line += *line == '\n') {
		if (*line == '{')
			return line;
		line += strcspn(line, "\n");
	}
	return "";
}

/* `member`: the array that the answer has to have. */
static bool ask_json(struct answer *in, const char *option, const char *member,
		     const char **version, struct err *e)
{
	AUTO_STRBUF said = STRBUF_INIT;
	struct strv words = { 0 };
	struct process_exit x;
	const char *why;
	bool ok;

	vec_push(&words, "json");
	vec_push(&words, "--no-config");
	vec_push(&words, option);
	ok = ask(in->a, &words, &said, &x, e);
	vec_free(&words);
	if (!ok)
		return false;
	if (x.code != 0)
		return failed(&said, &x, e);
	in->json = arena_strdup(in->a, find_json(said.buf));
	if (!get(in,
		 arena_printf(
			 in->a,
			 "SELECT 'yes' WHERE json_valid(?1) AND json_type(?1, '$.%s') = 'array'",
			 member)))
		return err_set(e, "pyOCD's answer to `pyocd json %s` is not its JSON", option);
	why = get(in, "SELECT coalesce(json_extract(?1, '$.error'), 'it does not say why') "
		      "WHERE json_extract(?1, '$.status') <> 0");
	if (why)
		return err_set(e, "pyOCD cannot list anything: %s", why);
	*version = get(in, "SELECT json_extract(?1, '$.pyocd_version')");
	return true;
}

bool pyocd_list_targets(struct arena *a, struct pyocd_targets *out, struct err *e)
{
	AUTO_ANSWER in = { .a = a };
	sqlite3_stmt *stmt;

	if (!ask_json(&in, "--targets", "targets", &out->version, e))
		return false;
	stmt = prepare(&in,
		       "SELECT json_extract(value, '$.name') AS name, "
		       "json_extract(value, '$.part_number'), json_extract(value, '$.vendor'), "
		       "json_extract(value, '$.source') FROM json_each(?1, '$.targets') "
		       "WHERE type = 'object' AND name <> '' ORDER BY name");
	while (sqlite3_step(stmt) == SQLITE_ROW) {
		struct pyocd_target t = {
			.name = column(&in, stmt, 0),
			.part = column(&in, stmt, 1),
			.vendor = column(&in, stmt, 2),
			.source = column(&in, stmt, 3),
		};

		vec_push(out, t);
	}
	sqlite3_finalize(stmt);
	return true;
}

/* A probe that is part of no board that pyOCD knows has the target "cortex_m": any chip. */
bool pyocd_list_probes(struct arena *a, struct pyocd_probes *out, struct err *e)
{
	AUTO_ANSWER in = { .a = a };
	sqlite3_stmt *stmt;

	if (!ask_json(&in, "--probes", "boards", &out->version, e))
		return false;
	stmt = prepare(
		&in, "SELECT json_extract(value, '$.unique_id') AS id, "
		     "json_extract(value, '$.info'), json_extract(value, '$.board_name'), "
		     "json_extract(value, '$.vendor_name'), json_extract(value, '$.product_name'), "
		     "nullif(json_extract(value, '$.target'), 'cortex_m') "
		     "FROM json_each(?1, '$.boards') WHERE type = 'object' AND id <> ''");
	while (sqlite3_step(stmt) == SQLITE_ROW) {
		struct pyocd_probe p = {
			.id = column(&in, stmt, 0),
			.description = column(&in, stmt, 1),
			.board = column(&in, stmt, 2),
			.vendor = column(&in, stmt, 3),
			.product = column(&in, stmt, 4),
			.target = column(&in, stmt, 5),
		};

		vec_push(out, p);
	}
	sqlite3_finalize(stmt);
	return true;
}

/* --- the chip behind a probe ---------------------------------------------------------------------------------- */

static void judge(struct arena *a, const struct strbuf *said, const struct process_exit *x,
		  enum pyocd_chip *chip, const char **why)
{
	enum runner_cause cause = runner_judge(pyocd_method.runner, said->buf);
	AUTO_STRBUF last = STRBUF_INIT;

	*why = NULL;
	if (cause == RUNNER_LOCKED || runner_has_line(said->buf, "Target is locked*")) {
		*chip = PYOCD_CHIP_LOCKED;
	} else if (x->code == 0 && runner_has_line(said->buf, "Core [0-9]*")) {
		*chip = PYOCD_CHIP_ANSWERS;
	} else if (cause == RUNNER_NO_CHIP) {
		*chip = PYOCD_CHIP_NONE;
	} else {
		*chip = PYOCD_CHIP_UNKNOWN;
		runner_last_line(said->buf, &last);
		*why = last.len ? arena_strdup(a, last.buf) : "pyOCD said nothing";
	}
}

/* auto_unlock is on by default there: a locked chip would be erased for having been asked. */
static bool ask_status(struct arena *a, const char *id, const char *target, struct strbuf *said,
		       struct process_exit *x, struct err *e)
{
	const char *const options[] = {
		"commander",         "-W", "--no-config", "-u", id,       "-t", target, "-O",
		"auto_unlock=false", "-M", "attach",      "-c", "status",
	};
	struct strv words = { 0 };
	bool ok;

	for (size_t i = 0; i < ARRAY_SIZE(options); i++)
		vec_push(&words, options[i]);
	ok = ask(a, &words, said, x, e);
	vec_free(&words);
	return ok;
}

/* A target whose pack is not there is asked for as any chip. */
bool pyocd_ask_chip(struct arena *a, const struct pyocd_probe *p, enum pyocd_chip *chip,
		    const char **why, struct err *e)
{
	AUTO_STRBUF said = STRBUF_INIT;
	struct process_exit x;

	if (!ask_status(a, p->id, p->target ? p->target : "cortex_m", &said, &x, e))
		return false;
	if (p->target && runner_judge(pyocd_method.runner, said.buf) == RUNNER_PACK_MISSING) {
		strbuf_reset(&said);
		if (!ask_status(a, p->id, "cortex_m", &said, &x, e))
			return false;
	}
	judge(a, &said, &x, chip, why);
	return true;
}
