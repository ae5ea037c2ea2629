/* SPDX-License-Identifier: MIT
 *
 * What a device is and what can be done with it, from its parts: before anybody asked it.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/path.h"
#include "base/strbuf.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "board/device_internal.h"

enum { MAX_PLACE = 512 };

static unsigned things_of(const struct device *d)
{
	return d->usb ? d->usb->things : 0;
}

/* --- its id -------------------------------------------------------------------------------------------------- */

const char *device_serial(const struct device *d)
{
	if (d->shared_number)
		return NULL;
	if (d->usb)
		return usb_serial_is_own(d->usb->vid, d->usb->pid, d->usb->serial) ? d->usb->serial
										   : NULL;
	for (size_t i = 0; i < d->port_count; i++) {
		const struct serial_port *p = d->ports[i];

		if (p->usb && usb_serial_is_own(p->vid, p->pid, p->serial))
			return p->serial;
	}
	return NULL;
}

static bool is_same_text(const char *a, const char *b)
{
	return a && b && strcasecmp(a, b) == 0;
}

/* USB is looked at as a whole: a device is what it is, whichever ports the user asked for. */
static bool shares_number(const struct devices *list, const struct device *d)
{
	const char *serial = device_serial(d);

	for (size_t i = 0; serial && i < list->usb.count; i++)
		if (&list->usb.items[i] != d->usb &&
		    is_same_text(list->usb.items[i].serial, serial) &&
		    !is_same_text(list->usb.items[i].path, d->usb_path))
			return true;
	/* where USB cannot be listed, ports have numbers all the same */
	for (size_t i = 0; serial && i < list->ports.count; i++)
		if (is_same_text(list->ports.items[i].serial, serial) &&
		    !is_same_text(list->ports.items[i].usb_path, d->usb_path))
			return true;
	return false;
}

static const char *id_of(struct devices *list, struct device *d)
{
	struct arena *a = &list->arena;
	const char *serial;
	char shown[MAX_PLACE];

	d->shared_number = shares_number(list, d);
	serial = device_serial(d);
	if (serial)
		return arena_printf(a, "usb-%s", serial);
	if (d->usb_path)
		return arena_printf(a, "usb-%s", d->usb_path);
	if (d->port_count)
		return arena_printf(a, "port-%s",
				    strncmp(d->ports[0]->path, "/dev/", 5) == 0
					    ? d->ports[0]->path + 5
					    : d->ports[0]->path);
	utf8_printable(shown, sizeof(shown),
		       d->volume->mount ? d->volume->mount : d->volume->device, sizeof(shown));
	return arena_printf(a, "volume-%s", shown);
}

/* --- what it is ---------------------------------------------------------------------------------------------- */

static bool begins(const char *text, const char *with)
{
	return text && strncasecmp(text, with, strlen(with)) == 0;
}

/* "SAMD51J19A-Feather-v0" -> "SAMD51J19A"; only where the word is a chip's name. */
static const char *chip_of_volume(const struct volume *v, struct arena *a)
{
	static const char *const families[] = { "SAMD", "SAME", "SAML", "nRF52", "STM32", "ESP32" };

	if (!v || !v->board_id)
		return NULL;
	if (begins(v->board_id, "RPI-RP2"))
		return "RP2040";
	if (begins(v->board_id, "RP2350"))
		return "RP2350";
	for (size_t i = 0; i < ARRAY_SIZE(families); i++)
		if (begins(v->board_id, families[i]))
			return arena_strndup(a, v->board_id, strcspn(v->board_id, "-"));
	return NULL;
}

static const char *port_of(const struct device *d)
{
	static const struct {
		const char *chip, *port;
	} ports[] = { { "RP2", "rp2" },
		      { "SAM", "samd" },
		      { "nRF", "nrf" },
		      { "ESP", "esp32" },
		      { "STM32", "stm32" } };

	for (size_t i = 0; d->chip && i < ARRAY_SIZE(ports); i++)
		if (begins(d->chip, ports[i].chip))
			return ports[i].port;
	if (d->usb && things_of(d) & USB_DFU && d->usb->vid == 0x0483 && d->usb->pid == 0xdf11)
		return "stm32";
	if (things_of(d) & USB_RA_BOOT)
		return "renesas-ra";
	return things_of(d) & USB_ESP_JTAG ? "esp32" : NULL;
}

static bool has_drive(const struct device *d)
{
	return d->volume != NULL;
}

static const char *kind_of(const struct device *d, struct arena *a)
{
	unsigned things = things_of(d);
	const char *name;

	if (things & (USB_PROBES | USB_BOOTLOADERS))
		name = usb_things_name(things);
	else if (has_drive(d))
		name = "UF2 bootloader";
	else
		return NULL;
	return d->chip && !(things & USB_PROBES) ? arena_printf(a, "%s of %s", name, d->chip)
						 : name;
}

/* --- what can flash it --------------------------------------------------------------------------------------- */

/* By MicroPython's port: what a board that runs can be led to. */
static const struct {
	const char *port;
	const char *methods[4];
} port_methods[] = {
	{ "esp32", { "esp", "esptool" } }, { "esp8266", { "esp", "esptool" } },
	{ "nrf", { "uf2", "bossac" } },    { "rp2", { "picoboot", "uf2" } },
	{ "samd", { "uf2", "bossac" } },   { "stm32", { "dfu" } },
	{ "mimxrt", { "uf2", "teensy" } },
};

