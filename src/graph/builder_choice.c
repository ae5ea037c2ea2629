/* SPDX-License-Identifier: MIT
 *
 * Choosing a builder. The programs of a port's rules are looked for on the PATH once a recipe; an engine is asked only when
 * they are not all there, or when the user wants one.
 */
#include "graph/builder_choice.h"

#include <stdlib.h>
#include <string.h>

#include "build/image_tag.h"
#include "graph/kinds.h"
#include "graph/recipe.h"
#include "os/process.h"

/* "auto" and nothing at all are the same: NULL. */
static const char *wanted_builder(const struct make_options *opt)
{
	const char *name = opt->builder ? opt->builder : getenv("MPFLASH_BUILDER");

	return name && *name && strcmp(name, "auto") != 0 ? name : NULL;
}

bool builder_check_options(const struct make_options *opt, struct err *e)
{
	const char *name = wanted_builder(opt);

	if (name && !builder_by_name(name)) {
		err_usage(e, "%s wants auto, docker, host or podman, not '%s'",
			  opt->builder ? "--builder" : "MPFLASH_BUILDER", name);
		return err_hint(e, "auto is what happens without it");
	}
	if (opt->container && (!*opt->container || *opt->container == '-')) {
		err_usage(e, "--container wants the name of an image, not '%s'", opt->container);
		return err_hint(e, "for example --container gcc:12-bookworm");
	}
	if (opt->container && name && strcmp(name, "host") == 0) {
		err_usage(e, "--container names an image, and the builder is the host");
		return err_hint(e, "leave one of the two out");
	}
	return true;
}

static bool add_missing(struct session *s, const struct recipe *r, const char *name,
			struct missing_tools *out, struct err *e)
{
	const char *package;

	strbuf_addf(&out->names, "%s%s", out->names.len ? ", " : "", name);
	if (!recipe_var(s, r, arena_printf(&s->arena, "package.%s", name), &package, e))
		return false;
	if (package && !strstr(out->packages.buf, package))
		strbuf_addf(&out->packages, "%s%s", out->packages.len ? " " : "", package);
	return true;
}

bool builder_missing_tools(struct session *s, const struct recipe *r, struct missing_tools *out,
			   struct err *e)
{
	const char *path = getenv("PATH");
	struct strv names = { 0 };
	bool ok = recipe_words(s, r, "toolchain", &names, e);

	for (size_t i = 0; ok && i < names.count; i++) {
		AUTO_FREE char *found =
			process_find_program(names.items[i], path ? path : "/usr/bin:/bin");

		ok = found || add_missing(s, r, names.items[i], out, e);
	}
	vec_free(&names);
	return ok;
}

void missing_tools_free(struct missing_tools *m)
{
	strbuf_free(&m->names);
	strbuf_free(&m->packages);
}

static void choose_host(struct builder_choice *c, const char *why)
{
	c->builder = builder_by_name("host");
	c->why = why;
}

static void set_problem(struct session *s, struct builder_choice *c, const struct err *e)
{
	c->problem = arena_strdup(&s->arena, e->msg);
	c->hint = e->hint ? arena_strdup(&s->arena, e->hint) : NULL;
}

/* `wanted`: an engine's name, NULL for any. False, with the error, when there is none that can be used. */
static bool choose_engine(struct session *s, const struct recipe *r, const char *wanted,
			  struct builder_choice *c, struct err *e)
{
	if (!c->image) {
		err_set(e, "the rules of %s name no image to build it in (container)", r->id);
		return err_hint(e, "name one: --container IMAGE");
	}
	if (!s->top->engines)
		s->top->engines = engines_create();
	if (!engines_find(s->top->engines, wanted, c->image, &c->engine, e))
		return false;
	c->builder = builder_by_name(engine_name(c->engine));
	s->top->contains = true;
	return true;
}

/* `container`, in which ${container.tag} is what `container.version` leads to in the tree. */
static bool image_of_rules(struct session *s, const struct recipe *r, const char **out,
			   struct err *e)
{
	AUTO_STRBUF tag = STRBUF_INIT;
	struct strv words = { 0 };
	struct rules_binding binding;
	struct rules_env env = { .rules = r->env.rules, .board = r->env.board, .outer = &r->env };
	bool ok = recipe_words(s, r, "container.version", &words, e);

