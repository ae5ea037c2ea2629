/* SPDX-License-Identifier: MIT
 *
 * DFU bootloaders: USB DFU 1.1, and ST's extension with addresses (DfuSe; AN3156, UM0424) as STM32's ROM, mboot and GD32 have it.
 * One file a memory holds what the chip's flash does. What a host does wrong is told as an event.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "usb_model.h"

enum {
	MAX_ALTS = 4,
	MAX_ZONES = 16,
	MAX_PROTECTED = 8,
	MAX_TRANSFER = 4096,
	MAX_CONFIGURATION = 9 + MAX_ALTS * 9 + 9,
	FIRST_NAME = 4, /* index of the first interface's string */
	MBOOT_TRANSFER = 2048,
	LEAVE_MS = 20,
};

enum code { DETACH, DNLOAD, UPLOAD, GETSTATUS, CLRSTATUS, GETSTATE, ABORT };

enum state {
	APP_IDLE,
	APP_DETACH,
	IDLE,
	DNLOAD_SYNC,
	DNBUSY,
	DNLOAD_IDLE,
	MANIFEST_SYNC,
	MANIFEST,
	WAIT_RESET,
	UPLOAD_IDLE,
	ERROR_STATE,
};

enum status {
	OK = 0,
	ERR_TARGET = 1,
	ERR_ERASE = 4,
	ERR_PROG = 6,
	ERR_ADDRESS = 8,
	ERR_VENDOR = 11,
	ERR_STALLED = 15,
};

enum { CMD_ADDRESS = 0x21, CMD_ERASE = 0x41, CMD_UNPROTECT = 0x92 };

struct zone {
	uint32_t start, sector, count;
	unsigned access; /* 1 read, 2 erase, 4 write */
	size_t offset;   /* in the memory's file */
};

struct memory {
	char *name, *file;
	struct zone zones[MAX_ZONES];
	int zone_count;
	size_t size;
	uint8_t *bytes;
	uint8_t *programmed; /* one a byte: written since it was erased */
	int fd;
};

struct range {
	uint32_t start, size;
};

struct dfu {
	const struct usb_model_host *host;
	uint8_t device[18], configuration[MAX_CONFIGURATION];
	size_t configuration_size;
	char *serial, *product, *file;
	unsigned vid, pid, release;
	struct memory memories[MAX_ALTS];
	int alts, alt;
	unsigned transfer, attributes, erase_ms, write_ms, manifest_ms, ecc;
	long poll; /* what GETSTATUS says instead of the truth; -1: the truth */
	bool plain, fixed, gd32, runtime, busy_answers, read_protected;
	struct range locked[MAX_PROTECTED], bad[MAX_PROTECTED];
	int locked_count, bad_count;

	enum state state;
	enum status status;
	uint32_t pointer;
	uint8_t pending[MAX_TRANSFER];
	unsigned pending_block, pending_size;
	int64_t busy_until;
	bool told_early;
	size_t plain_at; /* plain DFU: the next byte's place */
};

