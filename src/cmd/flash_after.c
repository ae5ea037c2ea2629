/* SPDX-License-Identifier: MIT
 *
 * After the flash, over the boards' REPL: a new file system, and what a board with a user's own firmware remembers of it.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "board/board_info_put.h"
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

enum { LOCK_MS = 1000, ENTER_MS = 3000, ALL_MS = 310000 };

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

/* One after the other, and in silence but for what failed. */
static bool each_in_turn(const struct flash_work *w, struct devices *list, pick_each_fn *fn,
			 const char *done, struct err *e)
{
	size_t failed = 0;

	for (size_t i = 0; i < list->count; i++) {
		AUTO_STRBUF said = STRBUF_INIT;
		AUTO_ERR why = ERR_INIT;

		if (fn((void *)(uintptr_t)w, &list->items[i], &said, &why))
			continue;
		if (why.kind == ERR_INTERRUPTED) {
			err_move(e, &why);
			return false;
		}
		failed++;
		log_note("%s: %s", device_label(&list->items[i]), why.msg);
	}
	return !failed || err_set(e, "%zu of %zu boards were not %s", failed, list->count, done);
}

/* All at once; but programs that read events get those alone. */
static bool each(const struct flash_work *w, struct devices *list, pick_each_fn *fn,
		 const char *done, struct err *e)
{
	if (!list->count)
		return true;
	if (w->opt->make.json)
		return each_in_turn(w, list, fn, done, e);
	return pick_each(list, fn, (void *)(uintptr_t)w, ALL_MS, done, e);
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

static bool write_info(void *ctx, struct device *d, struct strbuf *said, struct err *e)
{
	const struct flash_item *item = item_of(ctx, d);
	const struct board_info_names names = { .description = item->row.description,
						.board_id = item->row.board_id,
						.custom_id = item->row.custom_id };
	AUTO_STREAM tty = STREAM_INIT;
	AUTO_ERR ignored = ERR_INIT;
	struct repl r;
	bool ok;

	strbuf_adds(said, "board_info.toml written");
	if (!enter(d, &tty, &r, e))
		return false;
	ok = repl_enter(&r, ENTER_MS, e) && board_info_put(&r, &names, e) &&
	     repl_leave(&r, ENTER_MS, e);
	if (ok && r.was_busy && !repl_soft_reset(&r, ENTER_MS, &ignored))
		log_note("note: %s: its program was stopped", item->where);
	repl_free(&r);
	return ok;
}

/* Not where nothing is to be remembered: released firmware says itself what it is. */
static bool write_infos(const struct flash_work *w, struct err *e)
{
	AUTO_DEVICES list = DEVICES_INIT;
	size_t *chosen, n = 0;

	if (!find(w, false, &list, e))
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
