/* SPDX-License-Identifier: MIT
 *
 * The terminal through termios. What a key sends is read byte by byte: an Esc that nothing follows at once is the key.
 */
#include "os/terminal.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "base/utf8.h"
#include "os/process.h"
#include "base/xalloc.h"

enum { ESCAPE_MS = 50 };

/* A handler has nothing but static variables. */
static struct termios saved, raw;
static volatile sig_atomic_t active, redraw;
static const char *at_end;

static const int ending[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGABRT, SIGSEGV, SIGPIPE };
static struct sigaction before[ARRAY_SIZE(ending)], before_stop, before_continue, before_resize;

bool terminal_is_there(void)
{
	const char *term = getenv("TERM");

	return isatty(STDIN_FILENO) && isatty(STDERR_FILENO) && term && *term &&
	       strcmp(term, "dumb") != 0;
}

void terminal_size(int *columns, int *rows)
{
	struct winsize size = { 0 };

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0)
		size = (struct winsize){ 0 };
	*columns = size.ws_col ? size.ws_col : 80;
	*rows = size.ws_row ? size.ws_row : 24;
}

/* Only what a signal handler may do. */
static void give_back(void)
{
	if (!active)
		return;
	active = 0;
	if (at_end)
		(void)!write(STDERR_FILENO, at_end, strlen(at_end));
	tcsetattr(STDIN_FILENO, TCSANOW, &saved);
}

/* Then what would have happened without us. */
static void on_ending(int sig)
{
	int number = errno;

	give_back();
	for (size_t i = 0; i < ARRAY_SIZE(ending); i++)
		if (ending[i] == sig)
			sigaction(sig, &before[i], NULL);
	raise(sig);
	errno = number;
}

/* A stop from outside: the shell gets its terminal, and we get ours when we go on. */
static void on_stop(int sig)
{
	int number = errno;

	tcsetattr(STDIN_FILENO, TCSANOW, &saved);
	sigaction(sig, &before_stop, NULL);
	raise(sig);
	errno = number;
}

static void on_continue(int sig);

static void handle(int sig, void (*handler)(int), struct sigaction *old)
{
	struct sigaction sa = { .sa_handler = handler };

	sigemptyset(&sa.sa_mask);
	sigaction(sig, &sa, old);
}

static void on_continue(int sig)
{
	int number = errno;

	(void)sig;
	handle(SIGTSTP, on_stop, NULL);
	if (active)
		tcsetattr(STDIN_FILENO, TCSANOW, &raw);
	redraw = 1;
	errno = number;
}

static void on_resize(int sig)
{
	(void)sig;
	redraw = 1;
}

bool terminal_begin(const char *farewell, struct err *e)
{
	static bool registered;

	if (tcgetattr(STDIN_FILENO, &saved) != 0)
		return err_sys(e, errno, "cannot read keys from the terminal");
	raw = saved;
	raw.c_iflag &=
		~(tcflag_t)(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON);
	raw.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | ISIG | IEXTEN);
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	at_end = farewell;
	if (!registered && atexit(give_back) != 0)
		return err_set(e, "cannot set up the terminal");
	registered = true;
	for (size_t i = 0; i < ARRAY_SIZE(ending); i++)
		handle(ending[i], on_ending, &before[i]);
	handle(SIGTSTP, on_stop, &before_stop);
	handle(SIGCONT, on_continue, &before_continue);
	handle(SIGWINCH, on_resize, &before_resize);
	active = 1;
	if (tcsetattr(STDIN_FILENO, TCSANOW, &raw) == 0)
		return true;
	err_sys(e, errno, "cannot set up the terminal");
	terminal_end();
	return false;
}

void terminal_end(void)
{
	give_back();
	for (size_t i = 0; i < ARRAY_SIZE(ending); i++)
		sigaction(ending[i], &before[i], NULL);
	sigaction(SIGTSTP, &before_stop, NULL);
	sigaction(SIGCONT, &before_continue, NULL);
	sigaction(SIGWINCH, &before_resize, NULL);
}

/* --- lines ---------------------------------------------------------------------------------------------------- */

enum { LOOK_MS = 200 }; /* for an interrupt that came just before the wait */

/* read() and the C library's functions go on after a signal, poll() does not. */
static bool wait_for_line(void)
{
	struct pollfd p = { .fd = STDIN_FILENO, .events = POLLIN };

	for (;;) {
		int n = poll(&p, 1, LOOK_MS);

		if (process_interrupted())
			return false;
		if (n > 0)
			return true;
		if (n < 0 && errno != EINTR)
			return false;
	}
}

