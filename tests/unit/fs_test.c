/* SPDX-License-Identifier: MIT
 *
 * Files and folders, on a real file system.
 */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/clock.h"
#include "os/fs.h"
#include "scratch.h"

/* --- reading --- */

static void test_a_mapped_file_has_its_bytes(void **state)
{
	struct scratch *s = *state;
	struct fs_map m;

	scratch_put_bytes(s, "f", "a\0b", 3);
	must(fs_map(&m, scratch_path(s, "f"), &s->err), &s->err);
	assert_int_equal(m.size, 3);
	assert_memory_equal(m.data, "a\0b", 3);
	fs_unmap(&m);
}

static void test_an_empty_file_maps_to_an_address(void **state)
{
	struct scratch *s = *state;
	struct fs_map m;

	scratch_put(s, "f", "");
	must(fs_map(&m, scratch_path(s, "f"), &s->err), &s->err);
	assert_non_null(m.data);
	assert_int_equal(m.size, 0);
	fs_unmap(&m);
	fs_unmap(&m);
}

static void test_what_is_no_file_is_not_mapped(void **state)
{
	struct scratch *s = *state;
	struct fs_map m;

	assert_false(fs_map(&m, s->dir, &s->err));
	assert_err(&s->err, "not a file", NULL);
	assert_has(s->err.msg, s->dir);
	assert_false(fs_map(&m, scratch_path(s, "none"), &s->err));
	assert_err(&s->err, "No such file", NULL);
}

static void test_a_named_pipe_is_refused_not_waited_for(void **state)
{
	struct scratch *s = *state;
	const char *path = scratch_path(s, "pipe");
	struct fs_map m;

	assert_int_equal(mkfifo(path, 0600), 0);
	alarm(20); /* waiting for a writer would be for ever */
	assert_false(fs_map(&m, path, &s->err));
	alarm(0);
	assert_err(&s->err, "not a file", NULL);
}

static void test_reading_appends_the_whole_file(void **state)
{
	struct scratch *s = *state;
	AUTO_STRBUF out = STRBUF_INIT;
	char *big = malloc(300000);

	memset(big, 'x', 300000);
	big[299999] = 'y';
	scratch_put_bytes(s, "f", big, 300000);
	strbuf_adds(&out, "<");
	must(fs_read(&out, scratch_path(s, "f"), 300000, &s->err), &s->err);
	assert_int_equal(out.len, 300001);
	assert_memory_equal(out.buf + 1, big, 300000);
	assert_int_equal(out.buf[out.len], 0);
	free(big);
}

static void test_a_file_over_the_limit_is_an_error(void **state)
{
	struct scratch *s = *state;
	AUTO_STRBUF out = STRBUF_INIT;

	scratch_put(s, "f", "12345");
	assert_false(fs_read(&out, scratch_path(s, "f"), 4, &s->err));
	assert_err(&s->err, "larger than 4 bytes", NULL);
}

static void test_reading_a_folder_is_an_error(void **state)
{
	struct scratch *s = *state;
	AUTO_STRBUF out = STRBUF_INIT;

	assert_false(fs_read(&out, s->dir, 100, &s->err));
	assert_err(&s->err, "Is a directory", NULL);
}

/* --- writing --- */

static void test_an_atomic_write_makes_the_file_with_its_mode(void **state)
{
	struct scratch *s = *state;
	struct fs_stat st;
	mode_t old = umask(077);

	must(fs_write_atomic(scratch_path(s, "f"), "text", 4, 0755, &s->err), &s->err);
	umask(old);
	assert_string_equal(scratch_text(s, "f"), "text");
	assert_true(fs_lstat(scratch_path(s, "f"), &st));
	assert_int_equal(st.mode & 0777, 0755);
}

static void test_readers_of_the_old_file_keep_it(void **state)
{
	struct scratch *s = *state;
	struct fs_map old;

	scratch_put(s, "f", "old");
	must(fs_map(&old, scratch_path(s, "f"), &s->err), &s->err);
	must(fs_write_atomic(scratch_path(s, "f"), "newer", 5, 0644, &s->err), &s->err);
	assert_memory_equal(old.data, "old", 3);
	assert_string_equal(scratch_text(s, "f"), "newer");
	fs_unmap(&old);
}

