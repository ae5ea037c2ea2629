/* SPDX-License-Identifier: MIT
 *
 * The tracer, with real programs under a real filter, and the reading of its log. What no ordinary program does is in
 * trace_acts.c.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/vec.h"
#include "os/clock.h"
#include "os/fs.h"
#include "os/lock.h"
#include "os/process.h"
#include "os/trace.h"
#include "scratch.h"
#include "trace_acts.h"

struct trial {
	struct scratch *s;
	struct process_exit x;
	struct trace_log log;
	struct strbuf out;
};

static int setup(void **state)
{
	struct trial *t = xcalloc(1, sizeof(*t));

	t->s = scratch_create();
	t->out = (struct strbuf)STRBUF_INIT;
	*state = t;
	return 0;
}

static int teardown(void **state)
{
	struct trial *t = *state;

	trace_free(&t->log);
	strbuf_free(&t->out);
	scratch_destroy(t->s);
	free(t);
	return 0;
}

/* --- running --- */

static void need_tracer(void)
{
	AUTO_STRBUF why = STRBUF_INIT;

	if (trace_supported(&why))
		return;
	print_message("# nothing can be traced here: %s\n", why.buf);
	strbuf_free(&why); /* skip() jumps away */
	skip();
}

/* The tracer's words before argv; freed by the caller. */
static struct strv words_for(struct trial *t, int hold_fd, const char *const *argv)
{
	struct strv words = { 0 };

	trace_words(&t->s->arena, scratch_path(t->s, "log"), hold_fd, &words);
	for (; *argv; argv++)
		vec_push(&words, *argv);
	vec_push(&words, NULL);
	return words;
}

/* Runs to the end, output in t->out, and reads the log. */
static void trace(struct trial *t, const char *const *argv)
{
	struct strv words;
	struct process_spec spec = { .cwd = t->s->dir };

	need_tracer();
	words = words_for(t, -1, argv);
	spec.argv = words.items;
	strbuf_reset(&t->out);
	must(process_run(&spec, 60000, &t->out, &t->x, &t->s->err), &t->s->err);
	vec_free(&words);
	trace_free(&t->log);
	must(trace_read(&t->log, scratch_path(t->s, "log"), &t->s->err), &t->s->err);
}

#define TRACE(t, ...) trace((t), (const char *const[]){ __VA_ARGS__, NULL })

static void whole(struct trial *t)
{
	if (!t->log.complete)
		fail_msg("the log is not complete: %s; output: %s", t->log.why, t->out.buf);
}

/* A shell script that ends well, whole in the log. */
static void sh(struct trial *t, const char *script)
{
	TRACE(t, "sh", "-c", script);
	if (t->x.code != 0)
		fail_msg("exit status %d: %s", t->x.code, t->out.buf);
	whole(t);
}

static const char *self(struct trial *t)
{
	char *path = fs_realpath("/proc/self/exe");
	const char *copy = arena_strdup(&t->s->arena, path);

	free(path);
	return copy;
}

static void act_any(struct trial *t, const char *name)
{
	TRACE(t, self(t), TRACE_ACT, name);
	if (t->x.code != 0)
		fail_msg("exit status %d, signal %d: %s", t->x.code, t->x.signal, t->out.buf);
}

static void act(struct trial *t, const char *name)
{
	act_any(t, name);
	whole(t);
}

/* --- looking into the log --- */

/* Kinds of a path, in the log's order; by one program, or by any (NULL). */
static const char *kinds(struct trial *t, const char *program, const char *path)
{
	AUTO_STRBUF out = STRBUF_INIT;

	for (size_t i = 0; i < t->log.events.count; i++) {
		const struct trace_event *ev = &t->log.events.items[i];

		if (!strcmp(ev->path, path) && (!program || !strcmp(ev->program, program)))
			strbuf_addch(&out, (char)ev->kind);
	}
	return arena_strdup(&t->s->arena, out.buf);
}

#define KINDS(t, program, name) kinds((t), (program), scratch_path((t)->s, (name)))

/* The same for all paths that end like that. */
static bool any_ends_with(struct trial *t, const char *end)
{
	for (size_t i = 0; i < t->log.events.count; i++) {
		const char *path = t->log.events.items[i].path;

		if (strlen(path) >= strlen(end) && !strcmp(path + strlen(path) - strlen(end), end))
			return true;
	}
	return false;
}

/* --- what is seen --- */

