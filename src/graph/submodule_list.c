/* SPDX-License-Identifier: MIT
 *
 * Asking, and the file beside the work folder that keeps the answer: the version is a commit, so it stays right for as long as
 * make's words are the same.
 */
#include "graph/submodule_list.h"

#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "build/ask_submodules.h"
#include "build/env.h"
#include "graph/compile_key.h"
#include "graph/recipe.h"
#include "os/fs.h"

enum { MAX_LIST = 1 << 16, MAX_ROUNDS = 4 };

static const char *list_path(struct session *s, const struct step *step)
{
	return arena_printf(&s->arena, "%s.submodules", step->recipe->work_dir);
}

static void add_new(struct strv *to, const struct strv *from)
{
	for (size_t i = 0; i < from->count; i++) {
		bool there = false;

		for (size_t k = 0; !there && k < to->count; k++)
			there = strcmp(to->items[k], from->items[i]) == 0;
		if (!there)
			vec_push(to, from->items[i]);
	}
}

/* The answer is one to this question. */
static bool question(struct session *s, const struct step *step, char hex[static DIGEST_HEX_SIZE],
		     struct err *e)
{
	struct strv words = { 0 };
	struct digest d;
	struct hasher h;
	bool ok = compile_make_words(s, step, &words, e) &&
		  recipe_words(s, step->recipe, "submodules", &words, e);

	hasher_init(&h);
	for (size_t i = 0; i < words.count; i++)
		hasher_str(&h, words.items[i]);
	d = hasher_finish(&h);
	digest_hex(&d, hex);
	vec_free(&words);
	return ok;
}

/* The question in its first line, then a path each. */
static bool read_answer(struct session *s, const struct step *step, const char *hex,
			struct strv *out)
{
	AUTO_ERR ignored = ERR_INIT;
	AUTO_STRBUF text = STRBUF_INIT;
	char *line, *end;

	if (!fs_read(&text, list_path(s, step), MAX_LIST, &ignored) ||
	    strncmp(text.buf, hex, strlen(hex)) != 0)
		return false;
	line = strchr(text.buf, '\n');
	for (line = line ? line + 1 : NULL; line && (end = strchr(line, '\n')); line = end + 1)
		vec_push(out, arena_strndup(&s->arena, line, (size_t)(end - line)));
	return true;
}

static bool write_answer(struct session *s, const struct step *step, const struct strv *paths,
			 struct err *e)
{
	char hex[DIGEST_HEX_SIZE];
	AUTO_STRBUF text = STRBUF_INIT;

	if (!question(s, step, hex, e))
		return false;
	strbuf_addf(&text, "%s\n", hex);
	for (size_t i = 0; i < paths->count; i++)
		strbuf_addf(&text, "%s\n", paths->items[i]);
	return fs_write_lazy(list_path(s, step), text.buf, text.len, 0644, e);
}

bool submodule_list(struct session *s, const struct step *step, struct strv *out, bool *known,
		    struct err *e)
{
	char hex[DIGEST_HEX_SIZE];

	*known = false;
	if (!s->ref || !step->recipe->compile)
		return recipe_words(s, step->recipe, "submodules", out, e);
	if (!question(s, step->recipe->compile, hex, e))
		return false;
	*known = read_answer(s, step, hex, out);
	return *known || recipe_words(s, step->recipe, "submodules", out, e);
}

static bool ask(struct session *s, const struct step *step, struct strv *out, bool *complete,
		struct err *e)
{
	const struct step *compile = step->recipe->compile;
	struct ask_job job = { .build = step->recipe->work_dir, .scratch = list_path(s, step) };
	AUTO_FREE char *tree = fs_realpath(s->tree.root);
	struct strv args = { 0 }, extra = { 0 }, env = { 0 };
	bool ok = compile_make_words(s, compile, &args, e) &&
		  compile_rule_env(s, compile, &extra, e) &&
		  recipe_var(s, step->recipe, "make", &job.make_dir, e);

	env_exact(&s->arena, &extra, &env);
	job.tree = tree ? tree : s->tree.root;
	job.args = &args;
	job.env = &env;
	ok = ok && job.make_dir && submodules_ask(&job, &s->arena, out, complete, e);
	vec_free(&args);
	vec_free(&extra);
	vec_free(&env);
	return ok;
}

bool submodule_list_ask(struct session *s, const struct step *step,
			bool (*bring)(void *ctx, const struct strv *paths, bool *some,
				      struct err *e),
			void *ctx, struct err *e)
{
	struct strv paths = { 0 }, rules = { 0 };
	bool ok = fs_mkdirs(path_dir(&s->arena, list_path(s, step)), e);
	bool complete = false, some = true;

	for (int i = 0; ok && !complete && some && i < MAX_ROUNDS; i++) {
		AUTO_ERR unasked = ERR_INIT; /* no make here: the rules say what they know */
		struct strv named = { 0 };

		complete = ask(s, step, &named, &complete, &unasked) && complete;
		add_new(&paths, &named);
		vec_free(&named);
		ok = bring(ctx, &paths, &some, e);
	}
	if (ok && !complete) {
		ok = recipe_words(s, step->recipe, "submodules", &rules, e);
		add_new(&paths, &rules);
		ok = ok && bring(ctx, &paths, &some, e);
	}
	ok = ok && write_answer(s, step->recipe->compile, &paths, e);
	vec_free(&paths);
	vec_free(&rules);
	return ok;
}
