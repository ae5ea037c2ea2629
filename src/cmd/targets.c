/* SPDX-License-Identifier: MIT
 *
 * Targets on the command line: checks of the options around them, and a look at their graph.
 */
#include "cmd/targets.h"

#include <string.h>

#include "graph/builder_choice.h"
#include "graph/configuration.h"
#include "graph/target.h"
#include "image/check.h"

static bool check_allowed(const struct strv *names, struct err *e)
{
	AUTO_STRBUF known = STRBUF_INIT;

	for (size_t i = 0; i < names->count; i++) {
		if (image_check_has_name(names->items[i]))
			continue;
		image_check_names(&known);
		err_usage(e, "--allow wants the name of a finding, not '%s'", names->items[i]);
		return err_hint(e, "one of %s", known.buf);
	}
	return true;
}

bool targets_check_options(const struct make_options *opt, struct err *e)
{
	if (opt->stamp && strcmp(opt->stamp, "content") != 0 && strcmp(opt->stamp, "exact") != 0) {
		err_usage(e, "--stamp wants content or exact, not '%s'", opt->stamp);
		return err_hint(e, "content is what happens without it");
	}
	return check_allowed(&opt->allows, e) && builder_check_options(opt, e) &&
	       config_check(opt, e);
}

void targets_free_options(struct make_options *opt)
{
	vec_free(&opt->allows);
	vec_free(&opt->excludes);
	vec_free(&opt->sets);
	vec_free(&opt->c_modules);
	vec_free(&opt->board_dirs);
	vec_free(&opt->rules_files);
	vec_free(&opt->serial);
	vec_free(&opt->ignore);
	vec_free(&opt->volumes);
}

bool targets_open(struct session *s, const struct make_options *opt, const struct strv *targets,
		  struct err *e)
{
	bool need_tree = false;

	for (size_t i = 0; i < targets->count; i++)
		need_tree = need_tree || target_needs_tree(targets->items[i], opt->image != NULL);
	return session_open(s, opt, need_tree, e);
}

bool targets_view(const struct make_options *opt, const struct strv *targets,
		  bool (*show)(struct graph *g, void *ctx, struct err *e), void *ctx, struct err *e)
{
	struct session s;
	struct graph g = { .s = &s };
	AUTO_ERR close_error = ERR_INIT;
	bool ok;

	if (!targets->count) {
		err_usage(e, "a target is missing");
		return err_hint(e, "`mpflash make --help` lists the targets");
	}
	if (!targets_check_options(opt, e))
		return false;
	ok = targets_open(&s, opt, targets, e);
	for (size_t i = 0; ok && i < targets->count; i++)
		ok = graph_add_target(&g, targets->items[i], e);
	ok = ok && graph_has_goals(&g, e);
	if (ok && !g.goals.count) {
		ok = err_set(e, "'%s' is not checked out yet", targets->items[0]);
		err_hint(e, "`mpflash make %s` does that", targets->items[0]);
	}
	ok = ok && graph_order(&g, e) && show(&g, ctx, e);
	graph_free(&g);
	if (!session_close(&s, &close_error) && ok) {
		err_move(e, &close_error);
		ok = false;
	}
	return ok;
}
