/* SPDX-License-Identifier: MIT
 *
 * The raw REPL client against a scripted board on a pty.
 */
#define _XOPEN_SOURCE 700
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "base/xalloc.h"
#include "board/identity.h"
#include "board/repl.h"
#include "os/clock.h"
#include "os/tty.h"

#define RAW "raw REPL; CTRL-B to exit\r\n>"
#define ENTER "\r\x03\x03\x01"
#define IDLE "\r\n>>> \r\n>>> \r\n>>> \r\n" RAW

enum { SHORT_MS = 300, LONG_MS = 5000 };

/* One exchange: the board waits for these bytes, exactly, sleeps, and answers. Strings hold no NUL but by `n`. */
struct exchange {
	const char *hear;
	const char *say;
	int sleep_ms;
	size_t say_len; /* 0: strlen */
};

struct board {
	pid_t pid;
	struct stream tty;
	struct repl repl;
	struct strbuf out, error;
	struct err e;
};

static void say_all(int fd, const char *data, size_t len)
{
	while (len) {
		ssize_t n = write(fd, data, len);

		if (n <= 0)
			_exit(3);
		data += n;
		len -= (size_t)n;
	}
}

/* The board's side. Exit status 0: everything came as scripted. */
static _Noreturn void play(int fd, const struct exchange *script)
{
	char byte;

	for (; script->hear; script++) {
		for (const char *p = script->hear; *p; p++)
			if (read(fd, &byte, 1) != 1 || byte != *p)
				_exit(1);
		if (script->sleep_ms)
			clock_sleep_ms(script->sleep_ms);
		say_all(fd, script->say, script->say_len ? script->say_len : strlen(script->say));
	}
	/* Nothing more is due: the next thing to see is the client's end. */
	_exit(read(fd, &byte, 1) == 1 ? 2 : 0);
}

static void open_board(struct board *b, const struct exchange *script)
{
	int fd = posix_openpt(O_RDWR | O_NOCTTY);

	assert_true(fd >= 0);
	assert_int_equal(grantpt(fd), 0);
	assert_int_equal(unlockpt(fd), 0);
	if (!tty_open(&b->tty, ptsname(fd), 0, &b->e))
		fail_msg("%s", b->e.msg);
	repl_init(&b->repl, &b->tty);
	b->pid = fork();
	assert_true(b->pid >= 0);
	if (b->pid == 0) {
		stream_close(&b->tty);
		play(fd, script);
	}
	close(fd);
}

/* The client goes; the board has to be content. */
static void close_board(struct board *b)
{
	int status = -1;

	stream_close(&b->tty);
	assert_int_equal(waitpid(b->pid, &status, 0), b->pid);
	b->pid = 0;
	assert_int_equal(status, 0);
}

static int make_board(void **state)
{
	struct board *b = xcalloc(1, sizeof(*b));

	b->tty.fd = -1;
	b->out = b->error = (struct strbuf)STRBUF_INIT;
	b->repl.in = (struct strbuf)STRBUF_INIT;
	*state = b;
	return 0;
}

static int drop_board(void **state)
{
	struct board *b = *state;

	stream_close(&b->tty);
	if (b->pid > 0) {
		kill(b->pid, SIGKILL);
		waitpid(b->pid, NULL, 0);
	}
	repl_free(&b->repl);
	strbuf_free(&b->out);
	strbuf_free(&b->error);
	err_free(&b->e);
	free(b);
	return 0;
}

static void enter(struct board *b)
{
	if (!repl_enter(&b->repl, LONG_MS, &b->e))
		fail_msg("%s", b->e.msg);
}

static void exec(struct board *b, enum repl_mode mode, const char *script)
{
	if (!repl_exec(&b->repl, mode, script, strlen(script), &b->out, &b->error, LONG_MS, &b->e))
		fail_msg("%s", b->e.msg);
}

static void assert_error(struct board *b, bool ok, const char *text)
{
	assert_false(ok);
	if (!strstr(b->e.msg, text))
		fail_msg("'%s' is not in '%s'", text, b->e.msg);
}

