/* SPDX-License-Identifier: MIT
 *
 * The ways into a bootloader, one struct each.
 */
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "board/bootloader_internal.h"
#include "board/esp_reset.h"
#include "board/repl.h"
#include "board/usb_control.h"
#include "os/tty.h"

enum {
	LOCK_MS = 500,
	ENTER_MS = 2500,
	TOLD_MS = 700, /* the script sleeps 100 ms; then there is no end of it any more */
	RETURN_MS = 4000,
	SLOW_RETURN_MS = 8000, /* a UF2 drive that is mounted by the desktop */
	MANUAL_MS = 3000,
	HANDS_MS = 120000,
};

static unsigned things_of(const struct device *d)
{
	return d->usb ? d->usb->things : 0;
}

static const struct serial_port *port_of(const struct device *d)
{
	return d->port_count ? d->ports[0] : NULL;
}

bool bootloader_behind_adapter(const struct device *d)
{
	const struct serial_port *p = port_of(d);

	return (p && (!p->usb || serial_port_is_adapter(p))) || things_of(d) & USB_PROBES;
}

static bool has_port(const struct device *d, struct err *e)
{
	if (d->state == DEVICE_HELD || d->state == DEVICE_DENIED)
		return err_set(e, "%s", d->why);
	return device_port(d) || err_set(e, "it has no serial port");
}

/* --- mpy: the firmware is asked over its REPL ---------------------------------------------------------------- */

static const char mpy_script[] = "try:\n"
				 " import machine,time\n"
				 " time.sleep_ms(100)\n"
				 " machine.bootloader()\n"
				 "except AttributeError:\n"
				 " import pyb\n"
				 " pyb.bootloader()\n";
static const char circuitpython_script[] =
	"import microcontroller as m\n"
	"m.on_next_reset(m.RunMode.UF2 if hasattr(m.RunMode,'UF2') else m.RunMode.BOOTLOADER)\n"
	"m.reset()\n";

static bool mpy_fits(const struct device *d, struct err *e)
{
	if (!has_port(d, e))
		return false;
	/* it was asked, and there is no REPL */
	switch (d->state) {
	case DEVICE_SILENT:
	case DEVICE_BUSY:
	case DEVICE_GARBAGE:
		return err_set(e, "it does not answer over its REPL (%s)",
			       device_state_name(d->state));
	default:
		return true;
	}
}

/* The last line of a traceback. */
static void add_cause(const struct strbuf *traceback, struct strbuf *out)
{
	size_t end = traceback->len;
	size_t from;

	while (end && strchr("\r\n", traceback->buf[end - 1]))
		end--;
	for (from = end; from && traceback->buf[from - 1] != '\n';)
		from--;
	strbuf_add(out, traceback->buf + from, end - from);
}

static bool run_script(struct repl *r, const char *script, struct err *e)
{
	AUTO_STRBUF error = STRBUF_INIT;
	AUTO_STRBUF cause = STRBUF_INIT;
	AUTO_STRBUF shown = STRBUF_INIT;
	AUTO_ERR ignored = ERR_INIT;

	/* Who obeys does not get to the end of the script. */
	if (!repl_exec(r, REPL_PLAIN, script, strlen(script), NULL, &error, TOLD_MS, &ignored) ||
	    !error.len)
		return true;
	add_cause(&error, &cause);
	strbuf_add_shown(&shown, cause.buf, 120);
	repl_leave(r, TOLD_MS, &ignored);
	return err_set(e, "its firmware cannot go there (%s)", shown.buf);
}

static bool mpy_tell(const struct device *d, struct err *e)
{
	AUTO_STREAM tty = STREAM_INIT;
	bool circuitpython = d->has_identity && identity_is_circuitpython(&d->identity);
	struct repl r;
	bool ok;

	if (!tty_open(&tty, device_port(d), LOCK_MS, e))
		return false;
	tty_drop_input(&tty);
	repl_init(&r, &tty);
	ok = repl_enter(&r, ENTER_MS, e) &&
	     run_script(&r, circuitpython ? circuitpython_script : mpy_script, e);
	repl_free(&r);
	return ok;
}

const struct bootloader_method mpy_entry = {
	.name = "mpy",
	.title = "machine.bootloader() over the REPL",
	.fits = mpy_fits,
	.tell = mpy_tell,
	.wait_ms = SLOW_RETURN_MS,
};

/* --- touch1200 ----------------------------------------------------------------------------------------------- */

static bool touch_fits(const struct device *d, struct err *e)
{
	if (!has_port(d, e))
		return false;
	if (bootloader_behind_adapter(d))
		return err_set(e, "its serial port is an adapter's, which has no such touch");
	if (things_of(d) & USB_ESP_JTAG)
		return err_set(e, "the chip's own USB has no such touch");
	return true;
}

static bool touch_tell(const struct device *d, struct err *e)
{
	return tty_touch_1200(device_port(d), e);
}

