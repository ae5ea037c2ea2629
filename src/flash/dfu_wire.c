/* SPDX-License-Identifier: MIT
 *
 * DFU requests over libusb.
 */
#include "flash/dfu_wire.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/vec.h"
#include "os/clock.h"

enum {
	CLASS_OUT = 0x21,
	CLASS_IN = 0xa1,
	DNLOAD = 1,
	UPLOAD = 2,
	GETSTATUS = 3,
	CLRSTATUS = 4,
	GETSTATE = 5,
	ABORT = 6,
	REQUEST_MS = 5000,
	BUSY_MS = 20000, /* a chip that erases may not even answer; pydfu waits as long */
	LEAVE_MS = 1000, /* to the answer of one that leaves */
	MANIFEST_MS = 30000,
	LONGEST_POLL = 30000, /* no sector takes longer; some devices say hours */
	BOGUS_POLL = 5,
	SLOWEST_POLL = 50,
	TO_IDLE = 6, /* requests that may be needed */
};

enum { CMD_POINTER = 0x21, CMD_ERASE = 0x41, CMD_UNPROTECT = 0x92 };

/* What GETSTATUS says. */
struct answer {
	unsigned status, poll_ms;
	enum dfu_state state;
};

static bool device_error(const struct dfu_wire *w, const char *what, int status, struct err *e)
{
	const struct usb_device *d = w->device;

	if (status == LIBUSB_ERROR_NO_DEVICE)
		return err_set(e, "%s: %04x:%04x at %s is gone", what, d->vid, d->pid, d->path);
	return err_set(e, "%s: %04x:%04x at %s: %s", what, d->vid, d->pid, d->path,
		       status < 0 ? usb_lib.libusb_error_name(status) : "short answer");
}

/* Bytes moved, or libusb's error. */
static int request(struct dfu_wire *w, uint8_t type, uint8_t code, unsigned value, void *data,
		   size_t size, unsigned timeout_ms)
{
	return usb_lib.libusb_control_transfer(w->usb.handle, type, code, (uint16_t)value,
					       w->interface, data, (uint16_t)size, timeout_ms);
}

/* --- status ------------------------------------------------------------------------------------------------------ */

static const char *status_text(unsigned status)
{
	static const char *const texts[] = {
		"no error",
		"the file is not for this device (errTARGET)",
		"the file is damaged (errFILE)",
		"it cannot write (errWRITE)",
		"it cannot erase (errERASE)",
		"it is not blank after erasing (errCHECK_ERASED)",
		"it cannot program (errPROG)",
		"what it wrote reads differently (errVERIFY)",
		"it has no such address (errADDRESS)",
		"it has not got all data (errNOTDONE)",
		"its firmware is damaged (errFIRMWARE)",
		"its memory is read-protected (errVENDOR)",
		"the bus was reset (errUSBR)",
		"power was lost (errPOR)",
		"it does not know why (errUNKNOWN)",
		"the request was not expected (errSTALLEDPKT)",
	};

	return status < ARRAY_SIZE(texts) ? texts[status] : "an error that DFU does not know";
}

static bool refused(struct dfu_wire *w, const char *what, unsigned status, struct err *e)
{
	w->status = (enum dfu_status)status;
	err_set(e, "%s: the device says: %s", what, status_text(status));
	if (w->dfuse && status == DFU_STATUS_VENDOR)
		err_hint(e, "--unlock lifts the protection; the chip erases all of its flash then");
	return false;
}

static int get_status(struct dfu_wire *w, struct answer *a, unsigned timeout_ms)
{
	uint8_t bytes[6] = { 0 };
	int n = request(w, CLASS_IN, GETSTATUS, 0, bytes, sizeof(bytes), timeout_ms);

	if (n < 0)
		return n;
	if (n != sizeof(bytes))
		return LIBUSB_ERROR_OTHER;
	*a = (struct answer){
		.status = bytes[0],
		.poll_ms = bytes[1] | (unsigned)bytes[2] << 8 | (unsigned)bytes[3] << 16,
		.state = (enum dfu_state)bytes[4],
	};
	w->state = a->state;
	return 0;
}

/*
 * What the device asks for, unless that cannot be: nothing, while it is busy, or more than anything takes. Then it is asked again
 * soon, less and less often.
 */
static int nap_ms(const struct dfu_wire *w, const struct answer *a, int times)
{
	int nap = BOGUS_POLL << (times < 4 ? times : 4);

	if (!w->poll_is_bogus && a->poll_ms > 0 && a->poll_ms <= LONGEST_POLL)
		return (int)a->poll_ms;
	if (times == 0 && a->poll_ms == 0 && !w->poll_is_bogus)
		return 0;
	return nap < SLOWEST_POLL ? nap : SLOWEST_POLL;
}

static bool is_busy(enum dfu_state s)
{
	return s == DFU_DOWNLOAD_SYNC || s == DFU_DOWNLOAD_BUSY;
}

