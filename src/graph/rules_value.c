/* SPDX-License-Identifier: MIT
 *
 * What variables stand for: which of a variable's values a board sees, and its text with the
 * variables inside it expanded. Nothing is remembered, so one set of rules serves many boards (and
 * threads) at once.
 */
#include <string.h>

#include "graph/rules_internal.h"

/* A value being expanded, and those that it stands in. */
struct frame {
	const struct rules_binding *binding;
	const struct frame *outer;
	int depth;
};

struct expansion {
	const struct rules_env *env;
	size_t lookups;
	bool words; /* plain text of build lines is quoted, so that splitting keeps it together */
	struct err *e;
};

/* ---- lookup ---- */

static uint32_t hash_name(const char *name)
{
	uint32_t h = 2166136261u; /* FNV-1a */

	for (; *name; name++)
		h = (h ^ (unsigned char)*name) * 16777619u;
	return h % RULES_BUCKETS;
}

static struct rules_variable *find_variable(const struct rules *r, const char *name)
{
	struct rules_variable *v = r->variables[hash_name(name)];

	while (v && strcmp(v->name, name))
		v = v->next;
	return v;
}

void rules_set_variable(struct rules *r, const struct rules_scope *scope,
			const struct rules_binding *b)
{
	struct rules_variable *v = find_variable(r, b->name);
	struct rules_scoped *value = ARENA_NEW(&r->arena, struct rules_scoped);
	size_t at;

	if (!v) {
		uint32_t bucket = hash_name(b->name);

		v = ARENA_NEW(&r->arena, struct rules_variable);
		v->name = b->name;
		v->next = r->variables[bucket];
		r->variables[bucket] = v;
	}
	*value = (struct rules_scoped){ .scope = *scope, .binding = *b };
	vec_push(&v->values, value);
	for (at = v->values.count - 1; at > 0; at--) {
		if (rules_scope_rank(&v->values.items[at - 1]->scope) <= rules_scope_rank(scope))
			break;
		v->values.items[at] = v->values.items[at - 1];
	}
	v->values.items[at] = value;
}

/* The value that wins, or with `hidden_by` the one that this one hides. NULL: none. */
static const struct rules_binding *lookup(const struct rules_env *env, const char *name,
					  const struct rules_binding *hidden_by)
{
	const struct rules_variable *v;

	for (;; env = env->outer) {
		for (size_t i = 0; i < env->extra_count; i++) {
			const struct rules_binding *b = &env->extra[i];

			if (strcmp(b->name, name))
				continue;
			if (!hidden_by)
				return b;
			if (b == hidden_by)
				hidden_by = NULL;
		}
		if (!env->outer)
			break;
	}
	v = env->rules ? find_variable(env->rules, name) : NULL;
	for (size_t i = v ? v->values.count : 0; i-- > 0;) {
		const struct rules_scoped *s = v->values.items[i];

		if (!rules_scope_matches(&s->scope, &env->board))
			continue;
		if (!hidden_by)
			return &s->binding;
		if (&s->binding == hidden_by)
			hidden_by = NULL;
	}
	return NULL;
}

/* ---- expansion ---- */

static const struct rules *rules_of(const struct expansion *x)
{
	const struct rules_env *env = x->env;

	while (env->outer)
		env = env->outer;
	return env->rules;
}

static bool expand(struct expansion *x, const struct rules_value *v, const struct frame *in,
		   struct strbuf *out);

/* `in` is the value that the part stands in. */
static bool circle(struct expansion *x, const struct rules_part *part, const struct frame *in)
{
	rules_err_at(rules_of(x), part->pos, x->e, "'%s' refers to itself", part->text);
	if (!strcmp(in->binding->name, part->text))
		return err_hint(x->e, "no wider or earlier value of it is there to add to");
	return err_hint(x->e, "by way of '%s': give one of them a value of its own",
			in->binding->name);
}

static bool too_much(struct expansion *x, struct rules_pos pos, const char *what)
{
	rules_err_at(rules_of(x), pos, x->e, "%s", what);
	return err_hint(x->e, "look for variables that grow each other");
}

