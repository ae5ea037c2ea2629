/* SPDX-License-Identifier: MIT
 *
 * INFO_UF2.TXT, as a drive has it.
 */
#include <stdlib.h>
#include <string.h>

#include "board/volume.h"
#include "format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_ARENA a = ARENA_INIT;
	struct volume v = { 0 };

	if (volume_parse_info((const char *)data, size, &a, &v) != (v.board_id || v.model))
		abort();
	fuzz_check_text("volume", v.model);
	fuzz_check_text("volume", v.board_id);
	fuzz_check_text("volume", v.bootloader);
	fuzz_check_text("volume", v.version);
	fuzz_check_text("volume", v.softdevice);
	fuzz_check_text("volume", v.date);
	return 0;
}
