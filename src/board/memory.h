/* SPDX-License-Identifier: MIT
 *
 * Boards are recognized: what a board said when it ran is remembered, so that it is the same device in its bootloader, behind
 * another program, or when it is not asked.
 */
#ifndef BOARD_MEMORY_H
#define BOARD_MEMORY_H

#include "board/device.h"
#include "cache/store.h"

/*
 * Fills `known` (and port, board_id where they are empty) of the devices that did not say themselves what they are:
 *
 *   by number  the USB serial number is the board's own, is the number of its chip, or is what STM32's boot ROM makes of that
 *   by place   the board that was seen last at that place, and is attached nowhere else now; in its bootloader when the
 *              ports agree, and no chip that is known of both differs, else when the USB ids are the same
 *
 * A bootloader without a number at a place where nothing was seen could be any board of its port that is not attached: they are
 * told in `one_of`, and none of them is guessed. A device that is recognized in its bootloader gets the board's id.
 */
bool devices_recall(struct devices *list, struct store *s, struct err *e);

/* Writes down those that answered; what is known already is not written again. */
bool devices_remember(const struct devices *list, struct store *s, struct err *e);

/*
 * Does `now` say that it is another chip than `before`, who answered over its REPL? STM32's boot ROM makes its number of the chip's;
 * others tell nothing.
 */
bool device_contradicts(const struct device *before, const struct device *now);

/* "3e002d000f47373034353031" -> "315D35723037", as STM32's boot ROM and MicroPython's USB say it; false: no such number. */
bool stm32_usb_serial(const char *chip_id, char out[static 13]);

#endif
