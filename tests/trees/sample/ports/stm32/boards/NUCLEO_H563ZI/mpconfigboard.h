/* SPDX-License-Identifier: MIT
 *
 * The Nucleo-144 with an STM32H563ZI: REPL on USART3, which its ST-Link shows as a serial port.
 */
#define MICROPY_HW_BOARD_NAME "NUCLEO_H563ZI"
#define MICROPY_HW_MCU_NAME "STM32H563ZI"

#define MICROPY_HW_UART_REPL_BASE 0x40004800
#define MICROPY_HW_UART_REPL_CLOCK_ON() (REG32(0x44020c9c) |= 1u << 18)
