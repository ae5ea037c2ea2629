/* SPDX-License-Identifier: MIT
 *
 * Fuzz target: any bytes as every format there is, not only as the one that they look like. A format that has no target
 * of its own yet is reached from here.
 */
#include "format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	for (size_t i = 0; image_formats[i]; i++)
		fuzz_format(image_formats[i]->name, data, size, NULL);
	return 0;
}
