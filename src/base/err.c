/* SPDX-License-Identifier: MIT
 *
 * Errors as values; see err.h for the rules of use.
 */
#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"

static void __attribute__((format(printf, 3, 0)))
set_va(struct err *e, enum err_kind kind, const char *fmt, va_list ap)
{
	struct strbuf sb = STRBUF_INIT;

	strbuf_vaddf(&sb, fmt, ap);
	err_free(e);
	e->msg = strbuf_detach(&sb);
	e->kind = kind;
}

bool err_set(struct err *e, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	set_va(e, ERR_FAILED, fmt, ap);
	va_end(ap);
	return false;
}

bool err_usage(struct err *e, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	set_va(e, ERR_USAGE, fmt, ap);
	va_end(ap);
	return false;
}

bool err_sys(struct err *e, int number, const char *fmt, ...)
{
	struct strbuf sb = STRBUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	strbuf_vaddf(&sb, fmt, ap);
	va_end(ap);
	strbuf_addf(&sb, ": %s", strerror(number));
	err_free(e);
	e->msg = strbuf_detach(&sb);
	if (number == ENOSPC || number == EDQUOT)
		err_hint(e, "free some disk space, then run the same command again");
	return false;
}

bool err_wrap(struct err *e, const char *fmt, ...)
{
	struct strbuf sb = STRBUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	strbuf_vaddf(&sb, fmt, ap);
	va_end(ap);
	strbuf_addf(&sb, ": %s", e->msg ? e->msg : "failed");
	free(e->msg);
	e->msg = strbuf_detach(&sb);
	return false;
}

bool err_hint(struct err *e, const char *fmt, ...)
{
	struct strbuf sb = STRBUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	strbuf_vaddf(&sb, fmt, ap);
	va_end(ap);
	free(e->hint);
	e->hint = strbuf_detach(&sb);
	return false;
}

void err_free(struct err *e)
{
	free(e->msg);
	free(e->hint);
	*e = (struct err)ERR_INIT;
}

void err_move(struct err *to, struct err *from)
{
	err_free(to);
	*to = *from;
	*from = (struct err)ERR_INIT;
}
