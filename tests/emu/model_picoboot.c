/* SPDX-License-Identifier: MIT
 *
 * An RP2040 or RP2350 in its boot ROM: PICOBOOT (pico-sdk boot/picoboot.h; RP2040 data sheet 2.8.4, RP2350 data sheet 5.6). It is as strict
 * as the ROMs are, and where they would do harm without a word it does so: flash that is not taken out of XIP mode reads as
 * rubbish and keeps what it has, what was not erased only loses bits, addresses behind the flash's end wrap.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "usb_model.h"

enum { SECTOR = 4096, PAGE = 256, PACKET = 64, COMMAND = 32, RAM = 0x82000, ROM = 0x8000 };
enum { OUT_ENDPOINT = 0x03, IN_ENDPOINT = 0x84 };
enum { MAX_READ = 4 << 20, MAX_PARTITIONS = 8, MAX_FAMILIES = 4, MAX_INFO = 64 };

#define MAGIC UINT32_C(0x431fd10b)
#define FLASH_AT UINT32_C(0x10000000)
#define RAM_AT UINT32_C(0x20000000)

/* commands */
enum {
	EXCLUSIVE = 0x01,
	REBOOT = 0x02,
	ERASE = 0x03,
	READ = 0x84,
	WRITE = 0x05,
	EXIT_XIP = 0x06,
	ENTER_XIP = 0x07,
	EXEC = 0x08,
	VECTORIZE = 0x09,
	REBOOT2 = 0x0a,
	GET_INFO = 0x8b,
	OTP_READ = 0x8c,
};

/* status codes */
enum {
	OK = 0,
	UNKNOWN_COMMAND = 1,
	BAD_COMMAND_LENGTH = 2,
	BAD_TRANSFER_LENGTH = 3,
	BAD_ADDRESS = 4,
	BAD_ALIGNMENT = 5,
	REBOOTING = 7,
	NOT_PERMITTED = 10,
	BAD_ARGUMENT = 11,
};

struct partition {
	uint32_t start, size, permissions;
	uint32_t families[MAX_FAMILIES];
	int count;
};

enum phase {
	PHASE_COMMAND,
	PHASE_DATA_OUT,
	PHASE_DATA_IN,
	PHASE_ACK_IN,  /* the host fetches an empty packet */
	PHASE_ACK_OUT, /* the host sends one (picotool: of one byte) */
	PHASE_ERROR,   /* both endpoints stall until the interface is reset */
};

struct pico {
	struct usb_model_host host;
	bool rp2350, drive;
	char *path;
	FILE *file;
	uint8_t *flash, *ram, *rom;
	uint32_t size;
	char serial[32];
	uint32_t vid, pid;
	uint32_t devinfo, uf2_status, uf2_family;
	struct partition partitions[MAX_PARTITIONS];
	int partition_count;
	int erase_ms, write_us;

	uint8_t device[18], configuration[64];
	size_t configuration_size;

	enum phase phase;
	uint8_t command[COMMAND];
	uint32_t status, at, left; /* of the data phase */
	uint8_t info[MAX_INFO * 4];
	uint8_t exclusive;
	bool in_xip, strict, rebooting;
	int64_t ready; /* when the flash has done its work */
};

static uint32_t u32(const uint8_t *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static void put32(uint8_t *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> 8 * i);
}

static void tell(struct pico *p, const char *what, uint32_t address, uint32_t size)
{
	char text[80];

	snprintf(text, sizeof(text), "%s %08x+%x", what, address, size);
	p->host.event(p->host.ctx, text);
}

/* --- memory -------------------------------------------------------------------------------------------------- */

static bool in_flash(const struct pico *p, uint32_t address, uint32_t size)
{
	uint32_t window = p->rp2350 ? 32 << 20 : 16 << 20;

	return address >= FLASH_AT && size <= window && address - FLASH_AT <= window - size;
}

static bool in_ram(const struct pico *p, uint32_t address, uint32_t size)
{
	uint32_t window = p->rp2350 ? RAM : 0x42000;

	return address >= RAM_AT && size <= window && address - RAM_AT <= window - size;
}

static uint8_t *flash_byte(struct pico *p, uint32_t address)
{
	return &p->flash[(address - FLASH_AT) % p->size];
}

