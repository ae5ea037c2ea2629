/* SPDX-License-Identifier: MIT
 *
 * Values. There is no heap: every value is a constant in flash or a literal in the source that is
 * being run, so a struct mp_obj may be copied and never needs freeing.
 */
#ifndef PY_OBJ_H
#define PY_OBJ_H

#include <stdbool.h>
#include <stddef.h>

#include "py/qstr.h"

enum mp_kind {
	MP_NONE,
	MP_INT,
	MP_STR,
	MP_LITERAL, /* a string as it stands in the source, its escapes not yet decoded */
	MP_NUMBER,  /* a float, kept as the text that it prints as */
	MP_TUPLE,
	MP_MODULE,
	MP_FUN,
};

struct mp_obj;
struct mp_tuple;
struct mp_module;

/* Raises (mp_raise) and returns false, or sets *ret (None on entry) and returns true. */
typedef bool mp_fun(const struct mp_obj *args, size_t n_args, struct mp_obj *ret);

struct mp_obj {
	enum mp_kind kind;
	union {
		long num;
		size_t len; /* of str, for MP_STR and MP_LITERAL */
	};
	union {
		const char *str;
		const struct mp_tuple *tuple;
		const struct mp_module *module;
		mp_fun *fun;
	};
};

/* clang-format off */
#define MP_OBJ_NONE ((struct mp_obj){ .kind = MP_NONE })
#define MP_OBJ_INT(n) { .kind = MP_INT, .num = (n) }
#define MP_OBJ_STR(s) { .kind = MP_STR, .len = sizeof(s) - 1, .str = (s) }
#define MP_OBJ_NUMBER(s) { .kind = MP_NUMBER, .len = sizeof(s) - 1, .str = (s) }
#define MP_OBJ_TUPLE(t) { .kind = MP_TUPLE, .tuple = (t) }
#define MP_OBJ_FUN(f) { .kind = MP_FUN, .fun = (f) }
/* clang-format on */

struct mp_attr {
	enum qstr name; /* MP_QSTRnull in a tuple's items that have no name */
	struct mp_obj value;
};

struct mp_tuple {
	size_t n_items;
	const struct mp_attr *items;
};

struct mp_module {
	const char *name;
	size_t n_attrs;
	const struct mp_attr *attrs;
};

#define MP_COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Makes a module known to `import`; makemoduledefs.py collects these lines from the sources. */
#ifndef NO_QSTR
#define MP_REGISTER_MODULE(name, module)
#endif

/* The registered module of that name, or NULL. */
const struct mp_module *mp_module_find(enum qstr name);

#endif
