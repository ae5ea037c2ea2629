/* SPDX-License-Identifier: MIT
 *
 * Conversions between image formats, in process.
 */
#include <string.h>

#include "base/path.h"
#include "graph/action.h"
#include "graph/image_vars.h"
#include "graph/kinds.h"
#include "image/image.h"
#include "os/fs.h"

static const char *suffix(const struct node *n)
{
	return path_ext(n->name);
}

/*
 * The port's make already left this file: there is nothing to convert. A format that somebody asked for by its
 * name (no statement) counts as made when make left it in parts: firmware0.bin and firmware1.bin of a split
 * image, whose one .bin would have to fill the hole in between.
 */
static bool is_made_already(const struct step *step)
{
	const struct node *out = step->outs.items[0];
	const struct node_list *all = &step->recipe->nodes;

	if (out->maybe_maker && node_output(out))
		return true;
	for (size_t i = 0; !step->build && i < all->count; i++)
		if (all->items[i]->maybe_maker && strcmp(suffix(all->items[i]), suffix(out)) == 0 &&
		    node_output(all->items[i]))
			return true;
	return false;
}

static bool convert_parts(struct session *s, struct step *step, struct strbuf *out, struct err *e)
{
	const struct image_format *f = step->detail;
	const struct store_output *in;
	char hex[DIGEST_HEX_SIZE];

	if (step->ins.count != 1 || step->outs.count != 1)
		return err_set(e, "'%s' wants one input and one output", step->id);
	action_part(s, step, out, "rule", f->name);
	if (is_made_already(step)) {
		action_part(s, step, out, "made by", "the port's make");
		return true;
	}
	in = node_output(step->ins.items[0]);
	if (!in) {
		err_set(e, "'%s' needs %s, which was not made", step->id, step->ins.items[0]->name);
		return err_hint(e, "`mpflash make -n` shows what the board's steps make");
	}
	digest_hex(&in->blob, hex);
	action_part(s, step, out, in->name, hex);
	return image_vars_parts(s, step, out, e);
}

static bool convert(struct session *s, struct step *step, const struct fs_map *m, struct err *e)
{
	const struct image_format *to = step->detail;
	const char *name = step->ins.items[0]->name;
	const struct image_format *from = image_format_detect(m->data, m->size, name);
	struct store_output o = { .name = step->outs.items[0]->name, .mode = 0644 };
	struct image_options opt;
	AUTO_IMAGE img = IMAGE_INIT;
	AUTO_STRBUF bytes = STRBUF_INIT;

	if (!image_vars_read(s, step->recipe, &opt, e))
		return false;
	if (!from || !from->read)
		return err_set(e, "%s is no firmware image that can be read", name);
	if (!from->read(&img, m->data, m->size, &opt, e) || !image_write(&img, to, &opt, &bytes, e))
		return err_wrap(e, "%s", name);
	o.image = image_digest(&img);
	o.size = bytes.len;
	if (!store_put_bytes(s->store, bytes.buf, bytes.len, &o.blob, e))
		return false;
	action_add_output(s, step, &o);
	return true;
}

static bool convert_start(struct session *s, struct step *step, struct err *e)
{
	const struct node *in = step->ins.items[0];
	AUTO_STRBUF path = STRBUF_INIT;
	struct fs_map m = { 0 };
	bool ok = true;

	step->result = (struct store_action){ .stamp = node_stamp(in) };
	if (!is_made_already(step)) {
		ok = action_content(s, in, &path, e) && fs_map(&m, path.buf, e) &&
		     convert(s, step, &m, e);
		fs_unmap(&m);
	}
	return (ok && action_record(s, step, e)) || err_wrap(e, "%s", step->id);
}

const struct step_kind convert_step = {
	.name = "convert",
	.parts = convert_parts,
	.start = convert_start,
};
