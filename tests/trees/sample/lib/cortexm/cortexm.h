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

/* Sets .data and .bss up and calls main(); the reset vector points here. */
void Reset_Handler(void);

/* Every other exception ends here. */
void Default_Handler(void);

#endif
