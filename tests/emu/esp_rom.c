/* SPDX-License-Identifier: MIT
 *
 * Requests of esptool's protocol. See esp_rom.h.
 */
#include "esp_rom.h"

#include <glib.h>
#include <stdlib.h>
#include <string.h>

enum {
	FLASH_BEGIN = 0x02,
	FLASH_DATA,
	FLASH_END,
	MEM_BEGIN,
	MEM_END,
	MEM_DATA,
	SYNC,
	WRITE_REG,
	READ_REG,
	SPI_SET_PARAMS,
	SPI_ATTACH = 0x0d,
	READ_SLOW,
	CHANGE_BAUD,
	DEFL_BEGIN,
	DEFL_DATA,
	DEFL_END,
	MD5,
	SECURITY,
	ERASE_ALL = 0xd0,
	ERASE_REGION,
	READ_STUB,
	RUN_USER,
};

enum {
	BAD_MESSAGE = 5,
	FAILED = 6,
	BAD_CHECKSUM = 7,
	WRITE_FAILED = 8,
	READ_FAILED = 9,
	BAD_DEFLATE = 0xb,
};

enum {
	SECTOR = 4096,
	ROM_BLOCK = 0x400,
	RAM_BLOCK = 0x1800,
	STUB_BLOCK = 0x4000,
	MAGIC_AT = 0x40001000,
	SLOW = 64,
};

#define NEW_SPI 0x18, 0x1c, 0x20, 0x24, 0x28, 0x58

static const struct esp_model_chip chips[] = {
	{ "esp8266", -1, 0xfff0c101, 0, 0x60000200, 0x1c, 0x20, 0x24, 0, 0, 0x40, 2, 0, false,
	  0x60000014, 2, 26, 0, 0 },
	{ "esp32", -1, 0x00f01d83, 0x1000, 0x3ff42000, 0x1c, 0x20, 0x24, 0x28, 0x2c, 0x80, 4, 0,
	  false, 0x3ff40014, 1, 40, 0, 0x3ff5a004 },
	{ "esp32s2", -1, 0x000007c6, 0x1000, 0x3f402000, NEW_SPI, 4, 12, true, 0x3f400014, 1, 40,
	  0x3ffffd14, 0x3f41a044 },
	{ "esp32s3", 9, 0x9, 0, 0x60002000, NEW_SPI, 4, 20, true, 0x60000014, 1, 40, 0x3fcef14c,
	  0x60007044 },
	{ "esp32c3", 5, 0x1b31506f, 0, 0x60002000, NEW_SPI, 4, 20, true, 0x60000014, 1, 40,
	  0x3fcdf07c, 0x60008844 },
	{ "esp32c2", 12, 0x6f51306f, 0, 0x60002000, NEW_SPI, 4, 20, true, 0x60000014, 1, 40, 0,
	  0x60008840 },
	{ "esp32c6", 13, 0x2ce0806f, 0, 0x60003000, NEW_SPI, 4, 20, true, 0x60000014, 1, 40,
	  0x4087f580, 0x600b0844 },
};

const struct esp_model_chip *esp_model_chip(const char *name)
{
	for (size_t i = 0; i < sizeof(chips) / sizeof(chips[0]); i++)
		if (strcmp(chips[i].name, name) == 0)
			return &chips[i];
	return NULL;
}

static bool is_8266(const struct esp_rom *r)
{
	return strcmp(r->chip->name, "esp8266") == 0;
}

static uint32_t word(const uint8_t *p, size_t i)
{
	return (uint32_t)p[i * 4] | (uint32_t)p[i * 4 + 1] << 8 | (uint32_t)p[i * 4 + 2] << 16 |
	       (uint32_t)p[i * 4 + 3] << 24;
}

static void put_word(uint8_t *p, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(value >> 8 * i);
}

__attribute__((format(printf, 2, 3))) static void note(struct esp_rom *r, const char *fmt, ...)
{
	va_list ap;

	if (!r->log)
		return;
	va_start(ap, fmt);
	vfprintf(r->log, fmt, ap);
	va_end(ap);
	fputc('\n', r->log);
	fflush(r->log);
}

void esp_rom_answer(struct esp_rom *r, uint8_t op, uint32_t value, const void *data, size_t len,
		    uint8_t code)
{
	size_t status = r->stub ? 2 : r->chip->status;
	uint8_t frame[128] = { 1, op, (uint8_t)(len + status) };

	put_word(frame + 4, value);
	if (len)
		memcpy(frame + 8, data, len);
	frame[8 + len] = code ? 1 : 0;
	frame[9 + len] = code;
	r->say(frame, 8 + len + status);
}

