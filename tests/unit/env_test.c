/* SPDX-License-Identifier: MIT
 *
 * What a build step runs with: its environment, its tools, its work folder.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/xalloc.h"
#include "build/builder.h"
#include "build/env.h"
#include "build/tools.h"
#include "build/workdir.h"
#include "cache/statcache.h"
#include "cache/store.h"
#include "os/fs.h"
#include "os/process.h"
#include "scratch.h"

extern char **environ;

/* --- the environment --- */

/* The exact environment, one variable a line. */
static const char *exact(struct scratch *s, const char *const *extra, size_t count)
{
	struct strv more = { 0 }, env = { 0 };
	AUTO_STRBUF out = STRBUF_INIT;

	for (size_t i = 0; i < count; i++)
		vec_push(&more, extra[i]);
	env_exact(&s->arena, &more, &env);
	for (size_t i = 0; i < env.count; i++)
		strbuf_addf(&out, "%s\n", env.items[i]);
	vec_free(&env);
	vec_free(&more);
	return arena_strdup(&s->arena, out.buf);
}

#define EXTRA(...) \
	(const char *const[]){ __VA_ARGS__ }, ARRAY_SIZE(((const char *const[]){ __VA_ARGS__ }))

/* Runs fn with no variable but PATH and HOME, and puts all of them back. */
static void with_small_environment(void (*fn)(struct scratch *s), struct scratch *s)
{
	static char path[] = "PATH=/bin:/usr/bin", home[] = "HOME=/home/x";
	static char *small[20];
	char **old = environ;

	memset((void *)small, 0, sizeof(small));
	small[0] = path;
	small[1] = home;
	environ = small;
	fn(s);
	environ = old;
}

/* A test that failed in between has left its own. */
static int setup(void **state)
{
	static char **real;

	if (!real)
		real = environ;
	environ = real;
	return scratch_setup(state);
}

static void nothing_else(struct scratch *s)
{
	assert_string_equal(exact(s, NULL, 0),
			    "CCACHE_DISABLE=1\nHOME=/home/x\nLC_ALL=C\nPATH=/bin:/usr/bin\n"
			    "PYTHONDONTWRITEBYTECODE=1\nPYTHONHASHSEED=0\nTZ=UTC\n");
}

static void test_it_has_path_home_and_constants(void **state)
{
	with_small_environment(nothing_else, *state);
}

static void without_home(struct scratch *s)
{
	environ[1] = NULL;
	assert_string_equal(exact(s, NULL, 0),
			    "CCACHE_DISABLE=1\nLC_ALL=C\nPATH=/bin:/usr/bin\n"
			    "PYTHONDONTWRITEBYTECODE=1\nPYTHONHASHSEED=0\nTZ=UTC\n");
}

static void test_a_variable_that_the_caller_lacks_is_left_out(void **state)
{
	with_small_environment(without_home, *state);
}

static void test_nothing_of_the_caller_leaks_in(void **state)
{
	static const char *const leaks[] = {
		"CFLAGS_EXTRA", "CROSS_COMPILE", "MAKEFLAGS",     "C_INCLUDE_PATH", "GIT_DIR",
		"PYTHONPATH",   "CCACHE_DIR",    "PICO_SDK_PATH", "LD_PRELOAD_NOT", "LC_MESSAGES",
	};

	for (size_t i = 0; i < ARRAY_SIZE(leaks); i++) {
		setenv(leaks[i], "leaked-value", 1);
		assert_lacks(exact(*state, NULL, 0), "leaked-value");
		unsetenv(leaks[i]);
	}
}

/* Two terminals whose PATHs differ only in what finds no program build the same. */
static void with_odd_path(struct scratch *s)
{
	static char path[] = "PATH=/nowhere:/bin::relative:/usr/bin:/bin";

	environ[0] = path;
	assert_has(exact(s, NULL, 0), "PATH=/bin:/usr/bin\n");
}

static void test_path_lacks_folders_that_find_nothing(void **state)
{
	with_small_environment(with_odd_path, *state);
}

static void with_extra(struct scratch *s)
{
	assert_string_equal(exact(s, EXTRA("ZZ=1", "A=x y")),
			    "A=x y\nCCACHE_DISABLE=1\nHOME=/home/x\nLC_ALL=C\nPATH=/bin:/usr/bin\n"
			    "PYTHONDONTWRITEBYTECODE=1\nPYTHONHASHSEED=0\nTZ=UTC\nZZ=1\n");
}

static void test_more_variables_are_sorted_in(void **state)
{
	with_small_environment(with_extra, *state);
}

static void with_replacement(struct scratch *s)
{
	assert_string_equal(exact(s, EXTRA("PATH=/opt/sdk/bin", "TZ=CET", "TZ=EST")),
			    "CCACHE_DISABLE=1\nHOME=/home/x\nLC_ALL=C\nPATH=/opt/sdk/bin\n"
			    "PYTHONDONTWRITEBYTECODE=1\nPYTHONHASHSEED=0\nTZ=EST\n");
}

