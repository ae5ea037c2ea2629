/* SPDX-License-Identifier: MIT
 *
 * Fuzz target: files inside of a file (.zip, .tar, .gz and the like, UF2 containers), as they are and with right checksums of
 * .tar headers. What comes out of one is limited, names can be shown, and members that are firmware can be walked.
 */
#include <stdlib.h>
#include <string.h>

#include "format.h"
#include "image/archive.h"
#include "image/member.h"

enum { TAR_BLOCK = 512, TAR_SUM_AT = 148, TAR_SUM_SIZE = 8 };

static void check_error(const struct err *e)
{
	if (!e->msg)
		fuzz_fail("archive", "member", "an error without a message");
	fuzz_check_text("archive", e->msg);
	fuzz_check_text("archive", e->hint);
}

static void check_total(size_t size, uint64_t total)
{
	if (total > (uint64_t)size * ARCHIVE_MAX_RATIO + ARCHIVE_RATIO_SLACK ||
	    total > ARCHIVE_MAX_TOTAL)
		fuzz_fail("archive", "member", "more comes out of it than may");
}

static void read_members(const uint8_t *data, size_t size)
{
	const struct archive_member *m = NULL;
	AUTO_ERR e = ERR_INIT;
	struct image_archive *a = image_archive_open(data, size, "folder/a.bin.gz", &e);
	uint64_t total = 0;

	while (a && image_archive_next(a, &m, &e) && m) {
		AUTO_STRBUF bytes = STRBUF_INIT;
		AUTO_ERR broken = ERR_INIT;

		fuzz_check_text("archive", m->name);
		/* What a member has too much is dropped with it. */
		if (!image_archive_read(a, &bytes, &broken)) {
			check_error(&broken);
			continue;
		}
		if (bytes.len > ARCHIVE_MAX_MEMBER)
			fuzz_fail("archive", "member", "larger than any may be");
		total += bytes.len;
		check_total(size, total);
	}
	if (!a || m)
		check_error(&e);
	image_archive_close(a);
}

static void walk_firmware(const uint8_t *data, size_t size)
{
	const struct image_options opt = { .has_base = true };
	const struct archive_member *m = NULL;
	struct member_walk walk;
	AUTO_ERR e = ERR_INIT;
	bool good = member_walk_open(&walk, data, size, "folder/a.bin.gz", &opt, &e);

	while (good) {
		AUTO_STRBUF bytes = STRBUF_INIT;

		err_free(&e);
		good = member_walk_next(&walk, &bytes, &m, &e);
		if (!good)
			check_error(&e);
		if (good ? !m : walk.over)
			break;
		good = true;
	}
	member_walk_close(&walk);
}

static void try_archive(const uint8_t *data, size_t size)
{
	if (!image_archive_probe(data, size))
		return;
	read_members(data, size);
	walk_firmware(data, size);
}

/* A .tar's header adds up to the number in it, which mutations cannot guess. */
static void seal_tar(uint8_t *data, size_t size)
{
	static const char octal[] = "01234567";

	for (size_t at = 0; at + TAR_BLOCK <= size; at += TAR_BLOCK) {
		uint8_t *block = data + at;
		unsigned sum = 0;

		if (memcmp(block + 257, "ustar", 5) != 0)
			continue;
		memset(block + TAR_SUM_AT, ' ', TAR_SUM_SIZE);
		for (size_t i = 0; i < TAR_BLOCK; i++)
			sum += block[i];
		for (size_t i = 6; i-- > 0; sum /= 8)
			block[TAR_SUM_AT + i] = (uint8_t)octal[sum % 8];
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);

	try_archive(data, size);
	memcpy(copy, data, size);
	seal_tar(copy, size);
	try_archive(copy, size);
	free(copy);
	return 0;
}