/* --- enter --- */

static void test_a_board_at_its_prompt_was_not_busy(void **state)
{
	struct board *b = *state;
	static const struct exchange script[] = { { ENTER, IDLE, 0, 0 }, { 0 } };

	open_board(b, script);
	enter(b);
	assert_false(b->repl.was_busy);
	assert_int_equal(b->repl.in.len, 0);
	close_board(b);
}

static void test_a_stopped_program_is_reported(void **state)
{
	struct board *b = *state;
	static const struct exchange script[] = {
		{ ENTER,
		  "Traceback (most recent call last):\r\n  File \"main.py\", line 3, in <module>\r\n"
		  "KeyboardInterrupt: \r\n>>> \r\n>>> \r\n" RAW,
		  0, 0 },
		{ 0 }
	};

	open_board(b, script);
	enter(b);
	assert_true(b->repl.was_busy);
	close_board(b);
}

static void test_a_program_that_prints_is_reported(void **state)
{
	struct board *b = *state;
	static const struct exchange script[] = { { ENTER, "23.5\r\n23.6\r\n>>> " RAW, 0, 0 },
						  { 0 } };

	open_board(b, script);
	enter(b);
	assert_true(b->repl.was_busy);
	close_board(b);
}

static void test_a_board_left_in_raw_mode_was_not_busy(void **state)
{
	struct board *b = *state;
	static const struct exchange script[] = { { ENTER, RAW, 0, 0 }, { 0 } };

	open_board(b, script);
	enter(b);
	assert_false(b->repl.was_busy);
	close_board(b);
}

static void test_noise_before_the_answer_is_passed_over(void **state)
{
	struct board *b = *state;
	static const char noise[] = "\0\xff\xfe rst:0x1 (POWERON)\r\nraw REPL; CTRL\r\n>\r\n" RAW;
	static const struct exchange script[] = { { ENTER, noise, 0, sizeof(noise) - 1 }, { 0 } };

	open_board(b, script);
	enter(b);
	close_board(b);
}

static void test_a_late_answer_counts(void **state)
{
	struct board *b = *state;
	static const struct exchange script[] = { { ENTER, IDLE, 700, 0 }, { 0 } };

	open_board(b, script);
	enter(b);
	assert_false(b->repl.was_busy);
	close_board(b);
}

/* The first question met a booting board; the answers to both must not be taken for that of the script. */
static void test_a_board_that_slept_is_asked_again(void **state)
{
	struct board *b = *state;
	static const struct exchange script[] = { { ENTER ENTER, IDLE, 0, 0 },
						  { "", "\r\n>>> " RAW, 20, 0 },
						  { "print(1)\x04", "OK1\r\n\x04\x04>", 0, 0 },
						  { 0 } };

	open_board(b, script);
	enter(b);
	exec(b, REPL_PLAIN, "print(1)");
	assert_string_equal(b->out.buf, "1\r\n");
	close_board(b);
}

static void test_a_silent_board_is_an_error_in_time(void **state)
{
	struct board *b = *state;
	static const struct exchange script[] = { { ENTER, "", 0, 0 }, { 0 } };
	int64_t start = clock_ms();

	open_board(b, script);
	assert_error(b, repl_enter(&b->repl, SHORT_MS, &b->e), "does not answer");
	assert_non_null(b->e.hint);
	assert_true(clock_ms() - start >= SHORT_MS);
	assert_true(clock_ms() - start < LONG_MS);
}

static void test_what_is_no_micropython_is_quoted(void **state)
{
	struct board *b = *state;
	static const struct exchange script[] = {
		{ ENTER, "\x1b[31mlogin:\r\nPassword: \r\nLogin incorrect\r\n", 0, 0 }, { 0 }
	};

	open_board(b, script);
	assert_error(b, repl_enter(&b->repl, SHORT_MS, &b->e),
		     "answers '[31mlogin: Password: Login incorrect'");
}