/* After a block: until it is done. */
static bool wait_done(struct dfu_wire *w, int patience_ms, const char *what, struct err *e)
{
	int64_t deadline = clock_ms() + patience_ms;
	struct answer a;
	int status;

	for (int times = 0;; times++) {
		status = get_status(w, &a, is_busy(w->state) && times ? BUSY_MS : REQUEST_MS);
		if (status != 0)
			return device_error(w, what, status, e);
		if (a.status != DFU_STATUS_OK || a.state == DFU_ERROR)
			return refused(w, what, a.status, e);
		if (a.state == DFU_DOWNLOAD_IDLE)
			return true;
		if (!is_busy(a.state))
			return err_set(e, "%s: the device went to state %d", what, a.state);
		if (clock_ms() >= deadline)
			return err_set(e, "%s: the device is busy for more than %d s", what,
				       patience_ms / 1000);
		if (nap_ms(w, &a, times))
			clock_sleep_ms(nap_ms(w, &a, times));
	}
}

/* A stalled request puts the device into its error state, which says why. */
static bool stalled(struct dfu_wire *w, const char *what, int status, struct err *e)
{
	struct answer a;

	if (status == LIBUSB_ERROR_PIPE && get_status(w, &a, REQUEST_MS) == 0 && a.status)
		return refused(w, what, a.status, e);
	return device_error(w, what, status, e);
}

/* What a former run began goes on: it is told when it is done, or has failed. */
static int settled_status(struct dfu_wire *w, struct answer *a)
{
	int64_t deadline = clock_ms() + DFU_ERASE_MS;
	int status = get_status(w, a, BUSY_MS);

	for (int times = 1; status == 0 && is_busy(a->state) && clock_ms() < deadline; times++) {
		clock_sleep_ms(nap_ms(w, a, times));
		status = get_status(w, a, BUSY_MS);
	}
	return status;
}

bool dfu_wire_idle(struct dfu_wire *w, struct err *e)
{
	static const char what[] = "the bootloader does not get ready";
	struct answer a;
	uint8_t state = 0;
	int status = 0;

	/* A former run was about to leave: asked for its status, the device would do so now. */
	if (request(w, CLASS_IN, GETSTATE, 0, &state, 1, REQUEST_MS) == 1 &&
	    state == DFU_MANIFEST_SYNC)
		request(w, CLASS_OUT, ABORT, 0, NULL, 0, REQUEST_MS);
	for (int i = 0; i < TO_IDLE; i++) {
		status = settled_status(w, &a);
		if (status == 0 && a.state == DFU_IDLE)
			return true;
		if (status == 0 && is_busy(a.state))
			break;
		if (status == LIBUSB_ERROR_PIPE || (status == 0 && a.state == DFU_ERROR))
			status = request(w, CLASS_OUT, CLRSTATUS, 0, NULL, 0, REQUEST_MS);
		else if (status == 0)
			status = request(w, CLASS_OUT, ABORT, 0, NULL, 0, REQUEST_MS);
		if (status < 0 && status != LIBUSB_ERROR_PIPE)
			return device_error(w, what, status, e);
	}
	if (status < 0)
		return device_error(w, what, status, e);
	err_set(e, "%s: it stays in state %d", what, w->state);
	return err_hint(e, "unplug it and plug it in again, as bootloader");
}

/* --- blocks ------------------------------------------------------------------------------------------------------ */

/* A block can be sent in dfuIDLE and dfuDNLOAD-IDLE, one be fetched in dfuIDLE and dfuUPLOAD-IDLE. */
static bool be_ready_for(struct dfu_wire *w, enum dfu_state s, struct err *e)
{
	int status;

	if (w->state == DFU_IDLE || w->state == s)
		return true;
	if (w->state != DFU_DOWNLOAD_IDLE && w->state != DFU_UPLOAD_IDLE)
		return dfu_wire_idle(w, e);
	status = request(w, CLASS_OUT, ABORT, 0, NULL, 0, REQUEST_MS);
	if (status < 0)
		return device_error(w, "abort", status, e);
	w->state = DFU_IDLE;
	return true;
}

bool dfu_wire_download(struct dfu_wire *w, unsigned block, const void *data, size_t size,
		       enum dfu_patience patience, const char *what, struct err *e)
{
	int n;

	if (!be_ready_for(w, DFU_DOWNLOAD_IDLE, e))
		return false;
	n = request(w, CLASS_OUT, DNLOAD, block, (void *)data, size, REQUEST_MS);
	if (n != (int)size)
		return stalled(w, what, n, e);
	w->state = DFU_DOWNLOAD_SYNC;
	return wait_done(w, (int)patience, what, e);
}

bool dfu_wire_upload(struct dfu_wire *w, unsigned block, void *buf, size_t size, const char *what,
		     struct err *e)
{
	int n;

	if (!be_ready_for(w, DFU_UPLOAD_IDLE, e))
		return false;
	n = request(w, CLASS_IN, UPLOAD, block, buf, size, REQUEST_MS);
	w->state = DFU_UPLOAD_IDLE;
	return n == (int)size || stalled(w, what, n, e);
}

