/* SPDX-License-Identifier: MIT
 *
 * Two files that should be the same. What differs is told by addresses where the format has them.
 */
#include <string.h>

#include "base/path.h"
#include "graph/audit.h"
#include "image/image.h"

static bool is_one_of(const char *ext, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(ext, list[i]) == 0)
			return true;
	return false;
}

static void tell(struct strbuf *how, uint64_t count, const char *where, uint64_t first)
{
	strbuf_addf(how, "%llu byte%s, the first %s 0x%08llx", (unsigned long long)count,
		    count == 1 ? " differs" : "s differ", where, (unsigned long long)first);
}

static bool compare_bytes(const char *path, const char *other, bool *same, struct strbuf *how,
			  struct err *e)
{
	struct fs_map a = { 0 }, b = { 0 };
	size_t count = 0, first = 0, shared;
	bool ok = fs_map(&a, path, e) && fs_map(&b, other, e);

	if (ok) {
		shared = a.size < b.size ? a.size : b.size;
		for (size_t i = 0; i < shared; i++)
			if (a.data[i] != b.data[i] && !count++)
				first = i;
		*same = !count && a.size == b.size;
		if (a.size != b.size)
			strbuf_addf(how, "%zu bytes, not %zu", a.size, b.size);
		if (count) {
			strbuf_adds(how, a.size != b.size ? "; " : "");
			tell(how, count, "at offset", first);
		}
	}
	fs_unmap(&a);
	fs_unmap(&b);
	return ok;
}

/* False without an error when one of them cannot be read as an image. */
static bool compare_images(const char *path, const char *other, bool *same, struct strbuf *how)
{
	AUTO_ERR ignored = ERR_INIT;
	struct image_file a = { 0 }, b = { 0 };
	uint32_t first;
	uint64_t count;
	bool ok = image_file_open(&a, path, NULL, &ignored);

	ok = image_file_open(&b, other, NULL, &ignored) && ok;
	if (ok) {
		struct digest da = image_digest(&a.image), db = image_digest(&b.image);

		*same = digest_equal(&da, &db);
		count = image_compare(&a.image, &b.image, &first);
		if (count)
			tell(how, count, "at", first);
		else if (!*same)
			strbuf_adds(how, "it covers other pages");
	}
	image_file_close(&a);
	image_file_close(&b);
	return ok;
}

bool audit_compare(const char *name, const char *path, const char *other, bool *compared,
		   struct strbuf *how, struct err *e)
{
	static const char *const by_bytes[] = { "bin", "dfu", "hex", "srec", "uf2" };
	static const char *const with_addresses[] = { "dfu", "elf", "hex", "srec", "uf2" };
	const char *ext = path_ext(name);
	bool bytes = is_one_of(ext, by_bytes, ARRAY_SIZE(by_bytes));
	bool same = true;

	*compared = bytes || strcmp(ext, "elf") == 0;
	if (!*compared)
		return true;
	if (is_one_of(ext, with_addresses, ARRAY_SIZE(with_addresses)) &&
	    compare_images(path, other, &same, how) && (!same || !bytes))
		return same;
	return compare_bytes(path, other, &same, how, e) && same;
}
