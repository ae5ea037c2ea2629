/* SPDX-License-Identifier: MIT
 *
 * Child processes, with real programs; and the clock that limits them.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/clock.h"
#include "os/fs.h"
#include "os/lock.h"
#include "os/process.h"
#include "scratch.h"

#define ARGV(...) ((const char *const[]){ __VA_ARGS__, NULL })
#define SH(script) ARGV("sh", "-c", script)

/* Runs to the end; what it said is *out, how it ended *x. */
static void run(struct scratch *s, const struct process_spec *spec, struct strbuf *out,
		struct process_exit *x)
{
	must(process_run(spec, 20000, out, x, &s->err), &s->err);
}

static void assert_says(struct scratch *s, const struct process_spec *spec, const char *want)
{
	AUTO_STRBUF out = STRBUF_INIT;
	struct process_exit x;

	run(s, spec, &out, &x);
	assert_string_equal(out.buf, want);
	assert_int_equal(x.code, 0);
}

static struct process_exit ended(struct scratch *s, const char *script)
{
	struct process_exit x;

	run(s, &(struct process_spec){ .argv = SH(script) }, NULL, &x);
	return x;
}

static pid_t start(struct scratch *s, const char *const *argv)
{
	pid_t pid = process_start(&(struct process_spec){ .argv = argv }, &s->err);

	must(pid > 0, &s->err);
	return pid;
}

static bool is_alive(pid_t pid)
{
	return kill(pid, 0) == 0;
}

/* A process that nobody waits for is gone only when init has reaped it. */
static void assert_goes(pid_t pid)
{
	for (int i = 0; i < 200 && is_alive(pid); i++) {
		char stat[64];
		FILE *f;

		snprintf(stat, sizeof(stat), "/proc/%ld/stat", (long)pid);
		f = fopen(stat, "r");
		if (f) {
			char state = 0;
			bool zombie = fscanf(f, "%*d %*s %c", &state) == 1 && state == 'Z';

			fclose(f);
			if (zombie)
				return;
		}
		clock_sleep_ms(10);
	}
	assert_false(is_alive(pid));
}

/* --- running --- */

static void test_both_outputs_are_caught_in_order(void **state)
{
	assert_says(*state,
		    &(struct process_spec){ .argv = SH("echo out; echo err >&2; echo more") },
		    "out\nerr\nmore\n");
}

static void test_arguments_are_never_split_or_expanded(void **state)
{
	assert_says(
		*state,
		&(struct process_spec){ .argv = ARGV("printf", "%s|", "a b", "*", "$HOME", "") },
		"a b|*|$HOME||");
}

static void test_the_exit_status_is_told(void **state)
{
	assert_int_equal(ended(*state, "exit 7").code, 7);
	assert_int_equal(ended(*state, "exit 7").signal, 0);
}

static void test_a_signal_is_told(void **state)
{
	struct process_exit x = ended(*state, "kill -9 $$");

	assert_int_equal(x.code, -1);
	assert_int_equal(x.signal, SIGKILL);
}

static void test_the_environment_is_what_was_given(void **state)
{
	static const char *const env[] = { "PATH=/usr/bin:/bin", "A=1 2", NULL };

	setenv("LEAK", "yes", 1);
	assert_says(*state, &(struct process_spec){ .argv = ARGV("env"), .env = env },
		    "PATH=/usr/bin:/bin\nA=1 2\n");
	unsetenv("LEAK");
}

static void test_a_program_is_looked_for_on_the_given_path(void **state)
{
	struct scratch *s = *state;
	const char *path = arena_printf(&s->arena, "PATH=%s", s->dir);
	const char *const env[] = { path, NULL };

	scratch_put(s, "only-here", "#!/bin/sh\necho found\n");
	assert_int_equal(chmod(scratch_path(s, "only-here"), 0755), 0);
	assert_says(s, &(struct process_spec){ .argv = ARGV("only-here"), .env = env }, "found\n");
	assert_int_equal(
		process_start(&(struct process_spec){ .argv = ARGV("only-here") }, &s->err), -1);
}

