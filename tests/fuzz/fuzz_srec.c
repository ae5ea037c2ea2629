/* SPDX-License-Identifier: MIT
 *
 * Fuzz target: Motorola SREC files.
 */
#include "format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_format("srec", data, size, NULL);
	return 0;
}
