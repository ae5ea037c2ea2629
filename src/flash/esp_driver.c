/* SPDX-License-Identifier: MIT
 *
 * The ROM loader's operations on its flash: MD5 sums, writes that erase (compressed where the ROM inflates), slow reads.
 *
 * A write is cut into pieces: the ROM erases a piece before it takes the first byte, so that pieces keep the waits, and what is lost when
 * something fails, short. No END is ever sent: ROMs leave their loader at it, whatever they are told.
 */
#include "flash/esp_driver.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/vec.h"
#include "board/bootloader.h"
#include "flash/esp_content.h"
#include "flash/esp_link.h"
#include "flash/esp_spi.h"
#include "os/crypto.h"
#include "os/deflate.h"

enum {
	PIECE = 256 * 1024,
	SAME = 64 * 1024,
	ERASE_MS_PER_MB = 40000, /* esptool's: the slowest flash chips */
	MD5_MS_PER_MB = 8000,
	ERASE_MS = 45,      /* usual times of data sheets, for estimates */
	READ_US = 40000,    /* 16 requests */
	DENSITY = 65,       /* percent of firmware that is left of it compressed */
	BLOCK_SECTORS = 16, /* of 64 KiB, which an ESP8266's ROM erases at once */
	REACHED = 16 << 20, /* ROMs give the flash chip 24 bits of an address */
};

struct esp_handle {
	const struct flash_target *t;
	struct esp_link link;
};

/* --- the attempt ------------------------------------------------------------------------------------------------------ */

static const char *attempt_get(void *ctx, const char *name)
{
	const struct esp_attempt *a = ctx;
	const char *value;

	if (!a->again)
		return flash_target_get(a->asked, name);
	if (strcmp(name, "esp.baud") == 0) {
		value = flash_target_get(a->asked, "esp.retry-baud");
		return value ? value : "115200";
	}
	if (strcmp(name, "esp.mode") == 0) {
		value = flash_target_get(a->asked, "esp.retry-mode");
		return value ? value : "dio";
	}
	return flash_target_get(a->asked, name);
}

static void attempt_note(void *ctx, const char *text)
{
	const struct esp_attempt *a = ctx;

	a->asked->note(a->asked->ctx, text);
}

static void attempt_progress(void *ctx, const char *what, uint64_t done, uint64_t total)
{
	const struct esp_attempt *a = ctx;

	a->asked->progress(a->asked->ctx, what, done, total);
}

void esp_attempt_init(struct esp_attempt *a, const struct flash_target *t, bool again)
{
	*a = (struct esp_attempt){ .target = *t, .asked = t, .again = again };
	a->target.get = attempt_get;
	a->target.note = t->note ? attempt_note : NULL;
	a->target.progress = t->progress ? attempt_progress : NULL;
	a->target.ctx = a;
}

/* --- open -------------------------------------------------------------------------------------------------------------- */

static bool wanted_baud(const struct flash_target *t, unsigned *baud, struct err *e)
{
	uint64_t value = 0;
	bool set;

	*baud = 0;
	if (!flash_target_number(t, "esp.baud", &set, &value, e))
		return false;
	*baud = set && value < 10000000 ? (unsigned)value : 0;
	return true;
}

static bool is_8266(const struct esp_handle *h)
{
	return h->link.found.rom->id == ESP8266_ID;
}

static uint32_t reached(const struct esp_handle *h)
{
	return h->link.flash_size < REACHED ? h->link.flash_size : REACHED;
}

/* ESP8266's ROM cannot say what its flash holds. */
static bool describe(const struct esp_handle *h, struct flash_memory *memory, struct err *e)
{
	const struct memory_zone flash = {
		.name = "flash",
		.sector = ESP_SECTOR,
		.count = reached(h) / ESP_SECTOR,
		.access = MEMORY_ERASE | MEMORY_WRITE | (is_8266(h) ? 0 : MEMORY_READ),
		.write_unit = ESP_SECTOR,
		.erased = 0xff,
		.blank_is_erased = true,
		.erase_ms = ERASE_MS,
		.write_us = (uint32_t)(UINT64_C(10) * 1024 * 1000000 * DENSITY / 100 /
				       h->link.wire.baud),
		.read_us = READ_US,
	};

	return flash_memory_add(memory, &flash, e);
}

static bool end_call(struct esp_handle *h, bool ok)
{
	struct esp_attempt *a = h->t->ctx;

	/* A port that went away is plugged in again by somebody, who then runs us again. */
	if (!ok && h->link.wire.broken && !h->link.wire.tty.gone)
		a->broken = true;
	return ok;
}

static void esp_close(void *handle)
{
	struct esp_handle *h = handle;

	esp_link_close(&h->link);
	free(h);
}