static void test_a_board_that_goes_away_is_told(void **state)
{
	struct board *b = *state;
	static const struct exchange script[] = { { "\r", "", 0, 0 }, { 0 } };

	open_board(b, script); /* exits when it hears more than "\r" */
	assert_error(b, repl_enter(&b->repl, LONG_MS, &b->e), "went away");
}

/* --- exec --- */

static void test_output_and_traceback_are_told_apart(void **state)
{
	struct board *b = *state;
	static const struct exchange script[] = {
		{ ENTER, IDLE, 0, 0 },
		{ "print('OK>')\nx\x04",
		  "OKOK>\r\n\x04Traceback (most recent call last):\r\nNameError: name 'x'\r\n\x04>",
		  0, 0 },
		{ "print(2)\x04", "OK2\r\n\x04\x04>", 0, 0 },
		{ 0 }
	};

	open_board(b, script);
	enter(b);
	exec(b, REPL_AUTO, "print('OK>')\nx");
	assert_string_equal(b->out.buf, "OK>\r\n");
	assert_non_null(strstr(b->error.buf, "NameError"));
	strbuf_reset(&b->out);
	strbuf_reset(&b->error);
	exec(b, REPL_AUTO, "print(2)");
	assert_string_equal(b->out.buf, "2\r\n");
	assert_int_equal(b->error.len, 0);
	close_board(b);
}

static void test_nul_bytes_are_output_too(void **state)
{
	struct board *b = *state;
	static const char answer[] = "OKa\0b\x04\x04>";
	static const struct exchange script[] = { { ENTER, IDLE, 0, 0 },
						  { "p\x04", answer, 0, sizeof(answer) - 1 },
						  { 0 } };

	open_board(b, script);
	enter(b);
	exec(b, REPL_PLAIN, "p");
	assert_int_equal(b->out.len, 3);
	assert_memory_equal(b->out.buf, "a\0b", 3);
	close_board(b);
}

static void test_a_script_that_never_ends_is_an_error(void **state)
{
	struct board *b = *state;
	static const struct exchange script[] = { { ENTER, IDLE, 0, 0 },
						  { "while 1: pass\x04", "OK", 0, 0 },
						  { 0 } };
	static const char loop[] = "while 1: pass";

	open_board(b, script);
	enter(b);
	assert_error(
		b,
		repl_exec(&b->repl, REPL_PLAIN, loop, strlen(loop), &b->out, NULL, SHORT_MS, &b->e),
		"does not answer");
}

static void test_output_without_an_end_is_an_error(void **state)
{
	struct board *b = *state;
	char *much = xmalloc((2 << 20) + 1);
	struct exchange script[] = { { ENTER, IDLE, 0, 0 }, { "p\x04", much, 0, 2 << 20 }, { 0 } };

	memset(much, 'x', 2 << 20);
	much[0] = 'O';
	much[1] = 'K';
	open_board(b, script);
	enter(b);
	assert_error(b, repl_exec(&b->repl, REPL_PLAIN, "p", 1, &b->out, NULL, LONG_MS, &b->e),
		     "without an end");
	free(much);
}

/* --- raw paste --- */

static void test_raw_paste_keeps_to_the_windows(void **state)
{
	struct board *b = *state;
	static const char ready[] = "R\x01\x08\x00\x01"; /* a window of 8, and one more at once */
	static const struct exchange script[] = { { ENTER, IDLE, 0, 0 },
						  { "\x05"
						    "A\x01",
						    ready, 0, sizeof(ready) - 1 },
						  { "print('123456789", "\x01", 50, 0 },
						  { "012345')", "", 0, 0 },
						  { "\x04",
						    "\x01\x04"
						    "123456789012345\r\n\x04\x04>",
						    0, 0 },
						  { 0 } };

	open_board(b, script);
	enter(b);
	exec(b, REPL_PASTE, "print('123456789012345')");
	assert_string_equal(b->out.buf, "123456789012345\r\n");
	close_board(b);
}