static void tell(struct dfu *d, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void tell(struct dfu *d, const char *fmt, ...)
{
	char text[128];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	d->host->event(d->host->ctx, text);
}

static int refuse(struct dfu *d, enum status status)
{
	d->state = ERROR_STATE;
	d->status = status;
	return USB_MODEL_STALL;
}

/* --- memory ------------------------------------------------------------------------------------------------------ */

static const struct zone *zone_of(const struct memory *m, uint32_t address)
{
	for (int i = 0; i < m->zone_count; i++)
		if (address >= m->zones[i].start &&
		    address - m->zones[i].start < m->zones[i].sector * m->zones[i].count)
			return &m->zones[i];
	return NULL;
}

static size_t place_of(const struct zone *z, uint32_t address)
{
	return z->offset + (address - z->start);
}

static void keep(const struct memory *m, size_t at, size_t size)
{
	if (pwrite(m->fd, m->bytes + at, size, (off_t)at) != (ssize_t)size)
		abort();
}

static bool is_in(const struct range *ranges, int count, uint32_t address)
{
	for (int i = 0; i < count; i++)
		if (address >= ranges[i].start && address - ranges[i].start < ranges[i].size)
			return true;
	return false;
}

static enum status erase(struct dfu *d, uint32_t address)
{
	struct memory *m = &d->memories[d->alt];
	const struct zone *z = zone_of(m, address);
	uint32_t start;

	if (!z || !(z->access & 2))
		return z ? ERR_TARGET : ERR_ADDRESS;
	start = address - (address - z->start) % z->sector;
	tell(d, "erase %08x", start);
	if (is_in(d->bad, d->bad_count, start))
		return ERR_ERASE;
	if (is_in(d->locked, d->locked_count, start))
		return OK; /* AN3156, 4.3: no error */
	memset(m->bytes + place_of(z, start), 0xff, z->sector);
	memset(m->programmed + place_of(z, start), 0, z->sector);
	keep(m, place_of(z, start), z->sector);
	return OK;
}

static void erase_all(struct dfu *d)
{
	struct memory *m = &d->memories[d->alt];

	memset(m->bytes, 0xff, m->size);
	memset(m->programmed, 0, m->size);
	keep(m, 0, m->size);
}

/* Units of `ecc` bytes take one write; other cells lose bits only. */
static enum status program(struct dfu *d, struct memory *m, size_t at, const uint8_t *data,
			   size_t size)
{
	size_t unit = d->ecc ? d->ecc : 1;
	size_t from = at / unit * unit, to = (at + size + unit - 1) / unit * unit;
	bool worn = false;

	for (size_t i = from; i < to && i < m->size; i++)
		worn = worn || m->programmed[i];
	if (worn && d->ecc) {
		tell(d, "second-write at %zx", from);
		return ERR_PROG;
	}
	for (size_t i = 0; i < size; i++) {
		if ((m->bytes[at + i] & data[i]) != data[i] && !worn)
			worn = true;
		m->bytes[at + i] &= data[i];
	}
	for (size_t i = from; i < to && i < m->size; i++)
		m->programmed[i] = 1;
	if (worn)
		tell(d, "not-erased at %zx", at);
	keep(m, at, size);
	return OK;
}

static enum status write_memory(struct dfu *d, uint32_t address, const uint8_t *data, size_t size)
{
	struct memory *m = &d->memories[d->alt];
	const struct zone *z = zone_of(m, address), *last;

	tell(d, "write %08x %zu", address, size);
	last = size ? zone_of(m, address + (uint32_t)size - 1) : z;
	if (!z || !last ||
	    place_of(last, address + (uint32_t)size - 1) != place_of(z, address) + size - 1)
		return ERR_ADDRESS;
	if (!(z->access & 4))
		return ERR_TARGET;
	if (is_in(d->locked, d->locked_count, address))
		return OK;
	return program(d, m, place_of(z, address), data, size);
}

/* --- requests -------------------------------------------------------------------------------------------------------- */

static uint32_t u32(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* Where a data block goes. AN3156 counts in this request's length, mboot in its own transfer size. */
static uint32_t block_address(const struct dfu *d, unsigned block, unsigned length)
{
	return d->pointer + (block - 2) * (d->fixed ? MBOOT_TRANSFER : length);
}

static void busy(struct dfu *d, unsigned ms)
{
	d->state = DNBUSY;
	d->told_early = false;
	d->busy_until = d->host->now_ms(d->host->ctx) + ms;
}

static void leave(struct dfu *d)
{
	tell(d, "leave %08x", d->pointer);
	d->host->leave(d->host->ctx, LEAVE_MS);
}

static int dnload(struct dfu *d, const uint8_t *setup, const uint8_t *data)
{
	unsigned block = setup[2] | (unsigned)setup[3] << 8,
		 size = setup[6] | (unsigned)setup[7] << 8;

	if (d->state != IDLE && d->state != DNLOAD_IDLE)
		return refuse(d, ERR_STALLED);
	if (size > d->transfer)
		return refuse(d, ERR_STALLED);
	if (size == 0) {
		if (d->plain && d->state == IDLE)
			return refuse(d, ERR_STALLED);
		d->state = MANIFEST_SYNC;
		if (d->gd32)
			leave(d);
		return 0;
	}
	memcpy(d->pending, data, size);
	d->pending_size = size;
	d->pending_block = block;
	d->state = DNLOAD_SYNC;
	return 0;
}

static enum status command(struct dfu *d)
{
	const uint8_t *p = d->pending;
	uint32_t address = d->pending_size == 5 ? u32(p + 1) : 0;

	if (d->pending_size == 5 && p[0] == CMD_ADDRESS) {
		d->pointer = address;
		return zone_of(&d->memories[d->alt], address) ? OK : ERR_ADDRESS;
	}
	if (d->pending_size == 1 && p[0] == CMD_UNPROTECT) {
		tell(d, "unprotect");
		erase_all(d);
		d->read_protected = false;
		busy(d, d->erase_ms);
		d->host->leave(d->host->ctx, LEAVE_MS + (int)d->erase_ms);
		return OK;
	}
	if (d->read_protected)
		return ERR_VENDOR;
	if (p[0] == CMD_ERASE && d->pending_size == 5) {
		busy(d, d->erase_ms);
		return erase(d, address);
	}
	if (p[0] == CMD_ERASE && d->pending_size == 1) {
		tell(d, "mass-erase");
		busy(d, d->erase_ms);
		erase_all(d);
		return OK;
	}
	return ERR_STALLED;
}

/* Plain DFU: the blocks in a row, whatever their numbers; the memory is erased as they come. */
static enum status plain_block(struct dfu *d)
{
	struct memory *m = &d->memories[d->alt];
	size_t size = d->pending_size;

	if (d->pending_block == 0)
		d->plain_at = 0;
	if (size > m->size - d->plain_at)
		return ERR_ADDRESS;
	tell(d, "block %u %zu", d->pending_block, size);
	memcpy(m->bytes + d->plain_at, d->pending, size);
	keep(m, d->plain_at, size);
	d->plain_at += size;
	return OK;
}

/* The first GETSTATUS after a block starts the work. */
static void work(struct dfu *d)
{
	d->state = DNBUSY;
	busy(d, 0);
	if (d->plain) {
		d->status = plain_block(d);
		busy(d, d->write_ms);
	} else if (d->pending_block == 0) {
		d->status = command(d);
	} else if (d->read_protected) {
		d->status = ERR_VENDOR;
	} else if (d->pending_block == 1) {
		d->status = ERR_STALLED;
	} else {
		busy(d, d->write_ms);
		d->status = write_memory(d, block_address(d, d->pending_block, d->pending_size),
					 d->pending, d->pending_size);
	}
}

static void manifest(struct dfu *d)
{
	d->state = MANIFEST;
	tell(d, "manifest");
	if (!d->plain)
		leave(d);
	else if (d->attributes & 4)
		d->busy_until = d->host->now_ms(d->host->ctx) + d->manifest_ms;
	else
		d->host->leave(d->host->ctx, (int)d->manifest_ms + LEAVE_MS);
}

/* While a chip erases, it does not even answer (or says so again: busy=answers). */
static bool still_busy(struct dfu *d)
{
	int64_t left = d->busy_until - d->host->now_ms(d->host->ctx);

	if (left <= 0 || (d->state != DNBUSY && d->state != MANIFEST))
		return false;
	if (!d->told_early)
		tell(d, "early %s", left > 2 ? "yes" : "almost");
	d->told_early = true;
	return true;
}

static int getstatus(struct dfu *d, uint8_t *data, unsigned room)
{
	int64_t left;
	uint32_t poll;

	if (still_busy(d) && !d->busy_answers)
		return USB_MODEL_NAK;
	if (d->state == DNLOAD_SYNC)
		work(d);
	else if (d->state == MANIFEST_SYNC)
		manifest(d);
	else if (d->state == DNBUSY && !still_busy(d))
		d->state = d->status == OK ? DNLOAD_IDLE : ERROR_STATE;
	else if (d->state == MANIFEST && d->attributes & 4)
		d->state = IDLE;
	left = d->busy_until - d->host->now_ms(d->host->ctx);
	poll = d->state == DNBUSY && left > 0 ? (uint32_t)left : 0;
	if (d->poll >= 0 && d->state == DNBUSY)
		poll = (uint32_t)d->poll;
	if (room < 6)
		return USB_MODEL_BABBLE;
	/* a failed work is told with its end */
	data[0] = d->state == DNBUSY ? OK : (uint8_t)d->status;
	data[1] = (uint8_t)poll;
	data[2] = (uint8_t)(poll >> 8);
	data[3] = (uint8_t)(poll >> 16);
	data[4] = (uint8_t)d->state;
	data[5] = 0;
	return 6;
}

static int upload(struct dfu *d, const uint8_t *setup, uint8_t *data)
{
	static const uint8_t commands[] = { 0x00, CMD_ADDRESS, CMD_ERASE, CMD_UNPROTECT };
	unsigned block = setup[2] | (unsigned)setup[3] << 8,
		 size = setup[6] | (unsigned)setup[7] << 8;
	const struct memory *m = &d->memories[d->alt];
	const struct zone *z;
	uint32_t address;
	size_t at;

	if (!(d->attributes & 2) || (d->state != IDLE && d->state != UPLOAD_IDLE) ||
	    size > d->transfer)
		return refuse(d, ERR_STALLED);
	d->state = UPLOAD_IDLE;
	if (!d->plain && block == 0) {
		size = size < sizeof(commands) ? size : sizeof(commands);
		memcpy(data, commands, size);
		return (int)size;
	}
	if (d->plain) {
		d->plain_at = block == 0 ? 0 : d->plain_at;
		at = d->plain_at;
	} else {
		address = block_address(d, block, size);
		z = zone_of(m, address);
		if (d->read_protected || block == 1)
			return refuse(d, d->read_protected ? ERR_VENDOR : ERR_STALLED);
		if (!z || !(z->access & 1))
			return refuse(d, ERR_ADDRESS);
		at = place_of(z, address);
	}
	size = size < m->size - at ? size : (unsigned)(m->size - at);
	memcpy(data, m->bytes + at, size);
	d->plain_at = at + size;
	if (d->plain && size < (setup[6] | (unsigned)setup[7] << 8))
		d->state = IDLE;
	return (int)size;
}

static int control(void *model, const uint8_t setup[8], uint8_t *data)
{
	enum { STANDARD_OUT = 0x01, SET_INTERFACE = 11, CLASS_OUT = 0x21, CLASS_IN = 0xa1 };
	struct dfu *d = model;
	unsigned room = setup[6] | (unsigned)setup[7] << 8;

	if (setup[0] == STANDARD_OUT && setup[1] == SET_INTERFACE) {
		if (setup[2] >= d->alts)
			return USB_MODEL_STALL;
		d->alt = setup[2];
		return 0;
	}
	if (d->runtime) {
		if (setup[0] != CLASS_OUT || setup[1] != DETACH)
			return USB_MODEL_STALL;
		tell(d, "detach");
		d->host->leave(d->host->ctx, LEAVE_MS);
		return 0;
	}
	if (setup[0] == CLASS_OUT && setup[1] == DNLOAD)
		return dnload(d, setup, data);
	if (setup[0] == CLASS_IN && setup[1] == UPLOAD)
		return upload(d, setup, data);
	if (setup[0] == CLASS_IN && setup[1] == GETSTATUS)
		return getstatus(d, data, room);
	if (setup[0] == CLASS_IN && setup[1] == GETSTATE && room) {
		data[0] = (uint8_t)d->state;
		return 1;
	}
	if (setup[0] == CLASS_OUT && setup[1] == CLRSTATUS && d->state == ERROR_STATE) {
		d->state = IDLE;
		d->status = OK;
		return 0;
	}
	if (setup[0] == CLASS_OUT && setup[1] == ABORT && d->state != ERROR_STATE) {
		d->state = IDLE;
		return 0;
	}
	return refuse(d, ERR_STALLED);
}

/* A reset of the bus: plain DFU takes it for the end of a download. */
static void reset(void *model)
{
	struct dfu *d = model;

	d->alt = 0;
	if (d->runtime || d->state == MANIFEST || d->state == WAIT_RESET)
		return;
	d->state = IDLE;
	d->status = OK;
}

/* --- words -------------------------------------------------------------------------------------------------------------- */

/* "04*016Kg,01*064Kg/0x90000000/32*64Kg": the sectors at `start`, and what follows. */
static bool parse_zones(struct memory *m, const char *text)
{
	unsigned long start;
	char *p = (char *)text;

	while (*p == '/') {
		start = strtoul(p + 1, &p, 16);
		if (*p++ != '/')
			return false;
		while (*p && *p != '/') {
			struct zone *z = &m->zones[m->zone_count];
			unsigned long count = strtoul(p, &p, 10), size;

			if (*p++ != '*' || m->zone_count == MAX_ZONES)
				return false;
			size = strtoul(p, &p, 10);
			if (*p == 'K' || *p == 'M')
				size <<= *p == 'K' ? 10 : 20;
			if (*p == 'K' || *p == 'M' || *p == 'B' || *p == ' ')
				p++;
			*z = (struct zone){ (uint32_t)start, (uint32_t)size, (uint32_t)count,
					    (unsigned)*p & 7, m->size };
			m->size += size * count;
			start += size * count;
			m->zone_count++;
			p += *p ? 1 : 0;
			p += *p == ',' ? 1 : 0;
		}
	}
	return m->size > 0;
}

static bool load(struct memory *m)
{
	ssize_t n;

	m->bytes = malloc(m->size);
	m->programmed = calloc(1, m->size);
	if (!m->bytes || !m->programmed)
		abort();
	memset(m->bytes, 0xff, m->size);
	m->fd = open(m->file, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	if (m->fd < 0)
		return false;
	n = pread(m->fd, m->bytes, m->size, 0);
	keep(m, 0, m->size);
	for (ssize_t i = 0; i < n; i++)
		m->programmed[i] = m->bytes[i] != 0xff;
	return true;
}

/* "@Internal Flash  /0x08000000/04*016Kg,...": an alternate setting, on the file that was named last. */
static bool add_memory(struct dfu *d, const char *layout)
{
	const char *slash = strchr(layout, '/');
	struct memory *m = &d->memories[d->alts];

	if (d->alts == MAX_ALTS || !d->file || (!slash && !d->plain))
		return false;
	m->name = strdup(layout);
	m->file = strdup(d->file);
	m->fd = -1;
	d->alts++;
	if (!d->plain)
		return parse_zones(m, slash) && load(m);
	m->size = 1 << 20;
	return load(m);
}

static const struct chip {
	const char *name, *layout;
	unsigned transfer, ecc;
	bool fixed;
} chips[] = {
	{ "f405", "@Internal Flash  /0x08000000/04*016Kg,01*064Kg,07*128Kg", 2048, 0, false },
	{ "f767", "@Internal Flash  /0x08000000/04*032Kg,01*128Kg,07*256Kg", 2048, 0, false },
	{ "h563", "@Internal Flash   /0x08000000/256*08Kg", 2048, 16, false },
	{ "h743", "@Internal Flash   /0x08000000/16*128Kg", 1024, 32, false },
	{ "l476", "@Internal Flash  /0x08000000/512*002Kg", 2048, 8, false },
	{ "g474", "@Internal Flash  /0x08000000/256*02Kg", 1024, 8, false },
	{ "small", "@Internal Flash  /0x08000000/04*004Kg,04*008Kg", 1024, 0, false },
	{ "mboot", "@Internal Flash  /0x08000000/01*016Ka,03*016Kg,01*064Kg,07*128Kg", 2048, 0,
	  true },
};

static bool set_chip(struct dfu *d, const char *name)
{
	for (size_t i = 0; i < sizeof(chips) / sizeof(*chips); i++) {
		if (strcmp(chips[i].name, name) != 0)
			continue;
		d->transfer = chips[i].transfer;
		d->ecc = chips[i].ecc;
		d->fixed = chips[i].fixed;
		return add_memory(d, chips[i].layout);
	}
	return false;
}

static bool add_range(struct range *ranges, int *count, const char *text)
{
	unsigned start, size;

	if (*count == MAX_PROTECTED || !usb_model_pair(text, '+', &start, &size))
		return false;
	ranges[(*count)++] = (struct range){ start, size };
	return true;
}

static bool set_number(struct dfu *d, const char *name, const char *value)
{
	const struct {
		const char *name;
		unsigned *to;
	} numbers[] = {
		{ "transfer", &d->transfer },       { "attributes", &d->attributes },
		{ "erase_ms", &d->erase_ms },       { "write_ms", &d->write_ms },
		{ "manifest_ms", &d->manifest_ms }, { "ecc", &d->ecc },
		{ "release", &d->release },
	};

	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
		if (strcmp(name, numbers[i].name) == 0) {
			*numbers[i].to = (unsigned)strtoul(value, NULL, 0);
			return true;
		}
	return false;
}

static bool set_switch(struct dfu *d, const char *word)
{
	const struct {
		const char *word;
		bool *to;
	} switches[] = {
		{ "kind=plain", &d->plain },
		{ "blocks=fixed", &d->fixed },
		{ "kind=gd32", &d->gd32 },
		{ "kind=runtime", &d->runtime },
		{ "busy=answers", &d->busy_answers },
		{ "protect=read", &d->read_protected },
	};

	for (size_t i = 0; i < sizeof(switches) / sizeof(*switches); i++)
		if (strcmp(word, switches[i].word) == 0) {
			*switches[i].to = true;
			return true;
		}
	return false;
}

static bool set_text(char **to, const char *value)
{
	free(*to);
	*to = strdup(value);
	return true;
}

static bool set_word(struct dfu *d, const char *word)
{
	const char *value = strchr(word, '=');
	char name[32];

	if (!value || (size_t)(value - word) >= sizeof(name))
		return false;
	snprintf(name, sizeof(name), "%.*s", (int)(value - word), word);
	value++;
	if (strcmp(name, "flash") == 0)
		return set_text(&d->file, value);
	if (strcmp(name, "serial") == 0)
		return set_text(&d->serial, value);
	if (strcmp(name, "product") == 0)
		return set_text(&d->product, value);
	if (strcmp(name, "layout") == 0)
		return add_memory(d, value);
	if (strcmp(name, "chip") == 0)
		return set_chip(d, value);
	if (strcmp(name, "id") == 0)
		return usb_model_pair(value, ':', &d->vid, &d->pid);
	if (strcmp(name, "poll") == 0) {
		d->poll = strtol(value, NULL, 10);
		return true;
	}
	if (strcmp(name, "locked") == 0)
		return add_range(d->locked, &d->locked_count, value);
	if (strcmp(name, "bad") == 0)
		return add_range(d->bad, &d->bad_count, value);
	if (strcmp(name, "error") == 0) {
		refuse(d, (enum status)strtoul(value, NULL, 10));
		return true;
	}
	return set_number(d, name, value) || set_switch(d, word);
}

/* --- descriptors -------------------------------------------------------------------------------------------------------- */

static void make_descriptors(struct dfu *d)
{
	const uint8_t device[18] = { 18,
				     1,
				     0,
				     2,
				     0,
				     0,
				     0,
				     64,
				     (uint8_t)d->vid,
				     (uint8_t)(d->vid >> 8),
				     (uint8_t)d->pid,
				     (uint8_t)(d->pid >> 8),
				     (uint8_t)d->release,
				     (uint8_t)(d->release >> 8),
				     1,
				     2,
				     3,
				     1 };
	uint8_t *p = d->configuration;

	memcpy(d->device, device, sizeof(device));
	p += 9;
	for (int i = 0; i < d->alts; i++) {
		const uint8_t interface[9] = { 9,
					       4,
					       0,
					       (uint8_t)i,
					       0,
					       0xfe,
					       1,
					       d->runtime ? 1 : 2,
					       (uint8_t)(FIRST_NAME + i) };

		memcpy(p, interface, sizeof(interface));
		p += sizeof(interface);
	}
	const uint8_t functional[9] = { 9,
					0x21,
					(uint8_t)d->attributes,
					0xff,
					0,
					(uint8_t)d->transfer,
					(uint8_t)(d->transfer >> 8),
					d->plain ? 0x10 : 0x1a,
					1 };

	memcpy(p, functional, sizeof(functional));
	p += sizeof(functional);
	d->configuration_size = (size_t)(p - d->configuration);
	const uint8_t head[9] = { 9, 2, (uint8_t)d->configuration_size, 0, 1, 1, 0, 0x80, 50 };

	memcpy(d->configuration, head, sizeof(head));
}

static void destroy(void *model)
{
	struct dfu *d = model;

	for (int i = 0; i < d->alts; i++) {
		struct memory *m = &d->memories[i];

		if (m->fd >= 0)
			close(m->fd);
		free(m->name);
		free(m->file);
		free(m->bytes);
		free(m->programmed);
	}
	free(d->serial);
	free(d->product);
	free(d->file);
	free(d);
}

static void *create(char **words, const struct usb_model_host *host, char **why)
{
	struct dfu *d = calloc(1, sizeof(*d));

	if (!d)
		abort();
	d->host = host;
	d->state = IDLE;
	d->poll = -1;
	d->vid = 0x0483;
	d->pid = 0xdf11;
	d->release = 0x2200;
	d->transfer = 2048;
	d->attributes = 0x0b;
	d->serial = strdup("315D35723037");
	d->product = strdup("STM32  BOOTLOADER");
	for (; *words; words++)
		if (!set_word(d, *words)) {
			*why = malloc(strlen(*words) + 32);
			if (!*why)
				abort();
			sprintf(*why, "dfu: bad word '%s'", *words);
			destroy(d);
			return NULL;
		}
	if (d->transfer > MAX_TRANSFER || (!d->alts && !d->runtime)) {
		*why = strdup("dfu wants flash=FILE and chip= or layout=");
		destroy(d);
		return NULL;
	}
	if (!d->alts) {
		d->memories[0].fd = -1;
		d->alts = 1;
	}
	make_descriptors(d);
	return d;
}

static const uint8_t *device_descriptor(void *model)
{
	return ((struct dfu *)model)->device;
}

static const uint8_t *configuration(void *model, size_t *size)
{
	*size = ((struct dfu *)model)->configuration_size;
	return ((struct dfu *)model)->configuration;
}

static const char *string(void *model, uint8_t index)
{
	const struct dfu *d = model;

	switch (index) {
	case 1:
		return "STMicroelectronics";
	case 2:
		return d->product;
	case 3:
		return d->serial;
	default:
		return index >= FIRST_NAME && index - FIRST_NAME < d->alts
			       ? d->memories[index - FIRST_NAME].name
			       : NULL;
	}
}

const struct usb_model dfu_model = {
	.name = "dfu",
	.words =
		"flash=FILE chip=NAME|layout=TEXT [flash=FILE layout=TEXT] id=VID:PID serial= product= release= transfer=N "
		"attributes=N erase_ms=N write_ms=N manifest_ms=N ecc=N poll=N locked=HEX+HEX bad=HEX+HEX error=N "
		"kind=plain|gd32|runtime blocks=fixed busy=answers protect=read",
	.create = create,
	.destroy = destroy,
	.device = device_descriptor,
	.configuration = configuration,
	.string = string,
	.control = control,
	.reset = reset,
};
