/* SPDX-License-Identifier: MIT
 *
 * Opening and closing what one run needs.
 */
#include "graph/device_choice.h"
#include "graph/session.h"

#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "build/engine.h"
#include "build/workdir.h"
#include "config.h"
#include "graph/closure.h"
#include "graph/jobs.h"
#include "graph/methods.h"
#include "graph/recipe.h"
#include "graph/version.h"
#include "os/dirs.h"
#include "os/fs.h"
#include "os/trace.h"
#include "source/listing.h"

bool rules_folder(struct strbuf *out, struct err *e)
{
	const char *named = getenv("MPFLASH_RULES");
	AUTO_STRBUF beside = STRBUF_INIT;

	if (named && *named) {
		strbuf_adds(out, named);
		return true;
	}
	/* An installed copy may have been moved as a whole: look beside the program first. */
	if (!dirs_program(&beside, e))
		return false;
	strbuf_adds(&beside, "/../share/mpflash/rules");
	if (fs_is_dir(beside.buf)) {
		strbuf_add(out, beside.buf, beside.len);
		return true;
	}
	strbuf_adds(out, fs_is_dir(MPFLASH_SOURCE_RULES_DIR) ? MPFLASH_SOURCE_RULES_DIR
							     : MPFLASH_RULES_DIR);
	return true;
}

static bool has_suffix(const char *name, const char *suffix)
{
	size_t n = strlen(name), k = strlen(suffix);

	return n > k && strcmp(name + n - k, suffix) == 0;
}

/* All *.rules of a folder, by name. *listed: it could be. */
static bool load_folder(struct rules *r, const char *dir, bool *listed, struct err *e)
{
	AUTO_ARENA arena = ARENA_INIT;
	struct fs_list list;
	bool ok = true;

	*listed = fs_list(&list, dir, e);
	if (!*listed)
		return false;
	for (size_t i = 0; ok && i < list.count; i++)
		if (has_suffix(list.names[i], ".rules"))
			ok = rules_load(r, path_join(&arena, dir, list.names[i]), e);
	fs_list_free(&list);
	return ok;
}

bool rules_load_builtin(struct rules *r, struct err *e)
{
	AUTO_STRBUF dir = STRBUF_INIT;
	bool listed;

	if (!rules_folder(&dir, e))
		return false;
	if (load_folder(r, dir.buf, &listed, e))
		return true;
	if (listed)
		return false;
	err_wrap(e, "the rule files of the ports");
	return err_hint(e, "reinstall mpflash, or set MPFLASH_RULES=/folder/with/rules");
}

bool rules_load_own(struct rules *r, const char *tree_root, const struct strv *files, struct err *e)
{
	AUTO_ARENA arena = ARENA_INIT;
	AUTO_STRBUF dir = STRBUF_INIT;
	bool listed;

	if (dirs_config(&dir) && fs_is_dir(dir.buf) && !load_folder(r, dir.buf, &listed, e))
		return false;
	if (tree_root) {
		char *own = path_join(&arena, tree_root, "mpflash.rules");

		if (fs_exists(own) && !rules_load(r, own, e))
			return false;
	}
	for (size_t i = 0; i < files->count; i++)
		if (!rules_load(r, files->items[i], e))
			return e->hint ? false
				       : err_hint(e, "--rules wants the path of a rule file");
	return true;
}

static bool load_rules(struct session *s, struct err *e)
{
	s->rules = rules_create();
	s->methods = ARENA_NEW(&s->arena, struct methods);
	return rules_load_builtin(s->rules, e) &&
	       rules_load_own(s->rules, s->tree.root, &s->opt->rules_files, e) &&
	       rules_check(s->rules, e) && methods_read(s->methods, s->rules, e);
}

static const char *name_tree(struct session *s)
{
	const char *root = s->tree.root ? s->tree.root : "";
	struct digest d = digest_of(root, strlen(root));
	char hex[DIGEST_HEX_SIZE];

	digest_hex(&d, hex);
	return arena_strndup(&s->arena, hex, 12);
}

static bool find_folders(struct session *s, struct err *e)
{
	AUTO_STRBUF cache = STRBUF_INIT, work = STRBUF_INIT, out = STRBUF_INIT;

	if (!dirs_cache(&cache, e))
		return false;
	s->cache_dir = arena_strdup(&s->arena, cache.buf);
	s->tree_key = name_tree(s);
	workdir_root(cache.buf, &work);
	s->work_root = arena_strdup(&s->arena, work.buf);
	if (s->opt->out_dir) {
		if (!dirs_absolute(&out, s->opt->out_dir, e))
			return false;
		s->out_root = arena_strdup(&s->arena, out.buf);
	} else if (s->tree.root) {
		s->out_root = path_join(&s->arena, s->tree.root, "build-mpflash");
	}
	return true;
}

