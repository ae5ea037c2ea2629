/* SPDX-License-Identifier: MIT
 *
 * What a run tells: events that SQLite's JSON functions can read, and lines for people. Both outputs go to files here.
 */
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "graph/report.h"
#include "os/fs.h"
#include "scratch.h"

/* What fn writes to stdout and stderr. */
struct told {
	const char *out, *err;
};

static void redirect(struct scratch *s, int fd, const char *name)
{
	int file = open(scratch_path(s, name), O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(file >= 0);
	assert_int_equal(dup2(file, fd), fd);
	close(file);
}

static struct told listen(struct scratch *s, void (*fn)(struct report *r), struct report *r)
{
	int out, err;

	fflush(NULL);
	out = dup(STDOUT_FILENO);
	err = dup(STDERR_FILENO);
	redirect(s, STDOUT_FILENO, "out");
	redirect(s, STDERR_FILENO, "err");
	fn(r);
	fflush(NULL);
	dup2(out, STDOUT_FILENO);
	dup2(err, STDERR_FILENO);
	close(out);
	close(err);
	return (struct told){ scratch_text(s, "out"), scratch_text(s, "err") };
}

/* Each line an object, with its members in SQLite's own writing (json() drops nothing and keeps the order). */
static void assert_events(struct scratch *s, const char *lines, const char *want)
{
	AUTO_STRBUF out = STRBUF_INIT;
	sqlite3_stmt *st;
	sqlite3 *db;

	assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, "SELECT json_valid(?1), json_type(?1), json(?1)",
					    -1, &st, NULL),
			 SQLITE_OK);
	while (*lines) {
		size_t len = strcspn(lines, "\n");
		const char *line = arena_strndup(&s->arena, lines, len);

		sqlite3_reset(st);
		sqlite3_bind_text(st, 1, line, -1, SQLITE_STATIC);
		if (sqlite3_step(st) != SQLITE_ROW || !sqlite3_column_int(st, 0))
			fail_msg("no JSON: %s", line);
		assert_string_equal((const char *)sqlite3_column_text(st, 1), "object");
		strbuf_addf(&out, "%s\n", (const char *)sqlite3_column_text(st, 2));
		assert_int_equal(lines[len], '\n');
		lines += len + 1;
	}
	sqlite3_finalize(st);
	sqlite3_close(db);
	assert_string_equal(out.buf, want);
}

static void tell_steps(struct report *r)
{
	report_plan(r, "stm32/PYBV11", "compile", "flags changed", 2500, NULL);
	report_plan(r, "stm32/PYBV11", "hex", "never done before", 0, NULL);
	report_start(r, "stm32/PYBV11", "compile", "flags changed", 2500);
	report_done(r, "stm32/PYBV11", "compile", "flags changed", 2400);
	report_done(r, "stm32/PYBV11", "hex", NULL, 3);
	report_skip(r, "stm32/PYBV11", "dfu", "nothing changed");
}

static void test_each_step_is_an_event(void **state)
{
	struct report r = { .json = true };
	struct told told = listen(*state, tell_steps, &r);

	assert_events(
		*state, told.out,
		"{\"event\":\"plan\",\"target\":\"stm32/PYBV11\",\"step\":\"compile\",\"reason\":\"flags "
		"changed\",\"estimate_ms\":2500}\n"
		"{\"event\":\"plan\",\"target\":\"stm32/PYBV11\",\"step\":\"hex\",\"reason\":\"never done "
		"before\"}\n"
		"{\"event\":\"start\",\"target\":\"stm32/PYBV11\",\"step\":\"compile\",\"reason\":\"flags "
		"changed\",\"estimate_ms\":2500}\n"
		"{\"event\":\"done\",\"target\":\"stm32/PYBV11\",\"step\":\"compile\",\"reason\":\"flags "
		"changed\",\"ms\":2400}\n"
		"{\"event\":\"done\",\"target\":\"stm32/PYBV11\",\"step\":\"hex\",\"ms\":3}\n"
		"{\"event\":\"skip\",\"target\":\"stm32/PYBV11\",\"step\":\"dfu\",\"reason\":\"nothing "
		"changed\"}\n");
	assert_string_equal(told.err, "");
}

static void tell_things(struct report *r)
{
	report_note(r, "%s is \"new\"", "a\\b");
	report_file(r, "t", "/out/a b.hex", (uint64_t)1 << 33);
	report_device(r, "t", "MicroPython v1", "/dev/pts/4");
}

static void test_notes_files_and_devices_are_events_too(void **state)
{
	struct report r = { .json = true };
	struct told told = listen(*state, tell_things, &r);

	assert_events(
		*state, told.out,
		"{\"event\":\"note\",\"text\":\"a\\\\b is \\\"new\\\"\"}\n"
		"{\"event\":\"file\",\"target\":\"t\",\"path\":\"/out/a b.hex\",\"size\":8589934592}\n"
		"{\"event\":\"device\",\"target\":\"t\",\"serialport\":\"/dev/pts/4\",\"description\":"
		"\"MicroPython v1\"}\n");
}

