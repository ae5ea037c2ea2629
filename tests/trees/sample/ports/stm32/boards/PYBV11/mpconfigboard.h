/* SPDX-License-Identifier: MIT
 *
 * The pyboard v1.1: REPL on USART1, at the connector's X9 and X10.
 */
#define MICROPY_HW_BOARD_NAME "PYBv1.1"
#define MICROPY_HW_MCU_NAME "STM32F405RG"

#define MICROPY_HW_UART_REPL_BASE 0x40011000
#define MICROPY_HW_UART_REPL_CLOCK_ON() (REG32(0x40023844) |= 1u << 4)

#define MICROPY_BOARD_EARLY_INIT board_early_init
#define MICROPY_BOARD_EARLY_INIT_PROTOTYPE void board_early_init(void)
