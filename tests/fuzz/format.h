/* SPDX-License-Identifier: MIT
 *
 * What the fuzz targets of the firmware formats share: any bytes are read as one format, and what comes of it is
 * held against the contracts of src/image. A broken one ends the process.
 *
 * Of each input is asked:
 *	- an error has a message; no message, finding or name holds a byte that a terminal would act on
 *	- an image has sorted segments that do not touch, and no more bytes than the file (FUZZ_READ_BYTES)
 *	- reading allocates FUZZ_READ_BYTES a byte of the file at most, and FUZZ_READ_BASE
 *	- a file of several firmwares is not read without a choice, and every choice that it offers can be made
 *	- it can be written to every other format, and nothing but the bin's holes (and the esp's structure) is a reason not
 *	  to; what is written is found by content, holds the same bytes, has the same digest, is no longer than the table
 *	  in format.c says, and is the same when it is read and written again (but DFU)
 */
#ifndef TESTS_FUZZ_FORMAT_H
#define TESTS_FUZZ_FORMAT_H

#include "image/image.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/*
 * Bytes allocated in all (arrays that grow count each time) while a file is read. The dearest byte is that of a hex file of
 * one-byte records: 13 characters each for a part and a segment of 32 bytes, in arrays that double.
 */
enum { FUZZ_READ_BYTES = 48, FUZZ_READ_BASE = 64 << 10 };

/* Puts right what mutation cannot guess (a checksum), in a copy of the input. */
typedef void fuzz_seal(uint8_t *data, size_t size);

/* Reads the bytes as the format of this name, as they are and, unless `seal` is NULL, sealed. */
void fuzz_format(const char *name, const uint8_t *data, size_t size, fuzz_seal *seal);

_Noreturn void fuzz_fail(const char *from, const char *to, const char *what);
void fuzz_check_text(const char *from, const char *text); /* NULL is good */

#endif
