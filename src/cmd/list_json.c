/* SPDX-License-Identifier: MIT
 *
 * Devices as JSON. Texts that are not known are "", as in the Python tool, which programs read already.
 */
#include <string.h>

#include "base/json.h"
#include "board/board_info.h"
#include "cmd/list.h"

void list_version(const struct identity *id, struct strbuf *out)
{
	static const char preview[] = "-preview";
	size_t len;

	if (!id->version)
		return;
	strbuf_adds(out, id->version);
	len = strlen(id->version);
	if (id->build &&
	    (len < strlen(preview) || strcmp(id->version + len - strlen(preview), preview) != 0))
		strbuf_adds(out, preview);
}

static const char *or_empty(const char *s)
{
	return s ? s : "";
}

static void put_board(struct json *j, const struct device *d)
{
	AUTO_IDENTITY recalled = IDENTITY_INIT;
	const struct identity *id = &d->identity;

	if (!id->board_id && d->board_id) {
		identity_set_board_id(&recalled, d->board_id);
		id = &recalled;
	}
	json_string(j, "board", or_empty(id->board));
	json_string(j, "board_id",
		    id->board_id      ? id->board_id
		    : d->has_identity ? "UNKNOWN_BOARD"
				      : "");
	json_string(j, "variant", or_empty(id->variant));
}

static void put_toml(struct json *j, const struct identity *id)
{
	AUTO_ARENA a = ARENA_INIT;
	struct board_info info;

	board_info_parse(id->board_info, &a, &info);
	board_info_json(&info, j, "toml");
}

static void put_usb(struct json *j, const struct device *d)
{
	const struct serial_port *p = d->port_count ? d->ports[0] : NULL;

	json_int(j, "vid", p && p->usb ? p->vid : d->usb ? d->usb->vid : 0);
	json_int(j, "pid", p && p->usb ? p->pid : d->usb ? d->usb->pid : 0);
}

static const char *location(const struct device *d)
{
	const char *of_port = d->port_count ? d->ports[0]->location : NULL;

	return or_empty(of_port ? of_port : d->usb_path);
}

static void put_firmware(struct json *j, const struct device *d)
{
	const struct identity *id = &d->identity;
	AUTO_STRBUF version = STRBUF_INIT;

	list_version(id, &version);
	json_string(j, "family", id->family ? id->family : "unknown");
	json_string(j, "description", or_empty(id->machine ? id->machine : d->kind));
	json_string(j, "version", version.buf);
	json_string(j, "port", or_empty(id->port ? id->port : d->port));
	json_string(j, "sys_platform", or_empty(id->sys_platform));
	json_string(j, "cpu", or_empty(id->cpu));
	json_string(j, "arch", or_empty(id->arch));
	json_string(j, "mpy", or_empty(id->mpy));
}

static void put_device(struct json *j, const struct device *d)
{
	AUTO_STRBUF build = STRBUF_INIT;

	if (d->identity.build)
		strbuf_addf(&build, "%d", d->identity.build);
	json_object(j, NULL);
	json_string(j, "serialport", or_empty(device_port(d)));
	put_firmware(j, d);
	json_string(j, "build", build.buf);
	json_string(j, "location", location(d));
	put_toml(j, &d->identity);
	put_usb(j, d);
	put_board(j, d);
	json_string(j, "device", d->id);
	json_string(j, "state", device_state_name(d->state));
	json_array(j, "methods");
	for (size_t i = 0; d->methods[i]; i++)
		json_string(j, NULL, d->methods[i]);
	json_array_end(j);
	json_object_end(j);
}

void list_json(const struct devices *list, struct strbuf *out)
{
	struct json j = { .out = out };

	json_array(&j, NULL);
	for (size_t i = 0; i < list->count; i++)
		put_device(&j, &list->items[i]);
	json_array_end(&j);
}
