/* SPDX-License-Identifier: MIT
 *
 * The statements of rule files and their nesting. Blocks are known by indentation alone: a line
 * deeper than a header is inside it, and all lines of a block are equally deep.
 */
#include <string.h>

#include "base/suggest.h"
#include "graph/rules_internal.h"

enum scope_kind { SCOPE_PORT, SCOPE_MCU, SCOPE_BOARD, SCOPE_VARIANT, SCOPE_KINDS };

static const char *const scope_words[SCOPE_KINDS] = { "port", "mcu", "board", "variant" };
static const char *const statement_words[] = { "port",  "mcu",  "board",  "variant",
					       "build", "rule", "runner", "include" };

/* A block that is open: the file itself, a scope, or the bindings of a rule or build. */
struct frame {
	int header; /* indentation of its first line; -1: the file */
	int body;   /* indentation of the lines inside; -1: none seen yet */
	struct rules_scope scope;
	struct rules_rule *rule;
	struct rules_build *build;
	struct rules_runner *runner;
};

/* The file, one of each kind of scope, and a rule or build. */
enum { FRAMES_MAX = SCOPE_KINDS + 2 };

struct parser {
	struct rules *r;
	struct rules_lex x;
	const struct rules_context *ctx; /* NULL: not included */
	const char *port;                /* of the last `port` at column 0 */
	struct frame frames[FRAMES_MAX];
	size_t depth;
	int indent; /* of the line at hand */
};

static const char **scope_member(struct rules_scope *s, enum scope_kind kind)
{
	switch (kind) {
	case SCOPE_PORT:
		return &s->port;
	case SCOPE_MCU:
		return &s->mcu;
	case SCOPE_BOARD:
		return &s->board;
	default:
		return &s->variant;
	}
}

static struct frame *top(struct parser *p)
{
	return &p->frames[p->depth - 1];
}

static struct rules_scope scope_here(struct parser *p)
{
	struct rules_scope scope = top(p)->scope;

	if (p->depth == 1 && p->port)
		scope.port = p->port;
	return scope;
}

static struct frame *push(struct parser *p, struct rules_scope scope)
{
	if (p->depth == FRAMES_MAX)
		BUG("rules: %d blocks deep", FRAMES_MAX);
	p->frames[p->depth] = (struct frame){ .header = p->indent, .body = -1, .scope = scope };
	return &p->frames[p->depth++];
}

static bool fail_here(struct parser *p, struct err *e, const char *what)
{
	return rules_err_at(p->r, rules_lex_pos(&p->x), e, "%s", what);
}

static bool expect_eol(struct parser *p, struct err *e, const char *after)
{
	rules_lex_space(&p->x);
	if (rules_lex_eol(&p->x))
		return true;
	rules_err_at(p->r, rules_lex_pos(&p->x), e, "expected the end of the line after %s", after);
	if (rules_lex_peek(&p->x) == '#')
		return err_hint(e, "a comment stands on a line of its own");
	if (rules_lex_peek(&p->x) == ':')
		return err_hint(e, "a colon stands in a build line only; in a name write '$:'");
	return err_hint(e, "one statement a line");
}

/* ---- bindings ---- */

static bool check_binding(struct parser *p, const struct rules_binding *b, struct err *e)
{
	const struct frame *f = top(p);
	const struct rules_binding *items = NULL;
	size_t count = 0;

	if (f->rule) {
		items = f->rule->bindings.items;
		count = f->rule->bindings.count;
	} else if (f->build) {
		items = f->build->bindings.items;
		count = f->build->bindings.count;
	}
	if (!strcmp(b->name, "in") || !strcmp(b->name, "out")) {
		rules_err_at(p->r, b->pos, e, "'%s' cannot be set", b->name);
		return err_hint(e, "$in and $out are the files of the build line");
	}
	for (size_t i = 0; i < count; i++)
		if (!strcmp(items[i].name, b->name)) {
			rules_err_at(p->r, b->pos, e, "'%s' is set twice here", b->name);
			return err_hint(e, "line %d sets it first; keep one", items[i].pos.line);
		}
	return true;
}

/* A runner's: what it says is for another reader. */
static bool parse_text(struct parser *p, const char *name, struct rules_pos pos, struct err *e)
{
	struct rules_runner *runner = top(p)->runner;
	struct rules_text t = { .name = name, .pos = pos };

	rules_lex_space(&p->x);
	t.text_pos = rules_lex_pos(&p->x);
	t.text = rules_lex_text(&p->x);
	for (size_t i = 0; i < runner->texts.count; i++)
		if (!strcmp(runner->texts.items[i].name, name)) {
			rules_err_at(p->r, pos, e, "'%s' is set twice here", name);
			return err_hint(e, "line %d sets it first; keep one",
					runner->texts.items[i].pos.line);
		}
	vec_push(&runner->texts, t);
	return true;
}