static void test_the_working_folder_is_what_was_given(void **state)
{
	struct scratch *s = *state;

	scratch_mkdir(s, "sub");
	assert_says(
		s,
		&(struct process_spec){ .argv = ARGV("pwd", "-P"), .cwd = scratch_path(s, "sub") },
		arena_printf(&s->arena, "%s\n", scratch_path(s, "sub")));
}

static void test_standard_input_is_empty(void **state)
{
	assert_says(*state, &(struct process_spec){ .argv = SH("cat; echo end") }, "end\n");
}

static void test_the_umask_is_022(void **state)
{
	mode_t old = umask(0);

	assert_says(*state, &(struct process_spec){ .argv = SH("umask") }, "0022\n");
	umask(old);
}

static int wait_for_the_end(void *ctx, int fd)
{
	(void)ctx;
	(void)fd;
	clock_sleep_ms(100000);
	return 0;
}

static void test_files_of_ours_are_not_open_in_a_child(void **state)
{
	struct scratch *s = *state;
	struct process_spec spec = { .argv = SH("ls /dev/fd | wc -l") };
	AUTO_STRBUF before = STRBUF_INIT, after = STRBUF_INIT;
	struct process_exit x;
	struct lock lock;
	bool taken;
	pid_t pid;
	int fd;

	run(s, &spec, &before, &x);
	must(lock_try(&lock, scratch_path(s, "lock"), "test", &taken, &after, &s->err), &s->err);
	pid = process_fork(wait_for_the_end, NULL, &fd, &s->err);
	run(s, &spec, &after, &x);
	assert_string_equal(before.buf, after.buf);
	process_end_group(pid, 1000);
	lock_release(&lock);
	close(fd);
}

static void test_signals_that_we_ignore_work_in_a_child(void **state)
{
	void (*old)(int) = signal(SIGPIPE, SIG_IGN);
	struct process_exit x = ended(*state, "kill -PIPE $$; exit 3");

	signal(SIGPIPE, old);
	assert_int_equal(x.signal, SIGPIPE);
}

static void test_output_over_a_mebibyte_is_dropped_not_waited_for(void **state)
{
	struct scratch *s = *state;
	AUTO_STRBUF out = STRBUF_INIT;
	struct process_exit x;

	run(s, &(struct process_spec){ .argv = SH("head -c 3000000 /dev/zero; exit 4") }, &out, &x);
	assert_int_equal(x.code, 4);
	assert_in_range(out.len, 1 << 20, (1 << 20) + 4096);
}

/* --- not running --- */

static void test_a_missing_program_is_named(void **state)
{
	struct scratch *s = *state;

	assert_int_equal(
		process_start(&(struct process_spec){ .argv = ARGV("no-such-tool") }, &s->err), -1);
	assert_err(&s->err, "cannot run no-such-tool: there is no such program", NULL);
}

static void test_a_file_that_is_no_program_is_an_error(void **state)
{
	struct scratch *s = *state;
	const char *path = scratch_path(s, "data");

	scratch_put(s, "data", "\x01\x02\x03");
	assert_int_equal(chmod(path, 0755), 0);
	assert_int_equal(process_start(&(struct process_spec){ .argv = ARGV(path) }, &s->err), -1);
	assert_err(&s->err, "Exec format error", NULL);
	assert_has(s->err.msg, path);
}

static void test_a_missing_working_folder_is_named(void **state)
{
	struct scratch *s = *state;
	struct process_spec spec = { .argv = ARGV("true"), .cwd = scratch_path(s, "gone") };

	assert_int_equal(process_start(&spec, &s->err), -1);
	assert_err(&s->err, "No such file or directory", NULL);
	assert_has(s->err.msg, spec.cwd);
}

/* --- time --- */

static void test_a_time_limit_ends_the_whole_group(void **state)
{
	struct scratch *s = *state;
	const char *script =
		arena_printf(&s->arena, "sleep 100 & echo $! >%s; wait", scratch_path(s, "pid"));
	int64_t begin = clock_ms();
	struct process_exit x;

	assert_false(
		process_run(&(struct process_spec){ .argv = SH(script) }, 500, NULL, &x, &s->err));
	assert_err(&s->err, "did not end within 500 ms", NULL);
	assert_true(clock_ms() - begin >= 500);
	assert_true(clock_ms() - begin < 20000);
	assert_goes((pid_t)strtol(scratch_text(s, "pid"), NULL, 10));
}

