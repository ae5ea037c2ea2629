/* SPDX-License-Identifier: MIT
 *
 * Runners: external tools as flash methods. What differs from tool to tool is data: its programs, its command lines, and what it
 * says when something is wrong. One engine (runner.c) writes the image into files, runs the tool, keeps what it says in the log,
 * ends it when it hangs, and says in mpflash's own words why it failed. docs/ADD-A-FLASH-METHOD.md leads through a new one.
 *
 * A command line is one text. Words are split at white space; '...' and "..." keep a word together. In them
 *
 *	$name ${name}     a value; nothing, when there is none
 *	${name:text}      a value, or else that text
 *	$$                a dollar sign
 *	[ word... ]       is left out as a whole when one of its values is nothing
 *	{ word... }       comes once for each segment of the image
 *
 * and the values are
 *
 *	file              the image in the runner's format: "firmware.hex"; for "bin" it has to be one segment
 *	address size      of the first byte, and of how many bytes; in { } of this segment. Hex with 0x
 *	segment           in { }: a file with this segment's bytes
 *	probe             the debug probe's own number; nothing when it has none
 *	serial            the device's own USB serial number, of a probe or a board
 *	port              the serial port, as the tool gets it: "/dev/ttyACM0"; portname: without "/dev/"
 *	place             on USB: "1-4.2"
 *	volume            where its UF2 drive is mounted
 *	board             the board's id: "PYBV11-DP"
 *	erase             with --erase the method's erase_words (method.h); nothing else
 *	connect           one after another of the runner's `connects`, until one reaches the chip
 *	kind              "cmsis-dap", "stlink", "jlink": of the probe; transport: "swd" but for an ST-Link
 *	selector          the probe as VID:PID or VID:PID:NUMBER
 *	script            the file made of the runner's `script`
 *	NAME              any other: the rules' variable RUNNER.NAME ("pyocd.target"); with a dot in it, that variable. For a runner of a
 *	                  rule file NAME itself comes next ("chip", "mcu", "part")
 *
 * The tool runs in a folder of its own, so that names of files are short and safe.
 */
#ifndef FLASH_RUNNER_H
#define FLASH_RUNNER_H

#include <stdbool.h>
#include <stddef.h>

#include "flash/method.h"

/* What was wrong, whatever the tool calls it. Each has its message and its hint (runner_says.c). */
enum runner_cause {
	RUNNER_OTHER, /* no pattern matched: its last line says it */
	RUNNER_NO_PROBE,
	RUNNER_SEVERAL_PROBES,
	RUNNER_DENIED,      /* our user may not open probe or port */
	RUNNER_HELD,        /* another program has it */
	RUNNER_LOCKED,      /* read-out protection: only an erase of all opens the chip */
	RUNNER_PART_LOCKED, /* the same for the writing of a part of the flash (nRF51's code region 0) */
	RUNNER_WRITE_PROTECTED,
	RUNNER_UNKNOWN_TARGET, /* the tool does not know the chip's name, or was given none */
	RUNNER_PACK_MISSING,   /* it would, with a package that it can fetch */
	RUNNER_NO_CHIP,        /* the probe is there, and nothing answers behind it */
	RUNNER_WRONG_CHIP,     /* it is another one */
	RUNNER_DIFFERS,        /* what was written does not read back the same */
	RUNNER_BROKEN,         /* the tool itself is not whole */
	RUNNER_CAUSES,
};

struct runner_pattern {
	const char *line; /* a line of its output: a glob, in any case */
	enum runner_cause cause;
};

struct runner {
	const char *name;     /* the method's */
	const char *tool;     /* for people: "pyOCD" */
	const char *programs; /* words: names on PATH, the first that is there */
	const char *path;     /* the program itself, absolute; NULL: one of those */
	bool declared;        /* by a rule file */
	const char *install;  /* how to get it: a hint */
	const char *format;   /* what `file` is: "hex", "bin" */
	/* Through a debug probe: of enum usb_thing. 0: over the board's own bootloader or loader. */
	unsigned probes;
	/* The board is led into its bootloader first (board/bootloader.h). Not the tools that do that themselves. */
	bool enters;
	const char *connects; /* words for $connect; "" : it has none */

	/* Command lines without the program. flash is mandatory; NULL: the tool cannot. */
	const char *flash;
	const char *verify;
	const char *reset;
	const char *
		unlock; /* erases a locked chip; only with --unlock, and when the tool said that it is locked */
	const char *pack;   /* fetches support for ${target}; only with --auto-install-packs */
	const char *script; /* lines of $script; a line with $segment comes once for each */

	bool verifies;    /* flash compares what it wrote */
	bool resets;      /* flash starts the firmware, else `reset` is called behind it */
	bool per_segment; /* flash is called once for each segment */
	/* A line (glob) that flash, or verify, prints when it succeeds; NULL: the exit status says it. */
	const char *success, *verify_success;
	const char *loses;    /* a warning: what else it erases; NULL: nothing */
	const char *required; /* words: rule variables that must be set ("target"); "": none */
	const struct runner_pattern
		*patterns; /* the first that matches any line counts; ends with a NULL line */
};

/* The members of a method that a runner is; its flash_target.method has to be set. */
bool runner_installed(const struct flash_method *m, struct err *e);
bool runner_available(const struct flash_target *t, struct err *e);
bool runner_check(const struct flash_target *t, const struct image *img, struct err *e);
bool runner_flash(const struct flash_target *t, const struct image *img,
		  struct flash_result *result, struct err *e);
bool runner_verify(const struct flash_target *t, const struct image *img,
		   struct flash_result *result, struct err *e);
bool runner_reset(const struct flash_target *t, struct flash_result *result, struct err *e);

/* Does a command line parse? For a runner that is not written in C. */
bool runner_check_line(const struct runner *r, const char *line, struct err *e);

/* A table that is wrong (a command line that does not parse, a format that is none) ends the program. For the tests. */
void runner_check_table(const struct runner *r);

extern const struct flash_method bossac_method, esptool_method, jlink_method, openocd_method,
	probe_rs_method, pyocd_method, stlink_method, teensy_method;

#endif
