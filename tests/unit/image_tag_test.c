/* SPDX-License-Identifier: MIT
 *
 * Tags of images from lock files and workflows.
 */
#include "build/image_tag.h"

#include <string.h>

#include "scratch.h"

/* As in v1.29's ports/esp32/lockfiles. */
static const char lock[] = "dependencies:\n"
			   "  espressif/mdns:\n"
			   "    component_hash: 31117d76\n"
			   "    dependencies:\n"
			   "    - name: idf\n"
			   "      require: private\n"
			   "      version: '>=5.0'\n"
			   "    version: 1.3.2\n"
			   "  idf:\n"
			   "    source:\n"
			   "      type: idf\n"
			   "    version: 5.5.2\n"
			   "direct_dependencies:\n"
			   "- espressif/mdns\n"
			   "- idf\n"
			   "target: esp32s3\n"
			   "version: 2.0.0\n";

static const char workflow[] = "name: esp32 port\n"
			       "\n"
			       "on:\n"
			       "  push:\n"
			       "env:\n"
			       "   # should match ports/esp32/README.md\n"
			       "   IDF_OLDEST_VER: &oldest \"v5.3\"\n"
			       "   IDF_NEWEST_VER: &newest \"v5.5.2\"\n"
			       "\n"
			       "jobs:\n"
			       "  build_idf:\n"
			       "    env:\n"
			       "      IDF_NEWEST_VER: v9\n";

static void assert_tag(const char *text, const char *keys, const char *want)
{
	AUTO_STRBUF out = STRBUF_INIT;

	assert_int_equal(image_tag_in_yaml(text, keys, &out), want != NULL);
	assert_string_equal(out.buf, want ? want : "");
}

static void test_the_lock_file_names_the_version(void **state)
{
	(void)state;
	assert_tag(lock, "dependencies.idf.version", "5.5.2");
	assert_tag(lock, "version", "2.0.0");
	assert_tag(lock, "dependencies.espressif/mdns.version", "1.3.2");
}

static void test_an_anchor_quotes_and_v_are_left_out(void **state)
{
	(void)state;
	assert_tag(workflow, "env.IDF_NEWEST_VER", "5.5.2");
	assert_tag(workflow, "env.IDF_OLDEST_VER", "5.3");
}

static void test_keys_that_are_not_there_give_nothing(void **state)
{
	(void)state;
	assert_tag(lock, "dependencies.idf", NULL);
	assert_tag(lock, "dependencies.idf.source.version", NULL);
	assert_tag(lock, "dependencies.version", NULL);
	assert_tag(lock, "idf.version", NULL);
	assert_tag(lock, "dependencies.id.version", NULL);
	assert_tag("", "a", NULL);
	assert_tag("a", "a", NULL);
	assert_tag("a:", "a", NULL);
	assert_tag("a:\nb: 1\n", "a.b", NULL);
}

static void test_a_value_that_is_no_tag_gives_nothing(void **state)
{
	(void)state;
	assert_tag("v: 1.0/evil\n", "v", NULL);
	assert_tag("v: $(reboot)\n", "v", NULL);
	assert_tag("v: -rm\n", "v", NULL);
	assert_tag("v: 5.5.2 # the newest\n", "v", "5.5.2");
	assert_tag("v: 5.5.2\r\n", "v", "5.5.2");
	assert_tag("'v': '5.5.2'\n", "v", "5.5.2");
}

static void test_the_first_word_that_gives_one_counts(void **state)
{
	struct scratch *s = *state;
	const char *all[] = { "no/such:a.b", "lock:no.key", "workflow:env.IDF_NEWEST_VER",
			      "v5.4.2" };
	struct strv words = { .items = all, .count = 4 };
	AUTO_STRBUF out = STRBUF_INIT;

	scratch_put(s, "workflow", workflow);
	scratch_put(s, "lock", lock);
	assert_true(image_tag_find(s->dir, &words, &out));
	assert_string_equal(out.buf, "5.5.2");
	words = (struct strv){ .items = all + 3, .count = 1 };
	strbuf_reset(&out);
	assert_true(image_tag_find(s->dir, &words, &out));
	assert_string_equal(out.buf, "5.4.2");
	words = (struct strv){ .items = all, .count = 2 };
	assert_false(image_tag_find(s->dir, &words, &out));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_lock_file_names_the_version),
		cmocka_unit_test(test_an_anchor_quotes_and_v_are_left_out),
		cmocka_unit_test(test_keys_that_are_not_there_give_nothing),
		cmocka_unit_test(test_a_value_that_is_no_tag_gives_nothing),
		cmocka_unit_test_setup_teardown(test_the_first_word_that_gives_one_counts,
						scratch_setup, scratch_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