static void test_a_variable_given_again_replaces_the_earlier_one(void **state)
{
	with_small_environment(with_replacement, *state);
}

/* The names of the variables that are dropped, in the order of the environment. */
static const char *dropped(struct scratch *s)
{
	struct strv names = { 0 };
	AUTO_STRBUF out = STRBUF_INIT;

	env_dropped(&names);
	for (size_t i = 0; i < names.count; i++)
		strbuf_addf(&out, "%.*s ", (int)strcspn(names.items[i], "="), names.items[i]);
	vec_free(&names);
	return arena_strdup(&s->arena, out.buf);
}

static void make_variables(struct scratch *s)
{
	static char a[] = "CFLAGS_EXTRA=-O3", b[] = "BOARD=PYBV11", c[] = "MICROPY_PY_BTREE=0";
	static char d[] = "FROZEN_MANIFEST=x.py", e[] = "USER_C_MODULES=m",
		    f[] = "CROSS_COMPILE=arm-";

	assert_string_equal(dropped(s), "");
	environ[2] = a;
	environ[3] = b;
	environ[4] = c;
	environ[5] = d;
	environ[6] = e;
	environ[7] = f;
	assert_string_equal(dropped(s), "CFLAGS_EXTRA BOARD MICROPY_PY_BTREE FROZEN_MANIFEST "
					"USER_C_MODULES CROSS_COMPILE ");
}

static void test_variables_that_makefiles_read_are_named(void **state)
{
	with_small_environment(make_variables, *state);
}

static void other_variables(struct scratch *s)
{
	static char a[] = "MICROPY_DIR=/tree", b[] = "BOARDS=x", c[] = "MY_CFLAGS=x",
		    d[] = "CCACHE_DIR=x";

	environ[2] = a;
	environ[3] = b;
	environ[4] = c;
	environ[5] = d;
	assert_string_equal(dropped(s), "");
}

static void test_our_own_variable_and_others_are_not(void **state)
{
	with_small_environment(other_variables, *state);
}

/* --- tools --- */

struct found {
	struct store *store;
	struct statcache *stats;
	struct tools tools;
};

static struct found find(struct scratch *s, const char *path, const char *const *names,
			 size_t count)
{
	struct found f = { .store = store_open(scratch_path(s, "store"), false, &s->err) };
	struct strv list = { (const char **)names, count, count };

	must(f.store != NULL, &s->err);
	f.stats = statcache_open(f.store, "x", &s->err);
	must(f.stats != NULL, &s->err);
	must(tools_find(&list, path, f.stats, &s->arena, &f.tools, &s->err), &s->err);
	return f;
}

static void found_free(struct scratch *s, struct found *f)
{
	vec_free(&f->tools);
	must(statcache_close(f->stats, false, &s->err), &s->err);
	store_close(f->store);
}

static void put_tool(struct scratch *s, const char *name, const char *text)
{
	scratch_put(s, name, text);
	assert_int_equal(chmod(scratch_path(s, name), 0755), 0);
}

static void test_tools_are_found_in_the_order_asked(void **state)
{
	static const char *const names[] = { "b-gcc", "none", "a-gcc" };
	struct scratch *s = *state;
	struct found f;

	put_tool(s, "bin/a-gcc", "a");
	put_tool(s, "bin/b-gcc", "b");
	f = find(s, scratch_path(s, "bin"), names, 3);
	assert_int_equal(f.tools.count, 3);
	assert_string_equal(f.tools.items[0].name, "b-gcc");
	assert_string_equal(f.tools.items[0].path, scratch_path(s, "bin/b-gcc"));
	assert_null(f.tools.items[1].path);
	assert_true(digest_is_zero(&f.tools.items[1].digest));
	assert_string_equal(f.tools.items[2].path, scratch_path(s, "bin/a-gcc"));
	found_free(s, &f);
}

static void test_a_tool_behind_links_is_the_file_at_their_end(void **state)
{
	static const char *const names[] = { "cc" };
	struct scratch *s = *state;
	struct found f;

	put_tool(s, "opt/gcc-12", "x");
	scratch_mkdir(s, "bin");
	assert_int_equal(symlink("../opt/gcc-12", scratch_path(s, "bin/gcc")), 0);
	assert_int_equal(symlink("gcc", scratch_path(s, "bin/cc")), 0);
	f = find(s, scratch_path(s, "bin"), names, 1);
	assert_string_equal(f.tools.items[0].path, scratch_path(s, "opt/gcc-12"));
	found_free(s, &f);
}

static void test_another_program_in_its_place_is_another_tool(void **state)
{
	static const char *const names[] = { "gcc" };
	struct scratch *s = *state;
	struct digest before;
	struct found f;

	put_tool(s, "bin/gcc", "version 12");
	f = find(s, scratch_path(s, "bin"), names, 1);
	before = f.tools.items[0].digest;
	found_free(s, &f);
	assert_false(digest_is_zero(&before));
	put_tool(s, "bin/gcc", "version 13");
	f = find(s, scratch_path(s, "bin"), names, 1);
	assert_false(digest_equal(&before, &f.tools.items[0].digest));
	found_free(s, &f);
}

