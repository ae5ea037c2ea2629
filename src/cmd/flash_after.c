/* SPDX-License-Identifier: MIT
 *
 * After the flash, over the boards' REPL: a new file system, and what a board with a user's own firmware remembers of it.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "board/board_info.h"
#include "board/files.h"
#include "board/filesystem.h"
#include "cmd/flash.h"
#include "cmd/global.h"
#include "cmd/list.h"
#include "cmd/pick.h"
#include "flash/emulated.h"
#include "graph/attached.h"
#include "graph/device_step.h"
#include "os/tty.h"

enum { LOCK_MS = 1000, ENTER_MS = 3000, SCRIPT_MS = 10000, ALL_MS = 310000 };

/* --- the boards, as they are now ------------------------------------------------------------------------------- */

/* NULL: none of this run's. */
static const struct flash_item *item_of(const struct flash_work *w, const struct device *d)
{
	for (size_t i = 0; i < w->items.count; i++) {
		const struct flash_item *item = &w->items.items[i];
		const char *id =
			flash_is_done(item) ? device_step_came_back(item->added.step) : NULL;

		if (id && strcmp(id, d->id) == 0)
			return item;
	}
	return NULL;
}

static void keep_ours(const struct flash_work *w, struct devices *list)
{
	size_t *chosen = ARENA_ARRAY(&list->arena, size_t, list->count + 1), n = 0;

	for (size_t i = 0; i < list->count; i++)
		if (item_of(w, &list->items[i]))
			chosen[n++] = i;
	pick_keep(list, chosen, n);
}

static bool find(const struct flash_work *w, bool ask, struct devices *list, struct err *e)
{
	const struct probe_options probe = { .after = PROBE_RESTORE, .ask_emulated = emulated_ask };
	const struct attached_options all = { 0 };

	if (!attached_find(&all, list, e))
		return false;
	keep_ours(w, list);
	return attached_ask(list, ask ? &probe : NULL, global.dir, e);
}

/* All at once. Programs that read events get those alone: one after the other, then, and in silence. */
static bool each(const struct flash_work *w, struct devices *list, pick_each_fn *fn,
		 const char *done, struct err *e)
{
	void *ctx = (void *)(uintptr_t)w;

	if (!list->count)
		return true;
	if (!w->opt->make.json)
		return pick_each(list, fn, ctx, ALL_MS, done, e);
	for (size_t i = 0; i < list->count; i++) {
		AUTO_STRBUF said = STRBUF_INIT;

		if (!fn(ctx, &list->items[i], &said, e))
			return false;
	}
	return true;
}

/* --- --format -------------------------------------------------------------------------------------------------- */

static bool enter(struct device *d, struct stream *tty, struct repl *r, struct err *e)
{
	if (!device_port(d))
		return err_set(e, "it has no port to talk to");
	if (!tty_open(tty, device_port(d), LOCK_MS, e))
		return false;
	repl_init(r, tty);
	return true;
}

static bool format(void *ctx, struct device *d, struct strbuf *said, struct err *e)
{
	const struct flash_item *item = item_of(ctx, d);
	AUTO_STREAM tty = STREAM_INIT;
	struct repl r;
	bool ok;

	if (!filesystem_can(&filesystem_format, item->port))
		return err_set(e, "Failed to format filesystem on %s: not on the port %s",
			       item->where, item->port ? item->port : "of its firmware");
	if (!enter(d, &tty, &r, e))
		return err_wrap(e, "Failed to format filesystem on %s", item->where);
	strbuf_adds(said, "formatted: ");
	ok = repl_enter(&r, ENTER_MS, e) && filesystem_format.run(&r, said, e);
	repl_free(&r);
	return ok || err_wrap(e, "Failed to format filesystem on %s", item->where);
}

static bool format_all(const struct flash_work *w, struct err *e)
{
	AUTO_DEVICES list = DEVICES_INIT;

	return find(w, false, &list, e) && each(w, &list, format, "formatted", e);
}

/* --- --files, behind --format ---------------------------------------------------------------------------------- */

static bool put_files(void *ctx, struct device *d, struct strbuf *said, struct err *e)
{
	const struct flash_work *w = ctx;
	const struct files_options o = { 0 };
	struct local_files files = { 0 };
	struct files_result done;
	bool ok;

	if (!device_port(d))
		return err_set(e, "it has no port to talk to");
	ok = local_files_read(&files, w->opt->files_dir, e) &&
	     files_put_port(device_port(d), &files, &o, &done, e);
	local_files_free(&files);
	if (ok)
		strbuf_addf(said, "%zu files written (%llu bytes), %zu were there already",
			    done.written, (unsigned long long)done.bytes, done.equal);
	return ok || err_wrap(e, "files");
}

static bool put_all(const struct flash_work *w, struct err *e)
{
	AUTO_DEVICES list = DEVICES_INIT;

	return find(w, false, &list, e) && each(w, &list, put_files, "given their files", e);
}

