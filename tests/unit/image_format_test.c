/* SPDX-License-Identifier: MIT
 *
 * Which format a file is, opening files, options from text, and one digest for all formats.
 */
#include "image_helpers.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/xalloc.h"

static void assert_detected(const struct strbuf *bytes, const char *path, const char *want)
{
	const struct image_format *f =
		image_format_detect((const uint8_t *)bytes->buf, bytes->len, path);

	assert_non_null(f);
	assert_string_equal(f->name, want);
}

static void make_image(struct image *img)
{
	add_pattern(img, 0x08000000, 0x3c8c);
	add_pattern(img, 0x08020000, 0x12345);
	img->has_entry = true;
	img->entry = 0x08020101;
}

static void test_the_table_is_sorted(void **state)
{
	(void)state;
	for (size_t i = 1; image_formats[i]; i++)
		assert_true(strcmp(image_formats[i - 1]->name, image_formats[i]->name) < 0);
}

static void test_content_decides_before_the_name(void **state)
{
	static const char *const names[] = { "dfu", "hex", "srec", "uf2" };
	AUTO_IMAGE img = IMAGE_INIT;

	(void)state;
	make_image(&img);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		AUTO_STRBUF out = STRBUF_INIT;

		write_image(&img, names[i], &out, NULL);
		assert_detected(&out, "firmware.bin", names[i]);
		assert_detected(&out, NULL, names[i]);
	}
}

static void test_the_name_decides_where_content_cannot(void **state)
{
	static const struct {
		const char *path, *want;
	} cases[] = {
		{ "firmware.bin", "bin" }, { "a.b/FIRMWARE.BIN", "bin" },
		{ "x.hex", "hex" },        { "x.IHex", "hex" },
		{ "x.axf", "elf" },        { "x.uf2", "uf2" },
		{ "x.s19", "srec" },       { "x.S37", "srec" },
		{ "x.mot", "srec" },       { "x.srec", "srec" },
	};
	AUTO_STRBUF bytes = STRBUF_INIT;

	(void)state;
	strbuf_adds(&bytes, "nothing special");
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_detected(&bytes, cases[i].path, cases[i].want);
	assert_null(image_format_detect((const uint8_t *)bytes.buf, bytes.len, "x.txt"));
	assert_null(image_format_detect((const uint8_t *)bytes.buf, bytes.len, "bin"));
	assert_null(image_format_detect((const uint8_t *)bytes.buf, bytes.len, NULL));
}

static void test_a_colon_does_not_make_a_hex_file(void **state)
{
	AUTO_STRBUF bytes = STRBUF_INIT;

	(void)state;
	strbuf_adds(&bytes, ":0300300002337A1F\n"); /* a wrong checksum */
	assert_null(image_format_detect((const uint8_t *)bytes.buf, bytes.len, NULL));
}

static void test_formats_by_name(void **state)
{
	AUTO_STRBUF readable = STRBUF_INIT;
	AUTO_STRBUF writable = STRBUF_INIT;

	(void)state;
	assert_string_equal(format_named("UF2")->name, "uf2");
	assert_null(image_format_by_name("exe"));
	assert_null(image_format_by_name(""));
	image_format_names(&readable, false);
	image_format_names(&writable, true);
	assert_string_equal(readable.buf, "bin, dfu, dfu11, elf, esp, hex, srec, uf2");
	assert_string_equal(writable.buf, "bin, dfu, dfu11, elf, esp, hex, srec, uf2");
}

/* Whatever chain of formats an image goes through, its digest stays. */
static void test_all_formats_have_one_digest(void **state)
{
	static const char *const chain[] = { "elf", "elf", "hex", "dfu",  "srec", "uf2",
					     "dfu", "hex", "uf2", "srec", "hex",  "hex" };
	AUTO_IMAGE img = IMAGE_INIT;
	AUTO_STRBUF bytes = STRBUF_INIT;

	(void)state;
	make_image(&img);
	img.machine = 40; /* EM_ARM, for the ELF */
	write_image(&img, "elf", &bytes, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(chain); i++) {
		AUTO_STRBUF next = STRBUF_INIT;
		AUTO_IMAGE back = IMAGE_INIT;
		const struct image_format *f =
			image_format_detect((const uint8_t *)bytes.buf, bytes.len, NULL);

		assert_non_null(f);
		read_image(&back, f->name, bytes.buf, bytes.len, &no_options);
		assert_same_digest(&img, &back);
		write_image(&back, chain[i], &next, NULL);
		strbuf_reset(&bytes);
		strbuf_add(&bytes, next.buf, next.len);
	}
}

static void test_a_bin_has_the_digest_too(void **state)
{
	const struct image_options opt = { .has_base = true, .base = 0x08000000 };
	AUTO_IMAGE img = IMAGE_INIT;
	AUTO_IMAGE back = IMAGE_INIT;
	AUTO_STRBUF bytes = STRBUF_INIT;

	(void)state;
	add_pattern(&img, 0x08000000, 54321);
	write_image(&img, "bin", &bytes, NULL);
	read_image(&back, "bin", bytes.buf, bytes.len, &opt);
	assert_same_digest(&img, &back);
}

/* --- files --------------------------------------------------------------------------------------- */

static int make_folder(void **state)
{
	char *dir = xstrdup("/tmp/mpflash-image.XXXXXX");

	*state = dir;
	return mkdtemp(dir) && chdir(dir) == 0 ? 0 : -1;
}

static int remove_folder(void **state)
{
	AUTO_ERR e = ERR_INIT;
	bool good = chdir("/") == 0 && fs_remove_tree(*state, &e);

	free(*state);
	return good ? 0 : -1;
}

static void put_file(const char *name, const char *text)
{
	AUTO_ERR e = ERR_INIT;

	assert_true(fs_write_atomic(name, text, strlen(text), 0644, &e));
}

