/* SPDX-License-Identifier: MIT
 *
 * micro:bit universal hex: the firmware of one generation is read out of a file for several.
 */
#include "image_helpers.h"

#include <strings.h>

#include "image/universal_hex.h"

#define HEX_EOF ":00000001FF\n"
#define LINEAR_0 ":020000040000FA\n"
#define V1 ":0400000A9900C0DEBB\n"
#define V2 ":0400000A9903C0DEB8\n"
#define END ":0000000BF5\n"

static void record(struct strbuf *out, unsigned type, uint32_t address, const uint8_t *data,
		   size_t size)
{
	unsigned sum = (unsigned)(size + (address >> 8 & 0xff) + (address & 0xff) + type);

	strbuf_addf(out, ":%02zX%04X%02X", size, (unsigned)(address & 0xffff), type);
	for (size_t i = 0; i < size; i++) {
		strbuf_addf(out, "%02X", data[i]);
		sum += data[i];
	}
	strbuf_addf(out, "%02X\n", -sum & 0xff);
}

static void linear(struct strbuf *out, uint32_t address)
{
	record(out, 4, 0, (uint8_t[]){ (uint8_t)(address >> 24), (uint8_t)(address >> 16) }, 2);
}

static void block_start(struct strbuf *out, uint16_t board)
{
	record(out, UNIVERSAL_BLOCK_START, 0,
	       (uint8_t[]){ (uint8_t)(board >> 8), (uint8_t)board, 0xc0, 0xde }, 4);
}

/* Fills the last 512 bytes, which end with a record of type 0b; records have at most 32 bytes. */
static void pad_block(struct strbuf *out)
{
	static const uint8_t padding[32];
	const size_t bare = strlen(END), longest = bare + 2 * sizeof(padding);
	size_t left = 512 - out->len % 512;

	if (left < bare)
		left += 512;
	while (left > longest) {
		size_t room = (left - 2 * bare) / 2;
		size_t size = room < sizeof(padding) ? room : sizeof(padding);

		record(out, UNIVERSAL_PADDING, 0, padding, size);
		left -= bare + 2 * size;
	}
	record(out, UNIVERSAL_BLOCK_END, 0, padding, (left - bare) / 2);
	assert_int_equal(out->len % 512, 0);
}

/* One section for the whole image. */
static void add_section(struct strbuf *out, const struct image *img, uint16_t board, unsigned type)
{
	linear(out, image_start(img));
	block_start(out, board);
	for (size_t i = 0; i < img->count; i++) {
		const struct image_segment *s = &img->segments[i];

		for (uint32_t done = 0, size; done < s->size; done += size) {
			size = s->size - done < 32 ? s->size - done : 32;
			if (done == 0 || (s->address + done) % 0x10000 < 32)
				linear(out, s->address + done);
			record(out, type, s->address + done, s->data + done, size);
		}
	}
	pad_block(out);
}

/* Blocks of 512 bytes, each of which says where it belongs. */
static void add_blocks(struct strbuf *out, const struct image *img, uint16_t board, unsigned type)
{
	for (size_t i = 0; i < img->count; i++) {
		const struct image_segment *s = &img->segments[i];

		for (uint32_t done = 0; done < s->size;) {
			linear(out, s->address + done);
			block_start(out, board);
			for (unsigned n = 0; n < 10 && done < s->size; n++) {
				uint32_t size = s->size - done < 16 ? s->size - done : 16;

				record(out, type, s->address + done, s->data + done, size);
				done += size;
				if ((s->address + done) % 0x10000 == 0)
					break;
			}
			pad_block(out);
		}
	}
}

static void make_images(struct image *v1, struct image *v2)
{
	AUTO_ERR e = ERR_INIT;

	add_pattern(v1, 0, 1000);
	add_pattern(v1, 0xff80, 0x100);
	add_pattern(v1, 0x100010c0, 28);
	add_pattern(v2, 0x1000, 0x20000);
	assert_true(image_add(v2, 0, "the other firmware", 18, true, &e));
}

static void read_generation(const struct strbuf *text, const char *name, const struct image *want)
{
	struct image_options opt = { 0 };
	AUTO_IMAGE img = IMAGE_INIT;
	AUTO_ERR e = ERR_INIT;

	assert_true(image_option_set(&opt, "family", name, &e));
	read_image(&img, "hex", text->buf, text->len, &opt);
	assert_same_segments(want, &img);
	assert_int_equal(img.uf2_family, 0);
	if (strcasecmp(name, "microbit-v1") == 0)
		assert_string_equal(img.chip, "nrf51");
	if (strcasecmp(name, "microbit-v2") == 0)
		assert_string_equal(img.chip, "nrf52833");
}

