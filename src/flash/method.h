/* SPDX-License-Identifier: MIT
 *
 * Flash methods: the ways to write a device. One file each in src/flash, listed in flash_methods[]
 * (flash/method.c), sorted by name. docs/ADD-A-FLASH-METHOD.md leads through a new one.
 *
 * This folder knows nothing of rule files, stores or command lines: what a method needs to know of a board comes
 * through struct flash_target, what it found out goes back in struct flash_result.
 */
#ifndef FLASH_METHOD_H
#define FLASH_METHOD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "board/identity.h"
#include "image/image.h"

struct device; /* board/device.h */
struct flash_method;
struct image_region; /* image/check.h */
struct plan;         /* flash/plan.h */
struct runner;       /* flash/runner.h */

/* The device to act on. Everything is the caller's and must outlive the call. */
struct flash_target {
	const char *port;     /* "stm32"; never NULL */
	const char *board_id; /* "PYBV11-DP", as sys.implementation._build prints it; never NULL */
	/*
	 * The one device the user chose, in the words of that option (--device, --serial, --probe, --volume); NULL: any
	 * that fits, and two that fit are an error which lists them.
	 */
	const char *device, *serial, *probe, *volume;
	/*
	 * The real device that was chosen for it (board/device.h), as it is now: running, in a bootloader, or a debug probe; NULL:
	 * none is attached. Methods write this one and no other.
	 */
	const struct device *attached;
	/*
	 * Parts of the board's memory that must not be lost with a sector that the image shares with them (`protect` and `fs` of the
	 * rules). A sector whose other bytes cannot be read back is an error there, elsewhere it is told.
	 */
	const struct image_region *protect, *filesystem;
	size_t protect_count, filesystem_count;
	/* How the image is written into a file of a format that wants to be told (UF2's family); NULL: by what it says itself. */
	const struct image_options *options;
	const char *
		bootloader; /* --bootloader: the way in to try first (board/bootloader.h); NULL: the port's order */
	bool hands; /* --bootloader manual, and somebody is there who is told (bootloader_options.hands) */
	/* The method that is called: the runners (flash/runner.h) share their functions. NULL: one that does not look. */
	const struct flash_method *method;
	const char *
		log; /* the file for what external tools say, absolute; its folder exists; NULL: nowhere */
	bool verbose; /* what they say is noted, too (-V) */
	bool packs;   /* a tool may fetch what it lacks for the chip (--auto-install-packs) */
	bool no_ask;  /* the board is not asked who it is when it is back (--no-probe) */
	bool unlock;  /* a locked chip may be erased to unlock it (--unlock) */
	bool erase; /* all of the memory that the image lies in is erased, but for `protect` (--erase) */
	/* What was recorded speaks for the image being there, and nothing else can be asked: a tool compares before it writes. */
	bool compare_first;
	/*
	 * A folder for what the method keeps about this board between runs (sockets, pid files, logs), absolute. It need
	 * not exist; only one board uses it. For real devices it is one folder for all of them: bytes that were read from a device
	 * and not yet written back are kept there (kept-*), whatever board the next run takes it for.
	 */
	const char *run_dir;
	/*
	 * The value of a rule variable ("flash.base", "qemu.machine") as this board sees it; NULL: unset. Valid as long
	 * as the target.
	 */
	const char *(*get)(void *ctx, const char *name);
	/* One line of progress for people ("erase 3 of 12 sectors"); NULL: nobody listens. */
	void (*note)(void *ctx, const char *text);
	/* How far it is: `what` is "compare", "erase", "write", "verify" or "read", with bytes; NULL: nobody listens. */
	void (*progress)(void *ctx, const char *what, uint64_t done, uint64_t total);
	void *ctx; /* of get, note and progress */
	/* how long the board may take to answer over its REPL; 0: the method's default */
	int timeout_ms;
};

/* What is known after flash, verify or identify. Start with FLASH_RESULT_INIT; strings are owned. */
struct flash_result {
	/* the device's id, the same as long as it is the same device: "qemu:qemu/MPS2_AN385" */
	char *device;
	char *address;  /* where it is reached now: "/dev/pts/4", "/dev/ttyACM0"; NULL: nowhere */
	long pid;       /* of the process that plays the device; 0: a real one */
	uint64_t bytes; /* written, or compared */
	size_t erased;  /* sectors that were erased */
	uint64_t bytes_equal;   /* of the image that the device had already */
	uint64_t bytes_skipped; /* of the image that this device has no memory for (qemu.skip) */
	bool verified;          /* every byte written was read back and was the same */
	bool has_identity;      /* it answered over its REPL, with: */
	struct identity identity;
	/* asking stopped a program of the user's; it was started again by a soft reset */
	bool interrupted;
	char *files; /* of who puts files behind it, for people: "2 files written (812 bytes), ..."; NULL: nobody did */
};

#define FLASH_RESULT_INIT \
	{                 \
		0         \
	}
