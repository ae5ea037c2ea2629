/* SPDX-License-Identifier: MIT
 *
 * Fuzz target: UF2 files, as a flash image and as a container of files.
 */
#include "format.h"

#include "image/uf2_container.h"

static void try_container(const uint8_t *data, size_t size)
{
	struct uf2_container c;
	AUTO_ERR e = ERR_INIT;
	size_t total = 0;

	if (!uf2_container_open(&c, data, size, &e)) {
		if (!e.msg)
			fuzz_fail("uf2", "container", "an error without a message");
		fuzz_check_text("uf2", e.msg);
		fuzz_check_text("uf2", e.hint);
	}
	for (size_t i = 0; !e.msg && i < c.count; i++) {
		AUTO_STRBUF bytes = STRBUF_INIT;

		fuzz_check_text("uf2", c.items[i].name);
		uf2_container_read(&c, i, &bytes);
		if (bytes.len != c.items[i].size)
			fuzz_fail("uf2", "container", "a file has another size than it says");
		total += bytes.len;
	}
	if (total > size)
		fuzz_fail("uf2", "container", "more bytes come out than are in it");
	uf2_container_free(&c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_format("uf2", data, size, NULL);
	try_container(data, size);
	return 0;
}
