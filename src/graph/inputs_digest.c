/* SPDX-License-Identifier: MIT
 *
 * Declared inputs, once per session for each set of roots.
 */
#include "graph/inputs_digest.h"

#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "graph/configuration.h"
#include "graph/recipe.h"
#include "os/fs.h"
#include "source/inputs.h"

struct scan {
	bool valid;
	struct digest digest;
	const char *text; /* with -n only, when the store does not get it */
};

/* A file stands for its folder too: a manifest or a micropython.cmake names its neighbours. Not for / and the home. */
static void add_path(struct session *s, const char *path, struct strv *roots)
{
	const char *dir = path_dir(&s->arena, path), *home = getenv("HOME");

	if (fs_is_dir(path))
		dir = path;
	if (strcmp(dir, "/") == 0 || (home && strcmp(dir, home) == 0))
		dir = path;
	vec_push(roots, dir);
}

/* "FROZEN_MANIFEST=../x.py" on the command line: make reads that file, from the folder in which it runs. */
static bool add_named_paths(struct session *s, const struct step *step, struct strv *roots,
			    struct err *e)
{
	const struct strv *const lists[] = { &s->opt->sets, &s->opt->make_args };
	const char *folder;

	struct strv named = { 0 };
	bool ok = recipe_var(s, step->recipe, "make", &folder, e) && config_roots(s, &named, e);

	for (size_t i = 0; ok && i < named.count; i++)
		add_path(s, named.items[i], roots);
	vec_free(&named);
	if (!ok)
		return false;
	for (size_t k = 0; k < ARRAY_SIZE(lists); k++)
		for (size_t i = 0; i < lists[k]->count; i++) {
			const char *equal = strchr(lists[k]->items[i], '=');
			AUTO_STRBUF path = STRBUF_INIT;
			char *base = path_join(&s->arena, s->tree.root, folder ? folder : "");

			if (!equal || !equal[1])
				continue;
			path_normalize(&path, path_join(&s->arena, base, equal + 1));
			if (fs_exists(path.buf))
				add_path(s, arena_strdup(&s->arena, path.buf), roots);
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
