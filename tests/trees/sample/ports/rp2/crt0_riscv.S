/* SPDX-License-Identifier: MIT
 *
 * Start-up of the RP2350's RISC-V cores, which begin at the image's first byte.
 */
	.section .isr_vector, "ax"
	.global Reset_Handler
Reset_Handler:
	csrr a0, mhartid
	bnez a0, sleep
	la sp, _estack
	la a0, _sidata
	la a1, _sdata
	la a2, _edata
copy:
	bgeu a1, a2, copied
	lw a3, 0(a0)
	sw a3, 0(a1)
	addi a0, a0, 4
	addi a1, a1, 4
	j copy
copied:
	la a1, _sbss
	la a2, _ebss
clear:
	bgeu a1, a2, cleared
	sw zero, 0(a1)
	addi a1, a1, 4
	j clear
cleared:
	call main
sleep:
	wfi
	j sleep