static void done(struct esp_rom *r, uint8_t op, uint8_t code)
{
	if (code)
		note(r, "refused %02x: %02x", op, code);
	esp_rom_answer(r, op, 0, NULL, 0, code);
}

static void end_writing(struct esp_rom *r)
{
	if (r->inflating)
		inflateEnd(&r->inflate);
	r->inflating = r->writing = false;
}

void esp_rom_reset(struct esp_rom *r)
{
	end_writing(r);
	r->stub = r->left = r->attached = false;
	r->register_count = 0;
	r->chip_size = 2 << 20;
}

/* --- registers ------------------------------------------------------------------------------------------------- */

static uint32_t *cell(struct esp_rom *r, uint32_t address)
{
	for (size_t i = 0; i < r->register_count; i++)
		if (r->registers[i].address == address)
			return &r->registers[i].value;
	if (r->register_count == ESP_REGISTERS)
		r->register_count = 0;
	r->registers[r->register_count].address = address;
	r->registers[r->register_count].value = 0;
	return &r->registers[r->register_count++].value;
}

static void erase(struct esp_rom *r, uint32_t from, uint32_t size)
{
	uint32_t start = from / SECTOR * SECTOR;

	if (from >= r->flash_size || !size)
		return;
	if (size > r->flash_size - from)
		size = (uint32_t)r->flash_size - from;
	size = (from + size - start + SECTOR - 1) / SECTOR * SECTOR;
	note(r, "erase %08x %08x", start, size);
	memset(r->flash + start, 0xff, size);
	r->work((int64_t)(size / SECTOR) * r->erase_us);
}

/* The ROM gives the flash chip 24 bits of an address; the stub more. */
static uint32_t reached(const struct esp_rom *r, uint32_t address)
{
	return r->stub ? address : address & 0xffffff;
}

/* Cells go from 1 to 0 only. */
static void program(struct esp_rom *r, uint32_t at, const uint8_t *data, size_t size)
{
	for (size_t i = 0; i < size && at + i < r->flash_size; i++)
		r->flash[at + i] &= data[i];
	r->programmed += size;
	r->work((int64_t)size * r->write_us / 1024);
}

/* What the flash chip answers to a command of the SPI controller. */
static void spi_command(struct esp_rom *r)
{
	const struct esp_model_chip *c = r->chip;
	uint32_t command = *cell(r, c->spi + c->usr2) & 0xff;
	uint32_t address = *cell(r, c->spi + 4) >> 8;
	uint32_t values[16] = { 0 };

	if (!r->attached)
		command = 0;
	if (command == 0x9f)
		values[0] = r->flash_id;
	else if (command == 0x5a)
		values[0] = 0x50444653; /* "SFDP" */
	else if (command == 0x20)
		erase(r, address, SECTOR);
	else if (command == 0x03)
		for (size_t i = 0; i < sizeof(values); i++)
			if (address + i < r->flash_size)
				values[i / 4] |= (uint32_t)r->flash[address + i] << i % 4 * 8;
	for (uint32_t i = 0; i < 16; i++)
		*cell(r, c->spi + c->w0 + 4 * i) = values[i];
	*cell(r, c->spi) &= ~(1u << 18);
}

static void write_register(struct esp_rom *r, const uint8_t *p, size_t len)
{
	if (len < 16) {
		done(r, WRITE_REG, BAD_MESSAGE);
		return;
	}
	for (size_t i = 0; i + 16 <= len; i += 16) {
		uint32_t address = word(p + i, 0), mask = word(p + i, 2);
		uint32_t *value = cell(r, address);

		*value = (*value & ~mask) | (word(p + i, 1) & mask);
		note(r, "write_reg %08x %08x", address, word(p + i, 1));
		if (address == r->chip->spi && (*value & 1u << 18))
			spi_command(r);
	}
	done(r, WRITE_REG, 0);
}

static uint32_t esp32_fuse(const struct esp_rom *r, uint32_t index)
{
	unsigned major = r->revision / 100;

	if (index == 0)
		return r->encrypted ? 1 << 20 : 0;
	if (index == 3)
		return major >= 1 ? 1 << 15 : 0;
	if (index == 4)
		return 136; /* the 8 MHz oscillator, which the estimate of the crystal is made of */
	if (index == 5)
		return (major >= 2 ? 1 << 20 : 0) | (r->revision % 100) << 24;
	return index == 6 && r->secure_boot ? 1 << 4 : 0;
}

/* eFuses have it from its end on. */
static uint32_t mac_word(const struct esp_rom *r, uint32_t index)
{
	return (uint32_t)(index ? r->mac >> 32 : r->mac);
}

