/* SPDX-License-Identifier: MIT
 *
 * Starts the firmware behind it, when one is there.
 */
#include <stdint.h>

#include "genhdr/mpversion.h"

#define VTOR (*(volatile uint32_t *)0xe000ed08)

static const char version[64] __attribute__((section(".mboot_version_text"), used)) =
	"mboot-" MICROPY_GIT_TAG;

/* Its vector table begins with a stack in RAM and an address in flash. */
static int is_firmware(const uint32_t *vectors)
{
	return (vectors[0] & 0xff000000) == 0x20000000 && (vectors[1] & 0xff000000) == 0x08000000;
}

void Reset_Handler(void)
{
	const uint32_t *vectors = (const uint32_t *)APPLICATION_ADDR;

	if (is_firmware(vectors)) {
		VTOR = APPLICATION_ADDR;
		__asm volatile("msr msp, %0\n\tbx %1" ::"r"(vectors[0]), "r"(vectors[1]));
	}
	for (;;) {
	}
}

const void *const isr_vector[2] __attribute__((section(".isr_vector"), used)) = {
	(const void *)0x20008000,
	Reset_Handler,
};
