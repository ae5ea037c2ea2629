/* SPDX-License-Identifier: MIT
 *
 * What a compile step is made of: make's words, the environment, tools, mpy-cross, inputs.
 */
#include "graph/compile_key.h"

#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "build/env.h"
#include "build/tools.h"
#include "graph/action.h"
#include "graph/builder_choice.h"
#include "graph/closure.h"
#include "graph/compile_stamp.h"
#include "graph/configuration.h"
#include "graph/inputs_digest.h"
#include "graph/recipe.h"

/* The part that says why a build on this machine could not be traced. */
#define UNTRACEABLE "untraceable"

bool compile_is_mpy_cross(const struct step *step)
{
	const char *port = step->recipe->env.board.port;

	return port && strcmp(port, "mpy-cross") == 0;
}

/* The mpy-cross that this step uses; NULL: none. */
const struct store_output *compile_mpy_cross(const struct step *step)
{
	for (size_t i = 0; i < step->needs.count; i++)
		if (compile_is_mpy_cross(step->needs.items[i]) && step->needs.items[i]->outs.count)
			return node_output(step->needs.items[i]->outs.items[0]);
	return NULL;
}

static void add_tools(struct session *s, const struct step *step, const struct tools *tools,
		      struct strbuf *out)
{
	for (size_t i = 0; i < tools->count; i++) {
		const struct tool *t = &tools->items[i];
		char hex[DIGEST_HEX_SIZE];

		digest_hex(&t->digest, hex);
		action_part(s, step, out, arena_printf(&s->arena, "tool %s", t->name),
			    t->path ? arena_printf(&s->arena, "%s %s", t->path, hex) : "absent");
	}
}

static bool find_tools(struct session *s, const struct step *step, const char *variable,
		       struct tools *tools, struct err *e)
{
	struct strv names = { 0 };
	const char *path = getenv("PATH");
	bool ok = recipe_words(s, step->recipe, variable, &names, e) &&
		  tools_find(&names, path ? path : "", s->stats, &s->arena, tools, e);

	vec_free(&names);
	return ok;
}

/* Names the packages that bring the missing programs; or, where containers are in use, what is wrong with these. */
bool compile_check_tools(struct session *s, const struct step *step, struct err *e)
{
	const struct builder_choice *c = step->recipe->choice;
	AUTO_MISSING_TOOLS missing = MISSING_TOOLS_INIT;

	if (c->builder->contains)
		return builder_check(step->recipe, c, e);
	if (!builder_missing_tools(s, step->recipe, &missing, e))
		return false;
	if (!missing.names.len)
		return true;
	err_set(e, "'%s' needs programs that are not on the PATH: %s%s%s", step->recipe->id,
		missing.names.buf, c->no_engine ? "; and no container can have them: " : "",
		c->no_engine ? c->no_engine : "");
	if (c->hint &&
	    (!missing.packages.len || (s->top->engines && engines_installed(s->top->engines))))
		return err_hint(e, "%s", c->hint);
	if (missing.packages.len)
		return err_hint(e, "sudo apt-get install %s", missing.packages.buf);
	return err_hint(
		e, "install the toolchain that the port's README.md names, and put it on the PATH");
}

static bool tool_parts(struct session *s, const struct step *step, struct strbuf *out,
		       struct err *e)
{
	struct tools tools = { 0 };
	bool ok = find_tools(s, step, "toolchain", &tools, e) &&
		  find_tools(s, step, "toolchain.optional", &tools, e);

	if (ok)
		add_tools(s, step, &tools, out);
	vec_free(&tools);
	return ok;
}

/* make's words, without -j and -C: those of the rules and of the configuration. */
bool compile_make_words(struct session *s, const struct step *step, struct strv *out, struct err *e)
{
	if (!recipe_words(s, step->recipe, "args", out, e))
		return false;
	/* A board's settings are not for the host's compiler. */
	return compile_is_mpy_cross(step) || config_words(s, step, out, e);
}

/* "argument CFLAGS_EXTRA": what people call it; a word without a name goes by its place. */
static void argument_part(struct session *s, const struct step *step, size_t i, const char *word,
			  struct strbuf *out)
{
	const char *equal = strchr(word, '=');
	int len = equal ? (int)(equal - word) : 0;