bool terminal_line(char *buf, size_t size)
{
	size_t len = 0;
	char c;

	for (;;) {
		ssize_t n = wait_for_line() ? read(STDIN_FILENO, &c, 1) : 0;

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		if (c == '\n')
			break;
		if (len + 1 < size)
			buf[len++] = c;
	}
	buf[len] = '\0';
	return true;
}

/* --- keys ---------------------------------------------------------------------------------------------------- */

enum { NO_BYTE = -1, NO_TERMINAL = -2, DRAW_AGAIN = -3 };

/* The next byte; NO_BYTE when none came in timeout_ms (negative: no limit). */
static int next_byte(int timeout_ms)
{
	struct pollfd p = { .fd = STDIN_FILENO, .events = POLLIN };
	unsigned char c;

	for (;;) {
		int n = poll(&p, 1, timeout_ms);
		ssize_t got;

		if (redraw && timeout_ms < 0) {
			redraw = 0;
			return DRAW_AGAIN;
		}
		if (n == 0)
			return NO_BYTE;
		if (n < 0 && errno == EINTR)
			continue;
		got = n > 0 ? read(STDIN_FILENO, &c, 1) : -1;
		if (got == 1)
			return c;
		if (got < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		return NO_TERMINAL;
	}
}

static enum terminal_key numbered(int number)
{
	switch (number) {
	case 1:
	case 7:
		return KEY_HOME;
	case 4:
	case 8:
		return KEY_END;
	case 5:
		return KEY_PAGE_UP;
	case 6:
		return KEY_PAGE_DOWN;
	default:
		return KEY_OTHER;
	}
}

/* Behind "ESC [" or "ESC O": numbers, then a letter or "~". */
static enum terminal_key sequence(void)
{
	int number = 0, c;

	do {
		c = next_byte(ESCAPE_MS);
		if (c >= '0' && c <= '9' && number < 100)
			number = number * 10 + c - '0';
	} while ((c >= '0' && c <= '9') || c == ';' || c == '?');
	switch (c) {
	case 'A':
		return KEY_UP;
	case 'B':
		return KEY_DOWN;
	case 'H':
		return KEY_HOME;
	case 'F':
		return KEY_END;
	case '~':
		return numbered(number);
	default:
		return KEY_OTHER;
	}
}

static enum terminal_key escape(void)
{
	int c = next_byte(ESCAPE_MS);

	if (c == NO_BYTE)
		return KEY_ESCAPE;
	return c == '[' || c == 'O' ? sequence() : KEY_OTHER;
}

static enum terminal_key character(int first, char text[5])
{
	size_t more = first < 0x80 ? 0 : first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : 1;

	memset(text, 0, 5);
	text[0] = (char)first;
	for (size_t i = 1; i <= more; i++) {
		int c = next_byte(ESCAPE_MS);

		if (c <= 0)
			return KEY_OTHER;
		text[i] = (char)c;
	}
	return utf8_len((const unsigned char *)text) == more + 1 ? KEY_TEXT : KEY_OTHER;
}

enum terminal_key terminal_key(char text[5])
{
	int c = next_byte(-1);

	switch (c) {
	case NO_TERMINAL:
		return KEY_GONE;
	case DRAW_AGAIN:
		return KEY_REDRAW;
	case '\r':
	case '\n':
		return KEY_ENTER;
	case 3:
	case 4:
		return KEY_INTERRUPT;
	case 8:
	case 0x7f:
		return KEY_BACKSPACE;
	case 12:
		return KEY_REDRAW;
	case 14:
		return KEY_DOWN;
	case 16:
		return KEY_UP;
	case 21:
		return KEY_CLEAR;
	case 0x1b:
		return escape();
	default:
		return c >= ' ' ? character(c, text) : KEY_OTHER;
	}
}

/* --- as a pipe ----------------------------------------------------------------------------------------------- */

int terminal_wait(bool input, const struct stream *s, int timeout_ms)
{
	struct pollfd p[] = { { .fd = input ? STDIN_FILENO : -1, .events = POLLIN },
			      { .fd = s->fd, .events = POLLIN } };

	if (poll(p, ARRAY_SIZE(p), timeout_ms) <= 0)
		return 0;
	return (p[0].revents ? TERMINAL_INPUT : 0) | (p[1].revents ? TERMINAL_STREAM : 0);
}

long terminal_read(char *buf, size_t size)
{
	ssize_t n;

	do {
		n = read(STDIN_FILENO, buf, size);
	} while (n < 0 && errno == EINTR);
	return n > 0 ? n : 0;
}

void terminal_write(const char *data, size_t len)
{
	while (len) {
		ssize_t n = write(STDOUT_FILENO, data, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return;
		data += n;
		len -= (size_t)n;
	}
}
