/* SPDX-License-Identifier: MIT
 *
 * The first process of a container, outside of one: it ends with its standard input, takes everything with it, and holds its
 * lock as long.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "os/clock.h"
#include "os/fs.h"
#include "os/jobserver.h"
#include "os/lock.h"
#include "os/process.h"
#include "os/trace.h"
#include "scratch.h"

enum { WAIT_MS = 20000, LOOK_MS = 5 };

static void need_helper(struct scratch *s)
{
	if (trace_helper(&s->arena))
		return;
	print_message("# there is no mpflash-trace here\n");
	skip();
}

/* sh -c SCRIPT behind the helper; *hold is our end of its standard input. */
static pid_t start(struct scratch *s, const char *fifo, const char *script, int *hold)
{
	struct strv words = { 0 };
	pid_t pid;

	if (!fs_exists(scratch_path(s, "lock")))
		scratch_put(s, "lock", "");
	trace_inside_words(trace_helper(&s->arena), scratch_path(s, "lock"), fifo, &words);
	vec_push(&words, "sh");
	vec_push(&words, "-c");
	vec_push(&words, script);
	vec_push(&words, NULL);
	pid = process_start(
		&(struct process_spec){ .argv = words.items, .cwd = s->dir, .hold_fd = hold },
		&s->err);
	vec_free(&words);
	must(pid > 0, &s->err);
	return pid;
}

static struct process_exit wait_for(pid_t pid)
{
	struct process_exit x = { .code = -2 };

	assert_int_equal(process_wait_any(&pid, 1, WAIT_MS, &x), 0);
	return x;
}

static void wait_until_there(struct scratch *s, const char *name)
{
	for (int64_t end = clock_ms() + WAIT_MS; !fs_exists(scratch_path(s, name));
	     clock_sleep_ms(LOOK_MS))
		assert_true(clock_ms() < end);
}

static bool is_locked(struct scratch *s)
{
	AUTO_STRBUF holder = STRBUF_INIT;

	return lock_is_held(scratch_path(s, "lock"), &holder);
}

static void test_it_ends_as_the_build_ends(void **state)
{
	struct scratch *s = *state;
	struct process_exit x;
	int hold = -1;

	need_helper(s);
	x = wait_for(start(s, NULL, "exit 3", &hold));
	close(hold);
	assert_int_equal(x.code, 3);
	x = wait_for(start(s, NULL, "kill -KILL $$", &hold));
	close(hold);
	assert_int_equal(x.code, 128 + SIGKILL);
	assert_false(is_locked(s));
}

static void test_the_build_gets_no_input(void **state)
{
	struct scratch *s = *state;
	int hold = -1;

	need_helper(s);
	assert_int_equal(wait_for(start(s, NULL, "cat", &hold)).code, 0);
	close(hold);
}

/* A session of its own is no way out. */
static void test_the_end_of_its_input_is_the_end_of_all(void **state)
{
	struct scratch *s = *state;
	struct process_exit x;
	pid_t pid, left;
	int hold = -1;

	need_helper(s);
	pid = start(
		s, NULL,
		"setsid sh -c 'trap \"\" TERM HUP; echo $$ >left.new; mv left.new left; sleep 100' & sleep 100",
		&hold);
	wait_until_there(s, "left");
	left = (pid_t)strtol(scratch_text(s, "left"), NULL, 10);
	assert_true(is_locked(s));
	assert_int_equal(kill(left, 0), 0);
	close(hold);
	x = wait_for(pid);
	assert_int_equal(x.code, 128 + SIGKILL);
	assert_int_equal(kill(left, 0), -1);
	assert_false(is_locked(s));
}

static void test_being_told_to_end_leaves_time_to_clean_up(void **state)
{
	struct scratch *s = *state;
	int hold = -1;
	pid_t pid;

	need_helper(s);
	pid = start(s, NULL, "trap 'echo bye >said; exit 4' TERM; : >ready; sleep 100 & wait",
		    &hold);
	wait_until_there(s, "ready");
	kill(pid, SIGTERM);
	assert_int_equal(wait_for(pid).code, 4);
	close(hold);
	assert_string_equal(scratch_text(s, "said"), "bye\n");
}

static void test_the_jobs_are_those_of_the_pool(void **state)
{
	struct scratch *s = *state;
	struct jobserver *j;
	int hold = -1, fds[2];

	need_helper(s);
	j = jobserver_create_both(3, s->dir, &s->err);
	must(j != NULL, &s->err);
	assert_int_equal(jobserver_fds(j, fds), 1);
	assert_has(jobserver_makeflags(j, &s->arena), "--jobserver-auth=");
	assert_lacks(jobserver_makeflags(j, &s->arena), "fifo:");
	assert_int_equal(wait_for(start(s, jobserver_fifo(j), "head -c 2 <&9 >got", &hold)).code,
			 0);
	close(hold);
	assert_string_equal(scratch_text(s, "got"), "++");
	assert_true(jobserver_take(j));
	assert_false(jobserver_take(j));
	jobserver_put(j);
	assert_int_equal(jobserver_refill(j, 0), 2);
	jobserver_destroy(j);
}

/* A client that was killed may have its engine start the container later than the next run starts its own. */
static void test_who_is_late_and_let_go_of_runs_nothing(void **state)
{
	struct scratch *s = *state;
	AUTO_STRBUF holder = STRBUF_INIT;
	struct lock next = LOCK_INIT;
	bool taken;
	int hold = -1;
	pid_t pid;

	need_helper(s);
	must(lock_try(&next, scratch_path(s, "lock"), "the next run", &taken, &holder, &s->err),
	     &s->err);
	assert_true(taken);
	pid = start(s, NULL, ": >ran", &hold);
	close(hold);
	assert_int_equal(wait_for(pid).code, 125); /* while the lock is another's */
	lock_release(&next);
	for (int i = 0; i < 20; i++) {
		must(lock_try(&next, scratch_path(s, "lock"), "the next run", &taken, &holder,
			      &s->err),
		     &s->err);
		pid = start(s, NULL, ": >ran", &hold);
		close(hold);
		lock_release(&next);
		assert_int_equal(wait_for(pid).code, 125);
	}
	assert_false(fs_exists(scratch_path(s, "ran")));
}

static void test_what_cannot_be_run_is_told(void **state)
{
	struct scratch *s = *state;
	struct strv words = { 0 };
	AUTO_STRBUF said = STRBUF_INIT;
	struct process_exit x;

	need_helper(s);
	trace_inside_words(trace_helper(&s->arena), scratch_path(s, "no/lock"), NULL, &words);
	vec_push(&words, "true");
	vec_push(&words, NULL);
	must(process_run(&(struct process_spec){ .argv = words.items }, WAIT_MS, &said, &x,
			 &s->err),
	     &s->err);
	vec_free(&words);
	assert_int_equal(x.code, 125);
	assert_has(said.buf, "no/lock: No such file or directory");
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, scratch_setup, scratch_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_it_ends_as_the_build_ends),
		TEST(test_the_build_gets_no_input),
		TEST(test_the_end_of_its_input_is_the_end_of_all),
		TEST(test_being_told_to_end_leaves_time_to_clean_up),
		TEST(test_the_jobs_are_those_of_the_pool),
		TEST(test_who_is_late_and_let_go_of_runs_nothing),
		TEST(test_what_cannot_be_run_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
