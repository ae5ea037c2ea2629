/* SPDX-License-Identifier: MIT
 *
 * How far something is, by the last words of its log and by the time that it took before.
 */
#include <string.h>

#include "base/strbuf.h"
#include "graph/kinds.h"
#include "graph/step_progress.h"
#include "os/fs.h"
#include "scratch.h"

static void assert_words(const char *text, int permille, const char *what, const char *rate)
{
	struct log_words w;

	log_words_read(&w, text, strlen(text));
	assert_int_equal(w.permille, permille);
	assert_string_equal(w.what, what);
	assert_string_equal(w.rate, rate);
}

static void test_the_words_of_git(void **state)
{
	(void)state;
	assert_words("Cloning into 'a'...\nremote: Counting objects:  45% (450/1000)\r", 450,
		     "Counting objects", "");
	assert_words("Receiving objects:   9% (9/100)\r"
		     "Receiving objects:  10% (10/100), 12.30 MiB | 3.20 MiB/s\r",
		     100, "Receiving objects", "12.30 MiB, 3.20 MiB/s");
	assert_words("Receiving objects: 100% (100/100), 13.00 MiB | 3.20 MiB/s, done.\n", 1000,
		     "Receiving objects", "13.00 MiB, 3.20 MiB/s");
	assert_words("Resolving deltas: 100% (7/7), done.\n", 1000, "Resolving deltas", "");
}

static void test_the_words_of_ninja_and_cmake(void **state)
{
	(void)state;
	assert_words("[1/300] Building a\n[12/300] Building C object b.obj\n", 40, "12 of 300", "");
	assert_words("[ 45%] Building C object\nwarning: a thing\n", 450, "", "");
	assert_words("[100%] Built target firmware\n", 1000, "", "");
}

static void test_what_says_nothing_of_it(void **state)
{
	(void)state;
	assert_words("", -1, "", "");
	assert_words("CC main.c\nLINK firmware.elf\n", -1, "LINK firmware.elf", "");
	assert_words("a:b% (c)\n[x/3] no\n[3/0] no\n[101%] no\n", -1, "[101%] no", "");
	assert_words("\r\r\n\n", -1, "", "");
	assert_words("a line \033[31mwith colours\n", -1, "a line ?[31mwith colours", "");
}

static void assert_told(const struct step *step, int64_t now, const char *text, int permille)
{
	AUTO_STRBUF out = STRBUF_INIT;
	int got;

	step_progress(step, now, &out, &got);
	assert_string_equal(out.buf, text);
	assert_int_equal(got, permille);
}

static void test_by_the_time_of_last_time(void **state)
{
	struct step step = { .kind = &compile_step, .started_ms = 1000, .estimate_ms = 20000 };

	(void)state;
	assert_told(&step, 1000, "", 0);
	assert_told(&step, 13000, "12 s, 0:08 left", 600);
	assert_told(&step, 20990, "19 s, 0:00 left", 990); /* not there before it is */
	assert_told(&step, 25000, "24 s, last time 20 s", 990);
	assert_told(&step, 86000, "1:25, last time 20 s", 990);
	step.estimate_ms = 0;
	assert_told(&step, 13000, "12 s", -1);
}

static void test_by_the_log_where_there_is_no_time(void **state)
{
	const char *path = scratch_path(*state, "log");
	struct step step = { .kind = &compile_step, .started_ms = 1000, .log_path = path };
	AUTO_ERR e = ERR_INIT;
	AUTO_STRBUF log = STRBUF_INIT;

	assert_told(&step, 13000, "12 s", -1); /* there is none yet */
	for (int i = 0; i < 1000; i++)
		strbuf_adds(&log, "[12/300] Building something\n");
	assert_true(fs_write_lazy(path, log.buf, log.len, 0666, &e));
	assert_told(&step, 13000, "12 s, 12 of 300", 40);
	assert_true(fs_write_lazy(path, "CC main.c\n", 10, 0666, &e));
	assert_told(&step, 13000, "12 s", -1);
	step.kind = &image_step;
	assert_true(fs_write_lazy(path, "5f70: Pull complete\n", 20, 0666, &e));
	assert_told(&step, 13000, "12 s, 5f70: Pull complete", -1);
	step.kind = &submodules_step;
	assert_true(fs_write_lazy(path, "Receiving objects:  45% (9/20)\r", 31, 0666, &e));
	assert_told(&step, 13000, "Receiving objects 45 %", 450);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_the_words_of_git),
		TEST(test_the_words_of_ninja_and_cmake),
		TEST(test_what_says_nothing_of_it),
		TEST(test_by_the_time_of_last_time),
		TEST(test_by_the_log_where_there_is_no_time),
	};

	return cmocka_run_group_tests_name("step_progress", tests, NULL, NULL);
}
