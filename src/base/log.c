/* SPDX-License-Identifier: MIT
 *
 * Levels are of the process: a forked child tells as much as its parent.
 */
#include "base/log.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include "base/strbuf.h"
#include "os/clock.h"

static enum log_level level;
static int64_t begun_ms;

void log_set_level(enum log_level to)
{
	level = to;
	begun_ms = begun_ms ? begun_ms : clock_ms();
}

bool log_is_quiet(void)
{
	return level == LOG_LEVEL_QUIET;
}

bool log_shows(enum log_level at_least)
{
	return level >= at_least;
}

void log_note(const char *fmt, ...)
{
	AUTO_STRBUF line = STRBUF_INIT;
	va_list ap;

	if (log_is_quiet())
		return;
	va_start(ap, fmt);
	strbuf_vaddf(&line, fmt, ap);
	va_end(ap);
	strbuf_addch(&line, '\n');
	fputs(line.buf, stderr);
}

static void begin(struct strbuf *line, const char *what)
{
	int64_t ms = clock_ms() - begun_ms;

	strbuf_addf(line, "%s: %d.%03d ", what, (int)(ms / 1000), (int)(ms % 1000));
}

void log_debug(const char *fmt, ...)
{
	AUTO_STRBUF line = STRBUF_INIT;
	va_list ap;

	if (!log_shows(LOG_LEVEL_DEBUG))
		return;
	begin(&line, "debug");
	va_start(ap, fmt);
	strbuf_vaddf(&line, fmt, ap);
	va_end(ap);
	strbuf_addch(&line, '\n');
	fputs(line.buf, stderr);
}

static bool is_plain(unsigned char c)
{
	return c >= ' ' && c <= '~' && c != '\'';
}

void log_bytes(const char *name, char direction, const void *data, size_t len)
{
	const unsigned char *p = data;
	AUTO_STRBUF line = STRBUF_INIT;
	bool quoted = false;

	if (!log_shows(LOG_LEVEL_TRACE))
		return;
	begin(&line, "trace");
	strbuf_addf(&line, "%s %c", name, direction);
	for (size_t i = 0; i < len; i++) {
		bool plain = is_plain(p[i]);

		if (plain != quoted)
			strbuf_adds(&line, plain ? " '" : "'");
		if (plain)
			strbuf_addch(&line, (char)p[i]);
		else
			strbuf_addf(&line, " %02x", p[i]);
		quoted = plain;
	}
	strbuf_adds(&line, quoted ? "'\n" : "\n");
	fputs(line.buf, stderr);
}