static void test_what_is_read_is_seen(void **state)
{
	struct trial *t = *state;

	scratch_put(t->s, "file", "text");
	TRACE(t, "cat", scratch_path(t->s, "file"), scratch_path(t->s, "absent"));
	whole(t);
	assert_int_equal(t->x.code, 1);
	assert_has(t->out.buf, "text");
	assert_string_equal(KINDS(t, "cat", "file"), "r");
	assert_string_equal(KINDS(t, "cat", "absent"), "r");
	assert_string_equal(KINDS(t, NULL, "never"), "");
}

static void test_relative_paths_are_of_the_folder_that_the_program_works_in(void **state)
{
	struct trial *t = *state;

	scratch_put(t->s, "file", "");
	scratch_mkdir(t->s, "sub");
	sh(t, "cd sub && cat ../file && cd .. && cat ./file file");
	assert_string_equal(KINDS(t, "cat", "sub/../file"), "r");
	assert_string_equal(KINDS(t, "cat", "./file"), "r");
	assert_string_equal(KINDS(t, "cat", "file"), "r");
	assert_string_equal(KINDS(t, NULL, "sub"), "s");
}

static void test_relative_paths_may_be_of_an_open_folder(void **state)
{
	struct trial *t = *state;

	scratch_put(t->s, "sub/inner", "");
	act(t, "openat");
	assert_string_equal(KINDS(t, NULL, "sub"), "s");
	assert_string_equal(KINDS(t, NULL, "sub/inner"), "r");
	assert_string_equal(KINDS(t, NULL, "sub/../after-fchdir"), "s");
}

static void test_links_are_left_to_the_reader(void **state)
{
	struct trial *t = *state;

	scratch_put(t->s, "sub/file", "");
	assert_int_equal(symlink("sub", scratch_path(t->s, "link")), 0);
	sh(t, "cat link/file");
	assert_string_equal(KINDS(t, "cat", "link/file"), "r");
	assert_string_equal(KINDS(t, "cat", "sub/file"), "");
}

static void test_looks_are_seen(void **state)
{
	struct trial *t = *state;

	scratch_put(t->s, "file", "");
	sh(t, "test -e file; test -x absent; stat file >/dev/null; ls -d file absent2; true");
	assert_string_equal(KINDS(t, "stat", "file"), "s");
	assert_string_equal(KINDS(t, NULL, "absent"), "s");
	assert_string_equal(KINDS(t, "ls", "absent2"), "s");
}

static void test_listings_are_seen(void **state)
{
	struct trial *t = *state;

	scratch_put(t->s, "sub/file", "");
	sh(t, "ls sub; cd sub; ls");
	assert_string_equal(KINDS(t, "ls", "sub"), "sl");
	assert_string_equal(KINDS(t, "ls", "sub/file"), "");
}

static void test_writing_is_told_from_reading(void **state)
{
	struct trial *t = *state;

	scratch_put(t->s, "old", "");
	scratch_put(t->s, "both", "");
	sh(t, "echo >new; echo >>old; cat <>both; cat new");
	assert_string_equal(KINDS(t, NULL, "new"), "wr");
	assert_string_equal(KINDS(t, "cat", "new"), "r");
	assert_string_equal(KINDS(t, NULL, "old"), "w");
	assert_string_equal(KINDS(t, NULL, "both"), "rw");
}

static void test_names_that_come_and_go_are_writes(void **state)
{
	struct trial *t = *state;

	scratch_put(t->s, "gone", "");
	scratch_put(t->s, "from", "");
	scratch_mkdir(t->s, "old");
	sh(t,
	   "mkdir new; mkdir -p old; rm gone; rm -f absent; mv from to; ln to hard; ln -s x soft; "
	   "rmdir new");
	assert_string_equal(KINDS(t, "mkdir", "new"), "w");
	assert_string_equal(KINDS(t, "mkdir", "old"), "s");
	assert_has(KINDS(t, "rm", "gone"), "w");
	assert_string_equal(KINDS(t, "rm", "absent"), "s");
	assert_has(KINDS(t, "mv", "from"), "rw");
	assert_has(KINDS(t, "mv", "to"), "w");
	assert_has(KINDS(t, "ln", "to"), "r");
	assert_has(KINDS(t, "ln", "hard"), "w");
	assert_has(KINDS(t, "ln", "soft"), "w");
	assert_string_equal(KINDS(t, "rmdir", "new"), "w");
}