static bool esp_open(const struct flash_target *t, const struct device *d,
		     struct flash_memory *memory, void **handle, struct err *e)
{
	struct esp_handle *h = xcalloc(1, sizeof(*h));
	const char *port = device_port(d);
	unsigned baud;

	h->t = t;
	h->link.wire = (struct esp_wire)ESP_WIRE_INIT;
	if (!port)
		err_set(e, "%s has no serial port", device_label(d));
	else if (wanted_baud(t, &baud, e) &&
		 end_call(h, esp_link_open(&h->link, t, port, bootloader_esp_line(d), baud, e)) &&
		 describe(h, memory, e)) {
		*handle = h;
		return true;
	}
	esp_close(h);
	return false;
}

/* --- the image ---------------------------------------------------------------------------------------------------------- */

/* What lies behind would come to lie over the beginning, and look right when it is compared. */
static bool is_reached(const struct esp_handle *h, const struct image *img, struct err *e)
{
	uint64_t end = image_end(img);

	if (h->link.flash_size <= REACHED || end <= REACHED)
		return true;
	err_set(e,
		"the image ends at 0x%" PRIx64
		", but the loader in the ROM of the %s reaches 16 MiB of its %" PRIu32
		" MiB of flash",
		end - 1, esp_link_chip(&h->link), h->link.flash_size >> 20);
	return err_hint(e, "`--method esptool` brings a loader that reaches all of it");
}

/*
 * An adapter's number is not the chip's: who said who he is over his REPL has told that one, and another board may be at the
 * adapter since.
 */
static bool is_the_chip(struct esp_handle *h, struct err *e)
{
	const struct device *d = h->t->attached;
	const char *was = d && d->has_identity ? d->identity.chip_id : NULL;
	char mac[13];

	if (!was || strlen(was) != sizeof(mac) - 1)
		return true;
	if (!esp_read_mac(&h->link.wire, h->link.found.rom, mac, e))
		return false;
	if (!*mac || strcasecmp(mac, was) == 0)
		return true;
	err_set(e, "another board is at the place of %s: its chip is %s, not %s", device_label(d),
		mac, was);
	return err_hint(e,
			"plug the right one in again, or run the same command again for this one");
}

static bool esp_check(void *handle, const struct image *img, struct err *e)
{
	struct esp_handle *h = handle;

	return end_call(h, is_the_chip(h, e)) &&
	       esp_content_fits(img, &h->link.found, h->link.flash_size, e) &&
	       is_reached(h, img, e);
}

/*
 * The bytes behind the image in a sector that it shares, from an ESP8266: its ROM has no request for reading, so the planner could
 * not keep them. By registers it takes about 20 requests for 64 bytes.
 */
static bool add_rest(struct esp_handle *h, uint32_t from, uint32_t to, struct image *out,
		     struct err *e)
{
	uint8_t *bytes = arena_alloc(&out->arena, to - from);

	flash_target_note(h->t, "reading 0x%08" PRIx32 "-0x%08" PRIx32 ", to keep it", from,
			  to - 1);
	for (uint32_t at = from, n; at < to; at += n) {
		n = to - at < ESP_READ_MAX ? to - at : ESP_READ_MAX;
		if (!esp_spi_read(&h->link.wire, h->link.found.rom, at, bytes + (at - from), n, e))
			return err_wrap(e, "read 0x%08" PRIx32, at);
	}
	return image_add(out, from, bytes, to - from, false, e);
}

/* Both sides of each segment up to its sectors' ends, or to the next segment. */
static bool fill_sectors(struct esp_handle *h, const struct image *img, struct image *out,
			 struct err *e)
{
	uint64_t end = 0; /* of the segment before */

	for (size_t i = 0; i < img->count; i++) {
		const struct image_segment *s = &img->segments[i];
		uint64_t stop = (uint64_t)s->address + s->size, first, last;

		first = s->address / ESP_SECTOR * ESP_SECTOR;
		first = first < end ? end : first;
		last = (stop + ESP_SECTOR - 1) / ESP_SECTOR * ESP_SECTOR;
		if (i + 1 < img->count && last > img->segments[i + 1].address)
			last = img->segments[i + 1].address;
		if (first < s->address && !add_rest(h, (uint32_t)first, s->address, out, e))
			return false;
		if (last > stop && last <= h->link.flash_size &&
		    !add_rest(h, (uint32_t)stop, (uint32_t)last, out, e))
			return false;
		end = last;
	}
	return true;
}

static bool prepare_8266(struct esp_handle *h, const struct image *img, struct image *out,
			 bool *changed, struct err *e)
{
	if (!*changed) {
		for (size_t i = 0; i < img->count; i++)
			if (!image_add(out, img->segments[i].address, img->segments[i].data,
				       img->segments[i].size, false, e))
				return false;
		out->python = img->python;
	}
	*changed = true;
	return fill_sectors(h, img, out, e);
}

