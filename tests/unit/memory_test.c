/* SPDX-License-Identifier: MIT
 *
 * Boards that were seen once are recognized, by number or by place, and never guessed.
 */
#include "scratch.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "board/memory.h"
#include "cache/sighting.h"

struct bench {
	struct scratch *scratch;
	struct store *store;
	struct devices list;
};

static int make_bench(void **state)
{
	struct bench *b = xcalloc(1, sizeof(*b));

	b->scratch = scratch_create();
	b->store = store_open(scratch_path(b->scratch, "store"), false, &b->scratch->err);
	must(b->store != NULL, &b->scratch->err);
	*state = b;
	return 0;
}

static int drop_bench(void **state)
{
	struct bench *b = *state;

	devices_free(&b->list);
	store_close(b->store);
	scratch_destroy(b->scratch);
	free(b);
	return 0;
}

/* What is attached from here on: nothing yet. */
static void unplug_all(struct bench *b)
{
	devices_free(&b->list);
}

static struct device *plug(struct bench *b, const char *id, const char *place, unsigned vid,
			   unsigned pid, const char *serial, unsigned things)
{
	struct usb_device *usb = ARENA_NEW(&b->list.arena, struct usb_device);
	struct device *d = devices_add(&b->list);

	*usb = (struct usb_device){ .vid = vid, .pid = pid, .serial = serial, .things = things };
	d->id = id;
	d->usb = usb;
	d->usb_path = place;
	d->state = things & USB_BOOTLOADERS ? DEVICE_BOOTLOADER : DEVICE_NOT_ASKED;
	return d;
}

static void answers(struct device *d, const char *port, const char *board_id, const char *chip_id)
{
	d->state = DEVICE_RUNNING;
	d->has_identity = true;
	d->identity.port = xstrdup(port);
	d->identity.machine = xstrdup("a board");
	d->identity.chip_id = xstrdup(chip_id);
	identity_set_board_id(&d->identity, board_id);
}

static void remember(struct bench *b)
{
	must(devices_remember(&b->list, b->store, &b->scratch->err), &b->scratch->err);
	unplug_all(b);
}

static void recall(struct bench *b)
{
	must(devices_recall(&b->list, b->store, &b->scratch->err), &b->scratch->err);
}

static void see_pico(struct bench *b, const char *place, const char *serial, const char *board_id)
{
	AUTO_ARENA a = ARENA_INIT;
	char *id = arena_printf(&a, "usb-%s", serial);

	answers(plug(b, id, place, 0x2e8a, 5, serial, USB_CDC), "rp2", board_id, serial);
	remember(b);
}

static struct device *plug_rp2040(struct bench *b, const char *place)
{
	struct device *d = plug(b, arena_printf(&b->list.arena, "usb-%s", place), place, 0x2e8a, 3,
				"E0C9125B0D9B", USB_PICOBOOT);

	d->port = "rp2";
	return d;
}

static void test_stm32s_number_is_what_its_rom_makes_of_the_chips(void **state)
{
	char out[13];

	(void)state;
	assert_true(stm32_usb_serial("3e002d000f47373034353031", out));
	assert_string_equal(out, "315D35723037");
	assert_false(stm32_usb_serial("e6614c311b8a5f2b", out));
	assert_false(stm32_usb_serial("zz002d000f47373034353031", out));
	assert_false(stm32_usb_serial("", out));
}

static void test_a_number_tells_wherever_the_board_is(void **state)
{
	struct bench *b = *state;
	struct device *d;

	answers(plug(b, "usb-2-1", "2-1", 0x0483, 0x374b, NULL, USB_CDC), "stm32", "NUCLEO_F446RE",
		"3e002d000f47373034353031");
	remember(b);
	d = plug(b, "usb-315D35723037", "5-1", 0x0483, 0xdf11, "315D35723037", USB_DFU);
	recall(b);
	assert_non_null(d->known);
	assert_true(d->known_by_number);
	assert_string_equal(d->board_id, "NUCLEO_F446RE");
	assert_string_equal(d->id, "usb-2-1");
}

static void test_a_mac_address_is_the_same_with_colons(void **state)
{
	struct bench *b = *state;
	struct device *d;

	answers(plug(b, "usb-1-1", "1-1", 0x10c4, 0xea60, NULL, USB_CDC), "esp32", "ESP32_S3",
		"348518aabbcc");
	remember(b);
	d = plug(b, "usb-34:85:18:AA:BB:CC", "1-2", 0x303a, 0x1001, "34:85:18:AA:BB:CC",
		 USB_ESP_JTAG);
	recall(b);
	assert_true(d->known_by_number);
	assert_string_equal(d->board_id, "ESP32_S3");
}

