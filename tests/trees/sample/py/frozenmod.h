/* SPDX-License-Identifier: MIT
 *
 * Modules frozen into the firmware by tools/makemanifest.py, which writes frozen_content.c.
 */
#ifndef PY_FROZENMOD_H
#define PY_FROZENMOD_H

#include <stdint.h>

#include "py/obj.h"

struct mp_frozen {
	struct mp_module module; /* has a name, and no attributes */
	const uint8_t *mpy;      /* what mpy-cross made of it */
	size_t len;
};

extern const struct mp_frozen mp_frozen_modules[]; /* ends with module.name == NULL */

/* The frozen module of that name, or NULL. */
const struct mp_frozen *mp_frozen_find(const char *name, size_t len);

/* Runs its lines; false when one of them raised. */
bool mp_frozen_exec(const struct mp_frozen *frozen);

#endif
