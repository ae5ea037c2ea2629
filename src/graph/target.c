/* SPDX-License-Identifier: MIT
 *
 * From the words of the command line to goals.
 */
#include "graph/target.h"

#include <string.h>

#include "base/path.h"
#include "base/suggest.h"
#include "graph/device_step.h"
#include "graph/kinds.h"
#include "graph/mboot.h"
#include "graph/recipe.h"
#include "graph/version.h"
#include "image/image.h"
#include "source/address.h"

/* Verbs act on a board or a device; whatever else stands before a board is a format, or "mboot-". */
static const struct verb {
	const char *name;
	const struct step_kind *kind;
	bool takes_image;
} verbs[] = {
	{ "clean", &clean_step, false },  { "flash", &flash_step, true },
	{ "halt", &halt_step, false },    { "read", &read_step, false },
	{ "verify", &verify_step, true },
};

/* "flash-X" -> the verb, *rest = "X". The longest verb wins. */
static const struct verb *find_verb(const char *text, const char **rest)
{
	const struct verb *found = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++) {
		size_t len = strlen(verbs[i].name);

		if (strncmp(text, verbs[i].name, len) == 0 && text[len] == '-') {
			found = &verbs[i];
			*rest = text + len + 1;
		}
	}
	return found;
}

const char *target_verb(size_t i)
{
	for (size_t k = 0; k < ARRAY_SIZE(verbs); k++)
		if (verbs[k].kind && i-- == 0)
			return verbs[k].name;
	return i == 0 ? "mboot" : NULL;
}

bool target_is_action(const char *text)
{
	const char *rest;

	return find_verb(text, &rest) != NULL;
}

bool target_needs_tree(const char *text, bool has_image)
{
	const char *rest;
	const struct verb *v = find_verb(text, &rest);

	if (version_of_target(text))
		return false;
	return !v ||
	       (v->kind != &halt_step && v->kind != &read_step && !(v->takes_image && has_image));
}

/* The format of a file of a board: what stands after the first dot. */
static const char *format_of(const struct node *n)
{
	const char *dot = strchr(path_base(n->name), '.');

	return dot ? dot + 1 : "";
}

/* A port that the rules name with a reason why not, typed alone or before a board; other words pass. */
static bool check_port_word(struct session *s, const char *name, struct err *e)
{
	const char *port = arena_strndup(&s->arena, name, strcspn(name, "/"));

	return !rules_has_port(s->rules, port) || port_check_covered(s, port, e);
}

static bool recipe_for(struct session *s, const char *name, struct recipe **out, struct err *e)
{
	struct board_choice choice;

	if (!*name || *name == '-' || *name == '@') {
		err_usage(e, "a board's name is missing in '%s'", name);
		return err_hint(e, "`mpflash boards` lists them");
	}

	if (!check_port_word(s, name, e))
		return false;
	if (s->tree.root || s->opt->board_dirs.count)
		return catalogue_find(s->catalogue, name, &choice, e) &&
		       recipe_get(s, choice.board, choice.variant, out, e);
	const char *slash = strchr(name, '/');

	return recipe_device(s,
			     slash ? arena_strndup(&s->arena, name, (size_t)(slash - name)) : NULL,
			     slash ? slash + 1 : name, out, e);
}

bool target_recipe(struct session *s, const char *name, const char *ref, struct recipe **out,
		   struct err *e)
{
	const char *shown = ref ? address_public(&s->arena, ref) : NULL;
	struct session *version = s;

	*out = NULL;
	if (ref &&
	    !version_session(s, arena_printf(&s->arena, "%s@%s", name, shown), ref, &version, e))
		return false;
	return !version || recipe_for(version, name, out, e) ||
	       (ref && err_wrap(e, "version '%s'", shown));
}

/* --- files ------------------------------------------------------------------------------------------------ */

static void goal_add_all(struct goal *goal)
{
	for (size_t i = 0; i < goal->recipe->nodes.count; i++)
		vec_push(&goal->files, goal->recipe->nodes.items[i]);
}

/* A file of that format which a statement certainly makes; NULL: none. */
static struct node *sure_node(const struct recipe *r, const char *format)
{
	for (size_t i = 0; i < r->nodes.count; i++)
		if (r->nodes.items[i]->maker && strcmp(format_of(r->nodes.items[i]), format) == 0)
			return r->nodes.items[i];
	return NULL;
}

bool target_reference(struct session *s, struct recipe *r, struct node **out, struct err *e)
{
	const char *name;

	if (!recipe_var(s, r, "reference", &name, e))
		return false;
	*out = recipe_find(r, name ? name : "firmware.elf");
	if (*out)
		return true;
	return err_set(e, "the rules of %s do not say which file is flashed (reference)", r->id);
}

