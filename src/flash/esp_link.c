/* SPDX-License-Identifier: MIT
 *
 * Opening the link to a ROM loader; see esp_link.h.
 *
 * The ROM measures the speed of the first SYNC after a reset. ESP8266's has no other way to another speed; all others are asked to
 * change it, since measuring is coarse at high speeds.
 */
#include "flash/esp_link.h"

#include <string.h>

#include "flash/esp_spi.h"
#include "os/clock.h"
#include "os/tty.h"

enum {
	LOCK_MS = 2000,
	SETTLE_MS = 50, /* a UART that changes its speed sends rubbish */
	TRIES = 3,
	LOOKS = 3,
	LOOK_MS = 300,
};

void esp_link_close(struct esp_link *l)
{
	esp_wire_close(&l->wire);
}

const char *esp_link_chip(const struct esp_link *l)
{
	return l->found.chip ? l->found.chip->title : "chip";
}

static bool set_speed(struct esp_link *l, unsigned baud, struct err *e)
{
	if (!tty_set_speed(&l->wire.tty, baud, e))
		return false;
	l->wire.baud = baud;
	return true;
}

static bool interrupted_or_gone(const struct esp_link *l, const struct err *e)
{
	return e->kind == ERR_INTERRUPTED || l->wire.tty.gone;
}

/* SYNC at the present speed. *stub: somebody else's loader answers. */
static bool try_sync(struct esp_link *l, int tries, bool *stub, struct err *e)
{
	AUTO_ERR why = ERR_INIT;

	for (int i = 0; i < tries; i++) {
		if (esp_sync(&l->wire, stub, &why)) {
			l->wire.broken = false;
			return true;
		}
		if (interrupted_or_gone(l, &why)) {
			err_move(e, &why);
			return false;
		}
	}
	l->wire.broken = true;
	return err_set(e, "the loader does not answer on %s", l->wire.tty.name);
}

/* By a reset; afterwards the ROM has measured the port's speed. */
static bool enter(struct esp_link *l, struct err *e)
{
	bool stub;

	l->wire.broken = true; /* no answer is the line's fault */
	if (!esp_enter_loader(&l->wire.tty, l->line, e))
		return false;
	clock_sleep_ms(SETTLE_MS);
	return try_sync(l, TRIES, &stub, e);
}

/*
 * A loader that waits already is not reset: where no line leads to EN, that would be the end of it. esptool's stub has other answers than
 * the ROM: away with it.
 */
static bool reach(struct esp_link *l, struct err *e)
{
	AUTO_ERR none = ERR_INIT;
	bool stub = false;

	if (try_sync(l, 2, &stub, &none) && !stub)
		return true;
	if (interrupted_or_gone(l, &none)) {
		err_move(e, &none);
		return false;
	}
	return enter(l, e);
}

/* The same word of its memory, several times: the line carries this speed. */
static bool line_is_good(struct esp_link *l, uint32_t want)
{
	const uint32_t address = ESP_MAGIC_REG;
	const struct esp_request ask = {
		.op = ESP_READ_REG, .words = &address, .word_count = 1, .timeout_ms = LOOK_MS
	};
	int good = 0;

	for (int i = 0; i < 2 * LOOKS && good < LOOKS; i++) {
		AUTO_ERR none = ERR_INIT;
		uint32_t value = ~want;

		if (esp_ask(&l->wire, &ask, &value, &none) && value == want)
			good++;
		else if (interrupted_or_gone(l, &none) || i - good >= 2)
			break;
	}
	l->wire.broken = false;
	return good == LOOKS;
}

static void say_slow(const struct flash_target *t, const struct esp_link *l, unsigned baud)
{
	flash_target_note(t, "%s does not carry %u baud: going on with %d", l->wire.tty.name, baud,
			  ESP_ROM_BAUD);
}

/* Back at the speed that always works; the chip is at an unknown one. */
static bool fall_back(struct esp_link *l, const struct flash_target *t, unsigned baud,
		      struct err *e)
{
	say_slow(t, l, baud);
	return set_speed(l, ESP_ROM_BAUD, e) && enter(l, e) &&
	       esp_stop_watchdogs(&l->wire, l->found.rom, e);
}

static bool change_speed(struct esp_link *l, const struct flash_target *t, unsigned baud,
			 struct err *e)
{
	struct esp_request ask = { .op = ESP_CHANGE_BAUD, .word_count = 2 };
	uint32_t words[2] = { 0, 0 }, magic;

	if (!esp_read_reg(&l->wire, ESP_MAGIC_REG, &magic, e) ||
	    !esp_told_baud(&l->wire, l->found.rom, baud, &words[0], e))
		return false;
	ask.words = words;
	if (!esp_ask(&l->wire, &ask, NULL, e) || !set_speed(l, baud, e))
		return false;
	clock_sleep_ms(SETTLE_MS);
	esp_wire_drop(&l->wire);
	return line_is_good(l, magic) || (!l->wire.tty.gone && fall_back(l, t, baud, e)) ||
	       (l->wire.tty.gone && err_set(e, "%s went away", l->wire.tty.name));
}

/* ESP8266's ROM measures any speed, if it is there from the reset on. */
static bool reach_8266(struct esp_link *l, const struct flash_target *t, unsigned baud,
		       struct err *e)
{
	AUTO_ERR none = ERR_INIT;
	const struct esp_rom *rom;

	if (baud == ESP_ROM_BAUD)
		return true;
	rom = l->found.rom;
	if (set_speed(l, baud, e) && esp_enter_loader(&l->wire.tty, l->line, &none)) {
		bool stub;

		clock_sleep_ms(SETTLE_MS);
		if (try_sync(l, TRIES, &stub, &none) && line_is_good(l, rom->magic))
			return true;
	}
	if (e->msg)
		return false;
	if (interrupted_or_gone(l, &none)) {
		err_move(e, &none);
		return false;
	}
	return fall_back(l, t, baud, e);
}