	if (ok && words.count) {
		image_tag_find(s->tree.root, &words, &tag);
		binding = rules_literal(&s->arena, "container.tag", tag.buf);
		env.extra = &binding;
		env.extra_count = 1;
	}
	vec_free(&words);
	return ok && rules_get(&env, "container", &s->arena, out, e);
}

/* The user's image, else that of the rules; c->image stays NULL when there is none. Only for who may need it: it reads files. */
static bool find_image(struct session *s, const struct recipe *r, struct builder_choice *c,
		       struct err *e)
{
	c->image = s->opt->container;
	if (!c->image && !image_of_rules(s, r, &c->image, e))
		return false;
	if (!c->image || *c->image != '-')
		return true;
	err_set(e, "the rules of %s name an image that an engine takes for an option: %s", r->id,
		c->image);
	return err_hint(e, "its name cannot begin with '-': see `container` in the rules");
}

static bool choose_for_user(struct session *s, const struct recipe *r, const char *wanted,
			    struct builder_choice *c, struct err *e)
{
	AUTO_ERR problem = ERR_INIT;

	if (!find_image(s, r, c, e))
		return false;

	c->why = !wanted           ? "--container was given"
		 : s->opt->builder ? "--builder was given"
				   : "MPFLASH_BUILDER is set";
	if (!choose_engine(s, r, wanted, c, &problem)) {
		c->builder = builder_by_name(wanted ? wanted : "podman");
		set_problem(s, c, &problem);
	}
	return true;
}

/* Without an engine the host is left, and what it lacks is told when it matters. */
static bool choose_by_itself(struct session *s, const struct recipe *r, struct builder_choice *c,
			     struct err *e)
{
	AUTO_ERR no_engine = ERR_INIT;
	AUTO_MISSING_TOOLS missing = MISSING_TOOLS_INIT;

	if (!builder_missing_tools(s, r, &missing, e))
		return false;
	if (!missing.names.len) {
		choose_host(c, "its tools are on this machine");
		return true;
	}
	if (!find_image(s, r, c, e))
		return false;
	if (!c->image) {
		choose_host(c, "its rules name no image");
		return true;
	}
	if (choose_engine(s, r, NULL, c, &no_engine)) {
		c->why = arena_printf(&s->arena, "not on the PATH: %s", missing.names.buf);
		return true;
	}
	choose_host(c, "no container engine can be used");
	c->no_engine = arena_strdup(&s->arena, no_engine.msg);
	c->hint = no_engine.hint ? arena_strdup(&s->arena, no_engine.hint) : NULL;
	return true;
}

bool builder_choose(struct session *s, struct recipe *r, const struct builder_choice **out,
		    struct err *e)
{
	const char *wanted = wanted_builder(s->opt);
	struct builder_choice *c;
	bool ok = true;

	*out = r->choice;
	if (r->choice)
		return true;
	c = ARENA_NEW(&s->arena, struct builder_choice);
	if (wanted && strcmp(wanted, "host") == 0)
		choose_host(c, s->opt->builder ? "--builder was given" : "MPFLASH_BUILDER is set");
	else if (wanted || s->opt->container)
		ok = choose_for_user(s, r, wanted, c, e);
	else
		ok = choose_by_itself(s, r, c, e);
	if (!ok)
		return false;
	if (!c->builder->contains)
		c->image = NULL;
	*out = r->choice = c;
	return true;
}

bool builder_check(const struct recipe *r, const struct builder_choice *c, struct err *e)
{
	if (!c->problem)
		return true;
	err_set(e, "'%s': %s", r->id, c->problem);
	return c->hint ? err_hint(e, "%s", c->hint) : false;
}

bool builder_image(const struct builder_choice *c, struct engine_image *out, struct err *e)
{
	return engine_image(c->engine, c->image, out, e);
}

bool builder_image_step(struct step *compile, struct step **out, struct err *e)
{
	struct recipe *r = compile->recipe, *of_image;
	const struct builder_choice *c;
	struct engine_image image;

	*out = NULL;
	if (!builder_choose(r->s, r, &c, e))
		return false;
	if (!c->engine || c->problem)
		return true;
	if (!builder_image(c, &image, e))
		return false;
	if (image.here)
		return true;
	of_image = recipe_of_image(r->s->top, c->image);
	if (!of_image->steps.count) {
		of_image->choice = c;
		recipe_add_step(r->s->top, of_image, &image_step, "pull");
	}
	*out = of_image->steps.items[0];
	return true;
}
