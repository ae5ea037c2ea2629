/* SPDX-License-Identifier: MIT
 *
 * A Cortex-M0 in an nRF51822, as a debug probe sees it: the processor is libunicorn's, which is loaded when a core is first made; what is
 * around it (debug registers, flash controller, information registers) is here. It only runs when somebody looks: a number of
 * instructions for each access, so that a test takes the same way each time.
 */
#ifndef EMU_ARM_CORE_H
#define EMU_ARM_CORE_H

#include <stdbool.h>
#include <stdint.h>

struct arm_core;

struct arm_core_host {
	/* "erase 00000400", "erase-all 00000000", "reset halt", "reset run 00000041" */
	void (*event)(void *ctx, const char *text);
	void *ctx;
};

enum { ARM_PAGE = 1024, ARM_RAM = 16 * 1024 };

/*
 * flash: the file that it is kept in; `size` bytes, a multiple of ARM_PAGE. NULL with *why (static text) when that or libunicorn cannot be
 * opened.
 */
struct arm_core *arm_core_create(const char *flash, uint32_t size, const struct arm_core_host *host,
				 const char **why);
void arm_core_destroy(struct arm_core *c); /* takes NULL */

/* Code region 0 is that long from now on: its pages can neither be erased nor written, until all of the chip is erased. */
void arm_core_protect(struct arm_core *c, uint32_t length);

/* An access of the debug port, of 1, 2 or 4 bytes, aligned. False: a bus fault. */
bool arm_core_read(struct arm_core *c, uint32_t address, unsigned size, uint32_t *value);
bool arm_core_write(struct arm_core *c, uint32_t address, unsigned size, uint32_t value);

/* The reset line. */
void arm_core_reset(struct arm_core *c);

#endif
