/* SPDX-License-Identifier: MIT
 *
 * Dropping what was built for a board: its files in the user's folder, its work folder, its logs. The store keeps
 * what it knows, so that the next make brings the files back without a build.
 */
#include "base/path.h"
#include "graph/kinds.h"
#include "graph/recipe.h"
#include "os/fs.h"

enum { FOLDERS = 3 };

static void folders(struct session *s, const struct step *step, const char *out[FOLDERS])
{
	const struct recipe *r = step->recipe;

	out[0] = r->out_dir;
	out[1] = r->work_dir;
	out[2] =
		path_join(&s->arena, s->cache_dir,
			  arena_printf(&s->arena, "log/%s", path_below(r->work_dir, s->work_root)));
}

static bool clean_check(struct session *s, struct step *step, bool *run, struct err *e)
{
	const char *list[FOLDERS];

	(void)e;
	folders(s, step, list);
	*run = false;
	for (int i = 0; i < FOLDERS; i++)
		*run = *run || (list[i] && fs_exists(list[i]));
	step->reason = *run ? "there is something to remove" : "there is nothing to remove";
	return true;
}

static bool clean_start(struct session *s, struct step *step, struct err *e)
{
	const char *list[FOLDERS];

	folders(s, step, list);
	for (int i = 0; i < FOLDERS; i++)
		if (list[i] && !fs_remove_tree(list[i], e))
			return false;
	return true;
}

const struct step_kind clean_step = {
	.name = "clean",
	.check = clean_check,
	.start = clean_start,
};
