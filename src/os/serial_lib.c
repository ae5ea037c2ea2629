/* SPDX-License-Identifier: MIT
 *
 * Loading libserialport; see serial_lib.h.
 */
#include "os/serial_lib.h"

#include "base/xalloc.h"
#include "config.h"
#include "os/library.h"

struct serial_api serial_lib;

bool serial_lib_load(struct err *e)
{
	static const struct library_function functions[] = {
#define SERIAL_ROW(name) { #name, offsetof(struct serial_api, name) },
		SERIAL_FUNCTIONS(SERIAL_ROW)
#undef SERIAL_ROW
	};

	if (serial_lib.sp_list_ports ||
	    library_load(MPFLASH_LIBSERIALPORT, MPFLASH_LIBSERIALPORT_DIR, functions,
			 ARRAY_SIZE(functions), &serial_lib))
		return true;
	err_set(e, "cannot load %s", MPFLASH_LIBSERIALPORT);
	return err_hint(e, "install libserialport");
}
