/* SPDX-License-Identifier: MIT
 *
 * Errors as values: a function that can fail returns bool (or a count) and fills one of these.
 * Layers add context on the way up; only main prints.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdbool.h>

enum err_kind {
	ERR_FAILED,      /* exit status 1 */
	ERR_USAGE,       /* exit status 2: the words of the command line are off */
	ERR_INTERRUPTED, /* exit status 130 */
	ERR_CANCELLED,   /* exit status 2: the user was asked, and said no */
};

struct err {
	char *msg;  /* "cause", or "context: cause"; NULL: no error */
	char *hint; /* one next step; may be NULL */
	enum err_kind kind;
};

#define ERR_INIT  \
	{         \
		0 \
	}
#define AUTO_ERR __attribute__((cleanup(err_free))) struct err

/*
 * All setters return false, so that `return err_set(e, ...)` reads well. `e` is never NULL.
 * err_set starts a new error (an older one is dropped); err_wrap puts "text: " before the message;
 * err_sys adds ": strerror(number)"; err_hint sets the hint, replacing an earlier one.
 */
bool err_set(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
bool err_usage(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
bool err_sys(struct err *e, int number, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
bool err_wrap(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
bool err_hint(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

void err_free(struct err *e);                    /* back to ERR_INIT */
void err_move(struct err *to, struct err *from); /* from is empty afterwards */

#endif
