/* SPDX-License-Identifier: MIT
 *
 * Vector table and start-up, for every Cortex-M port. The symbols come from the linker script.
 */
#include "lib/cortexm/cortexm.h"

extern uint32_t _estack, _sidata, _sdata, _edata, _sbss, _ebss;

int main(void);

void Reset_Handler(void)
{
	const uint32_t *src = &_sidata;

	for (uint32_t *dest = &_sdata; dest < &_edata;)
		*dest++ = *src++;
	for (uint32_t *dest = &_sbss; dest < &_ebss;)
		*dest++ = 0;
	main();
	cortexm_reset();
}

void Default_Handler(void)
{
	for (;;) {
	}
}

/* It only ends the sleep of cortexm_idle(). */
static void SysTick_Handler(void)
{
}

/* The core's own 16 entries; no port uses the chip's interrupts. */
const void *const isr_vector[16] __attribute__((section(".isr_vector"), used)) = {
	&_estack,
	Reset_Handler,
	Default_Handler, /* NMI */
	Default_Handler, /* HardFault */
	Default_Handler, /* MemManage */
	Default_Handler, /* BusFault */
	Default_Handler, /* UsageFault */
	0,
	0,
	0,
	0,
	Default_Handler, /* SVCall */
	Default_Handler, /* DebugMonitor */
	0,
	Default_Handler, /* PendSV */
	SysTick_Handler,
};
