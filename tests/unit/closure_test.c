/* SPDX-License-Identifier: MIT
 *
 * Closures: what becomes of a trace's log, when they hold, and their forms.
 */
#include "graph/closure.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/path.h"
#include "base/strbuf.h"
#include "build/readers.h"
#include "graph/action.h"
#include "graph/recipe.h"
#include "os/clock.h"
#include "os/fs.h"
#include "session_helpers.h"

static const char rules[] = "port stm32\n  make = ports/stm32\n  inputs = py\n"
			    "  build firmware.elf: compile\n";

struct traced {
	struct fixture *f;
	struct session *s;
	struct step *step;
	struct strbuf log;
	struct closure closure;
	const char *spoiled, *why;
	int64_t newest, newest_folder;
};

static struct traced begin(void **state)
{
	struct traced t = { .f = *state, .log = STRBUF_INIT };

	open_session(t.f, rules);
	assert_true(add_target(t.f, "PYBV11"));
	t.s = &t.f->session;
	t.step = step_named(t.f, "stm32/PYBV11 firmware.elf");
	strbuf_add(&t.log, "mpflash-trace 1", sizeof("mpflash-trace 1"));
	return t;
}

static const char *in_tree(struct traced *t, const char *name)
{
	return path_join(&t->f->s->arena, t->s->tree.root, name);
}

static void event(struct traced *t, char kind, const char *program, const char *path)
{
	strbuf_addf(&t->log, "%c%s\t%s", kind, program, path);
	strbuf_addch(&t->log, '\0');
}

static void finish(struct traced *t)
{
	struct scratch *s = t->f->s;

	strbuf_add(&t->log, "E0", sizeof("E0"));
	scratch_put_bytes(s, "log", t->log.buf, t->log.len);
	must(closure_from_trace(t->s, scratch_path(s, "log"), NULL, &t->closure, &t->spoiled,
				&t->why, &t->f->err),
	     &t->f->err);
	must(closure_look(t->s, &t->closure, &t->newest, &t->newest_folder, &t->f->err),
	     &t->f->err);
}

static void end(struct traced *t)
{
	strbuf_free(&t->log);
	closure_free(&t->closure);
}

static const struct closure_entry *entry(const struct traced *t, const char *path)
{
	for (size_t i = 0; i < t->closure.entries.count; i++)
		if (strcmp(t->closure.entries.items[i].path, path) == 0)
			return &t->closure.entries.items[i];
	fail_msg("the closure lacks %s", path);
	abort();
}

static void assert_kind(const struct traced *t, const char *path, int kind)
{
	assert_int_equal(entry(t, path)->kind, kind);
}

static void test_a_path_is_content_absent_folder_or_listing(void **state)
{
	struct traced t = begin(state);

	scratch_put(t.f->s, "t/py/obj.c", "x");
	event(&t, 'r', "cc1", in_tree(&t, "py/obj.c"));
	event(&t, 's', "make", in_tree(&t, "py/none.c"));
	event(&t, 's', "make", in_tree(&t, "py"));
	event(&t, 'l', "python3", in_tree(&t, "ports"));
	finish(&t);
	assert_null(t.why);
	assert_null(t.spoiled);
	assert_kind(&t, "py/obj.c", MANIFEST_CONTENT);
	assert_int_equal(entry(&t, "py/obj.c")->readers, READER_COMPILER);
	assert_kind(&t, "py/none.c", MANIFEST_ABSENT);
	assert_kind(&t, "py", MANIFEST_FOLDER);
	assert_kind(&t, "ports", MANIFEST_LISTING);
	end(&t);
}

static void test_links_on_the_way_count_by_their_text(void **state)
{
	struct traced t = begin(state);

	scratch_put(t.f->s, "t/py/obj.c", "x");
	RUN(t.f->s, ".", "ln", "-s", "py", in_tree(&t, "python"));
	event(&t, 'r', "cc1", in_tree(&t, "ports/../python/./obj.c"));
	finish(&t);
	assert_kind(&t, "python", MANIFEST_LINK);
	assert_kind(&t, "py/obj.c", MANIFEST_CONTENT);
	end(&t);
}

static void test_a_name_below_what_is_not_there_is_absent_as_a_whole(void **state)
{
	struct traced t = begin(state);

	event(&t, 'r', "cc1", in_tree(&t, "no/such//./folder/x.h"));
	finish(&t);
	assert_kind(&t, "no/such/folder/x.h", MANIFEST_ABSENT);
	end(&t);
}

