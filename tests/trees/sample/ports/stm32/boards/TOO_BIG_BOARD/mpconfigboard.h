/* SPDX-License-Identifier: MIT
 *
 * A board whose flash is too small for the firmware, for tests of failing builds.
 */
#define MICROPY_HW_BOARD_NAME "TOO_BIG_BOARD"
#define MICROPY_HW_MCU_NAME "STM32H563ZI"

#define MICROPY_HW_UART_REPL_BASE 0x40004800
#define MICROPY_HW_UART_REPL_CLOCK_ON() (REG32(0x44020c9c) |= 1u << 18)
