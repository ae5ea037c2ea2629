/* SPDX-License-Identifier: MIT
 *
 * What `mpflash flash` tells: the plan, failures in the words that scripts look for, and the boards as they are afterwards.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/path.h"
#include "board/bootloader.h"
#include "cmd/flash.h"
#include "flash/runner.h"
#include "graph/methods.h"
#include "graph/recipe.h"
#include "os/process.h"

/* --- the plan ------------------------------------------------------------------------------------------------- */

/* "stm32/PYBV11-v1.26.0.dfu as .hex" */
static void add_file(const struct flash_work *w, const struct flash_item *item, struct strbuf *out)
{
	const struct flash_added *a = &item->added;

	strbuf_adds(out, item->row.file && item->image ? item->row.file : a->file);
	if (a->format && strcmp(path_ext(a->file), a->format) != 0)
		strbuf_addf(out, " as .%s", a->format);
	if (w->opt->build)
		strbuf_addf(out, " of %s", w->ref ? w->ref : w->s->tree.root);
}

static void tell_item(const struct flash_work *w, const struct flash_item *item)
{
	AUTO_STRBUF file = STRBUF_INIT;
	const char *version = item->version ? item->version : "what is built";

	add_file(w, item, &file);
	report_note(w->s->report, "%s %s on %s to %s: %s, by %s",
		    w->opt->make.dry_run ? "would be updating" : "Updating", item->board_id,
		    item->where, version, file.buf, item->added.method->name);
}

void flash_tell_plan(const struct flash_work *w)
{
	for (size_t i = 0; i < w->items.count; i++)
		if (w->items.items[i].added.step)
			tell_item(w, &w->items.items[i]);
}

/* --- failures ------------------------------------------------------------------------------------------------- */

static bool is_installed(const struct runner *r)
{
	AUTO_ARENA a = ARENA_INIT;
	char *names = arena_strdup(&a, r->programs), *rest = NULL;
	bool found = false;

	for (char *name = strtok_r(names, " ", &rest); name && !found;
	     name = strtok_r(NULL, " ", &rest)) {
		AUTO_FREE char *path = process_find_program(name, getenv("PATH"));

		found = path != NULL;
	}
	return found;
}

static bool is_of_port(const struct flash_work *w, const struct flash_item *item,
		       const char *method)
{
	AUTO_ERR none = ERR_INIT;
	struct strv names = { 0 };
	bool found = false;

	if (recipe_words(item->recipe->s, item->recipe, "flash", &names, &none))
		for (size_t i = 0; i < names.count; i++)
			found = found || strcmp(names.items[i], method) == 0;
	vec_free(&names);
	(void)w;
	return found;
}

/* The word in brackets: what the method lacks. */
static const char *category(const struct flash_work *w, const struct flash_item *item,
			    const struct flash_method *m)
{
	if (!is_of_port(w, item, m->name))
		return "port";
	if (m->runner && !is_installed(m->runner))
		return "dependency";
	return m->runner && m->runner->probes ? "probe" : "port";
}

static bool is_denied(const struct device *d)
{
	return d && (d->state == DEVICE_DENIED || (d->usb && d->usb->denied));
}

static bool say(struct err *e, const char *hint, const struct strbuf *text)
{
	AUTO_FREE char *kept = hint ? xstrdup(hint) : NULL;
	enum err_kind kind = e->kind;

	err_set(e, "%s", text->buf);
	e->kind = kind;
	return kept ? err_hint(e, "%s", kept) : false;
}

bool flash_explain(const struct flash_work *w, const struct flash_item *item, struct err *e)
{
	const char *asked = w->opt->method;
	const struct flash_method *m = asked ? methods_find(w->s->methods, asked) : NULL;
	AUTO_STRBUF text = STRBUF_INIT;

	if (is_denied(item->device)) {
		strbuf_addf(&text,
			    "Insufficient permissions to access %s: %s. Install the udev rule",
			    item->where, e->msg);
		return say(e, "`mpflash doctor --install-udev` gives your user the rights", &text);
	}
	if (m)
		strbuf_addf(&text, "Backend '%s' cannot flash %s on %s: [%s] %s", asked,
			    item->board_id, item->where, category(w, item, m), e->msg);
	else
		strbuf_addf(&text, "No flash backend can handle %s on %s: %s", item->board_id,
			    item->where, e->msg);
	return say(e, e->hint, &text);
}

