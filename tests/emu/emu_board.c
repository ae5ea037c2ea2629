/* SPDX-License-Identifier: MIT
 *
 * What is behind an emulated serial port: standard input is the master side of its pty, standard output tells the rig of events
 * (a line each). It goes on when nobody has the port open.
 *
 * Usage: emu_board KIND [ARG...]
 *   silent            takes everything, says nothing
 *   chatter [TEXT]    prints without end, whatever it hears
 *   garbage           bytes of a wrong speed, at once and for each byte it hears
 *   says TEXT         prints TEXT for each byte it hears, once
 *   vanish            tells `vanish` at the first byte
 *   raw FILE          a raw REPL at its prompt: every script's output is FILE's text; a last line "[62, 0, ...]" of it is what
 *                     machine.unique_id() gives, and no other script's. Tells `bootloader` and `reset` when a
 *                     script calls machine.bootloader() or machine.reset(), `softreset` for Ctrl-D at the prompt
 *   breaks FILE TEXT  the same, but prints TEXT in the middle of the first answer, and is silent from then on
 *   esp KEY=VALUE...  an ESP with its ROM loader, a flash chip in a file, and firmware behind it (esp_board.h has the words)
 *   exec CMD...       a program's standard input and output (MicroPython in node)
 */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "board_port.h"
#include "esp_board.h"

enum { MAX_TEXT = 1 << 20, PAUSE_US = 2000 };

static void says(const char *text)
{
	port_say(text, strlen(text));
}

static void silent(void)
{
	for (;;)
		port_hear();
}

static void chatter(const char *text)
{
	unsigned n = 0;
	char line[200];

	for (;;) {
		while (!port_is_open())
			port_pause_us(PAUSE_US);
		snprintf(line, sizeof(line), "%s %u\r\n", text, n++);
		says(line);
		usleep(PAUSE_US / 2);
	}
}

static void garbage(void)
{
	unsigned char bytes[64];
	unsigned seed = 1;

	for (;;) {
		for (size_t i = 0; i < sizeof(bytes); i++) {
			seed = seed * 1103515245 + 12345;
			bytes[i] = 0x80 | (seed >> 16 & 0x7f);
		}
		port_say(bytes, sizeof(bytes));
		port_hear();
	}
}

static void says_once(const char *text)
{
	port_hear();
	says(text);
	silent();
}

static void vanish(void)
{
	port_hear();
	port_tell("vanish");
	silent();
}

/* --- a raw REPL ---------------------------------------------------------------------------------------------- */

struct board {
	char *reply;
	const char *breaks; /* NULL: it never does */
	char *script;
	size_t len;
};

static char *read_file(const char *name)
{
	FILE *f = fopen(name, "re");
	char *text = calloc(1, MAX_TEXT);

	if (!f || !text || (fread(text, 1, MAX_TEXT - 1, f) == 0 && ferror(f))) {
		fprintf(stderr, "emu_board: %s: %s\n", name, strerror(errno));
		exit(1);
	}
	fclose(f);
	return text;
}

/* What the script prints. */
static void answer(const struct board *b)
{
	const char *id = strstr(b->reply, "\n[");

	if (id && strstr(b->script, "unique_id"))
		says(id + 1);
	else if (id)
		port_say(b->reply, (size_t)(id + 1 - b->reply));
	else
		says(b->reply);
}

static void prompt(void)
{
	says("\r\nMicroPython v1.27.0 on 2025-12-09; an emulated board\r\nType \"help()\" for more information.\r\n>>> ");
}

/* Runs what was heard: prints the file, tells what the script asked for. */
static void run(struct board *b)
{
	b->script[b->len] = '\0';
	says("OK");
	if (strstr(b->script, "bootloader(")) {
		port_tell("bootloader");
		silent();
	}
	if (strstr(b->script, "machine.reset(")) {
		port_tell("reset");
		silent();
	}
	if (b->breaks) {
		port_say(b->reply, strlen(b->reply) / 2);
		says(b->breaks);
		silent();
	}
	answer(b);
	says("\x04\x04>");
	b->len = 0;
}

