/* SPDX-License-Identifier: MIT
 *
 * Ways into bootloaders: their order for each port, which port a device is of, which ways fit it.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "base/strbuf.h"
#include "base/xalloc.h"
#include "board/bootloader.h"

static void assert_order(const char *port, const char *want)
{
	AUTO_STRBUF out = STRBUF_INIT;

	for (const char *const *name = bootloader_order(port); *name; name++)
		strbuf_addf(&out, "%s%s", out.len ? " " : "", *name);
	assert_string_equal(out.buf, want);
}

static void test_each_port_has_its_order(void **state)
{
	(void)state;
	assert_order("rp2", "mpy picoboot touch1200 manual");
	assert_order("samd", "touch1200 mpy manual");
	assert_order("nrf", "touch1200 mpy dfu manual");
	assert_order("stm32", "dfu touch1200 mpy manual");
	assert_order("esp32", "esp mpy touch1200 manual");
	assert_order("esp8266", "esp manual");
	assert_order("mimxrt", "touch1200 mpy manual");
	assert_order("renesas-ra", "touch1200 mpy manual");
}

/* Modem lines reset whatever hangs on them: only a chip that is known to be Espressif's is told so. */
static void test_an_unknown_port_is_told_what_says_by_itself_whether_it_fits(void **state)
{
	(void)state;
	assert_order(NULL, "dfu picoboot mpy touch1200 manual");
	assert_order("zephyr", "dfu picoboot mpy touch1200 manual");
}

static void test_every_way_of_an_order_exists_and_the_hand_is_last(void **state)
{
	static const char *const ports[] = { "rp2",     "samd",   "nrf",        "stm32", "esp32",
					     "esp8266", "mimxrt", "renesas-ra", NULL };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ports); i++) {
		const char *last = "";

		for (const char *const *name = bootloader_order(ports[i]); *name; name++) {
			assert_non_null(bootloader_method_by_name(*name));
			last = *name;
		}
		assert_string_equal(last, "manual");
		assert_non_null(bootloader_manual_text(ports[i]));
	}
	assert_null(bootloader_method_by_name("telepathy"));
}

static void test_methods_are_whole_and_sorted(void **state)
{
	(void)state;
	for (size_t i = 0; bootloader_methods[i]; i++) {
		const struct bootloader_method *m = bootloader_methods[i];

		assert_true(m->title && m->fits && m->wait_ms > 0);
		assert_true(m->tell || strcmp(m->name, "manual") == 0);
		if (i)
			assert_true(strcmp(bootloader_methods[i - 1]->name, m->name) < 0);
	}
}

static bool fits(const char *method, const struct device *d)
{
	AUTO_ERR e = ERR_INIT;
	bool ok = bootloader_method_by_name(method)->fits(d, &e);

	assert_true(ok == !e.msg);
	return ok;
}

static void test_what_a_device_offers_decides_what_fits(void **state)
{
	struct usb_device usb = { .things = USB_RP2_RESET };
	const struct device pico = { .id = "usb-1", .usb = &usb };

	(void)state;
	assert_string_equal(bootloader_port(&pico), "rp2");
	assert_true(fits("picoboot", &pico));
	assert_false(fits("dfu", &pico));
	assert_false(fits("touch1200", &pico)); /* no port */
	assert_true(fits("manual", &pico));
	usb.things = USB_DFU_RUNTIME;
	assert_true(fits("dfu", &pico));
	assert_null(bootloader_port(&pico));
	usb.denied = true;
	assert_false(fits("dfu", &pico));
	usb = (struct usb_device){ .things = USB_DFU_RUNTIME | USB_BLACK_MAGIC };
	assert_false(fits("dfu", &pico)); /* a probe's own */
}

static void test_an_adapter_is_not_touched_and_says_nothing_of_the_chip(void **state)
{
	struct serial_port port = {
		.path = "/dev/ttyUSB0", .usb = true, .vid = 0x10c4, .pid = 0xea60
	};
	const struct serial_port *ports[] = { &port };
	struct device d = { .id = "usb-1", .ports = ports, .port_count = 1 };

	(void)state;
	assert_null(bootloader_port(&d));
	assert_false(fits("touch1200", &d));
	assert_true(fits("mpy", &d));
	assert_true(fits("esp", &d));
	d.state = DEVICE_SILENT;
	d.port = "stm32";
	assert_false(fits("mpy", &d));
	assert_false(fits("esp", &d));
	port.vid = 0x303a;
	d.port = NULL;
	assert_string_equal(bootloader_port(&d), "esp32");
	assert_true(fits("touch1200", &d));
	d.state = DEVICE_HELD;
	d.why = "held by minicom (pid 812)";
	assert_false(fits("esp", &d));
}

/* An ESP's own USB port with firmware on it goes away when the ROM comes; an adapter and the chip's USB-JTAG stay. */
static void test_the_esp_way_knows_which_port_stays(void **state)
{
	struct serial_port port = {
		.path = "/dev/ttyACM0", .usb = true, .vid = 0x303a, .pid = 0x4001
	};
	const struct serial_port *ports[] = { &port };
	const struct device d = { .ports = ports, .port_count = 1 };
	const struct bootloader_method *esp = bootloader_method_by_name("esp");

	(void)state;
	assert_false(esp->stays(&d));
	port.pid = 0x1001;
	assert_true(esp->stays(&d));
	port.vid = 0x1a86;
	assert_true(esp->stays(&d));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_port_has_its_order),
		cmocka_unit_test(test_an_unknown_port_is_told_what_says_by_itself_whether_it_fits),
		cmocka_unit_test(test_every_way_of_an_order_exists_and_the_hand_is_last),
		cmocka_unit_test(test_methods_are_whole_and_sorted),
		cmocka_unit_test(test_what_a_device_offers_decides_what_fits),
		cmocka_unit_test(test_an_adapter_is_not_touched_and_says_nothing_of_the_chip),
		cmocka_unit_test(test_the_esp_way_knows_which_port_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
