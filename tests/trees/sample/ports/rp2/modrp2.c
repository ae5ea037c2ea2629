/* SPDX-License-Identifier: MIT
 *
 * rp2: what the chip is.
 */
#include "py/obj.h"

static const struct mp_attr rp2_attrs[] = {
	{ MP_QSTR___name__, MP_OBJ_STR("rp2") },
	{ MP_QSTR_chip, MP_OBJ_STR(MICROPY_HW_MCU_NAME) },
};

const struct mp_module mp_module_rp2 = { "rp2", MP_COUNT(rp2_attrs), rp2_attrs };

MP_REGISTER_MODULE(MP_QSTR_rp2, mp_module_rp2);
