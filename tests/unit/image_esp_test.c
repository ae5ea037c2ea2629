/* SPDX-License-Identifier: MIT
 *
 * ESP firmware: what is where in a file, and what of it is refused. What esptool says of the same is in
 * tests/cli/convert-esp.t.
 */
#include "image_helpers.h"

#include <stdlib.h>

#include "esp_helpers.h"
#include "image/chip.h"
#include "image/esp.h"
#include "image/finding.h"
#include "image/le.h"
#include "os/crypto.h"

/* As MicroPython's for 4 MB, but the app's is small. */
static const struct esp_entry partitions[] = {
	{ 1, 2, 0x9000, 0x6000, "nvs" },
	{ 1, 1, 0xf000, 0x1000, "phy_init" },
	{ 0, 0, 0x10000, 0x10000, "factory" },
	{ 1, 0x81, 0x200000, 0x200000, "vfs" },
};

static uint8_t *at(struct strbuf *s, size_t offset)
{
	return (uint8_t *)s->buf + offset;
}

/* firmware.bin as makeimg.py makes it, from the boot offset on */
static void combined(struct strbuf *out, int id, uint32_t boot)
{
	esp_boot_image(out, id);
	pad_to(out, 0x8000 - boot, 0xff);
	esp_table(out, partitions, 4);
	pad_to(out, 0x10000 - boot, 0xff);
	esp_app_image(out, id, 0x2000);
}

enum {
	BOOT_SIZE = 24 + 8 + 300 + 8 + 1000 + 4 + 32,
	APP_SIZE = 24 + 8 + 0x2000 + 8 + 500 + 8 + 40
};
enum { APP_WHOLE = ((APP_SIZE | 15) + 1) + 32 };

static void test_a_combined_file_has_its_parts_at_their_flash_offsets(void **state)
{
	AUTO_STRBUF file = STRBUF_INIT;
	AUTO_IMAGE img = IMAGE_INIT;

	(void)state;
	combined(&file, ID_ESP32, 0x1000);
	read_image(&img, "esp", file.buf, file.len, &no_options);
	assert_int_equal(img.count, 3);
	assert_segment(&img, 0, 0x1000, BOOT_SIZE);
	assert_segment(&img, 1, 0x8000, 0xc00);
	assert_segment(&img, 2, 0x10000, APP_WHOLE);
	assert_string_equal(img.chip, "esp32");
	assert_int_equal(img.machine, 94);
	assert_true(img.has_entry);
	assert_int_equal(img.entry, 0x40080400);
}

static void test_padding_from_offset_0_changes_nothing(void **state)
{
	AUTO_STRBUF file = STRBUF_INIT;
	AUTO_STRBUF padded = STRBUF_INIT;
	AUTO_IMAGE img = IMAGE_INIT;
	AUTO_IMAGE same = IMAGE_INIT;

	(void)state;
	combined(&file, ID_ESP32, 0x1000);
	pad_to(&padded, 0x1000, 0xff);
	strbuf_add(&padded, file.buf, file.len);
	pad_to(&padded, 4 << 20, 0xff); /* --pad-to-size 4MB */
	read_image(&img, "esp", file.buf, file.len, &no_options);
	read_image(&same, "esp", padded.buf, padded.len, &no_options);
	assert_same_segments(&img, &same);
}

static void test_the_boot_offset_is_the_chips(void **state)
{
	AUTO_STRBUF file = STRBUF_INIT;
	AUTO_IMAGE img = IMAGE_INIT;

	(void)state;
	combined(&file, ID_C3, 0);
	read_image(&img, "esp", file.buf, file.len, &no_options);
	assert_int_equal(img.count, 3);
	assert_segment(&img, 0, 0, BOOT_SIZE);
	assert_segment(&img, 1, 0x8000, 0xc00);
	assert_string_equal(img.chip, "esp32c3");
	assert_int_equal(img.machine, 243);
}

