/* SPDX-License-Identifier: MIT
 *
 * The REPL on a serial line. Two modes: friendly (echo and prompt; Ctrl-A leaves it) and raw (no
 * echo; Ctrl-D runs what was sent, Ctrl-B leaves it). In raw mode Ctrl-E 'A' Ctrl-A starts raw
 * paste, where the host may send only as many bytes as we granted.
 */
#include "shared/runtime/pyexec.h"

#include <stdbool.h>
#include <stddef.h>

#include "genhdr/mpversion.h"
#include "py/mpconfig.h"
#include "py/mphal.h"
#include "py/mpprint.h"
#include "py/runtime.h"

#define CTRL_A 1
#define CTRL_B 2
#define CTRL_C 3
#define CTRL_D 4
#define CTRL_E 5

#define SOFT_RESET 1 /* of the functions below, that otherwise return 0 or the end of the input */
#define PASTE_WINDOW 128

static bool raw_mode;
static char line[MICROPY_REPL_LINE_MAX];
static size_t line_len;
static bool line_full; /* bytes were dropped */

static void line_reset(void)
{
	line_len = 0;
	line_full = false;
}

static void line_add(int c)
{
	if (line_len < sizeof(line))
		line[line_len++] = (char)c;
	else
		line_full = true;
}

static bool run_line(bool echo)
{
	if (line_full)
		return mp_raise("MemoryError", "memory allocation failed", NULL, 0, "");
	return mp_exec(line, line_len, echo);
}

/* Output, Ctrl-D, error, Ctrl-D. */
static void run_raw(void)
{
	bool ok = run_line(false);

	mp_hal_stdout_tx_strn("\x04", 1);
	if (!ok)
		mp_print_exception("<stdin>");
	mp_hal_stdout_tx_strn("\x04", 1);
	line_reset();
}

static int raw_paste(void)
{
	static const char grant[] = { PASTE_WINDOW & 0xff, PASTE_WINDOW >> 8, 1 };
	int remaining = PASTE_WINDOW;
	int c;

	line_reset();
	mp_hal_stdout_tx_strn("R\x01", 2);
	mp_hal_stdout_tx_strn(grant, sizeof(grant));
	while ((c = mp_hal_stdin_rx_chr()) != CTRL_C && c != CTRL_D) {
		if (c < 0)
			return c;
		line_add(c);
		if (--remaining == 0) {
			mp_hal_stdout_tx_strn("\x01", 1);
			remaining = PASTE_WINDOW;
		}
	}
	mp_hal_stdout_tx_strn("\x04", 1);
	if (c == CTRL_C)
		line_reset();
	run_raw();
	return 0;
}

/* Ctrl-E, a letter and Ctrl-A were sent. */
static int raw_extension(char command)
{
	if (command == 'A')
		return raw_paste();
	mp_hal_stdout_tx_strn("R\x00", 2);
	line_reset();
	return 0;
}

static int raw_execute(void)
{
	mp_hal_stdout_tx_str("OK");
	if (line_len == 0) {
		mp_hal_stdout_tx_str("\r\n");
		return SOFT_RESET;
	}
	run_raw();
	mp_hal_stdout_tx_str(">");
	return 0;
}

static int raw_char(int c)
{
	int ret = 0;

	switch (c) {
	case CTRL_A:
		if (line_len == 2 && line[0] == CTRL_E)
			ret = raw_extension(line[1]);
		else
			mp_hal_stdout_tx_str("raw REPL; CTRL-B to exit\r\n");
		mp_hal_stdout_tx_str(">");
		line_reset();
		return ret;
	case CTRL_B:
		mp_hal_stdout_tx_str("\r\n");
		raw_mode = false;
		return 0;
	case CTRL_C:
		line_reset();
		return 0;
	case CTRL_D:
		return raw_execute();
	default:
		line_add(c);
		return 0;
	}
}

static int raw_repl(void)
{
	int ret = raw_char(CTRL_A);

	while (ret == 0 && raw_mode) {
		int c = mp_hal_stdin_rx_chr();
		ret = c < 0 ? c : raw_char(c);
	}
	return ret;
}

static void print_banner(void)
{
	mp_hal_stdout_tx_str(MICROPY_BANNER_NAME_AND_VERSION "; " MICROPY_BANNER_MACHINE "\r\n");
}

static void new_prompt(void)
{
	line_reset();
	mp_hal_stdout_tx_str(">>> ");
}

static void backspace(void)
{
	if (line_len == 0)
		return;
	line_len--;
	mp_hal_stdout_tx_str("\b \b");
}

static int friendly_char(int c)
{
	if (c == CTRL_D && line_len == 0) {
		mp_hal_stdout_tx_str("\r\n");
		return SOFT_RESET;
	}
	if (c == CTRL_A && line_len == 0) {
		mp_hal_stdout_tx_str("\r\n");
		raw_mode = true;
	} else if (c == CTRL_B && line_len == 0) {
		mp_hal_stdout_tx_str("\r\n");
		print_banner();
		new_prompt();
	} else if (c == CTRL_C) {
		mp_hal_stdout_tx_str("\r\n");
		new_prompt();
	} else if (c == '\r') {
		mp_hal_stdout_tx_str("\r\n");
		if (!run_line(true))
			mp_print_exception("<stdin>");
		new_prompt();
	} else if (c == '\b' || c == 0x7f) {
		backspace();
	} else if (c >= ' ') {
		char echo = (char)c;
		line_add(c);
		mp_hal_stdout_tx_strn(&echo, 1);
	}
	return 0;
}

static int friendly_repl(void)
{
	int ret = 0;

	print_banner();
	new_prompt();
	while (ret == 0 && !raw_mode) {
		int c = mp_hal_stdin_rx_chr();
		ret = c < 0 ? c : friendly_char(c);
	}
	return ret;
}

int pyexec_repl(void)
{
	int ret = 0;

	while (ret == 0) {
		line_reset();
		ret = raw_mode ? raw_repl() : friendly_repl();
	}
	return ret == SOFT_RESET ? 0 : ret;
}
