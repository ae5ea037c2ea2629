/* SPDX-License-Identifier: MIT
 *
 * The members of an archive that are firmware.
 */
#ifndef IMAGE_MEMBER_H
#define IMAGE_MEMBER_H

#include "image/archive.h"
#include "image/image.h"

struct member_walk {
	struct image_archive *archive;
	const char *path; /* of the archive, for messages */
	const struct image_options *opt;
	struct strbuf seen; /* what was no firmware, for the message */
	size_t seen_count, found;
	bool over;
};

/* Opens the archive in these bytes; they, `path` and `opt` must outlive the walk. The error names the path. */
bool member_walk_open(struct member_walk *w, const uint8_t *data, size_t size, const char *path,
		      const struct image_options *opt, struct err *e);

/*
 * The next member that is firmware, by its content or its name, or that the options name; its bytes go into *bytes, which is
 * emptied first. True with *m NULL at the end, where none at all is an error. False: an error that names archive and
 * member; the walk can go on unless `over` is set.
 */
bool member_walk_next(struct member_walk *w, struct strbuf *bytes, const struct archive_member **m,
		      struct err *e);

void member_walk_close(struct member_walk *w); /* takes one that failed to open too */

#endif
