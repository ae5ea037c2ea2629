/* SPDX-License-Identifier: MIT
 *
 * `mpflash bootloader [BOARD]`: brings one board into its bootloader, and says what it is then.
 */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "board/bootloader.h"
#include "cmd/choose.h"
#include "cmd/cmd.h"
#include "cmd/global.h"
#include "cmd/options.h"
#include "cmd/pick.h"
#include "flash/emulated.h"
#include "os/process.h"
#include "os/terminal.h"

struct bootloader_command_options {
	struct pick_options pick;
	const char *method;
	bool only, ask;
};

static void note(void *ctx, const char *text)
{
	(void)ctx;
	log_note("%s", text);
}

static bool press(void *ctx, const char *text, struct err *e)
{
	char line[2];

	(void)ctx;
	fprintf(stderr, "%s\nThen press Enter (Ctrl-D: cancel) ", text);
	if (terminal_line(line, sizeof(line)))
		return true;
	fputc('\n', stderr);
	err_set(e, "cancelled");
	e->kind = ERR_CANCELLED;
	return false;
}

/* "?" asks for one of the ways. */
static bool choose_method(struct bootloader_command_options *o, struct err *e)
{
	struct choose_question q = { .prompt = "which way?", .instead = "--method NAME" };
	struct choice items[16];
	size_t count = 0, chosen[16], number;

	if (!o->method || strcmp(o->method, "?") != 0)
		return true;
	for (; bootloader_methods[count]; count++)
		items[count] = (struct choice){ bootloader_methods[count]->name,
						bootloader_methods[count]->title };
	if (!choose(&q, items, count, chosen, &number, e))
		return false;
	o->method = items[chosen[0]].name;
	return true;
}

static bool check_method(const char *name, struct err *e)
{
	AUTO_STRBUF names = STRBUF_INIT;

	if (!name || strcmp(name, "auto") == 0 || strcmp(name, "none") == 0 ||
	    bootloader_method_by_name(name))
		return true;
	for (size_t i = 0; bootloader_methods[i]; i++)
		strbuf_addf(&names, ", %s", bootloader_methods[i]->name);
	return err_usage(e, "there is no way '%s' into a bootloader; there are auto, none%s", name,
			 names.buf);
}

static bool enter(const struct bootloader_command_options *o, struct device *d, struct err *e)
{
	struct bootloader_options how = {
		.method = o->method,
		.only = o->only,
		.note = note,
		.press = choose_can_ask() ? press : NULL,
	};
	struct bootloader_entered entered;
	const char *kind;

	if (!bootloader_enter(d, &how, &entered, e))
		return false;
	kind = entered.device->kind ? entered.device->kind : "in its bootloader";
	printf("%s: %s%s%s%s\n", device_label(d), entered.method ? "" : "already ", kind,
	       strcmp(device_label(d), device_label(entered.device)) == 0 ? "" : ", now ",
	       strcmp(device_label(d), device_label(entered.device)) == 0
		       ? ""
		       : device_label(entered.device));
	devices_free(&entered.list);
	return true;
}

static bool run_it(struct bootloader_command_options *o, const char *word, struct err *e)
{
	AUTO_DEVICES list = DEVICES_INIT;
	struct probe_options probe = { .after = PROBE_LEAVE, .ask_emulated = emulated_ask };

	process_catch_interrupts();
	if (!choose_method(o, e) || !check_method(o->method, e) ||
	    !pick_one(&o->pick, word, NULL, &list, e))
		return false;
	/* The port decides on the ways: who is not known by his ids is asked. */
	if (o->ask && !bootloader_is_in(&list.items[0]) && !bootloader_port(&list.items[0]) &&
	    !attached_ask(&list, &probe, global.dir, e))
		return false;
	return enter(o, &list.items[0], e);
}

static bool bootloader_run(int argc, char **argv, struct err *e)
{
	struct bootloader_command_options o = { .ask = true };
	const struct option table[] = {
		ATTACHED_OPTIONS(&o.pick.attached),
		{ "method", 0, "bootloader", OPT_STRING, "NAME",
		  "the way to try first: mpy, touch1200, dfu, picoboot, esp, manual (? asks)",
		  &o.method },
		{ "only", 0, NULL, OPT_FLAG, NULL, "that way, and no other after it", &o.only },
		{ "probe", 0, NULL, OPT_FLAG, NULL,
		  "ask a board that is not known what it is (default; or --no-probe)", &o.ask },
		INTERACTIVE_OPTION,
		{ 0 },
	};
	struct parsed p;
	bool ok = options_parse(table, argc, argv, &p, e);

	if (ok && p.help)
		options_print_help(&bootloader_command, NULL, table);
	else if (ok && p.words.count > 1)
		ok = err_usage(e, "bootloader takes one board, and got '%s' too", p.words.items[1]);
	else if (ok)
		ok = run_it(&o, p.words.count ? p.words.items[0] : NULL, e);
	parsed_free(&p);
	attached_options_free(&o.pick.attached);
	return ok;
}

const struct command bootloader_command = {
	.name = "bootloader",
	.usage = "bootloader [options] [PORT|ID]",
	.summary = "bring a board into its bootloader",
	.examples = "mpflash bootloader  # the only board\n"
		    "mpflash bootloader --serial /dev/ttyACM0 --method touch1200\n",
	.words = WORDS_DEVICES,
	.run = bootloader_run,
};