static void test_a_write_that_fails_leaves_nothing_behind(void **state)
{
	struct scratch *s = *state;

	scratch_mkdir(s, "folder");
	assert_false(fs_write_atomic(scratch_path(s, "folder"), "x", 1, 0644, &s->err));
	assert_err(&s->err, "cannot write", NULL);
	assert_false(fs_write_atomic(scratch_path(s, "none/f"), "x", 1, 0644, &s->err));
	assert_err(&s->err, "No such file", NULL);
	assert_string_equal(scratch_list(s, ""), "folder/ ");
}

/* Runs fn with files limited to 1000 bytes: what a full disk does, a write fails in the middle. */
static bool with_small_files(bool (*fn)(struct scratch *s), struct scratch *s)
{
	struct rlimit old, small;
	void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
	bool ok;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	small = (struct rlimit){ 1000, old.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	ok = fn(s);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	signal(SIGXFSZ, handler);
	return ok;
}

static bool write_large(struct scratch *s)
{
	static const char data[2000];

	return fs_write_atomic(scratch_path(s, "f"), data, sizeof(data), 0644, &s->err);
}

static void test_without_room_the_old_file_stays(void **state)
{
	struct scratch *s = *state;

	scratch_put(s, "f", "old");
	assert_false(with_small_files(write_large, s));
	assert_err(&s->err, "File too large", NULL);
	assert_string_equal(scratch_text(s, "f"), "old");
	assert_string_equal(scratch_list(s, ""), "f ");
}

static bool clone_large(struct scratch *s)
{
	return fs_clone(scratch_path(s, "from"), scratch_path(s, "to"), 0644, &s->err);
}

static void test_without_room_a_copy_leaves_nothing(void **state)
{
	struct scratch *s = *state;
	static const char data[2000] = { 1 };

	/* Not on a file system where a copy takes no room at all. */
	scratch_put_bytes(s, "from", data, sizeof(data));
	if (with_small_files(clone_large, s)) {
		assert_string_equal(scratch_list(s, ""), "from to ");
		return;
	}
	assert_err(&s->err, "cannot write", NULL);
	assert_string_equal(scratch_list(s, ""), "from ");
}

static void test_a_copy_is_a_file_of_its_own(void **state)
{
	struct scratch *s = *state;
	struct fs_stat from, to;

	scratch_put(s, "from", "one");
	must(fs_clone(scratch_path(s, "from"), scratch_path(s, "to"), 0600, &s->err), &s->err);
	assert_true(fs_lstat(scratch_path(s, "from"), &from));
	assert_true(fs_lstat(scratch_path(s, "to"), &to));
	assert_int_not_equal(from.ino, to.ino);
	assert_int_equal(to.mode & 0777, 0600);
	scratch_put(s, "to", "two");
	assert_string_equal(scratch_text(s, "from"), "one");
}

static void test_a_copy_replaces_what_was_there(void **state)
{
	struct scratch *s = *state;

	scratch_put(s, "from", "new");
	scratch_put(s, "to", "something longer");
	must(fs_clone(scratch_path(s, "from"), scratch_path(s, "to"), 0644, &s->err), &s->err);
	assert_string_equal(scratch_text(s, "to"), "new");
	assert_string_equal(scratch_list(s, ""), "from to ");
}

static void test_a_copy_of_nothing_changes_nothing(void **state)
{
	struct scratch *s = *state;

	scratch_put(s, "to", "old");
	assert_false(fs_clone(scratch_path(s, "from"), scratch_path(s, "to"), 0644, &s->err));
	assert_err(&s->err, "cannot read", NULL);
	assert_string_equal(scratch_list(s, ""), "to ");
}

/* --- what there is --- */

static enum fs_type type_of(struct scratch *s, const char *name)
{
	struct fs_stat st;

	assert_true(fs_lstat(scratch_path(s, name), &st));
	return st.type;
}

static void test_lstat_tells_files_folders_links_and_others(void **state)
{
	struct scratch *s = *state;

	scratch_put(s, "file", "12345");
	scratch_mkdir(s, "folder");
	assert_int_equal(symlink("folder", scratch_path(s, "link")), 0);
	assert_int_equal(mkfifo(scratch_path(s, "pipe"), 0600), 0);
	assert_int_equal(type_of(s, "file"), FS_FILE);
	assert_int_equal(type_of(s, "folder"), FS_DIR);
	assert_int_equal(type_of(s, "link"), FS_LINK);
	assert_int_equal(type_of(s, "pipe"), FS_OTHER);
}

static void test_lstat_has_size_and_times_in_ns(void **state)
{
	struct scratch *s = *state;
	int64_t before = clock_now_ns() - 1000000000;
	struct fs_stat st;

	scratch_put(s, "f", "12345");
	scratch_date(s, "f", 1234567890123456789);
	assert_true(fs_lstat(scratch_path(s, "f"), &st));
	assert_int_equal(st.size, 5);
	assert_int_equal(st.mtime_ns, 1234567890123456789);
	assert_true(st.ctime_ns >= before && st.ctime_ns <= clock_now_ns() + 1000000000);
}

static void test_lstat_of_nothing_says_why(void **state)
{
	struct scratch *s = *state;
	struct fs_stat st;

	scratch_put(s, "f", "");
	errno = 0;
	assert_false(fs_lstat(scratch_path(s, "none"), &st));
	assert_int_equal(errno, ENOENT);
	assert_false(fs_lstat(scratch_path(s, "f/x"), &st));
	assert_int_equal(errno, ENOTDIR);
}

static void test_a_listing_is_sorted_and_knows_types(void **state)
{
	struct scratch *s = *state;
	struct fs_list l;

	scratch_put(s, "b", "");
	scratch_put(s, "B", "");
	scratch_put(s, ".hidden", "");
	scratch_mkdir(s, "a");
	assert_int_equal(symlink("a", scratch_path(s, "c")), 0);
	must(fs_list(&l, s->dir, &s->err), &s->err);
	assert_int_equal(l.count, 5);
	assert_string_equal(l.names[0], ".hidden");
	assert_string_equal(l.names[1], "B");
	assert_string_equal(l.names[2], "a");
	assert_int_equal(l.types[2], FS_DIR);
	assert_string_equal(l.names[3], "b");
	assert_int_equal(l.types[3], FS_FILE);
	assert_int_equal(l.types[4], FS_LINK);
	fs_list_free(&l);
}

static void test_an_empty_folder_lists_nothing(void **state)
{
	struct scratch *s = *state;
	struct fs_list l;

	must(fs_list(&l, s->dir, &s->err), &s->err);
	assert_int_equal(l.count, 0);
	fs_list_free(&l);
}

static void test_listing_what_is_no_folder_is_an_error(void **state)
{
	struct scratch *s = *state;
	struct fs_list l;

	assert_false(fs_list(&l, scratch_path(s, "none"), &s->err));
	assert_err(&s->err, "cannot list", NULL);
	fs_list_free(&l);
}

static void test_the_text_of_a_link_is_read(void **state)
{
	struct scratch *s = *state;
	AUTO_STRBUF out = STRBUF_INIT;

	assert_int_equal(symlink("../nowhere", scratch_path(s, "link")), 0);
	must(fs_read_link(scratch_path(s, "link"), &out, &s->err), &s->err);
	assert_string_equal(out.buf, "../nowhere");
	assert_false(fs_read_link(s->dir, &out, &s->err));
}

static void test_a_real_path_has_no_links(void **state)
{
	struct scratch *s = *state;
	char *real;

	scratch_mkdir(s, "a/b");
	assert_int_equal(symlink("a", scratch_path(s, "link")), 0);
	real = fs_realpath(scratch_path(s, "link/b/.."));
	assert_string_equal(real, scratch_path(s, "a"));
	free(real);
	assert_null(fs_realpath(scratch_path(s, "none")));
}

/* --- trees --- */

static void test_folders_are_made_with_their_parents(void **state)
{
	struct scratch *s = *state;

	must(fs_mkdirs(scratch_path(s, "a/b//c/"), &s->err), &s->err);
	must(fs_mkdirs(scratch_path(s, "a/b/c"), &s->err), &s->err);
	must(fs_mkdirs("/", &s->err), &s->err);
	assert_string_equal(scratch_list(s, ""), "a/ a/b/ a/b/c/ ");
}

static void test_a_file_in_the_way_of_a_folder_is_named(void **state)
{
	struct scratch *s = *state;

	scratch_put(s, "a", "");
	assert_false(fs_mkdirs(scratch_path(s, "a"), &s->err));
	assert_err(&s->err, "a file has that name", NULL);
	assert_false(fs_mkdirs(scratch_path(s, "a/b"), &s->err));
	assert_err(&s->err, "cannot make the folder", NULL);
}

static void test_a_tree_is_removed_with_all_that_is_in_it(void **state)
{
	struct scratch *s = *state;

	scratch_put(s, "t/a/b/file", "");
	scratch_put(s, "t/.hidden", "");
	scratch_put(s, "beside", "");
	assert_int_equal(chmod(scratch_path(s, "t/a/b/file"), 0), 0);
	must(fs_remove_tree(scratch_path(s, "t"), &s->err), &s->err);
	assert_string_equal(scratch_list(s, ""), "beside ");
}

static void test_removing_does_not_follow_links(void **state)
{
	struct scratch *s = *state;

	scratch_put(s, "kept/file", "");
	scratch_mkdir(s, "t");
	assert_int_equal(symlink("../kept", scratch_path(s, "t/link")), 0);
	must(fs_remove_tree(scratch_path(s, "t"), &s->err), &s->err);
	assert_string_equal(scratch_list(s, ""), "kept/ kept/file ");
	assert_int_equal(symlink("kept", scratch_path(s, "link")), 0);
	must(fs_remove_tree(scratch_path(s, "link"), &s->err), &s->err);
	assert_string_equal(scratch_list(s, ""), "kept/ kept/file ");
}

static void test_removing_nothing_is_fine(void **state)
{
	struct scratch *s = *state;

	must(fs_remove_tree(scratch_path(s, "none"), &s->err), &s->err);
}

/* A process that was killed while it wrote leaves a file with its number in the name. */
static void test_what_dead_processes_left_half_written_is_removed(void **state)
{
	struct scratch *s = *state;
	char mine[64];

	snprintf(mine, sizeof(mine), "d/a.bin.tmp%ld.aB3dEf", (long)getpid());
	scratch_put(s, mine, "");
	scratch_put(s, "d/a.bin", "");
	scratch_put(s, "d/a.bin.tmp999999999.aB3dEf", "");
	scratch_put(s, "d/a.bin.tmp.aB3dEf", "");
	scratch_put(s, "d/a.bin.backup", "");
	fs_remove_dead_temps(scratch_path(s, "d"));
	assert_true(fs_exists(scratch_path(s, mine)));
	assert_true(fs_exists(scratch_path(s, "d/a.bin")));
	assert_true(fs_exists(scratch_path(s, "d/a.bin.backup")));
	assert_true(fs_exists(scratch_path(s, "d/a.bin.tmp.aB3dEf")));
	assert_false(fs_exists(scratch_path(s, "d/a.bin.tmp999999999.aB3dEf")));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_what_dead_processes_left_half_written_is_removed),
		TEST(test_a_mapped_file_has_its_bytes),
		TEST(test_an_empty_file_maps_to_an_address),
		TEST(test_what_is_no_file_is_not_mapped),
		TEST(test_a_named_pipe_is_refused_not_waited_for),
		TEST(test_reading_appends_the_whole_file),
		TEST(test_a_file_over_the_limit_is_an_error),
		TEST(test_reading_a_folder_is_an_error),
		TEST(test_an_atomic_write_makes_the_file_with_its_mode),
		TEST(test_readers_of_the_old_file_keep_it),
		TEST(test_a_write_that_fails_leaves_nothing_behind),
		TEST(test_without_room_the_old_file_stays),
		TEST(test_without_room_a_copy_leaves_nothing),
		TEST(test_a_copy_is_a_file_of_its_own),
		TEST(test_a_copy_replaces_what_was_there),
		TEST(test_a_copy_of_nothing_changes_nothing),
		TEST(test_lstat_tells_files_folders_links_and_others),
		TEST(test_lstat_has_size_and_times_in_ns),
		TEST(test_lstat_of_nothing_says_why),
		TEST(test_a_listing_is_sorted_and_knows_types),
		TEST(test_an_empty_folder_lists_nothing),
		TEST(test_listing_what_is_no_folder_is_an_error),
		TEST(test_the_text_of_a_link_is_read),
		TEST(test_a_real_path_has_no_links),
		TEST(test_folders_are_made_with_their_parents),
		TEST(test_a_file_in_the_way_of_a_folder_is_named),
		TEST(test_a_tree_is_removed_with_all_that_is_in_it),
		TEST(test_removing_does_not_follow_links),
		TEST(test_removing_nothing_is_fine),
	};

	return cmocka_run_group_tests_name("fs", tests, NULL, NULL);
}
