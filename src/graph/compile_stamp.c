/* SPDX-License-Identifier: MIT
 *
 * A board's stamp; see compile_stamp.h.
 */
#include "graph/compile_stamp.h"

#include <stdio.h>
#include <string.h>

#include "base/path.h"
#include "graph/action.h"
#include "graph/compile_key.h"
#include "graph/recipe.h"
#include "source/inputs.h"

/* The files of a folder by name and content, wherever the folder lies. */
static bool add_folder(struct session *s, const char *dir, struct hasher *h, struct err *e)
{
	AUTO_STRBUF list = STRBUF_INIT;

	if (!inputs_scan(&s->tree, &dir, 1, s->stats, &list, e))
		return false;
	for (char *line = list.buf, *end; (end = strchr(line, '\n')); line = end + 1) {
		char *path = strchr(line, ' ');
		const char *below;

		*end = '\0';
		*path++ = '\0';
		below = path_below(path, dir);
		hasher_str(h, line);
		hasher_str(h, below ? below : path);
	}
	return true;
}

static bool add_config(struct session *s, const struct recipe *r, struct stamp *out, struct err *e)
{
	const char *outside = r->board && r->board->outside ? r->board->dir : NULL;
	char hex[DIGEST_HEX_SIZE], word[16];
	struct digest d;
	struct hasher h;
	bool set = recipe_settings(s, &d), ok;

	if (!set && !outside)
		return true;
	hasher_init(&h);
	hasher_digest(&h, &d);
	ok = !outside || add_folder(s, outside, &h, e);
	d = hasher_finish(&h);
	digest_hex(&d, hex);
	snprintf(word, sizeof(word), "c%.8s", hex);
	stamp_append(out, word);
	return ok;
}

bool compile_read_stamp(struct session *s, const struct step *step, struct stamp *out,
			struct err *e)
{
	const struct stamp *tree;

	if (!session_stamp(s, &tree, e))
		return false;
	*out = *tree;
	return add_config(s, step->recipe, out, e);
}

bool compile_stamp_parts(struct session *s, const struct step *step, struct strbuf *out,
			 struct err *e)
{
	struct stamp stamp;

	if (!session_stamp_is_exact(s) || compile_is_mpy_cross(step))
		return true;
	if (!compile_read_stamp(s, step, &stamp, e))
		return false;
	action_part(s, step, out, "stamp tag", stamp.tag);
	action_part(s, step, out, "stamp hash", stamp.hash);
	action_part(s, step, out, "stamp date",
		    arena_printf(&s->arena, "%lld", (long long)stamp.epoch));
	return true;
}