/* Into the file at once: it is what the test looks at, and what is there when the device was pulled. */
static void keep(struct pico *p, uint32_t address, uint32_t size)
{
	uint32_t at = (address - FLASH_AT) % p->size;

	if (fseek(p->file, (long)at, SEEK_SET) != 0 ||
	    fwrite(p->flash + at, 1, size, p->file) != size || fflush(p->file) != 0)
		abort();
}

static void work_for(struct pico *p, int64_t us)
{
	int64_t now = p->host.now_ms(p->host.ctx);

	p->ready = (p->ready > now ? p->ready : now) + (us + 999) / 1000;
}

static void erase(struct pico *p, uint32_t address, uint32_t size)
{
	tell(p, "erase", address, size);
	work_for(p, (int64_t)size / SECTOR * p->erase_ms * 1000);
	for (uint32_t i = 0; i < size && !p->in_xip; i += SECTOR) {
		memset(flash_byte(p, address + i), 0xff, SECTOR);
		keep(p, address + i, SECTOR);
	}
}

static void program(struct pico *p, uint32_t address, const uint8_t *data, uint32_t size)
{
	if (in_ram(p, address, size)) {
		memcpy(p->ram + (address - RAM_AT), data, size);
		return;
	}
	work_for(p, (int64_t)size * p->write_us / PAGE);
	for (uint32_t i = 0; i < size && !p->in_xip; i++)
		*flash_byte(p, address + i) &= data[i];
	for (uint32_t i = 0; i < size && !p->in_xip; i += PACKET)
		keep(p, address + i, size - i < PACKET ? size - i : PACKET);
}

/*
 * picotool 2.1.1 erases after a read without another EXIT_XIP, and is known to work: once is enough. xip=strict is what "before every
 * access" says at its word.
 */
static void flash_done(struct pico *p)
{
	p->in_xip = p->in_xip || p->strict;
}

static uint8_t peek(struct pico *p, uint32_t address)
{
	if (in_flash(p, address, 1))
		return p->in_xip ? (uint8_t)(address * 7 + 1) : *flash_byte(p, address);
	return in_ram(p, address, 1) ? p->ram[address - RAM_AT] : p->rom[address % ROM];
}

static uint32_t readable(const struct pico *p, uint32_t address, uint32_t size)
{
	if (in_flash(p, address, size) || in_ram(p, address, size) ||
	    (address < ROM && size <= ROM - address))
		return size > MAX_READ ? BAD_TRANSFER_LENGTH : OK;
	return BAD_ADDRESS;
}

/* --- RP2350: what it says of itself ----------------------------------------------------------------------------- */

static uint32_t sys_info(const struct pico *p, uint32_t wanted, uint32_t *w)
{
	uint32_t n = 2;

	w[1] = wanted & 0x0f;
	if (wanted & 1) { /* package, device id, wafer id */
		w[n++] = 1;
		w[n++] = (uint32_t)strtoull(p->serial + 8, NULL, 16);
		w[n++] = (uint32_t)(strtoull(p->serial, NULL, 16) >> 32);
	}
	if (wanted & 2)
		w[n++] = 0; /* critical: nothing is locked */
	if (wanted & 4)
		w[n++] = 0; /* an ARM core asks */
	if (wanted & 8)
		w[n++] = p->devinfo;
	return n;
}

static uint32_t location_of(const struct partition *part)
{
	return part->start / SECTOR | (part->start + part->size - 1) / SECTOR << 13 |
	       part->permissions << 26;
}

enum { PT_INFO = 1, PT_LOCATION = 0x10, ALL_PERMISSIONS = 0x3f };

static uint32_t partition_info(const struct pico *p, uint32_t wanted, uint32_t *w)
{
	uint32_t n = 2;

	w[1] = wanted & (PT_INFO | PT_LOCATION);
	if (wanted & PT_INFO) {
		w[n++] = (uint32_t)p->partition_count | (p->partition_count ? 0x100 : 0);
		w[n++] = (uint32_t)ALL_PERMISSIONS << 26 | UINT32_C(0x1fff) << 13;
		w[n++] = (uint32_t)ALL_PERMISSIONS << 26;
	}
	for (int i = 0; wanted & PT_LOCATION && i < p->partition_count; i++) {
		w[n++] = location_of(&p->partitions[i]);
		w[n++] = p->partitions[i].permissions << 26;
	}
	return n;
}