/* After the name. */
static bool parse_binding(struct parser *p, const char *name, struct rules_pos pos, struct err *e)
{
	struct rules_binding b = { .name = name, .pos = pos };
	struct frame *f = top(p);
	struct rules_scope scope = scope_here(p);

	p->x.at++; /* = */
	if (f->runner)
		return parse_text(p, name, pos, e);
	if (!rules_lex_value(&p->x, &b.value, e) || !check_binding(p, &b, e))
		return false;
	if (f->rule)
		vec_push(&f->rule->bindings, b);
	else if (f->build)
		vec_push(&f->build->bindings, b);
	else
		rules_set_variable(p->r, &scope, &b);
	return true;
}

/* ---- scopes ---- */

static bool parse_scope(struct parser *p, enum scope_kind kind, struct rules_pos pos, struct err *e)
{
	const char *word = scope_words[kind], *name;
	/* a `port` at column 0 takes the place of the one before it, all else narrows what is there */
	struct rules_scope scope = kind == SCOPE_PORT ? top(p)->scope : scope_here(p);

	rules_lex_space(&p->x);
	name = rules_lex_name(&p->x);
	if (!name) {
		rules_err_at(p->r, rules_lex_pos(&p->x), e, "expected a name after '%s'", word);
		return err_hint(e, "names are letters, digits and _ . -");
	}
	if (!expect_eol(p, e, "the name"))
		return false;
	if (*scope_member(&scope, kind)) {
		rules_err_at(p->r, pos, e, "'%s %s' inside '%s %s' matches nothing", word, name,
			     word, *scope_member(&scope, kind));
		return err_hint(e, "move the line out of the outer block");
	}
	*scope_member(&scope, kind) = name;
	if (kind == SCOPE_PORT) {
		rules_add_port(p->r, name);
		if (p->depth == 1)
			p->port = name;
	}
	push(p, scope);
	return true;
}

/* ---- rule and build ---- */

static bool parse_rule(struct parser *p, struct err *e)
{
	struct rules_rule *rule = ARENA_NEW(&p->r->arena, struct rules_rule);

	rules_lex_space(&p->x);
	rule->pos = rules_lex_pos(&p->x);
	rule->scope = scope_here(p);
	rule->name = rules_lex_name(&p->x);
	if (!rule->name) {
		fail_here(p, e, "expected a name after 'rule'");
		return err_hint(e, "names are letters, digits and _ . -");
	}
	if (!expect_eol(p, e, "the name"))
		return false;
	if (rules_is_builtin(rule->name)) {
		rules_err_at(p->r, rule->pos, e, "'%s' is a built-in rule", rule->name);
		return err_hint(e, "give yours another name");
	}
	for (size_t i = 0; i < p->r->rules.count; i++) {
		const struct rules_rule *old = p->r->rules.items[i];

		if (strcmp(old->name, rule->name) || !rules_scope_equal(&old->scope, &rule->scope))
			continue;
		rules_err_at(p->r, rule->pos, e, "rule '%s' is defined twice", rule->name);
		return err_hint(e, "%s:%d has the first one", old->pos.file, old->pos.line);
	}
	vec_push(&p->r->rules, rule);
	push(p, rule->scope)->rule = rule;
	return true;
}

/* Which boards it is for, its own lines say: blocks are about values. */
static bool parse_runner(struct parser *p, struct rules_pos pos, struct err *e)
{
	struct rules_runner *runner = ARENA_NEW(&p->r->arena, struct rules_runner);

	if (p->depth > 1) {
		rules_err_at(p->r, pos, e, "a runner inside another block");
		return err_hint(
			e, "start it at the left margin; `ports = ...` says for which ports it is");
	}
	rules_lex_space(&p->x);
	runner->pos = rules_lex_pos(&p->x);
	runner->port = p->port;
	runner->name = rules_lex_name(&p->x);
	if (!runner->name) {
		fail_here(p, e, "expected a name after 'runner'");
		return err_hint(e, "names are letters, digits and _ . -");
	}
	if (!expect_eol(p, e, "the name"))
		return false;
	vec_push(&p->r->runners, runner);
	push(p, top(p)->scope)->runner = runner;
	return true;
}

static bool same_value(const struct rules_value *a, const struct rules_value *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (a->parts[i].is_var != b->parts[i].is_var ||
		    strcmp(a->parts[i].text, b->parts[i].text))
			return false;
	return true;
}

