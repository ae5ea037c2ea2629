/* SPDX-License-Identifier: MIT
 *
 * Devices before anybody asks them: which ports the user means, what a USB device is, what INFO_UF2.TXT says, which record a word
 * names, what is the same device after it came back.
 */
#include <stdlib.h>
#include <string.h>

#include "board/device.h"
#include "os/drives.h"
#include "os/openers.h"
#include "os/usb_place.h"
#include "scratch.h"

#define TEST(f) cmocka_unit_test_setup_teardown(f, scratch_setup, scratch_teardown)
#define GLOBS(...) ((const char *const[]){ __VA_ARGS__, NULL })

static bool takes(const struct serial_filter *f, const char *path)
{
	return serial_filter_takes(f, path, true, NULL);
}

/* --- which ports ---------------------------------------------------------------------------------------------- */

static void test_without_words_all_ports_with_a_location_are_taken(void **state)
{
	const struct serial_filter all = { 0 };

	(void)state;
	unsetenv("MPFLASH_IGNORE");
	assert_true(serial_filter_takes(&all, "/dev/ttyACM0", true, NULL));
	assert_false(serial_filter_takes(&all, "/dev/ttyS0", false, NULL));
	assert_false(serial_filter_is_narrow(&all));
}

static void test_serial_is_a_list_of_globs_for_the_path(void **state)
{
	const struct serial_filter f = { .serial = GLOBS("*ACM*", "/dev/ttyUSB[01]") };

	(void)state;
	assert_true(takes(&f, "/dev/ttyACM7"));
	assert_true(takes(&f, "/dev/ttyUSB1"));
	assert_false(takes(&f, "/dev/ttyUSB2"));
	assert_true(serial_filter_is_narrow(&f));
	assert_false(
		serial_filter_is_narrow(&(struct serial_filter){ .serial = GLOBS("/dev/x", "*") }));
}

static void test_ignored_ports_are_left_out(void **state)
{
	const struct serial_filter f = { .ignore = GLOBS("/dev/ttyUSB*") };

	(void)state;
	setenv("MPFLASH_IGNORE", "  /dev/ttyACM1 *ACM3\t", 1);
	assert_false(takes(&f, "/dev/ttyUSB0"));
	assert_false(takes(&f, "/dev/ttyACM1"));
	assert_false(takes(&f, "/dev/ttyACM3"));
	assert_true(takes(&f, "/dev/ttyACM2"));
	unsetenv("MPFLASH_IGNORE");
}

/* The Python tool took "this one and all others" for it. */
static void test_a_port_named_exactly_is_that_one_whatever_is_ignored(void **state)
{
	const struct serial_filter f = { .serial = GLOBS("/dev/ttyACM1"),
					 .ignore = GLOBS("/dev/ttyACM*") };
	bool named;

	(void)state;
	setenv("MPFLASH_IGNORE", "*", 1);
	assert_true(serial_filter_takes(&f, "/dev/ttyACM1", false, &named));
	assert_true(named);
	assert_false(serial_filter_takes(&f, "/dev/ttyACM0", true, &named));
	assert_false(named);
	assert_false(takes(&f, "/dev/ttyACM10"));
	unsetenv("MPFLASH_IGNORE");
	assert_false(takes(&f, "/dev/ttyUSB0"));
}

static void test_a_link_and_a_bare_name_name_a_port_too(void **state)
{
	struct scratch *s = *state;
	const char *by_id;

	scratch_mkdir(s, "by-id");
	scratch_put(s, "ttyACM4", "");
	RUN(s, s->dir, "ln", "-s", "../ttyACM4", "by-id/usb-MicroPython_Board");
	by_id = scratch_path(s, "by-id/usb-MicroPython_Board");
	assert_true(serial_filter_takes(&(struct serial_filter){ .serial = GLOBS(by_id) },
					scratch_path(s, "ttyACM4"), false, NULL));
	assert_true(serial_filter_takes(&(struct serial_filter){ .serial = GLOBS("ttyACM4") },
					"/dev/ttyACM4", false, NULL));
	assert_false(serial_filter_takes(&(struct serial_filter){ .serial = GLOBS("ttyACM4") },
					 "/dev/ttyACM40", true, NULL));
}

