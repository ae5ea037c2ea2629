/* SPDX-License-Identifier: MIT
 *
 * Progress of compilers, pulls and git, none of which has a word for us alone.
 */
#include "graph/step_progress.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/utf8.h"
#include "graph/kinds.h"
#include "graph/status.h"
#include "os/fs.h"

enum {
	TAIL_BYTES = 2048,
	NEARLY = 990, /* whose time is nearly up is not there yet */
};

/* --- the log ------------------------------------------------------------------------------------------------------ */

/* Digits behind blanks; *p moves behind them. */
static bool read_number(const char **p, unsigned long long *out)
{
	const char *digits = *p + strspn(*p, " ");
	char *end;

	if (*digits < '0' || *digits > '9')
		return false;
	*out = strtoull(digits, &end, 10);
	*p = end;
	return true;
}

static bool skip(const char **p, const char *text)
{
	size_t len = strlen(text);

	if (strncmp(*p, text, len) != 0)
		return false;
	*p += len;
	return true;
}

static int permille_of(unsigned long long done, unsigned long long total)
{
	return total ? (int)(done >= total ? 1000 : done * 1000 / total) : -1;
}

/* "450/1000), 12.30 MiB | 3.20 MiB/s": the rate stands behind the bracket, and "done." is none. */
static void read_rate(struct log_words *w, const char *behind)
{
	const char *from = strstr(behind, "), "), *bar;

	if (!from || !strstr(from, "iB"))
		return;
	from += 3;
	bar = strstr(from, " | ");
	if (bar)
		snprintf(w->rate, sizeof(w->rate), "%.*s, %.*s", (int)(bar - from), from,
			 (int)strcspn(bar + 3, ","), bar + 3);
	else
		snprintf(w->rate, sizeof(w->rate), "%.*s", (int)strcspn(from, ","), from);
}

/* "remote: Counting objects:  45% (450/1000)" */
static bool read_git(struct log_words *w, const char *line)
{
	unsigned long long percent;
	const char *colon, *p;

	skip(&line, "remote: ");
	colon = strchr(line, ':');
	p = colon ? colon + 1 : "";
	if (!read_number(&p, &percent) || !skip(&p, "% ("))
		return false;
	w->permille = permille_of(percent, 100);
	snprintf(w->what, sizeof(w->what), "%.*s", (int)(colon - line), line);
	read_rate(w, p);
	return true;
}

/* "[12/300] Building ...", "[ 45%] Building ..." */
static bool read_brackets(struct log_words *w, const char *line)
{
	unsigned long long done, total;
	const char *p = line;

	if (!skip(&p, "[") || !read_number(&p, &done))
		return false;
	if (skip(&p, "%]") && done <= 100) {
		w->permille = (int)done * 10;
		return true;
	}
	if (!skip(&p, "/") || !read_number(&p, &total) || !skip(&p, "]") || !total)
		return false;
	w->permille = permille_of(done, total);
	snprintf(w->what, sizeof(w->what), "%llu of %llu", done, total);
	return true;
}

static void read_line(struct log_words *w, const char *text, size_t len)
{
	char line[400];

	utf8_printable(line, sizeof(line), text, len);
	if (!*line || read_git(w, line) || read_brackets(w, line))
		return;
	snprintf(w->what, sizeof(w->what), "%.*s", (int)sizeof(w->what) - 1, line);
}

void log_words_read(struct log_words *w, const char *text, size_t len)
{
	size_t end = len;

	*w = (struct log_words){ .permille = -1 };
	/* What stands behind the last break may be half a line: ninja's and git's begin with what matters. */
	while (end && w->permille < 0) {
		struct log_words one = { .permille = -1 };
		size_t from = end;

		while (from && text[from - 1] != '\n' && text[from - 1] != '\r')
			from--;
		read_line(&one, text + from, end - from);
		if (one.permille >= 0 || !*w->what)
			*w = one;
		end = from ? from - 1 : 0;
	}
}

static bool read_tail(const char *path, struct log_words *w)
{
	AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC);
	char tail[TAIL_BYTES];
	struct stat st;
	ssize_t n;

	if (fd < 0 || fstat(fd, &st) < 0)
		return false;
	n = pread(fd, tail, sizeof(tail), st.st_size > TAIL_BYTES ? st.st_size - TAIL_BYTES : 0);
	if (n <= 0)
		return false;
	log_words_read(w, tail, (size_t)n);
	return true;
}

/* --- the step ----------------------------------------------------------------------------------------------------- */

/* "12 s", "1:05" */
static void add_elapsed(struct strbuf *out, int64_t ms)
{
	if (ms < 60000)
		strbuf_addf(out, "%" PRId64 " s", ms / 1000);
	else
		status_add_time(out, ms - ms % 1000);
}

static void by_time(int64_t ms, int64_t estimate_ms, struct strbuf *text, int *permille)
{
	int share = permille_of((unsigned long long)ms, (unsigned long long)estimate_ms);

	*permille = share > NEARLY ? NEARLY : share;
	if (ms < 1000)
		return;
	add_elapsed(text, ms);
	strbuf_adds(text, ", ");
	if (ms < estimate_ms) {
		status_add_time(text, estimate_ms - ms);
		strbuf_adds(text, " left");
	} else {
		strbuf_adds(text, "last time ");
		add_elapsed(text, estimate_ms);
	}
}

/* Only of fetching is the last line as it is worth its place: what a compiler says are the names of files. */
static bool tells_lines(const struct step *step)
{
	return step->kind == &image_step;
}

static void by_log(const struct step *step, int64_t ms, struct strbuf *text, int *permille)
{
	struct log_words w;

	if (ms < 1000)
		return;
	if (!step->log_path || !read_tail(step->log_path, &w)) {
		add_elapsed(text, ms);
		return;
	}
	*permille = w.permille;
	if (step->kind == &submodules_step && w.permille >= 0) {
		strbuf_addf(text, "%s %d %%%s%s", w.what, w.permille / 10, *w.rate ? ", " : "",
			    w.rate);
		return;
	}
	add_elapsed(text, ms);
	if (w.permille >= 0 && !*w.what)
		strbuf_addf(text, ", %d %%", w.permille / 10);
	else if ((w.permille >= 0 || tells_lines(step)) && *w.what)
		strbuf_addf(text, ", %s", w.what);
}

void step_progress(const struct step *step, int64_t now_ms, struct strbuf *text, int *permille)
{
	int64_t ms = now_ms - step->started_ms;

	*permille = -1;
	if (step->estimate_ms > 0)
		by_time(ms, step->estimate_ms, text, permille);
	else
		by_log(step, ms, text, permille);
}