enum { NO_PARTITION = 0xff };
#define NOT_FOUND ((uint32_t)-17) /* BOOTROM_ERROR_NOT_FOUND */
#define ABSOLUTE UINT32_C(0xe48bff57)
#define RP2350_ARM UINT32_C(0xe48bff59)
#define RP2350_RISCV UINT32_C(0xe48bff5a)

/* Where a UF2 file of that family would go. */
static uint32_t uf2_target(const struct pico *p, uint32_t family, uint32_t *w)
{
	w[1] = p->partition_count ? NOT_FOUND : NO_PARTITION;
	w[2] = (uint32_t)ALL_PERMISSIONS << 26 | UINT32_C(0x1fff) << 13;
	w[3] = (uint32_t)ALL_PERMISSIONS << 26;
	if (family == ABSOLUTE)
		w[1] = NO_PARTITION;
	else if (family != RP2350_ARM && family != RP2350_RISCV && !p->partition_count)
		w[1] = NOT_FOUND;
	for (int i = p->partition_count - 1; i >= 0; i--)
		for (int k = 0; k < p->partitions[i].count; k++)
			if (p->partitions[i].families[k] == family) {
				w[1] = (uint32_t)i;
				w[2] = location_of(&p->partitions[i]);
				w[3] = p->partitions[i].permissions << 26;
			}
	return 4;
}

static uint32_t begin_info(struct pico *p, uint32_t room)
{
	const uint8_t *args = p->command + 16;
	uint32_t wanted = u32(args + 4), w[MAX_INFO] = { 0 }, n;

	if (room > sizeof(p->info) || room % 4)
		return BAD_TRANSFER_LENGTH;
	switch (args[0]) {
	case 1:
		n = sys_info(p, wanted, w);
		break;
	case 2:
		n = partition_info(p, wanted, w);
		break;
	case 3:
		n = uf2_target(p, wanted, w);
		break;
	case 4:
		w[1] = p->uf2_status;
		w[2] = p->uf2_family;
		n = 5;
		break;
	default:
		return BAD_ARGUMENT;
	}
	w[0] = n - 1;
	for (uint32_t i = 0; i < MAX_INFO; i++)
		put32(p->info + (size_t)4 * i, w[i]);
	return OK;
}

/* --- commands ------------------------------------------------------------------------------------------------- */

static const struct command {
	uint8_t id, arguments;
	bool rp2040, rp2350, data;
} commands[] = {
	{ EXCLUSIVE, 1, true, true, false },  { REBOOT, 12, true, false, false },
	{ ERASE, 8, true, true, false },      { READ, 8, true, true, true },
	{ WRITE, 8, true, true, true },       { EXIT_XIP, 0, true, true, false },
	{ ENTER_XIP, 0, true, true, false },  { EXEC, 4, true, false, false },
	{ VECTORIZE, 4, true, false, false }, { REBOOT2, 16, false, true, false },
	{ GET_INFO, 16, false, true, true },  { OTP_READ, 5, false, true, true },
};

static const struct command *command_of(const struct pico *p, uint8_t id)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (commands[i].id == id && (p->rp2350 ? commands[i].rp2350 : commands[i].rp2040))
			return &commands[i];
	return NULL;
}

static uint32_t begin_erase(struct pico *p, uint32_t address, uint32_t size)
{
	if (address % SECTOR || size % SECTOR)
		return BAD_ALIGNMENT;
	if (!in_flash(p, address, size))
		return BAD_ADDRESS;
	erase(p, address, size);
	flash_done(p);
	return OK;
}

static uint32_t begin_write(struct pico *p, uint32_t address, uint32_t size)
{
	if (in_flash(p, address, size)) {
		tell(p, "write", address, size);
		return address % PAGE || size % PAGE ? BAD_ALIGNMENT : OK;
	}
	return in_ram(p, address, size) ? OK : BAD_ADDRESS;
}

/* "reboot 4 10002000": kind and place of RP2350's, both 0 of RP2040's. */
static uint32_t reboot(struct pico *p, uint32_t delay, uint32_t kind, uint32_t place)
{
	char text[40];

	p->rebooting = true;
	snprintf(text, sizeof(text), "reboot %x %08x", kind, place);
	p->host.event(p->host.ctx, text);
	p->host.leave(p->host.ctx, (int)(delay < 1000 ? delay : 1000));
	return OK;
}