const struct bootloader_method touch1200_entry = {
	.name = "touch1200",
	.title = "its serial port opened and closed at 1200 baud",
	.fits = touch_fits,
	.tell = touch_tell,
	.wait_ms = RETURN_MS,
};

/* --- requests over USB --------------------------------------------------------------------------------------- */

static bool may_open_usb(const struct device *d, struct err *e)
{
	return !d->usb->denied || err_set(e, USB_NO_PERMISSION " %s", d->usb->node);
}

static bool dfu_fits(const struct device *d, struct err *e)
{
	if (!(things_of(d) & USB_DFU_RUNTIME) || things_of(d) & USB_PROBES)
		return err_set(e, "it has no DFU interface");
	return may_open_usb(d, e);
}

static bool dfu_tell(const struct device *d, struct err *e)
{
	return usb_dfu_detach(d->usb, e);
}

const struct bootloader_method dfu_entry = {
	.name = "dfu",
	.title = "DFU detach",
	.fits = dfu_fits,
	.tell = dfu_tell,
	.wait_ms = RETURN_MS,
	.comes_as = USB_DFU,
};

static bool picoboot_fits(const struct device *d, struct err *e)
{
	if (!(things_of(d) & USB_RP2_RESET))
		return err_set(e, "it has no reset interface of pico-sdk's");
	return may_open_usb(d, e);
}

static bool picoboot_tell(const struct device *d, struct err *e)
{
	return usb_rp2_reset(d->usb, true, e);
}

const struct bootloader_method picoboot_entry = {
	.name = "picoboot",
	.title = "the reset interface of pico-sdk",
	.fits = picoboot_fits,
	.tell = picoboot_tell,
	.wait_ms = RETURN_MS,
};

/* --- Espressif's lines --------------------------------------------------------------------------------------- */

enum esp_line bootloader_esp_line(const struct device *d)
{
	const struct serial_port *p = port_of(d);

	if (things_of(d) & USB_ESP_JTAG || (p && p->vid == 0x303a && p->pid == 0x1001))
		return ESP_USB_JTAG;
	return p && p->usb && p->vid == 0x303a ? ESP_USB_OTG : ESP_UART;
}

static bool esp_fits(const struct device *d, struct err *e)
{
	const char *port = bootloader_port(d);

	if (!has_port(d, e))
		return false;
	if (port && strncmp(port, "esp", 3) != 0)
		return err_set(e, "it is no chip of Espressif's");
	return true;
}

static bool esp_tell(const struct device *d, struct err *e)
{
	AUTO_STREAM tty = STREAM_INIT;

	return tty_open(&tty, device_port(d), LOCK_MS, e) &&
	       esp_enter_loader(&tty, bootloader_esp_line(d), e);
}

static bool esp_stays(const struct device *d)
{
	return bootloader_esp_line(d) != ESP_USB_OTG;
}

const struct bootloader_method esp_entry = {
	.name = "esp",
	.title = "DTR and RTS, as Espressif's boards are reset",
	.fits = esp_fits,
	.tell = esp_tell,
	.wait_ms = RETURN_MS,
	.stays = esp_stays,
};

/* --- by hand ------------------------------------------------------------------------------------------------- */

static bool always(const struct device *d, struct err *e)
{
	(void)d;
	(void)e;
	return true;
}

const struct bootloader_method manual_entry = {
	.name = "manual",
	.title = "by hand",
	.fits = always,
	.wait_ms = MANUAL_MS,
};

/* The same where nobody says that it is done. */
const struct bootloader_method unhurried_entry = {
	.name = "manual",
	.title = "by hand",
	.fits = always,
	.wait_ms = HANDS_MS,
};

/* --- the table ----------------------------------------------------------------------------------------------- */

const struct bootloader_method *const bootloader_methods[] = {
	&dfu_entry, &esp_entry, &manual_entry, &mpy_entry, &picoboot_entry, &touch1200_entry, NULL,
};

const struct bootloader_method *bootloader_method_by_name(const char *name)
{
	for (size_t i = 0; bootloader_methods[i]; i++)
		if (strcmp(bootloader_methods[i]->name, name) == 0)
			return bootloader_methods[i];
	return NULL;
}

/* The vendor's id is on nothing else that runs firmware of ours but its own debug probe. */
static bool is_raspberry_pi(const struct device *d, const struct serial_port *p)
{
	return p->vid == 0x2e8a && !(things_of(d) & USB_PROBES);
}

const char *bootloader_port(const struct device *d)
{
	const struct serial_port *p = port_of(d);

	if (d->has_identity && d->identity.port)
		return d->identity.port;
	if (d->port)
		return d->port;
	if (things_of(d) & USB_RP2_RESET || (p && p->usb && is_raspberry_pi(d, p)))
		return "rp2";
	return p && p->usb && p->vid == 0x303a ? "esp32" : NULL;
}