static void probe_methods(unsigned things, struct strv *out)
{
	if (things & USB_JLINK)
		vec_push(out, "jlink");
	if (things & (USB_CMSIS_DAP | USB_STLINK | USB_JLINK)) {
		vec_push(out, "pyocd");
		vec_push(out, "openocd");
		vec_push(out, "probe-rs");
	}
	if (things & USB_STLINK)
		vec_push(out, "stlink");
	if (things & USB_BLACK_MAGIC)
		vec_push(out, "gdb");
}

static void own_methods(const struct device *d, struct strv *out)
{
	unsigned things = things_of(d);
	const char *port = d->has_identity && d->identity.port ? d->identity.port : d->port;

	if (things & USB_DFU)
		vec_push(out, "dfu");
	if (things & USB_PICOBOOT)
		vec_push(out, "picoboot");
	if (has_drive(d))
		vec_push(out, "uf2");
	if (things & (USB_ESP_ROM | USB_ESP_JTAG)) {
		vec_push(out, "esp");
		vec_push(out, "esptool");
	}
	if (things & USB_SAM_BA)
		vec_push(out, "bossac");
	if (things & USB_HALFKAY)
		vec_push(out, "teensy");
	if (out->count || !d->port_count)
		return;
	for (size_t i = 0; port && i < ARRAY_SIZE(port_methods); i++)
		if (strcmp(port_methods[i].port, port) == 0)
			for (size_t k = 0; port_methods[i].methods[k]; k++)
				vec_push(out, port_methods[i].methods[k]);
	if (!out->count && things & USB_RP2_RESET) {
		vec_push(out, "picoboot");
		vec_push(out, "uf2");
	} else if (!out->count && things & USB_DFU_RUNTIME) {
		vec_push(out, "dfu");
	} else if (!out->count && !port && serial_port_is_adapter(d->ports[0])) {
		/* What says nothing there may be an ESP, whose ROM answers all the same. */
		vec_push(out, "esp");
		vec_push(out, "esptool");
	}
}

void device_set_methods(struct devices *list, struct device *d)
{
	struct strv found = { 0 };
	const char **methods;

	if (d->emulator)
		return;
	if (things_of(d) & USB_PROBES)
		probe_methods(things_of(d), &found);
	else
		own_methods(d, &found);
	methods = ARENA_ARRAY(&list->arena, const char *, found.count + 1);
	if (found.count)
		memcpy(methods, found.items, found.count * sizeof(*methods));
	d->methods = methods;
	vec_free(&found);
}

void device_believe(struct devices *list, struct device *d, const char *port)
{
	if (d->emulator || d->has_identity || d->port || !d->port_count ||
	    (d->methods && d->methods[0]))
		return;
	d->port = arena_strdup(&list->arena, port);
	device_set_methods(list, d);
}

/* --- its state ----------------------------------------------------------------------------------------------- */

static void deny(struct arena *a, struct device *d, const char *what, const char *hint)
{
	d->state = DEVICE_DENIED;
	d->why = arena_printf(a, USB_NO_PERMISSION " %s", what);
	d->hint = hint;
}

static void usb_state(struct arena *a, struct device *d)
{
	bool probe = things_of(d) & USB_PROBES;

	d->state = probe ? DEVICE_PROBE : DEVICE_BOOTLOADER;
	/* Denied is what nothing can be done with: a UF2 drive needs no USB rights. */
	if (d->usb && d->usb->denied && !(has_drive(d) && d->volume->mount && !d->volume->denied))
		deny(a, d, d->usb->node,
		     "`mpflash doctor --install-udev` gives your user the rights");
	else if (has_drive(d) && !d->volume->mount && !(things_of(d) & USB_PICOBOOT)) {
		d->why = "its drive is not mounted";
		d->hint = volume_how_to_mount(d->volume, a);
	}
}

static void port_state(struct arena *a, struct device *d)
{
	const struct serial_port *p = d->ports[0];

	d->state = DEVICE_NOT_ASKED;
	if (p->denied) {
		deny(a, d, p->path, "`sudo usermod -a -G dialout $USER`, then log in again");
	} else if (p->holder && strcmp(p->held_by, "mpflash") != 0) {
		/* (another mpflash is waited for, by its lock: it asks for a moment) */
		d->state = DEVICE_HELD;
		d->why = arena_printf(a, "held by %s (pid %ld)", p->held_by, p->holder);
		d->hint = "close that program, then try again";
	}
}

static void describe(struct devices *list, struct device *d)
{
	struct arena *a = &list->arena;
	unsigned things = things_of(d);

	d->id = id_of(list, d);
	d->chip = d->usb ? d->usb->chip : NULL;
	if (!d->chip)
		d->chip = chip_of_volume(d->volume, a);
	d->port = things & USB_PROBES ? NULL : port_of(d);
	d->kind = kind_of(d, a);
	/* What is behind a probe's serial port is asked as any other: on many boards that is where the REPL is. */
	if (d->port_count && (things & USB_PROBES || !(things & USB_BOOTLOADERS || has_drive(d))))
		port_state(a, d);
	else
		usb_state(a, d);
	device_set_methods(list, d);
}

void devices_describe(struct devices *list)
{
	for (size_t i = 0; i < list->count; i++)
		describe(list, &list->items[i]);
}