/* What became of a step, in one line. */
static void add_step_failure(const struct flash_work *w, const struct flash_item *item,
			     struct strbuf *out)
{
	const char *error = item->added.step->error, *way = w->opt->make.bootloader;

	if (!error)
		error = "it was not tried, since what it needs failed";
	if (way && strcmp(way, "none") == 0 && item->device && !bootloader_is_in(item->device))
		strbuf_addf(out, "Board is not in bootloader mode: %s on %s: %s", item->board_id,
			    item->where, error);
	else if (strstr(error, BOOTLOADER_NOT_IN))
		strbuf_addf(out, "Failed to enter bootloader for %s on %s: %s", item->board_id,
			    item->where, error);
	else
		strbuf_addf(out, "Failed to flash %s on %s: %s", item->board_id, item->where,
			    error);
}

bool flash_is_done(const struct flash_item *item)
{
	return item->added.step && step_is_settled(item->added.step);
}

/* One failure as it is; several in one message. */
static bool sum_up(const struct flash_work *w, struct err *e)
{
	AUTO_STRBUF text = STRBUF_INIT;
	AUTO_FREE char *hint = e->hint ? xstrdup(e->hint) : NULL;
	size_t failed = 0;

	for (size_t i = 0; i < w->items.count; i++)
		failed += !flash_is_done(&w->items.items[i]);
	if (failed == w->items.count)
		strbuf_adds(&text, "No boards were flashed");
	else
		strbuf_addf(&text, "%zu of %zu boards were not flashed", failed, w->items.count);
	for (size_t i = 0; i < w->items.count; i++) {
		const struct flash_item *item = &w->items.items[i];

		if (flash_is_done(item))
			continue;
		strbuf_adds(&text, failed == 1 ? ": " : "\n");
		if (item->added.step)
			add_step_failure(w, item, &text);
		else
			strbuf_adds(&text, item->failure.msg ? item->failure.msg : item->board_id);
		if (!hint && item->failure.hint)
			hint = xstrdup(item->failure.hint);
	}
	err_set(e, "%s", text.buf);
	return hint ? err_hint(e, "%s", hint) : false;
}

/* --- afterwards ----------------------------------------------------------------------------------------------- */

/* Once for each board of the library. */
static void tell_again(const struct flash_work *w)
{
	for (size_t i = 0; i < w->items.count; i++) {
		const struct flash_item *item = &w->items.items[i];
		struct version v;
		AUTO_STRBUF version = STRBUF_INIT;
		bool told = !flash_is_done(item);

		for (size_t k = 0; k < i && !told; k++)
			told = strcmp(w->items.items[k].board_id, item->board_id) == 0;
		if (told || !version_parse(&v, node_stamp(item->added.built)))
			continue;
		version_text(&v, &version);
		printf("%sTo flash this built firmware again without rebuilding:\n"
		       "  mpflash flash --board %s --version %s\n",
		       i ? "" : "\n", item->board_id, version.buf);
	}
	fflush(stdout);
}

bool flash_tell_end(const struct flash_work *w, bool ran, struct err *e)
{
	AUTO_ERR after = ERR_INIT;
	size_t done = 0;

	for (size_t i = 0; i < w->items.count; i++)
		done += flash_is_done(&w->items.items[i]);
	if (done && !w->opt->make.dry_run && e->kind != ERR_INTERRUPTED) {
		ran = flash_after(w, &after) && ran;
		if (w->opt->build && !w->opt->make.json && !log_is_quiet())
			tell_again(w);
	}
	if (w->opt->make.dry_run && ran) {
		for (size_t i = 0; i < w->items.count; i++)
			if (w->items.items[i].failure.msg)
				return sum_up(w, e);
		return true;
	}
	if (done != w->items.count && e->kind != ERR_INTERRUPTED)
		return sum_up(w, e);
	if (after.msg && !e->msg)
		err_move(e, &after);
	return ran;
}