static bool open_tree(struct session *s, bool need_tree, struct err *e)
{
	if (tree_open(&s->tree, s->opt->tree_dir, e))
		return true;
	if (need_tree || s->opt->tree_dir)
		return false;
	err_free(e);
	return true;
}

static bool load_tree(struct session *s, struct err *e)
{
	if (!load_rules(s, e))
		return false;
	s->catalogue = catalogue_open(s->tree.root, &s->opt->board_dirs, e);
	return s->catalogue != NULL;
}

static bool open_stats(struct session *s, struct err *e)
{
	s->stats = statcache_open(s->store, s->tree.root ? s->tree.root : "", e);
	return s->stats != NULL;
}

bool session_open(struct session *s, const struct make_options *opt, bool need_tree, struct err *e)
{
	*s = (struct session){ .opt = opt };
	s->top = s;
	s->report = ARENA_NEW(&s->arena, struct report);
	*s->report = (struct report){
		.json = opt->json,
		.explain = opt->explain,
		.dry_run = opt->dry_run,
	};
	if (!open_tree(s, need_tree, e) || !find_folders(s, e) || !load_tree(s, e))
		return false;
	s->store = store_open(s->cache_dir, opt->dry_run, e);
	if (!s->store)
		return false;
	if (store_note(s->store))
		report_note(s->report, "%s", store_note(s->store));
	return open_stats(s, e);
}

bool session_fill_tree(struct session *s, struct err *e)
{
	s->tree_key = name_tree(s);
	return load_tree(s, e) && open_stats(s, e);
}

static bool close_tree(struct session *s, struct err *e)
{
	bool ok = statcache_close(s->stats, s->opt && s->opt->dry_run, e);

	recipes_close(s);
	catalogue_close(s->catalogue);
	if (s->methods)
		methods_free(s->methods);
	rules_destroy(s->rules);
	closure_forget_looks(s);
	listings_close(s->listings);
	map_free(&s->scans);
	map_free(&s->recipes);
	map_free(&s->left_out);
	tree_close(&s->tree);
	return ok;
}

/* What was learned of files is only worth time: losing it is no failure of a build. */
void session_close_tree(struct session *s)
{
	AUTO_ERR ignored = ERR_INIT;

	close_tree(s, &ignored);
	arena_free(&s->arena);
	*s = (struct session){ 0 };
}

bool session_close(struct session *s, struct err *e)
{
	bool ok;

	versions_close(s);
	ok = close_tree(s, e);
	session_close_jobs(s);
	session_close_devices(s);
	engines_destroy(s->engines);
	store_close(s->store);
	arena_free(&s->arena);
	*s = (struct session){ 0 };
	return ok;
}

bool session_stamp(struct session *s, const struct stamp **out, struct err *e)
{
	if (!s->has_stamp && !stamp_read(&s->tree, &s->stamp, e))
		return false;
	if (!s->told_stamp && *s->stamp.note)
		report_note(s->report, "%s", s->stamp.note);
	s->has_stamp = s->told_stamp = true;
	*out = &s->stamp;
	return true;
}

void session_forget_stamp(struct session *s)
{
	if (!session_stamp_is_exact(s))
		s->has_stamp = false;
}

bool session_ignores_stamp(struct session *s)
{
	if (!s->asked_ignores) {
		s->ignores_stamp = s->tree.root && stamp_is_ignored(&s->tree);
		if (s->ignores_stamp)
			report_note(
				s->report,
				"this tree is older than v1.20 and asks git for its version: every "
				"commit and change is built (--stamp exact)");
		s->asked_ignores = true;
	}
	return s->ignores_stamp;
}

bool session_stamp_is_exact(struct session *s)
{
	bool asked = s->opt->stamp ? strcmp(s->opt->stamp, "exact") == 0 : s->ref != NULL;

	return asked || session_ignores_stamp(s);
}

bool session_traces(struct session *s, const char **why)
{
	AUTO_STRBUF text = STRBUF_INIT;

	s = s->top;
	if (!s->trace_asked && !trace_supported(&text))
		s->untraced = arena_strdup(&s->arena, text.buf);
	s->trace_asked = true;
	*why = s->untraced;
	return !s->untraced;
}

struct listings *session_listings(struct session *s)
{
	if (!s->listings)
		s->listings = listings_open(&s->tree, s->stats);
	return s->listings;
}