static void test_single_images_go_where_they_belong(void **state)
{
	const struct image_options ota = { .has_base = true, .base = 0x190000 };
	AUTO_STRBUF boot = STRBUF_INIT;
	AUTO_STRBUF app = STRBUF_INIT;
	AUTO_STRBUF table = STRBUF_INIT;
	struct image img[4] = { IMAGE_INIT, IMAGE_INIT, IMAGE_INIT, IMAGE_INIT };

	(void)state;
	esp_boot_image(&boot, ID_ESP32);
	esp_app_image(&app, ID_S3, 0x1000);
	esp_table(&table, partitions, 4);
	read_image(&img[0], "esp", boot.buf, boot.len, &no_options);
	assert_int_equal(image_start(&img[0]), 0x1000);
	read_image(&img[1], "esp", app.buf, app.len, &no_options);
	assert_int_equal(image_start(&img[1]), 0x10000);
	assert_string_equal(img[1].chip, "esp32s3");
	read_image(&img[2], "esp", app.buf, app.len, &ota);
	assert_int_equal(image_start(&img[2]), 0x190000);
	read_image(&img[3], "esp", table.buf, table.len, &no_options);
	assert_segment(&img[3], 0, 0x8000, 0xc00);
	for (int i = 0; i < 4; i++)
		image_free(&img[i]);
}

/* Sectors with other data are kept whole: here the otadata and a file system, not the nvs between. */
static void test_other_data_is_kept_by_sectors(void **state)
{
	AUTO_STRBUF file = STRBUF_INIT;
	AUTO_IMAGE img = IMAGE_INIT;

	(void)state;
	combined(&file, ID_C3, 0);
	*at(&file, 0xd123) = 0x17;
	pad_to(&file, 0x30000, 0xff);
	pad_to(&file, 0x30010, 0x55);
	read_image(&img, "esp", file.buf, file.len, &no_options);
	assert_int_equal(img.count, 5);
	assert_segment(&img, 2, 0xd000, 0x1000);
	assert_segment(&img, 4, 0x30000, 0x10);
}

static void test_a_file_without_a_table_is_its_image_and_the_rest(void **state)
{
	AUTO_STRBUF file = STRBUF_INIT;
	AUTO_IMAGE img = IMAGE_INIT;

	(void)state;
	esp_boot_image(&file, ID_C3);
	pad_to(&file, 0x3000, 0xff);
	pad_to(&file, 0x3003, 0x11);
	read_image(&img, "esp", file.buf, file.len, &no_options);
	assert_int_equal(img.count, 2);
	assert_segment(&img, 0, 0, BOOT_SIZE);
	assert_segment(&img, 1, 0x3000, 3);
}

static void test_a_table_may_be_moved(void **state)
{
	AUTO_STRBUF file = STRBUF_INIT;
	AUTO_IMAGE img = IMAGE_INIT;
	const struct esp_entry app = { 0, 0, 0x20000, 0x10000, "factory" };

	(void)state;
	esp_boot_image(&file, ID_C3);
	pad_to(&file, 0xa000, 0xff);
	esp_table(&file, &app, 1);
	pad_to(&file, 0x20000, 0xff);
	esp_app_image(&file, ID_C3, 0x1000);
	read_image(&img, "esp", file.buf, file.len, &no_options);
	assert_int_equal(img.count, 3);
	assert_segment(&img, 1, 0xa000, 0xc00);
}

/* --- ESP8266 ----------------------------------------------------------------------------------------------- */

/* As MicroPython's makeimg.py for the ESP8266 */
static void esp8266(struct strbuf *out)
{
	uint8_t md5[16];
	AUTO_ERR e = ERR_INIT;

	esp_header(out, ID_8266, 2);
	esp_segment(out, 0x40100000, 0x400);
	esp_segment(out, 0x3ffe8000, 0x100);
	esp_seal(out, 0);
	pad_to(out, 0x9000 - 4, 0xff);
	add_le32(out, 0x9000 + 0x2000);
	pad_to(out, 0x9000 + 0x2000, 0x33);
	assert_true(crypto_md5(out->buf + 4, out->len - 4, md5, &e));
	strbuf_add(out, md5, sizeof(md5));
}

static void test_an_esp8266_firmware_is_one_piece(void **state)
{
	AUTO_STRBUF file = STRBUF_INIT;
	AUTO_IMAGE img = IMAGE_INIT;

	(void)state;
	esp8266(&file);
	read_image(&img, "esp", file.buf, file.len, &no_options);
	assert_int_equal(img.count, 1);
	assert_segment(&img, 0, 0, 0x9000 + 0x2000 + 16);
	assert_string_equal(img.chip, "esp8266");
	*at(&file, 0x9100) ^= 1;
	assert_unreadable("esp", file.buf, file.len, &no_options,
			  "offset 0xb000: the MD5 of the firmware is wrong", "damaged");
}