/* --- DfuSe's commands -------------------------------------------------------------------------------------------- */

static bool command(struct dfu_wire *w, uint8_t code, uint64_t address, enum dfu_patience patience,
		    const char *what, struct err *e)
{
	const uint8_t bytes[5] = { code, (uint8_t)address, (uint8_t)(address >> 8),
				   (uint8_t)(address >> 16), (uint8_t)(address >> 24) };
	char text[64];

	snprintf(text, sizeof(text), "%s 0x%08" PRIx64, what, address);
	return dfu_wire_download(w, 0, bytes, sizeof(bytes), patience, text, e);
}

bool dfu_wire_set_pointer(struct dfu_wire *w, uint64_t address, struct err *e)
{
	return command(w, CMD_POINTER, address, DFU_BLOCK_MS, "go to", e);
}

bool dfu_wire_erase(struct dfu_wire *w, uint64_t address, struct err *e)
{
	return command(w, CMD_ERASE, address, DFU_ERASE_MS, "erase", e);
}

bool dfu_wire_unprotect(struct dfu_wire *w, struct err *e)
{
	static const char what[] = "lift the read protection";
	uint8_t code = CMD_UNPROTECT;
	struct answer a;
	int status;

	if (!be_ready_for(w, DFU_DOWNLOAD_IDLE, e))
		return false;
	status = request(w, CLASS_OUT, DNLOAD, 0, &code, 1, REQUEST_MS);
	if (status != 1)
		return stalled(w, what, status, e);
	/* begins with this, and ends with a reset */
	status = get_status(w, &a, REQUEST_MS);
	if (status == 0 && a.status)
		return refused(w, what, a.status, e);
	if (status == 0)
		clock_sleep_ms(nap_ms(w, &a, 0));
	return status == 0 || status == LIBUSB_ERROR_NO_DEVICE || device_error(w, what, status, e);
}

/* --- leaving ----------------------------------------------------------------------------------------------------- */

/* One that starts something else does not always answer. */
static bool has_left(int status)
{
	return status == LIBUSB_ERROR_NO_DEVICE || status == LIBUSB_ERROR_IO ||
	       status == LIBUSB_ERROR_PIPE || status == LIBUSB_ERROR_TIMEOUT;
}

bool dfu_wire_start(struct dfu_wire *w, struct err *e)
{
	static const char what[] = "leave the bootloader";
	struct answer a;
	int status;

	if (!be_ready_for(w, DFU_DOWNLOAD_IDLE, e))
		return false;
	status = request(w, CLASS_OUT, DNLOAD, 2, NULL, 0, REQUEST_MS);
	if (status < 0 && status != LIBUSB_ERROR_NO_DEVICE)
		return stalled(w, what, status, e);
	if (status < 0 || w->leaves_at_once)
		return true;
	status = get_status(w, &a, LEAVE_MS);
	if (status != 0 && status != LIBUSB_ERROR_NO_DEVICE)
		status = get_status(w, &a, LEAVE_MS); /* it is this question that starts it */
	if (status == 0 && a.status)
		return refused(w, what, a.status, e);
	return status == 0 || has_left(status) || device_error(w, what, status, e);
}

/* After all blocks: until it has taken them. *gone: it restarted by itself. */
static bool wait_manifest(struct dfu_wire *w, bool *gone, struct err *e)
{
	static const char what[] = "take the image";
	int64_t deadline = clock_ms() + MANIFEST_MS;
	struct answer a;
	int status;

	for (int times = 0; clock_ms() < deadline; times++) {
		status = get_status(w, &a, times ? BUSY_MS : REQUEST_MS);
		*gone = status != 0 && has_left(status);
		if (*gone)
			return true;
		if (status != 0)
			return device_error(w, what, status, e);
		if (a.status || a.state == DFU_ERROR)
			return refused(w, what, a.status, e);
		if (a.state == DFU_IDLE || a.state == DFU_WAIT_RESET)
			return true;
		if (a.state == DFU_MANIFEST && !w->is_tolerant) {
			/* nothing may be asked any more (USB DFU 1.1, 7) */
			clock_sleep_ms(nap_ms(w, &a, 1));
			return true;
		}
		clock_sleep_ms(nap_ms(w, &a, times));
	}
	return err_set(e, "%s: the device is busy for more than %d s", what, MANIFEST_MS / 1000);
}

bool dfu_wire_manifest(struct dfu_wire *w, unsigned block, struct err *e)
{
	int status = request(w, CLASS_OUT, DNLOAD, block, NULL, 0, REQUEST_MS);
	bool gone = false;

	if (status < 0)
		return stalled(w, "take the image", status, e);
	if (!wait_manifest(w, &gone, e))
		return false;
	if (!gone)
		dfu_wire_reset(w);
	return true;
}

void dfu_wire_reset(struct dfu_wire *w)
{
	/* one that is gone did so itself */
	usb_lib.libusb_reset_device(w->usb.handle);
}