static void test_a_board_may_stop_a_paste(void **state)
{
	struct board *b = *state;
	static const char ready[] = "R\x01\x04\x00";
	static const struct exchange script[] = {
		{ ENTER, IDLE, 0, 0 },
		{ "\x05"
		  "A\x01",
		  ready, 0, sizeof(ready) - 1 },
		{ ")))(", "\x04", 0, 0 },
		{ "\x04", "\x04SyntaxError: invalid syntax\r\n\x04>", 0, 0 },
		{ 0 }
	};

	open_board(b, script);
	enter(b);
	exec(b, REPL_PASTE, ")))(((((");
	assert_int_equal(b->out.len, 0);
	assert_non_null(strstr(b->error.buf, "SyntaxError"));
	close_board(b);
}

static void test_old_firmware_without_raw_paste_gets_it_plain(void **state)
{
	struct board *b = *state;
	static const struct exchange script[] = { { ENTER, IDLE, 0, 0 },
						  { "\x05"
						    "A\x01",
						    RAW, 0, 0 },
						  { "print(1)\x04", "OK1\r\n\x04\x04>", 0, 0 },
						  { "print(2)\x04", "OK2\r\n\x04\x04>", 0,
						    0 }, /* not asked a second time */
						  { 0 } };

	open_board(b, script);
	enter(b);
	exec(b, REPL_PASTE, "print(1)");
	exec(b, REPL_PASTE, "print(2)");
	assert_string_equal(b->out.buf, "1\r\n2\r\n");
	close_board(b);
}

static void test_firmware_with_raw_paste_switched_off_gets_it_plain(void **state)
{
	struct board *b = *state;
	static const struct exchange script[] = { { ENTER, IDLE, 0, 0 },
						  { "\x05"
						    "A\x01",
						    "R\x00", 0, 2 },
						  { "print(1)\x04", "OK1\r\n\x04\x04>", 0, 0 },
						  { 0 } };

	open_board(b, script);
	enter(b);
	exec(b, REPL_PASTE, "print(1)");
	assert_string_equal(b->out.buf, "1\r\n");
	close_board(b);
}

static void test_a_paste_window_of_nothing_is_an_error(void **state)
{
	struct board *b = *state;
	static const struct exchange script[] = { { ENTER, IDLE, 0, 0 },
						  { "\x05"
						    "A\x01",
						    "R\x01\x00\x00", 0, 4 },
						  { 0 } };

	open_board(b, script);
	enter(b);
	assert_error(b, repl_exec(&b->repl, REPL_PASTE, "p", 1, NULL, NULL, SHORT_MS, &b->e),
		     "empty window");
}

/* --- leaving --- */

static void test_leaving_and_a_soft_reset(void **state)
{
	struct board *b = *state;
	static const struct exchange script[] = {
		{ ENTER, IDLE, 0, 0 },
		{ "\r\x02",
		  "\r\nMicroPython v1.24.1 on 2024-11-29; PYBv1.1 with STM32F405RG\r\n>>> ", 0, 0 },
		{ "\x04", "\r\nMPY: sync filesystems\r\nMPY: soft reboot\r\n", 0, 0 },
		{ 0 }
	};

	open_board(b, script);
	enter(b);
	assert_true(repl_leave(&b->repl, LONG_MS, &b->e));
	assert_true(repl_soft_reset(&b->repl, LONG_MS, &b->e));
	close_board(b);
}

static void test_waiting_for_the_prompt_is_no_error(void **state)
{
	struct board *b = *state;
	static const struct exchange script[] = {
		{ "", "\r\nMicroPython v1.24.1 on 2024-11-29\r\n>>> ", 50, 0 }, { 0 }
	};

	open_board(b, script);
	assert_true(repl_wait_prompt(&b->repl, LONG_MS));
	assert_false(repl_wait_prompt(&b->repl, 20));
	close_board(b);
}

/* --- identity over the wire --- */