static uint32_t begin(struct pico *p)
{
	const uint8_t *c = p->command, *args = c + 16;
	const struct command *command = command_of(p, c[8]);
	uint32_t length = u32(c + 12), address = u32(args), size = u32(args + 4);

	if (p->rebooting)
		return REBOOTING;
	if (!command)
		return UNKNOWN_COMMAND;
	if (c[9] != command->arguments)
		return BAD_COMMAND_LENGTH;
	if (command->data ? length == 0 : length != 0)
		return BAD_TRANSFER_LENGTH;
	switch (c[8]) {
	case EXCLUSIVE:
		p->exclusive = args[0];
		tell(p, "exclusive", args[0], 0);
		return args[0] > 2 ? BAD_ARGUMENT : OK;
	case REBOOT:
		return reboot(p, u32(args + 8), 0, u32(args));
	case REBOOT2:
		return reboot(p, size, address, u32(args + 8));
	case EXIT_XIP:
		p->in_xip = false;
		return OK;
	case ENTER_XIP:
		p->in_xip = true;
		return OK;
	case ERASE:
		return begin_erase(p, address, size);
	case READ:
		return length != size ? BAD_TRANSFER_LENGTH : readable(p, address, size);
	case WRITE:
		return length != size ? BAD_TRANSFER_LENGTH : begin_write(p, address, size);
	case GET_INFO:
		return begin_info(p, length);
	case OTP_READ:
		memset(p->info, 0, sizeof(p->info));
		p->info[0] = 30; /* NUM_GPIOS, the row that picotool asks for */
		return length > sizeof(p->info) ? BAD_TRANSFER_LENGTH : OK;
	default:
		return OK; /* EXEC, VECTORIZE: there is no processor here */
	}
}

static void take_command(struct pico *p, const uint8_t *data)
{
	bool to_host = data[8] & 0x80;

	memcpy(p->command, data, COMMAND);
	p->status = begin(p);
	p->left = p->status == OK ? u32(data + 12) : 0;
	p->at = data[8] == READ || data[8] == WRITE ? u32(data + 16) : 0;
	if (p->status != OK)
		p->phase = PHASE_ERROR;
	else if (p->left)
		p->phase = to_host ? PHASE_DATA_IN : PHASE_DATA_OUT;
	else
		p->phase = to_host ? PHASE_ACK_OUT : PHASE_ACK_IN;
}

/* --- endpoints ------------------------------------------------------------------------------------------------- */

static bool is_working(const struct pico *p)
{
	return p->host.now_ms(p->host.ctx) < p->ready;
}

static int on_out(void *m, uint8_t endpoint, const uint8_t *data, size_t size)
{
	struct pico *p = m;
	uint32_t n = (uint32_t)size;

	if (endpoint != OUT_ENDPOINT || p->phase == PHASE_ERROR)
		return USB_MODEL_STALL;
	switch (p->phase) {
	case PHASE_COMMAND:
		if (size != COMMAND || u32(data) != MAGIC) {
			p->phase = PHASE_ERROR;
			p->status = UNKNOWN_COMMAND;
			return USB_MODEL_STALL;
		}
		take_command(p, data);
		return COMMAND;
	case PHASE_DATA_OUT:
		if (is_working(p))
			return USB_MODEL_NAK;
		if (n > PACKET)
			n = PACKET;
		if (n > p->left)
			n = p->left;
		program(p, p->at, data, n);
		p->at += n;
		p->left -= n;
		if (!p->left) {
			p->phase = PHASE_ACK_IN;
			flash_done(p);
		}
		return (int)n;
	case PHASE_ACK_OUT:
		p->phase = PHASE_COMMAND;
		return (int)size;
	default:
		return USB_MODEL_NAK;
	}
}

static int on_in(void *m, uint8_t endpoint, uint8_t *data, size_t size)
{
	struct pico *p = m;
	uint32_t n = (uint32_t)size;

	if (endpoint != IN_ENDPOINT || p->phase == PHASE_ERROR)
		return USB_MODEL_STALL;
	if (is_working(p))
		return USB_MODEL_NAK;
	if (p->phase == PHASE_ACK_IN) {
		p->phase = PHASE_COMMAND;
		return 0;
	}
	if (p->phase != PHASE_DATA_IN)
		return USB_MODEL_NAK;
	if (n > p->left)
		n = p->left;
	for (uint32_t i = 0; i < n; i++)
		data[i] = p->command[8] == READ ? peek(p, p->at + i) : p->info[p->at + i];
	p->at += n;
	p->left -= n;
	if (!p->left) {
		p->phase = PHASE_ACK_OUT;
		if (p->command[8] == READ)
			flash_done(p);
	}
	return (int)n;
}

