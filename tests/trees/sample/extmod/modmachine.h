/* SPDX-License-Identifier: MIT
 *
 * What every port's machine module has. A port may add attributes with its own
 * MICROPY_PY_MACHINE_EXTRA_ATTRS, in mpconfigboard.h or mpconfigport.h.
 *
 * The words below are found by the qstr scan of modmachine.c, not of this header: add one here
 * and an incremental make does not see it.
 */
#ifndef EXTMOD_MODMACHINE_H
#define EXTMOD_MODMACHINE_H

#include "py/obj.h"

/* clang-format off */
#define MACHINE_COMMON_ATTRS \
	{ MP_QSTR___name__, MP_OBJ_STR("machine") }, \
	{ MP_QSTR_reset, MP_OBJ_FUN(machine_reset) }, \
	{ MP_QSTR_PWRON_RESET, MP_OBJ_INT(1) }, \
	{ MP_QSTR_SOFT_RESET, MP_OBJ_INT(5) },
/* clang-format on */

#ifndef MICROPY_PY_MACHINE_EXTRA_ATTRS
#define MICROPY_PY_MACHINE_EXTRA_ATTRS
#endif

#endif
