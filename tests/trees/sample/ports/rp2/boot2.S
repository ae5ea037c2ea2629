/* SPDX-License-Identifier: MIT
 *
 * The RP2040's second boot stage: sets the flash interface up for plain reads (command 03h, which
 * every chip knows; RP2040 datasheet 2.8.1.3.1 and 4.10.13) and starts the image behind it.
 */
	.syntax unified
	.cpu cortex-m0plus
	.thumb

	ldr r3, =0x18000000 @ XIP_SSI
	movs r0, #0
	str r0, [r3, #0x08] @ SSIENR: off while it is set up
	movs r1, #4
	str r1, [r3, #0x14] @ BAUDR: the system clock / 4
	ldr r1, =0x001f0300 @ CTRLR0: frames of 32 bits, EEPROM read
	str r1, [r3, #0x00]
	str r0, [r3, #0x04] @ CTRLR1: one frame a read
	ldr r1, =0x03000218 @ SPI_CTRLR0: command 03h in 8 bits, 24 bits of address
	ldr r2, =0x180000f4
	str r1, [r2]
	movs r1, #1
	str r1, [r3, #0x08]

	ldr r0, =0x10000100 @ the image's vectors
	ldr r1, =0xe000ed08 @ VTOR
	str r0, [r1]
	ldmia r0!, {r1, r2}
	msr msp, r1
	bx r2
	.ltorg
