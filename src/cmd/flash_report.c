/* SPDX-License-Identifier: MIT
 *
 * What `mpflash flash` tells: the plan, failures in the words that scripts look for, and the boards as they are afterwards.
 */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/path.h"
#include "board/bootloader.h"
#include "cmd/flash.h"
#include "flash/runner.h"
#include "graph/methods.h"
#include "graph/recipe.h"
#include "graph/results.h"

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
			    const struct flash_method *m, const char *error)
{
	if (!is_of_port(w, item, m->name))
		return "port";
	if (strstr(error, "is not installed"))
		return "dependency";
	return m->runner && m->runner->probes ? "probe" : "port";
}

static bool say(struct err *e, const char *hint, const struct strbuf *text)
{
	AUTO_FREE char *kept = hint ? xstrdup(hint) : NULL;
	enum err_kind kind = e->kind;

	err_set(e, "%s", text->buf);
	e->kind = kind;
	return kept ? err_hint(e, "%s", kept) : false;
}

/* The error without the name of its step, "stm32/PYBV11 flash on /dev/ttyACM1: ": board and device are told in other words. */
static const char *bare(const struct flash_item *item, const char *error)
{
	AUTO_STRBUF step = STRBUF_INIT;

	strbuf_addf(&step, "%s flash on %s: ", item->recipe->id, item->where);
	if (strncmp(error, step.buf, step.len) == 0)
		return error + step.len;
	strbuf_reset(&step);
	strbuf_addf(&step, "%s flash: ", item->recipe->id);
	return strncmp(error, step.buf, step.len) == 0 ? error + step.len : error;
}

/* What the udev rule is for is USB; of a serial port the device's own hint says what helps. */
static void add_denied(const struct flash_item *item, const char *error, struct strbuf *out)
{
	bool port = item->device && item->device->state == DEVICE_DENIED &&
		    item->device->port_count && item->device->ports[0]->denied;

	strbuf_addf(out, "Insufficient permissions to access %s: %s%s", item->where,
		    bare(item, error), port ? "" : ". Install the udev rule");
}

bool flash_explain(const struct flash_work *w, const struct flash_item *item, struct err *e)
{
	const char *asked = w->opt->method;
	const struct flash_method *m = asked ? methods_find(w->s->methods, asked) : NULL;
	AUTO_STRBUF text = STRBUF_INIT, where = STRBUF_INIT;

	if (item->device)
		strbuf_addf(&where, " on %s", item->where);
	if (strstr(e->msg, USB_NO_PERMISSION))
		add_denied(item, e->msg, &text);
	else if (strncmp(e->msg, "--erase", strlen("--erase")) == 0)
		strbuf_addf(&text, "Invalid flash option combination. %s", e->msg);
	else if (m)
		strbuf_addf(&text, "Backend '%s' cannot flash %s%s: [%s] %s", asked, item->board_id,
			    where.buf, category(w, item, m, e->msg), bare(item, e->msg));
	else
		strbuf_addf(&text, "No flash backend can handle %s%s: %s", item->board_id,
			    where.buf, bare(item, e->msg));
	return say(e, e->hint, &text);
}

/* In full where it is told first, with the lines of a compiler. */
static const char *failed_need(const struct flash_work *w, const struct flash_item *item)
{
	const struct step *need = results_failed_need(item->added.step);

	if (!need || !need->error)
		return "it was not tried, since what it needs failed";
	for (const struct flash_item *i = w->items.items; i < item; i++)
		if (i->added.step && results_failed_need(i->added.step) == need)
			return arena_printf(&w->s->arena, "%s failed", need->recipe->id);
	return need->error;
}

/* "firmware.xyz: ...", "firmware.elf (ELF32 executable): ...": it cannot be read as firmware. */
static bool is_of_file(const struct flash_item *item, const char *error)
{
	size_t len = item->image ? strlen(item->image) : 0;

	return len && strncmp(error, item->image, len) == 0 &&
	       (error[len] == ':' || error[len] == ' ');
}

/* What became of a step. */
static void add_step_failure(const struct flash_work *w, const struct flash_item *item,
			     struct strbuf *out)
{
	const char *error = item->added.step->error, *way = w->opt->make.bootloader;

	error = error ? bare(item, error) : failed_need(w, item);
	if (is_of_file(item, error))
		strbuf_addf(out, "Backend '%s' cannot flash %s on %s: [format] %s",
			    item->added.method->name, item->board_id, item->where, error);
	else if (strstr(error, USB_NO_PERMISSION))
		add_denied(item, error, out);
	else if (way && strcmp(way, "none") == 0 && item->device && !bootloader_is_in(item->device))
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

int flash_left_alone(const struct flash_work *w)
{
	size_t count = w->passed_over;

	for (size_t i = 0; i < w->items.count; i++)
		count += !w->items.items[i].added.step;
	return (int)count;
}

/* `flash` has no --from, which the reader of a file without a format asks for. */
static bool add_converting(const struct flash_work *w, const char *hint, struct strbuf *out)
{
	static const char start[] = "give its format: --from with ";
	const char *file = w->opt->make.image;
	const struct flash_method *m = w->items.items[0].added.method;
	int stem = file ? (int)(strlen(file) - strlen(path_ext(file))) : 0;

	if (!file || !m || strncmp(hint, start, strlen(start)) != 0)
		return false;
	if (stem && file[stem - 1] == '.')
		stem--;
	strbuf_addf(out, "`mpflash convert --from FORMAT %s %.*s.%s` makes one of it; FORMAT is %s",
		    file, stem, file, m->formats[0], hint + strlen(start));
	return true;
}

/* With -n those that would be done are no failures. */
static bool has_failed(const struct flash_work *w, const struct flash_item *item)
{
	const struct step *step = item->added.step;

	return w->opt->make.dry_run && step ? step->error || results_failed_need(step)
					    : !flash_is_done(item);
}

/* One failure as it is; several in one message. */
static bool sum_up(const struct flash_work *w, struct err *e)
{
	AUTO_STRBUF text = STRBUF_INIT, advice = STRBUF_INIT;
	AUTO_FREE char *hint = e->hint ? xstrdup(e->hint) : NULL;
	size_t failed = 0;

	for (size_t i = 0; i < w->items.count; i++)
		failed += has_failed(w, &w->items.items[i]);
	if (failed == w->items.count)
		strbuf_adds(&text, "No boards were flashed");
	else
		strbuf_addf(&text, "%zu of %zu boards %s", failed, w->items.count,
			    w->opt->make.dry_run ? "cannot be flashed" : "were not flashed");
	for (size_t i = 0; i < w->items.count; i++) {
		const struct flash_item *item = &w->items.items[i];

		if (!has_failed(w, item))
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
	if (hint && add_converting(w, hint, &advice))
		return err_hint(e, "%s", advice.buf);
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
			told = flash_is_done(&w->items.items[k]) &&
			       strcmp(w->items.items[k].board_id, item->board_id) == 0;
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
