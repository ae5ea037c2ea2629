/* SPDX-License-Identifier: MIT
 *
 * What a UF2 file's own safeguards say: checksums of regions, tags, and blocks that boot loaders do not take as they are.
 */
#include "image/uf2.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "image/finding.h"
#include "image/le.h"
#include "image/page.h"
#include "image/rp2_block.h"
#include "os/crypto.h"

/* So many times the file's size is hashed at most: regions may overlap, and each block may name the whole image. */
enum { MAX_HASHED = 4 };

struct region {
	uint32_t start, size;
	const uint8_t *md5;
	size_t offset; /* of the block */
};

struct regions {
	struct region *items;
	size_t count, cap;
};

struct md5_count {
	size_t right, wrong, absent, left_out;
	struct region first_wrong;
};

static int by_region(const void *left, const void *right)
{
	const struct region *a = left, *b = right;
	int order = memcmp(a->md5, b->md5, CRYPTO_MD5);

	if (a->start != b->start)
		return a->start < b->start ? -1 : 1;
	if (a->size != b->size)
		return a->size < b->size ? -1 : 1;
	if (order)
		return order;
	return a->offset < b->offset ? -1 : a->offset > b->offset;
}

static bool same_region(const struct region *a, const struct region *b)
{
	return a->start == b->start && a->size == b->size &&
	       memcmp(a->md5, b->md5, CRYPTO_MD5) == 0;
}

/* Many blocks in sequence have the same region. */
static struct regions find_regions(const struct uf2_file *f)
{
	struct regions all = { 0 };
	size_t kept = 0;

	for (size_t i = 0; i < f->blocks.count; i++) {
		const struct uf2_block *b = &f->blocks.items[i];
		const uint8_t *p = uf2_payload(f, b) + UF2_DATA_SIZE - UF2_MD5_SIZE;

		if (!b->rider && (b->flags & UF2_MD5))
			vec_push(&all,
				 (struct region){ get_le32(p), get_le32(p + 4), p + 8, b->offset });
	}
	if (all.count)
		qsort(all.items, all.count, sizeof(*all.items), by_region);
	for (size_t i = 0; i < all.count; i++)
		if (!kept || !same_region(&all.items[kept - 1], &all.items[i]))
			all.items[kept++] = all.items[i];
	all.count = kept;
	return all;
}

/* False, with the reason, when there is no MD5 to be had. Both lists are sorted by address. */
static bool check_regions(const struct regions *all, const struct image *img, uint64_t room,
			  struct md5_count *n, struct err *e)
{
	size_t s = 0;

	for (size_t i = 0; i < all->count; i++) {
		const struct region *r = &all->items[i];
		uint64_t end = (uint64_t)r->start + r->size;
		const struct image_segment *in;
		uint8_t md5[CRYPTO_MD5];

		while (s < img->count &&
		       (uint64_t)img->segments[s].address + img->segments[s].size <= r->start)
			s++;
		in = &img->segments[s];
		if (!r->size || s == img->count || r->start < in->address ||
		    end > (uint64_t)in->address + in->size) {
			n->absent++;
			continue;
		}
		if (r->size > room) {
			n->left_out++;
			continue;
		}
		room -= r->size;
		if (!crypto_md5(in->data + (r->start - in->address), r->size, md5, e))
			return false;
		if (memcmp(md5, r->md5, sizeof(md5)) == 0)
			n->right++;
		else if (n->wrong++ == 0)
			n->first_wrong = *r;
	}
	return true;
}

static void inspect_md5(const struct uf2_file *f, const struct image *img, size_t file_size,
			struct findings *out)
{
	struct regions all = find_regions(f);
	struct md5_count n = { 0 };
	AUTO_ERR e = ERR_INIT;

	if (!check_regions(&all, img, (uint64_t)MAX_HASHED * file_size, &n, &e)) {
		finding_add(out, "uf2-md5", FINDING_NOTE, "the MD5 sums are not checked: %s",
			    e.msg);
	} else if (n.wrong) {
		const struct region *r = &n.first_wrong;

		finding_add(out, "uf2-md5", FINDING_ERROR,
			    "offset %zu: the bytes at 0x%08" PRIx32 "-0x%08" PRIx64
			    " do not have the MD5 that the block states (%zu of %zu regions are "
			    "wrong)",
			    r->offset, r->start, (uint64_t)r->start + r->size - 1, n.wrong,
			    n.wrong + n.right);
	} else if (n.right) {
		finding_add(out, "uf2-md5", FINDING_OK, "the MD5 of %zu region%s is right", n.right,
			    n.right == 1 ? "" : "s");
	}
	if (n.absent + n.left_out)
		finding_add(out, "uf2-md5", FINDING_NOTE,
			    "the MD5 of %zu regions is not checked: %s", n.absent + n.left_out,
			    n.absent ? "their bytes are not all in the file"
				     : "they overlap too often");
	vec_free(&all);
}