static bool expand_variable(struct expansion *x, const struct rules_part *part,
			    const struct frame *in, struct strbuf *out)
{
	bool own = in && !strcmp(in->binding->name, part->text);
	const struct rules_binding *b = lookup(x->env, part->text, own ? in->binding : NULL);
	struct frame frame = { .binding = b, .outer = in, .depth = in ? in->depth + 1 : 1 };

	if (!b)
		return own ? circle(x, part, in) : true;
	for (const struct frame *f = in; f; f = f->outer)
		if (f->binding == b)
			return circle(x, part, in);
	if (frame.depth > RULES_NEST_MAX || ++x->lookups > RULES_LOOKUPS_MAX)
		return too_much(x, part->pos, "variables inside variables without end");
	return expand(x, b->value, &frame, out);
}

static bool expand(struct expansion *x, const struct rules_value *v, const struct frame *in,
		   struct strbuf *out)
{
	for (size_t i = 0; i < v->count; i++) {
		const struct rules_part *part = &v->parts[i];

		if (part->is_var) {
			if (!expand_variable(x, part, in, out))
				return false;
		} else if (x->words && v->is_path) {
			rules_quote(out, part->text);
		} else {
			strbuf_adds(out, part->text);
		}
		if (out->len > RULES_TEXT_MAX)
			return too_much(x, part->pos, "the text grows over 1 MiB");
	}
	return true;
}

/* `in` says whose value v is; NULL: nobody's. */
static bool expand_to(struct expansion *x, const struct rules_value *v, const struct frame *in,
		      struct arena *a, const char **out)
{
	AUTO_STRBUF sb = STRBUF_INIT;

	*out = NULL;
	if (!expand(x, v, in, &sb))
		return false;
	*out = arena_strndup(a, sb.buf, sb.len);
	return true;
}

bool rules_expand(const struct rules_env *env, const struct rules_value *v, struct arena *a,
		  const char **out, struct err *e)
{
	struct expansion x = { .env = env, .e = e };

	return expand_to(&x, v, NULL, a, out);
}

bool rules_expand_quoted(const struct rules_env *env, const struct rules_value *v, struct arena *a,
			 const char **out, struct err *e)
{
	struct expansion x = { .env = env, .words = true, .e = e };

	return expand_to(&x, v, NULL, a, out);
}

const struct rules_binding *rules_lookup(const struct rules_env *env, const char *name)
{
	return lookup(env, name, NULL);
}

static bool has_word(const char *text, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = text; (at = strstr(at, word)) != NULL; at++)
		if ((at == text || at[-1] == ' ' || at[-1] == '\t') &&
		    (!at[len] || at[len] == ' ' || at[len] == '\t'))
			return true;
	return false;
}

bool rules_mention(const struct rules *r, const char *port, const char *variable, const char *word)
{
	const struct rules_variable *v = find_variable(r, variable);

	for (size_t i = 0; v && i < v->values.count; i++) {
		const struct rules_scoped *s = v->values.items[i];

		if (!s->scope.port || strcmp(s->scope.port, port) != 0)
			continue;
		for (size_t k = 0; k < s->binding.value->count; k++)
			if (!s->binding.value->parts[k].is_var &&
			    has_word(s->binding.value->parts[k].text, word))
				return true;
	}
	return false;
}

bool rules_get(const struct rules_env *env, const char *name, struct arena *a, const char **out,
	       struct err *e)
{
	struct frame frame = { .binding = lookup(env, name, NULL) };
	struct expansion x = { .env = env, .e = e };

	*out = NULL;
	return !frame.binding || expand_to(&x, frame.binding->value, &frame, a, out);
}

struct rules_binding rules_literal(struct arena *a, const char *name, const char *text)
{
	struct rules_value *v = ARENA_NEW(a, struct rules_value);
	struct rules_part *part = ARENA_NEW(a, struct rules_part);

	part->text = arena_strdup(a, text);
	v->parts = part;
	v->count = 1;
	return (struct rules_binding){ .name = arena_strdup(a, name), .value = v };
}

struct rules_pos rules_value_pos(const struct rules_value *v)
{
	return v->pos;
}
