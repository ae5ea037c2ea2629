/* SPDX-License-Identifier: MIT
 *
 * The status line: its words, and what a terminal gets of it.
 */
#define _XOPEN_SOURCE 700 /* posix_openpt */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "base/xalloc.h"
#include "graph/status.h"
#include "os/fs.h"
#include "os/tty.h"
#include "scratch.h"

static const struct status_line three[] = {
	{ "compile stm32/PYBV11", "12 s, 0:03 left", 800 },
	{ "compile rp2/RPI_PICO", "", -1 },
	{ "flash qemu/MICROBIT on ttyACM0", "write 45 %, 182 kB/s, 0:03 left", 450 },
};

static void test_counts_and_time_left(void **state)
{
	AUTO_STRBUF out = STRBUF_INIT;
	struct status_facts f = { .done = 3, .total = 12, .left_ms = 65400 };

	(void)state;
	status_text(&f, 80, &out);
	f.left_ms = 7384000;
	status_text(&f, 80, &out);
	f.left_ms = -1;
	status_text(&f, 80, &out);
	f.left_ms = 0;
	status_text(&f, 8, &out);
	status_text(&f, 0, &out);
	status_text(&f, -1, &out);
	assert_string_equal(out.buf, "[3/12] 1:05 left[3/12] 2:03:04 left[3/12][3/12] 0");
}

static void assert_line(const struct status_line *l, int names, int columns, const char *want)
{
	AUTO_STRBUF out = STRBUF_INIT;

	strbuf_adds(&out, "before:");
	status_line_text(l, names, columns, &out);
	assert_string_equal(out.buf + 7, want);
}

static void test_a_line_has_a_bar_where_there_is_room(void **state)
{
	(void)state;
	assert_int_equal(status_name_columns(three, 3), 30);
	assert_line(&three[0], 30, 100,
		    "compile stm32/PYBV11            [############....] 12 s, 0:03 left");
	assert_line(&three[0], 30, 66,
		    "compile stm32/PYBV11            [############....] 12 s, 0:03 left");
	assert_line(&three[0], 30, 65, "compile stm32/PYBV11  [############....] 12 s, 0:03 left");
	assert_line(&three[0], 30, 56, "compile stm32/PYBV11  [############....] 12 s, 0:03 left");
	assert_line(&three[0], 30, 55, "compile stm32/PYBV11  12 s, 0:03 left");
	assert_line(&three[1], 30, 55, "compile rp2/RPI_PICO");
	assert_line(&(struct status_line){ "a", "b", 1000 }, 0, 50, "a  [################] b");
	assert_line(&(struct status_line){ "a", "b", 0 }, 0, 50, "a  [................] b");
}

static void test_what_it_is_at_stays_on_a_narrow_terminal(void **state)
{
	(void)state;
	assert_line(&three[2], 30, 63,
		    "flash qemu/MICROBIT on ttyACM0  write 45 %, 182 kB/s, 0:03 left");
	assert_line(&three[2], 30, 54, "flash qemu/MICROBIT on ttyACM0  write 45 %, 182 kB/s, ");
	assert_line(&three[2], 30, 39, ".. qemu/MICROBIT on ttyACM0  write 45 %");
	assert_line(&three[2], 30, 20, "..tyACM0  write 45 %");
	assert_line(&three[2], 30, 12, "..tyACM0  wr");
	assert_line(&three[2], 30, 1, ".");
	assert_line(&three[2], 30, 0, "");
	assert_line(&three[2], 30, -1, "");
}

static void test_characters_are_never_cut_in_two(void **state)
{
	static const struct status_line one = { "a", "\xc3\xa4\xc3\xb6\xe2\x82\xac", -1 };
	static const struct status_line two = {
		"\xc3\xa4\xc3\xb6\xe2\x82\xac\xc3\xa4\xc3\xb6-ttyACM0", "45 %", -1
	};

	(void)state;
	assert_line(&one, 0, 6, "a  \xc3\xa4\xc3\xb6\xe2\x82\xac");
	assert_line(&one, 0, 5, "a  \xc3\xa4\xc3\xb6");
	assert_line(&one, 0, 4, "a  \xc3\xa4");
	assert_line(&two, 0, 17, "..\xc3\xb6-ttyACM0  45 %");
}

static void test_rates_and_times(void **state)
{
	AUTO_STRBUF out = STRBUF_INIT;

	(void)state;
	status_add_rate(&out, 1500, 1000);
	status_add_rate(&out, 91000, 500);
	status_add_rate(&out, 25000000, 2000);
	status_add_time(&out, 59499);
	assert_string_equal(out.buf, "1.5 kB/s182 kB/s12.5 MB/s0:59");
}

/* --- on a terminal --- */

struct terminal {
	int master, fd;
};

static struct terminal open_terminal(unsigned short columns)
{
	struct winsize size = { .ws_row = 24, .ws_col = columns };
	struct terminal t = { .master = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK) };

	assert_true(t.master >= 0);
	assert_int_equal(grantpt(t.master), 0);
	assert_int_equal(unlockpt(t.master), 0);
	t.fd = open(ptsname(t.master), O_RDWR | O_NOCTTY);
	assert_true(t.fd >= 0);
	assert_int_equal(ioctl(t.fd, TIOCSWINSZ, &size), 0);
	setenv("TERM", "xterm", 1);
	return t;
}

static void close_terminal(struct terminal *t)
{
	close(t->fd);
	close(t->master);
}