static void test_a_link_to_itself_ends(void **state)
{
	struct scratch *s = *state;
	const char *loop;

	RUN(s, s->dir, "ln", "-s", "loop", "loop");
	loop = scratch_path(s, "loop");
	assert_false(takes(&(struct serial_filter){ .serial = GLOBS(loop) }, "/dev/ttyACM0"));
	openers_find(&(struct opener){ .path = loop }, 1);
}

static void test_ports_are_in_the_order_of_their_numbers(void **state)
{
	(void)state;
	assert_true(serial_path_compare("/dev/ttyACM2", "/dev/ttyACM10") < 0);
	assert_true(serial_path_compare("COM9", "COM10") < 0);
	assert_true(serial_path_compare("/dev/ttyACM2", "/dev/ttyUSB0") < 0);
	assert_true(serial_path_compare("1-4", "1-4.2") < 0);
	assert_int_equal(serial_path_compare("/dev/tty01", "/dev/tty1"), 0);
	assert_int_equal(serial_path_compare("", ""), 0);
}

/* --- places --------------------------------------------------------------------------------------------------- */

static void test_a_sysfs_path_tells_the_place_on_usb(void **state)
{
	struct usb_place p;

	(void)state;
	assert_true(usb_place_parse(
		"/sys/devices/pci0000:00/0000:00:14.0/usb1/1-4/1-4.2/1-4.2:1.3/ttyUSB0", &p));
	assert_string_equal(p.path, "1-4.2");
	assert_string_equal(p.interface, "1-4.2:1.3");
	assert_int_equal(p.interface_number, 3);
	assert_true(usb_place_parse("/sys/devices/usb12/12-1", &p));
	assert_string_equal(p.path, "12-1");
	assert_string_equal(p.interface, "");
	assert_int_equal(p.interface_number, -1);
}

static void test_what_is_not_on_usb_has_no_place(void **state)
{
	static const char *const none[] = { "",
					    "/",
					    "/sys/devices/platform/serial8250",
					    "/sys/devices/pci0000:00/0000:00:14.0",
					    "1-",
					    "-1",
					    "usb1",
					    "1-x" };
	struct usb_place p;

	(void)state;
	for (size_t i = 0; i < sizeof(none) / sizeof(*none); i++)
		assert_false(usb_place_parse(none[i], &p));
}

static void test_a_place_that_is_too_long_is_none(void **state)
{
	struct usb_place p;
	char text[400] = "1-";

	(void)state;
	memset(text + 2, '1', 300);
	assert_false(usb_place_parse(text, &p));
}

static void test_mounts_of_boards_drives_are_told_from_others(void **state)
{
	struct scratch *s = *state;
	struct drive d;

	assert_true(drives_parse_mount(
		"36 35 8:17 / /media/a\\040b rw,nosuid shared:7 - vfat /dev/sdb1 rw", &s->arena,
		&d));
	assert_string_equal(d.mount, "/media/a b");
	assert_string_equal(d.device, "/dev/sdb1");
	assert_false(d.read_only);
	assert_true(
		drives_parse_mount("36 35 8:17 / /m ro,nosuid - vfat /dev/sdb1 ro", &s->arena, &d));
	assert_true(d.read_only);
	assert_true(drives_parse_mount("1 1 0:42 / /m rw - fuse.vfat /dev/sdb1 rw", &s->arena, &d));
	assert_false(drives_parse_mount("1 1 0:42 / /m rw - fuse.sshfs host:/x rw", &s->arena, &d));
	assert_false(drives_parse_mount("1 1 0:42 / /m rw - nfs4 host:/x rw", &s->arena, &d));
	assert_false(drives_parse_mount("1 1 8:1 / / rw - ext4 /dev/sda1 rw", &s->arena, &d));
}

