/* SPDX-License-Identifier: MIT
 *
 * Rule files from anywhere. The input is one or more files, divided by bytes 0xff (which no good
 * file has): the first is loaded, `include N` reads the others. What parses is checked, and all of
 * its variables and build lines are expanded for a board that each build and rule is for.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "graph/rules_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	FILE_DIVIDER = 0xff,
	TEXTS_MAX = 200 /* expansions for one input: each may be a megabyte */
};

struct input {
	const uint8_t *data;
	size_t size;
};

struct walk {
	const struct rules *rules;
	int texts;
};

static void must(bool ok)
{
	if (!ok)
		abort();
}

/* File `path`: a number, after whatever folder. */
static bool read_part(void *ctx, const char *path, struct strbuf *out, struct err *e)
{
	const struct input *in = ctx;
	const char *slash = strrchr(path, '/');
	long n = strtol(slash ? slash + 1 : path, NULL, 10);
	const uint8_t *p = in->data, *end = in->data + in->size;

	for (; n > 0; n--) {
		p = p < end ? memchr(p, FILE_DIVIDER, (size_t)(end - p)) : NULL;
		if (!p)
			return err_set(e, "%s: no such file", path);
		p++;
	}
	while (p < end && *p != FILE_DIVIDER)
		strbuf_addch(out, (char)*p++);
	return true;
}

/* Whatever the input, a message can be printed: there is nothing that a terminal would act on. */
static void check_text(const char *s)
{
	const char *end = s + strlen(s);

	while (s < end) {
		size_t len = rules_utf8(s, end);

		must(len && ((unsigned char)*s >= 0x20 || *s == '\n' || *s == '\t') && *s != 0x7f);
		s += len;
	}
}

static void check_error(struct err *e)
{
	must(e->msg && e->hint);
	check_text(e->msg);
	check_text(e->hint);
	if (strstr(e->msg, "\n  "))
		must(e->msg[strlen(e->msg) - 1] == '^');
	err_free(e);
}

/* Words, quoted and joined, split into the same words. */
static void check_quoting(const struct rules_env *env, const struct strv *words, struct arena *a)
{
	AUTO_STRBUF line = STRBUF_INIT;
	AUTO_ERR e = ERR_INIT;
	struct rules_binding b;
	struct rules_env again = { .outer = env, .extra = &b, .extra_count = 1 };
	struct strv got = { 0 };

	for (size_t i = 0; i < words->count; i++) {
		rules_quote(&line, words->items[i]);
		strbuf_addch(&line, ' ');
	}
	b = rules_literal(a, "line", line.buf);
	must(rules_get_words(&again, "line", a, &got, &e));
	must(got.count == words->count);
	for (size_t i = 0; i < got.count; i++)
		must(!strcmp(got.items[i], words->items[i]));
	vec_free(&got);
}

static void get(struct walk *w, const struct rules_env *env, const char *name)
{
	AUTO_ARENA a = ARENA_INIT;
	AUTO_ERR e = ERR_INIT;
	struct strv words = { 0 };
	const char *text = NULL;

	if (w->texts++ > TEXTS_MAX)
		return;
	if (!rules_get(env, name, &a, &text, &e)) {
		must(!text);
		check_error(&e);
	} else if (!rules_get_words(env, name, &a, &words, &e)) {
		check_error(&e);
	} else {
		must(text || !words.count);
		check_quoting(env, &words, &a);
	}
	vec_free(&words);
}

static void expand(struct walk *w, const struct rules_env *env, const struct rules_value *v)
{
	AUTO_ARENA a = ARENA_INIT;
	AUTO_ERR e = ERR_INIT;
	struct strv words = { 0 };
	const char *text;

	if (w->texts++ > TEXTS_MAX)
		return;
	must(rules_value_pos(v).line > 0 && rules_value_pos(v).column > 0);
	if (!rules_expand(env, v, &a, &text, &e) || !rules_expand_words(env, v, &a, &words, &e))
		check_error(&e);
	vec_free(&words);
}

/* A board that the block is for; what it leaves open is made up. */
static struct rules_scope board_of(const struct rules_scope *s)
{
	return (struct rules_scope){
		.port = s->port ? s->port : "p",
		.mcu = s->mcu ? s->mcu : "m",
		.board = s->board ? s->board : "b",
		.variant = s->variant,
	};
}

static void walk_variables(struct walk *w, const struct rules_env *env)
{
	for (size_t i = 0; i < RULES_BUCKETS; i++)
		for (struct rules_variable *v = w->rules->variables[i]; v; v = v->next)
			get(w, env, v->name);
}

static void walk_build(struct walk *w, const struct rules_build *b)
{
	struct rules_scope board = board_of(&b->scope);
	const struct rules_rule *rule = rules_find_rule(w->rules, &board, b->rule);
	struct rules_env of_rule = { .rules = w->rules, .board = board };
	struct rules_env env = { .outer = &of_rule,
				 .extra = b->bindings.items,
				 .extra_count = b->bindings.count };

	must(rules_scope_matches(&b->scope, &board));
	if (rule) {
		of_rule.extra = rule->bindings.items;
		of_rule.extra_count = rule->bindings.count;
	}
	for (size_t i = 0; i < of_rule.extra_count; i++)
		get(w, &env, of_rule.extra[i].name);
	for (size_t i = 0; i < b->bindings.count; i++)
		get(w, &env, b->bindings.items[i].name);
	for (size_t i = 0; i < b->outs.count; i++)
		expand(w, &env, b->outs.items[i]);
	for (size_t i = 0; i < b->maybe_outs.count; i++)
		expand(w, &env, b->maybe_outs.items[i]);
	for (size_t i = 0; i < b->ins.count; i++)
		expand(w, &env, b->ins.items[i]);
	for (size_t i = 0; i < b->implicit_ins.count; i++)
		expand(w, &env, b->implicit_ins.items[i]);
	walk_variables(w, &env);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	const struct rules_reader reader = { .read = read_part, .ctx = &in };
	struct rules *r = rules_create();
	struct walk w = { .rules = r };
	AUTO_ERR e = ERR_INIT;

	rules_set_reader(r, &reader);
	if (!rules_load(r, "f/0", &e) || !rules_check(r, &e)) {
		check_error(&e);
	} else {
		struct rules_env nowhere = { .rules = r };
		struct strv ports = rules_ports(r);

		for (size_t i = 0; i < ports.count; i++)
			must(rules_has_port(r, ports.items[i]));
		vec_free(&ports);
		walk_variables(&w, &nowhere);
		for (size_t i = 0; i < rules_build_count(r); i++)
			walk_build(&w, rules_build_at(r, i));
	}
	rules_destroy(r);
	return 0;
}