#define AUTO_FLASH_RESULT __attribute__((cleanup(flash_result_free))) struct flash_result
void flash_result_free(struct flash_result *r); /* back to FLASH_RESULT_INIT */

/* A device that is there, for lists. Strings live as long as the call of `found`. */
struct flash_device {
	const char *device;          /* as in flash_result */
	const char *address;         /* as in flash_result; NULL: none */
	const char *port, *board_id; /* NULL: not known without asking it */
	const char *run_dir;         /* to be used as flash_target.run_dir; NULL: none */
	long pid;
};

struct flash_method {
	/* "dfu": the word of --method and of the rules' `flash` variable. Mandatory */
	const char *name;
	const char *title; /* "DFU bootloader over USB", for people. Mandatory */
	/*
	 * Names of image formats this method can take, best first, NULL-terminated. The graph makes the first one that
	 * the board's rules have. Mandatory.
	 */
	const char *const *formats;

	/*
	 * Is what it needs on this machine there, whatever device: its tool, its library? Quick. The error says how to get it.
	 * NULL: it needs nothing.
	 */
	bool (*installed)(const struct flash_method *m, struct err *e);

	/*
	 * Can this method serve the target on this machine now: is its tool installed, is a device or probe there? Quick,
	 * changes nothing. The error is the reason shown for passing the method over. Mandatory.
	 */
	bool (*available)(const struct flash_target *t, struct err *e);

	/*
	 * Does the target name a place that no list of devices has (a GDB server's address)? `attached` is then NULL. NULL: never.
	 */
	bool (*remote)(const struct flash_target *t);

	/*
	 * Everything that can be known to be wrong with this image for this target before anything is erased: chip,
	 * layout, protected ranges. Changes nothing; called by flash too. Mandatory.
	 */
	bool (*check)(const struct flash_target *t, const struct image *img, struct err *e);

	/*
	 * Writes the image and brings the board back up. Fills the result as far as it got, also when it fails. True only
	 * when the bytes were verified where the transport can read them, and the board came back. Mandatory.
	 */
	bool (*flash)(const struct flash_target *t, const struct image *img,
		      struct flash_result *result, struct err *e);

	/*
	 * Compares the device's memory with the image and changes nothing; the error of a difference names the first
	 * address. NULL: the transport cannot read.
	 */
	bool (*verify)(const struct flash_target *t, const struct image *img,
		       struct flash_result *result, struct err *e);

	/*
	 * What flash would do, for -n; changes nothing. NULL: it writes the whole image.
	 */
	bool (*plan)(const struct flash_target *t, const struct image *img, struct plan *out,
		     struct err *e);

	/* Reads memory into `out` (IMAGE_INIT); size 0: all of it. NULL: the transport cannot. */
	bool (*read)(const struct flash_target *t, uint64_t address, uint64_t size,
		     struct image *out, struct err *e);

	/*
	 * Asks the running board who it is. *present: false (and true is returned) when there is no such device now.
	 * NULL: the method sees bootloaders or probes only; the caller asks over a serial port of its own finding.
	 */
	bool (*identify)(const struct flash_target *t, bool *present, struct flash_result *result,
			 struct err *e);

	/*
	 * Ends what flash started (an emulator), or puts the chip to a halt. *was_running: false when there was nothing
	 * to end, which is no error. NULL: nothing of it keeps running here.
	 */
	bool (*halt)(const struct flash_target *t, bool *was_running, struct err *e);

	/* Starts the same firmware afresh. NULL: the method has no reset. */
	bool (*reset)(const struct flash_target *t, struct flash_result *result, struct err *e);

	/*
	 * Calls found for each device of this method's that is there now, without asking (identify does) and without
	 * changing anything. devices_dir is the folder of all run folders. NULL: devices are serial ports, listed
	 * elsewhere.
	 */
	bool (*list)(const char *devices_dir,
		     void (*found)(void *ctx, const struct flash_device *device), void *ctx,
		     struct err *e);

	/*
	 * It knows flash_target.erase. A tool is told by the rule variable NAME.erase, with these words.
	 */
	bool erases;
	const char *erase_words;

	/* The tool that does it all, with the functions of flash/runner.h; NULL: mpflash does it itself. */
	const struct runner *runner;
};

extern const struct flash_method *const flash_methods[]; /* ends with NULL */

/* NULL: no such method. */
const struct flash_method *flash_method_by_name(const char *name);

/* True when the method can take that image format. */
bool flash_method_takes(const struct flash_method *m, const char *format);

/* An `installed` of those that need libusb. */
bool flash_method_has_usb(const struct flash_method *m, struct err *e);

/* A broken table ends the program: mandatory members, order of names, formats that exist. For the tests. */
void flash_methods_check(void);

/* target->get for numbers ("0x08000000"): *set says whether the variable is there; text that is no number is an error. */
bool flash_target_number(const struct flash_target *t, const char *name, bool *set, uint64_t *value,
			 struct err *e);
/* NULL: unset or empty */
const char *flash_target_get(const struct flash_target *t, const char *name);
void flash_target_note(const struct flash_target *t, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
