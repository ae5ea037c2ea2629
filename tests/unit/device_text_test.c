/* SPDX-License-Identifier: MIT
 *
 * What a flash child tells its parent, through a real pipe, whole and cut.
 */
#include <string.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "graph/device_text.h"
#include "scratch.h"

/* String members of a result are owned; these are not freed. */
#define TEXT(s) ((char *)(s))

static struct flash_result full_result(void)
{
	return (struct flash_result){
		.device = TEXT("qemu:qemu/MICROBIT"),
		.address = TEXT("/dev/pts/4"),
		.bytes = (uint64_t)5 << 32,
		.verified = true,
		.has_identity = true,
		.identity = {
			.family = TEXT("micropython"),
			.version = TEXT("1.29.0-preview"),
			.stamp = TEXT("v1.29.0-preview.731.g1c3c201149"),
			.date = TEXT("2026-11-22"),
			.machine = TEXT("micro:bit with nRF51"),
			.board_id = TEXT("MICROBIT"),
		},
	};
}

/* --- a board in one line --- */

static void assert_text(const struct flash_result *r, const char *want)
{
	AUTO_ARENA a = ARENA_INIT;

	assert_string_equal(device_text(r, &a), want);
}

static void test_a_board_is_told_in_one_line(void **state)
{
	struct flash_result r = full_result();

	(void)state;
	assert_text(
		&r,
		"MicroPython v1.29.0-preview.731.g1c3c201149 on 2026-11-22; micro:bit with nRF51");
}

static void test_without_a_stamp_the_version_stands_for_it(void **state)
{
	struct flash_result r = full_result();

	(void)state;
	r.identity.stamp = NULL;
	assert_text(&r, "MicroPython v1.29.0-preview on 2026-11-22; micro:bit with nRF51");
}

static void test_what_a_board_does_not_say_is_left_out(void **state)
{
	struct flash_result r = { .has_identity = true };

	(void)state;
	assert_text(&r, "MicroPython");
	r.identity.family = TEXT("circuitpython");
	r.identity.machine = TEXT("X");
	assert_text(&r, "circuitpython; X");
}

static void test_a_silent_board_has_no_line(void **state)
{
	struct flash_result r = full_result();

	(void)state;
	r.has_identity = false;
	assert_text(&r, "");
}

/* --- through a pipe --- */

/* What the child's side writes. */
static void write_result(const struct flash_result *r, const struct err *e, struct strbuf *out)
{
	char buf[4096];
	int ends[2];
	ssize_t n;

	assert_int_equal(pipe(ends), 0);
	device_result_write(ends[1], r, NULL, e);
	close(ends[1]);
	while ((n = read(ends[0], buf, sizeof(buf))) > 0)
		strbuf_add(out, buf, (size_t)n);
	close(ends[0]);
}

/* What the parent's side makes of these bytes; less than a pipe holds. */
static bool read_result(const char *bytes, size_t len, struct device_result *out, struct err *e)
{
	AUTO_STRBUF said = STRBUF_INIT;
	int ends[2];
	bool ok;

	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], bytes, len), len);
	close(ends[1]);
	ok = device_result_read(ends[0], &said, out, e);
	close(ends[0]);
	return ok;
}

static void test_a_result_comes_through_whole(void **state)
{
	struct flash_result r = full_result();
	AUTO_STRBUF bytes = STRBUF_INIT;
	AUTO_ARENA a = ARENA_INIT;
	AUTO_ERR none = ERR_INIT, e = ERR_INIT;
	struct device_result back = { .arena = &a };

	(void)state;
	write_result(&r, &none, &bytes);
	must(read_result(bytes.buf, bytes.len, &back, &e), &e);
	assert_string_equal(back.device, "qemu:qemu/MICROBIT");
	assert_string_equal(back.address, "/dev/pts/4");
	assert_string_equal(back.answer, device_text(&r, &a));
	assert_string_equal(back.board_id, "MICROBIT");
	assert_string_equal(back.stamp, "v1.29.0-preview.731.g1c3c201149");
	assert_true(back.bytes == (uint64_t)5 << 32);
	assert_true(back.verified);
}

static void test_an_empty_result_comes_through_too(void **state)
{
	struct flash_result r = FLASH_RESULT_INIT;
	AUTO_STRBUF bytes = STRBUF_INIT;
	AUTO_ARENA a = ARENA_INIT;
	AUTO_ERR none = ERR_INIT, e = ERR_INIT;
	struct device_result back = { .arena = &a };

	(void)state;
	write_result(&r, &none, &bytes);
	must(read_result(bytes.buf, bytes.len, &back, &e), &e);
	assert_string_equal(back.device, "");
	assert_string_equal(back.address, "");
	assert_string_equal(back.answer, "");
	assert_null(back.board_id);
	assert_null(back.stamp);
	assert_false(back.verified);
}

static void test_an_error_comes_through_with_its_hint(void **state)
{
	struct flash_result r = full_result();
	AUTO_STRBUF bytes = STRBUF_INIT;
	AUTO_ARENA a = ARENA_INIT;
	AUTO_ERR sent = ERR_INIT, e = ERR_INIT;
	struct device_result back = { .arena = &a };

	(void)state;
	err_set(&sent, "50%% of the bytes differ\n  at 0x100");
	err_hint(&sent, "run it again");
	write_result(&r, &sent, &bytes);
	assert_false(read_result(bytes.buf, bytes.len, &back, &e));
	assert_string_equal(e.msg, "50% of the bytes differ\n  at 0x100");
	assert_string_equal(e.hint, "run it again");
	assert_string_equal(back.device, "qemu:qemu/MICROBIT"); /* as far as it got */
}

static void test_a_result_cut_anywhere_is_no_result_and_no_error(void **state)
{
	struct flash_result r = full_result();
	AUTO_STRBUF bytes = STRBUF_INIT;
	AUTO_ERR sent = ERR_INIT;

	(void)state;
	err_set(&sent, "something failed");
	err_hint(&sent, "and this helps");
	write_result(&r, &sent, &bytes);
	/* Without its last byte it is still plain: that is the NUL behind "end=". */
	for (size_t len = 0; len + 1 < bytes.len; len++) {
		AUTO_ARENA a = ARENA_INIT;
		AUTO_ERR e = ERR_INIT;
		struct device_result back = { .arena = &a };

		assert_false(read_result(bytes.buf, len, &back, &e));
		assert_null(e.msg);
		assert_null(e.hint);
	}
}

static void test_other_bytes_are_no_result(void **state)
{
	static const char junk[] = "\0\0=x\0device\0enddevice=\0\xff\xfe=1\0bytes=-x";
	AUTO_ARENA a = ARENA_INIT;
	AUTO_ERR e = ERR_INIT;
	struct device_result back = { .arena = &a };

	(void)state;
	assert_false(read_result(junk, sizeof(junk), &back, &e));
	assert_null(e.msg);
	assert_string_equal(back.device, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_board_is_told_in_one_line),
		cmocka_unit_test(test_without_a_stamp_the_version_stands_for_it),
		cmocka_unit_test(test_what_a_board_does_not_say_is_left_out),
		cmocka_unit_test(test_a_silent_board_has_no_line),
		cmocka_unit_test(test_a_result_comes_through_whole),
		cmocka_unit_test(test_an_empty_result_comes_through_too),
		cmocka_unit_test(test_an_error_comes_through_with_its_hint),
		cmocka_unit_test(test_a_result_cut_anywhere_is_no_result_and_no_error),
		cmocka_unit_test(test_other_bytes_are_no_result),
	};

	return cmocka_run_group_tests_name("device_text", tests, NULL, NULL);
}
