/* SPDX-License-Identifier: MIT
 *
 * All boards that the site has, from the pages of its ports.
 */
#include <stdlib.h>
#include <string.h>

#include "library/find.h"
#include "net/pages.h"

static int by_name(const void *left, const void *right)
{
	const char *const *a = left, *const *b = right;

	return strcmp(*a, *b);
}

bool find_boards(const struct find_wish *wish, struct arena *a, struct strv *out, struct err *e)
{
	struct page pages[16];
	size_t n = 0, have = 0;
	bool ok;

	for (; index_ports[n]; n++) {
		pages[n] = (struct page)PAGE_INIT;
		pages[n].url = arena_printf(a, "%s/download/?port=%s", wish->base, index_ports[n]);
		pages[n].check = index_check_page;
	}
	ok = pages_get(pages, n, wish->page_dir, wish->offline, wish->net, e);
	for (size_t i = 0; i < n; i++) {
		if (ok && pages[i].text.len) {
			ok = index_read_boards(pages[i].text.buf, pages[i].text.len, a, out, e);
			have++;
		} else if (ok && !e->msg && pages[i].error.msg) {
			err_move(e, &pages[i].error);
		}
		page_free(&pages[i]);
	}
	if (ok && !have && !e->msg)
		err_set(e, "%s/download has no pages of ports", wish->base);
	if (!ok || !have)
		return false;
	err_free(e);
	if (out->count)
		qsort(out->items, out->count, sizeof(*out->items), by_name);
	return true;
}
