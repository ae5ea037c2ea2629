/* SPDX-License-Identifier: MIT
 *
 * What the files of the rules module share; nobody else includes this.
 */
#ifndef GRAPH_RULES_INTERNAL_H
#define GRAPH_RULES_INTERNAL_H

#include <stdint.h>

#include "graph/rules.h"

enum {
	RULES_TEXT_MAX = 1 << 20,  /* bytes of one file, and of one expanded text */
	RULES_DEPTH_MAX = 16,      /* files inside files */
	RULES_FILES_MAX = 1000,    /* in one run, each include counted */
	RULES_NEST_MAX = 100,      /* variables inside variables */
	RULES_LOOKUPS_MAX = 10000, /* variables looked up for one text */
};

/* One file's text, kept for good: positions point to `name`, messages quote `text`. */
struct rules_source {
	const char *name; /* as given */
	const char *id;   /* the same file has the same id, whatever its path */
	const char *text;
	size_t len;
};

struct rules_part {
	bool is_var;
	const char *text; /* a variable's name or plain text */
	struct rules_pos pos;
};

struct rules_value {
	struct rules_pos pos;
	bool is_path; /* from a build line: plain text is one word, whatever is in it */
	size_t count;
	const struct rules_part *parts;
};

struct rules_scoped {
	struct rules_scope scope;
	struct rules_binding binding;
};

/* A variable's values in all scopes, the one that wins last: by rank, then in file order. */
struct rules_variable {
	const char *name;
	VEC(struct rules_scoped *) values;
	struct rules_variable *next; /* in its bucket */
};

enum { RULES_BUCKETS = 256 };

struct rules {
	struct arena arena;
	const struct rules_reader *reader;
	VEC(struct rules_source *) sources;
	VEC(struct rules_build *) builds;
	VEC(struct rules_rule *) rules;
	VEC(struct rules_runner *) runners;
	struct rules_variable *variables[RULES_BUCKETS];
	struct strv ports; /* sorted, each once */
};

/* ---- rules.c: the container ---- */

/* Where a file is included from: the scope that it reads in, and the files above it. */
struct rules_context {
	struct rules_scope scope;          /* of the blocks around the include */
	const char *port;                  /* of the last `port` at column 0; may be NULL */
	const struct rules_source *source; /* the including file */
	struct rules_pos pos; /* of the path in it: errors of the file itself point there */
	const struct rules_context *outer; /* NULL: `source` was not included */
	int depth;                         /* 0: not included */
};

/* Reads `path` as an include of ctx. */
bool rules_include(struct rules *r, const char *path, const struct rules_context *ctx,
		   struct err *e);
void rules_add_port(struct rules *r, const char *port);
bool rules_scope_equal(const struct rules_scope *a, const struct rules_scope *b);

/* ---- rules_value.c ---- */

void rules_set_variable(struct rules *r, const struct rules_scope *scope,
			const struct rules_binding *b);
/* The value of a name that wins; NULL: none. */
const struct rules_binding *rules_lookup(const struct rules_env *env, const char *name);
/* As rules_expand, with the plain text of build lines quoted for splitting. */
bool rules_expand_quoted(const struct rules_env *env, const struct rules_value *v, struct arena *a,
			 const char **out, struct err *e);

/* ---- rules_parse.c ---- */

bool rules_parse_source(struct rules *r, const struct rules_source *src,
			const struct rules_context *ctx, struct err *e);

/* ---- rules_lex.c: a cursor over one file ---- */

struct rules_lex {
	struct rules *rules;
	const struct rules_source *src;
	size_t at; /* the next byte */
	int line;
	size_t counted; /* the byte that `column` is the column of: columns are counted once */
	int column;
};

/* Bytes of the UTF-8 character at p (1 to 4); 0: not one. */
size_t rules_utf8(const char *p, const char *end);
/* Checks that all is UTF-8 with no control characters but tab, LF, CR LF. Skips a byte order mark. */
bool rules_lex_open(struct rules_lex *x, struct rules *r, const struct rules_source *src,
		    struct err *e);
/* To the first word of the next line with one; *indent is its spaces, -1 at the end of the file. */
bool rules_lex_line(struct rules_lex *x, int *indent, struct err *e);
struct rules_pos rules_lex_pos(struct rules_lex *x);
void rules_lex_space(struct rules_lex *x);       /* over spaces, tabs and continued lines */
bool rules_lex_eol(const struct rules_lex *x);   /* at the end of the line */
char rules_lex_peek(const struct rules_lex *x);  /* the next byte, 0 at the end of the line */
const char *rules_lex_name(struct rules_lex *x); /* [A-Za-z0-9_.-]+ in the arena; NULL: none here */
/* The rest of the line, less the white space around it. */
bool rules_lex_value(struct rules_lex *x, const struct rules_value **out, struct err *e);
/* The same as it is written: a `$` means nothing but at the end of the line. In the arena. */
const char *rules_lex_text(struct rules_lex *x);
/* A word of a build line: up to white space, ':' or '|'. *out = NULL: none here. */
bool rules_lex_path(struct rules_lex *x, const struct rules_value **out, struct err *e);

#endif
