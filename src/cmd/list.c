/* SPDX-License-Identifier: MIT
 *
 * `mpflash list`: the boards that are there, in whatever state they are.
 */
#include "cmd/list.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "board/board_info.h"
#include "cmd/attached_options.h"
#include "cmd/cmd.h"
#include "cmd/global.h"
#include "cmd/options.h"
#include "flash/emulated.h"
#include "os/tty.h"

struct list_options {
	struct attached_options attached;
	bool as_json, show, ask;
	bool reset, leave;
};

static void leave_out(struct devices *list, const struct attached_options *o)
{
	size_t kept = 0;

	for (size_t i = 0; i < list->count; i++) {
		struct device *d = &list->items[i];

		if (attached_is_left_alone(o, d)) {
			log_note("%s: left out, its board_info.toml says ignore", device_label(d));
			identity_free(&d->identity);
			continue;
		}
		list->items[kept++] = *d;
	}
	list->count = kept;
}

static bool same_hint(const struct device *a, const struct device *b)
{
	return a->hint && b->hint && strcmp(a->hint, b->hint) == 0;
}

/* One line for all that have this hint. */
static void print_hint(const struct devices *list, size_t first)
{
	const struct device *d = &list->items[first];

	for (size_t i = 0; i < first; i++)
		if (same_hint(&list->items[i], d))
			return;
	fputs("hint: ", stderr);
	for (size_t i = first; i < list->count; i++)
		if (same_hint(&list->items[i], d))
			fprintf(stderr, "%s%s", i == first ? "" : ", ",
				device_label(&list->items[i]));
	fprintf(stderr, ": %s\n", d->hint);
}

static void print_interrupted(const struct device *d, bool left)
{
	/* of one that answered, what is wrong is how it was left */
	const char *why = d->has_identity ? d->why : NULL;

	if (why)
		fprintf(stderr, "%s: %s\n", device_label(d), why);
	else
		fprintf(stderr, "%s: its program was stopped to ask%s\n", device_label(d),
			left ? "" : ", and started again");
}

static void print_remarks(const struct devices *list, const struct list_options *o)
{
	if (log_is_quiet())
		return;
	for (size_t i = 0; i < list->count; i++)
		if (list->items[i].interrupted)
			print_interrupted(&list->items[i], o->leave);
	/* programs read the states */
	for (size_t i = 0; !o->as_json && i < list->count; i++)
		if (list->items[i].hint)
			print_hint(list, i);
	if (list->note)
		fprintf(stderr, "note: %s\n", list->note);
}

static bool print_list(const struct devices *list, const struct list_options *o, struct err *e)
{
	AUTO_STRBUF out = STRBUF_INIT;

	if (o->as_json) {
		list_json(list, &out);
		strbuf_addch(&out, '\n');
	} else if (list->count && o->show && !log_is_quiet()) {
		list_table(list, tty_columns(STDOUT_FILENO), global.usb, &out);
	}
	fputs(out.buf, stdout);
	fflush(stdout);
	print_remarks(list, o);
	if (list->count || o->as_json)
		return true;
	err_set(e, "no boards found");
	return err_hint(e, "%s",
			o->attached.serial.count
				? "without --serial all are looked for"
				: "is the cable one for data? `mpflash doctor` looks for reasons");
}

static bool list_devices(const struct list_options *o, struct err *e)
{
	AUTO_DEVICES list = DEVICES_INIT;
	struct probe_options probe = {
		.after = o->reset   ? PROBE_RESET
			 : o->leave ? PROBE_LEAVE
				    : PROBE_RESTORE,
		.ask_emulated = emulated_ask,
	};

	if (!attached_find(&o->attached, &list, e) ||
	    !attached_ask(&list, o->ask ? &probe : NULL, global.dir, e))
		return false;
	leave_out(&list, &o->attached);
	return print_list(&list, o, e);
}

static bool list_run(int argc, char **argv, struct err *e)
{
	struct list_options o = { .show = true, .ask = true };
	const struct option table[] = {
		{ "json", 'j', NULL, OPT_FLAG, NULL, "a JSON array", &o.as_json },
		{ "usb", 'u', NULL, OPT_FLAG, NULL, "show USB ids and locations too", &global.usb },
		ATTACHED_OPTIONS(&o.attached),
		{ "probe", 0, NULL, OPT_FLAG, NULL,
		  "ask each board what it runs (default; or --no-probe)", &o.ask },
		{ "progress", 0, NULL, OPT_FLAG, NULL, "show the table (default; or --no-progress)",
		  &o.show },
		{ "reset", 0, NULL, OPT_FLAG, NULL, "reset every board that answered", &o.reset },
		{ "no-reset", 0, NULL, OPT_FLAG, NULL,
		  "leave a program stopped that was stopped to ask (default: it is started again)",
		  &o.leave },
		{ 0 },
	};
	struct parsed p;
	bool ok = options_parse(table, argc, argv, &p, e);

	if (ok && p.help) {
		options_print_help(&list_command, NULL, table);
	} else if (ok && p.words.count) {
		ok = err_usage(e, "list takes no words, and got '%s'", p.words.items[0]);
	} else if (ok && o.reset && o.leave) {
		ok = err_usage(e, "--reset and --no-reset are one too many");
	} else if (ok) {
		ok = list_devices(&o, e);
	}
	parsed_free(&p);
	attached_options_free(&o.attached);
	return ok;
}

const struct command list_command = {
	.name = "list",
	.alias = "devs",
	.usage = "list [options]",
	.summary = "list the boards that are there, and what they run",
	.examples = "mpflash list\n"
		    "mpflash list --json\n"
		    "mpflash --usb list --serial '/dev/ttyACM*'\n",
	.run = list_run,
};
