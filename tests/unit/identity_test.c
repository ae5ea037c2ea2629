/* SPDX-License-Identifier: MIT
 *
 * What boards say of themselves: texts of real boards of all ages, and texts that no board should send.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "base/xalloc.h"
#include "board/identity.h"

static void assert_text(const char *got, const char *want)
{
	if (!want)
		assert_null(got);
	else
		assert_string_equal(got ? got : "(nothing)", want);
}

static void test_a_preview_of_the_qemu_port(void **state)
{
	AUTO_IDENTITY id = IDENTITY_INIT;

	(void)state;
	assert_true(identity_parse(
		&id,
		"(name='micropython', version=(1, 29, 0, 'preview'), "
		"_machine='mps2-an385 with Cortex-M3', _mpy=6918, _build='MPS2_AN385')\r\n"
		"3.4.0; MicroPython v1.29.0-preview.731.g1c3c201149 on 2026-11-22\r\n"
		"qemu\r\n",
		""));
	assert_text(id.family, "micropython");
	assert_text(id.version, "1.29.0-preview");
	assert_text(id.stamp, "v1.29.0-preview.731.g1c3c201149");
	assert_text(id.date, "2026-11-22");
	assert_int_equal(id.build, 731);
	assert_text(id.machine, "mps2-an385 with Cortex-M3");
	assert_text(id.cpu, "Cortex-M3");
	assert_text(id.board_id, "MPS2_AN385");
	assert_text(id.board, "MPS2_AN385");
	assert_text(id.variant, NULL);
	assert_text(id.port, "qemu");
	assert_text(id.sys_platform, "qemu");
	assert_text(id.mpy, "v6.3");
	assert_text(id.arch, "armv7em");
}

static void test_a_release_with_a_variant(void **state)
{
	AUTO_IDENTITY id = IDENTITY_INIT;

	(void)state;
	assert_true(identity_parse(
		&id,
		"(name='micropython', version=(1, 25, 0, ''), "
		"_machine='PYBv1.1 with STM32F405RG', _mpy=7942, _build='PYBV11-DP_THREAD')\n"
		"3.4.0; MicroPython v1.25.0 on 2025-04-15\n"
		"pyboard\n",
		""));
	assert_text(id.version, "1.25.0");
	assert_text(id.stamp, "v1.25.0");
	assert_int_equal(id.build, 0);
	assert_text(id.board, "PYBV11");
	assert_text(id.variant, "DP_THREAD");
	assert_text(id.port, "stm32");
	assert_text(id.arch, "armv7emsp");
}

static void test_an_old_board_is_known_by_its_uname(void **state)
{
	AUTO_IDENTITY id = IDENTITY_INIT;

	(void)state;
	assert_true(identity_parse(
		&id, "(name='micropython', version=(1, 9, 2))\r\n3.4.0\r\nmicrobit\r\n",
		"(sysname='microbit', nodename='microbit', release='1.0.1', "
		"version='micro:bit v1.0.1+unknown on 2023-02-24; MicroPython "
		"v1.9.2-34-gd64154c73 on 2017-09-01', "
		"machine='micro:bit with nRF51822')\r\n"));
	assert_text(id.version, "1.9.2");
	assert_text(id.stamp, "v1.9.2-34-gd64154c73");
	assert_text(id.date, "2017-09-01");
	assert_int_equal(id.build, 34);
	assert_text(id.machine, "micro:bit with nRF51822");
	assert_text(id.cpu, "nRF51822");
	assert_text(id.board_id, NULL);
	assert_text(id.port, "microbit");
	assert_text(id.mpy, NULL);
}

static void test_a_board_of_2019_has_its_stamp_in_uname_alone(void **state)
{
	AUTO_IDENTITY id = IDENTITY_INIT;

	(void)state;
	assert_true(identity_parse(&id,
				   "(name='micropython', version=(1, 12, 0))\r\n3.4.0\r\nesp32\r\n",
				   "(sysname='esp32', nodename='esp32', release='1.12.0', "
				   "version='v1.12-464-gcae77daf0 on 2020-05-17', "
				   "machine='ESP32 module with ESP32')"));
	assert_text(id.version, "1.12");
	assert_text(id.stamp, "v1.12-464-gcae77daf0");
	assert_text(id.date, "2020-05-17");
	assert_int_equal(id.build, 464);
	assert_text(id.port, "esp32");
	assert_text(id.cpu, "ESP32");
}

static void test_the_zero_of_1_10_to_1_19_is_left_out(void **state)
{
	static const struct {
		const char *tuple, *version;
	} cases[] = {
		{ "(1, 9, 0)", "1.9.0" },
		{ "(1, 10, 0)", "1.10" },
		{ "(1, 19, 0)", "1.19" },
		{ "(1, 19, 1)", "1.19.1" },
		{ "(1, 20, 0)", "1.20.0" },
		{ "(2, 12, 0)", "2.12.0" },
		{ "(1, 26, 1, 'preview')", "1.26.1-preview" },
		{ "(1, 5)", "1.5" },
		{ "(1)", NULL },
		{ "()", NULL },
		{ "('1', '2')", NULL },
		{ "(99999999999, 1, 1)", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO_IDENTITY id = IDENTITY_INIT;
		AUTO_STRBUF text = STRBUF_INIT;

		strbuf_addf(&text, "(name='micropython', version=%s)", cases[i].tuple);
		assert_true(identity_parse(&id, text.buf, ""));
		assert_text(id.version, cases[i].version);
	}
}

static void test_a_tuple_without_names(void **state)
{
	AUTO_IDENTITY id = IDENTITY_INIT;

	(void)state;
	assert_true(identity_parse(&id, "('micropython', (1, 4, 6))\n3.4.0\npyboard\n", ""));
	assert_text(id.family, "micropython");
	assert_text(id.version, "1.4.6");
}

static void test_another_python(void **state)
{
	AUTO_IDENTITY id = IDENTITY_INIT;

	(void)state;
	assert_true(identity_parse(
		&id,
		"(name='circuitpython', version=(9, 2, 1), _machine='Adafruit Feather M4 "
		"Express with samd51j19', _mpy=517)\n3.4.0; Adafruit CircuitPython 9.2.1 on "
		"2024-11-20\nMicroChip SAMD51\n",
		""));
	assert_text(id.family, "circuitpython");
	assert_text(id.stamp, "9.2.1");
	assert_text(id.cpu, "samd51j19");
	assert_text(id.port, "MicroChip SAMD51");
	assert_text(id.arch, NULL);
}

static void test_ports_by_platform(void **state)
{
	static const struct {
		const char *platform, *port;
	} cases[] = {
		{ "rp2", "rp2" },
		{ "pyboard", "stm32" },
		{ "pybd", "stm32" },
		{ "esp8266", "esp8266" },
		{ "mimxrt", "mimxrt" },
		{ "nrf52", "nrf" },
		{ "alif-ensemble", "alif" },
		{ "win32", "windows" },
		{ "linux", "unix" },
		{ "webassembly", "webassembly" },
		{ "renesas-ra", "renesas-ra" },
		{ "psoc-edge", "psoc-edge" },
		{ "zephyr", "zephyr" },
		{ "toaster", "toaster" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO_IDENTITY id = IDENTITY_INIT;
		AUTO_STRBUF text = STRBUF_INIT;

		strbuf_addf(&text, "(name='micropython')\n3.4.0\n%s\n", cases[i].platform);
		assert_true(identity_parse(&id, text.buf, ""));
		assert_text(id.port, cases[i].port);
		assert_text(id.sys_platform, cases[i].platform);
	}
}

static void test_board_ids_in_two_parts(void **state)
{
	static const struct {
		const char *id, *board, *variant;
	} cases[] = {
		{ "RPI_PICO", "RPI_PICO", NULL },
		{ "ESP32_GENERIC-SPIRAM", "ESP32_GENERIC", "SPIRAM" },
		{ "A-B-C", "A", "B-C" },
		{ "PIMORONI_TINY2040_8MB", "PIMORONI_TINY2040", "8MB" },
		{ "PGA2350_16MB", "PGA2350", "16MB" },
		{ "COMB", "COMB", NULL },
		{ "X_MB", "X_MB", NULL },
		{ "8MB", "8MB", NULL },
		{ "B-", "B", NULL },
		{ "", NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO_IDENTITY id = IDENTITY_INIT;
		AUTO_STRBUF text = STRBUF_INIT;

		strbuf_addf(&text, "(name='micropython', _build='%s')", cases[i].id);
		assert_true(identity_parse(&id, text.buf, ""));
		assert_text(id.board, cases[i].board);
		assert_text(id.variant, cases[i].variant);
	}
}

static void test_the_cpu_stands_after_the_last_with(void **state)
{
	AUTO_IDENTITY id = IDENTITY_INIT;

	(void)state;
	assert_true(identity_parse(
		&id, "(name='micropython', _machine='Board with PSRAM with ESP32S3')", ""));
	assert_text(id.cpu, "ESP32S3");
	assert_true(identity_parse(&id, "(name='micropython', _machine='linux version')", ""));
	assert_text(id.cpu, NULL);
}

static void test_quotes_and_escapes(void **state)
{
	AUTO_IDENTITY id = IDENTITY_INIT;

	(void)state;
	assert_true(identity_parse(
		&id,
		"(name=\"micro'python\", _machine='a \\'b\\', (c) \\x41\\\\ \\x1b[31m\\n', "
		"_build='X')",
		""));
	assert_text(id.family, "micro'python");
	assert_text(id.machine, "a 'b', (c) A\\ [31m");
	assert_text(id.board_id, "X");
}

static void test_what_a_program_prints_first_is_passed_over(void **state)
{
	AUTO_IDENTITY id = IDENTITY_INIT;

	(void)state;
	assert_true(identity_parse(
		&id,
		"temperature: 23\r\n(1, 2, 3)\r\n\r\n(name='micropython', version=(1, 24, 1, ''), "
		"_machine='M')\r\n3.4.0; MicroPython v1.24.1 on 2024-11-29\r\nrp2\r\nmore\r\n",
		""));
	assert_text(id.version, "1.24.1");
	assert_text(id.stamp, "v1.24.1");
	assert_text(id.port, "rp2");
}

static void test_texts_that_are_no_identity(void **state)
{
	static const char *const texts[] = {
		"",
		"\r\n\r\n",
		"(",
		")",
		"()",
		"((((((((",
		"(name",
		"(name=",
		"(name='",
		"(name=''",
		"(name=1, version=2)",
		"(,,,)",
		"NameError: name 'sys' isn't defined",
		"'(name'",
		"([{",
		"(\\",
		"(name=\\'x')",
		"(=)",
		"name='micropython'",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		AUTO_IDENTITY id = IDENTITY_INIT;

		assert_false(identity_parse(&id, texts[i], texts[i]));
	}
}

/* Every prefix of a good answer, and every answer with one byte replaced: nothing but a quiet result. */
static void test_cut_and_garbled_answers(void **state)
{
	static const char good[] =
		"(name='micropython', version=(1, 29, 0, 'preview'), _machine='a with b', "
		"_mpy=6918, _build='B-V')\r\n3.4.0; MicroPython v1.29.0 on 2026-11-22\r\nqemu\r\n";
	static const char bytes[] = "'\"\\(),=\n\x01\xff";

	(void)state;
	for (size_t i = 0; i < sizeof(good); i++) {
		char *text = xstrndup(good, i);
		AUTO_IDENTITY id = IDENTITY_INIT;

		identity_parse(&id, text, text);
		free(text);
		for (size_t k = 0; k < sizeof(bytes); k++) {
			text = xstrdup(good);
			text[i] = bytes[k];
			if (i < sizeof(good) - 1)
				identity_parse(&id, text, text);
			free(text);
		}
	}
}