/* --- work folders --- */

static void test_make_takes_plain_paths_only(void **state)
{
	static const char *const bad[] = { "/a b", "/a$b", "/a:b",      "/a#b",
					   "/a'b", "/a%b", "/a\xc3\xa4" };

	(void)state;
	assert_true(workdir_is_plain("/home/x-1/.cache/mpflash/work/a_b+c@d,e"));
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_false(workdir_is_plain(bad[i]));
}

static void test_work_is_below_the_cache(void **state)
{
	AUTO_STRBUF out = STRBUF_INIT;

	(void)state;
	workdir_root("/home/x/.cache/mpflash", &out);
	assert_string_equal(out.buf, "/home/x/.cache/mpflash/work");
}

static void test_a_cache_that_make_cannot_take_works_elsewhere(void **state)
{
	AUTO_STRBUF one = STRBUF_INIT, again = STRBUF_INIT, other = STRBUF_INIT;

	(void)state;
	workdir_root("/home/my name/cache", &one);
	workdir_root("/home/my name/cache", &again);
	workdir_root("/home/my names/cache", &other);
	assert_true(workdir_is_plain(one.buf));
	assert_string_equal(one.buf, again.buf);
	assert_string_not_equal(one.buf, other.buf);
}

static void test_a_work_folder_made_anew_is_empty(void **state)
{
	struct scratch *s = *state;

	must(workdir_reset(scratch_path(s, "work/a"), &s->err), &s->err);
	scratch_put(s, "work/a/genhdr/x", "");
	must(workdir_reset(scratch_path(s, "work/a"), &s->err), &s->err);
	assert_string_equal(scratch_list(s, "work"), "a/ ");
}

/* --- builders --- */

static void test_builders_are_sorted_and_found_by_name(void **state)
{
	(void)state;
	for (size_t i = 0; builders[i]; i++) {
		assert_ptr_equal(builder_by_name(builders[i]->name), builders[i]);
		assert_true(i == 0 || strcmp(builders[i - 1]->name, builders[i]->name) < 0);
	}
	assert_non_null(builder_by_name("host"));
	assert_null(builder_by_name("moon"));
}

static void test_the_host_builder_writes_the_log(void **state)
{
	static const char *const argv[] = { "sh", "-c", "echo $A; pwd; echo bad >&2; exit 2",
					    NULL };
	static const char *const env[] = { "A=text", "PATH=/usr/bin:/bin", NULL };
	struct scratch *s = *state;
	struct build_job job = { .cwd = s->dir, .argv = argv, .env = env };
	struct process_exit x;
	pid_t pid;

	scratch_put(s, "log", "an older and much longer log than the new one will be, surely");
	job.log_path = scratch_path(s, "log");
	pid = builder_by_name("host")->start(&job, &s->err);
	must(pid > 0, &s->err);
	assert_int_equal(process_wait_any(&pid, 1, 20000, &x), 0);
	assert_int_equal(x.code, 2);
	assert_string_equal(scratch_text(s, "log"),
			    arena_printf(&s->arena, "text\n%s\nbad\n", s->dir));
}

static void test_a_log_that_cannot_be_written_is_an_error(void **state)
{
	static const char *const argv[] = { "true", NULL };
	struct scratch *s = *state;
	struct build_job job = { .cwd = s->dir, .argv = argv };

	job.log_path = scratch_path(s, "none/log");
	assert_int_equal(builder_by_name("host")->start(&job, &s->err), -1);
	assert_err(&s->err, "cannot write the log", NULL);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, scratch_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_it_has_path_home_and_constants),
		TEST(test_a_variable_that_the_caller_lacks_is_left_out),
		TEST(test_path_lacks_folders_that_find_nothing),
		TEST(test_nothing_of_the_caller_leaks_in),
		TEST(test_more_variables_are_sorted_in),
		TEST(test_a_variable_given_again_replaces_the_earlier_one),
		TEST(test_variables_that_makefiles_read_are_named),
		TEST(test_our_own_variable_and_others_are_not),
		TEST(test_tools_are_found_in_the_order_asked),
		TEST(test_a_tool_behind_links_is_the_file_at_their_end),
		TEST(test_another_program_in_its_place_is_another_tool),
		TEST(test_make_takes_plain_paths_only),
		TEST(test_work_is_below_the_cache),
		TEST(test_a_cache_that_make_cannot_take_works_elsewhere),
		TEST(test_a_work_folder_made_anew_is_empty),
		TEST(test_builders_are_sorted_and_found_by_name),
		TEST(test_the_host_builder_writes_the_log),
		TEST(test_a_log_that_cannot_be_written_is_an_error),
	};

	return cmocka_run_group_tests_name("env", tests, NULL, NULL);
}