static void test_a_place_tells_where_there_is_no_number(void **state)
{
	struct bench *b = *state;
	struct device *d;

	see_pico(b, "1-4", "e6614c311b8a5f2b", "RPI_PICO");
	d = plug_rp2040(b, "1-4");
	recall(b);
	assert_non_null(d->known);
	assert_false(d->known_by_number);
	assert_string_equal(d->board_id, "RPI_PICO");
	assert_string_equal(d->id, "usb-e6614c311b8a5f2b");
	assert_null(d->one_of);
}

static void test_a_bootloader_of_another_port_is_another_board(void **state)
{
	struct bench *b = *state;
	struct device *d;

	see_pico(b, "1-4", "e6614c311b8a5f2b", "RPI_PICO");
	d = plug(b, "usb-1-4", "1-4", 0x0483, 0xdf11, NULL, USB_DFU);
	d->port = "stm32";
	recall(b);
	assert_null(d->known);
	assert_null(d->board_id);
}

/* Its ROM's number is made of the chip's: that of another chip says that the board was changed. */
static void test_another_stm32_at_the_place_is_another_board(void **state)
{
	struct bench *b = *state;
	struct device *d;

	answers(plug(b, "usb-1-2", "1-2", 0xf055, 0x9800, NULL, USB_CDC), "stm32", "PYBV11",
		"3e002d000f47373034353031");
	remember(b);
	d = plug(b, "usb-3157334B3032", "1-2", 0x0483, 0xdf11, "3157334B3032", USB_DFU);
	d->port = "stm32";
	recall(b);
	assert_null(d->known);
	assert_null(d->board_id);
	assert_string_equal(d->id, "usb-3157334B3032");
	/* a number that no chip has: the place is what there is */
	unplug_all(b);
	d = plug(b, "usb-1-2", "1-2", 0x0483, 0xdf11, "STM32FxSTM32", USB_DFU);
	d->port = "stm32";
	recall(b);
	assert_string_equal(d->board_id, "PYBV11");
}

static void see_machine(struct bench *b, const char *place, const char *serial,
			const char *board_id, const char *machine)
{
	AUTO_ARENA a = ARENA_INIT;
	struct device *d =
		plug(b, arena_printf(&a, "usb-%s", serial), place, 0x2e8a, 5, serial, USB_CDC);

	answers(d, "rp2", board_id, serial);
	free(d->identity.machine);
	d->identity.machine = xstrdup(machine);
	remember(b);
}

static void test_another_chip_at_the_place_is_another_board(void **state)
{
	struct bench *b = *state;
	struct device *d;

	see_machine(b, "1-4", "e6614c311b8a0001", "RPI_PICO", "Raspberry Pi Pico with RP2040");
	see_machine(b, "1-5", "e6614c311b8a0002", "RPI_PICO2", "Raspberry Pi Pico2 with RP2350");
	d = plug_rp2040(b, "1-5");
	d->chip = "RP2040";
	recall(b);
	assert_null(d->known);
	assert_string_equal(d->id, "usb-1-5");
	assert_string_equal(d->one_of, "RPI_PICO (usb-e6614c311b8a0001)");
	/* of the right chip, and of one that is not known */
	for (int known = 0; known <= 1; known++) {
		unplug_all(b);
		d = plug_rp2040(b, "1-4");
		d->chip = known ? "RP2040" : NULL;
		recall(b);
		assert_string_equal(d->board_id, "RPI_PICO");
	}
}

/* The user asked for one device alone: the rest of USB is known all the same. */
static void test_a_board_that_was_not_asked_for_is_elsewhere_too(void **state)
{
	struct bench *b = *state;
	struct usb_device running = {
		.vid = 0x2e8a, .pid = 5, .path = "1-5", .serial = "e6614c311b8a5f2b"
	};
	struct device *d;

	see_pico(b, "1-4", "e6614c311b8a5f2b", "RPI_PICO");
	d = plug_rp2040(b, "1-4");
	vec_push(&b->list.usb, running);
	recall(b);
	assert_null(d->known);
	assert_string_equal(d->id, "usb-1-4");
}

static void test_a_board_that_is_attached_elsewhere_is_not_here(void **state)
{
	struct bench *b = *state;
	struct device *d;

	see_pico(b, "1-4", "e6614c311b8a5f2b", "RPI_PICO");
	plug(b, "usb-e6614c311b8a5f2b", "1-5", 0x2e8a, 5, "e6614c311b8a5f2b", USB_CDC);
	plug_rp2040(b, "1-4");
	recall(b);
	d = &b->list.items[1];
	assert_null(d->known);
	assert_null(d->one_of);
	assert_string_equal(d->id, "usb-1-4");
}

static void test_two_candidates_are_told_and_none_is_guessed(void **state)
{
	struct bench *b = *state;
	struct device *d;

	see_pico(b, "1-4", "e6614c311b8a0001", "RPI_PICO");
	see_pico(b, "1-5", "e6614c311b8a0002", "RPI_PICO_W");
	d = plug_rp2040(b, "1-6");
	recall(b);
	assert_null(d->known);
	assert_null(d->board_id);
	assert_string_equal(d->id, "usb-1-6");
	assert_string_equal(d->one_of, "RPI_PICO (usb-e6614c311b8a0001), "
				       "RPI_PICO_W (usb-e6614c311b8a0002)");
}