static void test_a_record_is_written_once(void **state)
{
	struct trial *t = *state;

	scratch_put(t->s, "file", "");
	sh(t, "cat file file; cat file; echo >out; echo >out");
	assert_string_equal(KINDS(t, "cat", "file"), "r");
	assert_string_equal(KINDS(t, NULL, "out"), "w");
}

/* --- programs --- */

static const char *base(struct trial *t, const char *path)
{
	char *real = fs_realpath(path);
	const char *copy = arena_strdup(&t->s->arena, strrchr(real, '/') + 1);

	free(real);
	return copy;
}

static void test_programs_and_their_loaders_are_seen(void **state)
{
	struct trial *t = *state;

	sh(t, "/bin/true; exec /bin/true");
	assert_string_equal(kinds(t, "true", "/bin/true"), "x");
	assert_string_equal(kinds(t, "true", "/lib64/ld-linux-x86-64.so.2"), "x");
}

static void test_programs_looked_for_in_vain_are_seen(void **state)
{
	struct trial *t = *state;
	const char *path =
		arena_printf(&t->s->arena, "PATH=%s:/usr/bin:/bin", scratch_path(t->s, "bin"));

	TRACE(t, "env", path, "true");
	whole(t);
	assert_int_equal(t->x.code, 0);
	assert_string_equal(KINDS(t, NULL, "bin/true"), "x");
}

static void test_interpreters_are_seen(void **state)
{
	struct trial *t = *state;
	struct scratch *s = t->s;

	scratch_put(s, "inner", "#! /bin/sh -e\n:\n");
	scratch_put(s, "outer", arena_printf(&s->arena, "#!%s word\n", scratch_path(s, "inner")));
	scratch_put(s, "relative", "#!./inner\n");
	scratch_put(s, "lost", "#!/no/such/interpreter\n");
	sh(t, "chmod 755 inner outer relative lost; ./outer; ./relative; ./lost; true");
	assert_string_equal(KINDS(t, base(t, "/bin/sh"), "./outer"), "x");
	assert_string_equal(KINDS(t, base(t, "/bin/sh"), "inner"), "xr");
	assert_string_equal(KINDS(t, base(t, "/bin/sh"), "./inner"), "xr");
	assert_string_equal(kinds(t, base(t, "/bin/sh"), "/bin/sh"), "x");
	assert_string_equal(kinds(t, NULL, "/no/such/interpreter"), "x");
}

static void test_a_script_without_end_is_followed_as_far_as_the_kernel_does(void **state)
{
	struct trial *t = *state;

	scratch_put(t->s, "loop", arena_printf(&t->s->arena, "#!%s\n", scratch_path(t->s, "loop")));
	assert_int_equal(chmod(scratch_path(t->s, "loop"), 0755), 0);
	TRACE(t, scratch_path(t->s, "loop"));
	whole(t);
	assert_int_equal(t->x.code, 127);
	assert_string_equal(KINDS(t, NULL, "loop"), "x");
}

static void test_a_program_for_another_processor_is_not_followed(void **state)
{
	struct trial *t = *state;
	char elf[64] = "\177ELF\1\1\1";

	elf[18] = 3; /* EM_386 */
	scratch_put_bytes(t->s, "prog", elf, sizeof(elf));
	assert_int_equal(chmod(scratch_path(t->s, "prog"), 0755), 0);
	TRACE(t, scratch_path(t->s, "prog"));
	assert_false(t->log.complete);
	assert_has(t->log.why, "another processor");
}

static void test_the_program_s_name_is_its_file_s(void **state)
{
	struct trial *t = *state;

	sh(t, "cp /bin/cat 'a\tname'; ln -s 'a\tname' link; ./link absent; true");
	assert_string_equal(KINDS(t, "a?name", "./link"), "x");
	assert_string_equal(KINDS(t, "a?name", "absent"), "r");
	TRACE(t, "sh", "-c", "test -e one; exec cat two");
	whole(t);
	assert_string_equal(KINDS(t, base(t, "/bin/sh"), "one"), "s");
	assert_string_equal(KINDS(t, NULL, "one"), "s");
	assert_string_equal(KINDS(t, "cat", "two"), "r");
	assert_string_equal(KINDS(t, NULL, "two"), "r");
}

static void test_a_file_behind_a_descriptor_is_run_and_nothing_else_recorded(void **state)
{
	struct trial *t = *state;

	char *real = fs_realpath("/bin/true");

	act(t, "empty-path");
	assert_string_equal(kinds(t, "true", real), "x");
	assert_string_equal(kinds(t, NULL, t->s->dir), "");
	assert_string_equal(KINDS(t, NULL, ""), "");
	free(real);
}

