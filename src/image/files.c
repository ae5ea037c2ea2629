/* SPDX-License-Identifier: MIT
 *
 * Going through the firmwares of a file: its members, and in each the firmwares to choose from.
 */
#include "image/files.h"

#include <stdlib.h>

#include "base/xalloc.h"
#include "image/file_read.h"
#include "image/input.h"
#include "image/member.h"

struct image_files {
	struct image_input in;
	struct image_options opt;
	struct member_walk walk;
	bool is_archive, given; /* given: the plain file's bytes are in `file` */
	struct image_file file; /* its map is the input's when that is a plain file */
	struct strbuf name;
	struct image_choices choices; /* of the bytes in `file` */
	size_t next;
};

struct image_files *image_files_open(const char *path, const struct image_options *opt,
				     struct err *e)
{
	struct image_files *it = xcalloc(1, sizeof(*it));
	bool good;

	image_file_init(&it->file, NULL);
	it->name = (struct strbuf)STRBUF_INIT;
	it->walk.seen = (struct strbuf)STRBUF_INIT;
	if (opt)
		it->opt = *opt;
	good = image_input_open(&it->in, path, e);
	it->is_archive = good && image_archive_probe(it->in.map.data, it->in.map.size);
	if (it->is_archive)
		good = member_walk_open(&it->walk, it->in.map.data, it->in.map.size, it->in.name,
					&it->opt, e);
	if (good)
		return it;
	image_files_close(it);
	return NULL;
}

static void drop_file(struct image_files *it)
{
	if (!it->is_archive)
		it->file.map = (struct fs_map){ 0 };
	image_file_close(&it->file);
	image_file_init(&it->file, &it->opt);
	image_choices_free(&it->choices);
	it->next = 0;
}

/* The bytes of the next member, or of the file itself; *end when there are no more. */
static bool next_bytes(struct image_files *it, bool *end, struct err *e)
{
	AUTO_STRBUF bytes = STRBUF_INIT;
	const struct archive_member *m;

	drop_file(it);
	*end = !it->is_archive && it->given;
	if (*end)
		return true;
	if (it->is_archive) {
		if (!member_walk_next(&it->walk, &bytes, &m, e))
			return false;
		*end = !m;
		if (*end)
			return true;
		image_file_take(&it->file, &bytes, m->name);
	} else {
		it->file.map = it->in.map;
	}
	it->given = true;
	return true;
}

/* The choices among the bytes; none when there is only one. */
static bool find_choices(struct image_files *it, struct err *e)
{
	strbuf_reset(&it->name);
	image_file_name(&it->file, it->in.name, &it->name);
	return image_file_find_format(&it->file, it->name.buf, e) &&
	       image_file_choices(&it->file, it->name.buf, &it->choices, e);
}

static bool read_next(struct image_files *it, struct err *e)
{
	struct image_file *f = &it->file;

	image_free(&f->image);
	f->choice = NULL;
	f->options = it->opt;
	if (it->choices.count) {
		f->choice = &it->choices.items[it->next];
		f->format->select(&f->options, f->choice->id);
	}
	it->next++;
	return image_file_read(f, it->name.buf, e);
}

bool image_files_next(struct image_files *it, struct image_file **file, struct err *e)
{
	bool end = false;

	*file = NULL;
	if (it->next >= it->choices.count) {
		if (!next_bytes(it, &end, e) || end)
			return end;
		if (!find_choices(it, e))
			return false;
	}
	if (!read_next(it, e))
		return false;
	*file = &it->file;
	return true;
}

void image_files_close(struct image_files *it)
{
	if (!it)
		return;
	drop_file(it);
	if (it->is_archive)
		member_walk_close(&it->walk);
	image_input_close(&it->in);
	strbuf_free(&it->name);
	free(it);
}