#define ASK_NAMES "import sys\nprint(sys.implementation)\n\x04"
#define ASK_VERSION "import sys\nprint(sys.version)\nprint(sys.platform)\n\x04"
#define ASK_CHIP "import machine\nprint(list(machine.unique_id()))\n\x04"
#define ASK_INFO "print(repr(open('board_info.toml').read(4096)))\n\x04"
#define NO_MODULE "OK\x04ImportError: no module\r\n\x04>"

static void test_a_new_board_is_asked_for_names_chip_and_file(void **state)
{
	struct board *b = *state;
	AUTO_IDENTITY id = IDENTITY_INIT;
	static const struct exchange script[] = {
		{ ENTER, IDLE, 0, 0 },
		{ ASK_NAMES,
		  "OK(name='micropython', version=(1, 29, 0, 'preview'), _machine='M with C', _mpy=6918, "
		  "_build='B-V')\r\n\x04\x04>",
		  0, 0 },
		{ ASK_VERSION,
		  "OK3.4.0; MicroPython v1.29.0-preview.7.gabc on 2026-11-22\r\nqemu\r\n\x04\x04>",
		  0, 0 },
		{ ASK_CHIP, "OK[230, 97, 0]\r\n\x04\x04>", 0, 0 },
		{ ASK_INFO, "OK'a = \"\\u00e9\\x04\"\\n'\r\n\x04\x04>", 0, 0 },
		{ 0 }
	};

	open_board(b, script);
	enter(b);
	assert_true(identity_query(&b->repl, &id, LONG_MS, &b->e));
	assert_string_equal(id.board_id, "B-V");
	assert_string_equal(id.stamp, "v1.29.0-preview.7.gabc");
	assert_string_equal(id.chip_id, "e66100");
	assert_string_equal(id.board_info, "a = \"\xc3\xa9\x04\"\n");
	close_board(b);
}

static void test_an_old_board_is_asked_for_a_board_id_and_its_relatives(void **state)
{
	struct board *b = *state;
	AUTO_IDENTITY id = IDENTITY_INIT;
	static const struct exchange script[] = {
		{ ENTER, IDLE, 0, 0 },
		{ ASK_NAMES, "OK(name='micropython', version=(1, 9, 2))\r\n\x04\x04>", 0, 0 },
		{ ASK_VERSION, "OK3.4.0\r\npyboard\r\n\x04\x04>", 0, 0 },
		{ "import os\nprint(os.uname())\n\x04", NO_MODULE, 0, 0 },
		{ "import boardname\nprint(boardname.BOARD_ID)\n\x04", "OKPYBV11-DP\r\n\x04\x04>",
		  0, 0 },
		{ "from pycopy import const\nprint('yes')\n\x04", NO_MODULE, 0, 0 },
		{ "from pycom import FAT\nprint('yes')\n\x04", "OKyes\r\n\x04\x04>", 0, 0 },
		{ ASK_CHIP, NO_MODULE, 0, 0 },
		{ ASK_INFO, "OK\x04OSError: [Errno 2] ENOENT\r\n\x04>", 0, 0 },
		{ 0 }
	};

	open_board(b, script);
	enter(b);
	assert_true(identity_query(&b->repl, &id, LONG_MS, &b->e));
	assert_string_equal(id.version, "1.9.2");
	assert_string_equal(id.port, "stm32");
	assert_string_equal(id.board_id, "PYBV11-DP");
	assert_string_equal(id.variant, "DP");
	assert_string_equal(id.family, "pycom");
	assert_null(id.chip_id);
	assert_null(id.board_info);
	close_board(b);
}

static void test_a_board_that_restarts_in_its_answer_is_told_at_once(void **state)
{
	struct board *b = *state;
	AUTO_IDENTITY id = IDENTITY_INIT;
	int64_t start;
	static const struct exchange script[] = {
		{ ENTER, IDLE, 0, 0 },
		{ ASK_NAMES,
		  "OK(name='micro\r\n ets Jan  8 2013,rst cause:4, boot mode:(3,6)\r\n\r\nwdt reset\r\n",
		  0, 0 },
		{ 0 }
	};

	open_board(b, script);
	enter(b);
	start = clock_ms();
	assert_error(b, identity_query(&b->repl, &id, LONG_MS, &b->e), "restarted in the middle");
	assert_true(b->repl.restarted);
	assert_true(clock_ms() - start < LONG_MS / 2);
	close_board(b);
}

