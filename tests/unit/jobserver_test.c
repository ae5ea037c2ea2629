/* SPDX-License-Identifier: MIT
 *
 * The pool of job tokens, with real makes: they share it, keep within it, and what a killed one keeps comes back.
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/xalloc.h"
#include "os/clock.h"
#include "os/fs.h"
#include "os/jobserver.h"
#include "os/process.h"
#include "scratch.h"

static struct jobserver *create(struct scratch *s, int jobs, const char *dir)
{
	struct jobserver *j = jobserver_create(jobs, dir, &s->err);

	must(j != NULL, &s->err);
	return j;
}

/* Takes all that there is. */
static int drain(struct jobserver *j)
{
	int n = 0;

	while (jobserver_take(j))
		n++;
	return n;
}

static void put_back(struct jobserver *j, int count)
{
	while (count--)
		jobserver_put(j);
}

static bool can_be_read(const struct jobserver *j)
{
	struct pollfd p = { .fd = jobserver_wait_fd(j), .events = POLLIN };

	return poll(&p, 1, 0) == 1;
}

static const char *makeflags(struct scratch *s, const struct jobserver *j)
{
	return jobserver_makeflags(j, &s->arena);
}

/* --- tokens --- */

static void check_tokens(struct scratch *s, const char *dir)
{
	struct jobserver *j = create(s, 3, dir);

	assert_true(can_be_read(j));
	assert_int_equal(drain(j), 3);
	assert_false(can_be_read(j));
	assert_false(jobserver_take(j));
	jobserver_put(j);
	assert_true(can_be_read(j));
	assert_true(jobserver_take(j));
	assert_false(jobserver_take(j));
	put_back(j, 3);
	assert_int_equal(drain(j), 3);
	jobserver_destroy(j);
}

static void test_a_pipe_has_as_many_tokens_as_it_was_made_with(void **state)
{
	check_tokens(*state, NULL);
}

static void test_a_named_pipe_too(void **state)
{
	check_tokens(*state, ((struct scratch *)*state)->dir);
}

static void test_the_largest_pool_does_not_wait(void **state)
{
	struct scratch *s = *state;
	const char *dirs[] = { NULL, s->dir };

	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++) {
		struct jobserver *j = create(s, JOBSERVER_MAX, dirs[i]);

		assert_int_equal(drain(j), JOBSERVER_MAX);
		put_back(j, JOBSERVER_MAX);
		assert_int_equal(jobserver_refill(j, 0), 0);
		jobserver_destroy(j);
	}
}

static void check_refill(struct scratch *s, const char *dir)
{
	struct jobserver *j = create(s, 4, dir);

	assert_int_equal(jobserver_refill(j, 0), 0);
	assert_int_equal(drain(j), 4);
	assert_int_equal(jobserver_refill(j, 4), 0);
	assert_false(jobserver_take(j));
	/* Two of the four are ours, the others were lost with whoever had them. */
	assert_int_equal(jobserver_refill(j, 2), 2);
	assert_int_equal(drain(j), 2);
	assert_int_equal(jobserver_refill(j, 0), 4);
	/* Too many: a program put back what it had not taken. */
	put_back(j, 6);
	assert_int_equal(jobserver_refill(j, 0), 0);
	assert_int_equal(drain(j), 4);
	jobserver_destroy(j);
}

static void test_lost_tokens_come_back_and_surplus_ones_go(void **state)
{
	check_refill(*state, NULL);
	check_refill(*state, ((struct scratch *)*state)->dir);
}

static void test_a_named_pipe_goes_with_its_pool_and_so_do_those_that_were_left(void **state)
{
	struct scratch *s = *state;
	struct jobserver *first, *second;
	const char *name;

	scratch_mkdir(s, "d");
	assert_int_equal(mkfifo(scratch_path(s, "d/jobs-1-0"), 0600), 0);
	scratch_put(s, "d/jobs-2", "no pipe");
	first = create(s, 1, scratch_path(s, "d"));
	name = scratch_list(s, "d");
	assert_lacks(name, "jobs-1-0");
	assert_has(name, "jobs-2 ");
	second = create(s, 1, scratch_path(s, "d"));
	assert_true(fs_exists(strstr(makeflags(s, first), "fifo:") + 5)); /* it is in use */
	assert_string_not_equal(makeflags(s, first), makeflags(s, second));
	jobserver_destroy(first);
	jobserver_destroy(second);
	assert_string_equal(scratch_list(s, "d"), "jobs-2 ");
}

static void test_no_folder_for_the_named_pipe_is_an_error(void **state)
{
	struct scratch *s = *state;

	assert_null(jobserver_create(2, scratch_path(s, "none"), &s->err));
	assert_err(&s->err, "cannot make the named pipe", NULL);
}