static uint32_t fixed_register(struct esp_rom *r, uint32_t address)
{
	bool esp32 = strcmp(r->chip->name, "esp32") == 0;

	if (address == MAGIC_AT)
		return r->chip->magic;
	if (r->chip->mac && address - r->chip->mac <= 4)
		return mac_word(r, (address - r->chip->mac) / 4);
	if (address == r->chip->clkdiv)
		return r->baud ? r->crystal * 1000000 * r->chip->clkdiv_by / r->baud : 0;
	if (address == r->chip->usb_cell && address)
		return r->usb_jtag ? (strcmp(r->chip->name, "esp32s3") == 0 ? 4 : 3) : 0;
	if (esp32 && address >= 0x3ff5a000 && address < 0x3ff5a020)
		return esp32_fuse(r, (address - 0x3ff5a000) / 4);
	if (esp32 && address == 0x3ff6607c && r->revision >= 300)
		return 1u << 31;
	/* RTCCALICFG1: the crystal by the oscillator of 8 MHz: what gives 40 MHz with the fuse above */
	if (esp32 && address == 0x3ff5f06c)
		return 753u * r->crystal / 40 << 7;
	return *cell(r, address);
}

static void read_register(struct esp_rom *r, const uint8_t *p, size_t len)
{
	if (len != 4)
		done(r, READ_REG, BAD_MESSAGE);
	else
		esp_rom_answer(r, READ_REG, fixed_register(r, word(p, 0)), NULL, 0, 0);
}

/* --- writing flash ------------------------------------------------------------------------------------------------ */

/* The 8266's ROM counts the sectors up to the next block of 16 twice. */
static uint32_t erased_by_8266(uint32_t offset, uint32_t size)
{
	uint32_t sectors = (size + SECTOR - 1) / SECTOR, head = 16 - offset / SECTOR % 16;

	return (sectors + (sectors < head ? sectors : head)) * SECTOR;
}

static uint8_t begin(struct esp_rom *r, uint8_t op, const uint8_t *p, size_t len)
{
	bool five = r->chip->extended || (r->stub && len == 20);
	uint32_t size = word(p, 0), offset = reached(r, word(p, 3));

	if (len != (five ? 20U : 16U))
		return BAD_MESSAGE;
	if (is_8266(r))
		r->attached = true;
	if (!r->attached || (size && offset % SECTOR && !r->stub) ||
	    (!is_8266(r) && (offset > r->chip_size || size > r->chip_size - offset)))
		return FAILED;
	end_writing(r);
	if (size || word(p, 1))
		note(r, "%s %08x %08x", op == DEFL_BEGIN ? "defl_begin" : "begin", offset, size);
	r->writing = true;
	r->deflated = op == DEFL_BEGIN;
	r->at = r->erased_to = offset;
	r->block = word(p, 2);
	r->end = offset + (r->deflated ? size : word(p, 1) * r->block);
	r->sequence = 0;
	if (r->deflated) {
		memset(&r->inflate, 0, sizeof(r->inflate));
		r->inflating = inflateInit(&r->inflate) == Z_OK;
	}
	if (!r->stub)
		erase(r, offset, is_8266(r) ? erased_by_8266(offset, size) : size);
	return 0;
}

static void put(struct esp_rom *r, const uint8_t *data, size_t size)
{
	if (size > r->end - r->at)
		size = r->end - r->at;
	while (r->stub && r->erased_to < r->at + size) {
		erase(r, r->erased_to, 1);
		r->erased_to = (r->erased_to / SECTOR + 1) * SECTOR;
	}
	program(r, r->at, data, size);
	r->at += (uint32_t)size;
}

static uint8_t put_deflated(struct esp_rom *r, const uint8_t *data, size_t size)
{
	uint8_t out[32768];
	int z = Z_OK;

	r->inflate.next_in = (uint8_t *)(uintptr_t)data;
	r->inflate.avail_in = (unsigned)size;
	while (z == Z_OK && (r->inflate.avail_in || r->inflate.avail_out == 0)) {
		r->inflate.next_out = out;
		r->inflate.avail_out = sizeof(out);
		z = inflate(&r->inflate, Z_NO_FLUSH);
		if (z == Z_OK || z == Z_STREAM_END)
			put(r, out, sizeof(out) - r->inflate.avail_out);
		r->inflate.avail_out = r->inflate.avail_in ? r->inflate.avail_out : 1;
	}
	return z == Z_OK || z == Z_STREAM_END || z == Z_BUF_ERROR ? 0 : BAD_DEFLATE;
}

