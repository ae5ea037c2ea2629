/* SPDX-License-Identifier: MIT
 *
 * Steps, closures and changes since a commit; see touched.h.
 */
#include "graph/touched.h"

#include <string.h>

#include "base/path.h"
#include "cache/manifest.h"
#include "graph/action.h"
#include "graph/closure.h"
#include "graph/compile_key.h"
#include "graph/kinds.h"
#include "graph/recipe.h"
#include "os/dirs.h"
#include "os/fs.h"
#include "source/names.h"

struct verdict {
	bool is;
	const char *why;
};

/* --- one path ----------------------------------------------------------------------------------------------------- */

static bool is_in_tree(const char *path)
{
	return path[0] != '/' && strncmp(path, "~/", 2) != 0 && strcmp(path, "..") != 0 &&
	       strncmp(path, "../", 3) != 0;
}

static bool is_folder_now(const struct session *s, const char *path)
{
	AUTO_ARENA a = ARENA_INIT;
	struct fs_stat st;

	return fs_lstat(path_join(&a, s->tree.root, path), &st) && st.type == FS_DIR;
}

/* The folder came or went. */
static bool folder_differs(const struct touched *t, const char *path)
{
	return since_had_folder(&t->since, path) != is_folder_now(t->s, path);
}

static bool name_counts(const char *name, bool file)
{
	return !name_is_scratch(name) && strcmp(name, "__pycache__") != 0 &&
	       strcmp(name, "build-mpflash") != 0 && !(file && name_is_unlisted(name));
}

/* Whether a change below `folder` adds a name to its listing, takes one away, or makes one another kind of thing. */
static bool changes_listing(const struct touched *t, const char *folder,
			    const struct since_change *c)
{
	AUTO_ARENA a = ARENA_INIT;
	const char *rest = strcmp(folder, ".") == 0 ? c->path : path_below(c->path, folder);
	size_t len = strcspn(rest, "/");
	const char *name = arena_strndup(&a, rest, len);
	bool direct = !rest[len];

	if (direct && !c->whole)
		return c->how != SINCE_CHANGED && name_counts(name, c->file);
	return name_counts(name, false) &&
	       folder_differs(t, arena_strndup(&a, c->path, strlen(c->path) - strlen(rest) + len));
}

/* The change that makes an entry of a closure another one; NULL: none. */
static const struct since_change *find_change(const struct touched *t, const char *path,
					      uint8_t kind)
{
	const struct since_change *c = since_find(&t->since, path);
	size_t from, to;

	if (!c)
		c = since_whole(&t->since, path);
	if (c || kind == MANIFEST_CONTENT || kind == MANIFEST_LINK)
		return c;
	since_below(&t->since, path, &from, &to);
	if (from == to)
		return NULL;
	if (folder_differs(t, path))
		return &t->since.changes.items[from];
	for (; kind == MANIFEST_LISTING && from < to; from++)
		if (changes_listing(t, path, &t->since.changes.items[from]))
			return &t->since.changes.items[from];
	return NULL;
}

static const char *change_text(const struct touched *t, const struct since_change *c)
{
	static const char *const texts[] = {
		[SINCE_ADDED] = "is new",
		[SINCE_REMOVED] = "was removed",
		[SINCE_CHANGED] = "changed",
		[SINCE_TYPE] = "is another kind of file",
	};

	return arena_printf(&t->s->arena, "%s %s", c->path, c->whole ? "changed" : texts[c->how]);
}

/* --- a closure ---------------------------------------------------------------------------------------------------- */

enum { UNKNOWN, SAME, DIFFERS };

/* Boards share most of their paths: each is looked up once. */
static const struct since_change *find_entry_change(struct touched *t,
						    const struct store_paths *paths,
						    const struct manifest_entry *entry)
{
	size_t i = (size_t)entry->path * MANIFEST_KINDS + entry->kind;
	const struct since_change *c;

	if (t->known[i] == SAME)
		return NULL;
	c = is_in_tree(paths->items[entry->path])
		    ? find_change(t, paths->items[entry->path], entry->kind)
		    : NULL;
	t->known[i] = c ? DIFFERS : SAME;
	return c;
}

static bool judge_manifest(struct touched *t, const struct store_manifest *stored,
			   struct verdict *v, struct err *e)
{
	const struct since_change *c = NULL;
	struct store_paths paths;
	struct manifest m;

	if (!store_paths(t->s->store, &paths, e))
		return false;
	if (!manifest_decode(stored->data, stored->len, paths.count, &m)) {
		*v = (struct verdict){ true, "its closure in the store is damaged" };
		return true;
	}
	if (paths.count > t->known_count) {
		free(t->known);
		t->known = xcalloc(paths.count, MANIFEST_KINDS);
		t->known_count = paths.count;
	}
	for (size_t i = 0; i < m.entries.count && !c; i++)
		c = find_entry_change(t, &paths, &m.entries.items[i]);
	if (c)
		*v = (struct verdict){ true, change_text(t, c) };
	vec_free(&m.entries);
	return true;
}

