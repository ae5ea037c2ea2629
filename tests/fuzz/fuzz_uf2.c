/* SPDX-License-Identifier: MIT
 *
 * Fuzz target: UF2 files.
 */
#include "format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_format("uf2", data, size, NULL);
	return 0;
}
