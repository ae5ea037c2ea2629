/* SPDX-License-Identifier: MIT
 *
 * The modules that are built in: every MP_REGISTER_MODULE of the sources, collected into
 * genhdr/moduledefs.h.
 */
#include "py/obj.h"

#ifdef NO_QSTR
/* clang-format off */
#define MICROPY_REGISTERED_MODULES { MP_QSTRnull, NULL }
/* clang-format on */
#else
#include "genhdr/moduledefs.h"
#endif

struct registered {
	enum qstr name;
	const struct mp_module *module;
};

static const struct registered modules[] = {
	MICROPY_REGISTERED_MODULES,
	{ MP_QSTRnull, NULL },
};

const struct mp_module *mp_module_find(enum qstr name)
{
	for (const struct registered *m = modules; m->module; m++) {
		if (m->name == name)
			return m->module;
	}
	return NULL;
}
