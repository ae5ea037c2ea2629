/* SPDX-License-Identifier: MIT
 *
 * PICOBOOT's commands over libusb's bulk transfers.
 */
#include "flash/picoboot_wire.h"

#include <stdio.h>
#include <string.h>

#include "base/xalloc.h"

enum {
	CONTROL_MS = 1000,
	COMMAND_MS = 3000,
	/* A page takes 3 ms, a sector 400 ms at most (W25Q16JV, 9.6); what slower flash may need is added. */
	READ_MS = 5000,
	WRITE_PAGE_MS = 10,
	ERASE_SECTOR_MS = 600,
	REBOOT_DELAY_MS = 100,
	TRIES = 2,
};

enum {
	/* requests */
	INTERFACE_RESET = 0x41,
	COMMAND_STATUS = 0x42,
	/* sizes */
	COMMAND_SIZE = 32,
	STATUS_SIZE = 16,
	ARGUMENTS = 16,
};
#define MAGIC UINT32_C(0x431fd10b)

enum command {
	EXCLUSIVE = 0x01,
	REBOOT = 0x02,
	ERASE = 0x03,
	WRITE = 0x05,
	EXIT_XIP = 0x06,
	REBOOT2 = 0x0a,
	READ = 0x84,
	GET_INFO = 0x8b,
};

enum { REBOOT2_NORMAL = 0, REBOOT2_FLASH_UPDATE = 4 };
#define RP2040_RAM_END UINT32_C(0x20042000)

struct call {
	enum command id;
	uint8_t argument_size;
	uint32_t arguments[ARGUMENTS / 4];
	void *data; /* of its transfer; by the command, it is read from or filled */
	uint32_t size;
	int timeout_ms; /* for the work; 0: COMMAND_MS */
	const char *what;
	bool vague; /* set: it failed, and the chip did not say why: another try may help */
};

static void put32(uint8_t *to, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		to[i] = (uint8_t)(value >> 8 * i);
}

static uint32_t get32(const uint8_t *from)
{
	return from[0] | (uint32_t)from[1] << 8 | (uint32_t)from[2] << 16 | (uint32_t)from[3] << 24;
}

const char *picoboot_status_text(uint32_t status, char text[static 24])
{
	static const char *const names[] = {
		"no error",
		"unknown command",
		"wrong length of the command",
		"wrong length of the data",
		"invalid address",
		"bad alignment",
		"interleaved write",
		"it is rebooting",
		"unknown error",
		"invalid state",
		"not permitted",
		"invalid argument",
		"buffer too small",
		"precondition not met",
		"modified data",
		"invalid data",
		"not found",
		"unsupported modification",
	};

	if (status < ARRAY_SIZE(names))
		return names[status];
	snprintf(text, 24, "status %u", (unsigned)status);
	return text;
}

/* --- the interface -------------------------------------------------------------------------------------------- */

/* Vendor class with two bulk endpoints: interface 1, or 0 when its drive is switched off. */
static bool find_interface(struct picoboot *p, const struct libusb_config_descriptor *config)
{
	for (int i = 0; i < config->bNumInterfaces; i++) {
		const struct libusb_interface_descriptor *f = config->interface[i].altsetting;

		if (f->bInterfaceClass != LIBUSB_CLASS_VENDOR_SPEC || f->bInterfaceSubClass != 0 ||
		    f->bNumEndpoints != 2)
			continue;
		for (int k = 0; k < 2; k++) {
			uint8_t address = f->endpoint[k].bEndpointAddress;

			*(address & LIBUSB_ENDPOINT_IN ? &p->in : &p->out) = address;
		}
		p->interface = f->bInterfaceNumber;
		return p->in && p->out;
	}
	return false;
}

static bool read_interface(struct picoboot *p, struct err *e)
{
	struct libusb_config_descriptor *config;
	bool found;

	if (usb_lib.libusb_get_config_descriptor(usb_lib.libusb_get_device(p->usb.handle), 0,
						 &config) != 0)
		return err_set(e, "USB device at %s does not say what it has", p->device->path);
	found = find_interface(p, config);
	usb_lib.libusb_free_config_descriptor(config);
	return found || err_set(e, "USB device at %s has no PICOBOOT interface", p->device->path);
}

static bool is_halted(const struct picoboot *p, uint8_t endpoint)
{
	uint8_t status[2] = { 0 };
	int got = usb_lib.libusb_control_transfer(
		p->usb.handle, LIBUSB_ENDPOINT_IN | LIBUSB_RECIPIENT_ENDPOINT,
		LIBUSB_REQUEST_GET_STATUS, 0, endpoint, status, sizeof(status), CONTROL_MS);

	return got == sizeof(status) && status[0] & 1;
}

