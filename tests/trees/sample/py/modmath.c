/* SPDX-License-Identifier: MIT
 *
 * math: two constants, in the precision that the board or its variant chose (a pyboard's DP).
 */
#include "py/obj.h"

#if MICROPY_FLOAT_IMPL != MICROPY_FLOAT_IMPL_NONE

#if MICROPY_FLOAT_IMPL == MICROPY_FLOAT_IMPL_DOUBLE
#define NUMBER(single, double_) MP_OBJ_NUMBER(double_)
#else
#define NUMBER(single, double_) MP_OBJ_NUMBER(single)
#endif

static const struct mp_attr math_attrs[] = {
	{ MP_QSTR___name__, MP_OBJ_STR("math") },
	{ MP_QSTR_e, NUMBER("2.718282", "2.718281828459045") },
	{ MP_QSTR_pi, NUMBER("3.141593", "3.141592653589793") },
};

const struct mp_module mp_module_math = { "math", MP_COUNT(math_attrs), math_attrs };

MP_REGISTER_MODULE(MP_QSTR_math, mp_module_math);

#endif