static bool esp_prepare(void *handle, const struct image *img, struct image *out, bool *changed,
			struct err *e)
{
	struct esp_handle *h = handle;
	const char *size = flash_target_get(h->t, "esp.size");
	const struct esp_settings settings = {
		.mode = flash_target_get(h->t, "esp.mode"),
		.size = size ? size : "detect",
		.frequency = flash_target_get(h->t, "esp.freq"),
	};

	if (!esp_content_prepare(img, &h->link.found, h->link.flash_size, &settings, out, changed,
				 e))
		return false;
	return !is_8266(h) || end_call(h, prepare_8266(h, img, out, changed, e));
}

/* --- compare, read -------------------------------------------------------------------------------------------------------- */

static void to_hex(const uint8_t *digest, size_t size, char *out)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < size; i++) {
		out[2 * i] = digits[digest[i] >> 4];
		out[2 * i + 1] = digits[digest[i] & 15];
	}
}

static int timeout_for(size_t size, uint64_t ms_per_mb)
{
	return ESP_MS + (int)(size * ms_per_mb / 1000000);
}

/* A question changes nothing: it may be asked again when its answer is lost. */
static bool ask_twice(struct esp_handle *h, const struct esp_request *r, struct err *e)
{
	AUTO_ERR first = ERR_INIT;

	if (esp_ask(&h->link.wire, r, NULL, &first))
		return true;
	if (h->link.wire.broken && !h->link.wire.tty.gone) {
		h->link.wire.broken = false;
		return esp_ask(&h->link.wire, r, NULL, e);
	}
	err_move(e, &first);
	return false;
}

static bool esp_same(void *handle, uint64_t address, const void *data, size_t size, bool *same,
		     struct err *e)
{
	struct esp_handle *h = handle;
	const uint32_t words[4] = { (uint32_t)address, (uint32_t)size, 0, 0 };
	uint8_t digest[CRYPTO_MD5];
	char want[2 * CRYPTO_MD5], got[2 * CRYPTO_MD5];
	const struct esp_request ask = { .op = ESP_MD5,
					 .words = words,
					 .word_count = 4,
					 .reply = got,
					 .reply_len = sizeof(got),
					 .timeout_ms = timeout_for(size, MD5_MS_PER_MB) };

	if (!crypto_md5(data, size, digest, e))
		return false;
	if (!end_call(h, ask_twice(h, &ask, e)))
		return err_wrap(e, "compare 0x%08" PRIx64, address);
	to_hex(digest, sizeof(digest), want);
	*same = strncasecmp(got, want, sizeof(want)) == 0;
	return true;
}

static bool read_some(struct esp_handle *h, uint32_t address, uint8_t *out, uint32_t size,
		      struct err *e)
{
	const uint32_t words[2] = { address, size };
	uint8_t bytes[ESP_READ_MAX]; /* always so many come */
	const struct esp_request ask = { .op = ESP_READ_FLASH,
					 .words = words,
					 .word_count = 2,
					 .reply = bytes,
					 .reply_len = sizeof(bytes) };

	if (!end_call(h, ask_twice(h, &ask, e)))
		return err_wrap(e, "read 0x%08" PRIx32, address);
	memcpy(out, bytes, size);
	return true;
}

static bool esp_read(void *handle, uint64_t address, void *buf, size_t size, struct err *e)
{
	for (size_t at = 0, n; at < size; at += n) {
		n = size - at < ESP_READ_MAX ? size - at : ESP_READ_MAX;
		if (!read_some(handle, (uint32_t)(address + at), (uint8_t *)buf + at, (uint32_t)n,
			       e))
			return false;
	}
	return true;
}

/* --- write ------------------------------------------------------------------------------------------------------------------ */

/* A piece on its way: what is sent, of how many bytes of flash. */
struct piece {
	enum esp_op begin, data;
	const uint8_t *bytes;
	size_t len, size;
	uint32_t address, erase;
	size_t before, total; /* for `done` */
	void (*done)(void *ctx, size_t bytes);
	void *ctx;
};

static bool begin_piece(struct esp_handle *h, const struct piece *p, size_t blocks, struct err *e)
{
	const uint32_t words[5] = { p->erase, (uint32_t)blocks, ESP_BLOCK, p->address, 0 };
	const struct esp_request ask = { .op = p->begin,
					 .words = words,
					 .word_count = h->link.found.rom->four_words ? 4 : 5,
					 .timeout_ms = timeout_for(p->size, ERASE_MS_PER_MB) };

	return esp_ask(&h->link.wire, &ask, NULL, e);
}

