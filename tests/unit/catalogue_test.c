/* SPDX-License-Identifier: MIT
 *
 * The catalogue of boards, on small trees made here and on MicroPython's own 225 board.json files.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/path.h"
#include "base/strbuf.h"
#include "board/catalogue.h"
#include "config.h"
#include "os/fs.h"
#include "os/process.h"

#define DATA_DIR MPFLASH_SOURCE_RULES_DIR "/../../shared/data"

/* A folder for one test, with a tree in tree/. */
struct fixture {
	struct arena arena;
	const char *dir, *tree;
	struct err err;
	struct catalogue *c;
	struct board_choice choice;
};

static void must(bool ok, struct err *e)
{
	if (!ok)
		fail_msg("%s", e->msg);
}

static int setup(void **state)
{
	char name[] = "/tmp/mpflash-catalogue-XXXXXX";
	struct fixture *f = xcalloc(1, sizeof(*f));
	char *real = fs_realpath(mkdtemp(name));

	f->dir = arena_strdup(&f->arena, real);
	free(real);
	f->tree = path_join(&f->arena, f->dir, "tree");
	must(fs_mkdirs(path_join(&f->arena, f->tree, "ports"), &f->err), &f->err);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	catalogue_close(f->c);
	err_free(&f->err);
	must(fs_remove_tree(f->dir, &f->err), &f->err);
	arena_free(&f->arena);
	free(f);
	return 0;
}

static void put_bytes(struct fixture *f, const char *path, const void *data, size_t len)
{
	const char *full = path_join(&f->arena, f->dir, path);

	must(fs_mkdirs(path_dir(&f->arena, full), &f->err), &f->err);
	must(fs_write_atomic(full, data, len, 0644, &f->err), &f->err);
}

static void put(struct fixture *f, const char *path, const char *text)
{
	put_bytes(f, path, text, strlen(text));
}

static void put_board(struct fixture *f, const char *port, const char *id, const char *json)
{
	put(f, arena_printf(&f->arena, "tree/ports/%s/boards/%s/board.json", port, id), json);
}

static bool try_open(struct fixture *f, const char *outside)
{
	struct strv dirs = { 0 };

	if (outside)
		vec_push(&dirs, path_join(&f->arena, f->dir, outside));
	catalogue_close(f->c);
	f->c = catalogue_open(f->tree, &dirs, &f->err);
	vec_free(&dirs);
	return f->c != NULL;
}

static void open_with(struct fixture *f, const char *outside)
{
	must(try_open(f, outside), &f->err);
}

static struct board *find(struct fixture *f, const char *name)
{
	must(catalogue_find(f->c, name, &f->choice, &f->err), &f->err);
	return f->choice.board;
}

/* The name is refused with this message and hint (parts of them). */
static void refuse(struct fixture *f, const char *name, const char *msg, const char *hint)
{
	assert_false(catalogue_find(f->c, name, &f->choice, &f->err));
	if (!strstr(f->err.msg, msg))
		fail_msg("'%s' lacks '%s'", f->err.msg, msg);
	if (!f->err.hint || !strstr(f->err.hint, hint))
		fail_msg("hint '%s' lacks '%s'", f->err.hint ? f->err.hint : "(none)", hint);
}

static const char *listing(struct fixture *f)
{
	const char *text = "";

	for (size_t i = 0; i < catalogue_count(f->c); i++) {
		const struct board *b = catalogue_at(f->c, i);

		text = arena_printf(&f->arena, "%s%s/%s ", text, b->port ? b->port : "?", b->id);
	}
	return text;
}

static const char *variants(struct fixture *f, const struct board *b)
{
	const char *text = "";

	for (size_t i = 0; i < b->variants.count; i++)
		text = arena_printf(&f->arena, "%s%s=%s;", text, b->variants.items[i].name,
				    b->variants.items[i].text);
	return text;
}

/* ---- listing ---- */

