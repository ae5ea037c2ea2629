/* SPDX-License-Identifier: MIT
 *
 * Fuzz target: ELF executables.
 */
#include "format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_format("elf", data, size, NULL);
	return 0;
}