static void tell_failure(struct report *r)
{
	report_fail(r, "t", "compile", "first\n  second\t\"x\"\n\xff", "try again");
}

static void test_an_error_of_many_lines_is_one_event_line(void **state)
{
	struct report r = { .json = true };
	struct told told = listen(*state, tell_failure, &r);

	assert_events(
		*state, told.out,
		"{\"event\":\"fail\",\"target\":\"t\",\"step\":\"compile\",\"reason\":"
		"\"first\\n  second\\u0009\\\"x\\\"\\n\xef\xbf\xbd\",\"hint\":\"try again\"}\n");
}

static void tell_failure_of_all(struct report *r)
{
	report_fail(r, "PYBV12", "", "there is no such board", NULL);
}

static void test_a_failure_before_any_step_is_an_event_and_no_line(void **state)
{
	struct report json = { .json = true }, people = { 0 };

	assert_events(*state, listen(*state, tell_failure_of_all, &json).out,
		      "{\"event\":\"fail\",\"target\":\"PYBV12\",\"step\":\"\",\"reason\":"
		      "\"there is no such board\",\"hint\":null}\n");
	assert_string_equal(listen(*state, tell_failure_of_all, &people).err, "");
	assert_int_equal(people.failed, 1);
}

static void sum_up(struct report *r)
{
	report_summary(r, 1234);
}

static void test_the_summary_has_every_count(void **state)
{
	struct report r = { .json = true,
			    .run = 1,
			    .skipped = 2,
			    .failed = 3,
			    .flashed = 4,
			    .boards = { 5, 6, 7, 8, 9 } };

	assert_events(*state, listen(*state, sum_up, &r).out,
		      "{\"event\":\"summary\",\"run\":1,\"skipped\":2,\"failed\":3,\"flashed\":4,"
		      "\"boards\":{\"built\":5,\"from_store\":6,\"converted\":7,\"flashed\":8,"
		      "\"skipped\":9},\"ms\":1234}\n");
}

static void tell_all(struct report *r)
{
	tell_steps(r);
	tell_failure(r);
}

static void test_what_is_told_is_counted(void **state)
{
	struct report r = { .json = true };

	listen(*state, tell_all, &r);
	assert_int_equal(r.run, 4);
	assert_int_equal(r.skipped, 1);
	assert_int_equal(r.failed, 1);
	assert_int_equal(r.flashed, 0);
}

static void test_lines_for_people_leave_standard_output_alone(void **state)
{
	struct report r = { 0 };
	struct told told = listen(*state, tell_all, &r);

	assert_string_equal(told.out, "");
	assert_has(told.err, "stm32/PYBV11: would run (about 2.5 s): flags changed\n");
	assert_has(told.err, "stm32/PYBV11: would run: never done before\n");
	assert_has(told.err, "stm32/PYBV11: done in 2.4 s: flags changed\n");
	assert_has(told.err, "stm32/PYBV11: done in 3 ms\n");
	assert_has(told.err, "t: FAILED\n");
	assert_lacks(told.err, "nothing changed"); /* nobody asked */
}

static void test_with_explain_skipped_steps_are_told(void **state)
{
	struct report r = { .explain = true };

	assert_has(listen(*state, tell_steps, &r).err, "nothing to do: nothing changed\n");
}

static void test_results_go_to_standard_output(void **state)
{
	struct report r = { 0 };
	struct told told = listen(*state, tell_things, &r);

	assert_string_equal(told.out,
			    "/out/a b.hex  8589934592 bytes\nt on /dev/pts/4: MicroPython v1\n");
	assert_string_equal(told.err, "note: a\\b is \"new\"\n");
}

static const char *summary(struct scratch *s, struct report r)
{
	return listen(s, sum_up, &r).err;
}

static void test_the_last_line_says_how_it_went(void **state)
{
	struct scratch *s = *state;

	assert_string_equal(summary(s, (struct report){ .skipped = 1 }),
			    "nothing to do: 1 step up to date (1.2 s)\n");
	assert_string_equal(summary(s, (struct report){ .skipped = 3 }),
			    "nothing to do: 3 steps up to date (1.2 s)\n");
	assert_string_equal(summary(s, (struct report){ .run = 1, .skipped = 2 }),
			    "1 step run, 2 up to date (1.2 s)\n");
	assert_string_equal(
		summary(s, (struct report){ .run = 9, .skipped = 2, .boards = { 1, 2, 3, 4, 5 } }),
		"1 built, 2 from the store, 3 converted, 4 flashed, 5 skipped in 1.2 s "
		"(9 steps run, 2 up to date)\n");
	assert_string_equal(
		summary(s, (struct report){ .run = 2, .failed = 1, .boards = { .built = 1 } }),
		"1 built, 1 failed in 1.2 s (2 steps run, 0 up to date)\n");
	assert_string_equal(summary(s, (struct report){ .skipped = 2, .boards = { .skipped = 2 } }),
			    "nothing to do: 2 steps up to date (1.2 s)\n");
	assert_string_equal(summary(s, (struct report){ .run = 2, .dry_run = true }),
			    "2 steps would run, 0 up to date (1.2 s)\n");
}

