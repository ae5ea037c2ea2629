/* SPDX-License-Identifier: MIT
 *
 * Printing of values. There is no buffer: a value goes out piece by piece.
 */
#include "py/mpprint.h"

#include <string.h>

#include "py/mphal.h"

void mp_hal_stdout_tx_str(const char *str)
{
	mp_hal_stdout_tx_strn(str, strlen(str));
}

void mp_hal_stdout_tx_strn_cooked(const char *str, size_t len)
{
	size_t start = 0;

	for (size_t i = 0; i < len; i++) {
		if (str[i] != '\n')
			continue;
		mp_hal_stdout_tx_strn(str + start, i - start);
		mp_hal_stdout_tx_strn("\r\n", 2);
		start = i + 1;
	}
	mp_hal_stdout_tx_strn(str + start, len - start);
}

void mp_print_text(const char *str)
{
	mp_hal_stdout_tx_strn_cooked(str, strlen(str));
}

void mp_print_int(long num)
{
	char buf[24];
	char *p = buf + sizeof(buf);
	unsigned long rest = num < 0 ? 0UL - (unsigned long)num : (unsigned long)num;

	*--p = '\0';
	do {
		*--p = (char)('0' + rest % 10);
		rest /= 10;
	} while (rest);
	if (num < 0)
		*--p = '-';
	mp_print_text(p);
}

static char unescape(char c)
{
	switch (c) {
	case 'n':
		return '\n';
	case 'r':
		return '\r';
	case 't':
		return '\t';
	default:
		return c;
	}
}

static void print_literal(const char *str, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		char c = str[i];
		if (c == '\\' && i + 1 < len)
			c = unescape(str[++i]);
		mp_hal_stdout_tx_strn_cooked(&c, 1);
	}
}

static void print_tuple(const struct mp_tuple *tuple)
{
	mp_print_text("(");
	for (size_t i = 0; i < tuple->n_items; i++) {
		const struct mp_attr *item = &tuple->items[i];
		if (i > 0)
			mp_print_text(", ");
		if (item->name != MP_QSTRnull) {
			mp_print_text(qstr_str(item->name));
			mp_print_text("=");
		}
		mp_print_repr(&item->value);
	}
	mp_print_text(tuple->n_items == 1 ? ",)" : ")");
}

void mp_print_str(const struct mp_obj *obj)
{
	switch (obj->kind) {
	case MP_NONE:
		mp_print_text("None");
		break;
	case MP_INT:
		mp_print_int(obj->num);
		break;
	case MP_STR:
	case MP_NUMBER:
		mp_hal_stdout_tx_strn_cooked(obj->str, obj->len);
		break;
	case MP_LITERAL:
		print_literal(obj->str, obj->len);
		break;
	case MP_TUPLE:
		print_tuple(obj->tuple);
		break;
	case MP_MODULE:
		mp_print_text("<module '");
		mp_print_text(obj->module->name);
		mp_print_text("'>");
		break;
	case MP_FUN:
		mp_print_text("<function>");
		break;
	}
}

void mp_print_repr(const struct mp_obj *obj)
{
	bool quoted = obj->kind == MP_STR || obj->kind == MP_LITERAL;

	if (quoted)
		mp_print_text("'");
	if (obj->kind == MP_LITERAL) /* its escapes are already what repr() would show */
		mp_hal_stdout_tx_strn(obj->str, obj->len);
	else
		mp_print_str(obj);
	if (quoted)
		mp_print_text("'");
}
