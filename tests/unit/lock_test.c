/* SPDX-License-Identifier: MIT
 *
 * Locks between processes. A second opening of the file in one process counts as another holder, as flock(2) has it.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "os/fs.h"
#include "os/lock.h"
#include "os/process.h"
#include "scratch.h"

/* Tries the scratch's lock; what a holder says goes to `holder`. */
static bool try_lock(struct scratch *s, struct lock *l, const char *what, struct strbuf *holder)
{
	bool taken;

	must(lock_try(l, scratch_path(s, "lock"), what, &taken, holder, &s->err), &s->err);
	return taken;
}

static void test_a_free_lock_is_taken(void **state)
{
	AUTO_STRBUF holder = STRBUF_INIT;
	struct lock l = LOCK_INIT;

	assert_true(try_lock(*state, &l, "build", &holder));
	assert_string_equal(holder.buf, "");
	lock_release(&l);
}

static void test_whoever_waits_is_told_for_whom(void **state)
{
	struct scratch *s = *state;
	AUTO_STRBUF holder = STRBUF_INIT;
	struct lock first = LOCK_INIT, second = LOCK_INIT;

	assert_true(try_lock(s, &first, "stm32/PYBV11 compile", &holder));
	assert_false(try_lock(s, &second, "other", &holder));
	assert_string_equal(
		holder.buf,
		arena_printf(&s->arena, "process %ld (stm32/PYBV11 compile)", (long)getpid()));
	assert_int_equal(second.fd, -1);
	lock_release(&first);
}

static void test_the_words_are_those_of_the_last_holder(void **state)
{
	AUTO_STRBUF holder = STRBUF_INIT;
	struct lock first = LOCK_INIT, second = LOCK_INIT;

	assert_true(try_lock(*state, &first, "a very long description of the work", &holder));
	lock_release(&first);
	assert_true(try_lock(*state, &first, "short", &holder));
	assert_false(try_lock(*state, &second, "other", &holder));
	assert_has(holder.buf, "(short)");
	assert_lacks(holder.buf, "description");
	lock_release(&first);
}

static void test_a_holder_without_words_is_another_process(void **state)
{
	struct scratch *s = *state;
	AUTO_STRBUF holder = STRBUF_INIT;
	struct lock first = LOCK_INIT, second = LOCK_INIT;

	assert_true(try_lock(s, &first, "build", &holder));
	assert_int_equal(truncate(scratch_path(s, "lock"), 0), 0);
	assert_false(try_lock(s, &second, "other", &holder));
	assert_string_equal(holder.buf, "another process");
	lock_release(&first);
}

static void test_a_released_lock_is_free(void **state)
{
	AUTO_STRBUF holder = STRBUF_INIT;
	struct lock first = LOCK_INIT, second = LOCK_INIT;

	assert_true(try_lock(*state, &first, "one", &holder));
	lock_release(&first);
	lock_release(&first);
	assert_true(try_lock(*state, &second, "two", &holder));
	lock_release(&second);
}

static int take_and_die(void *ctx, int fd)
{
	AUTO_STRBUF holder = STRBUF_INIT;
	AUTO_ERR e = ERR_INIT;
	struct lock l;
	bool taken;

	if (!lock_try(&l, ctx, "dying", &taken, &holder, &e) || !taken || write(fd, "x", 1) != 1)
		return 1;
	for (;;)
		pause();
}

static void test_the_lock_of_a_killed_process_is_free(void **state)
{
	struct scratch *s = *state;
	AUTO_STRBUF holder = STRBUF_INIT;
	struct lock l = LOCK_INIT;
	char sign;
	int fd;
	pid_t pid = process_fork(take_and_die, (void *)scratch_path(s, "lock"), &fd, &s->err);

	must(pid > 0, &s->err);
	assert_int_equal(read(fd, &sign, 1), 1);
	assert_false(try_lock(s, &l, "us", &holder));
	assert_has(holder.buf, "(dying)");
	process_end_group(pid, 0);
	assert_true(try_lock(s, &l, "us", &holder));
	lock_release(&l);
	close(fd);
}

static void test_programs_that_the_holder_started_do_not_hold_it(void **state)
{
	struct scratch *s = *state;
	AUTO_STRBUF holder = STRBUF_INIT;
	struct lock first = LOCK_INIT, second = LOCK_INIT;
	struct process_spec spec = { .argv = (const char *const[]){ "sleep", "100", NULL } };
	pid_t pid;

	assert_true(try_lock(s, &first, "one", &holder));
	pid = process_start(&spec, &s->err);
	must(pid > 0, &s->err);
	lock_release(&first);
	/* A program that is still running must not hold it. */
	assert_true(try_lock(s, &second, "two", &holder));
	lock_release(&second);
	process_end_group(pid, 1000);
}

static void test_a_lock_that_cannot_be_made_is_an_error(void **state)
{
	struct scratch *s = *state;
	AUTO_STRBUF holder = STRBUF_INIT;
	struct lock l = LOCK_INIT;
	bool taken = true;

	assert_false(lock_try(&l, scratch_path(s, "none/lock"), "x", &taken, &holder, &s->err));
	assert_false(taken);
	assert_err(&s->err, "cannot lock", NULL);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_a_free_lock_is_taken),
		TEST(test_whoever_waits_is_told_for_whom),
		TEST(test_the_words_are_those_of_the_last_holder),
		TEST(test_a_holder_without_words_is_another_process),
		TEST(test_a_released_lock_is_free),
		TEST(test_the_lock_of_a_killed_process_is_free),
		TEST(test_programs_that_the_holder_started_do_not_hold_it),
		TEST(test_a_lock_that_cannot_be_made_is_an_error),
	};

	return cmocka_run_group_tests_name("lock", tests, NULL, NULL);
}
