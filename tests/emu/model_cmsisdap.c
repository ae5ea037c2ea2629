/* SPDX-License-Identifier: MIT
 *
 * A CMSIS-DAP probe, version 2 (two bulk endpoints), wired by SWD to the nRF51822 of model_arm_core.c. Commands as in Arm's CMSIS-DAP
 * 2.1 documentation; debug port and AHB-AP as in ADIv5.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model_arm_core.h"
#include "usb_model.h"

enum { OUT_ENDPOINT = 0x01, IN_ENDPOINT = 0x81, PACKET = 512, QUEUE = 4 };

/* commands */
enum {
	INFO = 0x00,
	HOST_STATUS = 0x01,
	CONNECT = 0x02,
	DISCONNECT = 0x03,
	CONFIGURE = 0x04,
	TRANSFER = 0x05,
	BLOCK = 0x06,
	ABORT = 0x07,
	WRITE_ABORT = 0x08,
	DELAY = 0x09,
	RESET_TARGET = 0x0a,
	SWJ_PINS = 0x10,
	SWJ_CLOCK = 0x11,
	SWJ_SEQUENCE = 0x12,
	SWD_CONFIGURE = 0x13,
	SWD_SEQUENCE = 0x1d,
	INVALID = 0xff,
};

/* a transfer's request, and how it ends */
enum { IS_AP = 1, IS_READ = 2, ADDRESS = 0x0c, MATCH_VALUE = 0x10, MATCH_MASK = 0x20 };
enum { ACK_OK = 1, ACK_FAULT = 4, ACK_MISMATCH = 0x10 };

/* CTRL/STAT, ABORT, CSW */
enum {
	STICKY_ERROR = 0x20,
	CLEAR_ERROR = 0x04,
	CSW_SIZE = 7,
	CSW_INCREMENT = 0x30,
	CSW_SINGLE = 0x10,
	CSW_ENABLED = 0x40
};

struct dap {
	struct usb_model_host host;
	char *path;
	uint32_t size, region0;
	char serial[32];
	struct arm_core *core;
	uint8_t device[18], configuration[32];

	struct {
		uint8_t data[PACKET];
		size_t size;
	} answers[QUEUE];
	int first, count;

	uint32_t ctrl, select, last, csw, tar, mask;
	uint16_t match_retry;
	bool in_reset; /* the line is low */
};

static uint32_t get32(const uint8_t *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static void put32(uint8_t *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> 8 * i);
}

/* --- AHB-AP --------------------------------------------------------------------------------------------------- */

/* Auto-increment goes round within 1 KiB. */
static void advance(struct dap *d)
{
	uint32_t n = UINT32_C(1) << (d->csw & CSW_SIZE);

	if ((d->csw & CSW_INCREMENT) == CSW_SINGLE)
		d->tar = (d->tar & ~UINT32_C(0x3ff)) | ((d->tar + n) & 0x3ff);
}

/* A byte stands in its lane of the word. */
static bool data_read(struct dap *d, uint32_t *value)
{
	unsigned size = 1u << (d->csw & CSW_SIZE), lane = 8 * (d->tar & 3);

	if (!arm_core_read(d->core, d->tar, size, value))
		return false;
	*value <<= lane;
	advance(d);
	return true;
}

static bool data_write(struct dap *d, uint32_t value)
{
	unsigned size = 1u << (d->csw & CSW_SIZE), lane = 8 * (d->tar & 3);

	value >>= lane;
	if (size < 4)
		value &= (UINT32_C(1) << 8 * size) - 1;
	if (!arm_core_write(d->core, d->tar, size, value))
		return false;
	advance(d);
	return true;
}

static uint32_t ap_register(const struct dap *d, uint8_t request)
{
	return (d->select & 0xf0) | (request & ADDRESS);
}

static bool ap_read(struct dap *d, uint8_t request, uint32_t *value)
{
	uint32_t reg = ap_register(d, request);

	*value = 0;
	if (d->select >> 24 != 0)
		return true; /* there is one AP */
	switch (reg) {
	case 0x00:
		*value = d->csw | CSW_ENABLED;
		return true;
	case 0x04:
		*value = d->tar;
		return true;
	case 0x0c:
		return data_read(d, value);
	case 0x10:
	case 0x14:
	case 0x18:
	case 0x1c:
		return arm_core_read(d->core, (d->tar & ~UINT32_C(15)) | (reg & 15), 4, value);
	case 0xf8:
		*value = 0xe00ff003;
		return true;
	case 0xfc:
		*value = 0x04770021;
		return true;
	default:
		return true;
	}
}

