/* SPDX-License-Identifier: MIT
 *
 * Declared inputs, once per session for each set of roots.
 */
#include "graph/inputs_digest.h"

#include <string.h>

#include "base/path.h"
#include "graph/recipe.h"
#include "os/fs.h"
#include "source/inputs.h"

struct scan {
	bool valid;
	struct digest digest;
	const char *text; /* with -n only, when the store does not get it */
};

/* "--set FROZEN_MANIFEST=../x.py": make reads that file, from the folder in which it runs. */
static bool add_named_paths(struct session *s, const struct step *step, struct strv *roots,
			    struct err *e)
{
	const char *folder;

	if (!recipe_var(s, step->recipe, "make", &folder, e))
		return false;
	for (size_t i = 0; i < s->opt->sets.count; i++) {
		const char *equal = strchr(s->opt->sets.items[i], '=');
		AUTO_STRBUF path = STRBUF_INIT;
		char *base = path_join(&s->arena, s->tree.root, folder ? folder : "");

		if (!equal || !strchr(equal, '/'))
			continue;
		path_normalize(&path, path_join(&s->arena, base, equal + 1));
		if (fs_exists(path.buf))
			vec_push(roots, arena_strdup(&s->arena, path.buf));
	}
	return true;
}

static bool find_roots(struct session *s, const struct step *step, struct strv *roots,
		       struct err *e)
{
	const struct recipe *r = step->recipe;

	if (!recipe_words(s, r, "inputs", roots, e))
		return false;
	if (!roots->count)
		return err_set(e, "the rules of %s do not say what it is built from (inputs)",
			       r->id);
	if (r->board && r->board->outside)
		vec_push(roots, r->board->dir);
	return !r->board || add_named_paths(s, step, roots, e);
}

static struct scan *find_scan(struct session *s, const struct strv *roots)
{
	AUTO_STRBUF key = STRBUF_INIT;
	struct scan *scan;

	for (size_t i = 0; i < roots->count; i++)
		strbuf_addf(&key, "%s\n", roots->items[i]);
	scan = map_get(&s->scans, key.buf);
	if (!scan) {
		scan = ARENA_NEW(&s->arena, struct scan);
		map_put(&s->scans, arena_strdup(&s->arena, key.buf), scan);
	}
	return scan;
}

static bool read_scan(struct session *s, const struct strv *roots, struct scan *scan, struct err *e)
{
	AUTO_STRBUF text = STRBUF_INIT;

	if (!inputs_scan(&s->tree, roots->items, roots->count, s->stats, &text, e))
		return false;
	if (s->opt->dry_run) {
		scan->digest = digest_of(text.buf, text.len);
		scan->text = arena_strdup(&s->arena, text.buf);
	} else if (!store_put_bytes(s->store, text.buf, text.len, &scan->digest, e)) {
		return false;
	}
	scan->valid = true;
	return true;
}

bool inputs_digest(struct session *s, const struct step *step, struct digest *out, struct err *e)
{
	struct strv roots = { 0 };
	struct scan *scan;
	bool ok = find_roots(s, step, &roots, e);

	if (ok) {
		scan = find_scan(s, &roots);
		ok = scan->valid || read_scan(s, &roots, scan, e);
		*out = scan->digest;
	}
	vec_free(&roots);
	return ok;
}

void inputs_forget(struct session *s, const struct step *step)
{
	AUTO_ERR ignored = ERR_INIT;
	struct strv roots = { 0 };

	if (find_roots(s, step, &roots, &ignored))
		find_scan(s, &roots)->valid = false;
	vec_free(&roots);
}

bool inputs_text(struct session *s, const struct digest *d, struct strbuf *out)
{
	for (size_t i = 0; i < s->scans.size; i++) {
		const struct scan *scan = s->scans.slots[i].value;

		if (scan && scan->text && digest_equal(&scan->digest, d)) {
			strbuf_adds(out, scan->text);
			return true;
		}
	}
	return store_read_blob(s->store, d, out);
}