/* A closure that does not hold now, and did not at REF either, says nothing about what a build would read. */
static bool judge_age(struct touched *t, const struct digest *weak, const struct digest *key,
		      struct verdict *v, struct err *e)
{
	struct closure_changes changes = { 0 };
	struct closure c = { 0 };
	bool found = false;
	bool ok = closure_get(t->s, weak, key, &c, &found, e) &&
		  closure_compare(t->s, &c, 1, &changes, e);

	if (ok) {
		v->is = true;
		v->why = changes.items.count
				 ? arena_printf(
					   &t->s->arena,
					   "its last build is older: %s is not what it was then",
					   changes.items.items[0].change.path)
				 : "its last build is older";
	}
	vec_free(&changes.items);
	closure_free(&c);
	return ok;
}

static bool judge_closure(struct touched *t, const struct digest *weak, struct verdict *v,
			  struct err *e)
{
	AUTO_ARENA a = ARENA_INIT;
	struct store_manifests stored;
	struct digest key;
	size_t count, i = 0;
	bool holds;

	if (!store_get_manifests(t->s->store, weak, &a, &stored, e) ||
	    !closure_find(t->s, weak, &key, &holds, &count, e))
		return false;
	if (!stored.count) {
		*v = (struct verdict){ true, "no build of it like this is recorded" };
		return true;
	}
	while (holds && i + 1 < stored.count && !digest_equal(&stored.items[i].key, &key))
		i++;
	if (!judge_manifest(t, &stored.items[i], v, e))
		return false;
	return v->is || holds || judge_age(t, weak, &stored.items[i].key, v, e);
}

/* --- compile steps -------------------------------------------------------------------------------------------------- */

/* What the store knows of the mpy-cross that a step would use now; false in *known: nothing. */
static bool find_mpy_cross(struct touched *t, const struct step *step, struct digest *out,
			   bool *wanted, bool *known, struct err *e)
{
	*wanted = *known = false;
	for (size_t i = 0; i < step->needs.count; i++) {
		struct step *cross = step->needs.items[i];
		AUTO_STRBUF parts = STRBUF_INIT;
		struct store_action made;
		struct digest weak, key;
		size_t count;

		if (!compile_is_mpy_cross(cross))
			continue;
		*wanted = true;
		if (!compile_parts(t->s, cross, &parts, e))
			return false;
		weak = closure_weak_key(&parts);
		if (!closure_find(t->s, &weak, &key, known, &count, e))
			return false;
		if (*known && !store_get_action(t->s->store, &key, &t->s->arena, &made, known, e))
			return false;
		*known = *known && made.outputs.count;
		if (*known)
			*out = made.outputs.items[0].blob;
		return true;
	}
	return true;
}

/* The key under which closures of the step are; that of its last build when the mpy-cross of now is not known. */
static bool find_weak_key(struct touched *t, struct step *step, struct digest *weak, bool *known,
			  struct err *e)
{
	AUTO_STRBUF parts = STRBUF_INIT;
	struct digest cross;
	struct store_last last;
	bool wants_cross, has_cross;

	if (!find_mpy_cross(t, step, &cross, &wants_cross, &has_cross, e))
		return false;
	*known = true;
	if (!wants_cross || has_cross) {
		if (!compile_parts_with(t->s, step, has_cross ? &cross : NULL, &parts, e))
			return false;
		*weak = closure_weak_key(&parts);
		return true;
	}
	if (!action_last(t->s, step, &last, known, e))
		return false;
	*weak = last.weak;
	*known = *known && !digest_is_zero(weak);
	return true;
}

/* Without a trace the inputs are what the rules say. */
static bool judge_declared(struct touched *t, struct step *step, struct verdict *v, struct err *e)
{
	struct strv roots = { 0 };
	bool ok = recipe_words(t->s, step->recipe, "inputs", &roots, e);

	for (size_t i = 0; ok && i < roots.count && !v->is; i++) {
		const struct since_change *c = since_find(&t->since, roots.items[i]);
		size_t from, to;

		since_below(&t->since, roots.items[i], &from, &to);
		if (!c && from < to)
			c = &t->since.changes.items[from];
		if (!c)
			c = since_whole(&t->since, roots.items[i]);
		if (c)
			*v = (struct verdict){ true, change_text(t, c) };
	}
	vec_free(&roots);
	return ok;
}

static bool judge_compile(struct touched *t, struct step *step, struct verdict *v, struct err *e)
{
	const char *untraced;
	struct digest weak;
	bool known;

	if (session_stamp_is_exact(t->s) && (t->since.moved || t->since.changes.count)) {
		*v = (struct verdict){ true, "the version stamp is another one (--stamp exact)" };
		return true;
	}
	if (!session_traces(t->s, &untraced) || compile_was_untraceable(t->s, step))
		return judge_declared(t, step, v, e);
	if (!find_weak_key(t, step, &weak, &known, e))
		return false;
	if (known)
		return judge_closure(t, &weak, v, e);
	*v = (struct verdict){ true, "no build of it is recorded" };
	return true;
}

