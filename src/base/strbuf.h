/* SPDX-License-Identifier: MIT
 *
 * A growing string, always NUL-terminated at buf[len]; it may hold NUL bytes in between.
 */
#ifndef BASE_STRBUF_H
#define BASE_STRBUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct strbuf {
	char *buf; /* never NULL; not to be freed by the caller */
	size_t len;
	size_t cap; /* 0: buf is the shared empty string */
};

extern char strbuf_empty[1];
#define STRBUF_INIT                 \
	{                           \
		.buf = strbuf_empty \
	}
#define AUTO_STRBUF __attribute__((cleanup(strbuf_free))) struct strbuf

void strbuf_free(struct strbuf *sb);  /* back to STRBUF_INIT */
void strbuf_reset(struct strbuf *sb); /* length 0, keeps the memory */
void strbuf_reserve(struct strbuf *sb, size_t extra);
void strbuf_set_len(struct strbuf *sb, size_t len); /* only shorter */
void strbuf_add(struct strbuf *sb, const void *data, size_t len);
void strbuf_adds(struct strbuf *sb, const char *s);
void strbuf_addch(struct strbuf *sb, char c);
void strbuf_addf(struct strbuf *sb, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void strbuf_vaddf(struct strbuf *sb, const char *fmt, va_list ap)
	__attribute__((format(printf, 2, 0)));

/*
 * Text from outside, fit to be printed: at most `max` bytes of it ("..." behind what was cut), control characters as \xNN.
 */
void strbuf_add_shown(struct strbuf *sb, const char *text, size_t max);

/* The string, owned by the caller (free()); sb is empty afterwards. */
char *strbuf_detach(struct strbuf *sb);

#endif