static void test_a_plan_says_how_long_it_takes(void **state)
{
	struct scratch *s = *state;
	struct report r = { .dry_run = true, .run = 3, .jobs = 4, .estimate_ms = 9440 };

	assert_has(summary(s, r), " would run, 0 up to date (1.2 s); about 9.4 s with -j4\n");
	r.estimate_ms = 41600;
	assert_has(summary(s, r), "; about 42 s with -j4\n");
	r.estimate_ms = 125000;
	assert_has(summary(s, r), "; about 2 min 5 s with -j4\n");
	r.estimate_ms = 3600000 + 119000;
	r.guessed = 2;
	assert_has(summary(s, r), "; about 1 h 1 min with -j4 (2 of the steps were never timed)\n");
	r.guessed = 3; /* nothing to go by */
	assert_has(summary(s, r), "(1.2 s); how long that takes is not known: ");
	r = (struct report){ .dry_run = true, .skipped = 1, .jobs = 4 };
	assert_string_equal(summary(s, r), "nothing to do: 1 step up to date (1.2 s)\n");
}

static void test_an_interrupted_run_says_what_is_left(void **state)
{
	struct scratch *s = *state;
	struct report r = { .interrupted = true, .run = 1, .skipped = 2, .stopped = 3, .left = 4 };

	assert_string_equal(summary(s, r), "interrupted: 1 step run, 2 up to date (1.2 s); "
					   "3 stopped, 4 not begun\n");
	assert_string_equal(summary(s, (struct report){ .interrupted = true }),
			    "interrupted: 0 steps run, 0 up to date (1.2 s)\n");
	assert_string_equal(summary(s, (struct report){ .failed = 1, .left = 2 }),
			    "1 failed in 1.2 s (0 steps run, 0 up to date); 2 not begun\n");
}

static void stop_one(struct report *r)
{
	report_stop(r, "t", "compile");
	report_summary(r, 5);
}

static void test_what_was_stopped_is_told(void **state)
{
	struct scratch *s = *state;
	struct report lines = { .interrupted = true };
	struct report events = { .json = true, .interrupted = true, .left = 2 };

	assert_string_equal(listen(s, stop_one, &lines).err,
			    "compile  t: stopped\n"
			    "interrupted: 0 steps run, 0 up to date (5 ms); 1 stopped\n");
	assert_events(s, listen(s, stop_one, &events).out,
		      "{\"event\":\"stop\",\"target\":\"t\",\"step\":\"compile\"}\n"
		      "{\"event\":\"summary\",\"run\":0,\"skipped\":0,\"failed\":0,\"flashed\":0,"
		      "\"boards\":{\"built\":0,\"from_store\":0,\"converted\":0,\"flashed\":0,"
		      "\"skipped\":0},\"stopped\":1,\"left\":2,\"interrupted\":true,\"ms\":5}\n");
}

static void test_the_events_of_a_plan_have_its_time(void **state)
{
	struct scratch *s = *state;
	struct report r = {
		.json = true, .dry_run = true, .run = 2, .jobs = 4, .estimate_ms = 700, .guessed = 1
	};

	assert_events(s, listen(s, sum_up, &r).out,
		      "{\"event\":\"summary\",\"run\":2,\"skipped\":0,\"failed\":0,\"flashed\":0,"
		      "\"jobs\":4,\"estimate_ms\":700,\"guessed\":1,\"ms\":1234}\n");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_each_step_is_an_event),
		TEST(test_notes_files_and_devices_are_events_too),
		TEST(test_an_error_of_many_lines_is_one_event_line),
		TEST(test_a_failure_before_any_step_is_an_event_and_no_line),
		TEST(test_the_summary_has_every_count),
		TEST(test_what_is_told_is_counted),
		TEST(test_lines_for_people_leave_standard_output_alone),
		TEST(test_with_explain_skipped_steps_are_told),
		TEST(test_results_go_to_standard_output),
		TEST(test_the_last_line_says_how_it_went),
		TEST(test_a_plan_says_how_long_it_takes),
		TEST(test_an_interrupted_run_says_what_is_left),
		TEST(test_what_was_stopped_is_told),
		TEST(test_the_events_of_a_plan_have_its_time),
	};

	return cmocka_run_group_tests_name("report", tests, NULL, NULL);
}