/* --- traps --- */

static void test_paths_lie_anywhere_in_memory(void **state)
{
	struct trial *t = *state;

	act(t, "memory");
	assert_string_equal(KINDS(t, NULL, "over-the-page"), "s");
	assert_string_equal(KINDS(t, NULL, "at-the-end"), "s");
	assert_true(any_ends_with(t, "//long"));
}

static void test_odd_folders_harm_nobody(void **state)
{
	struct trial *t = *state;

	act(t, "odd-folders");
	assert_string_equal(kinds(t, NULL, "/absolute-anyway"), "s");
	assert_false(any_ends_with(t, "in-a-pipe"));
	assert_false(any_ends_with(t, "not-open"));
}

static void test_each_thread_may_work_elsewhere(void **state)
{
	struct trial *t = *state;

	scratch_put(t->s, "sub/inner", "");
	act(t, "threads");
	assert_string_equal(KINDS(t, NULL, "sub/inner"), "s");
	assert_string_equal(KINDS(t, NULL, "inner"), "s");
}

static void test_signals_lose_nothing(void **state)
{
	struct trial *t = *state;
	char name[32];

	scratch_put(t->s, "file", "");
	act(t, "signals");
	for (int i = 0; i < 3000; i++) {
		snprintf(name, sizeof(name), "absent-%d", i);
		assert_string_equal(KINDS(t, NULL, name), "s");
	}
}

static void test_a_crowd_loses_nothing(void **state)
{
	struct trial *t = *state;
	size_t count = 0;

	act(t, "crowd");
	for (size_t i = 0; i < t->log.events.count; i++)
		count += strstr(t->log.events.items[i].path, "/crowd-") != NULL;
	assert_int_equal(count, 16 * 200);
}

static void test_openat2_is_seen(void **state)
{
	struct trial *t = *state;

	scratch_put(t->s, "file", "");
	act(t, "openat2");
	assert_string_equal(KINDS(t, NULL, "file"), "r");
}

static void test_what_a_filter_cannot_see_is_refused(void **state)
{
	act(*state, "refused");
}

static void test_what_makes_no_other_paths_is_allowed(void **state)
{
	act(*state, "harmless-namespace");
}

static void untraceable(struct trial *t, const char *name, const char *why)
{
	act_any(t, name);
	assert_false(t->log.complete);
	assert_non_null(t->log.why);
	assert_has(t->log.why, why);
}

static void test_other_kinds_of_calls_are_untraceable(void **state)
{
#ifdef __x86_64__
	untraceable(*state, "i386", "32-bit");
	untraceable(*state, "x32", "x32");
#else
	(void)state;
	skip();
#endif
}

static void test_other_roots_are_untraceable(void **state)
{
	struct trial *t = *state;

	scratch_put(t->s, "file", "");
	scratch_mkdir(t->s, "sub");
	untraceable(t, "chroot", "root folder");
	untraceable(t, "mount-namespace", "mount namespace");
	untraceable(t, "clone-mount-namespace", "mount namespace");
	untraceable(t, "in-root", "root folder");
}

static void test_a_program_that_may_not_be_looked_at_is_untraceable(void **state)
{
	struct trial *t = *state;
	/* Root may look at everything, unless it gives that up. */
	static const char *const modest[] = { "setpriv", "--inh-caps=-sys_ptrace",
					      "--bounding-set=-sys_ptrace" };
	const char *const argv[] = { self(t), TRACE_ACT, "closed", NULL };
	struct process_spec spec = { .cwd = t->s->dir };
	struct strv words, all = { 0 };

	need_tracer();
	words = words_for(t, -1, argv);
	for (size_t i = 0; getuid() == 0 && i < ARRAY_SIZE(modest); i++)
		vec_push(&all, modest[i]);
	for (size_t i = 0; i < words.count; i++)
		vec_push(&all, words.items[i]);
	spec.argv = all.items;
	must(process_run(&spec, 60000, &t->out, &t->x, &t->s->err), &t->s->err);
	vec_free(&words);
	vec_free(&all);
	assert_int_equal(t->x.code, 0);
	must(trace_read(&t->log, scratch_path(t->s, "log"), &t->s->err), &t->s->err);
	assert_false(t->log.complete);
	assert_has(t->log.why, "be looked at");
}

/* --- how it ends --- */

