/* SPDX-License-Identifier: MIT
 *
 * _thread: only in variants with MICROPY_PY_THREAD, where it knows the one thread there is.
 */
#include "py/obj.h"

#if MICROPY_PY_THREAD

static bool thread_get_ident(const struct mp_obj *args, size_t n_args, struct mp_obj *ret)
{
	(void)args;
	(void)n_args;
	*ret = (struct mp_obj)MP_OBJ_INT(1);
	return true;
}

static const struct mp_attr thread_attrs[] = {
	{ MP_QSTR___name__, MP_OBJ_STR("_thread") },
	{ MP_QSTR_get_ident, MP_OBJ_FUN(thread_get_ident) },
};

const struct mp_module mp_module_thread = { "_thread", MP_COUNT(thread_attrs), thread_attrs };

MP_REGISTER_MODULE(MP_QSTR__thread, mp_module_thread);

#endif