static void test_an_esp8266_image_alone(void **state)
{
	AUTO_STRBUF file = STRBUF_INIT;
	AUTO_IMAGE img = IMAGE_INIT;

	(void)state;
	esp_header(&file, ID_8266, 1);
	esp_segment(&file, 0x40100000, 0x100);
	esp_seal(&file, 0);
	read_image(&img, "esp", file.buf, file.len, &no_options);
	assert_segment(&img, 0, 0, 0x120);
}

/* --- what is refused --------------------------------------------------------------------------------------- */

static void test_damage_is_found(void **state)
{
	AUTO_STRBUF file = STRBUF_INIT;

	(void)state;
	esp_app_image(&file, ID_C3, 0x1000);
	*at(&file, 0x234) ^= 0x40;
	assert_unreadable("esp", file.buf, file.len, &no_options,
			  "the checksum of the image at 0x0 is", "damaged");
	*at(&file, 0x238) ^= 0x40; /* the checksum is right again */
	assert_unreadable("esp", file.buf, file.len, &no_options,
			  "the SHA-256 of the image at 0x0 is wrong", "damaged");
}

static void test_damage_in_an_app_of_a_combined_file_is_found(void **state)
{
	AUTO_STRBUF file = STRBUF_INIT;

	(void)state;
	combined(&file, ID_ESP32, 0x1000);
	*at(&file, 0xf800) ^= 1;
	assert_unreadable("esp", file.buf, file.len, &no_options, "checksum of the image at 0xf000",
			  "damaged");
}

static void test_every_truncation_is_refused(void **state)
{
	AUTO_STRBUF file = STRBUF_INIT;

	(void)state;
	esp_app_image(&file, ID_C3, 0x200);
	for (size_t n = 1; n < file.len; n++) {
		uint8_t *cut = malloc(n); /* so that a sanitizer sees a read behind it */
		AUTO_IMAGE img = IMAGE_INIT;
		AUTO_ERR e = ERR_INIT;

		assert_non_null(cut);
		memcpy(cut, file.buf, n);
		assert_false(format_named("esp")->read(&img, cut, n, &no_options, &e));
		assert_non_null(e.msg);
		free(cut);
	}
}

static void test_a_combined_file_that_is_cut_off_inside_its_app(void **state)
{
	AUTO_STRBUF file = STRBUF_INIT;

	(void)state;
	combined(&file, ID_C3, 0);
	assert_unreadable("esp", file.buf, file.len - 0x300, &no_options,
			  "run past the end of the file", "cut off");
	assert_unreadable("esp", file.buf, file.len - 1, &no_options,
			  "ends before the image's checksum", "cut off");
}

static void test_odd_headers(void **state)
{
	AUTO_STRBUF file = STRBUF_INIT;

	(void)state;
	esp_app_image(&file, ID_C3, 0x200);
	*at(&file, 1) = 17;
	assert_unreadable("esp", file.buf, file.len, &no_options,
			  "offset 0x1: 17 segments; an image has 1 to 16", NULL);
	*at(&file, 1) = 3;
	*at(&file, 12) = 99;
	assert_unreadable("esp", file.buf, file.len, &no_options,
			  "offset 0xc: there is no chip with the id 99", "--from bin");
	*at(&file, 12) = ID_C3;
	*at(&file, 23) = 2;
	assert_unreadable("esp", file.buf, file.len, &no_options, "offset 0x17: 2, where 0 or 1",
			  NULL);
	*at(&file, 23) = 1;
	put_le32(at(&file, 28), 0xfffffffc);
	assert_unreadable("esp", file.buf, file.len, &no_options,
			  "offset 0x1c: segment 0 has 4294967292 bytes", "cut off");
	put_le32(at(&file, 28), 0x201);
	assert_unreadable("esp", file.buf, file.len, &no_options, "not a multiple of 4", NULL);
	put_le32(at(&file, 28), 0x200);
	put_le32(at(&file, 24), 0xffffff00);
	assert_unreadable("esp", file.buf, file.len, &no_options,
			  "segment 0 runs past the end of the address space", NULL);
	assert_unreadable("esp", "\xe8", 1, &no_options, "neither an ESP image", "--from bin");
}

