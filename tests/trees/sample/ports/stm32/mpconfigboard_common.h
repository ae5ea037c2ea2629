/* SPDX-License-Identifier: MIT
 *
 * What a board's mpconfigboard.h need not say.
 */
#ifndef MICROPY_HW_UART_REPL_BAUD
#define MICROPY_HW_UART_REPL_BAUD 115200
#endif

/* Called before anything else, with the clock as it is after a reset. */
#ifndef MICROPY_BOARD_EARLY_INIT
#define MICROPY_BOARD_EARLY_INIT()
#endif
