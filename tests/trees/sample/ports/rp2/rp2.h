/* SPDX-License-Identifier: MIT
 *
 * The registers that this port uses, of both chips (RP2040 datasheet 2.14 to 4.7, RP2350
 * datasheet 7.5 to 12.9).
 */
#ifndef RP2_RP2_H
#define RP2_RP2_H

#include <stdint.h>

#include "lib/cortexm/cortexm.h"

#if defined(PICO_RP2040)

#define CLOCKS_BASE 0x40008000
#define RESETS_BASE 0x4000c000
#define IO_BANK0_BASE 0x40014000
#define PADS_BANK0_BASE 0x4001c000
#define XOSC_BASE 0x40024000
#define UART0_BASE 0x40034000
#define WATCHDOG_BASE 0x40058000
#define RESET_IO_BANK0 (1u << 5)
#define RESET_PADS_BANK0 (1u << 8)
#define RESET_UART0 (1u << 22)

#elif defined(PICO_RP2350)

#define CLOCKS_BASE 0x40010000
#define RESETS_BASE 0x40020000
#define IO_BANK0_BASE 0x40028000
#define PADS_BANK0_BASE 0x40038000
#define XOSC_BASE 0x40048000
#define UART0_BASE 0x40070000
#define WATCHDOG_BASE 0x400d8000
#define RESET_IO_BANK0 (1u << 6)
#define RESET_PADS_BANK0 (1u << 9)
#define RESET_UART0 (1u << 26)

#endif

/* Starts the 12 MHz crystal, gives it to the UART and takes the peripherals above out of reset. */
void clocks_init(void);

#define PERI_CLOCK_HZ 12000000

#endif
