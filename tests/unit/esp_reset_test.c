/* SPDX-License-Identifier: MIT
 *
 * The words of reset sequences, as the calls that reach the serial driver: a pty has no modem lines, so `ioctl` is this file's.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>

#include "base/strbuf.h"
#include "board/esp_reset.h"
#include "os/clock.h"

static struct {
	int lines;         /* as the driver has them */
	struct strbuf log; /* "D1R0 " for each call */
	int64_t first_ms, last_ms;
	bool none; /* a port without such lines */
} driver = { .log = STRBUF_INIT };

static char port[] = "port";

/* In place of libc's: nothing here is a terminal. */
int ioctl(int fd, unsigned long request, ...)
{
	va_list ap;
	int *lines;

	(void)fd;
	va_start(ap, request);
	lines = va_arg(ap, int *);
	va_end(ap);
	if (driver.none || (request != TIOCMGET && request != TIOCMSET)) {
		errno = ENOTTY;
		return -1;
	}
	if (request == TIOCMGET) {
		*lines = driver.lines;
		return 0;
	}
	driver.lines = *lines;
	strbuf_addf(&driver.log, "D%dR%d ", !!(*lines & TIOCM_DTR), !!(*lines & TIOCM_RTS));
	driver.last_ms = clock_ms();
	driver.first_ms = driver.first_ms ? driver.first_ms : driver.last_ms;
	return 0;
}

static int setup(void **state)
{
	(void)state;
	driver.lines = TIOCM_DTR | TIOCM_RTS | TIOCM_CTS;
	driver.first_ms = driver.last_ms = 0;
	driver.none = false;
	strbuf_reset(&driver.log);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	strbuf_free(&driver.log);
	return 0;
}

/* How long it took from the first change to the last, in ms. */
static int64_t play(const char *sequence, const char *want)
{
	struct stream s = { .fd = 0, .name = port };
	AUTO_ERR e = ERR_INIT;

	assert_true(esp_play(&s, sequence, &e));
	assert_string_equal(driver.log.buf, want);
	return driver.last_ms - driver.first_ms;
}

static void test_lines_of_one_word_change_in_one_call(void **state)
{
	(void)state;
	play("D0R0 D1R1 R1D0", "D0R0 D1R1 D0R1 ");
}

static void test_a_line_that_is_not_named_stays_as_the_kernel_raised_it(void **state)
{
	(void)state;
	play("D0 R0 D1", "D0R1 D0R0 D1R0 ");
}

static void test_other_lines_are_left_alone(void **state)
{
	(void)state;
	play("D0R0", "D0R0 ");
	assert_int_equal(driver.lines, TIOCM_CTS);
}

static void test_a_wait_lies_between_the_changes_beside_it(void **state)
{
	int64_t took;

	(void)state;
	took = play("  D0R1   W60 R0", "D0R1 D0R0 ");
	assert_true(took >= 60);
}

static void test_an_empty_sequence_does_nothing(void **state)
{
	(void)state;
	play("", "");
	play("  ", "");
}

static void test_firmware_starts_with_the_boot_pin_high(void **state)
{
	struct stream s = { .fd = 0, .name = port };
	AUTO_ERR e = ERR_INIT;

	(void)state;
	assert_true(esp_run(&s, &e));
	assert_string_equal(driver.log.buf, "D0R1 D0R0 ");
	assert_true(driver.last_ms - driver.first_ms >= 100);
}

static void test_a_port_without_lines_is_an_error(void **state)
{
	struct stream s = { .fd = 0, .name = port };
	AUTO_ERR e = ERR_INIT;

	(void)state;
	driver.none = true;
	assert_false(esp_play(&s, "D0R1 W5000 R0", &e));
	assert_non_null(strstr(e.msg, "port"));
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_lines_of_one_word_change_in_one_call),
		TEST(test_a_line_that_is_not_named_stays_as_the_kernel_raised_it),
		TEST(test_other_lines_are_left_alone),
		TEST(test_a_wait_lies_between_the_changes_beside_it),
		TEST(test_an_empty_sequence_does_nothing),
		TEST(test_firmware_starts_with_the_boot_pin_high),
		TEST(test_a_port_without_lines_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