static uint8_t data_code(struct esp_rom *r, uint8_t op, uint32_t check, const uint8_t *p,
			 size_t len)
{
	uint32_t size = len >= 16 ? word(p, 0) : 0;
	uint8_t sum = 0xef;

	if (len < 16 || size != len - 16 || size > (r->stub ? STUB_BLOCK : ROM_BLOCK))
		return BAD_MESSAGE;
	for (size_t i = 16; i < len; i++)
		sum ^= p[i];
	if (sum != (uint8_t)check)
		return BAD_CHECKSUM;
	if (!r->writing || r->deflated != (op == DEFL_DATA) || word(p, 1) != r->sequence)
		return FAILED;
	return 0;
}

static void data(struct esp_rom *r, uint8_t op, uint32_t check, const uint8_t *p, size_t len)
{
	uint8_t code = data_code(r, op, check, p, len);

	r->data_blocks++;
	if (r->fault(op))
		return;
	if (code) {
		done(r, op, code);
		return;
	}
	r->sequence++;
	/* The stub answers first, and is not ready for the next block before it has written this one. */
	if (r->stub)
		done(r, op, 0);
	if (r->deflated)
		code = put_deflated(r, p + 16, len - 16);
	else
		put(r, p + 16, len - 16);
	if (!r->stub)
		done(r, op, code);
}

static void end_request(struct esp_rom *r, uint8_t op, const uint8_t *p, size_t len)
{
	bool stays = len == 4 && word(p, 0) == 1;

	note(r, "end %u", len == 4 ? word(p, 0) : 0);
	end_writing(r);
	done(r, op, 0);
	/* The ROM leaves its loader, whatever it is told. */
	r->left = !r->stub || !stays;
}

/* --- the rest ------------------------------------------------------------------------------------------------------ */

static void md5(struct esp_rom *r, const uint8_t *p, size_t len)
{
	uint32_t at = len == 16 ? reached(r, word(p, 0)) : 0, size = len == 16 ? word(p, 1) : 0;
	GChecksum *sum = g_checksum_new(G_CHECKSUM_MD5);
	uint8_t digest[16];
	gsize digest_len = sizeof(digest);

	if (len != 16 || !r->attached || at > r->flash_size || size > r->flash_size - at) {
		done(r, MD5, len == 16 ? READ_FAILED : BAD_MESSAGE);
		g_checksum_free(sum);
		return;
	}
	note(r, "md5 %08x %08x", at, size);
	g_checksum_update(sum, r->flash + at, size);
	if (r->stub) {
		g_checksum_get_digest(sum, digest, &digest_len);
		esp_rom_answer(r, MD5, 0, digest, digest_len, 0);
	} else {
		esp_rom_answer(r, MD5, 0, g_checksum_get_string(sum), 32, 0);
	}
	g_checksum_free(sum);
}

static void security(struct esp_rom *r)
{
	uint8_t info[20] = { 0 };

	put_word(info, (r->secure_boot ? 1U : 0) | (r->secure_download ? 4U : 0));
	info[4] = r->encrypted ? 1 : 0;
	put_word(info + 12, (uint32_t)r->chip->id);
	put_word(info + 16, r->revision);
	esp_rom_answer(r, SECURITY, 0, info, r->chip->security, 0);
}

static void read_slow(struct esp_rom *r, const uint8_t *p, size_t len)
{
	uint32_t at = len == 8 ? reached(r, word(p, 0)) : 0,
		 size = len == 8 ? word(p, 1) : SLOW + 1;
	uint8_t buf[SLOW] = { 0 };

	if (size > SLOW || !r->attached || at > r->flash_size || size > r->flash_size - at) {
		done(r, READ_SLOW, READ_FAILED);
		return;
	}
	note(r, "read %08x %08x", at, size);
	memcpy(buf, r->flash + at, size);
	esp_rom_answer(r, READ_SLOW, 0, buf, sizeof(buf), 0);
}

static void mem_data(struct esp_rom *r, uint32_t check, const uint8_t *p, size_t len)
{
	uint8_t sum = 0xef;

	for (size_t i = 16; i < len; i++)
		sum ^= p[i];
	done(r, MEM_DATA,
	     len < 16 || len - 16 > RAM_BLOCK ? BAD_MESSAGE
	     : sum != (uint8_t)check          ? BAD_CHECKSUM
					      : 0);
}

/* What esptool loads is taken for its stub. */
static void mem_end(struct esp_rom *r, const uint8_t *p, size_t len)
{
	done(r, MEM_END, len == 8 ? 0 : BAD_MESSAGE);
	if (len != 8 || word(p, 0))
		return;
	end_writing(r);
	r->stub = r->attached = true;
	r->told("stub");
	r->say("OHAI", 4);
}