static void test_lines_that_are_no_mounts_are_refused(void **state)
{
	static const char *const none[] = { "",
					    " ",
					    "a b c",
					    "1 1 8:1 / /m rw",
					    "1 1 8:1 / /m rw - ",
					    "1 1 8:1 / /m rw - vfat",
					    "- - - - - - -" };
	struct scratch *s = *state;
	struct drive d;

	for (size_t i = 0; i < sizeof(none) / sizeof(*none); i++)
		assert_false(drives_parse_mount(none[i], &s->arena, &d));
}

/* --- what a USB device is ------------------------------------------------------------------------------------- */

static unsigned things(unsigned vid, unsigned pid, struct usb_interface interface)
{
	struct usb_device d = {
		.vid = vid, .pid = pid, .interfaces = &interface, .interface_count = 1
	};

	return usb_things_of(&d);
}

static void test_interface_classes_tell_what_ids_do_not(void **state)
{
	(void)state;
	assert_int_equal(
		things(0x1209, 1,
		       (struct usb_interface){ .class = 0xfe, .subclass = 1, .protocol = 2 }),
		USB_DFU);
	assert_int_equal(
		things(0x1209, 1,
		       (struct usb_interface){ .class = 0xfe, .subclass = 1, .protocol = 1 }),
		USB_DFU_RUNTIME);
	assert_int_equal(things(0x1209, 1, (struct usb_interface){ .class = 0xff, .protocol = 1 }),
			 USB_RP2_RESET);
	assert_int_equal(things(0x1209, 1, (struct usb_interface){ .class = 8 }), USB_STORAGE);
	assert_int_equal(things(0x1209, 1,
				(struct usb_interface){ .class = 0xff, .name = "My CMSIS-DAP v2" }),
			 USB_CMSIS_DAP);
	assert_int_equal(things(0x1209, 1, (struct usb_interface){ .class = 3 }), 0);
}

static void test_ids_of_probes_and_boot_roms(void **state)
{
	const struct usb_interface none = { .class = 0xff, .subclass = 0xff };

	(void)state;
	assert_int_equal(things(0x0483, 0x374b, none), USB_STLINK);
	assert_int_equal(things(0x0483, 0x374d, none), 0); /* its own loader: never to be flashed */
	assert_int_equal(things(0x1366, 0x1051, none), USB_JLINK);
	assert_int_equal(things(0x2e8a, 0x0003, none), USB_PICOBOOT);
	assert_int_equal(things(0x2e8a, 0x0005, none), 0);
	assert_int_equal(things(0x303a, 0x1001, none), USB_ESP_JTAG);
	assert_int_equal(things(0x303a, 0x4001, none), 0);
	assert_string_equal(usb_chip_of(0x303a, 0x0009), "ESP32-S3");
	assert_null(usb_chip_of(0x303a, 0x1001));
}

static void test_a_probes_own_dfu_is_not_the_boards(void **state)
{
	(void)state;
	assert_int_equal(
		things(0x1d50, 0x6018,
		       (struct usb_interface){ .class = 0xfe, .subclass = 1, .protocol = 1 }),
		USB_BLACK_MAGIC);
}

static void test_placeholders_are_nobodys_serial_number(void **state)
{
	static const char *const none[] = { "",         "0",         "0001",       "000000000000",
					    "FFFFFFFF", "123456789", "0123456789", "ab",
					    "1-4.2",    "12-1" };

	(void)state;
	for (size_t i = 0; i < sizeof(none) / sizeof(*none); i++)
		assert_false(usb_serial_is_own(0x10c4, 0xea60, none[i]));
	assert_false(usb_serial_is_own(0x10c4, 0xea60, NULL));
	assert_false(usb_serial_is_own(0x2e8a, 0x0003, "E0C9125B0D9B"));
	assert_true(usb_serial_is_own(0x2e8a, 0x0005, "e6614c311b8a5f2b"));
	assert_true(usb_serial_is_own(0x2e8a, 0x000f, "5D3A9C7B11E2F480"));
}

