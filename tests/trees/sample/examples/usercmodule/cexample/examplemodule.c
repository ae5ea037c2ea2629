/* SPDX-License-Identifier: MIT
 *
 * A module from outside the core: make USER_C_MODULES=../../examples/usercmodule brings it in.
 */
#include "py/obj.h"

#ifndef CEXAMPLE_ANSWER
#define CEXAMPLE_ANSWER 41
#endif

static bool cexample_answer(const struct mp_obj *args, size_t n_args, struct mp_obj *ret)
{
	(void)args;
	(void)n_args;
	*ret = (struct mp_obj)MP_OBJ_INT(CEXAMPLE_ANSWER);
	return true;
}

static const struct mp_attr cexample_attrs[] = {
	{ MP_QSTR___name__, MP_OBJ_STR("cexample") },
	{ MP_QSTR_answer, MP_OBJ_FUN(cexample_answer) },
};

const struct mp_module mp_module_cexample = {
	"cexample",
	MP_COUNT(cexample_attrs),
	cexample_attrs,
};

MP_REGISTER_MODULE(MP_QSTR_cexample, mp_module_cexample);