static void synchronize(struct esp_rom *r, const uint8_t *p, size_t len)
{
	static const uint8_t want[] = { 0x07, 0x07, 0x12, 0x20 };

	if (len != 36 || memcmp(p, want, sizeof(want)) != 0 || p[4] != 0x55 || p[35] != 0x55)
		return;
	note(r, "sync %u", r->baud);
	for (int i = 0; i < 8; i++)
		esp_rom_answer(r, SYNC, r->stub ? 0 : 0x20120707, NULL, 0, 0);
}

/*
 * Newer ROMs and the 8266's answer an unknown request once, under its own number. esptool (command) expects the ESP32's eight times and
 * under another number, and waits until they are through.
 */
static void unknown(struct esp_rom *r, uint8_t op)
{
	bool many = strcmp(r->chip->name, "esp32") == 0 && !r->stub;

	for (int i = 0; i < (many ? 8 : 1); i++)
		done(r, many ? 0xff : op, BAD_MESSAGE);
}

static bool knows(const struct esp_rom *r, uint8_t op)
{
	if (r->stub)
		return op <= MD5 || (op >= ERASE_ALL && op <= RUN_USER);
	if (op == SECURITY)
		return r->chip->security;
	if (r->secure_download)
		return op == SYNC || op == SPI_ATTACH || op == SPI_SET_PARAMS ||
		       (op >= FLASH_BEGIN && op <= FLASH_END) ||
		       (op >= CHANGE_BAUD && op <= DEFL_END);
	return op <= (is_8266(r) ? READ_REG : MD5);
}

static void change_baud(struct esp_rom *r, const uint8_t *p, size_t len)
{
	done(r, CHANGE_BAUD, len == 8 ? 0 : BAD_MESSAGE);
	if (len == 8) {
		note(r, "baud %u", word(p, 0));
		r->set_baud(word(p, 0));
	}
}

static bool writing_request(struct esp_rom *r, uint8_t op, uint32_t check, const uint8_t *p,
			    size_t len)
{
	switch (op) {
	case FLASH_BEGIN:
	case DEFL_BEGIN:
		done(r, op, len >= 16 ? begin(r, op, p, len) : BAD_MESSAGE);
		return true;
	case FLASH_DATA:
	case DEFL_DATA:
		data(r, op, check, p, len);
		return true;
	case FLASH_END:
	case DEFL_END:
		end_request(r, op, p, len);
		return true;
	case MEM_BEGIN:
		done(r, op, len == 16 ? 0 : BAD_MESSAGE);
		return true;
	case MEM_DATA:
		mem_data(r, check, p, len);
		return true;
	case MEM_END:
		mem_end(r, p, len);
		return true;
	default:
		return false;
	}
}

static void other_request(struct esp_rom *r, uint8_t op, const uint8_t *p, size_t len)
{
	switch (op) {
	case SYNC:
		synchronize(r, p, len);
		return;
	case WRITE_REG:
		write_register(r, p, len);
		return;
	case READ_REG:
		read_register(r, p, len);
		return;
	case SPI_SET_PARAMS:
		if (len == 24)
			r->chip_size = word(p, 1);
		done(r, op, len == 24 ? 0 : BAD_MESSAGE);
		return;
	case SPI_ATTACH:
		r->attached = len == (r->stub ? 4U : 8U) || r->attached;
		done(r, op, len == (r->stub ? 4U : 8U) ? 0 : BAD_MESSAGE);
		return;
	case READ_SLOW:
		read_slow(r, p, len);
		return;
	case CHANGE_BAUD:
		change_baud(r, p, len);
		return;
	case MD5:
		md5(r, p, len);
		return;
	case SECURITY:
		security(r);
		return;
	case ERASE_ALL:
		erase(r, 0, (uint32_t)r->flash_size);
		done(r, op, 0);
		return;
	case ERASE_REGION:
		if (len == 8)
			erase(r, word(p, 0), word(p, 1));
		done(r, op, len == 8 ? 0 : BAD_MESSAGE);
		return;
	default:
		unknown(r, op);
	}
}

void esp_rom_request(struct esp_rom *r, const uint8_t *frame, size_t len)
{
	uint8_t op = len > 1 ? frame[1] : 0;

	if (len < 8 || frame[0] != 0 || (size_t)(frame[2] | frame[3] << 8) != len - 8)
		return; /* the ROM says nothing to what is no request */
	if (!knows(r, op))
		unknown(r, op);
	else if (!writing_request(r, op, word(frame, 1), frame + 8, len - 8))
		other_request(r, op, frame + 8, len - 8);
}