static bool ap_write(struct dap *d, uint8_t request, uint32_t value)
{
	uint32_t reg = ap_register(d, request);

	if (d->select >> 24 != 0)
		return true;
	switch (reg) {
	case 0x00:
		/* packed transfers are not for a Cortex-M0, and sizes up to a word */
		d->csw = value & ~(uint32_t)CSW_ENABLED;
		if ((value & CSW_INCREMENT) > CSW_SINGLE)
			d->csw &= ~(uint32_t)CSW_INCREMENT;
		if ((value & CSW_SIZE) > 2)
			d->csw = (d->csw & ~(uint32_t)CSW_SIZE) | 2;
		return true;
	case 0x04:
		d->tar = value;
		return true;
	case 0x0c:
		return data_write(d, value);
	case 0x10:
	case 0x14:
	case 0x18:
	case 0x1c:
		return arm_core_write(d->core, (d->tar & ~UINT32_C(15)) | (reg & 15), 4, value);
	default:
		return true;
	}
}

/* --- debug port ----------------------------------------------------------------------------------------------- */

/* What is asked for is powered at once. */
static uint32_t ctrl_stat(const struct dap *d)
{
	return d->ctrl | (d->ctrl & 0x50000000) << 1;
}

static void dp_read(const struct dap *d, uint8_t request, uint32_t *value)
{
	switch (request & ADDRESS) {
	case 0x0:
		*value = 0x0bb11477;
		break;
	case 0x4:
		*value = d->select & 0xf ? 0 : ctrl_stat(d);
		break;
	default:
		*value = d->last;
		break;
	}
}

static void dp_write(struct dap *d, uint8_t request, uint32_t value)
{
	switch (request & ADDRESS) {
	case 0x0:
		if (value & CLEAR_ERROR)
			d->ctrl &= ~(uint32_t)STICKY_ERROR;
		break;
	case 0x4:
		d->ctrl = (value & 0x50000f00) | (d->ctrl & STICKY_ERROR);
		break;
	case 0x8:
		d->select = value;
		break;
	default:
		break;
	}
}

static int transfer_once(struct dap *d, uint8_t request, uint32_t *value)
{
	bool ok;

	if (!(request & IS_AP)) {
		if (request & IS_READ)
			dp_read(d, request, value);
		else
			dp_write(d, request, *value);
		return ACK_OK;
	}
	if (d->ctrl & STICKY_ERROR)
		return ACK_FAULT;
	ok = request & IS_READ ? ap_read(d, request, value) : ap_write(d, request, *value);
	if (request & IS_READ)
		d->last = *value;
	if (!ok)
		d->ctrl |= STICKY_ERROR;
	return ok ? ACK_OK : ACK_FAULT;
}

/* Reads until the value comes, as often as was configured. */
static int match(struct dap *d, uint8_t request, uint32_t wanted)
{
	uint32_t value = 0;

	for (int i = 0; i <= d->match_retry; i++) {
		int ack = transfer_once(d, request, &value);

		if (ack != ACK_OK)
			return ack;
		if ((value & d->mask) == wanted)
			return ACK_OK;
	}
	return ACK_OK | ACK_MISMATCH;
}

/* --- commands ------------------------------------------------------------------------------------------------- */

static size_t info(const struct dap *d, uint8_t id, uint8_t *out)
{
	const char *text = id == 1   ? "mpflash"
			   : id == 2 ? "CMSIS-DAP probe"
			   : id == 3 ? d->serial
			   : id == 4 ? "2.1.0"
				     : NULL;

	out[0] = INFO;
	out[1] = 0;
	if (text) {
		out[1] = (uint8_t)(strlen(text) + 1);
		memcpy(out + 2, text, out[1]);
	} else if (id == 0xf0) { /* SWD, atomic commands */
		out[1] = 1;
		out[2] = 0x11;
	} else if (id == 0xfe) {
		out[1] = 1;
		out[2] = QUEUE;
	} else if (id == 0xff) {
		out[1] = 2;
		out[2] = PACKET & 0xff;
		out[3] = PACKET >> 8;
	}
	return (size_t)2 + out[1];
}

