/* SPDX-License-Identifier: MIT
 *
 * The 'interpreter'. A program is run straight from its text: each statement is parsed while it
 * is evaluated, and parsed without being evaluated (run == false) to check it beforehand.
 */
#include "py/runtime.h"

#include <string.h>

#include "py/frozenmod.h"
#include "py/lexer.h"
#include "py/mphal.h"
#include "py/mpprint.h"

#define MAX_ARGS 8
#define MAX_IMPORTS 16

static const struct mp_module *imported[MAX_IMPORTS];
static size_t n_imported;

static struct {
	const char *type;
	char message[80];
	int line; /* of what the REPL was given, also when frozen code raised */
} exception;

struct context {
	struct mp_lexer lex;
	bool run;
};

void mp_init(void)
{
	n_imported = 0;
}

static void append_message(const char *str, size_t len)
{
	size_t used = strlen(exception.message);
	size_t room = sizeof(exception.message) - 1 - used;

	if (len > room)
		len = room;
	memcpy(exception.message + used, str, len);
	exception.message[used + len] = '\0';
}

bool mp_raise(const char *type, const char *before, const char *what, size_t what_len,
	      const char *after)
{
	exception.type = type;
	exception.message[0] = '\0';
	exception.line = 1;
	append_message(before, strlen(before));
	if (what)
		append_message(what, what_len);
	append_message(after, strlen(after));
	return false;
}

static bool raise_syntax(void)
{
	return mp_raise("SyntaxError", "invalid syntax", NULL, 0, "");
}

void mp_print_exception(const char *file)
{
	mp_print_text("Traceback (most recent call last):\n  File \"");
	mp_print_text(file);
	mp_print_text("\", line ");
	mp_print_int(exception.line);
	if (strcmp(exception.type, "SyntaxError") != 0)
		mp_print_text(", in <module>");
	mp_print_text("\n");
	mp_print_text(exception.type);
	mp_print_text(": ");
	mp_print_text(exception.message);
	mp_print_text("\n");
}

static bool builtin_print(const struct mp_obj *args, size_t n_args, struct mp_obj *ret)
{
	(void)ret;
	for (size_t i = 0; i < n_args; i++) {
		if (i > 0)
			mp_print_text(" ");
		mp_print_str(&args[i]);
	}
	mp_print_text("\n");
	return true;
}

static bool load_name(const char *name, size_t len, struct mp_obj *value)
{
	enum qstr q = qstr_find(name, len);

	for (size_t i = 0; i < n_imported; i++) {
		const struct mp_module *m = imported[i];
		if (strlen(m->name) == len && memcmp(m->name, name, len) == 0) {
			*value = (struct mp_obj){ .kind = MP_MODULE, .module = m };
			return true;
		}
	}
	if (q == MP_QSTR_print) {
		*value = (struct mp_obj)MP_OBJ_FUN(builtin_print);
		return true;
	}
	if (q == MP_QSTR_None) {
		*value = MP_OBJ_NONE;
		return true;
	}
	return mp_raise("NameError", "name '", name, len, "' isn't defined");
}

static bool load_attr(struct mp_obj *value, const char *name, size_t len)
{
	const struct mp_attr *attrs = NULL;
	size_t n_attrs = 0;
	enum qstr q = qstr_find(name, len);

	if (value->kind == MP_MODULE) {
		attrs = value->module->attrs;
		n_attrs = value->module->n_attrs;
	} else if (value->kind == MP_TUPLE) {
		attrs = value->tuple->items;
		n_attrs = value->tuple->n_items;
	}
	for (size_t i = 0; i < n_attrs; i++) {
		if (q != MP_QSTRnull && attrs[i].name == q) {
			*value = attrs[i].value;
			return true;
		}
	}
	return mp_raise("AttributeError", "object has no attribute '", name, len, "'");
}

static bool import_module(const char *name, size_t len)
{
	const struct mp_module *module = mp_module_find(qstr_find(name, len));
	const struct mp_frozen *frozen = module ? NULL : mp_frozen_find(name, len);

	if (frozen)
		module = &frozen->module;
	if (!module)
		return mp_raise("ImportError", "no module named '", name, len, "'");
	for (size_t i = 0; i < n_imported; i++) {
		if (imported[i] == module)
			return true;
	}
	if (n_imported == MAX_IMPORTS)
		return mp_raise("MemoryError", "too many imports", NULL, 0, "");
	imported[n_imported++] = module;
	return frozen ? mp_frozen_exec(frozen) : true;
}

static bool parse_import(struct context *c)
{
	do {
		mp_lexer_next(&c->lex);
		if (c->lex.tok != MP_TOK_NAME)
			return raise_syntax();
		if (c->run && !import_module(c->lex.str, c->lex.len))
			return false;
		mp_lexer_next(&c->lex);
	} while (mp_lexer_is_op(&c->lex, ','));
	return true;
}

