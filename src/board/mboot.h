/* SPDX-License-Identifier: MIT
 *
 * mboot, the boot loader that ports/stm32/mboot builds: which boards have it.
 */
#ifndef BOARD_MBOOT_H
#define BOARD_MBOOT_H

#include <stdbool.h>

#include "board/catalogue.h"

/*
 * Whether mboot can be built for the board: its mpconfigboard.mk, with what that includes, puts the application elsewhere
 * than to where mboot lies. False also when the file cannot be read.
 */
bool board_has_mboot(const struct board *b);

/*
 * The same of that text. TEXT0_ADDR is the application's place, in whatever condition it is set, MBOOT_TEXT0_ADDR that of
 * mboot (0x08000000 by mboot/Makefile). `USE_MBOOT = 0` refuses it (another boot loader lies there); `?=` is a default.
 */
bool mboot_fits(const char *text);

#endif