static void test_a_group_that_ignores_sigterm_is_killed(void **state)
{
	struct scratch *s = *state;
	const char *ready = scratch_path(s, "ready");
	pid_t pid = start(
		s,
		SH(arena_printf(&s->arena,
				"exec 2>/dev/null; trap '' TERM; : >%s; while :; do sleep 1; done",
				ready)));

	while (!fs_exists(ready))
		clock_sleep_ms(5);
	process_end_group(pid, 50);
	assert_false(is_alive(pid));
}

static void test_a_group_may_clean_up_before_it_ends(void **state)
{
	struct scratch *s = *state;
	const char *ready = scratch_path(s, "ready"), *clean = scratch_path(s, "clean");
	pid_t pid = start(
		s,
		SH(arena_printf(
			&s->arena,
			"exec 2>/dev/null; trap ': >%s; exit' TERM; : >%s; while :; do sleep 0.05; done",
			clean, ready)));

	while (!fs_exists(ready))
		clock_sleep_ms(5);
	process_end_group(pid, 10000);
	assert_true(fs_exists(clean));
	assert_false(is_alive(pid));
}

static void test_a_member_that_outlives_its_leader_is_killed_too(void **state)
{
	struct scratch *s = *state;
	const char *file = scratch_path(s, "pid");
	pid_t pid = start(
		s, SH(arena_printf(&s->arena,
				   "exec 2>/dev/null; sh -c 'trap \"\" TERM; echo $$ >%s.new; "
				   "mv %s.new %s; while :; do sleep 1; done' & wait",
				   file, file, file)));

	while (!fs_exists(file))
		clock_sleep_ms(5);
	process_end_group(pid, 200);
	assert_goes((pid_t)strtol(scratch_text(s, "pid"), NULL, 10));
}

/* --- waiting --- */

static void test_waiting_gives_the_one_that_ended(void **state)
{
	struct scratch *s = *state;
	pid_t pids[] = { 0, start(s, ARGV("sleep", "100")), start(s, SH("exit 5")), -1 };
	struct process_exit x;

	assert_int_equal(process_wait_any(pids, 4, 20000, &x), 2);
	assert_int_equal(x.code, 5);
	process_end_group(pids[1], 1000);
}

static void test_one_that_ended_long_ago_is_given_at_once(void **state)
{
	struct scratch *s = *state;
	pid_t pid = start(s, ARGV("true"));
	struct process_exit x;

	clock_sleep_ms(200);
	assert_int_equal(process_wait_any(&pid, 1, 0, &x), 0);
	assert_int_equal(x.code, 0);
}

static void test_waiting_has_a_limit(void **state)
{
	struct scratch *s = *state;
	pid_t pid = start(s, ARGV("sleep", "100"));
	int64_t begin = clock_ms();
	struct process_exit x;

	assert_int_equal(process_wait_any(&pid, 1, 100, &x), -1);
	assert_true(clock_ms() - begin >= 100);
	process_end_group(pid, 1000);
}

static void test_waiting_ends_when_a_file_can_be_read(void **state)
{
	struct scratch *s = *state;
	pid_t pid = start(s, ARGV("sleep", "100"));
	int64_t begin = clock_ms();
	struct process_exit x;
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	assert_int_equal(process_wait_any_or(&pid, 1, ends[0], 100, &x), -1);
	assert_true(clock_ms() - begin >= 100);
	assert_int_equal(write(ends[1], "+", 1), 1);
	begin = clock_ms();
	assert_int_equal(process_wait_any_or(&pid, 1, ends[0], 20000, &x), -1);
	assert_true(clock_ms() - begin < 10000);
	process_end_group(pid, 1000);
	close(ends[0]);
	close(ends[1]);
}

static void test_who_ended_comes_before_what_can_be_read(void **state)
{
	struct scratch *s = *state;
	pid_t pid = start(s, SH("exit 3"));
	struct process_exit x;
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], "+", 1), 1);
	clock_sleep_ms(300);
	assert_int_equal(process_wait_any_or(&pid, 1, ends[0], 20000, &x), 0);
	assert_int_equal(x.code, 3);
	close(ends[0]);
	close(ends[1]);
}

