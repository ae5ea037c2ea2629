/* SPDX-License-Identifier: MIT
 *
 * Merging: one image of several files, in process. A SoftDevice and the application that runs on it, a boot loader and a
 * firmware. The inputs are files that steps made, or files of the tree.
 */
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "graph/action.h"
#include "graph/image_vars.h"
#include "graph/kinds.h"
#include "image/image.h"
#include "image/merge.h"
#include "os/fs.h"

static bool is_made(const struct node *n)
{
	return n->maker || n->maybe_maker;
}

/* The output's format, by its name; NULL with the error. */
static const struct image_format *out_format(struct session *s, const struct step *step,
					     struct err *e)
{
	const struct image_format *f = NULL;

	if (step->outs.count == 1 && !step->maybe_outs.count && step->ins.count)
		f = image_format_by_name(path_ext(step->outs.items[0]->name));
	if (f && f->write)
		return f;
	rules_err_at(s->rules, step->build->pos, e,
		     "merge makes one image of its inputs, and the output's name says its format");
	err_hint(e, "for example `build both.hex: merge loader.hex firmware.hex`");
	return NULL;
}

static bool no_input(struct session *s, const struct step *step, const struct node *n,
		     struct err *e)
{
	rules_err_at(s->rules, step->build->pos, e, "%s needs %s, which does not exist", step->id,
		     n->name);
	return err_hint(e, "name a file of the tree, or one that a build statement makes");
}

/* The content that an input has now. */
static bool input_digest(struct session *s, const struct step *step, const struct node *n,
			 struct digest *out, struct err *e)
{
	const struct store_output *made = node_output(n);
	bool missing = false;

	if (made) {
		*out = made->blob;
		return true;
	}
	if (!is_made(n) &&
	    !statcache_content(s->stats, node_path(s, n, &s->arena), out, &missing, e))
		return false;
	return (!missing && !is_made(n)) || no_input(s, step, n, e);
}

static bool merge_parts(struct session *s, struct step *step, struct strbuf *out, struct err *e)
{
	const struct node_list *lists[] = { &step->ins, &step->implicit_ins };

	if (!out_format(s, step, e))
		return false;
	action_part(s, step, out, "rule", "merge");
	action_part(s, step, out, "output", step->outs.items[0]->name);
	for (size_t k = 0; k < ARRAY_SIZE(lists); k++)
		for (size_t i = 0; i < lists[k]->count; i++) {
			char hex[DIGEST_HEX_SIZE];
			struct digest d;

			if (!input_digest(s, step, lists[k]->items[i], &d, e))
				return false;
			digest_hex(&d, hex);
			action_part(s, step, out, lists[k]->items[i]->name, hex);
		}
	return image_vars_parts(s, step, out, e);
}

/* --- the work ------------------------------------------------------------------------------------------------------- */

struct input {
	struct fs_map map;
	struct image_source source;
};

/* A file of the tree may have changed since the key was made of it. */
static bool is_same(struct session *s, const struct step *step, const struct node *n,
		    const struct fs_map *map, struct err *e)
{
	struct digest now = digest_of(map->data, map->size), then;

	if (is_made(n))
		return true;
	if (!input_digest(s, step, n, &then, e))
		return false;
	if (digest_equal(&now, &then))
		return true;
	err_set(e, "%s changed while it was read", n->name);
	return err_hint(e, "run the same command again");
}

static bool read_input(struct session *s, const struct step *step, const struct node *n,
		       const struct image_options *opt, struct input *in, struct err *e)
{
	const struct image_format *f;
	AUTO_STRBUF path = STRBUF_INIT;

	in->source.name = n->name;
	if (is_made(n)) {
		if (!action_content(s, n, &path, e))
			return false;
	} else {
		strbuf_adds(&path, node_path(s, n, &s->arena));
	}
	if (!fs_map(&in->map, path.buf, e) || !is_same(s, step, n, &in->map, e))
		return false;
	f = image_format_detect(in->map.data, in->map.size, n->name);
	if (!f || !f->read)
		return err_set(e, "%s is no firmware image that can be read", n->name);
	return f->read(&in->source.image, in->map.data, in->map.size, opt, e) ||
	       err_wrap(e, "%s", n->name);
}

static bool merge(struct session *s, struct step *step, const struct input *in,
		  const struct image_options *opt, struct err *e)
{
	const struct image_source **sources =
		ARENA_ARRAY(&s->arena, const struct image_source *, step->ins.count);
	const struct image_format *to = out_format(s, step, e);
	struct store_output o = { .name = step->outs.items[0]->name, .mode = 0644 };
	AUTO_IMAGE img = IMAGE_INIT;
	AUTO_STRBUF bytes = STRBUF_INIT;

	for (size_t i = 0; i < step->ins.count; i++)
		sources[i] = &in[i].source;
	if (!to)
		return false;
	if (!image_merge(&img, sources, step->ins.count, e))
		return err_hint(e, "only files for different places of one chip can be merged");
	if (!image_write(&img, to, opt, &bytes, e))
		return false;
	o.image = image_digest(&img);
	o.size = bytes.len;
	if (!store_put_bytes(s->store, bytes.buf, bytes.len, &o.blob, e))
		return false;
	action_add_output(s, step, &o);
	return true;
}

/* The version that is built into it: that of the first input which has one. */
static const char *find_stamp(const struct step *step)
{
	for (size_t i = 0; i < step->ins.count; i++)
		if (*node_stamp(step->ins.items[i]))
			return node_stamp(step->ins.items[i]);
	return "";
}

static bool merge_start(struct session *s, struct step *step, struct err *e)
{
	struct input *in = ARENA_ARRAY(&s->arena, struct input, step->ins.count);
	struct image_options opt;
	bool ok = image_vars_read(s, step->recipe, &opt, e);

	step->result = (struct store_action){ .stamp = find_stamp(step) };
	for (size_t i = 0; ok && i < step->ins.count; i++)
		ok = read_input(s, step, step->ins.items[i], &opt, &in[i], e);
	ok = ok && merge(s, step, in, &opt, e) && action_record(s, step, e);
	for (size_t i = 0; i < step->ins.count; i++) {
		image_free(&in[i].source.image);
		fs_unmap(&in[i].map);
	}
	return ok || err_wrap(e, "%s", step->id);
}

const struct step_kind merge_step = {
	.name = "merge",
	.parts = merge_parts,
	.start = merge_start,
};