static void test_what_cannot_matter_is_left_out(void **state)
{
	struct traced t = begin(state);

	event(&t, 'r', "cc1", "/proc/self/maps");
	event(&t, 'r', "cc1", "/dev/null");
	event(&t, 'r', "git", in_tree(&t, ".git/index"));
	event(&t, 's', "python3", in_tree(&t, "py/__pycache__/x.pyc"));
	event(&t, 'r', "cc1",
	      path_join(&t.f->s->arena, t.step->recipe->work_dir, "genhdr/qstrdefs.h"));
	event(&t, 's', "make", in_tree(&t, "build-mpflash/PYBV11/firmware.elf"));
	finish(&t);
	assert_int_equal(t.closure.entries.count, 0);
	end(&t);
}

static const char *beside_tree(struct traced *t, const char *name)
{
	return path_join(&t->f->s->arena, path_dir(&t->f->s->arena, t->s->tree.root), name);
}

/* Another checkout finds another file there. */
static void test_what_a_build_climbs_out_for_is_found_from_the_tree(void **state)
{
	struct traced t = begin(state);

	scratch_put(t.f->s, "mods/x.h", "x");
	RUN(t.f->s, ".", "ln", "-s", "../../mods", in_tree(&t, "py/link"));
	event(&t, 'r', "cc1", in_tree(&t, "ports/../../mods/x.h"));
	event(&t, 'r', "cc1", in_tree(&t, "py/link/y.h"));
	event(&t, 's', "make", in_tree(&t, "py/../.."));
	event(&t, 'r', "cc1", beside_tree(&t, "mods/y.h"));
	event(&t, 'l', "make", beside_tree(&t, "mods"));
	finish(&t);
	assert_kind(&t, "../mods/x.h", MANIFEST_CONTENT);
	assert_kind(&t, "../mods/y.h", MANIFEST_ABSENT);
	assert_kind(&t, "py/link", MANIFEST_LINK);
	assert_int_equal(t.closure.entries.count, 5); /* and the last two by their own names */
	end(&t);
}

static void test_a_folder_for_files_that_holds_sources_counts(void **state)
{
	struct traced t = begin(state);

	t.s->out_root = t.s->tree.root;
	scratch_put(t.f->s, "t/py/obj.c", "x");
	event(&t, 'r', "cc1", in_tree(&t, "py/obj.c"));
	finish(&t);
	assert_kind(&t, "py/obj.c", MANIFEST_CONTENT);
	end(&t);
}

static void test_of_temporary_folders_what_was_there_counts(void **state)
{
	struct traced t = begin(state);
	char dir[] = "/tmp/mpflash-closure-XXXXXX";

	assert_non_null(mkdtemp(dir));
	event(&t, 'w', "cc1", "/tmp/mpflash-no-such-file.s");
	event(&t, 's', "make", "/dev/shm/mpflash-no-such-file");
	event(&t, 'l', "make", "/tmp");
	event(&t, 'l', "make", dir);
	finish(&t);
	rmdir(dir);
	assert_int_equal(t.closure.entries.count, 1);
	assert_int_equal(t.closure.entries.items[0].kind, MANIFEST_LISTING);
	end(&t);
}

static void test_writing_what_is_read_spoils_the_record(void **state)
{
	struct traced t = begin(state);

	scratch_put(t.f->s, "t/py/gen.h", "x");
	event(&t, 'w', "sh", in_tree(&t, "py/gen.h"));
	event(&t, 'r', "cc1", in_tree(&t, "py/gen.h"));
	finish(&t);
	assert_string_equal(t.spoiled, in_tree(&t, "py/gen.h"));
	end(&t);
}

static void test_a_log_without_an_end_is_not_the_whole_story(void **state)
{
	struct traced t = begin(state);
	struct scratch *s = t.f->s;

	event(&t, 'r', "cc1", in_tree(&t, "py/obj.c"));
	scratch_put_bytes(s, "log", t.log.buf, t.log.len);
	must(closure_from_trace(t.s, scratch_path(s, "log"), NULL, &t.closure, &t.spoiled, &t.why,
				&t.f->err),
	     &t.f->err);
	assert_non_null(t.why);
	end(&t);
}

static void test_the_newest_change_of_files_and_of_folders_above_them(void **state)
{
	struct traced t = begin(state);
	int64_t before = clock_file_ns();

	scratch_put(t.f->s, "t/py/obj.c", "x");
	event(&t, 'r', "cc1", in_tree(&t, "py/obj.c"));
	finish(&t);
	assert_true(t.newest >= before);
	assert_true(t.newest_folder >= before);
	end(&t);
}