static void test_an_app_that_does_not_fit_its_partition(void **state)
{
	const struct esp_entry small = { 0, 0, 0x10000, 0x1000, "factory" };
	AUTO_STRBUF file = STRBUF_INIT;

	(void)state;
	esp_boot_image(&file, ID_C3);
	pad_to(&file, 0x8000, 0xff);
	esp_table(&file, &small, 1);
	pad_to(&file, 0x10000, 0xff);
	esp_app_image(&file, ID_C3, 0x2000);
	assert_unreadable("esp", file.buf, file.len, &no_options,
			  "its partition 'factory' only 4096", "larger partition");
}

static void test_an_app_for_another_chip(void **state)
{
	AUTO_STRBUF file = STRBUF_INIT;

	(void)state;
	esp_boot_image(&file, ID_C3);
	pad_to(&file, 0x8000, 0xff);
	esp_table(&file, partitions, 4);
	pad_to(&file, 0x10000, 0xff);
	esp_app_image(&file, ID_S3, 0x1000);
	assert_unreadable("esp", file.buf, file.len, &no_options,
			  "an app for the ESP32-S3 behind a boot image for the ESP32-C3", NULL);
}

static void test_an_app_partition_over_the_table(void **state)
{
	struct esp_entry app = { 0, 0, 0, 0x1000, "boot" };
	AUTO_STRBUF file = STRBUF_INIT;

	(void)state;
	esp_boot_image(&file, ID_C3);
	pad_to(&file, 0x8000, 0xff);
	esp_table(&file, &app, 1);
	assert_unreadable("esp", file.buf, file.len, &no_options,
			  "offset 0x0: what starts here overlaps", NULL);
}

static void test_a_base_at_the_end_of_the_address_space(void **state)
{
	const struct image_options opt = { .has_base = true, .base = 0xffffff00 };
	AUTO_STRBUF file = STRBUF_INIT;

	(void)state;
	esp_app_image(&file, ID_C3, 0x200);
	assert_unreadable("esp", file.buf, file.len, &opt, "run past the end of the 32-bit", NULL);
}

/* 16 MB that hold nothing are one look at each byte, and no ESP firmware. */
static void test_16_mb_of_ff(void **state)
{
	AUTO_STRBUF file = STRBUF_INIT;

	(void)state;
	strbuf_reserve(&file, 16 << 20);
	memset(file.buf, 0xff, 16 << 20);
	assert_null(image_format_detect((const uint8_t *)file.buf, 16 << 20, NULL));
	assert_unreadable("esp", file.buf, 16 << 20, &no_options, "neither an ESP image", NULL);
}

/* --- finding it -------------------------------------------------------------------------------------------- */

static const char *detected(const struct strbuf *s, const char *path)
{
	const struct image_format *f = image_format_detect((const uint8_t *)s->buf, s->len, path);

	return f ? f->name : "none";
}

static void test_content_comes_before_the_extension(void **state)
{
	AUTO_STRBUF app = STRBUF_INIT;
	AUTO_STRBUF padded = STRBUF_INIT;
	AUTO_STRBUF table = STRBUF_INIT;
	AUTO_STRBUF old = STRBUF_INIT;

	(void)state;
	esp_app_image(&app, ID_C3, 0x200);
	assert_string_equal(detected(&app, "firmware.bin"), "esp");
	pad_to(&padded, 0x1000, 0xff);
	strbuf_add(&padded, app.buf, app.len);
	assert_string_equal(detected(&padded, "a.bin"), "bin"); /* a C3 boots from 0 */
	*at(&padded, 0x1000 + 12) = ID_ESP32;
	assert_string_equal(detected(&padded, "a.bin"), "esp");
	esp_table(&table, partitions, 4);
	assert_string_equal(detected(&table, NULL), "esp");
	esp8266(&old);
	assert_string_equal(detected(&old, NULL), "esp");
	*at(&app, 23) = 7;
	assert_string_equal(detected(&app, "firmware.bin"), "bin");
}