/*
 * A format that no statement is sure to make: what the port's make may leave, and our own conversion of its reference
 * file for when it leaves none.
 */
static bool derive_format(struct session *s, struct goal *goal, const char *format, struct err *e)
{
	const struct image_format *f = image_format_by_name(format);
	struct recipe *r = goal->recipe;
	struct node *n, *reference;
	struct step *step;

	if (!target_reference(s, r, &reference, e))
		return false;
	n = recipe_add_node(s, r, arena_printf(&s->arena, "firmware.%s", format));
	for (size_t i = 0; i < r->nodes.count; i++)
		if (r->nodes.items[i]->maybe_maker &&
		    strcmp(format_of(r->nodes.items[i]), format) == 0 && r->nodes.items[i] != n)
			vec_push(&goal->files, r->nodes.items[i]);
	vec_push(&goal->files, n);
	step = recipe_add_step(s, r, &convert_step, f->name);
	step->id = arena_printf(&s->arena, "%s %s", r->id, n->name);
	step->detail = f;
	vec_push(&step->ins, reference);
	vec_push(&step->outs, n);
	n->maker = step;
	return true;
}

bool target_add_format(struct session *s, struct goal *goal, const char *format, struct err *e)
{
	struct node *n = sure_node(goal->recipe, format);
	const struct image_format *f = image_format_by_name(format);

	if (n) {
		vec_push(&goal->files, n);
		return true;
	}
	if (f && f->write)
		return derive_format(s, goal, format, e);
	err_set(e, "'%s': %s has no file of the format '%s'", goal->text, goal->recipe->id, format);
	return err_hint(e, "`mpflash make -n %s` shows what it has", goal->recipe->name);
}

static const char *const known_formats[] = { "elf", "bin", "hex", "dfu", "uf2", "srec", NULL };

const char *target_format(size_t i)
{
	return known_formats[i];
}

/* True when "xyz" of "xyz-BOARD" is a format: a known one, or one that some statement of a port makes. */
static bool is_format(struct session *s, const char *word)
{
	const char *text;

	for (size_t i = 0; known_formats[i]; i++)
		if (strcmp(word, known_formats[i]) == 0)
			return true;
	text = arena_printf(&s->arena, ".%s", word);
	for (size_t i = 0; i < rules_build_count(s->rules); i++) {
		const struct rules_build *b = rules_build_at(s->rules, i);

		for (size_t k = 0; k < b->outs.count; k++) {
			const struct rules_env env = { .rules = s->rules, .board = b->scope };
			/* a value that needs a board is no plain name */
			AUTO_ERR ignored = ERR_INIT;
			const char *out;
			size_t len, tail = strlen(text);

			if (!rules_expand(&env, b->outs.items[k], &s->arena, &out, &ignored))
				continue;
			len = strlen(out);
			if (len > tail && strcmp(out + len - tail, text) == 0)
				return true;
		}
	}
	return false;
}

/* --- goals -------------------------------------------------------------------------------------------------- */

static bool is_of_device(const struct step_kind *kind)
{
	return kind == &flash_step || kind == &verify_step || kind == &halt_step ||
	       kind == &read_step;
}

/* One action a device (NULL: the board's only one): a target that is named twice asks for it once. */
static struct step *find_action(struct session *s, struct recipe *r, const struct verb *v,
				const struct device *d, bool *is_new)
{
	struct step *step;

	for (size_t i = 0; i < r->steps.count; i++)
		if (r->steps.items[i]->kind == v->kind &&
		    device_step_device(r->steps.items[i]) == d) {
			*is_new = false;
			return r->steps.items[i];
		}
	*is_new = true;
	step = recipe_add_step(s, r, v->kind, v->name);
	if (d)
		device_step_take(s, step, d);
	return step;
}

/* The last thing that was asked of the device so far; NULL: nothing. */
static struct step *last_on_device(const struct recipe *r, const struct device *d)
{
	for (size_t i = r->steps.count; i-- > 0;)
		if (is_of_device(r->steps.items[i]->kind) &&
		    device_step_device(r->steps.items[i]) == d)
			return r->steps.items[i];
	return NULL;
}

static bool add_action(struct session *s, const struct verb *v, const struct device *d,
		       struct goal *goal, struct err *e)
{
	struct node *reference;
	struct step *last;
	bool is_new;

	if (is_of_device(v->kind))
		device_expect(s, goal->recipe);
	last = v->kind == &clean_step ? NULL : last_on_device(goal->recipe, d);
	goal->action = find_action(s, goal->recipe, v, d, &is_new);
	if (is_new && last) /* one device does one thing at a time, in the order of the words */
		vec_push(&goal->action->needs, last);
	if (!v->takes_image || s->opt->image)
		return true;
	if (!target_reference(s, goal->recipe, &reference, e))
		return false;
	if (is_new)
		vec_push(&goal->action->ins, reference);
	vec_push(&goal->files, reference);
	return true;
}