/* Raw paste: windows of 128 bytes. True when it was taken; the script is in b. */
static void paste(struct board *b)
{
	static const char window[] = { 'R', 1, (char)128, 0 };
	size_t got = 0;
	int c;

	port_say(window, sizeof(window));
	while ((c = port_hear()) != 4 && c != 3) {
		if (b->len < MAX_TEXT - 1)
			b->script[b->len++] = (char)c;
		if (++got % 128 == 0)
			says("\x01");
	}
	says("\x04");
	if (c == 3) {
		b->len = 0;
		says("\x04\x04>");
		return;
	}
	/* as run does, without the OK */
	b->script[b->len] = '\0';
	if (strstr(b->script, "bootloader(")) {
		port_tell("bootloader");
		silent();
	}
	answer(b);
	says("\x04\x04>");
	b->len = 0;
}

static void raw_mode(struct board *b)
{
	says("raw REPL; CTRL-B to exit\r\n>");
	b->len = 0;
	for (;;) {
		int c = port_hear();

		if (c == 2) {
			prompt();
			return;
		}
		if (c == 1) {
			says("raw REPL; CTRL-B to exit\r\n>");
			b->len = 0;
		} else if (c == 3) {
			b->len = 0;
		} else if (c == 5 && b->len == 0) {
			port_hear();
			port_hear();
			paste(b);
		} else if (c == 4) {
			if (b->len == 0) {
				port_tell("softreset");
				says("OK\r\nMPY: soft reboot\r\nraw REPL; CTRL-B to exit\r\n>");
			} else {
				run(b);
			}
		} else if (b->len < MAX_TEXT - 1) {
			b->script[b->len++] = (char)c;
		}
	}
}

static void raw_board(const char *file, const char *breaks)
{
	struct board b = { .reply = read_file(file), .breaks = breaks, .script = malloc(MAX_TEXT) };

	for (;;) {
		int c = port_hear();

		if (c == 1) {
			raw_mode(&b);
		} else if (c == 3 || c == '\r') {
			says("\r\n>>> ");
		} else if (c == 4) {
			port_tell("softreset");
			says("\r\nMPY: soft reboot");
			prompt();
		}
	}
}

/* --- an ESP ------------------------------------------------------------------------------------------------- */

/* What its firmware does. */
static void esp_firmware(const char *file)
{
	prompt();
	raw_board(file, NULL);
}

/* --- a program ----------------------------------------------------------------------------------------------- */

static void to_program(int fd)
{
	for (;;) {
		char c = (char)port_hear();

		if (write(fd, &c, 1) != 1)
			exit(0);
	}
}

static void from_program(int fd)
{
	char buf[512];
	ssize_t n;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while ((n = read(fd, buf, sizeof(buf))) > 0)
		port_say(buf, (size_t)n);
	exit(0);
}

static void exec_board(char **argv)
{
	int in[2], out[2];

	if (pipe(in) != 0 || pipe(out) != 0)
		exit(1);
	if (fork() == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(in[0], STDIN_FILENO);
		dup2(out[1], STDOUT_FILENO);
		close(in[1]);
		close(out[0]);
		execvp(argv[0], argv);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	if (fork() == 0)
		from_program(out[0]);
	to_program(in[1]);
}

int main(int argc, char **argv)
{
	const char *kind = argc > 1 ? argv[1] : "";

	if (strcmp(kind, "silent") == 0)
		silent();
	else if (strcmp(kind, "chatter") == 0)
		chatter(argc > 2 ? argv[2] : "temperature");
	else if (strcmp(kind, "garbage") == 0)
		garbage();
	else if (strcmp(kind, "says") == 0 && argc > 2)
		says_once(argv[2]);
	else if (strcmp(kind, "vanish") == 0)
		vanish();
	else if (strcmp(kind, "esp") == 0)
		return esp_board(argv + 2, esp_firmware);
	else if (strcmp(kind, "raw") == 0 && argc > 2)
		raw_board(argv[2], NULL);
	else if (strcmp(kind, "breaks") == 0 && argc > 3)
		raw_board(argv[2], argv[3]);
	else if (strcmp(kind, "exec") == 0 && argc > 2)
		exec_board(argv + 2);
	fprintf(stderr, "emu_board: unknown kind '%s'\n", kind);
	return 2;
}