static void test_what_makes_are_told(void **state)
{
	struct scratch *s = *state;
	struct jobserver *pipe_form = create(s, 1, NULL), *named = create(s, 1, s->dir);
	int fds[2];

	assert_int_equal(jobserver_fds(pipe_form, fds), 2);
	assert_string_equal(makeflags(s, pipe_form),
			    arena_printf(&s->arena,
					 " -j --jobserver-fds=%d,%d --jobserver-auth=%d,%d", fds[0],
					 fds[1], fds[0], fds[1]));
	assert_int_equal(jobserver_fds(named, fds), 0);
	assert_has(makeflags(s, named),
		   arena_printf(&s->arena, " -j --jobserver-auth=fifo:%s/jobs-", s->dir));
	jobserver_destroy(pipe_form);
	jobserver_destroy(named);
}

/* --- joining another's pool --- */

static void check_joined(struct scratch *s, struct jobserver *outer)
{
	struct jobserver *j =
		jobserver_join(arena_printf(&s->arena, "ks %s -- A=1", makeflags(s, outer) + 1));

	assert_non_null(j);
	assert_true(jobserver_take(j)); /* the one that we have by being started */
	assert_int_equal(jobserver_refill(j, 0), 0);
	assert_int_equal(drain(outer), 2);
	assert_false(jobserver_take(j));
	put_back(outer, 2);
	assert_true(jobserver_take(j));
	assert_true(jobserver_take(j));
	assert_false(jobserver_take(j));
	assert_int_equal(drain(outer), 0);
	jobserver_put(j);
	assert_int_equal(drain(outer), 1);
	put_back(outer, 1);
	jobserver_destroy(j); /* with two in our hands, one of them from the pool */
	assert_int_equal(drain(outer), 2);
	put_back(outer, 2);
	assert_int_equal(jobserver_refill(outer, 0), 0);
}

static void test_the_pool_of_a_make_above_us_is_shared(void **state)
{
	struct scratch *s = *state;
	const char *dirs[] = { NULL, s->dir };

	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++) {
		struct jobserver *outer = create(s, 2, dirs[i]);

		check_joined(s, outer);
		jobserver_destroy(outer);
	}
}

static void test_a_joined_pool_survives_us(void **state)
{
	struct scratch *s = *state;
	struct jobserver *outer = create(s, 1, s->dir), *j;

	j = jobserver_join(makeflags(s, outer));
	jobserver_destroy(j);
	assert_true(fs_exists(strstr(makeflags(s, outer), "fifo:") + 5));
	jobserver_destroy(outer);
}

