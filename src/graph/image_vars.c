/* SPDX-License-Identifier: MIT
 *
 * Image options from rule variables.
 */
#include "graph/image_vars.h"

#include "graph/action.h"
#include "graph/recipe.h"
#include "image/uf2_family.h"

static const char *const variables[] = { "bin.fill",   "dfu.name", "dfu.pid",   "dfu.vid",
					 "flash.base", "uf2.e10",  "uf2.family" };

bool image_vars_number(struct session *s, const struct recipe *r, const char *name, uint32_t *out,
		       bool *set, struct err *e)
{
	const char *text;

	*set = false;
	if (!recipe_var(s, r, name, &text, e))
		return false;
	if (!text || !*text)
		return true;
	if (!image_parse_u32(text, out))
		return err_set(e, "the rules of %s: %s wants a number below 2^32, not '%s'", r->id,
			       name, text);
	*set = true;
	return true;
}

static bool read_family(struct session *s, const struct recipe *r, uint32_t *out, struct err *e)
{
	const char *text;

	if (!recipe_var(s, r, "uf2.family", &text, e))
		return false;
	if (!text || !*text || uf2_family_by_name(text, out))
		return true;
	return err_set(e, "the rules of %s: '%s' is no UF2 family", r->id, text);
}

static bool read_e10(struct session *s, const struct recipe *r, struct image_options *out,
		     struct err *e)
{
	const char *text;

	if (!recipe_var(s, r, "uf2.e10", &text, e))
		return false;
	if (!text || !*text || image_option_set(out, "uf2.e10", text, e))
		return true;
	return err_set(e, "the rules of %s: uf2.e10 is yes or no, not '%s'", r->id, text);
}

bool image_vars_read(struct session *s, const struct recipe *r, struct image_options *out,
		     struct err *e)
{
	uint32_t fill = 0, vid = 0, pid = 0;
	bool set;

	*out = (struct image_options){ 0 };
	if (!image_vars_number(s, r, "flash.base", &out->base, &out->has_base, e) ||
	    !image_vars_number(s, r, "bin.fill", &fill, &out->has_fill, e) ||
	    !image_vars_number(s, r, "dfu.vid", &vid, &set, e) ||
	    !image_vars_number(s, r, "dfu.pid", &pid, &set, e) ||
	    !read_family(s, r, &out->uf2_family, e) || !read_e10(s, r, out, e) ||
	    !recipe_var(s, r, "dfu.name", &out->dfu_name, e))
		return false;
	out->fill = (uint8_t)fill;
	out->usb_vid = (uint16_t)vid;
	out->usb_pid = (uint16_t)pid;
	return true;
}

bool image_vars_parts(struct session *s, const struct step *step, struct strbuf *out, struct err *e)
{
	for (size_t i = 0; i < ARRAY_SIZE(variables); i++) {
		const char *value;

		if (!recipe_var(s, step->recipe, variables[i], &value, e))
			return false;
		if (value)
			action_part(s, step, out, variables[i], value);
	}
	return true;
}
