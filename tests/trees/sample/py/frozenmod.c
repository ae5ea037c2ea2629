/* SPDX-License-Identifier: MIT
 *
 * Modules frozen into the firmware. An .mpy file of ours is the header 'M', 6, flags, 0 and then
 * each statement as one length byte and its text.
 */
#include "py/frozenmod.h"

#include <string.h>

#include "py/runtime.h"

#ifdef MICROPY_MODULE_FROZEN_MPY

const struct mp_frozen *mp_frozen_find(const char *name, size_t len)
{
	for (const struct mp_frozen *f = mp_frozen_modules; f->module.name; f++) {
		if (strlen(f->module.name) == len && memcmp(f->module.name, name, len) == 0)
			return f;
	}
	return NULL;
}

bool mp_frozen_exec(const struct mp_frozen *frozen)
{
	const uint8_t *p = frozen->mpy + 4;
	const uint8_t *end = frozen->mpy + frozen->len;

	for (; p < end; p += 1 + *p) {
		if (!mp_exec((const char *)p + 1, *p, false))
			return false;
	}
	return true;
}

#else

const struct mp_frozen *mp_frozen_find(const char *name, size_t len)
{
	(void)name;
	(void)len;
	return NULL;
}

bool mp_frozen_exec(const struct mp_frozen *frozen)
{
	(void)frozen;
	return true;
}

#endif