/* What is no pool is never read from. */
static void test_what_is_no_pool_is_not_joined(void **state)
{
	struct scratch *s = *state;
	struct jobserver *a = create(s, 1, NULL), *b = create(s, 1, NULL);
	int file = open(scratch_path(s, "file"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	int fa[2], fb[2];

	jobserver_fds(a, fa);
	jobserver_fds(b, fb);
	scratch_put(s, "plain", "+++");
	assert_null(jobserver_join(NULL));
	assert_null(jobserver_join(""));
	assert_null(jobserver_join("ks -j4"));
#define AUTH(...) arena_printf(&s->arena, " -j --jobserver-auth=" __VA_ARGS__)
	assert_null(jobserver_join(AUTH("%d,%d", fa[0], fb[1]))); /* of two pipes */
	assert_null(jobserver_join(AUTH("%d,%d", fa[1], fa[0]))); /* the wrong way round */
	assert_null(jobserver_join(AUTH("%d,%d", file, file)));
	assert_null(jobserver_join(AUTH("-2,-2")));
	assert_null(jobserver_join(AUTH("900,901")));
	assert_null(jobserver_join(AUTH("x")));
	assert_null(jobserver_join(AUTH("%d,", fa[0])));
	assert_null(jobserver_join(AUTH("fifo:%s", scratch_path(s, "none"))));
	assert_null(jobserver_join(AUTH("fifo:%s", scratch_path(s, "plain"))));
	assert_null(jobserver_join("x--jobserver-auth=fifo:/dev/null"));
	assert_true(jobserver_take(a));
	assert_true(jobserver_take(b));
	close(file);
	jobserver_destroy(a);
	jobserver_destroy(b);
}

/* --- with real makes --- */

/* Eight jobs, each of which writes when it begins and when it ends. */
static const char makefile[] = "all: 1 2 3 4 5 6 7 8\n"
			       "%:\n"
			       "\t@echo + >>log; sleep 0.1; echo - >>log\n"
			       "sub:\n"
			       "\t@+$(MAKE) -f m all\n";

static pid_t start_make(struct scratch *s, const struct jobserver *j, const char *goal)
{
	int fds[3] = { -1, -1, -1 };
	const char *const argv[] = { "make", "-rs", "-f", "m", goal, NULL };
	const char *const env[] = {
		arena_printf(&s->arena, "PATH=%s", getenv("PATH")),
		arena_printf(&s->arena, "MAKEFLAGS=%s", makeflags(s, j)),
		NULL,
	};
	AUTO_FD out =
		open(scratch_path(s, "make.out"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	struct process_spec spec = {
		.argv = argv, .env = env, .cwd = s->dir, .out_fd = out, .keep_fds = fds
	};
	pid_t pid;

	jobserver_fds(j, fds);
	pid = process_start(&spec, &s->err);
	must(pid > 0, &s->err);
	return pid;
}

/* The most that ran at once. */
static int most_at_once(struct scratch *s)
{
	int now = 0, most = 0;

	for (const char *p = scratch_text(s, "log"); *p; p++) {
		now += *p == '+' ? 1 : *p == '-' ? -1 : 0;
		most = now > most ? now : most;
	}
	assert_int_equal(now, 0);
	return most;
}

static void wait_for(pid_t *pids, size_t count)
{
	struct process_exit x;

	for (size_t left = count; left; left--) {
		int i = process_wait_any(pids, count, 60000, &x);

		assert_true(i >= 0);
		assert_int_equal(x.code, 0);
		pids[i] = 0;
	}
}

static void test_makes_share_the_pool_and_keep_within_it(void **state)
{
	struct scratch *s = *state;
	struct jobserver *j = create(s, 3, NULL);
	pid_t pids[2];

	scratch_put(s, "m", makefile);
	for (size_t i = 0; i < 2; i++) {
		assert_true(jobserver_take(j));
		pids[i] = start_make(s, j,
				     i ? "sub" : "all"); /* the second: through a make of its own */
	}
	wait_for(pids, 2);
	assert_string_equal(scratch_text(s, "make.out"), ""); /* no warning of a jobserver */
	assert_int_equal(most_at_once(s), 3);
	put_back(j, 2);
	assert_int_equal(jobserver_refill(j, 0), 0); /* they gave back what they took */
	jobserver_destroy(j);
}

/* make 4.3 makes the reading end non-blocking for all: ours must never wait before it came, nor after. */
static void test_taking_never_waits(void **state)
{
	struct scratch *s = *state;
	struct jobserver *j = create(s, 1, NULL);
	int64_t begin;
	pid_t pid;

	scratch_put(s, "m", makefile);
	assert_true(jobserver_take(j));
	begin = clock_ms();
	assert_false(jobserver_take(j));
	pid = start_make(s, j, "all");
	assert_false(jobserver_take(j));
	assert_true(clock_ms() - begin < 5000);
	wait_for(&pid, 1);
	assert_false(jobserver_take(j));
	assert_int_equal(most_at_once(s), 1);
	jobserver_put(j);
	jobserver_destroy(j);
}

static void test_what_a_killed_make_kept_comes_back(void **state)
{
	struct scratch *s = *state;
	struct jobserver *j = create(s, 3, NULL);
	struct process_exit x;
	pid_t pid;

	scratch_put(s, "m", "all: 1 2 3\n%:\n\t@echo $@ >>log; sleep 100\n");
	assert_true(jobserver_take(j));
	pid = start_make(s, j, "all");
	while (!fs_exists(scratch_path(s, "log")) || strlen(scratch_text(s, "log")) < 6)
		clock_sleep_ms(5);
	assert_false(jobserver_take(j));
	kill(-pid, SIGKILL);
	assert_int_equal(process_wait_any(&pid, 1, 20000, &x), 0);
	assert_int_equal(x.signal, SIGKILL);
	jobserver_put(j);
	assert_int_equal(jobserver_refill(j, 0), 2);
	assert_int_equal(drain(j), 3);
	jobserver_destroy(j);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_a_pipe_has_as_many_tokens_as_it_was_made_with),
		TEST(test_a_named_pipe_too),
		TEST(test_the_largest_pool_does_not_wait),
		TEST(test_lost_tokens_come_back_and_surplus_ones_go),
		TEST(test_a_named_pipe_goes_with_its_pool_and_so_do_those_that_were_left),
		TEST(test_no_folder_for_the_named_pipe_is_an_error),
		TEST(test_what_makes_are_told),
		TEST(test_the_pool_of_a_make_above_us_is_shared),
		TEST(test_a_joined_pool_survives_us),
		TEST(test_what_is_no_pool_is_not_joined),
		TEST(test_makes_share_the_pool_and_keep_within_it),
		TEST(test_taking_never_waits),
		TEST(test_what_a_killed_make_kept_comes_back),
	};

	return cmocka_run_group_tests_name("jobserver", tests, NULL, NULL);
}
