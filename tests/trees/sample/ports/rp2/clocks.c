/* SPDX-License-Identifier: MIT
 *
 * Clocks: the crystal for the UART, since the ring oscillator of a cold start is too vague.
 */
#include "rp2.h"

#define XOSC_CTRL REG32(XOSC_BASE + 0x00)
#define XOSC_STATUS REG32(XOSC_BASE + 0x04)
#define XOSC_STARTUP REG32(XOSC_BASE + 0x0c)
#define XOSC_CTRL_ENABLE_1_15MHZ 0x00fabaa0
#define XOSC_STATUS_STABLE (1u << 31)
#define XOSC_STARTUP_1MS 47

#define CLK_PERI_CTRL REG32(CLOCKS_BASE + 0x48)
#define CLK_PERI_ENABLE (1u << 11)
#define CLK_PERI_FROM_XOSC (4u << 5)

#define RESETS_RESET REG32(RESETS_BASE + 0x00)
#define RESETS_DONE REG32(RESETS_BASE + 0x08)

void clocks_init(void)
{
	const uint32_t wanted = RESET_IO_BANK0 | RESET_PADS_BANK0 | RESET_UART0;

	XOSC_STARTUP = XOSC_STARTUP_1MS;
	XOSC_CTRL = XOSC_CTRL_ENABLE_1_15MHZ;
	while (!(XOSC_STATUS & XOSC_STATUS_STABLE))
		continue;
	CLK_PERI_CTRL = CLK_PERI_FROM_XOSC;
	CLK_PERI_CTRL = CLK_PERI_FROM_XOSC | CLK_PERI_ENABLE;
	RESETS_RESET &= ~wanted;
	while ((RESETS_DONE & wanted) != wanted)
		continue;
}
