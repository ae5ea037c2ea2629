/* SPDX-License-Identifier: MIT
 *
 * Asking without boards: what bytes say of a board, what comes over from a child, and children that hang.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "board/probe.h"
#include "board/probe_internal.h"
#include "os/children.h"
#include "os/clock.h"

static void assert_judged(const char *said, size_t len, bool unasked, enum device_state want)
{
	assert_string_equal(device_state_name(probe_judge(said, len, unasked)),
			    device_state_name(want));
}

static void test_what_bytes_say_of_a_board(void **state)
{
	static const char garbage[] = "\x8f\xfe\x00\xc3\x91\x1b\xe2\x80\x8f\xfe\x00\xc3\x91\x1b";

	(void)state;
	assert_judged("", 0, false, DEVICE_SILENT);
	assert_judged("tick 1\r\ntick 2\r\n", 16, true, DEVICE_BUSY);
	assert_judged("login: ", 7, false, DEVICE_OTHER);
	assert_judged("KeyboardInterrupt? no\r\n", 23, false, DEVICE_BUSY);
	assert_judged(garbage, sizeof(garbage) - 1, true, DEVICE_GARBAGE);
	assert_judged("\0\0\0\0", 4, true, DEVICE_GARBAGE);
	assert_judged("temp 21 \xc2\xb0\x43\r\n", 13, true, DEVICE_BUSY);
	/* a colour, a bell */
	assert_judged("\x1b[1mready\x1b[0m\a\r\n", 15, false, DEVICE_OTHER);
}

static void fill(struct device *d)
{
	d->state = DEVICE_RUNNING;
	d->why = "a reason";
	d->has_identity = d->interrupted = true;
	d->identity.build = 731;
	d->identity.family = xstrdup("micropython");
	d->identity.chip_id = xstrdup("e661");
	d->identity.board_info = xstrdup("a = 1\n");
	identity_set_board_id(&d->identity, "B-V");
}

static void test_an_answer_comes_over_whole_or_not_at_all(void **state)
{
	AUTO_STRBUF wire = STRBUF_INIT;
	AUTO_DEVICES list = DEVICES_INIT;
	struct device *from = devices_add(&list), *to;

	(void)state;
	fill(from);
	answer_write(from, &wire);
	to = devices_add(&list);
	for (size_t len = 0; len < wire.len; len++)
		assert_false(answer_read(&list, to, wire.buf, len));
	wire.buf[1] = 1; /* the state: 257 */
	assert_false(answer_read(&list, to, wire.buf, wire.len));
	wire.buf[1] = 0;
	assert_int_equal(to->state, DEVICE_NOT_ASKED);
	assert_null(to->identity.family);
	assert_true(answer_read(&list, to, wire.buf, wire.len));
	assert_int_equal(to->state, DEVICE_RUNNING);
	assert_string_equal(to->why, "a reason");
	assert_null(to->hint);
	assert_true(to->has_identity && to->interrupted);
	assert_int_equal(to->identity.build, 731);
	assert_string_equal(to->identity.variant, "V");
	assert_string_equal(to->identity.board_info, "a = 1\n");
	assert_null(to->identity.cpu);
}

/* --- children --- */

static void say_ctx(void *ctx, int fd)
{
	children_say(fd, ctx, strlen(ctx));
}

static void hang(void *ctx, int fd)
{
	(void)ctx;
	(void)fd;
	clock_sleep_ms(60000);
}

static void say_and_hang(void *ctx, int fd)
{
	say_ctx(ctx, fd);
	clock_sleep_ms(60000);
}

static void slow(void *ctx, int fd)
{
	say_ctx(ctx, fd);
	clock_sleep_ms(300);
	say_ctx(ctx, fd);
}

static void test_children_that_hang_do_not_stop_the_others(void **state)
{
	char one[] = "one", two[] = "two";
	struct children_job jobs[] = {
		{ .fn = say_ctx,
		  .ctx = one,
		  .first_ms = 5000,
		  .more_ms = 5000,
		  .said = STRBUF_INIT },
		{ .fn = hang, .ctx = NULL, .first_ms = 200, .more_ms = 5000, .said = STRBUF_INIT },
		{ .fn = say_and_hang,
		  .ctx = two,
		  .first_ms = 5000,
		  .more_ms = 200,
		  .said = STRBUF_INIT },
		{ .fn = slow, .ctx = two, .first_ms = 5000, .more_ms = 5000, .said = STRBUF_INIT },
	};
	struct err e = ERR_INIT;
	int64_t start = clock_ms();

	(void)state;
	assert_true(children_run(jobs, ARRAY_SIZE(jobs), &e));
	assert_true(clock_ms() - start < 4000);
	assert_string_equal(jobs[0].said.buf, "one");
	assert_false(jobs[0].late);
	assert_true(jobs[1].late);
	assert_string_equal(jobs[1].said.buf, "");
	assert_true(jobs[2].late);
	assert_string_equal(jobs[2].said.buf, "two");
	assert_string_equal(jobs[3].said.buf, "twotwo");
	for (size_t i = 0; i < ARRAY_SIZE(jobs); i++)
		strbuf_free(&jobs[i].said);
}

static void test_no_children_are_none(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	assert_true(children_run(NULL, 0, &e));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_bytes_say_of_a_board),
		cmocka_unit_test(test_an_answer_comes_over_whole_or_not_at_all),
		cmocka_unit_test(test_children_that_hang_do_not_stop_the_others),
		cmocka_unit_test(test_no_children_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
