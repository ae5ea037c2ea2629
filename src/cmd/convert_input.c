/* SPDX-License-Identifier: MIT
 *
 * Opening the inputs of a conversion, and what may be said about the addresses of those that have none.
 */
#include "cmd/convert_input.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "image/file_read.h"

/* IN@ADDRESS, unless there is a file of that name (an output folder is called BOARD@REF). */
static bool split_address(struct convert_input *in, const char *word, struct err *e)
{
	const char *at = strrchr(word, '@');

	in->path = xstrdup(word);
	if (!at || at == word || fs_exists(word))
		return true;
	in->path[at - word] = '\0';
	in->has_base = image_parse_u32(at + 1, &in->base);
	if (in->has_base)
		return true;
	if (fs_exists(in->path)) {
		err_usage(e, "%s: '%s' is not an address", word, at + 1);
		return err_hint(e, "an address looks like 0x08000000");
	}
	in->path[at - word] = '@';
	return true;
}

static bool check_stdin(const struct convert_inputs *in, struct err *e)
{
	size_t dashes = 0;

	for (size_t i = 0; i < in->count; i++)
		dashes += strcmp(in->items[i].path, "-") == 0;
	return dashes <= 1 || err_usage(e, "standard input (-) can be read only once");
}

/* 378,863: so that sizes can be compared at a glance. */
static void add_grouped(struct strbuf *out, uint64_t n)
{
	char digits[24];
	size_t len = (size_t)snprintf(digits, sizeof(digits), "%" PRIu64, n);

	for (size_t i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			strbuf_addch(out, ',');
		strbuf_addch(out, digits[i]);
	}
}

static void summarise(struct convert_inputs *in, const char *name,
		      const struct image_format *format, const struct image *img)
{
	strbuf_addf(&in->summary, "%s%s (%s, %zu segment%s, ", in->summary.len ? " + " : "", name,
		    format->title, img->count, img->count == 1 ? "" : "s");
	add_grouped(&in->summary, image_size(img));
	strbuf_adds(&in->summary, " bytes)");
}

/* A format that has addresses of its own does not take another: better said than silently not done. */
static bool check_base(struct convert_inputs *in, const struct convert_input *input,
		       const char *name, struct err *e)
{
	const struct image_options *opt = &input->file.options;
	bool raw = opt->has_base && image_start(&input->file.image) == opt->base;

	if (raw && !input->has_base)
		in->raw++;
	if (raw || !input->has_base)
		return true;
	err_usage(e, "%s: %s says its addresses itself; it cannot be put at 0x%08" PRIx32, name,
		  input->file.format->title, input->base);
	return err_hint(e, "leave its @ADDRESS out");
}

/* Reads one image and moves it to the sources. */
static bool take_source(struct convert_inputs *in, struct convert_input *input, const char *name,
			struct err *e)
{
	struct image_file *f = &input->file;
	struct image_source source = { .is_choice = f->choice != NULL };

	if (!image_file_read(f, name, e) || !check_base(in, input, name, e))
		return false;
	source.name = f->choice ? arena_printf(&in->names, "%s (%s)", name, f->choice->name)
				: arena_strdup(&in->names, name);
	source.image = f->image;
	f->image = (struct image)IMAGE_INIT;
	summarise(in, source.name, f->format, &source.image);
	vec_push(&in->sources, source);
	return true;
}

static bool take_choices(struct convert_inputs *in, struct convert_input *input, const char *name,
			 const struct image_choices *choices, struct err *e)
{
	struct image_file *f = &input->file;
	struct image_options asked = f->options;
	bool good = true;

	for (size_t i = 0; i < choices->count && good; i++) {
		f->options = asked;
		f->choice = &choices->items[i];
		f->format->select(&f->options, f->choice->id);
		good = take_source(in, input, name, e);
	}
	f->choice = NULL;
	return good;
}

static bool read_input(struct convert_inputs *in, struct convert_input *input,
		       const struct image_format *to, const struct image_options *opt,
		       struct err *e)
{
	struct image_options own = *opt;
	AUTO_CHOICES choices = { 0 };
	AUTO_STRBUF name = STRBUF_INIT;

	if (input->has_base) {
		own.has_base = true;
		own.base = input->base;
	}
	if (!image_file_load(&input->file, input->path, &own, &name, e))
		return false;
	if (input->file.format == to && to->write_several &&
	    !image_file_choices(&input->file, name.buf, &choices, e))
		return false;
	if (choices.count)
		return take_choices(in, input, name.buf, &choices, e);
	return take_source(in, input, name.buf, e);
}

static bool check_member(const struct convert_inputs *in, const struct image_options *opt,
			 struct err *e)
{
	bool any = !opt->member;

	for (size_t i = 0; i < in->count; i++)
		any = any || in->items[i].file.member;
	if (any)
		return true;
	err_usage(e, "--member is for archives; none of the files is one");
	return err_hint(e, "leave --member out");
}

static bool check_common_base(const struct convert_inputs *in, const struct image_options *opt,
			      struct err *e)
{
	if (!opt->has_base || in->raw == 1)
		return true;
	if (!in->raw) {
		err_usage(
			e,
			"--base is for files that do not say their addresses; none of these is one");
		return err_hint(e, "leave --base out");
	}
	err_usage(e, "--base is for one file, but %zu do not say their addresses", in->raw);
	return err_hint(e, "give each its own: boot.bin@0x1000 app.bin@0x10000");
}

bool convert_inputs_open(struct convert_inputs *in, const char *const *words, size_t count,
			 const struct image_format *to, const struct image_options *opt,
			 struct err *e)
{
	*in = (struct convert_inputs){ .count = count, .summary = STRBUF_INIT };
	in->items = xcalloc(count, sizeof(*in->items));
	for (size_t i = 0; i < count; i++)
		image_file_init(&in->items[i].file, NULL);
	for (size_t i = 0; i < count; i++)
		if (!split_address(&in->items[i], words[i], e))
			return false;
	if (!check_stdin(in, e))
		return false;
	for (size_t i = 0; i < count; i++)
		if (!read_input(in, &in->items[i], to, opt, e))
			return false;
	return check_member(in, opt, e) && check_common_base(in, opt, e);
}

void convert_inputs_close(struct convert_inputs *in)
{
	for (size_t i = 0; i < in->sources.count; i++)
		image_free(&in->sources.items[i].image);
	vec_free(&in->sources);
	for (size_t i = 0; i < in->count; i++) {
		image_file_close(&in->items[i].file);
		free(in->items[i].path);
	}
	free(in->items);
	strbuf_free(&in->summary);
	arena_free(&in->names);
}