static void a_folder_with_board_files_is_a_board(void **state)
{
	struct fixture *f = *state;

	put_board(f, "stm32", "PYBV11", "{}");
	put(f, "tree/ports/stm32/boards/PYBV4/mpconfigboard.mk", "");
	put(f, "tree/ports/rp2/boards/MINE/mpconfigboard.cmake", "");
	open_with(f, NULL);
	assert_string_equal(listing(f), "rp2/MINE stm32/PYBV11 stm32/PYBV4 ");
	assert_string_equal(catalogue_at(f->c, 1)->dir,
			    path_join(&f->arena, f->tree, "ports/stm32/boards/PYBV11"));
}

static void other_folders_are_no_boards(void **state)
{
	struct fixture *f = *state;

	put(f, "tree/ports/stm32/boards/common_isr_ram/isr.ld", "");
	put(f, "tree/ports/stm32/boards/board.json", "{}");
	put_board(f, "stm32", "with space", "{}");
	put_board(f, "stm32", ".hidden", "{}");
	put_board(f, "stm32", "-dash", "{}");
	put_board(f, "stm32", "a;b", "{}");
	open_with(f, NULL);
	assert_string_equal(listing(f), "");
	assert_int_equal(catalogue_ports(f->c)->count, 1);
}

static void a_port_of_variants_has_one_pseudo_board(void **state)
{
	struct fixture *f = *state;
	struct board *b;

	put(f, "tree/ports/unix/variants/standard/mpconfigvariant.mk", "");
	put(f, "tree/ports/unix/variants/coverage/mpconfigvariant.mk", "");
	put(f, "tree/ports/unix/variants/manifest.py", "");
	put(f, "tree/ports/minimal/Makefile", "");
	open_with(f, NULL);
	assert_string_equal(listing(f), "unix/unix ");
	b = find(f, "unix");
	assert_true(b->pseudo);
	assert_string_equal(variants(f, b), "coverage=;standard=;");
	assert_string_equal(f->choice.variant, "standard");
	find(f, "unix-coverage");
	assert_string_equal(f->choice.variant, "coverage");
}

static void a_folder_without_ports_is_no_tree(void **state)
{
	struct fixture *f = *state;

	f->tree = path_join(&f->arena, f->dir, "nothing");
	assert_false(try_open(f, NULL));
	assert_non_null(strstr(f->err.msg, "nothing/ports"));
}

static void all_is_every_board_and_variant(void **state)
{
	struct fixture *f = *state;
	struct board_choices all = { 0 };
	const char *text = "";

	put_board(f, "stm32", "PYBV11", "{\"variants\": {\"DP\": \"\"}}");
	put(f, "tree/ports/unix/variants/standard/mpconfigvariant.mk", "");
	put(f, "tree/ports/qemu/boards/Q/mpconfigboard.mk", "");
	open_with(f, NULL);
	must(catalogue_all(f->c, NULL, &all, &f->err), &f->err);
	for (size_t i = 0; i < all.count; i++)
		text = arena_printf(&f->arena, "%s%s-%s ", text, all.items[i].board->id,
				    all.items[i].variant ? all.items[i].variant : "");
	assert_string_equal(text, "Q- PYBV11- PYBV11-DP unix-standard ");
	all.count = 0;
	must(catalogue_all(f->c, "stm32", &all, &f->err), &f->err);
	assert_int_equal(all.count, 2);
	vec_free(&all);
	assert_false(catalogue_all(f->c, "stm33", &all, &f->err));
	assert_string_equal(f->err.hint, "did you mean 'stm32'?");
}

/* ---- board.json ---- */

static void board_json_describes_the_board(void **state)
{
	struct fixture *f = *state;
	struct board *b;

	put_board(f, "stm32", "B",
		  "{\"mcu\": \"stm32f4\", \"product\": \"Pyboard v1.1\", \"vendor\": \"George "
		  "Robotics\","
		  "\"url\": \"https://store.micropython.org\", \"deploy\": [\"../deploy.md\"],"
		  "\"features\": [1, {\"a\": []}], \"variants\": {\"THREAD\": \"Threads\", \"DP\": "
		  "\"Double\"}}");
	open_with(f, NULL);
	b = find(f, "B");
	assert_string_equal(b->mcu, "stm32f4");
	assert_string_equal(b->product, "Pyboard v1.1");
	assert_string_equal(b->vendor, "George Robotics");
	assert_string_equal(b->url, "https://store.micropython.org");
	assert_int_equal(b->deploy.count, 1);
	assert_string_equal(b->deploy.items[0], "../deploy.md");
	assert_string_equal(variants(f, b), "DP=Double;THREAD=Threads;");
	assert_null(f->choice.variant);
}

