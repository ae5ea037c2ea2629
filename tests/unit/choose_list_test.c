/* SPDX-License-Identifier: MIT
 *
 * A list of choices under the keyboard, key by key.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "base/xalloc.h"
#include "cmd/choose_list.h"

enum { PAGE = 2 };

static const struct choice boards[] = {
	{ "RPI_PICO", "rp2 Raspberry Pi" },
	{ "PICO_CLONE", NULL },
	{ "RPI_PICO_W", "rp2 Raspberry Pi, wireless" },
	{ "F\xc3\xbcnf", "stm32" },
};

static void press(struct choose_list *l, enum terminal_key key)
{
	choose_list_press(l, key, "", PAGE);
}

/* One key a byte; a character of several bytes comes whole from a terminal. */
static void type(struct choose_list *l, const char *text)
{
	for (; *text; text++)
		choose_list_press(l, KEY_TEXT, (char[]){ *text, '\0' }, PAGE);
}

/* What is shown, by the beginnings of names, the bar's in front: "RPI_PICO|PICO_CLONE ". */
static void assert_shown(const struct choose_list *l, const char *want)
{
	AUTO_STRBUF out = STRBUF_INIT;

	for (size_t i = 0; i < l->shown.count; i++)
		strbuf_addf(&out, "%s%s%s", i ? " " : "", i == l->at ? ">" : "",
			    l->items[l->shown.items[i]].name);
	assert_string_equal(out.buf, want);
}

static void assert_taken(const struct choose_list *l, size_t count, size_t first)
{
	size_t chosen[ARRAY_SIZE(boards)];

	assert_int_equal(choose_list_take(l, chosen), count);
	if (count)
		assert_int_equal(chosen[0], first);
}

static struct choose_list list_of(bool several)
{
	struct choose_list l;

	choose_list_init(&l, boards, ARRAY_SIZE(boards), several);
	return l;
}

static void test_all_are_shown_first(void **state)
{
	struct choose_list l = list_of(false);

	(void)state;
	assert_shown(&l, ">RPI_PICO PICO_CLONE RPI_PICO_W F\xc3\xbcnf");
	assert_taken(&l, 1, 0);
	choose_list_free(&l);
}

static void test_typing_narrows_in_any_case(void **state)
{
	struct choose_list l = list_of(false);

	(void)state;
	type(&l, "rpi");
	assert_shown(&l, ">RPI_PICO RPI_PICO_W");
	type(&l, "_PICO_w");
	assert_shown(&l, ">RPI_PICO_W");
	assert_taken(&l, 1, 2);
	choose_list_free(&l);
}

static void test_the_bar_goes_to_a_name_that_begins_so(void **state)
{
	struct choose_list l = list_of(false);

	(void)state;
	type(&l, "pico");
	assert_shown(&l, "RPI_PICO >PICO_CLONE RPI_PICO_W");
	choose_list_free(&l);
}

static void test_each_word_is_in_the_name_or_in_what_is_said(void **state)
{
	struct choose_list l = list_of(false);

	(void)state;
	type(&l, " wireless  rpi ");
	assert_shown(&l, ">RPI_PICO_W");
	type(&l, "stm32");
	assert_shown(&l, "");
	assert_taken(&l, 0, 0);
	choose_list_free(&l);
}

static void test_backspace_takes_a_whole_character(void **state)
{
	struct choose_list l = list_of(false);

	(void)state;
	type(&l, "f");
	choose_list_press(&l, KEY_TEXT, "\xc3\xbc", PAGE);
	assert_shown(&l, ">F\xc3\xbcnf");
	press(&l, KEY_BACKSPACE);
	assert_string_equal(l.search.buf, "f");
	press(&l, KEY_BACKSPACE);
	press(&l, KEY_BACKSPACE);
	assert_shown(&l, ">RPI_PICO PICO_CLONE RPI_PICO_W F\xc3\xbcnf");
	choose_list_free(&l);
}

static void test_clear_shows_all_again(void **state)
{
	struct choose_list l = list_of(false);

	(void)state;
	type(&l, "zz");
	assert_shown(&l, "");
	press(&l, KEY_DOWN);
	assert_int_equal(l.at, 0);
	press(&l, KEY_CLEAR);
	assert_int_equal(l.shown.count, ARRAY_SIZE(boards));
	choose_list_free(&l);
}

static void test_the_bar_stops_at_both_ends(void **state)
{
	static const struct {
		enum terminal_key key;
		size_t at;
	} steps[] = {
		{ KEY_UP, 0 },      { KEY_DOWN, 1 },    { KEY_PAGE_DOWN, 3 }, { KEY_PAGE_DOWN, 3 },
		{ KEY_PAGE_UP, 1 }, { KEY_UP, 0 },      { KEY_END, 3 },       { KEY_DOWN, 3 },
		{ KEY_HOME, 0 },    { KEY_PAGE_UP, 0 }, { KEY_OTHER, 0 },
	};
	struct choose_list l = list_of(false);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		press(&l, steps[i].key);
		assert_int_equal(l.at, steps[i].at);
	}
	choose_list_free(&l);
}

static void test_a_search_has_an_end(void **state)
{
	struct choose_list l = list_of(false);

	(void)state;
	for (int i = 0; i < 100; i++)
		type(&l, "x");
	assert_int_equal(l.search.len, 60);
	choose_list_free(&l);
}

static void test_a_blank_marks_and_marks_outlive_the_search(void **state)
{
	struct choose_list l = list_of(true);

	(void)state;
	type(&l, "clone");
	type(&l, " ");
	assert_string_equal(l.search.buf, "clone");
	press(&l, KEY_CLEAR);
	assert_taken(&l, 1, 1);
	type(&l, " ");
	assert_int_equal(l.at, 1);
	assert_taken(&l, 2, 0);
	type(&l, " ");
	assert_taken(&l, 1, 0);
	choose_list_free(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_are_shown_first),
		cmocka_unit_test(test_typing_narrows_in_any_case),
		cmocka_unit_test(test_the_bar_goes_to_a_name_that_begins_so),
		cmocka_unit_test(test_each_word_is_in_the_name_or_in_what_is_said),
		cmocka_unit_test(test_backspace_takes_a_whole_character),
		cmocka_unit_test(test_clear_shows_all_again),
		cmocka_unit_test(test_the_bar_stops_at_both_ends),
		cmocka_unit_test(test_a_search_has_an_end),
		cmocka_unit_test(test_a_blank_marks_and_marks_outlive_the_search),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