static void test_a_closure_holds_until_something_in_it_changes(void **state)
{
	struct traced t = begin(state);
	struct digest weak = digest_of("w", 1), key, found_key;
	struct err *e = &t.f->err;
	size_t count;
	bool found;

	scratch_put(t.f->s, "t/py/obj.c", "x");
	event(&t, 'r', "cc1", in_tree(&t, "py/obj.c"));
	event(&t, 'r', "cc1", in_tree(&t, "py/none.h"));
	finish(&t);
	key = closure_key(&weak, &t.closure);
	must(closure_put(t.s, &weak, &key, &t.closure, e), e);
	must(closure_find(t.s, &weak, &found_key, &found, &count, e), e);
	assert_true(found);
	assert_true(digest_equal(&key, &found_key));
	assert_int_equal(count, t.closure.entries.count);
	scratch_put(t.f->s, "t/py/none.h", "y");
	closure_forget_looks(t.s);
	must(closure_find(t.s, &weak, &found_key, &found, &count, e), e);
	assert_false(found);
	end(&t);
}

static void test_differences_name_kind_and_digests(void **state)
{
	struct traced t = begin(state);
	struct closure_changes changes = { 0 };

	scratch_put(t.f->s, "t/py/a.c", "x");
	scratch_put(t.f->s, "t/py/b.c", "x");
	event(&t, 'r', "cc1", in_tree(&t, "py/a.c"));
	event(&t, 'r', "cc1", in_tree(&t, "py/b.c"));
	event(&t, 'r', "cc1", in_tree(&t, "py/c.c"));
	finish(&t);
	scratch_put(t.f->s, "t/py/a.c", "yy");
	RUN(t.f->s, ".", "rm", in_tree(&t, "py/b.c"));
	scratch_put(t.f->s, "t/py/c.c", "z");
	must(closure_compare(t.s, &t.closure, SIZE_MAX, &changes, &t.f->err), &t.f->err);
	assert_int_equal(changes.items.count, 3);
	assert_int_equal(changes.items.items[0].change.kind, CHANGE_CONTENT);
	assert_false(digest_equal(&changes.items.items[0].was, &changes.items.items[0].now));
	assert_int_equal(changes.items.items[1].change.kind, CHANGE_REMOVED);
	assert_int_equal(changes.items.items[2].change.kind, CHANGE_ADDED);
	vec_free(&changes.items);
	end(&t);
}

static void test_text_comes_back_as_it_was(void **state)
{
	struct traced t = begin(state);
	AUTO_STRBUF text = STRBUF_INIT, again = STRBUF_INIT;
	struct closure parsed = { 0 };

	scratch_put(t.f->s, "t/py/new\nline\\.c", "x");
	event(&t, 'r', "cc1", in_tree(&t, "py/new\nline\\.c"));
	event(&t, 's', "make", in_tree(&t, "py/none"));
	finish(&t);
	t.closure.entries.items[0].stale = true;
	closure_write(&t.closure, &text);
	assert_true(closure_parse(text.buf, text.len, &parsed));
	closure_write(&parsed, &again);
	assert_string_equal(again.buf, text.buf);
	assert_true(parsed.entries.items[0].stale);
	/* The next run that reads it takes its digest anew. */
	must(closure_look(t.s, &parsed, &t.newest, &t.newest_folder, &t.f->err), &t.f->err);
	assert_false(parsed.entries.items[0].stale);
	closure_free(&parsed);
	assert_false(closure_parse(text.buf, text.len - 1, &parsed));
	closure_free(&parsed);
	end(&t);
}

/* Else a build that starts right away would take our own folder for a change during it. */
static void test_a_build_starts_after_our_folder_appeared(void **state)
{
	struct fixture *f = *state;
	struct fs_stat root;

	open_session(f, "port stm32\n  reference = firmware.elf\n  inputs = py\n"
			"  build firmware.elf: compile\n");
	must(add_target(f, "PYBV11"), &f->err);
	for (int i = 0; i < 40; i++) {
		must(action_make_out_root(&f->session, f->graph.steps.items[0], &f->err), &f->err);
		assert_true(fs_lstat(f->session.tree.root, &root));
		assert_true(root.ctime_ns < clock_file_begin());
		must(fs_remove_tree(f->session.out_root, &f->err), &f->err);
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_path_is_content_absent_folder_or_listing),
		TEST(test_links_on_the_way_count_by_their_text),
		TEST(test_a_name_below_what_is_not_there_is_absent_as_a_whole),
		TEST(test_what_cannot_matter_is_left_out),
		TEST(test_what_a_build_climbs_out_for_is_found_from_the_tree),
		TEST(test_a_folder_for_files_that_holds_sources_counts),
		TEST(test_of_temporary_folders_what_was_there_counts),
		TEST(test_writing_what_is_read_spoils_the_record),
		TEST(test_a_log_without_an_end_is_not_the_whole_story),
		TEST(test_the_newest_change_of_files_and_of_folders_above_them),
		TEST(test_a_closure_holds_until_something_in_it_changes),
		TEST(test_differences_name_kind_and_digests),
		TEST(test_text_comes_back_as_it_was),
		TEST(test_a_build_starts_after_our_folder_appeared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
