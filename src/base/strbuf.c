/* SPDX-License-Identifier: MIT
 *
 * A growing string. Doubling growth keeps appends linear.
 */
#include "base/strbuf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "base/xalloc.h"

char strbuf_empty[1];

void strbuf_free(struct strbuf *sb)
{
	if (sb->cap)
		free(sb->buf);
	*sb = (struct strbuf)STRBUF_INIT;
}

void strbuf_reset(struct strbuf *sb)
{
	strbuf_set_len(sb, 0);
}

void strbuf_reserve(struct strbuf *sb, size_t extra)
{
	size_t need = sb->len + extra + 1;
	size_t cap = sb->cap * 2;

	if (need <= sb->cap)
		return;
	if (cap < need)
		cap = need;
	if (cap < 64)
		cap = 64;
	sb->buf = xrealloc(sb->cap ? sb->buf : NULL, cap);
	sb->cap = cap;
	sb->buf[sb->len] = '\0';
}

void strbuf_set_len(struct strbuf *sb, size_t len)
{
	if (len > sb->len)
		BUG("strbuf_set_len: %zu > %zu", len, sb->len);
	sb->len = len;
	if (sb->cap)
		sb->buf[len] = '\0';
}

void strbuf_add(struct strbuf *sb, const void *data, size_t len)
{
	if (!len)
		return;
	strbuf_reserve(sb, len);
	memcpy(sb->buf + sb->len, data, len);
	sb->len += len;
	sb->buf[sb->len] = '\0';
}

void strbuf_adds(struct strbuf *sb, const char *s)
{
	strbuf_add(sb, s, strlen(s));
}

void strbuf_addch(struct strbuf *sb, char c)
{
	strbuf_add(sb, &c, 1);
}

void strbuf_vaddf(struct strbuf *sb, const char *fmt, va_list ap)
{
	va_list again;
	int n;

	/* Said aloud: the sanitizers' own check of it goes on to vsnprintf, and gcc warns of that. */
	if (!fmt)
		BUG("no format");
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (n < 0)
		BUG("bad format '%s'", fmt);
	strbuf_reserve(sb, (size_t)n);
	vsnprintf(sb->buf + sb->len, (size_t)n + 1, fmt, ap);
	sb->len += (size_t)n;
}

void strbuf_addf(struct strbuf *sb, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	strbuf_vaddf(sb, fmt, ap);
	va_end(ap);
}

void strbuf_add_shown(struct strbuf *sb, const char *text, size_t max)
{
	size_t len = strnlen(text, max);

	for (size_t i = 0; i < len;) {
		const unsigned char *s = (const unsigned char *)text + i;
		size_t n = utf8_len(s);
		/* U+0080 to U+009f: terminals take some of them for commands, also as single bytes */
		bool c1 = n == 2 && s[0] == 0xc2 && s[1] < 0xa0;

		if (n > len - i) {
			len = i;
			break;
		}
		if (n && *s >= 0x20 && *s != 0x7f && !c1)
			strbuf_add(sb, s, n);
		else
			for (size_t k = 0; k < (n ? n : 1); k++)
				strbuf_addf(sb, "\\x%02x", s[k]);
		i += n ? n : 1;
	}
	if (text[len])
		strbuf_adds(sb, "...");
}

char *strbuf_detach(struct strbuf *sb)
{
	char *s;

	strbuf_reserve(sb, 0);
	s = sb->buf;
	*sb = (struct strbuf)STRBUF_INIT;
	return s;
}
