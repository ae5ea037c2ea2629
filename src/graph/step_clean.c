/* SPDX-License-Identifier: MIT
 *
 * Dropping what was built for a board: its files, its work folder, its logs. Of a folder that the user named with -o only
 * the files that the board's steps place go: anything may lie beside them. The store keeps what it knows, so that the next make brings the files back without a build.
 */
#include <unistd.h>

#include "base/path.h"
#include "graph/action.h"
#include "graph/kinds.h"
#include "graph/project.h"
#include "graph/recipe.h"
#include "os/fs.h"

static const char *log_folder(struct session *s, const struct recipe *r)
{
	return path_join(&s->arena, s->cache_dir,
			 arena_printf(&s->arena, "log/%s", path_below(r->work_dir, s->work_root)));
}

static bool clean_check(struct session *s, struct step *step, bool *run, struct err *e)
{
	const struct recipe *r = step->recipe;

	(void)e;
	*run = (!s->opt->out_dir && r->out_dir && fs_exists(r->out_dir)) ||
	       fs_exists(r->work_dir) || fs_exists(log_folder(s, r));
	for (size_t i = 0; !*run && r->out_dir && i < r->nodes.count; i++)
		*run = fs_exists(node_path(s, r->nodes.items[i], &s->arena));
	step->reason = *run ? "there is something to remove" : "there is nothing to remove";
	return true;
}

static bool remove_files(struct session *s, const struct recipe *r, struct err *e)
{
	if (!s->opt->out_dir && r->out_dir)
		return fs_remove_tree(r->out_dir, e);
	for (size_t i = 0; r->out_dir && i < r->nodes.count; i++) {
		const char *path = node_path(s, r->nodes.items[i], &s->arena);

		if (!fs_is_dir(path) && !fs_remove_tree(path, e))
			return err_hint(e, "make that folder writable, or remove the file by hand");
	}
	/* Only when nothing of the user's is in it. */
	if (r->out_dir)
		rmdir(r->out_dir);
	return true;
}

static bool clean_start(struct session *s, struct step *step, struct err *e)
{
	bool ok;

	if (!action_lock_work(s, step, e))
		return false;
	if (step->blocked)
		return true;
	ok = remove_files(s, step->recipe, e) && fs_remove_tree(step->recipe->work_dir, e) &&
	     fs_remove_tree(project_dir(s, step->recipe->work_dir), e) &&
	     fs_remove_tree(log_folder(s, step->recipe), e);
	lock_release(&step->lock);
	return ok;
}

const struct step_kind clean_step = {
	.name = "clean",
	.check = clean_check,
	.start = clean_start,
};