/* What stands before a board in a target: "flash-", "hex-" or nothing; then "mboot-", or nothing. */
struct prefix {
	const struct verb *verb;
	const char *format; /* "": none */
	bool mboot;
};

static const char mboot_word[] = "mboot-";

static const char *take_mboot(const char *rest, struct prefix *p)
{
	size_t len = strlen(mboot_word);

	p->mboot = strncmp(rest, mboot_word, len) == 0;
	return p->mboot ? rest + len : rest;
}

/* Takes the prefix off. */
static const char *take_prefix(struct session *s, const char *text, struct prefix *p)
{
	const char *rest = text, *dash = strchr(text, '-');
	const char *word = dash ? arena_strndup(&s->arena, text, (size_t)(dash - text)) : "";

	*p = (struct prefix){ .verb = find_verb(text, &rest), .format = "" };
	if (!p->verb && dash && is_format(s, word)) {
		p->format = word;
		rest = dash + 1;
	}
	return take_mboot(rest, p);
}

static bool check_prefix(const struct prefix *p, const char *text, struct err *e)
{
	if (p->mboot && p->verb && p->verb->kind != &clean_step) {
		err_usage(e, "'%s': this version builds mboot, but does not %s it", text,
			  p->verb->name);
		return err_hint(e,
				"ports/stm32/mboot/README.md says how a board gets the files "
				"of `mpflash make %s`",
				strstr(text, mboot_word));
	}
	return true;
}

/* The goal has its recipe. */
static bool fill_goal(struct session *s, const struct prefix *p, struct goal *goal, struct err *e)
{
	if (p->verb)
		return add_action(s, p->verb, NULL, goal, e);
	if (*p->format)
		return target_add_format(s, goal, p->format, e);
	goal_add_all(goal);
	return true;
}

/* --all-devices: one goal each. */
static bool push_fleet(struct session *s, const struct prefix *p, const struct goal *goal,
		       struct goals *out, struct err *e)
{
	struct device_choice choice;

	if (!device_choose(s, goal->recipe, &choice, e))
		return false;
	for (size_t i = 0; i < choice.count; i++) {
		struct goal one = *goal;

		if (!add_action(s, p->verb, choice.items[i], &one, e)) {
			vec_free(&one.files);
			return false;
		}
		vec_push(out, one);
	}
	return true;
}

/* The goal has its recipe, and nothing else. */
static bool push_goals(struct session *s, const struct prefix *p, struct goal *goal,
		       struct goals *out, struct err *e)
{
	if (s->opt->all_devices && p->verb && is_of_device(p->verb->kind) &&
	    device_step_wants_device(s, goal->recipe))
		return push_fleet(s, p, goal, out, e);
	if (!fill_goal(s, p, goal, e)) {
		vec_free(&goal->files);
		return false;
	}
	vec_push(out, *goal);
	return true;
}

/* `all` means all that can be built: a port that is not covered is passed over with a word, once. */
static bool is_covered(struct session *s, const char *port)
{
	AUTO_ERR why = ERR_INIT;
	const char *key;

	if (port_check_covered(s, port, &why))
		return true;
	key = arena_strdup(&s->top->arena, port);
	if (!map_get(&s->top->left_out, key)) {
		report_note(s->report, "left out: %s", why.msg);
		map_put(&s->top->left_out, key, (void *)key);
	}
	return false;
}

static bool choice_recipe(struct session *s, const struct prefix *p, const struct board_choice *b,
			  struct recipe **out, struct err *e)
{
	return p->mboot ? recipe_mboot(s, b->board, out, e)
			: recipe_get(s, b->board, b->variant, out, e);
}

/* One goal each; boards without mboot are passed over where that is wanted. `strict`: one that is not covered is an error. */
static bool add_choices(struct session *s, const char *text, const struct prefix *p, bool strict,
			const struct board_choices *all, struct goals *out, struct err *e)
{
	for (size_t i = 0; i < all->count; i++) {
		const struct board_choice *b = &all->items[i];
		struct goal goal = { .text = text, .many = true };

		if (p->mboot ? !mboot_is_had(s, b) : !strict && !is_covered(s, b->board->port))
			continue;
		if (!choice_recipe(s, p, b, &goal.recipe, e) || !push_goals(s, p, &goal, out, e))
			return false;
	}
	return true;
}

static bool resolve_all(struct session *s, const char *text, const char *port, struct goals *out,
			struct err *e)
{
	static const struct prefix none = { .format = "" };
	struct board_choices all = { 0 };
	bool ok = (!port || check_port_word(s, port, e)) &&
		  catalogue_all(s->catalogue, port, &all, e) &&
		  add_choices(s, text, &none, port != NULL, &all, out, e);

