/* SPDX-License-Identifier: MIT
 *
 * Fuzz target: DfuSe and plain DFU files, as they are and with a right CRC, which mutations cannot guess.
 */
#include "format.h"
#include "image/crc.h"
#include "image/le.h"

static void seal(uint8_t *data, size_t size)
{
	if (size >= 16)
		put_le32(data + size - 4, dfu_crc(data, size - 4));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_format("dfu", data, size, seal);
	fuzz_format("dfu11", data, size, seal);
	return 0;
}
