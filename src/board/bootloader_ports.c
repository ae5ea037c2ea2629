/* SPDX-License-Identifier: MIT
 *
 * What differs by MicroPython's port on the way into a bootloader: the order in which the ways are tried, and how a person does it.
 */
#include <string.h>

#include "base/xalloc.h"
#include "board/bootloader.h"

const char *const *bootloader_order(const char *port)
{
	/* A request over USB needs no REPL and takes no guess: where there is one, it stands behind the REPL only for rp2. */
	static const struct {
		const char *port, *names[6];
	} orders[] = {
		{ "rp2", { "mpy", "picoboot", "touch1200", "manual" } },
		{ "samd", { "touch1200", "mpy", "manual" } },
		{ "nrf", { "touch1200", "mpy", "dfu", "manual" } },
		{ "stm32", { "dfu", "touch1200", "mpy", "manual" } },
		{ "esp32", { "esp", "mpy", "touch1200", "manual" } },
		{ "esp8266", { "esp", "manual" } },
		{ "mimxrt", { "touch1200", "mpy", "manual" } },
		{ "renesas-ra", { "touch1200", "mpy", "manual" } },
	};
	static const char *const unknown[] = {
		"dfu", "picoboot", "mpy", "touch1200", "manual", NULL
	};

	for (size_t i = 0; port && i < ARRAY_SIZE(orders); i++)
		if (strcmp(orders[i].port, port) == 0)
			return orders[i].names;
	return unknown;
}

const char *bootloader_manual_text(const char *port)
{
	static const struct {
		const char *port, *text;
	} texts[] = {
		{ "rp2",
		  "Hold BOOTSEL while you plug the board in (or press and let go of RESET, RUN), then let go of\n"
		  "BOOTSEL. It comes back as a drive, RPI-RP2 or RP2350." },
		{ "samd",
		  "Press RESET twice, half a second apart. A light pulses, and a drive comes." },
		{ "nrf",
		  "Press RESET twice, half a second apart. A light pulses, and a drive comes." },
		{ "stm32",
		  "Connect BOOT0 to 3.3 V (or hold the BOOT0 button), press and let go of RESET, then take the\n"
		  "connection off. A pyboard: hold USR while you press RESET, until both lights are on." },
		{ "esp32", "Hold BOOT (IO0), press and let go of RESET (EN), let go of BOOT." },
		{ "esp8266",
		  "Hold FLASH (GPIO0 to ground), press and let go of RESET, let go of FLASH." },
		{ "mimxrt",
		  "Press the button on a Teensy; on other boards press RESET twice, half a second apart." },
		{ "renesas-ra",
		  "Connect MD to ground (or press RESET twice on an Arduino), then press RESET." },
	};

	for (size_t i = 0; port && i < ARRAY_SIZE(texts); i++)
		if (strcmp(texts[i].port, port) == 0)
			return texts[i].text;
	return "Bring the board into its bootloader: its maker's pages say how (often two quick presses of RESET, or\n"
	       "BOOT held while RESET is pressed).";
}
