/* SPDX-License-Identifier: MIT
 *
 * From rule statements to steps, for one board.
 */
#include "graph/recipe.h"

#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "base/path.h"
#include "base/suggest.h"
#include "graph/configuration.h"
#include "graph/kinds.h"
#include "graph/known_board.h"
#include "image/image.h"

bool recipe_var(struct session *s, const struct recipe *r, const char *name, const char **out,
		struct err *e)
{
	return rules_get(&r->env, name, &s->arena, out, e);
}

bool recipe_words(struct session *s, const struct recipe *r, const char *name, struct strv *out,
		  struct err *e)
{
	return rules_get_words(&r->env, name, &s->arena, out, e);
}

struct node *recipe_find(const struct recipe *r, const char *name)
{
	for (size_t i = 0; i < r->nodes.count; i++)
		if (strcmp(r->nodes.items[i]->name, name) == 0)
			return r->nodes.items[i];
	return NULL;
}

struct node *recipe_add_node(struct session *s, struct recipe *r, const char *name)
{
	struct node *n = recipe_find(r, name);

	if (n)
		return n;
	n = ARENA_NEW(&s->arena, struct node);
	n->name = arena_strdup(&s->arena, name);
	n->recipe = r;
	vec_push(&r->nodes, n);
	return n;
}

struct step *recipe_add_step(struct session *s, struct recipe *r, const struct step_kind *kind,
			     const char *label)
{
	struct step *step = ARENA_NEW(&s->arena, struct step);

	step->kind = kind;
	step->recipe = r;
	step->label = label;
	step->id = arena_printf(&s->arena, "%s %s", r->id, label);
	step->parts = (struct strbuf)STRBUF_INIT;
	step->lock = (struct lock)LOCK_INIT;
	step->result_fd = -1;
	vec_push(&r->steps, step);
	return step;
}

/* --- the recipe itself: names, folders, variables ------------------------------------------------------ */

/* Two ports may have a board of one name: then the folder says which. */
static bool name_is_shared(struct session *s, const struct board *board)
{
	for (size_t i = 0; i < catalogue_count(s->catalogue); i++) {
		const struct board *other = catalogue_at(s->catalogue, i);

		if (other != board && strcmp(other->id, board->id) == 0)
			return true;
	}
	return false;
}

static void add_literal(struct session *s, struct rules_binding *vars, size_t *n, const char *name,
			const char *value)
{
	vars[(*n)++] = rules_literal(&s->arena, name, value ? value : "");
}

static const char *argument(struct session *s, const char *name, const char *value)
{
	AUTO_STRBUF word = STRBUF_INIT, quoted = STRBUF_INIT;

	if (!value)
		return "";
	strbuf_addf(&word, "%s=%s", name, value);
	rules_quote(&quoted, word.buf);
	return arena_strdup(&s->arena, quoted.buf);
}

/* The variables that rule files get from us; see docs/RULES.md. */
static bool add_variables(struct session *s, struct recipe *r, struct err *e)
{
	struct rules_binding *vars =
		ARENA_ARRAY(&s->arena, struct rules_binding, 8 + config_given_count(s));
	const struct board *b = r->board && !r->board->pseudo ? r->board : NULL;
	const char *outside = b && b->outside ? b->dir : NULL, *variant_name;
	AUTO_STRBUF dir = STRBUF_INIT;
	size_t n = 0;

	if (!recipe_var(s, r, "variant.make", &variant_name, e))
		return false;
	rules_quote(&dir, outside ? outside : "");
	add_literal(s, vars, &n, "board", b ? b->id : r->board ? NULL : r->env.board.board);
	add_literal(s, vars, &n, "variant", r->variant);
	add_literal(s, vars, &n, "mcu", b ? b->mcu : r->board ? NULL : r->env.board.mcu);
	add_literal(s, vars, &n, "build", r->work_dir);
	add_literal(s, vars, &n, "board_dir", outside ? dir.buf : NULL);
	add_literal(s, vars, &n, "board_arg", argument(s, "BOARD", b ? b->id : NULL));
	add_literal(s, vars, &n, "variant_arg",
		    argument(s, variant_name ? variant_name : "BOARD_VARIANT", r->variant));
	add_literal(s, vars, &n, "board_dir_arg", argument(s, "BOARD_DIR", outside));
	r->env.extra = vars;
	r->env.extra_count = n + config_given(s, vars + n);
	return true;
}

