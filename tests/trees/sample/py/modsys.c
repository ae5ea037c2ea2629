/* SPDX-License-Identifier: MIT
 *
 * sys: who this firmware is. Tools identify a board by what these print.
 */
#include "py/obj.h"

#include "genhdr/mpversion.h"

static const struct mp_attr version_items[] = {
	{ MP_QSTRnull, MP_OBJ_INT(MICROPY_VERSION_MAJOR) },
	{ MP_QSTRnull, MP_OBJ_INT(MICROPY_VERSION_MINOR) },
	{ MP_QSTRnull, MP_OBJ_INT(MICROPY_VERSION_MICRO) },
#if MICROPY_VERSION_PRERELEASE
	{ MP_QSTRnull, MP_OBJ_STR("preview") },
#else
	{ MP_QSTRnull, MP_OBJ_STR("") },
#endif
};

static const struct mp_tuple version_tuple = { MP_COUNT(version_items), version_items };

static const struct mp_attr implementation_items[] = {
	{ MP_QSTR_name, MP_OBJ_STR("micropython") },
	{ MP_QSTR_version, MP_OBJ_TUPLE(&version_tuple) },
	{ MP_QSTR__machine, MP_OBJ_STR(MICROPY_BANNER_MACHINE) },
	{ MP_QSTR__mpy, MP_OBJ_INT(MPY_FILE_HEADER_INT) },
	{ MP_QSTR__build, MP_OBJ_STR(MICROPY_BOARD_BUILD_NAME) },
};

static const struct mp_tuple implementation = {
	MP_COUNT(implementation_items),
	implementation_items,
};

static const struct mp_attr sys_attrs[] = {
	{ MP_QSTR___name__, MP_OBJ_STR("sys") },
	{ MP_QSTR_implementation, MP_OBJ_TUPLE(&implementation) },
	{ MP_QSTR_platform, MP_OBJ_STR(MICROPY_PY_SYS_PLATFORM) },
	{ MP_QSTR_version, MP_OBJ_STR("3.4.0; " MICROPY_BANNER_NAME_AND_VERSION) },
};

const struct mp_module mp_module_sys = { "sys", MP_COUNT(sys_attrs), sys_attrs };

MP_REGISTER_MODULE(MP_QSTR_sys, mp_module_sys);