static void test_the_build_s_end_is_the_tracer_s(void **state)
{
	struct trial *t = *state;

	TRACE(t, "sh", "-c", "exit 7");
	assert_int_equal(t->x.code, 7);
	assert_true(t->log.complete);
	TRACE(t, "sh", "-c", "kill -9 $$");
	assert_int_equal(t->x.signal, SIGKILL);
	assert_true(t->log.complete);
	TRACE(t, "no-such-program");
	assert_int_equal(t->x.code, 127);
	assert_string_equal(
		t->out.buf,
		"mpflash-trace: cannot run no-such-program: No such file or directory\n");
}

static void test_the_log_is_complete_when_the_last_process_has_ended(void **state)
{
	struct trial *t = *state;

	sh(t, "exec >/dev/null 2>&1; (sleep 0.4; cat late) & exit 0");
	assert_string_equal(KINDS(t, "cat", "late"), "r");
	sh(t, "exec >/dev/null 2>&1; (setsid sh -c 'sleep 0.4; cat later' &) & exit 0");
	assert_string_equal(KINDS(t, "cat", "later"), "r");
}

static pid_t start(struct trial *t, int hold_fd, const char *script)
{
	const int keep[] = { hold_fd, -1 };
	struct strv words =
		words_for(t, hold_fd, (const char *const[]){ "sh", "-c", script, NULL });
	pid_t pid = process_start(
		&(struct process_spec){ .argv = words.items, .cwd = t->s->dir, .keep_fds = keep },
		&t->s->err);

	vec_free(&words);
	must(pid > 0, &t->s->err);
	return pid;
}

static void wait_for(const char *path)
{
	for (int i = 0; i < 2000 && !fs_exists(path); i++)
		clock_sleep_ms(5);
	assert_true(fs_exists(path));
}

static void wait_end(pid_t pid)
{
	struct process_exit x;

	process_wait_end(pid, process_interrupts(), &x);
}

/* A process is gone, or waits for init to reap it. */
static bool is_gone(pid_t pid)
{
	char path[64], state = 0;
	FILE *f;

	if (kill(pid, 0) < 0)
		return true;
	snprintf(path, sizeof(path), "/proc/%ld/stat", (long)pid);
	f = fopen(path, "r");
	if (!f)
		return true;
	if (fscanf(f, "%*d %*s %c", &state) != 1)
		state = 'Z';
	fclose(f);
	return state == 'Z';
}

static void assert_gone_within(pid_t pid, int ms)
{
	int64_t limit = clock_ms() + ms;

	while (!is_gone(pid) && clock_ms() < limit)
		clock_sleep_ms(5);
	assert_true(is_gone(pid));
}

static pid_t pid_in(struct trial *t, const char *name)
{
	return (pid_t)strtol(scratch_text(t->s, name), NULL, 10);
}

/* A build with a process in another session; "ready" when both run. */
static const char two_sessions[] =
	"exec >/dev/null 2>&1; setsid sh -c 'echo $$ >far; exec sleep 100' & "
	"while ! test -s far; do sleep 0.01; done; "
	"echo $$ >near; : >ready; wait";

static void test_a_build_that_is_told_to_end_leaves_nothing_behind(void **state)
{
	struct trial *t = *state;
	int64_t begin;
	pid_t pid;

	need_tracer();
	pid = start(t, -1, two_sessions);
	wait_for(scratch_path(t->s, "ready"));
	begin = clock_ms();
	process_end_group(pid, 20000);
	assert_true(clock_ms() - begin < 1900);
	assert_gone_within(pid_in(t, "far"), 0);
	must(trace_read(&t->log, scratch_path(t->s, "log"), &t->s->err), &t->s->err);
	assert_false(t->log.complete);
	assert_has(t->log.why, "told to end");
}

static void test_a_build_that_will_not_end_is_killed(void **state)
{
	struct trial *t = *state;
	int64_t begin;
	pid_t pid;

	need_tracer();
	pid = start(t, -1, "trap '' TERM; : >ready; while :; do sleep 0.1; done");
	wait_for(scratch_path(t->s, "ready"));
	begin = clock_ms();
	process_end_group(pid, 20000);
	assert_in_range(clock_ms() - begin, 1900, 8000);
	must(trace_read(&t->log, scratch_path(t->s, "log"), &t->s->err), &t->s->err);
	assert_false(t->log.complete);
}

/* In a process of its own, which is killed. */
static int start_and_wait(void *ctx, int fd)
{
	(void)fd;
	start(ctx, -1, two_sessions);
	for (;;)
		clock_sleep_ms(1000);
	return 0;
}