static struct recipe *recipe_create(struct session *s, const char *id, const char *name,
				    const char *folder, const struct rules_scope *scope)
{
	struct recipe *r = ARENA_NEW(&s->arena, struct recipe);
	char *plain = arena_strdup(&s->arena, id);

	for (char *p = plain; *p; p++)
		if (*p == '/')
			*p = '-';
	r->s = s;
	r->key_id = arena_strdup(&s->arena, id);
	r->id = s->ref ? arena_printf(&s->arena, "%s@%s", id, s->ref) : r->key_id;
	r->name = arena_strdup(&s->arena, name);
	r->plain_id = plain;
	r->env = (struct rules_env){ .rules = s->rules, .board = *scope };
	if (s->ref)
		folder = arena_printf(&s->arena, "%s@%s", folder, s->ref_folder);
	r->out_dir = s->out_root ? path_join(&s->arena, s->out_root, folder) : NULL;
	r->work_dir = arena_printf(&s->arena, "%s/%s/%s%s", s->work_root, s->tree_key, plain,
				   scope->board ? config_suffix(s) : "");
	return r;
}

/* --- statements -> steps ---------------------------------------------------------------------------------- */

static bool builtin_kind(struct session *s, const struct rules_build *b,
			 const struct step_kind **kind, const void **detail, struct err *e)
{
	const struct image_format *format = image_format_by_name(b->rule);

	if (strcmp(b->rule, "compile") == 0) {
		*kind = &compile_step;
		return true;
	}
	if (strcmp(b->rule, "merge") == 0) {
		*kind = &merge_step;
		return true;
	}
	if (format && format->write) {
		*kind = &convert_step;
		*detail = format;
		return true;
	}
	rules_err_at(s->rules, b->rule_pos, e, "this version cannot run the rule '%s' in a build",
		     b->rule);
	return err_hint(e, "use compile, merge, bin, hex, dfu, uf2, or a rule with a command");
}

/* The part of a board's file name that tells its format: "hex", "signed.bin". */
static const char *step_label(struct session *s, const struct rules_build *b, const char *out)
{
	const char *dot = strchr(path_base(out), '.');

	if (rules_is_builtin(b->rule))
		return b->rule;
	return dot ? arena_printf(&s->arena, "%s %s", b->rule, dot + 1) : b->rule;
}

/*
 * Whether statement `b` gets to make `name`: a more specific one wins, equally specific ones are an error, a sure
 * output goes before an optional one of another statement.
 */
static bool claim(struct session *s, struct recipe *r, const struct rules_build *b,
		  const char *name, bool maybe, struct err *e)
{
	struct node *n = recipe_add_node(s, r, name);
	const struct rules_build **slot = maybe ? &n->maybe_claim : &n->claim;
	int mine = rules_scope_rank(&b->scope),
	    theirs = *slot ? rules_scope_rank(&(*slot)->scope) : -1;

	if (*slot && mine == theirs) {
		rules_err_at(s->rules, b->pos, e, "two steps make %s for %s: %s:%d does too", name,
			     r->id, (*slot)->pos.file, (*slot)->pos.line);
		return err_hint(e, "remove one, or put one into a narrower block (board, variant)");
	}
	if (mine > theirs)
		*slot = b;
	return true;
}

static struct rules_env statement_env(struct session *s, const struct recipe *r,
				      const struct rules_build *b)
{
	return (struct rules_env){
		.rules = s->rules,
		.board = r->env.board,
		.outer = &r->env,
		.extra = b->bindings.items,
		.extra_count = b->bindings.count,
	};
}

typedef bool name_fn(struct session *s, struct recipe *r, const struct rules_build *b,
		     const char *name, bool maybe, void *ctx, struct err *e);

/* Calls fn for each name that the values expand to. */
static bool each_name(struct session *s, struct recipe *r, const struct rules_build *b,
		      const struct rules_value *const *values, size_t count, bool maybe,
		      name_fn *fn, void *ctx, struct err *e)
{
	const struct rules_env env = statement_env(s, r, b);
	struct strv words = { 0 };
	bool ok = true;

	for (size_t i = 0; ok && i < count; i++)
		ok = rules_expand_words(&env, values[i], &s->arena, &words, e);
	for (size_t i = 0; ok && i < words.count; i++)
		ok = fn(s, r, b, words.items[i], maybe, ctx, e);
	vec_free(&words);
	return ok;
}