static void test_findings(void **state)
{
	AUTO_STRBUF file = STRBUF_INIT;
	AUTO_STRBUF all = STRBUF_INIT;
	AUTO_FINDINGS f = FINDINGS_INIT;

	(void)state;
	combined(&file, ID_ESP32, 0x1000);
	format_named("esp")->inspect((const uint8_t *)file.buf, file.len, &no_options, &f);
	for (size_t i = 0; i < f.count; i++)
		strbuf_addf(&all, "%s %s: %s\n", f.items[i].name,
			    finding_level_name(f.items[i].level), f.items[i].text);
	assert_int_equal(findings_worst(&f), FINDING_NOTE);
	assert_contains(all.buf, "esp-image note: boot image at 0x1000 for the ESP32 (id 0): 1376 "
				 "bytes, 2 segments, entry 0x40080400, chip revision 0.3 to 1.99, "
				 "flash dio 4MB 40m\n");
	assert_contains(all.buf, "esp-checksum ok: the checksum of the image at 0x10000 is right");
	assert_contains(all.buf, "esp-sha256 ok: the SHA-256 of the image at 0x1000 is right\n");
	assert_contains(all.buf, "esp-app note: micropython v1.29.0, made Nov 22 2026 12:34:56 "
				 "with ESP-IDF v5.5.1?\n");
	assert_contains(all.buf, "esp-partitions ok: the partition table at 0x8000 has 4 "
				 "partitions and a right MD5\n");
	assert_contains(all.buf, "esp-partition note: vfs (fat) at 0x200000-0x3fffff, 2048 KiB\n");
}

static void test_a_table_larger_than_the_flash_is_a_warning(void **state)
{
	AUTO_STRBUF file = STRBUF_INIT;
	AUTO_FINDINGS f = FINDINGS_INIT;
	AUTO_ERR e = ERR_INIT;
	struct esp_flash_params p = { -1, 1, -1 };

	(void)state;
	combined(&file, ID_ESP32, 0x1000);
	assert_true(esp_image_patch(at(&file, 0), file.len, &p, &e));
	format_named("esp")->inspect((const uint8_t *)file.buf, file.len, &no_options, &f);
	assert_int_equal(findings_worst(&f), FINDING_WARNING);
}

/* --- writing ----------------------------------------------------------------------------------------------- */

static void test_what_was_read_is_written_with_ff_in_its_holes(void **state)
{
	const struct image_options from_0 = { .has_base = true };
	const struct image_options zeros = { .has_fill = true };
	AUTO_STRBUF file = STRBUF_INIT;
	AUTO_STRBUF again = STRBUF_INIT;
	AUTO_STRBUF padded = STRBUF_INIT;
	AUTO_STRBUF filled = STRBUF_INIT;
	AUTO_IMAGE img = IMAGE_INIT;

	(void)state;
	combined(&file, ID_ESP32, 0x1000);
	read_image(&img, "esp", file.buf, file.len, &no_options);
	write_image(&img, "esp", &again, NULL);
	assert_int_equal(again.len, file.len);
	assert_memory_equal(again.buf, file.buf, file.len);
	write_image(&img, "esp", &padded, &from_0);
	assert_int_equal(padded.len, file.len + 0x1000);
	assert_memory_equal(padded.buf + 0x1000, file.buf, file.len);
	write_image(&img, "esp", &filled, &zeros);
	assert_int_equal(*at(&filled, 0x7ffc), 0);
}

static void test_what_is_no_firmware_is_not_written(void **state)
{
	AUTO_STRBUF app = STRBUF_INIT;
	AUTO_IMAGE other = IMAGE_INIT;
	AUTO_IMAGE damaged = IMAGE_INIT;
	AUTO_IMAGE far = IMAGE_INIT;
	AUTO_ERR e = ERR_INIT;

	(void)state;
	add_pattern(&other, 0x10000, 100);
	assert_unwritable(&other, "esp", &no_options, "no ESP image and no partition table",
			  "--to bin");
	esp_app_image(&app, ID_C3, 0x200);
	assert_true(image_add(&far, 0x10000, app.buf, app.len, true, &e));
	add_pattern(&far, 0x10010000, 1);
	assert_unwritable(&far, "esp", &no_options, "of 257 MiB: its flash has at most 64",
			  "--base");
	*at(&app, 100) ^= 1;
	assert_true(image_add(&damaged, 0x10000, app.buf, app.len, true, &e));
	assert_unwritable(&damaged, "esp", &no_options, "checksum", "damaged");
}