static bool parse_int(struct context *c, bool negative, struct mp_obj *value)
{
	long num = 0;

	if (c->lex.tok != MP_TOK_INT)
		return raise_syntax();
	if (c->lex.len > 9)
		return mp_raise("OverflowError", "small int overflow", NULL, 0, "");
	for (size_t i = 0; i < c->lex.len; i++)
		num = num * 10 + (c->lex.str[i] - '0');
	*value = (struct mp_obj)MP_OBJ_INT(negative ? -num : num);
	mp_lexer_next(&c->lex);
	return true;
}

static bool parse_atom(struct context *c, struct mp_obj *value)
{
	*value = MP_OBJ_NONE;
	if (mp_lexer_is_op(&c->lex, '-')) {
		mp_lexer_next(&c->lex);
		return parse_int(c, true, value);
	}
	if (c->lex.tok == MP_TOK_INT)
		return parse_int(c, false, value);
	if (c->lex.tok == MP_TOK_STR) {
		*value =
			(struct mp_obj){ .kind = MP_LITERAL, .len = c->lex.len, .str = c->lex.str };
	} else if (c->lex.tok == MP_TOK_NAME) {
		if (c->run && !load_name(c->lex.str, c->lex.len, value))
			return false;
	} else {
		return raise_syntax();
	}
	mp_lexer_next(&c->lex);
	return true;
}

static bool parse_expr(struct context *c, struct mp_obj *value);

/* From after '(' to after ')'. */
static bool parse_args(struct context *c, struct mp_obj *args, size_t *n_args)
{
	*n_args = 0;
	mp_lexer_next(&c->lex);
	while (!mp_lexer_is_op(&c->lex, ')')) {
		if (*n_args == MAX_ARGS)
			return raise_syntax();
		if (!parse_expr(c, &args[(*n_args)++]))
			return false;
		if (mp_lexer_is_op(&c->lex, ','))
			mp_lexer_next(&c->lex);
		else if (!mp_lexer_is_op(&c->lex, ')'))
			return raise_syntax();
	}
	mp_lexer_next(&c->lex);
	return true;
}

static bool parse_call(struct context *c, struct mp_obj *value)
{
	struct mp_obj args[MAX_ARGS];
	size_t n_args;
	mp_fun *fun = value->fun;

	if (!parse_args(c, args, &n_args))
		return false;
	if (!c->run)
		return true;
	if (value->kind != MP_FUN)
		return mp_raise("TypeError", "object isn't callable", NULL, 0, "");
	*value = MP_OBJ_NONE;
	return fun(args, n_args, value);
}

/* NAME(.NAME | (ARGS))*, an integer or a string. Without run, *value means nothing. */
static bool parse_expr(struct context *c, struct mp_obj *value)
{
	if (!parse_atom(c, value))
		return false;
	for (;;) {
		if (mp_lexer_is_op(&c->lex, '(')) {
			if (!parse_call(c, value))
				return false;
		} else if (mp_lexer_is_op(&c->lex, '.')) {
			mp_lexer_next(&c->lex);
			if (c->lex.tok != MP_TOK_NAME)
				return raise_syntax();
			if (c->run && !load_attr(value, c->lex.str, c->lex.len))
				return false;
			mp_lexer_next(&c->lex);
		} else {
			return true;
		}
	}
}

static bool parse_statement(struct context *c, bool echo)
{
	struct mp_obj value;

	if (mp_lexer_is_name(&c->lex, "import"))
		return parse_import(c);
	if (!parse_expr(c, &value))
		return false;
	if (c->run && echo && value.kind != MP_NONE) {
		mp_print_repr(&value);
		mp_print_text("\n");
	}
	return true;
}

static bool exec_line(const char *line, size_t len, bool run, bool echo)
{
	struct context c = { .run = run };

	mp_lexer_init(&c.lex, line, len);
	if (c.lex.tok != MP_TOK_END && c.lex.str != line && c.lex.tok != MP_TOK_STR)
		return mp_raise("IndentationError", "unexpected indent", NULL, 0, "");
	while (c.lex.tok != MP_TOK_END) {
		if (!parse_statement(&c, echo))
			return false;
		if (mp_lexer_is_op(&c.lex, ';'))
			mp_lexer_next(&c.lex);
		else if (c.lex.tok != MP_TOK_END)
			return raise_syntax();
	}
	return true;
}

static bool each_line(const char *src, size_t len, bool run, bool echo)
{
	const char *end = src + len;

	for (int number = 1; src < end; number++) {
		const char *eol = src;
		while (eol < end && *eol != '\n')
			eol++;
		if (!exec_line(src, (size_t)(eol - src), run, echo)) {
			exception.line = number;
			return false;
		}
		src = eol + 1;
	}
	return true;
}

bool mp_check_line(const char *line, size_t len)
{
	return exec_line(line, len, false, false);
}

bool mp_exec(const char *src, size_t len, bool echo)
{
	return each_line(src, len, false, false) && each_line(src, len, true, echo);
}
