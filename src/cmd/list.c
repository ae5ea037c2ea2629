/* SPDX-License-Identifier: MIT
 *
 * `mpflash list`: the boards that are there.
 */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "cmd/cmd.h"
#include "cmd/options.h"
#include "flash/emulated.h"
#include "os/dirs.h"

static const char *or_dash(const char *s)
{
	return s && *s ? s : "-";
}

/* "2e8a", "0005", as the Python tool has them. */
static void print_ids(struct json *j, const struct device *d)
{
	char vid[8] = "", pid[8] = "";

	if (d->usb || (d->port_count && d->ports[0]->usb)) {
		snprintf(vid, sizeof(vid), "%04x", d->usb ? d->usb->vid : d->ports[0]->vid);
		snprintf(pid, sizeof(pid), "%04x", d->usb ? d->usb->pid : d->ports[0]->pid);
	}
	json_string(j, "vid", vid);
	json_string(j, "pid", pid);
}

/* The keys of the Python tool's `list --json`, and ours: device, state, methods. */
static void print_json(struct json *j, const struct device *d)
{
	const struct identity *id = &d->identity;
	AUTO_STRBUF build = STRBUF_INIT;

	if (id->build)
		strbuf_addf(&build, "%d", id->build);
	json_object(j, NULL);
	json_string(j, "serialport", device_port(d));
	json_string(j, "family", id->family ? id->family : "unknown");
	json_string(j, "description", id->machine ? id->machine : d->kind ? d->kind : "");
	json_string(j, "version", id->version ? id->version : "");
	json_string(j, "port", id->port ? id->port : d->port ? d->port : "");
	json_string(j, "sys_platform", id->sys_platform ? id->sys_platform : "");
	json_string(j, "cpu", id->cpu ? id->cpu : "");
	json_string(j, "arch", id->arch ? id->arch : "");
	json_string(j, "mpy", id->mpy ? id->mpy : "");
	json_string(j, "build", build.buf);
	json_string(j, "location",
		    d->port_count && d->ports[0]->location ? d->ports[0]->location : "");
	json_object(j, "toml");
	json_object_end(j);
	print_ids(j, d);
	json_string(j, "board", id->board ? id->board : d->board_id ? d->board_id : "");
	json_string(j, "board_id", id->board_id ? id->board_id : d->board_id ? d->board_id : "");
	json_string(j, "variant", id->variant ? id->variant : "");
	json_string(j, "device", d->id);
	json_string(j, "state", device_state_name(d->state));
	json_array(j, "methods");
	for (size_t i = 0; d->methods[i]; i++)
		json_string(j, NULL, d->methods[i]);
	json_array_end(j);
	json_object_end(j);
}

enum { COLUMNS = 6 };

static void cells(const struct device *d, const char *out[COLUMNS])
{
	const struct identity *id = &d->identity;

	out[0] = or_dash(device_port(d));
	out[1] = or_dash(id->family ? id->family : "unknown");
	out[2] = or_dash(id->port ? id->port : d->port);
	out[3] = or_dash(id->board_id ? id->board_id : d->board_id);
	out[4] = or_dash(id->stamp ? id->stamp : id->version);
	out[5] = or_dash(d->why ? d->why : id->machine ? id->machine : d->kind);
}

static void print_table(const struct devices *list)
{
	static const char *const titles[COLUMNS] = { "Serial", "Family",  "Port",
						     "Board",  "Version", "Description" };
	size_t width[COLUMNS];
	const char *row[COLUMNS];

	for (int c = 0; c < COLUMNS; c++)
		width[c] = strlen(titles[c]);
	for (size_t i = 0; i < list->count; i++) {
		cells(&list->items[i], row);
		for (int c = 0; c < COLUMNS; c++)
			if (strlen(row[c]) > width[c])
				width[c] = strlen(row[c]);
	}
	for (size_t i = 0; i <= list->count; i++) {
		if (i)
			cells(&list->items[i - 1], row);
		for (int c = 0; c < COLUMNS - 1; c++)
			printf("%-*s  ", (int)width[c], i ? row[c] : titles[c]);
		puts(i ? row[COLUMNS - 1] : titles[COLUMNS - 1]);
	}
}

static void print_all(const struct devices *list, bool as_json)
{
	AUTO_STRBUF out = STRBUF_INIT;
	struct json j = { .out = &out };

	if (!as_json && list->count)
		print_table(list);
	else if (!as_json)
		fputs("no boards found\n", stderr);
	if (!as_json)
		return;
	json_array(&j, NULL);
	for (size_t i = 0; i < list->count; i++)
		print_json(&j, &list->items[i]);
	json_array_end(&j);
	puts(out.buf);
}

static bool list_devices(bool ask, bool as_json, struct err *e)
{
	AUTO_STRBUF dir = STRBUF_INIT;
	AUTO_DEVICES list = DEVICES_INIT;
	const struct device_query all = { 0 };

	if (!dirs_cache(&dir, e))
		return false;
	strbuf_adds(&dir, "/devices");
	if (!devices_find(&all, &list, e) || !emulated_find(&all, dir.buf, &list, e))
		return false;
	for (size_t i = 0; ask && i < list.count; i++)
		emulated_ask(&list, &list.items[i]);
	print_all(&list, as_json);
	return true;
}

static bool list_run(int argc, char **argv, struct err *e)
{
	bool as_json = false, ask = true;
	const struct option table[] = {
		{ "json", 'j', NULL, OPT_FLAG, NULL, "a JSON array", &as_json },
		{ "probe", 0, NULL, OPT_FLAG, NULL,
		  "ask each board what it runs (default; or --no-probe)", &ask },
		{ 0 },
	};
	struct parsed p;
	bool ok = options_parse(table, argc, argv, &p, e);

	if (ok && p.help) {
		options_print_help(&list_command, NULL, table);
	} else if (ok && p.words.count) {
		ok = err_usage(e, "list takes no words, and got '%s'", p.words.items[0]);
	} else if (ok) {
		ok = list_devices(ask, as_json, e);
	}
	parsed_free(&p);
	return ok;
}

const struct command list_command = {
	.name = "list",
	.alias = "devs",
	.usage = "list [options]",
	.summary = "list the boards that are there, and what they run",
	.run = list_run,
};