	action_part(s, step, out,
		    len ? arena_printf(&s->arena, "argument %.*s", len, word)
			: arena_printf(&s->arena, "argument %zu", i),
		    word);
}

/* True for "USER_C_MODULES=../../../modules"; also when nobody can say where the word leads. */
static bool leads_out(const struct session *s, const char *folder, const char *word)
{
	const char *equal = strchr(word, '='), *value = equal ? equal + 1 : word;
	AUTO_STRBUF path = STRBUF_INIT;
	AUTO_ARENA a = ARENA_INIT;

	if (!strstr(value, ".."))
		return false;
	if (strncmp(value, "..", 2) != 0 || value[strcspn(value, " \t:;,$")])
		return true;
	path_normalize(&path, path_join(&a, path_join(&a, s->tree.root, folder), value));
	return !path_below(path.buf, s->tree.root);
}

/*
 * The same word means something else in another checkout then, and CMake asks for that by its absolute name, which holds
 * there as well.
 */
static void place_part(struct session *s, const struct step *step, const char *folder,
		       const struct strv *words, struct strbuf *out)
{
	for (size_t i = 0; i < words->count; i++)
		if (leads_out(s, folder, words->items[i])) {
			action_part(s, step, out, "the tree in", path_dir(&s->arena, s->tree.root));
			return;
		}
}

static bool word_parts(struct session *s, const struct step *step, struct strbuf *out,
		       struct err *e)
{
	struct strv words = { 0 };
	const char *folder;
	bool ok = compile_make_words(s, step, &words, e) &&
		  recipe_var(s, step->recipe, "make", &folder, e);

	if (ok && !folder)
		ok = err_set(e, "the rules of %s do not say where its make runs (make)",
			     step->recipe->id);
	if (ok)
		action_part(s, step, out, "make in", folder);
	for (size_t i = 0; ok && i < words.count; i++)
		argument_part(s, step, i, words.items[i], out);
	if (ok)
		place_part(s, step, folder, &words, out);
	vec_free(&words);
	return ok;
}

/* The environment without the stamp and mpy-cross's place: their content is what counts. */
bool compile_rule_env(struct session *s, const struct step *step, struct strv *out, struct err *e)
{
	return recipe_words(s, step->recipe, "env", out, e) && config_env(s, step, out, e);
}

void compile_env(struct session *s, const struct step *step, const struct strv *extra,
		 struct strv *out)
{
	if (step->recipe->choice->builder->contains)
		env_inside(extra, out);
	else
		env_exact(&s->arena, extra, out);
}

static bool env_parts(struct session *s, const struct step *step, struct strbuf *out, struct err *e)
{
	struct strv extra = { 0 }, env = { 0 };
	bool ok = compile_rule_env(s, step, &extra, e);

	compile_env(s, step, &extra, &env);
	for (size_t i = 0; ok && i < env.count; i++) {
		const char *equal = strchr(env.items[i], '=');
		const char *name = arena_strndup(&s->arena, env.items[i],
						 equal ? (size_t)(equal - env.items[i]) : 0);

		action_part(s, step, out, arena_printf(&s->arena, "environment %s", name),
			    equal ? equal + 1 : env.items[i]);
	}
	vec_free(&extra);
	vec_free(&env);
	return ok;
}

static void name_parts(struct session *s, const struct step *step, struct strbuf *out)
{
	for (size_t i = 0; i < step->outs.count; i++)
		action_part(s, step, out, "output", step->outs.items[i]->name);
	for (size_t i = 0; i < step->maybe_outs.count; i++)
		action_part(s, step, out, "output if made", step->maybe_outs.items[i]->name);
}

/* Without a trace: the tools by their programs, the inputs by declaration. */
static bool declared_parts(struct session *s, const struct step *step, struct strbuf *out,
			   struct err *e)
{
	char hex[DIGEST_HEX_SIZE];
	struct digest inputs;
	const char *untraced;

