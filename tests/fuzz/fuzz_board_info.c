/* SPDX-License-Identifier: MIT
 *
 * board_info.toml as a device gives it: a printed string, then lines of anything. What comes out is printable, and is JSON.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "base/xalloc.h"
#include "board/board_info.h"
#include "board/identity.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must_be_printable(const char *text)
{
	for (const unsigned char *p = (const unsigned char *)text; *p; p++)
		if (*p < ' ' || *p == 0x7f)
			abort();
}

static void read_file(const char *text)
{
	AUTO_ARENA a = ARENA_INIT;
	AUTO_STRBUF out = STRBUF_INIT;
	struct json j = { .out = &out };
	struct board_info info;

	board_info_parse(text, &a, &info);
	for (size_t i = 0; i < info.count; i++) {
		must_be_printable(info.items[i].key);
		must_be_printable(info.items[i].table);
		if (info.items[i].text)
			must_be_printable(info.items[i].text);
	}
	board_info_json(&info, &j, NULL);
	must_be_printable(out.buf);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_FREE char *text = xstrndup((const char *)data, size);
	AUTO_FREE char *literal = identity_parse_literal(text);
	AUTO_FREE char *bytes = identity_parse_bytes(text);

	read_file(text);
	if (bytes && strspn(bytes, "0123456789abcdef") != strlen(bytes))
		abort();
	if (literal)
		read_file(literal);
	return 0;
}
