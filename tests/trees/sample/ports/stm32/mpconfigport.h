/* SPDX-License-Identifier: MIT
 *
 * Options of the port stm32, after those of the board.
 */
#include "mpconfigboard.h"
#include "mpconfigboard_common.h"

#define MICROPY_PY_SYS_PLATFORM "pyboard"