/* --- INFO_UF2.TXT --------------------------------------------------------------------------------------------- */

static struct volume parsed(struct scratch *s, const char *text)
{
	struct volume v = { 0 };

	assert_true(volume_parse_info(text, strlen(text), &s->arena, &v));
	return v;
}

static void test_info_of_the_rp2040(void **state)
{
	struct volume v = parsed(
		*state, "UF2 Bootloader v3.0\r\nModel: Raspberry Pi RP2\r\nBoard-ID: RPI-RP2\r\n");

	assert_string_equal(v.model, "Raspberry Pi RP2");
	assert_string_equal(v.board_id, "RPI-RP2");
	assert_string_equal(v.version, "v3.0");
	assert_null(v.softdevice);
}

static void test_info_of_adafruits_nrf_bootloaders(void **state)
{
	struct volume v = parsed(*state, "UF2 Bootloader 0.6.1-2-g1224915 lib/nrfx (v2.0.0)\r\n"
					 "Model: Adafruit Feather nRF52840 Express\r\n"
					 "Board-ID: nRF52840-Feather-revD\r\n"
					 "Date: Sep 17 2021\r\nSoftDevice: S140 6.1.1\r\n");

	assert_string_equal(v.version, "0.6.1-2-g1224915");
	assert_string_equal(v.softdevice, "S140 6.1.1");
	assert_string_equal(v.date, "Sep 17 2021");
	v = parsed(*state, "UF2 Bootloader 0.4.0\nBoard-ID: x\nSoftDevice: S140 version 6.1.1\n");
	assert_string_equal(v.softdevice, "S140 6.1.1");
	v = parsed(*state, "UF2 Bootloader 0.2.13\nBoard-ID: x\nBootloader: s140 6.1.1\n");
	assert_string_equal(v.softdevice, "s140 6.1.1");
	v = parsed(*state, "UF2 Bootloader 0.9.2\nBoard-ID: x\nSoftDevice: not found\n");
	assert_null(v.softdevice);
}

static void test_hostile_info_is_printable_or_none(void **state)
{
	static const char bytes[] =
		"\xff\xfe\0\x1b[2J\nModel: \x1b]0;x\x07\xc3\nBoard-ID:  \0evil\n";
	struct scratch *s = *state;
	struct volume v = { 0 };

	assert_true(volume_parse_info(bytes, sizeof(bytes) - 1, &s->arena, &v));
	assert_string_equal(v.model, "?]0;x??");
	assert_null(v.board_id);
	v = (struct volume){ 0 };
	assert_false(volume_parse_info("", 0, &s->arena, &v));
	assert_false(volume_parse_info("hello\n", 6, &s->arena, &v));
	assert_false(volume_parse_info("Model:", 6, &s->arena, &v));
}

static void test_a_long_line_is_cut(void **state)
{
	struct scratch *s = *state;
	struct volume v = { 0 };
	char text[5000] = "Model: ";

	memset(text + 7, 'x', sizeof(text) - 8);
	assert_true(volume_parse_info(text, sizeof(text), &s->arena, &v));
	assert_true(strlen(v.model) < 300);
}

static void test_a_folder_is_a_drive_by_its_info_in_any_case(void **state)
{
	struct scratch *s = *state;
	struct volume v;

	scratch_put(s, "d/Info_uf2.txt", "UF2 Bootloader v3.0\nModel: A\nBoard-ID: B\n");
	must(volume_read(scratch_path(s, "d"), &s->arena, &v, &s->err), &s->err);
	assert_string_equal(v.board_id, "B");
	scratch_mkdir(s, "e");
	assert_false(volume_read(scratch_path(s, "e"), &s->arena, &v, &s->err));
	assert_err(&s->err, "is no UF2 drive", "mpflash list");
	assert_false(volume_read(scratch_path(s, "f"), &s->arena, &v, &s->err));
	assert_err(&s->err, "is no folder", NULL);
}