static void test_a_board_that_just_started_was_not_busy(void **state)
{
	struct board *b = *state;
	static const struct exchange script[] = {
		{ ENTER, "\r\nrst:0x1 (POWERON_RESET)\r\nMicroPython v1.24.1\r\n>>> \r\n" RAW, 0,
		  0 },
		{ ENTER,
		  "rst:0x1\r\nTraceback (most recent call last):\r\nKeyboardInterrupt: \r\n>>> \r\n" RAW,
		  0, 0 },
		{ 0 }
	};

	open_board(b, script);
	enter(b);
	assert_false(b->repl.was_busy);
	enter(b);
	assert_true(b->repl.was_busy);
	close_board(b);
}

/* --- the port --- */

static void test_a_port_has_one_user_at_a_time(void **state)
{
	struct board *b = *state;
	AUTO_STREAM second = STREAM_INIT;
	static const struct exchange script[] = { { 0 } };
	char *name;

	open_board(b, script);
	name = xstrdup(b->tty.name);
	assert_error(b, tty_open(&second, name, 50, &b->e), "is in use by another program");
	free(name);
	close_board(b);
}

static void test_a_file_is_no_serial_port(void **state)
{
	struct board *b = *state;
	AUTO_STREAM s = STREAM_INIT;

	assert_error(b, tty_open(&s, "/dev/null", 0, &b->e), "/dev/null is not a serial port");
	assert_error(b, tty_open(&s, "/dev/no-such-port", 0, &b->e),
		     "cannot open /dev/no-such-port");
	assert_non_null(b->e.hint);
}

#define BOARD_TEST(f) cmocka_unit_test_setup_teardown(f, make_board, drop_board)

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOARD_TEST(test_a_board_at_its_prompt_was_not_busy),
		BOARD_TEST(test_a_stopped_program_is_reported),
		BOARD_TEST(test_a_program_that_prints_is_reported),
		BOARD_TEST(test_a_board_left_in_raw_mode_was_not_busy),
		BOARD_TEST(test_noise_before_the_answer_is_passed_over),
		BOARD_TEST(test_a_late_answer_counts),
		BOARD_TEST(test_a_board_that_slept_is_asked_again),
		BOARD_TEST(test_a_silent_board_is_an_error_in_time),
		BOARD_TEST(test_what_is_no_micropython_is_quoted),
		BOARD_TEST(test_a_board_that_goes_away_is_told),
		BOARD_TEST(test_output_and_traceback_are_told_apart),
		BOARD_TEST(test_nul_bytes_are_output_too),
		BOARD_TEST(test_a_script_that_never_ends_is_an_error),
		BOARD_TEST(test_output_without_an_end_is_an_error),
		BOARD_TEST(test_raw_paste_keeps_to_the_windows),
		BOARD_TEST(test_a_board_may_stop_a_paste),
		BOARD_TEST(test_old_firmware_without_raw_paste_gets_it_plain),
		BOARD_TEST(test_firmware_with_raw_paste_switched_off_gets_it_plain),
		BOARD_TEST(test_a_paste_window_of_nothing_is_an_error),
		BOARD_TEST(test_leaving_and_a_soft_reset),
		BOARD_TEST(test_waiting_for_the_prompt_is_no_error),
		BOARD_TEST(test_a_new_board_is_asked_for_names_chip_and_file),
		BOARD_TEST(test_an_old_board_is_asked_for_a_board_id_and_its_relatives),
		BOARD_TEST(test_a_board_that_restarts_in_its_answer_is_told_at_once),
		BOARD_TEST(test_a_board_that_just_started_was_not_busy),
		BOARD_TEST(test_a_port_has_one_user_at_a_time),
		BOARD_TEST(test_a_file_is_no_serial_port),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