/* No build needs them: what is odd about them is for board_check to tell. */
static void pictures_and_features_are_read_where_they_are_lists(void **state)
{
	struct fixture *f = *state;
	struct board *b;

	put_board(f, "stm32", "B",
		  "{\"images\": [\"a.jpg\", 3, \"\", \"b.jpg\"], \"features\": [\"USB\\u001b\"]}");
	put_board(f, "stm32", "ODD", "{\"images\": \"a.jpg\", \"features\": {\"USB\": \"x\"}}");
	open_with(f, NULL);
	b = find(f, "B");
	assert_int_equal(b->images.count, 2);
	assert_string_equal(b->images.items[1], "b.jpg");
	assert_int_equal(b->features.count, 1);
	assert_string_equal(b->features.items[0], "USB ");
	b = find(f, "ODD");
	assert_int_equal(b->images.count, 0);
	assert_int_equal(b->features.count, 0);
}

static void a_board_without_board_json_has_no_mcu(void **state)
{
	struct fixture *f = *state;

	put(f, "tree/ports/stm32/boards/B/mpconfigboard.mk", "MCU_SERIES = f4\n");
	open_with(f, NULL);
	assert_null(find(f, "B")->mcu);
}

static void variants_come_from_files_too(void **state)
{
	struct fixture *f = *state;

	put_board(f, "rp2", "B", "{\"variants\": {\"ONE\": \"First\"}}");
	put(f, "tree/ports/rp2/boards/B/mpconfigvariant.cmake", "");
	put(f, "tree/ports/rp2/boards/B/mpconfigvariant_ONE.cmake", "");
	put(f, "tree/ports/rp2/boards/B/mpconfigvariant_RISCV.cmake", "");
	put(f, "tree/ports/rp2/boards/B/mpconfigvariant_MK.mk", "");
	put(f, "tree/ports/rp2/boards/B/mpconfigvariant_OLD.mk.orig", "");
	open_with(f, NULL);
	assert_string_equal(variants(f, find(f, "B")), "MK=;ONE=First;RISCV=;");
}

static void opening_reads_no_board_json(void **state)
{
	struct fixture *f = *state;

	put_board(f, "stm32", "BROKEN", "{");
	put_board(f, "stm32", "GOOD", "{}");
	open_with(f, NULL);
	find(f, "GOOD");
}

