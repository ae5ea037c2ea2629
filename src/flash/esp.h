/* SPDX-License-Identifier: MIT
 *
 * The method `esp`: Espressif's chips by the loader in their ROM, over a serial port. Rule variables that it reads:
 *
 *	esp.baud          speed of the line; default: what is usual for the chip (921600 or 460800). 115200 is gone back to by itself
 *	esp.mode esp.size esp.freq    flash mode, size and frequency in the boot image, as esptool calls them; default: keep, but
 *	                  size: detect
 *	esp.retry         no: do not try a second time after the line failed
 *	esp.retry-baud esp.retry-mode    for that time; default 115200 and dio
 */
#ifndef FLASH_ESP_H
#define FLASH_ESP_H

#include "flash/method.h"

extern const struct flash_method esp_method;

#endif
