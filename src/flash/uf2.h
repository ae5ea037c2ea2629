/* SPDX-License-Identifier: MIT
 *
 * The method uf2: a file that is copied to the drive of a UF2 bootloader.
 *
 * Rule variables: uf2.family (the blocks', where neither image nor drive says it), uf2.e10 (yes: begin with the block for erratum RP2350-E10),
 * uf2.mount (yes: a drive that nobody mounts is mounted by udisksctl).
 */
#ifndef FLASH_UF2_H
#define FLASH_UF2_H

#include "flash/method.h"

extern const struct flash_method uf2_method;

#endif
