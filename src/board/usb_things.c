/* SPDX-License-Identifier: MIT
 *
 * What a USB device is to a flasher: tables of ids (of the makers' own flashers, pyOCD's, OpenOCD's and stlink's lists) and
 * rules on interface classes.
 */
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "board/usb.h"

enum { ANY = -1 };

struct known_id {
	uint16_t vid;
	int pid; /* ANY: all of that maker's */
	unsigned things;
};

static const struct known_id known_ids[] = {
	{ 0x03eb, 0x2111, USB_CMSIS_DAP }, /* EDBG */
	{ 0x03eb, 0x2140, USB_CMSIS_DAP },
	{ 0x03eb, 0x2141, USB_CMSIS_DAP },
	{ 0x03eb, 0x2144, USB_CMSIS_DAP },
	{ 0x03eb, 0x2145, USB_CMSIS_DAP },
	{ 0x03eb, 0x216c, USB_CMSIS_DAP },
	{ 0x03eb, 0x2175, USB_CMSIS_DAP },
	{ 0x03eb, 0x6124, USB_SAM_BA },
	{ 0x045b, 0x0261, USB_RA_BOOT },
	{ 0x0483, 0x3744, USB_STLINK }, /* v1 */
	{ 0x0483, 0x3748, USB_STLINK }, /* v2 */
	{ 0x0483, 0x374a, USB_STLINK },
	{ 0x0483, 0x374b, USB_STLINK }, /* v2-1 */
	{ 0x0483, 0x374e, USB_STLINK }, /* v3 */
	{ 0x0483, 0x374f, USB_STLINK },
	{ 0x0483, 0x3752, USB_STLINK },
	{ 0x0483, 0x3753, USB_STLINK },
	{ 0x0483, 0x3754, USB_STLINK },
	{ 0x0483, 0x3757, USB_STLINK },
	{ 0x04b4, 0xf138, USB_CMSIS_DAP }, /* KitProg */
	{ 0x04b4, 0xf148, USB_CMSIS_DAP },
	{ 0x04b4, 0xf151, USB_CMSIS_DAP },
	{ 0x04b4, 0xf152, USB_CMSIS_DAP },
	{ 0x04b4, 0xf154, USB_CMSIS_DAP },
	{ 0x04b4, 0xf155, USB_CMSIS_DAP },
	{ 0x04b4, 0xf166, USB_CMSIS_DAP },
	{ 0x0d28, 0x0204, USB_CMSIS_DAP },
	{ 0x1366, ANY, USB_JLINK },
	{ 0x16c0, 0x0478, USB_HALFKAY },
	{ 0x1a86, 0x55e0, USB_WCH_ISP },
	{ 0x1a86, 0x8010, USB_OTHER_PROBE }, /* WCH-Link for RISC-V */
	{ 0x1a86, 0x8011, USB_CMSIS_DAP },
	{ 0x1d50, 0x6017, USB_BLACK_MAGIC }, /* its own bootloader */
	{ 0x1d50, 0x6018, USB_BLACK_MAGIC },
	{ 0x1fc9, 0x0090, USB_CMSIS_DAP },
	{ 0x1fc9, 0x0143, USB_CMSIS_DAP },
	{ 0x2a86, 0x8011, USB_CMSIS_DAP },
	{ 0x2e8a, 0x0003, USB_PICOBOOT },
	{ 0x2e8a, 0x0004, USB_CMSIS_DAP }, /* picoprobe */
	{ 0x2e8a, 0x000c, USB_CMSIS_DAP }, /* debugprobe */
	{ 0x2e8a, 0x000f, USB_PICOBOOT },
	{ 0x303a, 0x0002, USB_ESP_ROM }, /* S2 */
	{ 0x303a, 0x0009, USB_ESP_ROM }, /* S3 */
	{ 0x303a, 0x0012, USB_ESP_ROM }, /* P4 */
	{ 0x303a, 0x1001, USB_ESP_JTAG },
	{ 0x30cc, 0x9527, USB_CMSIS_DAP },
	{ 0x4348, 0x55e0, USB_WCH_ISP },
	{ 0xc251, 0x2750, USB_CMSIS_DAP },
};

static unsigned things_by_id(unsigned vid, unsigned pid)
{
	for (size_t i = 0; i < ARRAY_SIZE(known_ids); i++)
		if (known_ids[i].vid == vid &&
		    (known_ids[i].pid == ANY || (unsigned)known_ids[i].pid == pid))
			return known_ids[i].things;
	return 0;
}

