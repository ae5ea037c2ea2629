/* SPDX-License-Identifier: MIT
 *
 * Method `dfu`: DFU bootloaders over USB, spoken to in process. STM32's boot ROM and mboot know addresses (DfuSe): their flash is
 * compared, and written sector by sector. Plain DFU 1.1 (Arduino's C33 and Nano ESP32) takes a whole file and shows nothing of what
 * it holds.
 *
 * Rule variables: dfu.vid and dfu.pid, the ids of the board's bootloader; flash.base, where its firmware begins.
 */
#ifndef FLASH_DFU_H
#define FLASH_DFU_H

#include "flash/driver.h"
#include "flash/method.h"

extern const struct flash_driver dfu_driver;
extern const struct flash_method dfu_method;

#endif
