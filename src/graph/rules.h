/* SPDX-License-Identifier: MIT
 *
 * Rule files: how firmware is made and flashed, as data. Ninja's syntax for bindings and steps,
 * plus scoped blocks. docs/RULES.md is the manual; here is what the program gets out of them.
 *
 *     name = value                a variable; $name, ${name}, $$, "$ ", "$:" ... as in ninja
 *     include FILE                relative to this file
 *     rule NAME                   bindings below, indented (command, env, ...)
 *     build OUT... [| OUT...]: RULE IN... [| IN...]      bindings below, indented
 *     runner NAME          an external tool as a flash method; bindings below, indented, not expanded
 *     port|mcu|board|variant NAME    a scope: bindings, builds and narrower scopes below, indented
 *
 * `port X` at column 0 also makes X the port of everything that follows in the file at column 0.
 * Before the first one, a column-0 `build` belongs to the tree (its paths are relative to the
 * tree), everything after to each board of that port. An included file reads as if it stood there,
 * but its `port X` ends with it. Outputs after `|` are optional: the port's make may leave them.
 *
 * Variables are expanded when they are used, in the scope of the board: variant beats board beats
 * mcu beats port beats global (blocks inside each other add up, see rules_scope_rank), and of two
 * equally specific ones the later wins. A value that names its own variable gets the value that it
 * hides: `inputs = $inputs lib` adds to a wider block's, or to an earlier line's. A variable that
 * nobody sets expands to nothing.
 */
#ifndef GRAPH_RULES_H
#define GRAPH_RULES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/strbuf.h"
#include "base/vec.h"

struct rules_pos {
	const char *file; /* as given when loading */
	int line, column; /* from 1; a column is a character (UTF-8), a tab is one too */
};

/* What a block matches; NULL members match everything. */
struct rules_scope {
	const char *port, *mcu, *board, *variant;
};

/* A value as written, to be expanded in a scope: an opaque list of text and variable parts. */
struct rules_value;
struct rules_pos rules_value_pos(const struct rules_value *v); /* of a literal: .file is NULL */

struct rules_binding {
	const char *name;
	const struct rules_value *value;
	struct rules_pos pos;
};

struct rules_rule {
	const char *name;
	VEC(struct rules_binding) bindings;
	struct rules_scope scope;
	struct rules_pos pos;
};

struct rules_build {
	struct rules_scope scope; /* nothing named (rank 0): a statement of the tree */
	/* a value may expand to many words (rules_expand_words) */
	VEC(const struct rules_value *) outs, maybe_outs, ins, implicit_ins;
	const char *rule;
	VEC(struct rules_binding) bindings; /* each name once, as in a rule */
	struct rules_pos pos, rule_pos;     /* of `build` and of the rule's name */
};

/* A line of a runner: its text as it is written, for whoever runs the tool (flash/runner.h has another `$name`). */
struct rules_text {
	const char *name, *text;
	struct rules_pos pos, text_pos;
};

struct rules_runner {
	const char *name;
	const char *port;             /* of the `port` before it; NULL: none */
	VEC(struct rules_text) texts; /* each name once */
	struct rules_pos pos;
};

struct rules; /* all files of one run; owns everything that the functions below point into */

struct rules *rules_create(void);
void rules_destroy(struct rules *r); /* takes NULL */

/*
 * Where the text of files comes from, for callers that have it elsewhere than on the disk (a git
 * revision, a test). `read` appends the file's text, or sets an error that names the path and
 * returns false. `reader` is not copied.
 */
struct rules_reader {
	bool (*read)(void *ctx, const char *path, struct strbuf *out, struct err *e);
	void *ctx;
};
void rules_set_reader(struct rules *r, const struct rules_reader *reader); /* NULL: the disk */

/*
 * Parses a file (and what it includes) into r. Errors read
 *     rules/rp2.rules:12:7: unknown ...
 *       build firmware.elf
 *             ^
 * with a hint where there is one next step. A duplicate rule name in one scope, an output named
 * twice in a build, a rule without `command`, an unknown rule name (checked by rules_check) and
 * bad indentation are errors. `name` and `path` are used in positions as they are; an include is
 * looked for beside them. After an error, r holds what came before it and is good for rules_err_at
 * and rules_destroy only.
 */
