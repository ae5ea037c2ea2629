/* SPDX-License-Identifier: MIT
 *
 * Who reads a file during a build: what has to be done again when it changes depends on that.
 */
#ifndef BUILD_READERS_H
#define BUILD_READERS_H

enum reader {
	READER_COMPILER = 1, /* gcc and its cc1, as, lto1 ...: leaves a depfile beside the object */
	READER_LINKER = 2,   /* ld, collect2 */
	READER_MAKE = 4,     /* make, ninja */
	READER_PYTHON = 8,   /* a generator script */
	READER_MPY_CROSS = 16, /* frozen modules */
	READER_CMAKE = 32,
	READER_OTHER = 128, /* a shell, cp, sed: nobody knows what comes of it */
};

/* The class of a program by the base name of its file ("arm-none-eabi-gcc", "cc1", "python3.11"). */
enum reader reader_of(const char *program);

#endif