/* What it got since the last time. */
static void assert_got(const struct terminal *t, const char *want)
{
	char text[512];
	ssize_t n = read(t->master, text, sizeof(text) - 1);

	text[n > 0 ? n : 0] = '\0';
	assert_string_equal(text, want);
}

static size_t lines;

static void show(struct status *st, size_t done, int64_t now_ms)
{
	status_show(st,
		    &(struct status_facts){ .done = done,
					    .total = 9,
					    .left_ms = -1,
					    .lines = three,
					    .line_count = lines },
		    now_ms);
}

#define LINE(done) "\r\033[K[" done "/9]"

static void test_it_is_drawn_when_it_changes_and_goes_for_other_output(void **state)
{
	struct terminal t = open_terminal(80);
	struct status *st = status_create(t.fd, 1000);

	(void)state;
	assert_non_null(st);
	status_clear(st); /* there is nothing yet */
	assert_got(&t, "");
	show(st, 1, 1100);
	assert_got(&t, LINE("1"));
	show(st, 1, 1200);
	assert_got(&t, "");
	show(st, 2, 1300);
	assert_got(&t, LINE("2"));
	status_clear(st);
	assert_got(&t, "\r\033[K");
	status_clear(st);
	assert_got(&t, "");
	show(st, 2, 1400); /* the same, but it is not there any more */
	assert_got(&t, LINE("2"));
	status_destroy(st);
	assert_got(&t, "\r\033[K");
	close_terminal(&t);
}

static void test_lines_below_are_taken_away_with_the_first(void **state)
{
	struct terminal t = open_terminal(80);
	struct status *st = status_create(t.fd, 0);

	(void)state;
	lines = 2;
	show(st, 1, 100);
	assert_got(&t, "\r\033[K[1/9]\r\n"
		       "compile stm32/PYBV11  [############....] 12 s, 0:03 left\r\n"
		       "compile rp2/RPI_PICO");
	show(st, 2, 200);
	assert_got(&t, "\033[2A\r\033[J[2/9]\r\n"
		       "compile stm32/PYBV11  [############....] 12 s, 0:03 left\r\n"
		       "compile rp2/RPI_PICO");
	lines = 0;
	show(st, 2, 300);
	assert_got(&t, "\033[2A\r\033[J[2/9]");
	status_destroy(st);
	assert_got(&t, "\r\033[K");
	close_terminal(&t);
}

static void test_ten_times_a_second_at_most(void **state)
{
	struct terminal t = open_terminal(80);
	struct status *st = status_create(t.fd, 1000);

	(void)state;
	assert_int_equal(status_wait_ms(NULL, 0), -1);
	assert_int_equal(status_wait_ms(st, 1000), 100); /* what ends at once gets no line */
	assert_int_equal(status_wait_ms(st, 1100), 0);
	show(st, 1, 1100);
	assert_int_equal(status_wait_ms(st, 1130), 70);
	status_clear(st);
	assert_int_equal(status_wait_ms(st, 1130), 70);
	assert_int_equal(status_wait_ms(st, 5000), 0);
	status_destroy(st);
	close_terminal(&t);
}

static void test_the_terminals_width_counts_each_time(void **state)
{
	struct terminal t = open_terminal(80);
	struct winsize size = { .ws_row = 24, .ws_col = 4 };
	struct status *st = status_create(t.fd, 0);

	(void)state;
	show(st, 1, 100);
	assert_got(&t, LINE("1"));
	assert_int_equal(ioctl(t.fd, TIOCSWINSZ, &size), 0);
	show(st, 1, 200);
	assert_got(&t, "\r\033[K[1/");
	status_destroy(st);
	close_terminal(&t);
}

static void test_only_on_a_terminal_that_can(void **state)
{
	struct scratch *s = *state;
	AUTO_FD file = open(scratch_path(s, "log"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	struct terminal t = open_terminal(80);

	assert_null(status_create(file, 0));
	setenv("TERM", "dumb", 1);
	assert_null(status_create(t.fd, 0));
	setenv("TERM", "", 1);
	assert_null(status_create(t.fd, 0));
	unsetenv("TERM");
	assert_null(status_create(t.fd, 0));
	status_clear(NULL);
	status_destroy(NULL);
	close_terminal(&t);
}

static void test_the_width_of_what_is_a_terminal(void **state)
{
	struct scratch *s = *state;
	AUTO_FD file = open(scratch_path(s, "log"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	struct terminal t = open_terminal(123), unknown = open_terminal(0);

	assert_int_equal(tty_columns(t.fd), 123);
	assert_int_equal(tty_columns(unknown.fd), 80);
	assert_int_equal(tty_columns(file), 0);
	assert_int_equal(tty_columns(-1), 0);
	close_terminal(&t);
	close_terminal(&unknown);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_counts_and_time_left),
		TEST(test_a_line_has_a_bar_where_there_is_room),
		TEST(test_what_it_is_at_stays_on_a_narrow_terminal),
		TEST(test_characters_are_never_cut_in_two),
		TEST(test_rates_and_times),
		TEST(test_lines_below_are_taken_away_with_the_first),
		TEST(test_it_is_drawn_when_it_changes_and_goes_for_other_output),
		TEST(test_ten_times_a_second_at_most),
		TEST(test_the_terminals_width_counts_each_time),
		TEST(test_only_on_a_terminal_that_can),
		TEST(test_the_width_of_what_is_a_terminal),
	};

	return cmocka_run_group_tests_name("status", tests, NULL, NULL);
}
