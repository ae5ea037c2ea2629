/* SPDX-License-Identifier: MIT
 *
 * Archives in memory, and going through the firmwares of a file.
 */
#include "image_helpers.h"

#include <stdio.h>
#include <stdlib.h>

#include "image/archive.h"
#include "image/files.h"
#include "scratch.h"

/* A .tar member as POSIX ustar has it; type '0' is a file, '2' a link. */
static void add_tar(struct strbuf *tar, const char *name, char type, const void *data, size_t size)
{
	char head[512] = { 0 };
	unsigned sum = 0;

	snprintf(head, 100, "%s", name);
	snprintf(head + 100, 8, "%s", "0000644");
	snprintf(head + 124, 12, "%011zo", size);
	snprintf(head + 136, 12, "%s", "00000000000");
	memset(head + 148, ' ', 8);
	head[156] = type;
	snprintf(head + 257, 6, "%s", "ustar");
	for (size_t i = 0; i < sizeof(head); i++)
		sum += (unsigned char)head[i];
	snprintf(head + 148, 8, "%06o", sum);
	strbuf_add(tar, head, sizeof(head));
	strbuf_add(tar, data, size);
	memset(head, 0, sizeof(head));
	strbuf_add(tar, head, (512 - size % 512) % 512);
}

static void end_tar(struct strbuf *tar)
{
	static const char zeros[1024];

	strbuf_add(tar, zeros, sizeof(zeros));
}

static struct image_archive *open_archive(const struct strbuf *bytes)
{
	AUTO_ERR e = ERR_INIT;
	struct image_archive *a =
		image_archive_open((const uint8_t *)bytes->buf, bytes->len, "dir/x.tar", &e);

	if (!a)
		fail_msg("%s", e.msg);
	return a;
}

static void test_only_archives_look_like_one(void **state)
{
	AUTO_STRBUF tar = STRBUF_INIT;
	uint8_t zeros[1024] = { 0 };

	(void)state;
	add_tar(&tar, "a", '0', "x", 1);
	assert_true(image_archive_probe((const uint8_t *)tar.buf, tar.len));
	tar.buf[20]++;
	assert_false(image_archive_probe((const uint8_t *)tar.buf, tar.len));
	assert_false(image_archive_probe(zeros, sizeof(zeros)));
	assert_false(image_archive_probe(zeros, 0));
	assert_true(image_archive_probe((const uint8_t *)"\x1f\x8b\x08\x00", 4));
	assert_false(image_archive_probe((const uint8_t *)"\x1f\x8b\x08", 3));
	assert_true(image_archive_probe((const uint8_t *)"PK\5\6"
							 "012345678901234567",
					22));
}

static void test_members_come_in_their_order_with_what_they_are(void **state)
{
	AUTO_STRBUF tar = STRBUF_INIT, bytes = STRBUF_INIT;
	const struct archive_member *m;
	struct image_archive *a;
	AUTO_ERR e = ERR_INIT;

	(void)state;
	add_tar(&tar, "one", '0', "first", 5);
	add_tar(&tar, "../two", '0', "second", 6);
	add_tar(&tar, "a\033b", '2', "", 0);
	end_tar(&tar);
	a = open_archive(&tar);
	assert_false(image_archive_single(a));
	assert_true(image_archive_next(a, &m, &e));
	assert_string_equal(m->name, "one");
	assert_true(m->is_file && !m->climbs && !m->encrypted);
	assert_int_equal(m->size, 5);
	assert_true(image_archive_read(a, &bytes, &e));
	assert_string_equal(bytes.buf, "first");
	assert_true(image_archive_next(a, &m, &e)); /* its bytes are not asked for */
	assert_true(m->climbs);
	assert_true(image_archive_next(a, &m, &e));
	assert_string_equal(m->name, "a\\x1bb");
	assert_string_equal(m->raw_name, "a\033b");
	assert_false(m->is_file);
	assert_true(image_archive_next(a, &m, &e));
	assert_null(m);
	image_archive_close(a);
}

static void test_one_packed_file_is_called_like_it_without_the_ending(void **state)
{
	/* printf 'hello' | gzip -n */
	static const uint8_t gz[] = { 0x1f, 0x8b, 8,    0,    0,    0,    0, 0, 0,
				      3,    0xcb, 0x48, 0xcd, 0xc9, 0xc9, 7, 0, 0x86,
				      0xa6, 0x10, 0x36, 5,    0,    0,    0 };
	AUTO_STRBUF bytes = STRBUF_INIT;
	const struct archive_member *m;
	struct image_archive *a;
	AUTO_ERR e = ERR_INIT;
	uint8_t bad[sizeof(gz)];

	(void)state;
	a = image_archive_open(gz, sizeof(gz), "dir.d/x.dfu.gz", &e);
	assert_non_null(a);
	assert_true(image_archive_single(a));
	assert_true(image_archive_next(a, &m, &e));
	assert_string_equal(m->name, "x.dfu");
	assert_true(image_archive_read(a, &bytes, &e));
	assert_string_equal(bytes.buf, "hello");
	assert_true(image_archive_next(a, &m, &e));
	assert_null(m);
	image_archive_close(a);
	memcpy(bad, gz, sizeof(gz));
	bad[sizeof(gz) - 8] ^= 1;
	assert_null(image_archive_open(bad, sizeof(bad), "x.gz", &e));
	assert_contains(e.msg, "offset 17: the checksum of gzip");
}