static void test_all_is_killed_when_we_are(void **state)
{
	struct trial *t = *state;
	pid_t pid;
	int fd;

	need_tracer();
	pid = process_fork(start_and_wait, t, &fd, &t->s->err);
	must(pid > 0, &t->s->err);
	wait_for(scratch_path(t->s, "ready"));
	kill(pid, SIGKILL);
	wait_end(pid);
	assert_gone_within(pid_in(t, "near"), 1000);
	assert_gone_within(pid_in(t, "far"), 1000);
	close(fd);
}

static void test_the_build_dies_with_its_tracer(void **state)
{
	struct trial *t = *state;
	pid_t pid;

	need_tracer();
	pid = start(t, -1,
		    "exec >/dev/null 2>&1; echo $$ >near; : >ready; while :; do sleep 0.1; done");
	wait_for(scratch_path(t->s, "ready"));
	kill(pid, SIGKILL);
	wait_end(pid);
	assert_gone_within(pid_in(t, "near"), 1000);
	must(trace_read(&t->log, scratch_path(t->s, "log"), &t->s->err), &t->s->err);
	assert_false(t->log.complete);
}

static void test_a_held_file_is_the_tracer_s_alone_and_until_the_end(void **state)
{
	struct trial *t = *state;
	AUTO_STRBUF holder = STRBUF_INIT;
	const char *path = scratch_path(t->s, "lock");
	struct lock lock;
	bool taken;
	pid_t pid;

	need_tracer();
	must(lock_try(&lock, path, "test", &taken, &holder, &t->s->err), &t->s->err);
	pid = start(
		t, lock.fd,
		"ls -l /proc/self/fd >fds; (while ! test -e go; do sleep 0.01; done) & : >ready");
	lock_release(&lock);
	wait_for(scratch_path(t->s, "ready"));
	assert_lacks(scratch_text(t->s, "fds"), path);
	must(lock_try(&lock, path, "test", &taken, &holder, &t->s->err), &t->s->err);
	assert_false(taken);
	scratch_put(t->s, "go", "");
	wait_end(pid);
	must(lock_try(&lock, path, "test", &taken, &holder, &t->s->err), &t->s->err);
	assert_true(taken);
	lock_release(&lock);
}

static void test_other_open_files_are_passed_on(void **state)
{
	struct trial *t = *state;
	int ends[2], keep[2] = { -1, -1 };
	struct process_spec spec = { .cwd = t->s->dir, .keep_fds = keep };
	struct process_exit x;
	struct strv words;
	char text[8] = "";

	need_tracer();
	assert_int_equal(pipe(ends), 0);
	keep[0] = ends[1];
	words = words_for(
		t, -1,
		(const char *const[]){
			"sh", "-c", arena_printf(&t->s->arena, "echo token >&%d", ends[1]), NULL });
	spec.argv = words.items;
	must(process_run(&spec, 20000, &t->out, &x, &t->s->err), &t->s->err);
	vec_free(&words);
	close(ends[1]);
	assert_int_equal(read(ends[0], text, sizeof(text) - 1), 6);
	assert_string_equal(text, "token\n");
	close(ends[0]);
}

/* --- the program's own words --- */

/* Runs the tracer's program with other words than those of trace_words. */
static void helper(struct trial *t, int want, const char *const *argv)
{
	struct process_spec spec = { .cwd = t->s->dir };
	struct strv words = { 0 }, all = { 0 };

	need_tracer();
	trace_words(&t->s->arena, "log", -1, &words);
	vec_push(&all, words.items[0]);
	for (; *argv; argv++)
		vec_push(&all, *argv);
	vec_push(&all, NULL);
	spec.argv = all.items;
	strbuf_reset(&t->out);
	must(process_run(&spec, 20000, &t->out, &t->x, &t->s->err), &t->s->err);
	vec_free(&words);
	vec_free(&all);
	assert_int_equal(t->x.code, want);
}

#define HELPER(t, want, ...) helper((t), (want), (const char *const[]){ __VA_ARGS__, NULL })

