/* SPDX-License-Identifier: MIT
 *
 * Words of one line of source. The firmware runs them, mpy-cross checks them.
 */
#ifndef PY_LEXER_H
#define PY_LEXER_H

#include <stdbool.h>
#include <stddef.h>

enum mp_token {
	MP_TOK_END, /* of the line: a comment counts as its end */
	MP_TOK_NAME,
	MP_TOK_INT,
	MP_TOK_STR, /* str and len without the quotes */
	MP_TOK_OP,  /* one of . , ( ) ; - */
	MP_TOK_INVALID,
};

struct mp_lexer {
	const char *pos;
	const char *end;
	enum mp_token tok; /* the current word, and where it stands */
	const char *str;
	size_t len;
};

/* Starts on a line (without its newline) and reads the first word. */
void mp_lexer_init(struct mp_lexer *lex, const char *line, size_t len);

void mp_lexer_next(struct mp_lexer *lex);

bool mp_lexer_is_op(const struct mp_lexer *lex, char op);
bool mp_lexer_is_name(const struct mp_lexer *lex, const char *name);

#endif