	vec_free(&all);
	if (ok && !out->count) {
		err_set(e, "'%s': there are no boards", text);
		return err_hint(e, "`mpflash boards` lists what the tree has");
	}
	return ok;
}

/* "stm32/NUCLEO_*", "hex-*PICO*": boards that are not covered are no failure. */
static bool resolve_glob(struct session *s, const char *text, const char *word, struct goals *out,
			 struct err *e)
{
	struct board_choices fit = { 0 };
	struct prefix p;
	const char *pattern = take_prefix(s, word, &p);
	bool ok;

	if (!s->tree.root && !s->opt->board_dirs.count) {
		err_usage(e, "'%s': a pattern wants a tree", text);
		return err_hint(e, "-C DIR names it");
	}
	ok = check_prefix(&p, text, e) && catalogue_glob(s->catalogue, pattern, &fit, e) &&
	     add_choices(s, text, &p, false, &fit, out, e) &&
	     (out->count || !p.mboot || mboot_none(s, text, &fit, e));
	vec_free(&fit);
	return ok;
}

/* A file that a statement of the tree makes; *found says whether there is one. */
static bool resolve_tree_file(struct session *s, const char *text, struct goal *goal, bool *found,
			      struct err *e)
{
	struct node *n;

	*found = false;
	if (!s->tree.root)
		return true;
	if (!recipe_tree(s, &goal->recipe, e))
		return false;
	n = recipe_find(goal->recipe, text);
	*found = n && n->maker;
	if (*found)
		vec_push(&goal->files, n);
	return true;
}

static bool resolve_board(struct session *s, const char *text, struct goal *goal, struct goals *out,
			  struct err *e)
{
	struct prefix p;
	const char *rest = take_prefix(s, text, &p);

	if (!p.verb && strcmp(text, "mpy-cross") == 0) {
		p.format = "";
		return recipe_mpy_cross(s, NULL, &goal->recipe, e) &&
		       push_goals(s, &p, goal, out, e);
	}
	return check_prefix(&p, text, e) &&
	       (p.mboot ? mboot_recipe(s, rest, &goal->recipe, e)
			: recipe_for(s, rest, &goal->recipe, e)) &&
	       push_goals(s, &p, goal, out, e);
}

/* `word`: the target without a version; `text`: as the user wrote it. */
static bool resolve_here(struct session *s, const char *text, const char *word, struct goals *out,
			 struct err *e)
{
	size_t len = strlen(word);
	struct goal goal = { .text = text };
	bool found;

	if (strcmp(word, "all") == 0)
		return resolve_all(s, text, NULL, out, e);
	if (len > 4 && strcmp(word + len - 4, "/all") == 0 && strncmp(word, mboot_word, 6) == 0)
		return resolve_glob(s, text, arena_printf(&s->arena, "%.*s*", (int)len - 3, word),
				    out, e);
	if (len > 4 && strcmp(word + len - 4, "/all") == 0)
		return resolve_all(s, text, arena_strndup(&s->arena, word, len - 4), out, e);
	if (!resolve_tree_file(s, word, &goal, &found, e))
		return false;
	if (!found && catalogue_is_glob(word))
		return resolve_glob(s, text, word, out, e);
	if (!found)
		return resolve_board(s, word, &goal, out, e);
	vec_push(out, goal);
	return true;
}

/* A file of the tree may have a name with '@' in it. */
static bool is_tree_file(struct session *s, const char *text, bool *is, struct err *e)
{
	struct goal goal = { .text = text };
	bool ok = resolve_tree_file(s, text, &goal, is, e);

	vec_free(&goal.files);
	return ok;
}

static bool resolve_version(struct session *s, const char *text, const char *ref, struct goals *out,
			    struct err *e)
{
	const char *word = arena_strndup(&s->arena, text, (size_t)(ref - text) - 1);
	const char *shown = address_public(&s->arena, ref);
	struct session *version;

	if (!*word) {
		err_usage(e, "'%s': a target stands before the @", text);
		return err_hint(e, "for example RPI_PICO@%s, all@%s", shown, shown);
	}
	text = arena_printf(&s->arena, "%s@%s", word, shown);
	if (!version_session(s, text, ref, &version, e))
		return false;
	return !version || resolve_here(version, text, word, out, e) ||
	       err_wrap(e, "version '%s'", shown);
}

bool target_resolve(struct session *s, const char *text, struct goals *out, struct err *e)
{
	const char *ref = version_of_target(text);
	bool here = true;

	if (ref && !is_tree_file(s, text, &here, e))
		return false;
	return here ? resolve_here(s, text, text, out, e) : resolve_version(s, text, ref, out, e);
}
