/* SPDX-License-Identifier: MIT
 *
 * os: there, because tools import it; without uname(), like the small builds of the real one.
 */
#include "py/obj.h"

static const struct mp_attr os_attrs[] = {
	{ MP_QSTR___name__, MP_OBJ_STR("os") },
	{ MP_QSTR_sep, MP_OBJ_STR("/") },
};

const struct mp_module mp_module_os = { "os", MP_COUNT(os_attrs), os_attrs };

MP_REGISTER_MODULE(MP_QSTR_os, mp_module_os);
