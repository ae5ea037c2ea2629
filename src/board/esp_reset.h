/* SPDX-License-Identifier: MIT
 *
 * Espressif's chips and the two lines of a serial port: DTR and RTS pull IO0 (the boot pin) and EN (reset), over two transistors or
 * inside the chip's own USB.
 */
#ifndef BOARD_ESP_RESET_H
#define BOARD_ESP_RESET_H

#include <stdbool.h>

#include "base/err.h"
#include "os/stream.h"

enum esp_line {
	ESP_UART,     /* a serial adapter and the two transistors */
	ESP_USB_JTAG, /* 303a:1001: the chip's own USB serial and JTAG */
	ESP_USB_OTG,  /* the chip's USB with firmware's own serial port */
};

/*
 * Resets into the ROM loader and waits for its answer to a SYNC: several times, with the sequences that fit. `s` is open
 * (tty_open). An error when none was answered. ESP_USB_OTG: also true when the port went away: the ROM's is another USB device.
 */
bool esp_enter_loader(struct stream *s, enum esp_line line, struct err *e);

/* Resets into the firmware. */
bool esp_run(struct stream *s, struct err *e);

/* Plays "D0R1 W100 D1R0": lines (1: asserted; those of one word together), waits in ms. Exposed for tests of the words. */
bool esp_play(struct stream *s, const char *sequence, struct err *e);

#endif
