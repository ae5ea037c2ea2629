/* SPDX-License-Identifier: MIT
 *
 * `mpflash erase` and `mpflash format`: boards' own file systems. What is lost is told and asked about before.
 */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "board/filesystem.h"
#include "cmd/choose.h"
#include "cmd/cmd.h"
#include "cmd/global.h"
#include "cmd/options.h"
#include "cmd/pick.h"
#include "flash/emulated.h"
#include "os/tty.h"

enum { LOCK_MS = 1000, ENTER_MS = 3000, ALL_MS = 310000 };

struct erase_options {
	struct pick_options pick;
	const struct filesystem_action *action;
	bool yes;
};

static bool act(void *ctx, struct device *d, struct strbuf *said, struct err *e)
{
	const struct erase_options *o = ctx;
	AUTO_STREAM tty = STREAM_INIT;
	struct repl r;
	bool ok;

	if (!tty_open(&tty, device_port(d), LOCK_MS, e))
		return false;
	strbuf_adds(said, o->action == &filesystem_erase ? "erased: " : "formatted: ");
	repl_init(&r, &tty);
	ok = repl_enter(&r, ENTER_MS, e) && o->action->run(&r, said, e);
	repl_free(&r);
	return ok;
}

static void say_skipped(const struct filesystem_action *a, const struct device *d)
{
	const char *port = d->identity.port;

	if (d->state == DEVICE_HELD && d->why)
		log_note("%s: skipped: %s", device_label(d), d->why);
	else if (d->state != DEVICE_RUNNING)
		log_note("%s: skipped: %s%s%s", device_label(d), device_state_name(d->state),
			 d->why ? ", " : "", d->why ? d->why : "");
	else
		log_note("%s: skipped: %s does not know the port %s", device_label(d), a->name,
			 port ? port : "of its firmware");
}

/* Those that run MicroPython of a port that it can be done with. */
static void keep_able(struct devices *list, const struct erase_options *o)
{
	const struct filesystem_action *a = o->action;
	size_t *chosen = ARENA_ARRAY(&list->arena, size_t, list->count + 1), n = 0;

	for (size_t i = 0; i < list->count; i++) {
		const struct device *d = &list->items[i];

		if (attached_is_left_alone(&o->pick.attached, d))
			log_note("%s: skipped: its board_info.toml says ignore", device_label(d));
		else if (d->state == DEVICE_RUNNING && filesystem_can(a, d->identity.port))
			chosen[n++] = i;
		else
			say_skipped(a, d);
	}
	pick_keep(list, chosen, n);
}

static bool confirm(const struct devices *list, const struct erase_options *o, struct err *e)
{
	AUTO_STRBUF question = STRBUF_INIT;

	if (o->yes)
		return true;
	for (size_t i = 0; i < list->count; i++)
		strbuf_addf(&question, "%s%s (%s)", i ? ", " : "", device_label(&list->items[i]),
			    list->items[i].identity.board_id ? list->items[i].identity.board_id
							     : list->items[i].identity.port);
	strbuf_addf(&question, ": all files on %s are lost. %s?", list->count == 1 ? "it" : "them",
		    o->action == &filesystem_erase ? "Erase" : "Format");
	return choose_yes(question.buf, "--yes", e);
}

static bool run_all(struct erase_options *o, const char *word, struct err *e)
{
	AUTO_DEVICES list = DEVICES_INIT;
	struct probe_options probe = { .after = PROBE_RESTORE, .ask_emulated = emulated_ask };

	if (!pick_devices(&o->pick, word, pick_has_port, &list, e) ||
	    !attached_ask(&list, &probe, global.dir, e))
		return false;
	keep_able(&list, o);
	if (!list.count) {
		err_set(e, "no boards to %s", o->action->name);
		return err_hint(e, "it is for MicroPython boards that answer; `mpflash list` shows "
				   "what each is doing");
	}
	return confirm(&list, o, e) &&
	       pick_each(&list, act, o, ALL_MS,
			 o->action == &filesystem_erase ? "erased" : "formatted", e);
}

static bool run(const struct command *c, const struct filesystem_action *a, int argc, char **argv,
		struct err *e)
{
	struct erase_options o = { .action = a };
	const struct option table[] = {
		ATTACHED_OPTIONS(&o.pick.attached),
		{ "yes", 'y', NULL, OPT_FLAG, NULL, "do not ask", &o.yes },
		INTERACTIVE_OPTION,
		{ 0 },
	};
	struct parsed p;
	bool ok = options_parse(table, argc, argv, &p, e);

	if (ok && p.help)
		options_print_help(c, NULL, table);
	else if (ok && p.words.count > 1)
		ok = err_usage(e, "%s takes one board or glob, and got '%s' too", c->name,
			       p.words.items[1]);
	else if (ok)
		ok = run_all(&o, p.words.count ? p.words.items[0] : NULL, e);
	parsed_free(&p);
	attached_options_free(&o.pick.attached);
	return ok;
}

static bool erase_run(int argc, char **argv, struct err *e)
{
	return run(&erase_command, &filesystem_erase, argc, argv, e);
}

static bool format_run(int argc, char **argv, struct err *e)
{
	return run(&format_command, &filesystem_format, argc, argv, e);
}

const struct command erase_command = {
	.name = "erase",
	.usage = "erase [options] [PORT|ID]",
	.summary = "erase the flash behind boards' file systems (rp2, samd, nrf)",
	.examples = "mpflash erase --serial /dev/ttyACM0\n"
		    "mpflash erase --yes  # without a question\n",
	.words = WORDS_DEVICES,
	.run = erase_run,
};

const struct command format_command = {
	.name = "format",
	.usage = "format [options] [PORT|ID]",
	.summary = "make boards' file systems anew, empty",
	.examples = "mpflash format --serial /dev/ttyACM0\n"
		    "mpflash format --yes  # without a question\n",
	.words = WORDS_DEVICES,
	.run = format_run,
};