/* --- records -------------------------------------------------------------------------------------------------- */

static void add(struct devices *list, const char *id, const char *path)
{
	struct device *d = devices_add(list);
	struct serial_port *p = ARENA_NEW(&list->arena, struct serial_port);

	d->id = id;
	p->path = path;
	d->ports = ARENA_ARRAY(&list->arena, const struct serial_port *, 1);
	d->ports[0] = p;
	d->port_count = path != NULL;
}

static void test_a_device_is_named_by_the_beginning_of_its_id(void **state)
{
	AUTO_DEVICES list = DEVICES_INIT;
	struct scratch *s = *state;

	add(&list, "usb-e6614c31", "/dev/ttyACM0");
	add(&list, "usb-e6690000", "/dev/ttyACM10");
	add(&list, "usb-1-4", NULL);
	add(&list, "usb-1-4.2", NULL);
	assert_string_equal(devices_select(&list, "usb-E6614", &s->err)->id, "usb-e6614c31");
	assert_string_equal(devices_select(&list, "e669", &s->err)->id, "usb-e6690000");
	assert_string_equal(devices_select(&list, "/dev/ttyACM10", &s->err)->id, "usb-e6690000");
	/* whole, though another one begins so */
	assert_string_equal(devices_select(&list, "usb-1-4", &s->err)->id, "usb-1-4");
	assert_null(devices_select(&list, "usb-e66", &s->err));
	assert_err(&s->err, "more than one device: usb-e6614c31, usb-e6690000", "say more");
	assert_null(devices_select(&list, "usb-9", &s->err));
	assert_err(&s->err, "no device 'usb-9'", "usb-e6614c31, usb-e6690000, usb-1-4, usb-1-4.2");
	assert_null(devices_select(&list, "", &s->err));
}

static void test_records_are_in_the_order_of_ports_then_ids(void **state)
{
	AUTO_DEVICES list = DEVICES_INIT;

	(void)state;
	add(&list, "usb-b", NULL);
	add(&list, "usb-c", "/dev/ttyACM10");
	add(&list, "usb-a", NULL);
	add(&list, "usb-d", "/dev/ttyACM9");
	devices_sort(&list);
	assert_string_equal(list.items[0].id, "usb-d");
	assert_string_equal(list.items[1].id, "usb-c");
	assert_string_equal(list.items[2].id, "usb-a");
	assert_string_equal(list.items[3].id, "usb-b");
}

static struct device at(const struct usb_device *u, const char *id)
{
	return (struct device){ .id = id, .usb = u, .usb_path = u->path };
}

static void test_a_board_in_its_bootloader_is_the_same_by_number_or_by_place(void **state)
{
	const struct usb_device runs = {
		.vid = 0x2e8a, .pid = 5, .path = "1-4", .serial = "e6614c311b8a5f2b"
	};
	const struct usb_device boot = {
		.vid = 0x2e8a, .pid = 3, .path = "1-4", .serial = "E0C9125B0D9B"
	};
	const struct usb_device elsewhere = {
		.vid = 0x2e8a, .pid = 3, .path = "1-5", .serial = "E0C9125B0D9B"
	};
	const struct usb_device other = {
		.vid = 0x2e8a, .pid = 5, .path = "1-4", .serial = "e6614c3100000001"
	};
	const struct usb_device moved = {
		.vid = 0x2e8a, .pid = 5, .path = "2-1", .serial = "E6614C311B8A5F2B"
	};
	struct device d = at(&runs, "usb-e6614c311b8a5f2b");

	(void)state;
	assert_true(device_is_same(
		&d, &(struct device){ .id = "usb-1-4", .usb = &boot, .usb_path = "1-4" }));
	assert_false(device_is_same(
		&d, &(struct device){ .id = "usb-1-5", .usb = &elsewhere, .usb_path = "1-5" }));
	assert_false(device_is_same(
		&d, &(struct device){ .id = "usb-x", .usb = &other, .usb_path = "1-4" }));
	assert_true(device_is_same(
		&d, &(struct device){ .id = "usb-y", .usb = &moved, .usb_path = "2-1" }));
}

