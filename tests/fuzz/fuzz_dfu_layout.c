/* SPDX-License-Identifier: MIT
 *
 * Layouts from any DFU device. What is read has bytes, within 32 bits, and written again is read as the same.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "flash/dfu_layout.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
	if (!ok)
		abort();
}

static void write_again(const struct dfu_layout *l, struct strbuf *out)
{
	strbuf_addf(out, "@%s", l->name);
	for (size_t i = 0; i < l->count; i++)
		strbuf_addf(out, "/0x%llx/%u*%u %c", (unsigned long long)l->zones[i].start,
			    l->zones[i].count, l->zones[i].sector,
			    (char)('a' + l->zones[i].access - 1));
}

static void check_again(const struct dfu_layout *l)
{
	AUTO_STRBUF text = STRBUF_INIT;
	AUTO_ERR e = ERR_INIT;
	struct dfu_layout again;

	write_again(l, &text);
	must(dfu_layout_parse(text.buf, &again, &e));
	must(again.count == l->count);
	for (size_t i = 0; i < l->count; i++)
		must(again.zones[i].start == l->zones[i].start &&
		     again.zones[i].sector == l->zones[i].sector &&
		     again.zones[i].count == l->zones[i].count &&
		     again.zones[i].access == l->zones[i].access);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_STRBUF text = STRBUF_INIT;
	AUTO_ERR e = ERR_INIT;
	struct dfu_layout l;

	strbuf_add(&text, data, size);
	if (!dfu_layout_parse(text.buf, &l, &e)) {
		must(e.msg != NULL);
		return 0;
	}
	must(l.count > 0 && l.count <= DFU_LAYOUT_ZONES && strlen(l.name) < DFU_LAYOUT_NAME);
	for (size_t i = 0; i < l.count; i++)
		must(l.zones[i].sector && l.zones[i].count && l.zones[i].access &&
		     memory_zone_end(&l.zones[i]) <= UINT64_C(1) << 32);
	check_again(&l);
	return 0;
}