/* The specification does not say over what: the bytes of the image are what all other makers could mean. */
static void inspect_sha2(const struct uf2_tag *tag, const struct image *img, struct findings *out)
{
	uint8_t digest[CRYPTO_SHA256];
	AUTO_ERR e = ERR_INIT;

	if (tag->size != sizeof(digest) || img->count != 1)
		finding_add(out, "uf2-sha2", FINDING_NOTE,
			    "the SHA-2 tag of %zu bytes is not checked: only a SHA-256 over bytes "
			    "without a gap can be",
			    tag->size);
	else if (!crypto_sha256(img->segments[0].data, img->segments[0].size, digest, &e))
		finding_add(out, "uf2-sha2", FINDING_NOTE, "the SHA-2 tag is not checked: %s",
			    e.msg);
	else if (memcmp(digest, tag->data, sizeof(digest)) == 0)
		finding_add(out, "uf2-sha2", FINDING_OK, "the SHA-256 of the bytes is right");
	else
		finding_add(out, "uf2-sha2", FINDING_ERROR,
			    "the bytes in the file do not have the SHA-256 that its tag states");
}

static void inspect_tag(const struct uf2_tag *tag, const struct image *img, struct findings *out)
{
	if (tag->type == UF2_TAG_SHA2)
		inspect_sha2(tag, img, out);
	else if (tag->type == UF2_TAG_PAGE_SIZE && tag->size == 4)
		finding_add(out, "uf2-page-size", FINDING_NOTE,
			    "made for a device with pages of %" PRIu32 " bytes",
			    get_le32(tag->data));
	else if (tag->type == UF2_TAG_DEVICE_TYPE && (tag->size == 4 || tag->size == 8))
		finding_add(out, "uf2-device-type", FINDING_NOTE,
			    "made for the device type 0x%0*" PRIx64, (int)tag->size * 2,
			    get_le32(tag->data) |
				    (tag->size == 8 ? (uint64_t)get_le32(tag->data + 4) << 32 : 0));
}

/* Each kind of tag once: they may be repeated in all blocks. */
static void inspect_tags(const struct uf2_file *f, const struct image *img, struct findings *out)
{
	static const uint32_t types[] = { UF2_TAG_SHA2, UF2_TAG_PAGE_SIZE, UF2_TAG_DEVICE_TYPE };
	bool seen[ARRAY_SIZE(types)] = { 0 };
	struct uf2_tag tag;

	for (size_t i = 0; i < f->blocks.count; i++) {
		struct uf2_tags it = uf2_tags(f, &f->blocks.items[i]);

		while (uf2_tags_next(&it, &tag)) {
			for (size_t k = 0; k < ARRAY_SIZE(types); k++) {
				if (tag.type != types[k] || seen[k])
					continue;
				seen[k] = true;
				inspect_tag(&tag, img, out);
			}
		}
	}
}

static void inspect_blocks(const struct uf2_file *f, struct findings *out)
{
	size_t odd = 0, repeated = 0, skipped = 0, first = 0;

	for (size_t i = 0; i < f->blocks.count; i++) {
		const struct uf2_block *b = &f->blocks.items[i];

		repeated += b->repeated;
		skipped += b->rider || (b->flags & UF2_NOT_MAIN_FLASH);
		if (b->rider || (b->flags & UF2_NOT_MAIN_FLASH) ||
		    (b->size == IMAGE_PAGE && b->address % IMAGE_PAGE == 0))
			continue;
		if (!odd++ || b->offset < first)
			first = b->offset;
	}
	if (odd)
		finding_add(out, "uf2-blocks", FINDING_WARNING,
			    "offset %zu: %zu blocks are not 256 bytes at a multiple of 256: many "
			    "boot loaders drop them; written again as UF2 they are",
			    first, odd);
	if (repeated)
		finding_add(out, "uf2-repeated", FINDING_NOTE, "%zu blocks are there twice",
			    repeated);
	if (skipped)
		finding_add(out, "uf2-other", FINDING_NOTE,
			    "%zu blocks are not for the main flash and left out", skipped);
}

static void inspect_family(const struct image *img, struct findings *out)
{
	char text[32];

	if (img->uf2_family || !rp2_uf2_family(img))
		return;
	uf2_family_text(text, sizeof(text), rp2_uf2_family(img));
	finding_add(out, "uf2-family", FINDING_WARNING,
		    "its blocks state no family, and the boot ROM drops them: it takes '%s'", text);
}

void uf2_inspect(const uint8_t *data, size_t size, const struct image_options *opt,
		 struct findings *out)
{
	struct uf2_file f;
	AUTO_IMAGE img = IMAGE_INIT;
	AUTO_ERR ignored = ERR_INIT;

	if (uf2_parse(&f, data, size, &ignored) && uf2_collect(&f, &img, opt, &ignored)) {
		if (f.e10_count)
			finding_add(out, "e10", FINDING_NOTE,
				    "it has the block for erratum RP2350-E10, which only the boot "
				    "ROM's drive takes; it is left out");
		inspect_md5(&f, &img, size, out);
		inspect_tags(&f, &img, out);
		inspect_blocks(&f, out);
		inspect_family(&img, out);
	}
	uf2_free(&f);
}