static unsigned things_by_interface(const struct usb_interface *i)
{
	if (i->class == 0xfe && i->subclass == 1)
		return i->protocol == 2 ? USB_DFU : i->protocol == 1 ? USB_DFU_RUNTIME : 0;
	if (i->class == 0xff && i->subclass == 0 && i->protocol == 1)
		return USB_RP2_RESET;
	if (i->class == 0x08)
		return USB_STORAGE;
	if (i->class == 0x02 && i->subclass == 2)
		return USB_CDC;
	if (i->name && strstr(i->name, "CMSIS-DAP"))
		return USB_CMSIS_DAP;
	if (i->name && strstr(i->name, "Black Magic"))
		return USB_BLACK_MAGIC;
	return 0;
}

unsigned usb_things_of(const struct usb_device *d)
{
	unsigned things = things_by_id(d->vid, d->pid);

	for (size_t i = 0; i < d->interface_count; i++)
		things |= things_by_interface(&d->interfaces[i]);
	/* as CMSIS-DAP asks of a version 1 probe; its interface is a plain HID */
	if (d->product && strstr(d->product, "CMSIS-DAP"))
		things |= USB_CMSIS_DAP;
	/* Probes can be renewed by DFU themselves: that is not for the board behind them. */
	if (things & USB_PROBES)
		things &= ~(unsigned)(USB_DFU_RUNTIME | USB_RP2_RESET);
	return things;
}

const char *usb_things_name(unsigned things)
{
	static const struct {
		unsigned thing;
		const char *name;
	} names[] = {
		{ USB_STLINK, "ST-Link probe" },
		{ USB_JLINK, "J-Link probe" },
		{ USB_BLACK_MAGIC, "Black Magic probe" },
		{ USB_CMSIS_DAP, "CMSIS-DAP probe" },
		{ USB_OTHER_PROBE, "debug probe" },
		{ USB_PICOBOOT, "PICOBOOT bootloader" },
		{ USB_DFU, "DFU bootloader" },
		{ USB_ESP_ROM, "ESP ROM loader" },
		{ USB_HALFKAY, "Teensy bootloader" },
		{ USB_RA_BOOT, "Renesas boot ROM" },
		{ USB_WCH_ISP, "WCH boot ROM" },
		{ USB_SAM_BA, "SAM-BA bootloader" },
		{ USB_ESP_JTAG, "ESP USB-JTAG" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (things & names[i].thing)
			return names[i].name;
	return NULL;
}

const char *usb_chip_of(unsigned vid, unsigned pid)
{
	static const struct {
		uint16_t vid, pid;
		const char *chip;
	} chips[] = {
		{ 0x2e8a, 0x0003, "RP2040" },   { 0x2e8a, 0x000f, "RP2350" },
		{ 0x303a, 0x0002, "ESP32-S2" }, { 0x303a, 0x0009, "ESP32-S3" },
		{ 0x303a, 0x0012, "ESP32-P4" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(chips); i++)
		if (chips[i].vid == vid && chips[i].pid == pid)
			return chips[i].chip;
	return NULL;
}

/* One character over and over, or the digits in their order. */
static bool is_placeholder(const char *s)
{
	static const char *const known[] = { "0001",         "0123456789",
					     "FFFFFFFEFFFF", "0123456789ABCDEF",
					     "DEADBEEF",     "STM32FxSTM32" };
	size_t len = strlen(s);

	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (strcmp(s, known[i]) == 0)
			return true;
	return strspn(s, (const char[]){ s[0], '\0' }) == len ||
	       (len < 10 && strncmp("123456789", s, len) == 0) || len < 4;
}

/* "1-4.2" would be taken for the device that is plugged in there. */
static bool is_place(const char *s)
{
	size_t bus = strspn(s, "0123456789");

	return bus && bus <= 3 && s[bus] == '-' && s[bus + 1] &&
	       !s[bus + 1 + strspn(s + bus + 1, "0123456789.")];
}

bool usb_serial_is_own(unsigned vid, unsigned pid, const char *serial)
{
	if (!serial || !*serial || is_placeholder(serial) || is_place(serial))
		return false;
	return !(vid == 0x2e8a && pid == 0x0003);
}
