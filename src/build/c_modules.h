/* SPDX-License-Identifier: MIT
 *
 * User C modules: which of them lie in a folder, and several folders as the one place that a port's make takes.
 */
#ifndef BUILD_C_MODULES_H
#define BUILD_C_MODULES_H

#include "base/arena.h"
#include "base/err.h"
#include "base/vec.h"

/* What a port's build reads of a module: micropython.mk (py/py.mk) or micropython.cmake (py/usermod.cmake). */
enum c_modules_form { C_MODULES_MAKE, C_MODULES_CMAKE };

struct c_module {
	const char *name; /* the module's folder; make names its objects by that */
	const char *path; /* that folder (make), or the file to include (CMake) */
};

struct c_modules {
	enum c_modules_form form;
	struct c_module *items;
	size_t count, cap;
	/* The one folder that py.mk's DIR/<module>/micropython.mk takes as it is; NULL: c_modules_place has to make one. */
	const char *folder;
};

/*
 * The modules of `dirs` (absolute), in that order. Each is a module, or a folder of modules; for CMake a folder's own
 * micropython.cmake says which. Strings live in the arena or are those of `dirs`; vec_free. Errors: a folder that cannot be
 * read; one without a module of that form, by name; two modules of one name, whose objects would be the same files.
 */
bool c_modules_find(const struct strv *dirs, enum c_modules_form form, struct arena *a,
		    struct c_modules *out, struct err *e);

/* USER_C_MODULES for them, when c_modules_place has filled, or will fill, `dir`; in the arena. */
const char *c_modules_word(const struct c_modules *m, const char *dir, struct arena *a);

/* Fills `dir` (made anew): for make a link for each module, for CMake a micropython.cmake that includes them. */
bool c_modules_place(const struct c_modules *m, const char *dir, struct err *e);

#endif
