/* SPDX-License-Identifier: MIT
 *
 * Interned names. Whoever writes MP_QSTR_foo in a source gets the number of the string "foo":
 * makeqstrdefs.py finds those words in the preprocessed sources and makeqstrdata.py writes the
 * table. While it looks (NO_QSTR) the table does not exist yet.
 */
#ifndef PY_QSTR_H
#define PY_QSTR_H

#include <stddef.h>

#include "py/mpconfig.h"

enum qstr {
	MP_QSTRnull,
#ifndef NO_QSTR
#define QDEF(id, hash, len, str) id,
#include "genhdr/qstrdefs.generated.h"
#undef QDEF
#endif
	MP_QSTRnumber_of,
};

/* The string of a number; lives for ever. */
const char *qstr_str(enum qstr q);

/* The number of these len bytes, or MP_QSTRnull when no source names them. */
enum qstr qstr_find(const char *str, size_t len);

#endif