static void check_both(const struct strbuf *text, const struct image *v1, const struct image *v2)
{
	AUTO_CHOICES choices = { 0 };
	AUTO_ERR e = ERR_INIT;

	read_generation(text, "microbit-v1", v1);
	read_generation(text, "Microbit-V2", v2);
	read_generation(text, "0x9903", v2);
	read_generation(text, "0x9906", v2);
	assert_unreadable("hex", text->buf, text->len, &no_options,
			  "several boards: microbit-v1, microbit-v2", "--family");
	assert_true(
		format_named("hex")->choices(&choices, (const uint8_t *)text->buf, text->len, &e));
	assert_int_equal(choices.count, 2);
	assert_string_equal(choices.items[0].name, "microbit-v1");
	assert_string_equal(choices.items[1].name, "microbit-v2");
	for (size_t i = 0; i < choices.count; i++) {
		struct image_options opt = { 0 };
		AUTO_IMAGE img = IMAGE_INIT;

		format_named("hex")->select(&opt, choices.items[i].id);
		read_image(&img, "hex", text->buf, text->len, &opt);
		assert_same_segments(i ? v2 : v1, &img);
	}
}

static void test_aligned_sections(void **state)
{
	AUTO_STRBUF text = STRBUF_INIT;
	AUTO_IMAGE v1 = IMAGE_INIT;
	AUTO_IMAGE v2 = IMAGE_INIT;

	(void)state;
	make_images(&v1, &v2);
	add_section(&text, &v1, 0x9900, 0);
	add_section(&text, &v2, 0x9903, UNIVERSAL_DATA);
	strbuf_adds(&text, HEX_EOF);
	check_both(&text, &v1, &v2);
}

static void test_blocks_of_512_bytes(void **state)
{
	AUTO_STRBUF text = STRBUF_INIT;
	AUTO_IMAGE v1 = IMAGE_INIT;
	AUTO_IMAGE v2 = IMAGE_INIT;

	(void)state;
	make_images(&v1, &v2);
	add_blocks(&text, &v1, 0x9901, 0);
	add_blocks(&text, &v2, 0x9904, UNIVERSAL_DATA);
	strbuf_adds(&text, HEX_EOF);
	check_both(&text, &v1, &v2);
}

/* Each block says its address and its board, so that their order does not matter. */
static void test_blocks_that_take_turns(void **state)
{
	AUTO_STRBUF one = STRBUF_INIT;
	AUTO_STRBUF two = STRBUF_INIT;
	AUTO_STRBUF text = STRBUF_INIT;
	AUTO_IMAGE v1 = IMAGE_INIT;
	AUTO_IMAGE v2 = IMAGE_INIT;

	(void)state;
	make_images(&v1, &v2);
	add_blocks(&one, &v1, 0x9900, 0);
	add_blocks(&two, &v2, 0x9903, UNIVERSAL_DATA);
	for (size_t at = 0; at < one.len || at < two.len; at += 512) {
		if (at < one.len)
			strbuf_add(&text, one.buf + at, 512);
		if (at < two.len)
			strbuf_add(&text, two.buf + at, 512);
	}
	strbuf_adds(&text, HEX_EOF);
	check_both(&text, &v1, &v2);
}

static void test_a_file_for_one_generation_needs_no_choice(void **state)
{
	struct image_options other = { .uf2_family = MICROBIT_V1 };
	AUTO_STRBUF text = STRBUF_INIT;
	AUTO_IMAGE v1 = IMAGE_INIT;
	AUTO_IMAGE v2 = IMAGE_INIT;
	AUTO_IMAGE img = IMAGE_INIT;
	AUTO_IMAGE again = IMAGE_INIT;

	(void)state;
	make_images(&v1, &v2);
	add_section(&text, &v2, 0x9903, UNIVERSAL_DATA);
	strbuf_adds(&text, HEX_EOF);
	read_image(&img, "hex", text.buf, text.len, &no_options);
	assert_same_segments(&v2, &img);
	read_image(&again, "hex", text.buf, text.len, &other);
	assert_same_segments(&v2, &again);
}

static void test_a_plain_file_has_no_choices(void **state)
{
	static const char text[] = ":0300300002337A1E\n" HEX_EOF;
	AUTO_CHOICES choices = { 0 };
	AUTO_ERR e = ERR_INIT;

	(void)state;
	assert_true(
		format_named("hex")->choices(&choices, (const uint8_t *)text, strlen(text), &e));
	assert_int_equal(choices.count, 0);
}

/* MakeCode keeps a program's sources in the file. */
static void test_other_records_are_passed_over(void **state)
{
	static const char text[] = ":0300300002337A1E\n:0200000EBEEF43\n:0100000CFFF4\n" HEX_EOF;
	AUTO_IMAGE img = IMAGE_INIT;

	(void)state;
	read_image(&img, "hex", text, strlen(text), &no_options);
	assert_int_equal(img.count, 1);
	assert_segment(&img, 0, 0x30, 3);
}

static void test_the_entry_is_that_of_the_generation(void **state)
{
	static const char text[] =
		LINEAR_0 V1 ":0300300002337A1E\n:0400000500000101F5\n" END LINEAR_0 V2
			    ":0100000D11E1\n:0400000500000201F4\n" END HEX_EOF;
	struct image_options opt = { .uf2_family = MICROBIT_V2 };
	AUTO_IMAGE img = IMAGE_INIT;

	(void)state;
	read_image(&img, "hex", text, strlen(text), &opt);
	assert_segment(&img, 0, 0, 1);
	assert_int_equal(img.entry, 0x201);
}