static void test_long_texts_are_cut(void **state)
{
	AUTO_IDENTITY id = IDENTITY_INIT;
	AUTO_STRBUF text = STRBUF_INIT;

	(void)state;
	strbuf_adds(&text, "(name='");
	for (int i = 0; i < 100000; i++)
		strbuf_adds(&text, "long");
	strbuf_adds(&text, "')\n");
	assert_true(identity_parse(&id, text.buf, ""));
	assert_int_equal(strlen(id.family), 200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_preview_of_the_qemu_port),
		cmocka_unit_test(test_a_release_with_a_variant),
		cmocka_unit_test(test_an_old_board_is_known_by_its_uname),
		cmocka_unit_test(test_a_board_of_2019_has_its_stamp_in_uname_alone),
		cmocka_unit_test(test_the_zero_of_1_10_to_1_19_is_left_out),
		cmocka_unit_test(test_a_tuple_without_names),
		cmocka_unit_test(test_another_python),
		cmocka_unit_test(test_ports_by_platform),
		cmocka_unit_test(test_board_ids_in_two_parts),
		cmocka_unit_test(test_the_cpu_stands_after_the_last_with),
		cmocka_unit_test(test_quotes_and_escapes),
		cmocka_unit_test(test_what_a_program_prints_first_is_passed_over),
		cmocka_unit_test(test_texts_that_are_no_identity),
		cmocka_unit_test(test_cut_and_garbled_answers),
		cmocka_unit_test(test_long_texts_are_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
