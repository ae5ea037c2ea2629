/* SPDX-License-Identifier: MIT
 *
 * The few registers of the Arm Cortex-M core that the ports use (ARMv7-M Architecture Reference
 * Manual, B3.2), and the start-up that they share.
 */
#ifndef LIB_CORTEXM_H
#define LIB_CORTEXM_H

#include <stdint.h>

#define REG32(address) (*(volatile uint32_t *)(uintptr_t)(address))

#define SCB_AIRCR REG32(0xe000ed0c)
#define AIRCR_VECTKEY (0x05fau << 16)
#define AIRCR_SYSRESETREQ (1u << 2)

/* Resets the chip and does not return. */
static inline void __attribute__((noreturn)) cortexm_reset(void)
{
	__asm__ volatile("dsb" ::: "memory");
	SCB_AIRCR = AIRCR_VECTKEY | AIRCR_SYSRESETREQ;
	__asm__ volatile("dsb" ::: "memory");
	for (;;) {
	}
}

#define SYST_CSR REG32(0xe000e010)
#define SYST_RVR REG32(0xe000e014)
#define SYST_CSR_RUN 7u /* the core's clock, with its exception */

/*
 * Sleeps for up to 100,000 cycles (4 ms at 25 MHz): for loops that poll. Without it an emulator would keep one of its
 * host's processors busy.
 */
static inline void cortexm_idle(void)
{
	if (!(SYST_CSR & 1)) {
		SYST_RVR = 100000;
		SYST_CSR = SYST_CSR_RUN;
	}
	__asm__ volatile("wfi" ::: "memory");
}

/* Sets .data and .bss up and calls main(); the reset vector points here. */
void Reset_Handler(void);

/* Every other exception ends here. */
void Default_Handler(void);

#endif