bool rules_load(struct rules *r, const char *path, struct err *e);
bool rules_parse(struct rules *r, const char *name, const char *text, size_t len, struct err *e);

/* After the last file: every build names a rule that exists or is built in (rules_is_builtin). */
bool rules_check(const struct rules *r, struct err *e);
/* compile merge elf bin hex srec dfu uf2 download flash verify test */
bool rules_is_builtin(const char *name);

/* The paths of the files that were read, as they were given (an include: beside its file); caller does vec_free. */
struct strv rules_files(const struct rules *r);

/* The ports that some file has a block for, sorted. */
bool rules_has_port(const struct rules *r, const char *port);
struct strv rules_ports(const struct rules *r); /* caller does vec_free */

/*
 * Variables as one board sees them. `extra` (may be NULL) are bindings that come first of all
 * ($in, $out, those of a build statement, those of its rule).
 */
struct rules_env {
	const struct rules *rules;
	/* all that is known of the board: port, mcu, board id without variant, variant */
	struct rules_scope board;
	/* where to look after `extra`: another one, or (NULL) the blocks of `rules` that match `board` */
	const struct rules_env *outer;
	const struct rules_binding *extra; /* may be NULL; of two with one name the first wins */
	size_t extra_count;
};

/*
 * True when some value of the variable, in a block of that port (whatever mcu, board or variant it names besides), has the word: as it
 * is written, without what a variable in it would bring.
 */
bool rules_mention(const struct rules *r, const char *port, const char *variable, const char *word);

/*
 * Expanded text in the arena; unset: *out = NULL and true. A variable that refers to itself, with
 * no wider value to stand for it or by way of another variable, is an error, and so is a text over
 * 1 MiB. Whoever's value it stands in, a $name is looked up from `env`.
 */
bool rules_get(const struct rules_env *env, const char *name, struct arena *a, const char **out,
	       struct err *e);
/*
 * The same, split at white space ('single', "double" quotes and backslash keep words together, as
 * in sh). Unset: no words. `out` grows; its strings are in the arena, its array is for the caller
 * to vec_free.
 */
bool rules_get_words(const struct rules_env *env, const char *name, struct arena *a,
		     struct strv *out, struct err *e);
bool rules_expand(const struct rules_env *env, const struct rules_value *v, struct arena *a,
		  const char **out, struct err *e);
/* One of a build's outs or ins as words: plain text is kept as it is, variables are split. */
bool rules_expand_words(const struct rules_env *env, const struct rules_value *v, struct arena *a,
			struct strv *out, struct err *e);
/* The words of a runner's line, in the arena; the array is for the caller to vec_free. */
bool rules_text_words(const struct rules *r, const struct rules_text *t, struct arena *a,
		      struct strv *out, struct err *e);
/* Appends a word so that splitting gives it back; quotes only where needed. For $in and $out. */
void rules_quote(struct strbuf *out, const char *word);
/* A binding with a fixed text, for $in, $out and the like. */
struct rules_binding rules_literal(struct arena *a, const char *name, const char *text);

/* All builds / rules, in file order. */
size_t rules_build_count(const struct rules *r);
const struct rules_build *rules_build_at(const struct rules *r, size_t i);
/* The runners that files declare, in file order; what they say is checked by who makes methods of them (graph/methods.h). */
size_t rules_runner_count(const struct rules *r);
const struct rules_runner *rules_runner_at(const struct rules *r, size_t i);
/* The most specific rule of that name for a board; NULL: none. */
const struct rules_rule *rules_find_rule(const struct rules *r, const struct rules_scope *board,
					 const char *name);
/* True when a block's scope matches a board's. */
bool rules_scope_matches(const struct rules_scope *block, const struct rules_scope *board);
/* How specific: 8 for a variant + 4 for a board + 2 for an mcu + 1 for a port; 0 matches all. */
int rules_scope_rank(const struct rules_scope *scope);
/* True when some board can match both. */
bool rules_scope_overlaps(const struct rules_scope *a, const struct rules_scope *b);

/* An error at a place in a rule file, with the line and a caret; without when pos.file is NULL. */
bool rules_err_at(const struct rules *r, struct rules_pos pos, struct err *e, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

#endif