/* From any state to one that takes commands; in picotool's order, which the ROMs are known to take. */
static bool reset_interface(struct picoboot *p, struct err *e)
{
	int status;

	if (is_halted(p, p->in))
		usb_lib.libusb_clear_halt(p->usb.handle, p->in);
	if (is_halted(p, p->out))
		usb_lib.libusb_clear_halt(p->usb.handle, p->out);
	status = usb_lib.libusb_control_transfer(
		p->usb.handle, LIBUSB_REQUEST_TYPE_VENDOR | LIBUSB_RECIPIENT_INTERFACE,
		INTERFACE_RESET, 0, p->interface, NULL, 0, CONTROL_MS);
	p->gone = p->gone || status == LIBUSB_ERROR_NO_DEVICE;
	return status == 0 || err_set(e, "PICOBOOT at %s does not reset: %s", p->device->path,
				      usb_lib.libusb_error_name(status));
}

bool picoboot_open(struct picoboot *p, const struct usb_device *d, struct err *e)
{
	*p = (struct picoboot)PICOBOOT_INIT;
	p->device = d;
	if (usb_open(&p->usb, d, e) && read_interface(p, e) &&
	    usb_open_claim(&p->usb, d, p->interface, NULL, e) && reset_interface(p, e))
		return true;
	picoboot_close(p);
	return false;
}

/* --- one command ------------------------------------------------------------------------------------------------ */

/* The chip's own word on the command that stalled; false: it has none. */
static bool ask_status(struct picoboot *p, uint32_t token)
{
	uint8_t answer[STATUS_SIZE];
	int got = usb_lib.libusb_control_transfer(
		p->usb.handle,
		LIBUSB_ENDPOINT_IN | LIBUSB_REQUEST_TYPE_VENDOR | LIBUSB_RECIPIENT_INTERFACE,
		COMMAND_STATUS, 0, p->interface, answer, sizeof(answer), CONTROL_MS);

	if (got != STATUS_SIZE || get32(answer) != token)
		return false;
	p->status = get32(answer + 4);
	return p->status != PICOBOOT_OK;
}

static bool failed(struct picoboot *p, struct call *c, int status, struct err *e)
{
	char text[24];

	switch (status) {
	case LIBUSB_ERROR_NO_DEVICE:
		p->gone = true;
		return err_set(e, "%s: the board went away", c->what);
	case LIBUSB_ERROR_PIPE:
		if (ask_status(p, p->token))
			return err_set(e, "%s: the chip says: %s", c->what,
				       picoboot_status_text(p->status, text));
		c->vague = true;
		return err_set(e, "%s: the chip refuses and does not say why", c->what);
	case LIBUSB_ERROR_TIMEOUT:
		c->vague = true;
		return err_set(e, "%s: the chip does not answer", c->what);
	default:
		c->vague = true;
		return err_set(e, "%s: %s", c->what,
			       status < 0 ? usb_lib.libusb_error_name(status)
					  : "the chip moved fewer bytes than it was asked for");
	}
}

/* 0, or libusb's error; 1: not all of it. */
static int transfer(struct picoboot *p, uint8_t endpoint, void *data, uint32_t size, int timeout_ms)
{
	int moved = 0;
	int status = usb_lib.libusb_bulk_transfer(p->usb.handle, endpoint, data, (int)size, &moved,
						  (unsigned)timeout_ms);

	return status == 0 && moved != (int)size ? 1 : status;
}

/* The empty packet the other way: the work is done. A byte of room, since a read of none is none. */
static int transfer_end(struct picoboot *p, const struct call *c)
{
	uint8_t nothing[64];
	int moved, timeout = c->timeout_ms ? c->timeout_ms : COMMAND_MS;

	if (c->id & 0x80)
		return transfer(p, p->out, nothing, 0, timeout);
	return usb_lib.libusb_bulk_transfer(p->usb.handle, p->in, nothing, sizeof(nothing), &moved,
					    (unsigned)timeout);
}

static bool run(struct picoboot *p, struct call *c, struct err *e)
{
	uint8_t command[COMMAND_SIZE] = { 0 };
	int status;

	c->vague = false;
	p->status = PICOBOOT_OK;
	put32(command, MAGIC);
	put32(command + 4, ++p->token);
	command[8] = (uint8_t)c->id;
	command[9] = c->argument_size;
	put32(command + 12, c->size);
	for (size_t i = 0; i < ARRAY_SIZE(c->arguments); i++)
		put32(command + 16 + 4 * i, c->arguments[i]);
	status = transfer(p, p->out, command, sizeof(command), COMMAND_MS);
	if (status == 0 && c->size)
		status =
			transfer(p, c->id & 0x80 ? p->in : p->out, c->data, c->size, c->timeout_ms);
	if (status == 0)
		status = transfer_end(p, c);
	return status == 0 || failed(p, c, status, e);
}