/* --- the parts of an image --------------------------------------------------------------------------------- */

static void test_segments_say_what_memory_they_are_for(void **state)
{
	AUTO_STRBUF file = STRBUF_INIT;
	struct esp_image img;
	AUTO_ERR e = ERR_INIT;

	(void)state;
	pad_to(&file, 0x10000, 0xff);
	esp_app_image(&file, ID_ESP32, 0x1000);
	assert_true(esp_image_parse(&img, at(&file, 0), file.len, 0x10000, &e));
	assert_true(esp_image_verify(&img, at(&file, 0), &e));
	assert_int_equal(img.kind, ESP_APP);
	assert_int_equal(img.segment_count, 3);
	assert_int_equal(img.segments[0].address, 0x3f400020);
	assert_int_equal(img.segments[0].size, 0x1000);
	assert_int_equal(img.segments[0].offset, 0x10020);
	assert_string_equal(esp_memory_name(img.segments[0].memory), "DROM");
	assert_string_equal(esp_memory_name(img.segments[1].memory), "IRAM");
	assert_string_equal(esp_memory_name(img.segments[2].memory), "DRAM");
	assert_int_equal(img.min_revision, 3);
	assert_int_equal(img.max_revision, 199);
	assert_int_equal(img.size, file.len - 0x10000);
}

static void test_patching_a_boot_image(void **state)
{
	AUTO_STRBUF file = STRBUF_INIT;
	struct esp_flash_params p;
	struct esp_image img;
	AUTO_ERR e = ERR_INIT;

	(void)state;
	combined(&file, ID_ESP32, 0x1000);
	assert_true(
		esp_flash_params_parse(&p, esp_chip_by_name("esp32"), "qio", "16MB", "80m", &e));
	assert_true(esp_image_patch(at(&file, 0), file.len, &p, &e));
	assert_int_equal(*at(&file, 2), 0);
	assert_int_equal(*at(&file, 3), 0x4f);
	assert_true(esp_image_parse(&img, at(&file, 0), file.len, 0, &e));
	assert_true(esp_image_verify(&img, at(&file, 0), &e));
	assert_true(esp_flash_params_parse(&p, img.chip, NULL, "keep", "26m", &e));
	assert_true(esp_image_patch(at(&file, 0), file.len, &p, &e));
	assert_int_equal(*at(&file, 2), 0);
	assert_int_equal(*at(&file, 3), 0x41);
}

static void test_an_app_is_not_patched(void **state)
{
	AUTO_STRBUF file = STRBUF_INIT;
	AUTO_STRBUF before = STRBUF_INIT;
	struct esp_flash_params p = { 0, 0, 0 };
	AUTO_ERR e = ERR_INIT;

	(void)state;
	esp_app_image(&file, ID_C3, 0x200);
	strbuf_add(&before, file.buf, file.len);
	assert_false(esp_image_patch(at(&file, 0), file.len, &p, &e));
	assert_contains(e.msg, "is an app, not a boot image");
	assert_memory_equal(file.buf, before.buf, file.len);
}

static void test_flash_parameters_by_name(void **state)
{
	const struct esp_chip *c2 = esp_chip_by_name("ESP32C2"), *old = esp_chip_by_id(ESP8266_ID);
	struct esp_flash_params p;
	AUTO_ERR e = ERR_INIT;

	(void)state;
	assert_true(esp_flash_params_parse(&p, c2, "dout", "2mb", "60m", &e));
	assert_int_equal(p.mode, 3);
	assert_int_equal(p.size, 1);
	assert_int_equal(p.frequency, 15);
	assert_true(esp_flash_params_parse(&p, old, NULL, "512KB", NULL, &e));
	assert_int_equal(p.size, 0);
	assert_int_equal(p.mode, -1);
	assert_int_equal(esp_flash_size_bytes(old, 9), 16 << 20);
	assert_int_equal(esp_flash_size_bytes(old, 1), 256 << 10);
	assert_int_equal(esp_flash_size_bytes(old, 7), 0);
	assert_false(esp_flash_params_parse(&p, c2, "fast", NULL, NULL, &e));
	assert_contains(e.msg, "there is no flash mode 'fast'");
	assert_false(esp_flash_params_parse(&p, c2, NULL, "3MB", NULL, &e));
	assert_contains(e.msg, "an ESP32-C2 has no flash of the size '3MB'");
	assert_false(esp_flash_params_parse(&p, c2, NULL, NULL, "80m", &e));
	assert_contains(e.msg, "no flash frequency '80m'");
	assert_contains(e.hint, "30m");
}