static bool choose_speed(struct esp_link *l, const struct flash_target *t, unsigned baud,
			 struct err *e)
{
	if (!baud)
		baud = l->found.rom->baud;
	/* There is no UART between us and a chip with a USB port of its own. */
	if (l->line != ESP_UART || baud == ESP_ROM_BAUD)
		return true;
	if (l->found.rom->id == ESP8266_ID)
		return reach_8266(l, t, baud, e);
	return change_speed(l, t, baud, e);
}

/* In-package flash of an ESP32 (PICO, D2WD) is at pins that eFuses tell; 0: the usual ones. */
static bool esp32_pins(struct esp_wire *w, uint32_t *pins, struct err *e)
{
	uint32_t three, five;

	if (!esp_read_reg(w, 0x3ff5a00c, &three, e) || !esp_read_reg(w, 0x3ff5a014, &five, e))
		return false;
	*pins = (five & 0x1f) | (five >> 5 & 0x1f) << 6 | (five >> 10 & 0x1f) << 12 |
		(five >> 15 & 0x1f) << 18 | (three >> 4 & 0x1f) << 24;
	return true;
}

/* ESP8266's ROM attaches its flash at the first BEGIN. */
static bool attach_8266(struct esp_wire *w, struct err *e)
{
	const uint32_t words[4] = { 0, 0, ESP_BLOCK, 0 };
	const struct esp_request begin = { .op = ESP_FLASH_BEGIN, .words = words, .word_count = 4 };

	return esp_ask(w, &begin, NULL, e);
}

static bool attach(struct esp_link *l, struct err *e)
{
	uint32_t words[2] = { 0, 0 };
	const struct esp_request ask = { .op = ESP_SPI_ATTACH, .words = words, .word_count = 2 };

	if (l->found.rom->id == ESP8266_ID)
		return attach_8266(&l->wire, e);
	return (l->found.rom->id != 0 || esp32_pins(&l->wire, &words[0], e)) &&
	       esp_ask(&l->wire, &ask, NULL, e);
}

static bool set_params(struct esp_link *l, struct err *e)
{
	const uint32_t words[6] = { 0, l->flash_size, 64 * 1024, ESP_SECTOR, 256, 0xffff };
	const struct esp_request ask = { .op = ESP_SPI_SET_PARAMS,
					 .words = words,
					 .word_count = 6 };

	return l->found.rom->id == ESP8266_ID || esp_ask(&l->wire, &ask, NULL, e);
}

static bool settle(struct esp_link *l, const struct flash_target *t, unsigned baud, struct err *e)
{
	return reach(l, e) && esp_rom_find(&l->wire, &l->found, e) &&
	       esp_stop_watchdogs(&l->wire, l->found.rom, e) && choose_speed(l, t, baud, e) &&
	       attach(l, e) && esp_spi_size(&l->wire, l->found.rom, &l->flash_size, e) &&
	       set_params(l, e);
}

bool esp_link_open(struct esp_link *l, const struct flash_target *t, const char *port,
		   enum esp_line line, unsigned baud, struct err *e)
{
	l->wire = (struct esp_wire)ESP_WIRE_INIT;
	l->line = line;
	return tty_open(&l->wire.tty, port, LOCK_MS, e) && set_speed(l, ESP_ROM_BAUD, e) &&
	       settle(l, t, baud, e);
}

/* For boards without lines: FLASH_END makes the ROM start the firmware, if the boot pin lets it. */
static bool run_by_request(struct esp_link *l, struct err *e)
{
	const uint32_t begin_words[5] = { 0, 0, ESP_BLOCK, 0, 0 }, end_words[1] = { 0 };
	const struct esp_request begin = { .op = ESP_FLASH_BEGIN,
					   .words = begin_words,
					   .word_count = l->found.rom->four_words ? 4 : 5 };
	const struct esp_request end = { .op = ESP_FLASH_END, .words = end_words, .word_count = 1 };

	return esp_ask(&l->wire, &begin, NULL, e) && esp_ask(&l->wire, &end, NULL, e);
}

/* The ROM of a chip in USB-OTG mode stays where it is, whatever the lines say: its watchdog gets it out (esptool: watchdog_reset). */
static bool run_by_watchdog(struct esp_link *l, struct err *e)
{
	const uint32_t key = 0x50d83aa1, config0 = 0xd0000102, ticks = 2000;
	uint32_t base, protect;

	switch (l->found.rom->id) {
	case 2:
		base = 0x3f408094;
		protect = 0x3f4080ac;
		break;
	case 9:
		base = 0x60008098;
		protect = 0x600080b0;
		break;
	case 18:
		base = 0x50116000;
		protect = 0x50116018;
		break;
	default:
		return run_by_request(l, e);
	}
	return esp_write_reg(&l->wire, protect, key, e) &&
	       esp_write_reg(&l->wire, base + 4, ticks, e) &&
	       esp_write_reg(&l->wire, base, config0, e);
}

bool esp_link_run(struct esp_link *l, struct err *e)
{
	AUTO_ERR no_lines = ERR_INIT;

	if (l->line == ESP_USB_OTG)
		return run_by_watchdog(l, e) || l->wire.tty.gone;
	if (esp_run(&l->wire.tty, &no_lines))
		return true;
	return (!l->wire.tty.gone && run_by_request(l, e)) ||
	       err_hint(e, "press RESET (EN) on the board");
}
