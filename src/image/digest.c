/* SPDX-License-Identifier: MIT
 *
 * The image digest: one value for the same firmware in every format.
 */
#include "image/image.h"

#include "image/le.h"
#include "image/page.h"

struct digest image_digest(const struct image *img)
{
	struct image_pages pages = IMAGE_PAGES(img);
	const uint8_t *bytes;
	uint32_t address;
	struct hasher h;

	hasher_init(&h);
	while ((bytes = image_pages_next(&pages, &address))) {
		uint8_t le[4];

		put_le32(le, address);
		hasher_add(&h, le, sizeof(le));
		hasher_add(&h, bytes, IMAGE_PAGE);
	}
	return hasher_finish(&h);
}
