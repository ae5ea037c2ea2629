/* SPDX-License-Identifier: MIT
 *
 * The USB devices that a flasher has to do with, told by their ids and interface classes. Texts from descriptors come out
 * printable, as in board/serial_port.h. Nothing is opened: libusb gives what the kernel has read, the texts are sysfs's.
 */
#ifndef BOARD_USB_H
#define BOARD_USB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

/* What a device offers; one device can offer several. */
enum usb_thing {
	USB_DFU = 1 << 0,         /* class fe/01/02: a DFU bootloader that waits */
	USB_DFU_RUNTIME = 1 << 1, /* class fe/01/01: firmware that can be told to go there */
	USB_PICOBOOT = 1 << 2,    /* RP2040 or RP2350 in its boot ROM */
	USB_RP2_RESET =
		1
		<< 3, /* pico-sdk's reset interface, ff/00/01: firmware that can be told to go there */
	USB_ESP_JTAG = 1 << 4, /* 303a:1001: serial and JTAG of the chip itself, whatever runs */
	USB_ESP_ROM = 1 << 5,  /* an ESP chip's ROM loader over USB-OTG */
	USB_CMSIS_DAP = 1 << 6,
	USB_STLINK = 1 << 7,
	USB_JLINK = 1 << 8,
	USB_BLACK_MAGIC = 1 << 9,
	USB_OTHER_PROBE =
		1 << 10, /* known to be a probe, of another maker: WCH-Link in its RISC-V mode */
	USB_STORAGE = 1 << 11, /* class 08: a drive, of a UF2 bootloader or of anything else */
	USB_CDC = 1 << 12,     /* class 02/02: a serial port */
	USB_HALFKAY = 1 << 13, /* 16c0:0478: Teensy's bootloader */
	USB_RA_BOOT = 1 << 14, /* 045b:0261: Renesas RA's boot ROM */
	USB_SAM_BA = 1 << 15,  /* 03eb:6124 and Arduino's: SAM-BA on a serial port */
	USB_WCH_ISP = 1 << 16, /* 4348:55e0, 1a86:55e0: WCH's boot ROM */
};
enum {
	USB_PROBES = USB_CMSIS_DAP | USB_STLINK | USB_JLINK | USB_BLACK_MAGIC | USB_OTHER_PROBE,
	/* device waits for firmware; what runs on it is no program of the user's */
	USB_BOOTLOADERS =
		USB_DFU | USB_PICOBOOT | USB_ESP_ROM | USB_HALFKAY | USB_RA_BOOT | USB_WCH_ISP,
};

struct usb_interface {
	uint8_t number, alt, class, subclass, protocol;
	const char *name; /* of the setting that is in use; NULL: none, or not known */
};

/* Every string lives in the list's arena; NULL: not known. */
struct usb_device {
	unsigned things;            /* of enum usb_thing */
	unsigned vid, pid, release; /* release: bcdDevice */
	int bus, address;
	const char *path; /* "1-4.2", as sysfs names it and as serial_port.usb_path */
	const char *serial, *manufacturer, *product;
	const char *node;                 /* "/dev/bus/usb/001/007"; NULL: no such thing here */
	bool denied;                      /* our user may not open the node */
	struct usb_interface *interfaces; /* every alternate setting is one */
	size_t interface_count;
	/* "RP2040", "ESP32-S3" where the ids say so (boot ROMs); NULL: they do not */
	const char *chip;
};

/* How every error begins that rights are the cause of; the device's node or name follows. */
#define USB_NO_PERMISSION "no permission to open"

struct usb_devices {
	struct usb_device *items;
	size_t count, cap;
};

/*
 * All USB devices but hubs, by path. One that goes away meanwhile is left out. False when libusb is not there or
 * fails; a machine without USB has an empty list.
 */
bool usb_devices_list(struct arena *a, struct usb_devices *out, struct err *e);
void usb_devices_free(struct usb_devices *d);

/* "DFU bootloader", "CMSIS-DAP probe": the foremost of `things`, for people; NULL: none of ours. */
const char *usb_things_name(unsigned things);

/*
 * The things of a device, by ids and interfaces; of `d` only these and the names are looked at. What usb_devices_list
 * uses.
 */
unsigned usb_things_of(const struct usb_device *d);

/* "RP2040" where the ids belong to a chip's boot ROM; NULL: they do not. */
const char *usb_chip_of(unsigned vid, unsigned pid);

/*
 * True when the serial number is the chip's or the probe's own: no placeholder ("0001", all zeros, "123456"), no place ("1-4.2"), and no boot
 * ROM that gives each of its kind the same (RP2040's).
 */
bool usb_serial_is_own(unsigned vid, unsigned pid, const char *serial);

#endif