static void test_wrong_words_run_nothing(void **state)
{
	struct trial *t = *state;

	HELPER(t, 2, "log");
	HELPER(t, 2, "log", "--");
	HELPER(t, 2, "log", "touch", "ran");
	HELPER(t, 2, "--hold", "x", "log", "--", "touch", "ran");
	HELPER(t, 2, "--hold", "2", "log", "--", "touch", "ran");
	assert_has(t->out.buf, "usage: ");
	HELPER(t, 125, "--hold", "77", "log", "--", "touch", "ran");
	HELPER(t, 125, "no/such/folder/log", "--", "touch", "ran");
	assert_has(t->out.buf, "no/such/folder/log: No such file or directory");
	assert_string_equal(scratch_list(t->s, "."), "");
}

static void test_a_log_is_printed_a_record_a_line(void **state)
{
	struct trial *t = *state;

	HELPER(t, 0, "log", "--", "cat", "/dev/null");
	HELPER(t, 0, "--print", "log");
	assert_has(t->out.buf, "mpflash-trace 1\n");
	assert_has(t->out.buf, "\nrcat\t/dev/null\n");
	assert_has(t->out.buf, "\nE0\n");
	HELPER(t, 125, "--print", "none");
}

/* A full disk: the build goes on, and its log is not complete. */
static void test_a_log_that_cannot_be_written_does_not_stop_the_build(void **state)
{
	struct trial *t = *state;

	HELPER(t, 3, "/dev/full", "--", "sh", "-c", "cat /dev/null; exit 3");
}

/* --- whether it can be --- */

static void test_a_build_in_a_build_cannot_be_traced_and_says_why(void **state)
{
	struct trial *t = *state;

	TRACE(t, self(t), "--supported");
	assert_string_equal(t->out.buf, "something else traces this process already\n");
	assert_int_equal(t->x.code, 1);
	assert_true(t->log.complete);
}

static void test_a_missing_tracer_is_named(void **state)
{
	struct trial *t = *state;
	const char *was = getenv("MPFLASH_TRACE");
	AUTO_STRBUF why = STRBUF_INIT;
	char *copy = was ? xstrdup(was) : NULL;

	setenv("MPFLASH_TRACE", scratch_path(t->s, "none"), 1);
	assert_false(trace_supported(&why));
	assert_has(why.buf, "none");
	assert_false(trace_supported(NULL));
	unsetenv("MPFLASH_TRACE");
	strbuf_reset(&why);
	assert_false(trace_supported(&why)); /* this test has none beside it */
	assert_has(why.buf, "no mpflash-trace");
	if (copy)
		setenv("MPFLASH_TRACE", copy, 1);
	free(copy);
}

/* --- the log --- */

#define HEADER "mpflash-trace 1\0"

static void read_text(struct trial *t, const char *text, size_t size)
{
	scratch_put_bytes(t->s, "log", text, size);
	trace_free(&t->log);
	must(trace_read(&t->log, scratch_path(t->s, "log"), &t->s->err), &t->s->err);
}

#define READ(t, text) read_text((t), text, sizeof(text) - 1)

static void test_a_log_is_read(void **state)
{
	struct trial *t = *state;

	READ(t, HEADER "rcc1\t/a b\nc\0xmake\t/bin/make\0wld\t/o\ttab\0E0\0");
	whole(t);
	assert_int_equal(t->log.events.count, 3);
	assert_int_equal(t->log.events.items[0].kind, TRACE_READ);
	assert_string_equal(t->log.events.items[0].program, "cc1");
	assert_string_equal(t->log.events.items[0].path, "/a b\nc");
	assert_int_equal(t->log.events.items[1].kind, TRACE_EXEC);
	assert_string_equal(t->log.events.items[2].path, "/o\ttab");
	READ(t, HEADER "E-9\0");
	whole(t);
	assert_int_equal(t->log.events.count, 0);
}

static void test_a_log_without_an_end_is_not_complete(void **state)
{
	struct trial *t = *state;

	READ(t, HEADER);
	assert_string_equal(t->log.why, "its log has no end");
	READ(t, HEADER "rcc1\t/a\0");
	assert_string_equal(t->log.why, "its log has no end");
	assert_int_equal(t->log.events.count, 1);
	READ(t, HEADER "rcc1\t/a\0E0");
	assert_string_equal(t->log.why, "its log has no end");
	assert_false(t->log.complete);
}

