/* SPDX-License-Identifier: MIT
 *
 * A board's stamp; see compile_stamp.h.
 */
#include "graph/compile_stamp.h"

#include <stdio.h>
#include <string.h>

#include "graph/action.h"
#include "graph/compile_key.h"
#include "graph/configuration.h"

static bool add_config(struct session *s, const struct recipe *r, struct stamp *out, struct err *e)
{
	char hex[DIGEST_HEX_SIZE], word[16];
	struct digest d;
	bool plain;

	if (!config_digest(s, r, &plain, &d, e))
		return false;
	if (plain)
		return true;
	digest_hex(&d, hex);
	snprintf(word, sizeof(word), "c%.8s", hex);
	stamp_append(out, word);
	return true;
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