/* --- steps ---------------------------------------------------------------------------------------------------------- */

static void judge_source(struct touched *t, const char *path, struct verdict *v)
{
	const struct since_change *c = since_find(&t->since, path);

	if (!c)
		c = since_whole(&t->since, path);
	if (c)
		*v = (struct verdict){ true, change_text(t, c) };
}

static void judge_sources(struct touched *t, const struct node_list *list, struct verdict *v)
{
	for (size_t i = 0; i < list->count && !v->is; i++) {
		const struct node *n = list->items[i];

		if (!n->maker && !n->maybe_maker && !n->recipe)
			judge_source(t, n->name, v);
	}
}

/*
 * Rules have scopes for an mcu, and that is in board.json, which the ports' makefiles do not read. The other members are for
 * people.
 */
static void judge_board(struct touched *t, const struct board *b, struct verdict *v)
{
	const char *dir = b && !b->outside ? path_below(b->dir, t->s->tree.root) : NULL, *then;
	const struct since_change *c;
	AUTO_STRBUF text = STRBUF_INIT;
	const char *path;

	if (!dir)
		return;
	path = path_join(&t->s->arena, dir, "board.json");
	c = since_find(&t->since, path);
	if (!c) {
		judge_source(t, path, v);
		return;
	}
	if (c->how == SINCE_ADDED)
		then = NULL;
	else if (!since_text_then(&t->since, path, &text) ||
		 !board_json_mcu(&t->json, &text, &t->s->arena, &then))
		*v = (struct verdict){ true, change_text(t, c) };
	if (!v->is && strcmp(then ? then : "", b->mcu ? b->mcu : "") != 0)
		*v = (struct verdict){ true,
				       arena_printf(&t->s->arena, "the mcu in %s changed", path) };
}

static bool judge_own(struct touched *t, struct step *step, struct verdict *v, struct err *e)
{
	const char *program;

	if (t->rules)
		*v = (struct verdict){ true, t->rules };
	else
		judge_board(t, step->recipe->board, v);
	if (v->is)
		return true;
	if (step->kind == &compile_step)
		return judge_compile(t, step, v, e);
	judge_sources(t, &step->ins, v);
	judge_sources(t, &step->implicit_ins, v);
	if (v->is || step->kind != &command_step)
		return true;
	if (!command_program(t->s, step, &program, e))
		return false;
	program = path_below(program, t->s->tree.root);
	if (program)
		judge_source(t, program, v);
	return true;
}

static bool judge(struct touched *t, struct step *step, const struct verdict **out, struct err *e)
{
	struct verdict *v = map_get(&t->verdicts, step->id);

	*out = v;
	if (v)
		return true;
	*out = v = ARENA_NEW(&t->s->arena, struct verdict);
	*v = (struct verdict){ 0 };
	map_put(&t->verdicts, step->id, v); /* before its needs: graph_order tells circles */
	for (size_t i = 0; i < step->needs.count && !v->is; i++) {
		const struct verdict *need;

		if (!judge(t, step->needs.items[i], &need, e))
			return false;
		v->is = need->is;
		v->why = need->is && step->needs.items[i]->recipe != step->recipe
				 ? arena_printf(&t->s->arena, "%s (%s)", need->why,
						step->needs.items[i]->recipe->id)
				 : need->why;
	}
	return v->is || judge_own(t, step, v, e);
}

/* The rules say how everything is made: those of the tree, what they include, and what --rules names in it. */
static bool look_at_rules(struct touched *t, struct err *e)
{
	struct strv files = rules_files(t->s->rules);
	struct verdict v = { 0 };
	bool ok = true;

	judge_source(t, "mpflash.rules", &v); /* also when it is gone */
	for (size_t i = 0; ok && i < files.count && !v.is; i++) {
		AUTO_STRBUF full = STRBUF_INIT;
		const char *path;

		ok = dirs_absolute(&full, files.items[i], e);
		path = ok ? path_below(full.buf, t->s->tree.root) : NULL;
		if (path)
			judge_source(t, path, &v);
	}
	t->rules = v.why;
	vec_free(&files);
	return ok;
}

bool touched_open(struct touched *t, struct session *s, const char *ref, struct err *e)
{
	*t = (struct touched){ .s = s };
	return since_read(&t->since, s->tree.root, ref, e) && look_at_rules(t, e);
}

void touched_close(struct touched *t)
{
	since_free(&t->since);
	map_free(&t->verdicts);
	board_json_close(&t->json);
	free(t->known);
	*t = (struct touched){ 0 };
}

bool touched_step(struct touched *t, struct step *step, bool *is, const char **why, struct err *e)
{
	const struct verdict *v;

	if (!judge(t, step, &v, e))
		return err_wrap(e, "%s", step->id);
	*is = v->is;
	*why = v->why;
	return true;
}