static bool names_output(const struct rules_build *b, const struct rules_value *v)
{
	for (size_t i = 0; i < b->outs.count; i++)
		if (same_value(b->outs.items[i], v))
			return true;
	for (size_t i = 0; i < b->maybe_outs.count; i++)
		if (same_value(b->maybe_outs.items[i], v))
			return true;
	return false;
}

static bool add_output(struct parser *p, struct rules_build *b, bool maybe,
		       const struct rules_value *v, struct err *e)
{
	if (names_output(b, v)) {
		rules_err_at(p->r, v->pos, e, "the build names this output twice");
		return err_hint(e, "remove one of them");
	}
	if (maybe)
		vec_push(&b->maybe_outs, v);
	else
		vec_push(&b->outs, v);
	return true;
}

/* Words up to something else; after `|` (second) there must be one. */
static bool parse_files(struct parser *p, struct rules_build *b, bool outs, bool second,
			struct err *e)
{
	const struct rules_value *v;

	for (size_t n = 0;; n++) {
		if (!rules_lex_path(&p->x, &v, e))
			return false;
		if (!v && second && n == 0) {
			rules_err_at(p->r, rules_lex_pos(&p->x), e, "expected an %s after '|'",
				     outs ? "output" : "input");
			if (rules_lex_peek(&p->x) == '|')
				return err_hint(e, "there is no '||'; a single '|' adds inputs "
						   "that are not in $in");
			return err_hint(e, "name what follows it, or leave the '|' out");
		}
		if (!v)
			return true;
		if (outs && !add_output(p, b, second, v, e))
			return false;
		if (!outs && second)
			vec_push(&b->implicit_ins, v);
		else if (!outs)
			vec_push(&b->ins, v);
	}
}

/* OUT... [| OUT...] or IN... [| IN...] */
static bool parse_file_lists(struct parser *p, struct rules_build *b, bool outs, struct err *e)
{
	if (!parse_files(p, b, outs, false, e))
		return false;
	if (rules_lex_peek(&p->x) != '|')
		return true;
	p->x.at++;
	return parse_files(p, b, outs, true, e);
}

static bool parse_build_line(struct parser *p, struct rules_build *b, struct err *e)
{
	if (!parse_file_lists(p, b, true, e))
		return false;
	if (!b->outs.count && !b->maybe_outs.count) {
		fail_here(p, e, "expected an output after 'build'");
		return err_hint(e, "write: build OUT...: RULE IN...");
	}
	if (rules_lex_peek(&p->x) != ':') {
		fail_here(p, e, "expected ':' after the outputs");
		return err_hint(e, "write: build OUT...: RULE IN...");
	}
	p->x.at++;
	rules_lex_space(&p->x);
	b->rule_pos = rules_lex_pos(&p->x);
	b->rule = rules_lex_name(&p->x);
	if (!b->rule) {
		fail_here(p, e, "expected a rule's name after ':'");
		return err_hint(e, "write: build OUT...: RULE IN...");
	}
	return parse_file_lists(p, b, false, e) && expect_eol(p, e, "the inputs");
}

static bool parse_build(struct parser *p, struct rules_pos pos, struct err *e)
{
	struct rules_build *b = ARENA_NEW(&p->r->arena, struct rules_build);

	b->pos = pos;
	b->scope = scope_here(p);
	vec_push(&p->r->builds,
		 b); /* before the line, so that its lists are freed after an error */
	if (!parse_build_line(p, b, e))
		return false;
	push(p, b->scope)->build = b;
	return true;
}

/* ---- include ---- */

static bool parse_include(struct parser *p, struct err *e)
{
	const struct rules_value *v;
	struct rules_context ctx = {
		.scope = top(p)->scope,
		.port = p->depth == 1 ? p->port : NULL,
		.source = p->x.src,
		.outer = p->ctx,
		.depth = p->ctx ? p->ctx->depth + 1 : 1,
	};

	if (!rules_lex_path(&p->x, &v, e))
		return false;
	if (!v) {
		fail_here(p, e, "expected a file after 'include'");
		return err_hint(e, "the file's path is taken from this file's folder");
	}
	for (size_t i = 0; i < v->count; i++)
		if (v->parts[i].is_var) {
			rules_err_at(p->r, v->parts[i].pos, e, "a variable in an include");
			return err_hint(e, "files are read before variables have values: "
					   "write the path out");
		}
	if (!expect_eol(p, e, "the file"))
		return false;
	ctx.pos = v->pos;
	return rules_include(p->r, v->parts[0].text, &ctx, e);
}