/* Goes through a file and writes "member:choice:start " of each firmware, or "!message ". */
static void walk(const void *data, size_t size, const struct image_options *opt, struct strbuf *out)
{
	AUTO_ERR e = ERR_INIT;
	struct image_files *it;
	struct image_file *f;
	struct scratch *s = scratch_create();
	const char *path = scratch_path(s, "file");
	size_t dir = strlen(path) - strlen("file");

	scratch_put_bytes(s, "file", data, size);
	it = image_files_open(path, opt, &e);
	assert_non_null(it);
	for (;;) {
		if (!image_files_next(it, &f, &e)) {
			strbuf_addf(out, "!%s ", e.msg + dir);
			err_free(&e);
			continue;
		}
		if (!f)
			break;
		strbuf_addf(out, "%s:%s:%x ", f->member ? f->member : "",
			    f->choice ? f->choice->name : "", image_start(&f->image));
	}
	image_files_close(it);
	scratch_destroy(s);
}

static void make_uf2(struct strbuf *out, uint32_t first, uint32_t second)
{
	AUTO_IMAGE img = IMAGE_INIT;
	struct image_options opt = { .uf2_family = first };

	add_pattern(&img, 0x4000, 256);
	write_image(&img, "uf2", out, &opt);
	opt.uf2_family = second;
	if (second)
		write_image(&img, "uf2", out, &opt);
}

static void test_a_plain_file_has_one_firmware(void **state)
{
	AUTO_STRBUF uf2 = STRBUF_INIT, seen = STRBUF_INIT;

	(void)state;
	make_uf2(&uf2, 0x55114460, 0);
	walk(uf2.buf, uf2.len, NULL, &seen);
	assert_string_equal(seen.buf, "::4000 ");
}

static void test_families_are_gone_through_unless_one_is_chosen(void **state)
{
	const struct image_options samd = { .uf2_family = 0x55114460 };
	AUTO_STRBUF uf2 = STRBUF_INIT, seen = STRBUF_INIT;

	(void)state;
	make_uf2(&uf2, 0x55114460, 0x68ed2b88);
	walk(uf2.buf, uf2.len, NULL, &seen);
	assert_string_equal(seen.buf, ":samd51:4000 :samd21:4000 ");
	strbuf_reset(&seen);
	walk(uf2.buf, uf2.len, &samd, &seen);
	assert_string_equal(seen.buf, "::4000 ");
}

static void test_members_and_their_families_are_gone_through(void **state)
{
	const struct image_options named = { .member = "two*" };
	AUTO_STRBUF one = STRBUF_INIT, two = STRBUF_INIT, tar = STRBUF_INIT, seen = STRBUF_INIT;

	(void)state;
	make_uf2(&one, 0x55114460, 0);
	make_uf2(&two, 0x55114460, 0x68ed2b88);
	add_tar(&tar, "a/one.uf2", '0', one.buf, one.len);
	add_tar(&tar, "read.me", '0', "text", 4);
	add_tar(&tar, "bad.uf2", '0', one.buf, 511);
	add_tar(&tar, "a/two.uf2", '0', two.buf, two.len);
	end_tar(&tar);
	walk(tar.buf, tar.len, NULL, &seen);
	assert_contains(seen.buf, "a/one.uf2::4000 !file: bad.uf2 (UF2): ");
	assert_contains(seen.buf, " a/two.uf2:samd51:4000 a/two.uf2:samd21:4000 ");
	strbuf_reset(&seen);
	walk(tar.buf, tar.len, &named, &seen);
	assert_string_equal(seen.buf, "a/two.uf2:samd51:4000 a/two.uf2:samd21:4000 ");
}

static void test_an_archive_without_firmware_is_an_error_once(void **state)
{
	AUTO_STRBUF tar = STRBUF_INIT, seen = STRBUF_INIT;

	(void)state;
	add_tar(&tar, "read.me", '0', "text", 4);
	end_tar(&tar);
	walk(tar.buf, tar.len, NULL, &seen);
	assert_string_equal(seen.buf, "!file: no firmware file is in it ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_only_archives_look_like_one),
		cmocka_unit_test(test_members_come_in_their_order_with_what_they_are),
		cmocka_unit_test(test_one_packed_file_is_called_like_it_without_the_ending),
		cmocka_unit_test(test_a_plain_file_has_one_firmware),
		cmocka_unit_test(test_families_are_gone_through_unless_one_is_chosen),
		cmocka_unit_test(test_members_and_their_families_are_gone_through),
		cmocka_unit_test(test_an_archive_without_firmware_is_an_error_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
