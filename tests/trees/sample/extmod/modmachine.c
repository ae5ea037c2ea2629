/* SPDX-License-Identifier: MIT
 *
 * machine: the chip this runs on.
 */
#include "extmod/modmachine.h"

#include "py/mphal.h"

static bool machine_reset(const struct mp_obj *args, size_t n_args, struct mp_obj *ret)
{
	(void)args;
	(void)n_args;
	(void)ret;
	mp_hal_reset();
}

/* clang-format off */
static const struct mp_attr machine_attrs[] = {
	MACHINE_COMMON_ATTRS
	MICROPY_PY_MACHINE_EXTRA_ATTRS
};
/* clang-format on */

const struct mp_module mp_module_machine = { "machine", MP_COUNT(machine_attrs), machine_attrs };

MP_REGISTER_MODULE(MP_QSTR_machine, mp_module_machine);