/* A command on the flash, or one that asks: what broke is tried again, from EXIT_XIP on. */
static bool run_safely(struct picoboot *p, struct call *c, bool flash, struct err *e)
{
	struct call exit_xip = { .id = EXIT_XIP, .what = "EXIT_XIP" };

	for (int i = 1;; i++) {
		AUTO_ERR reset = ERR_INIT;
		bool vague;

		if (flash && !run(p, &exit_xip, e))
			vague = exit_xip.vague;
		else if (run(p, c, e))
			return true;
		else
			vague = c->vague;
		if (p->gone || !reset_interface(p, &reset) || !vague || i == TRIES)
			return false;
		err_free(e);
	}
}

void picoboot_close(struct picoboot *p)
{
	struct call c = { .id = EXCLUSIVE, .argument_size = 1, .what = "exclusive access" };
	AUTO_ERR ignored = ERR_INIT;

	if (p->exclusive && !p->gone)
		run_safely(p, &c, false, &ignored);
	usb_open_close(&p->usb);
	*p = (struct picoboot)PICOBOOT_INIT;
}

/* --- commands --------------------------------------------------------------------------------------------------- */

bool picoboot_exclusive(struct picoboot *p, struct err *e)
{
	struct call c = {
		.id = EXCLUSIVE, .argument_size = 1, .arguments = { 1 }, .what = "exclusive access"
	};

	p->exclusive = run_safely(p, &c, false, e);
	return p->exclusive;
}

static bool run_range(struct picoboot *p, enum command id, const char *what, uint32_t address,
		      void *data, uint32_t size, int timeout_ms, struct err *e)
{
	char text[64];
	struct call c = {
		.id = id,
		.argument_size = 8,
		.arguments = { address, size },
		.data = data,
		.size = data ? size : 0,
		.timeout_ms = timeout_ms,
		.what = text,
	};

	snprintf(text, sizeof(text), "%s of %u bytes at 0x%08x", what, (unsigned)size,
		 (unsigned)address);
	return run_safely(p, &c, true, e);
}

bool picoboot_read(struct picoboot *p, uint32_t address, void *buf, uint32_t size, struct err *e)
{
	return run_range(p, READ, "read", address, buf, size, READ_MS, e);
}

bool picoboot_erase(struct picoboot *p, uint32_t address, uint32_t size, struct err *e)
{
	return run_range(p, ERASE, "erase", address, NULL, size,
			 COMMAND_MS + (int)(size / PICOBOOT_SECTOR) * ERASE_SECTOR_MS, e);
}

bool picoboot_write(struct picoboot *p, uint32_t address, const void *data, uint32_t size,
		    struct err *e)
{
	/* libusb takes one kind of pointer for both ways; it does not write to what it sends */
	return run_range(p, WRITE, "write", address, (void *)(uintptr_t)data, size,
			 COMMAND_MS + (int)(size / PICOBOOT_PAGE) * WRITE_PAGE_MS, e);
}

bool picoboot_get_info(struct picoboot *p, enum picoboot_info type, uint32_t param,
		       uint32_t words[static PICOBOOT_INFO_WORDS], struct err *e)
{
	uint8_t answer[PICOBOOT_INFO_WORDS * 4];
	struct call c = {
		.id = GET_INFO,
		.argument_size = 16,
		.arguments = { (uint32_t)type, param },
		.data = answer,
		.size = sizeof(answer),
		.timeout_ms = READ_MS,
		.what = "question for its properties",
	};

	/* the partition table is read from flash: RP2350 A2 wants it out of XIP for that */
	if (!run_safely(p, &c, type == PICOBOOT_INFO_PARTITIONS || type == PICOBOOT_INFO_UF2_TARGET,
			e))
		return false;
	for (size_t i = 0; i < PICOBOOT_INFO_WORDS; i++)
		words[i] = get32(answer + 4 * i);
	return words[0] < PICOBOOT_INFO_WORDS ||
	       err_set(e, "%s: the answer makes no sense", c.what);
}

bool picoboot_reboot(struct picoboot *p, bool rp2350, uint32_t updated, struct err *e)
{
	struct call rp2040 = {
		.id = REBOOT,
		.argument_size = 12,
		.arguments = { 0, RP2040_RAM_END, REBOOT_DELAY_MS },
		.what = "reboot",
	};
	struct call c = {
		.id = REBOOT2,
		.argument_size = 16,
		.arguments = { updated ? REBOOT2_FLASH_UPDATE : REBOOT2_NORMAL, REBOOT_DELAY_MS,
			       updated },
		.what = "reboot",
	};

	/* who has gone has obeyed; and when it stays, the wait for the board says so */
	if (run_safely(p, rp2350 ? &c : &rp2040, false, e) || p->gone) {
		p->exclusive = false;
		err_free(e);
		return true;
	}
	return false;
}