static int on_control(void *m, const uint8_t setup[8], uint8_t *data)
{
	struct pico *p = m;

	if (setup[0] == 0x41 && setup[1] == 0x41) {
		p->phase = PHASE_COMMAND;
		p->status = OK;
		return 0;
	}
	if (setup[0] != 0xc1 || setup[1] != 0x42 || setup[6] < 16)
		return USB_MODEL_STALL;
	memset(data, 0, 16);
	memcpy(data, p->command + 4, 4);
	put32(data + 4, p->status);
	data[8] = p->command[8];
	data[9] = p->phase != PHASE_COMMAND && p->phase != PHASE_ERROR;
	return 16;
}

/* --- what it is made of --------------------------------------------------------------------------------------- */

static void describe(struct pico *p)
{
	const uint8_t device[18] = { 18,
				     1,
				     0x10,
				     0x01,
				     0,
				     0,
				     0,
				     64,
				     (uint8_t)p->vid,
				     (uint8_t)(p->vid >> 8),
				     (uint8_t)p->pid,
				     (uint8_t)(p->pid >> 8),
				     0x00,
				     0x01,
				     1,
				     2,
				     3,
				     1 };
	const uint8_t drive[] = { 9, 4,  0, 0, 2, 0x08, 0x06, 0x50, 0,  7, 5, 0x81,
				  2, 64, 0, 0, 7, 5,    0x02, 2,    64, 0, 0 };
	const uint8_t picoboot[] = { 9,           4, p->drive,     0, 2,  0xff, 0, 0, 0,
				     7,           5, OUT_ENDPOINT, 2, 64, 0,    0, 7, 5,
				     IN_ENDPOINT, 2, 64,           0, 0 };
	size_t n = 9;

	memcpy(p->device, device, sizeof(device));
	if (p->drive) {
		memcpy(p->configuration + n, drive, sizeof(drive));
		n += sizeof(drive);
	}
	memcpy(p->configuration + n, picoboot, sizeof(picoboot));
	n += sizeof(picoboot);
	memcpy(p->configuration,
	       ((const uint8_t[]){ 9, 2, (uint8_t)n, 0, p->drive ? 2 : 1, 1, 0, 0x80, 250 }), 9);
	p->configuration_size = n;
}

/* "2000+100000:e48bff59,e48bff57:3f": start and size, families, permissions; all in hex. */
static bool parse_partition(struct pico *p, const char *text)
{
	struct partition *part = &p->partitions[p->partition_count];
	char *end;

	if (p->partition_count == MAX_PARTITIONS)
		return false;
	part->start = (uint32_t)strtoul(text, &end, 16);
	part->size = *end == '+' ? (uint32_t)strtoul(end + 1, &end, 16) : 0;
	part->permissions = ALL_PERMISSIONS;
	while ((*end == ':' || *end == ',') && part->count < MAX_FAMILIES) {
		part->families[part->count++] = (uint32_t)strtoul(end + 1, &end, 16);
		if (*end == ':')
			break;
	}
	if (*end == ':')
		part->permissions = (uint32_t)strtoul(end + 1, &end, 16);
	p->partition_count++;
	return !*end && part->size && part->start % SECTOR == 0 && part->size % SECTOR == 0;
}

/* "2e8a:0003", or "10" and the second one stays. */
static bool two_numbers(const char *text, uint32_t *a, uint32_t *b)
{
	char *end;

	*a = (uint32_t)strtoul(text, &end, 16);
	if (*end == ':')
		*b = (uint32_t)strtoul(end + 1, &end, 16);
	return !*end;
}