/* --- board_info.toml ------------------------------------------------------------------------------------------- */

/* A TOML string. */
static void add_value(struct strbuf *out, const char *key, const char *value)
{
	if (!value || !*value)
		return;
	strbuf_addf(out, "%s = \"", key);
	for (; *value; value++) {
		if (*value == '"' || *value == '\\')
			strbuf_addch(out, '\\');
		strbuf_addch(out, (unsigned char)*value < ' ' ? ' ' : *value);
	}
	strbuf_adds(out, "\"\n");
}

static bool sets(const char *line, const char *key)
{
	size_t len = strlen(key);

	line += strspn(line, " \t");
	return strncmp(line, key, len) == 0 && line[len + strspn(line + len, " \t")] == '=';
}

static void add_ours(struct strbuf *out, const struct firmware_row *row)
{
	add_value(out, "board_id", row->board_id);
	add_value(out, "custom_id", row->custom_id);
}

/* The file with its other lines as they are: it is its owner's. */
static void merge(struct strbuf *out, const char *old, const struct firmware_row *row)
{
	bool top = true, ours = false, had = false,
	     described = row->description && *row->description;

	add_value(out, "description", row->description);
	for (const char *p = old ? old : ""; *p;) {
		size_t len = strcspn(p, "\n");
		const char *text = p + strspn(p, " \t");

		if (*text == '[') {
			top = false;
			ours = strncmp(text, "[mpflash]", 9) == 0;
			had = had || ours;
		}
		if (!(top && described && sets(p, "description")) &&
		    !(ours && (sets(p, "board_id") || sets(p, "custom_id")))) {
			strbuf_add(out, p, len);
			strbuf_addch(out, '\n');
		}
		if (ours && *text == '[')
			add_ours(out, row);
		p += len + (p[len] == '\n');
	}
	if (!had)
		strbuf_adds(out, "\n[mpflash]\n");
	if (!had)
		add_ours(out, row);
}

static void add_literal(struct strbuf *out, const char *text)
{
	strbuf_addch(out, '\'');
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c < ' ' || c == '\'' || c == '\\')
			strbuf_addf(out, "\\x%02x", c);
		else
			strbuf_addch(out, (char)c);
	}
	strbuf_addch(out, '\'');
}

static bool write_info(void *ctx, struct device *d, struct strbuf *said, struct err *e)
{
	const struct flash_item *item = item_of(ctx, d);
	AUTO_STRBUF text = STRBUF_INIT, script = STRBUF_INIT, trace = STRBUF_INIT;
	AUTO_STREAM tty = STREAM_INIT;
	struct repl r;
	bool ok;

	merge(&text, d->identity.board_info, &item->row);
	strbuf_adds(&script, "f=open('board_info.toml','w')\nf.write(");
	add_literal(&script, text.buf);
	strbuf_adds(&script, ")\nf.close()\n");
	strbuf_adds(said, "board_info.toml written");
	if (!enter(d, &tty, &r, e))
		return false;
	ok = repl_enter(&r, ENTER_MS, e) &&
	     repl_exec(&r, REPL_AUTO, script.buf, script.len, NULL, &trace, SCRIPT_MS, e) &&
	     (!trace.len || err_set(e, "board_info.toml cannot be written: %s", trace.buf)) &&
	     repl_leave(&r, ENTER_MS, e);
	repl_free(&r);
	return ok;
}

/* Not where nothing is to be remembered: released firmware says itself what it is. */
static bool write_infos(const struct flash_work *w, struct err *e)
{
	AUTO_DEVICES list = DEVICES_INIT;
	size_t *chosen, n = 0;

	if (!find(w, true, &list, e))
		return false;
	chosen = ARENA_ARRAY(&list.arena, size_t, list.count + 1);
	for (size_t i = 0; i < list.count; i++)
		if (item_of(w, &list.items[i])->row.custom &&
		    item_of(w, &list.items[i])->row.custom_id)
			chosen[n++] = i;
	pick_keep(&list, chosen, n);
	return each(w, &list, write_info, "told its firmware's name", e);
}

/* --- the table ------------------------------------------------------------------------------------------------- */

static void show(const struct flash_work *w)
{
	AUTO_DEVICES list = DEVICES_INIT;
	AUTO_STRBUF out = STRBUF_INIT;
	AUTO_ERR late = ERR_INIT;

	if (!find(w, w->opt->make.probe, &list, &late))
		log_note("note: %s", late.msg);
	if (!list.count)
		return;
	list_table(&list, tty_columns(STDOUT_FILENO), global.usb, &out);
	printf("Updated boards after flashing\n%s", out.buf);
	fflush(stdout);
}

bool flash_after(const struct flash_work *w, struct err *e)
{
	bool ok = (!w->opt->format || format_all(w, e)) && (!w->opt->files_dir || put_all(w, e)) &&
		  (!w->opt->custom || write_infos(w, e));

	if (!w->opt->make.json && !log_is_quiet())
		show(w);
	return ok;
}
