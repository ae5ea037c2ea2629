/* SPDX-License-Identifier: MIT
 *
 * A firmware file, opened: mapped, read from a pipe or taken from an archive, its format found, its image read.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "image/file_read.h"
#include "image/image.h"
#include "image/input.h"
#include "image/member.h"

static const struct image_format *choose(const struct image_file *f, const char *name,
					 const struct image_options *opt, struct err *e)
{
	const struct image_format *format;
	AUTO_STRBUF names = STRBUF_INIT;

	format = opt->format ? image_format_by_name(opt->format)
			     : image_format_detect(f->map.data, f->map.size, name);
	if (format && format->read)
		return format;
	image_format_names(&names, false);
	if (opt->format)
		err_usage(e, "there is no format '%s' to read", opt->format);
	else
		err_set(e, "%s: neither the content nor the name says which format it is", name);
	err_hint(e, "give its format: --from with one of %s", names.buf);
	return NULL;
}

bool image_file_find_format(struct image_file *f, const char *name, struct err *e)
{
	f->format = choose(f, name, &f->options, e);
	if (!f->format)
		return false;
	return f->map.size || err_set(e, "%s: the file is empty", name);
}

bool image_file_read(struct image_file *f, const char *name, struct err *e)
{
	if (f->format->read(&f->image, f->map.data, f->map.size, &f->options, e))
		return true;
	if (f->choice)
		return err_wrap(e, "%s (%s, %s)", name, f->format->title, f->choice->name);
	return err_wrap(e, "%s (%s)", name, f->format->title);
}

bool image_file_choices(const struct image_file *f, const char *name, struct image_choices *out,
			struct err *e)
{
	const struct image_format *format = f->format;
	struct image_options want = { 0 };
	bool chosen;

	if (!format->choices)
		return true;
	if (!format->choices(out, f->map.data, f->map.size, e))
		return err_wrap(e, "%s (%s)", name, format->title);
	/* What `select` sets is what the options may say already. */
	if (out->count) {
		format->select(&want, out->items[0].id);
		chosen = want.has_alt ? f->options.has_alt
				      : f->options.uf2_family != 0 || f->options.uf2_no_family;
		if (chosen || out->count == 1)
			image_choices_free(out);
	}
	return true;
}

void image_file_take(struct image_file *f, struct strbuf *bytes, const char *member)
{
	f->input = *bytes;
	*bytes = (struct strbuf)STRBUF_INIT;
	f->map = (struct fs_map){ (const uint8_t *)f->input.buf, f->input.len };
	f->member = xstrdup(member);
}

void image_file_name(const struct image_file *f, const char *path, struct strbuf *out)
{
	strbuf_adds(out, path);
	if (f->member)
		strbuf_addf(out, ": %s", f->member);
}

static bool several(const struct strbuf *list, size_t count, const char *path, struct err *e)
{
	err_set(e, "%s: it holds %zu firmware files: %s", path, count, list->buf);
	return err_hint(e, "choose one of them with --member NAME");
}

/* The one member that is firmware; of several, the one whose whole name was given. */
static bool take_member(struct image_file *f, struct member_walk *w, struct err *e)
{
	AUTO_STRBUF bytes = STRBUF_INIT, list = STRBUF_INIT;
	const struct archive_member *m;
	size_t count = 0, exact = 0;

	for (;;) {
		bool whole;

		if (!member_walk_next(w, &bytes, &m, e))
			return false;
		if (!m)
			break;
		whole = w->opt->member && strcmp(w->opt->member, m->raw_name) == 0;
		if (count++ < 20)
			strbuf_addf(&list, "%s%s (%zu bytes)", count > 1 ? ", " : "", m->name,
				    bytes.len);
		exact += whole;
		if (count > 1 && !(whole && exact == 1))
			continue;
		strbuf_free(&f->input);
		free(f->member);
		image_file_take(f, &bytes, m->name);
	}
	if (count > 20)
		strbuf_adds(&list, ", ...");
	return count == 1 || exact == 1 || several(&list, count, w->path, e);
}

static bool open_archive(struct image_file *f, struct image_input *in, struct err *e)
{
	struct member_walk walk;
	bool good = member_walk_open(&walk, in->map.data, in->map.size, in->name, &f->options, e) &&
		    take_member(f, &walk, e);

	member_walk_close(&walk);
	image_input_close(in);
	return good;
}

static bool open_input(struct image_file *f, struct image_input *in, struct err *e)
{
	if (image_archive_probe(in->map.data, in->map.size))
		return open_archive(f, in, e);
	f->map = in->map;
	f->input = in->bytes;
	return true;
}

bool image_file_load(struct image_file *f, const char *path, const struct image_options *opt,
		     struct strbuf *name, struct err *e)
{
	struct image_input in;

	image_file_init(f, opt);
	if (!image_input_open(&in, path, e)) {
		image_input_close(&in);
		return false;
	}
	if (!open_input(f, &in, e))
		return false;
	image_file_name(f, in.name, name);
	return image_file_find_format(f, name->buf, e);
}

bool image_file_open(struct image_file *f, const char *path, const struct image_options *opt,
		     struct err *e)
{
	AUTO_STRBUF name = STRBUF_INIT;

	return image_file_load(f, path, opt, &name, e) && image_file_read(f, name.buf, e);
}

void image_file_init(struct image_file *f, const struct image_options *opt)
{
	*f = (struct image_file){ .image = IMAGE_INIT, .input = STRBUF_INIT };
	if (opt)
		f->options = *opt;
}

void image_file_close(struct image_file *f)
{
	image_free(&f->image);
	if (f->input.cap)
		f->map = (struct fs_map){ 0 };
	fs_unmap(&f->map);
	strbuf_free(&f->input);
	free(f->member);
	f->member = NULL;
}