static void assert_not_opened(const char *path, const struct image_options *opt,
			      const char *message, const char *hint)
{
	struct image_file f;
	AUTO_ERR e = ERR_INIT;

	assert_false(image_file_open(&f, path, opt, &e));
	assert_contains(e.msg, message);
	if (hint)
		assert_contains(e.hint, hint);
	image_file_close(&f);
}

static void test_a_file_is_opened_by_its_content(void **state)
{
	struct image_file f;
	AUTO_ERR e = ERR_INIT;

	(void)state;
	put_file("a.txt", ":0300300002337A1E\n:00000001FF\n");
	assert_true(image_file_open(&f, "a.txt", NULL, &e));
	assert_string_equal(f.format->name, "hex");
	assert_segment(&f.image, 0, 0x30, 3);
	image_file_close(&f);
}

static void test_a_given_format_wins(void **state)
{
	const struct image_options opt = { .format = "bin", .has_base = true, .base = 0x100 };
	struct image_file f;
	AUTO_ERR e = ERR_INIT;

	(void)state;
	put_file("a.txt", ":0300300002337A1E\n:00000001FF\n");
	assert_true(image_file_open(&f, "a.txt", &opt, &e));
	assert_string_equal(f.format->name, "bin");
	assert_segment(&f.image, 0, 0x100, 30);
	image_file_close(&f);
}

static void test_errors_name_the_file(void **state)
{
	const struct image_options exe = { .format = "exe" };

	(void)state;
	put_file("a.hex", ":0300300002337A1F\n");
	put_file("a.txt", "hello");
	put_file("b.bin", "hello");
	put_file("empty.uf2", "");
	assert_not_opened("a.hex", NULL, "a.hex (Intel HEX): line 1: the checksum", NULL);
	assert_not_opened("a.txt", NULL, "a.txt: neither the content nor the name", "--from");
	assert_not_opened("b.bin", NULL, "b.bin (raw binary): the address", "--base");
	assert_not_opened("empty.uf2", NULL, "empty.uf2: the file is empty", NULL);
	assert_not_opened("none.uf2", NULL, "none.uf2", NULL);
	assert_not_opened("a.txt", &exe, "there is no format 'exe' to read",
			  "bin, dfu, dfu11, elf, esp, hex, srec, uf2");
}

/* --- options --------------------------------------------------------------------------------------- */

static void set(struct image_options *opt, const char *name, const char *value)
{
	AUTO_ERR e = ERR_INIT;

	if (!image_option_set(opt, name, value, &e))
		fail_msg("%s", e.msg);
}

static void test_options_from_text(void **state)
{
	struct image_options opt = { 0 };

	(void)state;
	set(&opt, "base", "0x08004000");
	set(&opt, "fill", "255");
	set(&opt, "family", "rp2350-arm-s");
	set(&opt, "dfu.id", "f055:9802");
	set(&opt, "dfu.name", "@Flash");
	set(&opt, "dfu.align", "16");
	assert_true(opt.has_base && opt.has_fill);
	assert_int_equal(opt.base, 0x08004000);
	assert_int_equal(opt.fill, 0xff);
	assert_int_equal(opt.uf2_family, 0xe48bff59);
	assert_int_equal(opt.usb_vid, 0xf055);
	assert_int_equal(opt.usb_pid, 0x9802);
	assert_string_equal(opt.dfu_name, "@Flash");
	assert_int_equal(opt.dfu_align, 16);
	set(&opt, "family", "0xADA52840");
	assert_int_equal(opt.uf2_family, 0xada52840);
}

static void test_wrong_options_are_refused(void **state)
{
	static const char *const wrong[][2] = {
		{ "base", "" },
		{ "base", "0x" },
		{ "base", "0x100000000" },
		{ "base", "-1" },
		{ "base", "0x0x1" },
		{ "base", " 1" },
		{ "base", "12ab" },
		{ "base", "4294967296" },
		{ "base", "99999999999999999999999" },
		{ "fill", "256" },
		{ "fill", "ff" },
		{ "family", "rp9999" },
		{ "family", "0" },
		{ "dfu.id", "0483" },
		{ "dfu.id", ":df11" },
		{ "dfu.id", "0483:" },
		{ "dfu.id", "0483:df11x" },
		{ "dfu.id", "10483:df11" },
		{ "dfu.id", "0483:1df11" },
		{ "dfu.id", "0:df11" },
		{ "dfu.align", "0" },
		{ "dfu.align", "12" },
		{ "dfu.align", "8192" },
		{ "colour", "red" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		struct image_options opt = { 0 };
		AUTO_ERR e = ERR_INIT;

		if (image_option_set(&opt, wrong[i][0], wrong[i][1], &e))
			fail_msg("%s='%s' was taken", wrong[i][0], wrong[i][1]);
		assert_int_equal(e.kind, ERR_USAGE);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_table_is_sorted),
		cmocka_unit_test(test_content_decides_before_the_name),
		cmocka_unit_test(test_the_name_decides_where_content_cannot),
		cmocka_unit_test(test_a_colon_does_not_make_a_hex_file),
		cmocka_unit_test(test_formats_by_name),
		cmocka_unit_test(test_all_formats_have_one_digest),
		cmocka_unit_test(test_a_bin_has_the_digest_too),
		cmocka_unit_test_setup_teardown(test_a_file_is_opened_by_its_content, make_folder,
						remove_folder),
		cmocka_unit_test_setup_teardown(test_a_given_format_wins, make_folder,
						remove_folder),
		cmocka_unit_test_setup_teardown(test_errors_name_the_file, make_folder,
						remove_folder),
		cmocka_unit_test(test_options_from_text),
		cmocka_unit_test(test_wrong_options_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
