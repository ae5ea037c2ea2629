/* SPDX-License-Identifier: MIT
 *
 * A tool's process: started, listened to, kept in the log, and ended with all that it started when it hangs or the user wants it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "flash/runner_internal.h"
#include "os/clock.h"
#include "os/fs.h"

enum {
	SILENT_MS =
		120000, /* the slowest erase of one sector (STM32H7) and of a whole chip are far below */
	TOTAL_MS = 900000,
	GRACE_MS = 1500,
	OUTPUT_MAX = 1 << 20,
	LINE_MAX_SHOWN = 300,
};

struct tool {
	struct runner_run *run;
	pid_t pid;
	int fd;     /* what it says */
	int log_fd; /* -1: none */
	int64_t heard, begun;
	int silent_ms;
	size_t told; /* of the output: lines up to here were noted */
	int escape;  /* in an escape sequence: 1 behind ESC, 2 behind ESC [ */
	int percent; /* the last that was told */
};

/* --- what it says --------------------------------------------------------------------------------------------- */

/* Colours and cursor movements are for terminals; a lone \r begins a line anew, which here is another one. */
static void take_byte(struct tool *tool, char c)
{
	struct strbuf *out = &tool->run->output;

	if (tool->escape == 1) {
		tool->escape = c == '[' ? 2 : 0;
	} else if (tool->escape == 2) {
		tool->escape = c >= '@' && c <= '~' ? 0 : 2;
	} else if (c == '\033') {
		tool->escape = 1;
	} else if (c == '\b' && out->len && out->buf[out->len - 1] != '\n') {
		strbuf_set_len(out, out->len - 1);
	} else if (c && c != '\b' && out->len < OUTPUT_MAX) {
		strbuf_addch(out, c == '\r' ? '\n' : c);
	}
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The last "NN%" of a line: every one of these tools shows its progress so, if it does. */
static int percent_of(const char *line)
{
	const char *sign = strrchr(line, '%'), *at = sign;
	long value;

	if (!sign)
		return -1;
	while (at > line && (is_digit(at[-1]) || at[-1] == '.'))
		at--;
	if (at == sign || !is_digit(*at))
		return -1;
	value = strtol(at, NULL, 10);
	return value <= 100 ? (int)value : -1;
}

static void tell_progress(struct tool *tool, const char *line)
{
	const struct flash_target *t = tool->run->t;
	uint64_t total = tool->run->img ? image_size(tool->run->img) : 0;
	int percent = percent_of(line);

	if (percent < 0 || percent == tool->percent || !t->progress || !total)
		return;
	tool->percent = percent;
	t->progress(t->ctx, "write", total * (unsigned)percent / 100, total);
}

static void tell_lines(struct tool *tool, bool end)
{
	struct strbuf *out = &tool->run->output;

	while (tool->told < out->len) {
		const char *line = out->buf + tool->told;
		size_t len = strcspn(line, "\n");
		AUTO_STRBUF text = STRBUF_INIT;

		if (!line[len] && !end)
			break;
		strbuf_add(&text, line, len);
		tell_progress(tool, text.buf);
		if (tool->run->t->verbose && len) {
			AUTO_STRBUF shown = STRBUF_INIT;

			strbuf_add_shown(&shown, text.buf, LINE_MAX_SHOWN);
			flash_target_note(tool->run->t, "%s: %s", tool->run->r->tool, shown.buf);
		}
		tool->told += len + (line[len] == '\n');
	}
}

/* False at the end. */
static bool listen(struct tool *tool)
{
	char buf[4096];
	ssize_t n;

	while ((n = read(tool->fd, buf, sizeof(buf))) > 0) {
		tool->heard = clock_ms();
		if (tool->log_fd >= 0)
			(void)!write(tool->log_fd, buf, (size_t)n);
		for (ssize_t i = 0; i < n; i++)
			take_byte(tool, buf[i]);
		tell_lines(tool, false);
	}
	return n < 0 && (errno == EAGAIN || errno == EINTR);
}

/* --- how it ends ---------------------------------------------------------------------------------------------- */

static bool hangs(const struct tool *tool)
{
	int64_t now = clock_ms();

	return now - tool->heard >= tool->silent_ms || now - tool->begun >= TOTAL_MS;
}

static bool say_hang(struct tool *tool, struct err *e)
{
	const struct runner_run *run = tool->run;
	bool silent = clock_ms() - tool->heard >= tool->silent_ms;
	AUTO_STRBUF last = STRBUF_INIT;

	runner_last_line(run->output.buf, &last);
	err_set(e, "%s %s %d s and was ended%s%s", run->r->tool,
		silent ? "said nothing for" : "was not done after",
		(silent ? tool->silent_ms : TOTAL_MS) / 1000,
		last.len ? "; the last that it said: " : "", last.buf);
	return err_hint(
		e, "unplug the board and its probe and plug them in again, then flash again%s%s",
		run->t->log ? "; its whole output: " : "", run->t->log ? run->t->log : "");
}

static int wait_ms(const struct tool *tool)
{
	int64_t now = clock_ms(), silent = tool->heard + tool->silent_ms - now;
	int64_t total = tool->begun + TOTAL_MS - now, least = silent < total ? silent : total;

	return least < 1 ? 1 : (int)least;
}

static bool wait_for_end(struct tool *tool, struct process_exit *x, struct err *e)
{
	bool open_end = true;

	for (;;) {
		int i = process_wait_any_or(&tool->pid, 1, open_end ? tool->fd : -1, wait_ms(tool),
					    x);

		open_end = listen(tool) && open_end;
		if (i == 0)
			break;
		if (process_interrupted() || hangs(tool)) {
			process_end_group(tool->pid, GRACE_MS);
			listen(tool);
			tell_lines(tool, true);
			if (!process_interrupted())
				return say_hang(tool, e);
			err_set(e, "interrupted while %s ran%s", tool->run->r->tool,
				tool->run->img ? ": the board may be half written" : "");
			e->kind = ERR_INTERRUPTED;
			return false;
		}
	}
	process_end_group(tool->pid, 0); /* what it left behind */
	tell_lines(tool, true);
	return true;
}

/* --- the start ------------------------------------------------------------------------------------------------ */

/* The command as it could be typed. */
static void log_command(const struct tool *tool, const struct strv *argv)
{
	AUTO_STRBUF text = STRBUF_INIT;

	for (size_t i = 0; argv->items[i]; i++) {
		bool plain = !strpbrk(argv->items[i], " \t'\"$\\{}[]*?;&|<>()");

		strbuf_addf(&text, plain ? "%s%s" : "%s'%s'", i ? " " : "$ ", argv->items[i]);
	}
	if (tool->run->t->verbose)
		flash_target_note(tool->run->t, "%s", text.buf);
	strbuf_addch(&text, '\n');
	if (tool->log_fd >= 0)
		(void)!write(tool->log_fd, text.buf, text.len);
}

static bool read_bound(struct tool *tool, struct err *e)
{
	AUTO_STRBUF name = STRBUF_INIT;
	uint64_t seconds;
	bool set;

	strbuf_addf(&name, "%s.silence", tool->run->r->name);
	if (!flash_target_number(tool->run->t, name.buf, &set, &seconds, e))
		return false;
	tool->silent_ms =
		set && seconds && seconds < TOTAL_MS / 1000 ? (int)seconds * 1000 : SILENT_MS;
	return true;
}

static bool start(struct tool *tool, const struct strv *argv, struct err *e)
{
	struct process_spec spec = { .argv = argv->items, .cwd = tool->run->dir };
	int ends[2];

	if (pipe(ends) < 0)
		return err_sys(e, errno, "cannot make a pipe");
	fcntl(ends[0], F_SETFD, FD_CLOEXEC);
	fcntl(ends[1], F_SETFD, FD_CLOEXEC);
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	tool->fd = ends[0];
	spec.out_fd = ends[1];
	tool->begun = tool->heard = clock_ms();
	tool->pid = process_start(&spec, e);
	close(ends[1]);
	return tool->pid > 0;
}

bool runner_exec(struct runner_run *run, const struct strv *words, struct process_exit *x,
		 struct err *e)
{
	struct tool tool = { .run = run, .fd = -1, .log_fd = -1, .percent = -1 };
	struct strv argv = { 0 };
	bool ok;

	vec_push(&argv, run->program);
	for (size_t i = 0; i < words->count; i++)
		vec_push(&argv, words->items[i]);
	vec_push(&argv, NULL);
	strbuf_reset(&run->output);
	if (run->t->log)
		tool.log_fd = open(run->t->log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	process_catch_interrupts();
	log_command(&tool, &argv);
	ok = read_bound(&tool, e) && start(&tool, &argv, e) && wait_for_end(&tool, x, e);
	if (tool.fd >= 0)
		close(tool.fd);
	if (tool.log_fd >= 0)
		close(tool.log_fd);
	vec_free(&argv);
	return ok;
}
