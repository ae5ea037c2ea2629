/* SPDX-License-Identifier: MIT
 *
 * RP2040 and RP2350 in their boot ROM, over PICOBOOT: the driver and the method of that name.
 */
#ifndef FLASH_PICOBOOT_H
#define FLASH_PICOBOOT_H

#include "flash/driver.h"
#include "flash/method.h"

extern const struct flash_driver picoboot_driver;
extern const struct flash_method picoboot_method;

/*
 * Why the boot ROM did nothing with a UF2 file that was copied to its drive ("no partition takes its family"), as it tells over PICOBOOT.
 * Appends nothing where it does not: RP2040, no rights, no reason.
 */
void picoboot_uf2_reason(const struct usb_device *d, struct strbuf *out);

#endif
