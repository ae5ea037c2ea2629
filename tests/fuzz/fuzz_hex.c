/* SPDX-License-Identifier: MIT
 *
 * Fuzz target: Intel HEX files, micro:bit universal ones among them.
 */
#include "format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_format("hex", data, size, NULL);
	return 0;
}