static bool claim_name(struct session *s, struct recipe *r, const struct rules_build *b,
		       const char *name, bool maybe, void *ctx, struct err *e)
{
	(void)ctx;
	return claim(s, r, b, name, maybe, e);
}

static bool claim_all(struct session *s, struct recipe *r, const struct rules_build *b,
		      struct err *e)
{
	return each_name(s, r, b, b->outs.items, b->outs.count, false, claim_name, NULL, e) &&
	       each_name(s, r, b, b->maybe_outs.items, b->maybe_outs.count, true, claim_name, NULL,
			 e);
}

/* A step takes the outputs that its statement won. */
static bool take_out(struct session *s, struct recipe *r, const struct rules_build *b,
		     const char *name, bool maybe, void *ctx, struct err *e)
{
	struct node *n = recipe_find(r, name);
	struct step *step = ctx;

	(void)s;
	(void)e;
	if (maybe && n->maybe_claim == b && n->claim != b) {
		n->maybe_maker = step;
		vec_push(&step->maybe_outs, n);
	} else if (!maybe && n->claim == b) {
		n->maker = step;
		vec_push(&step->outs, n);
	}
	return true;
}

/* A file of another board's folder, named from a statement of the tree, or a source of the tree. */
static struct node *source_node(struct session *s, const char *name)
{
	struct node *n = ARENA_NEW(&s->arena, struct node);

	n->name = arena_strdup(&s->arena, name);
	return n;
}

static bool take_in(struct session *s, struct recipe *r, const struct rules_build *b,
		    const char *name, bool implicit, void *ctx, struct err *e)
{
	struct step *step = ctx;
	struct node *n = recipe_find(r, name);

	(void)e;
	(void)b;
	if (!n)
		n = source_node(s, name);
	if (implicit)
		vec_push(&step->implicit_ins, n);
	else
		vec_push(&step->ins, n);
	return true;
}

static bool add_build_step(struct session *s, struct recipe *r, const struct rules_build *b,
			   struct err *e)
{
	const struct step_kind *kind = &command_step;
	const struct rules_rule *rule = rules_find_rule(s->rules, &r->env.board, b->rule);
	const void *detail = NULL;
	struct step *step;

	if (!rule && !builtin_kind(s, b, &kind, &detail, e))
		return false;
	step = recipe_add_step(s, r, kind, b->rule);
	step->build = b;
	step->rule = rule;
	step->detail = detail;
	if (!each_name(s, r, b, b->outs.items, b->outs.count, false, take_out, step, e) ||
	    !each_name(s, r, b, b->maybe_outs.items, b->maybe_outs.count, true, take_out, step, e))
		return false;
	if (!step->outs.count && !step->maybe_outs.count)
		return true; /* narrower statements make all of it */
	step->label = step_label(s, b,
				 step->outs.count ? step->outs.items[0]->name
						  : step->maybe_outs.items[0]->name);
	step->id = arena_printf(&s->arena, "%s %s", r->id,
				step->outs.count ? step->outs.items[0]->name : step->label);
	if (kind == &compile_step)
		r->compile = step;
	return each_name(s, r, b, b->ins.items, b->ins.count, false, take_in, step, e) &&
	       each_name(s, r, b, b->implicit_ins.items, b->implicit_ins.count, true, take_in, step,
			 e);
}

/* Whether the statement is one of this recipe: by its scope, and by its own `when`, which is not empty then. */
static bool applies(struct session *s, const struct recipe *r, const struct rules_build *b,
		    bool *out, struct err *e)
{
	bool tree_statement = rules_scope_rank(&b->scope) == 0;
	const struct rules_env env = statement_env(s, r, b);
	const char *text;

	*out = tree_statement == !r->env.board.port &&
	       rules_scope_matches(&b->scope, &r->env.board);
	for (size_t i = 0; *out && i < b->bindings.count; i++) {
		if (strcmp(b->bindings.items[i].name, "when") != 0)
			continue;
		if (!rules_expand(&env, b->bindings.items[i].value, &s->arena, &text, e))
			return false;
		*out = text[strspn(text, " \t")] != '\0';
	}
	return true;
}

