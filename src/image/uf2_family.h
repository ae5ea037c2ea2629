/* SPDX-License-Identifier: MIT
 *
 * UF2 family ids by name: which chip a UF2 file is for.
 */
#ifndef IMAGE_UF2_FAMILY_H
#define IMAGE_UF2_FAMILY_H

#include <stdbool.h>
#include <stdint.h>

/* Names are lower case with '-', as in "rp2350-arm-s"; upper case and '_' are taken as well. */
bool uf2_family_by_name(const char *name, uint32_t *id);

const char *uf2_family_name(uint32_t id); /* NULL: not in the table */

bool uf2_family_is_rp2(uint32_t id);  /* RP2040 and RP2350 */
bool uf2_family_any_rp2(uint32_t id); /* absolute, data: they do not say which */

#define UF2_FAMILY_RP2040 UINT32_C(0xe48bff56)
#define UF2_FAMILY_RP2350_ARM_S UINT32_C(0xe48bff59)
#define UF2_FAMILY_RP2350_RISCV UINT32_C(0xe48bff5a)
#define UF2_FAMILY_RP2350_ARM_NS UINT32_C(0xe48bff5b)
#define UF2_FAMILY_RP2_ABSOLUTE UINT32_C(0xe48bff57) /* RP2350: addresses are not of a partition */

#endif
