/* SPDX-License-Identifier: MIT
 *
 * Options of the port unix, after those of the variant.
 */
#include "mpconfigvariant.h"

#ifdef __APPLE__
#define MICROPY_PY_SYS_PLATFORM "darwin"
#else
#define MICROPY_PY_SYS_PLATFORM "linux"
#endif

#define MICROPY_HW_BOARD_NAME MICROPY_PY_SYS_PLATFORM
#define MICROPY_HW_MCU_NAME "host"