static bool add_steps(struct session *s, struct recipe *r, struct err *e)
{
	typedef bool statement_fn(struct session *, struct recipe *, const struct rules_build *,
				  struct err *);
	static statement_fn *const passes[] = { claim_all, add_build_step };
	size_t count = rules_build_count(s->rules);

	for (size_t k = 0; k < ARRAY_SIZE(passes); k++)
		for (size_t i = 0; i < count; i++) {
			const struct rules_build *b = rules_build_at(s->rules, i);
			bool is_ours;

			if (!applies(s, r, b, &is_ours, e) || (is_ours && !passes[k](s, r, b, e)))
				return false;
		}
	return true;
}

/* --- the public ways in ------------------------------------------------------------------------------------- */

bool port_check_covered(struct session *s, const char *port, struct err *e)
{
	struct rules_env env = { .rules = s->rules, .board = { .port = port } };
	const char *why;

	if (!rules_get(&env, "unsupported", &s->arena, &why, e))
		return false;
	if (why) {
		err_set(e, "the port '%s' is not covered: %s", port, why);
		return err_hint(e, "docs/ADD-A-PORT.md shows how to add one");
	}
	if (rules_has_port(s->rules, port))
		return true;
	err_set(e, "there are no rules for the port '%s'", port);
	return err_hint(
		e,
		"add a `port %s` block to mpflash.rules in the tree; docs/ADD-A-PORT.md shows how",
		port);
}

static void step_close(struct step *step)
{
	if (step->kind->close)
		step->kind->close(step);
	strbuf_free(&step->parts);
	vec_free(&step->ins);
	vec_free(&step->implicit_ins);
	vec_free(&step->outs);
	vec_free(&step->maybe_outs);
	vec_free(&step->needs);
	lock_release(&step->lock);
}

static void recipe_close(struct recipe *r)
{
	for (size_t i = 0; i < r->steps.count; i++)
		step_close(r->steps.items[i]);
	vec_free(&r->steps);
	vec_free(&r->nodes);
}

/* A recipe that cannot be filled is not kept: asked for again, it fails again. */
static bool recipe_fill(struct session *s, struct recipe *r, struct err *e)
{
	if ((!r->env.board.port || port_check_covered(s, r->env.board.port, e)) &&
	    add_variables(s, r, e) && add_steps(s, r, e)) {
		map_put(&s->recipes, r->key_id, r);
		return true;
	}
	recipe_close(r);
	return false;
}

bool recipe_get(struct session *s, struct board *board, const char *variant, struct recipe **out,
		struct err *e)
{
	const char *shown =
		variant && !(board->default_variant && strcmp(variant, board->default_variant) == 0)
			? variant
			: NULL;
	const char *name =
		arena_printf(&s->arena, "%s%s%s", board->id, shown ? "-" : "", shown ? shown : "");
	const char *id = board->pseudo ? name : arena_printf(&s->arena, "%s/%s", board->port, name);
	const char *folder = name_is_shared(s, board)
				     ? arena_printf(&s->arena, "%s-%s", board->port, name)
				     : name;
	struct rules_scope scope = { board->port, board->mcu, board->id, variant };

	*out = map_get(&s->recipes, id);
	if (*out)
		return true;
	*out = recipe_create(s, id, name, folder, &scope);
	(*out)->board = board;
	(*out)->variant = variant;
	return recipe_fill(s, *out, e);
}

bool recipe_mboot(struct session *s, struct board *board, struct recipe **out, struct err *e)
{
	const char *port = arena_printf(&s->arena, "mboot-%s", board->port);
	const char *id = arena_printf(&s->arena, "%s/%s", port, board->id);
	struct rules_scope scope = { .port = port, .mcu = board->mcu, .board = board->id };
	const char *name = arena_printf(&s->arena, "mboot-%s", board->id);

	*out = map_get(&s->recipes, id);
	if (*out)
		return true;
	*out = recipe_create(
		s, id, name,
		name_is_shared(s, board) ? arena_printf(&s->arena, "%s-%s", port, board->id) : name,
		&scope);
	(*out)->board = board;
	/* Its make leaves a version header alone that is there, and nothing is saved: it is built in seconds. */
	(*out)->never_keep_work = true;
	return recipe_fill(s, *out, e);
}