static void test_a_damaged_log_is_not_complete(void **state)
{
	static const struct {
		const char *text;
		size_t size;
	} logs[] = {
#define LOG(text) { text, sizeof(text) - 1 }
		LOG("mpflash-trace 2\0E0\0"),
		LOG("mpflash-trace 1"),
		LOG("E0\0"),
		LOG(HEADER "E0\0E0\0"),
		LOG(HEADER "E0\0x"),
		LOG(HEADER "E\0"),
		LOG(HEADER "E-\0"),
		LOG(HEADER "E0x\0"),
		LOG(HEADER "\0E0\0"),
		LOG(HEADER "rcc1\0E0\0"),
		LOG(HEADER "rcc1\t\0E0\0"),
		LOG(HEADER "rcc1\ta\0E0\0"),
		LOG(HEADER "qcc1\t/a\0E0\0"),
		LOG(HEADER "X\0E0\0"),
#undef LOG
	};
	struct trial *t = *state;

	for (size_t i = 0; i < ARRAY_SIZE(logs); i++) {
		read_text(t, logs[i].text, logs[i].size);
		assert_false(t->log.complete);
		assert_string_equal(t->log.why, "its log is damaged");
	}
	READ(t, "");
	assert_string_equal(t->log.why, "its log is empty");
}

static void test_what_was_untraceable_is_said(void **state)
{
	struct trial *t = *state;

	READ(t, HEADER "Xa 32-bit program ran\0rcc1\t/a\0Xanother\0E0\0");
	assert_false(t->log.complete);
	assert_string_equal(t->log.why, "a 32-bit program ran");
	assert_int_equal(t->log.events.count, 1);
	trace_free(&t->log);
	assert_false(trace_read(&t->log, scratch_path(t->s, "none"), &t->s->err));
	assert_err(&t->s->err, "none", NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

static int print_supported(void)
{
	AUTO_STRBUF why = STRBUF_INIT;
	bool yes = trace_supported(&why);

	puts(why.buf);
	return yes ? 0 : 1;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(test_what_is_read_is_seen),
		TEST(test_relative_paths_are_of_the_folder_that_the_program_works_in),
		TEST(test_relative_paths_may_be_of_an_open_folder),
		TEST(test_links_are_left_to_the_reader),
		TEST(test_looks_are_seen),
		TEST(test_listings_are_seen),
		TEST(test_writing_is_told_from_reading),
		TEST(test_names_that_come_and_go_are_writes),
		TEST(test_a_record_is_written_once),
		TEST(test_programs_and_their_loaders_are_seen),
		TEST(test_programs_looked_for_in_vain_are_seen),
		TEST(test_interpreters_are_seen),
		TEST(test_a_script_without_end_is_followed_as_far_as_the_kernel_does),
		TEST(test_a_program_for_another_processor_is_not_followed),
		TEST(test_the_program_s_name_is_its_file_s),
		TEST(test_a_file_behind_a_descriptor_is_run_and_nothing_else_recorded),
		TEST(test_paths_lie_anywhere_in_memory),
		TEST(test_odd_folders_harm_nobody),
		TEST(test_each_thread_may_work_elsewhere),
		TEST(test_signals_lose_nothing),
		TEST(test_a_crowd_loses_nothing),
		TEST(test_openat2_is_seen),
		TEST(test_what_a_filter_cannot_see_is_refused),
		TEST(test_what_makes_no_other_paths_is_allowed),
		TEST(test_other_kinds_of_calls_are_untraceable),
		TEST(test_other_roots_are_untraceable),
		TEST(test_a_program_that_may_not_be_looked_at_is_untraceable),
		TEST(test_the_build_s_end_is_the_tracer_s),
		TEST(test_the_log_is_complete_when_the_last_process_has_ended),
		TEST(test_a_build_that_is_told_to_end_leaves_nothing_behind),
		TEST(test_a_build_that_will_not_end_is_killed),
		TEST(test_all_is_killed_when_we_are),
		TEST(test_the_build_dies_with_its_tracer),
		TEST(test_a_held_file_is_the_tracer_s_alone_and_until_the_end),
		TEST(test_other_open_files_are_passed_on),
		TEST(test_wrong_words_run_nothing),
		TEST(test_a_log_is_printed_a_record_a_line),
		TEST(test_a_log_that_cannot_be_written_does_not_stop_the_build),
		TEST(test_a_build_in_a_build_cannot_be_traced_and_says_why),
		TEST(test_a_missing_tracer_is_named),
		TEST(test_a_log_is_read),
		TEST(test_a_log_without_an_end_is_not_complete),
		TEST(test_a_damaged_log_is_not_complete),
		TEST(test_what_was_untraceable_is_said),
	};

	if (argc == 3 && !strcmp(argv[1], TRACE_ACT))
		return trace_act(argv[2]);
	if (argc == 2 && !strcmp(argv[1], "--supported"))
		return print_supported();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
