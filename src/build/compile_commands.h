/* SPDX-License-Identifier: MIT
 *
 * compile_commands.json: how each source of a firmware was compiled, for editors and analyzers
 * (https://clang.llvm.org/docs/JSONCompilationDatabase.html). It is made of the compilers' own command lines (os/trace.h), so that it is
 * the same for make and CMake. A run that compiles a few sources only keeps what is known of the others.
 */
#ifndef BUILD_COMPILE_COMMANDS_H
#define BUILD_COMPILE_COMMANDS_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/strbuf.h"
#include "base/vec.h"

struct compile_command {
	const char *folder;
	struct strv words;  /* of argv */
	const char *file;   /* the source, as among the words */
	const char *output; /* the object */
};

struct compile_commands {
	VEC(struct compile_command) items; /* by file and output */
	struct arena arena;
};

/*
 * Adds those of a trace ("FOLDER^_WORD^_WORD..."); a later one of the same object takes the place of an earlier one. What compiles no file,
 * or several at once, or names no object, is passed over.
 */
void compile_commands_add(struct compile_commands *c, const struct strv *commands);
/* Drops those whose source or folder is no longer there (CMake tries its compilers in folders that it removes), and sorts. */
void compile_commands_settle(struct compile_commands *c);
void compile_commands_free(struct compile_commands *c); /* takes a zeroed one */

/* The file that the next run reads: appended to out, and read into an empty or filled list. */
void compile_commands_save(const struct compile_commands *c, struct strbuf *out);
void compile_commands_load(struct compile_commands *c, const char *text);

/* The JSON, with a line end. */
void compile_commands_json(const struct compile_commands *c, struct strbuf *out);

#endif
