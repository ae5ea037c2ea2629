/* SPDX-License-Identifier: MIT
 *
 * What the files of bootloader entry share.
 */
#ifndef BOARD_BOOTLOADER_INTERNAL_H
#define BOARD_BOOTLOADER_INTERNAL_H

#include "board/bootloader.h"

/* The device's serial port is an adapter's or a probe's: what comes back has other ids and may be elsewhere on USB. */
bool bootloader_behind_adapter(const struct device *d);

extern const struct bootloader_method mpy_entry, touch1200_entry, dfu_entry, picoboot_entry,
	esp_entry, manual_entry, unhurried_entry;

#endif