/* ---- lines ---- */

static bool unknown_statement(struct parser *p, const char *word, struct rules_pos pos,
			      struct err *e)
{
	struct frame *f = top(p);
	char c = rules_lex_peek(&p->x);

	if (f->rule || f->build || f->runner) {
		fail_here(p, e, "expected '='");
		return err_hint(e, "a %s holds 'name = value' lines only",
				f->rule     ? "rule"
				: f->runner ? "runner"
					    : "build");
	}
	if (c == '+' || c == ':' || c == '?') {
		fail_here(p, e, "expected '='");
		if (c == '+')
			return err_hint(e, "to add to a value write: %s = $%s ...", word, word);
		return err_hint(e, "every '=' is lazy: a value is expanded when it is used");
	}
	if (!c) {
		fail_here(p, e, "expected '=' after the name");
		return err_hint(e, "write: %s = value", word);
	}
	rules_err_at(p->r, pos, e, "unknown statement '%s'", word);
	if (!suggest_hint(e, word, statement_words, ARRAY_SIZE(statement_words)))
		err_hint(e, "a line is 'name = value' or starts with port, mcu, board, variant, "
			    "build, rule, runner or include");
	return false;
}

static bool parse_statement(struct parser *p, struct err *e)
{
	struct rules_pos pos = rules_lex_pos(&p->x);
	const char *word = rules_lex_name(&p->x);

	if (!word) {
		fail_here(p, e, "expected a statement");
		return err_hint(e, "a line is 'name = value' or starts with port, mcu, board, "
				   "variant, build, rule, runner or include");
	}
	rules_lex_space(&p->x);
	if (rules_lex_peek(&p->x) == '=')
		return parse_binding(p, word, pos, e);
	if (top(p)->rule || top(p)->build || top(p)->runner)
		return unknown_statement(p, word, pos, e);
	for (int kind = 0; kind < SCOPE_KINDS; kind++)
		if (!strcmp(word, scope_words[kind]))
			return parse_scope(p, (enum scope_kind)kind, pos, e);
	if (!strcmp(word, "build"))
		return parse_build(p, pos, e);
	if (!strcmp(word, "rule"))
		return parse_rule(p, e);
	if (!strcmp(word, "runner"))
		return parse_runner(p, pos, e);
	if (!strcmp(word, "include"))
		return parse_include(p, e);
	return unknown_statement(p, word, pos, e);
}

/* A rule must say what to run; only its end shows that it does not. */
static bool close_frame(struct parser *p, struct err *e)
{
	const struct rules_rule *rule = top(p)->rule;

	p->depth--;
	if (!rule)
		return true;
	for (size_t i = 0; i < rule->bindings.count; i++)
		if (!strcmp(rule->bindings.items[i].name, "command"))
			return true;
	rules_err_at(p->r, rule->pos, e, "rule '%s' has no command", rule->name);
	return err_hint(e, "write below it, indented: command = PROGRAM $in $out");
}

/* Leaves the blocks that the line is not inside of; it must be as deep as its block's others. */
static bool place_line(struct parser *p, struct err *e)
{
	struct frame *f;

	while (p->depth > 1 && p->indent <= top(p)->header)
		if (!close_frame(p, e))
			return false;
	f = top(p);
	if (f->body < 0)
		f->body = p->indent;
	if (p->indent == f->body)
		return true;
	if (p->depth == 1) {
		fail_here(p, e, "an indented line with no block to be in");
		return err_hint(e, "start it at the left margin, or indent the block's other lines "
				   "like it");
	}
	rules_err_at(p->r, rules_lex_pos(&p->x), e, "indented by %d, but its block by %d",
		     p->indent, f->body);
	return err_hint(e, "all lines of a block start in the same column");
}

bool rules_parse_source(struct rules *r, const struct rules_source *src,
			const struct rules_context *ctx, struct err *e)
{
	struct parser p = { .r = r, .ctx = ctx, .depth = 1 };

	p.frames[0] = (struct frame){ .header = -1, .body = 0 };
	if (ctx) {
		p.frames[0].scope = ctx->scope;
		p.port = ctx->port;
	}
	if (!rules_lex_open(&p.x, r, src, e))
		return false;
	for (;;) {
		if (!rules_lex_line(&p.x, &p.indent, e))
			return false;
		if (p.indent < 0)
			break;
		if (!place_line(&p, e) || !parse_statement(&p, e))
			return false;
	}
	while (p.depth > 1)
		if (!close_frame(&p, e))
			return false;
	return true;
}