static void test_waiting_ends_when_the_terminal_changes(void **state)
{
	struct scratch *s = *state;
	int64_t begin = clock_ms();
	struct process_exit x;
	pid_t pid;

	process_catch_resize();
	pid = start(s, SH("kill -WINCH $PPID; exec sleep 100"));
	assert_int_equal(process_wait_any_or(&pid, 1, -1, 20000, &x), -1);
	assert_true(clock_ms() - begin < 10000);
	assert_false(process_interrupted());
	process_end_group(pid, 1000);
}

static void test_many_groups_end_in_the_time_of_one(void **state)
{
	struct scratch *s = *state;
	const char *ready = scratch_path(s, "ready");
	int64_t begin;
	pid_t pids[6] = { 0, -1 };

	for (size_t i = 2; i < 6; i++)
		pids[i] = start(
			s, SH(arena_printf(&s->arena,
					   "trap '' TERM; echo >>%s; while :; do sleep 1; done "
					   "2>/dev/null",
					   ready)));
	while (!fs_exists(ready) || strlen(scratch_text(s, "ready")) < 4)
		clock_sleep_ms(5);
	begin = clock_ms();
	process_end_groups(pids, 6, 500);
	assert_in_range(clock_ms() - begin, 500, 1900);
	for (size_t i = 2; i < 6; i++)
		assert_false(is_alive(pids[i]));
}

static void test_a_group_whose_leader_was_reaped_ends_too(void **state)
{
	struct scratch *s = *state;
	pid_t pid = start(s, SH(arena_printf(&s->arena, "sleep 100 & echo $! >%s; exit 1",
					     scratch_path(s, "pid"))));
	int64_t begin = clock_ms();
	struct process_exit x;

	assert_int_equal(process_wait_any(&pid, 1, 20000, &x), 0);
	process_end_group(pid, 10000);
	assert_true(clock_ms() - begin < 9000);
	assert_goes((pid_t)strtol(scratch_text(s, "pid"), NULL, 10));
}

/* --- forks and interrupts --- */

static int say_hello(void *ctx, int fd)
{
	return write(fd, ctx, 5) == 5 ? 3 : 4;
}

/* In a process of its own, with every signal blocked as some starters leave them. */
static int wait_with_signals_blocked(void *ctx, int fd)
{
	AUTO_ERR e = ERR_INIT;
	struct process_exit x;
	sigset_t all;
	pid_t pid;

	(void)ctx;
	(void)fd;
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	pid = process_start(&(struct process_spec){ .argv = SH("sleep 0.2; exit 6") }, &e);
	return process_wait_any(&pid, 1, 10000, &x) == 0 && x.code == 6 ? 0 : 1;
}

static void test_blocked_signals_do_not_make_the_waiting_deaf(void **state)
{
	struct scratch *s = *state;
	int64_t begin = clock_ms();
	struct process_exit x;
	int fd;
	pid_t pid = process_fork(wait_with_signals_blocked, NULL, &fd, &s->err);

	must(pid > 0, &s->err);
	assert_int_equal(process_wait_any(&pid, 1, 30000, &x), 0);
	assert_int_equal(x.code, 0);
	assert_true(clock_ms() - begin < 9000);
	close(fd);
}

static void test_a_fork_gives_its_words_and_its_result(void **state)
{
	struct scratch *s = *state;
	char text[16] = "", words[] = "hello";
	struct process_exit x;
	int fd;
	pid_t pid = process_fork(say_hello, words, &fd, &s->err);

	must(pid > 0, &s->err);
	assert_int_equal(process_wait_any(&pid, 1, 20000, &x), 0);
	assert_int_equal(x.code, 3);
	assert_int_equal(read(fd, text, sizeof(text)), 5);
	assert_string_equal(text, "hello");
	assert_int_equal(read(fd, text, sizeof(text)), 0);
	close(fd);
}

/* In a process of its own: the flag is never taken back. */
static int interrupt_while_waiting(void *ctx, int fd)
{
	AUTO_ERR e = ERR_INIT;
	struct process_exit x;
	int result = 0;
	pid_t pid;

	(void)ctx;
	(void)fd;
	process_catch_interrupts();
	if (process_interrupted())
		return 1;
	pid = process_start(&(struct process_spec){ .argv = SH("kill -INT $PPID; sleep 100") }, &e);
	if (process_wait_any(&pid, 1, 20000, &x) != -1 || !process_interrupted())
		result = 2;
	process_end_group(pid, 1000);
	return result;
}

