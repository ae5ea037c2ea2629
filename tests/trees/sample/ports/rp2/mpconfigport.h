/* SPDX-License-Identifier: MIT
 *
 * Options of the port rp2, after those of the board.
 */
#include "mpconfigboard.h"

#define MICROPY_PY_SYS_PLATFORM "rp2"

#if defined(PICO_RP2040)
#define MICROPY_HW_MCU_NAME "RP2040"
#elif defined(__riscv)
#define MICROPY_HW_MCU_NAME "RP2350-RISCV"
#else
#define MICROPY_HW_MCU_NAME "RP2350"
#endif