static bool parse_word(struct pico *p, const char *word)
{
	const char *value = strchr(word, '=');
	size_t n = value ? (size_t)(value++ - word) : 0;

#define IS(name) (n == strlen(name) && strncmp(word, name, n) == 0)
	if (IS("chip"))
		p->rp2350 = strcmp(value, "rp2350") == 0;
	else if (IS("flash"))
		p->path = strdup(value);
	else if (IS("size"))
		p->size = (uint32_t)strtoul(value, NULL, 10) * 1024;
	else if (IS("serial"))
		snprintf(p->serial, sizeof(p->serial), "%s", value);
	else if (IS("id"))
		return two_numbers(value, &p->vid, &p->pid);
	else if (IS("drive"))
		p->drive = strcmp(value, "no") != 0;
	else if (IS("devinfo"))
		p->devinfo = (uint32_t)strtoul(value, NULL, 16);
	else if (IS("uf2_status"))
		return two_numbers(value, &p->uf2_status, &p->uf2_family);
	else if (IS("partition"))
		return parse_partition(p, value);
	else if (IS("xip"))
		p->strict = strcmp(value, "strict") == 0;
	else if (IS("erase_ms"))
		p->erase_ms = (int)strtol(value, NULL, 10);
	else if (IS("write_us"))
		p->write_us = (int)strtol(value, NULL, 10);
	else
		return false;
#undef IS
	return true;
}

/* The file as it is; what it lacks is erased flash. */
static bool open_flash(struct pico *p)
{
	size_t have;

	p->flash = malloc(p->size);
	if (!p->flash || !p->path)
		return false;
	memset(p->flash, 0xff, p->size);
	p->file = fopen(p->path, "r+be");
	if (!p->file)
		p->file = fopen(p->path, "w+be");
	if (!p->file)
		return false;
	have = fread(p->flash, 1, p->size, p->file);
	rewind(p->file);
	return have == p->size ||
	       (fwrite(p->flash, 1, p->size, p->file) == p->size && fflush(p->file) == 0);
}

static void destroy(void *m)
{
	struct pico *p = m;

	if (p->file)
		fclose(p->file);
	free(p->path);
	free(p->flash);
	free(p->ram);
	free(p->rom);
	free(p);
}

static void *fail(struct pico *p, char **why, const char *text)
{
	*why = strdup(text);
	destroy(p);
	return NULL;
}

static void *create(char **words, const struct usb_model_host *host, char **why)
{
	struct pico *p = calloc(1, sizeof(*p));

	if (!p)
		abort();
	p->host = *host;
	p->drive = true;
	p->in_xip = true;
	p->size = 2048 * 1024;
	p->devinfo = 0x0c00; /* 16 MiB: what the ROM takes when OTP says nothing */
	for (; *words; words++)
		if (!parse_word(p, *words))
			return fail(p, why, *words);
	if (!p->vid) {
		p->vid = 0x2e8a;
		p->pid = p->rp2350 ? 0x000f : 0x0003;
	}
	if (!p->serial[0])
		snprintf(p->serial, sizeof(p->serial), "%s",
			 p->rp2350 ? "0F1E2D3C4B5A6978" : "E0C9125B0D9B");
	p->ram = calloc(1, RAM);
	p->rom = calloc(1, ROM);
	if (!p->ram || !p->rom || !p->size || !open_flash(p))
		return fail(p, why, "picoboot wants flash=FILE that can be written");
	/* "Mu", version of the format, of the ROM: B2, and RP2350's A2 */
	memcpy(p->rom + 0x10, (const uint8_t[]){ 'M', 'u', p->rp2350 ? 2 : 1, p->rp2350 ? 2 : 3 },
	       4);
	describe(p);
	return p;
}

static const uint8_t *device(void *m)
{
	return ((struct pico *)m)->device;
}

static const uint8_t *configuration(void *m, size_t *size)
{
	struct pico *p = m;

	*size = p->configuration_size;
	return p->configuration;
}

static const char *string(void *m, uint8_t index)
{
	struct pico *p = m;

	switch (index) {
	case 1:
		return "Raspberry Pi";
	case 2:
		return p->rp2350 ? "RP2350 Boot" : "RP2 Boot";
	case 3:
		return p->serial;
	default:
		return NULL;
	}
}

const struct usb_model picoboot_model = {
	.name = "picoboot",
	.words =
		"flash=FILE chip=rp2040|rp2350 size=KIB serial=TEXT id=VID:PID drive=no devinfo=HEX "
		"partition=START+SIZE:FAMILY,...[:PERMISSIONS] uf2_status=HEX[:FAMILY] xip=strict erase_ms=N write_us=N (a page)",
	.create = create,
	.destroy = destroy,
	.device = device,
	.configuration = configuration,
	.string = string,
	.control = on_control,
	.out = on_out,
	.in = on_in,
};