/* As esptool has it: a work-around for the ROM's clock divider. */
static void test_an_esp32c6_has_one_code_for_two_frequencies(void **state)
{
	const struct esp_chip *c6 = esp_chip_by_name("esp32c6");
	static const char *const names[] = { "80m", "40m", "40" };
	struct esp_flash_params p;
	AUTO_ERR e = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		assert_true(esp_flash_params_parse(&p, c6, NULL, NULL, names[i], &e));
		assert_int_equal(p.frequency, 0);
	}
	assert_false(esp_flash_params_parse(&p, c6, NULL, NULL, "26m", &e));
}

/* Two tables know these chips: what images need is here, what boards need in chips[]. */
static void test_the_tables_of_chips_agree(void **state)
{
	size_t found = 0;

	(void)state;
	for (const struct esp_chip *c = esp_chips; c->name; c++) {
		const struct chip *chip = chip_by_name(c->name);

		assert_non_null(chip);
		assert_int_equal(chip->esp_boot, c->boot);
		assert_int_equal(chip->machine, c->machine);
		assert_int_equal(chip->esp_id, c->id);
		assert_string_equal(chip->title, c->title);
	}
	for (const struct chip *c = chips; c->name; c++)
		found += c->esp_id >= 0 && esp_chip_by_id(c->esp_id) != NULL;
	assert_int_equal(found, 12);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_combined_file_has_its_parts_at_their_flash_offsets),
		cmocka_unit_test(test_padding_from_offset_0_changes_nothing),
		cmocka_unit_test(test_the_boot_offset_is_the_chips),
		cmocka_unit_test(test_single_images_go_where_they_belong),
		cmocka_unit_test(test_other_data_is_kept_by_sectors),
		cmocka_unit_test(test_a_file_without_a_table_is_its_image_and_the_rest),
		cmocka_unit_test(test_a_table_may_be_moved),
		cmocka_unit_test(test_an_esp8266_firmware_is_one_piece),
		cmocka_unit_test(test_an_esp8266_image_alone),
		cmocka_unit_test(test_damage_is_found),
		cmocka_unit_test(test_damage_in_an_app_of_a_combined_file_is_found),
		cmocka_unit_test(test_every_truncation_is_refused),
		cmocka_unit_test(test_a_combined_file_that_is_cut_off_inside_its_app),
		cmocka_unit_test(test_odd_headers),
		cmocka_unit_test(test_an_app_that_does_not_fit_its_partition),
		cmocka_unit_test(test_an_app_for_another_chip),
		cmocka_unit_test(test_an_app_partition_over_the_table),
		cmocka_unit_test(test_a_base_at_the_end_of_the_address_space),
		cmocka_unit_test(test_16_mb_of_ff),
		cmocka_unit_test(test_content_comes_before_the_extension),
		cmocka_unit_test(test_findings),
		cmocka_unit_test(test_a_table_larger_than_the_flash_is_a_warning),
		cmocka_unit_test(test_what_was_read_is_written_with_ff_in_its_holes),
		cmocka_unit_test(test_what_is_no_firmware_is_not_written),
		cmocka_unit_test(test_segments_say_what_memory_they_are_for),
		cmocka_unit_test(test_patching_a_boot_image),
		cmocka_unit_test(test_an_app_is_not_patched),
		cmocka_unit_test(test_flash_parameters_by_name),
		cmocka_unit_test(test_an_esp32c6_has_one_code_for_two_frequencies),
		cmocka_unit_test(test_the_tables_of_chips_agree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
