/* SPDX-License-Identifier: MIT
 *
 * Printing of values, the way Python's print() and repr() show them.
 */
#ifndef PY_MPPRINT_H
#define PY_MPPRINT_H

#include "py/obj.h"

void mp_print_text(const char *str);
void mp_print_int(long num);
void mp_print_str(const struct mp_obj *obj);  /* as print() */
void mp_print_repr(const struct mp_obj *obj); /* as repr(): strings in quotes */

#endif