static size_t transfer(struct dap *d, const uint8_t *in, size_t size, uint8_t *out)
{
	size_t at = 3, n = 3;
	int ack = ACK_OK;

	out[0] = TRANSFER;
	out[1] = out[2] = 0;
	for (int i = 0; i < in[2] && at < size && ack == ACK_OK; i++) {
		uint8_t request = in[at++];
		bool takes = !(request & IS_READ) || request & MATCH_VALUE;
		uint32_t value = 0;

		if (takes) {
			if (at + 4 > size)
				break;
			value = get32(in + at);
			at += 4;
		}
		if (!(request & IS_READ) && request & MATCH_MASK)
			d->mask = value;
		else if (request & IS_READ && request & MATCH_VALUE)
			ack = match(d, request, value);
		else
			ack = transfer_once(d, request, &value);
		if (request & IS_READ && !(request & MATCH_VALUE) && ack == ACK_OK) {
			put32(out + n, value);
			n += 4;
		}
		out[1]++;
	}
	out[2] = (uint8_t)ack;
	return n;
}

static size_t block(struct dap *d, const uint8_t *in, size_t size, uint8_t *out)
{
	unsigned count = in[2] | (unsigned)in[3] << 8, done = 0;
	uint8_t request = in[4];
	size_t at = 5, n = 4;
	int ack = ACK_OK;

	for (; done < count && ack == ACK_OK; done++) {
		uint32_t value = 0;

		if (request & IS_READ ? n + 4 > PACKET : at + 4 > size)
			break;
		if (!(request & IS_READ)) {
			value = get32(in + at);
			at += 4;
		}
		ack = transfer_once(d, request, &value);
		if (request & IS_READ && ack == ACK_OK) {
			put32(out + n, value);
			n += 4;
		}
	}
	out[0] = BLOCK;
	out[1] = (uint8_t)done;
	out[2] = (uint8_t)(done >> 8);
	out[3] = (uint8_t)ack;
	return n;
}

/* nRESET is bit 7. */
static size_t pins(struct dap *d, const uint8_t *in, uint8_t *out)
{
	if (in[2] & 0x80) {
		if (d->in_reset && in[1] & 0x80)
			arm_core_reset(d->core);
		d->in_reset = !(in[1] & 0x80);
	}
	out[0] = SWJ_PINS;
	out[1] = d->in_reset ? 0x03 : 0x83;
	return 2;
}

/* The host's own bits go out; what it reads are ones. */
static size_t swd_sequence(const uint8_t *in, size_t size, uint8_t *out)
{
	size_t at = 2, n = 2;

	out[0] = SWD_SEQUENCE;
	out[1] = 0;
	for (int i = 0; i < in[1] && at < size; i++) {
		uint8_t what = in[at++];
		size_t bytes = ((what & 0x3f ? what & 0x3f : 64) + 7u) / 8;

		if (what & 0x80) {
			memset(out + n, 0xff, bytes);
			n += bytes;
		} else {
			at += bytes;
		}
	}
	return n;
}

static size_t command(struct dap *d, const uint8_t *in, size_t size, uint8_t *out)
{
	out[0] = in[0];
	out[1] = 0;
	switch (in[0]) {
	case INFO:
		return info(d, in[1], out);
	case CONNECT:
		out[1] = in[1] == 2 ? 0 : 1; /* no JTAG */
		return 2;
	case TRANSFER:
		return transfer(d, in, size, out);
	case BLOCK:
		return block(d, in, size, out);
	case CONFIGURE:
		d->match_retry = (uint16_t)(in[4] | in[5] << 8);
		return 2;
	case ABORT:
		return 0; /* has no answer */
	case WRITE_ABORT:
		dp_write(d, 0, get32(in + 2));
		return 2;
	case RESET_TARGET:
		out[2] = 0; /* there is no sequence of the device's own */
		return 3;
	case SWJ_PINS:
		return pins(d, in, out);
	case SWD_SEQUENCE:
		return swd_sequence(in, size, out);
	case HOST_STATUS:
	case DISCONNECT:
	case DELAY:
	case SWJ_CLOCK:
	case SWJ_SEQUENCE:
	case SWD_CONFIGURE:
		return 2;
	default:
		out[0] = INVALID;
		return 1;
	}
}

/* --- endpoints ------------------------------------------------------------------------------------------------ */

static int on_out(void *m, uint8_t endpoint, const uint8_t *data, size_t size)
{
	struct dap *d = m;
	uint8_t request[PACKET + 8] = { 0 }; /* whoever sends too little has sent zeros */
	int slot = (d->first + d->count) % QUEUE;

	if (endpoint != OUT_ENDPOINT || size > PACKET)
		return USB_MODEL_STALL;
	if (d->count == QUEUE)
		return USB_MODEL_NAK;
	memcpy(request, data, size);
	if (!size)
		return 0;
	d->answers[slot].size = command(d, request, size, d->answers[slot].data);
	if (d->answers[slot].size)
		d->count++;
	return (int)size;
}