/* The ROM wants the last block of plain data whole; what is compressed ends where it ends. */
static bool send_block(struct esp_handle *h, const struct piece *p, size_t seq, struct err *e)
{
	uint8_t padded[ESP_BLOCK];
	size_t at = seq * ESP_BLOCK, n = p->len - at < ESP_BLOCK ? p->len - at : ESP_BLOCK;
	uint32_t words[4] = { (uint32_t)n, (uint32_t)seq, 0, 0 };
	struct esp_request ask = { .op = p->data,
				   .words = words,
				   .word_count = 4,
				   .data = p->bytes + at,
				   .len = n,
				   .timeout_ms = timeout_for(p->size, ERASE_MS_PER_MB) };

	if (p->data == ESP_FLASH_DATA && n < ESP_BLOCK) {
		memset(padded, 0xff, sizeof(padded));
		memcpy(padded, p->bytes + at, n);
		ask.data = padded;
		ask.len = words[0] = ESP_BLOCK;
	}
	return esp_ask(&h->link.wire, &ask, NULL, e);
}

static bool send_piece(struct esp_handle *h, const struct piece *p, struct err *e)
{
	size_t blocks = (p->len + ESP_BLOCK - 1) / ESP_BLOCK;

	if (!begin_piece(h, p, blocks, e))
		return false;
	for (size_t i = 0; i < blocks; i++) {
		if (!send_block(h, p, i, e))
			return false;
		if (p->done)
			p->done(p->ctx, p->before + (size_t)((uint64_t)p->size * (i + 1) / blocks));
	}
	return true;
}

static bool write_piece(struct esp_handle *h, struct piece *p, struct err *e)
{
	AUTO_STRBUF packed = STRBUF_INIT;

	p->begin = ESP_FLASH_BEGIN;
	p->data = ESP_FLASH_DATA;
	p->len = p->erase = (uint32_t)p->size;
	if (!deflate_bytes(p->bytes, p->size, &packed, e))
		return false;
	if (packed.len < p->size) {
		p->begin = ESP_DEFL_BEGIN;
		p->data = ESP_DEFL_DATA;
		p->bytes = (const uint8_t *)packed.buf;
		p->len = packed.len;
	}
	return send_piece(h, p, e);
}

/*
 * What to ask an ESP8266's ROM to erase so that `count` sectors are: it counts those up to the next block of 16 twice. Of few
 * sectors it can only erase an even number; the last one is then erased by itself.
 */
static uint32_t erase_8266(uint32_t address, uint32_t count)
{
	uint32_t head = BLOCK_SECTORS - address / ESP_SECTOR % BLOCK_SECTORS;

	if (head > count)
		head = count;
	return (count < 2 * head ? count / 2 : count - head) * ESP_SECTOR;
}

static bool write_8266(struct esp_handle *h, struct piece *p, struct err *e)
{
	uint32_t count = (uint32_t)(p->size / ESP_SECTOR);
	uint32_t head = BLOCK_SECTORS - p->address / ESP_SECTOR % BLOCK_SECTORS;

	p->begin = ESP_FLASH_BEGIN;
	p->data = ESP_FLASH_DATA;
	p->len = p->size;
	p->erase = erase_8266(p->address, count);
	if (count % 2 && count < 2 * head &&
	    !esp_spi_erase(&h->link.wire, h->link.found.rom, p->address + (count - 1) * ESP_SECTOR,
			   e))
		return false;
	return send_piece(h, p, e);
}

static bool send_any(struct esp_handle *h, struct piece *p, struct err *e)
{
	if (is_8266(h) ? write_8266(h, p, e) : write_piece(h, p, e))
		return true;
	/* What a ROM refuses to write came to it damaged, or its flash is too fast for it. */
	h->link.wire.broken = e->kind != ERR_INTERRUPTED;
	return false;
}

static bool esp_write_flash(void *handle, uint64_t address, const void *data, size_t size,
			    void (*done)(void *ctx, size_t bytes), void *ctx, struct err *e)
{
	struct esp_handle *h = handle;

	for (size_t at = 0; at < size;) {
		uint32_t start = (uint32_t)(address + at), room = PIECE - start % PIECE;
		struct piece p = { .bytes = (const uint8_t *)data + at,
				   .size = size - at < room ? size - at : room,
				   .address = start,
				   .before = at,
				   .done = done,
				   .ctx = ctx };

		if (!end_call(h, send_any(h, &p, e)))
			return err_wrap(e, "write 0x%08" PRIx32 "-0x%08" PRIx32, start,
					(uint32_t)(start + p.size - 1));
		at += p.size;
	}
	return true;
}

static bool esp_leave(void *handle, struct err *e)
{
	struct esp_handle *h = handle;

	return end_call(h, esp_link_run(&h->link, e));
}

const struct flash_driver esp_driver = {
	.name = "esp",
	.entry = "esp",
	.open = esp_open,
	.close = esp_close,
	.check = esp_check,
	.prepare = esp_prepare,
	.read = esp_read,
	.same = esp_same,
	.same_size = SAME,
	.write = esp_write_flash,
	.leave = esp_leave,
};
