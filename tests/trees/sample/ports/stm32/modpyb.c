/* SPDX-License-Identifier: MIT
 *
 * pyb: the board's pins by the names that pins.csv gives them.
 */
#include "py/obj.h"

#include "genhdr/pins.h"

static const struct mp_attr pyb_attrs[] = {
	{ MP_QSTR___name__, MP_OBJ_STR("pyb") },
	{ MP_QSTR_board, MP_OBJ_TUPLE(&board_pins) },
};

const struct mp_module mp_module_pyb = { "pyb", MP_COUNT(pyb_attrs), pyb_attrs };

MP_REGISTER_MODULE(MP_QSTR_pyb, mp_module_pyb);