static void test_the_later_board_has_the_place(void **state)
{
	struct bench *b = *state;
	struct device *d;

	see_pico(b, "1-4", "e6614c311b8a0001", "RPI_PICO");
	see_pico(b, "1-4", "e6614c311b8a0002", "RPI_PICO_W");
	d = plug_rp2040(b, "1-4");
	recall(b);
	assert_string_equal(d->board_id, "RPI_PICO_W");
}

static void test_another_number_at_the_place_is_another_board(void **state)
{
	struct bench *b = *state;
	struct device *d;

	see_pico(b, "1-4", "e6614c311b8a0001", "RPI_PICO");
	d = plug(b, "usb-e6614c311b8a0002", "1-4", 0x2e8a, 5, "e6614c311b8a0002", USB_CDC);
	recall(b);
	assert_null(d->known);
}

static void test_a_board_that_answers_says_itself_what_it_is(void **state)
{
	struct bench *b = *state;
	struct device *d;

	see_pico(b, "1-4", "e6614c311b8a0001", "RPI_PICO");
	d = plug(b, "usb-e6614c311b8a0001", "1-4", 0x2e8a, 5, "e6614c311b8a0001", USB_CDC);
	answers(d, "rp2", "OTHER", "e6614c311b8a0001");
	recall(b);
	assert_null(d->known);
	assert_null(d->board_id);
}

static size_t count_sightings(struct bench *b, struct sightings *out)
{
	must(store_list_sightings(b->store, &b->scratch->arena, out, &b->scratch->err),
	     &b->scratch->err);
	return out->count;
}

static void test_one_chip_is_one_board_whatever_it_is_plugged_into(void **state)
{
	struct bench *b = *state;
	struct sightings seen;

	answers(plug(b, "usb-1-1", "1-1", 0x10c4, 0xea60, NULL, USB_CDC), "esp32", "A",
		"348518aabbcc");
	remember(b);
	answers(plug(b, "usb-1-2", "1-2", 0x10c4, 0xea60, NULL, USB_CDC), "esp32", "A",
		"348518aabbcc");
	remember(b);
	assert_int_equal(count_sightings(b, &seen), 1);
	assert_string_equal(seen.items[0].id, "usb-1-2");
}

static void test_a_chips_number_that_two_have_is_none(void **state)
{
	struct bench *b = *state;
	struct sightings seen;

	answers(plug(b, "usb-1-1", "1-1", 0x10c4, 0xea60, NULL, USB_CDC), "esp32", "A", "0102");
	answers(plug(b, "usb-1-2", "1-2", 0x10c4, 0xea60, NULL, USB_CDC), "esp32", "B", "0102");
	answers(plug(b, "usb-1-3", "1-3", 0x10c4, 0xea60, NULL, USB_CDC), "esp32", "C", "0000");
	remember(b);
	assert_int_equal(count_sightings(b, &seen), 3);
	for (size_t i = 0; i < seen.count; i++)
		assert_string_equal(seen.items[i].chip_id, "");
}

static void test_what_is_known_is_not_written_again(void **state)
{
	struct bench *b = *state;
	struct sightings first, second;

	see_pico(b, "1-4", "e6614c311b8a0001", "RPI_PICO");
	count_sightings(b, &first);
	see_pico(b, "1-4", "e6614c311b8a0001", "RPI_PICO");
	count_sightings(b, &second);
	assert_true(first.items[0].seen_ns == second.items[0].seen_ns);
	see_pico(b, "1-4", "e6614c311b8a0001", "RPI_PICO_W");
	count_sightings(b, &second);
	assert_string_equal(second.items[0].board_id, "RPI_PICO_W");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_bench, drop_bench)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stm32s_number_is_what_its_rom_makes_of_the_chips),
		TEST(test_a_number_tells_wherever_the_board_is),
		TEST(test_a_mac_address_is_the_same_with_colons),
		TEST(test_a_place_tells_where_there_is_no_number),
		TEST(test_a_bootloader_of_another_port_is_another_board),
		TEST(test_another_stm32_at_the_place_is_another_board),
		TEST(test_another_chip_at_the_place_is_another_board),
		TEST(test_a_board_that_was_not_asked_for_is_elsewhere_too),
		TEST(test_a_board_that_is_attached_elsewhere_is_not_here),
		TEST(test_two_candidates_are_told_and_none_is_guessed),
		TEST(test_the_later_board_has_the_place),
		TEST(test_another_number_at_the_place_is_another_board),
		TEST(test_a_board_that_answers_says_itself_what_it_is),
		TEST(test_one_chip_is_one_board_whatever_it_is_plugged_into),
		TEST(test_a_chips_number_that_two_have_is_none),
		TEST(test_what_is_known_is_not_written_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