/* `convert --family nrf52833 universal.hex firmware.uf2` */
static void test_the_uf2_family_chooses_too(void **state)
{
	static const char text[] =
		LINEAR_0 V1 ":0300300002337A1E\n" END LINEAR_0 V2 ":0100000D11E1\n" END HEX_EOF;
	struct image_options opt = { .uf2_family = 0x621e937a };
	AUTO_IMAGE img = IMAGE_INIT;

	(void)state;
	read_image(&img, "hex", text, strlen(text), &opt);
	assert_segment(&img, 0, 0, 1);
	assert_string_equal(img.chip, "nrf52833");
}

/* `convert --family microbit-v2 universal.hex firmware.uf2`: the family is that of the chip. */
static void test_the_generation_is_no_uf2_family(void **state)
{
	struct image_options opt = { .uf2_family = MICROBIT_V2 };
	AUTO_STRBUF out = STRBUF_INIT;
	AUTO_STRBUF v1 = STRBUF_INIT;
	AUTO_IMAGE img = IMAGE_INIT;
	AUTO_IMAGE back = IMAGE_INIT;
	AUTO_IMAGE none = IMAGE_INIT;

	(void)state;
	add_pattern(&img, 0, 10);
	write_image(&img, "uf2", &out, &opt);
	read_image(&back, "uf2", out.buf, out.len, &no_options);
	assert_int_equal(back.uf2_family, 0x621e937a);
	opt.uf2_family = MICROBIT_V1;
	write_image(&img, "uf2", &v1, &opt);
	read_image(&none, "uf2", v1.buf, v1.len, &no_options);
	assert_int_equal(none.uf2_family, 0);
}

static void assert_bad(const char *text, const char *message)
{
	struct image_options opt = { .uf2_family = MICROBIT_V1 };

	assert_unreadable("hex", text, strlen(text), &opt, message, NULL);
}

static void test_what_belongs_to_nobody_is_an_error(void **state)
{
	(void)state;
	assert_bad(":0100000D11E1\n" HEX_EOF, "line 1: universal hex data outside of a block");
	assert_bad(LINEAR_0 ":0100000011EE\n" V1 ":0300300002337A1E\n" END HEX_EOF,
		   "line 3: the first block comes after data");
	assert_bad(LINEAR_0 V1 ":0300300002337A1E\n" END ":0100000011EE\n" HEX_EOF,
		   "line 5: data outside of the universal hex's blocks");
	assert_bad(LINEAR_0 ":0100000A995C\n" HEX_EOF,
		   "line 2: the block does not say which board it is for");
	assert_bad(LINEAR_0 V1 ":0300300002337A1E\n:0100310011BD\n" END HEX_EOF,
		   "line 4: 0x00000031-0x00000031 overlaps 0x00000030-0x00000032 of line 3");
	assert_bad(LINEAR_0 V1 ":0300300002337A1E\n" END, "line 5: the end record");
}

/* The blocks of other boards are not read, but damage in them is damage of the file. */
static void test_damage_in_the_other_firmware_is_found(void **state)
{
	(void)state;
	assert_bad(LINEAR_0 V1 ":0300300002337A1E\n" END LINEAR_0 V2 ":0100000D11E2\n" END HEX_EOF,
		   "line 7: the checksum is e2 but should be e1");
}

static void test_boards_that_nobody_knows(void **state)
{
	AUTO_STRBUF text = STRBUF_INIT;
	AUTO_IMAGE v1 = IMAGE_INIT;
	AUTO_IMAGE v2 = IMAGE_INIT;

	(void)state;
	make_images(&v1, &v2);
	add_section(&text, &v1, 0x9900, 0);
	add_section(&text, &v2, 0x1234, UNIVERSAL_DATA);
	strbuf_adds(&text, HEX_EOF);
	read_generation(&text, "0x1234", &v2);
	assert_unreadable("hex", text.buf, text.len, &no_options,
			  "several boards: microbit-v1, 0x1234", NULL);
	strbuf_set_len(&text, text.len - strlen(HEX_EOF));
	for (uint16_t board = 1; board < 20; board++)
		block_start(&text, board);
	assert_unreadable("hex", text.buf, text.len, &no_options, "more than 16 boards", NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_aligned_sections),
		cmocka_unit_test(test_blocks_of_512_bytes),
		cmocka_unit_test(test_blocks_that_take_turns),
		cmocka_unit_test(test_a_file_for_one_generation_needs_no_choice),
		cmocka_unit_test(test_a_plain_file_has_no_choices),
		cmocka_unit_test(test_other_records_are_passed_over),
		cmocka_unit_test(test_the_entry_is_that_of_the_generation),
		cmocka_unit_test(test_the_uf2_family_chooses_too),
		cmocka_unit_test(test_the_generation_is_no_uf2_family),
		cmocka_unit_test(test_what_belongs_to_nobody_is_an_error),
		cmocka_unit_test(test_damage_in_the_other_firmware_is_found),
		cmocka_unit_test(test_boards_that_nobody_knows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