static void test_an_interrupt_ends_the_waiting_not_the_process(void **state)
{
	struct scratch *s = *state;
	struct process_exit x;
	int fd;
	pid_t pid = process_fork(interrupt_while_waiting, NULL, &fd, &s->err);

	must(pid > 0, &s->err);
	assert_int_equal(process_wait_any(&pid, 1, 30000, &x), 0);
	assert_int_equal(x.signal, 0);
	assert_int_equal(x.code, 0);
	close(fd);
}

/* In a process of its own: who interrupts twice does not want to wait. */
static int interrupt_twice(void *ctx, int fd)
{
	int64_t begin = clock_ms();
	AUTO_ERR e = ERR_INIT;
	struct process_exit x;
	pid_t pid;

	(void)fd;
	process_catch_interrupts();
	pid = process_start(
		&(struct process_spec){
			.argv = SH(arena_printf(
				&((struct scratch *)ctx)->arena,
				"trap '' TERM; kill -INT $PPID; while :; do sleep 1; done "
				"2>/dev/null")) },
		&e);
	if (process_wait_any(&pid, 1, 20000, &x) != -1 || process_interrupts() != 1)
		return 1;
	if (!process_wait_end(pid, 0, &x))
		raise(SIGINT);
	if (process_interrupts() != 2)
		return 2;
	process_end_groups(&pid, 1, 60000);
	return clock_ms() - begin < 30000 ? 0 : 3;
}

static void test_a_second_interrupt_ends_the_grace(void **state)
{
	struct scratch *s = *state;
	struct process_exit x;
	int fd;
	pid_t pid = process_fork(interrupt_twice, s, &fd, &s->err);

	must(pid > 0, &s->err);
	assert_int_equal(process_wait_any(&pid, 1, 60000, &x), 0);
	assert_int_equal(x.signal, 0);
	assert_int_equal(x.code, 0);
	close(fd);
}

/* --- finding programs, words, the clock --- */

static void assert_found(const char *name, const char *path, const char *want)
{
	char *found = process_find_program(name, path);

	if (want) {
		assert_non_null(found);
		assert_string_equal(found, want);
	} else {
		assert_null(found);
	}
	free(found);
}

static void test_the_first_program_on_the_path_wins(void **state)
{
	struct scratch *s = *state;
	const char *path = arena_printf(&s->arena, "%s:%s:%s", scratch_path(s, "none"),
					scratch_path(s, "a"), scratch_path(s, "b"));

	scratch_put(s, "a/tool", "");
	scratch_put(s, "b/tool", "");
	assert_int_equal(chmod(scratch_path(s, "a/tool"), 0755), 0);
	assert_int_equal(chmod(scratch_path(s, "b/tool"), 0755), 0);
	assert_found("tool", path, scratch_path(s, "a/tool"));
	assert_int_equal(chmod(scratch_path(s, "a/tool"), 0644), 0);
	assert_found("tool", path, scratch_path(s, "b/tool"));
}

static void test_a_folder_is_no_program(void **state)
{
	struct scratch *s = *state;

	scratch_mkdir(s, "tool");
	assert_found("tool", s->dir, NULL);
	assert_found("tool", "", NULL);
	assert_found("tool", NULL, NULL);
}

static void test_a_name_with_a_slash_is_a_path(void **state)
{
	struct scratch *s = *state;

	assert_found("/bin/sh", "", "/bin/sh");
	assert_found("./sh", "/bin", NULL);
	assert_found(scratch_path(s, "none"), "/bin", NULL);
}

static void test_a_program_of_a_relative_path_is_found_absolute(void **state)
{
	struct scratch *s = *state;

	scratch_put(s, "bin/tool", "");
	assert_int_equal(chmod(scratch_path(s, "bin/tool"), 0755), 0);
	assert_int_equal(chdir(s->dir), 0);
	assert_found("tool", "bin", scratch_path(s, "bin/tool"));
	assert_found("bin/tool", "", scratch_path(s, "bin/tool"));
	assert_int_equal(chdir("/"), 0);
}