static void test_a_number_that_two_have_tells_nothing(void **state)
{
	const struct usb_device one = {
		.vid = 0x2e8a, .pid = 5, .path = "1-4", .serial = "1234567890"
	};
	const struct usb_device boot = {
		.vid = 0x2e8a, .pid = 0xf, .path = "1-5", .serial = "1234567890"
	};
	const struct usb_device back = {
		.vid = 0x2e8a, .pid = 0xf, .path = "1-4", .serial = "1234567890"
	};
	struct device d = at(&one, "usb-1-4");
	struct device twin = at(&boot, "usb-1-5"), now = at(&back, "usb-1-4");

	(void)state;
	d.shared_number = true;
	assert_null(device_serial(&d));
	/* also when the other one is alone for a moment, and its number is its own again */
	assert_false(device_is_same(&d, &twin));
	assert_true(device_is_same(&d, &now));
	now.shared_number = true;
	assert_true(device_is_same(&d, &now));
}

static void test_a_device_is_named_by_its_place_or_its_ports_name(void **state)
{
	const struct serial_port port = { .path = "/dev/ttyACM1" };
	const struct serial_port *ports[] = { &port };
	struct device items[] = {
		{ .id = "usb-1-10", .usb_path = "1-10" },
		{ .id = "usb-1-1", .usb_path = "1-1" },
		{ .id = "usb-e6614c31", .usb_path = "1-4.2", .ports = ports, .port_count = 1 }
	};
	struct devices list = { .items = items, .count = 3 };
	AUTO_ERR e = ERR_INIT;

	(void)state;
	assert_ptr_equal(devices_select(&list, "1-1", &e), &items[1]);
	assert_ptr_equal(devices_select(&list, "1-4.2", &e), &items[2]);
	assert_ptr_equal(devices_select(&list, "ttyACM1", &e), &items[2]);
	assert_null(devices_select(&list, "ttyACM", &e));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_without_words_all_ports_with_a_location_are_taken),
		TEST(test_serial_is_a_list_of_globs_for_the_path),
		TEST(test_ignored_ports_are_left_out),
		TEST(test_a_port_named_exactly_is_that_one_whatever_is_ignored),
		TEST(test_a_link_and_a_bare_name_name_a_port_too),
		TEST(test_a_link_to_itself_ends),
		TEST(test_ports_are_in_the_order_of_their_numbers),
		TEST(test_a_sysfs_path_tells_the_place_on_usb),
		TEST(test_what_is_not_on_usb_has_no_place),
		TEST(test_a_place_that_is_too_long_is_none),
		TEST(test_mounts_of_boards_drives_are_told_from_others),
		TEST(test_lines_that_are_no_mounts_are_refused),
		TEST(test_interface_classes_tell_what_ids_do_not),
		TEST(test_ids_of_probes_and_boot_roms),
		TEST(test_a_probes_own_dfu_is_not_the_boards),
		TEST(test_placeholders_are_nobodys_serial_number),
		TEST(test_info_of_the_rp2040),
		TEST(test_info_of_adafruits_nrf_bootloaders),
		TEST(test_hostile_info_is_printable_or_none),
		TEST(test_a_long_line_is_cut),
		TEST(test_a_folder_is_a_drive_by_its_info_in_any_case),
		TEST(test_a_device_is_named_by_the_beginning_of_its_id),
		TEST(test_a_number_that_two_have_tells_nothing),
		TEST(test_a_device_is_named_by_its_place_or_its_ports_name),
		TEST(test_records_are_in_the_order_of_ports_then_ids),
		TEST(test_a_board_in_its_bootloader_is_the_same_by_number_or_by_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