static bool recipe_special(struct session *s, const char *id, const char *folder,
			   const struct rules_scope *scope, struct recipe **out, struct err *e)
{
	*out = map_get(&s->recipes, id);
	if (*out)
		return true;
	*out = recipe_create(s, id, path_base(id), folder, scope);
	return recipe_fill(s, *out, e);
}

/* One a builder and image: a program of one machine need not run on another. Its key is that of any mpy-cross. */
static bool fill_mpy_cross(struct session *s, const struct builder_choice *of_board, const char *id,
			   struct recipe **out, struct err *e)
{
	static const struct rules_scope scope = { .port = "mpy-cross" };
	struct recipe *r = recipe_create(s, "mpy-cross", "mpy-cross", "mpy-cross", &scope);
	char hex[DIGEST_HEX_SIZE];

	*out = r;
	r->choice = of_board;
	r->keep_work = true; /* one folder, and every change of it rebuilds boards */
	if (of_board) {
		struct digest d = digest_of(id, strlen(id));

		digest_hex(&d, hex);
		r->id = arena_printf(&s->arena, "%s in %s", r->id,
				     of_board->image ? of_board->image : of_board->builder->name);
		r->work_dir = arena_printf(&s->arena, "%s+%.8s", r->work_dir, hex);
	}
	if (add_variables(s, r, e) && add_steps(s, r, e)) {
		map_put(&s->recipes, id, r);
		return true;
	}
	recipe_close(r);
	return false;
}

bool recipe_mpy_cross(struct session *s, const struct builder_choice *of_board, struct recipe **out,
		      struct err *e)
{
	const char *id = "mpy-cross";

	if (of_board && !of_board->builder->contains)
		of_board = NULL;
	if (of_board)
		id = arena_printf(&s->arena, "mpy-cross %s %s", of_board->builder->name,
				  of_board->image ? of_board->image : "no image");
	*out = map_get(&s->recipes, id);
	return *out || fill_mpy_cross(s, of_board, id, out, e);
}

struct recipe *recipe_of_image(struct session *s, const char *image)
{
	static const struct rules_scope none = { 0 };
	const char *id = arena_printf(&s->arena, "image %s", image);
	struct recipe *r = map_get(&s->recipes, id);

	if (r)
		return r;
	r = recipe_create(s, image, image, ".", &none);
	map_put(&s->recipes, id, r);
	return r;
}

bool recipe_tree(struct session *s, struct recipe **out, struct err *e)
{
	struct rules_scope scope = { 0 };

	if (!recipe_special(s, "tree", ".", &scope, out, e))
		return false;
	(*out)->out_dir = s->tree.root; /* its paths are the tree's */
	return true;
}

bool recipe_device(struct session *s, const char *port, const char *board, struct recipe **out,
		   struct err *e)
{
	struct rules_scope scope;

	if (!known_board_find(s, port, board, &scope, e))
		return false;
	return recipe_special(s, arena_printf(&s->arena, "%s/%s", scope.port, board), board, &scope,
			      out, e);
}

static bool in_tree(struct session *s, const char *port, const char *board_id,
		    struct board_choice *out)
{
	AUTO_ERR none = ERR_INIT;
	const char *name = arena_printf(&s->arena, "%s/%s", port, board_id);

	return (s->tree.root || s->opt->board_dirs.count) &&
	       catalogue_find(s->catalogue, name, out, &none);
}

bool recipe_released(struct session *s, const char *port, const char *board_id, const char *mcu,
		     struct recipe **out, struct err *e)
{
	size_t len = strcspn(board_id, "-");
	struct rules_scope scope = { .port = arena_strdup(&s->arena, port) };
	struct board_choice choice;

	if (in_tree(s, port, board_id, &choice))
		return recipe_get(s, choice.board, choice.variant, out, e);
	scope.board = arena_strndup(&s->arena, board_id, len);
	scope.variant = board_id[len] ? arena_strdup(&s->arena, board_id + len + 1) : NULL;
	scope.mcu = mcu && *mcu ? arena_strdup(&s->arena, mcu) : NULL;
	return recipe_special(s, arena_printf(&s->arena, "%s/%s", port, board_id), board_id, &scope,
			      out, e);
}

void recipes_close(struct session *s)
{
	for (size_t i = 0; i < s->recipes.size; i++)
		if (s->recipes.slots[i].key)
			recipe_close(s->recipes.slots[i].value);
}