static void test_how_it_ended_in_words(void **state)
{
	AUTO_STRBUF out = STRBUF_INIT;

	(void)state;
	process_exit_text(&(struct process_exit){ .code = 2 }, &out);
	assert_string_equal(out.buf, "exit status 2");
	strbuf_reset(&out);
	process_exit_text(&(struct process_exit){ .code = -1, .signal = SIGKILL }, &out);
	assert_string_equal(out.buf, "signal 9 (Killed)");
}

static void test_there_is_a_processor(void **state)
{
	(void)state;
	assert_in_range(process_processors(), 1, sysconf(_SC_NPROCESSORS_ONLN));
}

static void test_sleeping_takes_its_time(void **state)
{
	int64_t begin = clock_ms();

	(void)state;
	clock_sleep_ms(60);
	assert_in_range(clock_ms() - begin, 60, 10000);
}

static void test_files_are_stamped_by_the_file_clock(void **state)
{
	struct scratch *s = *state;
	int64_t before = clock_file_ns();
	struct fs_stat st;

	scratch_put(s, "f", "x");
	assert_true(fs_lstat(scratch_path(s, "f"), &st));
	assert_true(st.ctime_ns >= before);
	assert_true(st.ctime_ns <= clock_file_ns() + 50000000); /* but for the tick */
}

static void test_cpu_time_counts_ended_children(void **state)
{
	int64_t begin = clock_cpu_us();

	ended(*state, "i=0; while [ $i -lt 100000 ]; do i=$((i + 1)); done");
	assert_true(clock_cpu_us() - begin > 10000);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_both_outputs_are_caught_in_order),
		TEST(test_arguments_are_never_split_or_expanded),
		TEST(test_the_exit_status_is_told),
		TEST(test_a_signal_is_told),
		TEST(test_the_environment_is_what_was_given),
		TEST(test_a_program_is_looked_for_on_the_given_path),
		TEST(test_the_working_folder_is_what_was_given),
		TEST(test_standard_input_is_empty),
		TEST(test_the_umask_is_022),
		TEST(test_files_of_ours_are_not_open_in_a_child),
		TEST(test_signals_that_we_ignore_work_in_a_child),
		TEST(test_output_over_a_mebibyte_is_dropped_not_waited_for),
		TEST(test_a_missing_program_is_named),
		TEST(test_a_file_that_is_no_program_is_an_error),
		TEST(test_a_missing_working_folder_is_named),
		TEST(test_a_time_limit_ends_the_whole_group),
		TEST(test_a_group_that_ignores_sigterm_is_killed),
		TEST(test_a_group_may_clean_up_before_it_ends),
		TEST(test_a_member_that_outlives_its_leader_is_killed_too),
		TEST(test_waiting_gives_the_one_that_ended),
		TEST(test_one_that_ended_long_ago_is_given_at_once),
		TEST(test_waiting_has_a_limit),
		TEST(test_waiting_ends_when_a_file_can_be_read),
		TEST(test_who_ended_comes_before_what_can_be_read),
		TEST(test_waiting_ends_when_the_terminal_changes),
		TEST(test_many_groups_end_in_the_time_of_one),
		TEST(test_a_group_whose_leader_was_reaped_ends_too),
		TEST(test_a_second_interrupt_ends_the_grace),
		TEST(test_blocked_signals_do_not_make_the_waiting_deaf),
		TEST(test_a_fork_gives_its_words_and_its_result),
		TEST(test_an_interrupt_ends_the_waiting_not_the_process),
		TEST(test_the_first_program_on_the_path_wins),
		TEST(test_a_folder_is_no_program),
		TEST(test_a_name_with_a_slash_is_a_path),
		TEST(test_a_program_of_a_relative_path_is_found_absolute),
		TEST(test_how_it_ended_in_words),
		TEST(test_there_is_a_processor),
		TEST(test_sleeping_takes_its_time),
		TEST(test_files_are_stamped_by_the_file_clock),
		TEST(test_cpu_time_counts_ended_children),
	};

	return cmocka_run_group_tests_name("process", tests, NULL, NULL);
}