static int on_in(void *m, uint8_t endpoint, uint8_t *data, size_t size)
{
	struct dap *d = m;
	size_t n;

	if (endpoint != IN_ENDPOINT)
		return USB_MODEL_STALL;
	if (!d->count)
		return USB_MODEL_NAK;
	n = d->answers[d->first].size;
	n = n < size ? n : size;
	memcpy(data, d->answers[d->first].data, n);
	d->first = (d->first + 1) % QUEUE;
	d->count--;
	return (int)n;
}

static int on_control(void *m, const uint8_t setup[8], uint8_t *data)
{
	(void)m, (void)data;
	return setup[1] == 0x0b ? 0 : USB_MODEL_STALL; /* SET_INTERFACE */
}

/* --- what it is made of --------------------------------------------------------------------------------------- */

static bool parse_word(struct dap *d, const char *word)
{
	const char *value = strchr(word, '=');
	size_t n = value ? (size_t)(value++ - word) : 0;

#define IS(name) (n == strlen(name) && strncmp(word, name, n) == 0)
	if (IS("flash"))
		d->path = strdup(value);
	else if (IS("size"))
		d->size = (uint32_t)strtoul(value, NULL, 10) * 1024;
	else if (IS("region0"))
		d->region0 = (uint32_t)strtoul(value, NULL, 10) * 1024;
	else if (IS("serial"))
		snprintf(d->serial, sizeof(d->serial), "%s", value);
	else
		return false;
#undef IS
	return true;
}

static void describe(struct dap *d)
{
	static const uint8_t device[18] = { 18,   1,    0x00, 0x02, 0xef, 2, 1, 64, 0x28,
					    0x0d, 0x04, 0x02, 0x00, 0x10, 1, 2, 3,  1 };
	static const uint8_t configuration[32] = {
		9,
		2,
		32,
		0,
		1,
		1,
		0,
		0x80,
		250, /* configuration */
		9,
		4,
		0,
		0,
		2,
		0xff,
		0,
		0,
		4, /* interface */
		7,
		5,
		OUT_ENDPOINT,
		2,
		PACKET & 0xff,
		PACKET >> 8,
		0, /* bulk */
		7,
		5,
		IN_ENDPOINT,
		2,
		PACKET & 0xff,
		PACKET >> 8,
		0,
	};

	memcpy(d->device, device, sizeof(device));
	memcpy(d->configuration, configuration, sizeof(configuration));
}

static void destroy(void *m)
{
	struct dap *d = m;

	arm_core_destroy(d->core);
	free(d->path);
	free(d);
}

static void *fail(struct dap *d, char **why, const char *text)
{
	*why = strdup(text);
	destroy(d);
	return NULL;
}

static void *create(char **words, const struct usb_model_host *host, char **why)
{
	struct dap *d = calloc(1, sizeof(*d));
	struct arm_core_host core_host = { .event = host->event, .ctx = host->ctx };
	const char *trouble;

	if (!d)
		abort();
	d->host = *host;
	d->size = 256 * 1024;
	snprintf(d->serial, sizeof(d->serial), "9900000012345678");
	for (; *words; words++)
		if (!parse_word(d, *words))
			return fail(d, why, *words);
	if (!d->path || d->size % 4096 || !d->size)
		return fail(d, why, "cmsisdap wants flash=FILE, and a size of whole pages");
	d->core = arm_core_create(d->path, d->size, &core_host, &trouble);
	if (!d->core)
		return fail(d, why, trouble);
	if (d->region0)
		arm_core_protect(d->core, d->region0);
	describe(d);
	return d;
}

static const uint8_t *device(void *m)
{
	return ((struct dap *)m)->device;
}

static const uint8_t *configuration(void *m, size_t *size)
{
	struct dap *d = m;

	*size = sizeof(d->configuration);
	return d->configuration;
}

static const char *string(void *m, uint8_t index)
{
	struct dap *d = m;

	switch (index) {
	case 1:
		return "Arm";
	case 2:
		return "DAPLink CMSIS-DAP";
	case 3:
		return d->serial;
	case 4:
		return "CMSIS-DAP v2";
	default:
		return NULL;
	}
}

const struct usb_model cmsisdap_model = {
	.name = "cmsisdap",
	.words = "flash=FILE size=KIB serial=TEXT region0=KIB (protected until all is erased)",
	.create = create,
	.destroy = destroy,
	.device = device,
	.configuration = configuration,
	.string = string,
	.control = on_control,
	.out = on_out,
	.in = on_in,
};
