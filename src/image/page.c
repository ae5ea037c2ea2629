/* SPDX-License-Identifier: MIT
 *
 * Walks the pages of an image; a page that lies within one segment is not copied.
 */
#include "image/page.h"

const uint8_t *image_pages_next(struct image_pages *it, uint32_t *address)
{
	const struct image *img = it->img;
	const struct image_segment *s;
	uint64_t end;
	uint32_t page;

	for (;; it->segment++) {
		if (it->segment == img->count)
			return NULL;
		s = &img->segments[it->segment];
		end = (uint64_t)s->address + s->size;
		if (end > it->next)
			break;
	}
	page = (s->address > it->next ? s->address : (uint32_t)it->next) &
	       ~(uint32_t)(IMAGE_PAGE - 1);
	it->next = (uint64_t)page + IMAGE_PAGE;
	*address = page;
	if (s->address <= page && it->next <= end)
		return s->data + (page - s->address);
	image_read(img, page, it->buf, IMAGE_PAGE, 0);
	return it->buf;
}
