/* SPDX-License-Identifier: MIT
 *
 * Words of one line of source: names, decimal integers, strings and a few signs.
 */
#include "py/lexer.h"

#include <string.h>

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || is_digit(c);
}

static void lex_string(struct mp_lexer *lex)
{
	char quote = *lex->pos++;

	lex->str = lex->pos;
	while (lex->pos < lex->end && *lex->pos != quote)
		lex->pos += *lex->pos == '\\' ? 2 : 1;
	if (lex->pos >= lex->end) {
		lex->pos = lex->end;
		lex->tok = MP_TOK_INVALID;
		return;
	}
	lex->tok = MP_TOK_STR;
	lex->len = (size_t)(lex->pos++ - lex->str);
}

static void lex_while(struct mp_lexer *lex, enum mp_token tok, bool (*accept)(char))
{
	lex->tok = tok;
	while (lex->pos < lex->end && accept(*lex->pos))
		lex->pos++;
	lex->len = (size_t)(lex->pos - lex->str);
}

void mp_lexer_next(struct mp_lexer *lex)
{
	while (lex->pos < lex->end && (*lex->pos == ' ' || *lex->pos == '\t' || *lex->pos == '\r'))
		lex->pos++;
	lex->str = lex->pos;
	lex->len = 0;
	if (lex->pos == lex->end || *lex->pos == '#') {
		lex->tok = MP_TOK_END;
	} else if (*lex->pos == '\'' || *lex->pos == '"') {
		lex_string(lex);
	} else if (is_digit(*lex->pos)) {
		lex_while(lex, MP_TOK_INT, is_digit);
	} else if (is_name_char(*lex->pos)) {
		lex_while(lex, MP_TOK_NAME, is_name_char);
	} else {
		lex->tok = memchr(".,();-", *lex->pos, 6) ? MP_TOK_OP : MP_TOK_INVALID;
		lex->len = 1;
		lex->pos++;
	}
}

void mp_lexer_init(struct mp_lexer *lex, const char *line, size_t len)
{
	lex->pos = line;
	lex->end = line + len;
	mp_lexer_next(lex);
}

bool mp_lexer_is_op(const struct mp_lexer *lex, char op)
{
	return lex->tok == MP_TOK_OP && *lex->str == op;
}

bool mp_lexer_is_name(const struct mp_lexer *lex, const char *name)
{
	return lex->tok == MP_TOK_NAME && strlen(name) == lex->len &&
	       memcmp(name, lex->str, lex->len) == 0;
}
