/* SPDX-License-Identifier: MIT
 *
 * The ROM loader's requests and answers; see esp_wire.h.
 */
#include "flash/esp_wire.h"

#include <inttypes.h>
#include <string.h>

#include "image/esp.h"
#include "image/le.h"
#include "os/clock.h"
#include "os/tty.h"

enum {
	HEADER = 8,
	STATUS = 2, /* bytes of it that count; most ROMs send two more */
	SYNC_MS = 120,
	SYNC_ANSWERS = 8,
	WRITE_MS = 10000,
	QUIET_MS = 20,
};

void esp_wire_close(struct esp_wire *w)
{
	stream_close(&w->tty);
	strbuf_free(&w->out);
	*w = (struct esp_wire)ESP_WIRE_INIT;
}

void esp_wire_drop(struct esp_wire *w)
{
	tty_drop_input(&w->tty);
	w->heard_count = w->heard_next = 0;
	memset(&w->slip, 0, sizeof(w->slip));
}

static const char *op_name(enum esp_op op)
{
	switch (op) {
	case ESP_FLASH_BEGIN:
	case ESP_DEFL_BEGIN:
		return "begin writing";
	case ESP_FLASH_DATA:
	case ESP_DEFL_DATA:
		return "write";
	case ESP_FLASH_END:
		return "restart";
	case ESP_SYNC:
		return "synchronize";
	case ESP_WRITE_REG:
		return "write a register";
	case ESP_READ_REG:
		return "read a register";
	case ESP_SPI_SET_PARAMS:
		return "set the size of its flash";
	case ESP_SPI_ATTACH:
		return "attach its flash";
	case ESP_READ_FLASH:
		return "read";
	case ESP_CHANGE_BAUD:
		return "change its speed";
	case ESP_MD5:
		return "sum its flash up";
	case ESP_SECURITY_INFO:
		return "say how it is secured";
	}
	return "obey";
}

/* esptool's documentation, "Serial Protocol", status bytes of ROMs */
static const char *code_text(uint8_t code)
{
	switch (code) {
	case 0x05:
		return "it does not know that";
	case 0x06:
		return "it failed";
	case 0x07:
		return "wrong checksum";
	case 0x08:
		return "the flash was not written";
	case 0x09:
		return "the flash could not be read";
	case 0x0a:
		return "wrong length";
	case 0x0b:
	case 0x0c:
	case 0x0d:
		return "the compressed data is damaged";
	default:
		return "error";
	}
}

static void add_word(struct strbuf *out, uint32_t value)
{
	for (int i = 0; i < 32; i += 8)
		strbuf_addch(out, (char)(value >> i));
}

static bool send(struct esp_wire *w, const struct esp_request *r, struct err *e)
{
	AUTO_STRBUF frame = STRBUF_INIT;
	size_t len = 4 * r->word_count + r->len;

	strbuf_reserve(&frame, HEADER + len);
	strbuf_addch(&frame, 0);
	strbuf_addch(&frame, (char)r->op);
	strbuf_addch(&frame, (char)(len & 0xff));
	strbuf_addch(&frame, (char)(len >> 8));
	add_word(&frame, r->len ? esp_checksum(ESP_CHECKSUM_START, r->data, r->len) : 0);
	for (size_t i = 0; i < r->word_count; i++)
		add_word(&frame, r->words[i]);
	strbuf_add(&frame, r->data, r->len);
	strbuf_reset(&w->out);
	slip_encode(&w->out, frame.buf, frame.len);
	if (stream_write(&w->tty, w->out.buf, w->out.len, stream_deadline(WRITE_MS), e))
		return true;
	w->broken = e->kind != ERR_INTERRUPTED;
	return false;
}

/* The next frame is in w->slip. False with an empty error: none came in time. */
static bool hear(struct esp_wire *w, int64_t deadline, struct err *e)
{
	for (;;) {
		long n;

		while (w->heard_next < w->heard_count)
			if (slip_take(&w->slip, w->heard[w->heard_next++]))
				return true;
		n = stream_read(&w->tty, w->heard, sizeof(w->heard), deadline, e);
		if (n <= 0)
			return false;
		w->heard_next = 0;
		w->heard_count = (size_t)n;
	}
}

static bool refused(struct esp_wire *w, const struct esp_request *r, uint8_t code, struct err *e)
{
	(void)w;
	return err_set(e, "the chip's ROM refused to %s: %s (0x%02x)", op_name(r->op),
		       code_text(code), code);
}