	if (compile_traces(s, step, &untraced))
		action_part(s, step, out, UNTRACEABLE, step->declared);
	if ((!step->recipe->choice->builder->contains && !tool_parts(s, step, out, e)) ||
	    !inputs_digest(s, step, &inputs, e))
		return false;
	digest_hex(&inputs, hex);
	action_part(s, step, out, "inputs", hex);
	return true;
}

/* Its content, whatever it is called: that stands for all tools. */
static bool image_part(struct session *s, const struct step *step, const struct builder_choice *c,
		       struct strbuf *out, struct err *e)
{
	char hex[DIGEST_HEX_SIZE] = "not pulled yet";
	struct engine_image image;

	if (!builder_check(step->recipe, c, e) || !builder_image(c, &image, e))
		return false;
	if (image.here)
		digest_hex(&image.identity, hex);
	action_part(s, step, out, "container", hex);
	return true;
}

bool compile_parts(struct session *s, struct step *step, struct strbuf *out, struct err *e)
{
	const struct store_output *cross = compile_mpy_cross(step);

	return compile_parts_with(s, step, cross ? &cross->blob : NULL, out, e);
}

bool compile_parts_with(struct session *s, struct step *step, const struct digest *mpy_cross,
			struct strbuf *out, struct err *e)
{
	const struct builder_choice *choice;
	char hex[DIGEST_HEX_SIZE];

	if (!builder_choose(s, step->recipe, &choice, e))
		return false;
	action_part(s, step, out, "board", step->recipe->key_id);
	if (choice->builder->contains && !image_part(s, step, choice, out, e))
		return false;
	name_parts(s, step, out);
	if (!word_parts(s, step, out, e) || !config_parts(s, step, out, e) ||
	    !env_parts(s, step, out, e) || !compile_stamp_parts(s, step, out, e))
		return false;
	if (mpy_cross) {
		digest_hex(mpy_cross, hex);
		action_part(s, step, out, "mpy-cross", hex);
	}
	return !step->declared || declared_parts(s, step, out, e);
}

/* --- looking it up ----------------------------------------------------------------------------------------- */

static bool find_closure(struct session *s, struct step *step, bool *known, struct err *e)
{
	size_t count = 0;

	step->weak = closure_weak_key(&step->parts);
	if (!closure_find(s, &step->weak, &step->key, known, &count, e))
		return false;
	step->closure_size = *known ? count : 0;
	return !*known || action_get(s, step, known, e);
}

/* Why this step's last run was no good for a closure, when that is in the program's nature, not in the machine's. */
const char *compile_was_untraceable(struct session *s, const struct step *step)
{
	AUTO_ERR ignored = ERR_INIT;
	AUTO_STRBUF parts = STRBUF_INIT;
	struct store_last last;
	const char *line, *why;
	bool found;

	if (!action_last(s, step, &last, &found, &ignored) || !found ||
	    !digest_is_zero(&last.weak) || !store_read_blob(s->store, &last.parts, &parts))
		return NULL;
	line = strstr(parts.buf, "\n" UNTRACEABLE "\t");
	if (!line)
		return NULL;
	why = strchr(line, '\t') + 1;
	return arena_strndup(&s->arena, why, strcspn(why, "\n"));
}

bool compile_declare(struct session *s, struct step *step, const char *why, struct err *e)
{
	step->declared = why;
	step->weak = (struct digest){ { 0 } };
	strbuf_reset(&step->parts);
	if (!compile_parts(s, step, &step->parts, e))
		return false;
	step->key = action_key(&step->parts);
	return true;
}

bool compile_traces(struct session *s, const struct step *step, const char **why)
{
	*why = NULL;
	return step->recipe->choice->builder->contains || session_traces(s, why);
}

bool compile_find(struct session *s, struct step *step, bool *known, struct err *e)
{
	const char *why;

	if (!step->declared) {
		if (!find_closure(s, step, known, e))
			return false;
		why = *known ? NULL : compile_was_untraceable(s, step);
		if (*known || (!why && compile_traces(s, step, &why)))
			return true;
		if (!compile_declare(s, step, why, e))
			return false;
	}
	step->key = action_key(&step->parts);
	return action_get(s, step, known, e);
}