static void a_bad_board_json_is_named(void **state)
{
	static const struct {
		const char *json, *msg;
	} cases[] = {
		{ "{\"mcu\": \"x\"", "not valid JSON" },
		{ "", "not valid JSON" },
		{ "[]", "not a JSON object" },
		{ "\"text\"", "not a JSON object" },
		{ "{\"mcu\": 3}", "\"mcu\" must be a string" },
		{ "{\"product\": null}", "\"product\" must be a string" },
		{ "{\"variants\": [\"DP\"]}", "\"variants\" must be an object" },
		{ "{\"deploy\": \"x.md\"}", "\"deploy\" must be a list" },
		{ "{\"variants\": {\"a/b\": \"\"}}", "variant 'a/b'" },
		{ "{\"variants\": {\"-x\": \"\"}}", "variant '-x'" },
		{ "{\"variants\": {\"a b\": \"\"}}", "variant 'a b'" },
		{ "{\"variants\": {\"x\\u001b[31m\": \"\"}}", "variant 'x [31m'" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		put_board(f, "stm32", "B", cases[i].json);
		open_with(f, NULL);
		refuse(f, "B", cases[i].msg, "python3 -m json.tool");
		assert_non_null(strstr(f->err.msg, "ports/stm32/boards/B/board.json: "));
	}
}

static void a_nul_byte_or_endless_nesting_is_not_json(void **state)
{
	static const char nul[] = "{}\0{\"mcu\": 1}";
	struct fixture *f = *state;
	char deep[40000];

	put_bytes(f, "tree/ports/stm32/boards/B/board.json", nul, sizeof(nul) - 1);
	open_with(f, NULL);
	refuse(f, "B", "not valid JSON", "json.tool");
	memset(deep, '[', sizeof(deep));
	put_bytes(f, "tree/ports/stm32/boards/B/board.json", deep, sizeof(deep));
	open_with(f, NULL);
	refuse(f, "B", "not valid JSON", "json.tool");
}

static void a_huge_board_json_is_refused(void **state)
{
	struct fixture *f = *state;
	size_t size = (1 << 20) + 1;
	char *text = xmalloc(size);

	memset(text, ' ', size);
	text[0] = '{';
	text[size - 1] = '}';
	put_bytes(f, "tree/ports/stm32/boards/B/board.json", text, size);
	free(text);
	open_with(f, NULL);
	assert_false(catalogue_find(f->c, "B", &f->choice, &f->err));
	assert_non_null(strstr(f->err.msg, "board.json is larger than 1048576 bytes"));
}

static void texts_are_cleaned_and_cut(void **state)
{
	static const char start[] =
		"{\"product\": \"a\\u001b[2Jb\\nc\\u009bd\\u00e9\xff\xc3\xa9\", \"vendor\": \"";
	AUTO_STRBUF json = STRBUF_INIT;
	struct fixture *f = *state;
	struct board *b;

	strbuf_adds(&json, start);
	for (int i = 0; i < 600; i++)
		strbuf_adds(&json, "\xc3\xa9");
	strbuf_adds(&json, "\"}");
	put_board(f, "stm32", "B", json.buf);
	open_with(f, NULL);
	b = find(f, "B");
	assert_string_equal(b->product, "a [2Jb c d\xc3\xa9?\xc3\xa9");
	assert_int_equal(strlen(b->vendor), 500);
	assert_memory_equal(b->vendor + 498, "\xc3\xa9", 3);
}

static void a_failed_load_can_be_tried_again(void **state)
{
	struct fixture *f = *state;

	put_board(f, "stm32", "B", "{\"variants\": {\"DP\": \"\", \"a/b\": \"\"}}");
	open_with(f, NULL);
	refuse(f, "B", "variant 'a/b'", "json.tool");
	put_board(f, "stm32", "B", "{\"variants\": {\"DP\": \"\"}}");
	assert_string_equal(variants(f, find(f, "B")), "DP=;");
}

/* ---- finding ---- */

static void a_board_is_found_with_port_and_variant(void **state)
{
	struct fixture *f = *state;

	put_board(f, "stm32", "PYBV11", "{\"variants\": {\"DP\": \"\", \"DP-THREAD\": \"\"}}");
	open_with(f, NULL);
	assert_string_equal(find(f, "PYBV11")->id, "PYBV11");
	find(f, "stm32/PYBV11-DP");
	assert_string_equal(f->choice.variant, "DP");
	find(f, "PYBV11-DP-THREAD");
	assert_string_equal(f->choice.variant, "DP-THREAD");
}

static void a_board_with_a_dash_wins_over_a_variant(void **state)
{
	struct fixture *f = *state;

	put_board(f, "stm32", "A", "{\"variants\": {\"B\": \"\", \"B-C\": \"\", \"B-D\": \"\"}}");
	put_board(f, "stm32", "A-B", "{\"variants\": {\"C\": \"\"}}");
	open_with(f, NULL);
	assert_string_equal(find(f, "A-B")->id, "A-B");
	assert_null(f->choice.variant);
	assert_string_equal(find(f, "A-B-C")->id, "A-B");
	assert_string_equal(find(f, "A-B-D")->id, "A");
	assert_string_equal(f->choice.variant, "B-D");
}

static void a_name_of_two_ports_needs_the_port(void **state)
{
	struct fixture *f = *state;

	put_board(f, "nrf", "MICROBIT", "{\"variants\": {\"ONLY\": \"\"}}");
	put(f, "tree/ports/qemu/boards/MICROBIT/mpconfigboard.mk", "");
	open_with(f, NULL);
	refuse(f, "MICROBIT", "'nrf/MICROBIT' and 'qemu/MICROBIT'", "'nrf/MICROBIT'");
	assert_string_equal(find(f, "qemu/MICROBIT")->port, "qemu");
	assert_string_equal(find(f, "nrf/MICROBIT")->port, "nrf");
	/* Only one of them has the variant. */
	assert_string_equal(find(f, "MICROBIT-ONLY")->port, "nrf");
}

static void an_unknown_board_suggests_near_ones(void **state)
{
	struct fixture *f = *state;

	put_board(f, "stm32", "PYBV11", "{}");
	put_board(f, "stm32", "NUCLEO_H563ZI", "{}");
	put_board(f, "rp2", "RPI_PICO", "{}");
	put(f, "tree/ports/minimal/Makefile", "");
	open_with(f, NULL);
	refuse(f, "PYBV12", "no board 'PYBV12' in this tree", "did you mean 'PYBV11'?");
	refuse(f, "nucleo-h563zi", "no board 'nucleo-h563zi'", "'NUCLEO_H563ZI'");
	refuse(f, "PYVB11-DP", "no board 'PYVB11-DP'", "'PYBV11'");
	refuse(f, "xyzzy", "no board 'xyzzy'", "mpflash boards");
	refuse(f, "rp2/PYBV11", "port 'rp2' has no board 'PYBV11'", "'stm32/PYBV11'");
	refuse(f, "stm32", "no board 'stm32'", "'stm32/all'");
	refuse(f, "minimal", "no board 'minimal'", "has no boards");
	refuse(f, "smt32/PYBV11", "no port 'smt32'", "'stm32'");
	refuse(f, "stm32/", "port 'stm32' has no board ''", "");
	refuse(f, "", "no board ''", "");
}

static void an_unknown_variant_lists_them(void **state)
{
	struct fixture *f = *state;

	put_board(f, "stm32", "PYBV11", "{\"variants\": {\"DP\": \"\", \"THREAD\": \"\"}}");
	put_board(f, "stm32", "PLAIN", "{}");
	open_with(f, NULL);
	refuse(f, "PYBV11-THRED", "board 'PYBV11' has no variant 'THRED'; it has DP, THREAD",
	       "'PYBV11-THREAD'");
	refuse(f, "PLAIN-DP", "it has none", "'PLAIN'");
}

/* ---- boards outside the tree ---- */

static void a_board_outside_gets_its_port_from_its_place(void **state)
{
	struct fixture *f = *state;

	put(f, "tree/ports/rp2/Makefile", "");
	put(f, "fork/ports/rp2/boards/MINE/mpconfigboard.cmake", "");
	open_with(f, "fork/ports/rp2/boards/MINE");
	assert_string_equal(find(f, "MINE")->port, "rp2");
	assert_true(f->choice.board->outside);
	assert_string_equal(f->choice.board->dir,
			    path_join(&f->arena, f->dir, "fork/ports/rp2/boards/MINE"));
}

static void a_board_outside_gets_its_port_from_its_files(void **state)
{
	static const struct {
		const char *file, *text, *port;
	} cases[] = {
		{ "board.json", "{\"mcu\": \"stm32h7\"}", "stm32" },
		{ "board.json", "{\"mcu\": \"rp2350\"}", "rp2" },
		{ "board.json", "{\"mcu\": \"RA6M5\"}", "renesas-ra" },
		{ "mpconfigboard.mk",
		  "# CMSIS_MCU = SAMD21\nMCU_SERIES = f4\nCMSIS_MCU = STM32F405xx\n", "stm32" },
		{ "mpconfigboard.mk", "MCU_SERIES ?= SAMD51", "samd" },
		{ "mpconfigboard.mk", "MCU_SERIES = m4\nCMSIS_MCU := RA4M1\n", "renesas-ra" },
		{ "mpconfigboard.mk", "MCU_SERIES = m4\nMCU_VARIANT = nrf52\n", "nrf" },
		{ "mpconfigboard.mk", "QEMU_ARCH = arm\nQEMU_MACHINE = mps2-an385\n", "qemu" },
		{ "mpconfigboard.cmake", "set(IDF_TARGET esp32s3)\n", "esp32" },
		{ "mpconfigboard.cmake", "  set(PICO_BOARD \"pico2\")\n", "rp2" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *dir = arena_printf(&f->arena, "out%zu/MINE", i);

		put(f, arena_printf(&f->arena, "%s/%s", dir, cases[i].file), cases[i].text);
		put(f, arena_printf(&f->arena, "tree/ports/%s/Makefile", cases[i].port), "");
		open_with(f, dir);
		assert_string_equal(find(f, "MINE")->port, cases[i].port);
	}
}

static void a_board_whose_port_is_unclear_must_be_named_with_it(void **state)
{
	struct fixture *f = *state;

	put(f, "tree/ports/stm32/Makefile", "");
	put(f, "out/MINE/mpconfigboard.mk", "FOO = 1\n");
	open_with(f, "out/MINE");
	assert_string_equal(listing(f), "?/MINE ");
	refuse(f, "MINE", "cannot tell which port board 'MINE'", "'PORT/MINE'");
	refuse(f, "xyz/MINE", "no port 'xyz'", "its ports are: stm32");
	assert_string_equal(find(f, "stm32/MINE")->port, "stm32");
	assert_string_equal(find(f, "MINE")->port, "stm32");
}

static void a_named_port_takes_the_board_from_outside(void **state)
{
	struct fixture *f = *state;

	put_board(f, "stm32", "MINE", "{}");
	put(f, "out/MINE/mpconfigboard.mk", "");
	open_with(f, "out/MINE");
	assert_true(find(f, "stm32/MINE")->outside);
}

static void a_folder_of_boards_may_be_given(void **state)
{
	struct fixture *f = *state;

	put(f, "tree/ports/stm32/Makefile", "");
	put(f, "out/A/board.json", "{\"mcu\": \"stm32f4\"}");
	put(f, "out/B/board.json", "{\"mcu\": \"stm32f7\"}");
	put(f, "out/docs/readme", "");
	open_with(f, "out");
	assert_string_equal(listing(f), "stm32/A stm32/B ");
}

static void a_board_outside_replaces_one_of_the_tree(void **state)
{
	struct fixture *f = *state;

	put_board(f, "stm32", "PYBV11", "{\"mcu\": \"stm32f4\", \"product\": \"old\"}");
	put(f, "out/PYBV11/board.json", "{\"mcu\": \"stm32f4\", \"product\": \"new\"}");
	open_with(f, "out");
	assert_string_equal(listing(f), "stm32/PYBV11 ");
	assert_string_equal(find(f, "PYBV11")->product, "new");
}

static void a_folder_of_the_tree_changes_nothing(void **state)
{
	struct fixture *f = *state;

	put_board(f, "stm32", "PYBV11", "{}");
	open_with(f, "tree/ports/stm32/boards");
	assert_string_equal(listing(f), "stm32/PYBV11 ");
	assert_false(find(f, "PYBV11")->outside);
}

static void bad_board_folders_are_refused(void **state)
{
	struct fixture *f = *state;
	struct strv dirs = { 0 };

	assert_false(try_open(f, "missing"));
	assert_non_null(strstr(f->err.msg, "missing': no such folder"));
	put(f, "empty/readme", "");
	assert_false(try_open(f, "empty"));
	assert_non_null(strstr(f->err.msg, "no board in '"));
	put(f, "my board/board.json", "{}");
	assert_false(try_open(f, "my board"));
	assert_non_null(strstr(f->err.msg, "make cannot take its name"));
	put(f, "one/X/board.json", "{\"mcu\": \"rp2040\"}");
	put(f, "two/X/board.json", "{\"mcu\": \"rp2040\"}");
	vec_push(&dirs, path_join(&f->arena, f->dir, "one"));
	vec_push(&dirs, path_join(&f->arena, f->dir, "two"));
	assert_null(catalogue_open(f->tree, &dirs, &f->err));
	assert_non_null(strstr(f->err.msg, "two folders are board 'X'"));
	vec_free(&dirs);
}

static void a_board_for_a_port_that_the_tree_lacks_is_refused(void **state)
{
	struct fixture *f = *state;
	struct board_choices all = { 0 };

	put(f, "out/MINE/board.json", "{\"mcu\": \"samd51\"}");
	open_with(f, "out");
	refuse(f, "MINE", "is for port 'samd', which this tree does not have", "--mpy DIR");
	must(catalogue_all(f->c, NULL, &all, &f->err), &f->err);
	assert_int_equal(all.count, 0);
}

/* ---- MicroPython's own boards ---- */

static void unpack(struct fixture *f, const char *archive)
{
	const char *argv[] = { "tar", "-xzf", archive, "-C", f->tree, NULL };
	struct process_spec spec = { .argv = argv };
	struct process_exit x;

	must(process_run(&spec, 60000, NULL, &x, &f->err), &f->err);
	assert_int_equal(x.code, 0);
}

static size_t count_of(struct fixture *f, const char *port)
{
	size_t n = 0;

	for (size_t i = 0; i < catalogue_count(f->c); i++)
		n += strcmp(catalogue_at(f->c, i)->port, port) == 0;
	return n;
}

static void all_of_micropython_is_read(void **state)
{
	static const struct {
		const char *port;
		size_t boards;
	} ports[] = { { "stm32", 76 }, { "esp32", 45 },  { "rp2", 38 },       { "nrf", 23 },
		      { "samd", 18 },  { "mimxrt", 14 }, { "renesas-ra", 7 }, { "alif", 1 },
		      { "cc3200", 1 }, { "esp8266", 1 }, { "psoc-edge", 1 } };
	static const char archive[] = DATA_DIR "/micropython-boards.tar.gz";
	struct fixture *f = *state;
	struct board_choices all = { 0 };

	if (!fs_exists(archive)) {
		print_message("skipped: %s is not there\n", archive);
		skip();
	}
	unpack(f, archive);
	open_with(f, NULL);
	assert_int_equal(catalogue_count(f->c), 225);
	for (size_t i = 0; i < ARRAY_SIZE(ports); i++)
		assert_int_equal(count_of(f, ports[i].port), ports[i].boards);
	must(catalogue_all(f->c, NULL, &all, &f->err), &f->err);
	assert_int_equal(all.count, 225 + 50);
	vec_free(&all);
	for (size_t i = 0; i < catalogue_count(f->c); i++) {
		assert_non_null(catalogue_at(f->c, i)->mcu);
		assert_non_null(catalogue_at(f->c, i)->product);
	}
	assert_string_equal(find(f, "NUCLEO_H563ZI")->mcu, "stm32h5");
	assert_string_equal(find(f, "RPI_PICO2-RISCV")->mcu, "rp2350");
	refuse(f, "NUCLEO_H563", "no board", "'NUCLEO_H563ZI'");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_folder_with_board_files_is_a_board),
		TEST(other_folders_are_no_boards),
		TEST(a_port_of_variants_has_one_pseudo_board),
		TEST(a_folder_without_ports_is_no_tree),
		TEST(all_is_every_board_and_variant),
		TEST(board_json_describes_the_board),
		TEST(pictures_and_features_are_read_where_they_are_lists),
		TEST(a_board_without_board_json_has_no_mcu),
		TEST(variants_come_from_files_too),
		TEST(opening_reads_no_board_json),
		TEST(a_bad_board_json_is_named),
		TEST(a_nul_byte_or_endless_nesting_is_not_json),
		TEST(a_huge_board_json_is_refused),
		TEST(texts_are_cleaned_and_cut),
		TEST(a_failed_load_can_be_tried_again),
		TEST(a_board_is_found_with_port_and_variant),
		TEST(a_board_with_a_dash_wins_over_a_variant),
		TEST(a_name_of_two_ports_needs_the_port),
		TEST(an_unknown_board_suggests_near_ones),
		TEST(an_unknown_variant_lists_them),
		TEST(a_board_outside_gets_its_port_from_its_place),
		TEST(a_board_outside_gets_its_port_from_its_files),
		TEST(a_board_whose_port_is_unclear_must_be_named_with_it),
		TEST(a_named_port_takes_the_board_from_outside),
		TEST(a_folder_of_boards_may_be_given),
		TEST(a_board_outside_replaces_one_of_the_tree),
		TEST(a_folder_of_the_tree_changes_nothing),
		TEST(bad_board_folders_are_refused),
		TEST(a_board_for_a_port_that_the_tree_lacks_is_refused),
		TEST(all_of_micropython_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