/* The answer is in w->slip: what it brought, then the status. */
static bool take_answer(struct esp_wire *w, const struct esp_request *r, struct err *e)
{
	const uint8_t *data = w->slip.frame + HEADER;
	size_t len = w->slip.len - HEADER, want = r->reply_len;

	/* What fails brings nothing but its status. */
	if (r->reply_min && len < want + STATUS)
		want = r->reply_min;
	if (len < want + STATUS) {
		if (len >= STATUS && data[0])
			return refused(w, r, data[1], e);
		w->broken = true;
		return err_set(e, "the chip's answer to '%s' is cut short (%zu bytes)",
			       op_name(r->op), len);
	}
	if (data[want])
		return refused(w, r, data[want + 1], e);
	if (r->reply)
		memcpy(r->reply, data, want);
	if (r->got)
		*r->got = want;
	return true;
}

static bool is_answer(const struct slip *s, enum esp_op op)
{
	return s->len >= HEADER + STATUS && s->frame[0] == 1 && s->frame[1] == op;
}

/* ESP32's ROM answers what it does not know several times, and under no request's number. */
static bool is_unknown(const struct slip *s)
{
	return s->len >= HEADER + STATUS && s->frame[0] == 1 && s->frame[1] == 0xff &&
	       s->frame[HEADER] && s->frame[HEADER + 1] == 0x05;
}

bool esp_ask(struct esp_wire *w, const struct esp_request *r, uint32_t *value, struct err *e)
{
	int timeout = r->timeout_ms ? r->timeout_ms : ESP_MS;
	int64_t deadline;

	if (!send(w, r, e))
		return false;
	deadline = stream_deadline(timeout);
	while (hear(w, deadline, e)) {
		if (r->op == ESP_SECURITY_INFO && is_unknown(&w->slip))
			return refused(w, r, 0x05, e);
		if (!is_answer(&w->slip, r->op))
			continue;
		if (value)
			*value = get_le32(w->slip.frame + 4);
		return take_answer(w, r, e);
	}
	if (e->kind == ERR_INTERRUPTED)
		return false;
	w->broken = true;
	if (!e->msg)
		err_set(e, "the chip did not answer within %d s when it was to %s",
			(timeout + 999) / 1000, op_name(r->op));
	return false;
}

/* The other answers to a SYNC; a stub's have the value 0. */
static void drain_sync(struct esp_wire *w, bool *stub)
{
	AUTO_ERR none = ERR_INIT;

	for (int i = 1; i < SYNC_ANSWERS; i++) {
		if (!hear(w, stream_deadline(SYNC_MS), &none))
			return;
		if (is_answer(&w->slip, ESP_SYNC) && get_le32(w->slip.frame + 4) != 0)
			*stub = false;
	}
}

bool esp_sync(struct esp_wire *w, bool *stub, struct err *e)
{
	uint8_t data[36] = { 0x07, 0x07, 0x12, 0x20 };
	struct esp_request r = { .op = ESP_SYNC };
	int64_t deadline;

	memset(data + 4, 0x55, sizeof(data) - 4);
	esp_wire_drop(w);
	/* Its checksum is 0: only firmware has one. */
	r.words = (uint32_t[9]){ get_le32(data), 0x55555555, 0x55555555, 0x55555555, 0x55555555,
				 0x55555555,     0x55555555, 0x55555555, 0x55555555 };
	r.word_count = 9;
	if (!send(w, &r, e))
		return false;
	deadline = stream_deadline(SYNC_MS);
	while (hear(w, deadline, e)) {
		if (!is_answer(&w->slip, ESP_SYNC))
			continue;
		*stub = get_le32(w->slip.frame + 4) == 0;
		drain_sync(w, stub);
		clock_sleep_ms(QUIET_MS);
		esp_wire_drop(w);
		return true;
	}
	return false;
}

bool esp_read_reg(struct esp_wire *w, uint32_t address, uint32_t *value, struct err *e)
{
	const struct esp_request r = { .op = ESP_READ_REG, .words = &address, .word_count = 1 };

	return esp_ask(w, &r, value, e) || err_wrap(e, "register 0x%08" PRIx32, address);
}

bool esp_write_reg(struct esp_wire *w, uint32_t address, uint32_t value, struct err *e)
{
	const uint32_t words[] = { address, value, UINT32_MAX, 0 };
	const struct esp_request r = { .op = ESP_WRITE_REG, .words = words, .word_count = 4 };

	return esp_ask(w, &r, NULL, e) || err_wrap(e, "register 0x%08" PRIx32, address);
}
